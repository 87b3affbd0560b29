import type { ScalingPolicy } from "../manifest/schema";
import type { PlannedScaling } from "../plan/plan";
import type { ReplicaScaling } from "../simulate/capacity";

/**
 * How Application Auto Scaling decides: on one-minute metrics, in alarms that CloudWatch evaluates each minute. The alarms
 * of target tracking want 3 bad minutes to add and 15 to remove: observed, not documented, and AWS may change them. The
 * alarms of steps are this product's own, with 2 and 15.
 * @see AWS's Fargate workshop, "Lab 3: Scaling and Security" (2020-04-10): `aws cloudwatch describe-alarms` shows
 * "CPUUtilization > 30 for 3 datapoints within 3 minutes" and "< 27 for 15 datapoints within 15 minutes"
 * @see https://fortem.dev/blog/ecs-fargate-autoscaling/ (read 2026-11-23): about 3 minutes above, about 15 below
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
