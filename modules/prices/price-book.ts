import { ManifestError } from "../issues/issue";
import { regionInfo, regionNames } from "../aws/regions";
import { ec2TypeOf, itemOf, sageMakerTypeOf, serviceOf, SERVICES, type PriceKey } from "./items";
import { overridden, readPriceFile, type PriceFile } from "./price-file";
import type { Price, UnknownPrice } from "./price";
import { readRefreshed, refreshedFolder, type RefreshedPrices } from "./refreshed";
import { derivedPrice, shippedPrice } from "./shipped";

/** What is known of prices, from the user's price file over refreshed regions down to what modelport ships. */
export interface PriceBook {
  /**
   * A price in a region, or that it is not known. Never guesses and never throws for something unknown.
   * @throws {ManifestError} where the region's refreshed prices are on disk but not readable.
   */
  price(key: PriceKey, region: string): Price | UnknownPrice;
  /** The same, in brief: `undefined` where the price is not known. */
  find(key: PriceKey, region: string): Price | undefined;
}

export interface PriceBookOptions {
  /** The project's folder, with refreshed regions in `.modelport/prices/`. Default: none are looked for. */
  readonly project?: string;
  /** The user's price file. Default: none. */
  readonly priceFile?: string;
}

/**
 * Opens the book. The price file is read at once, a refreshed region when it is first asked for.
 * @throws {ManifestError} with every issue of the price file.
 */
export function openPriceBook({ project, priceFile }: PriceBookOptions = {}): PriceBook {
  const overrides: PriceFile | undefined = priceFile === undefined ? undefined : readIt(priceFile);
  const regions = new Map<string, RefreshedPrices>();
  const refreshed = (region: string): RefreshedPrices => {
    let prices = regions.get(region);
    if (prices === undefined) {
      prices =
        project === undefined || regionInfo(region) === undefined
          ? new Map<PriceKey, Price>()
          : readRefreshed(refreshedFolder(project), region);
      regions.set(region, prices);
    }
    return prices;
  };
  const listed = (key: PriceKey, region: string): Price | undefined =>
    refreshed(region).get(key) ??
    shippedPrice(key, region) ??
    derivedPrice(key, (other) => listed(other, region));
  const find = (key: PriceKey, region: string): Price | undefined => {
    const list = listed(key, region);
    return overrides === undefined ? list : overridden(overrides, key, region, list);
  };
  return { find, price: (key, region) => find(key, region) ?? unknown(key, region) };
}

function readIt(file: string): PriceFile {
  const { prices, issues } = readPriceFile(file);
  if (issues.length > 0) throw new ManifestError(issues);
  return prices;
}

function unknown(key: PriceKey, region: string): UnknownPrice {
  // us-east-1 first: it is where most prices are known, and what people compare with.
  const places = ["us-east-1", ...regionNames()];
  const nearest = places.map((place) => shippedOrDerived(key, place)).find((price) => price !== undefined);
  const instance = sageMakerTypeOf(key);
  const ec2 = ec2TypeOf(key);
  const what = instance !== undefined ? `${instance.type} (${instance.usage})` : (ec2 ?? itemOf(key).title);
  return {
    unknown: true,
    key,
    region,
    reason: `no price of ${SERVICES[serviceOf(key)]}: ${what} is known in ${region}`,
    ...(nearest === undefined ? {} : { nearest }),
  };
}

function shippedOrDerived(key: PriceKey, region: string): Price | undefined {
  return shippedPrice(key, region) ?? derivedPrice(key, (other) => shippedOrDerived(other, region));
}
