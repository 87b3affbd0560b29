import type { ITerraformDependable } from "cdktf";
import type { EcsService } from "@cdktf/provider-aws/lib/ecs-service";
import { Alarms, toleratedErrorRate } from "../../modules/observability/alarms";
import { createDashboard, type GraphMetric } from "../../modules/observability/dashboard";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import type { ModelStack } from "../../modules/stack/model-stack";
import type { Sealed } from "../../modules/stack/seal";
import type { Cluster } from "./cluster";
import type { LoadBalancer } from "./load-balancer";
import type { Options } from "./options";
import { fewestTasks } from "./settings";

type Plan = Sealed<AwsTargetPlan<Options>>;

const BALANCER = "AWS/ApplicationELB";

/** Alarms that a deployment listens to: they tell of what callers see, not of tasks that are still starting. */
export interface DeploymentAlarms {
  readonly names: readonly string[];
  readonly resources: readonly ITerraformDependable[];
}

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html (2026-11) */
export function deploymentAlarms(
  stack: ModelStack,
  plan: Plan,
  topicArn: string | null,
  { balancer, targetGroup }: LoadBalancer,
): DeploymentAlarms {
  const alarms = new Alarms(stack, plan, topicArn);
  const dimensions = { LoadBalancer: balancer.arnSuffix };
  const errorRate = toleratedErrorRate(plan);
  const count = (id: string, metricName: string) => ({
    id,
    metric: { namespace: BALANCER, metricName, dimensions, period: 60, stat: "Sum" },
    returnData: false,
  });
  const resources = [
    alarms.add({
      suffix: "errors",
      description: `More than ${percent(errorRate)} of the requests fail with 5xx: look at the tasks' log group, then at the load balancer's access log`,
      metric: {
        queries: [
          {
            id: "share",
            // The load balancer counts what it answers itself (no task, no connection) apart from what tasks answer.
            expression: "(FILL(tasks, 0) + FILL(own, 0)) / (FILL(requests, 0) + FILL(own, 0))",
            label: "share of failed requests",
            returnData: true,
          },
          count("tasks", "HTTPCode_Target_5XX_Count"),
          count("own", "HTTPCode_ELB_5XX_Count"),
          count("requests", "RequestCount"),
        ],
      },
      comparison: "GreaterThanThreshold",
      threshold: errorRate,
      period: 60,
      evaluationPeriods: 5,
      datapointsToAlarm: 3,
    }),
  ];
  const goal = plan.workload?.slo?.p99;
  if (goal !== undefined) {
    resources.push(
      alarms.add({
        suffix: "latency",
        description: `1 % of the requests take longer than the goal of ${goal.toString()}`,
        metric: {
          namespace: BALANCER,
          name: "TargetResponseTime",
          dimensions: { ...dimensions, TargetGroup: targetGroup.arnSuffix },
          statistic: "p99",
        },
        comparison: "GreaterThanThreshold",
        threshold: goal.seconds,
        period: 60,
        evaluationPeriods: 5,
        datapointsToAlarm: 3,
      }),
    );
  }
  return { names: alarms.names, resources: resources.filter((alarm) => alarm !== null) };
}

/** Alarms on the tasks themselves. They start after the service does, whose first tasks would set them off. */
export function taskAlarms(
  stack: ModelStack,
  plan: Plan,
  topicArn: string | null,
  { balancer, targetGroup }: LoadBalancer,
  service: EcsService,
): void {
  const alarms = new Alarms(stack, plan, topicArn);
  const dimensions = { LoadBalancer: balancer.arnSuffix, TargetGroup: targetGroup.arnSuffix };
  const common = { period: 60, evaluationPeriods: 5, datapointsToAlarm: 5, dependsOn: [service] };
  const fewest = fewestTasks(plan);
  alarms.add({
    ...common,
    suffix: "unhealthy-tasks",
    description: `Tasks do not answer ${plan.model.server.health}: look at their log group`,
    metric: { namespace: BALANCER, name: "UnHealthyHostCount", dimensions, statistic: "Maximum" },
    comparison: "GreaterThanThreshold",
    threshold: 0,
  });
  alarms.add({
    ...common,
    suffix: "too-few-tasks",
    description: `${fewest === 1 ? "No task serves" : `Fewer than ${fewest} tasks serve`}: look at the service's events and at its stopped tasks`,
    metric: { namespace: BALANCER, name: "HealthyHostCount", dimensions, statistic: "Minimum" },
    comparison: "LessThanThreshold",
    threshold: fewest,
    // The load balancer says nothing where it knows no task at all.
    missingData: "breaching",
  });
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(6))} %`;
}

/** The dashboard: traffic, latency, errors, tasks and what they use. */
export function createServiceDashboard(
  stack: ModelStack,
  plan: Plan,
  cluster: Cluster,
  service: EcsService,
  { balancer, targetGroup }: LoadBalancer,
): void {
  const inFront = { LoadBalancer: balancer.arnSuffix };
  const behind = { ...inFront, TargetGroup: targetGroup.arnSuffix };
  const ofService = { ClusterName: cluster.name, ServiceName: service.name };
  const line = (
    namespace: string,
    dimensions: Readonly<Record<string, string>>,
    name: string,
    statistic: string,
    label: string,
    axis: "left" | "right" = "left",
  ): GraphMetric => ({ namespace, name, dimensions, statistic, label, axis });
  const goal = plan.workload?.slo?.p99;
  createDashboard(stack, plan, [
    {
      title: "Requests per minute",
      metrics: [
        line(BALANCER, inFront, "RequestCount", "Sum", "all"),
        line(BALANCER, behind, "RequestCountPerTarget", "Sum", "per task", "right"),
      ],
    },
    {
      title: "Latency (s)",
      metrics: ["p50", "p95", "p99"].map((statistic) =>
        line(BALANCER, behind, "TargetResponseTime", statistic, statistic),
      ),
      ...(goal === undefined ? {} : { threshold: { label: "goal for p99", value: goal.seconds } }),
    },
    {
      title: "Errors",
      metrics: [
        line(BALANCER, inFront, "HTTPCode_Target_5XX_Count", "Sum", "5xx of tasks"),
        line(BALANCER, inFront, "HTTPCode_ELB_5XX_Count", "Sum", "5xx of the load balancer"),
        line(BALANCER, inFront, "HTTPCode_Target_4XX_Count", "Sum", "4xx of tasks", "right"),
      ],
    },
    {
      title: "Tasks",
      metrics: [
        line(BALANCER, behind, "HealthyHostCount", "Minimum", "healthy"),
        line(BALANCER, behind, "UnHealthyHostCount", "Maximum", "unhealthy"),
        line("ECS/ContainerInsights", ofService, "RunningTaskCount", "Average", "running"),
        line("ECS/ContainerInsights", ofService, "DesiredTaskCount", "Average", "desired"),
      ],
    },
    {
      title: "CPU and memory (%)",
      metrics: [
        line("AWS/ECS", ofService, "CPUUtilization", "Average", "CPU"),
        line("AWS/ECS", ofService, "MemoryUtilization", "Average", "memory"),
        line("AWS/ECS", ofService, "MemoryUtilization", "Maximum", "memory, fullest task"),
      ],
    },
  ]);
}
