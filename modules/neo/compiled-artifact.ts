import type { ArtifactInS3 } from "../artifact/artifact";
import type { Shared } from "../foundation/shared";
import type { TargetPlan } from "../plan/plan";
import type { Sealed } from "../stack/seal";
import { compilationOf } from "./compilation";

/**
 * The compiled model in the deployment's bucket, for a target that runs on one instance type. Null where the manifest
 * wants nothing compiled. Its address is known before it exists: SageMaker refuses a model whose data is not there.
 */
export function compiledArtifact(
  plan: Sealed<TargetPlan<unknown>>,
  shared: Shared,
  instanceType: string,
): ArtifactInS3 | null {
  const compilation = compilationOf(plan, instanceType);
  if (compilation === null) return null;
  const { bucket } = shared;
  return {
    uri: `s3://${bucket.name}/${compilation.key}`,
    bucketArn: bucket.arn,
    objectArn: `${bucket.arn}/${compilation.key}`,
    identity: compilation.identity,
    ours: true,
    releasesArn: `${bucket.arn}/${bucket.prefix}${plan.target}/*`,
  };
}
