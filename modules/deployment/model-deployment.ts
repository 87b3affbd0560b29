import { App } from "cdktf";
import { Construct } from "constructs";
import { FoundationStack } from "../foundation/foundation-stack";
import { isEmpty, uniteNeeds } from "../foundation/needs";
import { Shared } from "../foundation/shared";
import { ManifestError, type Issue } from "../issues/issue";
import { loadManifestFile, loadManifestValue } from "../manifest/load";
import type { ManifestInput } from "../manifest/schema";
import { PolicyGate } from "../policy/gate";
import type { Policy } from "../policy/policy";
import { resolveManifest, type Resolution } from "../plan/resolve";
import type { EnvironmentPlan } from "../plan/plan";
import { withoutCreationStacks } from "../stack/creation-stacks";
import { ModelStack, templateTexts } from "../stack/model-stack";
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
  /** What the targets share; null where nothing is. */
  readonly foundation: FoundationStack | null;

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
    complete: resolution.declared.length === 0,
    policies: resolution.policies,
    locate: resolution.locate,
  });
  return synthesized;
}

function createStacks(
  app: App,
  plan: EnvironmentPlan,
  { deployments, declared, nameAt }: Resolution,
  state: StateBackend,
): SynthesizedStacks {
  const foreign = templateTexts([
    plan,
    ...[...deployments, ...declared].map((deployment) => deployment.plan),
  ]);
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
    if (shared.usesFoundation && foundation !== null) stack.addDependency(foundation);
    return stack;
  });
  return { foundation, stacks };
}

function createFoundation(
  app: App,
  plan: EnvironmentPlan,
  deployments: readonly TargetDeployment[],
  state: StateBackend,
  foreign: readonly string[],
): FoundationStack | null {
  const needs = uniteNeeds(deployments.map((deployment) => deployment.needs));
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
