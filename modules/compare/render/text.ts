import Table from "cli-table3";
import { columnsOf as widthOf, fold } from "../../terminal/fold";
import type { Comparison, Fleet, Reason, TargetResult } from "../comparison";
import { nameOf } from "../names";
import { amount, latency, money, percent, named, price, quantity } from "./format";
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
  topItems,
  whatOf,
  workloadFacts,
} from "./view";

type Colour = (text: string) => string;

/** Colours of a terminal, or functions that leave the text as it is. */
export type Colours = Readonly<Record<"red" | "yellow" | "green" | "dim" | "bold", Colour>>;

export interface TextOptions {
  /** Columns; nothing is wider. 40 at least. */
  readonly width: number;
  readonly colours: Colours;
  /** Every item of every bill, the sizes that were tried, and the figures with their sources. Default: only the dearest items. */
  readonly items?: boolean;
}

/** Below this the table gives way to a card for each target. */
const LEAST_TABLE = 72;

/** Items of a bill that are named where not all are. */
const MOST_ITEMS = 3;

/** Crossovers that are named where not everything is. */
const MOST_CROSSOVERS = 8;

/** A comparison, or a fleet, for a terminal. */
export function comparisonText(document: Document, options: TextOptions): string {
  const screen = { ...options, width: Math.max(40, options.width) };
  const { fleet, comparisons } = contentsOf(document);
  const parts = comparisons.map((comparison) => one(comparison, screen));
  return (fleet === null ? parts : [...parts, fleetText(fleet, screen)]).join(
    fleet === null ? "\n\n" : `\n\n${screen.colours.dim("-".repeat(screen.width))}\n\n`,
  );
}

function one(comparison: Comparison, options: TextOptions): string {
  const { width, colours } = options;
  const ranking = rank(comparison);
  const table = width < LEAST_TABLE ? null : targetTable(comparison, ranking, options);
  const sections: readonly (readonly string[])[] = [
    [
      ...fold(whatOf(comparison), width).map(colours.bold),
      ...workloadFacts(comparison).flatMap(([name, words]) => labelled(name, words, width, "", 9)),
    ],
    ...(ranking.feasible.length === 0
      ? []
      : table === null
        ? ranking.feasible.map((result) => card(result, comparison, ranking, options))
        : [table.lines, ...detailsBelow(ranking, table.hidden, options)]),
    ...titled(
      "Cannot carry it",
      ranking.infeasible.flatMap((result) => infeasible(result, options)),
      colours,
    ),
    ...titled("Crossovers", crossovers(comparison, options), colours),
    ...titled(
      "Advice",
      comparison.advice.flatMap((each) => advice(each, options)),
      colours,
    ),
    ...titled(
      "Deployed now",
      comparison.against === null
        ? []
        : fold(
            savingsOf(comparison.against, ranking.recommended === null ? null : nameOf(ranking.recommended)),
            width,
            "  ",
          ),
      colours,
    ),
    [
      ...comparison.notes.flatMap((note) => fold(`note: ${note}`, width, "", "      ").map(colours.yellow)),
      ...fold(pricesOf(comparison), width).map(colours.dim),
      ...(options.items === true || ranking.feasible.length === 0
        ? []
        : fold("--items shows every item of the bills, what is assumed, and what they leave out", width).map(
            colours.dim,
          )),
    ],
    fold(conclusion(comparison), width).map(colours.bold),
  ];
  return sections.map((lines) => lines.join("\n")).join("\n\n");
}

/** Where there are many targets, each pair of them has one: the ones near the workload's own load say the most. */
function crossovers(
  { crossovers: all, workload }: Comparison,
  { width, items }: TextOptions,
): readonly string[] {
  const { average } = workload.requestsPerSecond;
  const distance = ({ requestsPerSecond }: Comparison["crossovers"][number]): number =>
    average > 0 && requestsPerSecond > 0 ? Math.abs(Math.log(requestsPerSecond / average)) : 0;
  const near = new Set([...all].sort((a, b) => distance(a) - distance(b)).slice(0, MOST_CROSSOVERS));
  const shown = items === true ? all : all.filter((each) => near.has(each));
  return [
    ...shown.flatMap((each) => fold(crossoverOf(each), width, "  ", "    ")),
    ...(shown.length < all.length ? fold(`and ${all.length - shown.length} more`, width, "  ") : []),
  ];
}

/** A label, and words beside it. */
function labelled(
  label: string,
  words: string,
  width: number,
  indent: string,
  column: number,
): readonly string[] {
  const [first = "", ...rest] = fold(words, width, indent + " ".repeat(column));
  return [indent + label.padEnd(column) + first.slice(indent.length + column), ...rest];
}

/** Names the target, also where its reason does not. */
function conclusion(comparison: Comparison): string {
  const { recommended } = comparison;
  const because = recommendationOf(comparison);
  const named = recommended === null || because.includes(recommended.target);
  return `Recommended: ${named ? "" : `${nameOf(recommended)}. `}${because}`;
}

function titled(title: string, lines: readonly string[], colours: Colours): readonly (readonly string[])[] {
  return lines.length === 0 ? [] : [[colours.bold(title), ...lines]];
}

/** A column of the table. The ones that give way first have the lowest rank; those without one always stay. */
interface Column {
  readonly title: string;
  readonly cell: (result: TargetResult) => string;
  readonly rank?: number;
  readonly right?: boolean;
  /** Columns that the text may be folded to; default: its own width. */
  readonly least?: number;
  readonly most?: number;
  /** Said below the table where the column has given way. */
  readonly below?: (result: TargetResult) => string | null;
}

/** Below it the names, after their marks. */
const TARGET = "  target";

const GAP = 2;

function columnsOf(comparison: Comparison, { recommended }: Ranking): readonly Column[] {
  const known = (text: string): string | null => (text === "-" ? null : text);
  const cost = (part: (split: ReturnType<typeof splitOf>) => number) => (result: TargetResult) =>
    result.monthlyCost === null || result.monthlyCost.items.length === 0
      ? "-"
      : nothing(money(part(splitOf(result.monthlyCost))));
  const nothing = (words: string): string => (words === "$0" ? "-" : words);
  const time = (value: number | undefined): string => (value === undefined ? "-" : latency(value));
  return [
    {
      title: TARGET,
      cell: (result) => `${result === recommended ? ">" : " "} ${nameOf(result)}`,
      least: 20,
      most: 34,
    },
    { title: "size", cell: sizeOf, least: 12, most: 34 },
    {
      title: "replicas",
      cell: replicaRange,
      right: true,
      rank: 8,
      below: (result) => (result.replicas === null ? null : `replicas ${replicasInWords(result)}`),
    },
    { title: "$/month", cell: ({ monthlyCost }) => monthly(monthlyCost), right: true, least: 9 },
    { title: "on demand", cell: cost(({ onDemand }) => onDemand), right: true, rank: 2 },
    {
      title: "provisioned",
      cell: cost(({ working, idle }) => working + idle),
      right: true,
      rank: 2,
    },
    { title: "idle", cell: idleShare, right: true, rank: 2, below: split },
    {
      title: "$/million",
      cell: perMillion,
      right: true,
      rank: 9,
      least: 9,
      below: (result) => {
        const words = known(perMillion(result));
        return words === null ? null : `${words} per million requests`;
      },
    },
    {
      title: "p50",
      cell: ({ latencyMs }) => time(latencyMs?.p50),
      right: true,
      rank: 5,
      below: ({ latencyMs }) => (latencyMs === null ? null : `p50 ${latency(latencyMs.p50)}`),
    },
    {
      title: "p99",
      cell: ({ latencyMs }) => time(latencyMs?.p99),
      right: true,
      rank: 10,
      below: ({ latencyMs }) => (latencyMs === null ? null : `p99 ${latency(latencyMs.p99)}`),
    },
    {
      title: "cold starts",
      cell: coldStarts,
      right: true,
      least: 11,
      rank: 4,
      below: (result) => {
        const words = known(coldStarts(result));
        return words === null ? null : words === "none" ? "no cold starts" : `cold starts ${words}`;
      },
    },
    {
      title: "errors",
      cell: ({ errorRate }) => (errorRate === null ? "-" : percent(errorRate)),
      right: true,
      rank: 6,
      below: ({ errorRate }) => (errorRate === null ? null : `${percent(errorRate)} errors`),
    },
    {
      title: "run",
      cell: batchRun,
      right: true,
      least: 10,
      rank: 7,
      below: ({ batch }) => (batch === null ? null : `run of ${batchRun({ batch } as TargetResult)}`),
    },
    { title: "SLO", cell: (result) => sloWord(result, comparison.workload) },
  ];
}

function idleShare({ monthlyCost }: TargetResult): string {
  return monthlyCost === null || monthlyCost.total === 0 ? "-" : percent(monthlyCost.idleShare);
}

/** How a bill splits, in words. */
function split({ monthlyCost }: TargetResult): string | null {
  if (monthlyCost === null || monthlyCost.total === 0) return null;
  const { onDemand, provisioned, idleShare: idle } = monthlyCost;
  if (provisioned === 0) return "all of it paid only when used";
  const share = idle === 0 ? "" : ` (${percent(idle)} of the total for idle capacity)`;
  return onDemand === 0
    ? `all of it provisioned${share}`
    : `${money(onDemand)} on demand, ${money(provisioned)} provisioned${share}`;
}

interface Layout {
  readonly columns: readonly Column[];
  readonly widths: readonly number[];
  readonly hidden: readonly Column[];
}

/** The columns that fit, the dispensable ones left out; null where not even the others do. */
function layOut(columns: readonly Column[], rows: readonly TargetResult[], width: number): Layout | null {
  // A column in which no target has anything says nothing, and is not missed.
  let shown = columns.filter(
    ({ rank: priority, cell }) => priority === undefined || rows.some((row) => cell(row) !== "-"),
  );
  const hidden: Column[] = [];
  for (;;) {
    const widths = fit(shown, rows, width);
    if (widths !== null) return { columns: shown, widths, hidden };
    const lowest = Math.min(...shown.map(({ rank: priority }) => priority ?? Infinity));
    if (lowest === Infinity) return null;
    hidden.push(...shown.filter(({ rank: priority }) => priority === lowest));
    shown = shown.filter(({ rank: priority }) => priority !== lowest);
  }
}

/** Widths of columns that together fit; the ones that can be folded give what is missing, the widest first. */
function fit(
  columns: readonly Column[],
  rows: readonly TargetResult[],
  width: number,
): readonly number[] | null {
  const cells = (column: Column): readonly string[] => [column.title, ...rows.map(column.cell)];
  const natural = columns.map((column) =>
    Math.min(column.most ?? Infinity, Math.max(...cells(column).map((cell) => widthOf(cell)))),
  );
  const least = columns.map((column, index) =>
    Math.max(
      widthOf(column.title),
      Math.min(
        natural[index] ?? 0,
        column.least === undefined ? Infinity : leastOf(column.least, cells(column)),
      ),
    ),
  );
  const widths = [...natural];
  const room = width - GAP * (columns.length - 1);
  let over = widths.reduce((sum, each) => sum + each, 0) - room;
  while (over > 0) {
    const slack = widths.map((each, index) => (each > (least[index] ?? 0) ? each : 0));
    const widest = slack.indexOf(Math.max(...slack));
    if (slack[widest] === 0) return null;
    widths[widest] = (widths[widest] ?? 0) - 1;
    over--;
  }
  return widths;
}

/** Names of instance types stay whole; words that are longer than any of them need not. */
function leastOf(least: number, cells: readonly string[]): number {
  const longest = Math.max(...cells.flatMap((cell) => cell.split(" ")).map(widthOf));
  return Math.max(least, Math.min(longest, LONGEST_TYPE));
}

/** Such as `ml.g4dn.12xlarge`, with some to spare. */
const LONGEST_TYPE = 18;

function targetTable(
  comparison: Comparison,
  ranking: Ranking,
  { width, colours }: TextOptions,
): { readonly lines: readonly string[]; readonly hidden: readonly Column[] } | null {
  const columns = columnsOf(comparison, ranking);
  const layout = layOut(columns, ranking.feasible, width);
  if (layout === null) return null;
  const paint = (result: TargetResult, column: Column, text: string): string => {
    if (column.title === "SLO") return sloColour(result, colours)(text);
    return result === ranking.recommended && column.title === TARGET ? colours.bold(text) : text;
  };
  const lines = grid(
    layout.columns.map(({ title, right = false }, index) => ({
      title: colours.dim(title),
      right,
      width: layout.widths[index] ?? 0,
    })),
    ranking.feasible.map((result) =>
      layout.columns.map((column, index) => {
        const hanging = column.title === TARGET ? "  " : "";
        const [first = "", ...rest] = folded(column.cell(result), layout.widths[index] ?? 0, hanging);
        return [first, ...rest].map((text) => paint(result, column, text)).join("\n");
      }),
    ),
  );
  const legend = ranking.recommended === null ? [] : [colours.dim("> recommended")];
  return { lines: [...lines, ...legend], hidden: layout.hidden };
}

/** Folds a cell, whose first two characters may be a mark and a space. */
function folded(text: string, width: number, hanging: string): readonly string[] {
  if (hanging === "") return fold(text, width);
  const [first = "", ...rest] = fold(text.slice(2), width, "  ");
  return [text.slice(0, 2) + first.slice(2), ...rest];
}

function sloColour({ sloMet }: TargetResult, colours: Colours): Colour {
  if (sloMet === null) return colours.dim;
  return sloMet ? colours.green : colours.red;
}

/** Cells in columns without lines around them. */
function grid(
  columns: readonly { readonly title: string; readonly right: boolean; readonly width: number }[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const table = new Table({
    chars: { ...NO_LINES, middle: " ".repeat(GAP) },
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [] },
    colWidths: columns.map(({ width }) => width),
    colAligns: columns.map(({ right }) => (right ? "right" : "left")),
  });
  table.push(
    columns.map(({ title }) => title),
    ...rows.map((cells) => [...cells]),
  );
  return table
    .toString()
    .split("\n")
    .map((text) => text.trimEnd());
}

const NO_LINES = Object.fromEntries(
  [
    ...["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right"],
    ...["left", "left-mid", "mid", "mid-mid", "right", "right-mid"],
  ].map((name) => [name, ""]),
);

/** What the table has no room for: the columns that gave way, what costs the most, and warnings. */
function detailsBelow(
  { feasible }: Ranking,
  hidden: readonly Column[],
  options: TextOptions,
): readonly (readonly string[])[] {
  const { width, colours } = options;
  const blocks = feasible.flatMap((result) => {
    const facts = hidden.flatMap(({ below }) => below?.(result) ?? []);
    const lines = [
      ...(facts.length === 0 ? [] : fold(facts.join("; "), width, "    ")),
      ...costLines(result, options),
    ];
    return lines.length === 0 ? [] : [[...fold(nameOf(result), width, "  ").map(colours.bold), ...lines]];
  });
  return options.items === true
    ? [[colours.bold("What it costs")], ...blocks]
    : titled("What it costs", blocks.flat(), colours);
}

/** The bill of a target: its dearest items, or all of them; then what speaks against the target. */
function costLines(result: TargetResult, options: TextOptions): readonly string[] {
  const { width, colours } = options;
  const { monthlyCost, reasons, notes = [] } = result;
  const top = monthlyCost === null ? "" : topItems(monthlyCost, MOST_ITEMS);
  return [
    ...(options.items === true ? everything(result, options) : top === "" ? [] : fold(top, width, "    ")),
    ...(options.items === true ? notes : []).flatMap((note) =>
      fold(note, width, "    ", "      ").map(colours.dim),
    ),
    ...reasons.flatMap((reason) => reasonLines(reason, options, options.items === true).map(colours.yellow)),
  ];
}

function everything(result: TargetResult, { width, colours }: TextOptions): readonly string[] {
  const { monthlyCost, alternatives, strengths, weaknesses, figures } = result;
  const below = (text: string): readonly string[] => fold(text, width, "    ", "      ");
  return [
    ...byCost(monthlyCost?.items ?? []).flatMap((item) => {
      const { name, unit, unitPrice, basis, status, source, asOf, note } = item;
      const each = unitPrice === null ? "price not known" : `${price(unitPrice)} each`;
      return [
        ...below(`${name}: ${itemCost(item)}, ${basis === "on-demand" ? "on demand" : "provisioned"}`),
        ...fold(
          `${amount(item.quantity, unit)}, ${each} (${status}, ${asOf}, ${source})${note === undefined ? "" : `; ${note}`}`,
          width,
          "      ",
        ).map(colours.dim),
      ];
    }),
    ...strengths.flatMap((text) => below(`+ ${text}`)),
    ...weaknesses.flatMap((text) => below(`- ${text}`)),
    ...(alternatives.length === 0
      ? []
      : below(
          `also tried: ${alternatives
            .map(
              ({ label, usd, p99Ms, sloMet }) =>
                `${label} ${usd === null ? "(price not known)" : money(usd)}${p99Ms === null ? "" : `, p99 ${latency(p99Ms)}`}${sloMet ? "" : ", goal missed"}`,
            )
            .join("; ")}`,
        )),
    ...figures.flatMap(({ name, value, unit, source, asOf, confidence }) =>
      below(`${name}: ${quantity(value)} ${unit} (${source}, ${asOf}, confidence ${confidence})`),
    ),
  ];
}

/** A target where a table has no room. */
function card(
  result: TargetResult,
  comparison: Comparison,
  ranking: Ranking,
  options: TextOptions,
): readonly string[] {
  const { width, colours } = options;
  const shown = result === ranking.recommended;
  const facts = columnsOf(comparison, ranking)
    .filter(({ title, rank: priority }) => title !== TARGET && title !== "SLO" && (priority ?? 3) !== 2)
    .map((column) => [
      column.title,
      column.title === "replicas" ? replicasInWords(result) : column.cell(result),
    ])
    .filter(([, words]) => words !== "-");
  const bill = split(result);
  return [
    ...fold(`${shown ? "> " : "  "}${nameOf(result)}${shown ? " (recommended)" : ""}`, width, "", "  ").map(
      shown ? colours.bold : (text) => text,
    ),
    ...facts.flatMap(([title = "", words = ""]) => labelled(title, words, width, "    ", 12)),
    ...labelled("SLO", sloWord(result, comparison.workload), width, "    ", 12).map(
      sloColour(result, colours),
    ),
    ...(bill === null ? [] : fold(bill, width, "    ")),
    ...costLines(result, options),
  ];
}

function infeasible(result: TargetResult, options: TextOptions): readonly string[] {
  return [
    ...fold(nameOf(result), options.width, "  ").map(options.colours.red),
    ...result.reasons.flatMap((reason) => reasonLines(reason, options)),
  ];
}

/** @param sourced whether to say where the limit is written. Default: true. */
function reasonLines(
  { code, message, limit, value, source, change }: Reason,
  { width, colours }: TextOptions,
  sourced = true,
): readonly string[] {
  const numbers = [
    ...(limit === undefined ? [] : [`limit: ${limit}`]),
    ...(value === undefined ? [] : [`here: ${value}`]),
  ].join(", ");
  return [
    ...fold(`${message} [${code}]`, width, "    ", "      "),
    ...(numbers === "" ? [] : fold(numbers, width, "      ")),
    ...(source === undefined || !sourced ? [] : fold(source, width, "      ").map(colours.dim)),
    ...(change === undefined ? [] : fold(`nearest change: ${change}`, width, "      ", "        ")),
  ];
}

function advice(
  each: Comparison["advice"][number],
  { width, colours, items }: TextOptions,
): readonly string[] {
  const values = named(each.numbers);
  const target = addressee(each);
  return [
    ...fold(`${target === null ? "" : `${target}: `}${each.message} [${each.code}]`, width, "  ", "    "),
    ...(items === true && values !== "" ? fold(values, width, "    ").map(colours.dim) : []),
  ];
}

/** All of a fleet in one table, and its total. */
function fleetText(fleet: Fleet, { width, colours }: TextOptions): string {
  const rows = fleet.comparisons.map((comparison) => {
    const { recommended } = rank(comparison);
    return [
      comparison.model,
      comparison.environment,
      recommended === null ? "none" : nameOf(recommended),
      recommended === null ? "-" : monthly(recommendedCost(comparison)),
      recommended === null ? "-" : sloWord(recommended, comparison.workload),
    ];
  });
  const titles = ["model", "environment", "recommended", "$/month", "SLO"];
  const least = [10, 7, 10, 9, 6];
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...rows.map((cells) => widthOf(cells[column] ?? ""))),
  );
  const room = width - GAP * (titles.length - 1);
  while (widths.reduce((sum, each) => sum + each, 0) > room) {
    const slack = widths.map((each, index) => (each > (least[index] ?? 0) ? each : 0));
    const widest = slack.indexOf(Math.max(...slack));
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  const cells = (texts: readonly string[]): readonly string[] =>
    texts.map((text, column) => fold(text, widths[column] ?? 0).join("\n"));
  const columns = titles.map((title, column) => ({
    title: colours.dim(fold(title, widths[column] ?? 0).join("\n")),
    right: title === "$/month",
    width: widths[column] ?? 0,
  }));
  return [
    colours.bold("Fleet"),
    ...grid(columns, rows.map(cells)),
    "",
    ...sharedOf(fleet).flatMap((line) => fold(line, width, "", "  ")),
    ...(fleet.total.notes ?? []).flatMap((note) =>
      fold(`note: ${note}`, width, "", "      ").map(colours.yellow),
    ),
    ...fold(`Total: ${fleetTotal(fleet)}`, width).map(colours.bold),
  ].join("\n");
}
