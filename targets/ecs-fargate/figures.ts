import type { Figure } from "../../modules/compare/target-comparison";

/** What `compare` takes Fargate and its load balancer to do, each figure with where it was seen. */
export const FIGURES = {
  /**
   * From PENDING to RUNNING, most of it the pull of the image. Others saw 53 to 62 s for 413 MB (2024-04,
   * https://elasticscale.com/blog/reduce-aws-fargate-pull-times-with-soci). An image is pulled anew for every task.
   */
  taskStart: {
    name: "start of a task",
    value: 70,
    unit: "s",
    source: "https://github.com/aws/containers-roadmap/issues/696: an image of 900 MB from ECR in the region",
    asOf: "2020-02-21",
    confidence: "medium",
  },
  /** What the load balancer spends on a request and on its answer. */
  overhead: {
    name: "way through the load balancer",
    value: 2,
    unit: "ms",
    source:
      "https://repost.aws/knowledge-center/elb-fix-high-latency-on-alb: 1 ms for the request and 1 ms for the answer in the access log that it shows",
    asOf: "2026-11-23",
    confidence: "low",
  },
} as const satisfies Readonly<Record<string, Figure>>;

/**
 * Metrics of Container Insights on Fargate for one service in a cluster of its own. A metric counts once for each set of
 * dimensions that it is reported by: cluster, service, family of the task definition.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html (copy of 2023 in
 * awsdocs/amazon-cloudwatch-user-guide, which lists all but EphemeralStorage*)
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-reference-performance-logs-ECS.html
 * (same copy): the events that the metrics are made of, and their dimensions
 */
export const CONTAINER_INSIGHTS = {
  /**
   * CpuUtilized, CpuReserved, MemoryUtilized, MemoryReserved, NetworkRxBytes, NetworkTxBytes, StorageReadBytes,
   * StorageWriteBytes; and, seen in public dashboards by cluster and by service, EphemeralStorageUtilized and
   * EphemeralStorageReserved of platform version 1.4.0.
   */
  byClusterServiceAndFamily: 10,
  /**
   * ServiceCount, TaskCount, ContainerInstanceCount: one event has all three, also that of a cluster without instances,
   * which was seen with `"TaskCount": 1, "ContainerInstanceCount": 0, "ServiceCount": 1` (2022-04-22).
   */
  byCluster: 3,
  /** DeploymentCount, DesiredTaskCount, PendingTaskCount, RunningTaskCount, TaskSetCount. */
  byService: 5,
} as const;
