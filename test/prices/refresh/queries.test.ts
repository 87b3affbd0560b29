import { SERVICES } from "../../../modules/prices/items";
import { parseProduct } from "../../../modules/prices/refresh/price-list";
import { PRICE_QUERIES, withoutRegion } from "../../../modules/prices/refresh/queries";
import { productText } from "../recorded";

test.each([
  ["LoadBalancerUsage", "LoadBalancerUsage"],
  ["EU-LoadBalancerUsage", "LoadBalancerUsage"],
  ["USE1-Host:ml.m5.xlarge", "Host:ml.m5.xlarge"],
  ["UGW1-LoadBalancerUsage", "LoadBalancerUsage"],
  ["APN2-AmazonEKS-Hours:perCluster", "AmazonEKS-Hours:perCluster"],
  ["TS-LoadBalancerUsage", "TS-LoadBalancerUsage"],
  ["EUW2-Outposts-LoadBalancerUsage", "Outposts-LoadBalancerUsage"],
  ["Global-Request", "Global-Request"],
  ["eu-west-2-KMS-Keys", "eu-west-2-KMS-Keys"],
])("%s without its region is %s", (usageType, rest) => {
  expect(withoutRegion(usageType)).toBe(rest);
});

/** The key that the query of a service and list gives to a product. */
function keyOf(serviceCode: string, family: string, attributes: Readonly<Record<string, string>>) {
  const product = parseProduct(
    productText({ serviceCode, sku: "SKU", family, attributes, dimensions: [], published: "2026-10-01" }),
  );
  const keys = PRICE_QUERIES.filter(
    (query) => query.serviceCode === serviceCode && (query.filters.productFamily ?? family) === family,
  ).map((query) => query.keyOf(product, "eu-west-2"));
  return keys.find((key) => key !== undefined);
}

// Usage types and attributes as rows of the AWS Price List have them.
test.each([
  [
    "AmazonSageMaker",
    "ML Instance",
    { usagetype: "EUW2-Host:ml.g6e.2xlarge" },
    "sagemaker/instance/ml.g6e.2xlarge/hosting",
  ],
  [
    "AmazonSageMaker",
    "ML Instance",
    { usagetype: "EUW2-AsyncInf:ml.g6.xlarge" },
    "sagemaker/instance/ml.g6.xlarge/async",
  ],
  [
    "AmazonSageMaker",
    "ML Instance",
    { usagetype: "EUW2-Tsform:ml.m5.xlarge" },
    "sagemaker/instance/ml.m5.xlarge/transform",
  ],
  ["AmazonSageMaker", "ML Instance", { usagetype: "EUW2-Train:ml.m5.xlarge" }, undefined],
  [
    "AmazonSageMaker",
    "ML Serverless",
    { usagetype: "EUW2-ServerlessInf:Mem-4GB" },
    "sagemaker/serverless/4gb",
  ],
  [
    "AmazonSageMaker",
    "ML Serverless",
    { usagetype: "EUW2-ProvisionedConcurrency:Usage-2GB" },
    "sagemaker/serverless-pc/2gb",
  ],
  [
    "AmazonSageMaker",
    "ML Serverless",
    { usagetype: "EUW2-ProvisionedConcurrency:Mem-2GB" },
    "sagemaker/serverless-pc-duration/2gb",
  ],
  ["AmazonSageMaker", "Storage", { usagetype: "EUW2-Host:VolumeUsage.gp2" }, "sagemaker/storage"],
  ["AmazonSageMaker", "ML Data", { usagetype: "EUW2-Hst:Data-Bytes-Out" }, "sagemaker/data-out"],
  [
    "AWSLambda",
    "Serverless",
    { group: "AWS-Lambda-Duration-Provisioned-ARM" },
    "lambda/provisioned-duration/arm64",
  ],
  ["AWSLambda", "Serverless", { group: "AWS-Lambda-Edge-Duration" }, undefined],
  [
    "AWSLambda",
    "Serverless",
    { group: "AWS-Lambda-Duration", groupDescription: "China free tier" },
    undefined,
  ],
  ["AmazonECS", "Compute", { usagetype: "EUW2-SpotUsage-Fargate-ARM-GB-Hours" }, "fargate/spot-memory/arm64"],
  [
    "AmazonECS",
    "Compute",
    { usagetype: "EUW2-Fargate-EphemeralStorage-GB-Hours" },
    "fargate/ephemeral-storage",
  ],
  ["AmazonECS", "Compute", { usagetype: "EUW2-Fargate-Windows-OS-Hours:perCPU" }, undefined],
  ["AmazonEKS", "Compute", { usagetype: "EUW2-AmazonEKS-Hours:extendedSupport" }, "eks/extended-support"],
  ["AWSELB", "Load Balancer-Network", { usagetype: "EUW2-LCUUsage" }, "elb/nlb-lcu"],
  ["AWSELB", "Load Balancer-Application", { usagetype: "EUW2-LCUUsage" }, "elb/alb-lcu"],
  ["AWSELB", "Load Balancer", { usagetype: "EUW2-LoadBalancerUsage" }, undefined],
  [
    "AmazonEC2",
    "Compute Instance",
    { usagetype: "EUW2-BoxUsage:c7g.large", instanceType: "c7g.large" },
    "ec2/instance/c7g.large",
  ],
  [
    "AmazonEC2",
    "Compute Instance",
    { usagetype: "EUW2-DedicatedUsage:c7g.large", instanceType: "c7g.large" },
    undefined,
  ],
  ["AmazonEC2", "Storage", { usagetype: "EUW2-EBS:VolumeUsage.gp3" }, "ebs/gp3"],
  ["AmazonEC2", "Storage", { usagetype: "EUW2-EBS:VolumeUsage.io2" }, undefined],
  ["AmazonEC2", "NAT Gateway", { usagetype: "EUW2-NatGateway-Bytes" }, "vpc/nat-data"],
  ["AmazonVPC", "VpcEndpoint", { usagetype: "EUW2-VpcEndpoint-Hours" }, "vpc/interface-endpoint-hour"],
  ["AmazonVPC", "IP", { usagetype: "EUW2-PublicIPv4:IdleAddress" }, undefined],
  ["AmazonECR", "EC2 Container Registry", { usagetype: "EUW2-TimedStorage-ByteHrs" }, "ecr/storage"],
  ["AmazonCloudWatch", "Alarm", { usagetype: "EUW2-CW:AlarmMonitorUsage" }, "cloudwatch/alarm"],
  [
    "AmazonCloudWatch",
    "Data Payload",
    { usagetype: "EUW2-DataProcessing-Bytes" },
    "cloudwatch/log-ingestion",
  ],
  ["AmazonCloudWatch", "Data Payload", { usagetype: "EUW2-DataScanned-Bytes" }, undefined],
  ["awskms", "Encryption Key", { usagetype: "eu-west-2-KMS-Keys" }, "kms/key"],
  ["awskms", "API Request", { usagetype: "eu-west-2-KMS-Requests" }, "kms/requests"],
  ["awskms", "API Request", { usagetype: "eu-west-2-KMS-Requests-Asymmetric" }, undefined],
  ["AmazonS3", "Storage", { usagetype: "EUW2-TimedStorage-ByteHrs" }, "s3/storage"],
  ["AmazonS3", "Storage", { usagetype: "EUW2-TimedStorage-SIA-ByteHrs" }, undefined],
  ["AWSEvents", "Scheduler", { usagetype: "EUW2-ScheduledInvocation" }, "scheduler/invocations"],
  [
    "AWSSecretsManager",
    "API Request",
    { usagetype: "EUW2-AWSSecretsManager-APIRequests" },
    "secrets/requests",
  ],
  ["AmazonStates", "AWS Step Functions", { usagetype: "EUW2-StateTransition" }, "states/transitions"],
  ["AmazonSNS", "Message Delivery", { usagetype: "EUW2-DeliveryAttempts-SMTP" }, "sns/email"],
  ["AWSXRay", "API Request", { usagetype: "EUW2-XRay-TracesStored" }, "xray/traces"],
  ["AWSXRay", "API Request", { usagetype: "EUW2-XRay-Insights-TracesStored" }, undefined],
  [
    "AWSDataTransfer",
    "Data Transfer",
    { usagetype: "EUW2-DataTransfer-Regional-Bytes", transferType: "IntraRegion" },
    "transfer/between-zones",
  ],
  [
    "AWSDataTransfer",
    "Data Transfer",
    { usagetype: "EUW2-DataTransfer-Out-Bytes", transferType: "AWS Outbound", toLocation: "External" },
    "transfer/internet-out",
  ],
  [
    "AWSDataTransfer",
    "Data Transfer",
    {
      usagetype: "EUW2-USE1-AWS-Out-Bytes",
      transferType: "InterRegion Outbound",
      toLocation: "US East (N. Virginia)",
    },
    undefined,
  ],
] as const)("%s %s %j is %s", (serviceCode, family, attributes, key) => {
  expect(keyOf(serviceCode, family, attributes)).toBe(key);
});

test("every service of the book is asked for", () => {
  expect(new Set(PRICE_QUERIES.map(({ service }) => service))).toEqual(new Set(Object.keys(SERVICES)));
});
