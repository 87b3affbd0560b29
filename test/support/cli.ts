import { spawn } from "node:child_process";
import { join } from "node:path";

const ROOT = join(__dirname, "..", "..");

/** A run of the command line as a process. */
export interface CliRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  /** Working directory. Default: the project. */
  readonly cwd?: string;
  /** Variables on top of a clean environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs `modelport` from its sources, without a terminal. */
export function cli(args: readonly string[], { cwd = ROOT, env = {} }: CliOptions = {}): Promise<CliRun> {
  const child = spawn(
    process.execPath,
    ["--import", require.resolve("tsx"), join(ROOT, "cli", "index.ts"), ...args],
    { cwd, env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", ...env } },
  );
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
}
