/* eslint-disable @typescript-eslint/no-require-imports -- tables are read when first asked for: most runs need one or none */
import { sageMakerInstance } from "../aws/instances";
import sources from "./data/sources.json";
import {
  ec2TypeOf,
  itemOf,
  priceKey,
  sageMakerTypeOf,
  serviceOf,
  type PriceKey,
  type ServiceId,
} from "./items";
import type { Confidence, Price, PriceStatus, Tier } from "./price";

/** Where a price of the shipped book was read. */
export interface PriceSource {
  readonly source: string;
  readonly asOf: string;
  readonly status: Exclude<PriceStatus, "override">;
  readonly confidence: Confidence;
}

type SourceId = keyof typeof sources;

/** A row of a table: prices of one key from one source. */
interface Row {
  readonly key: string;
  readonly source: string;
  /** Ends of the tiers; one fewer than prices, or as many where the last tier's end is known but not what follows. */
  readonly upTo?: readonly number[];
  /** By region; `*` for what costs the same everywhere. */
  readonly usd: Readonly<Record<string, number | readonly number[] | undefined>>;
}

/** Prices of instance types in a region. */
interface InstanceGroup {
  readonly source: string;
  readonly region: string;
  /** Type and price by row. */
  readonly usd: readonly (readonly (string | number)[])[];
}

const TABLES: Readonly<Record<ServiceId, () => { readonly prices: readonly Row[] }>> = {
  cloudwatch: () => require("./data/cloudwatch.json") as typeof import("./data/cloudwatch.json"),
  ebs: storage,
  ec2: () => ({ prices: [] }),
  ecr: storage,
  eks: () => require("./data/eks.json") as typeof import("./data/eks.json"),
  elb: () => require("./data/elb.json") as typeof import("./data/elb.json"),
  fargate: () => require("./data/fargate.json") as typeof import("./data/fargate.json"),
  kms: services,
  lambda: () => require("./data/lambda.json") as typeof import("./data/lambda.json"),
  s3: storage,
  sagemaker: () => require("./data/sagemaker.json") as typeof import("./data/sagemaker.json"),
  scheduler: services,
  secrets: services,
  sns: services,
  states: services,
  transfer: () => require("./data/transfer.json") as typeof import("./data/transfer.json"),
  vpc: () => require("./data/vpc.json") as typeof import("./data/vpc.json"),
  xray: services,
};

function storage(): { readonly prices: readonly Row[] } {
  return require("./data/storage.json") as typeof import("./data/storage.json");
}

function services(): { readonly prices: readonly Row[] } {
  return require("./data/services.json") as typeof import("./data/services.json");
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** The prices of a service's own table, by key and region. */
const fixedPrices = Object.fromEntries(
  Object.entries(TABLES).map(([service, load]) => [service, once(() => index(load().prices))]),
) as Readonly<Record<ServiceId, () => ReadonlyMap<string, ReadonlyMap<string, Cell>>>>;

interface Cell {
  readonly tiers: Price["tiers"];
  readonly source: string;
}

function index(rows: readonly Row[]): ReadonlyMap<string, ReadonlyMap<string, Cell>> {
  const byKey = new Map<string, Map<string, Cell>>();
  for (const { key, source, upTo = [], usd } of rows) {
    const byRegion = byKey.get(key) ?? new Map<string, Cell>();
    byKey.set(key, byRegion);
    for (const [region, prices] of Object.entries(usd)) {
      if (prices === undefined) continue;
      if (byRegion.has(region)) throw new Error(`${key} has two prices in ${region}`);
      byRegion.set(region, { tiers: tiersOf(typeof prices === "number" ? [prices] : prices, upTo), source });
    }
  }
  return byKey;
}

function tiersOf(prices: readonly number[], upTo: readonly number[]): Price["tiers"] {
  const [first, ...rest]: readonly Tier[] = prices.map((usd, tier) => ({ usd, upTo: upTo[tier] ?? null }));
  if (first === undefined) throw new Error("a price without tiers");
  return [first, ...rest];
}

const ec2Prices = once(() => {
  const { prices } = require("./data/ec2-instances.json") as typeof import("./data/ec2-instances.json");
  const byRegion = new Map<string, Map<string, Cell>>();
  for (const group of prices) fill(byRegion, group.region, group);
  return byRegion;
});

const sageMaker = once(() => {
  const { observed, factor, sameAsHosting } =
    require("./data/sagemaker-instances.json") as typeof import("./data/sagemaker-instances.json");
  const byUsage = new Map<string, Map<string, Cell>>();
  for (const group of observed) fill(byUsage, `${group.usage} ${group.region}`, group);
  const factors = new Map<string, { readonly times: number; readonly confidence: Confidence }>();
  for (const [type, times, confidence] of factor.rows) {
    if (typeof type !== "string" || typeof times !== "number" || !isConfidence(confidence))
      throw new Error(`sagemaker-instances.json: ${String(type)} has no factor`);
    factors.set(type, { times, confidence });
  }
  return { byUsage, factors, factorSource: factor.source, sameAsHosting };
});

function fill(tables: Map<string, Map<string, Cell>>, name: string, { source, usd }: InstanceGroup): void {
  const table = tables.get(name) ?? new Map<string, Cell>();
  tables.set(name, table);
  for (const [type, price] of usd) {
    if (typeof type !== "string" || typeof price !== "number") throw new Error(`${name}: no type and price`);
    if (table.has(type)) throw new Error(`${type} has two prices in ${name}`);
    table.set(type, { tiers: tiersOf([price], []), source });
  }
}

/** A source of the shipped book. */
export function shippedSource(id: string): PriceSource {
  if (!Object.hasOwn(sources, id)) throw new Error(`sources.json has no ${id}`);
  return sources[id as SourceId] as PriceSource;
}

/** All sources of the shipped book, sorted by id. */
export function shippedSources(): readonly PriceSource[] {
  return Object.keys(sources).map(shippedSource);
}

function priceOf(key: PriceKey, region: string, { tiers, source: id }: Cell): Price {
  const { source, asOf, status, confidence } = shippedSource(id);
  const { unit } = itemOf(key);
  const price: Price = { key, region, unit, tiers, status, confidence, layer: "shipped", source, asOf };
  // Such a source tells the rule along with what it starts from.
  return status === "derived" ? { ...price, how: source } : price;
}

/** A price that stands in the shipped tables as it is; `undefined` where there is none. */
export function shippedPrice(key: PriceKey, region: string): Price | undefined {
  const cell = findCell(key, region);
  return cell === undefined ? undefined : priceOf(key, region, cell);
}

function findCell(key: PriceKey, region: string): Cell | undefined {
  const ec2 = ec2TypeOf(key);
  if (ec2 !== undefined) return ec2Prices().get(region)?.get(ec2);
  const instance = sageMakerTypeOf(key);
  if (instance !== undefined)
    return sageMaker().byUsage.get(`${instance.usage} ${region}`)?.get(instance.type);
  const byRegion = fixedPrices[serviceOf(key)]().get(key);
  return byRegion?.get(region) ?? (region.startsWith("cn-") ? undefined : byRegion?.get("*"));
}

const RANK: Readonly<Record<Confidence, number>> = { low: 0, medium: 1, high: 2 };

/**
 * A price computed by a rule that prices of AWS have been seen to follow: batch transform and asynchronous inference
 * cost what hosting does, and a SageMaker instance costs a fixed multiple of the EC2 type. `undefined` where no rule helps.
 * @param known the price of another key in the same region, as far as the caller has it.
 */
export function derivedPrice(key: PriceKey, known: (key: PriceKey) => Price | undefined): Price | undefined {
  const instance = sageMakerTypeOf(key);
  if (instance === undefined) return undefined;
  const { type, usage } = instance;
  const offered = sageMakerInstance(type);
  if (offered === undefined || !(usage === "transform" ? offered.transform : offered.hosting))
    return undefined;
  const { factors, factorSource, sameAsHosting } = sageMaker();
  if (usage !== "hosting") {
    const hosting = known(priceKey.sageMakerInstance(type, "hosting"));
    if (hosting === undefined) return undefined;
    const { source } = shippedSource(sameAsHosting.source);
    return derived(hosting, key, hosting.tiers, hosting.confidence, joined(hosting.how, source));
  }
  const rule = factors.get(type);
  const ec2Type = type.slice("ml.".length);
  const ec2 = known(priceKey.ec2Instance(ec2Type));
  if (ec2 === undefined || rule === undefined) return undefined;
  const [{ usd }] = ec2.tiers;
  const lower = RANK[rule.confidence] < RANK[ec2.confidence] ? rule.confidence : ec2.confidence;
  const { source, asOf } = shippedSource(factorSource);
  const how = `${ec2Type} at ${usd} USD x ${rule.times}: ${source}`;
  // SageMaker's list has four decimals at most types; more would feign precision.
  const price = derived(ec2, key, [{ upTo: null, usd: Number((usd * rule.times).toFixed(4)) }], lower, how);
  return asOf < price.asOf ? { ...price, asOf } : price;
}

function derived(
  from: Price,
  key: PriceKey,
  tiers: Price["tiers"],
  confidence: Confidence,
  how: string,
): Price {
  return { ...from, key, unit: itemOf(key).unit, tiers, status: "derived", confidence, how };
}

function joined(first: string | undefined, second: string): string {
  return first === undefined ? second : `${first}; ${second}`;
}

function isConfidence(value: unknown): value is Confidence {
  return value === "high" || value === "medium" || value === "low";
}
