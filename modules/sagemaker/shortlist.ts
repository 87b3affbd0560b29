import type { SageMakerInstance } from "../aws/instances";
import type { EnvironmentPlan } from "../plan/plan";
import { type PriceKey, priceKey, type SageMakerUsage } from "../prices/items";
import { openPriceBook } from "../prices/price-book";
import { unitPrice } from "../prices/price";
import { HOURS_PER_MONTH } from "../simulate/capacity";
import type { Workload } from "../workload/workload";

/** Instance types that `compare` weighs, beside the one that the target would take by itself. */
const SHORTLIST = 12;

/** Types that carry the same, with the same GPUs; a dearer one differs in memory and in generation only. */
const ALIKE = 3;

/** What a price is looked up in where the region's own is not known: only ever for an order, never for a bill. */
const REFERENCE_REGION = "us-east-1";

/** Families whose CPU is rationed by credits: their service time depends on what was used before. */
const BURSTABLE = /^ml\.t\d/;

/** An instance type as a candidate. */
export interface Sized {
  readonly instance: SageMakerInstance;
  /** Requests that it works on at once. */
  readonly slots: number;
  /** USD of a month without a break, as far as modelport ships or derives a price; null where it does not. */
  readonly usdPerMonth: number | null;
}

/** What instance types are weighed for. */
export interface ShortlistOptions {
  readonly region: string;
  readonly usage: SageMakerUsage;
  /** Requests that an instance works on at once. */
  readonly slots: (instance: SageMakerInstance) => number;
  /** Requests that all instances together must work on at once. */
  readonly slotsNeeded: number;
  /** The type that the target takes where the manifest names none; it is always weighed. */
  readonly usual: SageMakerInstance | undefined;
}

/**
 * How many replicas' worth of `resources` an instance has, which one container is taken to use. 0 where it holds none.
 * Memory is the instance's own: SageMaker publishes no figure of what it keeps for itself.
 */
export function replicasOn(
  { vcpu, memoryGiB, gpus }: SageMakerInstance,
  { cpu, memory, gpu }: EnvironmentPlan["resources"],
): number {
  const byGpu = gpu > 0 ? gpus / gpu : Number.POSITIVE_INFINITY;
  return Math.floor(Math.min(vcpu / cpu, memoryGiB / memory.gibibytes, byGpu));
}

/**
 * What is to be said of an instance whose memory the replicas take to the last byte, which is more than they get; null
 * where something is left.
 */
export function tightMemory(
  { type, memoryGiB }: SageMakerInstance,
  { memory }: EnvironmentPlan["resources"],
  replicas: number,
): string | null {
  if (memoryGiB > memory.gibibytes * replicas) return null;
  return (
    `the ${memoryGiB} GiB of ${type} leave nothing beyond resources.memory` +
    `${replicas > 1 ? ` times ${replicas}` : ""}: SageMaker keeps some for itself and publishes no figure, so measure what the model takes`
  );
}

/** Whether a model can run on an instance type that nobody named: no chip that it was not compiled for, no idle GPU. */
export function isGeneral(
  { type, gpus, accelerators }: SageMakerInstance,
  { gpu }: EnvironmentPlan["resources"],
): boolean {
  return accelerators === 0 && (gpu > 0 ? gpus > 0 : gpus === 0) && !BURSTABLE.test(type);
}

/** Requests at work on average in the busiest step, at least 1. */
export function requestsAtWork({ arrivals, serviceTime }: Workload): number {
  return Math.max(1, ((arrivals?.peak ?? 0) * (serviceTime?.mean ?? 0)) / 1000);
}

/** Prices that modelport ships or derives; a project's own are for the bill. */
let book: ReturnType<typeof openPriceBook> | undefined;

/** USD for the first unit of a month; null where no price is known in the region. */
export function knownPrice(key: PriceKey, region: string): number | null {
  book ??= openPriceBook();
  const price = book.find(key, region);
  return price === undefined ? null : unitPrice(price);
}

/** USD of an instance for a month without a break; null where no price is known in the region. */
export function monthlyPrice(type: string, usage: SageMakerUsage, region: string): number | null {
  const hourly = knownPrice(priceKey.sageMakerInstance(type, usage), region);
  return hourly === null ? null : hourly * HOURS_PER_MONTH;
}

/**
 * The instance types that carry a load cheapest, by what one of them costs: at most {@link SHORTLIST} with the lowest price
 * for each request at once, {@link ALIKE} of those that carry the same, none more than twice as large as the load needs;
 * and the usual one. Types without a price in the region come last, in the order of their prices elsewhere.
 */
export function shortlist(
  instances: readonly SageMakerInstance[],
  { region, usage, slots, slotsNeeded, usual }: ShortlistOptions,
): readonly Sized[] {
  const all = instances.map((instance) => {
    const usdPerMonth = monthlyPrice(instance.type, usage, region);
    const order = usdPerMonth ?? monthlyPrice(instance.type, usage, REFERENCE_REGION);
    const carried = slots(instance);
    const each = order ?? Number.POSITIVE_INFINITY;
    // Prices of a family are multiples of each other but for the last digits, which decide nothing.
    return {
      instance,
      slots: carried,
      usdPerMonth,
      order: each,
      perSlot: Number((each / carried).toPrecision(3)),
    };
  });
  type Weighed = (typeof all)[number];
  const smallest = Math.min(...all.map((each) => each.slots));
  const most = 2 * Math.max(slotsNeeded, smallest);
  const unpriced = ({ usdPerMonth }: Weighed) => (usdPerMonth === null ? 1 : 0);
  const byName = (a: Weighed, b: Weighed) => (a.instance.type < b.instance.type ? -1 : 1);
  const byPrice = (a: Weighed, b: Weighed) =>
    unpriced(a) - unpriced(b) || ascending(a.order, b.order) || byName(a, b);
  const chosen = all
    .filter((each) => each.slots <= most)
    .sort((a, b) => unpriced(a) - unpriced(b) || ascending(a.perSlot, b.perSlot) || byPrice(a, b))
    .filter(few(({ instance, slots: carried }: Weighed) => `${carried} ${instance.gpuName ?? ""}`))
    .slice(0, SHORTLIST);
  const own = all.find(({ instance }) => instance.type === usual?.type);
  return [...new Set(own === undefined ? chosen : [...chosen, own])]
    .sort(byPrice)
    .map(({ instance, slots: carried, usdPerMonth }) => ({ instance, slots: carried, usdPerMonth }));
}

/** Keeps the first {@link ALIKE} of each kind. */
function few<T>(kind: (each: T) => string): (each: T) => boolean {
  const counts = new Map<string, number>();
  return (each) => {
    const count = (counts.get(kind(each)) ?? 0) + 1;
    counts.set(kind(each), count);
    return count <= ALIKE;
  };
}

/** Two unknown prices are the same. */
function ascending(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
