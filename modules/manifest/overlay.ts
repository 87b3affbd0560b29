import type { Finding, ManifestPath } from "../issues/issue";
import { nearest } from "../issues/nearest";
import { type Data, type DataObject, isDataObject, valueAt } from "./data";
import type { ManifestSource, Position } from "./load";

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
}

/** Names of the environments that a manifest declares. */
export function environmentNames(source: ManifestSource): readonly string[] {
  const environments = valueAt(source.data, ["environments"]);
  return isDataObject(environments) ? Object.keys(environments) : [];
}

/**
 * Lays an environment over a manifest (RFC 7396: maps merge key by key, lists and values replace, null removes).
 * @param environment null for the manifest without an overlay.
 */
export function overlay(source: ManifestSource, environment: string | null): Overlaid {
  const findings: Finding[] = [];
  if (environment === null || !isDataObject(source.data)) {
    return {
      environment: DEFAULT_ENVIRONMENT,
      data: withoutEnvironments(source.data),
      findings,
      locate: (path, atKey) => source.locate(path, atKey),
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
      message: `the manifest has no environment "${environment}"`,
      allowed: known.length > 0 ? known.join(", ") : "none is declared",
      fix: similar === undefined ? `add environments.${environment}` : `did you mean "${similar}"?`,
    });
  } else if (changes !== null && !isDataObject(changes)) {
    findings.push({
      path: root,
      code: "TYPE",
      message: "an environment is a map of manifest fields",
      allowed: "a map",
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
  };
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
