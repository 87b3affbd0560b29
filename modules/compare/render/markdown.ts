import { MOST_COMMENT_CHARACTERS } from "../../changes/markdown";
import type { Comparison, Fleet, TargetResult } from "../comparison";
import { nameOf } from "../names";
import { amount, latency, named, percent, price } from "./format";
import {
  addressee,
  batchRun,
  byCost,
  coldStarts,
  contentsOf,
  crossoverOf,
  type Document,
  fleetTotal,
  itemCost,
  monthly,
  perMillion,
  pricesOf,
  rank,
  recommendationOf,
  recommendedCost,
  replicasInWords,
  savingsOf,
  sharedOf,
  sizeOf,
  sloWord,
  whatOf,
  workloadFacts,
} from "./view";

/** What is left free for a heading and a marker that others add. */
const RESERVE = 1_536;

/** Rows of a table before the rest is counted. */
const MOST_ROWS = 50;

/** Characters of one text of a document: longer ones are no message but an accident. */
const MOST_TEXT = 600;

/**
 * A comparison, or a fleet, as a comment for a pull request: what matters on top, the rest folded away. What finds no
 * room is left out whole and counted, the folded parts first.
 * @param limit characters, at least 4,000. Default: what a comment on GitHub takes, less some for a heading.
 */
export function comparisonMarkdown(document: Document, limit = MOST_COMMENT_CHARACTERS - RESERVE): string {
  const { fleet, comparisons } = contentsOf(document);
  const blocks = [
    ...(fleet === null ? [] : [{ text: fleetBlock(fleet), weight: 0 }]),
    ...comparisons.flatMap((comparison) => blocksOf(comparison, fleet === null)),
  ];
  return fitted(blocks, limit);
}

interface Block {
  readonly text: string;
  /** The higher, the sooner it is left out; 0 stays. */
  readonly weight: number;
}

/** As many blocks as there is room for, in their order; of equal weight the earlier. */
function fitted(blocks: readonly Block[], limit: number): string {
  const kept = new Set<Block>();
  let room = limit - LEFT_OUT(blocks.length).length - 2;
  for (const block of [...blocks].sort((a, b) => a.weight - b.weight)) {
    if (block.text.length + 2 > room) continue;
    kept.add(block);
    room -= block.text.length + 2;
  }
  const left = blocks.length - kept.size;
  return [
    ...blocks.filter((block) => kept.has(block)).map(({ text }) => text),
    ...(left === 0 ? [] : [LEFT_OUT(left)]),
  ].join("\n\n");
}

const LEFT_OUT = (parts: number): string =>
  `_${parts} more ${parts === 1 ? "part has" : "parts have"} no room in a comment: \`modelport compare --format html\` shows everything._`;

function blocksOf(comparison: Comparison, alone: boolean): readonly Block[] {
  const { recommended, feasible, infeasible } = rank(comparison);
  const title = `### ${alone ? "Deployment targets compared: " : ""}${inline(whatOf(comparison))}`;
  const against =
    comparison.against === null
      ? []
      : [inline(savingsOf(comparison.against, recommended === null ? null : nameOf(recommended)))];
  return [
    {
      text: [
        title,
        comparison.recommended === null
          ? `**${inline(recommendationOf(comparison))}**`
          : `**Recommended: ${code(nameOf(comparison.recommended))}.** ${inline(recommendationOf(comparison))}`,
        ...against,
        table(comparison),
        ...comparison.notes.slice(0, MOST_ROWS).map((note) => `> ${inline(note)}`),
        `<sub>${inline(pricesOf(comparison))}</sub>`,
      ].join("\n\n"),
      weight: alone ? 0 : 1,
    },
    ...folded(
      "Why the others cannot",
      infeasible
        .slice(0, MOST_ROWS)
        .map((result) => [`- ${code(nameOf(result))}`, ...reasonLines(result)].join("\n")),
      2,
    ),
    ...folded(
      "Crossovers and advice",
      [
        ...comparison.crossovers.slice(0, MOST_ROWS).map((each) => `- ${inline(crossoverOf(each))}`),
        ...comparison.advice.slice(0, MOST_ROWS).map((each) => {
          const values = named(each.numbers);
          const target = addressee(each);
          return `- ${target === null ? "" : `${code(target)}: `}${inline(each.message)} (${code(each.code)}${values === "" ? "" : `; ${inline(values)}`})`;
        }),
      ],
      3,
    ),
    ...folded(
      "The workload",
      workloadFacts(comparison).map(([name, words]) => `- ${name}: ${inline(words)}`),
      4,
    ),
    ...feasible.flatMap((result) =>
      folded(
        `<code>${escaped(nameOf(result))}</code> ${escaped(monthly(result.monthlyCost))} a month: items and limits`,
        targetLines(result),
        5,
      ),
    ),
  ];
}

/** @param title HTML: markdown is not read in a summary. */
function folded(title: string, lines: readonly string[], weight: number): readonly Block[] {
  if (lines.length === 0) return [];
  return [{ text: `<details><summary>${title}</summary>\n\n${lines.join("\n")}\n\n</details>`, weight }];
}

interface Column {
  readonly title: string;
  readonly cell: (result: TargetResult) => string;
  readonly right?: boolean;
}

function table(comparison: Comparison): string {
  const { recommended, feasible, infeasible } = rank(comparison);
  const columns: readonly Column[] = [
    { title: "size", cell: (result) => inline(sizeOf(result)) },
    { title: "replicas", cell: replicasInWords },
    { title: "$/month", cell: ({ monthlyCost }) => monthly(monthlyCost), right: true },
    {
      title: "idle",
      cell: ({ monthlyCost }) =>
        monthlyCost === null || monthlyCost.total === 0 ? "-" : percent(monthlyCost.idleShare),
      right: true,
    },
    { title: "$/million", cell: perMillion, right: true },
    {
      title: "p50",
      cell: ({ latencyMs }) => (latencyMs === null ? "-" : latency(latencyMs.p50)),
      right: true,
    },
    {
      title: "p99",
      cell: ({ latencyMs }) => (latencyMs === null ? "-" : latency(latencyMs.p99)),
      right: true,
    },
    { title: "cold starts", cell: coldStarts, right: true },
    {
      title: "errors",
      cell: ({ errorRate }) => (errorRate === null ? "-" : percent(errorRate)),
      right: true,
    },
    { title: "run", cell: batchRun },
  ];
  const shown = columns.filter(({ cell }) => feasible.some((result) => cell(result) !== "-"));
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rows = [
    ...feasible.map((result) => {
      const name = code(nameOf(result));
      return row([
        result === recommended ? `**${name}** (recommended)` : name,
        ...shown.map(({ cell }) => html(cell(result))),
        sloWord(result, comparison.workload),
      ]);
    }),
    ...infeasible.map((result) =>
      row([
        code(nameOf(result)),
        ...shown.map((_column, index) => (index === 0 ? inline(result.reasons[0]?.message ?? "") : "")),
        "cannot",
      ]),
    ),
  ];
  return [
    row(["target", ...shown.map(({ title }) => title), "SLO"]),
    `|---|${shown.map(({ right = false }) => (right ? "--:" : "---")).join("|")}${shown.length === 0 ? "" : "|"}---|`,
    ...rows.slice(0, MOST_ROWS),
    ...(rows.length > MOST_ROWS ? ["", `and ${rows.length - MOST_ROWS} more targets`] : []),
  ].join("\n");
}

/** Money says `<$0.01` where it is less: the sign alone is markup. */
function html(text: string): string {
  return text.replace(/<(?=\$|\d)/g, "&lt;");
}

function reasonLines({ reasons }: TargetResult): readonly string[] {
  return reasons.slice(0, MOST_ROWS).map(({ code: rule, message, limit, value, source, change }) => {
    const numbers = [
      ...(limit === undefined ? [] : [`limit ${code(limit)}`]),
      ...(value === undefined ? [] : [`here ${code(value)}`]),
      ...(source === undefined ? [] : [inline(source)]),
    ].join(", ");
    return `  - ${inline(message)} (${code(rule)})${numbers === "" ? "" : `: ${numbers}`}${change === undefined ? "" : `. Nearest change: ${code(change)}`}`;
  });
}

function targetLines(result: TargetResult): readonly string[] {
  const { monthlyCost, strengths, weaknesses, notes = [] } = result;
  const items = byCost(monthlyCost?.items ?? []);
  return [
    ...(items.length === 0
      ? []
      : [
          "| item | quantity | unit price | $/month | basis | price from |",
          "|---|--:|--:|--:|---|---|",
          ...items.slice(0, MOST_ROWS).map((item) => {
            const { name, quantity, unit, unitPrice, basis, source, asOf, status, note } = item;
            return `| ${inline(name)}${note === undefined ? "" : `<br><sub>${inline(note)}</sub>`} | ${inline(amount(quantity, unit))} | ${unitPrice === null ? "not known" : price(unitPrice)} | ${html(itemCost(item))} | ${basis === "on-demand" ? "on demand" : "provisioned"} | ${inline(source)}, ${asOf} (${status}) |`;
          }),
          ...(items.length > MOST_ROWS ? ["", `and ${items.length - MOST_ROWS} more items`] : []),
          "",
        ]),
    ...strengths.slice(0, MOST_ROWS).map((text) => `- for it: ${inline(text)}`),
    ...weaknesses.slice(0, MOST_ROWS).map((text) => `- against it: ${inline(text)}`),
    ...notes.slice(0, MOST_ROWS).map((text) => `- ${inline(text)}`),
    ...reasonLines(result).map((line) => line.slice(2)),
  ];
}

/** All of a fleet in one table, and its total. */
function fleetBlock(fleet: Fleet): string {
  const rows = fleet.comparisons.map((comparison) => {
    const { recommended } = rank(comparison);
    const place = `${comparison.environment}${comparison.region === null ? "" : `, ${comparison.region}`}`;
    return `| ${code(comparison.model)} | ${inline(place)} | ${recommended === null ? "none" : code(nameOf(recommended))} | ${recommended === null ? "-" : html(monthly(recommendedCost(comparison)))} | ${recommended === null ? "-" : sloWord(recommended, comparison.workload)} |`;
  });
  const left = rows.length - MOST_ROWS;
  return [
    "### Deployment targets compared",
    `**Total:** ${html(fleetTotal(fleet))}`,
    [
      "| model | environment | recommended | $/month | SLO |",
      "|---|---|---|--:|---|",
      ...rows.slice(0, MOST_ROWS),
    ].join("\n"),
    ...(left > 0 ? [`and ${left} more`] : []),
    ...sharedOf(fleet)
      .slice(0, MOST_ROWS)
      .map((line) => inline(line)),
    ...(fleet.total.notes ?? []).slice(0, MOST_ROWS).map((note) => `> ${inline(note)}`),
  ].join("\n\n");
}

/**
 * Text in which markdown, formulas, HTML, mentions and references to issues mean nothing; addresses are links, and what stands between backticks is code. An
 * invisible space keeps GitHub from telling people who are mentioned.
 */
function inline(text: string): string {
  const whole = cut(text);
  let shown = "";
  let end = 0;
  for (const { 0: found, 1: url, 2: quoted, index } of whole.matchAll(SPECIAL)) {
    shown += literal(whole.slice(end, index)) + (url === undefined ? code(quoted ?? "") : `<${url}>`);
    end = index + found.length;
  }
  return (shown + literal(whole.slice(end))).replace(/^(\d+)(?=[.)])/, "$1\\").replace(/^(?=[-+=])/, "\\");
}

/** An address, or what a message itself sets apart. */
const SPECIAL = /(https:\/\/[\w./?=&%~:#-]+)|`([^`]+)`/g;

function literal(text: string): string {
  return text
    .replace(/[\\`*_{}[\]#!|~$]/g, "\\$&")
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/[@#]/g, "$&&#8203;")
    .replace(/\b(GH-)(?=\d)/gi, "$1&#8203;");
}

/** Text that markdown leaves as it is, mentions and links included; also in a table, whose cells end at each bar. */
function code(text: string): string {
  const short = cut(text);
  const longest = (short.match(/`+/g) ?? []).reduce((most, { length }) => Math.max(most, length), 0);
  const marks = "`".repeat(longest + 1);
  const padding = longest > 0 ? " " : "";
  return `${marks}${padding}${short.replace(/\|/g, "\\|")}${padding}${marks}`;
}

function escaped(text: string): string {
  return cut(text)
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/[@#]/g, "$&&#8203;");
}

function cut(text: string): string {
  return text.length <= MOST_TEXT ? text : `${text.slice(0, MOST_TEXT)}...`;
}
