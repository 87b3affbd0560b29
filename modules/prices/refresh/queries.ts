import { type FixedKey, priceKey, type PriceKey, type ServerlessMemory, type ServiceId } from "../items";
import type { Product } from "./price-list";

/** What to ask of the AWS Price List for a service, and which products are ours. */
export interface PriceQuery {
  readonly service: ServiceId;
  readonly serviceCode: string;
  /** Attributes that products must have, besides the region. */
  readonly filters: Readonly<Record<string, string>>;
  /** The attribute that holds the region. Default: `regionCode`. */
  readonly regionField?: string;
  /** The key of a product; `undefined` for the many that the book does not have. */
  readonly keyOf: (product: Product, region: string) => PriceKey | undefined;
}

/**
 * A usage type without the prefix of its region (`EU-`, `USE1-`, or none in us-east-1 for old services). Other prefixes
 * stay, because they are other things: `TS-LoadBalancerUsage`, `EUW2-Outposts-LoadBalancerUsage`.
 */
export function withoutRegion(usageType: string): string {
  return usageType.replace(/^(?:EU|[A-Z]{3,4}\d+)-/, "");
}

const byUsage =
  (keys: Readonly<Record<string, FixedKey | undefined>>, family?: RegExp): PriceQuery["keyOf"] =>
  ({ attributes: { usagetype = "" }, family: own }) => {
    const usage = withoutRegion(usagetype);
    return Object.hasOwn(keys, usage) && (family === undefined || family.test(own)) ? keys[usage] : undefined;
  };

const LAMBDA_GROUPS: Readonly<Record<string, FixedKey | undefined>> = {
  "AWS-Lambda-Requests": "lambda/requests/x86_64",
  "AWS-Lambda-Requests-ARM": "lambda/requests/arm64",
  "AWS-Lambda-Duration": "lambda/duration/x86_64",
  "AWS-Lambda-Duration-ARM": "lambda/duration/arm64",
  "AWS-Lambda-Storage-Duration": "lambda/ephemeral-storage/x86_64",
  "AWS-Lambda-Storage-Duration-ARM": "lambda/ephemeral-storage/arm64",
  "AWS-Lambda-Provisioned-Concurrency": "lambda/provisioned-concurrency/x86_64",
  "AWS-Lambda-Provisioned-Concurrency-ARM": "lambda/provisioned-concurrency/arm64",
  "AWS-Lambda-Duration-Provisioned": "lambda/provisioned-duration/x86_64",
  "AWS-Lambda-Duration-Provisioned-ARM": "lambda/provisioned-duration/arm64",
};

function lambdaKey({ attributes: { group = "", groupDescription = "" } }: Product): PriceKey | undefined {
  if (/free tier/i.test(groupDescription)) return undefined;
  return Object.hasOwn(LAMBDA_GROUPS, group) ? LAMBDA_GROUPS[group] : undefined;
}

const SAGEMAKER_INSTANCES = { Host: "hosting", AsyncInf: "async", Tsform: "transform" } as const;

function sageMakerKey({ attributes: { usagetype = "" } }: Product): PriceKey | undefined {
  const usage = withoutRegion(usagetype);
  const [, kind, type] = /^(Host|AsyncInf|Tsform):(ml\.[a-z0-9-]+\.[a-z0-9-]+)$/.exec(usage) ?? [];
  if (type !== undefined && (kind === "Host" || kind === "AsyncInf" || kind === "Tsform"))
    return priceKey.sageMakerInstance(type, SAGEMAKER_INSTANCES[kind]);
  const [, what, size] =
    /^(ServerlessInf:Mem|ProvisionedConcurrency:Usage|ProvisionedConcurrency:Mem)-([1-6])GB$/.exec(usage) ??
    [];
  if (size !== undefined) {
    const memory = Number(size) as ServerlessMemory;
    if (what === "ServerlessInf:Mem") return priceKey.serverless(memory);
    return what === "ProvisionedConcurrency:Usage"
      ? priceKey.serverlessProvisioned(memory)
      : priceKey.serverlessProvisionedDuration(memory);
  }
  if (usage === "Host:VolumeUsage.gp2") return "sagemaker/storage";
  if (usage === "Hst:Data-Bytes-In") return "sagemaker/data-in";
  return usage === "Hst:Data-Bytes-Out" ? "sagemaker/data-out" : undefined;
}

function kmsKey({ attributes: { usagetype } }: Product, region: string): PriceKey | undefined {
  if (usagetype === `${region}-KMS-Keys`) return "kms/key";
  return usagetype === `${region}-KMS-Requests` ? "kms/requests" : undefined;
}

function transferKey({ attributes }: Product): PriceKey | undefined {
  const { usagetype = "", transferType, toLocation } = attributes;
  const usage = withoutRegion(usagetype);
  if (usage === "DataTransfer-Out-Bytes" && transferType === "AWS Outbound" && toLocation === "External")
    return "transfer/internet-out";
  return usage === "DataTransfer-Regional-Bytes" && transferType === "IntraRegion"
    ? "transfer/between-zones"
    : undefined;
}

/**
 * The queries, by service. Usage types and attributes as in the AWS Price List's own rows (quoted in public sources of
 * 2024 to 2026) and in infracost's internal/resources/aws; free tiers (`Global-...`) have no region and do not come up.
 */
export const PRICE_QUERIES: readonly PriceQuery[] = [
  {
    service: "cloudwatch",
    serviceCode: "AmazonCloudWatch",
    filters: {},
    keyOf: byUsage({
      "CW:AlarmMonitorUsage": "cloudwatch/alarm",
      "CW:HighResAlarmMonitorUsage": "cloudwatch/alarm-high-resolution",
      "CW:MetricMonitorUsage": "cloudwatch/custom-metric",
      "DataProcessing-Bytes": "cloudwatch/log-ingestion",
      "TimedStorage-ByteHrs": "cloudwatch/log-storage",
    }),
  },
  {
    service: "ebs",
    serviceCode: "AmazonEC2",
    filters: { productFamily: "Storage" },
    keyOf: byUsage({ "EBS:VolumeUsage.gp2": "ebs/gp2", "EBS:VolumeUsage.gp3": "ebs/gp3" }),
  },
  {
    service: "ec2",
    serviceCode: "AmazonEC2",
    filters: {
      operatingSystem: "Linux",
      tenancy: "Shared",
      preInstalledSw: "NA",
      capacitystatus: "Used",
      operation: "RunInstances",
      marketoption: "OnDemand",
    },
    keyOf: ({ attributes: { usagetype = "", instanceType } }) =>
      instanceType !== undefined &&
      /^BoxUsage(?::|$)/.test(withoutRegion(usagetype)) &&
      instanceType.includes(".")
        ? priceKey.ec2Instance(instanceType)
        : undefined,
  },
  {
    service: "ecr",
    serviceCode: "AmazonECR",
    filters: {},
    keyOf: byUsage({ "TimedStorage-ByteHrs": "ecr/storage" }),
  },
  {
    service: "eks",
    serviceCode: "AmazonEKS",
    filters: {},
    keyOf: byUsage({
      "AmazonEKS-Hours:perCluster": "eks/cluster",
      "AmazonEKS-Hours:extendedSupport": "eks/extended-support",
    }),
  },
  {
    service: "elb",
    serviceCode: "AWSELB",
    filters: { productFamily: "Load Balancer-Application" },
    keyOf: byUsage({ LoadBalancerUsage: "elb/alb-hour", LCUUsage: "elb/alb-lcu" }),
  },
  {
    service: "elb",
    serviceCode: "AWSELB",
    filters: { productFamily: "Load Balancer-Network" },
    keyOf: byUsage({ LoadBalancerUsage: "elb/nlb-hour", LCUUsage: "elb/nlb-lcu" }),
  },
  {
    service: "fargate",
    serviceCode: "AmazonECS",
    filters: { productFamily: "Compute" },
    keyOf: byUsage({
      "Fargate-vCPU-Hours:perCPU": "fargate/vcpu/x86_64",
      "Fargate-GB-Hours": "fargate/memory/x86_64",
      "Fargate-ARM-vCPU-Hours:perCPU": "fargate/vcpu/arm64",
      "Fargate-ARM-GB-Hours": "fargate/memory/arm64",
      "Fargate-EphemeralStorage-GB-Hours": "fargate/ephemeral-storage",
      "SpotUsage-Fargate-vCPU-Hours:perCPU": "fargate/spot-vcpu/x86_64",
      "SpotUsage-Fargate-GB-Hours": "fargate/spot-memory/x86_64",
      "SpotUsage-Fargate-ARM-vCPU-Hours:perCPU": "fargate/spot-vcpu/arm64",
      "SpotUsage-Fargate-ARM-GB-Hours": "fargate/spot-memory/arm64",
    }),
  },
  { service: "kms", serviceCode: "awskms", filters: {}, keyOf: kmsKey },
  { service: "lambda", serviceCode: "AWSLambda", filters: { productFamily: "Serverless" }, keyOf: lambdaKey },
  {
    service: "s3",
    serviceCode: "AmazonS3",
    filters: {},
    keyOf: byUsage({
      "TimedStorage-ByteHrs": "s3/storage",
      "Requests-Tier1": "s3/put-requests",
      "Requests-Tier2": "s3/get-requests",
    }),
  },
  { service: "sagemaker", serviceCode: "AmazonSageMaker", filters: {}, keyOf: sageMakerKey },
  {
    service: "scheduler",
    serviceCode: "AWSEvents",
    filters: {},
    keyOf: byUsage({ ScheduledInvocation: "scheduler/invocations" }),
  },
  {
    service: "secrets",
    serviceCode: "AWSSecretsManager",
    filters: {},
    keyOf: byUsage({
      "AWSSecretsManager-Secrets": "secrets/secret",
      // Two public quotes of the list spell it differently.
      "AWSSecretsManager-APIRequests": "secrets/requests",
      AWSSecretsManagerAPIRequest: "secrets/requests",
    }),
  },
  {
    service: "sns",
    serviceCode: "AmazonSNS",
    filters: {},
    keyOf: byUsage({ "Requests-Tier1": "sns/requests", "DeliveryAttempts-SMTP": "sns/email" }),
  },
  {
    service: "states",
    serviceCode: "AmazonStates",
    filters: {},
    keyOf: byUsage({ StateTransition: "states/transitions" }),
  },
  {
    service: "transfer",
    serviceCode: "AWSDataTransfer",
    filters: {},
    regionField: "fromRegionCode",
    keyOf: transferKey,
  },
  {
    service: "vpc",
    serviceCode: "AmazonEC2",
    filters: { productFamily: "NAT Gateway" },
    keyOf: byUsage({ "NatGateway-Hours": "vpc/nat-hour", "NatGateway-Bytes": "vpc/nat-data" }),
  },
  {
    service: "vpc",
    serviceCode: "AmazonVPC",
    filters: {},
    keyOf: byUsage({
      "VpcEndpoint-Hours": "vpc/interface-endpoint-hour",
      "VpcEndpoint-Bytes": "vpc/interface-endpoint-data",
      "PublicIPv4:InUseAddress": "vpc/public-ipv4",
    }),
  },
  {
    service: "xray",
    serviceCode: "AWSXRay",
    filters: {},
    keyOf: byUsage({ "XRay-TracesStored": "xray/traces" }),
  },
];
