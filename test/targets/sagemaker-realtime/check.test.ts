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

const variants = (...given: readonly Json[]): Json => ({ variants: given });
const candidate = (changes: Json = {}): Json => ({ name: "candidate", percent: 20, ...changes });
const many = (count: number): readonly Json[] =>
  Array.from({ length: count }, (_, index) => ({ name: `v${index}`, percent: 1 }));
const SCALED = { scaling: { min: 1, max: 4 } };
const SLO = { workload: { requestsPerSecond: 5, slo: { p99: "300ms" } } };
const TRACKING = { type: "target-tracking", metric: "cpu", target: 60 };
const SCHEDULED = { type: "scheduled", cron: "0 8 ? * MON-FRI *", min: 2 };

test.each<[string, Json, Json, readonly string[]]>([
  ["one more", {}, variants(candidate()), []],
  ["nine more", {}, variants(...many(9)), []],
  ["ten more", {}, variants(...many(10)), [`RANGE ${O}.variants`]],
  ["all to another", {}, variants(candidate({ percent: 100 })), []],
  [
    "more than all",
    {},
    variants(candidate({ percent: 60 }), { name: "other", percent: 40.1 }),
    [`SAGEMAKER_VARIANTS ${O}.variants[1].percent`],
  ],
  ["above 100 percent", {}, variants(candidate({ percent: 101 })), [`RANGE ${O}.variants[0].percent`]],
  [
    "the main variant's name",
    {},
    variants(candidate({ name: "alltraffic" })),
    [`SAGEMAKER_VARIANTS ${O}.variants[0].name`],
  ],
  [
    "a name twice",
    {},
    variants(candidate(), candidate({ name: "Candidate" })),
    [`SAGEMAKER_VARIANTS ${O}.variants[1].name`],
  ],
  ["a name with a dot", {}, variants(candidate({ name: "v1.2" })), [`FORMAT ${O}.variants[0].name`]],
  [
    "serverless",
    {},
    { mode: "serverless", ...variants(candidate()) },
    [`SAGEMAKER_OPTION_MODE ${O}.variants`],
  ],
  ["async", {}, { mode: "async", ...variants(candidate()) }, [`SAGEMAKER_OPTION_MODE ${O}.variants`]],
  ["async shadow", {}, { mode: "async", shadow: { percent: 50 } }, [`SAGEMAKER_OPTION_MODE ${O}.shadow`]],
  [
    "serverless shadow",
    {},
    { mode: "serverless", shadow: { percent: 50 } },
    [`SAGEMAKER_OPTION_MODE ${O}.shadow`],
  ],
  ["a shadow", {}, { shadow: { percent: 50 } }, []],
  [
    "a shadow beside several",
    {},
    { ...variants(candidate()), shadow: { percent: 50 } },
    [`SAGEMAKER_SHADOW ${O}.shadow`],
  ],
  ["a shadow of nothing", {}, { shadow: { percent: 0 } }, [`RANGE ${O}.shadow.percent`]],
  [
    "a shadow on Inferentia 1",
    {},
    { shadow: { percent: 50, instanceType: "ml.inf1.xlarge" } },
    [`SAGEMAKER_SHADOW ${O}.shadow.instanceType`],
  ],
  [
    "unknown type",
    {},
    variants(candidate({ instanceType: "ml.m5.huge" })),
    [`SAGEMAKER_INSTANCE_TYPE ${O}.variants[0].instanceType`],
  ],
  [
    "type that is too small",
    { resources: { cpu: 4, memory: "8Gi" } },
    variants(candidate({ instanceType: "ml.m5.large" })),
    [`SAGEMAKER_INSTANCE_FIT ${O}.variants[0].instanceType`],
  ],
  [
    "types with and without local NVMe",
    {},
    { instanceType: "ml.m5.xlarge", ...variants(candidate({ instanceType: "ml.m5d.xlarge" })) },
    [`SAGEMAKER_VARIANTS ${O}.variants[0].instanceType`],
  ],
  [
    "types that all have local NVMe",
    {},
    { instanceType: "ml.m5d.xlarge", ...variants(candidate({ instanceType: "ml.m5d.2xlarge" })) },
    [],
  ],
  [
    "image of another registry",
    {},
    variants(candidate({ image: `ghcr.io/acme/fraud@sha256:${"b".repeat(64)}` })),
    [`IMAGE_REGISTRY ${O}.variants[0].image`],
  ],
  [
    "an image without a tag",
    {},
    variants(candidate({ image: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/fraud" })),
    [`IMAGE_LATEST ${O}.variants[0].image`],
  ],
  [
    "artifact that is no archive",
    {},
    { shadow: { percent: 50, artifact: "s3://models/fraud/model.pkl" } },
    [`SAGEMAKER_ARTIFACT ${O}.shadow.artifact`],
  ],
  ["local artifact", {}, variants(candidate({ artifact: "model" })), [`FORMAT ${O}.variants[0].artifact`]],
  [
    "long variable",
    {},
    variants(candidate({ environment: { A: "x".repeat(1025) } })),
    [`SAGEMAKER_ENVIRONMENT ${O}.variants[0].environment.A`],
  ],
  [
    "too many variables together",
    {
      model: {
        ...baseManifest().model,
        environment: Object.fromEntries([...Array(100).keys()].map((index) => [`V${index}`, ""])),
      },
    },
    variants(candidate({ environment: { MORE: "" } })),
    [`SAGEMAKER_ENVIRONMENT ${O}.variants[0].environment`],
  ],
  ["own range", SCALED, variants(candidate({ scaling: { min: 1, max: 2 } })), []],
  [
    "range upside down",
    SCALED,
    variants(candidate({ scaling: { min: 3, max: 2 } })),
    [`ORDER ${O}.variants[0].scaling.max`],
  ],
  [
    "range that only a schedule could move",
    { scaling: { min: 1, max: 4, policies: [SCHEDULED] } },
    variants(candidate({ scaling: { min: 1, max: 2 } })),
    [`SAGEMAKER_VARIANTS ${O}.variants[0].scaling`],
  ],
  [
    "fixed beside a schedule",
    { scaling: { min: 1, max: 4, policies: [SCHEDULED] } },
    variants(candidate({ scaling: { min: 2 } })),
    [],
  ],
  [
    "range of zero",
    SCALED,
    variants(candidate({ scaling: { min: 0, max: 2 } })),
    [`RANGE ${O}.variants[0].scaling.min`],
  ],
  [
    "rolling",
    { rollout: { strategy: "rolling", step: 50, interval: "1m" } },
    variants(candidate()),
    ["SAGEMAKER_GUARDRAILS rollout.strategy"],
  ],
  [
    "rolling with a shadow",
    { rollout: { strategy: "rolling", step: 50, interval: "1m" } },
    { shadow: { percent: 50 } },
    ["SAGEMAKER_GUARDRAILS rollout.strategy"],
  ],
  ["canary", { rollout: { strategy: "canary" } }, variants(candidate()), []],
  ["ten alarms", SLO, variants(...many(4)), []],
  ["twelve alarms", SLO, variants(...many(5)), [`SAGEMAKER_VARIANTS ${O}.variants`]],
  ["twelve alarms without rollback", { ...SLO, rollout: { rollback: false } }, variants(...many(5)), []],
  [
    "canary on Inferentia 1",
    { rollout: { strategy: "canary" } },
    { instanceType: "ml.inf1.xlarge" },
    ["SAGEMAKER_GUARDRAILS rollout.strategy"],
  ],
  [
    "async on Inferentia 1",
    {},
    { mode: "async", instanceType: "ml.inf1.xlarge" },
    [`SAGEMAKER_INSTANCE_TYPE ${O}.instanceType`],
  ],
  [
    "a variant's image by its tag",
    {},
    variants(candidate({ image: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/fraud:2" })),
    [`IMAGE_NOT_PINNED ${O}.variants[0].image`],
  ],
  ["all at once on Inferentia 1", {}, { instanceType: "ml.inf1.xlarge" }, []],
])("variants: %s", (_, changes, options, expected) => {
  expect(errors(changes, options)).toEqual(expected);
});

test.each<[string, Json, Json, readonly string[]]>([
  ["Inferentia 1", {}, { instanceType: "ml.inf1.xlarge" }, [`SAGEMAKER_UNGUARDED ${O}.instanceType`]],
  ["Inferentia 1, knowingly", { rollout: { rollback: false } }, { instanceType: "ml.inf1.xlarge" }, []],
])("warns of %s", (_, changes, options, expected) => {
  const manifest = baseManifest({ ...changes, targets: { [KIND]: options } });
  const found = issues({ manifest, target: KIND }).filter(
    ({ severity, code }) => severity === "warning" && !code.startsWith("POLICY_"),
  );
  expect(found.map(({ code, path }) => `${code} ${path}`)).toEqual(expected);
});

test("tracking policies move a variant's own range", () => {
  const scaling = { min: 1, max: 1, policies: [TRACKING] };
  expect(errors({ scaling }, variants(candidate({ scaling: { min: 1, max: 2 } })))).toEqual([]);
});

test.each<[string, Json, readonly string[]]>([
  ["the same artifact", {}, []],
  [
    "an artifact of its own",
    { artifact: "s3://models/fraud/2/model.tar.gz" },
    [`SAGEMAKER_VARIANTS ${O}.variants[0].artifact`],
  ],
  ["a larger instance of the family", { instanceType: "ml.m5.2xlarge" }, []],
  [
    "an instance of another family",
    { instanceType: "ml.p3.2xlarge" },
    [`SAGEMAKER_VARIANTS ${O}.variants[0].instanceType`],
  ],
])("a compiled model, and a variant with %s", (_, changes, expected) => {
  const artifact = "s3://models/fraud/1/model.tar.gz";
  const model = { ...baseManifest().model, artifact, optimize: { neo: { framework: "xgboost" } } };
  expect(errors({ model }, { instanceType: "ml.m5.xlarge", ...variants(candidate(changes)) })).toEqual(
    expected,
  );
});
