import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import successor from "../modules/doctor/successor.json";
import { dependencies, devDependencies, version } from "../package.json";
import { type Ended, ROOT, run } from "./support/process";

/** Installs from the registry; the longest test there is. */
const TIMEOUT_MS = 15 * 60_000;

const ENVIRONMENT = {
  CI: "true",
  // cdktf's command line asks for news of itself.
  CHECKPOINT_DISABLE: "1",
  npm_config_audit: "false",
  npm_config_fund: "false",
  npm_config_update_notifier: "false",
  TF_CLI_CONFIG_FILE: "",
};

/** A stack of the project that `init` makes. */
const STACK = join("cdktf.out", "stacks", "app-default-lambda", "cdk.tf.json");

let folder: string;
beforeAll(() => (folder = realpathSync(mkdtempSync(join(tmpdir(), "modelport-package-")))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function succeed(command: string, cwd: string): Promise<Ended> {
  const [program = "", ...args] = command.split(" ");
  const ended = await run(program, args, { cwd, env: ENVIRONMENT });
  if (ended.code !== 0) throw new Error(`${command}: ${ended.code ?? "?"}\n${ended.stdout}\n${ended.stderr}`);
  return ended;
}

/** What a command said that a reader would wonder about; npm's view of this machine's own settings is none of it. */
function noise({ stdout, stderr }: Ended): readonly string[] {
  return `${stdout}\n${stderr}`
    .split("\n")
    .filter((line) => /warn|deprecated|vulnerab|error/i.test(line))
    .filter((line) => !/Unknown (?:user|env|global|builtin|project) config/.test(line));
}

/** Moves a project to cdktf's successor and back, by the commands of docs/longevity.md. */
async function moveToSuccessor(app: string): Promise<void> {
  const page = readFileSync(join(ROOT, "docs", "longevity.md"), "utf8");
  const follow = async (heading: string) => {
    const section = page.slice(page.indexOf(`### ${heading}\n`));
    const [, commands = ""] = /```sh\n([^]*?)```/.exec(section) ?? [];
    writeFileSync(join(app, "commands.sh"), commands);
    await succeed("bash -eu commands.sh", app);
    const text = readFileSync(join(app, STACK), "utf8");
    return { commands, text, document: JSON.parse(text) as { "//": { metadata: { version: string } } } };
  };
  const own = readFileSync(join(app, STACK), "utf8");
  const { cdktf, constructs } = successor.packages;

  const moved = await follow("Moving a project");
  expect(moved.commands).toContain(
    `npm:${cdktf.name}@${cdktf.version}' dependencies.constructs=${constructs.version}\n`,
  );
  expect(moved.document["//"].metadata.version).toBe(cdktf.version);
  moved.document["//"].metadata.version = dependencies.cdktf;
  expect(moved.document).toEqual(JSON.parse(own));
  expect((await run("npx", ["modelport", "doctor"], { cwd: app, env: ENVIRONMENT })).stdout).toContain(
    `✓ Packages         ${cdktf.name} ${cdktf.version} as cdktf, `,
  );
  await succeed("npx tsc", app);

  const back = await follow("Going back");
  expect(back.commands).toContain(
    `dependencies.cdktf=${dependencies.cdktf} dependencies.constructs=${dependencies.constructs}\n`,
  );
  expect(back.text).toBe(own);
}

const CONSUMER = `
import { App } from "cdktf";
import { formatIssue, ManifestError, ModelDeployment, targets, type Issue, type ManifestInput } from "modelport";
import { conformance } from "modelport/conformance";
import { createServiceRole } from "modelport/stack";
import { defineTarget } from "modelport/target";

const manifest: ManifestInput = {
  apiVersion: "modelport/v1",
  name: "fraud-scorer",
  region: "eu-west-1",
  model: { image: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/fraud@sha256:${"a".repeat(64)}" },
  resources: { cpu: 1, memory: "2Gi" },
};
try {
  const { stacks } = new ModelDeployment(new App(), "fraud", { manifest, target: "lambda" });
  const names: readonly string[] = stacks.map(({ node }) => node.id);
  const parts: readonly unknown[] = [conformance, createServiceRole, defineTarget];
  if (!parts.every((part) => typeof part === "function")) throw new Error("a part of the package is missing");
  process.stdout.write(names.join() + " of " + targets.length + "\\n");
} catch (error) {
  if (!(error instanceof ManifestError)) throw error;
  const issues: readonly Issue[] = error.issues;
  process.stdout.write(issues.map(formatIssue).join());
}
`;

test(
  "the package installs and works: command, library with types, and a new project under npm 10 and 11",
  async () => {
    // `npm test` has built; the clean build of prepack would take dist from the tests beside this one.
    const { stdout: packed } = await succeed(
      `npm pack --ignore-scripts --json --pack-destination ${folder}`,
      ROOT,
    );
    const [tarball] = JSON.parse(packed) as [{ filename: string; files: readonly { path: string }[] }];
    const paths = tarball.files.map(({ path }) => path);
    expect(paths.filter((path) => !/^(?:dist|templates)\//.test(path)).sort()).toEqual([
      "LICENSE",
      "README.md",
      "package.json",
    ]);
    expect(paths.filter((path) => path.startsWith("dist/") && !/\.(?:d\.ts|js|json)$/.test(path))).toEqual(
      [],
    );
    expect(
      paths.filter((path) => /\.map$|\.test\.|^dist\/(?:test|scripts|bench|examples|main)/.test(path)),
    ).toEqual([]);
    expect(paths.filter((path) => path.startsWith("templates/")).sort()).toEqual([
      "templates/README.md",
      "templates/cdktf.json",
      "templates/ci/plan.sh",
      "templates/gitignore",
      "templates/main.ts",
      "templates/modelport.yaml",
      "templates/tsconfig.json",
      "templates/workflow.yaml",
    ]);

    // An empty project. Its compiler is strict, and looks into our declarations too.
    const user = join(folder, "user");
    mkdirSync(user);
    writeFileSync(join(user, "package.json"), JSON.stringify({ private: true }));
    await succeed(`npm install ../${tarball.filename} --loglevel=error`, user);
    expect((await succeed("npx modelport --version", user)).stdout.trim()).toBe(version);
    writeFileSync(join(user, "consumer.ts"), CONSUMER);

    // A project of its own inside, as `init` makes it.
    const made = await succeed("npx modelport init app", user);
    expect(made.stderr).not.toContain("warning");
    const app = join(user, "app");
    const lock = readFileSync(join(app, "package-lock.json"), "utf8");
    expect([...lock.matchAll(/"resolved": "(.*)"/g)].map(([, where]) => where)).toEqual([
      `file:../../${tarball.filename}`,
    ]);
    const scripts = Object.entries(
      (JSON.parse(lock) as { packages: Record<string, { hasInstallScript?: true }> }).packages,
    );
    expect(scripts.flatMap(([name, { hasInstallScript }]) => (hasInstallScript ? [name] : []))).toEqual([
      "node_modules/esbuild",
    ]);

    // Which npm runs here depends on the machine; the other one must take the project too.
    const { stdout: own } = await succeed("npm --version", app);
    const other = own.startsWith("10.") ? "npm@11" : "npm@10";
    for (const ci of [`npx --yes ${other} ci`, "npm ci"]) {
      rmSync(join(app, "node_modules"), { recursive: true, force: true });
      expect({ ci, noise: noise(await succeed(ci, app)) }).toEqual({ ci, noise: [] });
    }

    expect((await succeed("npx modelport validate modelport.yaml", app)).stderr).toContain("no problems");
    await succeed("npx tsc", app);
    const synthesized = await succeed("npx cdktf synth", app);
    expect(noise(synthesized)).toEqual([]);
    expect(synthesized.stdout).toContain("Generated Terraform code for the stacks");
    expect((await succeed("npx cdktf list", app)).stdout).toContain("app-default-lambda");
    expect(existsSync(join(app, STACK))).toBe(true);

    await moveToSuccessor(app);

    // The consumer, compiled with the project's compiler.
    const tsc = join(app, "node_modules", "typescript", "bin", "tsc");
    const types = `--types node --typeRoots ${join(app, "node_modules", "@types")}`;
    const options = `--strict --target ES2022 --module Node16 --skipLibCheck false ${types}`;
    await succeed(`node ${tsc} ${options} consumer.ts`, user);
    expect((await succeed("node consumer.js", user)).stdout).toMatch(
      /^fraud-scorer-default-lambda of \d+\n$/,
    );
    expect(devDependencies["cdktf-cli"]).toBeDefined();
    expect(existsSync(join(user, "node_modules", "cdktf-cli"))).toBe(false);
  },
  TIMEOUT_MS,
);
