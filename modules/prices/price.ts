import type { PriceKey, Unit } from "./items";

/** A range of a month's quantity and what each unit in it costs. */
export interface Tier {
  /** The quantity up to which the price holds, inclusive; null without an end. */
  readonly upTo: number | null;
  /** USD for one unit. */
  readonly usd: number;
}

/**
 * How a price came about. `published`: quoted from the AWS Price List or an AWS pricing page. `observed`: read back from a
 * bill, a live feed or a tool's tests. `derived`: computed from other prices, see {@link Price.how}. `override`: the user's.
 */
export type PriceStatus = "published" | "observed" | "derived" | "override";

/** How far a price is to be trusted: a current list, an old one or one through third hands, a guess or a moving figure. */
export type Confidence = "high" | "medium" | "low";

/** Where in the book a price comes from: what modelport ships, the project's refreshed region, the user's price file. */
export type PriceLayer = "shipped" | "refreshed" | "override";

/** What AWS charges for one unit of something in a region, on demand, in USD, without taxes and free tiers. */
export interface Price {
  readonly key: PriceKey;
  readonly region: string;
  readonly unit: Unit;
  /** At least one, in ascending order; the first begins at 0. Where the last has an end, the price beyond is not known. */
  readonly tiers: readonly [Tier, ...Tier[]];
  readonly status: PriceStatus;
  readonly confidence: Confidence;
  readonly layer: PriceLayer;
  /** Where it was read. */
  readonly source: string;
  /** The date of the source (ISO 8601); for a derived price the oldest that it rests on. */
  readonly asOf: string;
  /** How a derived or discounted price was computed. */
  readonly how?: string;
}

/** A price that the book does not have. It is never guessed. */
export interface UnknownPrice {
  readonly unknown: true;
  readonly key: PriceKey;
  readonly region: string;
  /** Why, in a sentence. */
  readonly reason: string;
  /** The same in a region where it is known, to show; not to be billed with. */
  readonly nearest?: Price;
}

export function isKnown(price: Price | UnknownPrice): price is Price {
  return !("unknown" in price);
}

/** What a quantity costs. */
export interface Cost {
  /** USD for the part whose price is known. */
  readonly usd: number;
  /** The part in each tier that it reaches. */
  readonly parts: readonly { readonly quantity: number; readonly unitPrice: number; readonly usd: number }[];
  /** The part of the quantity beyond the last known tier; 0 where everything has a price. */
  readonly unpriced: number;
}

/**
 * What a month's quantity costs, tier by tier. Free tiers are not subtracted: they are the account's, not the model's
 * (see `freeAllowance`).
 * @param quantity in units of the price; 0 or more.
 * @throws {RangeError} for a negative or infinite quantity: a mistake of ours.
 */
export function costOf(quantity: number, price: Pick<Price, "tiers">): Cost {
  if (!Number.isFinite(quantity) || quantity < 0) throw new RangeError(`no quantity: ${quantity}`);
  const parts: Cost["parts"][number][] = [];
  let from = 0;
  for (const { upTo, usd } of price.tiers) {
    const part = Math.min(quantity, upTo ?? quantity) - from;
    if (part <= 0) break;
    parts.push({ quantity: part, unitPrice: usd, usd: part * usd });
    from += part;
  }
  return { usd: parts.reduce((sum, part) => sum + part.usd, 0), parts, unpriced: quantity - from };
}

/** USD for the first unit of a month: the price where there are no tiers. */
export function unitPrice({ tiers: [first] }: Pick<Price, "tiers">): number {
  return first.usd;
}

/** A price of one unit as text, without exponents: `0.0000166667`. */
export function formatUsd(usd: number): string {
  const text = usd.toFixed(12).replace(/0+$/, "");
  return text.endsWith(".") ? text.slice(0, -1) : text;
}
