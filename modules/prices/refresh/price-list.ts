import { z } from "zod";
import { itemOf, type PriceKey } from "../items";
import type { Price, Tier } from "../price";

const dimension = z.object({
  beginRange: z.string().optional(),
  endRange: z.string().optional(),
  pricePerUnit: z.record(z.string(), z.string()),
});

const product = z.object({
  product: z.object({
    sku: z.string(),
    productFamily: z.string().optional(),
    attributes: z.record(z.string(), z.string()),
  }),
  publicationDate: z.string(),
  terms: z
    .object({
      OnDemand: z
        .record(z.string(), z.object({ priceDimensions: z.record(z.string(), dimension) }))
        .optional(),
    })
    .optional(),
});

/**
 * A product as GetProducts returns it, parsed from the text that it comes in.
 * @see https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-price-list-query-api.html (read 2026-11-23)
 */
export interface Product {
  readonly sku: string;
  readonly family: string;
  readonly attributes: Readonly<Record<string, string | undefined>>;
  /** The date of the list (ISO 8601). */
  readonly published: string;
  /** The tiers of its on-demand price; empty where it costs nothing or has no on-demand price in USD. */
  readonly tiers: readonly Tier[];
}

/** Something in the Price List that is not as it should be, so that nothing is taken from it. */
export class PriceListError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "PriceListError";
  }
}

/** Parses one entry of `PriceList`. @throws {PriceListError} where it is not of the known form. */
export function parseProduct(text: string): Product {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw new PriceListError(`a product is no JSON: ${text.slice(0, 80)}`);
  }
  const { data, error } = product.safeParse(document);
  if (error !== undefined) {
    const [first] = error.issues;
    throw new PriceListError(
      `a product is not of the known form: ${first?.path.join(".") ?? ""} ${first?.message ?? ""}`,
    );
  }
  const { sku, productFamily = "", attributes } = data.product;
  const terms = Object.values(data.terms?.OnDemand ?? {});
  if (terms.length > 1) throw new PriceListError(`product ${sku} has ${terms.length} on-demand prices`);
  const dimensions = Object.values(terms[0]?.priceDimensions ?? {});
  const published = data.publicationDate.slice(0, 10);
  if (!/^\d{4}-\d\d-\d\d$/.test(published))
    throw new PriceListError(`product ${sku} was published on ${data.publicationDate}, which is no date`);
  return { sku, family: productFamily, attributes, published, tiers: tiersOf(sku, dimensions) };
}

/** A free tier stands in some lists as a first tier of 0 USD; it is left out, as everywhere in the book. */
function tiersOf(sku: string, dimensions: readonly z.output<typeof dimension>[]): readonly Tier[] {
  const ranges = dimensions
    .flatMap(({ beginRange = "0", endRange = "Inf", pricePerUnit: { USD } }) =>
      USD === undefined
        ? []
        : [
            {
              from: Number(beginRange),
              upTo: endRange === "Inf" ? null : Number(endRange),
              usd: Number(USD),
            },
          ],
    )
    .sort((a, b) => a.from - b.from);
  const paid = ranges.slice(ranges.findIndex(({ usd }) => usd > 0));
  if (!paid.some(({ usd }) => usd > 0)) return [];
  for (const [index, { from, upTo, usd }] of ranges.entries()) {
    const next = ranges[index + 1];
    const joins = next === undefined ? upTo === null : upTo === next.from;
    if (!joins || (index === 0 && from !== 0) || !Number.isFinite(usd) || usd < 0)
      throw new PriceListError(`product ${sku} has tiers that leave a gap or overlap`);
  }
  return paid.map(({ upTo, usd }) => ({ upTo, usd }));
}

/** Collects the prices of one list; refuses two different ones for the same key. */
export class PriceCollector {
  private readonly found = new Map<PriceKey, { readonly tiers: Price["tiers"]; readonly sku: string }>();
  private newest = "";
  /** Products that no key stands for, and free ones. */
  unmapped = 0;

  add(key: PriceKey | undefined, { sku, tiers: [first, ...rest], published }: Product): void {
    if (key === undefined || first === undefined) {
      this.unmapped += 1;
      return;
    }
    const [lowest, highest] = itemOf(key).bounds;
    const tiers: Price["tiers"] = [first, ...rest];
    const wrong = tiers.find(({ usd }) => usd < lowest || usd > highest);
    if (wrong !== undefined)
      throw new PriceListError(
        `product ${sku} would make ${key} cost ${wrong.usd} USD, beyond ${lowest} to ${highest}`,
      );
    const other = this.found.get(key);
    if (other !== undefined && JSON.stringify(other.tiers) !== JSON.stringify(tiers)) {
      throw new PriceListError(
        `${key} has two prices: ${other.tiers[0].usd} USD (${other.sku}) and ${first.usd} USD (${sku})`,
      );
    }
    if (published > this.newest) this.newest = published;
    this.found.set(key, { tiers, sku });
  }

  get published(): string {
    return this.newest;
  }

  get prices(): ReadonlyMap<PriceKey, Price["tiers"]> {
    return new Map([...this.found].map(([key, { tiers }]) => [key, tiers]));
  }
}
