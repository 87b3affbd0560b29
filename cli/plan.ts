import { planManifests } from "../modules/app/plan";
import { projectRegistry } from "../modules/app/registry";
import { issuesMarkdown, planMarkdown } from "../modules/changes/markdown";
import { type PlanReport, verdictOf } from "../modules/changes/report";
import { planText } from "../modules/changes/text";
import { ManifestError } from "../modules/issues/issue";
import { projectPolicies } from "../modules/policy/load";
import { type CommonOptions, EXIT, Output, type PluginOptions, type PolicyOptions } from "./output";

export interface PlanCommandOptions extends CommonOptions, PluginOptions, PolicyOptions {
  readonly env?: string;
  readonly allEnvironments?: boolean;
  readonly target?: readonly string[];
  readonly imageDigest?: string;
  readonly out: string;
  readonly offline?: boolean;
  readonly base?: string;
  readonly allow?: readonly string[];
  readonly full?: boolean;
  readonly detailedExitcode?: boolean;
  readonly format: "text" | "json" | "markdown";
}

/** Exit codes of `terraform plan -detailed-exitcode`. */
const DETAILED = { noChanges: 0, failed: 1, changes: 2 } as const;

/** `modelport plan`: what Terraform would do, summed up over all stacks. */
export async function plan(patterns: readonly string[], options: PlanCommandOptions): Promise<number> {
  const output = new Output(options);
  const detailed = options.detailedExitcode ?? false;
  const offline = options.offline ?? false;
  if (options.base !== undefined && !offline) {
    output.error("--base needs --offline: a plan with real state is compared with what is deployed");
    return detailed ? DETAILED.failed : EXIT.usage;
  }
  try {
    const report = await planManifests({
      manifests: patterns,
      targets: options.target ?? null,
      environment: options.env ?? null,
      allEnvironments: options.allEnvironments ?? false,
      outdir: options.out,
      registry: projectRegistry(options.plugin),
      policies: projectPolicies(options.policy),
      pluginNames: options.plugin ?? [],
      policyNames: options.policy ?? [],
      ...(options.imageDigest === undefined ? {} : { imageDigest: options.imageDigest }),
      offline,
      base: options.base ?? null,
      allow: options.allow ?? [],
      withText: (options.full ?? false) || options.format === "markdown",
      onProgress: (done, stacks) => output.progress(`planned ${done} of ${stacks} stacks`),
    });
    output.progress("");
    show(report, options, output);
    switch (verdictOf(report)) {
      case "failed":
        return detailed ? DETAILED.failed : EXIT.external;
      case "guarded":
        return EXIT.input;
      case "changes":
        return detailed ? DETAILED.changes : EXIT.ok;
      case "no-changes":
        return EXIT.ok;
    }
  } catch (error) {
    if (!(error instanceof ManifestError) || options.format === "text") throw error;
    // A manifest at fault is a result too: its issues, and no stacks.
    if (options.format === "json") output.json({ stacks: [], issues: error.issues });
    else output.result(issuesMarkdown(error.issues));
    return EXIT.input;
  }
}

function show(report: PlanReport, { format, full = false }: PlanCommandOptions, output: Output): void {
  if (format === "json") {
    // Terraform's own text is for people.
    output.json({ ...report, stacks: report.stacks.map((plan) => ({ ...plan, text: undefined })) });
    return;
  }
  if (format === "markdown") {
    output.result(planMarkdown(report));
    return;
  }
  output.diagnose(report.issues);
  for (const { manifest, target } of report.leftOut)
    output.note(`${manifest}: left out ${target}, for the reasons above`);
  if (full) {
    for (const { stack, text } of report.stacks)
      if (text !== null) output.result(`${output.colors.bold(stack)}\n\n${text}\n`);
  }
  output.result(planText(report, output.width, output.colors));
}
