import { mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import { createApp } from "../modules/app/app";
import { addHandWritten, type HandWrittenModel } from "./hand-written";

const DIGEST = `sha256:${"a".repeat(64)}`;

function image(index: number): string {
  return `123456789012.dkr.ecr.eu-west-1.amazonaws.com/model-${index}@${DIGEST}`;
}

function modelName(index: number): string {
  return `model-${index}`;
}

/** Manifests on disk, made once: what is measured starts with reading them. */
export function writeManifests(folder: string, count: number): void {
  mkdirSync(folder, { recursive: true });
  for (let index = 0; index < count; index += 1) {
    writeFileSync(
      join(folder, `${modelName(index)}.yaml`),
      [
        "apiVersion: modelport/v1",
        `name: ${modelName(index)}`,
        "region: eu-west-1",
        `model: { image: "${image(index)}" }`,
        "resources: { cpu: 1, memory: 2Gi }",
        "target: sagemaker-realtime",
        "",
      ].join("\n"),
    );
  }
}

/** From manifests to Terraform JSON by modelport. Milliseconds. */
export function modelport(manifests: string, outdir: string): number {
  const start = process.hrtime.bigint();
  createApp({ manifests: [manifests], targets: null, environment: null, outdir }).app.synth();
  return elapsed(start);
}

/** The same resources by plain cdktf. Milliseconds. */
export function handWritten(models: readonly HandWrittenModel[], outdir: string): number {
  const start = process.hrtime.bigint();
  const app = new App({ outdir });
  for (const model of models) addHandWritten(app, model);
  app.synth();
  return elapsed(start);
}

function elapsed(start: bigint): number {
  return Number(process.hrtime.bigint() - start) / 1e6;
}

/** What the author of the hand-written stacks would know, read off modelport's own output once. */
export function handWrittenModels(outdir: string, count: number): readonly HandWrittenModel[] {
  return Array.from({ length: count }, (_none, index) => {
    const name = modelName(index);
    const text = readStack(outdir, `${name}-default-sagemaker-realtime`);
    const stack = JSON.parse(text) as {
      resource: Record<string, Record<string, { name: string } | undefined> | undefined>;
    };
    const end = (type: string, id: string) => stack.resource[type]?.[id]?.name.split("-").at(-1) ?? "";
    return {
      name,
      image: image(index),
      repositoryArn: `arn:aws:ecr:eu-west-1:123456789012:repository/${name}`,
      roleSuffix: end("aws_iam_role", "role"),
      modelVersion: end("aws_sagemaker_model", "model"),
      configurationVersion: end("aws_sagemaker_endpoint_configuration", "endpoint-configuration"),
    };
  });
}

function readStack(outdir: string, stack: string): string {
  return readFileSync(join(outdir, "stacks", stack, "cdk.tf.json"), "utf8");
}

/**
 * Names of stacks that do not have the same resources with the same attributes in both outputs; empty where the
 * comparison is fair. The texts of values may differ: a policy with one statement more takes no measurable time.
 */
export function differences(one: string, other: string): readonly string[] {
  const names = (outdir: string) => readdirSync(join(outdir, "stacks")).sort();
  const [a, b] = [names(one), names(other)];
  const shape = (outdir: string, name: string) =>
    JSON.stringify(outline(JSON.parse(readStack(outdir, name))));
  return [...new Set([...a, ...b])].filter(
    (name) => !a.includes(name) || !b.includes(name) || shape(one, name) !== shape(other, name),
  );
}

/** Every key and list of a document, its values reduced to their kind. */
function outline(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(outline);
  if (typeof value !== "object" || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, outline(item)]));
}

/** A folder that is removed at the end. */
export function scratch<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "modelport-bench-"));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

export interface Comparison {
  /** Stacks that differ between the two; must be empty for the comparison to be fair. */
  readonly differing: readonly string[];
  /** Milliseconds of each round. */
  readonly modelport: readonly number[];
  readonly handWritten: readonly number[];
  /** Ratio of the medians. */
  readonly ratio: number;
}

/** The same models both ways, by turns in one process. The first round warms up and is not counted. */
export function compareSynthesis(count: number, rounds: number): Comparison {
  return scratch((folder) => {
    const manifests = join(folder, "manifests");
    writeManifests(manifests, count);
    const [one, other] = [join(folder, "modelport"), join(folder, "by-hand")];
    modelport(manifests, one);
    const models = handWrittenModels(one, count);
    handWritten(models, other);
    const differing = differences(one, other);
    const times: { readonly a: number; readonly b: number }[] = [];
    for (let round = 0; round < rounds; round += 1) {
      // Whoever comes second finds a fuller heap: the order alternates.
      const first = round % 2 === 0;
      const early = first ? modelport(manifests, one) : handWritten(models, other);
      const late = first ? handWritten(models, other) : modelport(manifests, one);
      times.push(first ? { a: early, b: late } : { a: late, b: early });
    }
    const [a, b] = [times.map((time) => time.a), times.map((time) => time.b)];
    return { differing, modelport: a, handWritten: b, ratio: median(a) / median(b) };
  });
}

export interface Growth {
  readonly few: number;
  readonly many: number;
  /** Time of four times as many models against the time of `count`. */
  readonly ratio: number;
}

/** How the time grows from `count` models to four times as many; by turns, each by its median. */
export function growth(count: number, rounds: number): Growth {
  return scratch((folder) => {
    const sizes = [count, count * 4] as const;
    for (const size of sizes) writeManifests(join(folder, `of-${size}`), size);
    const time = (size: number) => modelport(join(folder, `of-${size}`), join(folder, `out-${size}`));
    sizes.forEach(time);
    const few: number[] = [];
    const many: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      few.push(time(sizes[0]));
      many.push(time(sizes[1]));
    }
    return { few: median(few), many: median(many), ratio: median(many) / median(few) };
  });
}
