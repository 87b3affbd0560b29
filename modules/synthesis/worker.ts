import { projectRegistry } from "../app/registry";
import { synthesizeManifests, type SynthesizeOptions } from "../app/synthesize";
import type { Synthesized } from "../app/synthesized";
import { projectPolicies } from "../policy/load";
import { type Issue, ManifestError } from "../issues/issue";

/** Manifests to synthesize into a folder of their own. */
export interface Job {
  /** What of them can be said to another process. */
  readonly options: Omit<SynthesizeOptions, "registry" | "policies" | "context">;
  /** Values of `--plugin`. */
  readonly plugins: readonly string[];
  /** Values of `--policy`. */
  readonly policies: readonly string[];
}

/** What came of a job. */
export type Answer =
  | { readonly kind: "done"; readonly result: Synthesized }
  | { readonly kind: "refused"; readonly issues: readonly Issue[] }
  | { readonly kind: "failed"; readonly stack: string };

function perform({ options, plugins, policies }: Job): Answer {
  try {
    return {
      kind: "done",
      result: synthesizeManifests({
        ...options,
        registry: projectRegistry(plugins),
        policies: projectPolicies(policies),
      }),
    };
  } catch (error) {
    if (error instanceof ManifestError) return { kind: "refused", issues: error.issues };
    return { kind: "failed", stack: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

if (require.main === module) {
  process.on("message", (job: Job) => process.send?.(perform(job)));
  // Without its parent nobody reads what it makes.
  process.on("disconnect", () => process.exit());
}
