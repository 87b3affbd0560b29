import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { readPlanFile } from "../modules/changes/plan-file";
import { changesAnything, summarize, type StackChanges } from "../modules/changes/summary";
import { resourcesOf, type JsonObject } from "../modules/conformance";
import { runTerraform, startOfflineProviders, type OfflineSession } from "../modules/offline";
import { run } from "../modules/process/run";
import { CACHE, describeWithTerraform } from "./offline/support";
import { ROOT } from "./support/examples";

/** A dozen runs of cdktf's command line, each with a synthesis. */
const TIMEOUT_MS = 10 * 60_000;

const CDKTF = join(ROOT, "node_modules", "cdktf-cli", "bundle", "bin", "cdktf");
const FOUNDATION = "fraud-scorer-test-foundation";
const TARGET = "fraud-scorer-test-lambda";
const STACKS = [FOUNDATION, TARGET];

/** The image is built, so that a variable without a default has to come through cdktf. */
const MANIFEST = {
  apiVersion: "modelport/v1",
  name: "fraud-scorer",
  region: "eu-west-1",
  model: { build: { context: "server" }, environment: { LOG_LEVEL: "info" } },
  resources: { cpu: 1, memory: "2Gi" },
  target: "lambda",
  environments: { test: { tags: { stage: "test" } } },
};

describeWithTerraform("cdktf's own command line, offline", () => {
  let session: OfflineSession;
  let folder: string;
  beforeAll(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "cdktf-cli-")));
    session = await startOfflineProviders({ cacheDir: CACHE });
    // As `init` writes it, but with the sources of this project instead of an installed package.
    const template = JSON.parse(readFileSync(join(ROOT, "templates", "cdktf.json"), "utf8")) as object;
    const app = ["node", "--import", pathToFileURL(require.resolve("tsx")).href, join(ROOT, "main.ts")];
    writeFileSync(
      join(folder, "cdktf.json"),
      JSON.stringify({ ...template, app: app.map((part) => JSON.stringify(part)).join(" ") }),
    );
    mkdirSync(join(folder, "server"));
    writeFileSync(join(folder, "server", "Dockerfile"), "FROM scratch\n");
    writeManifest({});
  });
  afterAll(async () => {
    await session.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  function writeManifest(changes: object): void {
    writeFileSync(join(folder, "modelport.yaml"), JSON.stringify({ ...MANIFEST, ...changes }));
  }

  /** Runs `cdktf`. Its text is no evidence: it wraps and indents what Terraform says, and may end before its last lines. */
  async function cdktf(...args: string[]) {
    const { exitCode, stdout, stderr } = await run(process.execPath, [CDKTF, ...args], {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        // It keeps a cache of providers and an id of its own in the home folder.
        HOME: folder,
        CDKTF_DISABLE_PLUGIN_CACHE_ENV: "true",
        CI: "true",
        MODELPORT_ENV: "test",
        TF_VAR_image_digest: `sha256:${"1".repeat(64)}`,
        ...session.env,
      },
    });
    return { exitCode, said: `${stdout}\n${stderr}` };
  }

  /** Runs what takes providers. Their checksums are only to be had from the registry. */
  const offline = (...args: string[]) => cdktf(...args, "--skip-provider-lock", "--no-color");

  async function succeed(run: ReturnType<typeof cdktf>): Promise<string> {
    const { exitCode, said } = await run;
    if (exitCode !== 0) throw new Error(said);
    return said;
  }

  const folderOf = (stack: string) => join(folder, "cdktf.out", "stacks", stack);

  /** Addresses of what a stack declares, sorted. */
  function declaredIn(stack: string): readonly string[] {
    const text = readFileSync(join(folderOf(stack), "cdk.tf.json"), "utf8");
    return resourcesOf({ name: stack, text, document: JSON.parse(text) as JsonObject })
      .map(({ address }) => address)
      .sort();
  }

  interface StateResource {
    readonly mode: string;
    readonly type: string;
    readonly name: string;
    readonly instances: readonly { readonly attributes: object }[];
  }
  /** What was applied of a stack, by address. Its state lies beside `cdktf.json`. */
  function appliedIn(stack: string): Readonly<Record<string, object>> {
    const { resources } = JSON.parse(readFileSync(join(folder, `terraform.${stack}.tfstate`), "utf8")) as {
      readonly resources: readonly StateResource[];
    };
    return Object.fromEntries(
      resources
        .filter(({ mode }) => mode === "managed")
        .map(({ type, name, instances }) => [`${type}.${name}`, instances[0]?.attributes ?? {}]),
    );
  }

  /** Runs `cdktf diff`, which leaves its plan in the stack's folder. */
  async function diff(stack: string): Promise<StackChanges> {
    await succeed(offline("diff", stack));
    const { stdout } = await runTerraform(session, folderOf(stack), ["show", "-json", "plan"]);
    const options = { stack, allow: [], preventDestroy: [] };
    return summarize(readPlanFile(JSON.parse(stdout)), options);
  }

  test(
    "synthesizes, plans, deploys, finds nothing left to do, changes in place, and destroys",
    async () => {
      await succeed(cdktf("synth"));
      expect(readdirSync(join(folder, "cdktf.out", "stacks")).sort()).toEqual(STACKS);
      expect((await succeed(cdktf("list"))).split("\n")).toEqual(
        expect.arrayContaining(
          STACKS.map((stack) => expect.stringMatching(`^${stack} +cdktf\\.out/stacks/${stack}$`) as string),
        ),
      );
      // Terraform asks for the providers' schemas before it says which types it needs.
      for (const stack of STACKS) await session.announce(folderOf(stack));

      const { changes } = await diff(FOUNDATION);
      expect(changes.map(({ address, action }) => [address, action])).toEqual(
        declaredIn(FOUNDATION).map((address) => [address, "create"]),
      );
      await succeed(offline("deploy", "*", "--auto-approve", "--outputs-file", "outputs.json"));
      for (const stack of STACKS) expect(Object.keys(appliedIn(stack)).sort()).toEqual(declaredIn(stack));
      expect(JSON.parse(readFileSync(join(folder, "outputs.json"), "utf8"))).toMatchObject({
        [FOUNDATION]: { output: { registry_url: expect.stringContaining(".dkr.ecr.eu-west-1.") as string } },
        [TARGET]: { output: { function_name: TARGET } },
      });
      for (const stack of STACKS) expect(changesAnything(await diff(stack))).toBe(false);

      writeManifest({ model: { ...MANIFEST.model, environment: { LOG_LEVEL: "debug" } } });
      await succeed(offline("deploy", "*", "--auto-approve"));
      expect(appliedIn(TARGET)["aws_lambda_function.function"]).toMatchObject({
        environment: [{ variables: { LOG_LEVEL: "debug" } }],
        version: "2",
      });

      // The target's stack goes; what holds data does not.
      expect((await offline("destroy", "*", "--auto-approve")).exitCode).toBe(1);
      expect(appliedIn(TARGET)).toEqual({});
      expect(Object.keys(appliedIn(FOUNDATION)).sort()).toEqual(declaredIn(FOUNDATION));

      writeManifest({ security: { deletionProtection: false } });
      await succeed(offline("destroy", "*", "--auto-approve"));
      for (const stack of STACKS) expect(appliedIn(stack)).toEqual({});
    },
    TIMEOUT_MS,
  );
});
