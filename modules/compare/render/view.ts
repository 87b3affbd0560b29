import type {
  BillItem,
  Comparison,
  Fleet,
  MonthlyCost,
  Savings,
  SharedCost,
  TargetResult,
} from "../comparison";
import { nameOf } from "../names";
import { bytes, duration, large, latency, money, percent, rate, replicas } from "./format";

/** What every format is made from: one comparison, or several. */
export type Document = Comparison | Fleet;

/** The comparisons of a document, and the fleet that they are where there are several. */
export interface Contents {
  readonly fleet: Fleet | null;
  readonly comparisons: readonly Comparison[];
}

/**
 * The contents of a document, with no character in any of its texts that moves a cursor, changes the direction of what
 * follows, or ends a line: names and messages hold what users and plug-ins wrote.
 */
export function contentsOf(document: Document): Contents {
  const safe = printable(document);
  return "comparisons" in safe
    ? { fleet: safe, comparisons: safe.comparisons }
    : { fleet: null, comparisons: [safe] };
}

function printable<T>(value: T): T {
  return clean(value) as T;
}

function clean(value: unknown): unknown {
  if (typeof value === "string") return line(value);
  if (Array.isArray(value)) return value.map(clean);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [line(key), clean(each)]));
}

/** Lone surrogates are no text either: no encoding has them. */
const UNPRINTABLE =
  // eslint-disable-next-line no-control-regex -- the characters to take out
  /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function line(text: string): string {
  return text.replace(/\s+/g, " ").replace(UNPRINTABLE, "?");
}

/** The targets of a comparison, in the order in which they are shown. */
export interface Ranking {
  readonly recommended: TargetResult | null;
  /** The recommended one first, then by cost, then those of which only a lower bound is known, or nothing. */
  readonly feasible: readonly TargetResult[];
  readonly infeasible: readonly TargetResult[];
}

/** @param comparison as the document has it. */
export function rank({ targets, recommended }: Comparison): Ranking {
  const byCost = targets
    .filter(({ feasible }) => feasible)
    .sort((a, b) =>
      certainty(a) === certainty(b)
        ? (a.monthlyCost?.total ?? 0) - (b.monthlyCost?.total ?? 0)
        : certainty(a) - certainty(b),
    );
  const first =
    recommended === null
      ? undefined
      : byCost.find(
          ({ target, mode }) =>
            target === recommended.target && (recommended.mode === undefined || recommended.mode === mode),
        );
  return {
    recommended: first ?? null,
    feasible: first === undefined ? byCost : [first, ...byCost.filter((result) => result !== first)],
    infeasible: targets.filter(({ feasible }) => !feasible),
  };
}

/** A lower bound would look cheaper than it is among costs that are known. */
function certainty({ monthlyCost: cost }: TargetResult): number {
  if (cost === null || isUnknown(cost)) return 2;
  return cost.unknown.length > 0 ? 1 : 0;
}

/** Whether nothing of a bill has a known price. */
export function isUnknown({ total, unknown }: MonthlyCost): boolean {
  return total === 0 && unknown.length > 0;
}

/** A month's cost in words: a sum, a lower bound, or why there is none. */
export function monthly(cost: MonthlyCost | null): string {
  if (cost === null || isUnknown(cost)) return "not known";
  if (cost.total === 0 && cost.items.length === 0) return "no charge";
  const sum = cost.total === 0 && cost.items.some(isPaid) ? LESS_THAN_A_CENT : money(cost.total);
  return `${cost.unknown.length > 0 ? "at least " : ""}${sum}`;
}

/** What a million requests cost, in words; `-` where that says nothing. */
export function perMillion({ usdPerMillionRequests: usd, monthlyCost }: TargetResult): string {
  if (usd === null || monthlyCost === null || monthlyCost.items.length === 0) return "-";
  if (isUnknown(monthlyCost)) return "not known";
  return `${monthlyCost.unknown.length > 0 ? "at least " : ""}${money(usd)}`;
}

/** A month's cost in the parts that charts and tables show; they add up to its total. */
export interface Split {
  readonly onDemand: number;
  /** Provisioned, and doing work. */
  readonly working: number;
  /** Provisioned, and doing nothing. */
  readonly idle: number;
}

export function splitOf({ total, onDemand, provisioned, idleShare }: MonthlyCost): Split {
  const idle = Math.min(provisioned, total * idleShare);
  return { onDemand, working: provisioned - idle, idle };
}

/** The size and number of what carries the load: `ml.m5.xlarge`. */
export function sizeOf({ sizingLabel, sizing }: TargetResult): string {
  if (sizingLabel !== null) return sizingLabel;
  return sizing === null ? "-" : Object.values(sizing).map(String).join(", ");
}

/** `2`, or `1 to 8`. */
export function replicaRange({ replicas: each }: TargetResult): string {
  if (each === null) return "-";
  const [min, max] = [replicas(each.min), replicas(each.max)];
  return min === max ? min : `${min} to ${max}`;
}

/** `2`, or `1 to 8, 2.3 on average`. */
export function replicasInWords(result: TargetResult): string {
  const range = replicaRange(result);
  if (result.replicas === null || !range.includes(" ")) return range;
  return `${range}, ${replicas(result.replicas.average)} on average`;
}

/** Whether the goal is met, in words: colour alone says nothing to many. */
export function sloWord({ sloMet }: TargetResult, { slo }: Comparison["workload"]): string {
  if (sloMet !== null) return sloMet ? "met" : "missed";
  return slo === null ? "no goal" : "not known";
}

/** `0.2%, 1.4 s each`; `none`. */
export function coldStarts({ coldStart }: TargetResult): string {
  if (coldStart === null) return "-";
  return coldStart.fraction === 0 ? "none" : `${percent(coldStart.fraction)}, ${latency(coldStart.ms)} each`;
}

/** `42 min, fits`. */
export function batchRun({ batch }: TargetResult): string {
  if (batch === null) return "-";
  return `${duration(batch.runSeconds)}, ${batch.fits ? "fits" : "too long"}`;
}

/** Items of a bill, dearest first; what has no known price comes first of all, for it may be the dearest. */
export function byCost(items: readonly BillItem[]): readonly BillItem[] {
  return [...items].sort((a, b) => (b.usd ?? Number.MAX_VALUE) - (a.usd ?? Number.MAX_VALUE));
}

/** What one item costs, in words: never a $0 that nobody explains. */
export function itemCost(item: BillItem): string {
  const { usd, quantity } = item;
  if (usd === null) return "not known";
  if (usd > 0) return money(usd);
  if (isPaid(item)) return LESS_THAN_A_CENT;
  return quantity === 0 ? "$0, none used" : "$0, free";
}

/** Whether an item costs something, if less than the cent that amounts are rounded to. */
function isPaid({ quantity, unitPrice }: BillItem): boolean {
  return quantity > 0 && (unitPrice ?? 0) > 0;
}

const LESS_THAN_A_CENT = "<$0.01";

/** The dearest items in a line: `GB-seconds $98.20 (69%), requests $10.37, and 3 more for $4.10`. */
export function topItems({ items, total, unknown }: MonthlyCost, most: number): string {
  const known = byCost(items.filter(({ usd }) => usd !== null && usd > 0));
  const shown = known.slice(0, most);
  const rest = known.slice(most);
  const parts = [
    ...shown.map(
      ({ name, usd }) =>
        `${name} ${money(usd ?? 0)}${known.length > 1 ? ` (${percent((usd ?? 0) / total)})` : ""}`,
    ),
    ...(rest.length > 0
      ? [`${rest.length} more for ${money(rest.reduce((sum, { usd }) => sum + (usd ?? 0), 0))}`]
      : []),
  ];
  return [
    ...(parts.length > 0 ? [listed(parts)] : []),
    ...(unknown.length > 0 ? [`price not known: ${unknown.join(", ")}`] : []),
  ].join("; ");
}

/** `a, b and c`. */
export function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1) ?? ""}`;
}

const ORIGINS: Readonly<Record<string, string>> = {
  constant: "the same all day",
  "average-and-peak": "from an average and a peak",
  hourly: "by hour",
  trace: "from a trace",
};

const PERIODS: Readonly<Record<number, string>> = { 3600: "hour", 86_400: "day", 604_800: "week" };

/** `every day`, `every 6 h`. */
function every(seconds: number): string {
  return `every ${PERIODS[seconds] ?? duration(seconds)}`;
}

/** The workload as pairs of a name and words. */
export function workloadFacts({ workload }: Comparison): readonly (readonly [string, string])[] {
  const {
    requestsPerSecond,
    requestsPerMonth,
    origin,
    serviceTimeMs,
    concurrency,
    payloadBytes,
    slo,
    batch,
  } = workload;
  return [
    ...(requestsPerMonth === 0
      ? []
      : [
          [
            "load",
            `${rate(requestsPerSecond.average)} requests/s on average, ${rate(requestsPerSecond.peak)} at peak, ` +
              `${large(requestsPerMonth)} a month${origin === null ? "" : ` (${ORIGINS[origin] ?? origin})`}`,
          ] as const,
        ]),
    ...(serviceTimeMs === null
      ? []
      : [
          [
            "request",
            `${latency(serviceTimeMs.p50)} median, ${latency(serviceTimeMs.p99)} p99 alone; ${concurrency} at once per replica`,
          ] as const,
        ]),
    ...(payloadBytes === null
      ? []
      : [["payload", `${bytes(payloadBytes.request)} in, ${bytes(payloadBytes.response)} out`] as const]),
    ...(batch === null
      ? []
      : [["batch", `${large(batch.records)} records ${every(batch.everySeconds)}`] as const]),
    [
      "goal",
      slo === null ? "none set" : `p99 below ${latency(slo.p99Ms)}, at most ${percent(slo.errorRate)} errors`,
    ] as const,
    ...(workload.assumption === null ? [] : [["assumed", workload.assumption] as const]),
  ];
}

/** `fraud-scorer, prod, eu-west-1`. */
export function whatOf({ model, environment, region }: Comparison): string {
  return [model, environment, ...(region === null ? [] : [region])].join(", ");
}

/** Which prices a comparison rests on. */
export function pricesOf({ prices: { asOf, region } }: Comparison): string {
  if (asOf === null) return "no prices used";
  return `prices of ${asOf} or later${region === null ? "" : ` in ${region}`}, in USD, without taxes`;
}

/** The recommendation in a sentence, or that there is none. */
export function recommendationOf(comparison: Comparison): string {
  if (comparison.recommended !== null) return comparison.recommended.because;
  const { feasible } = rank(comparison);
  if (feasible.length === 0) return "No target can carry this workload as it is.";
  return feasible.every(({ sloMet }) => sloMet === false)
    ? "No target meets the goal; the ones below carry the load without meeting it."
    : "None: too little is known to prefer one target.";
}

/** What a switch away from the deployed target saves, in a sentence. */
export function savingsOf(against: Savings, recommended: string | null): string {
  const { monthlyUsd, savedUsd } = against;
  const now = `${nameOf(against)} costs ${money(monthlyUsd)} a month now`;
  const to = recommended ?? "the recommended target";
  if (recommended === null) return `${now}; there is nothing recommended to switch to`;
  if (savedUsd === 0) return `${now}; ${to} costs the same`;
  return savedUsd > 0
    ? `${now}; switching to ${to} saves ${money(savedUsd)} a month, ${money(savedUsd * 12)} a year`
    : `${now}; staying is ${money(-savedUsd)} a month cheaper than ${to}`;
}

/** The target that a piece of advice is for, where its own words do not name it. */
export function addressee({ target, message }: Comparison["advice"][number]): string | null {
  return target === null || message.includes(target) ? null : target;
}

/** A crossover in a sentence. */
export function crossoverOf({
  between: [below, above],
  requestsPerSecond,
  monthlyUsd,
}: Comparison["crossovers"][number]): string {
  return `below ${rate(requestsPerSecond)} requests/s on average ${below} is cheaper, above it ${above} (${money(monthlyUsd)} a month there)`;
}

/** The monthly cost of the recommended target; null where there is none, or it is not known. */
export function recommendedCost(comparison: Comparison): MonthlyCost | null {
  return rank(comparison).recommended?.monthlyCost ?? null;
}

/** The sums of a fleet, in a sentence. */
export function fleetTotal({ total, comparisons }: Fleet): string {
  const bound = comparisons.some((each) => (recommendedCost(each)?.unknown ?? []).length > 0);
  const without = comparisons.filter((each) => recommendedCost(each) === null).length;
  const sum = `${bound || without > 0 ? "at least " : ""}${money(total.recommended)} a month on the recommended targets`;
  const missing =
    without === 0
      ? ""
      : `, leaving out ${without} of ${comparisons.length} without a recommendation or a known cost`;
  if (total.chosen === null) return sum + missing;
  const saved = total.chosen - total.recommended;
  const difference =
    Math.round(saved * 100) === 0 ? "the same" : saved > 0 ? `${money(saved)} more` : `${money(-saved)} less`;
  return `${sum}${missing}; ${money(total.chosen)} on the targets that the manifests name, ${difference}`;
}

/** What models of a fleet share, a sentence for each foundation. */
export function sharedOf({ total }: Fleet): readonly string[] {
  return (total.shared ?? []).map(({ foundation, environment, models, recommended, chosen }) => {
    const cost = ({ onceUsd, inBillsUsd }: SharedCost) =>
      `${money(onceUsd)} a month, counted once; their bills have ${money(inBillsUsd)} of it`;
    const other =
      total.chosen === null || JSON.stringify(chosen) === JSON.stringify(recommended)
        ? ""
        : `. On the targets that the manifests name: ${cost(chosen)}`;
    return `foundation ${foundation} (${environment}), shared by ${models} models: ${cost(recommended)}${other}`;
  });
}
