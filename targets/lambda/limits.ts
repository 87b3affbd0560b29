import { limit } from "../../modules/aws/limits";

const QUOTAS = "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html";
const QUOTAS_DATE = "2026-08";
const API = "Lambda API model (botocore 1.44.5)";
const API_DATE = "2026-11-17";
const LIFECYCLE = "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html";
const AUTO_SCALING = "Application Auto Scaling API model (botocore 1.44.5)";
const CODE_DEPLOY_QUOTAS = "https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html";
const READ = "2026-11-23";

/** What Lambda allows, each figure with its source. */
export const LIMITS = {
  memoryMin: limit(128, "MiB", QUOTAS, QUOTAS_DATE),
  memoryMax: limit(10_240, "MiB", QUOTAS, QUOTAS_DATE),
  memoryPerVcpu: limit(1_769, "MiB per vCPU", QUOTAS, QUOTAS_DATE, "CPU comes in proportion to memory"),
  /** 10,240 MiB over 1,769 MiB, rounded down to three digits. */
  vcpus: limit(5.788, "vCPU", QUOTAS, QUOTAS_DATE, "10,240 MB at 1,769 MB for each vCPU"),
  gpus: limit(0, "GPUs", `${API}, AcceleratorConfig`, API_DATE, "only Lambda Managed Instances have GPUs"),
  storageMin: limit(512, "MiB", QUOTAS, QUOTAS_DATE),
  storageMax: limit(10, "GiB", QUOTAS, QUOTAS_DATE),
  payload: limit(
    6_291_456,
    "bytes",
    QUOTAS,
    QUOTAS_DATE,
    "the event as Lambda sees it, JSON around the body",
  ),
  /** Three quarters of {@link LIMITS.payload}: base64 makes four bytes of three. */
  payloadBinary: limit(
    4_718_592,
    "bytes",
    QUOTAS,
    QUOTAS_DATE,
    "through a function URL a binary body counts base64-encoded",
  ),
  timeoutMin: limit(1, "s", `${API}, Timeout`, API_DATE),
  timeoutMax: limit(900, "s", QUOTAS, QUOTAS_DATE),
  /** After it Lambda starts over within the first invocation. */
  initSeconds: limit(10, "s", LIFECYCLE, READ),
  /** Or the function's timeout, whichever is longer. */
  provisionedInitSeconds: limit(130, "s", LIFECYCLE, READ),
  variableBytes: limit(4_096, "bytes", QUOTAS, QUOTAS_DATE, "names and values together, written as JSON"),
  imageBytes: limit(10 * 2 ** 30, "bytes", QUOTAS, QUOTAS_DATE, "uncompressed, all layers together"),
  functionName: limit(64, "characters", `${API}, FunctionName`, API_DATE),
  requestsPerEnvironment: limit(1, "requests", LIFECYCLE, READ),
  accountConcurrency: limit(
    1_000,
    "environments",
    QUOTAS,
    QUOTAS_DATE,
    "a default that can be raised; new accounts start lower",
  ),
  unreservedConcurrency: limit(100, "environments", `${API}, PutFunctionConcurrency`, API_DATE),
  /** Of a canary or linear release; CodeDeploy counts in whole minutes. */
  shiftMinutes: limit(
    2_880,
    "min",
    CODE_DEPLOY_QUOTAS,
    READ,
    "between the first and the last shift of traffic; cannot be raised",
  ),
  shiftPercent: limit(99, "percent", CODE_DEPLOY_QUOTAS, READ, "of the traffic in one increment"),
  codeDeployName: limit(
    100,
    "characters",
    "CodeDeploy API model (botocore 1.44.5), ApplicationName, DeploymentConfigName",
    API_DATE,
  ),
  /** Provisioned concurrency may be scaled down to nothing. */
  scalingMinimum: limit(0, "environments", `${AUTO_SCALING}, MinCapacity`, API_DATE),
  utilizationMin: limit(
    10,
    "percent",
    "https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_lambda.IScalableFunctionAttribute.html",
    READ,
  ),
  utilizationMax: limit(
    90,
    "percent",
    "https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_lambda.IScalableFunctionAttribute.html",
    READ,
  ),
} as const;

/**
 * Names that Lambda sets itself and refuses in a function's configuration.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html (read 2026-11-23)
 */
export const RESERVED_VARIABLES: ReadonlySet<string> = new Set([
  "_HANDLER",
  "_X_AMZN_TRACE_ID",
  "AWS_ACCESS_KEY",
  "AWS_ACCESS_KEY_ID",
  "AWS_DEFAULT_REGION",
  "AWS_EXECUTION_ENV",
  "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
  "AWS_LAMBDA_FUNCTION_NAME",
  "AWS_LAMBDA_FUNCTION_VERSION",
  "AWS_LAMBDA_INITIALIZATION_TYPE",
  "AWS_LAMBDA_LOG_GROUP_NAME",
  "AWS_LAMBDA_LOG_STREAM_NAME",
  "AWS_LAMBDA_RUNTIME_API",
  "AWS_REGION",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "LAMBDA_RUNTIME_DIR",
  "LAMBDA_TASK_ROOT",
]);

/** What Lambda takes as a variable's name (Lambda API model, EnvironmentVariableName, 2026-11-17). */
export const VARIABLE_NAME = /^[a-zA-Z][a-zA-Z0-9_]+$/;

/**
 * Deployment configurations that every account has, for 10 percent at a time: minutes between shifts, by strategy. All
 * others have to be made, and an account may make 50 of them (CodeDeploy quotas, 2026-11-23).
 * @see https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html (read 2026-11-23)
 */
export const PREDEFINED_ROLLOUTS = {
  percent: 10,
  canary: new Map([
    [5, "CodeDeployDefault.LambdaCanary10Percent5Minutes"],
    [10, "CodeDeployDefault.LambdaCanary10Percent10Minutes"],
    [15, "CodeDeployDefault.LambdaCanary10Percent15Minutes"],
    [30, "CodeDeployDefault.LambdaCanary10Percent30Minutes"],
  ]) as ReadonlyMap<number, string>,
  linear: new Map([
    [1, "CodeDeployDefault.LambdaLinear10PercentEvery1Minute"],
    [2, "CodeDeployDefault.LambdaLinear10PercentEvery2Minutes"],
    [3, "CodeDeployDefault.LambdaLinear10PercentEvery3Minutes"],
    [10, "CodeDeployDefault.LambdaLinear10PercentEvery10Minutes"],
  ]) as ReadonlyMap<number, string>,
} as const;

/** Regions without function URLs. */
export const WITHOUT_FUNCTION_URL = {
  regions: [
    "ap-east-2",
    "ap-south-2",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-west-1",
    "eu-central-2",
    "eu-south-2",
    "il-central-1",
    "me-central-1",
  ] as readonly string[],
  source: "https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html",
  asOf: READ,
} as const;
