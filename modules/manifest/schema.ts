import { cronProblem, isTimeZone } from "../aws/schedule-expression";
import { z } from "zod";
import { NEO_DEVICE_NAMES, NEO_FRAMEWORKS, NEO_SOURCE } from "../neo/devices";
import { Duration } from "../units/duration";
import { Size } from "../units/size";
import {
  arn,
  bucketName,
  duration,
  ecrRepository,
  field,
  iamPolicyArn,
  iamRoleArn,
  kmsKeyArn,
  percent,
  relativePath,
  RELATIVE_PATH_PATTERN,
  S3_URI_PATTERN,
  secretArn,
  size,
  spelled,
  VARIABLE_NAME_PATTERN,
} from "./fields";

/** The version of the manifest format that this release reads. */
export const API_VERSION = "modelport/v1";

export const ARCHITECTURES = ["x86_64", "arm64"] as const;
export type Architecture = (typeof ARCHITECTURES)[number];

export const SCALING_METRICS = [
  "cpu",
  "memory",
  "invocations-per-instance",
  "concurrency",
  "provisioned-concurrency-utilization",
] as const;
/** What a scaling policy may watch. `invocations-per-instance` is per minute, the others but concurrency in percent. */
export type ScalingMetric = (typeof SCALING_METRICS)[number];

export const ROLLOUT_STRATEGIES = ["all-at-once", "canary", "linear", "rolling"] as const;
export type RolloutStrategy = (typeof ROLLOUT_STRATEGIES)[number];

/** Public, and fixed: what a service refuses of it is mended where the service's name is made (`acceptable` in `names.ts`). */
export const NAME_PATTERN = /^[a-z][a-z0-9-]{1,30}[a-z0-9]$/;
export const ENVIRONMENT_NAME_PATTERN = /^(?=.{1,16}$)[a-z0-9](?:-?[a-z0-9])*$/;

/**
 * Characters that every AWS service takes in a tag: https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html (2026-08).
 * ECS refuses `aws:` in any case, in values as well as in keys: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Tag.html (2026-11).
 * `modelport:` is for the tags that the stacks add.
 */
const TAG_VALUE_PATTERN = /^(?![Aa][Ww][Ss]:)[\p{L}\p{N}\p{Zs}_.:/=+@-]{0,256}$/u;
const TAG_KEY_PATTERN =
  /^(?!(?:[Aa][Ww][Ss]|[Mm][Oo][Dd][Ee][Ll][Pp][Oo][Rr][Tt]):)[\p{L}\p{N}\p{Zs}_.:/=+@-]{1,128}$/u;

const HTTP_PATH_PATTERN = /^\/[A-Za-z0-9/_.~-]{0,127}$/;

/** `[registry/]repository[:tag][@sha256:digest]`, lower case as the registries demand. */
export const IMAGE_PATTERN =
  /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?\/)?[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*(?::[\w][\w.-]{0,127})?(?:@sha256:[a-f0-9]{64})?$/;

const AWS_CRON_PATTERN = /^[A-Za-z0-9*?,/# LW-]{11,128}$/;
const TIMEZONE_PATTERN = /^[A-Za-z][A-Za-z0-9_+/-]{1,63}$/;

const NEO_API =
  "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InputConfig.html (botocore 1.44.5, 2026-11-17)";

const NEO_META = {
  description:
    "Compile the artifact for one kind of instance with SageMaker Neo, by a state machine in the foundation stack that is " +
    "started before the endpoint is deployed; the endpoint then serves what it made. (sagemaker-realtime, provisioned)",
  source: `${NEO_SOURCE.source} (${NEO_SOURCE.asOf})`,
} as const;

const neo = z.strictObject({
  framework: field(z.enum(NEO_FRAMEWORKS), {
    description: "Framework that the artifact was saved with.",
    aliases: { torch: "pytorch", tf: "tensorflow" },
  }),
  frameworkVersion: field(
    spelled(/^\d\.\d{1,2}$/, { allowed: "major.minor, quoted", example: '"2.0"' }).optional(),
    {
      description: "Version of the framework, for pytorch, tensorflow and mxnet; Neo's choice where absent.",
      source: NEO_API,
    },
  ),
  inputs: field(
    z
      .record(
        spelled(/^[A-Za-z0-9_.][A-Za-z0-9_.:/>-]{0,127}$/, {
          allowed: "1 to 128 letters, digits and _.:/>-",
          example: "input0",
        }),
        z.array(z.int().min(1).max(1_000_000)).min(1).max(16),
      )
      .default({}),
    {
      description:
        "Name and shape of each input, such as `{ input0: [1, 3, 224, 224] }`: channels last for tensorflow, first for the " +
        "others, in the model's order. Required but for xgboost, which has none.",
      source: NEO_API,
    },
  ),
  device: field(z.enum(NEO_DEVICE_NAMES).optional(), {
    description:
      "Neo's name of the instances that it compiles for; that of the target's instance type where absent. Needed for " +
      "families that Neo does not name but that have the same processors, such as ml.c5d.",
  }),
  compilerOptions: field(
    z
      .union([
        z.string().min(1).max(1022),
        z.record(
          z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/),
          z.union([z.string().max(256), z.number(), z.boolean()]),
        ),
      ])
      .optional(),
    {
      description:
        'Options of the compiler: a map, such as `{ dtype: int64 }`, or for Inferentia and Trainium a text, such as "-O2".',
      source:
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_OutputConfig.html (botocore 1.44.5, 2026-11-17)",
    },
  ),
  timeout: field(duration({ min: Duration.seconds(60), max: Duration.seconds(14400) }).prefault("15m"), {
    description: "How long a compilation may take; 1m to 4h. AWS recommends to start with 15m.",
    source:
      "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StoppingCondition.html (botocore 1.44.5, 2026-11-17)",
  }),
});

const model = z.strictObject({
  image: field(
    spelled(IMAGE_PATTERN, {
      allowed: "[registry/]repository[:tag][@sha256:digest], lower case",
      example: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/fraud@sha256:…",
    }).optional(),
    { description: "An existing container image; exactly one of `image` and `build`. Pin it by digest." },
  ),
  build: field(
    z
      .strictObject({
        context: field(relativePath("./server"), {
          description: "Folder sent to the builder, inside the project.",
        }),
        dockerfile: field(relativePath("Dockerfile").default("Dockerfile"), {
          description: "The Dockerfile, relative to the context.",
        }),
        args: field(z.record(z.string().regex(VARIABLE_NAME_PATTERN), z.string().max(4096)).default({}), {
          description: "Build arguments. They stay visible in the image: no secrets here.",
        }),
      })
      .optional(),
    {
      description:
        "Bring your own container: the image is built from this context and pushed to the registry.",
    },
  ),
  artifact: field(
    z
      .string()
      .refine(
        (text) => S3_URI_PATTERN.test(text) || (!text.includes("://") && RELATIVE_PATH_PATTERN.test(text)),
      )
      .meta({
        allowed: "s3://bucket/key, or a path inside the project",
        example: "s3://models/fraud/model.tar.gz",
      })
      .optional(),
    {
      description:
        "The trained model: an object in S3, or a local file or folder, which is packed and uploaded. " +
        "The container finds it under `/opt/ml/model`.",
    },
  ),
  optimize: field(z.strictObject({ neo: field(neo, NEO_META) }).optional(), {
    description:
      "What is made of the artifact before it is served: it makes one instance faster, and says nothing of how many there are.",
  }),
  server: field(
    z
      .strictObject({
        port: field(z.int().min(1).max(65535).default(8080), {
          description: "Port that the server listens on.",
        }),
        health: field(
          spelled(HTTP_PATH_PATTERN, { allowed: "an absolute path", example: "/ping" }).default("/ping"),
          {
            description: "Path that answers 200 once the model is loaded.",
          },
        ),
        invoke: field(
          spelled(HTTP_PATH_PATTERN, { allowed: "an absolute path", example: "/invocations" }).default(
            "/invocations",
          ),
          { description: "Path that takes a request by POST." },
        ),
        startup: field(duration({ min: Duration.seconds(1), max: Duration.seconds(3600) }).prefault("30s"), {
          description: "How long the server needs from its start until `health` answers 200; 1s to 1h.",
        }),
      })
      .prefault({}),
    { description: "The HTTP contract of the container. The defaults are what SageMaker demands." },
  ),
  environment: field(z.record(z.string().regex(VARIABLE_NAME_PATTERN), z.string().max(4096)).default({}), {
    description: "Environment variables of the container. No secrets here.",
  }),
  secrets: field(z.record(z.string().regex(VARIABLE_NAME_PATTERN), secretArn()).default({}), {
    description:
      "Environment variables whose values are secrets: the ARN of a Secrets Manager secret or SSM parameter. " +
      "Targets that cannot inject a value pass the ARN as `<NAME>_SECRET_ARN` and grant reading it.",
  }),
});

const resources = z.strictObject({
  cpu: field(z.number().min(0.125).max(448), { description: "vCPUs of one replica; 0.125 to 448." }),
  memory: field(size({ min: Size.mebibytes(128), max: Size.gibibytes(24576) }), {
    description: "Memory of one replica; 128Mi to 24Ti.",
  }),
  gpu: field(z.int().min(0).max(16).default(0), { description: "GPUs of one replica; 0 to 16." }),
  storage: field(size({ min: Size.mebibytes(512), max: Size.gibibytes(16384) }).optional(), {
    description: "Scratch storage of one replica; what the target gives by default where absent.",
  }),
  architecture: field(z.enum(ARCHITECTURES).default("x86_64"), {
    description: "CPU architecture of the image.",
    aliases: { amd64: "x86_64", x64: "x86_64", "x86-64": "x86_64", aarch64: "arm64", graviton: "arm64" },
  }),
});

const rate = () => z.number().min(0).max(10_000_000);

const workload = z.strictObject({
  requestsPerSecond: field(
    z
      .union([
        rate(),
        z.strictObject({
          average: field(rate(), { description: "Mean requests per second." }),
          peak: field(rate(), { description: "Highest requests per second; at least the average." }),
        }),
      ])
      .optional(),
    {
      description:
        "Load: one number, or average and peak. Exactly one of `requestsPerSecond`, `hourly`, `trace`.",
    },
  ),
  hourly: field(z.array(rate()).min(24).max(168).optional(), {
    description:
      "Load: requests per second by hour of the day (24 numbers) or of the week (168, from Monday 00:00).",
  }),
  trace: field(relativePath("traffic.csv").optional(), {
    description: "Load: a CSV file with the columns timestamp (ISO 8601 or seconds) and requests.",
  }),
  serviceTime: field(
    z
      .strictObject({
        p50: field(duration(), { description: "Median." }),
        p99: field(duration(), { description: "99th percentile; at least the median." }),
      })
      .optional(),
    { description: "Time that one request takes alone on one replica of `resources`." },
  ),
  concurrency: field(z.int().min(1).max(10_000).default(1), {
    description: "Requests that one replica works on at once.",
  }),
  payload: field(
    z
      .strictObject({
        request: field(size(), { description: "Size of a request's body." }),
        response: field(size(), { description: "Size of a response's body." }),
      })
      .optional(),
    { description: "Sizes of the bodies. Targets refuse what is over their limit." },
  ),
  slo: field(
    z
      .strictObject({
        p99: field(duration(), { description: "Latency that 99 % of the requests must stay below." }),
        errorRate: field(z.number().min(0).max(1).default(0.001), {
          description: "Share of requests that may fail; 0 to 1.",
        }),
      })
      .optional(),
    { description: "What the deployment must hold." },
  ),
  batch: field(
    z
      .strictObject({
        records: field(z.int().min(1).max(1e12), { description: "Records of one run." }),
        recordSize: field(size(), { description: "Size of one record." }),
        every: field(duration({ min: Duration.seconds(60) }), { description: "Time between runs." }),
      })
      .optional(),
    { description: "The load of a batch job." },
  ),
});

const cooldown = (fallback: string, text: string) =>
  field(duration({ min: Duration.seconds(1), max: Duration.seconds(86400) }).prefault(fallback), {
    description: text,
  });

const replicas = () => z.int().min(0).max(10_000);

const policy = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("target-tracking"),
    metric: field(z.enum(SCALING_METRICS), { description: "What is kept at the target." }),
    target: field(z.number().positive().max(1e9), {
      description:
        "Value to keep: percent for cpu, memory and provisioned-concurrency-utilization, per minute for invocations-per-instance, requests for concurrency.",
    }),
    scaleInCooldown: cooldown("5m", "Pause after replicas were removed."),
    scaleOutCooldown: cooldown("1m", "Pause after replicas were added."),
  }),
  z.strictObject({
    type: z.literal("step"),
    metric: field(z.enum(SCALING_METRICS), { description: "What the alarm watches." }),
    threshold: field(z.number().positive().max(1e9), { description: "Value at which the alarm fires." }),
    steps: field(
      z
        .array(
          z.strictObject({
            from: field(z.number(), { description: "Distance from the threshold where the step starts." }),
            to: field(z.number().optional(), { description: "Distance where it ends; open where absent." }),
            add: field(z.int().min(-1000).max(1000), { description: "Replicas to add; negative removes." }),
          }),
        )
        .min(1)
        .max(20),
      {
        description:
          "What to do by distance from the threshold. Removing steps lie below it (`to` at most 0).",
      },
    ),
    cooldown: cooldown("1m", "Pause after a step."),
  }),
  z.strictObject({
    type: z.literal("scheduled"),
    cron: field(
      z
        .string()
        .regex(AWS_CRON_PATTERN)
        .superRefine((text, context) => {
          const problem = AWS_CRON_PATTERN.test(text) ? cronProblem(text) : undefined;
          if (problem !== undefined)
            context.addIssue({ code: "custom", message: problem, params: { code: "FORMAT" } });
        })
        .meta({
          allowed: "six fields, as AWS writes them: minutes hours day-of-month month day-of-week year",
          example: "0 8 ? * MON-FRI *",
        }),
      {
        description: "When, as an AWS cron expression.",
      },
    ),
    timezone: field(
      z
        .string()
        .regex(TIMEZONE_PATTERN)
        .superRefine((name, context) => {
          if (TIMEZONE_PATTERN.test(name) && !isTimeZone(name))
            context.addIssue({ code: "custom", message: "is no time zone", params: { code: "FORMAT" } });
        })
        .meta({ allowed: "an IANA time zone", example: "Europe/Dublin" })
        .default("UTC"),
      {
        description: "Time zone of `cron`.",
      },
    ),
    min: field(replicas().optional(), { description: "Minimum from then on." }),
    max: field(replicas().optional(), { description: "Maximum from then on." }),
  }),
]);

const scaling = z.strictObject({
  min: field(replicas().default(1), { description: "Fewest replicas." }),
  max: field(replicas().optional(), { description: "Most replicas; `min` where absent." }),
  policies: field(z.array(policy).max(10).optional(), {
    description:
      "How to move between `min` and `max`. Where absent and `max` is above `min`, the target's own default policy applies.",
  }),
});

const rollout = z.strictObject({
  strategy: field(z.enum(ROLLOUT_STRATEGIES).optional(), {
    description: "How a new version takes over; the target's own default where absent.",
  }),
  step: field(z.int().min(1).max(100).default(10), {
    description: "Percent of traffic or capacity per step.",
  }),
  interval: field(duration({ min: Duration.seconds(60), max: Duration.seconds(172800) }).prefault("10m"), {
    description: "Time between steps.",
  }),
  rollback: field(z.boolean().default(true), { description: "Go back by itself when an alarm fires." }),
});

const HOSTNAME_PATTERN = /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;

const network = z.strictObject({
  vpcId: field(
    spelled(/^vpc-[0-9a-f]{8,17}$/, {
      allowed: "vpc- and 8 to 17 hex digits",
      example: "vpc-0a1b2c3d4e5f60718",
    }).optional(),
    {
      description: "An existing VPC. Where absent, targets that need one get it from the foundation stack.",
    },
  ),
  subnetIds: field(
    z
      .array(
        spelled(/^subnet-[0-9a-f]{8,17}$/, {
          allowed: "subnet- and 8 to 17 hex digits",
          example: "subnet-0a1b2c3d4e5f60718",
        }),
      )
      .min(1)
      .max(16)
      .optional(),
    {
      description:
        "Existing subnets of `vpcId`, in at least two availability zones. Private unless `public`.",
    },
  ),
  securityGroupIds: field(
    z
      .array(
        spelled(/^sg-[0-9a-f]{8,17}$/, {
          allowed: "sg- and 8 to 17 hex digits",
          example: "sg-0a1b2c3d4e5f60718",
        }),
      )
      .min(1)
      .max(5)
      .optional(),
    { description: "Existing security groups for the replicas." },
  ),
  availabilityZones: field(
    z
      .array(
        spelled(/^[a-z]{2}(?:-[a-z]+)+-\d[a-z]$/, {
          allowed: "an availability zone's name",
          example: "eu-west-1a",
        }),
      )
      .min(2)
      .max(6)
      .optional(),
    { description: "Zones of a network that is created; the region's first two where absent." },
  ),
  cidr: field(
    spelled(/^(?:10\.\d{1,3}|172\.(?:1[6-9]|2\d|3[01])|192\.168)(?:\.\d{1,3}){2}\/(?:1[6-9]|2[0-4])$/, {
      allowed: "a private IPv4 range of /16 to /24",
      example: "10.0.0.0/16",
    }).default("10.0.0.0/16"),
    {
      description: "Address range of a network that is created.",
    },
  ),
  internetAccess: field(z.boolean().default(false), {
    description:
      "Whether replicas in a created network reach the internet, through a NAT gateway. AWS services are reached through endpoints either way.",
  }),
  public: field(z.boolean().default(false), {
    description: "Whether the endpoint may be reached from the internet.",
  }),
  certificateArn: field(
    arn(
      "acm",
      "certificate/[A-Za-z0-9-]{1,64}",
      "arn:aws:acm:eu-west-1:123456789012:certificate/1234abcd-12ab-34cd-56ef-1234567890ab",
    ).optional(),
    {
      description: "ACM certificate of the load balancer; HTTPS needs it.",
    },
  ),
  domain: field(
    spelled(HOSTNAME_PATTERN, { allowed: "a host name", example: "fraud.example.com" }).optional(),
    {
      description: "Host name that the certificate covers; requests for others are refused.",
    },
  ),
});

const security = z.strictObject({
  kmsKeyArn: field(kmsKeyArn().optional(), {
    description: "KMS key for everything at rest; created where absent.",
  }),
  roleArn: field(iamRoleArn().optional(), {
    description: "IAM role that the model runs under; created where absent.",
  }),
  permissionsBoundaryArn: field(iamPolicyArn().optional(), {
    description: "Permissions boundary of every role that is created.",
  }),
  deletionProtection: field(z.boolean().default(true), {
    description:
      "Whether keys, buckets, registries, load balancers and clusters refuse to be destroyed. Apply `false` before a `destroy`.",
  }),
});

const registry = z.strictObject({
  repository: field(ecrRepository().optional(), {
    description:
      "An existing ECR repository that the image of `model.build` is pushed to, without tag or digest; created where absent. " +
      "For lambda and sagemaker-batch in the same region. Its own settings stay as they are: the policy of one in another " +
      "account must let the model's roles pull (ecr:BatchGetImage, ecr:GetDownloadUrlForLayer), and for lambda " +
      "lambda.amazonaws.com too; in the same account Lambda adds that itself, if the deployer may call " +
      "ecr:GetRepositoryPolicy and ecr:SetRepositoryPolicy.",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/images-create.html (permissions, 2026-11)",
  }),
});

const storage = z.strictObject({
  bucket: field(bucketName("acme-ml").optional(), {
    description:
      "An existing S3 bucket of the same account and region for local artifacts, what Neo compiles, captured data, and " +
      "requests and results of asynchronous endpoints, all below `<name>-<environment>/`; created where absent. Its " +
      "settings stay as they are: versions, lifecycle, public access and TLS are its owner's. Everything is written with " +
      "`security.kmsKeyArn` or the key that is created, whatever the bucket's default: where its policy demands a key, name " +
      "that one. What others put into it for the model (requests) must have that key too, or S3's own.",
    source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/specifying-kms-encryption.html (2026-11)",
  }),
  accessLogBucket: field(bucketName("acme-lb-logs").optional(), {
    description:
      "An existing S3 bucket of the same account and region for the access logs of load balancers and of a bucket that is " +
      "created; created where absent. Its default encryption must be SSE-S3, and its policy must let " +
      "logdelivery.elasticloadbalancing.amazonaws.com put objects below `alb/AWSLogs/<account>/`, and, where a bucket is " +
      "created, logging.s3.amazonaws.com below `s3/<name>-<environment>/`. How long logs are kept is its owner's matter.",
    source:
      "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html (2026-11)",
  }),
});

const observability = z.strictObject({
  logRetention: field(duration({ min: Duration.seconds(86400) }).prefault("365d"), {
    description: "How long logs are kept; one of the periods that CloudWatch Logs offers.",
    source:
      "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html (2026-08)",
  }),
  alarms: field(z.boolean().default(true), { description: "Whether to create alarms." }),
  dashboard: field(z.boolean().default(true), { description: "Whether to create a CloudWatch dashboard." }),
  dataCapture: field(percent().optional(), {
    description: "Percent of requests and responses that are written to S3; off where absent.",
  }),
  notify: field(arn("sns", "[A-Za-z0-9_-]{1,256}", "arn:aws:sns:eu-west-1:123456789012:oncall").optional(), {
    description: "SNS topic that alarms notify; created where absent.",
  }),
});

/** A policy's code, modelport's own or an organisation's. */
const POLICY_CODE_PATTERN = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/;

/** Four words or more: a reason that someone else can judge later. */
const REASON_PATTERN = /^(?=[^\n]{20,1000}$)\S+(?: +\S+){3,}$/;

const policies = z.strictObject({
  suppress: field(
    z
      .array(
        z.strictObject({
          code: field(
            spelled(POLICY_CODE_PATTERN, {
              allowed: "a policy's code: words of capital letters and digits, joined by _",
              example: "POLICY_CONTAINER_ROOT",
            }),
            { description: "The policy's code, as the message of the violation gives it." },
          ),
          address: field(
            spelled(/^[A-Za-z0-9_.*-]{1,256}$/, {
              allowed: "an address in Terraform, `*` standing for any text",
              example: "aws_s3_bucket.logs",
            }).optional(),
            { description: "What may break it, for example `aws_s3_bucket.*`; anything where absent." },
          ),
          reason: field(
            spelled(REASON_PATTERN, {
              allowed: "a sentence on one line: four words or more, 20 to 1000 characters",
              example: "the image starts as root and drops its rights before it serves",
            }),
            { description: "Why the exception stands: a sentence on one line, 20 to 1000 characters." },
          ),
        }),
      )
      .max(100)
      .default([]),
    {
      description:
        "Violations of policies that are let go; at most 100. They are counted and shown; one that nothing needs is warned of.",
    },
  ),
});

/**
 * The manifest, without the targets' own options: their schemas belong to the targets.
 * Types, JSON Schema, reference docs and defaults all derive from this.
 */
export const manifestSchema = z.strictObject({
  apiVersion: field(z.literal(API_VERSION), { description: "Version of the manifest format." }),
  name: field(
    spelled(NAME_PATTERN, {
      allowed:
        "3 to 32 lower-case letters, digits and hyphens, starting with a letter, ending with a letter or digit",
      example: "fraud-scorer",
    }),
    {
      description: "Root of every name that is created.",
    },
  ),
  description: field(z.string().max(256).optional(), {
    description: "What the model does, for tags and dashboards.",
  }),
  foundation: field(
    spelled(NAME_PATTERN, {
      allowed:
        "3 to 32 lower-case letters, digits and hyphens, starting with a letter, ending with a letter or digit",
      example: "risk-models",
    }).optional(),
    {
      description:
        "Name of a foundation that several models share: key, topic, buckets and network are created once, in the stack " +
        "`<foundation>-<environment>-foundation`. A run over a folder or a glob makes it, of what all its models need; a run " +
        "over one manifest leaves it as it is. Each model has its own where absent.",
    },
  ),
  region: field(
    spelled(/^[a-z]{2}(?:-[a-z]+){1,2}-\d$/, { allowed: "an AWS region", example: "eu-west-1" }).optional(),
    {
      description: "AWS region; decides the partition. Not needed for `docker` alone.",
    },
  ),
  account: field(
    spelled(/^\d{12}$/, { allowed: "12 digits, quoted", example: '"123456789012"' }).optional(),
    {
      description: "AWS account. Where given, Terraform refuses to run against any other.",
    },
  ),
  tags: field(
    z
      .record(
        spelled(TAG_KEY_PATTERN, {
          allowed: "1 to 128 letters, digits, spaces and _.:/=+-@, not starting with aws: or modelport:",
          example: "team",
        }),
        spelled(TAG_VALUE_PATTERN, {
          allowed: "up to 256 letters, digits, spaces and _.:/=+-@, not starting with aws:",
          example: "risk",
        }),
      )
      .default({}),
    { description: "Tags of every resource that can carry them." },
  ),
  model: field(model, { description: "The container and the trained model." }),
  resources: field(resources, { description: "What one replica needs." }),
  workload: field(workload.optional(), { description: "The load it must carry; `compare` works from it." }),
  scaling: field(scaling.prefault({}), {
    description: "Replicas: SageMaker instances, ECS tasks, pods; on Lambda, environments kept warm.",
  }),
  rollout: field(rollout.prefault({}), { description: "How a new version takes over." }),
  network: field(network.prefault({}), {
    description: "Where it runs. What exists is used, what is not given is created.",
  }),
  security: field(security.prefault({}), {
    description: "Keys and roles. What exists is used, what is not given is created.",
  }),
  registry: field(registry.prefault({}), {
    description: "Where built images are kept. What exists is used, what is not given is created.",
  }),
  storage: field(storage.prefault({}), {
    description: "Buckets. What exists is used, what is not given is created.",
  }),
  observability: field(observability.prefault({}), { description: "Logs, alarms, dashboard." }),
  policies: field(policies.prefault({}), {
    description: "Exceptions to the policies that plans and stacks are held to.",
  }),
  target: field(z.string().optional(), {
    description: "The chosen target; `--target` and `MODELPORT_TARGET` stand in for it.",
  }),
  targets: field(z.record(z.string(), z.unknown()).default({}), {
    description: "Each target's own options.",
  }),
  environments: field(
    z
      .record(
        spelled(ENVIRONMENT_NAME_PATTERN, {
          allowed: "1 to 16 lower-case letters, digits and single hyphens",
          example: "prod",
        }),
        z.unknown(),
      )
      .default({}),
    {
      description:
        "Overlays by environment, merged over all of the above: maps key by key, lists and values replaced, null removes. " +
        "Not on apiVersion, name, model.build, environments.",
    },
  ),
});

/** A manifest as it is written. */
export type ManifestInput = z.input<typeof manifestSchema>;

/** A manifest of one environment, with defaults applied and units parsed. */
export type Manifest = z.output<typeof manifestSchema>;

export type ScalingPolicy = NonNullable<Manifest["scaling"]["policies"]>[number];
