import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Issue } from "../issues/issue";
import { type AppOptions, createApp } from "./app";

/** A stack as it was written. */
export interface WrittenStack {
  readonly stack: string;
  /** The target's kind, or `foundation`. */
  readonly component: string;
  /** The manifest that it comes from. */
  readonly manifest: string;
  /** Path of its JSON. */
  readonly file: string;
  readonly resources: number;
}

/**
 * Synthesizes manifests into a folder, as cdktf lays it out.
 * @throws {ManifestError} with every issue at once; nothing is written then.
 */
export function synthesizeManifests(options: AppOptions & { readonly outdir: string }): {
  readonly stacks: readonly WrittenStack[];
  readonly issues: readonly Issue[];
} {
  const { app, deployments } = createApp({ ...options, context: projectContext() });
  const before = writtenStacks(options.outdir);
  app.synth();
  const stacks = deployments.flatMap(({ file: manifest, foundation, stacks: own }) =>
    [...(foundation === null ? [] : [foundation]), ...own].map((stack): WrittenStack => {
      const name = stack.node.id;
      return {
        stack: name,
        component: stack.component,
        manifest,
        file: join(options.outdir, "stacks", name, "cdk.tf.json"),
        resources: stack.resourceCount,
      };
    }),
  );
  removeStale(
    options.outdir,
    before,
    stacks.map(({ stack }) => stack),
  );
  return { stacks, issues: deployments.flatMap(({ issues }) => issues) };
}

/** `context` of `cdktf.json`, which cdktf's own command line would pass on. */
function projectContext(): Readonly<Record<string, unknown>> {
  if (!existsSync("cdktf.json")) return {};
  const project = JSON.parse(readFileSync("cdktf.json", "utf8")) as { context?: Record<string, unknown> };
  return project.context ?? {};
}

/** Stacks that an earlier run wrote, as cdktf's own manifest lists them. */
function writtenStacks(outdir: string): readonly string[] {
  const file = join(outdir, "manifest.json");
  if (!existsSync(file)) return [];
  const manifest = JSON.parse(readFileSync(file, "utf8")) as { stacks?: Record<string, unknown> };
  return Object.keys(manifest.stacks ?? {});
}

/** A stack that is no longer made must not be deployed by mistake; what Terraform keeps in its folder stays. */
function removeStale(outdir: string, before: readonly string[], now: readonly string[]): void {
  for (const stack of before.filter((name) => !now.includes(name) && /^[A-Za-z0-9-]+$/.test(name))) {
    rmSync(join(outdir, "stacks", stack, "cdk.tf.json"), { force: true });
  }
}
