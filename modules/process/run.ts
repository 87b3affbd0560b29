import { spawn } from "node:child_process";

/** How a program ended, and what it said. */
export interface ProcessResult {
  /** Exit code; null where a signal or the time limit ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Working folder. Default: this process's own. */
  readonly cwd?: string;
  /** All variables that the program sees. Default: this process's own. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds after which it is ended. Default: none. */
  readonly timeoutMs?: number;
}

/** A program that could not be started: it is not installed, or may not be run. */
export class NotStartedError extends Error {
  constructor(
    readonly command: string,
    cause: Error,
  ) {
    super(`${command} could not be started: ${cause.message}`, { cause });
    this.name = "NotStartedError";
  }
}

/**
 * Runs a program to its end, without a shell and without input. A failing program is a result, not an error.
 * @throws {NotStartedError} where it does not start.
 */
export function run(
  command: string,
  args: readonly string[],
  { cwd, env = process.env, timeoutMs }: RunOptions = {},
): Promise<ProcessResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    // Not spawn's own limit: where the program is absent, its timer would keep this process waiting.
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => child.kill(), timeoutMs);
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.once("error", (error) => {
      clearTimeout(timer);
      reject(new NotStartedError(command, error));
    });
    child.once("close", (exitCode) => {
      clearTimeout(timer);
      resolve({ exitCode, stdout: text(stdout), stderr: text(stderr) });
    });
  });
}

function text(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString("utf8");
}
