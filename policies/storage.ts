import { blocks, list, objectAt, parseJson, type Json } from "../modules/conformance/document";
import { definePolicy, type Policy } from "../modules/policy/policy";
import { refersTo } from "../modules/policy/policy-stack";
import { each, isOn, principalsOf, textsOf } from "./support";

const READ = "2026-11-23";
const CONTROLS = "https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html";

/** What every bucket has beside it: the resource, and what it must say. */
const PUBLIC_ACCESS = [
  "block_public_acls",
  "block_public_policy",
  "ignore_public_acls",
  "restrict_public_buckets",
];

/** Buckets are private, keep what was overwritten for a while, and forget what is of no use. */
export const storage: readonly Policy[] = [
  definePolicy({
    code: "POLICY_BUCKET_PUBLIC",
    title: "buckets block public access in all four ways, and have no public ACL",
    reason: "one statement or ACL too many publishes captured requests; the block refuses both",
    source: CONTROLS,
    asOf: READ,
    severity: "error",
    controls: [
      "CKV2_AWS_6",
      "CKV_AWS_20",
      "CKV_AWS_53",
      "CKV_AWS_54",
      "CKV_AWS_55",
      "CKV_AWS_56",
      "CKV_AWS_57",
      "S3.1",
      "S3.2",
      "S3.3",
      "S3.8",
    ],
    resourceTypes: ["aws_s3_bucket", "aws_s3_bucket_acl"],
    *checkStack(stack) {
      yield* each(stack.resources("aws_s3_bucket"), (config, bucket) => {
        if (typeof config.acl === "string" && config.acl.startsWith("public-"))
          return `has the ACL ${config.acl}`;
        const [block] = stack.of("aws_s3_bucket_public_access_block", "bucket", bucket);
        if (block === undefined) return "has no public access block in this stack";
        const missing = PUBLIC_ACCESS.filter((name) => !isOn(block.config[name]));
        return missing.length > 0 && `has a public access block without ${missing.join(", ")}`;
      });
      yield* each(
        stack.resources("aws_s3_bucket_acl"),
        ({ acl }) => typeof acl === "string" && acl.startsWith("public-") && `is ${acl}`,
      );
    },
  }),
  definePolicy({
    code: "POLICY_BUCKET_VERSIONS",
    title: "buckets keep versions",
    reason: "a model that was overwritten by mistake can be had back",
    source: CONTROLS,
    asOf: READ,
    severity: "error",
    controls: ["CKV_AWS_21"],
    resourceTypes: ["aws_s3_bucket"],
    *checkStack(stack) {
      yield* each(
        stack.resources("aws_s3_bucket"),
        (_config, bucket) =>
          !stack
            .of("aws_s3_bucket_versioning", "bucket", bucket)
            .flatMap(({ config }) => blocks(config.versioning_configuration))
            .some(({ status }) => status === "Enabled") && "keeps no versions",
      );
    },
  }),
  definePolicy({
    code: "POLICY_BUCKET_LIFECYCLE",
    title: "buckets have a lifecycle, which ends unfinished uploads",
    reason: "old versions and parts of broken uploads are paid for, though nobody sees them",
    source: CONTROLS,
    asOf: READ,
    severity: "error",
    controls: ["CKV2_AWS_61", "CKV_AWS_300", "S3.13"],
    resourceTypes: ["aws_s3_bucket"],
    *checkStack(stack) {
      yield* each(stack.resources("aws_s3_bucket"), (_config, bucket) => {
        const rules = stack
          .of("aws_s3_bucket_lifecycle_configuration", "bucket", bucket)
          .flatMap(({ config }) => blocks(config.rule))
          .filter(({ status }) => status === "Enabled");
        if (rules.length === 0) return "has no lifecycle";
        const ends = rules.some((rule) =>
          blocks(rule.abort_incomplete_multipart_upload).some(
            ({ days_after_initiation: days }) => Number(days) > 0,
          ),
        );
        return !ends && "keeps unfinished uploads for ever";
      });
    },
  }),
  definePolicy({
    code: "POLICY_BUCKET_OWNERSHIP",
    title: "buckets have no ACLs: their owner owns every object",
    reason: "an object that another account wrote would be out of the reach of the bucket's policy",
    source: CONTROLS,
    asOf: READ,
    severity: "error",
    controls: ["CKV2_AWS_65", "S3.12"],
    resourceTypes: ["aws_s3_bucket"],
    *checkStack(stack) {
      yield* each(
        stack.resources("aws_s3_bucket"),
        (_config, bucket) =>
          !stack
            .of("aws_s3_bucket_ownership_controls", "bucket", bucket)
            .flatMap(({ config }) => blocks(config.rule))
            .some(({ object_ownership: ownership }) => ownership === "BucketOwnerEnforced") && "has ACLs",
      );
    },
  }),
  definePolicy({
    code: "POLICY_BUCKET_TLS",
    title: "bucket policies refuse requests without TLS",
    reason: "S3 answers plain HTTP too",
    source: CONTROLS,
    asOf: READ,
    severity: "error",
    controls: ["S3.5"],
    resourceTypes: ["aws_s3_bucket"],
    *checkStack(stack) {
      yield* each(
        stack.resources("aws_s3_bucket"),
        (_config, bucket) =>
          !stack
            .of("aws_s3_bucket_policy", "bucket", bucket)
            .flatMap(({ config }) => statementsIn(config.policy))
            .some(
              (statement) =>
                statement.Effect === "Deny" &&
                principalsOf(statement).includes("*") &&
                textsOf(statement.Action).includes("s3:*") &&
                list(objectAt(statement.Condition, "Bool")["aws:SecureTransport"]).some(
                  (value) => value === "false" || value === false,
                ),
            ) && "takes requests without TLS",
      );
    },
  }),
  definePolicy({
    code: "POLICY_BUCKET_LOCKOUT",
    title: "no bucket policy locks everybody out",
    reason: "only the account's root user could then mend it",
    source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policy-s3-access-points.html",
    asOf: READ,
    severity: "error",
    controls: ["CKV_AWS_93"],
    resourceTypes: ["aws_s3_bucket_policy"],
    *checkStack(stack) {
      yield* each(
        stack.resources("aws_s3_bucket_policy"),
        ({ policy }) =>
          statementsIn(policy).some(
            (statement) =>
              statement.Effect === "Deny" &&
              statement.Condition === undefined &&
              principalsOf(statement).includes("*") &&
              textsOf(statement.Action).some((action) => action === "*" || action === "s3:*"),
          ) && "refuses everything to everybody",
      );
    },
  }),
  definePolicy({
    code: "POLICY_BUCKET_LOGS",
    title: "who reads and writes a bucket is logged, the log's own bucket apart",
    reason: "after a leak it must be known what was read",
    source: CONTROLS,
    asOf: READ,
    severity: "error",
    controls: ["CKV_AWS_18", "S3.9"],
    resourceTypes: ["aws_s3_bucket"],
    *checkStack(stack) {
      yield* each(stack.resources("aws_s3_bucket"), (_config, bucket) => {
        if (stack.of("aws_s3_bucket_logging", "bucket", bucket).length > 0) return false;
        const takesLogs =
          stack
            .resources("aws_s3_bucket_logging")
            .some(({ config }) => refersTo(config.target_bucket, bucket)) ||
          stack
            .of("aws_s3_bucket_policy", "bucket", bucket)
            .some(({ config }) => typeof config.policy === "string" && config.policy.includes("logging.s3."));
        return !takesLogs && "has no access log";
      });
    },
  }),
];

function statementsIn(policy: Json | undefined) {
  const document = typeof policy === "string" ? parseJson(policy) : undefined;
  return list(objectAt(document).Statement).map((statement) => objectAt(statement));
}
