import type { ITerraformDependable } from "cdktf";
import {
  EcsService,
  type EcsServiceCapacityProviderStrategy,
  type EcsServiceConfig,
  type EcsServiceDeploymentConfiguration,
  type EcsServiceLoadBalancer,
} from "@cdktf/provider-aws/lib/ecs-service";
import type { EcsTaskDefinition } from "@cdktf/provider-aws/lib/ecs-task-definition";
import type { Shared } from "../../modules/foundation/shared";
import type { ServiceRole } from "../../modules/iam/role";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import type { ModelStack } from "../../modules/stack/model-stack";
import type { Sealed } from "../../modules/stack/seal";
import type { Cluster } from "./cluster";
import type { LoadBalancer } from "./load-balancer";
import type { Options } from "./options";
import {
  bakeMinutes,
  deploymentMinutes,
  deploymentStrategy,
  graceSeconds,
  maximumPercent,
  scales,
  shiftsTraffic,
} from "./settings";
import { SERVER } from "./task";

type Plan = Sealed<AwsTargetPlan<Options>>;

export interface ServiceParts {
  readonly cluster: Cluster;
  readonly task: EcsTaskDefinition;
  readonly loadBalancer: LoadBalancer;
  /** With which ECS shifts traffic; null where it does not. */
  readonly trafficRole: ServiceRole | null;
  readonly securityGroupIds: readonly string[];
  /** Alarms that stop a deployment. */
  readonly alarmNames: readonly string[];
  readonly dependencies: readonly ITerraformDependable[];
}

/** The service: deployed as the manifest says, and back by itself when tasks do not come up or an alarm fires. */
export function createService(
  stack: ModelStack,
  plan: Plan,
  shared: Shared,
  parts: ServiceParts,
): EcsService {
  const { options, rollout, scaling, model } = plan;
  const { cluster, loadBalancer } = parts;
  const minutes = `${deploymentMinutes(plan)}m`;
  return new EcsService(stack, "service", {
    name: `${stack.prefix}-${stack.component}`,
    cluster: cluster.arn,
    taskDefinition: parts.task.arn,
    desiredCount: scaling.min,
    ...capacity(plan),
    // ECS takes another capacity provider strategy only with a new deployment.
    forceNewDeployment: true,
    platformVersion: "LATEST",
    availabilityZoneRebalancing: "ENABLED",
    networkConfiguration: {
      subnets: shared.network.privateSubnetIds,
      securityGroups: [...parts.securityGroupIds],
      assignPublicIp: false,
    },
    loadBalancer: [
      {
        targetGroupArn: loadBalancer.targetGroup.arn,
        containerName: SERVER,
        containerPort: model.server.port,
        ...alternateGroup(parts),
      },
    ],
    healthCheckGracePeriodSeconds: graceSeconds(plan),
    deploymentMinimumHealthyPercent: options.minimumHealthyPercent,
    deploymentMaximumPercent: maximumPercent(plan),
    deploymentConfiguration: deployment(plan),
    // The API reference keeps it to rolling deployments; the others were seen to go back by it, see the README.
    deploymentCircuitBreaker: { enable: true, rollback: rollout.rollback },
    ...(parts.alarmNames.length === 0
      ? {}
      : { alarms: { enable: true, rollback: rollout.rollback, alarmNames: [...parts.alarmNames] } }),
    enableExecuteCommand: options.executeCommand,
    enableEcsManagedTags: true,
    propagateTags: "SERVICE",
    waitForSteadyState: options.waitForSteadyState,
    // Shifts take long. Whoever interrupts an apply would leave ECS shifting on, to what Terraform knows nothing of.
    ...(shiftsTraffic(plan) && rollout.rollback && options.waitForSteadyState
      ? { sigintRollback: true }
      : {}),
    timeouts: { create: minutes, update: minutes },
    dependsOn: [...cluster.dependencies, ...loadBalancer.dependencies, ...parts.dependencies],
    ...(scales(plan) ? { lifecycle: { ignoreChanges: ["desired_count"] } } : {}),
  });
}

/** The second target group, with what ECS shifts traffic by. */
function alternateGroup({
  loadBalancer: { alternate },
  trafficRole,
}: ServiceParts): Pick<EcsServiceLoadBalancer, "advancedConfiguration"> {
  if (alternate === null || trafficRole === null) return {};
  return {
    advancedConfiguration: {
      alternateTargetGroupArn: alternate.targetGroup.arn,
      productionListenerRule: alternate.rule.arn,
      roleArn: trafficRole.arn,
    },
  };
}

/**
 * How a new version takes over. A rolling deployment is spelled out too, with what ECS reports for it: the provider keeps
 * whatever strategy a service has where none is written, and there would be no way back.
 */
function deployment(plan: Plan): EcsServiceDeploymentConfiguration {
  const strategy = deploymentStrategy(plan);
  const { step, interval } = plan.rollout;
  const minutes = String(interval.minutes);
  return {
    strategy,
    bakeTimeInMinutes: String(strategy === "ROLLING" ? 0 : bakeMinutes(plan)),
    ...(strategy === "CANARY"
      ? { canaryConfiguration: { canaryPercent: step, canaryBakeTimeInMinutes: minutes } }
      : {}),
    ...(strategy === "LINEAR"
      ? { linearConfiguration: { stepPercent: step, stepBakeTimeInMinutes: minutes } }
      : {}),
  };
}

/**
 * Where the tasks run. A created cluster has both capacity providers, so that the Spot share can change in place; an
 * existing one may have none, and needs none without Spot.
 */
function capacity({ options }: Plan): Pick<EcsServiceConfig, "launchType" | "capacityProviderStrategy"> {
  if (options.cluster !== undefined && options.spot === 0) return { launchType: "FARGATE" };
  return { capacityProviderStrategy: strategy(options) };
}

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html (2026-11) */
function strategy({ spot, onDemandBase }: Options): EcsServiceCapacityProviderStrategy[] {
  const share = Math.round(spot);
  if (share === 0) return [{ capacityProvider: "FARGATE", base: onDemandBase, weight: 100 }];
  const onSpot = { capacityProvider: "FARGATE_SPOT", weight: share };
  if (share === 100 && onDemandBase === 0) return [onSpot];
  return [{ capacityProvider: "FARGATE", base: onDemandBase, weight: 100 - share }, onSpot];
}
