import { Unknown, hasUnknown, isMap, type Value, type ValueMap } from "./msgpack";
import type { Diagnostic, Path } from "./protocol";
import type { ProviderRules } from "./provider-rules";
import type { Block } from "./schema";

/** The rules about which arguments go together. */
export type ArgumentRules = Pick<
  ProviderRules,
  "conflicts" | "requiredWith" | "exactlyOneOf" | "items" | "framework"
>;

/**
 * Finds arguments that exclude or demand each other, and collections of a wrong length. Neither is part of a schema:
 * core leaves both to the provider. A value that is not yet known is never a finding. The wording is that of the
 * real providers: helper/schema/schema.go of hashicorp/terraform-plugin-sdk 2, and resourcevalidator.ExactlyOneOf of
 * hashicorp/terraform-plugin-framework-validators for types that are built on the newer framework (read 2026-11-23).
 */
export function checkArguments(block: Block, rules: ArgumentRules, config: ValueMap): Diagnostic[] {
  return [
    ...rules.exactlyOneOf.flatMap((group) => checkOneOf(block, group, rules.framework, config)),
    ...Object.entries(rules.requiredWith).flatMap(([path, others]) =>
      checkRequired(block, path, others, config),
    ),
    ...Object.entries(rules.conflicts).flatMap(([path, others]) =>
      checkConflicts(block, path, others, config),
    ),
    ...Object.entries(rules.items).flatMap(([path, bounds]) => checkItems(block, path, bounds, config)),
  ];
}

/** One occurrence of an attribute or block in a configuration. */
interface Occurrence {
  /** Its address with indexes, as messages name it: "launch_template.0.name". */
  key: string;
  path: Path;
  /** Null for what is not set. */
  value: Value;
}

/** Every place of a dotted path whose surrounding blocks are there. */
function occurrences(block: Block, path: string, config: ValueMap): Occurrence[] {
  const [name = "", ...rest] = path.split(".");
  const value = config[name] ?? null;
  if (rest.length === 0) {
    const isBlock = block.blocks.some((nested) => nested.name === name);
    const isUnset = isBlock && Array.isArray(value) && value.length === 0;
    return [{ key: name, path: [{ name }], value: isUnset ? null : value }];
  }
  const nested = block.blocks.find((candidate) => candidate.name === name);
  if (nested === undefined) return [];
  const elements = Array.isArray(value) ? value : [value];
  return elements.flatMap((element, index) => {
    if (!isMap(element)) return [];
    // Elements of a set have no address: a finding in one points at the block.
    const step: Path = nested.nesting === "list" ? [{ index }] : [];
    return occurrences(nested.block, rest.join("."), element).map((found) => ({
      ...found,
      key: nested.nesting === "single" ? `${name}.${found.key}` : `${name}.${index}.${found.key}`,
      path: nested.nesting === "set" ? [{ name }] : [{ name }, ...step, ...found.path],
    }));
  });
}

/** What is at an address with indexes: null for nothing, an unknown where a part of the way is not known. */
function valueAt(block: Block, address: string, config: ValueMap): Value {
  const [name = "", ...steps] = address.split(".");
  const value = config[name] ?? null;
  const nested = block.blocks.find((candidate) => candidate.name === name);
  // A list of blocks that is empty is one that is not there.
  if (nested !== undefined && Array.isArray(value) && value.length === 0) return null;
  if (steps.length === 0 || value instanceof Unknown) return value;
  const element = Array.isArray(value) ? (value[Number(steps[0])] ?? null) : value;
  const rest = (Array.isArray(value) ? steps.slice(1) : steps).join(".");
  if (rest === "" || element instanceof Unknown) return element;
  return nested !== undefined && isMap(element) ? valueAt(nested.block, rest, element) : null;
}

function finding(summary: string, detail: string, path: Path): Diagnostic {
  return { severity: "error", summary, detail, path };
}

function checkOneOf(
  block: Block,
  group: readonly string[],
  framework: boolean,
  config: ValueMap,
): Diagnostic[] {
  const values = group.map((address) => ({ address, value: valueAt(block, address, config) }));
  const set = values.filter(({ value }) => value !== null && !(value instanceof Unknown));
  const isUnknown = values.some(({ value }) => value instanceof Unknown);
  if (set.length === 1 || (set.length === 0 && isUnknown)) return [];
  if (framework) {
    const detail = `Exactly one of these attributes must be configured: [${group.join(",")}]`;
    return set.length === 0
      ? [{ severity: "error", summary: "Missing Attribute Configuration", detail }]
      : [finding("Invalid Attribute Combination", detail, [{ name: set[0]?.address ?? "" }])];
  }
  const names = `one of \`${group.join(",")}\``;
  const problem =
    set.length === 0
      ? `${names} must be specified`
      : `only ${names} can be specified, but \`${set.map(({ address }) => address).join(",")}\` were specified.`;
  // Every member of the group complains, unless the block it would be in is not there.
  return group.flatMap((address) =>
    occurrences(block, withoutIndexes(address), config)
      .filter(({ key }) => key === address)
      .map(({ key, path }) => finding("Invalid combination of arguments", `"${key}": ${problem}`, path)),
  );
}

function withoutIndexes(address: string): string {
  return address
    .split(".")
    .filter((step) => !/^\d+$/.test(step))
    .join(".");
}

function checkRequired(
  block: Block,
  path: string,
  others: readonly string[],
  config: ValueMap,
): Diagnostic[] {
  return occurrences(block, path, config).flatMap(({ key, path: place, value }) => {
    if (value === null || others.every((other) => valueAt(block, other, config) !== null)) return [];
    const names = [key, ...others].sort().join(",");
    return [finding("Missing required argument", `"${key}": all of \`${names}\` must be specified`, place)];
  });
}

function checkConflicts(
  block: Block,
  path: string,
  others: readonly string[],
  config: ValueMap,
): Diagnostic[] {
  return occurrences(block, path, config).flatMap(({ key, path: place, value }) => {
    if (value === null || value instanceof Unknown) return [];
    const other = others.find((address) => {
      const beside = valueAt(block, address, config);
      return beside !== null && !(beside instanceof Unknown);
    });
    return other === undefined
      ? []
      : [finding("Conflicting configuration arguments", `"${key}": conflicts with ${other}`, place)];
  });
}

function checkItems(
  block: Block,
  path: string,
  [min, max]: readonly [number, number],
  config: ValueMap,
): Diagnostic[] {
  return occurrences(block, path, config).flatMap(({ key, path: place, value }) => {
    // Only a wholly known collection has its final length.
    if (!Array.isArray(value) || hasUnknown(value)) return [];
    const found = value.length;
    if (max > 0 && found > max) {
      const detail = `Attribute ${key} supports ${max} item maximum, but config has ${found} declared.`;
      return [finding("Too many list items", detail, place)];
    }
    if (found >= min) return [];
    const detail = `Attribute ${key} requires ${min} item minimum, but config has only ${found} declared.`;
    return [finding("Not enough list items", detail, place)];
  });
}
