import { existsSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { Target } from "../../targets/target";
import { MANIFEST_FILE, matchManifests } from "../app/inputs";
import { PROJECT_FILE } from "../app/project";
import { validateManifests } from "../app/validate";
import type { Issue } from "../issues/issue";
import { type Data, isDataObject, valueAt } from "../manifest/data";
import { loadManifestFile } from "../manifest/load";
import { overlay } from "../manifest/overlay";

/** Where `cdktf.json` says that states are kept. */
export type StateSettings =
  | { readonly kind: "local" }
  | { readonly kind: "s3"; readonly bucket: string; readonly region: string }
  /** A setting of S3 that is missing, by its path in the file. */
  | { readonly kind: "invalid"; readonly path: string };

/** `cdktf.json`, as far as it matters here. */
export type Settings =
  | { readonly kind: "none" }
  | { readonly kind: "broken" }
  | { readonly kind: "found"; readonly app: string | null; readonly state: StateSettings };

/** What a manifest says under the chosen environment, at fault or not. */
export interface ModelFacts {
  readonly file: string;
  readonly apiVersion: Data | undefined;
  /** Targets asked for, or, where none is, those that it declares. */
  readonly kinds: readonly string[];
  readonly region: string | null;
  readonly account: string | null;
  readonly builds: boolean;
  /** `targets.docker.host`. */
  readonly dockerHost: string | null;
}

/** Whether the project needs something; unknown where no manifest says. */
export type Need = "yes" | "no" | "unknown";

/** What there is in the project's folder. */
export interface ProjectFacts {
  readonly settings: Settings;
  /** Manifests as they were asked for. */
  readonly patterns: readonly string[];
  /** Whether they were named, so that their absence is a fault. */
  readonly asked: boolean;
  readonly models: readonly ModelFacts[];
  readonly issues: readonly Issue[];
  /** The targets that the manifests may name. */
  readonly registry: readonly Target[];
  /** Why plug-ins are not among them. */
  readonly pluginIssues: readonly Issue[];
  /** Whether there is a project here: settings or a manifest. */
  readonly inUse: boolean;
  readonly needs: {
    /** An AWS account, for a target or for the state. */
    readonly aws: Need;
    readonly docker: Need;
    /** Building an image. */
    readonly build: Need;
  };
}

export interface ProjectOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Files, folders or globs; none takes `MODELPORT_MANIFEST`, else `modelport.yaml`. */
  readonly manifests: readonly string[];
  readonly environment: string | null;
  readonly targets: readonly string[] | null;
  readonly registry: readonly Target[];
  /** What is wrong with plug-ins, which are missing in the registry then. Default none. */
  readonly pluginIssues?: readonly Issue[];
}

/** Reads what the checks of a project look at, once. */
export function projectFacts(options: ProjectOptions): ProjectFacts {
  const { cwd, env, environment, targets, registry } = options;
  const named = env.MODELPORT_MANIFEST ?? "";
  const asked = options.manifests.length > 0 || named !== "";
  const patterns = (
    options.manifests.length > 0 ? options.manifests : [named === "" ? MANIFEST_FILE : named]
  ).map((pattern) => fromHere(cwd, pattern));
  const { files } = matchManifests(patterns);
  const models = files.map((file) => modelFacts(file, options));
  const settings = readSettings(cwd);
  const { issues } = validateManifests(patterns, { environment, targets, registry });

  const kinds = models.flatMap((model) => model.kinds);
  const platforms = registry.filter(({ kind }) => kinds.includes(kind)).map(({ platform }) => platform);
  const need = (yes: boolean): Need => (yes ? "yes" : platforms.length === 0 ? "unknown" : "no");
  const builds = models.some((model) => model.builds);
  return {
    settings,
    patterns,
    asked,
    models,
    issues,
    registry,
    pluginIssues: options.pluginIssues ?? [],
    inUse: settings.kind !== "none" || files.length > 0,
    needs: {
      aws: need(platforms.includes("aws") || (settings.kind === "found" && settings.state.kind === "s3")),
      docker: need(platforms.includes("local") || builds),
      build: need(builds),
    },
  };
}

/** A pattern as it is to be read from this process's folder. */
function fromHere(cwd: string, pattern: string): string {
  const path = relative("", resolve(cwd, pattern));
  return path === "" ? "." : path;
}

function modelFacts(file: string, { environment, targets, registry }: ProjectOptions): ModelFacts {
  const { data } = overlay(loadManifestFile(file).source, environment);
  const declared = valueAt(data, ["targets"]);
  const text = (...path: string[]): string | null => {
    const value = valueAt(data, path);
    return typeof value === "string" ? value : null;
  };
  const chosen = targets ?? [text("target")].filter((kind) => kind !== null);
  const kinds = chosen.length > 0 ? chosen : isDataObject(declared) ? Object.keys(declared) : [];
  return {
    file,
    apiVersion: valueAt(data, ["apiVersion"]),
    kinds: kinds.includes("all") ? registry.map(({ kind }) => kind) : kinds,
    region: text("region"),
    account: text("account"),
    builds: valueAt(data, ["model", "build"]) !== undefined,
    dockerHost: text("targets", "docker", "host"),
  };
}

function readSettings(cwd: string): Settings {
  const file = join(cwd, PROJECT_FILE);
  if (!existsSync(file)) return { kind: "none" };
  const content = readJson(file);
  if (!isDataObject(content)) return { kind: "broken" };
  const app = valueAt(content, ["app"]);
  return {
    kind: "found",
    app: typeof app === "string" && app.trim() !== "" ? app : null,
    state: stateIn(content),
  };
}

function stateIn(settings: Data): StateSettings {
  const path = ["context", "modelport", "state", "s3"];
  const s3 = valueAt(settings, path);
  if (s3 === undefined) return { kind: "local" };
  const [bucket, region] = ["bucket", "region"].map((name) => valueAt(s3, [name]));
  if (typeof bucket !== "string" || bucket === "")
    return { kind: "invalid", path: [...path, "bucket"].join(".") };
  if (typeof region !== "string" || region === "")
    return { kind: "invalid", path: [...path, "region"].join(".") };
  return { kind: "s3", bucket, region };
}

/** What a JSON file holds; undefined where it is none, or cannot be read. */
export function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
