import { mkdirSync, rmSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { extract } from "tar";
import { NotStartedError, run } from "../process/run";

/** Why a revision's files cannot be had, for the user. */
export class GitError extends Error {
  constructor(
    message: string,
    readonly fix: string,
  ) {
    super(message);
    this.name = "GitError";
  }
}

/** The files of a revision. */
export interface Checkout {
  /** Full hash of the commit. */
  readonly commit: string;
  /** The folder, in the copy, that stands for the folder it was taken of. */
  readonly folder: string;
}

/**
 * Copies the files that some folders had in a revision; the repository's own work tree and index stay as they are.
 * @param folder inside a work tree; what the paths and the result are relative to.
 * @param revision a branch, tag or commit.
 * @param paths folders, absolute or relative to `folder`; those that the revision lacks are left out.
 * @param destination an empty folder.
 * @throws {GitError} where there is no git, no repository, no such revision, or a path leads out of the repository.
 */
export async function checkoutRevision(
  folder: string,
  revision: string,
  paths: readonly string[],
  destination: string,
): Promise<Checkout> {
  const top = await git(
    folder,
    ["rev-parse", "--show-toplevel"],
    "this is no git repository",
    "run it inside the repository, or give a manifest's file as the base",
  );
  // Without the marker a revision could be an option; with `^{commit}` a blob is none.
  const commit = await git(
    folder,
    ["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`],
    `the repository has no revision ${JSON.stringify(revision)}`,
    "name a file, branch, tag or commit; in CI fetch enough history (`fetch-depth: 0`)",
  );
  const prefix = await git(folder, ["rev-parse", "--show-prefix"], "this is no git repository", "");
  const wanted = [...new Set(paths.map((path) => inside(top, join(top, prefix), path)))];
  mkdirSync(destination, { recursive: true });
  for (const path of withoutNested(wanted)) {
    if (!(await exists(top, commit, path))) continue;
    const archive = join(destination, ".archive.tar");
    await git(
      top,
      ["archive", "--format=tar", `--output=${archive}`, commit, ...(path === "" ? [] : ["--", path])],
      `cannot archive ${commit}`,
      "see git's message",
    );
    await extract({ file: archive, cwd: destination });
    rmSync(archive);
  }
  return { commit, folder: join(destination, prefix) };
}

async function exists(top: string, commit: string, path: string): Promise<boolean> {
  if (path === "") return true;
  const { exitCode } = await run("git", ["cat-file", "-e", `${commit}:${path}`], { cwd: top });
  return exitCode === 0;
}

function inside(top: string, folder: string, path: string): string {
  const found = relative(top, resolve(folder, path));
  if (found === ".." || found.startsWith(`..${sep}`))
    throw new GitError(
      `${path} is outside of the repository`,
      "run it in the repository that the manifest is in",
    );
  return found.split(sep).join("/");
}

/** A folder inside another one comes with it. */
function withoutNested(paths: readonly string[]): readonly string[] {
  return paths.filter(
    (path) => !paths.some((other) => other !== path && (other === "" || path.startsWith(`${other}/`))),
  );
}

async function git(cwd: string, args: readonly string[], problem: string, fix: string): Promise<string> {
  try {
    const { exitCode, stdout, stderr } = await run("git", args, { cwd });
    if (exitCode === 0) return stdout.trimEnd();
    const said = stderr.trim().split("\n")[0] ?? "";
    throw new GitError(`${problem}${said === "" ? "" : ` (${said})`}`, fix);
  } catch (error) {
    if (error instanceof NotStartedError)
      throw new GitError("git is not installed", "install git, or give a manifest's file as the base");
    throw error;
  }
}
