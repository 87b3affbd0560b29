import type { SagemakerEndpoint } from "@cdktf/provider-aws/lib/sagemaker-endpoint";
import { AppautoscalingPolicy } from "@cdktf/provider-aws/lib/appautoscaling-policy";
import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import type { ScalingMetric } from "../../modules/manifest/schema";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import {
  createScaling,
  type MeasuredMetric,
  type RegisteredTarget,
} from "../../modules/scaling/application-auto-scaling";
import type { ModelStack } from "../../modules/stack/model-stack";
import type { Sealed } from "../../modules/stack/seal";
import type { Options } from "./options";
import { reachesZero } from "./pool";
import { type PlannedVariant, variantsOf } from "./variant";

type Plan = Sealed<AwsTargetPlan<Options>>;

/**
 * Scales the endpoint's production variants, each by itself: instances, or in serverless mode provisioned concurrency.
 * @param instanceTypeOf the attribute that holds a variant's instance type. SageMaker refuses to change it, or to
 * remove the variant, while the variant is registered for scaling; it is registered anew around such a change.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-update.html (read 2026-11-23)
 */
export function scaleEndpoint(
  stack: ModelStack,
  plan: Plan,
  endpoint: SagemakerEndpoint,
  instanceTypeOf: (variant: PlannedVariant) => string,
): void {
  const serverless = plan.options.mode === "serverless";
  const dimension = serverless
    ? "sagemaker:variant:DesiredProvisionedConcurrency"
    : "sagemaker:variant:DesiredInstanceCount";
  for (const variant of variantsOf(plan)) {
    const target = createScaling(
      stack,
      {
        serviceNamespace: "sagemaker",
        resourceId: `endpoint/${endpoint.name}/variant/${variant.name}`,
        dimension,
        ...(variant.label === null ? {} : { label: `variant-${variant.label}` }),
        ...(serverless ? {} : { registeredAnewWith: [instanceTypeOf(variant)] }),
      },
      variant.scaling,
      (metric) => measure(plan, endpoint.name, variant, metric),
    );
    if (target !== null && plan.options.mode === "async" && reachesZero(plan)) {
      wakeFromZero(stack, target, endpoint.name);
    }
  }
}

/** How SageMaker measures a metric of the manifest. */
function measure(
  plan: Plan,
  endpointName: string,
  { name: variantName, instance }: PlannedVariant,
  metric: ScalingMetric,
): MeasuredMetric {
  const dimensions = { EndpointName: endpointName, VariantName: variantName };
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
      return ofInstances("CPUUtilization", instance?.vcpu ?? 1);
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
function wakeFromZero(stack: ModelStack, target: RegisteredTarget, endpointName: string): void {
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
