/** A value of a JSON document. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

/** One stack as it was written. */
export interface StackDocument {
  readonly name: string;
  /** `cdk.tf.json`, byte for byte. */
  readonly text: string;
  readonly document: JsonObject;
}

/** A resource of a stack. */
export interface Resource {
  readonly type: string;
  readonly name: string;
  /** `type.name`. */
  readonly address: string;
  readonly config: JsonObject;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object at a path; empty where there is none. */
export function objectAt(value: Json | undefined, ...path: readonly string[]): JsonObject {
  let current = value;
  for (const step of path) current = isObject(current) ? current[step] : undefined;
  return isObject(current) ? current : {};
}

/** A block, which Terraform JSON writes as an object or as a list of objects. */
export function blocks(value: Json | undefined): readonly JsonObject[] {
  return (Array.isArray(value) ? (value as readonly Json[]) : [value]).filter((item) => isObject(item));
}

/** A value that may stand alone or in a list. */
export function list(value: Json | undefined): readonly Json[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? (value as readonly Json[]) : [value];
}

/** Every resource of a stack, in the order of the document. */
export function resourcesOf({ document }: StackDocument): readonly Resource[] {
  return Object.entries(objectAt(document, "resource")).flatMap(([type, byName]) =>
    Object.entries(objectAt(byName)).map(([name, config]) => ({
      type,
      name,
      address: `${type}.${name}`,
      config: objectAt(config),
    })),
  );
}

/** Every text below a value, with the key that it stands under (the nearest one, for items of lists). */
export function* textsIn(
  value: Json | undefined,
  key = "",
): Iterable<{ readonly key: string; readonly text: string }> {
  if (typeof value === "string") yield { key, text: value };
  else if (Array.isArray(value)) for (const item of value as readonly Json[]) yield* textsIn(item, key);
  else if (isObject(value)) for (const [name, item] of Object.entries(value)) yield* textsIn(item, name);
}

/** Parses a text as JSON; undefined where it is none. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
