import { AppautoscalingPolicy } from "@cdktf/provider-aws/lib/appautoscaling-policy";
import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import type { EcsService } from "@cdktf/provider-aws/lib/ecs-service";
import type { ScalingMetric } from "../../modules/manifest/schema";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import { createScaling, type MeasuredMetric } from "../../modules/scaling/application-auto-scaling";
import type { ModelStack } from "../../modules/stack/model-stack";
import type { Sealed } from "../../modules/stack/seal";
import type { Cluster } from "./cluster";
import type { LoadBalancer } from "./load-balancer";
import type { Options } from "./options";

/** Scales the service between the manifest's bounds. */
export function createServiceScaling(
  stack: ModelStack,
  plan: Sealed<AwsTargetPlan<Options>>,
  cluster: Cluster,
  service: EcsService,
  loadBalancer: LoadBalancer,
): void {
  const { balancer, targetGroup } = loadBalancer;
  const dimensions = { ClusterName: cluster.name, ServiceName: service.name };
  createScaling(
    stack,
    {
      serviceNamespace: "ecs",
      resourceId: `service/${cluster.name}/${service.name}`,
      dimension: "ecs:service:DesiredCount",
    },
    plan.scaling,
    (metric) => measure(metric, dimensions, balancer.arnSuffix, targetGroup.arnSuffix),
  );
  if (loadBalancer.alternate !== null)
    countBothGroups(stack, balancer.arnSuffix, [
      { id: "primary", targetGroup: targetGroup.arnSuffix },
      { id: "alternate", targetGroup: loadBalancer.alternate.targetGroup.arnSuffix },
    ]);
}

/** What both services call it; the one that Application Auto Scaling predefines is bound to a single target group. */
const PER_TARGET = { predefined: "ALBRequestCountPerTarget", name: "RequestCountPerTarget" } as const;

/**
 * Where traffic shifts between two target groups, requests per task are the sum of both: the group that does not serve
 * counts none, and while both serve, each counts its share. The metric is always reported, also for a group without
 * tasks. It is not filled up with zeros where it is late: the newest minute would always be one.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-autoscaling-targettracking.html (2026-11)
 * @see https://github.com/aws-samples/sample-amazon-ecs-blue-green-deployment-patterns/tree/main/ecs-bluegreen-autoscaling (2026-07)
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html (2026-11)
 */
function countBothGroups(
  stack: ModelStack,
  balancer: string,
  groups: readonly { readonly id: string; readonly targetGroup: string }[],
): void {
  const sum = {
    id: "both",
    expression: groups.map(({ id }) => id).join(" + "),
    label: "requests per task and minute",
    returnData: true,
  };
  const measured = groups.map(({ id, targetGroup }) => ({
    id,
    dimensions: { LoadBalancer: balancer, TargetGroup: targetGroup },
  }));
  const metric = { namespace: "AWS/ApplicationELB", metricName: PER_TARGET.name } as const;
  for (const child of stack.node.children) {
    if (child instanceof AppautoscalingPolicy) {
      const { predefinedMetricSpecification, ...rest } =
        child.targetTrackingScalingPolicyConfigurationInput ?? { targetValue: 0 };
      if (predefinedMetricSpecification?.predefinedMetricType !== PER_TARGET.predefined) continue;
      child.putTargetTrackingScalingPolicyConfiguration({
        ...rest,
        customizedMetricSpecification: {
          metrics: [
            sum,
            ...measured.map(({ id, dimensions }) => ({
              id,
              metricStat: {
                stat: "Sum",
                metric: {
                  ...metric,
                  dimensions: Object.entries(dimensions).map(([name, value]) => ({ name, value })),
                },
              },
              returnData: false,
            })),
          ],
        },
      });
    } else if (child instanceof CloudwatchMetricAlarm && child.metricNameInput === PER_TARGET.name) {
      child.resetNamespace();
      child.resetMetricName();
      child.resetDimensions();
      child.resetPeriod();
      child.resetStatistic();
      child.putMetricQuery([
        sum,
        ...measured.map(({ id, dimensions }) => ({
          id,
          metric: { ...metric, dimensions, period: 60, stat: "Sum" },
          returnData: false,
        })),
      ]);
    }
  }
}

/**
 * ECS counts CPU and memory in percent of what the task has, and requests per target and minute, as the manifest does.
 * @see https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PredefinedMetricSpecification.html (2026-11)
 */
function measure(
  metric: ScalingMetric,
  dimensions: Readonly<Record<string, string>>,
  balancer: string,
  targetGroup: string,
): MeasuredMetric {
  const ofService = (predefined: string, name: string): MeasuredMetric => ({
    tracking: { predefined },
    alarm: { namespace: "AWS/ECS", name, dimensions, statistic: "Average" },
  });
  switch (metric) {
    case "cpu":
      return ofService("ECSServiceAverageCPUUtilization", "CPUUtilization");
    case "memory":
      return ofService("ECSServiceAverageMemoryUtilization", "MemoryUtilization");
    case "invocations-per-instance":
      return {
        tracking: { predefined: PER_TARGET.predefined, resourceLabel: `${balancer}/${targetGroup}` },
        alarm: {
          namespace: "AWS/ApplicationELB",
          name: PER_TARGET.name,
          dimensions: { LoadBalancer: balancer, TargetGroup: targetGroup },
          statistic: "Sum",
        },
      };
    case "concurrency":
    case "provisioned-concurrency-utilization":
      throw new Error(`${metric} is no metric of ECS`);
  }
}
