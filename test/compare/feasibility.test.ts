import { type Row, rowsOf } from "../../modules/compare/feasibility";
import { loadManifestValue } from "../../modules/manifest/load";
import { overlay } from "../../modules/manifest/overlay";
import { resolveManifest } from "../../modules/plan/resolve";
import { targets } from "../../targets";
import { baseManifest, type Json } from "../support/synth";

const WORKLOAD = {
  requestsPerSecond: 5,
  serviceTime: { p50: "45ms", p99: "120ms" },
  batch: { records: 1000, recordSize: "1Ki", every: "1d" },
};

function rows(
  changes: Json = {},
  kinds: readonly string[] = targets.map(({ kind }) => kind),
): readonly Row[] {
  const loaded = loadManifestValue(baseManifest({ workload: WORKLOAD, ...changes }), process.cwd());
  const { plan, issues } = resolveManifest(loaded, {
    environment: null,
    targets: ["all"],
    registry: targets,
  });
  if (plan === null) throw new Error(JSON.stringify(issues));
  const written = changes.workload === undefined ? WORKLOAD : (changes.workload as Json);
  const load = { requests: "requestsPerSecond" in written, batch: "batch" in written };
  return rowsOf({ plan, data: overlay(loaded.source, null).data, registry: targets, load }, kinds);
}
const named = (all: readonly Row[], kind: string, mode?: string): Row => {
  const found = all.find((row) => row.target.kind === kind && (mode === undefined || row.mode === mode));
  if (found === undefined) throw new Error(`no row ${kind} ${mode ?? ""}`);
  return found;
};

test("has a row for each target in each mode, the manifest's own mode first, without a `target` in the manifest", () => {
  expect(rows().map(({ target, mode, deployment }) => [target.kind, mode, deployment !== null])).toEqual([
    ["sagemaker-realtime", "provisioned", true],
    ["sagemaker-realtime", "serverless", true],
    ["sagemaker-realtime", "async", true],
    ["lambda", "image", true],
    ["ecs-fargate", "service", true],
    ["eks", "deployment", true],
    ["sagemaker-batch", "job", true],
    ["docker", "container", true],
  ]);
  const serverless = rows({ targets: { "sagemaker-realtime": { mode: "serverless", memory: "4Gi" } } });
  expect(serverless.slice(0, 3).map(({ mode, chosenMode }) => [mode, chosenMode])).toEqual([
    ["serverless", true],
    ["provisioned", false],
    ["async", false],
  ]);
});

test("options of one mode do not count against another, and hold in their own", () => {
  const all = rows({
    targets: { "sagemaker-realtime": { instanceType: "ml.c5.2xlarge", routing: "RANDOM" } },
  });
  const options = (mode: string) =>
    named(all, "sagemaker-realtime", mode).deployment?.plan.options as Json | undefined;
  expect(options("provisioned")).toMatchObject({ instanceType: "ml.c5.2xlarge", routing: "RANDOM" });
  expect(options("async")).toMatchObject({ mode: "async", instanceType: "ml.c5.2xlarge" });
  expect(options("async")?.routing).toBeUndefined();
  expect(options("serverless")?.instanceType).toBeUndefined();
});

test("a batch job is compared without saying where its data lies", () => {
  expect(named(rows(), "sagemaker-batch").deployment?.plan.options).toMatchObject({
    input: "s3://example/in/",
  });
});

describe("a target that cannot", () => {
  test("says the limit, the value, the source, and the change that was tried out", () => {
    const row = named(rows({ resources: { cpu: 2, memory: "16Gi" } }), "lambda");
    expect(row.deployment).toBeNull();
    expect(row.reasons.find(({ code }) => code === "MEMORY_LIMIT")).toEqual({
      code: "MEMORY_LIMIT",
      message: "AWS Lambda has no replica with 16Gi",
      limit: "at most 10Gi",
      value: "16Gi",
      source: "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, 2026-08",
      change: "lower resources.memory to 10Gi",
    });
  });

  test.each<[string, Json, string, string, RegExp]>([
    [
      "lambda",
      { resources: { cpu: 2, memory: "4Gi", gpu: 1 } },
      "GPU_UNSUPPORTED",
      "image",
      /serve the model on CPUs/,
    ],
    [
      "lambda",
      { scaling: { min: 1, max: 3, policies: [{ type: "target-tracking", metric: "cpu", target: 60 }] } },
      "SCALING_METRIC_UNSUPPORTED",
      "image",
      /leave out what of scaling.policies it does not offer/,
    ],
    [
      "sagemaker-realtime",
      { resources: { cpu: 2, memory: "4Gi", architecture: "arm64" } },
      "ARCHITECTURE_UNSUPPORTED",
      "serverless",
      /build the image for x86_64/,
    ],
    [
      "sagemaker-realtime",
      { scaling: { min: 0, max: 3 } },
      "SCALING_MINIMUM",
      "provisioned",
      /raise scaling.min to 1/,
    ],
    [
      "lambda",
      { model: { artifact: "s3://models/a.tar.gz" } },
      "ARTIFACT_UNSUPPORTED",
      "image",
      /copy the model into/,
    ],
    [
      "lambda",
      { workload: { ...WORKLOAD, payload: { request: "8Mi", response: "1Ki" } } },
      "PAYLOAD_LIMIT",
      "image",
      /keep each request within 6Mi/,
    ],
  ])("%s: %j", (kind, changes, code, mode, change) => {
    const base = baseManifest();
    const model =
      changes.model === undefined ? {} : { model: { ...(base.model as Json), ...(changes.model as Json) } };
    const row = named(rows({ ...changes, ...model }, [kind]), kind, mode);
    expect(row.deployment).toBeNull();
    const found = row.reasons.find((reason) => reason.code === code);
    expect(found?.change).toMatch(change);
    expect(found?.change).not.toMatch(/would remain/);
  });

  test("names what would still stand in the way", () => {
    // An image from elsewhere has no change that could be tried out.
    const model = { image: `ghcr.io/acme/fraud@sha256:${"a".repeat(64)}`, artifact: "s3://models/a.tar.gz" };
    const row = named(rows({ model }), "lambda");
    const [image, artifact] = ["IMAGE_REGISTRY", "ARTIFACT_UNSUPPORTED"].map((code) =>
      row.reasons.find((reason) => reason.code === code),
    );
    expect(image?.change).toMatch(/copy the image to ECR/);
    expect(artifact?.change).toBe("copy the model into the image, and remove model.artifact");
  });
});

test("warnings stand beside a row that can", () => {
  const row = named(rows({ network: { public: true } }), "lambda");
  expect(row.deployment).not.toBeNull();
  expect(row.reasons.map(({ code }) => code)).toContain("PUBLIC_UNSUPPORTED");
});

test("requests need arrivals, jobs need a batch", () => {
  const { batch, ...requests } = WORKLOAD;
  const noBatch = rows({ workload: requests });
  expect(named(noBatch, "sagemaker-batch").reasons[0]).toEqual({
    code: "COMPARE_NO_BATCH",
    message: "runs jobs over data sets, and the workload has no batch",
    change: "add workload.batch: { records, recordSize, every }",
  });
  expect(named(noBatch, "lambda").deployment).not.toBeNull();
  const noArrivals = rows({ workload: { serviceTime: WORKLOAD.serviceTime, batch } });
  expect(noArrivals.filter(({ deployment }) => deployment !== null).map(({ target }) => target.kind)).toEqual(
    ["sagemaker-batch"],
  );
  expect(named(noArrivals, "eks").reasons[0]?.code).toBe("COMPARE_NO_ARRIVALS");
});
