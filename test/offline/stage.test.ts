import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  Stage,
  runTerraform,
  stacksIn,
  startOfflineProviders,
  type OfflineSession,
} from "../../modules/offline";
import { CACHE, PROVIDERS, describeWithTerraform } from "./support";

describeWithTerraform("Stage", () => {
  const out = mkdtempSync(join(tmpdir(), "out-"));
  let session: OfflineSession;

  const write = (stack: string, backend: unknown, document: Record<string, unknown>): string => {
    const dir = join(out, "stacks", stack);
    mkdirSync(dir, { recursive: true });
    const whole = {
      terraform: { ...PROVIDERS, backend },
      provider: { aws: [{ region: "eu-west-1" }] },
      ...document,
    };
    writeFileSync(join(dir, "cdk.tf.json"), JSON.stringify(whole));
    return dir;
  };
  const reading = (backend: string, config: unknown): Record<string, unknown> => ({
    data: { terraform_remote_state: { base: { backend, config } } },
    resource: {
      aws_subnet: {
        a: { vpc_id: "${data.terraform_remote_state.base.outputs.vpc}", cidr_block: "10.0.0.0/24" },
      },
    },
  });
  const base = {
    resource: { aws_vpc: { main: { cidr_block: "10.0.0.0/16" } } },
    output: { vpc: { value: "${aws_vpc.main.id}" } },
  };

  beforeAll(async () => {
    session = await startOfflineProviders({ cacheDir: CACHE });
    write("base", { local: { path: "../../../terraform.base.tfstate" } }, base);
    write("shared", { s3: { bucket: "states", key: "shared.tfstate", region: "eu-west-1" } }, base);
  });
  afterAll(async () => {
    await session.dispose();
    rmSync(out, { recursive: true });
  });

  test.each([
    ["a local file", "local", { path: "../../../terraform.base.tfstate" }],
    ["a bucket", "s3", { bucket: "states", key: "shared.tfstate", region: "eu-west-1" }],
  ])(
    "a stack that reads another's state from %s is planned with that stack's outputs",
    async (_what, kind, config) => {
      const work = mkdtempSync(join(tmpdir(), "stage-"));
      const api = write(
        "api",
        { [kind]: { ...config, path: "../../../api", key: "api" } },
        reading(kind, config),
      );
      const before = readFileSync(join(api, "cdk.tf.json"), "utf8");
      const copy = await new Stage(session, work).add(api);
      const run = await runTerraform(session, copy, ["plan", "-no-color"]);
      expect([run.exitCode, run.stderr]).toEqual([0, ""]);
      expect(run.stdout).toMatch(/vpc_id +.*"vpc-[0-9a-f]{17}"/);
      expect(readFileSync(join(api, "cdk.tf.json"), "utf8")).toBe(before);
      rmSync(work, { recursive: true });
    },
  );

  test("a producer that cannot be applied is named", async () => {
    const work = mkdtempSync(join(tmpdir(), "stage-"));
    write(
      "broken",
      { local: { path: "../../../terraform.broken.tfstate" } },
      { resource: { aws_vpc: { a: { cidr: "x" } } } },
    );
    const user = write("user", {}, reading("local", { path: "../../../terraform.broken.tfstate" }));
    await expect(new Stage(session, work).add(user)).rejects.toThrow("broken cannot be applied");
    rmSync(work, { recursive: true });
  });

  test("the command checks every stack of a folder and leaves it as it was", async () => {
    const folder = join(out, "two");
    mkdirSync(folder);
    cpSync(join(out, "stacks", "base"), join(folder, "stacks", "base"), { recursive: true });
    write(
      "user",
      { local: { path: "../../../user" } },
      reading("local", { path: "../../../terraform.base.tfstate" }),
    );
    cpSync(join(out, "stacks", "user"), join(folder, "stacks", "user"), { recursive: true });
    const check = async (...args: string[]): Promise<{ code: number; output: string }> =>
      new Promise((done) => {
        const script = join(__dirname, "../../modules/offline/check.ts");
        execFile(process.execPath, ["--import", "tsx", script, ...args], (error, stdout, stderr) =>
          done({ code: Number(error?.code ?? 0), output: stdout + stderr }),
        );
      });
    const applied = await check(folder, "apply");
    expect(applied).toMatchObject({ code: 0 });
    expect(applied.output).toMatch(/== base[\s\S]*No changes[\s\S]*== user[\s\S]*No changes/);
    expect(readdirSync(join(folder, "stacks", "user"))).toEqual(["cdk.tf.json"]);
    expect(await check(folder)).toMatchObject({ code: 2 });
  });

  test("the stacks of an output folder are listed", () => {
    expect(stacksIn(out).map((dir) => dir.slice(join(out, "stacks").length + 1))).toEqual(
      expect.arrayContaining(["base", "shared"]),
    );
    expect(stacksIn(join(out, "stacks", "base"))).toEqual([join(out, "stacks", "base")]);
  });
});
