import { NotStartedError, type ProcessResult, run } from "../process/run";
import type { DoctorContext } from "./check";

/** Stands for what did not come in time. */
export const SLOW = Symbol("slow");

/** Milliseconds that a program has to say its version. */
export const PROGRAM_DEADLINE_MS = 10_000;

/** What comes within some milliseconds, else {@link SLOW}. What is late goes on unheard; its failure is nobody's. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T | typeof SLOW> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<typeof SLOW>((resolve) => {
    timer = setTimeout(() => resolve(SLOW), ms);
  });
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What a program answered; null where it does not start, {@link SLOW} where it says nothing in time. */
export async function ask(
  { cwd, env }: Pick<DoctorContext, "cwd" | "env">,
  command: string,
  args: readonly string[],
  deadlineMs: number = PROGRAM_DEADLINE_MS,
): Promise<ProcessResult | null | typeof SLOW> {
  try {
    // Ending a program does not end what it started, and that may keep its output open: hence both limits.
    return await within(deadlineMs + 500, run(command, args, { cwd, env, timeoutMs: deadlineMs }));
  } catch (error) {
    if (error instanceof NotStartedError) return null;
    throw error;
  }
}
