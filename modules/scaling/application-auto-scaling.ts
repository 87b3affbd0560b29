import type { ITerraformDependable } from "cdktf";
import { AppautoscalingPolicy } from "@cdktf/provider-aws/lib/appautoscaling-policy";
import { AppautoscalingScheduledAction } from "@cdktf/provider-aws/lib/appautoscaling-scheduled-action";
import { AppautoscalingTarget } from "@cdktf/provider-aws/lib/appautoscaling-target";
import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import type { ScalingMetric, ScalingPolicy } from "../manifest/schema";
import type { PlannedScaling } from "../plan/plan";
import type { ModelStack } from "../stack/model-stack";

/** What Application Auto Scaling scales. */
export interface ScalableResource {
  /** `sagemaker`, `lambda`, `ecs`. */
  readonly serviceNamespace: string;
  /** E.g. `endpoint/<endpoint>/variant/<variant>`; built from the resource's attributes, so that order is kept. */
  readonly resourceId: string;
  /** E.g. `sagemaker:variant:DesiredInstanceCount`. */
  readonly dimension: string;
  readonly dependsOn?: readonly ITerraformDependable[];
  /** Sets it apart from others in the same stack, in addresses and names; absent where there is only one. */
  readonly label?: string;
  /**
   * Addresses or attributes at whose change it is registered anew, where the service refuses the change to something
   * that is registered: all of it goes before what it depends on is changed, and comes after.
   */
  readonly registeredAnewWith?: readonly string[];
}

/** A CloudWatch metric behind one of the manifest's metrics. */
export interface CloudWatchMetric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: "Average" | "Sum" | "Maximum" | "Minimum";
  readonly unit?: string;
}

/** How a target measures one of the manifest's metrics. Units are converted here and nowhere else. */
export interface MeasuredMetric {
  /** For target tracking: one of the service's predefined metrics, or a metric of CloudWatch. */
  readonly tracking:
    { readonly predefined: string; readonly resourceLabel?: string } | { readonly custom: CloudWatchMetric };
  /** For the alarm of a step policy. */
  readonly alarm: CloudWatchMetric;
  /** What a value of the manifest is multiplied by to be in the metric's own unit. Default 1. */
  readonly factor?: number;
}

/**
 * Registers the resource as a scalable target and adds the manifest's policies. Nothing is created where there are
 * none: a fixed number of replicas needs no scaling.
 * @returns the registered target, for policies that a service needs beyond the manifest's; null where nothing scales.
 */
export function createScaling(
  stack: ModelStack,
  resource: ScalableResource,
  scaling: PlannedScaling & { readonly policies: readonly ScalingPolicy[] },
  measure: (metric: ScalingMetric) => MeasuredMetric,
): RegisteredTarget | null {
  if (scaling.policies.length === 0) return null;
  const { label, registeredAnewWith = [] } = resource;
  const labels = label === undefined ? [] : [label];
  const lifecycle =
    registeredAnewWith.length === 0 ? {} : { lifecycle: { replaceTriggeredBy: [...registeredAnewWith] } };
  const target = new AppautoscalingTarget(stack, ["scalable-target", ...labels].join("-"), {
    serviceNamespace: resource.serviceNamespace,
    resourceId: resource.resourceId,
    scalableDimension: resource.dimension,
    minCapacity: scaling.min,
    maxCapacity: scaling.max,
    ...(resource.dependsOn === undefined ? {} : { dependsOn: [...resource.dependsOn] }),
    ...lifecycle,
  });
  const same = {
    serviceNamespace: target.serviceNamespace,
    resourceId: target.resourceId,
    scalableDimension: target.scalableDimension,
    // Policies and schedules go with their target; Terraform has to know.
    ...lifecycle,
  };
  const slots = new Map<string, number>();
  for (const policy of scaling.policies) {
    const slot = [...labels, slotOf(policy, slots)].join("-");
    const id = `scaling-${slot}`;
    const name = `${stack.prefix}-${stack.component}-${slot}`;
    switch (policy.type) {
      case "target-tracking":
        createTargetTracking(stack, id, name, same, policy, measure(policy.metric));
        break;
      case "step":
        createStep(stack, id, name, same, policy, measure(policy.metric));
        break;
      case "scheduled":
        new AppautoscalingScheduledAction(stack, id, {
          ...same,
          name,
          schedule: `cron(${policy.cron})`,
          timezone: policy.timezone,
          scalableTargetAction: {
            ...(policy.min === undefined ? {} : { minCapacity: String(policy.min) }),
            ...(policy.max === undefined ? {} : { maxCapacity: String(policy.max) }),
          },
        });
        break;
    }
  }
  return same;
}

/**
 * What stays the same about a policy when others come, go or change places: its type and metric, counted from the second
 * one on. By its place in the list, a policy that moves would be created again before its old self is gone, and two that
 * track one metric are refused.
 */
function slotOf(policy: ScalingPolicy, slots: Map<string, number>): string {
  const kind = policy.type === "scheduled" ? policy.type : `${policy.type}-${policy.metric}`;
  const count = (slots.get(kind) ?? 0) + 1;
  slots.set(kind, count);
  return count === 1 ? kind : `${kind}-${count}`;
}

/** The scalable target as policies refer to it. */
export interface RegisteredTarget {
  readonly serviceNamespace: string;
  readonly resourceId: string;
  readonly scalableDimension: string;
  readonly lifecycle?: { readonly replaceTriggeredBy: string[] };
}

function createTargetTracking(
  stack: ModelStack,
  id: string,
  name: string,
  registered: RegisteredTarget,
  policy: Extract<ScalingPolicy, { type: "target-tracking" }>,
  { tracking, factor }: MeasuredMetric,
): void {
  new AppautoscalingPolicy(stack, id, {
    ...registered,
    name,
    policyType: "TargetTrackingScaling",
    targetTrackingScalingPolicyConfiguration: {
      targetValue: inUnits(policy.target, factor),
      scaleInCooldown: policy.scaleInCooldown.seconds,
      scaleOutCooldown: policy.scaleOutCooldown.seconds,
      ...("predefined" in tracking
        ? {
            predefinedMetricSpecification: {
              predefinedMetricType: tracking.predefined,
              ...(tracking.resourceLabel === undefined ? {} : { resourceLabel: tracking.resourceLabel }),
            },
          }
        : {
            customizedMetricSpecification: {
              namespace: tracking.custom.namespace,
              metricName: tracking.custom.name,
              statistic: tracking.custom.statistic,
              dimensions: Object.entries(tracking.custom.dimensions).map(([key, value]) => ({
                name: key,
                value,
              })),
              ...(tracking.custom.unit === undefined ? {} : { unit: tracking.custom.unit }),
            },
          }),
    },
  });
}

/**
 * Steps above the threshold add replicas when the alarm fires upwards; steps below it remove some when it fires
 * downwards. Each direction needs a policy and an alarm of its own.
 */
function createStep(
  stack: ModelStack,
  id: string,
  name: string,
  registered: RegisteredTarget,
  policy: Extract<ScalingPolicy, { type: "step" }>,
  { alarm: metric, factor }: MeasuredMetric,
): void {
  const directions = [
    {
      suffix: "out",
      steps: policy.steps.filter(({ from }) => from >= 0),
      comparison: "GreaterThanOrEqualToThreshold",
    },
    { suffix: "in", steps: policy.steps.filter(({ from }) => from < 0), comparison: "LessThanThreshold" },
  ] as const;
  for (const { suffix, steps, comparison } of directions) {
    if (steps.length === 0) continue;
    const scaling = new AppautoscalingPolicy(stack, `${id}-${suffix}`, {
      ...registered,
      name: `${name}-${suffix}`,
      policyType: "StepScaling",
      stepScalingPolicyConfiguration: {
        adjustmentType: "ChangeInCapacity",
        cooldown: policy.cooldown.seconds,
        metricAggregationType: "Average",
        stepAdjustment: [...steps]
          .sort((a, b) => a.from - b.from)
          .map(({ from, to, add }, index) => ({
            scalingAdjustment: add,
            // The outermost step below the threshold is open downwards, as the one above is upwards.
            ...(suffix === "in" && index === 0
              ? {}
              : { metricIntervalLowerBound: String(inUnits(from, factor)) }),
            ...(to === undefined ? {} : { metricIntervalUpperBound: String(inUnits(to, factor)) }),
          })),
      },
    });
    new CloudwatchMetricAlarm(stack, `${id}-${suffix}-alarm`, {
      alarmName: `${name}-${suffix}`,
      alarmDescription: `Scales ${stack.prefix} ${suffix === "out" ? "out" : "in"} by steps`,
      namespace: metric.namespace,
      metricName: metric.name,
      dimensions: { ...metric.dimensions },
      statistic: metric.statistic,
      comparisonOperator: comparison,
      threshold: inUnits(policy.threshold, factor),
      period: 60,
      evaluationPeriods: suffix === "out" ? 2 : 15,
      treatMissingData: "notBreaching",
      alarmActions: [scaling.arn],
    });
  }
}

/** Rounded to what the services keep, so that 0.7 does not turn into 0.7000000000000001. */
function inUnits(value: number, factor = 1): number {
  return Number((value * factor).toPrecision(12));
}
