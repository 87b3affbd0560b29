import { z } from "zod";
import { arn, duration, field, s3Uri, size, spelled } from "../../modules/manifest/fields";
import { Duration } from "../../modules/units/duration";
import { Size } from "../../modules/units/size";
import { LIMITS } from "./limits";

export const MODES = ["provisioned", "serverless", "async"] as const;
export type Mode = (typeof MODES)[number];

const topicArn = () => arn("sns", "[A-Za-z0-9_-]{1,256}", "arn:aws:sns:eu-west-1:123456789012:results");

/** Options of `targets.sagemaker-realtime`. Those of one mode are errors in another. */
export const options = z.strictObject({
  mode: field(z.enum(MODES).default("provisioned"), {
    description:
      "provisioned: instances that always run; serverless: capacity on demand, with cold starts; " +
      "async: a queue in front of instances, results in S3, down to zero.",
  }),
  networkIsolation: field(z.boolean().optional(), {
    description:
      "Cut the container off from every network. Default true, except where `model.secrets` must be read, and in serverless " +
      "mode, which has no isolation. Set it to false for containers that fetch weights themselves. (provisioned, async)",
  }),
  instanceType: field(
    spelled(/^ml\.[a-z0-9-]+\.[a-z0-9]+$/, {
      allowed: "an ml.* instance type",
      example: "ml.m5.xlarge",
    }).optional(),
    {
      description:
        "Instance type; the smallest common one that holds `resources` where absent. (provisioned, async)",
    },
  ),
  volumeSize: field(
    size({
      min: Size.gibibytes(LIMITS.volumeMin.value),
      max: Size.gibibytes(LIMITS.volumeMax.value),
    }).optional(),
    {
      description:
        "Size of the instance's volume; `resources.storage` where absent. 1Gi to 512Gi. (provisioned, async)",
    },
  ),
  downloadTimeout: field(duration({ min: Duration.seconds(60), max: Duration.seconds(3600) }).optional(), {
    description:
      "Time to download the artifact; SageMaker's own default where absent. 60s to 1h. (provisioned, async)",
  }),
  amiVersion: field(
    spelled(/^al2[0-9a-z-]{1,62}$/, {
      allowed: "an inference AMI version",
      example: "al2-ami-sagemaker-inference-gpu-3-1",
    }).optional(),
    { description: "Version of the AMI, which decides the GPU driver. (provisioned, async)" },
  ),
  routing: field(z.enum(["LEAST_OUTSTANDING_REQUESTS", "RANDOM"]).optional(), {
    description: "How requests are spread over instances. Default LEAST_OUTSTANDING_REQUESTS. (provisioned)",
  }),
  terminationWait: field(duration({ min: Duration.seconds(1), max: Duration.seconds(3600) }).prefault("5m"), {
    description:
      "How long the old fleet is kept after traffic has moved, watched by the rollback alarms. 1s to 1h.",
  }),
  memory: field(
    size({ min: Size.gibibytes(1), max: Size.mebibytes(LIMITS.serverlessMemory.value) }).optional(),
    {
      description:
        "Memory of one environment: 1Gi to 6Gi in steps of 1Gi; the smallest that holds `resources` where absent. (serverless)",
    },
  ),
  maxConcurrency: field(z.int().min(1).max(LIMITS.serverlessConcurrency.value).optional(), {
    description: "Requests at once, at most; 1 to 200. Default 20. (serverless)",
  }),
  provisionedConcurrency: field(z.int().min(1).max(LIMITS.serverlessConcurrency.value).optional(), {
    description: "Environments kept warm; 1 to `maxConcurrency`. (serverless)",
  }),
  input: field(s3Uri("s3://requests/fraud/").optional(), {
    description:
      "Where callers put their requests, which the model may read; the foundation's bucket, under `requests/<endpoint>/`, where absent. (async)",
  }),
  output: field(s3Uri("s3://results/fraud/").optional(), {
    description: "Where results go; the foundation's bucket where absent. (async)",
  }),
  failures: field(s3Uri("s3://results/fraud-failures/").optional(), {
    description: "Where failure responses go; beside the results where absent. (async)",
  }),
  maxConcurrentInvocations: field(z.int().min(1).max(LIMITS.asyncConcurrency.value).optional(), {
    description:
      "Requests that one instance works on at once; `workload.concurrency` or SageMaker's choice where absent. (async)",
  }),
  successTopic: field(topicArn().optional(), { description: "SNS topic told of each result. (async)" }),
  errorTopic: field(topicArn().optional(), { description: "SNS topic told of each failure. (async)" }),
});

export type Options = z.output<typeof options>;

/** Options that only some modes have; each of these is optional, so that giving one in another mode can be refused. */
export const MODES_OF_OPTION: Readonly<Partial<Record<keyof Options, readonly Mode[]>>> = {
  networkIsolation: ["provisioned", "async"],
  instanceType: ["provisioned", "async"],
  volumeSize: ["provisioned", "async"],
  downloadTimeout: ["provisioned", "async"],
  amiVersion: ["provisioned", "async"],
  routing: ["provisioned"],
  memory: ["serverless"],
  maxConcurrency: ["serverless"],
  provisionedConcurrency: ["serverless"],
  input: ["async"],
  output: ["async"],
  failures: ["async"],
  maxConcurrentInvocations: ["async"],
  successTopic: ["async"],
  errorTopic: ["async"],
};
