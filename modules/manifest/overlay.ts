import { type Finding, type ManifestPath, show } from "../issues/issue";
import { nearest } from "../issues/nearest";
import { type Data, type DataObject, isDataObject, valueAt } from "./data";
import type { ManifestSource, Position } from "./load";
import { ENVIRONMENT_NAME_PATTERN } from "./schema";

/** The environment of a manifest that names none. */
export const DEFAULT_ENVIRONMENT = "default";

/** Fields that an environment cannot change: what the file is, what the model is called, how its image is built. */
const FIXED_FIELDS: readonly ManifestPath[] = [
  ["apiVersion"],
  ["name"],
  ["model", "build"],
  ["environments"],
];

/** A manifest as one environment sees it. */
export interface Overlaid {
  readonly environment: string;
  readonly data: Data;
  readonly findings: readonly Finding[];
  /** Where a value of the merged data was written: in the overlay if it says something there, else in the base. */
  readonly locate: (path: ManifestPath, atKey?: boolean) => Position;
  /** A scalar of the merged data as the file spells it. */
  readonly spelling: (path: ManifestPath) => string | undefined;
}

/** Names of the environments that a manifest declares. */
export function environmentNames(source: ManifestSource): readonly string[] {
  const environments = valueAt(source.data, ["environments"]);
  return isDataObject(environments) ? Object.keys(environments).slice(0, MAX_ENVIRONMENTS) : [];
}

/**
 * Lays an environment over a manifest (RFC 7396: maps merge key by key, lists and values replace, null removes).
 * @param environment null for the manifest without an overlay.
 */
export function overlay(source: ManifestSource, environment: string | null): Overlaid {
  const findings: Finding[] = [];
  findings.push(...declarations(source));
  if (environment === null || !isDataObject(source.data)) {
    return {
      environment: DEFAULT_ENVIRONMENT,
      data: withoutEnvironments(source.data),
      findings,
      locate: (path, atKey) => source.locate(path, atKey),
      spelling: (path) => source.spelling(path),
    };
  }
  const root: ManifestPath = ["environments", environment];
  const changes = valueAt(source.data, root);
  if (changes === undefined) {
    const known = environmentNames(source);
    const similar = nearest(environment, known);
    findings.push({
      path: ["environments"],
      code: "UNKNOWN_ENVIRONMENT",
      message: `the manifest has no environment ${show(environment)}`,
      allowed: known.length > 0 ? known.join(", ") : "none is declared",
      fix: similar === undefined ? `add environments.${environment}` : `did you mean "${similar}"?`,
    });
  }
  const overlaid = isDataObject(changes) ? changes : {};
  for (const field of FIXED_FIELDS) {
    if (valueAt(overlaid, field) !== undefined) {
      findings.push({
        path: [...root, ...field],
        code: "ENVIRONMENT_FIELD",
        message: "cannot differ between environments",
        fix: "set it at the top of the manifest only",
        atKey: true,
      });
    }
  }
  return {
    environment,
    data: merge(withoutEnvironments(source.data), overlaid),
    findings,
    locate: (path, atKey) =>
      valueAt(overlaid, path) === undefined
        ? source.locate(path, atKey)
        : source.locate([...root, ...path], atKey),
    spelling: (path) => source.spelling(valueAt(overlaid, path) === undefined ? path : [...root, ...path]),
  };
}

/** Environments of one manifest; each is checked on its own. */
const MAX_ENVIRONMENTS = 50;

/** What is wrong with the environments as such: their names become part of every name and path that is created. */
function* declarations({ data }: ManifestSource): Iterable<Finding> {
  const environments = valueAt(data, ["environments"]);
  if (environments === undefined) return;
  if (!isDataObject(environments)) {
    yield {
      path: ["environments"],
      code: "TYPE",
      message: `${show(environments)} is no map of environments`,
      allowed: "a map: environments by name",
      fix: "write environments: { prod: { ... } }",
    };
    return;
  }
  const entries = Object.entries(environments);
  if (entries.length > MAX_ENVIRONMENTS) {
    yield {
      path: ["environments"],
      code: "RANGE",
      message: `has ${entries.length} environments`,
      allowed: `at most ${MAX_ENVIRONMENTS}`,
      fix: "use several manifests",
    };
  }
  for (const [name, changes] of entries.slice(0, MAX_ENVIRONMENTS)) {
    if (!ENVIRONMENT_NAME_PATTERN.test(name)) {
      yield {
        path: ["environments", name],
        code: "FORMAT",
        message: `${show(name)} cannot be an environment's name`,
        allowed: "1 to 16 lower-case letters, digits and single hyphens",
        fix: "rename it, for example prod",
        atKey: true,
      };
    }
    if (changes !== null && !isDataObject(changes)) {
      yield {
        path: ["environments", name],
        code: "TYPE",
        message: `${show(changes)} is no map of manifest fields`,
        allowed: "a map",
        fix: `write ${name}: { scaling: { max: 2 } }, for example`,
      };
    }
  }
}

function withoutEnvironments(data: Data): Data {
  if (!isDataObject(data)) return data;
  return Object.fromEntries(Object.entries(data).filter(([key]) => key !== "environments"));
}

function merge(base: Data, changes: Data): Data {
  if (!isDataObject(base) || !isDataObject(changes)) return changes;
  const merged: Record<string, Data> = { ...base };
  for (const [key, change] of Object.entries(changes)) {
    if (change === null) Reflect.deleteProperty(merged, key);
    else merged[key] = Object.hasOwn(base, key) ? merge(base[key] as Data, change) : stripNulls(change);
  }
  return merged;
}

/** A null below a new key removes nothing; it must not survive as a value. */
function stripNulls(data: Data): Data {
  if (!isDataObject(data)) return data;
  const kept: Record<string, Data> = {};
  for (const [key, value] of Object.entries(data as DataObject))
    if (value !== null) kept[key] = stripNulls(value);
  return kept;
}
