import { App } from "cdktf";
import { Construct } from "constructs";
import { FoundationStack } from "../foundation/foundation-stack";
import {
  commonTags,
  type FoundationMember,
  foundationGroups,
  foundationMember,
  foundationMismatches,
} from "../foundation/members";
import { isEmpty, splitNeeds, uniteNeeds } from "../foundation/needs";
import { Shared } from "../foundation/shared";
import { ManifestError, type Issue } from "../issues/issue";
import { loadManifestFile, loadManifestValue } from "../manifest/load";
import type { ManifestInput } from "../manifest/schema";
import { PolicyGate } from "../policy/gate";
import type { Policy } from "../policy/policy";
import { resolveManifest, type Resolution } from "../plan/resolve";
import type { EnvironmentPlan } from "../plan/plan";
import { withoutCreationStacks } from "../stack/creation-stacks";
import type { ForeignText } from "../stack/expressions";
import { foreignTexts, ModelStack } from "../stack/model-stack";
import { duplicateStack, FOUNDATION, stackName } from "../stack/names";
import { seal } from "../stack/seal";
import { localState, type StateBackend } from "../stack/state";
import { targets as builtIn } from "../../targets";
import type { Target, TargetDeployment } from "../../targets/target";

/** What to deploy, and where. */
export interface ModelDeploymentProps {
  /** Path of a manifest file, or the manifest itself as plain data (no cdktf tokens: they are refused). */
  readonly manifest: string | ManifestInput;
  /** A target's kind, several, or `all` that can carry the manifest. Default: the manifest's own `target`. */
  readonly target?: string | readonly string[];
  /** Environment whose overlay applies. Default: none. */
  readonly env?: string;
  /** Where Terraform keeps the states. Default: files beside the project. */
  readonly state?: StateBackend;
  /** Digest of the image that was built, `sha256:...`. Default: the Terraform variable `image_digest`. */
  readonly imageDigest?: string;
  /** Targets beyond those of modelport. */
  readonly plugins?: readonly Target[];
  /** Policies beyond those of modelport. */
  readonly policies?: readonly Policy[];
  /** Folder that relative paths start from, where `manifest` is data. Default: the working directory. */
  readonly directory?: string;
}

/**
 * A model, deployed: one stack for each target, and a foundation stack for what they share. The stacks are children of
 * the app, named `<name>-<environment>-<target>`.
 * @throws {ManifestError} with every issue of the manifest at once.
 */
export class ModelDeployment extends Construct {
  /** Warnings of the manifest. */
  readonly warnings: readonly Issue[];
  /** The stacks of the targets, in the registry's order. */
  readonly stacks: readonly ModelStack[];
  /** What the targets share; null where nothing is, or all of it is in a foundation of several models. */
  readonly foundation: FoundationStack | null;
  /** What it is made from, for {@link SharedFoundation}. */
  readonly resolution: Resolution;

  constructor(scope: Construct, id: string, props: ModelDeploymentProps) {
    super(scope, id);
    const { manifest, target, env } = props;
    const loaded =
      typeof manifest === "string"
        ? loadManifestFile(manifest)
        : loadManifestValue(manifest, props.directory ?? process.cwd());
    const resolution = resolveManifest(loaded, {
      environment: env ?? null,
      targets: target === undefined ? null : typeof target === "string" ? [target] : target,
      registry: [...builtIn, ...(props.plugins ?? [])],
      policies: props.policies ?? [],
      ...(props.imageDigest === undefined ? {} : { imageDigest: props.imageDigest }),
    });
    const synthesized = synthesizeResolution(scope, resolution, props.state ?? localState());
    this.resolution = resolution;
    this.warnings = resolution.issues;
    this.stacks = synthesized.stacks;
    this.foundation = synthesized.foundation;
  }
}

/** The stacks of a resolved manifest. */
export interface SynthesizedStacks {
  readonly foundation: FoundationStack | null;
  readonly stacks: readonly ModelStack[];
}

/**
 * Creates the stacks of a resolved manifest in an app.
 * @throws {ManifestError} where the resolution has errors, or a stack of the name exists already.
 */
export function synthesizeResolution(
  scope: Construct,
  resolution: Resolution,
  state: StateBackend,
): SynthesizedStacks {
  const { plan, manifest, issues } = resolution;
  if (plan === null || issues.some(({ severity }) => severity === "error")) throw new ManifestError(issues);
  const app = App.of(scope);
  const synthesized = withoutCreationStacks(() => createStacks(app, plan, resolution, state));
  const { foundation, stacks } = synthesized;
  PolicyGate.of(app).expect({
    plan,
    targets: resolution.deployments.map((deployment) => deployment.plan),
    stacks: [...(foundation === null ? [] : [foundation]), ...stacks],
    suppressions: (manifest?.policies.suppress ?? []).map(({ code, address = null, reason }) => ({
      code,
      address,
      reason,
    })),
    // What a suppression is for may be in the foundation that it shares.
    complete: resolution.declared.length === 0 && plan.foundation === null,
    policies: resolution.policies,
    locate: resolution.locate,
  });
  return synthesized;
}

function createStacks(
  app: App,
  plan: EnvironmentPlan,
  { manifest, deployments, declared, nameAt, locate }: Resolution,
  state: StateBackend,
): SynthesizedStacks {
  const options = [...deployments, ...declared].map(({ kind, plan: { options: given } }) => [kind, given]);
  const foreign = foreignTexts({ ...manifest, targets: Object.fromEntries(options) as object }, locate);
  refuseDuplicate(app, plan, FOUNDATION, nameAt);
  // A target that runs without AWS must not bring AWS resources along, whatever else the manifest declares.
  const onAws = deployments.some(({ platform }) => platform === "aws");
  const foundation = onAws
    ? createFoundation(app, plan, [...deployments, ...declared], state, foreign)
    : null;
  const stacks = deployments.map((deployment) => {
    const targetPlan = seal(deployment.plan);
    refuseDuplicate(app, plan, deployment.kind, nameAt);
    const aws = plan.region !== null && deployment.platform === "aws";
    const stack = new ModelStack(app, { plan: targetPlan, component: deployment.kind, aws, state, foreign });
    const shared = new Shared(stack, targetPlan);
    deployment.synthesize(stack, shared);
    if (foundation !== null && stack.reads.has(foundation.node.id)) stack.addDependency(foundation);
    return stack;
  });
  return { foundation, stacks };
}

function createFoundation(
  app: App,
  plan: EnvironmentPlan,
  deployments: readonly TargetDeployment[],
  state: StateBackend,
  foreign: readonly ForeignText[],
): FoundationStack | null {
  const all = uniteNeeds(deployments.map((deployment) => deployment.needs));
  const needs = plan.foundation === null ? all : splitNeeds(all).own;
  if (isEmpty(needs)) return null;
  return new FoundationStack(app, {
    plan: seal(plan),
    needs,
    state,
    foreign,
    own: deployments
      .filter(({ kind }) => needs.own.includes(kind))
      .map(({ kind, synthesizeFoundation }) => ({ kind, synthesize: synthesizeFoundation })),
  });
}

/** What a foundation is shared by, and how it is kept. */
export interface SharedFoundationProps {
  /** The models that share it: those with the same `foundation` in their manifests, in one environment. */
  readonly models: readonly ModelDeployment[];
  /** Where Terraform keeps the state; as the models have it. Default: files beside the project. */
  readonly state?: StateBackend;
}

/**
 * The foundation that several models of an app share: `<foundation>-<environment>-foundation`, with what all of them need.
 * @throws {ManifestError} where they name different foundations or none, or say different things of what it is made from.
 */
export class SharedFoundation extends Construct {
  /** Null where none of the models needs anything of it. */
  readonly stack: FoundationStack | null;

  constructor(scope: Construct, id: string, { models, state }: SharedFoundationProps) {
    super(scope, id);
    const made = synthesizeSharedFoundations(
      App.of(scope),
      models.map(({ resolution }) => resolution),
      state ?? localState(),
    );
    if (made.length > 1) {
      const names = made.map(({ node }) => node.id).join(", ");
      throw new Error(`these models share several foundations: ${names}; make one SharedFoundation for each`);
    }
    this.stack = made[0] ?? null;
    for (const { stacks, foundation } of models)
      dependOnFoundations(this.stack === null ? [] : [this.stack], { stacks, foundation });
  }
}

/** Applies foundations before the stacks that read them. */
export function dependOnFoundations(
  foundations: readonly FoundationStack[],
  { stacks, foundation }: SynthesizedStacks,
): void {
  for (const shared of foundations) {
    for (const stack of [...stacks, ...(foundation === null ? [] : [foundation])]) {
      if (stack.reads.has(shared.node.id)) stack.addDependency(shared);
    }
  }
}

/**
 * Creates the foundations that manifests share.
 * @param known members outside of this app; they count for what a foundation has.
 * @throws {ManifestError} where members of one say different things, or a stack of its name exists already.
 */
export function synthesizeSharedFoundations(
  app: App,
  resolutions: readonly Resolution[],
  state: StateBackend,
  known: readonly FoundationMember[] = [],
): readonly FoundationStack[] {
  const own = resolutions.flatMap((resolution) => {
    const member = foundationMember(resolution);
    return member === null ? [] : [{ member, resolution }];
  });
  const members = [...own.map(({ member }) => member), ...known];
  const issues = foundationMismatches(members);
  if (issues.length > 0) throw new ManifestError(issues);
  return [...foundationGroups(members)].flatMap(([stack, group]) => {
    const sample = own.find(({ member }) => member.stack === stack)?.resolution;
    const plan = sample?.plan ?? null;
    return sample === undefined || plan === null
      ? []
      : [createSharedFoundation(app, sample, plan, group, state)];
  });
}

/** @param sample one of its members: what the foundation is made from, all of them have in common. */
function createSharedFoundation(
  app: App,
  sample: Resolution,
  { foundation, ...rest }: EnvironmentPlan,
  members: readonly FoundationMember[],
  state: StateBackend,
): FoundationStack {
  const plan: EnvironmentPlan = {
    ...rest,
    name: foundation ?? "",
    description: null,
    foundation: null,
    tags: commonTags(members),
  };
  refuseDuplicate(app, plan, FOUNDATION, sample.nameAt);
  const stack = withoutCreationStacks(
    () =>
      new FoundationStack(app, {
        plan: seal(plan),
        needs: uniteNeeds(members.map(({ needs }) => needs)),
        state,
        foreign: foreignTexts(plan, null),
        shared: true,
        own: [],
      }),
  );
  PolicyGate.of(app).expect({
    plan,
    targets: [],
    stacks: [stack],
    suppressions: members.flatMap(({ suppressions }) => suppressions),
    complete: false,
    policies: sample.policies,
    locate: sample.locate,
  });
  return stack;
}

function refuseDuplicate(
  app: App,
  plan: EnvironmentPlan,
  component: string,
  nameAt: Resolution["nameAt"],
): void {
  const name = stackName(plan.name, plan.environment, component);
  if (app.node.tryFindChild(name) === undefined) return;
  throw new ManifestError([duplicateStack(name, nameAt)]);
}
