import type { Construct } from "constructs";
import type { EnvironmentPlan } from "../plan/plan";
import type { ForeignText } from "../stack/expressions";
import { FOUNDATION } from "../stack/names";
import { ModelStack } from "../stack/model-stack";
import type { Sealed } from "../stack/seal";
import type { StateBackend } from "../stack/state";
import { createAccessLogBucket } from "./access-log-bucket";
import { createBucket, existingBucket, type StorageBucket } from "./bucket";
import { createKey } from "./key";
import { FoundationReader } from "./foundation-reader";
import type { FoundationNeeds } from "./needs";
import { createNetwork, type CreatedNetwork } from "./network";
import { OUTPUT, ownOutput } from "./outputs";
import { createRegistry } from "./registry";

import { createTopic } from "./topic";

/** What a target sees when it puts resources of its own (a cluster) into the foundation. */
export interface FoundationPart {
  readonly stack: ModelStack;
  /** Key for everything at rest, the manifest's or the foundation's. */
  readonly keyArn: string;
  readonly accountId: string;
  /** Bucket for artifacts, captured data and results, the manifest's or the foundation's; null where nothing asked for one. */
  readonly bucket: StorageBucket | null;
  /** Topic that alarms notify, the manifest's or the foundation's; null where the manifest wants no alarms. */
  readonly topicArn: string | null;
  /** Network of the replicas, the manifest's or the foundation's; null where nothing asked for one. */
  readonly network: FoundationNetwork | null;
  /** Makes a value readable to the target's stack by `shared.own(name)`. */
  export(name: string, value: string): void;
}

export interface FoundationNetwork {
  readonly vpcId: string;
  readonly privateSubnetIds: readonly string[];
  /** Address range of a created network; null for an existing one. */
  readonly cidr: string | null;
  /** Null for an existing network. */
  readonly created: CreatedNetwork | null;
}

export interface FoundationOptions {
  readonly plan: Sealed<EnvironmentPlan>;
  readonly needs: FoundationNeeds;
  readonly state: StateBackend;
  readonly foreign: readonly ForeignText[];
  /** Whether models beside the plan's own use it: what its name cannot tell apart, the account must. Default false. */
  readonly shared?: boolean;
  /** Targets with resources of their own in the foundation. */
  readonly own: readonly { readonly kind: string; readonly synthesize: (part: FoundationPart) => void }[];
}

/**
 * `<name>-<environment>-foundation`: what several targets share, present only where something is created. Of a model that
 * shares a foundation with others, only what is its own.
 */
export class FoundationStack extends ModelStack {
  constructor(scope: Construct, options: FoundationOptions) {
    const { plan, needs } = options;
    const { shared = false, state, foreign } = options;
    super(scope, { plan, component: FOUNDATION, aws: true, state, foreign, ...(shared ? { shared } : {}) });
    const common = plan.foundation === null ? null : new FoundationReader(this, plan);
    // Every check before this made sure that the account is known where no key is created to read it from.
    const { arn: keyArn, accountId } = needs.key
      ? createKey(this, plan, { shared })
      : common === null
        ? { arn: plan.security.kmsKeyArn ?? "", accountId: plan.account ?? "" }
        : { arn: common.keyArn, accountId: common.accountId };
    const basis = { keyArn, accountId };
    if (needs.key) {
      this.output(OUTPUT.keyArn, keyArn);
      this.output(OUTPUT.accountId, accountId);
    }
    const { alarms, notifyTopicArn } = plan.observability;
    const createdTopicArn = needs.topic ? createTopic(this, plan, { ...basis, shared }) : null;
    if (createdTopicArn !== null) this.output(OUTPUT.topicArn, createdTopicArn);
    if (needs.registry) {
      const registry = createRegistry(this, plan, basis);
      this.output(OUTPUT.registryUrl, registry.url);
      this.output(OUTPUT.registryArn, registry.arn);
    }
    const bucket = common === null ? this.buckets(plan, needs, basis) : null;
    const network =
      common !== null || needs.network === null ? null : this.network(plan, needs.network, basis);
    for (const { kind, synthesize } of options.own) {
      synthesize({
        stack: this,
        ...basis,
        // Read from the shared foundation only where a target asks: not each has the outputs that others need.
        get bucket() {
          return common === null ? bucket : { ...common.bucket, dependencies: [] };
        },
        get topicArn() {
          if (common !== null) return common.topicArn;
          return alarms ? (notifyTopicArn ?? createdTopicArn) : null;
        },
        get network() {
          return common === null ? network : sharedNetwork(common, plan);
        },
        export: (name, value) => this.output(ownOutput(kind, name), value),
      });
    }
  }

  /** The buckets that are asked for and not given. @returns the one for data, given or created. */
  private buckets(
    plan: Sealed<EnvironmentPlan>,
    needs: FoundationNeeds,
    basis: { readonly keyArn: string; readonly accountId: string },
  ): StorageBucket | null {
    const { storage } = plan;
    const given = storage.bucket === null ? null : existingBucket(this, plan, storage.bucket);
    if (!needs.accessLogs && !needs.bucket) return given;
    let logs: StorageBucket;
    if (storage.accessLogBucket === null) {
      logs = createAccessLogBucket(this, plan, basis);
      this.output(OUTPUT.accessLogBucketName, logs.name);
    } else logs = existingBucket(this, plan, storage.accessLogBucket);
    if (!needs.bucket) return given;
    const bucket = createBucket(this, plan, { ...basis, logBucket: logs });
    this.output(OUTPUT.bucketName, bucket.name);
    this.output(OUTPUT.bucketArn, bucket.arn);
    return bucket;
  }

  private network(
    plan: Sealed<EnvironmentPlan>,
    needs: NonNullable<FoundationNeeds["network"]>,
    basis: { readonly keyArn: string; readonly accountId: string },
  ): FoundationNetwork {
    const { existing } = plan.network;
    if (existing !== null) {
      return { vpcId: existing.vpcId, privateSubnetIds: existing.subnetIds, cidr: null, created: null };
    }
    const created = createNetwork(this, plan, needs, basis);
    this.output(OUTPUT.vpcId, created.vpcId);
    this.output(OUTPUT.privateSubnetIds, created.privateSubnetIds);
    if (created.publicSubnetIds.length > 0) this.output(OUTPUT.publicSubnetIds, created.publicSubnetIds);
    return {
      vpcId: created.vpcId,
      privateSubnetIds: created.privateSubnetIds,
      cidr: plan.network.cidr,
      created,
    };
  }
}

function sharedNetwork(common: FoundationReader, { network }: Sealed<EnvironmentPlan>): FoundationNetwork {
  const { vpcId, privateSubnetIds } = common.network;
  return { vpcId, privateSubnetIds, cidr: network.existing === null ? network.cidr : null, created: null };
}
