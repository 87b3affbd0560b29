import { existsSync, readFileSync, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { globSync } from "tinyglobby";
import { type Issue, ManifestError } from "../issues/issue";

/** Name of a manifest where a folder is given. */
export const MANIFEST_FILE = "modelport.yaml";

/** Manifest files by path, folder or glob, sorted, each once, and an issue for every pattern that matches nothing. */
export function matchManifests(patterns: readonly string[]): {
  readonly files: readonly string[];
  readonly missing: readonly Issue[];
} {
  const found = patterns.map((pattern) => ({ pattern, files: matches(pattern) }));
  const missing = found.flatMap(({ pattern, files }): Issue[] =>
    files.length > 0
      ? []
      : [
          {
            file: pattern,
            line: 0,
            column: 0,
            path: "",
            code: "FILE_UNREADABLE",
            severity: "error",
            message: "matches no manifest",
            fix: "check the path, or run `modelport init` to make a manifest",
          },
        ],
  );
  return { files: [...new Set(found.flatMap(({ files }) => files))].sort(), missing };
}

/** Whether patterns name one manifest and nothing beside it. A folder or a glob means all that is in it. */
export function isOneManifest(patterns: readonly string[]): boolean {
  const [pattern, ...others] = patterns;
  return (
    pattern !== undefined &&
    others.length === 0 &&
    (statSync(pattern, { throwIfNoEntry: false })?.isFile() ?? false)
  );
}

/**
 * The manifest files of {@link matchManifests}.
 * @throws {ManifestError} where a pattern matches nothing.
 */
export function findManifests(patterns: readonly string[]): readonly string[] {
  const { files, missing } = matchManifests(patterns);
  if (missing.length > 0) throw new ManifestError(missing);
  return files;
}

function matches(pattern: string): readonly string[] {
  if (existsSync(pattern)) {
    if (!statSync(pattern).isDirectory()) return [pattern];
    const own = join(pattern, MANIFEST_FILE);
    if (existsSync(own)) return [own];
    return globSync("**/*.{yaml,yml,json}", {
      cwd: pattern,
      ignore: ["**/node_modules/**", "**/cdktf.out/**"],
    })
      .map((file) => join(pattern, file))
      .filter(looksLikeManifest);
  }
  return globSync(pattern, {
    absolute: isAbsolute(pattern),
    ignore: ["**/node_modules/**", "**/cdktf.out/**"],
  });
}

/** A folder of manifests may hold other YAML too; a manifest says what it is in its first kilobytes. */
function looksLikeManifest(file: string): boolean {
  return readFileSync(file, "utf8").slice(0, 4096).includes("modelport/v1");
}
