import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { ArmedFault, Fault, Operation } from "./faults";
import { documentsIn, isObject, readJson } from "./stack-types";

/**
 * Prepares faults for the child process. The provider protocol never names an address, so the resource at one is
 * recognized by the ids of what is there (for a read or a delete), or by what it is configured with.
 * @param dir a folder with a configuration; its state, if any, is a `*.tfstate` in it
 * @throws Error when two resources of the type are configured alike.
 */
export function armFaults(faults: readonly Fault[], dir: string): ArmedFault[] {
  return faults.flatMap((fault, index): ArmedFault[] => {
    const [type = "", name] = fault.resource.split(".");
    if (name === undefined) return [{ ...fault, index, type }];
    // What is read or deleted may be configured differently by now, or no longer.
    const stored = actsOnStored(fault.on) ? storedIds(dir, type, name) : [];
    const matches = stored.length > 0 ? stored.map((id) => ({ id })) : configured(dir, fault.resource);
    return matches.map((settings) => ({ ...fault, index, type, settings }));
  });
}

function actsOnStored(operation: Operation): boolean {
  return operation === "read" || operation === "delete";
}

function storedIds(dir: string, type: string, name: string): string[] {
  return readdirSync(dir)
    .filter((file) => file.endsWith(".tfstate"))
    .flatMap((file) => {
      const resources: unknown = readJson(join(dir, file))["resources"];
      return itemsOf(resources);
    })
    .filter(isObject)
    .filter(
      (resource) => resource["mode"] === "managed" && resource["type"] === type && resource["name"] === name,
    )
    .flatMap(({ instances }) => itemsOf(instances))
    .flatMap((instance) => {
      const attributes = isObject(instance) ? instance["attributes"] : undefined;
      const id = isObject(attributes) ? attributes["id"] : undefined;
      return typeof id === "string" ? [id] : [];
    });
}

function itemsOf(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

/** What the resource at an address is configured with; nothing for an address of another stack. */
function configured(dir: string, address: string): Record<string, unknown>[] {
  const [type = "", name = ""] = address.split(".");
  const resources = new Map<string, unknown>();
  for (const document of documentsIn(dir)) {
    const all = isObject(document["resource"]) ? document["resource"][type] : undefined;
    if (isObject(all)) for (const [key, value] of Object.entries(all)) resources.set(key, literals(value));
  }
  const settings = resources.get(name);
  if (!isObject(settings)) return [];
  const text = JSON.stringify(settings);
  const twin = [...resources].find(([key, value]) => key !== name && JSON.stringify(value) === text);
  if (twin !== undefined) {
    throw new Error(`${address} and ${type}.${twin[0]} are configured alike: the fault could hit either`);
  }
  return [settings];
}

const META_ARGUMENTS = new Set([
  "//",
  "lifecycle",
  "depends_on",
  "provider",
  "count",
  "for_each",
  "provisioner",
]);

function literals(resource: unknown): unknown {
  if (!isObject(resource)) return undefined;
  return Object.fromEntries(
    Object.entries(resource).filter(
      ([key, value]) => !META_ARGUMENTS.has(key) && !(typeof value === "string" && value.includes("${")),
    ),
  );
}
