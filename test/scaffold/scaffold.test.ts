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
import { parse } from "yaml";
import { loadManifestFile } from "../../modules/manifest/load";
import { manifestSchema } from "../../modules/manifest/schema";
import { resolveManifest } from "../../modules/plan/resolve";
import { dependencyOn } from "../../modules/scaffold/installation";
import { modelName } from "../../modules/scaffold/model-name";
import { mergePackageFile, packageFile } from "../../modules/scaffold/package-file";
import { scaffold } from "../../modules/scaffold/scaffold";
import { dependencies, version } from "../../package.json";
import { targets } from "../../targets";
import { cli } from "../support/cli";
import { WORKFLOW, WORKFLOW_TEXT } from "./support";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "modelport-scaffold-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const make = (dir: string, changes: { name?: string; force?: boolean } = {}) =>
  scaffold({ dir, name: "fraud-scorer", force: false, registry: targets, ...changes });
const read = (...path: readonly string[]) => readFileSync(join(folder, ...path), "utf8");

const FILES = [
  ".github/workflows/modelport.yaml",
  ".gitignore",
  "README.md",
  "cdktf.json",
  "ci/plan.sh",
  "main.ts",
  "modelport.schema.json",
  "modelport.yaml",
  "package.json",
  "tsconfig.json",
];

test("writes a project named after the model", () => {
  expect(make(join(folder, "new", "app")).written).toEqual(FILES);
  for (const file of FILES) expect(read("new", "app", file)).not.toContain("my-model");
  expect(parse(read("new", "app", "modelport.yaml"))).toMatchObject({ name: "fraud-scorer" });
});

test("its manifest raises nothing on the target that it names, and every comment in it is a field that exists", () => {
  make(folder);
  const options = { environment: null, targets: null, registry: targets };
  expect(resolveManifest(loadManifestFile(join(folder, "modelport.yaml")), options).issues).toEqual([]);

  const uncommented = read("modelport.yaml").replace(/^( *)# (?=( *)[a-z]+:)/gm, "$1");
  expect(uncommented).toContain("\ntags:");
  writeFileSync(join(folder, "modelport.yaml"), uncommented);
  for (const environment of ["test", "prod"]) {
    const { issues } = resolveManifest(loadManifestFile(join(folder, "modelport.yaml")), {
      ...options,
      environment,
    });
    expect(issues.filter(({ code }) => code !== "ARN_MISMATCH" && code !== "SECRET_BY_REFERENCE")).toEqual(
      [],
    );
  }
});

test("its schema is the one of this version, and the manifest's first line leads editors to it", () => {
  make(folder);
  const schema = JSON.parse(read("modelport.schema.json")) as {
    properties: { targets: { properties: object } };
  };
  expect(Object.keys(schema.properties.targets.properties)).toEqual(targets.map(({ kind }) => kind));
  expect(read("modelport.yaml").split("\n")[0]).toBe(
    "# yaml-language-server: $schema=./modelport.schema.json",
  );
});

test("its workflow runs the script that it gets, on the manifest that it gets", () => {
  make(folder);
  expect(read(".github", "workflows", "modelport.yaml")).toBe(WORKFLOW_TEXT);
  const { env, jobs } = WORKFLOW;
  const [script = ""] = jobs.plan.steps.flatMap(({ run = "" }) => /\bbash (\S+)/.exec(run)?.[1] ?? []);
  for (const file of [script, env.MODELPORT_MANIFEST ?? "", "package.json"])
    expect([file, existsSync(join(folder, env.PROJECT ?? "", file))]).toEqual([file, true]);
});

test("its versions are exact", () => {
  make(folder);
  const file = JSON.parse(read("package.json")) as ReturnType<typeof packageFile>;
  const versions = { ...file.dependencies, ...file.devDependencies };
  for (const [name, spec] of Object.entries(versions)) {
    if (name !== "modelport") expect(`${name} ${spec}`).toMatch(/^\S+ \d+\.\d+\.\d+$/);
  }
});

test("overwrites nothing without --force, names everything that is in the way, and leaves no half a project", () => {
  mkdirSync(join(folder, ".github", "workflows"), { recursive: true });
  writeFileSync(join(folder, ".github", "workflows", "modelport.yaml"), "mine");
  writeFileSync(join(folder, "main.ts"), "mine");
  expect(make(folder).obstacles).toEqual(["main.ts", ".github/workflows/modelport.yaml"]);
  expect(readdirSync(folder).sort()).toEqual([".github", "main.ts"]);
  expect(read("main.ts")).toBe("mine");

  expect(make(folder, { force: true }).written).toEqual(FILES);
  expect(read("main.ts")).toContain("createApp");
});

test("adds to a package.json that exists", () => {
  const own = { name: "mine", license: "MIT", dependencies: { modelport: "^0.1.0", zod: "4.0.0" } };
  writeFileSync(join(folder, "package.json"), JSON.stringify(own));
  expect(make(folder).written).toEqual(FILES);
  expect(JSON.parse(read("package.json"))).toMatchObject({
    name: "mine",
    license: "MIT",
    dependencies: { cdktf: dependencies.cdktf, modelport: "^0.1.0", zod: "4.0.0" },
    scripts: { synth: "cdktf synth" },
  });
});

test("another version of what it needs is in the way; with force ours takes its place", () => {
  const own = { dependencies: { cdktf: "0.20.0" }, scripts: { synth: "mine" } };
  const wanted = packageFile("fraud-scorer", version);
  expect(mergePackageFile(own, wanted, false).conflicts).toEqual([
    `cdktf: 0.20.0, not ${dependencies.cdktf}`,
  ]);
  const { file } = mergePackageFile(own, wanted, true);
  expect(file.dependencies).toMatchObject({ cdktf: dependencies.cdktf });
  expect(file.scripts).toMatchObject({ synth: "mine", typecheck: "tsc" });
  const elsewhere = { devDependencies: { cdktf: "0.20.0" } };
  expect(mergePackageFile(elsewhere, wanted, true).file.devDependencies).toMatchObject({
    cdktf: dependencies.cdktf,
  });
  expect(mergePackageFile(elsewhere, wanted, true).file.dependencies).not.toHaveProperty("cdktf");
});

test.each(["[]", "{", "7"])("a package.json that says %s is in the way", (text) => {
  writeFileSync(join(folder, "package.json"), text);
  expect(make(folder).obstacles).toEqual(["package.json (not a JSON object)"]);
});

test("a file in the folder's place is in the way", () => {
  writeFileSync(join(folder, "app"), "");
  expect(make(join(folder, "app")).obstacles).toEqual([`${join(folder, "app")} is not a folder`]);
});

test.each([
  ["Fraud Scorer (2)", "fraud-scorer-2"],
  ["2024_résumé", "resume"],
  ["a-very-long-name-of-more-than-thirty-two-letters", "a-very-long-name-of-more-than-th"],
  ["x", "my-model"],
  ["a -- b", "a-b"],
  ["sg-7", "sg-7"],
  ["---", "my-model"],
])("a folder %s makes a model %s", (dir, name) => {
  expect(modelName(undefined, join(folder, dir))).toBe(name);
});

describe("the project depends on modelport as it was installed", () => {
  const install = (resolved: string | undefined) => {
    const root = join(folder, "home", "node_modules", "modelport");
    mkdirSync(root, { recursive: true });
    const packages = {
      "node_modules/modelport": { version, ...(resolved === undefined ? {} : { resolved }) },
    };
    writeFileSync(join(root, "..", ".package-lock.json"), JSON.stringify({ packages }));
    return root;
  };

  test.each([
    ["a registry that npm does not record", undefined, version],
    ["a registry", `https://registry.example.com/modelport/-/modelport-${version}.tgz`, version],
    ["a tarball", "file:../modelport.tgz", "file:../../modelport.tgz"],
    [
      "git",
      "git+ssh://git@example.com/acme/modelport.git#abc",
      "git+ssh://git@example.com/acme/modelport.git#abc",
    ],
  ])("%s", (_, resolved, expected) => {
    expect(dependencyOn(install(resolved), join(folder, "home", "app"))).toBe(expected);
  });

  test("without npm's record: its version", () => {
    const root = install(undefined);
    rmSync(join(root, "..", ".package-lock.json"));
    expect(dependencyOn(root, folder)).toBe(version);
  });

  test("a checkout: its path", () => {
    mkdirSync(join(folder, "checkout"));
    expect(dependencyOn(join(folder, "checkout"), join(folder, "work", "app"))).toBe("file:../../checkout");
  });
});

describe("the command", () => {
  test("lists what it made on stdout and what is left to do on stderr", async () => {
    const { code, stdout, stderr } = await cli(["init", "app", "--no-lock"], { cwd: folder });
    expect(code).toBe(0);
    expect(stdout.trim().split("\n")).toEqual(FILES.map((file) => `app/${file}`));
    expect(stderr).toContain("The model is named app.");
    expect(stderr).toContain("  cd app\n  npm install\n");
  });

  test("--quiet leaves the list", async () => {
    const { stderr } = await cli(["init", "app", "--no-lock", "--quiet"], { cwd: folder });
    expect(stderr).toBe("");
  });

  test("refuses a name that no model has, before anything is written", async () => {
    const { code, stdout, stderr } = await cli(["init", "app", "--name", "Fraud Scorer"], { cwd: folder });
    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toBe(
      'error: --name "Fraud Scorer" is not spelled as a model\'s name [FORMAT]\n' +
        `  allowed: ${String(manifestSchema.shape.name.meta()?.allowed)}\n` +
        "  fix: --name fraud-scorer\n",
    );
    expect(existsSync(join(folder, "app"))).toBe(false);
  });

  test("refuses to overwrite", async () => {
    writeFileSync(join(folder, "cdktf.json"), "{}");
    const { code, stderr } = await cli(["init", "--name", "fraud-scorer"], { cwd: folder });
    expect(code).toBe(1);
    expect(stderr).toBe(
      "error: this folder has files of these names already; nothing was written\n  cdktf.json\n" +
        "  fix: choose another folder, or overwrite with --force\n",
    );
  });

  test("a lock file that cannot be had is a warning", async () => {
    const { code, stderr } = await cli(["init", "app"], { cwd: folder, env: { PATH: folder } });
    expect(code).toBe(0);
    expect(stderr).toContain("warning: no lock file: ");
    expect(stderr).toContain("fix: run `npm install --package-lock-only --ignore-scripts` in app");
  });
});
