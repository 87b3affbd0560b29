import type { ArtifactInS3 } from "../../modules/artifact/artifact";
import type { Shared } from "../../modules/foundation/shared";
import { pullImages } from "../../modules/iam/image";
import { createServiceRole, existingRole, type ServiceRole } from "../../modules/iam/role";
import { readSecrets } from "../../modules/iam/secrets";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import {
  keyForData,
  keyForVolumes,
  networkInterfaces,
  type VpcAttachment,
} from "../../modules/sagemaker/statements";
import type { ModelStack } from "../../modules/stack/model-stack";
import type { Sealed } from "../../modules/stack/seal";
import { notifyOfFailure, observeExecutions, passToSageMaker } from "../../modules/step-functions/statements";
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
    readonly vpc: VpcAttachment | null;
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
      ...pullImages(repositoryArn === null ? [] : [repositoryArn]),
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
      keyForData(shared.keyArn),
      keyForVolumes(shared.keyArn),
      ...(options.decryptKeyArns.length === 0
        ? []
        : [{ sid: "DecryptSources", actions: ["kms:Decrypt"], resources: [...options.decryptKeyArns] }]),
      ...readSecrets(plan),
      ...(uses.vpc === null ? [] : networkInterfaces(plan, shared.accountId, uses.vpc)),
    ],
    permissionsBoundaryArn,
  });
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
      passToSageMaker(uses.executionRoleArn),
      {
        // Step Functions learns of the end of jobs through this rule, which it makes itself.
        sid: "HearOfJobs",
        actions: ["events:DescribeRule", "events:PutRule", "events:PutTargets"],
        resources: [arn("events", "rule/StepFunctionsGetEventsForSageMakerTransformJobsRule")],
      },
      ...observeExecutions(),
      ...(uses.volumeKey
        ? [
            { sid: "DescribeKey", actions: ["kms:DescribeKey"], resources: [shared.keyArn] },
            keyForVolumes(shared.keyArn),
          ]
        : []),
      ...notifyOfFailure(plan, shared.topicArn, shared.keyArn),
    ],
    permissionsBoundaryArn: plan.security.permissionsBoundaryArn,
  });
}
