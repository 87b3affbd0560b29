import type { SagemakerEndpoint } from "@cdktf/provider-aws/lib/sagemaker-endpoint";
import { AppautoscalingPolicy } from "@cdktf/provider-aws/lib/appautoscaling-policy";
import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import type { ScalingMetric } from "../../modules/manifest/schema";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import { createScaling, type MeasuredMetric } from "../../modules/scaling/application-auto-scaling";
import type { ModelStack } from "../../modules/stack/model-stack";
import type { Sealed } from "../../modules/stack/seal";
import { instanceOf } from "./capacity";
import type { Options } from "./options";
import { VARIANT } from "./variant";

type Plan = Sealed<AwsTargetPlan<Options>>;

/** Scales the endpoint's variant: instances, or in serverless mode its provisioned concurrency. */
export function scaleEndpoint(stack: ModelStack, plan: Plan, endpoint: SagemakerEndpoint): void {
  const serverless = plan.options.mode === "serverless";
  const dimension = serverless
    ? "sagemaker:variant:DesiredProvisionedConcurrency"
    : "sagemaker:variant:DesiredInstanceCount";
  const target = createScaling(
    stack,
    { serviceNamespace: "sagemaker", resourceId: `endpoint/${endpoint.name}/variant/${VARIANT}`, dimension },
    plan.scaling,
    (metric) => measure(plan, endpoint.name, metric),
  );
  if (target !== null && plan.options.mode === "async" && plan.scaling.min === 0) {
    wakeFromZero(stack, target, endpoint.name);
  }
}

/** How SageMaker measures a metric of the manifest. */
function measure(plan: Plan, endpointName: string, metric: ScalingMetric): MeasuredMetric {
  const dimensions = { EndpointName: endpointName, VariantName: VARIANT };
  const ofInstances = (name: string, factor: number): MeasuredMetric => {
    const measured = {
      namespace: "/aws/sagemaker/Endpoints",
      name,
      dimensions,
      statistic: "Average",
    } as const;
    return { tracking: { custom: measured }, alarm: measured, factor };
  };
  switch (metric) {
    case "cpu":
      // CPUUtilization adds up over the vCPUs: four of them at work show 400.
      return ofInstances("CPUUtilization", instanceOf(plan, plan.options)?.vcpu ?? 1);
    case "memory":
      return ofInstances("MemoryUtilization", 1);
    case "invocations-per-instance":
      return {
        tracking: { predefined: "SageMakerVariantInvocationsPerInstance" },
        // Only the sum is published, each request sending its share of one instance.
        alarm: { namespace: "AWS/SageMaker", name: "InvocationsPerInstance", dimensions, statistic: "Sum" },
      };
    case "concurrency": {
      if (plan.options.mode === "async") {
        const backlog = {
          namespace: "AWS/SageMaker",
          name: "ApproximateBacklogSizePerInstance",
          dimensions: { EndpointName: endpointName },
          statistic: "Average",
        } as const;
        return { tracking: { custom: backlog }, alarm: backlog };
      }
      return {
        tracking: { predefined: "SageMakerVariantConcurrentRequestsPerModelHighResolution" },
        alarm: {
          namespace: "AWS/SageMaker",
          name: "ConcurrentRequestsPerModel",
          dimensions,
          statistic: "Maximum",
        },
      };
    }
    case "provisioned-concurrency-utilization":
      return {
        tracking: { predefined: "SageMakerVariantProvisionedConcurrencyUtilization" },
        alarm: {
          namespace: "AWS/SageMaker",
          name: "ServerlessProvisionedConcurrencyUtilization",
          dimensions,
          statistic: "Maximum",
        },
        // The manifest counts percent, SageMaker from 0 to 1.
        factor: 0.01,
      };
  }
}

/**
 * At zero instances there is no backlog per instance to track, so an alarm of its own brings the first one.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-autoscale.html (read 2026-11-23)
 */
function wakeFromZero(
  stack: ModelStack,
  target: {
    readonly serviceNamespace: string;
    readonly resourceId: string;
    readonly scalableDimension: string;
  },
  endpointName: string,
): void {
  const name = `${stack.prefix}-${stack.component}-wake`;
  const policy = new AppautoscalingPolicy(stack, "scaling-wake", {
    ...target,
    name,
    policyType: "StepScaling",
    stepScalingPolicyConfiguration: {
      adjustmentType: "ChangeInCapacity",
      cooldown: 300,
      metricAggregationType: "Average",
      stepAdjustment: [{ metricIntervalLowerBound: "0", scalingAdjustment: 1 }],
    },
  });
  new CloudwatchMetricAlarm(stack, "scaling-wake-alarm", {
    alarmName: name,
    alarmDescription: `Requests wait for ${stack.prefix} and no instance runs: start one`,
    namespace: "AWS/SageMaker",
    metricName: "HasBacklogWithoutCapacity",
    dimensions: { EndpointName: endpointName },
    statistic: "Average",
    comparisonOperator: "GreaterThanOrEqualToThreshold",
    threshold: 1,
    period: 60,
    evaluationPeriods: 2,
    datapointsToAlarm: 2,
    treatMissingData: "missing",
    alarmActions: [policy.arn],
  });
}
