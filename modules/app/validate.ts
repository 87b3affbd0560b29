import type { Issue } from "../issues/issue";
import { loadManifestFile } from "../manifest/load";
import { environmentNames } from "../manifest/overlay";
import { resolveManifest } from "../plan/resolve";
import type { Target } from "../../targets/target";
import { matchManifests } from "./inputs";

export interface ValidateOptions {
  /** One environment; null validates all that a manifest declares, or the manifest itself where it declares none. */
  readonly environment: string | null;
  readonly targets: readonly string[] | null;
  readonly registry: readonly Target[];
}

/**
 * Every issue of every manifest, without synthesizing anything. An issue that several environments share is named once;
 * so is each pattern that matches nothing.
 */
export function validateManifests(
  patterns: readonly string[],
  options: ValidateOptions,
): { readonly files: readonly string[]; readonly issues: readonly Issue[] } {
  const { files, missing } = matchManifests(patterns);
  return { files, issues: [...missing, ...files.flatMap((file) => validateFile(file, options))] };
}

function validateFile(file: string, { environment, targets, registry }: ValidateOptions): readonly Issue[] {
  const loaded = loadManifestFile(file);
  const declared = environmentNames(loaded.source);
  const environments = environment !== null ? [environment] : declared.length > 0 ? declared : [null];
  const seen = new Set<string>();
  const issues: Issue[] = [];
  for (const name of environments) {
    const resolution = resolveManifest(loaded, { environment: name, targets, registry, digestFiles: false });
    for (const issue of resolution.issues) {
      const key = JSON.stringify(issue);
      if (seen.has(key)) continue;
      seen.add(key);
      issues.push(issue);
    }
  }
  return issues.sort((a, b) => a.line - b.line || a.column - b.column);
}
