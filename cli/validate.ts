import { validateManifests } from "../modules/app/validate";
import { targets } from "../targets";
import { type CommonOptions, count, EXIT, Output } from "./output";

export interface ValidateOptions extends CommonOptions {
  readonly env?: string;
  readonly target?: readonly string[];
  readonly format: "text" | "json";
}

/** `modelport validate`: every problem of every manifest at once, nothing synthesized. */
export function validate(patterns: readonly string[], options: ValidateOptions): number {
  const output = new Output(options);
  const { files, issues } = validateManifests(patterns, {
    environment: options.env ?? null,
    targets: options.target ?? null,
    registry: targets,
  });
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
