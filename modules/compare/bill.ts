import { freeAllowance } from "../prices/free-tier";
import { itemOf, type PriceKey } from "../prices/items";
import { formatUsd, isKnown, type Price } from "../prices/price";
import type { PriceBook } from "../prices/price-book";
import type { BillItem, MonthlyCost } from "./comparison";
import type { Charge } from "./target-comparison";

/** What a bill is made with. */
export interface BillOptions {
  readonly book: PriceBook;
  readonly region: string;
  /** Whether to subtract what AWS grants every account in each month; it is the account's, not the model's. */
  readonly freeTier: boolean;
}

/** A bill as the document has it, and what rounding takes from it. */
export interface Bill {
  readonly cost: MonthlyCost;
  /** USD, before its items are rounded to cents; for what is divided by a small number. */
  readonly exactUsd: number;
  /** Items whose price is not known and may well change which target is the cheapest; the total then compares with nothing. */
  readonly decisive: readonly string[];
  /** USD with the lowest price that each item without one has in any region (`PriceItem.bounds`). */
  readonly lowestUsd: number;
  /** USD with the highest price instead; the same where every price is known. */
  readonly highestUsd: number;
}

/**
 * Share of the total that all items without a price may come to at the nearest region's prices before they are decisive.
 * That price is used for nothing else.
 */
const DECISIVE = 0.1;

/** Digits behind the point of a quantity: AWS meters seconds and bytes, of which these leave nothing that is ever paid. */
const QUANTITY_DIGITS = 6;
/** Digits behind the point of a price, as `formatUsd` writes it. */
const PRICE_DIGITS = 12;

/** A charge's part in one tier, or the part that an allowance takes. */
interface Part {
  readonly quantity: number;
  readonly unitPrice: number | null;
  /** Words behind the charge's name, where it has several parts. */
  readonly suffix: string;
  readonly note: string | null;
}

/**
 * Prices a month's charges. Items are rounded to the cent, half a cent up, each by itself; the total and its two halves
 * are the sums of these, so that the document adds up exactly. Charges of one key share its tiers, and the account's
 * allowance, in their order. What has no price stays on the bill without one, and the total is a lower bound.
 */
export function billOf(charges: readonly Charge[], options: BillOptions): Bill {
  const items: BillItem[] = [];
  const unknown = new Set<string>();
  const unpricedUsd = new Map<string, number>();
  let lowest = 0;
  let highest = 0;
  let exactUsd = 0;
  let idle = 0;
  const allowances = new Map<PriceKey, number>();
  const used = new Map<PriceKey, number>();
  for (const charge of charges) {
    if (!Number.isFinite(charge.quantity) || charge.quantity < 0)
      throw new RangeError(`${charge.name}: no quantity: ${charge.quantity}`);
    const price = options.book.price(charge.key, options.region);
    if (!isKnown(price)) {
      if (charge.quantity === 0) continue;
      unknown.add(charge.name);
      const [least, most] = itemOf(charge.key).bounds;
      lowest += charge.quantity * least;
      highest += charge.quantity * most;
      unpricedUsd.set(charge.name, charge.quantity * (price.nearest?.tiers[0].usd ?? Infinity));
      items.push(unpriced(charge, charge.name, charge.quantity, price.reason, nearestNote(price.nearest)));
      continue;
    }
    const free = options.freeTier ? allowanceOf(charge, options.region, allowances) : null;
    const from = used.get(charge.key) ?? 0;
    const parts = [
      ...(free === null ? [] : [free]),
      ...slices(from, charge.quantity - (free?.quantity ?? 0), price),
    ];
    used.set(charge.key, from + charge.quantity - (free?.quantity ?? 0));
    for (const part of parts) {
      const name = `${charge.name}${part.suffix}`;
      if (part.unitPrice === null) {
        unknown.add(name);
        highest += part.quantity * itemOf(charge.key).bounds[1];
        unpricedUsd.set(name, part.quantity * (price.tiers.at(-1)?.usd ?? Infinity));
        const reason = `no price of ${name} is known: ${price.source} ends before it`;
        items.push(unpriced(charge, name, part.quantity, reason, null));
        continue;
      }
      const quantity = round(part.quantity);
      const cents = centsOf(quantity, part.unitPrice);
      exactUsd += quantity * part.unitPrice;
      idle += charge.basis === "provisioned" ? quantity * part.unitPrice * (1 - (charge.used ?? 1)) : 0;
      const note = notes(part.note, price.how, charge.assumption);
      items.push({
        name,
        quantity,
        unit: price.unit,
        unitPrice: part.unitPrice,
        usd: Number(cents) / 100,
        source: price.source,
        asOf: price.asOf,
        basis: charge.basis,
        status: price.status,
        ...(note === null ? {} : { note }),
      });
    }
  }
  const sum = (all: readonly BillItem[]) =>
    all.reduce((cents, { usd }) => cents + Math.round((usd ?? 0) * 100), 0);
  const of = (basis: Charge["basis"]) => items.filter((item) => item.basis === basis);
  return {
    cost: {
      currency: "USD",
      total: sum(items) / 100,
      onDemand: sum(of("on-demand")) / 100,
      provisioned: sum(of("provisioned")) / 100,
      idleShare: exactUsd === 0 ? 0 : Number(Math.min(1, Math.max(0, idle / exactUsd)).toFixed(4)),
      items,
      unknown: [...unknown],
    },
    exactUsd,
    decisive: decisiveOf(unpricedUsd, exactUsd),
    lowestUsd: exactUsd + lowest,
    highestUsd: exactUsd + highest,
  };
}

function decisiveOf(unpricedUsd: ReadonlyMap<string, number>, exactUsd: number): readonly string[] {
  const sum = [...unpricedUsd.values()].reduce((total, usd) => total + usd, 0);
  if (sum <= exactUsd * DECISIVE) return [];
  return [...unpricedUsd]
    .sort(([, a], [, b]) => b - a)
    .flatMap(([name, usd]) => (usd > sum * DECISIVE ? [name] : []));
}

/** The date of the oldest price on some bills; null where there is none. */
export function oldestPrice(costs: readonly MonthlyCost[]): string | null {
  const dates = costs.flatMap(({ items }) => items.flatMap(({ asOf }) => (asOf === "" ? [] : [asOf]))).sort();
  return dates[0] ?? null;
}

function round(quantity: number): number {
  return Number(quantity.toFixed(QUANTITY_DIGITS));
}

/** Cents, half a cent up. Both factors as they are written: a product of doubles may lie on the wrong side of half a cent. */
function centsOf(quantity: number, unitPrice: number): bigint {
  const digits = BigInt(QUANTITY_DIGITS + PRICE_DIGITS - 2);
  const product = scaled(quantity, QUANTITY_DIGITS) * scaled(unitPrice, PRICE_DIGITS);
  const cent = 10n ** digits;
  return (product + cent / 2n) / cent;
}

function scaled(value: number, digits: number): bigint {
  const [whole = "0", fraction = ""] = value.toFixed(digits).split(".");
  return BigInt(`${whole}${fraction.padEnd(digits, "0")}`);
}

/** The part of a charge that what is left of the account's allowance takes; null where nothing is left, or none is granted. */
function allowanceOf(
  { key, quantity, freeTier = true }: Charge,
  region: string,
  spent: Map<PriceKey, number>,
): Part | null {
  const allowance = freeTier ? freeAllowance(key, region) : undefined;
  if (allowance === undefined) return null;
  // One allowance for several keys is counted under the first of them.
  const [first = key] = allowance.keys;
  const before = spent.get(first) ?? 0;
  const taken = Math.min(quantity, allowance.quantity - before);
  if (taken <= 0) return null;
  spent.set(first, before + taken);
  return {
    quantity: taken,
    unitPrice: 0,
    suffix: ", free tier",
    note:
      `the first ${number(allowance.quantity)}${allowance.of === undefined ? "" : ` ${allowance.of}`} of a month are free in each account, for everything in it together ` +
      `(${allowance.source}, ${allowance.asOf})`,
  };
}

/** The parts of a quantity in each tier that it reaches, where others have used the first `from` units already. */
function slices(from: number, quantity: number, price: Price): readonly Part[] {
  const end = from + quantity;
  const parts: Part[] = [];
  let start = 0;
  for (const { upTo, usd } of price.tiers) {
    const part = Math.min(end, upTo ?? end) - Math.max(from, start);
    if (part > 0) parts.push({ quantity: part, unitPrice: usd, suffix: tier(start, upTo), note: null });
    start = upTo ?? end;
  }
  const beyond = end - Math.max(from, start);
  const open = price.tiers.at(-1)?.upTo === null;
  if (!open && beyond > 0)
    parts.push({ quantity: beyond, unitPrice: null, suffix: `, over ${number(start)}`, note: null });
  const [only] = parts;
  // A tier is worth a word only where several are reached.
  return parts.length === 1 && only?.unitPrice !== null && only !== undefined
    ? [{ ...only, suffix: "" }]
    : parts;
}

function tier(start: number, upTo: number | null): string {
  if (upTo === null) return `, over ${number(start)}`;
  return start === 0 ? `, first ${number(upTo)}` : `, up to ${number(upTo)}`;
}

const THREE_DECIMALS = new Intl.NumberFormat("en-US", { maximumFractionDigits: 3 });

function number(value: number): string {
  return THREE_DECIMALS.format(value);
}

function unpriced(
  charge: Charge,
  name: string,
  quantity: number,
  reason: string,
  nearest: string | null,
): BillItem {
  const note = notes(nearest, undefined, charge.assumption);
  return {
    name,
    quantity: round(quantity),
    unit: itemOf(charge.key).unit,
    unitPrice: null,
    usd: null,
    source: reason,
    asOf: "",
    basis: charge.basis,
    status: "unknown",
    ...(note === null ? {} : { note }),
  };
}

function nearestNote(nearest: Price | undefined): string | null {
  if (nearest === undefined) return null;
  return `${formatUsd(nearest.tiers[0].usd)} USD in ${nearest.region}, which this bill does not use`;
}

function notes(...all: readonly (string | null | undefined)[]): string | null {
  const said = all.filter((note) => note !== null && note !== undefined);
  return said.length === 0 ? null : said.join("; ");
}
