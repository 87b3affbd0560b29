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
  { balancer, targetGroup }: LoadBalancer,
): void {
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
        tracking: { predefined: "ALBRequestCountPerTarget", resourceLabel: `${balancer}/${targetGroup}` },
        alarm: {
          namespace: "AWS/ApplicationELB",
          name: "RequestCountPerTarget",
          dimensions: { LoadBalancer: balancer, TargetGroup: targetGroup },
          statistic: "Sum",
        },
      };
    case "concurrency":
    case "provisioned-concurrency-utilization":
      throw new Error(`${metric} is no metric of ECS`);
  }
}
