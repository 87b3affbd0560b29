import { prefixOf } from "./cluster";
import type { EksPlan } from "./options";

/** The labels that tell a workload's pods from all others. They can never change: a selector is fixed. */
export function selectorOf(plan: EksPlan): Record<string, string> {
  return { "app.kubernetes.io/name": plan.name, "app.kubernetes.io/instance": prefixOf(plan) };
}

/**
 * The labels that tell the pods which move the autoscaler's bounds from all others. They meet no workload's selector,
 * or its service would send requests to them: no `<name>-<environment>` ends like this.
 */
export function schedulerSelectorOf(plan: EksPlan): Record<string, string> {
  return {
    "app.kubernetes.io/name": plan.name,
    "app.kubernetes.io/instance": `${prefixOf(plan)}--scheduler`,
  };
}

export function schedulerLabelsOf(plan: EksPlan): Record<string, string> {
  return { ...labelsOf(plan), ...schedulerSelectorOf(plan), "app.kubernetes.io/component": "scheduler" };
}

/**
 * The labels of every object.
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/ (read 2026-11)
 */
export function labelsOf(plan: EksPlan): Record<string, string> {
  return {
    ...selectorOf(plan),
    "app.kubernetes.io/component": "model",
    "app.kubernetes.io/managed-by": "modelport",
  };
}
