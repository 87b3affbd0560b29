import type { Account } from "./account";
import type { ProjectFacts } from "./project-facts";
import type { PriceBookAge } from "../prices/age";

/**
 * What a check says of what it found. `absent` is what is not there without being at fault, `not-needed` is what this
 * project does without. Only `failed` makes the command fail.
 */
export type OutcomeStatus = "ok" | "warning" | "failed" | "absent" | "not-needed";

/** What a check found. Never holds a secret. */
export interface Outcome {
  readonly status: OutcomeStatus;
  /** In one sentence, without the check's title. */
  readonly found: string;
  /** What to do about it, where something is to be done. */
  readonly fix?: string;
  /** The same for programs: versions, account, dates. */
  readonly details?: Readonly<Record<string, string | number>>;
}

/** Everything that a check may look at. Checks read neither the process's environment nor the clock by themselves. */
export interface DoctorContext {
  /** Absolute path of the project's folder. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: Date;
  /** Version of the running Node, without the `v`. */
  readonly nodeVersion: string;
  readonly platform: NodeJS.Platform;
  /** The socket that Docker's clients take where nothing names another. */
  readonly dockerSocket: string;
  readonly project: ProjectFacts;
  readonly account: Account;
  readonly priceBookAge: () => PriceBookAge;
}

/** One thing to look at on the machine, in the project or in the account. */
export interface Check {
  /** Stable; people script against it. */
  readonly id: string;
  readonly title: string;
  /** Ids of the checks that must not have failed before this one has any sense; they stand before it in the list. */
  readonly needs: readonly string[];
  /** The commands and features that depend on what is checked. */
  readonly neededFor: readonly string[];
  readonly run: (context: DoctorContext) => Outcome | Promise<Outcome>;
}
