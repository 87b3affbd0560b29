import type { Arrivals, Workload } from "../workload/workload";
import type { CostCurve, Crossover } from "./comparison";
import { distanceTo, outcomeOf } from "./engine";
import type { Row } from "./feasibility";
import { lowestRange, type Sized, type SizingContext, smallestCount, withRange, withWarm } from "./sizing";

/**
 * Loads at which costs are computed, as multiples of the workload: nothing, and from a thousandth to ten times, so that
 * the busiest point is ten times the peak.
 */
export const FACTORS: readonly number[] = [0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10];

/**
 * Loads that are looked at between two points of the curves to find a crossing there, each where a line between the nearest
 * two would have it: costs are lines over load, with steps of one replica in them.
 */
const LOOKS = 2;

/** Where the interval begins at no load at all, its lower end in proportion to the upper. */
const NEARLY_IDLE = 0.01;

/** What a target costs in a month at a multiple of the load; null where it cannot carry that. */
export type CostAt = (factor: number) => number | null;

/** A target's cost over load, under the name that the document has for it. */
export interface Priced {
  readonly name: string;
  readonly target: string;
  readonly mode?: string;
  readonly costAt: CostAt;
}

/** The same load, `factor` times as much of it at each moment. */
export function scaled(workload: Workload, factor: number): Workload {
  const { arrivals } = workload;
  if (arrivals === null) return workload;
  const times: Arrivals = {
    ...arrivals,
    rates: arrivals.rates.map((rate) => rate * factor),
    average: arrivals.average * factor,
    peak: arrivals.peak * factor,
  };
  return { ...workload, arrivals: times };
}

/**
 * The cost of a row over load. Its size stays, and its replicas are found anew at each load, as they were for the workload
 * itself: constant, or in a range that the target's default policy moves. Where the manifest gives the range, that one holds
 * as long as it keeps the goal; beyond it the smallest count that does. Environments are kept warm where the goal needs it.
 * Where the goal is missed at the workload itself, replicas grow and shrink with the load.
 */
export function costOver(row: Row, { chosen }: Sized, context: SizingContext): CostAt {
  const known = new Map<number, number | null>([[1, chosen.bill.exactUsd]]);
  return (factor) => {
    const before = known.get(factor);
    if (before !== undefined) return before;
    const usd = costAt(row, chosen, { ...context, workload: scaled(context.workload, factor) }, factor);
    known.set(factor, usd);
    return usd;
  };
}

function costAt(row: Row, chosen: Sized["chosen"], context: SizingContext, factor: number): number | null {
  const { deployment } = row;
  const { label, capacity } = chosen.candidate;
  if (deployment === null) return null;
  const { workload, goal, simulator, billing } = context;
  const met = chosen.distance <= 1;
  if (capacity.kind === "replicas" && chosen.range !== null) {
    if (!met) {
      const replicas = Math.max(1, Math.ceil(chosen.range.max * factor));
      const sized = withRange(row, deployment, label, { min: replicas, max: replicas }, workload);
      if (sized === null) return null;
      return outcomeOf(sized.candidate, workload, sized.deployment.needs, simulator, billing).bill.exactUsd;
    }
    const near = Math.max(1, Math.ceil(chosen.range.max * factor));
    const constant = smallestCount(row, deployment, label, capacity, context, near);
    if (constant === null || constant.distance > 1) return null;
    const most = constant.range?.max ?? near;
    if (chosen.range.min === chosen.range.max) return constant.bill.exactUsd;
    const range = lowestRange(row, deployment, label, most, context);
    return Math.min(range?.bill.exactUsd ?? Infinity, constant.bill.exactUsd);
  }
  const candidate = deployment
    .candidates({ workload, scalingGiven: context.scalingGiven })
    ?.find((other) => other.label === label);
  if (candidate === undefined) return null;
  if (chosen.warm > 0) {
    const warm = withWarm(row, label, Math.max(1, Math.ceil(chosen.warm * factor)), context);
    return warm === null ? null : warm.bill.exactUsd;
  }
  const outcome = outcomeOf(candidate, workload, deployment.needs, simulator, billing);
  if (!met || distanceTo(goal, outcome.simulation, candidate.capacity) <= 1) return outcome.bill.exactUsd;
  if (candidate.capacity.kind === "replicas") {
    const constant = smallestCount(row, deployment, label, candidate.capacity, context, null);
    return constant === null || constant.distance > 1 ? null : constant.bill.exactUsd;
  }
  // Few requests meet many cold starts: one warm environment is what a small load needs.
  const warm = factor < 1 ? withWarm(row, label, 1, context) : null;
  return warm === null || warm.distance > 1 ? null : warm.bill.exactUsd;
}

/** The curves, in USD to the cent. */
export function curvesOf(rows: readonly Priced[], average: number): readonly CostCurve[] {
  return rows.map(({ target, mode, costAt: cost }) => ({
    target,
    ...(mode === undefined ? {} : { mode }),
    points: FACTORS.map((factor) => ({
      requestsPerSecond: significant(average * factor),
      usd: toCents(cost(factor)),
    })),
  }));
}

/**
 * Where one target becomes cheaper than another, for each pair, by load. Found between neighbouring points of the
 * curves, so that a pair that crosses twice between two points is taken not to cross there.
 */
export function crossoversOf(rows: readonly Priced[], average: number): readonly Crossover[] {
  const found: Crossover[] = [];
  for (const [index, first] of rows.entries()) {
    for (const second of rows.slice(index + 1)) {
      for (const { factor, cheaperBelow } of crossings(first.costAt, second.costAt)) {
        const [below, above] = cheaperBelow === "first" ? [first, second] : [second, first];
        const usd = above.costAt(factor);
        if (usd === null) continue;
        found.push({
          between: [below.name, above.name],
          requestsPerSecond: significant(average * factor),
          monthlyUsd: toCents(usd) ?? 0,
        });
      }
    }
  }
  return found.sort((a, b) => a.requestsPerSecond - b.requestsPerSecond);
}

interface Crossing {
  readonly factor: number;
  readonly cheaperBelow: "first" | "second";
}

/** Loads at which the difference of two costs changes its sign. */
export function crossings(first: CostAt, second: CostAt): readonly Crossing[] {
  const difference = (factor: number): number | null => {
    const [a, b] = [first(factor), second(factor)];
    return a === null || b === null ? null : a - b;
  };
  const found: Crossing[] = [];
  let last: Point | null = null;
  for (const factor of FACTORS) {
    const usd = difference(factor);
    // A gap in either curve is no place to look for a crossing.
    if (usd === null) last = null;
    if (usd === null || usd === 0) continue;
    const here: Point = { factor, usd };
    if (last !== null && Math.sign(last.usd) !== Math.sign(usd)) {
      const at = crossing(difference, last, here);
      found.push({ factor: at, cheaperBelow: last.usd < 0 ? "first" : "second" });
    }
    last = here;
  }
  return found;
}

interface Point {
  readonly factor: number;
  /** By how much the first is dearer. */
  readonly usd: number;
}

/** The load between two at which the sign changes. */
function crossing(difference: CostAt, from: Point, to: Point): number {
  let [low, high] = [from.factor === 0 ? { ...from, factor: to.factor * NEARLY_IDLE } : from, to];
  for (let look = 0; look < LOOKS; look++) {
    const factor = between(low, high);
    const usd = difference(factor);
    if (usd === null || usd === 0) return factor;
    if (Math.sign(usd) === Math.sign(low.usd)) low = { factor, usd };
    else high = { factor, usd };
  }
  return between(low, high);
}

/** Where a line through two points is zero. */
function between(low: Point, high: Point): number {
  return low.factor + ((high.factor - low.factor) * low.usd) / (low.usd - high.usd);
}

/** Three digits: what a load is known to. */
function significant(value: number): number {
  return Number(value.toPrecision(3));
}

function toCents(usd: number | null): number | null {
  return usd === null ? null : Math.round(usd * 100) / 100;
}
