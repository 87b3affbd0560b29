import type { Charge, Month } from "../compare/target-comparison";
import type { PriceKey } from "../prices/items";
import { openPriceBook } from "../prices/price-book";
import { HOURS_PER_MONTH } from "../simulate/capacity";

/** Bytes of a GB, as AWS bills memory, storage and transfer: its tiers end at multiples of 1,024. */
export const GB = 2 ** 30;

const SECONDS_PER_HOUR = 3600;

/** Seconds of a month. */
export const SECONDS_PER_MONTH = HOURS_PER_MONTH * SECONDS_PER_HOUR;

/** Days of a month that is a twelfth of a year. */
const DAYS_PER_MONTH = 365 / 12;

/** A part of a whole, between 0 and 1; 0 of nothing. */
export function share(part: number, whole: number): number {
  return whole > 0 ? Math.min(1, Math.max(0, part / whole)) : 0;
}

/** The sum over a month's numbers of replicas: hours times what each number needs. */
export function overReplicas(
  { hoursAtReplicas }: Pick<Month, "hoursAtReplicas">,
  of: (replicas: number) => number,
): number {
  let sum = 0;
  for (const [replicas, hours] of hoursAtReplicas) sum += hours * of(replicas);
  return sum;
}

/** What is really billed: a bill has no lines of nothing. */
export function billed(charges: readonly Charge[]): readonly Charge[] {
  return charges.filter(({ quantity }) => quantity > 0);
}

/**
 * Answers that leave AWS. Callers are where `network.public` says: on the internet, or in the same region, where nothing is
 * charged for what goes out.
 */
export function internetCharge({ bytesOut }: Pick<Month, "bytesOut">, isPublic: boolean): Charge {
  return {
    name: "answers to the internet",
    key: "transfer/internet-out",
    quantity: isPublic ? bytesOut / GB : 0,
    basis: "on-demand",
    assumption: "Bodies only; headers and encryption come on top",
  };
}

/**
 * Share of their size that logs take after compression, as AWS's own calculator assumes.
 * @see https://calculator.aws/#/addService/CloudWatch (read 2026-11-23)
 */
const KEPT_LOGS = 0.15;

/** Logs of a service itself, at the steady state of their retention. */
export function logCharges(bytes: number, retentionDays: number, assumption: string): readonly Charge[] {
  return [
    { name: "logs", key: "cloudwatch/log-ingestion", quantity: bytes / GB, basis: "on-demand", assumption },
    {
      name: "logs kept",
      key: "cloudwatch/log-storage",
      quantity: (bytes / GB) * KEPT_LOGS * (retentionDays / DAYS_PER_MONTH),
      basis: "on-demand",
      assumption: `Kept for ${retentionDays} days, compressed to ${KEPT_LOGS * 100} % (AWS Pricing Calculator)`,
    },
  ];
}

/**
 * USD per month of something that always runs, by modelport's own prices, to put sizes in order before anything is known of
 * the load. Null where a price is not known.
 */
export function monthlyWeight(
  region: string,
  hourly: readonly (readonly [key: PriceKey, perHour: number])[],
): number | null {
  const book = openPriceBook();
  let usd = 0;
  for (const [key, perHour] of hourly) {
    const price = book.find(key, region);
    if (price === undefined) return null;
    usd += price.tiers[0].usd * perHour * HOURS_PER_MONTH;
  }
  return usd;
}
