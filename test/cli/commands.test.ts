import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { targets } from "../../targets";
import { cli } from "../support/cli";
import { type Json, MANIFEST_TEXT } from "../support/synth";

const DIGEST = `sha256:${"a".repeat(64)}`;
const GOOD = MANIFEST_TEXT;
const BAD = GOOD.replace("memory: 2Gi", "memory: 2048");
const WARNS = GOOD.replace(`@${DIGEST}`, ":1.0");

let folder: string;
const at = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  cli(args, { cwd: folder, env });

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "modelport-cli-"));
  const write = (file: string, text: string) => writeFileSync(join(folder, file), text);
  write("good.yaml", GOOD);
  write("other.yaml", GOOD.replace("fraud-scorer", "other-model"));
  write("bad.yaml", BAD);
  write("warns.yaml", WARNS);
  write(
    "envs.yaml",
    `${GOOD}environments: { prod: { description: in production }, test: { scaling: { min: 0 } } }\n`,
  );
  mkdirSync(join(folder, "many", "a"), { recursive: true });
  write("many/a/modelport.yaml", GOOD);
  write("many/b.yml", GOOD.replace("fraud-scorer", "second-model"));
  write("many/unrelated.yaml", "a: b\n");
  write("build.yaml", GOOD.replace(/model: .*/, "model: { build: { context: ./many } }"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A document on stdout, nothing beside it. */
function document(stdout: string): Json {
  const parsed = JSON.parse(stdout) as Json;
  expect(Object.keys(parsed)[0]).toBe("schemaVersion");
  expect(parsed.schemaVersion).toBe(1);
  return parsed;
}

describe("exit codes", () => {
  test.each<[string, readonly string[], number]>([
    ["a good manifest", ["validate", "good.yaml"], 0],
    ["a warning alone", ["validate", "warns.yaml"], 0],
    ["a bad manifest", ["validate", "bad.yaml"], 1],
    ["a missing file", ["validate", "none.yaml"], 1],
    ["an unknown target", ["validate", "good.yaml", "--target", "lamda"], 1],
    ["an unknown environment", ["validate", "envs.yaml", "--env", "prd"], 1],
    ["a bad manifest, to be synthesized", ["synth", "bad.yaml", "--out", "none"], 1],
    ["a missing file, to be synthesized", ["synth", "none.yaml", "--out", "none"], 1],
    ["an output folder that is a file", ["synth", "good.yaml", "--out", "good.yaml"], 1],
    ["help", ["--help"], 0],
    ["a command's help", ["validate", "--help"], 0],
    ["the version", ["--version"], 0],
    ["no manifest", ["validate"], 2],
    ["an unknown command", ["vlidate"], 2],
    ["an unknown option", ["validate", "good.yaml", "--nope"], 2],
    ["an unknown format", ["validate", "good.yaml", "--format", "yaml"], 2],
    ["an unknown draft", ["schema", "--draft", "4"], 2],
    ["an empty target", ["validate", "good.yaml", "--target", "lambda,"], 2],
    ["a malformed digest", ["synth", "good.yaml", "--image-digest", "sha256:12"], 2],
    ["too many arguments", ["targets", "extra"], 2],
  ])("%s", async (_what, args, code) => {
    const run = await at(args);
    expect(run.code).toBe(code);
    expect(`${run.stdout}${run.stderr}`).not.toMatch(/\n\s+at /);
    if (code === 2) {
      expect(run.stdout).toBe("");
      expect(run.stderr).toMatch(/^error: /);
      expect(run.stderr).toContain("--help");
    }
  });

  test("no command shows the help and is wrong usage", async () => {
    const run = await at([]);
    expect(run.code).toBe(2);
    expect(run.stdout).toBe("");
    expect(run.stderr).toMatch(/^Usage: modelport/);
  });

  test("a bug is 70, with a stack trace and a request to report it", async () => {
    // A stdout that throws stands in for a fault of ours.
    const preload = join(folder, "fault.cjs");
    writeFileSync(preload, "process.stdout.write = () => { throw new Error('boom'); };\n");
    const run = await at(["schema"], { NODE_OPTIONS: `--require ${preload}` });
    expect(run.code).toBe(70);
    expect(run.stdout).toBe("");
    expect(run.stderr).toMatch(/^This is a bug of modelport \d+\.\d+\.\d+; please report it/);
    expect(run.stderr).toMatch(/Error: boom\n\s+at /);
  });

  test("a mistyped command is guessed", async () => {
    expect((await at(["vlidate"])).stderr).toContain("Did you mean validate?");
  });
});

describe("validate", () => {
  test("prints its issues to stdout and the summary to stderr", async () => {
    const run = await at(["validate", "bad.yaml"]);
    expect(run.stdout).toBe(
      [
        "error: bad.yaml:5:30 resources.memory: 2048 has no unit [UNIT]",
        "  allowed: a size with one of the units Ki, Mi, Gi, Ti",
        "  fix: write 2048Mi, if that is what you mean",
        "",
      ].join("\n"),
    );
    expect(run.stderr).toBe("1 manifest: 1 error, 0 warnings\n");
  });

  test("says so where there is nothing to say", async () => {
    const run = await at(["validate", "good.yaml"]);
    expect(run).toEqual({ code: 0, stdout: "", stderr: "1 manifest: no problems\n" });
  });

  test("with --quiet prints only the result", async () => {
    expect(await at(["validate", "good.yaml", "--quiet"])).toEqual({ code: 0, stdout: "", stderr: "" });
    const bad = await at(["validate", "bad.yaml", "--quiet"]);
    expect(bad.code).toBe(1);
    expect(bad.stdout).toContain("[UNIT]");
    expect(bad.stderr).toBe("");
  });

  test("as JSON has exactly the public keys", async () => {
    const run = await at(["validate", "bad.yaml", "--format", "json"]);
    expect(run.code).toBe(1);
    expect(run.stderr).toBe("");
    expect(document(run.stdout)).toEqual({
      schemaVersion: 1,
      ok: false,
      issues: [
        {
          file: "bad.yaml",
          line: 5,
          column: 30,
          path: "resources.memory",
          code: "UNIT",
          severity: "error",
          message: "2048 has no unit",
          allowed: "a size with one of the units Ki, Mi, Gi, Ti",
          fix: "write 2048Mi, if that is what you mean",
        },
      ],
    });
  });

  test("as JSON is one document for a missing file, too", async () => {
    const run = await at(["validate", "none.yaml", "good.yaml", "--format", "json"]);
    expect(run.code).toBe(1);
    const { ok, issues } = document(run.stdout);
    expect(ok).toBe(false);
    expect((issues as Json[]).map(({ file, code, line }) => [file, code, line])).toEqual([
      ["none.yaml", "FILE_UNREADABLE", 0],
    ]);
  });

  test("as JSON names the target whose rule it is", async () => {
    const run = await at(["validate", "envs.yaml", "--env", "test", "--format", "json"]);
    const [issue] = document(run.stdout).issues as Json[];
    expect(issue).toMatchObject({ code: "SCALING_MINIMUM", target: "sagemaker-realtime", severity: "error" });
  });

  test("is ok with warnings", async () => {
    const { ok, issues } = document((await at(["validate", "warns.yaml", "--format", "json"])).stdout);
    expect(ok).toBe(true);
    expect((issues as Json[]).map(({ code, severity }) => [code, severity])).toEqual([
      ["IMAGE_NOT_PINNED", "warning"],
    ]);
  });

  test.each<[string, readonly string[], number]>([
    ["two files", ["good.yaml", "other.yaml"], 2],
    ["one file twice", ["good.yaml", "good.yaml"], 1],
    ["a glob", ["{good,other}.yaml"], 2],
    ["a folder with a manifest of its own", ["many/a"], 1],
    ["a folder of manifests, what is none left out", ["many"], 2],
    ["a file and a folder", ["good.yaml", "many"], 3],
  ])("takes %s", async (_what, patterns, count) => {
    const run = await at(["validate", ...patterns]);
    expect(run).toEqual({
      code: 0,
      stdout: "",
      stderr: `${count} manifest${count === 1 ? "" : "s"}: no problems\n`,
    });
  });

  test("checks every environment unless told which", async () => {
    expect((await at(["validate", "envs.yaml"])).code).toBe(1);
    expect((await at(["validate", "envs.yaml", "--env", "prod"])).code).toBe(0);
    expect((await at(["validate", "envs.yaml"], { MODELPORT_ENV: "prod" })).code).toBe(0);
    expect((await at(["validate", "envs.yaml", "--env", "test"], { MODELPORT_ENV: "prod" })).code).toBe(1);
  });

  test("takes the target from the option, then the variable, then the manifest", async () => {
    const unknown = (run: { stdout: string }) => /there is no target "(\w+)"/.exec(run.stdout)?.[1];
    expect(unknown(await at(["validate", "good.yaml"], { MODELPORT_TARGET: "fromenv" }))).toBe("fromenv");
    expect(
      unknown(await at(["validate", "good.yaml", "--target", "opt"], { MODELPORT_TARGET: "fromenv" })),
    ).toBe("opt");
    expect((await at(["validate", "good.yaml"], { MODELPORT_TARGET: "", MODELPORT_ENV: "" })).code).toBe(0);
  });
});

describe("colours", () => {
  test.each<[string, readonly string[], Readonly<Record<string, string>>]>([
    ["into a pipe", [], {}],
    ["into a pipe, under CI", [], { CI: "true", FORCE_COLOR: "1" }],
    ["with --no-color", ["--no-color"], { FORCE_COLOR: "1" }],
    ["with NO_COLOR", [], { NO_COLOR: "1", FORCE_COLOR: "1" }],
  ])("are absent %s", async (_what, options, env) => {
    const run = await at(["validate", "bad.yaml", ...options], env);
    expect(`${run.stdout}${run.stderr}`).not.toContain("\u001b");
  });
});

describe("synth", () => {
  test("writes what cdktf would, and prints the files", async () => {
    const run = await at(["synth", "good.yaml", "--out", "out/one"]);
    expect(run.code).toBe(0);
    const files = ["foundation", "sagemaker-realtime"].map(
      (component) => `out/one/stacks/fraud-scorer-default-${component}/cdk.tf.json`,
    );
    expect(run.stdout.split("\n").map((line) => line.split("  ")[0])).toEqual([...files, ""]);
    expect(run.stderr).toMatch(/^2 stacks in out\/one; /);
    for (const file of files) expect(existsSync(join(folder, file))).toBe(true);
    expect(existsSync(join(folder, "out/one/manifest.json"))).toBe(true);
  });

  test("as JSON has exactly its keys", async () => {
    const run = await at(["synth", "warns.yaml", "--out", "out/json", "--format", "json"]);
    expect(run.code).toBe(0);
    expect(run.stderr).toBe("");
    const { out, stacks, issues, ...rest } = document(run.stdout);
    expect(rest).toEqual({ schemaVersion: 1, leftOut: [], leftAlone: [], suppressed: [] });
    expect(out).toBe("out/json");
    expect((issues as Json[]).map(({ code }) => code as string)).toEqual(["IMAGE_NOT_PINNED"]);
    const [foundation, target] = stacks as Json[];
    expect(foundation).toEqual({
      stack: "fraud-scorer-default-foundation",
      component: "foundation",
      manifest: "warns.yaml",
      environment: "default",
      file: "out/json/stacks/fraud-scorer-default-foundation/cdk.tf.json",
      resources: 5,
    });
    const written = JSON.parse(readFileSync(join(folder, target?.file as string), "utf8")) as Json;
    const count = Object.values(written.resource as Record<string, object>).flatMap((byName) =>
      Object.keys(byName),
    );
    expect(target?.resources).toBe(count.length);
  });

  test("as JSON is one document for a manifest at fault, too, and writes nothing", async () => {
    const run = await at(["synth", "bad.yaml", "--out", "out/bad", "--format", "json"]);
    expect(run.code).toBe(1);
    expect(run.stderr).toBe("");
    expect(document(run.stdout)).toMatchObject({ out: "out/bad", stacks: [], issues: [{ code: "UNIT" }] });
    expect(existsSync(join(folder, "out/bad"))).toBe(false);
  });

  test("warns on stderr, not with --quiet", async () => {
    const loud = await at(["synth", "warns.yaml", "--out", "out/warns"]);
    expect(loud.stderr).toMatch(/^warning: warns\.yaml:4:\d+ model\.image: .* \[IMAGE_NOT_PINNED\]/);
    expect((await at(["synth", "warns.yaml", "--out", "out/warns", "--quiet"])).stderr).toBe("");
  });

  test("is byte-identical, whatever the order of the keys", async () => {
    writeFileSync(join(folder, "reversed.yaml"), GOOD.trimEnd().split("\n").reverse().join("\n"));
    await at(["synth", "good.yaml", "--out", "out/forward"]);
    await at(["synth", "reversed.yaml", "--out", "out/backward"]);
    const read = (out: string, component: string) =>
      readFileSync(join(folder, out, "stacks", `fraud-scorer-default-${component}`, "cdk.tf.json"), "utf8");
    for (const component of ["foundation", "sagemaker-realtime"])
      expect(read("out/backward", component)).toBe(read("out/forward", component));
  });

  test("takes a stack away that is no longer made", async () => {
    await at(["synth", "good.yaml", "other.yaml", "--out", "out/stale"]);
    const stale = join(folder, "out/stale/stacks/other-model-default-foundation");
    writeFileSync(join(stale, "terraform.tfstate"), "{}");
    await at(["synth", "good.yaml", "--out", "out/stale"]);
    expect(readdirSync(stale)).toEqual(["terraform.tfstate"]);
  });

  test("pins a built image by --image-digest, else by a variable", async () => {
    const model = async (...options: readonly string[]) => {
      const run = await at(["synth", "build.yaml", "--out", "out/build", "--format", "json", ...options]);
      const stack = (document(run.stdout).stacks as Json[]).at(-1);
      const text = readFileSync(join(folder, stack?.file as string), "utf8");
      return { digest: text.includes(`@${DIGEST}`), variable: text.includes("var.image_digest") };
    };
    expect(await model("--image-digest", DIGEST)).toEqual({ digest: true, variable: false });
    expect(await model()).toEqual({ digest: false, variable: true });
  });
});

describe("schema and targets", () => {
  test("schema is JSON Schema of the draft asked for", async () => {
    const [newest, old] = await Promise.all([at(["schema"]), at(["schema", "--draft", "7"])]);
    expect(newest.stderr).toBe("");
    expect((JSON.parse(newest.stdout) as Json).$schema).toBe("https://json-schema.org/draft/2020-12/schema");
    expect((JSON.parse(old.stdout) as Json).$schema).toBe("http://json-schema.org/draft-07/schema#");
  });

  test("targets lists every target in each format", async () => {
    const [text, json, markdown] = await Promise.all(
      ["text", "json", "markdown"].map((format) => at(["targets", "--format", format])),
    );
    const kinds = targets.map(({ kind }) => kind);
    for (const kind of kinds) {
      expect(text?.stdout).toMatch(new RegExp(`^${kind}: `, "m"));
      expect(markdown?.stdout).toContain(`## \`${kind}\``);
    }
    const listed = document(json?.stdout ?? "").targets as Json[];
    expect(listed.map(({ kind }) => kind as string)).toEqual(kinds);
    for (const target of listed) {
      expect(Object.keys(target)).toEqual(
        expect.arrayContaining(["kind", "title", "platform", "useCase", "strengths", "weaknesses", "modes"]),
      );
    }
    for (const line of text?.stdout.split("\n") ?? []) expect(line.length).toBeLessThanOrEqual(100);
  });

  test("a reader that stops early is no failure", async () => {
    const root = join(__dirname, "..", "..");
    const child = spawn(
      process.execPath,
      ["--import", require.resolve("tsx"), join(root, "cli", "index.ts"), "schema"],
      { env: { PATH: process.env.PATH ?? "" } },
    );
    child.stdout.destroy();
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    const code = await new Promise((resolve) => child.once("close", resolve));
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });
});
