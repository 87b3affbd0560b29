import { sageMakerInstances, ec2Instances, type Architecture } from "../aws/instances";

/** What a price is for one of. A price is always for one unit, as the AWS Price List has it, never for a thousand. */
export type Unit =
  | "address-hour"
  | "alarm-month"
  | "cluster-hour"
  | "dashboard-month"
  | "email"
  | "endpoint-hour"
  | "gateway-hour"
  | "GB"
  | "GB-hour"
  | "GB-month"
  | "GB-second"
  | "hour"
  | "instance-hour"
  | "invocation"
  | "key-month"
  | "LCU-hour"
  | "metric-month"
  | "request"
  | "second"
  | "secret-month"
  | "trace"
  | "transition"
  | "vCPU-hour";

/** Something that AWS bills. */
export interface PriceItem {
  /** What it is, in words. */
  readonly title: string;
  readonly unit: Unit;
  /** Bounds in USD for one unit in any region; a price outside of them is a mistake, not an expensive region. */
  readonly bounds: readonly [number, number];
}

/** The services whose prices the book has, by the first part of their keys. */
export const SERVICES = {
  cloudwatch: "CloudWatch",
  ebs: "EBS volumes",
  ec2: "EC2 instances (EKS nodes)",
  ecr: "ECR",
  eks: "EKS",
  elb: "Elastic Load Balancing",
  fargate: "ECS on Fargate",
  kms: "KMS",
  lambda: "Lambda",
  s3: "S3",
  sagemaker: "SageMaker",
  scheduler: "EventBridge Scheduler",
  secrets: "Secrets Manager",
  sns: "SNS",
  states: "Step Functions",
  transfer: "Data transfer",
  vpc: "NAT gateways, endpoints, IPv4",
  xray: "X-Ray",
} as const;

export type ServiceId = keyof typeof SERVICES;

const item = (title: string, unit: Unit, lowest: number, highest: number): PriceItem => ({
  title,
  unit,
  bounds: [lowest, highest],
});

/** Everything with one price in a region, i.e. all but the instance types. */
const ITEMS = {
  "cloudwatch/alarm": item("alarm, a metric at standard resolution", "alarm-month", 0.05, 0.3),
  "cloudwatch/alarm-high-resolution": item("alarm, a metric at high resolution", "alarm-month", 0.1, 1),
  "cloudwatch/custom-metric": item("custom metric", "metric-month", 0.01, 1),
  "cloudwatch/dashboard": item("dashboard", "dashboard-month", 1, 10),
  "cloudwatch/log-ingestion": item("logs ingested, standard class", "GB", 0.2, 1.5),
  "cloudwatch/log-storage": item("logs stored, compressed", "GB-month", 0.01, 0.1),
  "ebs/gp2": item("gp2 volume", "GB-month", 0.05, 0.4),
  "ebs/gp3": item("gp3 volume", "GB-month", 0.04, 0.3),
  "ecr/storage": item("images stored, private", "GB-month", 0.05, 0.3),
  "eks/cluster": item("control plane", "cluster-hour", 0.05, 0.3),
  "eks/extended-support": item("control plane, on top in extended support", "cluster-hour", 0.2, 1.5),
  "elb/alb-hour": item("application load balancer", "hour", 0.01, 0.1),
  "elb/alb-lcu": item("application load balancer, capacity", "LCU-hour", 0.004, 0.03),
  "elb/nlb-hour": item("network load balancer", "hour", 0.01, 0.1),
  "elb/nlb-lcu": item("network load balancer, capacity", "LCU-hour", 0.003, 0.03),
  "fargate/ephemeral-storage": item("ephemeral storage above 20 GB", "GB-hour", 0.00005, 0.0005),
  "fargate/memory/arm64": item("memory, arm64", "GB-hour", 0.001, 0.02),
  "fargate/memory/x86_64": item("memory, x86_64", "GB-hour", 0.002, 0.02),
  "fargate/spot-memory/arm64": item("memory, Spot, arm64", "GB-hour", 0.0002, 0.02),
  "fargate/spot-memory/x86_64": item("memory, Spot, x86_64", "GB-hour", 0.0002, 0.02),
  "fargate/spot-vcpu/arm64": item("vCPU, Spot, arm64", "vCPU-hour", 0.002, 0.2),
  "fargate/spot-vcpu/x86_64": item("vCPU, Spot, x86_64", "vCPU-hour", 0.002, 0.2),
  "fargate/vcpu/arm64": item("vCPU, arm64", "vCPU-hour", 0.01, 0.2),
  "fargate/vcpu/x86_64": item("vCPU, x86_64", "vCPU-hour", 0.02, 0.2),
  "kms/key": item("customer managed key", "key-month", 0.5, 5),
  "kms/requests": item("requests with a symmetric key", "request", 1e-6, 1e-5),
  "lambda/duration/arm64": item("duration, arm64", "GB-second", 5e-6, 5e-5),
  "lambda/duration/x86_64": item("duration, x86_64", "GB-second", 5e-6, 5e-5),
  "lambda/ephemeral-storage/arm64": item("ephemeral storage above 512 MB, arm64", "GB-second", 1e-8, 2e-7),
  "lambda/ephemeral-storage/x86_64": item("ephemeral storage above 512 MB, x86_64", "GB-second", 1e-8, 2e-7),
  "lambda/provisioned-concurrency/arm64": item("provisioned concurrency, arm64", "GB-second", 1e-6, 2e-5),
  "lambda/provisioned-concurrency/x86_64": item("provisioned concurrency, x86_64", "GB-second", 1e-6, 2e-5),
  "lambda/provisioned-duration/arm64": item("duration while provisioned, arm64", "GB-second", 3e-6, 5e-5),
  "lambda/provisioned-duration/x86_64": item("duration while provisioned, x86_64", "GB-second", 3e-6, 5e-5),
  "lambda/requests/arm64": item("requests, arm64", "request", 1e-7, 1e-6),
  "lambda/requests/x86_64": item("requests, x86_64", "request", 1e-7, 1e-6),
  "s3/get-requests": item("GET and other requests, Standard", "request", 1e-7, 2e-6),
  "s3/put-requests": item("PUT, COPY, POST and LIST requests, Standard", "request", 2e-6, 2e-5),
  "s3/storage": item("storage, Standard", "GB-month", 0.01, 0.1),
  "sagemaker/data-in": item("data processed by endpoints, in", "GB", 0.005, 0.1),
  "sagemaker/data-out": item("data processed by endpoints, out", "GB", 0.005, 0.1),
  ...memorySizes("sagemaker/serverless", "serverless inference", 1e-5),
  ...memorySizes("sagemaker/serverless-pc", "serverless provisioned concurrency", 2e-6),
  ...memorySizes("sagemaker/serverless-pc-duration", "serverless inference while provisioned", 5e-6),
  "sagemaker/storage": item("endpoint volume, gp2", "GB-month", 0.05, 0.5),
  "scheduler/invocations": item("scheduled invocations", "invocation", 5e-7, 5e-6),
  "secrets/requests": item("requests", "request", 1e-6, 2e-5),
  "secrets/secret": item("secret", "secret-month", 0.2, 2),
  "sns/email": item("email notifications", "email", 1e-5, 1e-4),
  "sns/requests": item("requests", "request", 2e-7, 2e-6),
  "states/transitions": item("state transitions, standard workflows", "transition", 1e-5, 1e-4),
  "transfer/between-zones": item("between zones, in each direction", "GB", 0.005, 0.05),
  "transfer/internet-out": item("out to the internet", "GB", 0.02, 0.3),
  "vpc/interface-endpoint-data": item("interface endpoint, data", "GB", 0.002, 0.05),
  "vpc/interface-endpoint-hour": item("interface endpoint, in a zone", "endpoint-hour", 0.005, 0.05),
  "vpc/nat-data": item("NAT gateway, data", "GB", 0.02, 0.2),
  "vpc/nat-hour": item("NAT gateway", "gateway-hour", 0.02, 0.2),
  "vpc/public-ipv4": item("public IPv4 address", "address-hour", 0.002, 0.02),
  "xray/traces": item("traces recorded", "trace", 1e-6, 2e-5),
} as const satisfies Readonly<Record<string, PriceItem>>;

const EC2_INSTANCE = item("Linux, on demand", "instance-hour", 0.002, 400);
const SAGEMAKER_INSTANCE = item("instance", "instance-hour", 0.02, 500);

/** Memory sizes of SageMaker serverless endpoints, in GB. */
export type ServerlessMemory = 1 | 2 | 3 | 4 | 5 | 6;

function memorySizes<Key extends string>(
  key: Key,
  title: string,
  lowestPerGb: number,
): Record<`${Key}/${ServerlessMemory}gb`, PriceItem> {
  return Object.fromEntries(
    [1, 2, 3, 4, 5, 6].map((gb) => [
      `${key}/${gb}gb`,
      item(`${title}, ${gb} GB`, "second", gb * lowestPerGb, gb * lowestPerGb * 10),
    ]),
  ) as Record<`${Key}/${ServerlessMemory}gb`, PriceItem>;
}

/** What a SageMaker instance is used for; each has a price of its own in the AWS Price List. */
export const SAGEMAKER_USAGES = ["hosting", "async", "transform"] as const;

export type SageMakerUsage = (typeof SAGEMAKER_USAGES)[number];

/** The key of something with one price in a region: `fargate/vcpu/arm64`. */
export type FixedKey = keyof typeof ITEMS;

/** The key of a price. A misspelled one does not compile. */
export type PriceKey = FixedKey | `ec2/instance/${string}` | `sagemaker/instance/${string}/${SageMakerUsage}`;

/** The keys that depend on something; the others are written out as they are. */
export const priceKey = {
  /** An EC2 instance with Linux, on demand, shared tenancy; the type as in `m5.xlarge`. */
  ec2Instance: (type: string) => `ec2/instance/${type}` as const,
  /** A SageMaker instance; the type as in `ml.m5.xlarge`. */
  sageMakerInstance: (type: string, usage: SageMakerUsage) => `sagemaker/instance/${type}/${usage}` as const,
  /** A second of inference on a SageMaker serverless endpoint with so much memory. */
  serverless: (memory: ServerlessMemory) => `sagemaker/serverless/${memory}gb` as const,
  /** A second of one unit of provisioned concurrency on a serverless endpoint, used or not. */
  serverlessProvisioned: (memory: ServerlessMemory) => `sagemaker/serverless-pc/${memory}gb` as const,
  /** A second of inference on provisioned concurrency, on top of {@link priceKey.serverlessProvisioned}. */
  serverlessProvisionedDuration: (memory: ServerlessMemory) =>
    `sagemaker/serverless-pc-duration/${memory}gb` as const,
  lambdaRequests: (architecture: Architecture) => `lambda/requests/${architecture}` as const,
  /** Memory times duration of functions without provisioned concurrency, or beyond it; tiered by month. */
  lambdaDuration: (architecture: Architecture) => `lambda/duration/${architecture}` as const,
  /** Memory times the time for which concurrency is provisioned. */
  lambdaProvisionedConcurrency: (architecture: Architecture) =>
    `lambda/provisioned-concurrency/${architecture}` as const,
  /** Memory times duration on provisioned concurrency. */
  lambdaProvisionedDuration: (architecture: Architecture) =>
    `lambda/provisioned-duration/${architecture}` as const,
  lambdaEphemeralStorage: (architecture: Architecture) => `lambda/ephemeral-storage/${architecture}` as const,
  fargateVcpu: (architecture: Architecture, spot = false) =>
    spot ? (`fargate/spot-vcpu/${architecture}` as const) : (`fargate/vcpu/${architecture}` as const),
  fargateMemory: (architecture: Architecture, spot = false) =>
    spot ? (`fargate/spot-memory/${architecture}` as const) : (`fargate/memory/${architecture}` as const),
} as const;

const INSTANCE_TYPE = /^[a-z][a-z0-9-]*\.[a-z0-9-]+$/;

/** The EC2 type in a key; `undefined` where it is the key of something else. */
export function ec2TypeOf(key: PriceKey): string | undefined {
  return key.startsWith("ec2/instance/") ? key.slice("ec2/instance/".length) : undefined;
}

/** The SageMaker type and usage in a key; `undefined` where it is the key of something else. */
export function sageMakerTypeOf(
  key: PriceKey,
): { readonly type: string; readonly usage: SageMakerUsage } | undefined {
  const [service, kind, type, usage] = key.split("/");
  const known = SAGEMAKER_USAGES.find((name) => name === usage);
  return service === "sagemaker" && kind === "instance" && type !== undefined && known !== undefined
    ? { type, usage: known }
    : undefined;
}

/** The service that a key belongs to. */
export function serviceOf(key: PriceKey): ServiceId {
  return key.slice(0, key.indexOf("/")) as ServiceId;
}

/** What a key stands for. */
export function itemOf(key: PriceKey): PriceItem {
  if (isFixedKey(key)) return ITEMS[key];
  return key.startsWith("ec2/") ? EC2_INSTANCE : SAGEMAKER_INSTANCE;
}

function isFixedKey(text: string): text is FixedKey {
  return Object.hasOwn(ITEMS, text);
}

/** Whether text is a key of the book. Any well-formed instance type is; whether its price is known is another matter. */
export function isPriceKey(text: string): text is PriceKey {
  if (isFixedKey(text)) return true;
  const [service, kind, type = "", usage, ...rest] = text.split("/");
  if (kind !== "instance" || rest.length > 0) return false;
  if (service === "ec2") return usage === undefined && INSTANCE_TYPE.test(type);
  return (
    service === "sagemaker" &&
    type.startsWith("ml.") &&
    INSTANCE_TYPE.test(type.slice("ml.".length)) &&
    SAGEMAKER_USAGES.some((name) => name === usage)
  );
}

/** The keys of everything but instance types, sorted. */
export const fixedKeys: readonly FixedKey[] = Object.freeze((Object.keys(ITEMS) as FixedKey[]).sort());

/** All keys, those of every instance type that SageMaker offers for the usage or that serves as an EKS node included. */
export function allKeys(): readonly PriceKey[] {
  return [
    ...fixedKeys,
    ...ec2Instances().map(({ type }) => priceKey.ec2Instance(type)),
    ...sageMakerInstances().flatMap(({ type, hosting, transform }) =>
      SAGEMAKER_USAGES.filter((usage) => (usage === "transform" ? transform : hosting)).map((usage) =>
        priceKey.sageMakerInstance(type, usage),
      ),
    ),
  ];
}
