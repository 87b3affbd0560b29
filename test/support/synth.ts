import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import { synthesizeResolution } from "../../modules/deployment/model-deployment";
import type { Issue } from "../../modules/issues/issue";
import { loadManifestFile, loadManifestText, loadManifestValue } from "../../modules/manifest/load";
import { resolveManifest, type Resolution } from "../../modules/plan/resolve";
import { localState } from "../../modules/stack/state";
import { targets as builtIn } from "../../targets";
import type { Target } from "../../targets/target";

export interface Json {
  readonly [key: string]: any; // eslint-disable-line @typescript-eslint/no-explicit-any -- tests dig freely in JSON
}

export interface SynthInput {
  /** A file, YAML text, or the manifest as data. */
  readonly file?: string;
  readonly text?: string;
  readonly manifest?: unknown;
  readonly directory?: string;
  readonly target?: string | readonly string[];
  readonly env?: string;
  readonly imageDigest?: string;
  readonly registry?: readonly Target[];
}

/** Resolves a manifest as the commands do. */
export function resolve(input: SynthInput): Resolution {
  const directory = input.directory ?? process.cwd();
  const loaded =
    input.file !== undefined
      ? loadManifestFile(input.file)
      : input.text !== undefined
        ? loadManifestText(input.text, "modelport.yaml", directory)
        : loadManifestValue(input.manifest, directory);
  return resolveManifest(loaded, {
    environment: input.env ?? null,
    targets:
      input.target === undefined ? null : typeof input.target === "string" ? [input.target] : input.target,
    registry: input.registry ?? builtIn,
    ...(input.imageDigest === undefined ? {} : { imageDigest: input.imageDigest }),
  });
}

export function issues(input: SynthInput): readonly Issue[] {
  return resolve(input).issues;
}

export function errorCodes(input: SynthInput): readonly string[] {
  return issues(input).flatMap(({ severity, code }) => (severity === "error" ? [code] : []));
}

/** A synthesized app: the JSON of its stacks by name, and the text as it was written. */
export interface Synthesized {
  readonly stacks: Readonly<Record<string, Json>>;
  readonly texts: Readonly<Record<string, string>>;
  /** The stack whose name ends in this component. */
  stack(component: string): Json;
}

/** Synthesizes as the commands do, with every validation of cdktf on (its own test helper skips them). */
export function synth(input: SynthInput): Synthesized {
  const outdir = mkdtempSync(join(tmpdir(), "modelport-"));
  try {
    const app = new App({ outdir });
    synthesizeResolution(app, resolve(input), localState());
    app.synth();
    const texts = Object.fromEntries(
      readdirSync(join(outdir, "stacks")).map((name) => [
        name,
        readFileSync(join(outdir, "stacks", name, "cdk.tf.json"), "utf8"),
      ]),
    );
    const stacks = Object.fromEntries(
      Object.entries(texts).map(([name, text]) => [name, JSON.parse(text) as Json]),
    );
    return {
      stacks,
      texts,
      stack: (component) => {
        const found = Object.entries(stacks).find(([name]) => name.endsWith(`-${component}`));
        if (found === undefined)
          throw new Error(`no stack ${component} among ${Object.keys(stacks).join(", ")}`);
        return found[1];
      },
    };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** The only resource of a type in a stack. */
export function only(stack: Json, type: string): Json {
  const resources = stack.resource as Record<string, Record<string, Json>> | undefined;
  const all = Object.values(resources?.[type] ?? {});
  if (all.length !== 1 || all[0] === undefined) throw new Error(`${all.length} resources of type ${type}`);
  return all[0];
}

/** A small manifest that every target on AWS can carry, with changes merged in at the top level. */
export function baseManifest(changes: Json = {}): Json {
  return {
    apiVersion: "modelport/v1",
    name: "fraud-scorer",
    region: "eu-west-1",
    model: { image: `123456789012.dkr.ecr.eu-west-1.amazonaws.com/fraud@sha256:${"a".repeat(64)}` },
    resources: { cpu: 1, memory: "2Gi" },
    ...changes,
  };
}

/** The text of a small manifest that every command can work with; pinned, and with its target chosen. */
export const MANIFEST_TEXT = [
  "apiVersion: modelport/v1",
  "name: fraud-scorer",
  "region: eu-west-1",
  `model: { image: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/fraud@sha256:${"a".repeat(64)}" }`,
  "resources: { cpu: 1, memory: 2Gi }",
  "target: sagemaker-realtime",
  "",
].join("\n");
