import type { Construct } from "constructs";
import type { EnvironmentPlan } from "../plan/plan";
import { FOUNDATION } from "../stack/names";
import { ModelStack } from "../stack/model-stack";
import type { Sealed } from "../stack/seal";
import type { StateBackend } from "../stack/state";
import { createAccessLogBucket } from "./access-log-bucket";
import { createBucket, type SecuredBucket } from "./bucket";
import { createKey } from "./key";
import type { FoundationNeeds } from "./needs";
import { createNetwork, type CreatedNetwork } from "./network";
import { createRegistry } from "./registry";
import { createTopic } from "./topic";

/** Names of the outputs through which target stacks see the foundation. */
export const OUTPUT = {
  keyArn: "key_arn",
  accountId: "account_id",
  topicArn: "topic_arn",
  registryUrl: "registry_url",
  registryArn: "registry_arn",
  bucketName: "bucket_name",
  bucketArn: "bucket_arn",
  accessLogBucketName: "access_log_bucket_name",
  vpcId: "vpc_id",
  privateSubnetIds: "private_subnet_ids",
  publicSubnetIds: "public_subnet_ids",
} as const;

/** What a target sees when it puts resources of its own (a cluster) into the foundation. */
export interface FoundationPart {
  readonly stack: ModelStack;
  /** Key for everything at rest, the manifest's or the foundation's. */
  readonly keyArn: string;
  readonly accountId: string;
  /** Bucket for artifacts, captured data and results; null where nothing asked for one. */
  readonly bucket: SecuredBucket | null;
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
  readonly foreign: readonly string[];
  /** Targets with resources of their own in the foundation. */
  readonly own: readonly { readonly kind: string; readonly synthesize: (part: FoundationPart) => void }[];
}

/** `<name>-<environment>-foundation`: what several targets share, present only where something is created. */
export class FoundationStack extends ModelStack {
  constructor(scope: Construct, options: FoundationOptions) {
    const { plan, needs } = options;
    super(scope, { plan, component: FOUNDATION, aws: true, state: options.state, foreign: options.foreign });
    // Every check before this made sure that the account is known where no key is created to read it from.
    const { arn: keyArn, accountId } = needs.key
      ? createKey(this, plan)
      : { arn: plan.security.kmsKeyArn ?? "", accountId: plan.account ?? "" };
    const basis = { keyArn, accountId };
    if (needs.key) {
      this.output(OUTPUT.keyArn, keyArn);
      this.output(OUTPUT.accountId, accountId);
    }
    const { alarms, notifyTopicArn } = plan.observability;
    const createdTopicArn = needs.topic ? createTopic(this, plan, basis) : null;
    if (createdTopicArn !== null) this.output(OUTPUT.topicArn, createdTopicArn);
    if (needs.registry) {
      const registry = createRegistry(this, plan, basis);
      this.output(OUTPUT.registryUrl, registry.url);
      this.output(OUTPUT.registryArn, registry.arn);
    }
    let bucket: SecuredBucket | null = null;
    if (needs.accessLogs || needs.bucket) {
      const logs = createAccessLogBucket(this, plan, basis);
      this.output(OUTPUT.accessLogBucketName, logs.name);
      if (needs.bucket) {
        bucket = createBucket(this, plan, { ...basis, logBucket: logs });
        this.output(OUTPUT.bucketName, bucket.name);
        this.output(OUTPUT.bucketArn, bucket.arn);
      }
    }
    const network = needs.network === null ? null : this.network(plan, needs.network, basis);
    for (const { kind, synthesize } of options.own) {
      synthesize({
        stack: this,
        ...basis,
        bucket,
        topicArn: alarms ? (notifyTopicArn ?? createdTopicArn) : null,
        network,
        export: (name, value) => this.output(ownOutput(kind, name), value),
      });
    }
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

/** Name of an output that a target put into the foundation. */
export function ownOutput(kind: string, name: string): string {
  return `${kind.replace(/-/g, "_")}_${name}`;
}
