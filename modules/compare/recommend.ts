import type { Crossover, Recommendation, TargetResult } from "./comparison";
import { nameOf } from "./names";
import { money } from "./render/format";

/** A result that may be recommended, with the cost before it was rounded. */
export interface Eligible {
  readonly result: TargetResult;
  /** Where a price is missing, the least that it may cost. */
  readonly exactUsd: number;
  /** Where a price is missing, the most that it may cost by what the service costs in any region; else the same. */
  readonly highestUsd: number;
  /** What the cost leaves out, because the manifest names it as existing: see `Candidate.existing`. */
  readonly existing: readonly string[];
}

/** What else the recommendation's sentence draws from. */
export interface RecommendationContext {
  readonly slo: { readonly p99Ms: number } | null;
  readonly crossovers: readonly Crossover[];
  /** Mean requests per second of the workload. */
  readonly average: number;
  /** Results that miss the goal. */
  readonly missing: readonly Eligible[];
  /** Results that keep the goal at a cost that is not known, with the least and the most that it may be. */
  readonly unpriced: readonly Eligible[];
}

/** The cheapest of those that keep the goal, in one sentence with its runner-up and what would change the answer. */
export function recommend(
  eligible: readonly Eligible[],
  context: RecommendationContext,
): { readonly first: Eligible; readonly recommendation: Recommendation } | null {
  const byCost = [...eligible].sort((a, b) => a.exactUsd - b.exactUsd);
  const [cheapest] = byCost;
  if (cheapest === undefined) return null;
  // Cheaper whatever the missing price is.
  const [sure] = context.unpriced
    .filter(({ highestUsd }) => highestUsd < cheapest.exactUsd)
    .sort((a, b) => a.highestUsd - b.highestUsd);
  const first = sure ?? cheapest;
  const second = sure === undefined ? byCost[1] : cheapest;
  const { target, mode } = first.result;
  const because = [
    `${lead(first, context)}${runnerUp(first, second, context)}`,
    change(first, second, { ...context, crossovers: crossoversAmong(eligible, context) }),
    maybe(first, context),
  ];
  return {
    first,
    recommendation: {
      target,
      ...(mode === undefined ? {} : { mode }),
      because: `${because.filter((part) => part !== "").join("; ")}.`,
    },
  };
}

/** Crossovers with what may be recommended too: what misses the goal, or answers elsewhere, is no alternative at any load. */
function crossoversAmong(
  eligible: readonly Eligible[],
  { crossovers }: RecommendationContext,
): readonly Crossover[] {
  const names = new Set(eligible.map(({ result }) => nameOf(result)));
  return crossovers.filter(({ between }) => between.every((name) => names.has(name)));
}

function lead({ result, exactUsd, highestUsd, existing }: Eligible, { slo }: RecommendationContext): string {
  const { unknown = [] } = result.monthlyCost ?? {};
  const cost =
    highestUsd > exactUsd
      ? `${money(exactUsd)} to ${money(highestUsd)} a month, since not every price is known here`
      : `${unknown.length > 0 ? "at least " : ""}${money(exactUsd)} a month`;
  const goal =
    result.batch !== null
      ? "the cheapest whose runs end before the next one"
      : slo === null
        ? "the cheapest that carries the load"
        : `the cheapest that keeps the SLO (p99 ${Math.round(result.latencyMs?.p99 ?? 0)} of ${Math.round(slo.p99Ms)} ms)`;
  return `${nameOf(result)} on ${result.sizingLabel ?? "its own size"}: ${cost}${without(existing)}, ${goal}`;
}

/** What a cost leaves out because somebody pays for it already. */
function without(existing: readonly string[]): string {
  return existing.length === 0 ? "" : ` without the existing ${existing.join(" and ")}`;
}

function runnerUp(
  first: Eligible,
  second: Eligible | undefined,
  { missing, unpriced }: RecommendationContext,
): string {
  if (second !== undefined) {
    const percent = Math.round((second.exactUsd / first.highestUsd - 1) * 100);
    const least = first.highestUsd > first.exactUsd ? " at least" : "";
    const more = first.exactUsd > 0 ? ` (+${percent} %${least})` : "";
    return `; next is ${nameOf(second.result)} at ${money(second.exactUsd)}${more}${without(second.existing)}`;
  }
  const [cheapest] = [...missing].sort((a, b) => a.exactUsd - b.exactUsd);
  if (unpriced.length > 0) return "";
  return cheapest === undefined ? "; no other target fits" : "; all others miss it";
}

/** What may be cheaper, for all that is known. */
function maybe(first: Eligible, { unpriced }: RecommendationContext): string {
  const names = unpriced
    .filter((other) => other !== first && other.exactUsd < first.highestUsd)
    .map(({ result }) => nameOf(result));
  return names.length === 0
    ? ""
    : `${names.join(" and ")} may be cheaper, but ${names.length === 1 ? "has" : "have"} no price here`;
}

/** The load, or the goal, at which another target takes its place. */
function change(
  { result, exactUsd }: Eligible,
  second: Eligible | undefined,
  { crossovers, average, missing }: RecommendationContext,
): string {
  const name = nameOf(result);
  const above = crossovers
    .filter(({ between: [below], requestsPerSecond }) => below === name && requestsPerSecond > average)
    .sort((a, b) => a.requestsPerSecond - b.requestsPerSecond)[0];
  const below = crossovers
    .filter(({ between: [, over], requestsPerSecond }) => over === name && requestsPerSecond < average)
    .sort((a, b) => b.requestsPerSecond - a.requestsPerSecond)[0];
  const loads = [
    ...(below === undefined
      ? []
      : [{ side: "below", at: below.requestsPerSecond, cheaper: below.between[0] }]),
    ...(above === undefined
      ? []
      : [{ side: "above", at: above.requestsPerSecond, cheaper: above.between[1] }]),
  ].map(({ side, at, cheaper }, index) =>
    index === 0 ? `${side} ${at} requests/s on average ${cheaper} is cheaper` : `${side} ${at} ${cheaper}`,
  );
  const parts = loads.length === 0 ? [] : [loads.join(", ")];
  const [cheaper] = missing
    .filter((other) => other.exactUsd < exactUsd)
    .sort((a, b) => a.exactUsd - b.exactUsd);
  if (cheaper !== undefined)
    parts.push(
      `with a looser SLO ${nameOf(cheaper.result)} at ${money(cheaper.exactUsd)} (p99 ${Math.round(cheaper.result.latencyMs?.p99 ?? 0)} ms)`,
    );
  if (parts.length === 0 && second !== undefined && crossovers.length > 0)
    parts.push("no load up to ten times this changes that");
  return parts.join("; ");
}
