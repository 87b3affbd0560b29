import type { ManifestPath, Severity } from "../issues/issue";
import type { EnvironmentPlan, TargetPlan } from "../plan/plan";
import type { Policy, Violation } from "./policy";
import type { PolicyStack } from "./policy-stack";
import { suppresses, type Suppression } from "./suppression";

/** One manifest of one environment, with all that was made of it. */
export interface PolicySubject {
  readonly plan: EnvironmentPlan;
  /** Plans of the targets that were synthesized. */
  readonly targets: readonly TargetPlan<unknown>[];
  readonly stacks: readonly PolicyStack[];
  readonly suppressions: readonly Suppression[];
}

/** A violation, with the policy and the place. */
export interface PolicyFinding {
  readonly code: string;
  readonly severity: Severity;
  /** The stack; null for a violation of the plan. */
  readonly stack: string | null;
  /** The stack's component, or the plan's target. */
  readonly component: string;
  readonly address: string;
  readonly message: string;
  /** What must hold. */
  readonly title: string;
  readonly fix: string | null;
  readonly field: ManifestPath | null;
}

/** A finding that the manifest lets go. */
export interface SuppressedFinding extends PolicyFinding {
  /** Why, in the manifest's words. */
  readonly why: string;
}

export interface PolicyVerdict {
  readonly findings: readonly PolicyFinding[];
  readonly suppressed: readonly SuppressedFinding[];
  /** Indices of suppressions that nothing needed. */
  readonly unused: readonly number[];
}

/** Asks every policy about a manifest's plans and stacks. */
export function evaluatePolicies(policies: readonly Policy[], subject: PolicySubject): PolicyVerdict {
  const all = policies.flatMap((policy) => [...findingsOf(policy, subject)]);
  const used = new Set<number>();
  const findings: PolicyFinding[] = [];
  const suppressed: SuppressedFinding[] = [];
  for (const finding of all) {
    const index = subject.suppressions.findIndex((suppression) => suppresses(suppression, finding));
    const suppression = subject.suppressions[index];
    if (suppression === undefined) findings.push(finding);
    else {
      used.add(index);
      suppressed.push({ ...finding, why: suppression.reason });
    }
  }
  const unused = subject.suppressions.map((_suppression, index) => index).filter((index) => !used.has(index));
  return { findings, suppressed, unused };
}

function* findingsOf(policy: Policy, { plan, targets, stacks }: PolicySubject): Iterable<PolicyFinding> {
  const { checkStack, checkPlan, resourceTypes } = policy;
  if (checkPlan !== undefined) {
    for (const target of targets)
      for (const violation of checkPlan(target)) yield finding(policy, violation, null, target.target);
  }
  if (checkStack === undefined) return;
  for (const stack of stacks) {
    if (resourceTypes !== undefined && !resourceTypes.some((type) => stack.has(type))) continue;
    for (const violation of checkStack(stack, { plan }))
      yield finding(policy, violation, stack.name, stack.component);
  }
}

function finding(
  policy: Policy,
  violation: Violation,
  stack: string | null,
  component: string,
): PolicyFinding {
  const { code, severity, title } = policy;
  const { address, message, fix = null, field = null } = violation;
  return { code, severity, title, stack, component, address, message, fix, field };
}
