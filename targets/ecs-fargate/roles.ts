import type { ArtifactInS3 } from "../../modules/artifact/artifact";
import type { Shared } from "../../modules/foundation/shared";
import { pullImages } from "../../modules/iam/image";
import type { Statement } from "../../modules/iam/policy";
import { createServiceRole, existingRole, type ServiceRole } from "../../modules/iam/role";
import { secretArns, withSuffix } from "../../modules/iam/secrets";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import type { ModelStack } from "../../modules/stack/model-stack";
import type { Sealed } from "../../modules/stack/seal";
import { deliveryOf, repositoryArn } from "./images";
import type { LoadBalancer } from "./load-balancer";
import type { Options } from "./options";

type Plan = Sealed<AwsTargetPlan<Options>>;

/** Who may take a role on: ECS, for tasks of this account and region. */
function trust({ region }: Plan, accountId: string) {
  return {
    services: ["ecs-tasks.amazonaws.com"],
    trustConditions: {
      StringEquals: { "aws:SourceAccount": [accountId] },
      ArnLike: { "aws:SourceArn": [`arn:${region.partition}:ecs:${region.name}:${accountId}:*`] },
    },
  };
}

/** Use of keys through one service only. The region is the resource's, which need not be the task's. */
function decryptThrough(service: "s3" | "secretsmanager" | "ssm", { region }: Plan): Statement["conditions"] {
  const suffixes = [...new Set(["amazonaws.com", region.dnsSuffix])];
  return { StringLike: { "kms:ViaService": suffixes.map((suffix) => `${service}.*.${suffix}`) } };
}

/**
 * The role with which ECS starts a task: it pulls these images, opens these log streams and reads these secrets.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html (2026-11)
 */
export function executionRole(
  stack: ModelStack,
  plan: Plan,
  shared: Shared,
  uses: { readonly logGroupArn: string; readonly images: readonly string[] },
): ServiceRole {
  const { model, options, region, security } = plan;
  const loaders = uses.images
    .map((image) => repositoryArn(image, region.partition))
    .filter((arn) => arn !== null);
  const own = shared.imageRepositoryArn;
  const repositories = unique(own === null ? loaders : [own, ...loaders]);
  const secrets = unique([
    ...secretArns(model.secrets, "secretsmanager"),
    ...(options.registryCredentials === undefined ? [] : [options.registryCredentials]),
  ]).map(withSuffix);
  const parameters = secretArns(model.secrets, "ssm");
  const keys = unique([shared.keyArn, ...options.decryptKeyArns]);
  const statements: Statement[] = [...pullImages(repositories)];
  statements.push({
    sid: "Logs",
    actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
    resources: [uses.logGroupArn, `${uses.logGroupArn}:*`],
  });
  if (secrets.length > 0) {
    statements.push(
      { sid: "Secrets", actions: ["secretsmanager:GetSecretValue"], resources: secrets },
      {
        sid: "KeysOfSecrets",
        actions: ["kms:Decrypt"],
        resources: keys,
        conditions: decryptThrough("secretsmanager", plan),
      },
    );
  }
  if (parameters.length > 0) {
    statements.push(
      { sid: "Parameters", actions: ["ssm:GetParameters"], resources: parameters },
      {
        sid: "KeysOfParameters",
        actions: ["kms:Decrypt"],
        resources: keys,
        conditions: decryptThrough("ssm", plan),
      },
    );
  }
  return createServiceRole(stack, "execution-role", {
    name: [stack.prefix, stack.component, "execution", region.name],
    description: `Starts the tasks of ${stack.prefix} on ECS`,
    ...trust(plan, shared.accountId),
    statements,
    permissionsBoundaryArn: security.permissionsBoundaryArn,
    generation: [repositoryOf(plan), ...loaders, ...secrets, ...parameters, ...options.decryptKeyArns],
  });
}

/** The role that the containers run under: it reads the artifact, and lets ECS Exec in where that is asked for. */
export function taskRole(
  stack: ModelStack,
  plan: Plan,
  shared: Shared,
  uses: { readonly artifact: ArtifactInS3 | null; readonly execLogGroupArn: string | null },
): ServiceRole {
  const { options, region, security, storage } = plan;
  if (security.roleArn !== null) return existingRole(security.roleArn);
  return createServiceRole(stack, "task-role", {
    name: [stack.prefix, stack.component, "task", region.name],
    description: `Runs the model ${stack.prefix} on ECS`,
    ...trust(plan, shared.accountId),
    statements: [
      ...(uses.artifact === null ? [] : artifactStatements(plan, shared, uses.artifact)),
      ...(options.executeCommand ? sessionStatements(plan, shared, uses.execLogGroupArn) : []),
    ],
    permissionsBoundaryArn: security.permissionsBoundaryArn,
    generation: [
      uses.artifact === null || uses.artifact.ours ? "" : uses.artifact.uri,
      ...(uses.artifact?.ours === true && storage.bucket !== null ? [storage.bucket] : []),
      String(options.executeCommand),
      ...options.decryptKeyArns,
    ],
  });
}

/**
 * The role with which ECS moves tasks and traffic between the two target groups: what AWS's own policy for it allows, on
 * these resources only. Without conditions in its trust, as AWS documents it.
 * @see https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonECSInfrastructureRolePolicyForLoadBalancers.html (v6, 2026-02)
 */
export function trafficRole(
  stack: ModelStack,
  { region, security }: Plan,
  { listener, targetGroup, alternate }: LoadBalancer,
): ServiceRole | null {
  if (alternate === null) return null;
  return createServiceRole(stack, "traffic-role", {
    name: [stack.prefix, stack.component, "traffic", region.name],
    description: `Shifts traffic between the target groups of ${stack.prefix}`,
    services: ["ecs.amazonaws.com"],
    statements: [
      {
        sid: "SeeLoadBalancers",
        actions: [
          "elasticloadbalancing:DescribeListeners",
          "elasticloadbalancing:DescribeRules",
          "elasticloadbalancing:DescribeTargetGroups",
          "elasticloadbalancing:DescribeTargetHealth",
        ],
        resources: ["*"],
      },
      {
        sid: "Targets",
        actions: ["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"],
        resources: [targetGroup.arn, alternate.targetGroup.arn],
      },
      { sid: "Listener", actions: ["elasticloadbalancing:ModifyListener"], resources: [listener.arn] },
      { sid: "Weights", actions: ["elasticloadbalancing:ModifyRule"], resources: [alternate.rule.arn] },
    ],
    permissionsBoundaryArn: security.permissionsBoundaryArn,
  });
}

/** The image without what changes at every release. */
function repositoryOf({ model: { image } }: Plan): string {
  return image.kind === "build"
    ? (image.repository?.uri ?? "")
    : `${image.reference.registry}/${image.reference.repository}`;
}

function artifactStatements(plan: Plan, shared: Shared, artifact: ArtifactInS3): readonly Statement[] {
  const { bucketArn, objectArn, releasesArn, ours, uri } = artifact;
  const prefix = !ours && deliveryOf(uri) === "prefix";
  const keys = unique([shared.keyArn, ...plan.options.decryptKeyArns]);
  return [
    {
      sid: "ReadArtifact",
      actions: ["s3:GetObject"],
      // Tasks of the release before read theirs until the new ones serve; below a given prefix, objects are not known.
      resources: [ours ? releasesArn : prefix ? `${objectArn}*` : objectArn],
    },
    ...(prefix
      ? [
          {
            sid: "ListArtifact",
            actions: ["s3:ListBucket"],
            resources: [bucketArn],
            conditions: { StringLike: { "s3:prefix": [`${objectArn.slice(bucketArn.length + 1)}*`] } },
          },
        ]
      : []),
    {
      sid: "KeyOfArtifact",
      actions: ["kms:Decrypt"],
      resources: keys,
      conditions: decryptThrough("s3", plan),
    },
  ];
}

/** @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html (2026-11) */
function sessionStatements(plan: Plan, shared: Shared, logGroupArn: string | null): readonly Statement[] {
  const { region } = plan;
  return [
    {
      // Sessions have no ARN.
      sid: "Sessions",
      actions: [
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
      ],
      resources: ["*"],
    },
    ...(logGroupArn === null
      ? []
      : [
          {
            sid: "SessionLogs",
            actions: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            resources: [logGroupArn, `${logGroupArn}:*`],
          },
          {
            sid: "FindSessionLogs",
            actions: ["logs:DescribeLogGroups"],
            resources: [`arn:${region.partition}:logs:${region.name}:${shared.accountId}:log-group:*`],
          },
          { sid: "SessionKey", actions: ["kms:Decrypt"], resources: [shared.keyArn] },
        ]),
  ];
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}
