import type { Shared } from "../../modules/foundation/shared";
import { Alarms } from "../../modules/observability/alarms";
import { createDashboard, type Graph, type GraphMetric } from "../../modules/observability/dashboard";
import { trackingPolicies } from "./autoscaler";
import { clusterOf, fewestReplicas, hasContainerInsights, mostReplicas, namespaceOf } from "./cluster";
import type { Workload } from "./stack";

/**
 * Metrics of the agents, with dimensions as they publish them.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/container-insights-eks-classic-metrics.html (read 2026-11-23)
 */
const INSIGHTS = "ContainerInsights";

/**
 * Metrics of the control plane, which every cluster has.
 * @see https://docs.aws.amazon.com/eks/latest/userguide/cloudwatch.html (read 2026-11-23)
 */
const CONTROL_PLANE = "AWS/EKS";

/** Adds alarms and dashboard, on metrics that the cluster really has. */
export function observe(workload: Workload, shared: Shared): void {
  const insights = hasContainerInsights(workload.plan);
  const own = clusterOf(workload.plan).kind === "created";
  if (insights || own) {
    const alarms = new Alarms(workload.stack, workload.plan, shared.topicArn);
    if (insights) addPodAlarms(workload, alarms);
    if (own) addSchedulerAlarm(workload, alarms);
    if (own && insights) addNodeAlarms(workload, alarms);
  }
  createDashboard(workload.stack, workload.plan, [
    ...(insights ? podGraphs(workload) : []),
    ...(insights && own ? [nodeGraph(workload)] : []),
    schedulerGraph(workload),
  ]);
}

/** Container Insights calls a workload's pods by the name of what made them. */
function podDimensions({ plan, cluster, name }: Workload): Record<string, string> {
  return { ClusterName: cluster, Namespace: namespaceOf(plan).name, PodName: name };
}

function addPodAlarms(workload: Workload, alarms: Alarms): void {
  const { plan } = workload;
  // A schedule moves both bounds: the outermost ones never raise a false alarm.
  const fewest = fewestReplicas(plan);
  const most = mostReplicas(plan);
  const dimensions = podDimensions(workload);
  const metric = (name: string, statistic: string) => ({ namespace: INSIGHTS, name, dimensions, statistic });
  alarms.add({
    suffix: "replicas",
    description: `Fewer than ${fewest} replicas answer their health check, or nothing measures them.`,
    metric: metric("replicas_ready", "Minimum"),
    comparison: "LessThanThreshold",
    threshold: fewest,
    period: 60,
    evaluationPeriods: 5,
    datapointsToAlarm: 5,
    missingData: "breaching",
  });
  alarms.add({
    suffix: "restarts",
    description: "Containers restart: they crash, run out of memory, or fail their liveness probe.",
    metric: metric("pod_number_of_container_restarts", "Sum"),
    comparison: "GreaterThanOrEqualToThreshold",
    threshold: 3,
    period: 300,
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
  });
  alarms.add({
    suffix: "memory",
    description: "A replica uses 90 % of its memory; at 100 % it is killed.",
    metric: metric("pod_memory_utilization_over_pod_limit", "Maximum"),
    comparison: "GreaterThanOrEqualToThreshold",
    threshold: 90,
    period: 60,
    evaluationPeriods: 5,
    datapointsToAlarm: 5,
  });
  if (trackingPolicies(plan).length > 0 && most > fewest) {
    alarms.add({
      suffix: "at-maximum",
      description: `The autoscaler has asked for all ${most} replicas for a while; more load will not find more.`,
      metric: metric("replicas_desired", "Minimum"),
      comparison: "GreaterThanOrEqualToThreshold",
      threshold: most,
      period: 60,
      evaluationPeriods: 30,
      datapointsToAlarm: 30,
    });
  }
}

function addSchedulerAlarm({ cluster }: Workload, alarms: Alarms): void {
  alarms.add({
    suffix: "unschedulable",
    description: "Pods of the cluster find no node with room for them.",
    metric: {
      namespace: CONTROL_PLANE,
      name: "scheduler_pending_pods_UNSCHEDULABLE",
      dimensions: { ClusterName: cluster },
      statistic: "Sum",
    },
    comparison: "GreaterThanOrEqualToThreshold",
    threshold: 1,
    period: 60,
    evaluationPeriods: 15,
    datapointsToAlarm: 15,
  });
}

function addNodeAlarms({ cluster }: Workload, alarms: Alarms): void {
  const dimensions = { ClusterName: cluster };
  alarms.add({
    suffix: "nodes",
    description: "A node of the cluster is not well.",
    metric: { namespace: INSIGHTS, name: "cluster_failed_node_count", dimensions, statistic: "Maximum" },
    comparison: "GreaterThanOrEqualToThreshold",
    threshold: 1,
    period: 60,
    evaluationPeriods: 10,
    datapointsToAlarm: 10,
  });
  alarms.add({
    suffix: "node-disk",
    description: "A node's disk is 80 % full; from 90 % on pods are evicted. Raise targets.eks.nodeDisk.",
    metric: { namespace: INSIGHTS, name: "node_filesystem_utilization", dimensions, statistic: "Maximum" },
    comparison: "GreaterThanOrEqualToThreshold",
    threshold: 80,
    period: 300,
    evaluationPeriods: 2,
    datapointsToAlarm: 2,
  });
}

function podGraphs(workload: Workload): readonly Graph[] {
  const dimensions = podDimensions(workload);
  const line = (name: string, statistic: string, label: string): GraphMetric => ({
    namespace: INSIGHTS,
    name,
    dimensions,
    statistic,
    label,
  });
  const { gpu } = workload.plan.resources;
  return [
    {
      title: "Replicas",
      metrics: [line("replicas_desired", "Maximum", "desired"), line("replicas_ready", "Minimum", "ready")],
      threshold: { label: "at most", value: mostReplicas(workload.plan) },
    },
    {
      title: "Memory of its limit (%)",
      metrics: [
        line("pod_memory_utilization_over_pod_limit", "Average", "average"),
        line("pod_memory_utilization_over_pod_limit", "Maximum", "maximum"),
      ],
      threshold: { label: "alarm", value: 90 },
    },
    {
      title: "CPU of the node (%)",
      metrics: [
        line("pod_cpu_utilization", "Average", "average"),
        line("pod_cpu_utilization", "Maximum", "maximum"),
      ],
    },
    ...(gpu === 0
      ? []
      : [
          {
            title: "GPU (%)",
            metrics: ["container_gpu_utilization", "container_gpu_memory_utilization"].map((name) => ({
              ...line(name, "Average", name === "container_gpu_utilization" ? "compute" : "memory"),
              dimensions: { ...dimensions, ContainerName: "model" },
            })),
          },
        ]),
    {
      title: "Network (bytes/s)",
      metrics: [line("pod_network_rx_bytes", "Sum", "in"), line("pod_network_tx_bytes", "Sum", "out")],
    },
    {
      title: "Restarts",
      period: 300,
      metrics: [line("pod_number_of_container_restarts", "Sum", "restarts")],
    },
  ];
}

function nodeGraph({ cluster }: Workload): Graph {
  const line = (name: string, label: string, axis: "left" | "right"): GraphMetric => ({
    namespace: INSIGHTS,
    name,
    dimensions: { ClusterName: cluster },
    statistic: "Maximum",
    label,
    axis,
  });
  return {
    title: "Nodes",
    metrics: [
      line("cluster_node_count", "nodes", "left"),
      line("node_cpu_utilization", "CPU (%)", "right"),
      line("node_memory_utilization", "memory (%)", "right"),
      line("node_filesystem_utilization", "disk (%)", "right"),
    ],
  };
}

function schedulerGraph({ cluster }: Workload): Graph {
  return {
    title: "Pods of the whole cluster without a node",
    metrics: [
      {
        namespace: CONTROL_PLANE,
        name: "scheduler_pending_pods_UNSCHEDULABLE",
        dimensions: { ClusterName: cluster },
        statistic: "Sum",
        label: "unschedulable",
      },
    ],
  };
}
