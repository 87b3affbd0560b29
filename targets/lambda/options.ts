import { z } from "zod";
import { duration, field, size } from "../../modules/manifest/fields";
import { Duration } from "../../modules/units/duration";
import { Size } from "../../modules/units/size";
import { LIMITS } from "./limits";

/** Levels of the lines that Lambda keeps of a server that logs JSON. */
export const LOG_LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"] as const;

/** Options of `targets.lambda`. */
export const options = z.strictObject({
  memory: field(
    size({
      min: Size.mebibytes(LIMITS.memoryMin.value),
      max: Size.mebibytes(LIMITS.memoryMax.value),
    }).optional(),
    {
      description:
        "Memory of one environment, a whole number of MiB from 128Mi to 10240Mi; CPU comes with it, one vCPU for each 1,769 MiB. " +
        "Where absent: what `resources.memory` and `resources.cpu` need. Less than that is an error.",
      source: `${LIMITS.memoryPerVcpu.source} (${LIMITS.memoryPerVcpu.asOf})`,
    },
  ),
  timeout: field(
    duration({
      min: Duration.seconds(LIMITS.timeoutMin.value),
      max: Duration.seconds(LIMITS.timeoutMax.value),
    }).optional(),
    {
      description:
        "Longest that one request may take, whole seconds from 1s to 900s (15 minutes). Where absent: `model.server.startup` plus three times " +
        "`workload.serviceTime.p99` (30s where that is not given), between 30s and 900s.",
      source: `${LIMITS.timeoutMax.source} (${LIMITS.timeoutMax.asOf})`,
    },
  ),
  provisionedConcurrency: field(z.int().min(1).max(10_000).optional(), {
    description:
      "Environments kept warm, paid by the hour; 1 to 10000. Without `scaling.policies`: always this many, none where absent. " +
      "With policies: how many it starts with, between `scaling.min` and `scaling.max`; `scaling.min` where absent.",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html (2026-11-23)",
  }),
  reservedConcurrency: field(z.int().min(0).max(100_000).optional(), {
    description:
      "Environments set aside for this model out of the account's quota, and at the same time the most that it may use; 0 to 100000, where 0 stops it. " +
      "Where absent: it shares the account's unreserved concurrency.",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html (2026-11-23)",
  }),
  functionUrl: field(z.boolean().default(false), {
    description:
      "Whether the alias gets an HTTPS address of its own. Callers sign their requests (IAM, Signature Version 4); there is no unauthenticated access. Default false.",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html (2026-11-23)",
  }),
  vpc: field(z.boolean().optional(), {
    description:
      "Whether environments are connected to a VPC: that of `network`, or one that is created. Default: true where `network.vpcId` is given, else false.",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html (2026-11-23)",
  }),
  tracing: field(z.boolean().default(true), {
    description:
      "Whether Lambda samples requests and sends their traces to X-Ray. Default true; false passes a caller's decision on without deciding itself.",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html (2026-11-23)",
  }),
  logLevel: field(z.enum(LOG_LEVELS).default("INFO"), {
    description:
      "Least level of the lines that are kept, where the server logs JSON with a `level`; lines without one count as INFO. Default INFO.",
    source:
      "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html (2026-11-23)",
  }),
  adapter: field(z.boolean().default(true), {
    description:
      "Whether the image serves HTTP behind the AWS Lambda Web Adapter, which is then configured from `model.server`. " +
      "false for an image that speaks Lambda's runtime API itself. Default true.",
    source:
      "https://awslabs.github.io/aws-lambda-web-adapter/configuration/environment-variables.html (2026-11-23)",
  }),
});

export type Options = z.output<typeof options>;
