import type { TargetPlan } from "../../modules/plan/plan";
import type { Options } from "./options";
import { variantsOf } from "./variant";

/** Whether requests and responses are captured. */
export function capturesData({ observability }: TargetPlan<Options>): boolean {
  return observability.dataCapture !== null && observability.dataCapture > 0;
}

/** Whether something is written into the foundation's bucket. */
export function needsBucket(plan: TargetPlan<Options>): boolean {
  return (
    capturesData(plan) ||
    plan.model.optimize !== null ||
    (plan.options.mode === "async" && (plan.options.input === undefined || plan.options.output === undefined))
  );
}

/** Whether the container is cut off from every network. One with secrets needs a network to read them. */
export function isIsolated({ options, model }: TargetPlan<Options>): boolean {
  if (options.mode === "serverless") return false;
  return options.networkIsolation ?? Object.keys(model.secrets).length === 0;
}

/**
 * Whether updates are guarded: go in steps, wait, and go back when an alarm fires. Elsewhere SageMaker moves all traffic
 * at once, whatever it is told.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-exclusions.html (read 2026-11-23)
 */
export function isGuarded(plan: TargetPlan<Options>): boolean {
  return (
    plan.options.mode !== "serverless" && !variantsOf(plan).some(({ instance }) => isInf1(instance?.type))
  );
}

/** Whether an instance type is of the first generation of Inferentia, which lacks several features. */
export function isInf1(instanceType: string | undefined): boolean {
  return instanceType?.startsWith("ml.inf1.") === true;
}
