import { limit, type Limit } from "../../modules/aws/limits";
import { sageMakerInstances } from "../../modules/aws/instances";

const API = "SageMaker API model (botocore 1.44.5)";
const API_DATE = "2026-11-17";
const FAQ = "https://docs.aws.amazon.com/sagemaker/latest/dg/model-hosting-faqs.html";
const FAQ_DATE = "2026-07";
const SERVERLESS = "https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html";
const ROLLING = "https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-rolling.html";
const BLUE_GREEN = "https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green.html";
const EXCLUSIONS = "https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-exclusions.html";
const PROVIDER =
  "https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/sagemaker/endpoint.go";
const READ = "2026-11";

const ASYNC_INVOKE = "https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-invoke-endpoint.html";

const MEGABYTE = 1_000_000;

const hosting = sageMakerInstances().filter((instance) => instance.hosting);
const most = (value: (instance: (typeof hosting)[number]) => number) => Math.max(...hosting.map(value));

/** What SageMaker hosting allows, each figure with its source. */
export const LIMITS = {
  gpus: limit(
    most(({ gpus }) => gpus),
    "GPUs",
    `${API}, ProductionVariantInstanceType`,
    API_DATE,
  ),
  vcpus: limit(
    most(({ vcpu }) => vcpu),
    "vCPU",
    `${API}, ProductionVariantInstanceType`,
    API_DATE,
  ),
  memory: limit(
    most(({ memoryGiB }) => memoryGiB) * 1024,
    "MiB",
    `${API}, ProductionVariantInstanceType`,
    API_DATE,
  ),
  /** Volume of an instance without local NVMe. */
  volumeMin: limit(1, "GiB", `${API}, ProductionVariantVolumeSizeInGB`, API_DATE),
  volumeMax: limit(512, "GiB", `${API}, ProductionVariantVolumeSizeInGB`, API_DATE),
  payload: limit(25 * MEGABYTE, "bytes", FAQ, FAQ_DATE),
  payloadSdk: limit(
    6_291_456,
    "bytes",
    `${API}, InvokeEndpoint BodyBlob`,
    API_DATE,
    "SDKs and older documentation name 6 MiB, the hosting FAQ names 25 MB",
  ),
  requestSeconds: limit(60, "s", FAQ, FAQ_DATE),
  asyncInlineBytes: limit(128_000, "bytes", ASYNC_INVOKE, READ),
  minimumInstances: limit(
    1,
    "instances",
    "https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-zero-instances.html",
    READ,
    "a variant at zero instances cannot scale out again; use mode serverless or async to pay nothing when idle",
  ),
  startupSecondsMin: limit(60, "s", `${API}, ContainerStartupHealthCheckTimeoutInSeconds`, API_DATE),
  startupSecondsMax: limit(3600, "s", `${API}, ContainerStartupHealthCheckTimeoutInSeconds`, API_DATE),
  nameLength: limit(63, "characters", `${API}, EndpointName`, API_DATE),
  environmentEntries: limit(100, "entries", `${API}, EnvironmentMap`, API_DATE),
  environmentValue: limit(1024, "characters", `${API}, EnvironmentValue`, API_DATE),

  serverlessVcpus: limit(6, "vCPU", SERVERLESS, READ, "in proportion to memory, up to 6 at 6144 MB"),
  serverlessMemory: limit(6144, "MiB", `${API}, ServerlessMemorySizeInMB`, API_DATE),
  serverlessConcurrency: limit(200, "requests", `${API}, ServerlessMaxConcurrency`, API_DATE),
  serverlessStorage: limit(0, "GiB", SERVERLESS, READ, "5 GB that cannot be changed"),
  serverlessPayload: limit(
    4 * MEGABYTE,
    "bytes",
    "https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints-invoke.html",
    READ,
  ),
  serverlessGpus: limit(0, "GPUs", SERVERLESS, READ),
  serverlessStartupSeconds: limit(180, "s", SERVERLESS, READ),

  asyncPayload: limit(1_000_000_000, "bytes", FAQ, FAQ_DATE),
  asyncSeconds: limit(3600, "s", `${API}, InvocationTimeoutSeconds`, API_DATE),
  asyncMinimumInstances: limit(
    0,
    "instances",
    "https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-autoscale.html",
    READ,
  ),
  asyncConcurrency: limit(1000, "requests", `${API}, MaxConcurrentInvocationsPerInstance`, API_DATE),

  variantsMax: limit(10, "variants", `${API}, ProductionVariantList`, API_DATE),
  shadowsMax: limit(
    1,
    "variants",
    `${API}, CreateEndpointConfig ShadowProductionVariants`,
    API_DATE,
    "beside a shadow variant there is one production variant",
  ),
  shadowInf1: limit(
    0,
    "instances",
    "https://docs.aws.amazon.com/sagemaker/latest/dg/shadow-tests-exclusions.html",
    READ,
  ),
  rollingVariantsMax: limit(1, "variants", EXCLUSIONS, READ),
  guardedInf1: limit(0, "instances", EXCLUSIONS, READ),
  asyncInf1: limit(
    0,
    "instances",
    "https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference.html",
    READ,
    "refers to the exclusions of deployment guardrails",
  ),
  rollbackAlarmsMax: limit(10, "alarms", `${API}, AlarmList`, API_DATE),

  canaryMax: limit(50, "percent", BLUE_GREEN, READ),
  linearMin: limit(10, "percent", BLUE_GREEN, READ),
  linearMax: limit(50, "percent", BLUE_GREEN, READ),
  rollingMin: limit(5, "percent", ROLLING, READ),
  rollingMax: limit(50, "percent", ROLLING, READ),
  intervalSeconds: limit(3600, "s", `${API}, WaitIntervalInSeconds`, API_DATE),
  executionSecondsMax: limit(
    14_400,
    "s",
    PROVIDER,
    READ,
    "what the Terraform provider takes; SageMaker itself takes 28,800",
  ),
  /** Cannot be changed: the resource has no timeouts. */
  updateSeconds: limit(3_600, "s", PROVIDER, READ, "the Terraform provider waits no longer for an endpoint"),
} as const;

/** Memory sizes of serverless inference, in MiB (SageMaker API model, ServerlessMemorySizeInMB, 2026-11-17). */
export const SERVERLESS_MEMORY = [1024, 2048, 3072, 4096, 5120, 6144] as const;

/** What is allowed, as a message shows it: the figure, and where it stands. */
export function sourced(text: string, { source, asOf }: Limit): string {
  return `${text} (${source}, ${asOf})`;
}
