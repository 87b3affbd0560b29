import type { PlannedRegion } from "../plan/plan";

/**
 * Interface endpoints that carry the prefix `cn.com.amazonaws` in China; all others are `com.amazonaws` there too.
 * `eks-auth` is only known from a field report.
 * @see https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/aws-ec2/lib/vpc-endpoint.ts (read 2026-11-23)
 */
const CHINA_PREFIX: ReadonlySet<string> = new Set([
  "application-autoscaling",
  "autoscaling",
  "ebs",
  "ec2",
  "ecr.api",
  "ecr.dkr",
  "eks",
  "eks-auth",
  "elasticfilesystem",
  "lambda",
  "monitoring",
  "sagemaker.api",
  "sagemaker.runtime",
  "sqs",
  "states",
  "sts",
  "xray",
]);

/** Full name of an AWS service's interface endpoint, from its short one, e.g. `ecr.api`. */
export function endpointServiceName({ name, partition }: PlannedRegion, service: string): string {
  const prefix = partition === "aws-cn" && CHINA_PREFIX.has(service) ? "cn.com.amazonaws" : "com.amazonaws";
  return `${prefix}.${name}.${service}`;
}
