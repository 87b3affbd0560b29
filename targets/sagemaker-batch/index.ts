import { defineTarget } from "../target";
import { check, CODES } from "./check";
import { LIMITS } from "./limits";
import { options } from "./options";

/** SageMaker batch transform: jobs over objects in S3, on a schedule, on arrival or by hand. */
export const sagemakerBatch = defineTarget({
  kind: "sagemaker-batch",
  title: "SageMaker batch transform",
  platform: "aws",
  useCase: "Scoring whole data sets in S3 where nobody waits for a single answer.",
  strengths: [
    "Instances are paid for the time of the job only",
    "The same container as for an endpoint; splitting, retrying and joining of records is SageMaker's",
    "Started on a schedule or by the arrival of data, with nothing running in between",
  ],
  weaknesses: [
    "No answers to single requests, and minutes pass before a job's instances are up",
    "A fixed number of instances for each job",
    "No Graviton, and a smaller choice of GPUs than endpoints have",
  ],
  options,
  modes: {
    job: {
      summary: "Jobs over objects in S3 on instances that exist for the job only.",
      answers: "nobody",
      architectures: ["x86_64"],
      gpu: LIMITS.gpus,
      cpu: LIMITS.vcpus,
      memory: LIMITS.memory,
      storage: LIMITS.storage,
      payload: { request: LIMITS.payload, response: LIMITS.response },
      requestDuration: LIMITS.invocationSeconds,
      scaling: {
        policies: {},
        minimum: LIMITS.minimum,
        fallback: null,
        instead:
          "remove scaling.policies: a job runs on targets.sagemaker-batch.instanceCount instances, and none run between jobs",
      },
      rollouts: ["all-at-once"],
      secrets: "reference",
      images: "ecr-same-region",
      artifacts: ["s3", "local"],
      server: "fixed",
      dataCapture: false,
      public: false,
    },
  },
  modeOf: () => "job",
  // Where the data lies changes nothing about how long a job takes and what it costs.
  optionsFor: (_mode, written) => ({ input: "s3://example/in/", output: "s3://example/out/", ...written }),
  codes: CODES,
  check,
  needs: () => ({}),
  load: () => require("./stack") as typeof import("./stack"),
  loadComparison: () => require("./comparison") as typeof import("./comparison"),
});
