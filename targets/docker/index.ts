import { defineTarget } from "../target";
import { check, CODES } from "./check";
import { LIMITS } from "./limits";
import { options } from "./options";

/** The same container on a local Docker engine. */
export const docker = defineTarget({
  kind: "docker",
  title: "Docker",
  platform: "local",
  useCase: "Trying the container on one's own machine, without an AWS account.",
  strengths: [
    "Needs no account, no region and no credentials, and costs nothing",
    "The same image, environment, limits and artifact as on the other targets",
    "Up in seconds",
  ],
  weaknesses: [
    "One container on one machine, reached from that machine only",
    "No artifact from S3, and no secrets but by reference",
    "No scaling, no rollout, no alarms",
  ],
  options,
  modes: {
    container: {
      summary: "One container on a local engine, on the loopback address.",
      architectures: ["x86_64", "arm64"],
      gpu: LIMITS.gpus,
      cpu: LIMITS.vcpus,
      memory: LIMITS.memory,
      storage: LIMITS.storage,
      payload: { request: LIMITS.payload, response: LIMITS.payload },
      requestDuration: LIMITS.requestDuration,
      scaling: {
        policies: {},
        minimum: LIMITS.minimum,
        fallback: null,
        instead: "remove scaling.policies, in an environment for local use: one container runs",
      },
      rollouts: ["all-at-once"],
      secrets: "reference",
      images: "any",
      artifacts: ["local"],
      server: "free",
      dataCapture: false,
      public: false,
    },
  },
  modeOf: () => "container",
  codes: CODES,
  check,
  needs: () => ({}),
  load: () => require("./stack") as typeof import("./stack"),
  loadComparison: () => require("./comparison") as typeof import("./comparison"),
});
