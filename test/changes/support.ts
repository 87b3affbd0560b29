import type { PlanReport, StackPlan } from "../../modules/changes/report";
import { summarize } from "../../modules/changes/summary";
import type { PlannedResource } from "../../modules/changes/plan-file";

/** A resource of a plan, by its address and its actions. */
export function planned(
  address: string,
  actions: readonly string[],
  change: Partial<PlannedResource["change"]> = {},
): PlannedResource {
  const [type = ""] = address.split(".");
  return { address, mode: "managed", type, change: { actions, before: null, after: null, ...change } };
}

/** A stack's plan of some resources. */
export function stackPlan(resources: readonly PlannedResource[], more: Partial<StackPlan> = {}): StackPlan {
  const stack = more.stack ?? "fraud-prod-lambda";
  return {
    stack,
    target: "lambda",
    manifest: "modelport.yaml",
    environment: "prod",
    removed: false,
    error: null,
    text: null,
    ...summarize(
      { format_version: "1.2", terraform_version: "1.11.4", resource_changes: resources, output_changes: {} },
      { stack, allow: [], preventDestroy: [] },
    ),
    ...more,
  };
}

/** A report of some stacks, offline and without a base. */
export function report(stacks: readonly StackPlan[], more: Partial<PlanReport> = {}): PlanReport {
  return {
    offline: true,
    base: null,
    terraform: { product: "Terraform", version: "1.11.4" },
    stacks,
    leftOut: [],
    issues: [],
    notes: [],
    ...more,
  };
}
