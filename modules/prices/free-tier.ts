import type { PriceKey } from "./items";
import { shippedSource } from "./shipped";

/** What an account has free in every month, all its models together. */
export interface FreeAllowance {
  /** The keys that share it: Lambda's covers both architectures. */
  readonly keys: readonly PriceKey[];
  /** In units of the price. */
  readonly quantity: number;
  readonly source: string;
  readonly asOf: string;
}

/**
 * The allowance that AWS grants every account for good; `undefined` where there is none that we know of. Prices and costs
 * leave it out, because other models and services of the account use it too.
 */
export function freeAllowance(key: PriceKey): FreeAllowance | undefined {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- only who asks for it pays for it
  const { allowances } = require("./data/free-tier.json") as typeof import("./data/free-tier.json");
  const found = allowances.find(({ keys }) => keys.includes(key));
  if (found === undefined) return undefined;
  const { source, asOf } = shippedSource(found.source);
  return { keys: found.keys as readonly PriceKey[], quantity: found.quantity, source, asOf };
}
