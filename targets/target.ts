import type { z } from "zod";
import type { Limit } from "../modules/aws/limits";
import type { Candidate, CandidateOptions, TargetComparison } from "../modules/compare/target-comparison";
import { NO_NEEDS, type FoundationNeeds } from "../modules/foundation/needs";
import type { Shared } from "../modules/foundation/shared";
import type { FoundationPart } from "../modules/foundation/foundation-stack";
import type { CodeDescription, Finding } from "../modules/issues/issue";
import type { Architecture, RolloutStrategy, ScalingMetric, ScalingPolicy } from "../modules/manifest/schema";
import type { AwsTargetPlan, EnvironmentPlan, TargetPlan } from "../modules/plan/plan";
import { deepFreeze } from "../modules/plan/freeze";
import { branded } from "../modules/plugins/brand";
import { seal, type Sealed } from "../modules/stack/seal";
import type { ModelStack } from "../modules/stack/model-stack";

export type PolicyType = ScalingPolicy["type"];

/** Fields of `model.optimize`. */
export type Optimizer = keyof NonNullable<EnvironmentPlan["model"]["optimize"]>;

/** What a mode of a target can do, as data: checks, messages, `targets` and the docs derive from it. */
export interface Capabilities {
  /** One sentence on the mode. */
  readonly summary: string;
  /**
   * Who gets the answers: `caller`, the one who asks; `later`, the one who asks, but from where they are put; `nobody`,
   * because it runs jobs over data sets and takes no requests. `compare` goes by it. Default `caller`.
   */
  readonly answers?: "caller" | "later" | "nobody";
  readonly architectures: readonly Architecture[];
  /** GPUs of one replica; 0 where there are none. */
  readonly gpu: Limit;
  /** vCPUs of one replica, at most. */
  readonly cpu: Limit;
  /** MiB of one replica, at most. */
  readonly memory: Limit;
  /** GiB of scratch storage of one replica, at most; 0 where it cannot be chosen. */
  readonly storage: Limit;
  /** Bytes of a request's and a response's body, at most. */
  readonly payload: { readonly request: Limit; readonly response: Limit; readonly warnAbove?: Limit };
  /** Seconds that one request may take, at most. */
  readonly requestDuration: Limit;
  readonly scaling: {
    /** Metrics by kind of policy; a kind that is absent is not offered. */
    readonly policies: Partial<Record<PolicyType, readonly ScalingMetric[]>>;
    /** Fewest replicas that it may scale to. */
    readonly minimum: Limit;
    /** Applies where the manifest leaves a range but names no policy; null where the target never scales. */
    readonly fallback: ScalingPolicy | null;
    /** What it offers instead of what it lacks, for messages. */
    readonly instead: string;
  };
  /** The first is the default. */
  readonly rollouts: readonly [RolloutStrategy, ...RolloutStrategy[]];
  /** Whether secrets reach the container by value, or as ARNs that it reads itself. */
  readonly secrets: "injected" | "reference";
  /** Registries that images may come from. */
  readonly images: "any" | "ecr" | "ecr-same-region";
  /** Where an artifact may come from; empty where the image must contain the model. */
  readonly artifacts: readonly ("s3" | "local")[];
  /** Whether port and paths are the service's (8080, /ping, /invocations) or the manifest's. */
  readonly server: "fixed" | "free";
  readonly dataCapture: boolean;
  /** What it can make of an artifact before it serves it, by `model.optimize`. Default nothing. */
  readonly optimizers?: readonly Optimizer[];
  /** Whether `network.public` makes it reachable from the internet. */
  readonly public: boolean;
  /**
   * Where `public` is false but callers may be on the internet all the same: how they get in, and what `network.public`
   * changes, as the second half of a sentence. Default: nobody on the internet reaches it.
   */
  readonly reachedBy?: string;
}

/** The constructs of a target; loaded only when something is synthesized, because loading cdktf takes a while. */
export interface TargetStack<Plan> {
  /** Adds the target's resources to its own stack. Trusts the plan: everything was checked before. */
  synthesize(stack: ModelStack, plan: Sealed<Plan>, shared: Shared): void;
  /**
   * Adds resources that must live in the foundation (a cluster). Called when {@link TargetDefinition.needs} asks for
   * it by `own`. What it exports is read back by `shared.own(name)`.
   */
  foundation?(part: FoundationPart, plan: Sealed<Plan>): void;
}

type PlanOn<Platform, Options> = Platform extends "aws" ? AwsTargetPlan<Options> : TargetPlan<Options>;

/** What a target gives to {@link defineTarget}. */
export interface TargetDefinition<
  Kind extends string,
  Platform,
  Schema extends z.ZodType,
  Mode extends string,
> {
  /** The name in manifests, e.g. `ecs-fargate`. */
  readonly kind: Kind;
  /** The name in prose, e.g. "ECS on Fargate". */
  readonly title: string;
  /** Where it runs: in an AWS account, or on a local engine that needs neither region nor account. */
  readonly platform: Platform;
  /** When to choose it, in a sentence. */
  readonly useCase: string;
  readonly strengths: readonly string[];
  readonly weaknesses: readonly string[];
  /** Schema of `targets.<kind>`; every field has a default or is required with reason. */
  readonly options: Schema;
  readonly modes: Readonly<Record<Mode, Capabilities>>;
  /** The mode that the options choose. */
  readonly modeOf: (options: z.output<Schema>) => NoInfer<Mode>;
  /**
   * The options with which `compare` looks at a mode, before they are parsed: as written, less those that only other modes
   * have, and with stand-ins for what is required but decides on neither capacity nor cost (where data lies). Default: the
   * options as written, so that only the mode that they choose is compared.
   */
  readonly optionsFor?: (
    mode: NoInfer<Mode>,
    written: Readonly<Record<string, unknown>>,
  ) => Readonly<Record<string, unknown>>;
  /** Error codes of its own, documented. */
  readonly codes: Readonly<Record<string, CodeDescription>>;
  /** Reports everything that this target cannot do beyond its capabilities. Pure. */
  readonly check: (plan: PlanOn<Platform, z.output<Schema>>) => Iterable<Finding>;
  /** What it needs of the foundation beyond what every target on AWS gets (key, topic, registry, bucket for a local artifact). */
  readonly needs: (plan: PlanOn<Platform, z.output<Schema>>) => Partial<FoundationNeeds>;
  /** Loads the constructs: `() => require("./stack")`. */
  readonly load: () => TargetStack<PlanOn<Platform, z.output<Schema>>>;
  /**
   * Loads what `compare` needs: `() => require("./comparison")`. Default: `compare` says that the target gives no model of
   * its capacity and cost.
   */
  readonly loadComparison?: () => TargetComparison<PlanOn<Platform, z.output<Schema>>>;
}

/** A plan that passed every check, with the constructs that it leads to. */
export interface TargetDeployment {
  readonly kind: string;
  readonly platform: "aws" | "local";
  readonly plan: TargetPlan<unknown>;
  /** What the foundation creates for it. */
  readonly needs: FoundationNeeds;
  /** What it would need where the manifest gave neither repository nor buckets. */
  readonly asks: FoundationNeeds;
  readonly synthesize: (stack: ModelStack, shared: Shared) => void;
  readonly synthesizeFoundation: (part: FoundationPart) => void;
  /** The sizes that `compare` weighs; null where the target gives no model of its capacity and cost. */
  readonly candidates: (options: CandidateOptions) => readonly Candidate[] | null;
}

/** A target as the rest of modelport sees it: its options' type is known only inside. */
export interface Target {
  readonly kind: string;
  readonly title: string;
  readonly platform: "aws" | "local";
  readonly useCase: string;
  readonly strengths: readonly string[];
  readonly weaknesses: readonly string[];
  readonly options: z.ZodType;
  readonly modes: Readonly<Record<string, Capabilities>>;
  readonly codes: Readonly<Record<string, CodeDescription>>;
  /** Mode of parsed options. */
  readonly modeOf: (options: unknown) => string;
  /** Options as written, turned into those of a mode; null where only the mode that they choose can be compared. */
  readonly optionsFor:
    ((mode: string, written: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>) | null;
  /** The target's own checks on a plan. */
  readonly check: (plan: TargetPlan<unknown>) => Iterable<Finding>;
  /** Turns a checked plan into something that can be synthesized. */
  readonly deployment: (plan: TargetPlan<unknown>) => TargetDeployment;
}

/**
 * Defines a target. The result goes into the registry (`targets/index.ts`), or, from another package, to
 * `ModelDeployment`'s list of plug-ins, `cdktf.json` or `--plugin`; see `docs/adding-a-target.md`. What it can do is
 * frozen with it.
 */
export function defineTarget<
  const Kind extends string,
  const Platform extends "aws" | "local",
  Schema extends z.ZodType,
  Mode extends string,
>(definition: TargetDefinition<Kind, Platform, Schema, Mode>): Target {
  type Options = z.output<Schema>;
  type Plan = PlanOn<Platform, Options>;
  // The plan was built with this target's own schema and platform (see `planTarget`), which the types cannot follow.
  const own = (plan: TargetPlan<unknown>) => plan as unknown as Plan;
  const target: Target = {
    ...definition,
    modes: deepFreeze(definition.modes),
    codes: deepFreeze(definition.codes),
    modeOf: (options) => definition.modeOf(options as Options),
    optionsFor:
      definition.optionsFor === undefined
        ? null
        : (mode, written) => definition.optionsFor?.(mode as Mode, written) ?? written,
    check: (plan) => definition.check(own(plan)),
    deployment: (plan) => {
      const frozen = deepFreeze(plan);
      const sealed = () => seal(own(frozen));
      const asks: FoundationNeeds = {
        ...(definition.platform === "aws" ? commonNeeds(frozen) : NO_NEEDS),
        ...definition.needs(own(frozen)),
      };
      return {
        kind: definition.kind,
        platform: definition.platform,
        plan: frozen,
        needs: withoutGiven(frozen, asks),
        asks,
        synthesize: (stack, shared) => definition.load().synthesize(stack, sealed(), shared),
        synthesizeFoundation: (part) => definition.load().foundation?.(part, sealed()),
        candidates: (asked) => definition.loadComparison?.().candidates(own(frozen), asked) ?? null,
      };
    },
  };
  return Object.freeze(branded(target));
}

/** What every target on AWS needs of the foundation, less what the manifest gives. */
function commonNeeds({ security, observability, model }: TargetPlan<unknown>): FoundationNeeds {
  return {
    ...NO_NEEDS,
    key: security.kmsKeyArn === null,
    topic: observability.alarms && observability.notifyTopicArn === null,
    registry: model.image.kind === "build",
    bucket: model.artifact?.kind === "local",
  };
}

/** What a target asks for and the manifest gives, so that no target has to ask whether it does. */
function withoutGiven(
  { model: { image }, storage }: TargetPlan<unknown>,
  needs: FoundationNeeds,
): FoundationNeeds {
  return {
    ...needs,
    registry: needs.registry && !(image.kind === "build" && image.repository !== null),
    bucket: needs.bucket && storage.bucket === null,
    accessLogs: needs.accessLogs && storage.accessLogBucket === null,
  };
}
