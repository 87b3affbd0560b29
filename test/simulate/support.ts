import { Duration } from "../../modules/units/duration";
import type { ScalingMetric, ScalingPolicy } from "../../modules/manifest/schema";
import type {
  EnvironmentCapacity,
  ReplicaCapacity,
  ReplicaScaling,
  Simulation,
} from "../../modules/simulate/capacity";
import { serviceTimeOf } from "../../modules/workload/service-time";
import { REFERENCE_MONDAY } from "../../modules/workload/arrivals";
import type { Workload } from "../../modules/workload/workload";
import type { EventLoad, EventMinute } from "../support/event-simulator";
import { workload } from "../support/month";

/** How far a value is from the expected one, as a share of that. */
export function off(value: number, expected: number): number {
  return Math.abs(value - expected) / Math.abs(expected);
}

/** Replicas that nothing moves, of one slot, and requests of 45 to 120 ms that wait as long as it takes. */
export function replicasOf(count: number, changes: Partial<ReplicaCapacity> = {}): ReplicaCapacity {
  return {
    kind: "replicas",
    slots: 1,
    serviceTime: serviceTimeOf(45, 120),
    overheadMs: 0,
    startupSeconds: 0,
    scaling: scalingOf(count, count, []),
    patienceSeconds: null,
    ...changes,
  };
}

/** As Application Auto Scaling measures; a request keeps one of four vCPUs busy. */
export function scalingOf(
  min: number,
  max: number,
  policies: readonly ScalingPolicy[],
  changes: Partial<ReplicaScaling> = {},
): ReplicaScaling {
  return {
    min,
    max,
    policies,
    metricPeriodSeconds: 60,
    scaleOutPeriods: 3,
    scaleInPeriods: 15,
    metricDelaySeconds: 60,
    cpu: { perReplica: 4, perRequest: 1 },
    memoryPercent: 50,
    ...changes,
  };
}

export function environmentsOf(changes: Partial<EnvironmentCapacity> = {}): EnvironmentCapacity {
  return {
    kind: "environments",
    serviceTime: serviceTimeOf(100, 250),
    overheadMs: 0,
    coldStartMs: 2000,
    keepAliveSeconds: 300,
    maxConcurrency: 1000,
    startsPerSecond: null,
    provisioned: { startupSeconds: 0, scaling: scalingOf(0, 0, []) },
    ...changes,
  };
}

export function tracking(metric: ScalingMetric, target: number, inSeconds = 300, outSeconds = 60) {
  return {
    type: "target-tracking",
    metric,
    target,
    scaleInCooldown: Duration.seconds(inSeconds),
    scaleOutCooldown: Duration.seconds(outSeconds),
  } as const satisfies ScalingPolicy;
}

/** A workload of so many requests per second, step by step, over and over. */
export function loadOf(rates: readonly number[], stepSeconds: number, start = REFERENCE_MONDAY): Workload {
  return workload({
    arrivals: {
      origin: "trace",
      rates,
      stepSeconds,
      start,
      average: rates.reduce((sum, rate) => sum + rate, 0) / rates.length,
      peak: Math.max(...rates),
      assumption: null,
    },
  });
}

/** The same for the referee. */
export function eventsOf({ arrivals }: Workload, settle: number, seconds: number, seed: number): EventLoad {
  const { rates, stepSeconds, peak } = arrivals ?? { rates: [], stepSeconds: 1, peak: 0 };
  const period = rates.length * stepSeconds;
  const { floor } = Math;
  const rate = (time: number) => rates[floor((((time % period) + period) % period) / stepSeconds)] ?? 0;
  return { rate, highest: peak, settle, seconds, seed };
}

/**
 * Target tracking on the share of busy slots, in percent, as its alarms are known, written apart from the one under test: a list
 * of what each minute showed, in which the last three must be above the target to add and the last fifteen below 90 % of it
 * to remove. Nothing is removed while something starts, nor within a cooldown.
 */
export function playedTracking(
  { min, max, metricDelaySeconds, metricPeriodSeconds }: ReplicaScaling,
  { target, scaleInCooldown, scaleOutCooldown }: ReturnType<typeof tracking>,
  valueOf: (minute: EventMinute) => number = ({ utilization }) => utilization * 100,
): (minute: EventMinute) => number {
  const shown: (number | null)[] = [];
  const late = metricDelaySeconds / metricPeriodSeconds;
  let [grown, shrunk] = [-Infinity, -Infinity];
  return (minute) => {
    const { now, ready, wanted } = minute;
    shown.push(ready === 0 ? null : valueOf(minute));
    const seen = shown.slice(0, shown.length - late);
    const value = seen.at(-1) ?? null;
    const all = (periods: number, holds: (one: number) => boolean): boolean =>
      seen.length >= periods && seen.slice(-periods).every((one) => one !== null && holds(one));
    if (value === null) return wanted;
    const needed = Math.min(max, Math.max(min, Math.ceil(ready * (value / target) - 1e-9)));
    if (all(3, (one) => one > target) && needed > wanted) {
      grown = now;
      shrunk = -Infinity;
      return needed;
    }
    const resting = now < grown + scaleOutCooldown.seconds || now < shrunk + scaleInCooldown.seconds;
    if (all(15, (one) => one < target * 0.9) && !resting && wanted === ready && needed < wanted) {
      shrunk = now;
      return needed;
    }
    return wanted;
  };
}

/** The mean of some figure over runs that differ in their seed. */
export function meanOver<T>(runs: readonly T[], of: (run: T) => number): number {
  return runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
}

/** The highest of a chart's values. */
export function highest(values: Simulation["series"]["p99"]): number {
  return values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
}
