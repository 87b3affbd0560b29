import { run } from "./process";

/** Variables that make git's commits the same everywhere, whatever the machine's settings are. */
const IDENTITY = {
  GIT_AUTHOR_NAME: "test",
  GIT_AUTHOR_EMAIL: "test@example.com",
  GIT_COMMITTER_NAME: "test",
  GIT_COMMITTER_EMAIL: "test@example.com",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
};

async function git(folder: string, ...args: readonly string[]): Promise<void> {
  const { code, stderr } = await run("git", args, { cwd: folder, env: IDENTITY });
  if (code !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
}

/** Commits everything in a work tree. */
export async function commitAll(folder: string): Promise<void> {
  await git(folder, "add", "--all");
  await git(folder, "commit", "--quiet", "--message", "a change");
}

/** Makes a repository, on the branch `main`, with a first commit of everything in a folder. */
export async function makeRepository(folder: string): Promise<void> {
  await git(folder, "init", "--quiet", "--initial-branch", "main");
  await commitAll(folder);
}
