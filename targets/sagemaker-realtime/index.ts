import { defineTarget, type Capabilities } from "../target";
import { needsBucket } from "./features";
import { check, CODES } from "./check";
import { FALLBACK } from "./fallback";
import { LIMITS } from "./limits";
import { modesOfOption, options } from "./options";

const INSTANCES = {
  architectures: ["x86_64", "arm64"],
  gpu: LIMITS.gpus,
  cpu: LIMITS.vcpus,
  memory: LIMITS.memory,
  storage: LIMITS.volumeMax,
  rollouts: ["all-at-once", "canary", "linear", "rolling"],
  secrets: "reference",
  images: "ecr",
  artifacts: ["s3", "local"],
  server: "fixed",
} as const satisfies Partial<Capabilities>;

const REACHED_BY = "callers with the rights reach it through SageMaker's API, with and without it";

/** SageMaker real-time inference: an endpoint with provisioned, serverless or asynchronous capacity. */
export const sagemakerRealtime = defineTarget({
  kind: "sagemaker-realtime",
  title: "SageMaker real-time",
  platform: "aws",
  useCase: "A managed endpoint for steady traffic, for GPUs, or for models that take seconds to load.",
  strengths: [
    "Managed instances of every kind, GPUs and Inferentia included",
    "Blue/green updates that go back by themselves when an alarm fires",
    "Data capture, shadow variants and model monitoring of SageMaker",
  ],
  weaknesses: [
    "Instances are paid when idle, and cost more than the same ones on EC2",
    "New instances take minutes to join",
    "Port, paths and request limits are SageMaker's",
  ],
  options,
  modes: {
    provisioned: {
      ...INSTANCES,
      summary: "Instances that always run behind one HTTPS endpoint.",
      payload: { request: LIMITS.payload, response: LIMITS.payload, warnAbove: LIMITS.payloadSdk },
      requestDuration: LIMITS.requestSeconds,
      scaling: {
        policies: {
          "target-tracking": ["cpu", "memory", "invocations-per-instance", "concurrency"],
          step: ["cpu", "memory", "invocations-per-instance", "concurrency"],
          scheduled: [],
        },
        minimum: LIMITS.minimumInstances,
        fallback: FALLBACK.provisioned,
        instead: "use target-tracking, step or scheduled",
      },
      dataCapture: true,
      optimizers: ["neo"],
      public: false,
      reachedBy: REACHED_BY,
    },
    serverless: {
      ...INSTANCES,
      summary: "Capacity on demand, billed by use, with cold starts.",
      architectures: ["x86_64"],
      gpu: LIMITS.serverlessGpus,
      cpu: LIMITS.serverlessVcpus,
      memory: LIMITS.serverlessMemory,
      storage: LIMITS.serverlessStorage,
      payload: { request: LIMITS.serverlessPayload, response: LIMITS.serverlessPayload },
      requestDuration: LIMITS.requestSeconds,
      scaling: {
        policies: { "target-tracking": ["provisioned-concurrency-utilization"], scheduled: [] },
        minimum: LIMITS.asyncMinimumInstances,
        fallback: FALLBACK.serverless,
        instead:
          "it scales by itself; policies only move provisioned concurrency, by target-tracking or on a schedule",
      },
      rollouts: ["all-at-once"],
      dataCapture: false,
      public: false,
      reachedBy: REACHED_BY,
    },
    async: {
      ...INSTANCES,
      summary: "A queue in front of instances; results go to S3, and it scales to zero.",
      answers: "later",
      payload: { request: LIMITS.asyncPayload, response: LIMITS.asyncPayload },
      requestDuration: LIMITS.asyncSeconds,
      scaling: {
        policies: {
          "target-tracking": ["concurrency", "cpu", "memory"],
          step: ["concurrency", "cpu", "memory"],
          scheduled: [],
        },
        minimum: LIMITS.asyncMinimumInstances,
        fallback: FALLBACK.async,
        instead: "use concurrency, which here is the backlog per instance",
      },
      dataCapture: false,
      public: false,
      reachedBy: REACHED_BY,
    },
  },
  modeOf: ({ mode }) => mode,
  optionsFor: (mode, written) => ({
    ...Object.fromEntries(
      Object.entries(written).filter(([name]) => modesOfOption(name)?.includes(mode) ?? true),
    ),
    mode,
  }),
  codes: CODES,
  check,
  needs: (plan) => ({
    bucket: needsBucket(plan) || plan.model.artifact?.kind === "local",
    // What compiles the model stands in the foundation, because it runs before the endpoint is deployed.
    own: plan.model.optimize === null ? [] : ["sagemaker-realtime"],
  }),
  load: () => require("./stack") as typeof import("./stack"),
  loadComparison: () => require("./comparison") as typeof import("./comparison"),
});
