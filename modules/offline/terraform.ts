import { spawn } from "node:child_process";
import type { OfflineSession } from "./session";

/** What a run of `terraform` left. */
export interface TerraformRun {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Runs the real `terraform` in a folder against a session. It never rejects for a failing run: see `exitCode`. */
export async function runTerraform(
  session: OfflineSession,
  dir: string,
  args: readonly string[],
): Promise<TerraformRun> {
  await session.announce(dir);
  const child = spawn("terraform", args, {
    cwd: dir,
    env: { ...ownEnvironment(), ...session.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      resolve({
        exitCode: code ?? -1,
        stdout: Buffer.concat(stdout).toString("utf8"),
        stderr: Buffer.concat(stderr).toString("utf8"),
      });
    });
  });
}

/** The process's variables without a developer's settings for Terraform, which would change what a run does. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith("TF_") || name.startsWith("TF_VAR_")),
  );
}
