import {
  conform,
  formatProblem,
  manifestData,
  resolveCase,
  type ConformanceCase,
} from "../../modules/conformance";
import type { Data, DataObject } from "../../modules/manifest/data";
import { targets } from "../../targets";
import { EXAMPLES, EXAMPLES_BY_ENVIRONMENT, type Example } from "../support/examples";
import { IAM_REVIEW } from "../support/iam-review";
import { baseManifest } from "../support/synth";

const KINDS = targets.map(({ kind }) => kind);

function problems(given: ConformanceCase): readonly string[] {
  return conform(given, { iam: IAM_REVIEW }).problems.map(formatProblem);
}

describe.each(EXAMPLES_BY_ENVIRONMENT)("example %s in %s", (_name, _environment, example, environment) => {
  test.each(KINDS)("conforms on %s", (target) => {
    expect(problems({ registry: targets, target, environment, manifest: example.file })).toEqual([]);
  });

  test("is carried by its own target", () => {
    const { data } = manifestData({ registry: targets, target: "", environment, manifest: example.file });
    const target = targetOf(data, environment);
    const { issues } = resolveCase({ registry: targets, target, environment, manifest: example.file });
    expect(issues.filter(({ severity }) => severity === "error")).toEqual([]);
  });
});

/** The same manifests under the longest names, with a boundary, and with an image that was built. */
describe.each(EXAMPLES.map((example) => [example.name, example] as const))(
  "example %s, stretched",
  (_name, example) => {
    const environment = "e".repeat(16);
    const boundary = "arn:aws:iam::123456789012:policy/teams/boundary";

    test.each(KINDS)("conforms on %s with the longest names and a permissions boundary", (target) => {
      const manifest = stretched(example, environment, {
        account: "123456789012",
        security: { permissionsBoundaryArn: boundary },
        // What an example notifies lies in its own account.
        observability: { notify: null },
      });
      expect(problems({ registry: targets, target, environment, manifest })).toEqual([]);
    });

    test.each(KINDS)("conforms on %s without an account, with a digest", (target) => {
      const manifest = stretched(example, environment, { account: null });
      const imageDigest = `sha256:${"d".repeat(64)}`;
      expect(problems({ registry: targets, target, environment, manifest, imageDigest })).toEqual([]);
    });
  },
);

test("what was reviewed is still there", () => {
  const textsOf = (given: ConformanceCase) =>
    conform(given, { iam: IAM_REVIEW }).stacks.map(({ text }) => text);
  const shifting = { data: baseManifest({ rollout: { strategy: "canary" } }) as Data, directory: "." };
  const written = [
    ...EXAMPLES_BY_ENVIRONMENT.flatMap(([, , { file }, environment]) =>
      KINDS.flatMap((target) => textsOf({ registry: targets, target, environment, manifest: file })),
    ),
    // No example shifts traffic on Fargate.
    ...textsOf({ registry: targets, target: "ecs-fargate", environment: null, manifest: shifting }),
  ].join("\n");
  const sids = Object.keys(IAM_REVIEW.anyResource).filter(
    (sid) => !written.includes(`\\"Sid\\":\\"${sid}\\"`),
  );
  const policies = Object.keys(IAM_REVIEW.managedPolicies).filter(
    (name) => !written.includes(`policy/${name}"`),
  );
  expect([...sids, ...policies]).toEqual([]);
});

test("sentiment, the main example, is carried by every target in every environment", () => {
  const refused = EXAMPLES_BY_ENVIRONMENT.filter(([name]) => name === "sentiment").flatMap(
    ([, , { file }, environment]) =>
      KINDS.flatMap((target) =>
        resolveCase({ registry: targets, target, environment, manifest: file }).issues.filter(
          ({ severity }) => severity === "error",
        ),
      ),
  );
  expect(refused).toEqual([]);
});

test.each(["lambda", "ecs-fargate"])("%s refuses the GPU, and says who has one", (target) => {
  const given = { registry: targets, target, environment: null, manifest: "examples/gpu/modelport.yaml" };
  const { carried, issues } = conform(given, { iam: IAM_REVIEW });
  expect(carried).toBe(false);
  expect(issues.find(({ code }) => code === "GPU_UNSUPPORTED")).toMatchObject({
    target,
    fix: expect.stringMatching(/targets that can: .*sagemaker-realtime.*eks/) as string,
  });
});

function targetOf(data: Data, environment: string | null): string {
  const overlay =
    environment === null
      ? {}
      : (((data as DataObject).environments as DataObject)[environment] as DataObject);
  return (overlay.target ?? (data as DataObject).target) as string;
}

/** An example under a model name of 32 characters, with another environment's overlay. */
function stretched(
  example: Example,
  environment: string,
  overlay: DataObject,
): { readonly data: Data; readonly directory: string } {
  const { data, directory } = manifestData({
    registry: targets,
    target: "",
    environment: null,
    manifest: example.file,
  });
  const name = "m".repeat(30) + "-x";
  return { data: { ...(data as DataObject), name, environments: { [environment]: overlay } }, directory };
}
