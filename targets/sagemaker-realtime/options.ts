import { z } from "zod";
import {
  arn,
  duration,
  field,
  s3Uri,
  size,
  spelled,
  VARIABLE_NAME_PATTERN,
} from "../../modules/manifest/fields";
import { IMAGE_PATTERN } from "../../modules/manifest/schema";
import { Duration } from "../../modules/units/duration";
import { Size } from "../../modules/units/size";
import { LIMITS } from "./limits";

export const MODES = ["provisioned", "serverless", "async"] as const;
export type Mode = (typeof MODES)[number];

const topicArn = () => arn("sns", "[A-Za-z0-9_-]{1,256}", "arn:aws:sns:eu-west-1:123456789012:results");

/** A variant's name, as SageMaker takes it: API model (botocore 1.44.5, 2026-11-17), VariantName. */
const VARIANT_NAME_PATTERN = /^[A-Za-z0-9](?:-*[A-Za-z0-9]){0,62}$/;

const instanceType = () =>
  spelled(/^ml\.[a-z0-9-]+\.[a-z0-9]+$/, {
    allowed: "an ml.* instance type",
    example: "ml.m5.xlarge",
  });

const instances = () => z.int().min(1).max(10_000);

/** What a variant may have of its own; what it does not name is the main variant's. */
const ownParts = {
  image: field(
    spelled(IMAGE_PATTERN, {
      allowed: "[registry/]repository[:tag][@sha256:digest], lower case",
      example: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/fraud@sha256:…",
    }).optional(),
    { description: "Its image, in Amazon ECR; the main variant's where absent. Pin it by digest." },
  ),
  artifact: field(s3Uri("s3://models/fraud/2/model.tar.gz").optional(), {
    description: "Its trained model, in S3; the main variant's where absent.",
  }),
  environment: field(z.record(z.string().regex(VARIABLE_NAME_PATTERN), z.string().max(4096)).default({}), {
    description: "Environment variables beside those of `model.environment`, whose values they replace.",
  }),
  instanceType: field(instanceType().optional(), {
    description: "Its instance type; the main variant's where absent.",
  }),
};

const AB_TESTING = "https://docs.aws.amazon.com/sagemaker/latest/dg/model-ab-testing.html (2026-11)";
const SHADOW_VARIANTS =
  "https://docs.aws.amazon.com/sagemaker/latest/dg/model-shadow-deployment.html (2026-11)";

const variant = z.strictObject({
  name: field(
    spelled(VARIANT_NAME_PATTERN, {
      allowed: "up to 63 letters, digits and hyphens, with a letter or digit at both ends",
      example: "candidate",
    }),
    {
      description:
        "Its name, in metrics, alarms and a request's `TargetVariant`. Unique whatever its case, and not AllTraffic, " +
        "which is the main variant. Another name is another variant.",
    },
  ),
  percent: field(z.number().min(0).max(100), {
    description:
      "Percent of the requests; 0 to 100. 0 answers only requests that name it. The main variant takes what is left.",
    source: AB_TESTING,
  }),
  ...ownParts,
  scaling: field(
    z
      .strictObject({
        min: field(instances(), { description: "Fewest instances; at least 1." }),
        max: field(instances().optional(), { description: "Most instances; `min` where absent." }),
      })
      .optional(),
    {
      description:
        "Its own range of instances, moved by the manifest's target-tracking and step policies; where absent, the " +
        "manifest's range with all of its policies. Scheduled policies leave an own range alone.",
    },
  ),
});

const shadow = z.strictObject({
  percent: field(z.number().positive().max(100), {
    description: "Percent of the requests that are copied to it; above 0, up to 100.",
    source: SHADOW_VARIANTS,
  }),
  ...ownParts,
  instances: field(instances().optional(), {
    description: "Its instances, which do not scale; `scaling.min` where absent.",
  }),
});

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
  instanceType: field(instanceType().optional(), {
    description:
      "Instance type; the smallest common one that holds `resources` where absent. (provisioned, async)",
  }),
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
  variants: field(
    z
      .array(variant)
      .min(1)
      .max(LIMITS.variantsMax.value - 1)
      .optional(),
    {
      description:
        "Further production variants beside the main one, each with a share of the requests: 20 percent to the new model, " +
        "the rest to the old. What the manifest says of `model`, `resources` and these options holds for each of them, " +
        "unless it has its own. Not beside `shadow`. Up to 9. (provisioned)",
      source: AB_TESTING,
    },
  ),
  shadow: field(shadow.optional(), {
    description:
      "A shadow variant: it gets copies of requests, its answers reach nobody, and its errors roll nothing back. Not " +
      "beside `variants`. (provisioned)",
    source: SHADOW_VARIANTS,
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
  variants: ["provisioned"],
  shadow: ["provisioned"],
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

/** The modes that have an option; undefined where all do, or none knows it. */
export function modesOfOption(name: string): readonly Mode[] | undefined {
  return Object.hasOwn(MODES_OF_OPTION, name) ? MODES_OF_OPTION[name as keyof Options] : undefined;
}
