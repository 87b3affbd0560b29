import type { TargetPlan } from "../../modules/plan/plan";
import type { Options } from "./options";

/** Whether requests and responses are captured. */
export function capturesData({ observability }: TargetPlan<Options>): boolean {
  return observability.dataCapture !== null && observability.dataCapture > 0;
}

/** Whether something is written into the foundation's bucket. */
export function needsBucket(plan: TargetPlan<Options>): boolean {
  return (
    capturesData(plan) ||
    (plan.options.mode === "async" && (plan.options.input === undefined || plan.options.output === undefined))
  );
}

/** Whether the container is cut off from every network. One with secrets needs a network to read them. */
export function isIsolated({ options, model }: TargetPlan<Options>): boolean {
  if (options.mode === "serverless") return false;
  return options.networkIsolation ?? Object.keys(model.secrets).length === 0;
}
