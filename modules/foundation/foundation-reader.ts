import type { TerraformRemoteState } from "cdktf";
import type { EnvironmentPlan } from "../plan/plan";
import { storagePrefix } from "../plan/storage-prefix";
import type { ModelStack } from "../stack/model-stack";
import type { Sealed } from "../stack/seal";
import { FOUNDATION, stackName } from "../stack/names";
import { OUTPUT } from "./outputs";

/** A network as a target uses it. */
export interface SharedNetwork {
  readonly vpcId: string;
  /** Where replicas go. */
  readonly privateSubnetIds: string[];
  /** Where something public goes; null where the network has no public subnets. */
  readonly publicSubnetIds: string[] | null;
}

/** A bucket as a target uses it. */
export interface SharedBucket {
  readonly name: string;
  readonly arn: string;
  /** What every key starts with, as rights do: empty, or ending in a slash. */
  readonly prefix: string;
}

/**
 * What a stack uses of what already exists or lives in a foundation. Each getter gives the manifest's own value where
 * there is one, else a reference to the foundation's state; the reference is made only when it is used.
 */
export class FoundationReader<Plan extends EnvironmentPlan = EnvironmentPlan> {
  readonly #states = new Map<string, TerraformRemoteState>();

  constructor(
    protected readonly stack: ModelStack,
    protected readonly plan: Sealed<Plan>,
  ) {}

  /** ARN of the key for everything at rest. */
  get keyArn(): string {
    return this.plan.security.kmsKeyArn ?? this.common.getString(OUTPUT.keyArn);
  }

  /** The account's id, for ARNs that no resource gives. */
  get accountId(): string {
    return this.plan.account ?? this.common.getString(OUTPUT.accountId);
  }

  /** ARN of the topic that alarms notify; null where the manifest wants no alarms. */
  get topicArn(): string | null {
    if (!this.plan.observability.alarms) return null;
    return this.plan.observability.notifyTopicArn ?? this.common.getString(OUTPUT.topicArn);
  }

  /** The bucket for artifacts, captured data and results, with the start of every key in it. */
  get bucket(): SharedBucket {
    const { bucket } = this.plan.storage;
    const prefix = storagePrefix(this.plan);
    if (bucket !== null) return { name: bucket, arn: `arn:${this.partition}:s3:::${bucket}`, prefix };
    return {
      name: this.common.getString(OUTPUT.bucketName),
      arn: this.common.getString(OUTPUT.bucketArn),
      prefix,
    };
  }

  /** Bucket for the access logs of load balancers. */
  get accessLogBucketName(): string {
    return this.plan.storage.accessLogBucket ?? this.common.getString(OUTPUT.accessLogBucketName);
  }

  get network(): SharedNetwork {
    const { existing, public: isPublic } = this.plan.network;
    if (existing !== null) {
      const subnets = [...existing.subnetIds];
      return { vpcId: existing.vpcId, privateSubnetIds: subnets, publicSubnetIds: isPublic ? subnets : null };
    }
    return {
      vpcId: this.common.getString(OUTPUT.vpcId),
      privateSubnetIds: this.common.getList(OUTPUT.privateSubnetIds),
      publicSubnetIds: isPublic ? this.common.getList(OUTPUT.publicSubnetIds) : null,
    };
  }

  protected get partition(): string {
    return this.plan.region?.partition ?? "aws";
  }

  /** The foundation with key, topic, buckets and network. */
  private get common(): TerraformRemoteState {
    const { foundation } = this.plan;
    return foundation === null ? this.ownState : this.read(`shared-${FOUNDATION}`, foundation);
  }

  /** The model's own foundation. */
  protected get ownState(): TerraformRemoteState {
    return this.read(FOUNDATION, this.plan.name);
  }

  private read(id: string, name: string): TerraformRemoteState {
    const stack = stackName(name, this.plan.environment, FOUNDATION);
    const state = this.#states.get(stack) ?? this.stack.readState(id, stack);
    this.#states.set(stack, state);
    return state;
  }
}
