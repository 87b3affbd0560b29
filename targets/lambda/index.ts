import { secretServices } from "../../modules/iam/secrets";
import { defineTarget } from "../target";
import { check, CODES } from "./check";
import { LIMITS } from "./limits";
import { options } from "./options";
import { inVpc } from "./settings";

/** AWS Lambda: the model's container image, started as requests come, with an alias that a release moves. */
export const lambda = defineTarget({
  kind: "lambda",
  title: "AWS Lambda",
  platform: "aws",
  useCase:
    "Small models without GPU under rare or spiky traffic, where nothing should cost when nothing is asked.",
  strengths: [
    "Nothing is paid while no request runs, unless environments are kept warm",
    "Hundreds of environments within seconds, without a policy",
    "No instances, load balancer or cluster to look after",
  ],
  weaknesses: [
    "Cold starts: a large image with a large model takes seconds",
    "One request at a time per environment, so idle waiting is paid for",
    "No GPU, at most 10 GiB of memory and image, 6 MiB of request, 15 minutes",
    "The model must be part of the image",
  ],
  options,
  modes: {
    image: {
      summary: "A container image behind the alias `live`, on demand or with provisioned concurrency.",
      architectures: ["x86_64", "arm64"],
      gpu: LIMITS.gpus,
      cpu: LIMITS.vcpus,
      memory: LIMITS.memoryMax,
      storage: LIMITS.storageMax,
      payload: { request: LIMITS.payload, response: LIMITS.payload, warnAbove: LIMITS.payloadBinary },
      requestDuration: LIMITS.timeoutMax,
      scaling: {
        policies: { "target-tracking": ["provisioned-concurrency-utilization"], scheduled: [] },
        minimum: LIMITS.scalingMinimum,
        // Lambda scales by itself. Keeping environments warm costs money, so it takes a policy or an option to do it.
        fallback: null,
        instead:
          "Lambda scales by itself; to keep environments warm use target-tracking on provisioned-concurrency-utilization, or scheduled",
      },
      rollouts: ["all-at-once", "canary", "linear"],
      secrets: "reference",
      images: "ecr-same-region",
      artifacts: [],
      server: "free",
      dataCapture: false,
      public: false,
      reachedBy:
        "callers with the rights reach it through Lambda's API, and from the internet at the address of " +
        "targets.lambda.functionUrl, with and without it; `compare` alone goes by it, and bills answers that leave AWS",
    },
  },
  modeOf: () => "image",
  codes: CODES,
  check,
  needs: (plan) => ({
    network:
      inVpc(plan) && plan.network.existing === null
        ? {
            // Lambda itself pulls the image and writes the logs; only what the container calls needs a way out.
            endpoints: secretServices(plan.model.secrets),
            public: false,
          }
        : null,
  }),
  load: () => require("./stack") as typeof import("./stack"),
  loadComparison: () => require("./comparison") as typeof import("./comparison"),
});
