import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resolveCase, writeStacks } from "../../modules/conformance";
import type { Data } from "../../modules/manifest/data";
import { Stage, startOfflineProviders, type OfflineSession, type StagedPlan } from "../../modules/offline";
import { targets } from "../../targets";
import { CACHE, describeWithTerraform } from "../offline/support";
import { type Given, manifest, PYTORCH } from "./support";

const COMPONENTS = ["foundation", "sagemaker-realtime"] as const;

/** What a plan does, by address, without what it leaves alone. */
function actions(plan: StagedPlan): Readonly<Record<string, string>> {
  if ("failure" in plan) throw new Error(plan.failure);
  const { resource_changes: changes = [] } = plan.json as unknown as {
    resource_changes?: readonly { address: string; mode: string; change: { actions: readonly string[] } }[];
  };
  return Object.fromEntries(
    changes
      .filter(({ mode, change }) => mode === "managed" && change.actions.join() !== "no-op")
      .map(({ address, change }) => [address, change.actions.join("+")]),
  );
}

/** In both cases: another model and configuration, made before the old ones go, and the same endpoint. */
const ENDPOINT = {
  "aws_sagemaker_model.model": "create+delete",
  "aws_sagemaker_endpoint_configuration.endpoint-configuration": "create+delete",
  "aws_sagemaker_endpoint.endpoint": "update",
};
const MACHINE = { "aws_sfn_state_machine.neo-state-machine": "update" };
const JOB_RIGHTS = { "aws_iam_role_policy.neo-job-role-policy": "update" };
const artifact = (version: number) => `s3://models/fraud/v${version}/model.tar.gz`;
const plain = (version: number): Given["model"] => ({ artifact: artifact(version), optimize: undefined });

describeWithTerraform("the real terraform, offline", () => {
  let folder: string;
  let session: OfflineSession;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "neo-updates-"));
    session = await startOfflineProviders({ cacheDir: CACHE });
  });
  afterAll(async () => {
    await session.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each<{
    readonly what: string;
    readonly given: readonly [Given, Given];
    readonly weights?: readonly [string, string];
    readonly foundation: Readonly<Record<string, string>>;
    readonly endpoint?: Readonly<Record<string, string>>;
  }>([
    {
      what: "a new artifact",
      given: [{ model: { artifact: artifact(1) } }, { model: { artifact: artifact(2) } }],
      foundation: { ...MACHINE, ...JOB_RIGHTS },
    },
    {
      what: "a new local artifact",
      given: [{ model: { artifact: "model" } }, { model: { artifact: "model" } }],
      weights: ["one", "two"],
      foundation: { ...MACHINE, "aws_s3_object.neo-source": "create+delete" },
    },
    {
      what: "another compilation",
      given: [{}, { neo: { ...PYTORCH, inputs: { input0: [8, 3, 224, 224] } } }],
      foundation: MACHINE,
    },
    {
      what: "more time, which makes no other model",
      given: [{}, { neo: { ...PYTORCH, timeout: "1h" } }],
      foundation: MACHINE,
      endpoint: {},
    },
  ])(
    "$what takes over without anything live being replaced",
    async ({ what, given, weights, ...expected }) => {
      const work = join(folder, what.replace(/\W+/g, "-"));
      const out = join(work, "out");
      const write = (version: 0 | 1): void => {
        const directory = join(work, `project-${version}`, "project");
        mkdirSync(join(directory, "model"), { recursive: true });
        writeFileSync(join(directory, "model", "model.pth"), weights?.[version] ?? "");
        rmSync(out, { recursive: true, force: true });
        const data = manifest(given[version]) as Data;
        const resolution = resolveCase({
          registry: targets,
          target: "sagemaker-realtime",
          environment: null,
          manifest: { data, directory },
        });
        writeStacks(resolution, out);
      };
      const stackOf = (component: string) => join(out, "stacks", `fraud-scorer-default-${component}`);
      /** Plans and applies both stacks, the foundation first, from what the last stage left. */
      const roll = async (): Promise<Readonly<Record<string, object>>> => {
        const stage = new Stage(session, join(work, "staged"));
        const planned: Record<string, object> = {};
        for (const component of COMPONENTS) {
          planned[component] = actions(await stage.plan(stackOf(component)));
          await stage.apply(stackOf(component));
        }
        return planned;
      };

      write(0);
      const first = await roll();
      expect(new Set(Object.values({ ...first.foundation, ...first["sagemaker-realtime"] }))).toEqual(
        new Set(["create"]),
      );
      write(1);
      expect(await roll()).toEqual({
        foundation: expected.foundation,
        "sagemaker-realtime": expected.endpoint ?? ENDPOINT,
      });
      expect(await roll()).toEqual({ foundation: {}, "sagemaker-realtime": {} });
    },
  );

  test("compiling what was served as it is moves the endpoint to another role before the old one goes", async () => {
    const work = join(folder, "turned-on");
    const out = join(work, "out");
    const write = (given: Given): void => {
      rmSync(out, { recursive: true, force: true });
      writeStacks(
        resolveCase({
          registry: targets,
          target: "sagemaker-realtime",
          environment: null,
          manifest: { data: manifest(given) as Data, directory: folder },
        }),
        out,
      );
    };
    const stackOf = (component: string) => join(out, "stacks", `fraud-scorer-default-${component}`);
    // There is a foundation either way.
    const changes = { observability: { dataCapture: 10 } };
    write({ model: plain(1), changes });
    await new Stage(session, join(work, "staged")).apply(stackOf("sagemaker-realtime"));
    write({ model: { artifact: artifact(1) }, changes });
    const stage = new Stage(session, join(work, "staged"));
    const foundation = actions(await stage.plan(stackOf("foundation")));
    expect(new Set(Object.values(foundation))).toEqual(new Set(["create"]));
    expect(foundation).toHaveProperty(["aws_sfn_state_machine.neo-state-machine"], "create");
    expect(actions(await stage.plan(stackOf("sagemaker-realtime")))).toEqual({
      ...ENDPOINT,
      "aws_iam_role.role": "create+delete",
      "aws_iam_role_policy.role-policy": "create+delete",
    });
  });
});
