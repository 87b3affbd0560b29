import { Fn } from "cdktf";
import type { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { CodedeployApp } from "@cdktf/provider-aws/lib/codedeploy-app";
import { CodedeployDeploymentConfig } from "@cdktf/provider-aws/lib/codedeploy-deployment-config";
import { CodedeployDeploymentGroup } from "@cdktf/provider-aws/lib/codedeploy-deployment-group";
import type { LambdaAlias } from "@cdktf/provider-aws/lib/lambda-alias";
import type { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function";
import { createServiceRole, type ServiceRole } from "../../modules/iam/role";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import { resourceName } from "../../modules/stack/names";
import type { ModelStack } from "../../modules/stack/model-stack";
import type { Sealed } from "../../modules/stack/seal";
import { LIMITS, PREDEFINED_ROLLOUTS } from "./limits";
import type { Options } from "./options";
import { ALIAS, type Shift } from "./settings";

type Plan = Sealed<AwsTargetPlan<Options>>;

export interface Released {
  readonly fn: LambdaFunction;
  readonly alias: LambdaAlias;
  /** What stops a release. */
  readonly alarms: readonly CloudwatchMetricAlarm[];
}

/**
 * What CodeDeploy moves the alias with: application, deployment configuration and deployment group, under a role that
 * reaches this alias only. A release is started outside of Terraform, which would hold its state locked meanwhile.
 * @see https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-lambda.html (read 2026-11-23)
 */
export function createRollout(stack: ModelStack, plan: Plan, shift: Shift, released: Released): void {
  const name = resourceName([stack.prefix, stack.component], LIMITS.codeDeployName.value);
  const alarms = plan.rollout.rollback ? released.alarms : [];
  const role = serviceRole(stack, plan, released, alarms);
  const app = new CodedeployApp(stack, "release-application", { name, computePlatform: "Lambda" });
  const group = new CodedeployDeploymentGroup(stack, "release-group", {
    appName: app.name,
    deploymentGroupName: ALIAS,
    deploymentConfigName: deploymentConfig(stack, shift),
    serviceRoleArn: role.arn,
    deploymentStyle: { deploymentOption: "WITH_TRAFFIC_CONTROL", deploymentType: "BLUE_GREEN" },
    ...rollback(plan, alarms),
    dependsOn: [...role.dependencies],
  });
  stack.output("release_application", app.name);
  stack.output("release_group", group.deploymentGroupName);
  stack.output("release_app_spec", appSpec(released));
}

/**
 * When CodeDeploy goes back by itself. The blocks are left out rather than switched off: the provider reads a block that
 * is off and empty back as none, and would plan to add it again and again.
 */
function rollback(plan: Plan, alarms: readonly CloudwatchMetricAlarm[]) {
  if (!plan.rollout.rollback) return {};
  const watched = alarms.length > 0;
  return {
    autoRollbackConfiguration: {
      enabled: true,
      events: [
        "DEPLOYMENT_FAILURE",
        ...(watched ? ["DEPLOYMENT_STOP_ON_ALARM"] : []),
        "DEPLOYMENT_STOP_ON_REQUEST",
      ],
    },
    ...(watched
      ? { alarmConfiguration: { enabled: true, alarms: alarms.map(({ alarmName }) => alarmName) } }
      : {}),
  };
}

/** The name of a configuration that shifts so: one that every account has, or one of its own. */
function deploymentConfig(stack: ModelStack, { strategy, percent, minutes }: Shift): string {
  const predefined =
    percent === PREDEFINED_ROLLOUTS.percent ? PREDEFINED_ROLLOUTS[strategy].get(minutes) : undefined;
  if (predefined !== undefined) return predefined;
  const timing = { interval: minutes, percentage: percent };
  const config = new CodedeployDeploymentConfig(stack, "release-steps", {
    // It cannot be changed, nor deleted while a group uses it: another one takes another name, and comes first.
    deploymentConfigName: resourceName(
      [stack.prefix, stack.component, strategy, `${percent}p`, `${minutes}m`],
      LIMITS.codeDeployName.value,
    ),
    computePlatform: "Lambda",
    trafficRoutingConfig:
      strategy === "canary"
        ? { type: "TimeBasedCanary", timeBasedCanary: timing }
        : { type: "TimeBasedLinear", timeBasedLinear: timing },
    lifecycle: { createBeforeDestroy: true },
  });
  return config.deploymentConfigName;
}

/**
 * The rights of AWSCodeDeployRoleForLambda, less everything else than this alias and its alarms: no hooks, no revisions
 * in S3, no notices. A narrowed `DescribeAlarms` tells of metric alarms, which these are, and not of composite ones.
 * @see https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCodeDeployRoleForLambda.html (read 2026-11-23)
 */
function serviceRole(
  stack: ModelStack,
  plan: Plan,
  { fn, alias }: Released,
  alarms: readonly CloudwatchMetricAlarm[],
): ServiceRole {
  const { name, partition, dnsSuffix } = plan.region;
  // Lambda names either in its reference, by action; neither reaches another function.
  const resources = [fn.arn, alias.arn];
  return createServiceRole(stack, "release-role", {
    name: [stack.prefix, stack.component, "release", name],
    description: `Moves the alias of the model ${stack.prefix} on Lambda`,
    // China knows CodeDeploy by its region only.
    services: [partition === "aws-cn" ? `codedeploy.${name}.${dnsSuffix}` : "codedeploy.amazonaws.com"],
    statements: [
      {
        sid: "MoveAlias",
        actions: ["lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"],
        resources,
      },
      ...(alarms.length > 0
        ? [
            {
              sid: "WatchAlarms",
              actions: ["cloudwatch:DescribeAlarms"],
              resources: alarms.map(({ arn }) => arn),
            },
          ]
        : []),
    ],
    permissionsBoundaryArn: plan.security.permissionsBoundaryArn,
  });
}

/**
 * The AppSpec of the release from the version in service to the one just published. Terraform never moves the alias, but
 * reads it at each plan: its `function_version` is the version in service as of that apply.
 * @see https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html (read 2026-11-23)
 */
function appSpec({ fn, alias }: Released): string {
  return Fn.jsonencode({
    version: "0.0",
    Resources: [
      {
        function: {
          Type: "AWS::Lambda::Function",
          Properties: {
            Name: fn.functionName,
            Alias: alias.name,
            CurrentVersion: alias.functionVersion,
            TargetVersion: fn.version,
          },
        },
      },
    ],
  });
}
