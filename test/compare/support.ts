import { HOURS_PER_MONTH, type ReplicaCapacity, type Simulation } from "../../modules/simulate/capacity";
import type { Simulator } from "../../modules/compare/engine";
import type { Month } from "../../modules/compare/target-comparison";
import type { PriceKey } from "../../modules/prices/items";
import { itemOf } from "../../modules/prices/items";
import type { Price } from "../../modules/prices/price";
import type { PriceBook } from "../../modules/prices/price-book";
import type { Workload } from "../../modules/workload/workload";

/** A book with these prices, each with its tiers, in every region; nothing else is known. */
export function bookOf(prices: Readonly<Record<string, number | Price["tiers"]>>): PriceBook {
  const find = (key: PriceKey, region: string): Price | undefined => {
    const tiers = prices[key];
    if (tiers === undefined) return undefined;
    return {
      key,
      region,
      unit: itemOf(key).unit,
      tiers: typeof tiers === "number" ? [{ upTo: null, usd: tiers }] : tiers,
      status: "published",
      confidence: "high",
      layer: "shipped",
      source: "test",
      asOf: "2026-11-01",
    };
  };
  return {
    find,
    price: (key, region) =>
      find(key, region) ?? { unknown: true, key, region, reason: `no price of ${key} in ${region}` },
  };
}

/** Requests that come evenly, each of 100 ms. */
export function steady(rate: number, changes: Partial<Workload> = {}): Workload {
  return {
    arrivals: {
      origin: "constant",
      rates: [rate],
      stepSeconds: 3600,
      start: 0,
      average: rate,
      peak: rate,
      assumption: null,
    },
    serviceTime: { p50: 100, p99: 100, mean: 100, scv: 0 },
    concurrency: 1,
    payload: null,
    slo: { p99: 500, errorRate: 0.001 },
    batch: null,
    ...changes,
  };
}

/** The same with half of the day at one rate and half at another. */
export function dayAndNight(night: number, day: number, changes: Partial<Workload> = {}): Workload {
  const { arrivals } = steady(night);
  if (arrivals === null) throw new Error("steady has arrivals");
  return steady(night, {
    ...changes,
    arrivals: {
      ...arrivals,
      origin: "hourly",
      rates: [night, day],
      stepSeconds: 43_200,
      average: (night + day) / 2,
      peak: day,
    },
  });
}

/**
 * A simulator that is easy to follow: replicas keep up as long as no more than 0.8 of their slots are busy at once, else
 * requests take ten seconds; a range follows the load without delay. It counts how often it is asked.
 */
export function easySimulator(): Simulator & { readonly calls: () => number } {
  let calls = 0;
  return {
    calls: () => calls,
    simulate: (capacity, workload) => {
      calls++;
      if (capacity.kind !== "replicas") throw new Error("replicas only");
      return easySimulation(capacity, workload);
    },
    monthOf,
  };
}

function easySimulation(capacity: ReplicaCapacity, { arrivals }: Workload): Simulation {
  const rates = arrivals?.rates ?? [0];
  const { min, max } = capacity.scaling;
  const perReplica = (capacity.slots * 0.8) / (capacity.serviceTime.mean / 1000);
  const counts = rates.map((rate) => Math.min(max, Math.max(min, Math.ceil(rate / perReplica - 1e-9))));
  const overloaded = rates.some((rate, step) => rate > perReplica * (counts[step] ?? 0) + 1e-9);
  const p99 = overloaded ? 10_000 : capacity.serviceTime.p99 + capacity.overheadMs;
  const seconds = 86_400;
  const average = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const at = new Map<number, number>();
  for (const count of counts) at.set(count, (at.get(count) ?? 0) + seconds / counts.length);
  const requests = (arrivals?.average ?? 0) * seconds;
  return {
    seconds,
    requests,
    failed: { timedOut: 0, throttled: 0 },
    backlog: { start: 0, end: 0 },
    latencyMs: requests === 0 ? null : { mean: p99, p50: p99, p95: p99, p99 },
    waitMs: null,
    coldStarts: { requests: 0, fraction: 0, ms: 0 },
    replicas: { min: Math.min(...counts), average, max: Math.max(...counts) },
    secondsAtReplicas: at,
    launches: 0,
    busySeconds: (requests * capacity.serviceTime.mean) / 1000,
    provisioned: { seconds: 0, busySeconds: 0 },
    onDemand: { busySeconds: 0, coldStartSeconds: 0, requests: 0 },
    series: { stepSeconds: 3600, arrivals: [], replicas: [], p99: [] },
    batch: null,
  };
}

function monthOf(simulation: Simulation, workload: Workload): Month {
  const factor = (HOURS_PER_MONTH * 3600) / simulation.seconds;
  const requests = simulation.requests * factor;
  return {
    requests,
    served: requests,
    bytesIn: 0,
    bytesOut: 0,
    averageReplicas: simulation.replicas.average,
    hoursAtReplicas: new Map(
      [...simulation.secondsAtReplicas].map(([count, seconds]) => [count, (seconds * factor) / 3600]),
    ),
    busySeconds: simulation.busySeconds * factor,
    provisionedSeconds: 0,
    provisionedBusySeconds: 0,
    onDemandBusySeconds: 0,
    onDemandRequests: 0,
    coldStartSeconds: 0,
    peakRate: workload.arrivals?.peak ?? 0,
    averageRate: workload.arrivals?.average ?? 0,
    simulation,
  };
}
