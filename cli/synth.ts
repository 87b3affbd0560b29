import { synthesizeManifests } from "../modules/app/synthesize";
import { ManifestError } from "../modules/issues/issue";
import { type CommonOptions, count, EXIT, Output } from "./output";

export interface SynthOptions extends CommonOptions {
  readonly env?: string;
  readonly target?: readonly string[];
  readonly out: string;
  readonly imageDigest?: string;
  readonly format: "text" | "json";
}

/** `modelport synth`: Terraform JSON of every stack, as cdktf lays it out. */
export function synth(patterns: readonly string[], options: SynthOptions): number {
  const output = new Output(options);
  const { stacks, leftOut, issues } = attempt(() =>
    synthesizeManifests({
      manifests: patterns,
      targets: options.target ?? null,
      environment: options.env ?? null,
      outdir: options.out,
      ...(options.imageDigest === undefined ? {} : { imageDigest: options.imageDigest }),
    }),
  );
  const failed = issues.some(({ severity }) => severity === "error");
  if (options.format === "text") output.diagnose(issues);
  if (options.format === "json") {
    output.json({ out: options.out, stacks, leftOut, issues });
    return failed ? EXIT.input : EXIT.ok;
  }
  if (failed) return EXIT.input;
  for (const { file, resources } of stacks)
    output.result(`${file}  ${output.colors.dim(count(resources, "resource"))}`);
  for (const { manifest, target } of leftOut)
    output.note(`${manifest}: left out ${target}, for the reasons above`);
  output.note(
    `${count(stacks.length, "stack")} in ${options.out}; next: cdktf diff <stack>, or terraform plan in its folder`,
  );
  return EXIT.ok;
}

/** A manifest at fault is a result too: its issues, and no stacks. */
function attempt(
  synthesize: () => ReturnType<typeof synthesizeManifests>,
): ReturnType<typeof synthesizeManifests> {
  try {
    return synthesize();
  } catch (error) {
    if (error instanceof ManifestError) return { stacks: [], leftOut: [], issues: error.issues };
    throw error;
  }
}
