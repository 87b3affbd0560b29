import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Issue } from "../issues/issue";
import { type AppOptions, createApp, distinct } from "./app";
import { PROJECT_FILE, projectError } from "./project";

/** A stack as it was written. */
export interface WrittenStack {
  readonly stack: string;
  /** The target's kind, or `foundation`. */
  readonly component: string;
  /** The manifest that it comes from. */
  readonly manifest: string;
  readonly environment: string;
  /** Path of its JSON. */
  readonly file: string;
  readonly resources: number;
}

/** A target that `all` left out of a manifest, because it cannot carry it. */
export interface LeftOut {
  readonly manifest: string;
  readonly target: string;
}

/**
 * Synthesizes manifests into a folder, as cdktf lays it out.
 * @throws {ManifestError} with every issue at once, or where the folder cannot be written; nothing is written then.
 */
export function synthesizeManifests(options: AppOptions & { readonly outdir: string }): {
  readonly stacks: readonly WrittenStack[];
  readonly leftOut: readonly LeftOut[];
  readonly issues: readonly Issue[];
} {
  const context = projectContext();
  const { app, deployments } = createApp({ ...options, context });
  const before = writtenStacks(options.outdir);
  app.synth();
  const stacks = deployments.flatMap(({ file: manifest, environment, foundation, stacks: own }) =>
    [...(foundation === null ? [] : [foundation]), ...own].map((stack): WrittenStack => {
      const name = stack.node.id;
      return {
        stack: name,
        component: stack.component,
        manifest,
        environment,
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
  return {
    stacks,
    leftOut: deployments.flatMap(({ file: manifest, refused }) =>
      refused.map((target) => ({ manifest, target })),
    ),
    issues: distinct(deployments.flatMap(({ issues }) => issues)),
  };
}

/** `context` of `cdktf.json`, which cdktf's own command line would pass on. */
function projectContext(): Readonly<Record<string, unknown>> {
  if (!existsSync(PROJECT_FILE)) return {};
  const project = parse(PROJECT_FILE) as { context?: unknown } | null | undefined;
  if (typeof project !== "object" || project === null) throw projectError("is no JSON object");
  const { context } = project;
  return typeof context === "object" && context !== null ? (context as Record<string, unknown>) : {};
}

/** Stacks that an earlier run wrote, as cdktf's own manifest lists them. */
function writtenStacks(outdir: string): readonly string[] {
  const file = join(outdir, "manifest.json");
  if (!existsSync(file)) return [];
  const manifest = parse(file) as { stacks?: Record<string, unknown> } | null | undefined;
  return Object.keys(manifest?.stacks ?? {});
}

/** `undefined` where the file is not JSON. */
function parse(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** A stack that is no longer made must not be deployed by mistake; what Terraform keeps in its folder stays. */
function removeStale(outdir: string, before: readonly string[], now: readonly string[]): void {
  for (const stack of before.filter((name) => !now.includes(name) && /^[A-Za-z0-9-]+$/.test(name))) {
    rmSync(join(outdir, "stacks", stack, "cdk.tf.json"), { force: true });
  }
}
