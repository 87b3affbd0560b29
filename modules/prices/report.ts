import { regionNames } from "../aws/regions";
import {
  allKeys,
  ec2TypeOf,
  itemOf,
  type PriceKey,
  sageMakerTypeOf,
  serviceOf,
  SERVICES,
  type ServiceId,
} from "./items";
import { formatUsd, type Price, type PriceStatus } from "./price";
import type { PriceBook } from "./price-book";

/** Where prices come from, for `prices --format json`. */
interface SourceSummary {
  readonly source: string;
  readonly asOf: string;
  readonly status: PriceStatus;
}

/** What the book knows of a service. */
export interface ServiceSummary {
  readonly service: ServiceId;
  readonly title: string;
  /** Items with a price in some region; each instance type and usage counts. */
  readonly items: number;
  readonly prices: number;
  /** Prices by how they came about. */
  readonly statuses: Readonly<Partial<Record<PriceStatus, number>>>;
  readonly regions: readonly string[];
  /** ISO 8601 dates; absent where there is no price. */
  readonly oldest?: string;
  readonly newest?: string;
  readonly sources: readonly SourceSummary[];
}

/** What the book knows in a region, and what it does not. */
export interface RegionReport {
  readonly region: string;
  readonly prices: readonly Price[];
  readonly missing: readonly PriceKey[];
}

/** Sums the book up by service. Reads all its tables. */
export function summarize(book: PriceBook): readonly ServiceSummary[] {
  const byService = new Map<ServiceId, Price[]>();
  for (const key of allKeys()) {
    const prices = byService.get(serviceOf(key)) ?? [];
    byService.set(serviceOf(key), prices);
    for (const region of regionNames()) {
      const price = book.find(key, region);
      if (price !== undefined) prices.push(price);
    }
  }
  return [...byService]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([service, prices]) => summary(service, prices));
}

function summary(service: ServiceId, prices: readonly Price[]): ServiceSummary {
  const { oldest, newest } = span(prices);
  const statuses: Partial<Record<PriceStatus, number>> = {};
  const sources = new Map<string, SourceSummary>();
  for (const { source, asOf, status } of prices) {
    statuses[status] = (statuses[status] ?? 0) + 1;
    sources.set(`${source} ${asOf} ${status}`, { source, asOf, status });
  }
  return {
    service,
    title: SERVICES[service],
    items: new Set(prices.map(({ key }) => key)).size,
    prices: prices.length,
    statuses,
    regions: [...new Set(prices.map(({ region }) => region))].sort(),
    ...(oldest === undefined || newest === undefined ? {} : { oldest, newest }),
    sources: [...sources].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, source]) => source),
  };
}

/** The dates of the oldest and the newest price. */
export function span(prices: Iterable<{ readonly asOf: string }>): {
  readonly oldest?: string;
  readonly newest?: string;
} {
  const dates = Array.from(prices, ({ asOf }) => asOf).sort();
  const [oldest] = dates;
  const newest = dates.at(-1);
  return oldest === undefined || newest === undefined ? {} : { oldest, newest };
}

/** What is known in a region, and what is missing. */
export function reportRegion(book: PriceBook, region: string): RegionReport {
  const keys = allKeys();
  const prices = keys.flatMap((key) => book.find(key, region) ?? []);
  const known = new Set(prices.map(({ key }) => key));
  return { region, prices, missing: keys.filter((key) => !known.has(key)) };
}

/** The services as a table of at most 80 columns. */
export function summaryTable(services: readonly ServiceSummary[]): string {
  const rows = services.map(({ service, items, regions, prices, statuses, oldest, newest, sources }) => [
    service,
    String(items),
    String(regions.length),
    String(prices),
    String(statuses.derived ?? 0),
    oldest ?? "",
    newest ?? "",
    String(sources.length),
  ]);
  const heading = ["service", "items", "regions", "prices", "derived", "oldest", "newest", "sources"];
  return table([heading, ...rows], new Set([0, 5, 6]));
}

const MARKS: Readonly<Record<PriceStatus, string>> = {
  published: " ",
  observed: "o",
  derived: "d",
  override: "u",
};

/** A region's prices as a table of at most 80 columns; instance types are counted, as there are a thousand. */
export function regionTable({ region, prices, missing }: RegionReport): string {
  const rows = prices.filter(({ key }) => !isInstance(key)).flatMap(priceRows);
  const lines = [`Prices in ${region}, USD for one unit (o observed, d derived, u yours):`, ""];
  if (rows.length > 0) lines.push(table(rows, new Set([0, 2, 3, 4])), "");
  for (const [name, start] of INSTANCES) {
    const known = prices.filter(({ key }) => start.test(key));
    const { oldest, newest } = span(known);
    const all = known.length + missing.filter((key) => start.test(key)).length;
    const derived = known.filter(({ status }) => status === "derived").length;
    const dates =
      oldest === undefined || newest === undefined ? "" : `, ${derived} derived, ${oldest} to ${newest}`;
    lines.push(`${name.padEnd(31)}${known.length} of ${all}${dates}`);
  }
  const unknown = missing.filter((key) => !isInstance(key));
  if (unknown.length > 0) lines.push("", "Not known there:", ...unknown.map((key) => `  ${key}`));
  return lines.join("\n");
}

const INSTANCES = [
  ["ec2/instance/*", /^ec2\/instance\//],
  ["sagemaker/instance/*/hosting", /^sagemaker\/instance\/.*\/hosting$/],
  ["sagemaker/instance/*/async", /^sagemaker\/instance\/.*\/async$/],
  ["sagemaker/instance/*/transform", /^sagemaker\/instance\/.*\/transform$/],
] as const;

function isInstance(key: PriceKey): boolean {
  return ec2TypeOf(key) !== undefined || sageMakerTypeOf(key) !== undefined;
}

function priceRows({ key, tiers, status, asOf }: Price): readonly (readonly string[])[] {
  const { unit } = itemOf(key);
  const over = (quantity: number): string => `  over ${quantity.toLocaleString("en-US")}`;
  const rows = tiers.map(({ usd }, index) => {
    const from = tiers[index - 1]?.upTo;
    const [name, date] = from === undefined || from === null ? [key, asOf] : [over(from), ""];
    return [name, formatUsd(usd), unit, date, MARKS[status]];
  });
  const end = tiers.at(-1)?.upTo ?? null;
  return end === null ? rows : [...rows, [over(end), "not known", "", "", ""]];
}

/** Cells in columns, numbers to the right. */
function table(rows: readonly (readonly string[])[], left: ReadonlySet<number>): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  return rows
    .map((cells) =>
      cells
        .map((cell, column) =>
          left.has(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join(" ")
        .trimEnd(),
    )
    .join("\n");
}
