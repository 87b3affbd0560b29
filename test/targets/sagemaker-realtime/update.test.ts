import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resolveCase, writeStacks } from "../../../modules/conformance";
import type { Data } from "../../../modules/manifest/data";
import { runTerraform, Stage, startOfflineProviders, type OfflineSession } from "../../../modules/offline";
import { targets } from "../../../targets";
import { CACHE, describeWithTerraform } from "../../offline/support";
import { baseManifest, type Json } from "../../support/synth";

const KIND = "sagemaker-realtime";

const candidate = (changes: Json = {}): Json => ({
  variants: [{ name: "candidate", percent: 20, instanceType: "ml.m5.xlarge", ...changes }],
});

describeWithTerraform("updates of a scaled endpoint, by the real terraform, offline", () => {
  let session: OfflineSession;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "sagemaker-updates-"));
    session = await startOfflineProviders({ cacheDir: CACHE });
  });
  afterAll(async () => {
    await session.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  async function run(stack: string, ...args: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await runTerraform(session, stack, [...args, "-no-color"]);
    if (exitCode !== 0) throw new Error(`terraform ${args.join(" ")} failed:\n${stderr}${stdout}`);
    return stdout;
  }

  /** Applies one set of options after another; what the second apply does, step by step. */
  async function update(name: string, first: Json, second: Json): Promise<readonly string[]> {
    const work = join(folder, name);
    const out = join(work, "out");
    let log = "";
    for (const options of [first, second]) {
      rmSync(out, { recursive: true, force: true });
      const data = baseManifest({
        scaling: { min: 1, max: 4 },
        targets: { [KIND]: { instanceType: "ml.m5.xlarge", ...options } },
      });
      const manifest = { data: data as Data, directory: folder };
      const stacks = writeStacks(
        resolveCase({ registry: targets, target: KIND, environment: null, manifest }),
        out,
      );
      const target = stacks.find((stack) => stack.name.endsWith(KIND));
      if (target === undefined) throw new Error("no stack");
      const staged = await new Stage(session, join(work, "staged")).add(join(out, "stacks", target.name));
      log = await run(staged, "apply", "-auto-approve");
      await run(staged, "plan", "-detailed-exitcode");
    }
    return log.split("\n").filter((line) => /: (?:Creating|Modifying|Destroying|\w+ complete)/.test(line));
  }

  /** The place of a step: the line that starts with an address, and names what is done. */
  function at(steps: readonly string[], address: string, step: string): number {
    const index = steps.findIndex((line) => line.startsWith(`${address}: ${step}`));
    if (index < 0) throw new Error(`no step "${address}: ${step}" in:\n${steps.join("\n")}`);
    return index;
  }

  const ENDPOINT = "aws_sagemaker_endpoint.endpoint";

  // SageMaker refuses both changes to a variant that is registered:
  // https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-update.html (read 2026-11-23)
  test("another instance type: scaling is gone before the endpoint is updated, and comes back after", async () => {
    const steps = await update("type", {}, { instanceType: "ml.m5.2xlarge" });
    const start = at(steps, ENDPOINT, "Modifying");
    const end = at(steps, ENDPOINT, "Modifications complete");
    for (const address of [
      "aws_appautoscaling_target.scalable-target",
      "aws_appautoscaling_policy.scaling-target-tracking-cpu",
    ]) {
      expect(at(steps, address, "Destruction complete")).toBeLessThan(start);
      expect(at(steps, address, "Creating")).toBeGreaterThan(end);
    }
  }, 120_000);

  test("a variant that goes is no longer registered when the endpoint is updated", async () => {
    const steps = await update("removed", candidate(), {});
    const address = "aws_appautoscaling_target.scalable-target-variant-candidate";
    expect(at(steps, address, "Destruction complete")).toBeLessThan(at(steps, ENDPOINT, "Modifying"));
    expect(steps.filter((line) => line.startsWith("aws_appautoscaling_target.scalable-target:"))).toEqual([]);
  }, 120_000);

  test("a variant that comes is registered once it exists, and nothing of the main one is touched", async () => {
    const steps = await update("added", {}, candidate());
    const address = "aws_appautoscaling_target.scalable-target-variant-candidate";
    expect(at(steps, address, "Creating")).toBeGreaterThan(at(steps, ENDPOINT, "Modifications complete"));
    expect(steps.filter((line) => line.startsWith("aws_appautoscaling_target.scalable-target:"))).toEqual([]);
    expect(steps.filter((line) => line.startsWith(`${ENDPOINT}: Destr`))).toEqual([]);
  }, 120_000);

  test("another share or another model leaves what is registered alone", async () => {
    const steps = await update("released", candidate(), candidate({ percent: 60, environment: { A: "1" } }));
    expect(steps.filter((line) => line.startsWith("aws_appautoscaling_"))).toEqual([]);
    expect(at(steps, ENDPOINT, "Modifying")).toBeLessThan(at(steps, ENDPOINT, "Modifications complete"));
  }, 120_000);
});
