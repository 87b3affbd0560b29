import type { Crossover, Recommendation, TargetResult } from "./comparison";
import { usd } from "./advice";
import { nameOf } from "./names";

/** A result that may be recommended, with the cost before it was rounded. */
export interface Eligible {
  readonly result: TargetResult;
  readonly exactUsd: number;
}

/** What else the recommendation's sentence draws from. */
export interface RecommendationContext {
  readonly slo: { readonly p99Ms: number } | null;
  readonly crossovers: readonly Crossover[];
  /** Mean requests per second of the workload. */
  readonly average: number;
  /** Results that miss the goal. */
  readonly missing: readonly Eligible[];
  /** Results that keep the goal at a cost that is not known, with the least that it may be. */
  readonly unpriced: readonly Eligible[];
}

/** The cheapest of those that keep the goal, in one sentence with its runner-up and what would change the answer. */
export function recommend(
  eligible: readonly Eligible[],
  context: RecommendationContext,
): { readonly first: Eligible; readonly recommendation: Recommendation } | null {
  const [first, second] = [...eligible].sort((a, b) => a.exactUsd - b.exactUsd);
  if (first === undefined) return null;
  const { target, mode } = first.result;
  const because = [
    `${lead(first, context)}${runnerUp(first, second, context)}`,
    change(first, second, context),
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

function lead({ result, exactUsd }: Eligible, { slo }: RecommendationContext): string {
  const cost = `${result.monthlyCost !== null && result.monthlyCost.unknown.length > 0 ? "at least " : ""}${usd(exactUsd)} a month`;
  const goal =
    result.batch !== null
      ? ", the cheapest whose runs end before the next one"
      : slo === null
        ? ", the cheapest that carries the load"
        : `, the cheapest that keeps the SLO (p99 ${Math.round(result.latencyMs?.p99 ?? 0)} of ${Math.round(slo.p99Ms)} ms)`;
  return `${nameOf(result)} on ${result.sizingLabel ?? "its own size"}: ${cost}${goal}`;
}

function runnerUp(
  first: Eligible,
  second: Eligible | undefined,
  { missing, unpriced }: RecommendationContext,
): string {
  if (second !== undefined) {
    const more =
      first.exactUsd > 0 ? `, ${Math.round((second.exactUsd / first.exactUsd - 1) * 100)} % more` : "";
    return `; next is ${nameOf(second.result)} at ${usd(second.exactUsd)}${more}`;
  }
  const [cheapest] = [...missing].sort((a, b) => a.exactUsd - b.exactUsd);
  if (unpriced.length > 0) return "";
  return cheapest === undefined ? "; no other target can carry it" : "; all others miss it";
}

/** What may be cheaper, for all that is known. */
function maybe({ exactUsd }: Eligible, { unpriced }: RecommendationContext): string {
  const names = unpriced.filter((other) => other.exactUsd < exactUsd).map(({ result }) => nameOf(result));
  return names.length === 0
    ? ""
    : `${names.join(" and ")} may be cheaper, but ${names.length === 1 ? "lacks" : "lack"} a price in this region`;
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
  const parts = [
    ...(above === undefined
      ? []
      : [`above ${above.requestsPerSecond} requests/s on average ${above.between[1]} is cheaper`]),
    ...(below === undefined
      ? []
      : [`below ${below.requestsPerSecond} requests/s on average ${below.between[0]} is cheaper`]),
  ];
  const [cheaper] = missing
    .filter((other) => other.exactUsd < exactUsd)
    .sort((a, b) => a.exactUsd - b.exactUsd);
  if (cheaper !== undefined)
    parts.push(
      `with a looser SLO ${nameOf(cheaper.result)} at ${usd(cheaper.exactUsd)} would do (p99 ${Math.round(cheaper.result.latencyMs?.p99 ?? 0)} ms)`,
    );
  if (parts.length === 0 && second !== undefined && crossovers.length > 0)
    parts.push("no load up to ten times this changes that");
  return parts.join(", ");
}
