import { sageMakerInstances } from "../../modules/aws/instances";
import { limit } from "../../modules/aws/limits";

const API = "SageMaker API model (botocore 1.44.5)";
const API_DATE = "2026-11-17";
const READ = "2026-11";

const transform = sageMakerInstances().filter((instance) => instance.transform);
const most = (value: (instance: (typeof transform)[number]) => number) => Math.max(...transform.map(value));

/** What batch transform and the services around it allow, each figure with its source. */
export const LIMITS = {
  gpus: limit(
    most(({ gpus }) => gpus),
    "GPUs",
    `${API}, TransformInstanceType`,
    API_DATE,
  ),
  vcpus: limit(
    most(({ vcpu }) => vcpu),
    "vCPU",
    `${API}, TransformInstanceType`,
    API_DATE,
  ),
  memory: limit(most(({ memoryGiB }) => memoryGiB) * 1024, "MiB", `${API}, TransformInstanceType`, API_DATE),
  storage: limit(0, "GiB", `${API}, TransformResources has no volume size`, API_DATE),
  instancesMin: limit(1, "instances", `${API}, TransformInstanceCount`, API_DATE),
  instancesMax: limit(
    100,
    "instances",
    `${API}, TransformInstanceCount`,
    API_DATE,
    "account quotas are lower",
  ),
  minimum: limit(0, "instances", `${API}, TransformResources: instances exist for the job only`, API_DATE),
  /** Also the most that `maxConcurrentTransforms` times `maxPayload` may be. */
  payloadMb: limit(100, "MB", `${API}, MaxPayloadInMB`, API_DATE),
  payload: limit(100 * 2 ** 20, "bytes", `${API}, MaxPayloadInMB`, API_DATE),
  response: limit(
    5 * 2 ** 40,
    "bytes",
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html",
    READ,
    "batch transform states no limit of its own; results become S3 objects",
  ),
  invocationSeconds: limit(3600, "s", `${API}, InvocationsTimeoutInSeconds`, API_DATE),
  invocationRetries: limit(3, "retries", `${API}, InvocationsMaxRetries`, API_DATE),
  environmentEntries: limit(100, "entries", `${API}, EnvironmentMap`, API_DATE),
  environmentValue: limit(1024, "characters", `${API}, EnvironmentValue`, API_DATE),
  modelName: limit(63, "characters", `${API}, ModelName`, API_DATE),
  jobName: limit(63, "characters", `${API}, TransformJobName`, API_DATE),
  jsonPath: limit(63, "characters", `${API}, JsonPath`, API_DATE),
  scheduleName: limit(64, "characters", "EventBridge Scheduler API model (botocore 1.43.11), Name", READ),
  ruleName: limit(
    64,
    "characters",
    "https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html",
    READ,
  ),
  queueName: limit(
    80,
    "characters",
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html",
    READ,
  ),
} as const;
