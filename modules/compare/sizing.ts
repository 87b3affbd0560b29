import type { PlannedScaling, TargetPlan } from "../plan/plan";
import type { ReplicaCapacity } from "../simulate/capacity";
import type { Workload } from "../workload/workload";
import type { TargetDeployment } from "../../targets/target";
import { type Billing, distanceTo, type Goal, type Outcome, outcomeOf, type Simulator } from "./engine";
import type { Row } from "./feasibility";
import type { Candidate } from "./target-comparison";

/** Sizes of one target that are simulated at most; the others are dearer from the start, by their weight. */
const MOST_SIZES = 8;
/** Replicas of one target, at most; more than any quota grants. */
const MOST_REPLICAS = 10_000;
/** Sizes that an autoscaled range is looked for, from the cheapest constant count on. */
const RANGED_SIZES = 2;
/** Below this much of a peak over the average nothing is gained by scaling. */
const FLAT = 1.05;

/** A range of replicas; constant where both are the same. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** A size that was tried. */
export interface Tried extends Outcome {
  /** How many replicas `compare` chose; null where the manifest or the target says. */
  readonly range: Range | null;
  /** Environments that `compare` keeps warm; 0 where none, or where the manifest says. */
  readonly warm: number;
  /** 1 or less where the goal is met. */
  readonly distance: number;
}

/** The size that a target takes, and what else was tried. */
export interface Sized {
  readonly chosen: Tried;
  /** Best first, the chosen one left out. */
  readonly others: readonly Tried[];
}

/** What sizing works with. */
export interface SizingContext {
  readonly workload: Workload;
  readonly goal: Goal;
  /** Whether the manifest says how many replicas there are. */
  readonly scalingGiven: boolean;
  readonly simulator: Simulator;
  readonly billing: Billing;
}

/**
 * The order of preference: what meets the goal by its cost, then what comes nearest to it. A bill that lacks more
 * prices comes after one that lacks fewer: it would seem cheap for what is not in it.
 */
export function better(a: Tried, b: Tried): number {
  const met = (one: Tried) => one.distance <= 1;
  if (met(a) !== met(b)) return met(a) ? -1 : 1;
  // What the foundation has no price for is the same for each size.
  const unknown = (one: Tried) => one.bill.cost.unknown.length;
  if (unknown(a) !== unknown(b)) return unknown(a) - unknown(b);
  if (!met(a) && a.distance !== b.distance) return a.distance - b.distance;
  return a.bill.exactUsd - b.bill.exactUsd;
}

/** The cheapest size of a row that keeps the goal, else the one that comes nearest; null where it has no size at all. */
export function sizeOf(row: Row, context: SizingContext): Sized | null {
  const { deployment } = row;
  if (deployment === null) return null;
  const { workload, scalingGiven } = context;
  const candidates = deployment.candidates({ workload, scalingGiven }) ?? [];
  const tried: Tried[] = [];
  const rest = ranked(candidates, workload);
  for (const { candidate, leastUsd } of rest) {
    const best = [...tried].sort(better)[0];
    const dearer = best !== undefined && best.distance <= 1 && leastUsd >= best.bill.exactUsd;
    if (dearer || new Set(tried.map(({ candidate: { label } }) => label)).size >= MOST_SIZES) continue;
    tried.push(...carry(row, deployment, candidate, context));
  }
  tried.push(...ranges(row, deployment, tried, context));
  const [chosen, ...others] = [...tried].sort(better);
  return chosen === undefined ? null : { chosen, others };
}

/** Candidates with the least that a month of them can cost, cheapest first. */
function ranked(
  candidates: readonly Candidate[],
  workload: Workload,
): readonly { readonly candidate: Candidate; readonly leastUsd: number }[] {
  return candidates
    .map((candidate) => ({
      candidate,
      // Only what always runs has a least bill; the others are put in order by their weight alone.
      leastUsd:
        candidate.capacity.kind === "replicas"
          ? (candidate.weight ?? 0) * leastReplicas(candidate.capacity, workload)
          : 0,
    }))
    .sort(
      (a, b) =>
        // What nothing is known of comes last.
        Number(a.candidate.weight === null) - Number(b.candidate.weight === null) ||
        a.leastUsd - b.leastUsd ||
        (a.candidate.weight ?? 0) - (b.candidate.weight ?? 0),
    );
}

/** Replicas that the average load keeps busy: fewer cannot serve everything, however they are moved. */
function leastReplicas(capacity: ReplicaCapacity, { arrivals }: Workload): number {
  if (arrivals === null) return 1;
  const busy = (arrivals.average * capacity.serviceTime.mean) / 1000 / capacity.slots;
  return Math.max(capacity.scaling.wakeSeconds === undefined ? 1 : 0, busy);
}

/** What of one size is worth trying without moving its replicas. */
function carry(
  row: Row,
  deployment: TargetDeployment,
  candidate: Candidate,
  context: SizingContext,
): readonly Tried[] {
  const { capacity, label } = candidate;
  if (capacity.kind === "replicas" && !context.scalingGiven) {
    const found = smallestCount(row, deployment, label, capacity, context, null);
    if (found !== null) return [found];
  }
  const plain = tryOut(deployment, candidate, context, { range: null, warm: 0 });
  if (capacity.kind !== "environments" || capacity.provisioned.scaling.max > 0 || plain.distance <= 1)
    return [plain];
  const warm = smallestWarm(row, label, plain, context);
  return warm === null ? [plain] : [plain, warm];
}

function tryOut(
  deployment: TargetDeployment,
  candidate: Candidate,
  { workload, goal, simulator, billing }: SizingContext,
  chosen: Pick<Tried, "range" | "warm">,
): Tried {
  const outcome = outcomeOf(candidate, workload, deployment.needs, simulator, billing);
  return { ...outcome, ...chosen, distance: distanceTo(goal, outcome.simulation, candidate.capacity) };
}

/** The same size with another range of replicas, moved by the target's default policy where the range is open. */
export function withRange(
  row: Row,
  { plan }: TargetDeployment,
  label: string,
  { min, max }: Range,
  workload: Workload,
): { readonly deployment: TargetDeployment; readonly candidate: Candidate } | null {
  const { fallback } = row.capabilities.scaling;
  if (max > min && fallback === null) return null;
  const scaling: TargetPlan<unknown>["scaling"] = {
    ...({ min, max } satisfies PlannedScaling),
    policies: max > min && fallback !== null ? [fallback] : [],
  };
  const deployment = row.target.deployment({ ...plan, scaling });
  const candidate = deployment
    .candidates({ workload, scalingGiven: true })
    ?.find((other) => other.label === label);
  if (candidate?.capacity.kind !== "replicas") return null;
  // A target that moves nothing, or moves several pools at once, is not sized by a range.
  const { scaling: own } = candidate.capacity;
  return own.min === min && own.max === max ? { deployment, candidate } : null;
}

/**
 * The smallest constant count that keeps the goal, by doubling steps from the count that the peak keeps busy, and halving
 * them back; where no count does, the one from which more replicas no longer help.
 * @param near where to start from instead; null for the peak.
 */
export function smallestCount(
  row: Row,
  deployment: TargetDeployment,
  label: string,
  capacity: ReplicaCapacity,
  context: SizingContext,
  near: number | null,
): Tried | null {
  const { workload, goal } = context;
  const rate = (workload.arrivals?.peak ?? 0) * (capacity.serviceTime.mean / 1000);
  const least = Math.max(1, Math.ceil(leastReplicas(capacity, workload)));
  const start = Math.min(MOST_REPLICAS, Math.max(least, near ?? Math.floor(rate / capacity.slots) + 1));
  const known = new Map<number, Tried | null>();
  const at = (replicas: number): Tried | null => {
    const before = known.get(replicas);
    if (before !== undefined) return before;
    const range = { min: replicas, max: replicas };
    const sized = withRange(row, deployment, label, range, workload);
    const tried =
      sized === null ? null : tryOut(sized.deployment, sized.candidate, context, { range, warm: 0 });
    known.set(replicas, tried);
    return tried;
  };
  const meets = (replicas: number) => (at(replicas)?.distance ?? Infinity) <= 1;
  // More replicas shorten the wait, never the work.
  const alone = capacity.serviceTime.p99 + capacity.overheadMs;
  if (goal.p99 !== null && alone > goal.p99) return at(start);
  let failing = least - 1;
  let met: number | null = null;
  if (meets(start)) {
    met = start;
    for (let step = 1; met - step >= least; step *= 2) {
      if (!meets(met - step)) {
        failing = met - step;
        break;
      }
      met -= step;
    }
  } else {
    failing = start;
    for (let step = 1; failing < MOST_REPLICAS && met === null; step *= 2) {
      const next = Math.min(MOST_REPLICAS, failing + step);
      if (meets(next)) met = next;
      // Long queues look alike, however long; but where half of the replicas idle at the peak, there are none.
      else if (failing * capacity.slots > 2 * rate + 2 && hopeless(at(failing), at(next))) return at(failing);
      else failing = next;
    }
    if (met === null) return at(failing);
  }
  while (met - failing > 1) {
    const middle = Math.floor((met + failing) / 2);
    if (meets(middle)) met = middle;
    else failing = middle;
  }
  return at(met);
}

/** Whether twice the step made nothing better. */
function hopeless(fewer: Tried | null, more: Tried | null): boolean {
  if (fewer === null || more === null) return true;
  return Number.isFinite(fewer.distance) && more.distance > fewer.distance * 0.995;
}

/** Ranges below the constant counts that were found, where the load leaves quiet hours to save in. */
function ranges(
  row: Row,
  deployment: TargetDeployment,
  tried: readonly Tried[],
  context: SizingContext,
): readonly Tried[] {
  const { arrivals } = context.workload;
  if (context.scalingGiven || arrivals === null || arrivals.peak <= arrivals.average * FLAT) return [];
  return tried
    .filter(({ range, distance }) => range !== null && distance <= 1)
    .sort(better)
    .slice(0, RANGED_SIZES)
    .flatMap(({ range, candidate }) => {
      const found = range === null ? null : lowestRange(row, deployment, candidate.label, range.max, context);
      return found === null ? [] : [found];
    });
}

/** The range up to `max` with the lowest minimum that keeps the goal; null where only the constant count does. */
export function lowestRange(
  row: Row,
  deployment: TargetDeployment,
  label: string,
  max: number,
  context: SizingContext,
): Tried | null {
  const lowest = Math.ceil(row.capabilities.scaling.minimum.value);
  const at = (min: number): Tried | null => {
    const range = { min, max };
    const sized = withRange(row, deployment, label, range, context.workload);
    return sized === null ? null : tryOut(sized.deployment, sized.candidate, context, { range, warm: 0 });
  };
  if (lowest >= max) return null;
  // Mostly the policy does all of it, from the very lowest on.
  const first = at(lowest);
  if (first === null || first.distance <= 1) return first;
  let best: Tried | null = null;
  let [low, high] = [lowest + 1, max - 1];
  while (low <= high) {
    const min = Math.floor((low + high) / 2);
    const tried = at(min);
    if (tried !== null && tried.distance <= 1) {
      best = tried;
      high = min - 1;
    } else low = min + 1;
  }
  return best;
}

/** The fewest environments that must be kept warm; null where the target keeps none, or none are enough. */
function smallestWarm(row: Row, label: string, plain: Tried, context: SizingContext): Tried | null {
  const { workload, goal } = context;
  const { capacity } = plain.candidate;
  if (goal.p99 === null || capacity.kind !== "environments") return null;
  if (capacity.serviceTime.p99 + capacity.overheadMs > goal.p99) return null;
  const busy = ((workload.arrivals?.peak ?? 0) * capacity.serviceTime.mean) / 1000;
  // So many are hardly ever busy at once (a normal tail of the Poisson number, six deviations out).
  const most = Math.ceil(busy + 6 * Math.sqrt(busy) + 1);
  const at = (warm: number) => withWarm(row, label, warm, context);
  let met = at(most);
  if (met === null || met.distance > 1) return null;
  let [failing, enough] = [0, most];
  while (enough - failing > Math.max(1, enough * 0.02)) {
    const middle = Math.floor((failing + enough) / 2);
    const tried = at(middle);
    if (tried !== null && tried.distance <= 1) [met, enough] = [tried, middle];
    else failing = middle;
  }
  return met;
}

/** A size with environments kept warm; null where the target has no such option, or refuses it. */
export function withWarm(row: Row, label: string, warm: number, context: SizingContext): Tried | null {
  const load = { workload: context.workload, scalingGiven: context.scalingGiven };
  const most = row.deployment?.candidates(load)?.find((other) => other.label === label)?.sizing[
    "maxConcurrency"
  ];
  const deployment = row.withOptions({
    provisionedConcurrency: warm,
    // Found for this load, and perhaps more than the target's default, below which what is kept warm must stay.
    ...(most === undefined ? {} : { maxConcurrency: most }),
  });
  const candidate = deployment?.candidates(load)?.find((other) => other.label === label);
  if (deployment === null || candidate?.capacity.kind !== "environments") return null;
  if (candidate.capacity.provisioned.scaling.max !== warm) return null;
  return tryOut(deployment, candidate, context, { range: null, warm });
}
