import { projectRegistry } from "../modules/app/registry";
import { NOTHING_SYNTHESIZED, type Synthesized } from "../modules/app/synthesized";
import { ManifestError } from "../modules/issues/issue";
import { projectPolicies } from "../modules/policy/load";
import { synthesizeMany } from "../modules/synthesis/many";
import { type CommonOptions, count, EXIT, Output, type PluginOptions, type PolicyOptions } from "./output";

export interface SynthOptions extends CommonOptions, PluginOptions, PolicyOptions {
  readonly env?: string;
  readonly target?: readonly string[];
  readonly out: string;
  readonly imageDigest?: string;
  readonly format: "text" | "json";
}

/** `modelport synth`: Terraform JSON of every stack, as cdktf lays it out. */
export async function synth(patterns: readonly string[], options: SynthOptions): Promise<number> {
  const output = new Output(options);
  const { stacks, leftOut, issues, suppressed, leftAlone } = await attempt(() =>
    synthesizeMany({
      manifests: patterns,
      targets: options.target ?? null,
      environment: options.env ?? null,
      outdir: options.out,
      registry: projectRegistry(options.plugin),
      policies: projectPolicies(options.policy),
      pluginNames: options.plugin ?? [],
      policyNames: options.policy ?? [],
      ...(options.imageDigest === undefined ? {} : { imageDigest: options.imageDigest }),
    }),
  );
  const failed = issues.some(({ severity }) => severity === "error");
  if (options.format === "text") output.diagnose(issues);
  if (options.format === "json") {
    output.json({ out: options.out, stacks, leftOut, leftAlone, issues, suppressed });
    return failed ? EXIT.input : EXIT.ok;
  }
  if (failed) return EXIT.input;
  for (const { file, resources } of stacks)
    output.result(`${file}  ${output.colors.dim(count(resources, "resource"))}`);
  for (const { manifest, target } of leftOut)
    output.note(`${manifest}: left out ${target}, for the reasons above`);
  for (const stack of leftAlone)
    output.note(
      `left alone ${stack}, which other models share: synthesize their folder or a glob to make it`,
    );
  for (const { file, code, address, reason } of suppressed)
    output.note(`${file}: suppressed ${code} at ${address}: ${reason}`);
  if (suppressed.length > 0) output.note(`${count(suppressed.length, "policy violation")} suppressed`);
  output.note(
    `${count(stacks.length, "stack")} in ${options.out}; next: cdktf diff <stack>, or terraform plan in its folder`,
  );
  return EXIT.ok;
}

/** A manifest at fault is a result too: its issues, and no stacks. */
async function attempt(synthesize: () => Promise<Synthesized>): Promise<Synthesized> {
  try {
    return await synthesize();
  } catch (error) {
    if (error instanceof ManifestError) return { ...NOTHING_SYNTHESIZED, issues: error.issues };
    throw error;
  }
}
