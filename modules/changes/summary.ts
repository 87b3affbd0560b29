import { type Difference, differencesOf } from "./differences";
import { guard, type GuardFinding, type GuardOptions } from "./guard";
import type { PlanFile, PlannedResource } from "./plan-file";

/** What happens to one resource. */
export type Action = "create" | "update" | "replace" | "delete" | "forget";

/** One changed resource; the keys are public. */
export interface ResourceChange {
  readonly address: string;
  readonly type: string;
  readonly action: Action;
  /** As Terraform writes them: `["create", "delete"]` creates the new one first. */
  readonly actions: readonly string[];
  /** Paths of the attributes that change; empty for a creation or a destruction. */
  readonly attributes: readonly string[];
  readonly differences: readonly Difference[];
}

/** What applying one stack's plan would do; the keys are public. */
export interface StackChanges {
  readonly create: number;
  readonly update: number;
  readonly replace: number;
  readonly delete: number;
  /** Names of outputs that change. */
  readonly outputs: readonly string[];
  /** Guarded replacements and destructions first, then other ones, then updates, then creations. */
  readonly changes: readonly ResourceChange[];
  readonly guard: readonly GuardFinding[];
}

const ORDER: readonly Action[] = ["replace", "delete", "forget", "update", "create"];

/** Sums up a plan, and holds it against the guard. */
export function summarize(plan: PlanFile, options: GuardOptions): StackChanges {
  const changes = plan.resource_changes.flatMap(changeOf);
  const findings = changes.flatMap(({ address, type, action }): readonly GuardFinding[] => {
    if (action !== "replace" && action !== "delete") return [];
    const finding = guard({ address, type, action }, options);
    return finding === null ? [] : [finding];
  });
  const guarded = new Set(findings.map(({ address }) => address));
  const rank = ({ address, action }: ResourceChange) => (guarded.has(address) ? -1 : ORDER.indexOf(action));
  const count = (wanted: Action) => changes.filter(({ action }) => action === wanted).length;
  return {
    create: count("create"),
    update: count("update"),
    replace: count("replace"),
    delete: count("delete"),
    outputs: Object.entries(plan.output_changes)
      .filter(([, { actions }]) => !actions.includes("no-op"))
      .map(([name]) => name)
      .sort(),
    changes: changes.sort((a, b) => rank(a) - rank(b) || (a.address < b.address ? -1 : 1)),
    guard: findings,
  };
}

/** Whether applying would change anything, outputs included, as Terraform's own exit code has it. */
export function changesAnything({ changes, outputs }: Pick<StackChanges, "changes" | "outputs">): boolean {
  return changes.length > 0 || outputs.length > 0;
}

function changeOf({ address, mode, type, change }: PlannedResource): readonly ResourceChange[] {
  const action = mode === "managed" ? actionOf(change.actions) : null;
  if (action === null) return [];
  const differences = action === "update" || action === "replace" ? shownDifferences(action, change) : [];
  return [
    {
      address,
      type,
      action,
      actions: change.actions,
      attributes: [...new Set(differences.map(({ path }) => path))],
      differences,
    },
  ];
}

/**
 * A replaced resource gets new computed values anyway: of those only what forces the replacement tells something.
 * `tags_all` says again what `tags` says.
 */
function shownDifferences(action: Action, change: PlannedResource["change"]): readonly Difference[] {
  const all = differencesOf(change);
  const paths = new Set(all.map(({ path }) => path));
  return all.filter(
    ({ path, unknown, forcesReplacement }) =>
      (action === "update" || unknown !== true || forcesReplacement === true) &&
      !(path.startsWith("tags_all") && paths.has(path.replace("tags_all", "tags"))),
  );
}

function actionOf(actions: readonly string[]): Action | null {
  if (actions.includes("create") && actions.includes("delete")) return "replace";
  const [action] = actions;
  return action === "create" || action === "update" || action === "delete" || action === "forget"
    ? action
    : null;
}
