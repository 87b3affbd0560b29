import type { Charge } from "../compare/target-comparison";

/** AWS bills storage and data in units of 2^30 bytes, and calls them GB. */
const GIGABYTE = 2 ** 30;

/** Bytes in the unit that AWS bills. */
export function gigabytes(bytes: number): number {
  return bytes / GIGABYTE;
}

/** The charges of which there is anything. */
export function billed(charges: readonly Charge[]): readonly Charge[] {
  return charges.filter(({ quantity }) => quantity > 0);
}

/** Alarms of a kind, and the dashboard, both paid whether there is load or not. */
export function watching(counted: {
  readonly alarms: number;
  readonly highResolution: number;
  readonly dashboard: boolean;
}): readonly Charge[] {
  return [
    { name: "alarms", key: "cloudwatch/alarm", quantity: counted.alarms, basis: "provisioned" },
    {
      name: "alarms on metrics of 10 seconds",
      key: "cloudwatch/alarm-high-resolution",
      quantity: counted.highResolution,
      basis: "provisioned",
    },
    {
      name: "dashboard",
      key: "cloudwatch/dashboard",
      quantity: counted.dashboard ? 1 : 0,
      basis: "provisioned",
    },
  ];
}

/** A share of something, never above all of it, and all of nothing. */
export function share(part: number, whole: number): number {
  return whole > 0 ? Math.min(1, part / whole) : 1;
}
