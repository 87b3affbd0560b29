import { z } from "zod";
import { arn, duration, field, kmsKeyArn, secretArn, size, spelled } from "../../modules/manifest/fields";
import { IMAGE_PATTERN } from "../../modules/manifest/schema";
import { Duration } from "../../modules/units/duration";
import { Size } from "../../modules/units/size";
import { DOWNLOAD_IMAGE, UNPACK_IMAGE } from "./images";
import { LIMITS } from "./limits";

const seconds = (value: number) => Duration.seconds(value);

const image = () =>
  spelled(IMAGE_PATTERN, {
    allowed: "[registry/]repository[:tag][@sha256:digest], lower case",
    example: DOWNLOAD_IMAGE,
  });

const cidr = () =>
  spelled(/^(?:(?:25[0-5]|2[0-4]\d|1?\d{1,2})\.){3}(?:25[0-5]|2[0-4]\d|1?\d{1,2})\/(?:3[0-2]|[12]?\d)$/, {
    allowed: "an IPv4 range",
    example: "10.0.0.0/8",
  });

const checks = () => z.int().min(LIMITS.checkThresholdMin.value).max(LIMITS.checkThresholdMax.value);

const healthCheck = z.strictObject({
  interval: field(
    duration({
      min: seconds(LIMITS.checkIntervalMin.value),
      max: seconds(LIMITS.checkIntervalMax.value),
    }).prefault("15s"),
    { description: "Time between checks of one task; 5s to 5m." },
  ),
  timeout: field(
    duration({
      min: seconds(LIMITS.checkTimeoutMin.value),
      max: seconds(LIMITS.checkTimeoutMax.value),
    }).prefault("5s"),
    { description: "How long an answer may take; 2s to 2m, below the interval." },
  ),
  healthyThreshold: field(checks().default(2), {
    description: "Good answers in a row to be healthy; 2 to 10.",
  }),
  unhealthyThreshold: field(checks().default(3), {
    description: "Bad answers in a row to be unhealthy, and replaced; 2 to 10.",
  }),
});

/** Options of `targets.ecs-fargate`. */
export const options = z.strictObject({
  cluster: field(
    spelled(/^[A-Za-z][A-Za-z0-9_-]{0,254}$/, {
      allowed: "a cluster's name: letters, digits, hyphens and underscores",
      example: "shared",
    }).optional(),
    {
      description:
        "Name of an existing ECS cluster in the same account and region; created where absent. " +
        "With `spot`, FARGATE and FARGATE_SPOT must be among its capacity providers.",
    },
  ),
  cpu: field(z.number().positive().optional(), {
    description:
      "vCPUs of a task: 0.25, 0.5, 1, 2, 4, 8, 16 or 32; the fewest that hold `resources` where absent.",
  }),
  memory: field(size().optional(), {
    description:
      "Memory of a task, one that Fargate offers with its vCPUs; the least that holds `resources` where absent.",
  }),
  spot: field(z.number().min(0).max(100).default(0), {
    description:
      "Percent of the tasks beyond `onDemandBase` that run on Fargate Spot, at a discount and with two minutes' notice; 0 to 100. Default 0.",
  }),
  onDemandBase: field(z.int().min(0).max(LIMITS.baseMax.value).default(1), {
    description: "Tasks that run on demand before `spot` counts; 0 to 100000. Default 1.",
  }),
  user: field(
    spelled(/^(?:\d{1,10}|[a-z_][a-z0-9_-]{0,31})(?::(?:\d{1,10}|[a-z_][a-z0-9_-]{0,31}))?$/, {
      allowed: "a user, or user:group, by name or number",
      example: "1000:1000",
    }).optional(),
    { description: "User that the server runs as; the image's own where absent." },
  ),
  readOnlyRootFilesystem: field(z.boolean().default(true), {
    description:
      "Whether the image's file system is read-only; /tmp and `writablePaths` are not. Default true.",
  }),
  tmp: field(size({ min: Size.mebibytes(1), max: Size.gibibytes(64) }).optional(), {
    description:
      "Size of /tmp, kept in the task's memory; 1Mi to 64Gi, less than the task's memory. " +
      "Default 256Mi where the root file system is read-only, else none. " +
      "List /tmp in `writablePaths` to keep it on disk instead.",
  }),
  writablePaths: field(
    z
      .array(
        spelled(/^(?!.*(?:\/\.{1,2}(?:\/|$)|\/\/|\/$))\/[A-Za-z0-9._/-]{1,250}$/, {
          allowed: "an absolute path without `..`",
          example: "/var/cache/model",
        }),
      )
      .max(10)
      .default([]),
    {
      description:
        "Folders on the task's disk that the server may write to, each starting out empty, or with what the image " +
        "declares by VOLUME. They belong to root unless the image declares them. At most 10.",
    },
  ),
  executeCommand: field(z.boolean().default(false), {
    description: "Whether ECS Exec may open a shell in a running task. Default false.",
  }),
  minimumHealthyPercent: field(z.int().min(0).max(100).default(100), {
    description: "Percent of the tasks that stay healthy during a rolling deployment; 0 to 100. Default 100.",
  }),
  maximumPercent: field(z.int().min(101).max(200).optional(), {
    description:
      "Percent of the tasks that may run during a rolling deployment; 101 to 200. Where absent, `rollout.step` percent " +
      "more than usual with `rolling` (one task at least), 200 with `all-at-once`.",
  }),
  trafficShifting: field(z.boolean().optional(), {
    description:
      "Whether the load balancer has two target groups that ECS shifts traffic between. With true, `all-at-once` is ECS's " +
      "blue/green, and `rolling` keeps both groups: the way back from the others without interruption. " +
      "Default true with `canary` and `linear`, else false.",
  }),
  bakeTime: field(duration({ min: seconds(60), max: seconds(LIMITS.bakeMinutesMax.value * 60) }).optional(), {
    description:
      "How long the old tasks stay after all traffic has shifted, so that an alarm brings it back at once; " +
      "1m to 1d, whole minutes. Default 10m. Where traffic is not shifted, there is none.",
  }),
  waitForSteadyState: field(z.boolean().default(true), {
    description:
      "Whether an apply waits until the new tasks serve, and fails where they do not. Default true.",
  }),
  stopTimeout: field(
    duration({ min: seconds(2), max: seconds(LIMITS.stopSecondsMax.value) }).prefault("30s"),
    { description: "Time between SIGTERM and SIGKILL when a task stops; 2s to 2m. Default 30s." },
  ),
  healthCheck: field(healthCheck.prefault({}), {
    description: "How the load balancer checks `model.server.health`.",
  }),
  deregistrationDelay: field(
    duration({ min: seconds(1), max: seconds(LIMITS.deregistrationSecondsMax.value) }).optional(),
    {
      description:
        "How long a task that leaves finishes its requests; 1s to 1h. Default 30s, longer where `workload.serviceTime.p99` is.",
    },
  ),
  idleTimeout: field(duration({ min: seconds(1), max: seconds(LIMITS.requestSeconds.value) }).optional(), {
    description:
      "How long the load balancer waits for an answer; 1s to 4000s. Default 60s, longer where `workload.serviceTime.p99` is.",
  }),
  routing: field(
    z.enum(["least_outstanding_requests", "round_robin"]).default("least_outstanding_requests"),
    {
      description: "How requests are spread over tasks. Default least_outstanding_requests.",
    },
  ),
  allowedCidrs: field(z.array(cidr()).min(1).max(20).optional(), {
    description:
      "Address ranges that may call the load balancer. Where absent: everyone with `network.public`; else the created " +
      "network's own range, or the private ranges of RFC 1918 in an existing network. At most 20.",
  }),
  loadBalancerSubnetIds: field(
    z
      .array(
        spelled(/^subnet-[0-9a-f]{8,17}$/, {
          allowed: "subnet- and 8 to 17 hex digits",
          example: "subnet-0a1b2c3d4e5f60718",
        }),
      )
      .min(2)
      .max(16)
      .optional(),
    {
      description:
        "Subnets of the load balancer in an existing network, public ones where `network.public`; those of `network.subnetIds` where absent.",
    },
  ),
  webAclArn: field(
    arn(
      "wafv2",
      "regional/webacl/[A-Za-z0-9_-]{1,128}/[0-9a-f-]{36}",
      "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/models/1234abcd-12ab-34cd-56ef-1234567890ab",
    ).optional(),
    { description: "Web ACL of AWS WAF in front of the load balancer; none where absent." },
  ),
  registryCredentials: field(secretArn().optional(), {
    description:
      "Secrets Manager secret with `username` and `password` of a private registry other than ECR; pulls are anonymous where absent.",
  }),
  downloadImage: field(image().default(DOWNLOAD_IMAGE), {
    description:
      "Image of the container that downloads `model.artifact`, with the AWS CLI as `aws`. Default: AWS's own, pinned.",
  }),
  unpackImage: field(image().default(UNPACK_IMAGE), {
    description:
      "Image of the container that unpacks a .tar.gz artifact, with sh, tar, gzip and chmod. Default: BusyBox, pinned.",
  }),
  decryptKeyArns: field(z.array(kmsKeyArn()).max(10).default([]), {
    description:
      "KMS keys of the artifact or the secrets, where they are not encrypted by `security.kmsKeyArn` or an AWS managed key. At most 10.",
  }),
  encryptEphemeralStorage: field(z.boolean().optional(), {
    description:
      "Whether the tasks' disks are encrypted by the deployment's key instead of Fargate's own. Default true where " +
      "modelport creates cluster and key; the policy of a given key must let fargate.amazonaws.com use it.",
  }),
});

export type Options = z.output<typeof options>;
