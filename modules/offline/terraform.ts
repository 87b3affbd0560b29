import { run, type ProcessResult } from "../process/run";
import type { OfflineSession } from "./session";

/**
 * Runs the real `terraform` in a folder against a session. It never rejects for a failing run: see `exitCode`.
 * @param command default `terraform`
 * @throws {NotStartedError} where there is no such command.
 */
export async function runTerraform(
  session: OfflineSession,
  dir: string,
  args: readonly string[],
  command = "terraform",
): Promise<ProcessResult> {
  await session.announce(dir);
  return run(command, args, { cwd: dir, env: { ...ownEnvironment(), ...session.env } });
}

/** The process's variables without a developer's settings for Terraform, which would change what a run does. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith("TF_") || name.startsWith("TF_VAR_")),
  );
}
