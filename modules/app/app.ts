import { dirname, resolve } from "node:path";
import { App } from "cdktf";
import {
  dependOnFoundations,
  synthesizeResolution,
  synthesizeSharedFoundations,
  type SynthesizedStacks,
} from "../deployment/model-deployment";
import type { FoundationStack } from "../foundation/foundation-stack";
import {
  type FoundationMember,
  foundationGroups,
  foundationMember,
  foundationMismatches,
} from "../foundation/members";
import { distinct, type Issue, ManifestError } from "../issues/issue";
import { loadManifestFile } from "../manifest/load";
import { environmentNames } from "../manifest/overlay";
import { type Resolution, resolveManifest } from "../plan/resolve";
import { type PolicyReport, policyReport, withoutPolicies } from "../policy/gate";
import { contextPolicies } from "../policy/load";
import type { Policy } from "../policy/policy";
import { localState, s3State, type S3StateOptions, type StateBackend } from "../stack/state";
import type { Target } from "../../targets/target";
import { findManifests, isOneManifest, MANIFEST_FILE } from "./inputs";
import { makeOutputFolder, projectError } from "./project";
import { contextRegistry } from "./registry";

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
  /** The targets that exist. Default: modelport's own, and the plug-ins of `context.modelport.plugins`. */
  readonly registry?: readonly Target[];
  /** The organisation's policies. Default: those of `context.modelport.policies`. */
  readonly policies?: readonly Policy[];
  /** Whether stacks are held to policies; false for those of an earlier manifest, to compare with. Default true. */
  readonly judged?: boolean;
  readonly context?: Readonly<Record<string, unknown>>;
  /**
   * Whether the foundations that manifests share are made. Where one manifest of many is given, nobody knows what the
   * others need of it. Default: unless `manifests` names one file.
   */
  readonly sharedFoundations?: "make" | "leave";
}

/** One manifest of an app. */
export interface AppDeployment extends SynthesizedStacks {
  readonly file: string;
  readonly environment: string;
  readonly issues: readonly Issue[];
  /** Kinds that were asked for by `all` and cannot carry the manifest; the issues say why. */
  readonly refused: readonly string[];
  /** Where the manifest names itself. */
  readonly nameAt: Pick<Issue, "file" | "line" | "column">;
  /** Files and folders of this machine that the manifest names. */
  readonly inputs: readonly string[];
}

export interface ModelportApp {
  readonly app: App;
  readonly deployments: readonly AppDeployment[];
  /** The foundations that manifests share, where they are made. */
  readonly foundations: readonly FoundationStack[];
  /** What the manifests bring to the foundations that they share. */
  readonly members: readonly FoundationMember[];
  /** Names of the foundations that are shared and left as they are. */
  readonly leftAlone: readonly string[];
  /** What policies warn of, and what the manifests let go; empty before `app.synth()`. */
  readonly policyReport: () => PolicyReport;
}

/**
 * Builds the cdktf app of one or many manifests.
 * @throws {ManifestError} with every issue of every manifest at once.
 */
export function createApp(options: AppOptions): ModelportApp {
  const registry = options.registry ?? contextRegistry(options.context);
  const policies = options.policies ?? contextPolicies(options.context);
  const files = findManifests(options.manifests);
  const resolutions = files.flatMap((file) => {
    const loaded = loadManifestFile(file);
    const declared = options.allEnvironments === true ? environmentNames(loaded.source) : [];
    return (declared.length > 0 ? declared : [options.environment]).map((environment) => ({
      file,
      resolution: resolveManifest(loaded, {
        environment,
        targets: options.targets,
        registry,
        policies,
        ...(options.imageDigest === undefined ? {} : { imageDigest: options.imageDigest }),
      }),
    }));
  });
  const resolved = resolutions.map(({ resolution }) => resolution);
  const members = resolved.flatMap((resolution) => foundationMember(resolution) ?? []);
  const issues = distinct([
    ...resolved.flatMap((resolution) => resolution.issues),
    ...foundationMismatches(members),
  ]);
  if (issues.some(({ severity }) => severity === "error")) throw new ManifestError(issues);

  const app = makeApp(options);
  const state = stateOf(app);
  const deployments = resolutions.map(({ file, resolution }) => ({
    file,
    environment: resolution.environment,
    issues: resolution.issues,
    refused: resolution.refused,
    nameAt: resolution.nameAt,
    inputs: inputsOf(file, resolution),
    ...synthesizeResolution(app, resolution, state),
  }));
  const make =
    (options.sharedFoundations ?? (isOneManifest(options.manifests) ? "leave" : "make")) === "make";
  const foundations = make ? synthesizeSharedFoundations(app, resolved, state) : [];
  for (const deployment of deployments) dependOnFoundations(foundations, deployment);
  if (options.judged === false) withoutPolicies(app);
  return {
    app,
    deployments,
    foundations,
    members,
    leftAlone: make ? [] : [...foundationGroups(members).keys()],
    policyReport: () => policyReport(app),
  };
}

function inputsOf(file: string, { plan, manifest }: Resolution): readonly string[] {
  const image = plan?.model.image;
  const artifact = plan?.model.artifact;
  const trace = manifest?.workload?.trace;
  return [
    ...(image?.kind === "build" ? [image.context.location] : []),
    ...(artifact?.kind === "local" ? [artifact.path.location] : []),
    ...(trace === undefined ? [] : [resolve(dirname(file), trace)]),
  ];
}

/**
 * Builds an app of nothing but the foundations that manifests share.
 * @param members what each brings to it. One manifest of each foundation is read again.
 */
export function createFoundationsApp(
  members: readonly FoundationMember[],
  options: AppOptions,
): Pick<ModelportApp, "app" | "foundations" | "policyReport"> {
  const app = makeApp(options);
  const state = stateOf(app);
  const foundations = [...foundationGroups(members).values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const loaded = loadManifestFile(first.nameAt.file);
    const isDeclared = environmentNames(loaded.source).includes(first.environment);
    const resolution = resolveManifest(loaded, {
      environment: isDeclared ? first.environment : null,
      targets: options.targets,
      registry: options.registry ?? contextRegistry(options.context),
      policies: options.policies ?? contextPolicies(options.context),
      digestFiles: false,
    });
    return synthesizeSharedFoundations(app, [resolution], state, others);
  });
  if (options.judged === false) withoutPolicies(app);
  return { app, foundations, policyReport: () => policyReport(app) };
}

function makeApp({ outdir, context }: AppOptions): App {
  if (outdir !== undefined) makeOutputFolder(outdir);
  return new App({
    ...(outdir === undefined ? {} : { outdir }),
    ...(context === undefined ? {} : { context: { ...context } }),
  });
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
