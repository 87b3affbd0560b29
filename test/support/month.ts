import type { Charge, Month } from "../../modules/compare/target-comparison";
import { isPriceKey } from "../../modules/prices/items";
import { openPriceBook } from "../../modules/prices/price-book";
import { costOf } from "../../modules/prices/price";
import { HOURS_PER_MONTH, type Simulation } from "../../modules/simulate/capacity";
import type { Arrivals, ServiceTime, Workload } from "../../modules/workload/workload";

const SECONDS = HOURS_PER_MONTH * 3600;

/** What a bill looks at, as a test sets it; what is absent is 0, and one replica runs. */
export interface MonthInput {
  readonly requests?: number;
  readonly served?: number;
  readonly bytesIn?: number;
  readonly bytesOut?: number;
  readonly replicas?: { readonly min: number; readonly average: number; readonly max: number };
  readonly busySeconds?: number;
  readonly provisionedSeconds?: number;
  readonly provisionedBusySeconds?: number;
  readonly onDemandBusySeconds?: number;
  readonly coldStartSeconds?: number;
  readonly batch?: Simulation["batch"];
}

/** A month as a simulation would have it, of a load that does not change. */
export function monthOf(input: MonthInput): Month {
  const requests = input.requests ?? 0;
  const served = input.served ?? requests;
  const replicas = input.replicas ?? { min: 1, average: 1, max: 1 };
  const { busySeconds = 0, provisionedSeconds = 0, provisionedBusySeconds = 0 } = input;
  const { onDemandBusySeconds = 0, coldStartSeconds = 0 } = input;
  return {
    requests,
    served,
    bytesIn: input.bytesIn ?? 0,
    bytesOut: input.bytesOut ?? 0,
    averageReplicas: replicas.average,
    hoursAtReplicas: new Map([[replicas.average, HOURS_PER_MONTH]]),
    busySeconds,
    provisionedSeconds,
    provisionedBusySeconds,
    onDemandBusySeconds,
    onDemandRequests: onDemandBusySeconds > 0 ? requests : 0,
    coldStartSeconds,
    peakRate: requests / SECONDS,
    averageRate: requests / SECONDS,
    simulation: {
      seconds: SECONDS,
      requests,
      failed: { timedOut: requests - served, throttled: 0 },
      backlog: { start: 0, end: 0 },
      latencyMs: null,
      waitMs: null,
      coldStarts: { requests: 0, fraction: 0, ms: 0 },
      replicas,
      secondsAtReplicas: new Map([[replicas.average, SECONDS]]),
      launches: 0,
      busySeconds,
      provisioned: { seconds: provisionedSeconds, busySeconds: provisionedBusySeconds },
      onDemand: { busySeconds: onDemandBusySeconds, coldStartSeconds, requests },
      series: { stepSeconds: SECONDS, arrivals: [], replicas: [], p99: [] },
      batch: input.batch ?? null,
    },
  };
}

/** A load that does not change. */
export function constant(rate: number): Arrivals {
  return {
    origin: "constant",
    rates: [rate],
    stepSeconds: 3600,
    start: 0,
    average: rate,
    peak: rate,
    assumption: null,
  };
}

/** Milliseconds that every request takes. */
export function always(ms: number): ServiceTime {
  return { p50: ms, p99: ms, mean: ms, scv: 0 };
}

/** A workload that says nothing but what a test needs. */
export function workload(changes: Partial<Workload> = {}): Workload {
  return {
    arrivals: constant(1),
    serviceTime: always(100),
    concurrency: 1,
    payload: null,
    slo: null,
    batch: null,
    ...changes,
  };
}

/** Name, key and quantity of each charge, quantities to nine digits: a bill as a test writes it down. */
export function lines(charges: readonly Charge[]): readonly (readonly [string, string, number])[] {
  return charges.map(({ name, key, quantity }) => [name, key, digits(quantity)]);
}

/** To nine significant digits. */
export function digits(value: number): number {
  return Number(value.toPrecision(9));
}

/** USD of charges whose prices modelport ships. */
export function usd(charges: readonly Charge[], region: string): number {
  const book = openPriceBook();
  return charges.reduce((sum, { key, quantity }) => {
    const price = book.find(key, region);
    if (price === undefined) throw new Error(`no price of ${key} in ${region}`);
    return sum + costOf(quantity, price).usd;
  }, 0);
}

/** What is wrong with charges whatever the month: a key that the book does not have, a quantity or a share out of range. */
export function faults(charges: readonly Charge[]): readonly string[] {
  return charges.flatMap(({ name, key, quantity, used = 1, basis }) => [
    ...(isPriceKey(key) ? [] : [`${name}: no key ${String(key)}`]),
    ...(Number.isFinite(quantity) && quantity > 0 ? [] : [`${name}: ${quantity}`]),
    ...(used >= 0 && used <= 1 ? [] : [`${name}: ${used} of it used`]),
    ...(basis === "on-demand" && used !== 1 ? [`${name}: on demand, and idle`] : []),
  ]);
}
