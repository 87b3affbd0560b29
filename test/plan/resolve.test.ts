import { targets } from "../../targets";
import { baseManifest, errorCodes, issues, type Json, resolve } from "../support/synth";

const kinds = targets.map(({ kind }) => kind);
const chosen = (manifest: Json, target?: string | readonly string[]) =>
  resolve({ manifest, ...(target === undefined ? {} : { target }) }).deployments.map(({ kind }) => kind);

describe("which targets", () => {
  test("the manifest's own", () => {
    expect(chosen(baseManifest({ target: "lambda" }))).toEqual(["lambda"]);
  });

  test("those asked for instead, in the registry's order, each once", () => {
    const manifest = baseManifest({ target: "eks" });
    expect(chosen(manifest, ["lambda", "sagemaker-realtime", "lambda"])).toEqual([
      "sagemaker-realtime",
      "lambda",
    ]);
  });

  test("none is an error", () => {
    expect(issues({ manifest: baseManifest() })).toMatchObject([
      { code: "NO_TARGET", path: "", allowed: [...kinds, "all"].join(", ") },
    ]);
  });

  test("an unknown one is an error, placed where it is written", () => {
    expect(issues({ manifest: baseManifest({ target: "lamda" }) })).toMatchObject([
      { code: "UNKNOWN_TARGET", path: "target", fix: 'did you mean "lambda"?' },
    ]);
    expect(issues({ manifest: baseManifest(), target: "lamda" })).toMatchObject([
      { code: "UNKNOWN_TARGET", path: "" },
    ]);
    expect(issues({ manifest: baseManifest({ targets: { lamda: {} } }), target: "lambda" })).toMatchObject([
      { code: "UNKNOWN_TARGET", path: "targets.lamda" },
    ]);
  });

  test.each(["toString", "constructor", "__proto__", ""])("%j is no target", (kind) => {
    expect(errorCodes({ manifest: baseManifest(), target: kind })).toEqual(["UNKNOWN_TARGET"]);
  });

  test("all are those that can, and why the others cannot", () => {
    const manifest = baseManifest({ resources: { cpu: 1, memory: "2Gi", gpu: 1 } });
    const { deployments, issues: found } = resolve({ manifest, target: "all" });
    const able = deployments.map(({ kind }) => kind);
    expect(able).not.toContain("lambda");
    expect(able.length).toBeGreaterThan(0);
    expect(found.filter(({ severity }) => severity === "error")).toEqual([]);
    for (const kind of kinds.filter((name) => !able.includes(name))) {
      expect(found.some(({ target, severity }) => target === kind && severity === "warning")).toBe(true);
    }
  });

  test("one asked for that cannot is an error", () => {
    const manifest = baseManifest({ resources: { cpu: 1, memory: "2Gi", gpu: 1 } });
    expect(issues({ manifest, target: ["sagemaker-realtime", "lambda"] })).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ code: "GPU_UNSUPPORTED", target: "lambda", severity: "error" }),
      ]),
    );
  });

  test("options at fault of a target that is declared are errors, chosen or not", () => {
    const manifest = baseManifest({ targets: { lambda: { bogus: 1 } } });
    expect(issues({ manifest, target: "sagemaker-realtime" })).toMatchObject([
      { code: "UNKNOWN_FIELD", path: "targets.lambda.bogus", target: "lambda", severity: "error" },
    ]);
  });

  test("a declared target that is not chosen counts for the foundation", () => {
    const manifest = baseManifest({ targets: { "ecs-fargate": {} } });
    const { declared, deployments } = resolve({ manifest, target: "sagemaker-realtime" });
    expect(deployments.map(({ kind }) => kind)).toEqual(["sagemaker-realtime"]);
    expect(declared.map(({ kind }) => kind)).toEqual(["ecs-fargate"]);
  });

  test("a chosen target that is not declared and adds to the foundation is a warning", () => {
    const manifest = baseManifest({ targets: { "sagemaker-realtime": {} } });
    const found = issues({ manifest, target: "ecs-fargate" }).filter(
      ({ code }) => code === "TARGET_UNDECLARED",
    );
    expect(found).toMatchObject([{ path: "targets", severity: "warning", target: "ecs-fargate" }]);
    expect(issues({ manifest: baseManifest(), target: "ecs-fargate" }).map(({ code }) => code)).not.toContain(
      "TARGET_UNDECLARED",
    );
  });
});

describe("what a target needs beside its options", () => {
  test("a region, on AWS", () => {
    const manifest = baseManifest({ region: undefined });
    expect(issues({ manifest, target: "lambda" })).toMatchObject([
      { code: "REQUIRED", path: "region", message: "is required for lambda", target: "lambda" },
    ]);
    expect(errorCodes({ manifest, target: "docker" })).toEqual([]);
  });

  test("an account, where no key is created that tells it", () => {
    const kmsKeyArn = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd";
    const found = issues({
      manifest: baseManifest({ security: { kmsKeyArn } }),
      target: "sagemaker-realtime",
    });
    expect(found).toMatchObject([{ code: "REQUIRED", path: "account" }]);
    const known = baseManifest({ security: { kmsKeyArn }, account: "123456789012" });
    expect(errorCodes({ manifest: known, target: "sagemaker-realtime" })).toEqual([]);
  });
});

describe("the plan", () => {
  const plan = (changes: Json = {}, target = "sagemaker-realtime") =>
    resolve({ manifest: baseManifest(changes), target });

  test("is frozen all the way down", () => {
    const frozen = (value: unknown): boolean =>
      typeof value !== "object" ||
      value === null ||
      (Object.isFrozen(value) && Object.values(value).every(frozen));
    expect(plan().deployments.every((deployment) => frozen(deployment.plan))).toBe(true);
  });

  test("has the target's defaults for what the manifest leaves open", () => {
    const [deployment] = plan({ scaling: { min: 1, max: 3 } }).deployments;
    expect(deployment?.plan).toMatchObject({
      target: "sagemaker-realtime",
      mode: "provisioned",
      rollout: { strategy: "all-at-once" },
      scaling: { min: 1, max: 3, policies: [{ type: "target-tracking", metric: "cpu", target: 70 }] },
    });
  });

  test.each([
    [{}, { min: 1, max: 1 }],
    [{ min: 3 }, { min: 3, max: 3 }],
    [{ min: 0 }, { min: 0, max: 1 }],
    [{ max: 4 }, { min: 1, max: 4 }],
  ])("scaling %j is %j", (scaling, bounds) => {
    expect(plan({ scaling }, "docker").plan?.scaling).toMatchObject(bounds);
  });

  test("no policy is invented where there is no range, or one is written", () => {
    const [fixed] = plan({ scaling: { min: 2, max: 2 } }).deployments;
    expect(fixed?.plan.scaling.policies).toEqual([]);
    const [none] = plan({ scaling: { min: 1, max: 2, policies: [] } }).deployments;
    expect(none?.plan.scaling.policies).toEqual([]);
  });

  test("maps come in the order of their keys", () => {
    const { plan: environment } = plan({ tags: { b: "1", a: "2", C: "3" } });
    expect(Object.keys(environment?.tags ?? {})).toEqual(["C", "a", "b"]);
  });

  test("an artifact in S3 is taken apart", () => {
    const artifact = (uri: string) =>
      plan({ model: { ...(baseManifest().model as Json), artifact: uri } }).plan?.model.artifact;
    expect(artifact("s3://models/fraud/model.tar.gz")).toEqual({
      kind: "s3",
      uri: "s3://models/fraud/model.tar.gz",
      bucket: "models",
      key: "fraud/model.tar.gz",
    });
    expect(artifact("s3://models")).toMatchObject({ bucket: "models", key: "" });
  });

  test.each(["sha256:12", "${x}", `SHA256:${"a".repeat(64)}`, "", `sha256:${"a".repeat(65)}`])(
    "the image digest %j is refused",
    (imageDigest) => {
      expect(errorCodes({ manifest: baseManifest(), target: "docker", imageDigest })).toEqual(["FORMAT"]);
    },
  );
});

describe("issues", () => {
  test("come in the order of the file", () => {
    const text = [
      "apiVersion: modelport/v1",
      "name: X",
      "region: nowhere",
      "model: {}",
      "resources: {}",
      "target: nope",
      "",
    ].join("\n");
    const lines = issues({ text }).map(({ line }) => line);
    expect(lines.length).toBeGreaterThan(4);
    expect(lines).toEqual([...lines].sort((a, b) => a - b));
  });

  test("of all parts are reported in one go", () => {
    const text =
      "apiVersion: modelport/v1\nname: X\nmodel: { image: a:latest }\nresources: { cpu: 0, memory: 5 }\nscaling: { min: 2, max: 1 }\ntarget: lambda\ntargets: { lambda: { bogus: 1 } }\n";
    expect(
      issues({ text })
        .map(({ code }) => code)
        .sort(),
    ).toEqual(["FORMAT", "IMAGE_LATEST", "ORDER", "RANGE", "UNIT", "UNKNOWN_FIELD"].sort());
  });

  test("for what is no map stop there", () => {
    expect(errorCodes({ text: "- a\n" })).toEqual(["TYPE"]);
    expect(errorCodes({ text: "hello\n" })).toEqual(["TYPE"]);
    expect(errorCodes({ text: "null\n" })).toEqual(["YAML_SYNTAX"]);
    expect(errorCodes({ manifest: null })).toEqual(["YAML_SYNTAX"]);
  });
});
