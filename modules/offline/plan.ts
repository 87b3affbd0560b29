import { UNKNOWN, Unknown, equal, isMap, type Value, type ValueMap } from "./msgpack";
import type { Diagnostic, Path } from "./protocol";
import type { ProviderRules } from "./provider-rules";
import type { Attribute, Block, NestedBlock } from "./schema";
import { unknownFor } from "./values";

/** The value of a block that nothing sets: every key, lists empty. */
export function emptyBlock(block: Block): ValueMap {
  const out: ValueMap = {};
  for (const attribute of block.attributes) out[attribute.name] = null;
  for (const nested of block.blocks) out[nested.name] = emptyNested(nested);
  return out;
}

function emptyNested(nested: NestedBlock): Value {
  if (nested.nesting === "single") return null;
  return nested.nesting === "map" ? {} : [];
}

/** Finds configured values of attributes that only the provider may decide; core leaves this to the provider. */
export function checkComputed(block: Block, config: ValueMap, path: Path = []): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const attribute of block.attributes) {
    const value = config[attribute.name] ?? null;
    if (value === null || attribute.optional || attribute.required) continue;
    found.push({
      severity: "error",
      summary: "Value for unconfigurable attribute",
      detail:
        `Can't configure a value for "${attribute.name}": its value will be decided automatically based on the ` +
        "result of applying this configuration.",
      path: [...path, { name: attribute.name }],
    });
  }
  for (const nested of block.blocks) {
    for (const [step, item] of elements(nested, config[nested.name] ?? null)) {
      // Elements of a set have no address: the finding points at the block.
      const place: Path = [...path, { name: nested.name }, ...(step === undefined ? [] : [step])];
      found.push(...checkComputed(nested.block, item, place));
    }
  }
  return found;
}

function elements(nested: NestedBlock, value: Value): [Path[number] | undefined, ValueMap][] {
  if (Array.isArray(value)) {
    return value.flatMap((item, index): [Path[number] | undefined, ValueMap][] =>
      isMap(item) ? [[nested.nesting === "set" ? undefined : { index }, item]] : [],
    );
  }
  if (!isMap(value)) return [];
  if (nested.nesting === "single") return [[undefined, value]];
  return Object.entries(value).flatMap(([key, item]): [Path[number], ValueMap][] =>
    isMap(item) ? [[{ key }, item]] : [],
  );
}

/**
 * The planned value of a block: what the configuration sets; else, where the provider decides, what was there
 * before, or unknown for something new; else null.
 */
export function planBlock(block: Block, config: ValueMap, prior: ValueMap | null): ValueMap {
  const out: ValueMap = {};
  for (const attribute of block.attributes) {
    out[attribute.name] = planAttribute(attribute, config[attribute.name] ?? null, prior);
  }
  for (const nested of block.blocks) {
    out[nested.name] = planNested(nested, config[nested.name] ?? null, prior?.[nested.name] ?? null);
  }
  return out;
}

function planAttribute(attribute: Attribute, config: Value, prior: ValueMap | null): Value {
  if (attribute.writeOnly) return null;
  if (config !== null) return config;
  if (!attribute.computed) return null;
  return prior === null ? unknownFor(attribute) : (prior[attribute.name] ?? null);
}

function planNested(nested: NestedBlock, config: Value, prior: Value): Value {
  if (config instanceof Unknown) return config;
  if (nested.nesting === "single") {
    return isMap(config) ? planBlock(nested.block, config, isMap(prior) ? prior : null) : null;
  }
  if (nested.nesting === "map") {
    if (!isMap(config)) return {};
    const before = isMap(prior) ? prior : {};
    return Object.fromEntries(
      Object.entries(config).map(([key, item]) => {
        const old = before[key];
        return [key, isMap(item) ? planBlock(nested.block, item, isMap(old) ? old : null) : item];
      }),
    );
  }
  if (!Array.isArray(config)) return [];
  const before = (Array.isArray(prior) ? prior : []).filter(isMap);
  const partner = nested.nesting === "set" ? matchBySettings(nested.block, before) : byIndex(before);
  return config.map((item, i) => (isMap(item) ? planBlock(nested.block, item, partner(item, i)) : item));
}

type Partner = (item: ValueMap, index: number) => ValueMap | null;

function byIndex(before: ValueMap[]): Partner {
  return (_item, index) => before[index] ?? null;
}

/** Elements of a set have no place: an old one is the same if all that the configuration sets is the same. */
function matchBySettings(block: Block, before: ValueMap[]): Partner {
  const free = [...before];
  return (item) => {
    const at = free.findIndex((candidate) => agrees(block, item, candidate));
    return at < 0 ? null : (free.splice(at, 1)[0] ?? null);
  };
}

/** Whether a stored block is what the configuration asks for, whatever the provider decided besides. */
function agrees(block: Block, config: ValueMap, stored: ValueMap): boolean {
  const attributesAgree = block.attributes.every((attribute) => {
    const wanted = config[attribute.name] ?? null;
    if (attribute.writeOnly || (wanted === null && attribute.computed)) return true;
    return equal(wanted, stored[attribute.name] ?? null);
  });
  return attributesAgree && block.blocks.every((nested) => nestedAgrees(nested, config, stored));
}

function nestedAgrees(nested: NestedBlock, config: ValueMap, stored: ValueMap): boolean {
  const wanted = config[nested.name] ?? null;
  const have = stored[nested.name] ?? null;
  if (isMap(wanted) && isMap(have)) {
    return nested.nesting === "single" ? agrees(nested.block, wanted, have) : equal(wanted, have);
  }
  if (!Array.isArray(wanted) || !Array.isArray(have)) return equal(wanted, have);
  if (wanted.length !== have.length) return false;
  const partner =
    nested.nesting === "set"
      ? matchBySettings(nested.block, have.filter(isMap))
      : byIndex(have.filter(isMap));
  return wanted.every((item, i) => {
    if (!isMap(item)) return false;
    const other = partner(item, i);
    return other !== null && agrees(nested.block, item, other);
  });
}

/**
 * Adds the blocks that the provider fills in although the configuration leaves them out, so that references into
 * them resolve.
 * @returns whether there was one, which makes the plan one that core accepts only from a provider it calls legacy.
 */
export function addComputedBlocks(
  block: Block,
  names: readonly string[],
  planned: ValueMap,
  prior: ValueMap | null,
): boolean {
  let added = false;
  for (const nested of block.blocks) {
    const value = planned[nested.name];
    if (!names.includes(nested.name) || !Array.isArray(value) || value.length > 0) continue;
    const before = prior?.[nested.name];
    planned[nested.name] = Array.isArray(before) && before.length > 0 ? before : [unsetBlock(nested.block)];
    added = true;
  }
  return added;
}

/** A block that the provider decides as a whole. */
function unsetBlock(block: Block): ValueMap {
  const out = emptyBlock(block);
  for (const attribute of block.attributes) if (!attribute.writeOnly) out[attribute.name] = UNKNOWN;
  return out;
}

/** The places, among those whose change replaces the resource, that differ between the old and the planned value. */
export function replacements(
  block: Block,
  rules: Pick<ProviderRules, "forceNew" | "forceNewOnPresence" | "forceNewOnRemoval" | "forceNewUnless">,
  prior: ValueMap,
  planned: ValueMap,
): Path[] {
  const found = rules.forceNew.flatMap((path) => changedPlaces(block, path.split("."), prior, planned, []));
  for (const name of rules.forceNewOnPresence) {
    if (((prior[name] ?? null) === null) !== ((planned[name] ?? null) === null)) found.push([{ name }]);
  }
  for (const name of rules.forceNewOnRemoval) {
    if (isThere(prior[name]) && !isThere(planned[name])) found.push([{ name }]);
  }
  for (const [name, prevention] of Object.entries(rules.forceNewUnless)) {
    const isPrevented = planned[prevention] === true && isThere(prior[name]) === isThere(planned[name]);
    if (!isPrevented && !equal(unordered(prior[name]), unordered(planned[name]))) found.push([{ name }]);
  }
  return [...new Map(found.map((path) => [JSON.stringify(path), path])).values()];
}

/** Whether a block is configured, or may turn out to be. */
function isThere(value: Value | undefined): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== null && value !== undefined;
}

/** The elements of a set in an order that does not depend on the set's own. */
function unordered(value: Value | undefined): Value {
  if (!Array.isArray(value)) return value ?? null;
  return [...value].sort((a, b) => (text(a) < text(b) ? -1 : 1));
}

function changedPlaces(
  block: Block,
  names: string[],
  a: ValueMap | null,
  b: ValueMap | null,
  at: Path,
): Path[] {
  const [name, ...rest] = names;
  if (name === undefined) return [];
  const before = a?.[name] ?? null;
  const after = b?.[name] ?? null;
  const here: Path = [...at, { name }];
  const nested = block.blocks.find((candidate) => candidate.name === name);
  if (nested === undefined) {
    // The rest of a path into an attribute of object type is below what a plan compares one by one.
    const known = block.attributes.some((attribute) => attribute.name === name);
    return known && !equal(before, after) ? [here] : [];
  }
  if (after instanceof Unknown) return [here];
  if (nested.nesting === "single") {
    if (rest.length === 0) return isMap(before) === isMap(after) ? [] : [here];
    return changedPlaces(
      nested.block,
      rest,
      isMap(before) ? before : null,
      isMap(after) ? after : null,
      here,
    );
  }
  const old = (Array.isArray(before) ? before : []).filter(isMap);
  const now = (Array.isArray(after) ? after : []).filter(isMap);
  if (rest.length === 0) return old.length === now.length ? [] : [here];
  if (nested.nesting === "set") {
    const differs = !equal(project(old, rest), project(now, rest));
    return differs ? [here] : [];
  }
  return Array.from({ length: Math.max(old.length, now.length) }, (_none, index) => {
    const place: Path = [...here, { index }];
    const places = changedPlaces(nested.block, rest, old[index] ?? null, now[index] ?? null, place);
    // An element that comes or goes has no place in one of the two values: the list as a whole changes.
    return index < Math.min(old.length, now.length) ? places : places.map(() => here);
  }).flat();
}

/** What makes a Kubernetes object another one. */
const MANIFEST_IDENTITY: readonly (readonly string[])[] = [
  ["apiVersion"],
  ["kind"],
  ["metadata", "name"],
  ["metadata", "namespace"],
];

/** Like `replacements`, for the manifest of a `kubernetes_manifest`, which is one dynamic value. */
export function manifestReplacements(prior: ValueMap, planned: ValueMap): Path[] {
  const [before, after] = [prior, planned].map((value) => dynamicContent(value["manifest"] ?? null));
  return MANIFEST_IDENTITY.some((names) => !equal(valueAt(before, names), valueAt(after, names)))
    ? [[{ name: "manifest" }]]
    : [];
}

/** A dynamic value comes as its type and its content. */
function dynamicContent(value: Value): Value {
  return Array.isArray(value) && value[0] instanceof Uint8Array ? (value[1] ?? null) : value;
}

function valueAt(value: Value | undefined, names: readonly string[]): Value {
  return names.reduce<Value>((at, name) => (isMap(at) ? (at[name] ?? null) : null), value ?? null);
}

/** What the elements of a set hold at a path, in an order that does not depend on the set's own. */
function project(items: ValueMap[], names: string[]): Value[] {
  const [name, ...rest] = names;
  if (name === undefined) return [];
  const values = items.map((item): Value => {
    const value = item[name] ?? null;
    if (rest.length === 0 || !Array.isArray(value))
      return rest.length === 0 && Array.isArray(value) && isMap(value[0] ?? null) ? value.length : value;
    return project(value.filter(isMap), rest);
  });
  return values.sort((x, y) => (text(x) < text(y) ? -1 : 1));
}

function text(value: Value): string {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === "bigint" ? part.toString() : part));
}
