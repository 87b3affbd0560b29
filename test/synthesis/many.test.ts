import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { synthesizeManifests } from "../../modules/app/synthesize";
import { ManifestError } from "../../modules/issues/issue";
import { type ManyOptions, synthesizeMany } from "../../modules/synthesis/many";
import { targets } from "../../targets";

/** Enough for processes of their own to help. */
const MANY = 61;

let folder: string;
let manifests: string;
let outdir: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "many-"));
  manifests = join(folder, "models");
  outdir = join(folder, "out");
  mkdirSync(manifests);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (file: string, name: string, more = "") =>
  writeFileSync(
    join(manifests, file),
    [
      "apiVersion: modelport/v1",
      `name: ${name}`,
      "region: eu-west-1",
      `model: { image: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/${name}@sha256:${"a".repeat(64)}"${more} }`,
      "resources: { cpu: 1, memory: 2Gi }",
      "target: sagemaker-realtime",
      "",
    ].join("\n"),
  );
const writeModels = (count: number) => {
  for (let index = 0; index < count; index += 1) write(`m${index}.yaml`, `model-${index}`);
};
const options = (more: Partial<ManyOptions> = {}): ManyOptions => ({
  manifests: [manifests],
  targets: null,
  environment: null,
  outdir,
  ...more,
});
const stackFile = (stack: string) => join(outdir, "stacks", stack, "cdk.tf.json");
const textsIn = (out: string) =>
  Object.fromEntries(
    readdirSync(join(out, "stacks")).map((stack) => [
      stack,
      readFileSync(join(out, "stacks", stack, "cdk.tf.json"), "utf8"),
    ]),
  );
const timesOf = () =>
  Object.fromEntries(
    readdirSync(join(outdir, "stacks"))
      .filter((stack) => existsSync(stackFile(stack)))
      .map((stack) => [stack, statSync(stackFile(stack), { bigint: true }).mtimeNs]),
  );
/** The stacks that a run wrote anew. */
async function rewritten(run: () => Promise<unknown>): Promise<readonly string[]> {
  const before = timesOf();
  await run();
  return Object.entries(timesOf())
    .filter(([stack, time]) => before[stack] !== time)
    .map(([stack]) => stack);
}
const listed = () =>
  Object.keys((JSON.parse(readFileSync(join(outdir, "manifest.json"), "utf8")) as { stacks: object }).stacks);

describe("synthesizeMany", () => {
  test("what has not changed is left as it is, and said to be there all the same", async () => {
    writeModels(3);
    const first = await synthesizeMany(options());
    expect(await rewritten(() => synthesizeMany(options()))).toEqual([]);
    const second = await synthesizeMany(options());
    expect(second).toEqual(first);
    expect(second.stacks.map(({ file }) => existsSync(file))).toEqual(Array(6).fill(true));
  });

  test("one that changed is made anew, and all is as if made at once", async () => {
    writeModels(3);
    await synthesizeMany(options());
    appendFileSync(join(manifests, "m1.yaml"), "tags: { team: risk }\n");
    expect(await rewritten(() => synthesizeMany(options()))).toEqual([
      "model-1-default-foundation",
      "model-1-default-sagemaker-realtime",
    ]);
    const whole = join(folder, "whole");
    synthesizeManifests({ ...options(), outdir: whole });
    expect(textsIn(outdir)).toEqual(textsIn(whole));
    expect(listed()).toEqual(Object.keys(textsIn(whole)).sort());
  });

  test.each<[string, () => void]>([
    ["a stack that somebody edited", () => appendFileSync(stackFile("model-0-default-foundation"), " ")],
    ["a stack that somebody removed", () => rmSync(stackFile("model-0-default-foundation"))],
    ["a local artifact", () => writeFileSync(join(manifests, "weights", "w"), "other weights")],
    ["a record that cannot be read", () => writeFileSync(join(outdir, "modelport.json"), "{")],
  ])("%s makes its model anew", async (_what, change) => {
    mkdirSync(join(manifests, "weights"));
    writeFileSync(join(manifests, "weights", "w"), "weights");
    write("m0.yaml", "model-0", ", artifact: weights");
    await synthesizeMany(options());
    const expected = textsIn(outdir);
    expect(await rewritten(() => synthesizeMany(options()))).toEqual([]);
    change();
    await synthesizeMany(options());
    const [foundation, target] = ["foundation", "sagemaker-realtime"].map(
      (part) => `model-0-default-${part}`,
    );
    expect(textsIn(outdir)[foundation ?? ""]).toBe(expected[foundation ?? ""]);
    if (_what === "a local artifact") expect(textsIn(outdir)[target ?? ""]).not.toBe(expected[target ?? ""]);
    else expect(textsIn(outdir)).toEqual(expected);
  });

  test.each<[string, Partial<ManyOptions>]>([
    ["another target", { targets: ["lambda"] }],
    ["a plug-in", { pluginNames: ["./plugin.js"], registry: targets }],
    ["targets of a program's own", { registry: targets }],
  ])("%s counts as a change", async (_what, more) => {
    writeModels(1);
    await synthesizeMany(options());
    expect(await rewritten(() => synthesizeMany(options(more)))).toContain("model-0-default-foundation");
  });

  test("a model that is gone takes its stacks along", async () => {
    writeModels(2);
    await synthesizeMany(options());
    rmSync(join(manifests, "m0.yaml"));
    await synthesizeMany(options());
    expect(Object.keys(timesOf())).toEqual([
      "model-1-default-foundation",
      "model-1-default-sagemaker-realtime",
    ]);
    expect(listed()).toEqual(["model-1-default-foundation", "model-1-default-sagemaker-realtime"]);
  });

  test("warnings of what has not changed are told again", async () => {
    write("m0.yaml", "model-0");
    appendFileSync(join(manifests, "m0.yaml"), "targets: { ecs-fargate: {} }\n");
    const codes = async () => (await synthesizeMany(options())).issues.map(({ code }) => code);
    expect(await codes()).toEqual(["TARGET_DECLARED"]);
    expect(await codes()).toEqual(["TARGET_DECLARED"]);
  });

  test("two models of one name are refused, whichever of them is new, and nothing is written", async () => {
    writeModels(1);
    await synthesizeMany(options());
    write("n.yaml", "model-0");
    const before = timesOf();
    const attempt = synthesizeMany(options());
    await expect(attempt).rejects.toThrow(ManifestError);
    await expect(attempt).rejects.toThrow(/n\.yaml:2:7 name: .*\[DUPLICATE_STACK\]/);
    expect(timesOf()).toEqual(before);
  });
});

describe("many at once", () => {
  const apart = (more: Partial<ManyOptions> = {}) => synthesizeMany(options({ processes: 2, ...more }));

  test("processes of their own write what one would have", async () => {
    writeModels(MANY);
    const made = await apart();
    expect(made.stacks).toHaveLength(2 * MANY);
    expect(made.stacks.map(({ file }) => existsSync(file))).not.toContain(false);
    const whole = join(folder, "whole");
    const { stacks } = synthesizeManifests({ ...options(), outdir: whole });
    expect(made.stacks.map(({ stack }) => stack)).toEqual(stacks.map(({ stack }) => stack));
    expect(textsIn(outdir)).toEqual(textsIn(whole));
    expect(listed()).toEqual(Object.keys(textsIn(whole)).sort());
    expect(readdirSync(outdir).sort()).toEqual(["manifest.json", "modelport.json", "stacks"]);
  });

  test("what Terraform keeps beside a stack stays", async () => {
    writeModels(MANY);
    await apart();
    const kept = join(outdir, "stacks", "model-5-default-foundation", ".terraform");
    mkdirSync(kept);
    await apart({ targets: ["lambda"] });
    expect(existsSync(kept)).toBe(true);
  });

  test("every problem of every batch is told at once, and nothing is written", async () => {
    writeModels(MANY);
    write("a.yaml", "model-60");
    for (const file of ["m0.yaml", "m59.yaml"]) appendFileSync(join(manifests, file), "colour: red\n");
    const error = await apart().then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ManifestError);
    expect((error as ManifestError).issues.map(({ code }) => code)).toEqual([
      "UNKNOWN_FIELD",
      "UNKNOWN_FIELD",
    ]);
    expect(existsSync(outdir)).toBe(false);
  });

  test("two models of one name in different batches are refused", async () => {
    writeModels(MANY);
    write("a.yaml", "model-60");
    await expect(apart()).rejects.toThrow(/\[DUPLICATE_STACK\]/);
    expect(existsSync(outdir)).toBe(false);
  });
});
