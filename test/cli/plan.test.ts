import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTerraform, stacksIn, startOfflineProviders } from "../../modules/offline";
import { CACHE, describeWithTerraform } from "../offline/support";
import { cli, type CliRun } from "../support/cli";
import { makeRepository } from "../support/git";
import { MANIFEST_TEXT } from "../support/synth";

interface PlanDocument {
  readonly schemaVersion: number;
  readonly stacks: readonly {
    readonly stack: string;
    readonly target: string;
    readonly environment: string;
    readonly removed: boolean;
    readonly create: number;
    readonly update: number;
    readonly replace: number;
    readonly delete: number;
    readonly error: string | null;
    readonly changes: readonly {
      readonly address: string;
      readonly type: string;
      readonly action: string;
      readonly actions: readonly string[];
      readonly attributes: readonly string[];
    }[];
    readonly guard: readonly { readonly address: string; readonly code: string; readonly allowed: boolean }[];
  }[];
  readonly notes: readonly string[];
  readonly issues: readonly { readonly code: string }[];
}

const document = ({ stdout }: CliRun) => JSON.parse(stdout) as PlanDocument;
const counts = (stack: PlanDocument["stacks"][number] | undefined) => [
  stack?.create,
  stack?.update,
  stack?.replace,
  stack?.delete,
];

describeWithTerraform("modelport plan", () => {
  let folder: string;
  let manifest: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "plan-"));
    manifest = join(folder, "modelport.yaml");
    writeFileSync(manifest, MANIFEST_TEXT);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const env = { XDG_CACHE_HOME: join(tmpdir(), "cache-of-plan-tests") };
  const plan = (args: readonly string[], more: Readonly<Record<string, string>> = {}) =>
    cli(["plan", "modelport.yaml", ...args], { cwd: folder, env: { ...env, ...more } });
  const offline = (...args: readonly string[]) => plan(["--offline", ...args]);
  const change = (from: string | RegExp, to: string) =>
    writeFileSync(manifest, readFileSync(manifest, "utf8").replace(from, to));

  test("a first deployment: everything is created, and nothing but the summary is said", async () => {
    const { code, stdout, stderr } = await offline();
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^fraud-scorer-default-foundation: 5 to create\n/);
    expect(stdout).toContain("    + aws_sagemaker_endpoint: endpoint\n");
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
    expect(stdout.match(/offline: it cannot know/g)).toHaveLength(1);
    expect(stdout.trimEnd()).toMatch(/\n2 stacks: 13 to create$/);
  });

  test("--format json is the contract's document and nothing else", async () => {
    const run = await offline("--format", "json");
    const found = document(run);
    expect([run.code, run.stderr, Object.keys(found)[0]]).toEqual([0, "", "schemaVersion"]);
    expect(found.schemaVersion).toBe(1);
    expect(found.stacks.map(({ stack, target }) => [stack, target])).toEqual([
      ["fraud-scorer-default-foundation", "foundation"],
      ["fraud-scorer-default-sagemaker-realtime", "sagemaker-realtime"],
    ]);
    expect(counts(found.stacks[0])).toEqual([5, 0, 0, 0]);
    expect(found.stacks[1]?.changes.find(({ type }) => type === "aws_sagemaker_model")).toEqual({
      address: "aws_sagemaker_model.model",
      type: "aws_sagemaker_model",
      action: "create",
      actions: ["create"],
      attributes: [],
      differences: [],
    });
    expect(found.stacks[1]?.guard).toEqual([]);
  });

  test("against a git revision: what the change would do, without any state", async () => {
    await makeRepository(folder);
    change("a".repeat(64), "b".repeat(64));
    const run = await offline("--base", "HEAD", "--format", "json", "--detailed-exitcode");
    const [foundation, target] = document(run).stacks;
    expect(run.code).toBe(2);
    expect(counts(foundation)).toEqual([0, 0, 0, 0]);
    expect(counts(target)).toEqual([0, 1, 2, 0]);
    expect(target?.changes.map(({ address, actions, attributes }) => [address, actions, attributes])).toEqual(
      [
        [
          "aws_sagemaker_endpoint_configuration.endpoint-configuration",
          ["create", "delete"],
          ["name", "production_variants[0].model_name"],
        ],
        ["aws_sagemaker_model.model", ["create", "delete"], ["name", "primary_container[0].image"]],
        ["aws_sagemaker_endpoint.endpoint", ["update"], ["endpoint_config_name"]],
      ],
    );
    expect(target?.guard).toEqual([]);
  });

  test("against itself nothing changes, whatever the work tree's order of keys", async () => {
    await makeRepository(folder);
    const lines = MANIFEST_TEXT.trim().split("\n");
    writeFileSync(manifest, [...lines].reverse().join("\n"));
    const run = await offline("--base", "main", "--detailed-exitcode");
    expect([run.code, run.stdout.trimEnd().split("\n").at(-1)]).toEqual([0, "2 stacks: no changes"]);
  });

  test("against a file", async () => {
    writeFileSync(join(folder, "old.yaml"), MANIFEST_TEXT.replace("memory: 2Gi", "memory: 30Gi"));
    const found = document(await offline("--base", "old.yaml", "--format", "json"));
    const configuration = found.stacks[1]?.changes[0];
    expect(configuration?.attributes).toContain("production_variants[0].instance_type");
  });

  test("the guard stops what would be lost, and lets go what is named", async () => {
    await makeRepository(folder);
    change("region: eu-west-1", "region: eu-central-1");
    change("eu-west-1.amazonaws", "eu-central-1.amazonaws");
    const stopped = await offline("--base", "HEAD");
    expect(stopped.code).toBe(1);
    expect(stopped.stdout).toContain("[GUARD_ENDPOINT]");
    expect(stopped.stdout).toContain("Terraform will refuse it too (prevent_destroy)");
    const json = document(await offline("--base", "HEAD", "--format", "json", "--detailed-exitcode"));
    const guarded = json.stacks.flatMap(({ guard }) => guard);
    expect([...new Set(guarded.map(({ code }) => code))].sort()).toEqual([
      "GUARD_DATA",
      "GUARD_ENDPOINT",
      "GUARD_KEY",
      "GUARD_TOPIC",
    ]);
    const addresses = guarded.map(({ address }) => address).join(",");
    expect((await offline("--base", "HEAD", "--allow", addresses)).code).toBe(0);
    expect((await offline("--base", "HEAD", "--allow", "aws_kms_key.key")).code).toBe(1);
    const all = await plan(["--offline", "--base", "HEAD", "--detailed-exitcode"], {
      MODELPORT_ALLOW: "all",
    });
    expect(all.code).toBe(2);
  });

  test("every environment at once; a stack that is no longer made stays until it is destroyed", async () => {
    writeFileSync(manifest, `${MANIFEST_TEXT}environments: { test: {}, prod: {} }\n`);
    await makeRepository(folder);
    change("prod: {}", "live: {}");
    const found = document(
      await offline("--base", "HEAD", "--all-environments", "--format", "json", "--detailed-exitcode"),
    );
    expect(
      found.stacks.map(({ stack, environment, removed, create, delete: destroyed }) => [
        stack,
        environment,
        removed,
        create,
        destroyed,
      ]),
    ).toEqual([
      ["fraud-scorer-test-foundation", "test", false, 0, 0],
      ["fraud-scorer-test-sagemaker-realtime", "test", false, 0, 0],
      ["fraud-scorer-live-foundation", "live", false, 5, 0],
      ["fraud-scorer-live-sagemaker-realtime", "live", false, 8, 0],
      ["fraud-scorer-prod-foundation", "prod", true, 0, 5],
      ["fraud-scorer-prod-sagemaker-realtime", "prod", true, 0, 8],
    ]);
    expect(found.stacks.flatMap(({ guard }) => guard)).toEqual([]);
  });

  test("manifests that only the base has, and only the work tree", async () => {
    mkdirSync(join(folder, "models"));
    for (const name of ["one", "two"])
      writeFileSync(join(folder, "models", `${name}.yaml`), MANIFEST_TEXT.replace("fraud-scorer", name));
    await makeRepository(folder);
    rmSync(join(folder, "models", "two.yaml"));
    writeFileSync(join(folder, "models", "three.yaml"), MANIFEST_TEXT.replace("fraud-scorer", "three"));
    const run = await cli(
      ["plan", "models/*.yaml", "--offline", "--base", "HEAD", "--target", "lambda", "--format", "json"],
      { cwd: folder, env },
    );
    const found = document(run).stacks.filter(({ target }) => target === "lambda");
    expect(found.map(({ stack, removed, create }) => [stack, removed, create > 0])).toEqual([
      ["one-default-lambda", false, false],
      ["three-default-lambda", false, true],
      ["two-default-lambda", true, false],
    ]);
  });

  test("a base that is no valid manifest is said, and everything is new", async () => {
    writeFileSync(manifest, "name: 7\n");
    await makeRepository(folder);
    writeFileSync(manifest, MANIFEST_TEXT);
    const found = document(await offline("--base", "HEAD", "--format", "json"));
    expect(found.stacks.map(({ create }) => create)).toEqual([5, 8]);
    expect(found.notes).toEqual([
      expect.stringMatching(
        /^modelport\.yaml@HEAD is no valid manifest, .* shows as new: modelport\.yaml@HEAD/,
      ),
    ]);
  });

  test("an image that is yet to be built has a placeholder, and that is said", async () => {
    mkdirSync(join(folder, "server"));
    writeFileSync(join(folder, "server", "Dockerfile"), "FROM scratch\n");
    change(/model: .*/, "model: { build: { context: server } }");
    const found = document(await offline("--format", "json"));
    expect(found.stacks.map(({ error }) => error)).toEqual([null, null]);
    expect(found.notes).toEqual([expect.stringContaining("a placeholder stands in for the digest")]);
    const given = await offline("--image-digest", `sha256:${"c".repeat(64)}`, "--format", "json");
    expect(document(given).notes).toEqual([]);
  });

  test("markdown is a comment with Terraform's own plan in it; --full prints that on the terminal", async () => {
    const markdown = await offline("--format", "markdown");
    expect(markdown.stdout).toMatch(/^### Terraform plan: changes\n/);
    expect(markdown.stdout).toContain('+ resource "aws_sagemaker_endpoint" "endpoint"');
    expect((await offline("--full")).stdout).toContain('+ resource "aws_sagemaker_endpoint" "endpoint"');
  });

  test.each([
    ["text", /^$/, /modelport\.yaml:1:1 .*\[REQUIRED\]/],
    ["json", /"code": "REQUIRED"/, /^$/],
    ["markdown", /^### Terraform plan: none, the manifests have \d+ errors/, /^$/],
  ])("a manifest at fault is told as %s", async (format, stdout, stderr) => {
    writeFileSync(manifest, "apiVersion: modelport/v1\n");
    const run = await offline("--format", format);
    expect(run.code).toBe(1);
    expect(run.stdout).toMatch(stdout);
    expect(run.stderr).toMatch(stderr);
  });

  test.each([
    ["an unknown revision", ["--offline", "--base", "nope"], 1, /--base .*\[BASE_UNREADABLE\]/s],
    ["a base for a plan with real state", ["--base", "HEAD"], 2, /--base needs --offline/],
    [
      "an environment and all of them",
      ["--offline", "--env", "a", "--all-environments"],
      2,
      /cannot be used with/,
    ],
  ])("%s is refused", async (_what, args, code, message) => {
    await makeRepository(folder);
    const run = await plan(args);
    expect([run.code, run.stdout]).toEqual([code, ""]);
    expect(run.stderr).toMatch(message);
  });

  test("without Terraform it says so, and how to get it", async () => {
    const run = await plan(["--offline"], { TERRAFORM_BINARY_NAME: "no-such-terraform" });
    expect([run.code, run.stdout]).toEqual([3, ""]);
    expect(run.stderr).toMatch(
      /error: no Terraform was found: no-such-terraform did not start\n {2}fix: install/,
    );
  });

  test("with real state: first the foundation, then what reads it, then changes in place", async () => {
    const session = await startOfflineProviders({ cacheDir: CACHE });
    try {
      // The providers are stand-ins that Terraform takes for real ones; backend, state and init are real.
      const live = (...args: readonly string[]) => plan(args, session.env);
      await cli(["synth", "modelport.yaml"], { cwd: folder });
      const [foundation = "", target = ""] = stacksIn(join(folder, "cdktf.out"));
      for (const dir of [foundation, target]) await session.announce(dir);

      const first = document(await live("--format", "json"));
      expect(counts(first.stacks[0])).toEqual([5, 0, 0, 0]);
      expect(first.stacks[1]?.error).toMatch(/^reads outputs that another stack has yet to make/);
      const told = await live();
      expect(told.code).toBe(3);
      expect(told.stdout).toContain("1 without a plan");

      for (const dir of [foundation, target]) {
        const { exitCode, stderr } = await runTerraform(session, dir, [
          "apply",
          "-auto-approve",
          "-no-color",
        ]);
        expect([exitCode, stderr]).toEqual([0, ""]);
      }
      const second = await live("--detailed-exitcode");
      expect([second.code, second.stdout]).toEqual([
        0,
        "fraud-scorer-default-foundation: no changes\n\n" +
          "fraud-scorer-default-sagemaker-realtime: no changes\n\n2 stacks: no changes\n",
      ]);
      change("resources:", "tags: { team: risk }\nresources:");
      const third = await live("--detailed-exitcode");
      expect(third.code).toBe(2);
      expect(third.stdout).toContain("    ~ aws_sagemaker_endpoint.endpoint\n");
      expect(third.stdout).not.toContain("offline");
    } finally {
      await session.dispose();
    }
  });

  test("six targets are planned in seconds", async () => {
    const start = process.hrtime.bigint();
    const { code } = await cli(
      [
        "plan",
        join("examples", "sentiment", "modelport.yaml"),
        "--offline",
        "--target",
        "all",
        "--out",
        folder,
      ],
      { env },
    );
    expect(code).toBe(0);
    // The issue's 5 s hold on an idle machine and compiled sources, see `npm run bench`; tests run beside this one.
    expect(Number(process.hrtime.bigint() - start) / 1e9).toBeLessThan(20);
  });
});
