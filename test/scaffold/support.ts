import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { type Ended, ROOT, run } from "../support/process";

/** The file that `init` makes a workflow of. */
export const WORKFLOW_FILE = join(ROOT, "templates", "workflow.yaml");

export interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly if?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly "continue-on-error"?: boolean;
}

export interface Job {
  readonly needs?: string;
  readonly if?: string;
  readonly permissions: Readonly<Record<string, string>>;
  readonly "timeout-minutes": number;
  readonly steps: readonly Step[];
}

export interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: unknown;
  readonly env: Readonly<Record<string, string>>;
  readonly jobs: { readonly plan: Job; readonly comment: Job };
}

export const WORKFLOW_TEXT = readFileSync(WORKFLOW_FILE, "utf8");
export const WORKFLOW = parse(WORKFLOW_TEXT) as Workflow;

/** `describe`, or `describe.skip` where a program does not start. */
export function describeWith(program: string, args: readonly string[] = ["--version"]): typeof describe {
  return spawnSync(program, args, { stdio: "ignore" }).error === undefined ? describe : describe.skip;
}

/**
 * Runs a step as a runner would: `shell: bash`, the variables of the workflow and of the step.
 * @param expressions what stands for `${{ ... }}`, by its text; an expression that is not named fails the test.
 * @param env the runner's own variables.
 */
export function runStep(
  step: Step,
  {
    cwd,
    expressions,
    env,
  }: {
    readonly cwd: string;
    readonly expressions: Readonly<Record<string, string>>;
    readonly env: Readonly<Record<string, string>>;
  },
): Promise<Ended> {
  if (step.run === undefined) throw new Error("the step runs an action");
  const own = Object.entries(step.env ?? {}).map(([name, text]) => [
    name,
    text.replace(/\$\{\{ (.*?) \}\}/g, (_, expression: string) => {
      const value = expressions[expression];
      if (value === undefined) throw new Error(`no value for ${expression}`);
      return value;
    }),
  ]);
  const variables = { ...env, ...WORKFLOW.env, ...(Object.fromEntries(own) as Record<string, string>) };
  return run("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", step.run], { cwd, env: variables });
}
