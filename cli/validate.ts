import { projectRegistry } from "../modules/app/registry";
import { validateManifests } from "../modules/app/validate";
import { ManifestError } from "../modules/issues/issue";
import { projectPolicies } from "../modules/policy/load";
import { type CommonOptions, count, EXIT, Output, type PluginOptions, type PolicyOptions } from "./output";

export interface ValidateOptions extends CommonOptions, PluginOptions, PolicyOptions {
  readonly env?: string;
  readonly target?: readonly string[];
  readonly format: "text" | "json";
}

/** `modelport validate`: every problem of every manifest at once, nothing synthesized. */
export function validate(patterns: readonly string[], options: ValidateOptions): number {
  const output = new Output(options);
  const { files, issues } = check(patterns, options);
  const errors = issues.filter(({ severity }) => severity === "error").length;
  if (options.format === "json") {
    output.json({ ok: errors === 0, issues });
  } else {
    for (const issue of issues) output.result(output.issue(issue));
    const warnings = issues.length - errors;
    const found = [count(errors, "error"), count(warnings, "warning")].join(", ");
    output.note(`${count(files.length, "manifest")}: ${issues.length === 0 ? "no problems" : found}`);
  }
  return errors === 0 ? EXIT.ok : EXIT.input;
}

/** What is wrong with the project or a plug-in is a result too. */
function check(
  patterns: readonly string[],
  { env, target, plugin, policy }: ValidateOptions,
): ReturnType<typeof validateManifests> {
  try {
    const registry = projectRegistry(plugin);
    return validateManifests(patterns, {
      environment: env ?? null,
      targets: target ?? null,
      registry,
      policies: projectPolicies(policy),
    });
  } catch (error) {
    if (error instanceof ManifestError) return { files: [], issues: error.issues };
    throw error;
  }
}
