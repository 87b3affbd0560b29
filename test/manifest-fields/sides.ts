import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { baseManifest } from "../support/synth";
import type { Change } from "./changes";

/** Writes the build contexts that the changes name. */
export function writeServers(directory: string): void {
  for (const [folder, file] of [
    ["server", "Dockerfile"],
    ["server", "other.Dockerfile"],
    ["other-server", "Dockerfile"],
  ] as const) {
    mkdirSync(join(directory, folder), { recursive: true });
    writeFileSync(join(directory, folder, file), `FROM scratch\nLABEL from=${folder}\n`);
  }
}

/** A manifest as data. */
export type Manifest = Readonly<Record<string, unknown>>;

/** What every change starts from. */
export const BASE: Manifest = baseManifest({
  resources: { cpu: 2, memory: "4Gi" },
  targets: { "sagemaker-batch": { input: "s3://in/", output: "s3://out/" } },
});

/** A manifest with a value set at a dotted path; undefined removes it. */
function withValue(manifest: Manifest, path: string, value: unknown): Manifest {
  const [first = "", ...rest] = path.split(".");
  if (rest.length === 0) {
    return Object.fromEntries(
      Object.entries({ ...manifest, [first]: value }).filter(([, item]) => item !== undefined),
    );
  }
  return { ...manifest, [first]: withValue((manifest[first] ?? {}) as Manifest, rest.join("."), value) };
}

/** The manifest before and after a change of a field. */
export function sides(
  field: string,
  change: Change,
): { readonly before: Manifest; readonly after: Manifest } {
  const at = change.at ?? field.replace(/\[\]$/, "");
  const around = Object.entries(change.with ?? {}).reduce(
    (manifest, [path, value]) => withValue(manifest, path, value),
    BASE,
  );
  const before = "from" in change ? withValue(around, at, change.from) : around;
  return { before, after: withValue(before, at, change.to) };
}
