import type { ArmedFault, Fault } from "./faults";
import { documentsIn, isObject } from "./stack-types";

/**
 * Prepares faults for the child process. The provider protocol never names an address, so the resource at one is
 * recognized by what it is configured with.
 * @throws Error when two resources of the type are configured alike.
 */
export function armFaults(faults: readonly Fault[], dir: string): ArmedFault[] {
  const documents = documentsIn(dir);
  return faults.flatMap((fault, index): ArmedFault[] => {
    const [type = "", name] = fault.resource.split(".");
    if (name === undefined) return [{ ...fault, index, type }];
    const resources = new Map<string, unknown>();
    for (const document of documents) {
      const all = isObject(document["resource"]) ? document["resource"][type] : undefined;
      if (isObject(all)) for (const [key, value] of Object.entries(all)) resources.set(key, literals(value));
    }
    const settings = resources.get(name);
    // An address that a folder does not define is another stack's.
    if (!isObject(settings)) return [];
    const text = JSON.stringify(settings);
    const twin = [...resources].find(([key, value]) => key !== name && JSON.stringify(value) === text);
    if (twin !== undefined) {
      throw new Error(
        `${fault.resource} and ${type}.${twin[0]} are configured alike: the fault could hit either`,
      );
    }
    return [{ ...fault, index, type, settings }];
  });
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
