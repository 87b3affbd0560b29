import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import type { Target } from "../../targets/target";
import { synthesizeResolution } from "../deployment/model-deployment";
import type { Data } from "../manifest/data";
import { loadManifestFile, loadManifestValue, type LoadResult } from "../manifest/load";
import { resolveManifest, type Resolution } from "../plan/resolve";
import { localState } from "../stack/state";
import type { JsonObject, StackDocument } from "./document";

/** A manifest, for one target and one environment. */
export interface ConformanceCase {
  readonly registry: readonly Target[];
  readonly target: string;
  /** Null for the manifest without an overlay. */
  readonly environment: string | null;
  /** A file, or the manifest as data and the folder that its paths start from. */
  readonly manifest: string | { readonly data: Data; readonly directory: string };
  /** Digest of the image, where one was built. */
  readonly imageDigest?: string;
}

/** The manifest of a case as plain data, and its folder. */
export function manifestData({ manifest }: ConformanceCase): {
  readonly data: Data;
  readonly directory: string;
} {
  if (typeof manifest !== "string") return manifest;
  const { data, directory } = loadManifestFile(manifest).source;
  return { data, directory };
}

/** Resolves a case as the commands do. */
export function resolveCase(given: ConformanceCase): Resolution {
  const { manifest, environment, target, registry, imageDigest } = given;
  const loaded: LoadResult =
    typeof manifest === "string"
      ? loadManifestFile(manifest)
      : loadManifestValue(manifest.data, manifest.directory);
  return resolveManifest(loaded, {
    environment,
    targets: [target],
    registry,
    ...(imageDigest === undefined ? {} : { imageDigest }),
  });
}

/** Writes the stacks of a resolved manifest into a folder, as the commands do; every validation of cdktf is on. */
export function writeStacks(resolution: Resolution, outdir: string): readonly StackDocument[] {
  mkdirSync(outdir, { recursive: true });
  const app = new App({ outdir });
  synthesizeResolution(app, resolution, localState());
  app.synth();
  const folder = join(outdir, "stacks");
  return readdirSync(folder)
    .sort()
    .map((name) => {
      const text = readFileSync(join(folder, name, "cdk.tf.json"), "utf8");
      return { name, text, document: JSON.parse(text) as JsonObject };
    });
}

/** The stacks of a resolved manifest; nothing is left on disk. */
export function synthesizeStacks(resolution: Resolution): {
  readonly stacks: readonly StackDocument[];
  /** Where they were written; none of it may show in them. */
  readonly outdir: string;
} {
  const outdir = mkdtempSync(join(tmpdir(), "conformance-"));
  try {
    return { stacks: writeStacks(resolution, outdir), outdir };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** The same data with the keys of every map in reverse order. */
export function reverseKeys(data: Data): Data {
  if (Array.isArray(data)) return (data as readonly Data[]).map(reverseKeys);
  if (typeof data !== "object" || data === null) return data;
  return Object.fromEntries(
    Object.entries(data)
      .reverse()
      .map(([key, value]) => [key, reverseKeys(value)]),
  );
}
