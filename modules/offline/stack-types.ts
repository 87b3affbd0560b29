import { existsSync, readFileSync, readdirSync } from "node:fs";
import { isAbsolute, join } from "node:path";

/** The types of resources and data sources that a run of Terraform touches. */
export interface UsedTypes {
  resources: string[];
  dataSources: string[];
}

/** An object of a JSON document. */
export type Json = Record<string, unknown>;

/**
 * Collects the types that the configuration files (`*.tf.json`, `*.tf`) and the local state of a folder name, so
 * that only their schemas are derived. State counts too: what is only there is about to be destroyed.
 */
export function typesInFolder(dir: string): UsedTypes {
  const resources = new Set<string>();
  const dataSources = new Set<string>();
  const states = new Set<string>();
  for (const file of readdirSync(dir)) {
    const path = join(dir, file);
    if (file.endsWith(".tf.json")) {
      const document = readJson(path);
      for (const type of keysOf(document["resource"])) resources.add(type);
      for (const type of keysOf(document["data"])) dataSources.add(type);
      const state = backendPath(document);
      if (state !== undefined) states.add(isAbsolute(state) ? state : join(dir, state));
    } else if (file.endsWith(".tf")) {
      for (const [, kind, type = ""] of readFileSync(path, "utf8").matchAll(
        /^\s*(resource|data)\s+"(\w+)"/gm,
      )) {
        (kind === "data" ? dataSources : resources).add(type);
      }
    } else if (file.endsWith(".tfstate")) states.add(path);
  }
  for (const state of states) {
    if (!existsSync(state)) continue;
    for (const { mode, type } of stateResources(readJson(state))) {
      (mode === "data" ? dataSources : resources).add(type);
    }
  }
  return { resources: [...resources].sort(), dataSources: [...dataSources].sort() };
}

/** The JSON documents of a folder's configuration. */
export function documentsIn(dir: string): Json[] {
  return readdirSync(dir)
    .filter((file) => file.endsWith(".tf.json"))
    .map((file) => readJson(join(dir, file)));
}

/** Reads an object from a JSON file; what is no JSON reads as an empty one. */
export function readJson(path: string): Json {
  const text = readFileSync(path, "utf8");
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    // Terraform itself reports what is wrong with a file that is no JSON.
    return {};
  }
}

/** Whether a value of a JSON document is an object. */
export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The keys of an object, or of every object of a list: Terraform accepts both. */
function keysOf(value: unknown): string[] {
  return [value].flat().flatMap((part) => (isObject(part) ? Object.keys(part) : []));
}

function backendPath(document: Json): string | undefined {
  for (const settings of [document["terraform"]].flat()) {
    const backend = isObject(settings) ? settings["backend"] : undefined;
    for (const part of [backend].flat()) {
      const local = isObject(part) ? part["local"] : undefined;
      for (const options of [local].flat()) {
        if (isObject(options) && typeof options["path"] === "string") return options["path"];
      }
    }
  }
  return undefined;
}

function stateResources(state: Json): { mode: string; type: string }[] {
  const resources: unknown = state["resources"];
  return (Array.isArray(resources) ? resources : []).flatMap((resource: unknown) =>
    isObject(resource) && typeof resource["type"] === "string"
      ? [{ mode: String(resource["mode"]), type: resource["type"] }]
      : [],
  );
}
