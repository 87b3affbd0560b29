import type { ITerraformDependable } from "cdktf";
import type { EcsService } from "@cdktf/provider-aws/lib/ecs-service";
import type { LbTargetGroup } from "@cdktf/provider-aws/lib/lb-target-group";
import { Alarms, type AlarmSpec, toleratedErrorRate } from "../../modules/observability/alarms";
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
  loadBalancer: LoadBalancer,
): DeploymentAlarms {
  const alarms = new Alarms(stack, plan, topicArn);
  const { balancer, targetGroup, alternate } = loadBalancer;
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
  if (alternate !== null) {
    // Each group holds one version. Among all requests, the errors of a version with a small share would not be seen.
    for (const { name, group } of groups(loadBalancer)) {
      resources.push(alarms.add(versionErrors(name, group, dimensions, errorRate)));
    }
  }
  const goal = plan.workload?.slo?.p99;
  if (goal !== undefined) {
    resources.push(
      alarms.add({
        suffix: "latency",
        description: `1 % of the requests take longer than the goal of ${goal.toString()}`,
        metric: {
          namespace: BALANCER,
          name: "TargetResponseTime",
          // Where either group may serve, the load balancer's own figure follows the one that does.
          dimensions: alternate === null ? { ...dimensions, TargetGroup: targetGroup.arnSuffix } : dimensions,
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

/** The target groups by name: the one that is always there, and the one that ECS shifts traffic to and from. */
function groups({ targetGroup, alternate }: LoadBalancer): readonly Group[] {
  const primary = { name: "primary", group: targetGroup } as const;
  return alternate === null ? [primary] : [primary, { name: "alternate", group: alternate.targetGroup }];
}

interface Group {
  readonly name: "primary" | "alternate";
  readonly group: LbTargetGroup;
}

function versionErrors(
  name: string,
  group: LbTargetGroup,
  inFront: Readonly<Record<string, string>>,
  errorRate: number,
): AlarmSpec {
  const dimensions = { ...inFront, TargetGroup: group.arnSuffix };
  const count = (id: string, metricName: string) => ({
    id,
    metric: { namespace: BALANCER, metricName, dimensions, period: 60, stat: "Sum" },
    returnData: false,
  });
  return {
    suffix: `errors-${name}`,
    description: `More than ${percent(errorRate)} of the requests to the ${name} target group fail with 5xx: look at the tasks' log group`,
    metric: {
      queries: [
        {
          id: "share",
          expression: "FILL(errors, 0) / requests",
          label: "share of failed requests",
          returnData: true,
        },
        count("errors", "HTTPCode_Target_5XX_Count"),
        count("requests", "RequestCount"),
      ],
    },
    comparison: "GreaterThanThreshold",
    threshold: errorRate,
    period: 60,
    evaluationPeriods: 5,
    datapointsToAlarm: 3,
  };
}

/** Alarms on the tasks themselves. They start after the service does, whose first tasks would set them off. */
export function taskAlarms(
  stack: ModelStack,
  plan: Plan,
  topicArn: string | null,
  loadBalancer: LoadBalancer,
  service: EcsService,
): void {
  const alarms = new Alarms(stack, plan, topicArn);
  const { balancer } = loadBalancer;
  const behind = (group: LbTargetGroup) => ({
    LoadBalancer: balancer.arnSuffix,
    TargetGroup: group.arnSuffix,
  });
  const common = { period: 60, evaluationPeriods: 5, datapointsToAlarm: 5, dependsOn: [service] };
  const fewest = fewestTasks(plan);
  for (const { name, group } of groups(loadBalancer)) {
    alarms.add({
      ...common,
      suffix: name === "primary" ? "unhealthy-tasks" : `unhealthy-tasks-${name}`,
      description: `Tasks do not answer ${plan.model.server.health}: look at their log group`,
      metric: {
        namespace: BALANCER,
        name: "UnHealthyHostCount",
        dimensions: behind(group),
        statistic: "Maximum",
      },
      comparison: "GreaterThanThreshold",
      threshold: 0,
    });
  }
  alarms.add({
    ...common,
    suffix: "too-few-tasks",
    description: `${fewest === 1 ? "No task serves" : `Fewer than ${fewest} tasks serve`}: look at the service's events and at its stopped tasks`,
    metric: healthyTasks(loadBalancer, behind),
    comparison: "LessThanThreshold",
    threshold: fewest,
    // The load balancer says nothing where it knows no task at all.
    missingData: "breaching",
  });
}

/** Healthy tasks in all target groups; a group without tasks reports nothing. */
function healthyTasks(
  loadBalancer: LoadBalancer,
  behind: (group: LbTargetGroup) => Readonly<Record<string, string>>,
): AlarmSpec["metric"] {
  const name = "HealthyHostCount";
  const statistic = "Minimum";
  if (loadBalancer.alternate === null) {
    return { namespace: BALANCER, name, dimensions: behind(loadBalancer.targetGroup), statistic };
  }
  const both = groups(loadBalancer);
  return {
    queries: [
      {
        id: "healthy",
        expression: both.map(({ name: group }) => `FILL(${group}, 0)`).join(" + "),
        label: "healthy tasks",
        returnData: true,
      },
      ...both.map(({ name: id, group }) => ({
        id,
        metric: {
          namespace: BALANCER,
          metricName: name,
          dimensions: behind(group),
          period: 60,
          stat: statistic,
        },
        returnData: false,
      })),
    ],
  };
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
  loadBalancer: LoadBalancer,
): void {
  const { balancer, alternate } = loadBalancer;
  const inFront = { LoadBalancer: balancer.arnSuffix };
  const ofService = { ClusterName: cluster.name, ServiceName: service.name };
  const line = (
    namespace: string,
    dimensions: Readonly<Record<string, string>>,
    name: string,
    statistic: string,
    label: string,
    axis: "left" | "right" = "left",
  ): GraphMetric => ({ namespace, name, dimensions, statistic, label, axis });
  /** A line for each target group; named where there is more than one. */
  const perGroup = (name: string, statistic: string, label: string, axis: "left" | "right" = "left") =>
    groups(loadBalancer).map(({ name: group, group: { arnSuffix } }) =>
      line(
        BALANCER,
        { ...inFront, TargetGroup: arnSuffix },
        name,
        statistic,
        alternate === null ? label : `${label} (${group})`,
        axis,
      ),
    );
  const goal = plan.workload?.slo?.p99;
  createDashboard(stack, plan, [
    {
      title: "Requests per minute",
      metrics: [
        line(BALANCER, inFront, "RequestCount", "Sum", "all"),
        ...perGroup("RequestCountPerTarget", "Sum", "per task", "right"),
      ],
    },
    {
      title: "Latency (s)",
      metrics: ["p50", "p95", "p99"].flatMap((statistic) =>
        perGroup("TargetResponseTime", statistic, statistic),
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
        ...perGroup("HealthyHostCount", "Minimum", "healthy"),
        ...perGroup("UnHealthyHostCount", "Maximum", "unhealthy"),
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
