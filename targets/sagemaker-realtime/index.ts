import { defineTarget, type Capabilities } from "../target";
import { needsBucket } from "./features";
import { check, CODES } from "./check";
import { LIMITS } from "./limits";
import { options } from "./options";
import { Duration } from "../../modules/units/duration";

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

const MINUTES = Duration.seconds(60);

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
        fallback: {
          type: "target-tracking",
          metric: "cpu",
          target: 70,
          scaleInCooldown: Duration.seconds(300),
          scaleOutCooldown: MINUTES,
        },
        instead: "use target-tracking, step or scheduled",
      },
      dataCapture: true,
      optimizers: ["neo"],
      public: false,
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
        fallback: null,
        instead:
          "it scales by itself; policies only move provisioned concurrency, by target-tracking or on a schedule",
      },
      rollouts: ["all-at-once"],
      dataCapture: false,
      public: false,
    },
    async: {
      ...INSTANCES,
      summary: "A queue in front of instances; results go to S3, and it scales to zero.",
      payload: { request: LIMITS.asyncPayload, response: LIMITS.asyncPayload },
      requestDuration: LIMITS.asyncSeconds,
      scaling: {
        policies: {
          "target-tracking": ["concurrency", "cpu", "memory"],
          step: ["concurrency", "cpu", "memory"],
          scheduled: [],
        },
        minimum: LIMITS.asyncMinimumInstances,
        fallback: {
          type: "target-tracking",
          metric: "concurrency",
          target: 5,
          scaleInCooldown: Duration.seconds(600),
          scaleOutCooldown: Duration.seconds(300),
        },
        instead: "use concurrency, which here is the backlog per instance",
      },
      dataCapture: false,
      public: false,
    },
  },
  modeOf: ({ mode }) => mode,
  codes: CODES,
  check,
  needs: (plan) => ({
    bucket: needsBucket(plan) || plan.model.artifact?.kind === "local",
    // What compiles the model stands in the foundation, because it runs before the endpoint is deployed.
    own: plan.model.optimize === null ? [] : ["sagemaker-realtime"],
  }),
  load: () => require("./stack") as typeof import("./stack"),
});
