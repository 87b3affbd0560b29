import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { basename, join } from "node:path";
import pLimit from "p-limit";
import { run, type ProcessResult } from "../process/run";

/** What came of planning one stack with its real providers against its real state. */
export type LivePlan = { readonly stack: string } & (
  | { readonly outcome: "planned"; readonly plan: unknown; readonly text: string | null }
  /** It reads a stack that was never applied. */
  | { readonly outcome: "blocked" }
  | { readonly outcome: "failed"; readonly message: string }
);

export interface LivePlanOptions {
  /** Folders of the stacks, those that others read first. */
  readonly stacks: readonly string[];
  /** The Terraform to run. */
  readonly command: string;
  /** Whether Terraform's own text is wanted. */
  readonly withText: boolean;
  /** Called after each stack. */
  readonly onStack?: () => void;
}

/** Runs `terraform init` and `terraform plan` in the folders of stacks; nothing is applied. */
export async function planLive(options: LivePlanOptions): Promise<readonly LivePlan[]> {
  const { command, withText, onStack } = options;
  // A plan may hold secrets: it lies where only its owner reads it, and goes when it was read.
  const folder = mkdtempSync(join(tmpdir(), "modelport-plan-"));
  const terraform = (dir: string, ...args: string[]) =>
    run(command, [...args, "-no-color"], {
      cwd: dir,
      env: { ...process.env, TF_IN_AUTOMATION: "1", TF_INPUT: "0" },
    });
  try {
    const initialized: { readonly dir: string; readonly init: ProcessResult }[] = [];
    // Terraform's plugin cache is not safe for inits at the same time.
    for (const dir of options.stacks) initialized.push({ dir, init: await terraform(dir, "init") });
    const limit = pLimit(availableParallelism());
    return await Promise.all(
      initialized.map(({ dir, init }) =>
        limit(async (): Promise<LivePlan> => {
          try {
            if (init.exitCode !== 0) return { stack: basename(dir), outcome: "failed", message: init.stderr };
            return await planStack(dir, join(folder, basename(dir)), terraform, withText);
          } finally {
            onStack?.();
          }
        }),
      ),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function planStack(
  dir: string,
  file: string,
  terraform: (dir: string, ...args: string[]) => Promise<ProcessResult>,
  withText: boolean,
): Promise<LivePlan> {
  const stack = basename(dir);
  const planned = await terraform(dir, "plan", `-out=${file}`);
  if (planned.exitCode !== 0) {
    return readsUnapplied(planned.stderr)
      ? { stack, outcome: "blocked" }
      : { stack, outcome: "failed", message: planned.stderr };
  }
  const shown = await terraform(dir, "show", "-json", file);
  if (shown.exitCode !== 0) return { stack, outcome: "failed", message: shown.stderr };
  const text = withText ? (await terraform(dir, "show", file)).stdout.trim() : null;
  return { stack, outcome: "planned", plan: JSON.parse(shown.stdout) as unknown, text };
}

/** What Terraform says where a stack that is read has no state, or lacks an output because it is yet to be applied. */
function readsUnapplied(stderr: string): boolean {
  const text = stderr.replace(/[\s│╷╵]+/g, " ");
  return (
    text.includes("Unable to find remote state") ||
    (text.includes("Unsupported attribute") && text.includes("data.terraform_remote_state."))
  );
}
