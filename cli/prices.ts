import { regionInfo, regionNames } from "../modules/aws/regions";
import { ManifestError } from "../modules/issues/issue";
import { nearest } from "../modules/issues/nearest";
import { SERVICES, type ServiceId } from "../modules/prices/items";
import { openPriceBook } from "../modules/prices/price-book";
import { refreshedFolder, writeRefreshed } from "../modules/prices/refreshed";
import { regionTable, reportRegion, span, summarize, summaryTable } from "../modules/prices/report";
import type * as refreshing from "../modules/prices/refresh/refresh";
import { type CommonOptions, count, EXIT, Output } from "./output";

export interface PricesOptions extends CommonOptions {
  readonly region?: string;
  readonly refresh?: boolean;
  readonly service?: readonly string[];
  readonly priceFile?: string;
  readonly format: "text" | "json";
}

/**
 * `modelport prices`: how old the price book is and where it comes from; `--refresh` fills a region from AWS.
 * @throws {ManifestError} for an unknown region or service, or a faulty price file.
 * @throws {ExternalError} where AWS fails.
 */
export async function prices(options: PricesOptions): Promise<number> {
  const output = new Output(options);
  const { region, refresh = false, service, priceFile, format } = options;
  if (refresh && region === undefined) return wrongUsage(output, "--refresh needs --region");
  if (!refresh && service !== undefined) return wrongUsage(output, "--service belongs to --refresh");
  if (refresh && priceFile !== undefined)
    return wrongUsage(output, "--refresh fetches the list prices; it takes no --price-file");
  if (region !== undefined) checkRegion(region, refresh);
  if (refresh && region !== undefined) return refreshRegion(output, region, servicesOf(service), format);
  const project = process.cwd();
  const book = openPriceBook({ project, ...(priceFile === undefined ? {} : { priceFile }) });
  if (region !== undefined) {
    const report = reportRegion(book, region);
    if (format === "text") output.result(regionTable(report));
    else {
      output.json({
        region,
        ...span(report.prices),
        prices: report.prices.map(({ key, unit, tiers, status, confidence, layer, source, asOf, how }) => ({
          item: key,
          unit,
          tiers,
          status,
          confidence,
          layer,
          source,
          asOf,
          ...(how === undefined ? {} : { how }),
        })),
        missing: report.missing,
      });
    }
    return EXIT.ok;
  }
  const services = summarize(book);
  const age = span(services.flatMap(({ sources }) => sources));
  if (format === "json") output.json({ ...age, services });
  else {
    output.result(summaryTable(services));
    output.note(`prices of ${age.oldest ?? ""} to ${age.newest ?? ""}; --format json names every source`);
  }
  return EXIT.ok;
}

function wrongUsage(output: Output, message: string): number {
  output.error(`${message}\n(--help shows the usage)`);
  return EXIT.usage;
}

/** @throws {ManifestError} for a region that does not exist, or whose prices are not in USD. */
function checkRegion(region: string, refresh: boolean): void {
  const info = regionInfo(region);
  if (info !== undefined && !(refresh && info.partition === "aws-cn")) return;
  const similar = nearest(region, regionNames());
  throw new ManifestError([
    {
      file: "--region",
      line: 0,
      column: 0,
      path: "",
      code: "REGION_UNKNOWN",
      severity: "error",
      message:
        info === undefined
          ? `"${region}" is no AWS region`
          : `${region} has a price list of its own, in CNY, which this command does not read`,
      ...(info === undefined && similar !== undefined ? { fix: `did you mean "${similar}"?` } : {}),
    },
  ]);
}

/** @throws {ManifestError} for a service that the book does not have. */
function servicesOf(names: readonly string[] | undefined): readonly ServiceId[] {
  const known = Object.keys(SERVICES) as readonly ServiceId[];
  const wrong = (names ?? []).filter((name) => !Object.hasOwn(SERVICES, name));
  if (wrong.length > 0) {
    throw new ManifestError(
      wrong.map((name) => {
        const similar = nearest(name, known);
        return {
          file: "--service",
          line: 0,
          column: 0,
          path: "",
          code: "CHOICE",
          severity: "error",
          message: `"${name}" is no service of the price book`,
          allowed: known.join(", "),
          ...(similar === undefined ? {} : { fix: `did you mean "${similar}"?` }),
        };
      }),
    );
  }
  return names === undefined ? known : known.filter((name) => names.includes(name));
}

async function refreshRegion(
  output: Output,
  region: string,
  services: readonly ServiceId[],
  format: PricesOptions["format"],
): Promise<number> {
  const { refreshPrices } = require("../modules/prices/refresh/refresh") as typeof refreshing;
  const refreshed = await refreshPrices(region, services, ({ service, lists, unmapped }) =>
    output.note(`${service}: ${said(lists)}, ${count(unmapped, "product")} not needed`),
  );
  const lists = refreshed.flatMap((service) => service.lists);
  const file = writeRefreshed(refreshedFolder("."), region, lists);
  const total = lists.reduce((sum, { prices: listed }) => sum + listed.size, 0);
  if (format === "text") output.result(`${file}  ${count(total, "price")}`);
  else {
    output.json({
      region,
      file,
      services: refreshed.map(({ service, lists: own, unmapped }) => ({
        service,
        unmapped,
        lists: own.map(({ serviceCode, published, prices: listed }) => ({
          serviceCode,
          published,
          prices: listed.size,
        })),
      })),
    });
  }
  return EXIT.ok;
}

function said(
  lists: readonly { readonly prices: ReadonlyMap<unknown, unknown>; readonly published: string }[],
): string {
  if (lists.length === 0) return "no prices in this region";
  const total = lists.reduce((sum, { prices: listed }) => sum + listed.size, 0);
  return `${count(total, "price")} of ${lists.map(({ published }) => published).join(", ")}`;
}
