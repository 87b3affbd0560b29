import type { TerraformRemoteState } from "cdktf";
import type { PlannedImage, TargetPlan } from "../plan/plan";
import type { ModelStack } from "../stack/model-stack";
import type { Sealed } from "../stack/seal";
import { FOUNDATION, stackName } from "../stack/names";
import { OUTPUT, ownOutput } from "./foundation-stack";

/** A network as a target uses it. */
export interface SharedNetwork {
  readonly vpcId: string;
  /** Where replicas go. */
  readonly privateSubnetIds: string[];
  /** Where something public goes; null where the network has no public subnets. */
  readonly publicSubnetIds: string[] | null;
}

/**
 * What a target's stack uses of what already exists or lives in the foundation. Each getter gives the manifest's own
 * value where there is one, else a reference to the foundation's state; the reference is made only when it is used.
 */
export class Shared {
  #state: TerraformRemoteState | undefined;

  constructor(
    private readonly stack: ModelStack,
    private readonly plan: Sealed<TargetPlan<unknown>>,
  ) {}

  /** ARN of the key for everything at rest. */
  get keyArn(): string {
    return this.plan.security.kmsKeyArn ?? this.foundation.getString(OUTPUT.keyArn);
  }

  /** The account's id, for ARNs that no resource gives. */
  get accountId(): string {
    return this.plan.account ?? this.foundation.getString(OUTPUT.accountId);
  }

  /** ARN of the topic that alarms notify; null where the manifest wants no alarms. */
  get topicArn(): string | null {
    if (!this.plan.observability.alarms) return null;
    return this.plan.observability.notifyTopicArn ?? this.foundation.getString(OUTPUT.topicArn);
  }

  /** The image, pinned as the manifest, `build` or the variable `image_digest` pins it. */
  get imageUri(): string {
    const { image } = this.plan.model;
    if (image.kind === "reference") return pinned(image.uri);
    return `${this.foundation.getString(OUTPUT.registryUrl)}@${image.digest ?? this.stack.imageDigest()}`;
  }

  /** ARN of the ECR repository that the image comes from; null for another registry. */
  get imageRepositoryArn(): string | null {
    const { image } = this.plan.model;
    if (image.kind === "build") return this.foundation.getString(OUTPUT.registryArn);
    const { ecr, repository } = image.reference;
    if (ecr === undefined) return null;
    return `arn:${this.plan.region?.partition ?? "aws"}:ecr:${ecr.region}:${ecr.account}:repository/${repository}`;
  }

  /**
   * The part of the image's identity that is known, and the one that only Terraform knows: for names that must change
   * with the image. `suffix` is an expression over `image_digest`, or empty.
   */
  get imageIdentity(): { readonly known: string; readonly suffix: string } {
    const image: PlannedImage = this.plan.model.image;
    if (image.kind === "reference") return { known: image.uri, suffix: "" };
    if (image.digest !== null) return { known: image.digest, suffix: "" };
    this.stack.imageDigest();
    return { known: "", suffix: "${substr(var.image_digest, 7, 8)}" };
  }

  /** The foundation's bucket for artifacts, captured data and results. */
  get bucket(): { readonly name: string; readonly arn: string } {
    return {
      name: this.foundation.getString(OUTPUT.bucketName),
      arn: this.foundation.getString(OUTPUT.bucketArn),
    };
  }

  /** Bucket for the access logs of load balancers. */
  get accessLogBucketName(): string {
    return this.foundation.getString(OUTPUT.accessLogBucketName);
  }

  get network(): SharedNetwork {
    const { existing, public: isPublic } = this.plan.network;
    if (existing !== null) {
      const subnets = [...existing.subnetIds];
      return { vpcId: existing.vpcId, privateSubnetIds: subnets, publicSubnetIds: isPublic ? subnets : null };
    }
    return {
      vpcId: this.foundation.getString(OUTPUT.vpcId),
      privateSubnetIds: this.foundation.getList(OUTPUT.privateSubnetIds),
      publicSubnetIds: isPublic ? this.foundation.getList(OUTPUT.publicSubnetIds) : null,
    };
  }

  /** What the target itself exported from its part of the foundation. */
  own(name: string): string {
    return this.foundation.getString(ownOutput(this.plan.target, name));
  }

  /** Whether anything of the foundation is used, so that its stack must be applied first. */
  get usesFoundation(): boolean {
    return this.#state !== undefined;
  }

  private get foundation(): TerraformRemoteState {
    const { name, environment } = this.plan;
    this.#state ??= this.stack.state.read(this.stack, FOUNDATION, stackName(name, environment, FOUNDATION));
    return this.#state;
  }
}

/** A tag beside a digest says nothing more, and Lambda and SageMaker refuse the two together. */
export function pinned(uri: string): string {
  return uri.replace(/:[\w][\w.-]*(?=@sha256:)/, "");
}
