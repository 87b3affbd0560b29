import type { ITerraformDependable } from "cdktf";
import type { LambdaAlias } from "@cdktf/provider-aws/lib/lambda-alias";
import type { ScalingMetric } from "../../modules/manifest/schema";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import { createScaling, type MeasuredMetric } from "../../modules/scaling/application-auto-scaling";
import type { ModelStack } from "../../modules/stack/model-stack";
import type { Sealed } from "../../modules/stack/seal";
import { aliasDimensions, NAMESPACE } from "./observability";
import type { Options } from "./options";

/** Moves the alias's provisioned concurrency between `scaling.min` and `scaling.max`. */
export function scaleAlias(
  stack: ModelStack,
  plan: Sealed<AwsTargetPlan<Options>>,
  alias: LambdaAlias,
  dependsOn: readonly ITerraformDependable[],
): void {
  createScaling(
    stack,
    {
      serviceNamespace: "lambda",
      resourceId: `function:${alias.functionName}:${alias.name}`,
      dimension: "lambda:function:ProvisionedConcurrency",
      dependsOn,
    },
    plan.scaling,
    (metric) => measure(alias.functionName, metric),
  );
}

/** How Lambda measures a metric of the manifest: utilization from 0 to 1, where the manifest says percent. */
function measure(functionName: string, metric: ScalingMetric): MeasuredMetric {
  if (metric !== "provisioned-concurrency-utilization") throw new Error(`Lambda cannot scale on ${metric}`);
  return {
    tracking: { predefined: "LambdaProvisionedConcurrencyUtilization" },
    alarm: {
      namespace: NAMESPACE,
      name: "ProvisionedConcurrencyUtilization",
      dimensions: aliasDimensions(functionName),
      statistic: "Maximum",
    },
    factor: 0.01,
  };
}
