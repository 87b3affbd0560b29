import type { Figure } from "../../modules/compare/target-comparison";

const CACHING =
  "AWS Machine Learning Blog, Introducing container caching in Amazon SageMaker AI: Qwen3-8B on ml.g6.2xlarge, an image of 17.7 GB";
const CACHING_DATE = "2026-06-17";
const READ = "2026-11-23";

/** Measurements of SageMaker endpoints that capacities rest on, each with its source. */
export const FIGURES = {
  /** A new instance with accelerators; SageMaker caches the image there by itself. */
  startCached: figure("start-up of an instance, image cached", 258, "s", CACHING, CACHING_DATE, "high"),
  /** The same where the image is not in the cache: the pull alone takes 333 s. */
  startUncached: figure("start-up of an instance, image pulled", 525, "s", CACHING, CACHING_DATE, "high"),
  /** 258 s less 77 s of loading the model. */
  provisionCached: figure(
    "start-up of an instance, image cached, less loading the model",
    181,
    "s",
    `${CACHING}: 258 s less 77 s`,
    CACHING_DATE,
    "medium",
  ),
  /** 525 s less 333 s of pulling the image. */
  provisionUncached: figure(
    "start-up of an instance, less pulling the image",
    192,
    "s",
    `${CACHING}: 525 s less 333 s`,
    CACHING_DATE,
    "medium",
  ),
  /** The end of 3 to 5 minutes; AWS itself says "several minutes". */
  startCpu: figure(
    "start-up of an instance without accelerators",
    300,
    "s",
    "https://theneuralbase.com/aws-sagemaker/learn/advanced/endpoint-auto-scaling-for-cost/ (3 to 5 minutes, third party); AWS measured accelerators only",
    READ,
    "low",
  ),
  overhead: figure(
    "overhead of the endpoint",
    0,
    "ms",
    "AWS publishes no figure for OverheadLatency; CloudWatch shows your own (https://repost.aws/knowledge-center/sagemaker-endpoint-latency)",
    READ,
    "low",
  ),
  /** The end of 1 to 5 seconds. */
  serverlessColdStart: figure(
    "cold start",
    5,
    "s",
    "https://www.wring.co/blog/aws-sagemaker-inference-guide (1 to 5 s, third party)",
    "2026-01-01",
    "low",
  ),
  serverlessKeepAlive: figure(
    "time that an idle environment is kept",
    300,
    "s",
    "https://github.com/aws/sagemaker-python-sdk/issues/3446 (about 5 minutes, as of Lambda; not set by anybody)",
    "2022-12-20",
    "low",
  ),
  /** SageMaker publishes none; the service is built on Lambda, whose figure this is. */
  serverlessProvisioning: figure(
    "start-up of provisioned concurrency",
    120,
    "s",
    "AWS documentation on Lambda's provisioned concurrency, 1 to 2 minutes; SageMaker, which is built on it, gives none",
    "2024-01-01",
    "low",
  ),
  serverlessVcpuPerGib: figure(
    "vCPU for each GiB of memory",
    1,
    "vCPU",
    "https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html: in proportion to memory, up to 6 at 6144 MB",
    READ,
    "medium",
  ),
} as const;

/**
 * How target tracking watches a metric: alarms of Application Auto Scaling, as they were seen on Amazon ECS and are taken to
 * be here. AWS documents no number. Confidence: medium.
 * @see AWS's Fargate workshop, "Lab 3: Scaling and Security" (2020-04-10): "> 30 for 3 datapoints within 3 minutes",
 * "< 27 for 15 datapoints within 15 minutes"
 */
export const TRACKING = { periodSeconds: 60, scaleOutPeriods: 3, scaleInPeriods: 15 } as const;

/**
 * The same on a metric of 10 seconds. That there are such metrics is AWS's own
 * (https://aws.amazon.com/blogs/machine-learning/amazon-sagemaker-inference-launches-faster-auto-scaling-for-generative-ai-models,
 * 2024-07-25); the numbers of periods, three up and the usual 15 minutes down, are an assumption of low confidence.
 */
export const TRACKING_HIGH_RESOLUTION = {
  periodSeconds: 10,
  scaleOutPeriods: 3,
  scaleInPeriods: 90,
} as const;

/** The alarms that the stack makes for a step policy: see `modules/scaling/application-auto-scaling.ts`. */
export const STEPS = { periodSeconds: 60, scaleOutPeriods: 2, scaleInPeriods: 15 } as const;

/** Two periods of a minute: the alarm that starts the first instance of an asynchronous endpoint, see `scaling.ts`. */
export const WAKE_SECONDS = 120;

/**
 * The volume that SageMaker attaches where no size is given: half of the memory in GB, at most 30; 30 with a GPU.
 * So in the table that AWS printed for t2, m4, m5, c4, c5, p2 and p3, with one exception, ml.c4.large (an early revision
 * of host-instance-storage.md in awsdocs/amazon-sagemaker-developer-guide); the page of today refers to a table elsewhere.
 */
export const DEFAULT_VOLUME = { perGibOfMemory: 0.5, most: 30, withGpu: 30 } as const;

/** Alarms that Application Auto Scaling makes for a target-tracking policy: one upwards, one downwards. */
export const ALARMS_OF_TRACKING = 2;

function figure(
  name: string,
  value: number,
  unit: string,
  source: string,
  asOf: string,
  confidence: Figure["confidence"],
): Figure {
  return { name, value, unit, source, asOf, confidence };
}
