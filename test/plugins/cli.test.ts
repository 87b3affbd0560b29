import { cpSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { targets } from "../../targets";
import { cli, type CliRun } from "../support/cli";
import { ROOT, run } from "../support/process";
import { type Json, MANIFEST_TEXT } from "../support/synth";
import { greeter, KIT, Project } from "./support";

/** Each test starts several processes. */
jest.setTimeout(120_000);

let project: Project;
beforeEach(() => {
  project = new Project();
  project.write("modelport.yaml", MANIFEST_TEXT.replace("sagemaker-realtime", "greeter"));
});
afterEach(() => project.remove());

const modelport = (...args: readonly string[]): Promise<CliRun> => cli(args, { cwd: project.path });

/** The compiled command line, in a process that reads no TypeScript by itself. */
const compiled = (...args: readonly string[]) =>
  run(process.execPath, [join(ROOT, "dist", "cli", "index.js"), ...args], {
    cwd: project.path,
    env: { NODE_OPTIONS: "" },
  });

const STACK = join("stacks", "fraud-scorer-default-greeter", "cdk.tf.json");
const greeting = (out = "cdktf.out") =>
  (JSON.parse(readFileSync(join(project.path, out, STACK), "utf8")) as Json).output.greeting.value as string;

/** The greeter in TypeScript: options and constructs in files of their own, as a project would have it. */
function writeTypeScript(folder: string): void {
  project.write(
    `${folder}/stack.ts`,
    `interface Stack { output(name: string, value: string): void }
export function synthesize(stack: Stack, plan: { name: string; options: { greeting: string } }): void {
  stack.output("greeting", \`\${plan.options.greeting}, typed \${plan.name}\`);
}
`,
  );
  const body = greeter()
    .replace(/const \{ (.*?) \} = require\((.*?)\);/, "import { $1 } from $2;")
    .replace(
      /load: \(\) => \(\{[\s\S]*?\n {2}\}\),/,
      'load: () => require("./stack") as typeof import("./stack"),',
    )
    .replace("exports.targets =", "export const targets: readonly unknown[] =");
  project.write(`${folder}/greeter.ts`, body);
}

test("every command takes plug-ins of cdktf.json, and from the command line", async () => {
  project.write("greeter.js", greeter());
  const none = await modelport("validate", "modelport.yaml");
  expect(none.code).toBe(1);
  expect(none.stdout).toContain("[UNKNOWN_TARGET]");

  project.settings("./greeter.js");
  for (const plugin of [[], ["--plugin", "./greeter.js"]]) {
    if (plugin.length > 0) project.settings();
    const [schema, validated, listed, synthesized] = await Promise.all([
      modelport("schema", "--draft", "7", ...plugin),
      modelport("validate", "modelport.yaml", ...plugin),
      modelport("targets", "--format", "json", ...plugin),
      modelport("synth", "modelport.yaml", "--out", `out${plugin.length}`, ...plugin),
    ]);
    expect([schema, validated, listed, synthesized].map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(validated.stderr).toBe("1 manifest: no problems\n");
    expect((JSON.parse(schema.stdout) as Json).properties.target.enum).toEqual([
      ...targets.map(({ kind }) => kind),
      "greeter",
      "all",
    ]);
    const described = (JSON.parse(listed.stdout) as Json).targets as Json[];
    expect(described.at(-1)).toMatchObject({ kind: "greeter", title: "Greeter" });
    expect(greeting(`out${plugin.length}`)).toBe("hello, fraud-scorer");

    // The schema in the project is the one with the plug-in's options.
    project.write("modelport.schema.json", schema.stdout);
    const doctor = await modelport("doctor", "modelport.yaml", "--format", "json", ...plugin);
    const checks = (JSON.parse(doctor.stdout) as Json).checks as Json[];
    expect(checks.find(({ id }) => id === "manifest")).toMatchObject({
      status: "ok",
      found: "modelport.yaml: modelport/v1, no problems for greeter",
    });
    expect(checks.find(({ id }) => id === "schema")).toMatchObject({ status: "ok" });
  }
});

test("plan says so too, where one cannot be read", async () => {
  project.write("greeter.js", greeter());
  const run = await modelport(
    "plan",
    "modelport.yaml",
    "--offline",
    "--format",
    "json",
    "--plugin",
    "./none.js",
  );
  expect(run.code).toBe(1);
  expect((JSON.parse(run.stdout) as Json).issues).toMatchObject([{ code: "PLUGIN_UNREADABLE" }]);
});

test("what is wrong with a plug-in is a result: exit code 1, a document where one is asked for, no stack trace", async () => {
  project.settings("./greeter.js");
  project.write("greeter.js", greeter('check: () => { throw new Error("of the plug-in"); },'));
  const [text, json, schema, synth] = await Promise.all([
    modelport("validate", "modelport.yaml"),
    modelport("validate", "modelport.yaml", "--format", "json"),
    modelport("schema", "--plugin", "@acme/none"),
    modelport("synth", "modelport.yaml", "--format", "json"),
  ]);
  expect(text.stdout).toMatch(
    /^error: cdktf\.json context\.modelport\.plugins\[0\]: \.\/greeter\.js: greeter failed to check a manifest: Error: of the plug-in, at greeter\.js:\d+:\d+ \[PLUGIN_FAILED\]\n {2}fix: /,
  );
  const issues = [{ code: "PLUGIN_FAILED", file: "cdktf.json", path: "context.modelport.plugins[0]" }];
  expect(JSON.parse(json.stdout)).toMatchObject({ schemaVersion: 1, ok: false, issues });
  expect(JSON.parse(synth.stdout)).toMatchObject({ schemaVersion: 1, stacks: [], issues });
  expect(schema).toMatchObject({
    stdout: "",
    stderr: expect.stringContaining("[PLUGIN_UNREADABLE]") as string,
  });
  for (const { code, stdout, stderr } of [text, json, schema, synth]) {
    expect(code).toBe(1);
    expect(stdout + stderr).not.toMatch(/^ +at /m);
  }
});

test("doctor says which plug-in is at fault, and looks at the rest", async () => {
  project.settings("./none.js", "@acme/none");
  const { stdout, code } = await modelport("doctor", "modelport.yaml", "--format", "json");
  const checks = (JSON.parse(stdout) as Json).checks as Json[];
  expect(code).toBe(1);
  expect(checks.find(({ id }) => id === "project")).toMatchObject({
    status: "failed",
    found: "./none.js: there is no such file (1 of 2 problems with plug-ins)",
    fix: "check the path; it starts from the folder of cdktf.json",
  });
  expect(checks.find(({ id }) => id === "node")).toMatchObject({ status: "ok" });
});

describe("TypeScript", () => {
  test("is read by the process, or by the project's tsx, files of its own that it loads later included", async () => {
    writeTypeScript("plugins");
    project.settings("./plugins/greeter.ts");
    mkdirSync(join(project.path, "node_modules"));
    symlinkSync(join(ROOT, "node_modules", "tsx"), join(project.path, "node_modules", "tsx"));
    const sources = await modelport("synth", "modelport.yaml", "--out", "a");
    expect({ code: sources.code, stderr: sources.stderr }).toMatchObject({ code: 0 });
    // The compiled command line and this kit are two copies of modelport.
    const dist = await compiled("synth", "modelport.yaml", "--out", "b");
    expect({ code: dist.code, stderr: dist.stderr }).toMatchObject({ code: 0 });
    expect([greeting("a"), greeting("b")]).toEqual([
      "hello, typed fraud-scorer",
      "hello, typed fraud-scorer",
    ]);
  });

  test("without either says what is missing", async () => {
    writeTypeScript("plugins");
    // One without the entry that is asked for, so that none further up is found.
    project.write("node_modules/tsx/package.json", { version: "3.0.0", exports: { ".": "./gone.js" } });
    const { code, stderr } = await compiled("targets", "--plugin", "./plugins/greeter.ts");
    // Newer releases of Node read TypeScript by themselves, but not what the compiler has to turn into code.
    expect(code).toBe(1);
    expect(stderr).toMatch(/\[PLUGIN_UNREADABLE\]/);
    if (Number(process.versions.node.split(".")[0]) < 22) {
      expect(stderr).toContain("is TypeScript, which this process does not read");
      expect(stderr).toContain("fix: `npm install --save-dev tsx`, or name the compiled file");
    }
  });
});

test("an ES module is loaded as well", async () => {
  const body = greeter()
    .replace(/const \{ (.*?) \} = require\((.*?)\);/, "import kit from $2;\nconst { $1 } = kit;")
    .replace(JSON.stringify(KIT), JSON.stringify(join(ROOT, "dist", "modules", "plugins", "target-kit.js")))
    .replace("exports.targets =", "export const targets =");
  project.write("greeter.mjs", body);
  const { code } = await compiled("synth", "modelport.yaml", "--plugin", "./greeter.mjs");
  expect(code).toBe(0);
  expect(greeting()).toBe("hello, fraud-scorer");
});

test("a plug-in may bring a modelport, a cdktf and constructs of its own", async () => {
  const modules = join(project.path, "node_modules", "@acme", "greeter", "node_modules");
  cpSync(join(ROOT, "dist"), join(modules, "modelport", "dist"), { recursive: true });
  cpSync(join(ROOT, "package.json"), join(modules, "modelport", "package.json"));
  // Copies, so that nothing is shared but what lies in the global object.
  for (const name of ["cdktf", "constructs", "zod"])
    cpSync(join(ROOT, "node_modules", name), join(modules, name), { recursive: true });
  for (const name of ["@cdktf", "picocolors", "semver", "fastest-levenshtein", "yaml", "tinyglobby"])
    symlinkSync(join(ROOT, "node_modules", name), join(modules, name));
  project.write("node_modules/@acme/greeter/package.json", { main: "index.js" });
  project.write(
    "node_modules/@acme/greeter/index.js",
    greeter(
      `load: () => ({
        synthesize: (stack, plan) => {
          const { TerraformLocal } = require("cdktf");
          const local = new TerraformLocal(stack, "own", plan.options.greeting);
          stack.output("greeting", local.asString);
        },
      }),`,
      "modelport/target",
    ),
  );
  project.settings("@acme/greeter");
  const { code, stderr } = await compiled("synth", "modelport.yaml");
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(greeting()).toBe("${local.own}");
});

test("an app that cdktf runs takes them from the context that it is given", async () => {
  project.write("greeter.js", greeter());
  const app = (context: object | null, target = "greeter") =>
    run(process.execPath, ["--import", require.resolve("tsx"), join(ROOT, "main.ts")], {
      cwd: project.path,
      env: {
        MODELPORT_TARGET: target,
        ...(context === null ? {} : { CDKTF_CONTEXT_JSON: JSON.stringify(context) }),
      },
    });
  const without = await app(null);
  expect({ code: without.code, stderr: without.stderr }).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("[UNKNOWN_TARGET]") as string,
  });
  const broken = await app({ modelport: { plugins: ["./none.js"] } });
  expect(broken).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^cdktf\.json .*PLUGIN_UNREADABLE/) as string,
  });
  const good = await app({ modelport: { plugins: ["./greeter.js"] } });
  expect({ code: good.code, stderr: good.stderr }).toEqual({ code: 0, stderr: "" });
  expect(greeting()).toBe("hello, fraud-scorer");
});
