import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deriveSchema } from "./derive-schema";
import type { ProviderPackage } from "./provider-packages";
import { rulesOf } from "./provider-rules";
import type { Attribute, Block, NestedBlock, SchemaKind } from "./schema";

/** Bump when the derivation changes: cached schemas of other versions are ignored. */
const CACHE_FORMAT = 1;

/** Reads schemas out of a provider package, each once, through a cache folder. */
export class SchemaReader {
  private readonly memory = new Map<string, Block | undefined>();
  private readonly folder: string;

  /** @param cacheDir is created when the first schema is stored. */
  constructor(
    private readonly provider: ProviderPackage,
    cacheDir: string,
  ) {
    this.folder = join(cacheDir, `${provider.prefix}-${provider.version}-${CACHE_FORMAT}`);
  }

  /** The schema of one type, with the rules of `provider-rules.json` applied; undefined when there is no such type. */
  read(kind: SchemaKind, type: string): Block | undefined {
    const key = `${kind}-${type}`;
    if (this.memory.has(key)) return this.memory.get(key);
    const derived = this.cached(key, () => deriveSchema(this.provider, kind, type));
    if (derived !== undefined && kind === "resource") applyRules(type, derived);
    this.memory.set(key, derived);
    return derived;
  }

  private cached(key: string, derive: () => Block | undefined): Block | undefined {
    const file = join(this.folder, `${key}.json`);
    if (/^[a-z0-9_-]+$/.test(key) && existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as Block;
    const block = derive();
    if (block !== undefined) {
      mkdirSync(this.folder, { recursive: true });
      // Two processes may derive the same type: a rename makes each write whole.
      const draft = `${file}.${process.pid}`;
      writeFileSync(draft, JSON.stringify(block));
      renameSync(draft, file);
    }
    return block;
  }
}

function applyRules(type: string, block: Block): void {
  const rules = rulesOf(type);
  for (const path of rules.sensitive) {
    const attribute = findAttribute(block, path.split("."));
    if (attribute !== undefined) attribute.sensitive = true;
  }
  for (const [path, [min, max]] of Object.entries(rules.items)) {
    const nested = findBlock(block, path.split("."));
    if (nested === undefined || nested.nesting === "single" || nested.nesting === "map") continue;
    // The rules may be older than the package: whether there is a limit of one is the package's to say. Terraform
    // knows no "none or at least two", so providers announce a lower bound of required blocks only.
    if (nested.max === 0 && max > 1) nested.max = max;
    if (nested.min > 0 && min > 1) nested.min = min;
  }
}

function findBlock(block: Block, path: string[]): NestedBlock | undefined {
  const [first, ...rest] = path;
  const nested = block.blocks.find((candidate) => candidate.name === first);
  return nested === undefined || rest.length === 0 ? nested : findBlock(nested.block, rest);
}

function findAttribute(block: Block, path: string[]): Attribute | undefined {
  const [first, ...rest] = path;
  if (rest.length === 0) return block.attributes.find((attribute) => attribute.name === first);
  const nested = block.blocks.find((candidate) => candidate.name === first);
  return nested === undefined ? undefined : findAttribute(nested.block, rest);
}
