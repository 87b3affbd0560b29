import { environmentStructure, type ResolvedEnvironment } from "../check/environment-structure";
import { type FoundationMember, foundationMember, foundationMismatches } from "../foundation/members";
import { distinct, type Issue, type ManifestPath } from "../issues/issue";
import { valueAt } from "../manifest/data";
import { loadManifestFile } from "../manifest/load";
import { environmentNames } from "../manifest/overlay";
import { resolveManifest, toIssue } from "../plan/resolve";
import type { Policy } from "../policy/policy";
import type { Target } from "../../targets/target";
import { matchManifests } from "./inputs";

export interface ValidateOptions {
  /** One environment; null validates all that a manifest declares, or the manifest itself where it declares none. */
  readonly environment: string | null;
  readonly targets: readonly string[] | null;
  readonly registry: readonly Target[];
  /** The organisation's policies: their codes may be suppressed. Default none. */
  readonly policies?: readonly Policy[];
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
  const validated = files.map((file) => validateFile(file, options));
  const mismatches = foundationMismatches(validated.flatMap(({ members }) => members));
  return {
    files,
    issues: [
      ...missing,
      ...validated.flatMap(({ issues }, index) =>
        inOrder([...issues, ...mismatches.filter((issue) => issue.file === files[index])]),
      ),
    ],
  };
}

function validateFile(
  file: string,
  { environment, targets, registry, policies = [] }: ValidateOptions,
): { readonly issues: readonly Issue[]; readonly members: readonly FoundationMember[] } {
  const loaded = loadManifestFile(file);
  const declared = environmentNames(loaded.source);
  const environments = environment !== null ? [environment] : declared.length > 0 ? declared : [null];
  const seen = new Set<string>();
  const issues: Issue[] = [];
  const resolved: ResolvedEnvironment[] = [];
  const members: FoundationMember[] = [];
  for (const name of environments) {
    const resolution = resolveManifest(loaded, {
      environment: name,
      targets,
      registry,
      policies,
      digestFiles: false,
    });
    const { manifest, deployments } = resolution;
    members.push(...[foundationMember(resolution) ?? []].flat());
    if (manifest !== null) {
      const options = Object.fromEntries(deployments.map(({ kind, plan }) => [kind, plan.options]));
      resolved.push({ environment: resolution.environment, manifest, options });
    }
    for (const issue of resolution.issues) {
      const key = JSON.stringify(issue);
      if (seen.has(key)) continue;
      seen.add(key);
      issues.push(issue);
    }
  }
  const { source } = loaded;
  const isSet = (path: ManifestPath) => valueAt(source.data, path) !== undefined;
  for (const finding of environmentStructure(resolved, isSet))
    issues.push(toIssue(finding, source.file, source.locate, registry));
  return { issues, members };
}

function inOrder(issues: readonly Issue[]): readonly Issue[] {
  return distinct(issues).toSorted((a, b) => a.line - b.line || a.column - b.column);
}
