import type { PricingClient } from "@aws-sdk/client-pricing";
import { ExternalError } from "../../issues/external-error";
import type { ServiceId } from "../items";
import type { RefreshedList } from "../refreshed";
import { parseProduct, PriceCollector, PriceListError } from "./price-list";
import { PRICE_QUERIES, type PriceQuery } from "./queries";

/** What came of one service. */
export interface RefreshedService {
  readonly service: ServiceId;
  readonly lists: readonly RefreshedList[];
  /** Products of AWS that the book has no use for. */
  readonly unmapped: number;
}

/**
 * The region whose endpoint of the Price List API is asked; its answers cover all regions.
 * @see https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-price-list-query-api.html (read 2026-11-23)
 */
export function pricingEndpointRegion(region: string): "us-east-1" | "eu-central-1" | "ap-south-1" {
  if (region.startsWith("eu-")) return "eu-central-1";
  return region.startsWith("ap-") ? "ap-south-1" : "us-east-1";
}

/**
 * Asks the AWS Price List for the prices of some services in a region. Credentials are those of the environment;
 * they need `pricing:GetProducts`.
 * @param onService told of each service as it is done.
 * @throws {ExternalError} where AWS fails, or its list is ambiguous: then nothing of it is to be used.
 */
export async function refreshPrices(
  region: string,
  services: readonly ServiceId[],
  onService: (service: RefreshedService) => void = () => undefined,
): Promise<readonly RefreshedService[]> {
  // The SDK warns about Node 20 on stderr, which the user of a command cannot do anything about.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const { PricingClient: Client } = await import("@aws-sdk/client-pricing");
  const client = new Client({ region: pricingEndpointRegion(region) });
  try {
    const done: RefreshedService[] = [];
    for (const service of services) {
      const refreshed = await refreshService(client, region, service);
      done.push(refreshed);
      onService(refreshed);
    }
    return done;
  } catch (error) {
    throw pricingError(error, pricingEndpointRegion(region));
  } finally {
    client.destroy();
  }
}

async function refreshService(
  client: PricingClient,
  region: string,
  service: ServiceId,
): Promise<RefreshedService> {
  const byCode = new Map<string, PriceCollector>();
  for (const query of PRICE_QUERIES) {
    if (query.service !== service) continue;
    const collector = byCode.get(query.serviceCode) ?? new PriceCollector();
    byCode.set(query.serviceCode, collector);
    await collect(client, region, query, collector);
  }
  const found = [...byCode].filter(([, { prices }]) => prices.size > 0);
  return {
    service,
    lists: found.map(([serviceCode, { published, prices }]) => ({ service, serviceCode, published, prices })),
    unmapped: [...byCode.values()].reduce((sum, { unmapped }) => sum + unmapped, 0),
  };
}

async function collect(
  client: PricingClient,
  region: string,
  { serviceCode, filters, regionField = "regionCode", keyOf }: PriceQuery,
  collector: PriceCollector,
): Promise<void> {
  const { paginateGetProducts } = await import("@aws-sdk/client-pricing");
  const Filters = Object.entries({ [regionField]: region, ...filters }).map(([Field, Value]) => ({
    Type: "TERM_MATCH" as const,
    Field,
    Value,
  }));
  const pages = paginateGetProducts({ client, pageSize: 100 }, { ServiceCode: serviceCode, Filters });
  for await (const { PriceList = [] } of pages) {
    for (const text of PriceList) {
      const product = parseProduct(String(text));
      collector.add(keyOf(product, region), product);
    }
  }
}

const FIXES: readonly (readonly [RegExp, string])[] = [
  [
    /Credentials|UnrecognizedClient|InvalidClientTokenId|ExpiredToken|InvalidSignature|NotAuthenticated|Token/,
    "sign in: set AWS_PROFILE or AWS_ACCESS_KEY_ID, or run `aws sso login`",
  ],
  [
    /AccessDenied|Unauthorized|Forbidden/,
    "allow the action pricing:GetProducts on * in the credentials' policy",
  ],
  [/Throttl|TooManyRequests|LimitExceeded/, "wait a minute, or ask for fewer services with --service"],
];

function pricingError(error: unknown, endpointRegion: string): ExternalError {
  if (error instanceof PriceListError) {
    const fix = "nothing was written; report it, and refresh the other services with --service";
    return new ExternalError(`the AWS Price List is not as expected: ${error.message}`, fix);
  }
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const fix =
    FIXES.find(([pattern]) => pattern.test(name))?.[1] ??
    `check that this machine reaches api.pricing.${endpointRegion}.amazonaws.com, directly or by its proxy`;
  return new ExternalError(`the AWS Price List did not answer: ${name}: ${message}`, fix);
}
