import { existsSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { checkoutRevision, GitError } from "../git/tree";
import { type Issue, ManifestError } from "../issues/issue";
import { matchManifests } from "./inputs";

/** What a plan is held against. */
export interface Base {
  /** As it was asked for: a file or a revision. */
  readonly name: string;
  /** Full hash of the revision; null for a file. */
  readonly commit: string | null;
  /** The manifests as they were. */
  readonly manifests: readonly string[];
  /** The patterns that match something in it. */
  readonly matched: readonly string[];
  /** The name that a manifest of the base has in messages. */
  readonly nameOf: (file: string) => string;
}

/**
 * Finds the manifests of a base: a file, or what the patterns match in a git revision.
 * @param folder an empty folder, for the revision's files.
 * @throws {ManifestError} where it is neither a file nor a revision.
 */
export async function findBase(name: string, patterns: readonly string[], folder: string): Promise<Base> {
  if (existsSync(name) && statSync(name).isFile()) {
    if (matchManifests(patterns).files.length > 1)
      throw baseError(`${name} is one manifest, but several are planned`, "give a git revision as the base");
    return { name, commit: null, manifests: [name], matched: [], nameOf: (file) => file };
  }
  try {
    const here = process.cwd();
    const checkout = await checkoutRevision(here, name, patterns.map(folderOf), folder);
    const found = patterns.map((pattern) => ({
      pattern,
      files: matchManifests([join(checkout.folder, relative(here, pattern))]).files,
    }));
    return {
      name,
      commit: checkout.commit,
      manifests: [...new Set(found.flatMap(({ files }) => files))].sort(),
      matched: found.filter(({ files }) => files.length > 0).map(({ pattern }) => pattern),
      nameOf: (file) => `${relative(checkout.folder, file)}@${name}`,
    };
  } catch (error) {
    if (error instanceof GitError) throw baseError(error.message, error.fix);
    throw error;
  }
}

/** The folder that holds all that a pattern may match, and what those manifests name. */
function folderOf(pattern: string): string {
  if (existsSync(pattern) && statSync(pattern).isDirectory()) return pattern;
  const glob = pattern.search(/[*?[\]{}()!]/);
  return dirname(glob < 0 ? pattern : `${pattern.slice(0, glob)}_`);
}

/** What is wrong with the base, for the user. */
export function baseError(message: string, fix: string): ManifestError {
  const issue: Issue = {
    file: "--base",
    line: 0,
    column: 0,
    path: "",
    code: "BASE_UNREADABLE",
    severity: "error",
    message,
    fix,
  };
  return new ManifestError([issue]);
}
