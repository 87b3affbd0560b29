import { join } from "node:path";
import { type FoundationMember, foundationGroups } from "../foundation/members";
import { distinct, ManifestError } from "../issues/issue";
import type { ModelStack } from "../stack/model-stack";
import { duplicateStack } from "../stack/names";
import { readStackList, removeStale } from "../synthesis/output";
import { type AppOptions, createApp, createFoundationsApp } from "./app";
import { projectContext } from "./project";
import { NOTHING_SYNTHESIZED, type Synthesized, type WrittenStack } from "./synthesized";

export interface SynthesizeOptions extends AppOptions {
  readonly outdir: string;
  /** Names of stacks that manifests outside of this run lead to. Default: none. */
  readonly taken?: readonly string[];
}

/**
 * Synthesizes manifests into a folder, as cdktf lays it out, all in this process.
 * @throws {ManifestError} with every issue at once, or where the folder cannot be written; nothing is written then.
 */
export function synthesizeManifests(options: SynthesizeOptions): Synthesized {
  const context = projectContext();
  const made = createApp({ ...options, context });
  const { app, deployments, members, policyReport } = made;
  const taken = new Set(options.taken);
  const duplicates = deployments.flatMap(({ foundation, stacks, nameAt }) =>
    [...(foundation === null ? [] : [foundation]), ...stacks]
      .filter(({ node }) => taken.has(node.id))
      .map(({ node }) => duplicateStack(node.id, nameAt)),
  );
  if (duplicates.length > 0) throw new ManifestError(duplicates);
  const before = Object.keys(readStackList(options.outdir));
  app.synth();
  const stacks = [
    ...made.foundations.map((stack) => written(stack, options.outdir, firstMember(members, stack))),
    ...deployments.flatMap(({ file: manifest, environment, foundation, stacks: own }) =>
      [...(foundation === null ? [] : [foundation]), ...own].map((stack) =>
        written(stack, options.outdir, { manifest, environment }),
      ),
    ),
  ];
  removeStale(options.outdir, before, [...stacks.map(({ stack }) => stack), ...taken]);
  return {
    stacks,
    leftOut: deployments.flatMap(({ file: manifest, refused }) =>
      refused.map((target) => ({ manifest, target })),
    ),
    issues: distinct([...deployments.flatMap(({ issues }) => issues), ...policyReport().issues]),
    suppressed: policyReport().suppressed,
    sources: deployments.map(({ file: manifest, nameAt, inputs }) => ({ manifest, nameAt, inputs })),
    members,
    leftAlone: made.leftAlone,
  };
}

/**
 * Synthesizes the foundations that manifests share, and nothing else.
 * @throws {ManifestError} where a policy forbids what they would be.
 */
export function synthesizeFoundations(
  members: readonly FoundationMember[],
  options: SynthesizeOptions,
): Synthesized {
  const { app, foundations, policyReport } = createFoundationsApp(members, {
    ...options,
    context: projectContext(),
  });
  app.synth();
  const stacks = foundations.map((stack) => written(stack, options.outdir, firstMember(members, stack)));
  return { ...NOTHING_SYNTHESIZED, stacks, ...policyReport() };
}

function written(
  stack: ModelStack,
  outdir: string,
  origin: Pick<WrittenStack, "manifest" | "environment">,
): WrittenStack {
  const name = stack.node.id;
  return {
    stack: name,
    component: stack.component,
    ...origin,
    file: join(outdir, "stacks", name, "cdk.tf.json"),
    resources: stack.resourceCount,
  };
}

/** What several manifests share is said to come from the first of them. */
function firstMember(
  members: readonly FoundationMember[],
  { node }: ModelStack,
): Pick<WrittenStack, "manifest" | "environment"> {
  const [first] = foundationGroups(members).get(node.id) ?? [];
  if (first === undefined) throw new Error(`nobody shares ${node.id}`);
  return { manifest: first.nameAt.file, environment: first.environment };
}
