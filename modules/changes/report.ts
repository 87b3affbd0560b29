import type { Issue } from "../issues/issue";
import type { StackChanges } from "./summary";
import { changesAnything } from "./summary";

/** The plan of one stack; the keys are public. */
export interface StackPlan extends StackChanges {
  readonly stack: string;
  /** The target's kind, or `foundation`. */
  readonly target: string;
  readonly manifest: string;
  readonly environment: string;
  /** Whether the manifest no longer makes the stack: it stays as it is until it is destroyed. */
  readonly removed: boolean;
  /** Why there is no plan; null where there is one. */
  readonly error: string | null;
  /** The plan as Terraform prints it; null unless asked for. */
  readonly text: string | null;
}

/** The plans of everything that was asked for. */
export interface PlanReport {
  readonly offline: boolean;
  /** What it was compared with; null for none. */
  readonly base: { readonly name: string; readonly commit: string | null } | null;
  readonly terraform: { readonly product: string; readonly version: string };
  readonly stacks: readonly StackPlan[];
  /** Targets that `all` left out, because they cannot carry the manifest. */
  readonly leftOut: readonly { readonly manifest: string; readonly target: string }[];
  /** Warnings of the manifests. */
  readonly issues: readonly Issue[];
  /** What to know about this plan in particular. */
  readonly notes: readonly string[];
}

/** What an offline plan cannot know; the same for each. */
export const OFFLINE_LIMITS =
  "offline: it cannot know what is deployed, what providers fill in by default, nor what only they refuse";

/** How a plan ended as a whole. */
export type Verdict = "failed" | "guarded" | "changes" | "no-changes";

/** The worst of what the stacks say. */
export function verdictOf({ stacks }: Pick<PlanReport, "stacks">): Verdict {
  if (stacks.some(({ error }) => error !== null)) return "failed";
  if (stacks.some(({ guard }) => guard.some(({ allowed }) => !allowed))) return "guarded";
  return stacks.some(changesAnything) ? "changes" : "no-changes";
}

/** `2 to create, 1 to replace`, or `no changes`. */
export function countsOf(plan: StackChanges): string {
  const counts = [
    [plan.replace, "to replace"],
    [plan.delete, "to destroy"],
    [plan.update, "to update in place"],
    [plan.create, "to create"],
  ] as const;
  const parts = counts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`);
  const forgotten = plan.changes.filter(({ action }) => action === "forget").length;
  if (forgotten > 0) parts.push(`${forgotten} to forget`);
  if (parts.length > 0) return parts.join(", ");
  return plan.outputs.length > 0 ? "only outputs change" : "no changes";
}
