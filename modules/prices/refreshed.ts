import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ManifestError } from "../issues/issue";
import { isPriceKey, itemOf, SERVICES, type PriceKey, type ServiceId } from "./items";
import type { Price, Tier } from "./price";

/** The prices of a region that a project fetched from AWS, by key. */
export type RefreshedPrices = ReadonlyMap<PriceKey, Price>;

/** Prices of one service from one list of AWS. */
export interface RefreshedList {
  readonly service: ServiceId;
  /** The list's name in the AWS Price List, e.g. `AmazonECS`. */
  readonly serviceCode: string;
  /** When AWS published the list (ISO 8601 date). */
  readonly published: string;
  readonly prices: ReadonlyMap<PriceKey, Price["tiers"]>;
}

/** Where a project keeps what `prices --refresh` fetched, one file a region: `.modelport/prices`. */
export function refreshedFolder(project: string): string {
  return join(project, ".modelport", "prices");
}

function fileOf(folder: string, region: string): string {
  return join(folder, `${region}.json`);
}

const usd = z.number().positive();
const tier = z.union([z.strictObject({ upTo: z.number().positive(), usd }), z.strictObject({ usd })]);
const schema = z.strictObject({
  schemaVersion: z.literal(1),
  region: z.string(),
  lists: z.array(
    z.strictObject({
      service: z.enum(Object.keys(SERVICES) as [ServiceId, ...ServiceId[]]),
      serviceCode: z.string(),
      published: z.iso.date(),
      prices: z.record(z.string(), z.union([usd, z.tuple([tier], tier)])),
    }),
  ),
});

/**
 * A region's refreshed prices; none where it was never refreshed.
 * @throws {ManifestError} where the file is there but not as `prices --refresh` writes it.
 */
export function readRefreshed(folder: string, region: string): RefreshedPrices {
  const prices = new Map<PriceKey, Price>();
  for (const { serviceCode, published, prices: listed } of readLists(folder, region)) {
    for (const [key, tiers] of listed) {
      prices.set(key, {
        key,
        region,
        unit: itemOf(key).unit,
        tiers,
        status: "published",
        confidence: "high",
        layer: "refreshed",
        source: `AWS Price List API (${serviceCode} ${region})`,
        asOf: published,
      });
    }
  }
  return prices;
}

/** The lists in a region's file, in their order. @throws {ManifestError} as {@link readRefreshed}. */
export function readLists(folder: string, region: string): readonly RefreshedList[] {
  const file = fileOf(folder, region);
  if (!existsSync(file)) return [];
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw unreadable(file, region, error instanceof SyntaxError ? "is no JSON" : "cannot be read");
  }
  const { data, error } = schema.safeParse(document);
  if (error !== undefined) {
    const [first] = error.issues;
    throw unreadable(
      file,
      region,
      `is not as it was written: ${first?.path.join(".") ?? ""} ${first?.message ?? ""}`,
    );
  }
  if (data.region !== region) throw unreadable(file, region, `is about ${data.region}, not ${region}`);
  return data.lists.map(({ prices, ...list }) => ({
    ...list,
    prices: new Map(
      Object.entries(prices).map(([key, value]) => {
        if (!isPriceKey(key))
          throw unreadable(file, region, `has a price of ${key}, which this release does not know`);
        return [key, typeof value === "number" ? [{ upTo: null, usd: value }] : withEnds(value)];
      }),
    ),
  }));
}

function withEnds([first, ...rest]: z.output<typeof schema>["lists"][number]["prices"][string] &
  object): Price["tiers"] {
  const end = (one: z.output<typeof tier>): Tier => ({ upTo: "upTo" in one ? one.upTo : null, usd: one.usd });
  return [end(first), ...rest.map(end)];
}

function unreadable(file: string, region: string, message: string): ManifestError {
  return new ManifestError([
    {
      file,
      line: 0,
      column: 0,
      path: "",
      code: "FILE_UNREADABLE",
      severity: "error",
      message,
      fix: `remove it, or write it anew: \`modelport prices --refresh --region ${region}\``,
    },
  ]);
}

/**
 * Writes lists into a region's file, in place of those of the same services; the others stay. The text depends on the
 * lists alone: no time of writing, keys sorted. The file is replaced as a whole or not at all.
 * @returns the file.
 * @throws {ManifestError} where it cannot be written.
 */
export function writeRefreshed(folder: string, region: string, lists: readonly RefreshedList[]): string {
  const replaced = new Set(lists.map(({ service }) => service));
  const kept = readLists(folder, region).filter(({ service }) => !replaced.has(service));
  const all = [...kept, ...lists].sort((a, b) =>
    order(`${a.service} ${a.serviceCode}`, `${b.service} ${b.serviceCode}`),
  );
  const document = {
    schemaVersion: 1,
    region,
    lists: all.map(({ prices, ...list }) => ({
      ...list,
      prices: Object.fromEntries(
        [...prices].sort(([a], [b]) => order(a, b)).map(([key, tiers]) => [key, plain(tiers)]),
      ),
    })),
  };
  const file = fileOf(folder, region);
  const draft = `${file}.${process.pid}.tmp`;
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(draft, `${JSON.stringify(document, null, 2)}\n`);
    renameSync(draft, file);
  } catch (error) {
    if (existsSync(draft)) rmSync(draft);
    throw unwritable(file, (error as NodeJS.ErrnoException).code ?? "unknown error");
  }
  return file;
}

function unwritable(file: string, code: string): ManifestError {
  const fix = "check the permissions of the project's folder";
  const message = `cannot be written (${code})`;
  return new ManifestError([
    { file, line: 0, column: 0, path: "", code: "OUTPUT_UNWRITABLE", severity: "error", message, fix },
  ]);
}

function plain(tiers: Price["tiers"]): number | readonly object[] {
  const [first] = tiers;
  if (tiers.length === 1 && first.upTo === null) return first.usd;
  return tiers.map(({ upTo, usd: price }) => (upTo === null ? { usd: price } : { upTo, usd: price }));
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
