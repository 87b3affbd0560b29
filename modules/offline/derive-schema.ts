import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { ProviderPackage } from "./provider-packages";
import type { Block, CtyType, Nesting, SchemaKind } from "./schema";

/**
 * Derives a schema from the package's generated TypeScript, which `index.js` carries in its inline source map.
 * @returns undefined when the package has no such type.
 * @throws Error when the package's sources are not laid out as expected.
 */
export function deriveSchema(provider: ProviderPackage, kind: SchemaKind, type: string): Block | undefined {
  const folder = typeFolder(provider, kind, type);
  if (folder === undefined) return undefined;
  const block = parseSchema(readSources(folder).join("\n"));
  // Terraform itself reads a provider's alias.
  if (kind === "provider") block.attributes = block.attributes.filter(({ name }) => name !== "alias");
  return block;
}

function typeFolder(provider: ProviderPackage, kind: SchemaKind, type: string): string | undefined {
  if (kind === "provider") return join(provider.lib, "provider");
  if (!/^[a-z0-9]+(_[a-z0-9]+)+$/.test(type) || !type.startsWith(`${provider.prefix}_`)) return undefined;
  // The package keeps its data sources and the provider beside its resources.
  if (type === `${provider.prefix}_provider` || type.startsWith(`${provider.prefix}_data_`)) return undefined;
  const name = kind === "data" ? `data_${type}` : type.slice(provider.prefix.length + 1);
  const folder = join(provider.lib, name.replaceAll("_", "-"));
  return existsSync(join(folder, "index.js")) ? folder : undefined;
}

const SOURCE_MAP = "sourceMappingURL=data:application/json;base64,";

function readSources(folder: string): string[] {
  const files = [join(folder, "index.js")];
  const structs = join(folder, "index-structs");
  if (existsSync(structs)) {
    for (const file of readdirSync(structs).sort()) {
      if (/^structs\d+\.js$/.test(file)) files.push(join(structs, file));
    }
  }
  return files.flatMap((file) => {
    const text = readFileSync(file, "utf8");
    const at = text.lastIndexOf(SOURCE_MAP);
    if (at < 0) throw new Error(`${file} carries no inline source map: no schema can be derived from it`);
    const map = JSON.parse(Buffer.from(text.slice(at + SOURCE_MAP.length), "base64").toString("utf8")) as {
      sourcesContent: string[];
    };
    return map.sourcesContent;
  });
}

/** How a settable member is written out: an entry of `synthesizeHclAttributes` or `xToHclTerraform`. */
interface HclEntry {
  value: string;
  type: string;
  storage: string;
}

/** A member's flags and how it is read back. */
interface Member {
  name: string;
  computed: boolean;
  optional: boolean;
  required: boolean;
  declaration: string;
  getter: string;
}

const HCL_ENTRY =
  /^ +"?(\w+)"?: \{\n +value: (.*),\n +isBlock: \w+,\n +type: "(\w+)",\n +storageClassType: "(\w+)",/gm;
const MEMBER =
  /\/\/ (\w+) - computed: (true|false), optional: (true|false), required: (true|false)\n([\s\S]*?)public get \w+\(\) \{\n\s+return (.*);\n/g;
/** A member of an interface: its documentation, which links to the Terraform name, and whether it may be left out. */
const PROPERTY = /\/\*\*([\s\S]*?)\*\/\n\s*readonly \w+(\??): .*;/g;
const BLOCK_DOC = /\/\*\*\n\s*\* (\w+) block\n/g;

/** The parts of one type's sources, by the name of the struct they describe. */
class Sources {
  private readonly blockNames = new Map<string, Set<string>>();
  private readonly entries = new Map<string, Map<string, HclEntry>>();
  private readonly members = new Map<string, Member[]>();
  private readonly properties = new Map<string, Member[]>();
  main = "";

  constructor(text: string) {
    for (const chunk of text.split(/^export /m)) {
      const head = /^(interface|function|class) (\w+)/.exec(chunk);
      const name = head?.[2];
      if (head === null || name === undefined) continue;
      if (head[1] === "interface") {
        this.blockNames.set(name, new Set([...chunk.matchAll(BLOCK_DOC)].map((found) => found[1] ?? "")));
        this.properties.set(name, readProperties(chunk));
      } else if (head[1] === "function") {
        const struct = /^(\w+)ToHclTerraform$/.exec(name)?.[1];
        if (struct !== undefined) this.entries.set(upperFirst(struct), readEntries(chunk));
      } else this.addClass(name, chunk);
    }
    if (this.main === "") throw new Error("the sources define no resource, data source or provider");
  }

  private addClass(name: string, chunk: string): void {
    const base = /extends cdktf\.(\w+)/.exec(chunk)?.[1] ?? "";
    if (base === "ComplexObject") {
      this.members.set(name.replace(/OutputReference$/, ""), readMembers(chunk));
    } else if (base.startsWith("Terraform")) {
      const config = /public constructor\(scope: Construct, id: string, config: (\w+)/.exec(chunk)?.[1];
      if (config === undefined) throw new Error(`${name} has no constructor with a configuration`);
      this.main = config;
      this.members.set(config, readMembers(chunk));
      this.entries.set(config, readEntries(chunk));
    }
  }

  membersOf(struct: string): Member[] {
    // The structs of a provider's own configuration have no class, only an interface.
    const members = this.members.get(struct) ?? this.properties.get(struct);
    if (members === undefined) throw new Error(`the sources do not define ${struct}`);
    return members;
  }

  entryOf(struct: string, name: string): HclEntry | undefined {
    return this.entries.get(struct)?.get(name);
  }

  isBlock(struct: string, name: string): boolean {
    return this.blockNames.get(struct)?.has(name) ?? false;
  }
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function readEntries(chunk: string): Map<string, HclEntry> {
  return new Map(
    [...chunk.matchAll(HCL_ENTRY)].map(([, name = "", value = "", type = "", storage = ""]) => [
      name,
      { value, type, storage },
    ]),
  );
}

function readProperties(chunk: string): Member[] {
  return [...chunk.matchAll(PROPERTY)].flatMap(([, doc = "", mark]) => {
    const name = /#(\w+) \w+#\w+\}/.exec(doc)?.[1];
    if (name === undefined) return [];
    const optional = mark === "?";
    return [{ name, computed: false, optional, required: !optional, declaration: "", getter: "" }];
  });
}

function readMembers(chunk: string): Member[] {
  return [...chunk.matchAll(MEMBER)].map(
    ([, name = "", computed, optional, required, declaration = "", getter = ""]) => ({
      name,
      computed: computed === "true",
      optional: optional === "true",
      required: required === "true",
      declaration,
      getter,
    }),
  );
}

/** Parses the generated TypeScript of one resource, data source or provider. */
function parseSchema(text: string): Block {
  const sources = new Sources(text);
  return parseBlock(sources, sources.main);
}

function parseBlock(sources: Sources, struct: string): Block {
  const block: Block = { attributes: [], blocks: [] };
  const members = sources.membersOf(struct);
  const names = new Set(members.map((member) => member.name));
  for (const member of members) {
    const entry = sources.entryOf(struct, member.name);
    const child = childStruct(member, entry);
    if (child !== undefined && sources.isBlock(struct, member.name)) {
      addBlock(block, member, entry, parseBlock(sources, child));
      continue;
    }
    block.attributes.push({
      name: member.name,
      type: child === undefined ? plainType(member, entry) : objectType(sources, member, entry, child),
      required: member.required,
      optional: member.optional,
      computed: member.computed,
      sensitive: false,
      writeOnly: member.name.endsWith("_wo") && names.has(`${member.name}_version`),
    });
  }
  return block;
}

/** The struct that a member refers to, or undefined for a plain value. */
function childStruct(member: Member, entry: HclEntry | undefined): string | undefined {
  const accessor = /= new (\w+?)(?:OutputReference|List|Map)\(this, /.exec(member.declaration)?.[1];
  if (accessor !== undefined || entry === undefined || !/^[A-Z]/.test(entry.storage)) return accessor;
  return entry.type === "struct" ? entry.storage : entry.storage.replace(/List$/, "");
}

/** Whether the member holds at most one struct. */
function isSingular(member: Member, entry: HclEntry | undefined): boolean {
  if (member.declaration.includes("= new "))
    return /= new \w+OutputReference\(this, /.test(member.declaration);
  return entry !== undefined && !/(list|hash)Mapper/.test(entry.value);
}

function nestingOf(member: Member, entry: HclEntry | undefined): Nesting {
  if (entry?.type === "struct") return "single";
  if (entry?.type === "set" || entry?.type === "map") return entry.type;
  return /List\(this, "\w+", true\)/.test(member.declaration) ? "set" : "list";
}

function addBlock(parent: Block, member: Member, entry: HclEntry | undefined, block: Block): void {
  const nesting = nestingOf(member, entry);
  const min = member.required ? 1 : 0;
  if (nesting !== "single" && containsDynamic(block)) {
    // Core refuses a dynamic type inside a list or set of blocks; as one dynamic attribute the content still passes.
    parent.attributes.push({
      name: member.name,
      type: "dynamic",
      required: member.required,
      optional: !member.required,
      computed: false,
      sensitive: false,
      writeOnly: false,
    });
    return;
  }
  // Of a single block, core wants both bounds alike.
  const max = nesting === "single" ? min : isSingular(member, entry) ? 1 : 0;
  parent.blocks.push({ name: member.name, nesting, min, max, block });
}

function containsDynamic(block: Block): boolean {
  return (
    block.attributes.some((attribute) => isDynamic(attribute.type)) ||
    block.blocks.some((nested) => containsDynamic(nested.block))
  );
}

function isDynamic(type: CtyType): boolean {
  if (typeof type === "string") return type === "dynamic";
  if (type[0] === "object") return Object.values(type[1]).some(isDynamic);
  return isDynamic(type[1]);
}

function objectType(sources: Sources, member: Member, entry: HclEntry | undefined, child: string): CtyType {
  const block = parseBlock(sources, child);
  const object: CtyType = ["object", objectFields(block)];
  // A dynamic value inside a collection would force all its elements to one type.
  if (isSingular(member, entry) && (entry === undefined || entry.type === "struct")) return object;
  if (isDynamic(object)) return "dynamic";
  const nesting = nestingOf(member, entry);
  return nesting === "single" ? object : [nesting, object];
}

function objectFields(block: Block): Record<string, CtyType> {
  const fields: Record<string, CtyType> = {};
  for (const attribute of block.attributes) fields[attribute.name] = attribute.type;
  for (const nested of block.blocks) {
    const object: CtyType = ["object", objectFields(nested.block)];
    fields[nested.name] = nested.nesting === "single" ? object : [nested.nesting, object];
  }
  return fields;
}

const SCALARS: Record<string, CtyType> = {
  string: "string",
  number: "number",
  boolean: "bool",
  any: "dynamic",
};

/** The type of a member that holds no struct. */
function plainType(member: Member, entry: HclEntry | undefined): CtyType {
  if (entry !== undefined) return storageType(member.name, entry);
  const map = /= new cdktf\.(\w+)Map\(this, /.exec(member.declaration)?.[1];
  const getter = /get(\w+)Attribute\(/.exec(member.getter)?.[1];
  const accessor = map === undefined ? getter : `${map}Map`;
  switch (accessor) {
    case "String":
      return "string";
    case "Number":
      return "number";
    case "Boolean":
      return "bool";
    case "List":
    case "NumberList": {
      const kind = member.getter.includes("Fn.tolist(") ? "set" : "list";
      return [kind, accessor === "List" ? "string" : "number"];
    }
    case "StringMap":
    case "NumberMap":
    case "BooleanMap":
      return ["map", SCALARS[accessor.slice(0, -3).toLowerCase()] ?? "string"];
    case "AnyMap":
      return "dynamic";
    case undefined:
      return "dynamic";
    default:
      throw new Error(`${member.name}: unknown accessor ${accessor}`);
  }
}

/** Reads a storage class such as "stringMapList": the base type, then its wrappers from the inside out. */
function storageType(name: string, entry: HclEntry): CtyType {
  const parts = /^([a-z]+)((?:List|Map)*)$/.exec(entry.storage);
  const base = SCALARS[parts?.[1] ?? ""];
  if (parts === null || base === undefined)
    throw new Error(`${name}: unknown storage class ${entry.storage}`);
  const wrappers = parts[2]?.match(/List|Map/g) ?? [];
  let type: CtyType = base;
  wrappers.forEach((wrapper, i) => {
    const isOutermost = i === wrappers.length - 1;
    const kind = wrapper === "Map" ? "map" : isOutermost && entry.type === "set" ? "set" : "list";
    type = [kind, type];
  });
  // "anyMap" is Terraform's dynamic type: a map of dynamic elements would force them all to one type.
  return base === "dynamic" ? "dynamic" : type;
}
