import { App } from "cdktf";
import { synthesizeResolution, type SynthesizedStacks } from "../deployment/model-deployment";
import { type Issue, ManifestError } from "../issues/issue";
import { loadManifestFile } from "../manifest/load";
import { environmentNames } from "../manifest/overlay";
import { resolveManifest } from "../plan/resolve";
import { localState, s3State, type S3StateOptions, type StateBackend } from "../stack/state";
import type { Target } from "../../targets/target";
import { targets as builtIn } from "../../targets";
import { findManifests, MANIFEST_FILE } from "./inputs";
import { makeOutputFolder, projectError } from "./project";

/** What an app is made from. */
export interface AppOptions {
  /** Paths, folders or globs. */
  readonly manifests: readonly string[];
  /** Kinds, or `all`; null takes each manifest's own `target`. */
  readonly targets: readonly string[] | null;
  /** Null takes the manifest without an overlay. */
  readonly environment: string | null;
  /** Every environment that a manifest declares, whatever `environment` says. Default false. */
  readonly allEnvironments?: boolean;
  readonly outdir?: string;
  readonly imageDigest?: string;
  readonly registry?: readonly Target[];
  readonly context?: Readonly<Record<string, unknown>>;
}

/** One manifest of an app. */
export interface AppDeployment extends SynthesizedStacks {
  readonly file: string;
  readonly environment: string;
  readonly issues: readonly Issue[];
  /** Kinds that were asked for by `all` and cannot carry the manifest; the issues say why. */
  readonly refused: readonly string[];
}

export interface ModelportApp {
  readonly app: App;
  readonly deployments: readonly AppDeployment[];
}

/**
 * Builds the cdktf app of one or many manifests.
 * @throws {ManifestError} with every issue of every manifest at once.
 */
export function createApp(options: AppOptions): ModelportApp {
  const files = findManifests(options.manifests);
  const resolutions = files.flatMap((file) => {
    const loaded = loadManifestFile(file);
    const declared = options.allEnvironments === true ? environmentNames(loaded.source) : [];
    return (declared.length > 0 ? declared : [options.environment]).map((environment) => ({
      file,
      resolution: resolveManifest(loaded, {
        environment,
        targets: options.targets,
        registry: options.registry ?? builtIn,
        ...(options.imageDigest === undefined ? {} : { imageDigest: options.imageDigest }),
      }),
    }));
  });
  const issues = distinct(resolutions.flatMap(({ resolution }) => resolution.issues));
  if (issues.some(({ severity }) => severity === "error")) throw new ManifestError(issues);

  if (options.outdir !== undefined) makeOutputFolder(options.outdir);
  const app = new App({
    ...(options.outdir === undefined ? {} : { outdir: options.outdir }),
    ...(options.context === undefined ? {} : { context: { ...options.context } }),
  });
  const state = stateOf(app);
  const deployments = resolutions.map(({ file, resolution }) => ({
    file,
    environment: resolution.environment,
    issues: resolution.issues,
    refused: resolution.refused,
    ...synthesizeResolution(app, resolution, state),
  }));
  return { app, deployments };
}

/** Issues that several environments share are named once. */
export function distinct(issues: readonly Issue[]): readonly Issue[] {
  return [...new Map(issues.map((issue) => [JSON.stringify(issue), issue])).values()];
}

/** Reads what to build from `MODELPORT_MANIFEST`, `MODELPORT_TARGET` and `MODELPORT_ENV`, as `cdktf` commands do. */
export function optionsFromEnvironment(env: NodeJS.ProcessEnv): AppOptions {
  const targets = (env.MODELPORT_TARGET ?? "").split(",").map((kind) => kind.trim());
  return {
    manifests: [notEmpty(env.MODELPORT_MANIFEST) ?? MANIFEST_FILE],
    targets: targets.some((kind) => kind !== "") ? targets.filter((kind) => kind !== "") : null,
    environment: notEmpty(env.MODELPORT_ENV) ?? null,
  };
}

function notEmpty(value: string | undefined): string | undefined {
  return value === "" ? undefined : value;
}

/** `cdktf.json` → `context.modelport.state`; files beside the project where it says nothing. */
function stateOf(app: App): StateBackend {
  const context = app.node.tryGetContext("modelport") as { state?: { s3?: S3StateOptions } } | undefined;
  const s3 = context?.state?.s3;
  if (s3 === undefined) return localState();
  for (const name of ["bucket", "region"] as const) {
    if (typeof s3[name] !== "string" || s3[name] === "")
      throw projectError("is required", `context.modelport.state.s3.${name}`);
  }
  return s3State(s3);
}
