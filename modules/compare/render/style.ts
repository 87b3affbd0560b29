/** The page's style sheet: light and dark, phone and paper. Colours of charts are variables that the drawings use. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #f4f5f7; --card: #ffffff; --text: #18202e; --muted: #566072; --line: #e3e6eb; --axis: #98a1b0;
  --accent: #1d4fd8; --tint: #eaf0fe; --good: #0b6b3a; --good-tint: #e2f5e9; --bad: #a3220f; --bad-tint: #fdeae6;
  --note: #7a4a00; --note-tint: #fff4dc;
  --ondemand: #0d8f83; --working: #2f63e0; --idle: #c9d8fb; --hatch: #6f93ee; --load: #7b8698; --goal: #a3220f;
  --s1: #1d4fd8; --s2: #b4530a; --s3: #0b7d72; --s4: #8a2be2; --s5: #be1e63; --s6: #4d6b0b; --s7: #5b6472; --s8: #0a74a8;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #0e131b; --card: #171e29; --text: #e7ebf2; --muted: #a3aec0; --line: #2a3443; --axis: #5d6a7d;
    --accent: #8fb2ff; --tint: #1a2744; --good: #6fdc9c; --good-tint: #12321f; --bad: #ff9c8a; --bad-tint: #3d1a14;
    --note: #f3c66b; --note-tint: #352a10;
    --ondemand: #2fbfae; --working: #6b95ff; --idle: #22345f; --hatch: #5f84de; --load: #8b97aa; --goal: #ff9c8a;
    --s1: #8fb2ff; --s2: #ff9d57; --s3: #3ed3c2; --s4: #c79bff; --s5: #ff85b3; --s6: #a9d14a; --s7: #aab4c3; --s8: #58c4f5;
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth; }
body {
  margin: 0; background: var(--page); color: var(--text); overflow-wrap: anywhere;
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: 1rem; z-index: 9; padding: .5rem 1rem; background: var(--card); }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
header.page, main, footer { max-width: 74rem; margin: 0 auto; padding: 0 1.5rem; }
header.page { padding-top: 2.25rem; }
footer { padding-bottom: 3rem; color: var(--muted); font-size: .9rem; }
h1, h2, h3, h4, h5 { line-height: 1.25; margin: 0 0 .5rem; letter-spacing: -.01em; }
h1 { font-size: 2rem; }
.section { margin: 2.5rem 0 0; }
.section > h2, .section > h3 { font-size: 1.35rem; }
.lead { color: var(--muted); margin: 0 0 1rem; max-width: 46rem; }
.eyebrow { margin: 0 0 .25rem; color: var(--muted); font-size: .9rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 1.25rem 1.5rem; }
.card + .card { margin-top: 1rem; }
.hero { margin-top: 1.25rem; border-left: 6px solid var(--accent); padding: 1.5rem 1.75rem; }
.hero h2, .hero h3 { font-size: 1.6rem; margin: 0 0 .35rem; }
.hero .because { font-size: 1.1rem; margin: 0; max-width: 48rem; }
.hero .label { margin: 0 0 .25rem; color: var(--accent); font-weight: 650; font-size: .95rem; }
.hero.none { border-left-color: var(--bad); }
.hero.none .label { color: var(--bad); }
dl { margin: 0; }
dd { margin: 0; }
.figures { display: flex; flex-wrap: wrap; gap: 1rem 2.5rem; margin-top: 1.25rem; }
.figures dt { color: var(--muted); font-size: .9rem; }
.figures dd { font-size: 1.4rem; font-weight: 650; line-height: 1.3; font-variant-numeric: tabular-nums; }
.saving { margin: 1.1rem 0 0; padding-top: .9rem; border-top: 1px solid var(--line); }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.25rem; }
.facts dt { color: var(--muted); }
.badge {
  display: inline-block; padding: .08rem .55rem; border-radius: 99px; font-size: .85rem; font-weight: 600;
  background: var(--tint); color: var(--accent); white-space: nowrap;
}
.badge.recommended { background: var(--accent); color: var(--card); }
.badge.good { background: var(--good-tint); color: var(--good); }
.badge.bad { background: var(--bad-tint); color: var(--bad); }
.badge.plain { background: var(--page); color: var(--muted); }
code { font: .9em/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.kind { color: var(--muted); font-size: .9rem; }
table { border-collapse: collapse; width: 100%; font-size: .94rem; }
caption { text-align: left; color: var(--muted); font-size: .9rem; padding: 0 0 .5rem; }
th, td { padding: .6rem .55rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
thead th { color: var(--muted); font-weight: 600; font-size: .88rem; vertical-align: bottom; }
tbody tr:last-child > * { border-bottom: 0; }
tbody th { font-weight: 600; }
th.n, td.n { text-align: right; font-variant-numeric: tabular-nums; }
thead th, td.n { overflow-wrap: normal; }
tr.recommended > * { background: var(--tint); }
tr.recommended .kind { color: var(--text); }
.compared { padding: .5rem .75rem; }
.compared th:first-child, .compared td:first-child { min-width: 11rem; }
.compared td:nth-child(2):not([colspan]) { min-width: 9.2rem; }
figure { margin: 0; }
figcaption { margin-top: .6rem; color: var(--muted); font-size: .93rem; }
svg { display: block; width: 100%; height: auto; }
svg.narrow { display: none; }
.legend { display: flex; flex-wrap: wrap; gap: .35rem 1.25rem; list-style: none; margin: 0 0 .9rem; padding: 0; font-size: .93rem; }
.legend li { display: flex; align-items: center; gap: .5rem; }
.legend svg { width: 30px; height: 14px; flex: none; }
.crossings { margin: .9rem 0 0; padding: 0; list-style: none; }
.crossings li { margin: .35rem 0; display: flex; gap: .6rem; }
.mark {
  flex: none; width: 1.5rem; height: 1.5rem; border: 1.5px solid var(--text); border-radius: 50%; font-size: .8rem;
  font-weight: 650; line-height: 1.35rem; text-align: center;
}
details { margin-top: .8rem; }
summary { cursor: pointer; color: var(--accent); font-weight: 600; padding: .25rem 0; }
details > div { padding-top: .5rem; }
.scroll { overflow-x: auto; max-height: 26rem; overflow-y: auto; }
.scroll th, .scroll td { white-space: nowrap; }
.scroll table { font-size: .9rem; }
.pros { list-style: none; padding: 0; margin: .75rem 0 0; }
.pros li { padding-left: 1.4rem; position: relative; margin: .2rem 0; }
.pros li::before { position: absolute; left: 0; font-weight: 700; }
.pros .plus::before { content: "+"; color: var(--good); }
.pros .minus::before { content: "\\2212"; color: var(--bad); }
.day { margin-top: 1.25rem; }
.heads { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem .75rem; margin-bottom: .6rem; }
.heads > * { margin: 0; }
.heads h3, .heads h4 { font-size: 1.15rem; }
.reason { margin: .75rem 0 0; }
.reason p { margin: 0 0 .3rem; }
.reason .facts { font-size: .94rem; }
.remarks { margin: .75rem 0 0; padding-left: 1.2rem; color: var(--muted); font-size: .93rem; }
.advice { list-style: none; margin: 0; padding: 0; }
.advice li + li { margin-top: .9rem; padding-top: .9rem; border-top: 1px solid var(--line); }
.advice p { margin: 0; }
.advice .kind { margin-top: .2rem; }
.notes { background: var(--note-tint); color: var(--note); border-radius: 10px; padding: .75rem 1rem; margin: 1rem 0 0; }
.notes p { margin: .2rem 0; }
.comparison + .comparison { margin-top: 4rem; padding-top: 2rem; border-top: 2px solid var(--line); }
.comparison > .top > h2 { font-size: 1.7rem; }
.fine { color: var(--muted); font-size: .88rem; }
th .fine { font-weight: 400; }
.plus-row { margin-top: .25rem; }
@media (max-width: 47.9rem) {
  header.page, main, footer { padding-left: .9rem; padding-right: .9rem; }
  header.page { padding-top: 1.25rem; }
  h1 { font-size: 1.6rem; }
  .card { padding: 1rem; border-radius: 12px; }
  .hero { padding: 1.1rem 1rem; }
  .hero h2, .hero h3 { font-size: 1.35rem; }
  .figures { display: grid; grid-template-columns: 1fr 1fr; gap: .8rem 1rem; }
  .figures dd { font-size: 1.15rem; }
  .facts { grid-template-columns: 1fr; gap: 0; }
  .facts dd { margin-bottom: .5rem; }
}
@media screen and (max-width: 55.9rem) {
  svg.wide { display: none; }
  svg.narrow { display: block; max-width: 30rem; margin: 0 auto; }
}
@media screen and (max-width: 73.9rem) {
  .stack, .stack tbody, .stack tr, .stack th, .stack td, .stack caption { display: block; }
  .stack thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  .stack tbody { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(19rem, 100%), 1fr)); gap: 0 2rem; }
  .stack tr { padding: .75rem 0; border-bottom: 1px solid var(--line); }
  .stack tr.recommended { background: var(--tint); margin: 0 -.75rem; padding: .75rem; border-radius: 10px; }
  .stack tr.recommended > * { background: none; }
  .stack th, .stack td, .stack td.n, .compared td:nth-child(2):not([colspan]) { border: 0; padding: .12rem 0; text-align: left; min-width: 0; }
  .stack td[data-label] { display: grid; grid-template-columns: 8.2rem 1fr; gap: .5rem; }
  .stack td[data-label] > * { justify-self: start; }
  .stack td[data-label]::before { content: attr(data-label); color: var(--muted); }
  .stack tr.recommended td[data-label]::before { color: var(--text); }
  .stack td.none { display: none; }
  .compared { padding: .25rem 1rem; }
}
@media print {
  body { background: #fff; font-size: 10.5pt; }
  header.page, main, footer { max-width: none; padding: 0; }
  .card, figure, tr { break-inside: avoid; }
  details, .target { break-inside: auto; }
  h2, h3, h4 { break-after: avoid; }
  details::details-content { content-visibility: visible; display: block; height: auto; }
  summary { list-style: none; color: var(--text); }
  .scroll { max-height: none; overflow: visible; }
  .skip { display: none; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
`;
