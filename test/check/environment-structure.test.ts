import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environmentStructure } from "../../modules/check/environment-structure";
import { resolveCase, resourcesOf, synthesizeStacks } from "../../modules/conformance";
import type { Data } from "../../modules/manifest/data";
import type { Resolution } from "../../modules/plan/resolve";
import { targets } from "../../targets";
import { CHANGES } from "../manifest-fields/changes";
import { type Manifest, sides, writeServers } from "../manifest-fields/sides";
import { baseManifest } from "../support/synth";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "structure-"));
  writeServers(directory);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const resolveOn = (manifest: Manifest, target: string): Resolution =>
  resolveCase({
    registry: targets,
    target,
    environment: null,
    manifest: { data: manifest as Data, directory },
  });

/** The paths in which two manifests, as two environments, differ in structure. */
function differences(test: Resolution, prod: Resolution): readonly string[] {
  const resolved = [test, prod].map(({ manifest, deployments }, index) => {
    if (manifest === null) throw new Error("the manifest is at fault");
    const options = Object.fromEntries(deployments.map(({ kind, plan }) => [kind, plan.options]));
    return { environment: index === 0 ? "test" : "prod", manifest, options };
  });
  return environmentStructure(resolved, () => false).map(({ path }) => path.join("."));
}

const between = (a: object, b: object, target = "lambda") =>
  differences(resolveOn(baseManifest(a), target), resolveOn(baseManifest(b), target));

/** Types of resources, and what their policies allow, without names and numbers. */
function structure(resolution: Resolution): readonly string[] {
  const found = new Set<string>();
  for (const stack of synthesizeStacks(resolution).stacks) {
    for (const { type, config } of resourcesOf(stack)) {
      found.add(type);
      for (const key of ["policy", "assume_role_policy"]) {
        for (const { Sid, Action } of statementsOf(config[key]))
          found.add(`${type} ${Sid}: ${[Action].flat().sort().join()}`);
      }
    }
  }
  return [...found].sort();
}

function statementsOf(
  policy: unknown,
): readonly { readonly Sid: string; readonly Action: string | string[] }[] {
  if (typeof policy !== "string" || !policy.startsWith("{")) return [];
  return (JSON.parse(policy) as { Statement?: { Sid: string; Action: string | string[] }[] }).Statement ?? [];
}

describe("environmentStructure", () => {
  test("size, account, region and settings are no structure", () => {
    const small = { scaling: { min: 1, max: 2 }, account: "111111111111", tags: { a: "1" } };
    const large = {
      scaling: { min: 2, max: 9 },
      account: "222222222222",
      region: "eu-central-1",
      resources: { cpu: 2, memory: "4Gi" },
      observability: { logRetention: "400d" },
      model: { image: `222222222222.dkr.ecr.eu-central-1.amazonaws.com/fraud@sha256:${"b".repeat(64)}` },
      targets: { lambda: { timeout: "30s", logLevel: "DEBUG", memory: "4Gi" } },
    };
    expect(between(small, large)).toEqual([]);
  });

  test.each<[string, object, object, string]>([
    ["alarms", {}, { observability: { alarms: false } }, "observability.alarms"],
    [
      "a kind of policy",
      {},
      { scaling: { min: 1, max: 2, policies: [{ type: "scheduled", cron: "0 8 ? * MON-FRI *", min: 1 }] } },
      "scaling.policies",
    ],
    [
      "an option that is on",
      {},
      { targets: { lambda: { functionUrl: true } } },
      "targets.lambda.functionUrl",
    ],
    [
      "something instead of nothing",
      {},
      { targets: { lambda: { provisionedConcurrency: 2 } } },
      "targets.lambda.provisionedConcurrency",
    ],
    [
      "a key of one's own",
      { account: "123456789012" },
      {
        account: "123456789012",
        security: {
          kmsKeyArn: "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        },
      },
      "security.kmsKeyArn",
    ],
  ])("%s is", (_what, a, b, path) => {
    expect(between(a, b)).toEqual([path]);
  });

  test("how often a policy stands there, and with what numbers, is none", () => {
    const scheduled = (min: number) => ({ type: "scheduled", cron: "0 8 ? * MON-FRI *", min });
    const policies = (...list: object[]) => ({ scaling: { min: 1, max: 9, policies: list } });
    expect(between(policies(scheduled(1)), policies(scheduled(2), scheduled(3)))).toEqual([]);
  });

  test("how many maps stand in a list, and what each has, is; what they say is none", () => {
    const { manifest } = resolveOn(baseManifest(), "lambda");
    if (manifest === null) throw new Error("the manifest is at fault");
    const of = (environment: string, ...variants: readonly object[]) => ({
      environment,
      manifest,
      options: { "sagemaker-realtime": { variants } },
    });
    const one = of("test", { name: "a", percent: 20, environment: {} });
    const found = (prod: ReturnType<typeof of>) =>
      environmentStructure([one, prod], () => false).map(({ message }) => message.split(":")[0]);
    expect(found(of("prod", { name: "b", percent: 30, environment: {} }))).toEqual([]);
    expect(
      found(of("prod", { name: "a", percent: 20, artifact: "s3://models/fraud/2/model.tar.gz" })),
    ).toEqual(["name, percent in test, artifact, name, percent in prod"]);
    expect(found(of("prod", { name: "a", percent: 20 }, { name: "b", percent: 5 }))).toEqual([
      "name, percent in test, name, percent and name, percent in prod",
    ]);
  });

  test("one finding says which environment has what, at the overlay that says it", () => {
    const of = (environment: string, changes: object) => {
      const { manifest } = resolveOn(baseManifest(changes), "lambda");
      if (manifest === null) throw new Error("the manifest is at fault");
      return { environment, manifest, options: {} };
    };
    const off = { observability: { alarms: false } };
    const found = environmentStructure([of("dev", off), of("test", off), of("prod", {})], (path) =>
      path.includes("test"),
    );
    expect(found).toEqual([
      {
        path: ["environments", "test", "observability", "alarms"],
        code: "ENVIRONMENTS_DIFFER",
        message:
          "off in dev and test, on in prod: they differ in structure, so one proves little about the other",
        fix: "set it alike in all of them; let them differ in size, account and region",
      },
    ]);
  });
});

/** Numbers that need a resource of their own where AWS has none ready for them: sizes all the same. */
const SIZES = ["rollout.step", "rollout.interval"];

describe("no field changes types or policies unseen", () => {
  test.each(
    Object.entries(CHANGES).flatMap(([field, changes]) =>
      (SIZES.includes(field) ? [] : [changes])
        .flat()
        .flatMap((change) => change.on.slice(0, 2).map((target) => [field, target, change] as const)),
    ),
  )("%s on %s", (field, target, change) => {
    const { before, after } = sides(field, change);
    const [test, prod] = [resolveOn(before, target), resolveOn(after, target)];
    if (differences(test, prod).length > 0) return;
    expect(structure(prod)).toEqual(structure(test));
  });
});
