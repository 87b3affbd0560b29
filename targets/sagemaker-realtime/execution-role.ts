import type { Statement } from "../../modules/iam/policy";
import { createServiceRole, existingRole, type ServiceRole } from "../../modules/iam/role";
import type { ArtifactInS3 } from "../../modules/artifact/artifact";
import type { Shared } from "../../modules/foundation/shared";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import type { ModelStack } from "../../modules/stack/model-stack";
import type { Sealed } from "../../modules/stack/seal";
import { capturesData } from "./features";
import type { Options } from "./options";

/** Where the endpoint writes, as an ARN with the wildcard of its own prefix. */
export interface Destination {
  readonly objectsArn: string;
}

/**
 * The role that the model runs under: it may pull its image, read its artifact, write its logs and metrics, and what
 * the manifest's features need; each on the named resource.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html (read 2026-11-23)
 */
export function executionRole(
  stack: ModelStack,
  plan: Sealed<AwsTargetPlan<Options>>,
  shared: Shared,
  uses: {
    readonly logGroupArn: string;
    readonly artifact: ArtifactInS3 | null;
    /** Objects that callers of an asynchronous endpoint put their requests into; null elsewhere. */
    readonly requestsArn: string | null;
    readonly destinations: readonly Destination[];
    readonly topicArns: readonly string[];
    readonly alarmNames: readonly string[];
    readonly inVpc: boolean;
  },
): ServiceRole {
  const { roleArn, permissionsBoundaryArn } = plan.security;
  if (roleArn !== null) return existingRole(roleArn);
  const { region } = plan;
  const arn = (service: string, resource: string) =>
    `arn:${region.partition}:${service}:${region.name}:${shared.accountId}:${resource}`;
  const repositoryArn = shared.imageRepositoryArn;
  const secretArns = Object.values(plan.model.secrets);
  const statements: Statement[] = [
    {
      sid: "ImagePull",
      actions: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      resources: repositoryArn === null ? [] : [repositoryArn],
    },
    // The token is the registry's, not a repository's: the action takes no resource.
    { sid: "ImageToken", actions: ["ecr:GetAuthorizationToken"], resources: ["*"] },
    {
      sid: "Logs",
      actions: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
      resources: [uses.logGroupArn, `${uses.logGroupArn}:*`],
    },
    {
      // Metrics have no ARN; the namespace is what can be held to SageMaker's own.
      sid: "Metrics",
      actions: ["cloudwatch:PutMetricData"],
      resources: ["*"],
      conditions: { StringLike: { "cloudwatch:namespace": ["AWS/SageMaker", "/aws/sagemaker/*"] } },
    },
    {
      sid: "KeyForData",
      actions: ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"],
      resources: [shared.keyArn],
    },
    {
      sid: "KeyForVolumes",
      actions: ["kms:CreateGrant"],
      resources: [shared.keyArn],
      conditions: { Bool: { "kms:GrantIsForAWSResource": ["true"] } },
    },
  ];
  if (uses.artifact !== null) {
    const { bucketArn, objectArn } = uses.artifact;
    const prefix = objectArn.endsWith("/");
    statements.push({
      sid: "Artifact",
      actions: ["s3:GetObject"],
      resources: [prefix ? `${objectArn}*` : objectArn],
    });
    if (prefix) {
      statements.push({
        sid: "ArtifactList",
        actions: ["s3:ListBucket"],
        resources: [bucketArn],
        conditions: { StringLike: { "s3:prefix": [`${objectArn.slice(bucketArn.length + 1)}*`] } },
      });
    }
  }
  if (uses.destinations.length > 0) {
    statements.push({
      sid: capturesData(plan) ? "CapturedData" : "Results",
      actions: ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"],
      resources: unique(uses.destinations.map(({ objectsArn }) => objectsArn)),
    });
  }
  if (uses.requestsArn !== null) {
    statements.push({ sid: "Requests", actions: ["s3:GetObject"], resources: [uses.requestsArn] });
  }
  if (uses.topicArns.length > 0) {
    statements.push({ sid: "Notices", actions: ["sns:Publish"], resources: unique(uses.topicArns) });
  }
  if (uses.alarmNames.length > 0) {
    statements.push({
      sid: "RollbackAlarms",
      actions: ["cloudwatch:DescribeAlarms"],
      resources: uses.alarmNames.map((name) => arn("cloudwatch", `alarm:${name}`)),
    });
  }
  const secrets = secretArns.filter((secret) => secret.includes(":secretsmanager:"));
  const parameters = secretArns.filter((secret) => secret.includes(":ssm:"));
  if (secrets.length > 0) {
    statements.push({
      sid: "Secrets",
      actions: ["secretsmanager:GetSecretValue"],
      resources: unique(secrets),
    });
  }
  if (parameters.length > 0) {
    statements.push({
      sid: "Parameters",
      actions: ["ssm:GetParameter", "ssm:GetParameters"],
      resources: unique(parameters),
    });
  }
  if (uses.inVpc) {
    statements.push({
      // EC2 describes everything or nothing, and SageMaker creates the interfaces before they have an ARN.
      sid: "NetworkInterfaces",
      actions: [
        "ec2:CreateNetworkInterface",
        "ec2:CreateNetworkInterfacePermission",
        "ec2:DeleteNetworkInterface",
        "ec2:DeleteNetworkInterfacePermission",
        "ec2:DescribeDhcpOptions",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
      ],
      resources: ["*"],
    });
  }
  return createServiceRole(stack, "role", {
    name: [stack.prefix, stack.component],
    description: `Runs the model ${stack.prefix} on SageMaker`,
    services: ["sagemaker.amazonaws.com"],
    statements: statements.filter(({ resources }) => resources !== undefined && resources.length > 0),
    permissionsBoundaryArn,
  });
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}
