import { defineTarget } from "../target";
import { check, CODES } from "./check";
import { LIMITS } from "./limits";
import { networkNeeds } from "./needs";
import { options } from "./options";
import { FALLBACK } from "./settings";

/** ECS on Fargate: a service of containers behind a load balancer, without machines to look after. */
export const ecsFargate = defineTarget({
  kind: "ecs-fargate",
  title: "ECS on Fargate",
  platform: "aws",
  useCase: "Steady or slowly moving traffic on CPUs, behind one address, without machines to look after.",
  strengths: [
    "No machines to patch; billed by the second for the vCPUs and memory of running tasks",
    "Any image, any port, requests of up to 4000 s and without a limit on their size",
    "Secrets, logs and health checks without code; Spot at a discount",
  ],
  weaknesses: [
    "No GPUs",
    "At least one task and the load balancer are always paid for",
    "A new task pulls its whole image before it serves",
  ],
  options,
  modes: {
    service: {
      summary: "A service of tasks behind an application load balancer.",
      architectures: ["x86_64", "arm64"],
      gpu: LIMITS.gpus,
      cpu: LIMITS.vcpus,
      memory: LIMITS.memory,
      storage: LIMITS.storage,
      payload: { request: LIMITS.payload, response: LIMITS.payload },
      requestDuration: LIMITS.requestSeconds,
      scaling: {
        policies: {
          "target-tracking": ["cpu", "memory", "invocations-per-instance"],
          step: ["cpu", "memory", "invocations-per-instance"],
          scheduled: [],
        },
        minimum: LIMITS.minimumTasks,
        fallback: FALLBACK,
        instead: "use target-tracking, step or scheduled",
      },
      rollouts: ["rolling", "all-at-once", "canary", "linear"],
      secrets: "injected",
      images: "any",
      artifacts: ["s3", "local"],
      server: "free",
      dataCapture: false,
      public: true,
    },
  },
  modeOf: () => "service",
  codes: CODES,
  check,
  needs: (plan) => ({ accessLogs: true, network: networkNeeds(plan) }),
  load: () => require("./stack") as typeof import("./stack"),
  loadComparison: () => require("./comparison") as typeof import("./comparison"),
});
