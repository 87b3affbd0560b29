import type { ArtifactInS3 } from "../../modules/artifact/artifact";
import type { Shared } from "../../modules/foundation/shared";
import type { Statement } from "../../modules/iam/policy";
import { createServiceRole, existingRole, type ServiceRole } from "../../modules/iam/role";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import type { ModelStack } from "../../modules/stack/model-stack";
import type { Sealed } from "../../modules/stack/seal";
import { type Location, parseFolder, parseLocation } from "./location";
import type { Options } from "./options";

type Plan = Sealed<AwsTargetPlan<Options>>;

/** Writes ARNs of the plan's region and account. */
export function arnWriter(plan: Plan, shared: Shared): (service: string, resource: string) => string {
  const { partition, name } = plan.region;
  return (service, resource) => `arn:${partition}:${service}:${name}:${shared.accountId}:${resource}`;
}

/**
 * The role that jobs run under: it reads what lies under the input, writes what lies under the output, and no more.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html (read 2026-11)
 */
export function createExecutionRole(
  stack: ModelStack,
  plan: Plan,
  shared: Shared,
  uses: {
    readonly artifact: ArtifactInS3 | null;
    readonly jobPrefix: string;
    readonly vpc: {
      readonly subnetIds: readonly string[];
      readonly securityGroupIds: readonly string[];
    } | null;
  },
): ServiceRole {
  const { roleArn, permissionsBoundaryArn } = plan.security;
  if (roleArn !== null) return existingRole(roleArn);
  const arn = arnWriter(plan, shared);
  const bucket = (name: string) => `arn:${plan.region.partition}:s3:::${name}`;
  const objects = ({ bucket: name, prefix }: Location) => `${bucket(name)}/${prefix}*`;
  const { options } = plan;
  const input = parseLocation(options.input);
  const logs = arn("logs", "log-group:/aws/sagemaker/TransformJobs");
  const repositoryArn = shared.imageRepositoryArn;

  return createServiceRole(stack, "role", {
    name: [stack.prefix, stack.component, plan.region.name],
    description: `Runs batch jobs of ${stack.prefix}`,
    services: ["sagemaker.amazonaws.com"],
    statements: [
      { sid: "ReadInput", actions: ["s3:GetObject"], resources: [objects(input)] },
      {
        sid: "ListInput",
        actions: ["s3:ListBucket"],
        resources: [bucket(input.bucket)],
        ...(input.prefix === "" ? {} : { conditions: { StringLike: { "s3:prefix": [`${input.prefix}*`] } } }),
      },
      {
        sid: "WriteOutput",
        actions: ["s3:AbortMultipartUpload", "s3:PutObject"],
        resources: [objects(parseFolder(options.output))],
      },
      ...(uses.artifact === null
        ? []
        : [{ sid: "ReadArtifact", actions: ["s3:GetObject"], resources: [uses.artifact.objectArn] }]),
      ...(repositoryArn === null
        ? []
        : [
            {
              sid: "PullImage",
              actions: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
              resources: [repositoryArn],
            },
            // The token is the registry's, not a repository's: the action takes no resource.
            { sid: "RegistryToken", actions: ["ecr:GetAuthorizationToken"], resources: ["*"] },
          ]),
      {
        sid: "FindLogs",
        actions: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams"],
        resources: [logs, `${logs}:*`],
      },
      {
        // The group is shared by all batch jobs of the account; streams begin with the job's name.
        sid: "WriteLogs",
        actions: ["logs:PutLogEvents"],
        resources: [`${logs}:log-stream:${uses.jobPrefix}-*`],
      },
      {
        // Metrics have no ARN; the namespace is what can be held to SageMaker's own.
        sid: "WriteMetrics",
        actions: ["cloudwatch:PutMetricData"],
        resources: ["*"],
        conditions: {
          StringEquals: { "cloudwatch:namespace": ["/aws/sagemaker/TransformJobs", "AWS/SageMaker"] },
        },
      },
      {
        sid: "UseKey",
        actions: ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"],
        resources: [shared.keyArn],
      },
      keyForVolumes(shared.keyArn),
      ...(options.decryptKeyArns.length === 0
        ? []
        : [{ sid: "DecryptSources", actions: ["kms:Decrypt"], resources: [...options.decryptKeyArns] }]),
      ...secretStatements(plan),
      ...(uses.vpc === null ? [] : networkStatements(arn, uses.vpc)),
    ],
    permissionsBoundaryArn,
  });
}

/** EBS takes the key by a grant, which whoever starts the job gives it. */
function keyForVolumes(keyArn: string): Statement {
  return {
    sid: "KeyForVolumes",
    actions: ["kms:CreateGrant"],
    resources: [keyArn],
    conditions: { Bool: { "kms:GrantIsForAWSResource": ["true"] } },
  };
}

function secretStatements(plan: Plan): readonly Statement[] {
  const arns = [...new Set(Object.values(plan.model.secrets))];
  const secrets = arns.filter((arn) => arn.includes(":secretsmanager:"));
  const parameters = arns.filter((arn) => arn.includes(":ssm:"));
  return [
    ...(secrets.length === 0
      ? []
      : [{ sid: "ReadSecrets", actions: ["secretsmanager:GetSecretValue"], resources: secrets }]),
    ...(parameters.length === 0
      ? []
      : [
          {
            sid: "ReadParameters",
            actions: ["ssm:GetParameter", "ssm:GetParameters"],
            resources: parameters,
          },
        ]),
  ];
}

/** @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html (read 2026-11) */
function networkStatements(
  arn: (service: string, resource: string) => string,
  vpc: { readonly subnetIds: readonly string[]; readonly securityGroupIds: readonly string[] },
): readonly Statement[] {
  const subnets = vpc.subnetIds.map((id) => arn("ec2", `subnet/${id}`));
  const interfaces = arn("ec2", "network-interface/*");
  return [
    {
      sid: "CreateNetworkInterfaces",
      actions: ["ec2:CreateNetworkInterface"],
      resources: [
        interfaces,
        ...subnets,
        ...vpc.securityGroupIds.map((id) => arn("ec2", `security-group/${id}`)),
      ],
    },
    {
      // An interface has no ARN before it exists; the subnets are what can be named.
      sid: "UseNetworkInterfaces",
      actions: [
        "ec2:CreateNetworkInterfacePermission",
        "ec2:DeleteNetworkInterface",
        "ec2:DeleteNetworkInterfacePermission",
      ],
      resources: [interfaces],
      conditions: { ArnEquals: { "ec2:Subnet": subnets } },
    },
    {
      // EC2 describes everything or nothing: these actions take no resource.
      sid: "DescribeNetwork",
      actions: [
        "ec2:DescribeDhcpOptions",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
      ],
      resources: ["*"],
    },
  ];
}

/**
 * The role of the state machine: it starts, watches and stops jobs of this name only.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/sagemaker-iam.html (read 2026-11)
 */
export function createMachineRole(
  stack: ModelStack,
  plan: Plan,
  shared: Shared,
  uses: {
    readonly machineName: string;
    readonly jobPrefix: string;
    readonly modelArn: string;
    readonly executionRoleArn: string;
    readonly volumeKey: boolean;
  },
): ServiceRole {
  const arn = arnWriter(plan, shared);
  const jobs = arn("sagemaker", `transform-job/${uses.jobPrefix}-*`);
  const topicArn = shared.topicArn;
  return createServiceRole(stack, "machine-role", {
    name: [stack.prefix, stack.component, "machine", plan.region.name],
    description: `Starts batch jobs of ${stack.prefix}`,
    services: ["states.amazonaws.com"],
    trustConditions: {
      StringEquals: { "aws:SourceAccount": [shared.accountId] },
      ArnLike: { "aws:SourceArn": [arn("states", `stateMachine:${uses.machineName}`)] },
    },
    statements: [
      {
        sid: "RunJobs",
        actions: ["sagemaker:CreateTransformJob"],
        resources: [jobs, uses.modelArn],
      },
      {
        sid: "WatchJobs",
        actions: [
          "sagemaker:AddTags",
          "sagemaker:DescribeTransformJob",
          "sagemaker:ListTags",
          "sagemaker:StopTransformJob",
        ],
        resources: [jobs],
      },
      {
        sid: "PassRole",
        actions: ["iam:PassRole"],
        resources: [uses.executionRoleArn],
        conditions: { StringEquals: { "iam:PassedToService": ["sagemaker.amazonaws.com"] } },
      },
      {
        // Step Functions learns of the end of jobs through this rule, which it makes itself.
        sid: "HearOfJobs",
        actions: ["events:DescribeRule", "events:PutRule", "events:PutTargets"],
        resources: [arn("events", "rule/StepFunctionsGetEventsForSageMakerTransformJobsRule")],
      },
      {
        // Log deliveries have no ARN: these actions take no resource.
        sid: "DeliverLogs",
        actions: [
          "logs:CreateLogDelivery",
          "logs:DeleteLogDelivery",
          "logs:DescribeLogGroups",
          "logs:DescribeResourcePolicies",
          "logs:GetLogDelivery",
          "logs:ListLogDeliveries",
          "logs:PutResourcePolicy",
          "logs:UpdateLogDelivery",
        ],
        resources: ["*"],
      },
      {
        // Traces have no ARN: these actions take no resource.
        sid: "WriteTraces",
        actions: [
          "xray:GetSamplingRules",
          "xray:GetSamplingTargets",
          "xray:PutTelemetryRecords",
          "xray:PutTraceSegments",
        ],
        resources: ["*"],
      },
      ...(uses.volumeKey
        ? [
            { sid: "DescribeKey", actions: ["kms:DescribeKey"], resources: [shared.keyArn] },
            keyForVolumes(shared.keyArn),
          ]
        : []),
      ...(topicArn === null
        ? []
        : [{ sid: "NotifyOfFailure", actions: ["sns:Publish"], resources: [topicArn] }]),
      // Whose key a topic of the manifest's has is not known; the foundation's has this one.
      ...(topicArn === null || plan.observability.notifyTopicArn !== null
        ? []
        : [
            {
              sid: "KeyForNotices",
              actions: ["kms:Decrypt", "kms:GenerateDataKey"],
              resources: [shared.keyArn],
            },
          ]),
    ],
    permissionsBoundaryArn: plan.security.permissionsBoundaryArn,
  });
}
