import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resolveCase, resourcesOf, writeStacks, type StackDocument } from "../modules/conformance";
import { runTerraform, Stage, startOfflineProviders, type OfflineSession } from "../modules/offline";
import { FOUNDATION } from "../modules/stack/names";
import { targets } from "../targets";
import { CACHE, describeWithTerraform } from "./offline/support";
import { EXAMPLES_BY_ENVIRONMENT } from "./support/examples";

const DIGEST = `image_digest=sha256:${"0".repeat(64)}`;

const CASES = EXAMPLES_BY_ENVIRONMENT.flatMap(([name, shown, { file }, environment]) =>
  targets
    .map(({ kind }) => ({
      name: `${name} in ${shown} on ${kind}`,
      resolution: resolveCase({ registry: targets, target: kind, environment, manifest: file }),
    }))
    .filter(({ resolution }) => resolution.issues.every(({ severity }) => severity !== "error")),
);

describeWithTerraform("the real terraform, offline", () => {
  let session: OfflineSession;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "terraform-"));
    session = await startOfflineProviders({ cacheDir: CACHE });
  });
  afterAll(async () => {
    await session.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(CASES)("validates and plans $name", async ({ name, resolution }) => {
    const work = join(folder, name.replace(/ /g, "-"));
    const stacks = writeStacks(resolution, join(work, "out"));
    const stage = new Stage(session, join(work, "staged"));
    const [target, ...others] = stacks.filter(({ name: stack }) => !stack.endsWith(`-${FOUNDATION}`));
    if (target === undefined || others.length > 0)
      throw new Error("a case has one stack beside the foundation");
    // The foundation is applied by the stage, so that what the target reads of it is there to be planned with.
    const copy = await stage.add(join(work, "out", "stacks", target.name));
    const variables = "variable" in target.document ? [`-var=${DIGEST}`] : [];
    for (const args of [["validate"], ["plan", ...variables]]) {
      const { exitCode, stdout, stderr } = await runTerraform(session, copy, [...args, "-no-color"]);
      const output = `${stdout}${stderr}`;
      if (exitCode !== 0) throw new Error(`terraform ${args.join(" ")}:\n${output}`);
      expect(output).not.toContain("Warning:");
      if (args[0] === "plan") {
        expect(output).toContain(`Plan: ${resourcesOf(target).length} to add, 0 to change, 0 to destroy.`);
      }
    }
    // Then the target reads nothing of it, and it was not applied.
    if (stacks.length > 1 && target.document.data === undefined) {
      const foundation = await stage.add(join(work, "out", "stacks", stackNameOf(stacks)));
      const { exitCode, stderr } = await runTerraform(session, foundation, ["plan", "-no-color"]);
      if (exitCode !== 0) throw new Error(`terraform plan of the foundation:\n${stderr}`);
    }
  });
});

function stackNameOf(stacks: readonly StackDocument[]): string {
  return stacks.find(({ name }) => name.endsWith(`-${FOUNDATION}`))?.name ?? "";
}
