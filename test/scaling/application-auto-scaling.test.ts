import { createScaling, type MeasuredMetric } from "../../modules/scaling/application-auto-scaling";
import type { ScalingPolicy } from "../../modules/manifest/schema";
import { ModelStack } from "../../modules/stack/model-stack";
import { seal } from "../../modules/stack/seal";
import { localState } from "../../modules/stack/state";
import { Duration } from "../../modules/units/duration";
import { Testing } from "cdktf";
import { planOf, resource } from "../support/foundation";
import type { Json } from "../support/synth";

const CPU: MeasuredMetric = {
  tracking: {
    custom: {
      namespace: "N",
      name: "CPU",
      dimensions: { A: "a", B: "b" },
      statistic: "Average",
      unit: "Percent",
    },
  },
  alarm: { namespace: "N", name: "CPU", dimensions: { A: "a" }, statistic: "Maximum" },
};

function scaled(
  policies: readonly ScalingPolicy[],
  metric: MeasuredMetric = CPU,
): { readonly stack: Json; readonly target: unknown } {
  const stack = new ModelStack(Testing.app(), {
    plan: seal(planOf()),
    component: "lambda",
    aws: true,
    state: localState(),
    foreign: [],
  });
  const target = createScaling(
    stack,
    {
      serviceNamespace: "lambda",
      resourceId: "function:f:live",
      dimension: "lambda:function:ProvisionedConcurrency",
    },
    { min: 1, max: 8, policies },
    () => metric,
  );
  return { stack: JSON.parse(Testing.synth(stack)) as Json, target };
}

const SAME = {
  service_namespace: "${aws_appautoscaling_target.scalable-target.service_namespace}",
  resource_id: "${aws_appautoscaling_target.scalable-target.resource_id}",
  scalable_dimension: "${aws_appautoscaling_target.scalable-target.scalable_dimension}",
};
const tracking = (target: number): ScalingPolicy => ({
  type: "target-tracking",
  metric: "cpu",
  target,
  scaleInCooldown: Duration.seconds(300),
  scaleOutCooldown: Duration.seconds(60),
});
const step = (steps: Extract<ScalingPolicy, { type: "step" }>["steps"]): ScalingPolicy => ({
  type: "step",
  metric: "cpu",
  threshold: 70,
  steps,
  cooldown: Duration.seconds(60),
});

describe("createScaling", () => {
  test("creates nothing without policies", () => {
    const { stack, target } = scaled([]);
    expect(stack.resource).toBeUndefined();
    expect(target).toBeNull();
  });

  test("registers the target once", () => {
    const { stack } = scaled([tracking(70), tracking(50)]);
    expect(resource(stack, "aws_appautoscaling_target", "scalable-target")).toEqual({
      service_namespace: "lambda",
      resource_id: "function:f:live",
      scalable_dimension: "lambda:function:ProvisionedConcurrency",
      min_capacity: 1,
      max_capacity: 8,
    });
  });

  test("tracks a metric of CloudWatch", () => {
    const { stack } = scaled([tracking(70)]);
    expect(resource(stack, "aws_appautoscaling_policy", "scaling-target-tracking-cpu")).toEqual({
      ...SAME,
      name: "fraud-scorer-default-lambda-target-tracking-cpu",
      policy_type: "TargetTrackingScaling",
      target_tracking_scaling_policy_configuration: {
        target_value: 70,
        scale_in_cooldown: 300,
        scale_out_cooldown: 60,
        customized_metric_specification: {
          namespace: "N",
          metric_name: "CPU",
          statistic: "Average",
          unit: "Percent",
          dimensions: [
            { name: "A", value: "a" },
            { name: "B", value: "b" },
          ],
        },
      },
    });
  });

  test.each([
    [undefined, undefined],
    ["label", "label"],
  ])("tracks a predefined metric, its label %s", (resourceLabel, label) => {
    const metric = {
      ...CPU,
      tracking: { predefined: "P", ...(resourceLabel === undefined ? {} : { resourceLabel }) },
    };
    const { stack } = scaled([tracking(70)], metric);
    const configuration = resource(stack, "aws_appautoscaling_policy", "scaling-target-tracking-cpu")
      .target_tracking_scaling_policy_configuration as Json;
    expect(configuration.predefined_metric_specification).toEqual({
      predefined_metric_type: "P",
      ...(label === undefined ? {} : { resource_label: label }),
    });
  });

  test.each([
    [0.7, 0.01, 0.007],
    [70, 0.01, 0.7],
    [70, 4, 280],
    [1e9, 1, 1e9],
    [0.001, 0.01, 0.00001],
  ])("converts %d by %d to %d", (value, factor, converted) => {
    const { stack } = scaled([tracking(value)], { ...CPU, factor });
    const configuration = resource(stack, "aws_appautoscaling_policy", "scaling-target-tracking-cpu")
      .target_tracking_scaling_policy_configuration as Json;
    expect(configuration.target_value).toBe(converted);
  });

  test("steps both ways are a policy and an alarm each way", () => {
    const { stack } = scaled([
      step([
        { from: 20, add: 3 },
        { from: 0, to: 20, add: 1 },
        { from: -30, to: 0, add: -1 },
        { from: -70, to: -30, add: -2 },
      ]),
    ]);
    const configuration = (suffix: string) =>
      (
        resource(stack, "aws_appautoscaling_policy", `scaling-step-cpu-${suffix}`)
          .step_scaling_policy_configuration as Json
      ).step_adjustment as unknown;
    expect(configuration("out")).toEqual([
      { metric_interval_lower_bound: "0", metric_interval_upper_bound: "20", scaling_adjustment: 1 },
      { metric_interval_lower_bound: "20", scaling_adjustment: 3 },
    ]);
    // The lowest step has no lower bound, so that no value falls out.
    expect(configuration("in")).toEqual([
      { metric_interval_upper_bound: "-30", scaling_adjustment: -2 },
      { metric_interval_lower_bound: "-30", metric_interval_upper_bound: "0", scaling_adjustment: -1 },
    ]);
    expect(resource(stack, "aws_cloudwatch_metric_alarm", "scaling-step-cpu-out-alarm")).toEqual({
      alarm_name: "fraud-scorer-default-lambda-step-cpu-out",
      alarm_description: "Scales fraud-scorer-default out by steps",
      namespace: "N",
      metric_name: "CPU",
      dimensions: { A: "a" },
      statistic: "Maximum",
      comparison_operator: "GreaterThanOrEqualToThreshold",
      threshold: 70,
      period: 60,
      evaluation_periods: 2,
      treat_missing_data: "notBreaching",
      alarm_actions: ["${aws_appautoscaling_policy.scaling-step-cpu-out.arn}"],
    });
    expect(resource(stack, "aws_cloudwatch_metric_alarm", "scaling-step-cpu-in-alarm")).toMatchObject({
      comparison_operator: "LessThanThreshold",
      evaluation_periods: 15,
    });
  });

  test("steps one way make nothing for the other", () => {
    const { stack } = scaled([step([{ from: 0, add: 1 }])]);
    expect(Object.keys((stack.resource as Json).aws_appautoscaling_policy as object)).toEqual([
      "scaling-step-cpu-out",
    ]);
    expect(Object.keys((stack.resource as Json).aws_cloudwatch_metric_alarm as object)).toEqual([
      "scaling-step-cpu-out-alarm",
    ]);
  });

  test.each([
    [
      { min: 4, max: 12 },
      { min_capacity: "4", max_capacity: "12" },
    ],
    [{ min: 0 }, { min_capacity: "0" }],
    [{ max: 3 }, { max_capacity: "3" }],
  ])("a schedule changes %j", (bounds, action) => {
    const { stack } = scaled([
      { type: "scheduled", cron: "0 8 ? * MON-FRI *", timezone: "Europe/Dublin", ...bounds },
    ]);
    expect(resource(stack, "aws_appautoscaling_scheduled_action", "scaling-scheduled")).toEqual({
      ...SAME,
      name: "fraud-scorer-default-lambda-scheduled",
      schedule: "cron(0 8 ? * MON-FRI *)",
      timezone: "Europe/Dublin",
      scalable_target_action: action,
    });
  });

  test("a policy keeps its name when others come or go", () => {
    const names = (policies: readonly ScalingPolicy[]) =>
      Object.keys((scaled(policies).stack.resource as Json).aws_appautoscaling_policy as object);
    expect(names([tracking(70)])).toEqual(["scaling-target-tracking-cpu"]);
    expect(names([step([{ from: 0, add: 1 }]), tracking(70)])).toContain("scaling-target-tracking-cpu");
    expect(names([tracking(70), tracking(50)])).toEqual([
      "scaling-target-tracking-cpu",
      "scaling-target-tracking-cpu-2",
    ]);
  });
});
