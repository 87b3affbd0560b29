import type { Check, DoctorContext, Outcome, OutcomeStatus } from "./check";
import { SLOW, within } from "./deadline";

/** Milliseconds that any check has. Longer than what each allows the programs that it asks. */
export const CHECK_DEADLINE_MS = 30_000;

/** A check as it ended; the keys are public (`doctor --format json`). */
export interface CheckResult {
  readonly id: string;
  readonly title: string;
  /** As the check says; `skipped` where one that it needs failed or found nothing. */
  readonly status: OutcomeStatus | "skipped";
  readonly found: string;
  /** The commands and features that depend on it. */
  readonly neededFor: readonly string[];
  /** The checks that it needs, by id. */
  readonly needs: readonly string[];
  /** Those of them for which it was skipped. */
  readonly blockedBy?: readonly string[];
  readonly fix?: string;
  readonly details?: Readonly<Record<string, string | number>>;
}

/**
 * Runs checks at once, each as soon as those that it needs are done. The results stand in the order of the checks,
 * whichever ends first.
 * @throws {Error} where a check needs one that does not stand before it.
 */
export async function runChecks(
  checks: readonly Check[],
  context: DoctorContext,
  deadlineMs: number = CHECK_DEADLINE_MS,
): Promise<readonly CheckResult[]> {
  const running = new Map<string, Promise<CheckResult>>();
  for (const check of checks) {
    const before = check.needs.map((id) => {
      const need = running.get(id);
      if (need === undefined) throw new Error(`${check.id} needs ${id}, which does not stand before it`);
      return need;
    });
    running.set(check.id, perform(check, before, context, deadlineMs));
  }
  const secrets = secretsIn(context.env);
  return (await Promise.all(running.values())).map((result) => withoutSecrets(result, secrets));
}

async function perform(
  check: Check,
  before: readonly Promise<CheckResult>[],
  context: DoctorContext,
  deadlineMs: number,
): Promise<CheckResult> {
  const { id, title, needs, neededFor } = check;
  const about = { id, title, needs, neededFor };
  const done = await Promise.all(before);
  const blocking = done.filter(({ status }) => ["failed", "absent", "skipped"].includes(status));
  if (blocking.length > 0) {
    return {
      ...about,
      status: "skipped",
      found: `skipped, because it needs: ${blocking.map((need) => need.title).join(", ")}`,
      blockedBy: blocking.map((need) => need.id),
    };
  }
  const unneeded = done.find(({ status }) => status === "not-needed");
  if (unneeded !== undefined)
    return { ...about, status: "not-needed", found: `not needed, as little as: ${unneeded.title}` };
  const outcome = await within(deadlineMs, Promise.resolve(check.run(context)));
  return { ...about, ...(outcome === SLOW ? late(deadlineMs) : outcome) };
}

function late(deadlineMs: number): Outcome {
  return {
    status: "failed",
    found: `not done after ${Math.round(deadlineMs / 1000)} s`,
    fix: "run it again; if it stays so, report it with what `--format json` says",
  };
}

/** What the environment keeps secret. No check prints it; that none ever does is not left to care alone. */
function secretsIn(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && value.length >= 8 && /SECRET|TOKEN|PASSWORD|PASSWD|ACCESS_KEY|API_KEY/i.test(name)
      ? [value]
      : [],
  );
}

function withoutSecrets(result: CheckResult, secrets: readonly string[]): CheckResult {
  const clean = (text: string) => secrets.reduce((rest, secret) => rest.replaceAll(secret, "***"), text);
  return {
    ...result,
    found: clean(result.found),
    ...(result.fix === undefined ? {} : { fix: clean(result.fix) }),
    ...(result.details === undefined
      ? {}
      : {
          details: Object.fromEntries(
            Object.entries(result.details).map(([key, value]) => [
              key,
              typeof value === "string" ? clean(value) : value,
            ]),
          ),
        }),
  };
}
