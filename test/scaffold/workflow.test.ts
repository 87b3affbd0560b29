import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT, run } from "../support/process";
import { describeWith, type Job, WORKFLOW, WORKFLOW_FILE, WORKFLOW_TEXT } from "./support";

const SCRIPT = join(ROOT, "templates", "ci", "plan.sh");
const JOBS: readonly (readonly [string, Job])[] = Object.entries(WORKFLOW.jobs);

/** A program by its name, or in the folder of tools that a variable names. */
function tool(name: string): string {
  const folder = process.env.MODELPORT_CI_TOOLS ?? "";
  const file = join(folder, name);
  return folder !== "" && existsSync(file) ? file : name;
}
const ACTIONLINT = tool("actionlint");
const SHELLCHECK = tool("shellcheck");
const ZIZMOR = tool("zizmor");

describe("the workflow", () => {
  test("pins every action by its commit, and says which version that is", () => {
    const uses = WORKFLOW_TEXT.split("\n").filter((line) => /\buses:/.test(line));
    expect(uses).toHaveLength(
      JOBS.flatMap(([, { steps }]) => steps).filter(({ run: text }) => text === undefined).length,
    );
    for (const line of uses) {
      expect(line).toMatch(/^ +- uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
  });

  test("starts without rights; each job has what it needs, and only the one that runs nothing may write", () => {
    expect(WORKFLOW.permissions).toEqual({});
    expect(Object.fromEntries(JOBS.map(([name, { permissions }]) => [name, permissions]))).toEqual({
      plan: { contents: "read" },
      comment: { "pull-requests": "write" },
    });
    const { steps } = WORKFLOW.jobs.comment;
    expect(steps.map(({ uses = "run" }) => uses.replace(/@.*/, ""))).toEqual([
      "actions/download-artifact",
      "run",
    ]);
    expect(WORKFLOW_TEXT).not.toMatch(/\bsecrets\b/);
  });

  test("runs for pull requests alone, never with the rights of the branch that they go into", () => {
    expect(Object.keys(WORKFLOW.on)).toEqual(["pull_request"]);
    expect(WORKFLOW.jobs.comment.if).toContain(
      "github.event.pull_request.head.repo.full_name == github.repository",
    );
  });

  test("no event writes into a script", () => {
    for (const [, { steps }] of JOBS)
      for (const { run: text = "" } of steps) expect(text).not.toContain("${{");
  });

  test("every job ends by itself, and checks out without leaving its token", () => {
    for (const [name, job] of JOBS) expect([name, job["timeout-minutes"] <= 15]).toEqual([name, true]);
    const [checkout] = WORKFLOW.jobs.plan.steps;
    expect(checkout?.with).toEqual({ "fetch-depth": 0, "persist-credentials": false });
  });

  test("installs what the lock file says, and runs none of its scripts", () => {
    const installs = WORKFLOW.jobs.plan.steps.filter(({ run: text = "" }) => text.includes("npm "));
    expect(installs.map(({ run: text }) => text)).toEqual(["npm ci --ignore-scripts"]);
  });
});

describeWith(ACTIONLINT, ["-version"])("with actionlint", () => {
  test("the workflow has no fault", async () => {
    const { code, stdout } = await run(
      ACTIONLINT,
      ["-no-color", `-shellcheck=${SHELLCHECK}`, WORKFLOW_FILE],
      {
        cwd: ROOT,
      },
    );
    expect(stdout).toBe("");
    expect(code).toBe(0);
  });
});

describeWith(ZIZMOR)("with zizmor", () => {
  test("the workflow has no weakness", async () => {
    const { code, stdout } = await run(ZIZMOR, ["--offline", "--no-progress", WORKFLOW_FILE], { cwd: ROOT });
    expect(stdout).toMatch(/No findings to report/);
    expect(code).toBe(0);
  });
});

describeWith(SHELLCHECK)("with shellcheck", () => {
  test("the script has no fault", async () => {
    expect(await run(SHELLCHECK, [SCRIPT], { cwd: ROOT })).toEqual({ code: 0, stdout: "", stderr: "" });
  });
});
