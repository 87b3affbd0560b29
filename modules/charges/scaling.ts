import type { ScalingPolicy } from "../manifest/schema";
import type { PlannedScaling } from "../plan/plan";
import type { ReplicaScaling } from "../simulate/capacity";

/**
 * How Application Auto Scaling decides: on one-minute metrics, in alarms that CloudWatch evaluates each minute. The alarms
 * of target tracking want 3 bad minutes to add and 15 to remove; those of steps are made with 2 and 15.
 * @see https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html (read 2026-11-23)
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_billing.html#metric-alarms (read 2026-11-23)
 */
const CLOUDWATCH = {
  metricPeriodSeconds: 60,
  trackingOutPeriods: 3,
  stepOutPeriods: 2,
  scaleInPeriods: 15,
  /** Until the next evaluation, at most. */
  metricDelaySeconds: 60,
} as const;

/** What a replica's metrics derive from. */
export type ReplicaMetrics = Pick<ReplicaScaling, "cpu" | "memoryPercent">;

/** Replicas that Application Auto Scaling moves. */
export function cloudWatchScaling(
  scaling: PlannedScaling & { readonly policies: readonly ScalingPolicy[] },
  metrics: ReplicaMetrics,
): ReplicaScaling {
  const { min, max, policies } = scaling;
  const tracks = policies.some(({ type }) => type === "target-tracking");
  const steps = policies.some(({ type }) => type === "step");
  return {
    min,
    max,
    policies,
    metricPeriodSeconds: CLOUDWATCH.metricPeriodSeconds,
    scaleOutPeriods: steps && !tracks ? CLOUDWATCH.stepOutPeriods : CLOUDWATCH.trackingOutPeriods,
    scaleInPeriods: CLOUDWATCH.scaleInPeriods,
    metricDelaySeconds: CLOUDWATCH.metricDelaySeconds,
    ...metrics,
  };
}

/** Replicas that nothing moves. */
export function fixedReplicas(replicas: number, metrics: ReplicaMetrics): ReplicaScaling {
  return cloudWatchScaling({ min: replicas, max: replicas, policies: [] }, metrics);
}
