import type { Charge } from "../compare/target-comparison";
import type { ScalingPolicy } from "../manifest/schema";
import type { EnvironmentPlan } from "../plan/plan";

/**
 * CloudWatch bills an alarm for each metric that it references: one with an expression over three metrics counts three.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_billing.html#metric-alarms (read 2026-11-23)
 */
const BY_METRIC = "An alarm is billed for each metric in it (CloudWatch billing, 2026-11-23)";

type MetricPolicy = Exclude<ScalingPolicy, { type: "scheduled" }>;

/**
 * Metrics in the alarms of scaling policies: target tracking has one alarm to add and one to remove, which Application
 * Auto Scaling makes; steps have one for each direction that they go.
 * @param metricsOf metrics that a policy's alarm references. Default one.
 */
export function scalingAlarmMetrics(
  policies: readonly ScalingPolicy[],
  metricsOf: (policy: MetricPolicy) => number = () => 1,
): { readonly tracking: number; readonly step: number } {
  let tracking = 0;
  let step = 0;
  for (const policy of policies) {
    if (policy.type === "target-tracking") tracking += 2 * metricsOf(policy);
    if (policy.type === "step") {
      const directions = [
        policy.steps.some(({ from }) => from >= 0),
        policy.steps.some(({ from }) => from < 0),
      ];
      step += directions.filter(Boolean).length * metricsOf(policy);
    }
  }
  return { tracking, step };
}

/** What watching costs, busy or not. */
export interface Watching {
  /** Metrics in the alarms that the stack makes for people and rollbacks; they go with `observability.alarms`. */
  readonly alarmMetrics: number;
  /** Metrics in the alarms of scaling policies. */
  readonly scaling: { readonly tracking: number; readonly step: number };
}

/** Alarms and dashboard. */
export function watchingCharges(
  { observability }: Pick<EnvironmentPlan, "observability">,
  { alarmMetrics, scaling }: Watching,
): readonly Charge[] {
  const alarms = (name: string, quantity: number): Charge => ({
    name,
    key: "cloudwatch/alarm",
    quantity,
    basis: "provisioned",
    assumption: BY_METRIC,
  });
  return [
    alarms("alarms", (observability.alarms ? alarmMetrics : 0) + scaling.step),
    alarms("alarms of target tracking", scaling.tracking),
    {
      name: "dashboard",
      key: "cloudwatch/dashboard",
      quantity: observability.dashboard ? 1 : 0,
      basis: "provisioned",
    },
  ];
}
