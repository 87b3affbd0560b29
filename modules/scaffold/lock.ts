import { spawn } from "node:child_process";

/** What makes the lock file of a project, for messages too. */
export const LOCK_COMMAND = "npm install --package-lock-only --ignore-scripts";

const TIMEOUT_MS = 300_000;

/**
 * Asks npm for a project's lock file, so that `npm ci` works at once. Runs no script and installs nothing.
 * @returns why there is none, or null where there is.
 */
export async function makeLock(dir: string): Promise<string | null> {
  const [command = "", ...args] = LOCK_COMMAND.split(" ");
  // A lock file that names the registry of this machine would be of no use on another.
  args.push("--no-audit", "--no-fund", "--omit-lockfile-registry-resolved", "--loglevel=error");
  return new Promise((resolve) => {
    const npm = spawn(command, args, {
      cwd: dir,
      stdio: ["ignore", "ignore", "pipe"],
      // npm is a batch file there, which only a shell starts.
      shell: process.platform === "win32",
    });
    // Not spawn's own timeout: where there is no npm, its timer would keep this process waiting.
    const timer = setTimeout(() => npm.kill(), TIMEOUT_MS);
    const done = (failure: string | null) => {
      clearTimeout(timer);
      resolve(failure);
    };
    let said = "";
    npm.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
    npm.on("error", ({ message }) => done(message));
    npm.on("close", (code, signal) => {
      if (code === 0) done(null);
      else done(signal === null ? (reasonIn(said) ?? `npm ended with ${code ?? "?"}`) : "npm took too long");
    });
  });
}

/** What npm said went wrong, without its prefix and its code. */
function reasonIn(said: string): string | undefined {
  return said
    .split("\n")
    .filter((line) => /^npm (?:error|ERR!)/.test(line))
    .map((line) => line.replace(/^npm (?:error|ERR!) ?/, "").trim())
    .find((line) => line !== "" && !line.startsWith("code "));
}
