import { join } from "node:path";
import { describeWithTerraform } from "../offline/support";
import { Project } from "../plugins/support";
import { cli } from "../support/cli";
import { ROOT, run } from "../support/process";
import { baseManifest } from "../support/synth";
import { policyCode } from "./support";

/** Each starts some processes. */
const TIMEOUT_MS = 120_000;

const REASON = "the old name stays until the contract ends";
const EXCEPTION = { policies: { suppress: [{ code: "ACME_NAMES", reason: REASON }] } };

let project: Project;
beforeEach(() => {
  project = new Project();
  project.write("names.js", policyCode());
});
afterEach(() => project.remove());

function write(changes: object = {}): void {
  project.write("modelport.yaml", baseManifest({ target: "docker", ...changes }));
}

function settings(): void {
  project.write("cdktf.json", {
    language: "typescript",
    app: "node main.js",
    context: { modelport: { policies: ["./names.js"] } },
  });
}

const modelport = (...args: readonly string[]) => cli(args, { cwd: project.path });

test(
  "a policy of --policy stops synth, at the manifest's line",
  async () => {
    write();
    const { code, stdout, stderr } = await modelport("synth", "modelport.yaml", "--policy", "./names.js");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toBe(
      [
        "error: modelport.yaml:1:37 name: docker: is named fraud-scorer [ACME_NAMES] (docker)",
        "  allowed: models are named after the company",
        "  fix: call it acme-fraud-scorer, or suppress it with a reason: policies.suppress: [{ code: ACME_NAMES, address: docker, reason: ... }]",
        "",
      ].join("\n"),
    );
  },
  TIMEOUT_MS,
);

test(
  "those of cdktf.json count for validate and synth, and what the manifest lets go is counted and shown",
  async () => {
    settings();
    write(EXCEPTION);
    const [valid, text, json] = await Promise.all([
      modelport("validate", "modelport.yaml"),
      modelport("synth", "modelport.yaml", "--out", "text"),
      modelport("synth", "modelport.yaml", "--out", "json", "--format", "json"),
    ]);
    expect(valid).toEqual({ code: 0, stdout: "", stderr: "1 manifest: no problems\n" });
    expect(text.code).toBe(0);
    expect(text.stderr).toContain(`modelport.yaml: suppressed ACME_NAMES at docker: ${REASON}\n`);
    expect(text.stderr).toContain("\n1 policy violation suppressed\n");
    expect((JSON.parse(json.stdout) as { suppressed: unknown }).suppressed).toEqual([
      {
        file: "modelport.yaml",
        environment: "default",
        stack: null,
        code: "ACME_NAMES",
        address: "docker",
        message: "is named fraud-scorer",
        reason: REASON,
      },
    ]);
  },
  TIMEOUT_MS,
);

test(
  "without the policy its suppression is a mistake",
  async () => {
    write(EXCEPTION);
    const { code, stdout } = await modelport("validate", "modelport.yaml", "--format", "json");
    const { issues } = JSON.parse(stdout) as { issues: readonly { code: string; path: string }[] };
    expect({ code, issues: issues.map((issue) => ({ code: issue.code, path: issue.path })) }).toEqual({
      code: 1,
      issues: [{ code: "UNKNOWN_POLICY", path: "policies.suppress[0].code" }],
    });
  },
  TIMEOUT_MS,
);

test(
  "the app that cdktf runs is held to them too",
  async () => {
    const app = (outdir: string) =>
      run(process.execPath, ["--import", require.resolve("tsx"), join(ROOT, "main.ts")], {
        cwd: project.path,
        env: {
          CDKTF_CONTEXT_JSON: JSON.stringify({ modelport: { policies: ["./names.js"] } }),
          CDKTF_OUTDIR: outdir,
          MODELPORT_MANIFEST: "modelport.yaml",
        },
      });
    write();
    const refused = await app("refused");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("modelport.yaml:1:37 name: docker: is named fraud-scorer [ACME_NAMES]");
    write(EXCEPTION);
    const excepted = await app("excepted");
    expect(excepted).toEqual({ code: 0, stdout: "", stderr: "policy violations suppressed: 1\n" });
  },
  TIMEOUT_MS,
);

describeWithTerraform("plan", () => {
  test(
    "stops at a violation, but compares with a base that has it",
    async () => {
      settings();
      write();
      const plan = ["plan", "modelport.yaml", "--offline", "--format", "json"];
      const refused = await modelport(...plan);
      expect(refused.code).toBe(1);
      expect(
        (JSON.parse(refused.stdout) as { issues: readonly { code: string }[] }).issues.map(
          ({ code }) => code,
        ),
      ).toEqual(["ACME_NAMES"]);

      project.write("base.yaml", baseManifest({ target: "docker" }));
      write(EXCEPTION);
      const { code, stdout } = await modelport(...plan, "--base", "base.yaml");
      expect(code).toBe(0);
      expect((JSON.parse(stdout) as { notes: unknown }).notes).toEqual([
        "1 policy violation suppressed by the manifest: ACME_NAMES",
      ]);
    },
    TIMEOUT_MS,
  );
});
