import { copyFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { S3Object, type S3ObjectConfig } from "@cdktf/provider-aws/lib/s3-object";
import type { ISynthesisSession } from "cdktf/lib/synthesize";
import { addCustomSynthesis } from "cdktf/lib/synthesize/synthesizer";
import { Construct } from "constructs";
import { create } from "tar";
import type { Shared } from "../foundation/shared";
import type { HostPath } from "../plan/host-path";
import type { TargetPlan } from "../plan/plan";
import type { ModelStack } from "../stack/model-stack";
import type { Sealed } from "../stack/seal";

/** Tags that an object may carry: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html (2026-11). */
const OBJECT_TAGS = 10;

/** A trained model in S3. */
export interface ArtifactInS3 {
  readonly uri: string;
  readonly bucketArn: string;
  /** ARN of the object, for a policy. */
  readonly objectArn: string;
  /** What identifies the content: for names that must change with it. */
  readonly identity: string;
  /** Whether it lies in {@link Shared.bucket}, encrypted by {@link Shared.keyArn}. */
  readonly ours: boolean;
  /** ARN of the object, and, where it is ours, of those of the releases before: what runs still reads its own. */
  readonly releasesArn: string;
}

/**
 * The manifest's artifact in S3: as it is where it lies there, else packed beside the stack and uploaded by it. The
 * object belongs to the target's stack and not to the foundation, so that the old one goes only after the new model
 * has taken over. Null where the manifest has none.
 */
export function artifactInS3(
  stack: ModelStack,
  plan: Sealed<TargetPlan<unknown>>,
  shared: Shared,
): ArtifactInS3 | null {
  const { artifact } = plan.model;
  if (artifact === null) return null;
  const partition = plan.region?.partition ?? "aws";
  if (artifact.kind === "s3") {
    const bucketArn = `arn:${partition}:s3:::${artifact.bucket}`;
    const objectArn = `${bucketArn}/${artifact.key}`;
    return {
      uri: artifact.uri,
      bucketArn,
      objectArn,
      identity: artifact.uri,
      ours: false,
      releasesArn: objectArn,
    };
  }
  const { digest } = artifact.path;
  const archive = new PackedArtifact(stack, "artifact", artifact.path);
  const bucket = shared.bucket;
  const object = new S3Object(stack, "artifact-object", {
    bucket: bucket.name,
    key: `${bucket.prefix}${plan.target}/${digest.slice(0, 16)}/model.tar.gz`,
    source: archive.relativePath,
    sourceHash: digest,
    kmsKeyId: shared.keyArn,
    ...objectTags(stack),
    lifecycle: { createBeforeDestroy: true },
  });
  return {
    uri: `s3://${object.bucket}/${object.key}`,
    bucketArn: bucket.arn,
    objectArn: `${bucket.arn}/${object.key}`,
    identity: digest,
    ours: true,
    releasesArn: `${bucket.arn}/${bucket.prefix}${plan.target}/*`,
  };
}

/** A resource carries up to 50 tags, an object 10; more than that it goes without. */
export function objectTags(stack: ModelStack): Pick<S3ObjectConfig, "overrideProvider"> {
  return Object.keys(stack.tags).length > OBJECT_TAGS
    ? { overrideProvider: { defaultTags: { tags: {} } } }
    : {};
}

/** A local file or folder, packed as `model.tar.gz` into the stack's folder when the stack is written. */
export class PackedArtifact extends Construct {
  /** From the folder in which Terraform runs. */
  readonly relativePath: string;

  constructor(stack: ModelStack, id: string, path: HostPath) {
    super(stack, id);
    this.relativePath = `assets/${path.digest.slice(0, 16)}/model.tar.gz`;
    addCustomSynthesis(this, {
      onSynthesize: (session: ISynthesisSession) => {
        const { workingDirectory } = session.manifest.forStack(stack);
        const file = join(session.outdir, workingDirectory, this.relativePath);
        mkdirSync(dirname(file), { recursive: true });
        pack(path, file);
      },
    });
  }
}

/** An archive is taken as it is; anything else is packed so that it unpacks straight into `/opt/ml/model`. */
function pack(path: HostPath, file: string): void {
  if (!path.isDirectory && /\.(?:tar\.gz|tgz)$/.test(path.location)) {
    copyFileSync(path.location, file);
    return;
  }
  const [cwd, entries] = path.isDirectory
    ? [path.location, ["."]]
    : [dirname(path.location), [path.location.slice(dirname(path.location).length + 1)]];
  create(
    { gzip: { level: 6 }, portable: true, mtime: new Date(0), noPax: true, sync: true, cwd, file },
    entries,
  );
}
