import type { FoundationNeeds } from "../foundation/needs";
import type { EnvironmentPlan } from "../plan/plan";
import type { Capacity, Simulation } from "../simulate/capacity";
import type { Workload } from "../workload/workload";
import { type Bill, billOf, type BillOptions } from "./bill";
import { foundationCharges } from "./foundation-charges";
import type { Candidate, Month } from "./target-comparison";

/** What carries a workload through a capacity, and what a month of it brings. */
export interface Simulator {
  /** @param chart whether percentiles over time are needed; they take a while. */
  readonly simulate: (capacity: Capacity, workload: Workload, chart?: boolean) => Simulation;
  readonly monthOf: (simulation: Simulation, workload: Workload) => Month;
}

/** What the bill of a candidate needs beside the month. */
export interface Billing extends BillOptions {
  readonly plan: EnvironmentPlan;
}

/** A size under a load: what happened, and what it costs. */
export interface Outcome {
  readonly candidate: Candidate;
  readonly simulation: Simulation;
  readonly month: Month;
  readonly bill: Bill;
  /** What is paid for too and not on the bill, each with why. */
  readonly notCounted: readonly string[];
}

/** Simulates a size and prices the month. */
export function outcomeOf(
  candidate: Candidate,
  workload: Workload,
  needs: FoundationNeeds,
  { simulate, monthOf }: Simulator,
  billing: Billing,
): Outcome {
  const simulation = simulate(candidate.capacity, workload);
  const month = monthOf(simulation, workload);
  const own = candidate.bill(month);
  const { charges, notCounted } = foundationCharges(needs, billing.plan, own);
  return {
    candidate,
    simulation,
    month,
    bill: billOf([...own, ...charges], billing),
    notCounted,
  };
}

/** The share of requests that failed; a queue that only grows fails what it grows by. */
export function errorRateOf({ requests, failed, backlog }: Simulation): number {
  if (requests <= 0) return 0;
  const unserved = Math.max(0, backlog.end - backlog.start);
  return Math.min(1, (failed.timedOut + failed.throttled + unserved) / requests);
}

/** What a size must hold. */
export interface Goal {
  /** Latency in milliseconds; null where the manifest sets none. */
  readonly p99: number | null;
  readonly errorRate: number;
  /** Where the manifest sets no goal: most milliseconds that 99 % of the requests may wait for a replica. */
  readonly wait: number | null;
}

/** Share of requests that may fail where the manifest sets no goal; the manifest's own default beside a latency. */
const ERROR_RATE = 0.001;

/**
 * The goal of a manifest; without one, that a thousandth fails, and, where replicas are to be found, that waiting at most
 * doubles the 99th percentile.
 */
export function goalOf({ slo, serviceTime }: Workload, scalingGiven: boolean): Goal {
  return slo === null
    ? { p99: null, errorRate: ERROR_RATE, wait: scalingGiven ? null : (serviceTime?.p99 ?? null) }
    : { p99: slo.p99, errorRate: slo.errorRate, wait: null };
}

/** How far a simulation is from a goal: 1 at most where it is met; the worse of latency and errors. */
export function distanceTo(goal: Goal, simulation: Simulation, capacity: Capacity): number {
  if (simulation.batch !== null) return simulation.batch.fits ? 0 : 2;
  const errors = errorRateOf(simulation);
  const failing = errors === 0 ? 0 : goal.errorRate === 0 ? Infinity : errors / goal.errorRate;
  const served = simulation.requests - simulation.failed.timedOut - simulation.failed.throttled;
  if (served <= 0) return simulation.requests === 0 ? 0 : Infinity;
  const latency = goal.p99 === null ? 0 : (simulation.latencyMs?.p99 ?? 0) / goal.p99;
  // Requests only wait for replicas; environments are started instead, and a cold start is what they are.
  const waiting =
    goal.wait === null || goal.wait === 0 || capacity.kind !== "replicas"
      ? 0
      : (simulation.waitMs?.p99 ?? 0) / goal.wait;
  return Math.max(failing, latency, waiting);
}
