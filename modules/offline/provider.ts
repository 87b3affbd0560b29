import { setTimeout as wait } from "node:timers/promises";
import { checkArguments } from "./check-arguments";
import { dataValues } from "./data-sources";
import { strikes, type ArmedFault, type Operation } from "./faults";
import { UNKNOWN, Unknown, equal, hasUnknown, isMap, type Value, type ValueMap } from "./msgpack";
import {
  addComputedBlocks,
  checkComputed,
  emptyBlock,
  manifestReplacements,
  planBlock,
  replacements,
} from "./plan";
import type { Diagnostic, Path } from "./protocol";
import { rulesOf } from "./provider-rules";
import type { ProviderPackage } from "./provider-packages";
import type { Block } from "./schema";
import type { SchemaReader } from "./schema-reader";
import { contextOf, fillBlock } from "./values";

/** Region of made-up values where the configuration gives none. */
const DEFAULT_REGION = "us-east-1";

/** The configuration of one `provider` block; aliased providers of one stack are separate connections. */
export interface Connection {
  config: ValueMap;
}

/** What Terraform is to expect of an apply; `planned` is null for a destruction. */
export interface PlanResult {
  planned: ValueMap | null;
  /** Places whose change replaces the resource. */
  replace: Path[];
  /** Whether the plan has blocks that the configuration lacks, which core forgives only providers it calls legacy. */
  legacy: boolean;
}

/** What an apply leaves; `state` is null for what no longer exists. */
export interface ApplyResult {
  state: ValueMap | null;
  legacy: boolean;
  diagnostics: Diagnostic[];
}

/** The behaviour of one stand-in provider, without the transport. */
export class OfflineProvider {
  /** Types that runs have announced: the schema that Terraform gets holds no others. */
  readonly resources = new Set<string>();
  readonly dataSources = new Set<string>();
  faults: ArmedFault[] = [];
  /** How often each fault has struck, in all runs of the session. */
  private readonly struck = new Map<number, number>();
  /** What was applied, by type and id, for an import to find. */
  private readonly objects = new Map<string, ValueMap>();
  /** Type and id of what a failing delete removed all the same. */
  private readonly gone = new Set<string>();

  constructor(
    readonly provider: ProviderPackage,
    private readonly schemas: SchemaReader,
  ) {}

  /** Announces types that the coming runs use; types that the package lacks are left to Terraform to report. */
  use(resources: readonly string[], dataSources: readonly string[]): void {
    for (const type of resources)
      if (this.schemas.read("resource", type) !== undefined) this.resources.add(type);
    for (const type of dataSources)
      if (this.schemas.read("data", type) !== undefined) this.dataSources.add(type);
  }

  /** @throws Error for a type that the package lacks. */
  schemaOf(kind: "resource" | "data", type: string): Block {
    const block = this.schemas.read(kind, type);
    if (block === undefined) throw new Error(`${this.provider.npmPackage} has no ${kind} ${type}`);
    return block;
  }

  /** The schema of the `provider` block. */
  providerSchema(): Block {
    return this.schemas.read("provider", this.provider.prefix) ?? { attributes: [], blocks: [] };
  }

  /** What core does not check itself. */
  validate(kind: "resource" | "data", type: string, config: ValueMap): Diagnostic[] {
    const block = this.schemaOf(kind, type);
    const computed = checkComputed(block, config);
    return kind === "data" ? computed : [...computed, ...checkArguments(block, rulesOf(type), config)];
  }

  /** Plans one resource: creation without a prior state, destruction without a proposed one. */
  plan(
    connection: Connection,
    type: string,
    prior: ValueMap | null,
    proposed: ValueMap | null,
    config: ValueMap | null,
  ): PlanResult {
    if (proposed === null || config === null) return { planned: null, replace: [], legacy: false };
    const block = this.schemaOf("resource", type);
    const rules = rulesOf(type);
    const planned = planBlock(block, config, prior);
    const legacy = addComputedBlocks(block, rules.computedBlocks, planned, prior);
    planDerived(block, connection, config, planned);
    if (prior !== null && publishes(block, planned) && changed(prior, planned)) {
      for (const name of rules.recomputed) planned[name] = UNKNOWN;
    }
    // Since version 6 every regional AWS resource has a region, and one in another region is another resource:
    // forceNewIfRegionChanges in internal/provider/sdkv2/region.go of hashicorp/terraform-provider-aws (2026-11-23).
    const forceNew = this.provider.prefix === "aws" ? ["region", ...rules.forceNew] : rules.forceNew;
    const replace = prior === null ? [] : replacements(block, { ...rules, forceNew }, prior, planned);
    if (prior !== null && type === "kubernetes_manifest")
      replace.push(...manifestReplacements(prior, planned));
    return { planned, replace, legacy };
  }

  /** Carries a plan out, with made-up values for what is still unknown, unless a fault strikes. */
  async apply(
    connection: Connection,
    type: string,
    prior: ValueMap | null,
    planned: ValueMap | null,
  ): Promise<ApplyResult> {
    const operation: Operation = planned === null ? "delete" : prior === null ? "create" : "update";
    const block = this.schemaOf("resource", type);
    const state = planned === null ? null : this.settle(connection, type, block, planned, prior);
    const fault = await this.strike(type, operation, planned ?? prior ?? {});
    const legacy = rulesOf(type).computedBlocks.length > 0;
    if (fault?.message === undefined) {
      this.remember(type, prior, state);
      return { state, legacy, diagnostics: [] };
    }
    const diagnostics = [failure(type, operation, fault.message)];
    if (fault.takesEffect !== true) return { state: prior, legacy: false, diagnostics };
    this.remember(type, prior, state);
    if (state !== null) return { state, legacy, diagnostics };
    // A provider that cannot tell that the object is gone keeps it; the next refresh finds out.
    const key = objectKey(type, prior);
    if (key !== undefined) this.gone.add(key);
    return { state: prior, legacy: false, diagnostics };
  }

  /** Notes what is there now in place of what was. */
  private remember(type: string, prior: ValueMap | null, state: ValueMap | null): void {
    const key = objectKey(type, state) ?? objectKey(type, prior);
    if (key === undefined) return;
    this.gone.delete(key);
    if (state === null) this.objects.delete(key);
    else this.objects.set(key, state);
  }

  /** Finds everything as it was left, unless a fault strikes. */
  async read(
    type: string,
    state: ValueMap | null,
  ): Promise<{ state: ValueMap | null; diagnostics: Diagnostic[] }> {
    const fault = state === null ? undefined : await this.strike(type, "read", state);
    const key = objectKey(type, state);
    if (fault?.vanished === true || (key !== undefined && this.gone.has(key))) {
      return { state: null, diagnostics: [] };
    }
    if (fault?.message !== undefined) return { state, diagnostics: [failure(type, "read", fault.message)] };
    return { state, diagnostics: [] };
  }

  /** Answers a data source with known values where there are some, and made-up ones else. */
  readData(connection: Connection, type: string, config: ValueMap): ValueMap {
    const block = this.schemaOf("data", type);
    const planned = planBlock(block, config, null);
    const region = regionOf(connection, config);
    for (const [name, value] of Object.entries(dataValues(type, config, region))) {
      if (name in planned && planned[name] instanceof Unknown) planned[name] = value;
    }
    return fillBlock(block, planned, contextOf(type, config, region), "");
  }

  /** What an import of an id finds: what was applied under it, else something with that id and made-up values. */
  import(connection: Connection, type: string, id: string): ValueMap {
    const known = this.objects.get(`${type} ${id}`);
    if (known !== undefined) return known;
    const block = this.schemaOf("resource", type);
    const state = planBlock(block, emptyBlock(block), null);
    const region = regionOf(connection, {});
    const named = ["name", "bucket", "function_name"].find((name) =>
      block.attributes.some((attribute) => attribute.name === name && attribute.type === "string"),
    );
    if (named !== undefined) state[named] = id;
    if (block.attributes.some((attribute) => attribute.name === "id")) state["id"] = id;
    return fillBlock(block, state, contextOf(type, state, region), "");
  }

  private settle(
    connection: Connection,
    type: string,
    block: Block,
    planned: ValueMap,
    prior: ValueMap | null,
  ): ValueMap {
    const state = fillBlock(block, planned, contextOf(type, planned, regionOf(connection, planned)), "");
    for (const name of rulesOf(type).recomputed) {
      if (planned[name] instanceof Unknown) state[name] = successor(state, name, prior?.[name] ?? null);
    }
    return state;
  }

  private async strike(type: string, operation: Operation, value: ValueMap): Promise<ArmedFault | undefined> {
    const fault = this.faults.find(
      (candidate) =>
        strikes(candidate, type, operation, value) &&
        (this.struck.get(candidate.index) ?? 0) < (candidate.times ?? Infinity),
    );
    if (fault === undefined) return undefined;
    this.struck.set(fault.index, (this.struck.get(fault.index) ?? 0) + 1);
    if (fault.delayMs !== undefined) await wait(fault.delayMs);
    return fault;
  }
}

/** Names an object; undefined for one without an id. */
function objectKey(type: string, value: ValueMap | null): string | undefined {
  const id = value?.["id"];
  return typeof id === "string" ? `${type} ${id}` : undefined;
}

function failure(type: string, operation: Operation, message: string): Diagnostic {
  return { severity: "error", summary: `${operation} of ${type} failed`, detail: message };
}

function regionOf(connection: Connection, value: ValueMap): string {
  for (const region of [value["region"], connection.config["region"]]) {
    if (typeof region === "string" && region !== "") return region;
  }
  return DEFAULT_REGION;
}

/** A Lambda function has new versions only if it is told to publish them; other types always do. */
function publishes(block: Block, planned: ValueMap): boolean {
  return !block.attributes.some(({ name }) => name === "publish") || planned["publish"] === true;
}

/** Whether more than the tags changes. */
function changed(prior: ValueMap, planned: ValueMap): boolean {
  return Object.entries(planned).some(
    ([name, value]) => name !== "tags" && name !== "tags_all" && !equal(value, prior[name] ?? null),
  );
}

/** The value after an update: the next version, or what names it. */
function successor(state: ValueMap, name: string, prior: Value): Value {
  if (typeof prior === "number") return prior + 1;
  if (typeof prior === "string" && /^\d+$/.test(prior)) return String(Number(prior) + 1);
  const { arn, version } = state;
  if (name === "qualified_arn" && typeof arn === "string" && typeof version === "string") {
    return `${arn}:${version}`;
  }
  return state[name] ?? null;
}

/** Values the real providers derive while planning, which stacks and their checks refer to. */
function planDerived(block: Block, connection: Connection, config: ValueMap, planned: ValueMap): void {
  const has = (name: string): boolean => block.attributes.some((attribute) => attribute.name === name);
  if (has("tags_all") && has("tags") && (config["tags_all"] ?? null) === null) {
    const tags = config["tags"] ?? null;
    planned["tags_all"] =
      tags instanceof Unknown ? tags : { ...defaultTags(connection), ...(isMap(tags) ? tags : {}) };
  }
  const computesRegion = block.attributes.some(({ name, computed }) => name === "region" && computed);
  if (computesRegion && (config["region"] ?? null) === null) planned["region"] = regionOf(connection, {});
  if (
    has("manifest") &&
    has("object") &&
    (config["object"] ?? null) === null &&
    config["manifest"] !== undefined
  ) {
    planned["object"] = config["manifest"];
  }
}

function defaultTags(connection: Connection): ValueMap {
  const blocks = connection.config["default_tags"];
  const first: Value = Array.isArray(blocks) ? (blocks[0] ?? null) : null;
  const tags = isMap(first) ? first["tags"] : null;
  return isMap(tags) && !hasUnknown(tags) ? tags : {};
}
