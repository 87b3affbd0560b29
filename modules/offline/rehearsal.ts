import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import pLimit from "p-limit";
import type { OfflineSession } from "./session";
import { producersOf, Stage, type StagedPlan } from "./stage";
import { runTerraform } from "./terraform";

/** What came of one stack. */
export type RehearsedStack = { readonly stack: string } & (
  | {
      readonly outcome: "planned";
      /** As `terraform show -json` gives it. */
      readonly plan: unknown;
      /** As `terraform show` prints it; null unless asked for. */
      readonly text: string | null;
      /** Addresses under `prevent_destroy`, which the rehearsal sets aside. */
      readonly preventDestroy: readonly string[];
      /** Whether it is only in the base: the plan destroys it. */
      readonly removed: boolean;
    }
  /** The same text as in the base, and so is all that it reads: nothing to plan. */
  | { readonly outcome: "unchanged" }
  | { readonly outcome: "failed"; readonly message: string; readonly removed: boolean }
);

export interface RehearsalOptions {
  readonly session: OfflineSession;
  /** Folders of the stacks, each with its `cdk.tf.json`. */
  readonly stacks: readonly string[];
  /** Folders of the stacks as they were; null plans every stack as a new one. */
  readonly base: readonly string[] | null;
  /** An empty folder for the copies. */
  readonly workDir: string;
  /** The Terraform to run. */
  readonly command: string;
  /** Whether Terraform's own text is wanted. */
  readonly withText: boolean;
  /** Called after each stack. */
  readonly onStack?: () => void;
}

/** What {@link rehearse} leaves: a result per stack, in the order given, those of the base that are no more at the end. */
export interface Rehearsal {
  readonly stacks: readonly RehearsedStack[];
  /** Variables without a value that a placeholder stood in for. */
  readonly filledIn: readonly string[];
}

/**
 * Plans stacks offline. With a base, the base is applied with made-up values first, so that the plan shows what
 * the change from it would do.
 */
export async function rehearse(options: RehearsalOptions): Promise<Rehearsal> {
  const { session, command, workDir, withText, onStack } = options;
  const base = new Map((options.base ?? []).map((dir) => [basename(dir), dir]));
  const before = new Stage(session, join(workDir, "before"), { command, unprotected: true });
  const states = new Map<string, string>();
  const after = new Stage(session, join(workDir, "after"), {
    command,
    unprotected: true,
    stateOf: (stack) => states.get(stack),
  });
  const limit = pLimit(availableParallelism());
  const names = new Set(options.stacks.map((dir) => basename(dir)));
  const current = options.stacks.filter((dir) => !isUnchanged(dir, base));
  const removed = [...base].filter(([name]) => !names.has(name)).map(([, dir]) => dir);

  const attempt = (dir: string, isRemoved: boolean, plan: (dir: string) => Promise<StagedPlan>) =>
    limit(async (): Promise<RehearsedStack> => {
      const stack = basename(dir);
      try {
        const result = await plan(dir);
        if ("failure" in result)
          return { stack, outcome: "failed", message: result.failure, removed: isRemoved };
        const stage = isRemoved ? before : after;
        return {
          stack,
          outcome: "planned",
          plan: result.json,
          text: withText ? await textOf(session, result, command) : null,
          preventDestroy: stage.protectedIn(dir),
          removed: isRemoved,
        };
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        return { stack, outcome: "failed", message: error.message, removed: isRemoved };
      } finally {
        onStack?.();
      }
    });

  // Every state that a new plan starts from must be there first: a stack's producers start from theirs too.
  const bases = withProducers(current).flatMap((dir) => base.get(basename(dir)) ?? []);
  const failures = new Map<string, string>();
  await Promise.all(
    bases.map((dir) =>
      limit(async () => {
        try {
          states.set(basename(dir), await before.apply(dir));
        } catch (error) {
          failures.set(basename(dir), error instanceof Error ? error.message : String(error));
        }
      }),
    ),
  );
  const planned = new Map(
    await Promise.all([
      ...current.map(async (dir) => {
        const failure = failures.get(basename(dir));
        const message = `the base ${failure ?? ""}`;
        return [
          basename(dir),
          failure === undefined
            ? await attempt(dir, false, (stack) => after.plan(stack))
            : ({ stack: basename(dir), outcome: "failed", message, removed: false } as const),
        ] as const;
      }),
      ...removed.map(
        async (dir) =>
          [basename(dir), await attempt(dir, true, (stack) => before.planDestruction(stack))] as const,
      ),
    ]),
  );
  const inOrder = [...options.stacks, ...removed].map(
    (dir): RehearsedStack => planned.get(basename(dir)) ?? { stack: basename(dir), outcome: "unchanged" },
  );
  return { stacks: inOrder, filledIn: [...new Set([...before.filledIn, ...after.filledIn])] };
}

/** Whether a stack and all that it reads are in the base with the same text. */
function isUnchanged(dir: string, base: ReadonlyMap<string, string>): boolean {
  return withProducers([dir]).every((each) => {
    const old = base.get(basename(each));
    return old !== undefined && textIn(old) === textIn(each);
  });
}

function textIn(dir: string): string | null {
  const file = join(dir, "cdk.tf.json");
  return existsSync(file) ? readFileSync(file, "utf8") : null;
}

/** Folders of stacks and of all that they read, each once. */
function withProducers(dirs: readonly string[]): readonly string[] {
  const found = new Map<string, string>();
  const visit = (dir: string): void => {
    if (found.has(basename(dir))) return;
    found.set(basename(dir), dir);
    producersOf(dir).forEach(visit);
  };
  dirs.forEach(visit);
  return [...found.values()];
}

async function textOf(
  session: OfflineSession,
  plan: { readonly file: string; readonly dir: string },
  command: string,
): Promise<string> {
  const { stdout } = await runTerraform(
    session,
    plan.dir,
    ["show", "-no-color", basename(plan.file)],
    command,
  );
  return stdout.trim();
}
