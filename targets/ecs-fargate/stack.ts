import { TerraformOutput } from "cdktf";
import { artifactInS3 } from "../../modules/artifact/artifact";
import type { Shared } from "../../modules/foundation/shared";
import { createLogGroup } from "../../modules/observability/log-group";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import type { ModelStack } from "../../modules/stack/model-stack";
import type { Sealed } from "../../modules/stack/seal";
import { clusterOf } from "./cluster";
import { createLoadBalancer, type LoadBalancer } from "./load-balancer";
import { createSecurityGroups } from "./network";
import { createServiceDashboard, deploymentAlarms, taskAlarms } from "./observability";
import type { Options } from "./options";
import { executionRole, taskRole, trafficRole } from "./roles";
import { createServiceScaling } from "./scaling";
import { createService } from "./service";
import { createTaskDefinition, loaderImages } from "./task";

type Plan = Sealed<AwsTargetPlan<Options>>;

/** A service on Fargate behind a load balancer, with everything it needs around it. */
export function synthesize(stack: ModelStack, plan: Plan, shared: Shared): void {
  const logGroup = createLogGroup(stack, "log-group", plan, {
    name: `/modelport/${stack.prefix}/${stack.component}`,
    keyArn: shared.keyArn,
  });
  const cluster = clusterOf(stack, plan, shared);
  const artifact = artifactInS3(stack, plan, shared);
  const roles = {
    executionRole: executionRole(stack, plan, shared, {
      logGroupArn: logGroup.arn,
      images: loaderImages(plan, artifact),
    }),
    taskRole: taskRole(stack, plan, shared, { artifact, execLogGroupArn: cluster.execLogGroupArn }),
  };
  const task = createTaskDefinition(stack, plan, shared, { logGroupName: logGroup.name, artifact, ...roles });

  const groups = createSecurityGroups(stack, plan, shared);
  const loadBalancer = createLoadBalancer(stack, plan, shared, groups.loadBalancer);
  const traffic = trafficRole(stack, plan, loadBalancer);
  const alarms = deploymentAlarms(stack, plan, shared.topicArn, loadBalancer);
  const service = createService(stack, plan, shared, {
    cluster,
    task,
    loadBalancer,
    trafficRole: traffic,
    securityGroupIds: groups.tasks,
    alarmNames: alarms.names,
    dependencies: [
      ...groups.dependencies,
      ...roles.executionRole.dependencies,
      ...roles.taskRole.dependencies,
      ...(traffic?.dependencies ?? []),
      ...alarms.resources,
    ],
  });
  createServiceScaling(stack, plan, cluster, service, loadBalancer);
  taskAlarms(stack, plan, shared.topicArn, loadBalancer, service);
  createServiceDashboard(stack, plan, cluster, service, loadBalancer);
  addOutputs(stack, plan, {
    ...addressOf(plan, loadBalancer),
    cluster_name: cluster.name,
    service_name: service.name,
    task_definition_arn: task.arn,
    log_group_name: logGroup.name,
  });
}

function addressOf({ network }: Plan, { balancer, listener, targetGroup, alternate }: LoadBalancer) {
  const scheme = network.certificateArn === null ? "http" : "https";
  return {
    url: `${scheme}://${network.domain ?? balancer.dnsName}`,
    load_balancer_dns_name: balancer.dnsName,
    load_balancer_zone_id: balancer.zoneId,
    load_balancer_arn: balancer.arn,
    listener_arn: listener.arn,
    target_group_arn: targetGroup.arn,
    ...(alternate === null
      ? {}
      : {
          alternate_target_group_arn: alternate.targetGroup.arn,
          production_listener_rule_arn: alternate.rule.arn,
        }),
  };
}

function addOutputs(stack: ModelStack, plan: Plan, values: Readonly<Record<string, string>>): void {
  const descriptions: Readonly<Record<string, string>> = {
    url: `Where ${plan.name} answers: POST ${plan.model.server.invoke}`,
    load_balancer_zone_id: "Hosted zone of the load balancer, for an alias record",
    production_listener_rule_arn: "Its weights say which target group serves",
  };
  for (const [name, value] of Object.entries(values)) {
    const description = descriptions[name];
    new TerraformOutput(stack, `output-${name}`, {
      value,
      ...(description === undefined ? {} : { description }),
    }).overrideLogicalId(name);
  }
}
