import { baseManifest, issues, type Json } from "../../support/synth";

const KIND = "sagemaker-realtime";

function errors(changes: Json, options: Json = {}): readonly string[] {
  return issues({
    manifest: baseManifest({ ...changes, targets: { [KIND]: options } }),
    target: KIND,
  }).flatMap(({ severity, code, path }) => (severity === "error" ? [`${code} ${path}`] : []));
}

const O = "targets.sagemaker-realtime";

test.each<[string, Json, Json, readonly string[]]>([
  ["nothing", {}, {}, []],
  ["option of another mode", {}, { memory: "2Gi" }, [`SAGEMAKER_OPTION_MODE ${O}.memory`]],
  ["unknown type", {}, { instanceType: "ml.m5.huge" }, [`SAGEMAKER_INSTANCE_TYPE ${O}.instanceType`]],
  [
    "type that does not host",
    {},
    { instanceType: "ml.t3.medium" },
    [`SAGEMAKER_INSTANCE_TYPE ${O}.instanceType`],
  ],
  [
    "nothing fits",
    { resources: { cpu: 200, memory: "2Gi" } },
    {},
    ["SAGEMAKER_INSTANCE_TYPE resources", "CPU_LIMIT resources.cpu"],
  ],
  [
    "too small",
    { resources: { cpu: 5, memory: "2Gi" } },
    { instanceType: "ml.m5.xlarge" },
    [`SAGEMAKER_INSTANCE_FIT ${O}.instanceType`],
  ],
  ["just fits", { resources: { cpu: 4, memory: "16Gi" } }, { instanceType: "ml.m5.xlarge" }, []],
  [
    "other architecture",
    { resources: { cpu: 1, memory: "2Gi", architecture: "arm64" } },
    { instanceType: "ml.m5.xlarge" },
    [`SAGEMAKER_INSTANCE_FIT ${O}.instanceType`],
  ],
  [
    "volume on NVMe",
    { resources: { cpu: 1, memory: "2Gi", gpu: 1 } },
    { instanceType: "ml.g5.xlarge", volumeSize: "10Gi" },
    [`SAGEMAKER_VOLUME ${O}.volumeSize`],
  ],
  [
    "volume below storage",
    { resources: { cpu: 1, memory: "2Gi", storage: "20Gi" } },
    { volumeSize: "10Gi" },
    [`SAGEMAKER_VOLUME ${O}.volumeSize`],
  ],
  ["volume over 512Gi", {}, { volumeSize: "513Gi" }, [`RANGE ${O}.volumeSize`]],
  ["volume of 512Gi", {}, { volumeSize: "512Gi" }, []],
  ["volume with a fraction", {}, { volumeSize: "1536Mi" }, [`SAGEMAKER_VOLUME ${O}.volumeSize`]],
  ["zero instances", { scaling: { min: 0 } }, {}, ["SCALING_MINIMUM scaling.min"]],
  ["zero instances, async", { scaling: { min: 0 } }, { mode: "async" }, []],
  [
    "serverless memory",
    {},
    { mode: "serverless", memory: "1536Mi" },
    [`SAGEMAKER_SERVERLESS_MEMORY ${O}.memory`],
  ],
  [
    "serverless memory below resources",
    {},
    { mode: "serverless", memory: "1Gi" },
    [`SAGEMAKER_SERVERLESS_MEMORY ${O}.memory`],
  ],
  [
    "serverless GPU",
    { resources: { cpu: 1, memory: "2Gi", gpu: 1 } },
    { mode: "serverless" },
    ["GPU_UNSUPPORTED resources.gpu"],
  ],
  [
    "serverless VPC",
    { network: { vpcId: "vpc-0a1b2c3d", subnetIds: ["subnet-0a1b2c3d"] } },
    { mode: "serverless" },
    ["SAGEMAKER_SERVERLESS_FEATURE network.vpcId"],
  ],
  [
    "serverless canary",
    { rollout: { strategy: "canary" } },
    { mode: "serverless" },
    ["ROLLOUT_UNSUPPORTED rollout.strategy"],
  ],
  [
    "provisioned above maximum",
    {},
    { mode: "serverless", maxConcurrency: 5, provisionedConcurrency: 6 },
    [`SAGEMAKER_PROVISIONED_CONCURRENCY ${O}.provisionedConcurrency`],
  ],
  ["concurrency of 200", {}, { mode: "serverless", maxConcurrency: 200, provisionedConcurrency: 200 }, []],
  ["concurrency of 201", {}, { mode: "serverless", maxConcurrency: 201 }, [`RANGE ${O}.maxConcurrency`]],
  [
    "scaling without provisioning",
    {
      scaling: {
        min: 1,
        max: 4,
        policies: [{ type: "target-tracking", metric: "provisioned-concurrency-utilization", target: 70 }],
      },
    },
    { mode: "serverless" },
    [`SAGEMAKER_PROVISIONED_CONCURRENCY ${O}.provisionedConcurrency`],
  ],
  [
    "slow start, serverless",
    { model: { ...baseManifest().model, server: { startup: "4m" } } },
    { mode: "serverless" },
    ["SAGEMAKER_STARTUP model.server.startup"],
  ],
  [
    "artifact that is no archive",
    { model: { ...baseManifest().model, artifact: "s3://models/model.onnx" } },
    {},
    ["SAGEMAKER_ARTIFACT model.artifact"],
  ],
  [
    "prefix, serverless",
    { model: { ...baseManifest().model, artifact: "s3://models/llm/" } },
    { mode: "serverless" },
    ["SAGEMAKER_ARTIFACT model.artifact"],
  ],
  [
    "long variable",
    { model: { ...baseManifest().model, environment: { A: "x".repeat(1025) } } },
    {},
    ["SAGEMAKER_ENVIRONMENT model.environment.A"],
  ],
  ["longest variable", { model: { ...baseManifest().model, environment: { A: "x".repeat(1024) } } }, {}, []],
  [
    "isolated secrets",
    {
      model: {
        ...baseManifest().model,
        secrets: { T: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AbCdEf" },
      },
    },
    { networkIsolation: true },
    ["SAGEMAKER_ISOLATED_SECRETS model.secrets"],
  ],
  [
    "secrets, where the isolation follows them",
    {
      model: {
        ...baseManifest().model,
        secrets: { T: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AbCdEf" },
      },
    },
    {},
    [],
  ],
  ["canary over half", { rollout: { strategy: "canary", step: 51 } }, {}, ["SAGEMAKER_ROLLOUT rollout.step"]],
  ["canary of half", { rollout: { strategy: "canary", step: 50 } }, {}, []],
  ["linear below 10", { rollout: { strategy: "linear", step: 9 } }, {}, ["SAGEMAKER_ROLLOUT rollout.step"]],
  ["rolling below 5", { rollout: { strategy: "rolling", step: 4 } }, {}, ["SAGEMAKER_ROLLOUT rollout.step"]],
  [
    "interval over an hour",
    { rollout: { strategy: "canary", interval: "61m" } },
    {},
    ["SAGEMAKER_ROLLOUT rollout.interval"],
  ],
  [
    "rollout that waits an hour",
    { rollout: { strategy: "linear", step: 10, interval: "330s" } },
    {},
    ["SAGEMAKER_ROLLOUT rollout.interval"],
  ],
  ["rollout that waits less", { rollout: { strategy: "linear", step: 10, interval: "329s" } }, {}, []],
  [
    "rolling in an hour",
    { rollout: { strategy: "rolling", step: 10, interval: "6m" } },
    {},
    ["SAGEMAKER_ROLLOUT rollout.interval"],
  ],
  [
    "old fleet kept for an hour",
    {},
    { terminationWait: "1h" },
    ["SAGEMAKER_ROLLOUT targets.sagemaker-realtime.terminationWait"],
  ],
  [
    "two policies on one metric",
    {
      scaling: {
        min: 1,
        max: 4,
        policies: [
          { type: "target-tracking", metric: "cpu", target: 50 },
          { type: "target-tracking", metric: "cpu", target: 70 },
        ],
      },
    },
    {},
    ["SAGEMAKER_SCALING_POLICIES scaling.policies[1].metric"],
  ],
  [
    "other port",
    { model: { ...baseManifest().model, server: { port: 9000 } } },
    {},
    ["SERVER_CONTRACT model.server.port"],
  ],
  ["public image", { model: { image: "docker.io/library/nginx:1.27" } }, {}, ["IMAGE_REGISTRY model.image"]],
  [
    "payload over 25 MB",
    { workload: { requestsPerSecond: 1, payload: { request: "24Mi", response: "1Ki" } } },
    {},
    ["PAYLOAD_LIMIT workload.payload.request"],
  ],
  [
    "payload for async",
    { workload: { requestsPerSecond: 1, payload: { request: "24Mi", response: "1Ki" } } },
    { mode: "async" },
    [],
  ],
])("%s", (_, changes, options, expected) => {
  expect(errors(changes, options)).toEqual(expected);
});

test("a large payload between the SDK's and the documented limit is a warning", () => {
  const found = issues({
    manifest: baseManifest({
      workload: { requestsPerSecond: 1, payload: { request: "7Mi", response: "1Ki" } },
    }),
    target: KIND,
  });
  expect(found.map(({ code, severity }) => [code, severity])).toEqual([["PAYLOAD_UNSURE", "warning"]]);
});
