import { regionInfo } from "../aws/regions";
import type { PriceKey } from "./items";
import { shippedSource } from "./shipped";

/** What an account has free in every month, all its models together. */
export interface FreeAllowance {
  /** The keys that share it: Lambda's covers both architectures. */
  readonly keys: readonly PriceKey[];
  /** In units of the price. */
  readonly quantity: number;
  /** What it is for, where not every unit of the price counts: smaller dashboards. */
  readonly of?: string;
  readonly source: string;
  readonly asOf: string;
}

/** An allowance as the table has it. */
interface Row {
  readonly keys: readonly string[];
  readonly quantity: number;
  readonly of?: string;
  /** Of `sources.json`. */
  readonly source: string;
}

/**
 * Whether AWS grants its free tier in a region: in the partition `aws`. No page of AWS that we could read says that accounts
 * of GovCloud (US) have it, and China has its own (https://www.amazonaws.cn/en/free/terms/zhy/, 2022-08-25), in another
 * currency and with other limits.
 */
export function hasFreeTier(region: string): boolean {
  return regionInfo(region)?.partition === "aws";
}

/**
 * The allowance that AWS grants every account for good; `undefined` where there is none that we know of, or none in the
 * region ({@link hasFreeTier}). Prices and costs leave it out, because other models and services of the account use it too.
 */
export function freeAllowance(key: PriceKey, region: string): FreeAllowance | undefined {
  if (!hasFreeTier(region)) return undefined;
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- only who asks for it pays for it
  const { allowances } = require("./data/free-tier.json") as typeof import("./data/free-tier.json");
  const found: Row | undefined = (allowances as readonly Row[]).find(({ keys }) => keys.includes(key));
  if (found === undefined) return undefined;
  const { source, asOf } = shippedSource(found.source);
  const { keys, quantity, of } = found;
  return { keys: keys as readonly PriceKey[], quantity, ...(of === undefined ? {} : { of }), source, asOf };
}
