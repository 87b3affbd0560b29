import type { ITerraformDependable } from "cdktf";
import { S3Object } from "@cdktf/provider-aws/lib/s3-object";
import { objectTags, PackedArtifact } from "../artifact/artifact";
import type { FoundationPart } from "../foundation/foundation-stack";
import type { StorageBucket } from "../foundation/bucket";
import { createServiceRole, type ServiceRole } from "../iam/role";
import { Alarms } from "../observability/alarms";
import type { AwsTargetPlan } from "../plan/plan";
import { keyForData } from "../sagemaker/statements";
import { resourceName } from "../stack/names";
import type { Sealed } from "../stack/seal";
import { createStateMachine, MACHINE_NAME_LIMIT } from "../step-functions/state-machine";
import { notifyOfFailure, observeExecutions, passToSageMaker } from "../step-functions/statements";
import { compilationOf, neoPrefix, sourceKey } from "./compilation";
import { compilationDefinition } from "./definition";

/** Names of what the foundation exports. */
export const NEO_EXPORTS = {
  machineArn: "compilation_machine_arn",
  command: "compile_command",
  modelUri: "compiled_model_uri",
} as const;

type Plan = Sealed<AwsTargetPlan<unknown>>;

/** Characters of a job's name: SageMaker API model (botocore 1.44.5, 2026-11-17), EntityName. */
const JOB_NAME_LIMIT = 63;

/** Room for `-<MD5 in hex>`. */
const JOB_NAME_ROOM = 33;

const OUTCOMES = [
  ["compilations-failed", "ExecutionsFailed", "The model was not compiled: see the execution's error"],
  [
    "compilations-timed-out",
    "ExecutionsTimedOut",
    "A compilation took longer than model.optimize.neo.timeout",
  ],
  ["compilations-aborted", "ExecutionsAborted", "Somebody stopped a compilation"],
] as const;

/** What is compiled. */
interface Source {
  readonly uri: string;
  readonly bucketArn: string;
  readonly key: string;
  readonly dependencies: readonly ITerraformDependable[];
}

/**
 * Adds to the foundation what compiles the model for an instance type: a state machine with its roles, logs and alarms,
 * and the artifact, where it is local. Nothing here runs it: it is started between the foundation's apply and the
 * target's, by the command that it exports. Nothing is added where the manifest wants nothing compiled.
 */
export function createCompilation(part: FoundationPart, plan: Plan, instanceType: string): void {
  const compilation = compilationOf(plan, instanceType);
  if (compilation === null) return;
  const { stack, keyArn, topicArn, bucket } = part;
  if (bucket === null) throw new Error("a compilation needs a bucket");
  const { region } = plan;
  const machineName = resourceName([stack.prefix, "neo"], MACHINE_NAME_LIMIT);
  const jobPrefix = resourceName([stack.prefix, "neo"], JOB_NAME_LIMIT - JOB_NAME_ROOM);
  const source = createSource(part, plan, bucket);
  const jobRole = createJobRole(part, plan, { bucket, source, jobPrefix });
  const role = createMachineRole(part, plan, { bucket, jobRole, machineName, jobPrefix });
  const machine = createStateMachine(stack, plan, {
    id: "neo-state-machine",
    logsId: "neo-logs",
    name: machineName,
    role: { ...role, dependencies: [...role.dependencies, ...jobRole.dependencies, ...source.dependencies] },
    definition: compilationDefinition(compilation, {
      partition: region.partition,
      jobPrefix,
      sourceUri: source.uri,
      bucketName: bucket.name,
      roleArn: jobRole.arn,
      keyArn,
      topicArn,
      tags: stack.tags,
    }),
    keyArn,
    // Addresses, shapes and the job's own words: no data of the model's users.
    logExecutionData: true,
  });
  const alarms = new Alarms(stack, plan, topicArn);
  for (const [suffix, name, description] of OUTCOMES) {
    alarms.add({
      suffix,
      description,
      metric: {
        namespace: "AWS/States",
        name,
        dimensions: { StateMachineArn: machine.arn },
        statistic: "Sum",
      },
      comparison: "GreaterThanThreshold",
      threshold: 0,
      period: 300,
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
    });
  }
  part.export(NEO_EXPORTS.machineArn, machine.arn);
  part.export(
    NEO_EXPORTS.command,
    `aws stepfunctions start-execution --region ${region.name} --state-machine-arn ${machine.arn}`,
  );
  part.export(NEO_EXPORTS.modelUri, `s3://${bucket.name}/${compilation.key}`);
}

/** A local artifact is uploaded here, because the target's stack, which does it otherwise, comes after the compilation. */
function createSource({ stack, keyArn }: FoundationPart, plan: Plan, bucket: StorageBucket): Source {
  const { artifact } = plan.model;
  if (artifact === null) throw new Error("the plan was not checked: there is nothing to compile");
  if (artifact.kind === "s3") {
    return {
      uri: artifact.uri,
      bucketArn: `arn:${plan.region.partition}:s3:::${artifact.bucket}`,
      key: artifact.key,
      dependencies: [],
    };
  }
  const { digest } = artifact.path;
  const key = sourceKey(plan, digest);
  const object = new S3Object(stack, "neo-source", {
    bucket: bucket.name,
    key,
    source: new PackedArtifact(stack, "neo-archive", artifact.path).relativePath,
    sourceHash: digest,
    kmsKeyId: keyArn,
    ...objectTags(stack),
    ...(bucket.dependencies.length === 0 ? {} : { dependsOn: [...bucket.dependencies] }),
    lifecycle: { createBeforeDestroy: true },
  });
  return { uri: `s3://${bucket.name}/${key}`, bucketArn: bucket.arn, key, dependencies: [object] };
}

/**
 * The role that compilation jobs run under: it reads the artifact, writes below the compilations' prefix, and no more.
 * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateCompilationJob.html (RoleArn, read 2026-11-23)
 */
function createJobRole(
  part: FoundationPart,
  plan: Plan,
  uses: { readonly bucket: StorageBucket; readonly source: Source; readonly jobPrefix: string },
): ServiceRole {
  const { stack, keyArn } = part;
  const { bucket, source } = uses;
  const outputs = `${neoPrefix(plan)}/*`;
  const own = plan.model.artifact?.kind === "local";
  const logs = arnOf(part, plan, "logs", "log-group:/aws/sagemaker/CompilationJobs");
  return createServiceRole(stack, "neo-job-role", {
    name: [stack.prefix, "neo-job", plan.region.name],
    description: `Compiles the model ${stack.prefix}`,
    services: ["sagemaker.amazonaws.com"],
    statements: [
      {
        sid: "ReadArtifact",
        actions: ["s3:GetObject"],
        // A local artifact's key changes with its content; jobs of the release before may still read theirs.
        resources: [own ? `${bucket.arn}/${neoPrefix(plan)}/source/*` : `${source.bucketArn}/${source.key}`],
      },
      ...(own ? [] : [listing("FindArtifact", source.bucketArn, source.key)]),
      listing("FindOutput", bucket.arn, outputs),
      {
        sid: "WriteOutput",
        actions: ["s3:AbortMultipartUpload", "s3:PutObject"],
        resources: [`${bucket.arn}/${outputs}`],
      },
      {
        sid: "FindLogs",
        actions: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams"],
        resources: [logs, `${logs}:*`],
      },
      {
        // The group is shared by all compilations of the account; streams begin with the job's name.
        sid: "WriteLogs",
        actions: ["logs:PutLogEvents"],
        resources: [`${logs}:log-stream:${uses.jobPrefix}-*`],
      },
      {
        // Metrics have no ARN; the namespace is what can be held to SageMaker's own.
        sid: "WriteMetrics",
        actions: ["cloudwatch:PutMetricData"],
        resources: ["*"],
        conditions: { StringLike: { "cloudwatch:namespace": ["/aws/sagemaker/*", "AWS/SageMaker"] } },
      },
      keyForData(keyArn),
    ],
    permissionsBoundaryArn: plan.security.permissionsBoundaryArn,
  });
}

/** The role of the state machine: it looks for the output, and starts and watches jobs of this name only. */
function createMachineRole(
  part: FoundationPart,
  plan: Plan,
  uses: {
    readonly bucket: StorageBucket;
    readonly jobRole: ServiceRole;
    readonly machineName: string;
    readonly jobPrefix: string;
  },
): ServiceRole {
  const { stack, keyArn, topicArn, accountId } = part;
  return createServiceRole(stack, "neo-machine-role", {
    name: [stack.prefix, "neo-machine", plan.region.name],
    description: `Starts compilations of ${stack.prefix}`,
    services: ["states.amazonaws.com"],
    trustConditions: {
      StringEquals: { "aws:SourceAccount": [accountId] },
      ArnLike: { "aws:SourceArn": [arnOf(part, plan, "states", `stateMachine:${uses.machineName}`)] },
    },
    statements: [
      listing("FindOutput", uses.bucket.arn, `${neoPrefix(plan)}/*`),
      {
        sid: "RunJobs",
        actions: ["sagemaker:AddTags", "sagemaker:CreateCompilationJob", "sagemaker:DescribeCompilationJob"],
        resources: [arnOf(part, plan, "sagemaker", `compilation-job/${uses.jobPrefix}-*`)],
      },
      passToSageMaker(uses.jobRole.arn),
      ...observeExecutions(),
      ...notifyOfFailure(plan, topicArn, keyArn),
    ],
    permissionsBoundaryArn: plan.security.permissionsBoundaryArn,
  });
}

function listing(sid: string, bucketArn: string, prefix: string) {
  return {
    sid,
    actions: ["s3:ListBucket"],
    resources: [bucketArn],
    conditions: { StringLike: { "s3:prefix": [prefix] } },
  };
}

function arnOf({ accountId }: FoundationPart, { region }: Plan, service: string, resource: string): string {
  return `arn:${region.partition}:${service}:${region.name}:${accountId}:${resource}`;
}
