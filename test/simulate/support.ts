import type { ScalingPolicy } from "../../modules/manifest/schema";
import type {
  EnvironmentCapacity,
  ReplicaCapacity,
  ReplicaScaling,
  Simulation,
} from "../../modules/simulate/capacity";
import { Duration } from "../../modules/units/duration";
import { constantArrivals } from "../../modules/workload/arrivals";
import { serviceTimeOf } from "../../modules/workload/service-time";
import type { Arrivals, Workload } from "../../modules/workload/workload";
import type { EventPolicy } from "../support/event-simulator";

/** Requests per second by hour, or by steps of another length. */
export function arrivalsOf(rates: readonly number[], stepSeconds = 3600): Arrivals {
  return {
    ...constantArrivals(0),
    origin: "hourly",
    rates,
    stepSeconds,
    average: rates.reduce((sum, rate) => sum + rate, 0) / rates.length,
    peak: Math.max(...rates),
  };
}

export function workloadOf(arrivals: Arrivals | number): Workload {
  return {
    arrivals: typeof arrivals === "number" ? constantArrivals(arrivals) : arrivals,
    serviceTime: serviceTimeOf(100, 300),
    concurrency: 1,
    payload: null,
    slo: null,
    batch: null,
  };
}

export const tracking = (
  target: number,
  metric: Extract<ScalingPolicy, { type: "target-tracking" }>["metric"] = "cpu",
  cooldowns: { readonly in?: number; readonly out?: number } = {},
): ScalingPolicy => ({
  type: "target-tracking",
  metric,
  target,
  scaleInCooldown: Duration.seconds(cooldowns.in ?? 300),
  scaleOutCooldown: Duration.seconds(cooldowns.out ?? 60),
});

export function scalingOf(scaling: Partial<ReplicaScaling> = {}): ReplicaScaling {
  return {
    min: 1,
    max: 1,
    policies: [],
    metricPeriodSeconds: 60,
    scaleOutPeriods: 3,
    scaleInPeriods: 15,
    metricDelaySeconds: 0,
    cpu: { perReplica: 4, perRequest: 1 },
    memoryPercent: 40,
    ...scaling,
  };
}

export function replicasOf(
  capacity: Partial<Omit<ReplicaCapacity, "scaling">> & { readonly scaling?: Partial<ReplicaScaling> } = {},
): ReplicaCapacity {
  return {
    kind: "replicas",
    slots: 4,
    serviceTime: serviceTimeOf(100, 300),
    overheadMs: 0,
    startupSeconds: 250,
    patienceSeconds: 60,
    ...capacity,
    scaling: scalingOf(capacity.scaling),
  };
}

export function environmentsOf(
  capacity: Partial<Omit<EnvironmentCapacity, "provisioned">> & {
    readonly scaling?: Partial<ReplicaScaling>;
    readonly startupSeconds?: number;
  } = {},
): EnvironmentCapacity {
  const { scaling, startupSeconds = 90, ...rest } = capacity;
  return {
    kind: "environments",
    serviceTime: serviceTimeOf(200, 600),
    overheadMs: 0,
    coldStartMs: 2000,
    keepAliveSeconds: 600,
    maxConcurrency: 1000,
    startsPerSecond: null,
    ...rest,
    provisioned: {
      startupSeconds,
      scaling: scalingOf({ min: 0, max: 0, cpu: { perReplica: 1, perRequest: 1 }, ...scaling }),
    },
  };
}

/** The rate of a load at a time, for the referee. */
export function rateAt({ rates, stepSeconds }: Arrivals): (time: number) => number {
  const period = rates.length * stepSeconds;
  return (time) => rates[Math.floor((((time % period) + period) % period) / stepSeconds)] ?? 0;
}

/** Target tracking on CPU, written once more for the referee, as AWS describes it. */
export function trackCpu(
  target: number,
  { min, max, cooldownIn = 300, cooldownOut = 60 }: Record<"min" | "max", number> & Record<string, number>,
): EventPolicy["decide"] {
  let [high, low, grown, shrunk] = [0, 0, -Infinity, -Infinity];
  return ({ now, utilization, ready, wanted }) => {
    const percent = utilization * 100;
    high = percent > target ? high + 1 : 0;
    low = percent < target * 0.9 ? low + 1 : 0;
    const needed = Math.min(max, Math.max(min, Math.ceil((ready * percent) / target)));
    if (high >= 3 && needed > wanted) {
      grown = now;
      return needed;
    }
    const calm = now - shrunk >= cooldownIn && now - grown >= cooldownOut;
    if (low >= 15 && wanted === ready && calm && needed < wanted) {
      shrunk = now;
      return needed;
    }
    return wanted;
  };
}

/** Requests that were answered. */
export function servedOf({ requests, failed, backlog }: Simulation): number {
  return requests - failed.timedOut - failed.throttled - (backlog.end - backlog.start);
}

/** How far a value is from the referee's, as a share of it. */
export const off = (value: number, referee: number): number => Math.abs(value / referee - 1);
