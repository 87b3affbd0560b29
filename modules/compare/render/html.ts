import { createHash } from "node:crypto";
import type { Advice, BillItem, Comparison, CostCurve, Fleet, Reason, TargetResult } from "../comparison";
import { nameOf } from "../names";
import { costChart, curveChart, dayChart, type Drawings, LINE_STYLES } from "./chart";
import {
  amount,
  counted,
  duration,
  latency,
  money,
  percent,
  named,
  price,
  quantity,
  rate,
  replicas,
} from "./format";
import { html, Markup } from "./markup";
import { STYLE } from "./style";
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
  listed,
  monthly,
  perMillion,
  pricesOf,
  rank,
  type Ranking,
  recommendationOf,
  recommendedCost,
  replicaRange,
  replicasInWords,
  savingsOf,
  sharedOf,
  sizeOf,
  sloWord,
  splitOf,
  workloadFacts,
} from "./view";

/** Days that are drawn where there are many targets; the others have their figures in the table. */
const MOST_DAYS = 8;

/** Comparisons from which on only the recommended target's day is drawn: a fleet's page must stay small. */
const MANY_COMPARISONS = 4;

/** Steps of a day in the table below its chart. */
const MOST_STEPS = 24;

/**
 * A comparison, or a fleet, as one file: no network, no script, light and dark, for screen, phone and paper. Takes
 * a while to load, for it brings the library that draws.
 */
export function comparisonHtml(document: Document): string {
  const { fleet, comparisons } = contentsOf(document);
  const [first] = comparisons;
  const page =
    fleet === null && first !== undefined
      ? { title: `${first.model} on every target`, ...single(first) }
      : { title: counted(comparisons.length, "comparison"), ...several(fleet, comparisons) };
  // As one part: the policy names the hash of exactly this text.
  const style = new Markup(`<style>${STYLE}</style>`);
  const policy = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; base-uri 'none'; form-action 'none'`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <title>${page.title}</title>
        ${style}
      </head>
      <body>
        <a class="skip" href="#main">Skip to the result</a>
        <header class="page">${page.head}</header>
        <main id="main" tabindex="-1">${page.body}</main>
        <footer>${page.foot}</footer>
      </body>
    </html> `.text;
}

interface Page {
  readonly head: Markup;
  readonly body: Markup;
  readonly foot: Markup;
}

/** What all parts of one comparison need. */
interface Context {
  readonly comparison: Comparison;
  readonly ranking: Ranking;
  /** Unique on the page. */
  readonly id: string;
  /** Of the headings of its sections. */
  readonly level: 2 | 3;
  readonly days: readonly TargetResult[];
}

function single(comparison: Comparison): Page {
  return {
    head: html`<p class="eyebrow">Deployment targets compared</p>
      <h1>${comparison.model}</h1>
      <p class="lead">${placeOf(comparison)}</p>`,
    body: body(contextOf(comparison, "c1", 2, false)),
    foot: html`<p class="section fine">${pricesOf(comparison)}. ${METHOD}</p>`,
  };
}

const METHOD =
  "Latency, replicas and errors come from a simulation of the workload; costs are for a month of 730 hours at list prices unless an item says otherwise.";

function placeOf({ environment, region }: Comparison): string {
  return region === null ? environment : `${environment}, ${region}`;
}

function several(fleet: Fleet | null, comparisons: readonly Comparison[]): Page {
  const rows = comparisons.map((comparison, index) => {
    const { recommended } = rank(comparison);
    return html`<tr role="row">
      <th role="rowheader" scope="row">
        <a href="#c${index + 1}">${comparison.model}, ${comparison.environment}</a>
      </th>
      ${cell("Region", comparison.region ?? "-")}
      ${cell("Recommended", recommended === null ? "none" : nameOf(recommended))}
      ${cell("A month", recommended === null ? "-" : monthly(recommendedCost(comparison)), "n")}
      <td role="cell" data-label="Goal">
        ${recommended === null ? badge("no target", "bad") : goalBadge(recommended, comparison)}
      </td>
    </tr>`;
  });
  return {
    head: html`<p class="eyebrow">Deployment targets compared</p>
      <h1>${counted(comparisons.length, "comparison")}</h1>`,
    body: html`${
        fleet === null
          ? null
          : html`<section class="card hero" aria-label="Total">
              <p class="label">Total</p>
              <p class="because">${capitalized(fleetTotal(fleet))}</p>
              ${sharedOf(fleet).map((line) => html`<p>${capitalized(line)}</p>`)}
              ${(fleet.total.notes ?? []).map((note) => html`<p class="fine">${capitalized(note)}</p>`)}
            </section>`
      }
      <section class="section" aria-labelledby="all">
        <h2 id="all">At a glance</h2>
        <div class="card compared">
          <table class="stack" role="table">
            <thead role="rowgroup">
              <tr role="row">
                ${headings(["Model", "Region", "Recommended", ["A month"], "Goal"])}
              </tr>
            </thead>
            <tbody role="rowgroup">
              ${rows}
            </tbody>
          </table>
        </div>
      </section>
      ${comparisons.map(
        (comparison, index) =>
          html`<article class="comparison section" id="c${index + 1}" aria-labelledby="c${index + 1}-name">
            <div class="top">
              <h2 id="c${index + 1}-name">${comparison.model}, ${comparison.environment}</h2>
              ${comparison.region === null ? null : html`<p class="lead">${comparison.region}</p>`}
            </div>
            ${body(contextOf(comparison, `c${index + 1}`, 3, comparisons.length >= MANY_COMPARISONS))}
            <p class="fine">${pricesOf(comparison)}.</p>
          </article>`,
      )}`,
    foot: html`<p class="section fine">${METHOD}</p>`,
  };
}

function contextOf(comparison: Comparison, id: string, level: 2 | 3, few: boolean): Context {
  const ranking = rank(comparison);
  const drawn = ranking.feasible.filter(({ series }) => series !== null);
  return { comparison, ranking, id, level, days: few ? drawn.slice(0, 1) : drawn.slice(0, MOST_DAYS) };
}

function body(context: Context): Markup {
  const { comparison, ranking } = context;
  return html`${hero(context)}
  ${comparison.notes.length === 0 ? null : html`<div class="notes" role="note">${comparison.notes.map((note) => html`<p>${capitalized(note)}</p>`)}</div>`}
  ${section(context, "load", "The workload", html`<div class="card">${factList(workloadFacts(comparison))}</div>`)}
  ${section(context, "targets", "Side by side", comparedTable(context))}
  ${ranking.feasible.length === 0 ? null : costSection(context)}
  ${comparison.curves.length === 0 ? null : curveSection(context)}
  ${
    comparison.advice.length === 0
      ? null
      : section(
          context,
          "advice",
          "Advice",
          html`<div class="card">
            <ul class="advice">
              ${comparison.advice.map(adviceItem)}
            </ul>
          </div>`,
        )
  }
  ${
    ranking.infeasible.length === 0
      ? null
      : section(
          context,
          "cannot",
          "What cannot carry it, and what would change that",
          html`${ranking.infeasible.map((result) => infeasibleCard(result, context))}`,
        )
  }
  ${
    ranking.feasible.length === 0
      ? null
      : section(
          context,
          "details",
          "Target by target",
          html`${ranking.feasible.map((result, index) => targetCard(result, index, context))}`,
        )
  }`;
}

function section({ id, level }: Context, name: string, title: string, content: Markup): Markup {
  return html`<section class="section" ${landmark(level, `${id}-${name}`)}>
    ${heading(level, title, `${id}-${name}`)} ${content}
  </section>`;
}

/** A name makes a section a landmark; those of many comparisons would be too many to find one's way by. */
function landmark(level: Context["level"], id: string): Markup | null {
  return level === 2 ? html` aria-labelledby="${id}"` : null;
}

function heading(level: number, title: string | Markup, id: string | null = null): Markup {
  const tag = new Markup(`h${level}`);
  return html`<${tag}${id === null ? null : html` id="${id}"`}>${title}</${tag}>`;
}

/** The result, in one sentence and four figures. */
function hero({ comparison, ranking: { recommended }, level, id }: Context): Markup {
  const sentenceOf = html`<p class="because">${sentence(recommendationOf(comparison))}</p>`;
  const saving =
    comparison.against === null
      ? null
      : html`<p class="saving">
          ${sentence(savingsOf(comparison.against, recommended === null ? null : nameOf(recommended)))}
        </p>`;
  if (recommended === null)
    return html`<section class="card hero none" ${landmark(level, `${id}-result`)}>
      ${heading(level, html`<span class="label">No recommendation</span>`, `${id}-result`)}${sentenceOf}${saving}
    </section>`;
  const { latencyMs } = recommended;
  return html`<section class="card hero" ${landmark(level, `${id}-result`)}>
    <p class="label">Recommended</p>
    ${heading(level, recommended.title, `${id}-result`)} ${sentenceOf}
    <dl class="figures">
      <div>
        <dt>A month</dt>
        <dd>${monthly(recommended.monthlyCost)}</dd>
      </div>
      ${
        perMillion(recommended) === "-"
          ? null
          : html`<div>
              <dt>A million requests</dt>
              <dd>${perMillion(recommended)}</dd>
            </div>`
      }
      ${
        latencyMs === null
          ? null
          : html`<div>
              <dt>99 % answered within</dt>
              <dd>${latency(latencyMs.p99)}</dd>
            </div>`
      }
      ${
        recommended.batch === null
          ? null
          : html`<div>
              <dt>One run</dt>
              <dd>${batchRun(recommended)}</dd>
            </div>`
      }
      <div>
        <dt>Goal</dt>
        <dd>${sloWord(recommended, comparison.workload)}</dd>
      </div>
    </dl>
    ${saving}
  </section>`;
}

interface ComparedColumn {
  readonly title: string;
  readonly cell: (result: TargetResult) => string;
  readonly shown: boolean;
  /** Not a number. Default: false. */
  readonly text?: boolean;
}

/** All targets, also the ones that cannot. */
function comparedTable({ comparison, ranking }: Context): Markup {
  const { feasible, infeasible } = ranking;
  const some = (has: (result: TargetResult) => boolean): boolean => feasible.some(has);
  const all: readonly ComparedColumn[] = [
    { title: "Size", cell: sizeOf, shown: feasible.length > 0, text: true },
    { title: "Replicas", cell: replicaRange, shown: some((each) => each.replicas !== null), text: true },
    { title: "A month", cell: ({ monthlyCost }) => monthly(monthlyCost), shown: feasible.length > 0 },
    { title: "A million", cell: perMillion, shown: some((each) => perMillion(each) !== "-") },
    {
      title: "Idle",
      cell: ({ monthlyCost }) =>
        monthlyCost === null || monthlyCost.total === 0 ? "-" : percent(monthlyCost.idleShare),
      shown: some(({ monthlyCost }) => (monthlyCost?.idleShare ?? 0) > 0),
    },
    {
      title: "p50",
      cell: ({ latencyMs }) => (latencyMs === null ? "-" : latency(latencyMs.p50)),
      shown: some((each) => each.latencyMs !== null),
    },
    {
      title: "p99",
      cell: ({ latencyMs }) => (latencyMs === null ? "-" : latency(latencyMs.p99)),
      shown: some((each) => each.latencyMs !== null),
    },
    {
      title: "Cold starts",
      cell: ({ coldStart }) => (coldStart === null ? "-" : percent(coldStart.fraction)),
      shown: some((each) => each.coldStart !== null),
    },
    {
      title: "Errors",
      cell: ({ errorRate }) => (errorRate === null ? "-" : percent(errorRate)),
      shown: some((each) => each.errorRate !== null),
    },
    {
      title: "One run",
      cell: ({ batch }) => (batch === null ? "-" : duration(batch.runSeconds)),
      shown: some((each) => each.batch !== null),
    },
  ];
  const columns = all.filter(({ shown }) => shown);
  const name = (result: TargetResult): Markup =>
    html`<th role="rowheader" scope="row">
      <code>${nameOf(result)}</code
      >${result === ranking.recommended ? html`<div class="plus-row">${badge("Recommended", "recommended")}</div>` : null}
    </th>`;
  const rows = [
    ...feasible.map(
      (result) =>
        html`<tr role="row" ${result === ranking.recommended ? html` class="recommended"` : null}>
          ${name(result)}
          ${columns.map((column) => cell(column.title, column.cell(result), column.text === true ? "" : "n"))}
          <td role="cell" data-label="Goal">${goalBadge(result, comparison)}</td>
        </tr>`,
    ),
    ...infeasible.map(
      (result) =>
        html`<tr role="row">
          ${name(result)}
          <td role="cell" ${columns.length === 0 ? null : html` colspan="${columns.length}"`}>
            ${result.reasons.map((reason) => html`<div>${capitalized(reason.message)}</div>`)}
          </td>
          <td role="cell" data-label="Goal">${badge("cannot", "bad")}</td>
        </tr>`,
    ),
  ];
  return html`<div class="card compared">
    <table class="stack" role="table">
      <thead role="rowgroup">
        <tr role="row">
          ${headings(["Target", ...columns.map(({ title, text }) => (text === true ? title : [title])), "Goal"])}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${rows}
      </tbody>
    </table>
  </div>`;
}

/** @param titles of columns; those of numbers in a list of their own. */
function headings(titles: readonly (string | readonly string[])[]): readonly Markup[] {
  return titles.map((title) =>
    typeof title === "string"
      ? html`<th role="columnheader" scope="col">${title}</th>`
      : html`<th role="columnheader" scope="col" class="n">${title}</th>`,
  );
}

/** A cell that says its column on a phone, where there are no columns. */
function cell(title: string, content: string | Markup, kind = ""): Markup {
  const classes = [kind, content === "-" ? "none" : ""].filter((each) => each !== "").join(" ");
  const shown = typeof content === "string" ? unbroken(content) : content;
  return html`<td role="cell" data-label="${title}" ${classes === "" ? null : html` class="${classes}"`}>
    ${shown}
  </td>`;
}

/** Keeps a number and its unit on one line. */
function unbroken(text: string): string {
  return text.replace(/(\d) (?=(?:ms|s|min|h|d)\b|%)/g, "$1\u00a0");
}

function badge(text: string, kind: "good" | "bad" | "plain" | "recommended"): Markup {
  return html`<span class="badge ${kind}">${text}</span>`;
}

function goalBadge(result: TargetResult, { workload }: Comparison, before = ""): Markup {
  const kind = result.sloMet === null ? "plain" : result.sloMet ? "good" : "bad";
  const word = sloWord(result, workload);
  return badge(result.sloMet === null ? word : before + word, kind);
}

function costSection(context: Context): Markup {
  const { ranking, id } = context;
  const known = ranking.feasible.filter(({ monthlyCost }) => monthlyCost !== null);
  const drawings = costChart(known, {
    id: `${id}-cost`,
    title: "Monthly cost by target",
    description: known.map((result) => `${nameOf(result)}: ${monthly(result.monthlyCost)}`).join("; "),
  });
  if (drawings === null) return html``;
  const rows = known.map((result) => {
    const { monthlyCost } = result;
    const split = monthlyCost === null ? null : splitOf(monthlyCost);
    return [
      nameOf(result),
      ...(split === null
        ? ["-", "-", "-"]
        : [money(split.onDemand), money(split.working), money(split.idle)]),
      monthly(monthlyCost),
    ];
  });
  const unknown = known.flatMap((result) =>
    (result.monthlyCost?.unknown ?? []).map((name) => `${name} (${nameOf(result)})`),
  );
  return section(
    context,
    "costs",
    "What a month costs",
    html`<div class="card">
      <figure>
        <ul class="legend">
          ${legendBar("var(--ondemand)", "Paid when used")}${legendBar("var(--working)", "Paid always, at work")}${legendBar("var(--idle)", "Paid always, idle")}
        </ul>
        ${both(drawings)}
        <figcaption>
          ${unknown.length === 0 ? "The items of each bill, and what it leaves out, stand target by target below." : `Not known: the ${unknown.length === 1 ? "price" : "prices"} of ${listed(unknown)}. What lacks one is a lower bound.`}
        </figcaption>
      </figure>
      ${dataTable("The figures of this chart", ["Target", "Paid when used", "Paid always, at work", "Paid always, idle", "A month"], rows, "cost by target")}
    </div>`,
  );
}

function legendBar(colour: string, text: string): Markup {
  return html`<li>
    <svg viewBox="0 0 30 14" aria-hidden="true">
      <rect
        width="30"
        height="14"
        rx="3"
        fill="${colour}"
        stroke="var(--working)"
        stroke-width="${colour === "var(--idle)" ? 1 : 0}"
      /></svg
    >${text}
  </li>`;
}

function curveSection(context: Context): Markup {
  const { comparison, ranking, id } = context;
  const place = (curve: CostCurve): number => {
    const index = ranking.feasible.findIndex((result) => nameOf(result) === nameOf(curve));
    return index === -1 ? Infinity : index;
  };
  const curves = [...comparison.curves].sort((a, b) => place(a) - place(b));
  const shown = curves.slice(0, LINE_STYLES.length);
  const crossings = comparison.crossovers.map(crossoverOf);
  const drawings = curveChart(shown, comparison, {
    id: `${id}-curve`,
    title: "Monthly cost over load",
    description: `From idle to ten times the peak, for ${shown.map(nameOf).join(", ")}. ${crossings.length === 0 ? "No target becomes cheaper than another on the way." : `${crossings.join("; ")}.`}`,
  });
  const rates = [
    ...new Set(curves.flatMap(({ points }) => points.map((point) => point.requestsPerSecond))),
  ].sort((a, b) => a - b);
  const rows = rates.map((requestsPerSecond) => [
    requestsPerSecond === 0 ? "idle" : rate(requestsPerSecond),
    ...curves.map(({ points }) => {
      const found = points.find((point) => point.requestsPerSecond === requestsPerSecond);
      return found === undefined ? "-" : found.usd === null ? "cannot" : money(found.usd);
    }),
  ]);
  const idle = curves.flatMap((curve) => {
    const usd = curve.points.find(({ requestsPerSecond }) => requestsPerSecond === 0)?.usd;
    return usd === undefined || usd === null ? [] : [`${nameOf(curve)} ${money(usd)}`];
  });
  const left = curves.length - shown.length;
  return section(
    context,
    "curves",
    "What it costs as the load changes",
    html`<div class="card">
      ${
        drawings === null
          ? null
          : html`<figure>
              <ul class="legend">
                ${shown.map((curve, index) => legendLine(index, nameOf(curve)))}
              </ul>
              ${both(drawings)}
              <figcaption>
                Both axes are logarithmic: a grid line is ten times the one before. A line ends where a target
                cannot carry
                more.${idle.length === 0 ? "" : ` A month without a single request: ${idle.join(", ")}.`}${left === 0 ? "" : ` ${counted(left, "more target")} in the table.`}
              </figcaption>
            </figure>`
      }
      ${
        crossings.length === 0
          ? null
          : html`<ol class="crossings">
              ${crossings.map((text, index) => html`<li><span class="mark" aria-hidden="true">${index + 1}</span><span>${capitalized(text)}</span></li>`)}
            </ol>`
      }
      ${dataTable("The figures of this chart", ["Requests per second", ...curves.map(nameOf)], rows, "cost over load")}
    </div>`,
  );
}

function legendLine(index: number, text: string): Markup {
  const { colour = "var(--text)", dash = [] } = LINE_STYLES[index] ?? {};
  return html`<li>
    <svg viewBox="0 0 30 14" aria-hidden="true">
      <path
        d="M0 7H30"
        fill="none"
        stroke="${colour}"
        stroke-width="2.5"
        stroke-dasharray="${dash.length === 0 ? "none" : dash.join(" ")}"
      /></svg
    >${text}
  </li>`;
}

function both({ wide, narrow }: Drawings): Markup {
  return html`${wide}${narrow}`;
}

/** What a chart shows, as a table that is there for everyone, folded away. */
function dataTable(
  title: string,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  of = "",
): Markup {
  return html`<details>
    <summary>${title}${of === "" ? null : html`<span class="fine"> (${of})</span>`}</summary>
    <div class="scroll" role="group" tabindex="0" aria-label="${title}${of === "" ? "" : `, ${of}`}">
      <table>
        <thead>
          <tr>
            ${columns.map((column, index) => (index === 0 ? html`<th scope="col">${column}</th>` : html`<th scope="col" class="n">${column}</th>`))}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ([first = "", ...cells]) =>
              html`<tr>
                <th scope="row">${first}</th>
                ${cells.map((text) => html`<td class="n">${text}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </details>`;
}

function adviceItem(advice: Advice): Markup {
  const target = addressee(advice);
  const values = named(advice.numbers);
  return html`<li>
    <p>
      ${target === null ? null : html`<code>${target}</code>: `}${target === null ? capitalized(advice.message) : sentence(advice.message)}
    </p>
    <p class="kind">${values === "" ? null : html`${linked(values)} · `}<code>${advice.code}</code></p>
  </li>`;
}

function infeasibleCard(result: TargetResult, { level }: Context): Markup {
  return html`<article class="card target">
    <div class="heads">${heading(level + 1, result.title)}<code class="kind">${nameOf(result)}</code></div>
    ${result.reasons.map(reasonBlock)}
  </article>`;
}

function reasonBlock({ code, message, limit, value, source, change }: Reason): Markup {
  return html`<div class="reason">
    <p>${capitalized(message)} <code class="kind">${code}</code></p>
    <dl class="facts">
      ${
        limit === undefined
          ? null
          : html`<dt>Limit</dt>
              <dd>${limit}</dd>`
      }
      ${
        value === undefined
          ? null
          : html`<dt>Here</dt>
              <dd>${value}</dd>`
      }
      ${
        change === undefined
          ? null
          : html`<dt>Nearest change</dt>
              <dd><strong>${change}</strong></dd>`
      }
      ${
        source === undefined
          ? null
          : html`<dt>Source</dt>
              <dd>${linked(source)}</dd>`
      }
    </dl>
  </div>`;
}

function targetCard(result: TargetResult, index: number, context: Context): Markup {
  const { comparison, ranking, level, days } = context;
  const { monthlyCost, strengths, weaknesses, alternatives, figures, notes = [] } = result;
  const facts: readonly (readonly [string, string])[] = [
    ["Size", sizeOf(result)],
    ["Replicas", replicasInWords(result)],
    ["A month", costInWords(result)],
    ["Latency", latencyInWords(result)],
    ["Cold starts", coldStartInWords(result)],
    ["One run", batchRun(result)],
  ];
  return html`<article class="card target">
    <div class="heads">
      ${heading(level + 1, result.title)}<code class="kind">${nameOf(result)}</code>
      ${result === ranking.recommended ? badge("Recommended", "recommended") : null}${goalBadge(result, comparison, "goal ")}
    </div>
    ${factList(facts.filter(([, words]) => words !== "-" && words !== ""))} ${result.reasons.map(reasonBlock)}
    ${
      strengths.length + weaknesses.length === 0
        ? null
        : html`<ul class="pros">
            ${strengths.map((text) => html`<li class="plus">${text}</li>`)}${weaknesses.map((text) => html`<li class="minus">${text}</li>`)}
          </ul>`
    }
    ${
      notes.length === 0
        ? null
        : html`<ul class="remarks">
            ${notes.map((note) => html`<li>${capitalized(note)}</li>`)}
          </ul>`
    }
    ${days.includes(result) ? dayFigure(result, index, context) : null}
    ${
      monthlyCost === null || monthlyCost.items.length === 0
        ? null
        : html`<details>
            <summary>Items of the bill<span class="fine"> (${nameOf(result)})</span></summary>
            <div>${itemTable(monthlyCost.items, monthlyCost.total)}</div>
          </details>`
    }
    ${
      alternatives.length === 0
        ? null
        : dataTable(
            "Other sizes that were tried",
            ["Size", "A month", "p99", "Goal"],
            alternatives.map(({ label, usd, p99Ms, sloMet }) => [
              label,
              usd === null ? "price not known" : money(usd),
              p99Ms === null ? "-" : latency(p99Ms),
              sloMet ? "met" : "missed",
            ]),
            nameOf(result),
          )
    }
    ${
      figures.length === 0
        ? null
        : html`<details>
            <summary>What it rests on<span class="fine"> (${nameOf(result)})</span></summary>
            <div>
              <table class="stack" role="table">
                <thead role="rowgroup">
                  <tr role="row">
                    ${headings(["Figure", ["Value"], "Source", "Confidence"])}
                  </tr>
                </thead>
                <tbody role="rowgroup">
                  ${figures.map(
                    ({ name, value, unit, source, asOf, confidence }) =>
                      html`<tr role="row">
                        <th role="rowheader" scope="row">${name}</th>
                        ${cell("Value", `${quantity(value)} ${unit}`, "n")}${cell("Source", html`<span>${linked(source)}, ${asOf}</span>`)}${cell("Confidence", confidence)}
                      </tr>`,
                  )}
                </tbody>
              </table>
            </div>
          </details>`
    }
  </article>`;
}

function costInWords({ monthlyCost }: TargetResult): string {
  if (monthlyCost === null || monthlyCost.total === 0) return monthly(monthlyCost);
  const { onDemand, working, idle } = splitOf(monthlyCost);
  const parts = [
    ...(onDemand > 0 ? [`${money(onDemand)} when used`] : []),
    ...(working + idle > 0 ? [`${money(working + idle)} always`] : []),
    ...(idle > 0 ? [`of it ${money(idle)} for idle capacity`] : []),
  ];
  return `${monthly(monthlyCost)}: ${parts.join(", ")}`;
}

function latencyInWords({ latencyMs, errorRate }: TargetResult): string {
  if (latencyMs === null) return "-";
  const errors = errorRate === null ? "" : errorRate === 0 ? "; no errors" : `; ${percent(errorRate)} errors`;
  return `${latency(latencyMs.p50)} median, ${latency(latencyMs.p95)} p95, ${latency(latencyMs.p99)} p99${errors}`;
}

function coldStartInWords(result: TargetResult): string {
  const words = coldStarts(result);
  return result.coldStart === null || words === "none" ? words : `${words} (${result.coldStart.source})`;
}

function itemTable(items: readonly BillItem[], total: number): Markup {
  return html`<table class="stack" role="table">
    <thead role="rowgroup">
      <tr role="row">
        ${headings(["Item", ["Quantity"], ["Unit price"], ["A month"], ["Share"], "Price from"])}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${byCost(items).map(
        (item) =>
          html`<tr role="row">
            <th role="rowheader" scope="row">
              ${item.name}
              <div class="fine">
                ${item.basis === "on-demand" ? "paid when used" : "paid always"}${item.note === undefined ? null : html`; ${item.note}`}
              </div>
            </th>
            ${cell("Quantity", amount(item.quantity, item.unit), "n")}
            ${cell("Unit price", item.unitPrice === null ? "not known" : price(item.unitPrice), "n")}
            ${cell("A month", itemCost(item), "n")}
            ${cell("Share", item.usd === null || total === 0 ? "-" : percent(item.usd / total), "n")}
            ${cell("Price from", html`<span class="fine">${linked(item.source)}, ${item.asOf} (${item.status})</span>`)}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function dayFigure(result: TargetResult, index: number, { comparison, id }: Context): Markup {
  const { series } = result;
  if (series === null) return html``;
  const seconds = series.stepSeconds * series.arrivals.length;
  const period = seconds === 86_400 ? "day" : seconds === 604_800 ? "week" : duration(seconds);
  const [most, fewest] = [Math.max(...series.replicas), Math.min(...series.replicas)];
  const known = series.p99.flatMap((each) => each ?? []);
  const worst = known.length === 0 ? "" : `; p99 latency of at most ${latency(Math.max(...known))} in a step`;
  const words = `${rate(Math.min(...series.arrivals))} to ${rate(Math.max(...series.arrivals))} requests per second, ${replicas(fewest)} to ${replicas(most)} replicas${worst}`;
  const drawings = dayChart(result, comparison.workload.slo, {
    id: `${id}-day-${index}`,
    title: `${nameOf(result)} over the simulated ${period}`,
    description: words,
  });
  if (drawings === null) return html``;
  return html`<figure class="day">
      ${both(drawings)}
      <figcaption>The simulated ${period}: ${words}.</figcaption>
    </figure>
    ${dataTable("The figures of this chart", ["From", "Requests per second", "Replicas", "p99"], steps(series), nameOf(result))}`;
}

/** The series in at most 24 steps: mean load, most replicas and worst latency of each. */
function steps({
  stepSeconds,
  arrivals,
  replicas: counts,
  p99,
}: NonNullable<TargetResult["series"]>): string[][] {
  const size = Math.ceil(arrivals.length / MOST_STEPS);
  return Array.from({ length: Math.ceil(arrivals.length / size) }, (_, index) => {
    const part = <T>(values: readonly T[]): readonly T[] => values.slice(index * size, (index + 1) * size);
    const load = part(arrivals);
    const known = part(p99).flatMap((each) => each ?? []);
    return [
      index === 0 ? "0" : duration(index * size * stepSeconds),
      rate(load.reduce((sum, each) => sum + each, 0) / load.length),
      replicas(Math.max(...part(counts))),
      known.length === 0 ? "-" : latency(Math.max(...known)),
    ];
  });
}

function factList(facts: readonly (readonly [string, string])[]): Markup {
  return html`<dl class="facts">
    ${facts.map(
      ([name, words]) =>
        html`<dt>${capital(name)}</dt>
          <dd>${words}</dd>`,
    )}
  </dl>`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A text as a sentence that begins with the name of a target, which keeps its first letter. */
function sentence(text: string): Markup {
  return prose(ended(text));
}

/** A text as a sentence; a field or an option at its beginning stays as it is. */
function capitalized(text: string): Markup {
  return prose(/^[a-z]+[ ,;:]/.test(text) ? capital(ended(text)) : ended(text));
}

function ended(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** Text in which what stands between backticks is code. */
function prose(text: string): Markup {
  const parts = text.split(/`([^`]+)`/);
  return html`${parts.map((part, index) => (index % 2 === 0 ? part : html`<code>${part}</code>`))}`;
}

/** A source, its addresses as links; nothing but http(s) becomes one. */
function linked(source: string): Markup {
  const parts = source.split(/(https?:\/\/[^\s<>"')]+)/);
  return html`${parts.map((part, index) => (index % 2 === 0 ? part : html`<a href="${part}" rel="noreferrer">${part}</a>`))}`;
}
