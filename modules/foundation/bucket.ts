import type { ITerraformDependable } from "cdktf";
import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketLifecycleConfiguration } from "@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration";
import { S3BucketLoggingA } from "@cdktf/provider-aws/lib/s3-bucket-logging";
import { S3BucketOwnershipControls } from "@cdktf/provider-aws/lib/s3-bucket-ownership-controls";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { S3BucketPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-bucket-public-access-block";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
import { S3BucketVersioningA } from "@cdktf/provider-aws/lib/s3-bucket-versioning";
import { policyJson, type Statement } from "../iam/policy";
import type { EnvironmentPlan } from "../plan/plan";
import { acceptable, resourceName, shortHash } from "../stack/names";
import type { ModelStack } from "../stack/model-stack";

/** Characters of a bucket's name: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html (2026-08). */
const BUCKET_NAME_LIMIT = 63;

export interface SecuredBucketOptions {
  /** What it holds, the end of its name: `data`, `logs`. */
  readonly purpose: string;
  /** KMS key; null for S3's own keys, where a service cannot use another. */
  readonly keyArn: string | null;
  readonly accountId: string;
  /** Bucket that gets its access log; null for the log bucket itself. */
  readonly logBucket: StorageBucket | null;
  /** Days until everything expires; null keeps what is current. */
  readonly expireAfterDays: number | null;
  readonly statements: (bucketArn: string) => readonly Statement[];
}

/** A bucket of the foundation, or one that the manifest gives. */
export interface StorageBucket {
  readonly name: string;
  readonly arn: string;
  /** What keys of this deployment start with: nothing in a bucket of its own; else its name and a slash. */
  readonly prefix: string;
  /** What must exist before a service is told to write into the bucket; nothing where it exists already. */
  readonly dependencies: readonly ITerraformDependable[];
}

/** A bucket that the manifest names: used as it is, never changed. */
export function existingBucket(
  { prefix }: ModelStack,
  { region }: EnvironmentPlan,
  name: string,
): StorageBucket {
  const arn = `arn:${region?.partition ?? "aws"}:s3:::${name}`;
  return { name, arn, prefix: `${prefix}/`, dependencies: [] };
}

/** A bucket as AWS's controls want it: private, encrypted, versioned, TLS only, without ACLs, with a lifecycle. */
export function createSecuredBucket(
  stack: ModelStack,
  plan: EnvironmentPlan,
  options: SecuredBucketOptions,
): StorageBucket {
  const { purpose, keyArn, logBucket } = options;
  const bucket = new S3Bucket(stack, purpose, {
    bucket: bucketName(stack, plan, purpose, options.accountId),
    lifecycle: { preventDestroy: plan.security.deletionProtection },
  });
  const name = bucket.bucket;
  new S3BucketOwnershipControls(stack, `${purpose}-ownership`, {
    bucket: name,
    rule: { objectOwnership: "BucketOwnerEnforced" },
  });
  const block = new S3BucketPublicAccessBlock(stack, `${purpose}-public-access`, {
    bucket: name,
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  });
  const versioning = new S3BucketVersioningA(stack, `${purpose}-versioning`, {
    bucket: name,
    versioningConfiguration: { status: "Enabled" },
  });
  new S3BucketServerSideEncryptionConfigurationA(stack, `${purpose}-encryption`, {
    bucket: name,
    rule: [
      {
        applyServerSideEncryptionByDefault:
          keyArn === null ? { sseAlgorithm: "AES256" } : { sseAlgorithm: "aws:kms", kmsMasterKeyId: keyArn },
        bucketKeyEnabled: keyArn !== null,
      },
    ],
  });
  new S3BucketLifecycleConfiguration(stack, `${purpose}-lifecycle`, {
    bucket: name,
    dependsOn: [versioning],
    rule: [
      {
        id: "unfinished-and-old",
        status: "Enabled",
        filter: [{ prefix: "" }],
        abortIncompleteMultipartUpload: [{ daysAfterInitiation: 7 }],
        noncurrentVersionExpiration: [{ noncurrentDays: 90 }],
        ...(options.expireAfterDays === null ? {} : { expiration: [{ days: options.expireAfterDays }] }),
      },
    ],
  });
  if (logBucket !== null) {
    new S3BucketLoggingA(stack, `${purpose}-logging`, {
      bucket: name,
      targetBucket: logBucket.name,
      targetPrefix: `s3/${logBucket.prefix}${purpose}/`,
      ...(logBucket.dependencies.length === 0 ? {} : { dependsOn: [...logBucket.dependencies] }),
    });
  }
  const policy = new S3BucketPolicy(stack, `${purpose}-policy`, {
    bucket: name,
    dependsOn: [block],
    policy: policyJson([
      {
        sid: "TlsOnly",
        effect: "Deny",
        principals: { AWS: ["*"] },
        actions: ["s3:*"],
        resources: [bucket.arn, `${bucket.arn}/*`],
        conditions: { Bool: { "aws:SecureTransport": ["false"] } },
      },
      ...options.statements(bucket.arn),
    ]),
  });
  return { name, arn: bucket.arn, prefix: "", dependencies: [policy] };
}

/** The bucket for artifacts, captured data and results. */
export function createBucket(
  stack: ModelStack,
  plan: EnvironmentPlan,
  options: { readonly keyArn: string; readonly accountId: string; readonly logBucket: StorageBucket },
): StorageBucket {
  return createSecuredBucket(stack, plan, {
    purpose: "data",
    ...options,
    expireAfterDays: null,
    statements: () => [],
  });
}

/** Bucket names are global: the account's and region's hash keeps two deployments of one manifest apart. */
function bucketName(stack: ModelStack, plan: EnvironmentPlan, purpose: string, accountId: string): string {
  const region = plan.region?.name ?? "";
  const start = resourceName([acceptable("bucket", stack.prefix), purpose], BUCKET_NAME_LIMIT - 9);
  return plan.account === null
    ? `${start}-\${substr(sha256(join("", [${unwrapped(accountId)}, "${region}"])), 0, 8)}`
    : `${start}-${shortHash(`${plan.account}${region}`)}`;
}

/** A reference's inside, for use within another expression. */
function unwrapped(reference: string): string {
  return reference === "${local.account_id}" ? "local.account_id" : reference;
}
