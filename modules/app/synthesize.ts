import { join } from "node:path";
import { distinct, type Issue, ManifestError } from "../issues/issue";
import type { SuppressedViolation } from "../policy/gate";
import { duplicateStack } from "../stack/names";
import { readStackList, removeStale } from "../synthesis/output";
import { type AppOptions, createApp } from "./app";
import { projectContext } from "./project";

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

/** What is needed to tell later whether a manifest would still lead to the same. */
export interface SynthesizedSource {
  readonly manifest: string;
  readonly nameAt: Pick<Issue, "file" | "line" | "column">;
  /** Files and folders of this machine that it names. */
  readonly inputs: readonly string[];
}

export interface SynthesizeOptions extends AppOptions {
  readonly outdir: string;
  /** Names of stacks that manifests outside of this run lead to. Default: none. */
  readonly taken?: readonly string[];
}

/** What was synthesized. */
export interface Synthesized {
  readonly stacks: readonly WrittenStack[];
  readonly leftOut: readonly LeftOut[];
  readonly issues: readonly Issue[];
  /** Violations of policies that the manifests let go. */
  readonly suppressed: readonly SuppressedViolation[];
  readonly sources: readonly SynthesizedSource[];
}

/**
 * Synthesizes manifests into a folder, as cdktf lays it out, all in this process.
 * @throws {ManifestError} with every issue at once, or where the folder cannot be written; nothing is written then.
 */
export function synthesizeManifests(options: SynthesizeOptions): Synthesized {
  const context = projectContext();
  const { app, deployments, policyReport } = createApp({ ...options, context });
  const taken = new Set(options.taken);
  const duplicates = deployments.flatMap(({ foundation, stacks, nameAt }) =>
    [...(foundation === null ? [] : [foundation]), ...stacks]
      .filter(({ node }) => taken.has(node.id))
      .map(({ node }) => duplicateStack(node.id, nameAt)),
  );
  if (duplicates.length > 0) throw new ManifestError(duplicates);
  const before = Object.keys(readStackList(options.outdir));
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
  removeStale(options.outdir, before, [...stacks.map(({ stack }) => stack), ...taken]);
  return {
    stacks,
    leftOut: deployments.flatMap(({ file: manifest, refused }) =>
      refused.map((target) => ({ manifest, target })),
    ),
    issues: distinct([...deployments.flatMap(({ issues }) => issues), ...policyReport().issues]),
    suppressed: policyReport().suppressed,
    sources: deployments.map(({ file: manifest, nameAt, inputs }) => ({ manifest, nameAt, inputs })),
  };
}
