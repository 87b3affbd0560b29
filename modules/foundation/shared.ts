import type { PlannedImage, TargetPlan } from "../plan/plan";
import { FoundationReader } from "./foundation-reader";
import { OUTPUT, ownOutput } from "./outputs";

/** What a target's stack uses beyond that: the image, and what the target put into the foundation. */
export class Shared extends FoundationReader<TargetPlan<unknown>> {
  /** The image, pinned as the manifest, `build` or the variable `image_digest` pins it. */
  get imageUri(): string {
    const { image } = this.plan.model;
    if (image.kind === "reference") return pinned(image.uri);
    const repository = image.repository?.uri ?? this.ownState.getString(OUTPUT.registryUrl);
    return `${repository}@${image.digest ?? this.stack.imageDigest()}`;
  }

  /** ARN of the ECR repository that the image comes from; null for another registry. */
  get imageRepositoryArn(): string | null {
    const { image } = this.plan.model;
    const arn = (region: string, account: string, name: string) =>
      `arn:${this.partition}:ecr:${region}:${account}:repository/${name}`;
    if (image.kind === "build") {
      const { repository: given } = image;
      if (given !== null) return arn(given.region, given.account, given.name);
      return this.ownState.getString(OUTPUT.registryArn);
    }
    const { ecr, repository } = image.reference;
    return ecr === undefined ? null : arn(ecr.region, ecr.account, repository);
  }

  /**
   * The part of the image's identity that is known, and the one that only Terraform knows: for names that must change
   * with the image. `suffix` is an expression over `image_digest`, or empty.
   */
  get imageIdentity(): { readonly known: string; readonly suffix: string } {
    const image: PlannedImage = this.plan.model.image;
    if (image.kind === "reference") return { known: image.uri, suffix: "" };
    const repository = image.repository?.uri;
    if (image.digest !== null) {
      const known = repository === undefined ? image.digest : `${repository}@${image.digest}`;
      return { known, suffix: "" };
    }
    this.stack.imageDigest();
    return { known: repository ?? "", suffix: "${substr(var.image_digest, 7, 8)}" };
  }

  /** What the target itself exported from its part of the foundation. */
  own(name: string): string {
    return this.ownState.getString(ownOutput(this.plan.target, name));
  }
}

/** A tag beside a digest says nothing more, and Lambda and SageMaker refuse the two together. */
export function pinned(uri: string): string {
  return uri.replace(/:[\w][\w.-]*(?=@sha256:)/, "");
}
