import { limit } from "../../modules/aws/limits";
import { type Asked, type Row, rowsOf } from "../../modules/compare/feasibility";
import { goalOf } from "../../modules/compare/engine";
import type { SizingContext } from "../../modules/compare/sizing";
import { loadManifestValue } from "../../modules/manifest/load";
import { overlay } from "../../modules/manifest/overlay";
import { resolveManifest } from "../../modules/plan/resolve";
import { Duration } from "../../modules/units/duration";
import { z } from "../../modules/plugins/target-kit";
import { defineTarget, type Target } from "../../targets/target";
import { baseManifest, type Json } from "../support/synth";
import { HOURS_PER_MONTH, type ReplicaCapacity, type Simulation } from "../../modules/simulate/capacity";
import type { Simulator } from "../../modules/compare/engine";
import type { Month } from "../../modules/compare/target-comparison";
import type { PriceKey } from "../../modules/prices/items";
import { itemOf } from "../../modules/prices/items";
import type { Price } from "../../modules/prices/price";
import type { PriceBook } from "../../modules/prices/price-book";
import type { Workload } from "../../modules/workload/workload";

/**
 * A book with these prices, each with its tiers, in every region; nothing else is known.
 * @param elsewhere prices that are known in us-east-1 only.
 */
export function bookOf(
  prices: Readonly<Record<string, number | Price["tiers"]>>,
  elsewhere: Readonly<Record<string, number>> = {},
): PriceBook {
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
    price: (key, region) => {
      const nearest = elsewhere[key] === undefined ? undefined : bookOf(elsewhere).find(key, "us-east-1");
      const unknown = { unknown: true, key, region, reason: `no price of ${key} in ${region}` } as const;
      return find(key, region) ?? { ...unknown, ...(nearest === undefined ? {} : { nearest }) };
    },
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
    waitMs:
      requests === 0
        ? null
        : {
            mean: p99 - 100,
            p50: p99 - 100,
            p95: p99 - 100,
            p99: p99 - 100,
            probability: overloaded ? 1 : 0,
          },
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

/** A size of {@link boxes}. */
export interface Box {
  readonly label: string;
  readonly slots: number;
  /** USD per hour. */
  readonly hourly: number;
  /** What the target says of its cost beforehand; null where it says nothing. Default the truth. */
  readonly weight?: number | null;
  readonly p99?: number;
}

const some = (value: number) => limit(value, "things", "https://example.com", "2026-11-01");

/** A target that runs boxes, which it is billed for by the hour, and a fee for each million requests. */
export function boxes(sizes: readonly Box[], kind = "boxes"): Target {
  return defineTarget({
    kind,
    title: "Boxes",
    platform: "aws",
    useCase: "Tests.",
    strengths: ["simple"],
    weaknesses: ["not there"],
    options: z.strictObject({}),
    modes: {
      box: {
        summary: "Boxes.",
        architectures: ["x86_64"],
        gpu: some(0),
        cpu: some(64),
        memory: some(65_536),
        storage: some(0),
        payload: { request: some(1e9), response: some(1e9) },
        requestDuration: some(60),
        scaling: {
          policies: { "target-tracking": ["cpu"] },
          minimum: some(1),
          fallback: {
            type: "target-tracking",
            metric: "cpu",
            target: 70,
            scaleInCooldown: Duration.seconds(300),
            scaleOutCooldown: Duration.seconds(60),
          },
          instead: "nothing",
        },
        rollouts: ["rolling"],
        secrets: "injected",
        images: "any",
        artifacts: ["s3"],
        server: "free",
        dataCapture: false,
        public: false,
      },
    },
    modeOf: () => "box",
    codes: {},
    check: () => [],
    needs: () => ({ key: false, topic: false }),
    load: () => {
      throw new Error("nothing is synthesized");
    },
    loadComparison: () => ({
      candidates: ({ scaling }, { workload }) =>
        sizes.map(({ label, slots, hourly, p99 = 100, weight = hourly * HOURS_PER_MONTH }) => ({
          label,
          sizing: { box: label },
          capacity: {
            kind: "replicas",
            slots,
            serviceTime: { ...(workload.serviceTime ?? { p50: 100, mean: 100, scv: 0 }), p99 },
            overheadMs: 0,
            startupSeconds: 60,
            patienceSeconds: 60,
            scaling: {
              ...scaling,
              metricPeriodSeconds: 60,
              scaleOutPeriods: 3,
              scaleInPeriods: 15,
              metricDelaySeconds: 0,
              cpu: { perReplica: 1, perRequest: 1 / slots },
              memoryPercent: 100,
            },
          },
          weight,
          bill: (month) => [
            {
              name: `${label} boxes`,
              key: `ec2/instance/${label}`,
              quantity: month.averageReplicas * HOURS_PER_MONTH,
              basis: "provisioned",
            },
          ],
          figures: [],
        })),
    }),
  });
}

/** A row of a target for a small manifest, and what sizing it takes. */
export function sizingOf(
  sizes: readonly Box[],
  workload: Workload,
  manifest: Json = {},
): {
  readonly row: Row;
  readonly asked: Asked;
  readonly context: SizingContext;
  readonly simulator: ReturnType<typeof easySimulator>;
} {
  const target = boxes(sizes);
  const written = { workload: { requestsPerSecond: 1, serviceTime: { p50: "100ms", p99: "100ms" } } };
  const loaded = loadManifestValue(baseManifest({ ...written, ...manifest }), process.cwd());
  const { plan, issues } = resolveManifest(loaded, {
    environment: null,
    targets: ["all"],
    registry: [target],
  });
  if (plan === null) throw new Error(JSON.stringify(issues));
  const asked: Asked = {
    plan,
    data: overlay(loaded.source, null).data,
    registry: [target],
    load: { requests: true, batch: false },
  };
  const [row] = rowsOf(asked, ["boxes"]);
  if (row === undefined) throw new Error("no row");
  const simulator = easySimulator();
  const book = bookOf(
    Object.fromEntries(sizes.map(({ label, hourly }) => [`ec2/instance/${label}`, hourly])),
  );
  const context: SizingContext = {
    workload,
    goal: goalOf(workload, manifest.scaling !== undefined),
    scalingGiven: manifest.scaling !== undefined,
    simulator,
    billing: { plan, book, region: "eu-west-1", freeTier: false },
  };
  return { row, asked, context, simulator };
}
