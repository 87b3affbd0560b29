import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scaffold } from "../../modules/scaffold/scaffold";
import { targets } from "../../targets";
import { CACHE, describeWithTerraform } from "../offline/support";
import { type Ended, ROOT, run } from "../support/process";
import { runStep, WORKFLOW } from "./support";

const ENVIRONMENTS = `environments:
  test: { observability: { logRetention: 30d } }
  prod: { observability: { logRetention: 180d } }
`;
const FUNCTION_URL = "targets: { lambda: { functionUrl: true } }\n";

/** Of git, and of everything else that a step starts, whatever this machine is set to. */
const ENVIRONMENT = {
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "a",
  GIT_AUTHOR_EMAIL: "a@example.com",
  GIT_COMMITTER_NAME: "a",
  GIT_COMMITTER_EMAIL: "a@example.com",
  XDG_CACHE_HOME: CACHE,
  TF_CLI_CONFIG_FILE: "/dev/null",
  npm_config_update_notifier: "false",
  BASE: "",
  MODELPORT_ALLOW: "",
  MODELPORT_ENV: "",
  MODELPORT_TARGET: "",
};

let folder: string;
let project: string;
let manifest: string;

async function git(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run("git", args, { cwd: project, env: ENVIRONMENT });
  if (code !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
  return stdout.trim();
}
const write = (file: string, text: string) => {
  mkdirSync(join(project, file, ".."), { recursive: true });
  writeFileSync(join(project, file), text);
};
async function commit(): Promise<string> {
  await git("add", "--all");
  await git("commit", "--quiet", "--allow-empty", "--message", "change");
  return git("rev-parse", "HEAD");
}

// A project as `init` makes it, in a repository whose default branch has it.
beforeEach(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "modelport-steps-")));
  project = join(folder, "project");
  scaffold({ dir: project, name: "fraud-scorer", force: false, registry: targets });
  mkdirSync(join(project, "node_modules", ".bin"), { recursive: true });
  symlinkSync(join(ROOT, "dist", "cli", "index.js"), join(project, "node_modules", ".bin", "modelport"));
  manifest = `${readFileSync(join(project, "modelport.yaml"), "utf8")}${ENVIRONMENTS}`;
  write("modelport.yaml", manifest);
  await git("init", "--quiet", "--initial-branch", "main");
  await commit();
  await git("update-ref", "refs/remotes/origin/main", "HEAD");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Steps {
  readonly code: number | null;
  /** What the comment is made of; null where nothing was written. */
  readonly plan: string | null;
  readonly summary: string;
  readonly log: string;
}

/** Runs the steps of the job that plans, but for the one that installs: this project's packages stand for its. */
async function planSteps({ allowed = false, patterns = "modelport.yaml" } = {}): Promise<Steps> {
  const temp = mkdtempSync(join(folder, "runner-"));
  const summary = join(temp, "summary.md");
  let log = "";
  let code: number | null = 0;
  for (const step of WORKFLOW.jobs.plan.steps) {
    if (step.run === undefined || step.run === "npm ci --ignore-scripts") continue;
    const ended = await runStep(
      { ...step, env: { ...step.env, MODELPORT_MANIFEST: patterns } },
      {
        cwd: join(project, WORKFLOW.env.PROJECT ?? ""),
        expressions: {
          "github.base_ref": "main",
          "contains(github.event.pull_request.labels.*.name, 'modelport:allow') && 'all' || ''": allowed
            ? "all"
            : "",
        },
        env: { ...ENVIRONMENT, RUNNER_TEMP: temp, GITHUB_STEP_SUMMARY: summary },
      },
    );
    log += ended.stdout + ended.stderr;
    ({ code } = ended);
    if (code !== 0) break;
  }
  const upload = WORKFLOW.jobs.plan.steps.at(-1)?.with?.path;
  if (typeof upload !== "string") throw new Error("the last step hands nothing over");
  const plan = upload.replace("${{ runner.temp }}", temp);
  return {
    code,
    plan: existsSync(plan) ? readFileSync(plan, "utf8") : null,
    summary: readFileSync(summary, "utf8"),
    log,
  };
}

/** Runs the script as another CI would. */
const script = (env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Ended> =>
  run("bash", ["ci/plan.sh", ...args], { cwd: project, env: { ...ENVIRONMENT, ...env } });

const title = (text: string | null) => text?.split("\n")[0];

describeWithTerraform("the steps that plan a pull request", () => {
  test("changes are no failure; each environment is planned, against the branch's beginning", async () => {
    const start = await git("rev-parse", "HEAD");
    await git("checkout", "--quiet", "-b", "change");
    write("modelport.yaml", manifest.replace("180d", "400d"));
    await commit();
    // What others merge meanwhile is part of what GitHub checks out, and of what it is compared with.
    await git("checkout", "--quiet", "main");
    write("other/modelport.yaml", manifest.replaceAll("fraud-scorer", "other-model"));
    const tip = await commit();
    await git("update-ref", "refs/remotes/origin/main", "HEAD");
    await git("merge", "--quiet", "--no-edit", "change");

    const { code, plan, summary, log } = await planSteps({
      patterns: "{modelport.yaml,other/modelport.yaml}",
    });
    expect({ code, title: title(plan) }).toEqual({ code: 0, title: "### Terraform plan: changes" });
    expect(plan).toContain(`Compared with \`${tip.slice(0, 12)}\`.\n`);
    expect(plan).toContain(
      "| `fraud-scorer-prod-lambda` | 0 | 1 | 0 | 0 | 1 to update in place |\n\n7 stacks",
    );
    expect(plan).toMatch(
      /<details><summary>.*\n\n```text\n[^]*retention_in_days +=? 180 -> 400[^]*```\n<\/details>/,
    );
    expect(summary).toBe(plan);
    expect(log).toContain(plan);

    // The branch by itself, as another CI has it.
    await git("checkout", "--quiet", "change");
    const branch = await script({ BASE: "origin/main" }, join(folder, "plan.md"));
    expect(branch.code).toBe(2);
    expect(branch.stdout).toContain(`Compared with \`${start.slice(0, 12)}\`.\n`);
    expect(branch.stdout).not.toContain("other-model");
    expect(readFileSync(join(folder, "plan.md"), "utf8")).toBe(branch.stdout);
  });

  test("nothing changes", async () => {
    write("notes.md", "a change of something else");
    await commit();
    const { code, plan } = await planSteps();
    expect({ code, title: title(plan) }).toEqual({ code: 0, title: "### Terraform plan: no changes" });
    expect((await script({ BASE: "main" })).code).toBe(0);
    expect(await git("status", "--porcelain")).toBe("");
  });

  test("the guard fails the job, whose plan is handed over all the same; the label lets it pass", async () => {
    write("modelport.yaml", `${manifest}${FUNCTION_URL}`);
    await commit();
    await git("update-ref", "refs/remotes/origin/main", "HEAD");
    write("modelport.yaml", manifest);
    await commit();
    const stopped = await planSteps();
    expect(stopped.code).toBe(1);
    expect(title(stopped.plan)).toBe("### Terraform plan: stopped by the guard");
    expect(stopped.plan).toContain("(GUARD_FUNCTION)");
    expect(stopped.summary).toBe(stopped.plan);

    const allowed = await planSteps({ allowed: true });
    expect({ code: allowed.code, title: title(allowed.plan) }).toEqual({
      code: 0,
      title: "### Terraform plan: changes",
    });
  });

  test("a manifest at fault in one environment fails the job, and the comment lists its problems", async () => {
    write("modelport.yaml", manifest.replace("logRetention: 180d", "logRetention: 181d, alarm: true"));
    await commit();
    const { code, plan } = await planSteps();
    expect(code).toBe(1);
    expect(title(plan)).toMatch(/^### Terraform plan: none, the manifests have \d errors?$/);
    expect(plan).toContain("[UNKNOWN_FIELD]");
  });

  test("of a folder or a glob only what differs shows, a manifest that is gone included", async () => {
    const model = (name: string) => manifest.replace(ENVIRONMENTS, "").replaceAll("fraud-scorer", name);
    rmSync(join(project, "modelport.yaml"));
    for (const name of ["first", "second", "third"]) write(`models/${name}.yaml`, model(`${name}-model`));
    await commit();
    await git("update-ref", "refs/remotes/origin/main", "HEAD");
    write("models/first.yaml", model("first-model").replace("memory: 2Gi", "memory: 3Gi"));
    rmSync(join(project, "models", "second.yaml"));
    write("models/fourth.yml", model("fourth-model"));
    await commit();

    const { code, plan } = await planSteps({ patterns: "models" });
    expect(code).toBe(0);
    const rows = [...(plan ?? "").matchAll(/^\| (?::warning: )?`(.*?)` \|.* \| (?:\d+ )?(.*) \|$/gm)];
    expect(rows.map(([, stack, what]) => `${stack ?? ""}: ${what ?? ""}`).sort()).toEqual([
      "first-model-default-lambda: to update in place",
      "fourth-model-default-foundation: to create",
      "fourth-model-default-lambda: to create",
      "second-model-default-foundation: no longer made",
      "second-model-default-lambda: no longer made",
    ]);
    expect((await planSteps({ patterns: "models/*.{yaml,yml}" })).plan).toBe(plan);
  });

  test("the only manifest is gone", async () => {
    rmSync(join(project, "modelport.yaml"));
    await commit();
    const { code, plan } = await planSteps();
    expect({ code, title: title(plan) }).toEqual({ code: 0, title: "### Terraform plan: changes" });
    expect(plan).toContain("| no longer made |");
  });

  test("MODELPORT_ENV names one environment", async () => {
    write("modelport.yaml", manifest.replace("30d", "60d").replace("180d", "400d"));
    await commit();
    const { code, stdout } = await script({ BASE: "origin/main", MODELPORT_ENV: "test" });
    expect(code).toBe(2);
    expect(stdout).toContain("`fraud-scorer-test-lambda`");
    expect(stdout).not.toContain("prod");
  });
});

describe("without a plan the script fails, and says why in its place", () => {
  test.each([
    ["a revision that is not there", { BASE: "origin/none" }, "git knows no revision origin/none: name one"],
    ["no default branch", {}, "git knows no revision origin/HEAD: name one in BASE, and fetch it"],
    ["an option for a revision", { BASE: "--help" }, "git knows no revision --help"],
    [
      "a command line at fault",
      { BASE: "main", MODELPORT_ALLOW: "," },
      "name addresses, separated by commas",
    ],
    ["no Terraform", { BASE: "main", TERRAFORM_BINARY_NAME: "none" }, "error: no Terraform was found: none"],
    ["a project that is not installed", { BASE: "main" }, "modelport ended with 1"],
  ])("%s", async (what, env, reason) => {
    if (what === "a project that is not installed")
      rmSync(join(project, "node_modules"), { recursive: true });
    const { code, stdout } = await script(env);
    expect(code).toBe(1);
    expect(title(stdout)).toBe("### Terraform plan: none");
    for (const line of stdout.trimEnd().split("\n").slice(2)) expect(line).toMatch(/^ {4}/);
    expect(stdout).toContain(reason);
    expect(readFileSync(join(project, "cdktf.out", "plan.md"), "utf8")).toBe(stdout);
  });

  test("a history that is not shared", async () => {
    await git("checkout", "--quiet", "--orphan", "other");
    write("notes.md", "makes this a commit of its own");
    await commit();
    const { code, stdout } = await script({ BASE: "main" });
    expect(code).toBe(1);
    expect(stdout).toContain(
      "    git finds no commit that main and this one share: fetch the whole history\n",
    );
  });
});
