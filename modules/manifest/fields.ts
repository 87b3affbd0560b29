import { z } from "zod";
import { Duration, DURATION_PATTERN, DURATION_UNITS } from "../units/duration";
import { Size, SIZE_PATTERN, SIZE_UNITS } from "../units/size";

/**
 * What a field's `.meta()` may say beside its description. JSON Schema, the reference docs and the messages of
 * `validate` all read it, so that a bound or a unit is written once.
 */
export interface FieldMeta {
  readonly description: string;
  /** Units or spelling that the field takes, as a message names them. */
  readonly allowed?: string;
  /** An example value, shown as the fix of a malformed one. */
  readonly example?: string;
  /** Other names that people use for a choice, by the choice. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Vendor page behind the rule, with the date it was read. */
  readonly source?: string;
}

/** A schema field with its documentation. */
export function field<T extends z.ZodType>(schema: T, meta: FieldMeta): T {
  return schema.meta({ ...meta });
}

interface Bounds<T> {
  readonly min?: T;
  readonly max?: T;
}

function outOfBounds(what: string, bounds: Bounds<{ toString(): string }>): string {
  const low = bounds.min?.toString();
  const high = bounds.max?.toString();
  if (low !== undefined && high !== undefined) return `${what} from ${low} to ${high}`;
  return low !== undefined ? `${what} of at least ${low}` : `${what} of at most ${high ?? ""}`;
}

/** A size with a binary unit, `512Mi`. Parsed into {@link Size}. */
export function size(bounds: Bounds<Size> = {}) {
  return z
    .string()
    .regex(SIZE_PATTERN)
    .transform((text, context) => {
      const value = Size.tryParse(text);
      const small = value !== undefined && bounds.min !== undefined && value.bytes < bounds.min.bytes;
      const large = value !== undefined && bounds.max !== undefined && value.bytes > bounds.max.bytes;
      if (value !== undefined && value.bytes > 0 && !small && !large) return value;
      context.addIssue({
        code: "custom",
        message: "is out of range",
        params: { code: "RANGE", allowed: outOfBounds("a size", { min: Size.bytes(1024), ...bounds }) },
      });
      return z.NEVER;
    })
    .meta({ quantity: "size", units: SIZE_UNITS.join(", "), example: "512Mi" });
}

/** A duration with a unit, `30s`. Parsed into {@link Duration}. */
export function duration(bounds: Bounds<Duration> = {}) {
  return z
    .string()
    .regex(DURATION_PATTERN)
    .transform((text, context) => {
      const value = Duration.tryParse(text);
      const small =
        value !== undefined && bounds.min !== undefined && value.milliseconds < bounds.min.milliseconds;
      const large =
        value !== undefined && bounds.max !== undefined && value.milliseconds > bounds.max.milliseconds;
      if (value !== undefined && value.milliseconds > 0 && !small && !large) return value;
      context.addIssue({
        code: "custom",
        message: "is out of range",
        params: {
          code: "RANGE",
          allowed: outOfBounds("a duration", { min: Duration.milliseconds(1), ...bounds }),
        },
      });
      return z.NEVER;
    })
    .meta({ quantity: "duration", units: DURATION_UNITS.join(", "), example: "30s" });
}

/** Text of a fixed spelling, with an example for the message. */
export function spelled(pattern: RegExp, meta: { allowed: string; example: string; confidential?: boolean }) {
  return z.string().regex(pattern).meta(meta);
}

const PARTITION = "arn:(?:aws|aws-cn|aws-us-gov)";

/** An ARN of one service. `resource` is a regular expression's source for what follows the account. */
export function arn(service: string, resource: string, example: string) {
  const pattern = new RegExp(`^${PARTITION}:${service}:[a-z0-9-]*:(?:\\d{12})?:${resource}$`);
  return spelled(pattern, { allowed: `an ARN of ${service.replace(/[()?:]/g, "")}`, example });
}

/** A KMS key's ARN (no alias: IAM policies cannot name a key by its alias). */
export const kmsKeyArn = () =>
  arn(
    "kms",
    "key/[A-Za-z0-9-]{1,64}",
    "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
  );

export const iamRoleArn = () =>
  arn("iam", "role/(?:[\\w+=,.@-]+/)*[\\w+=,.@-]{1,64}", "arn:aws:iam::123456789012:role/fraud-scorer");

export const iamPolicyArn = () =>
  arn("iam", "policy/(?:[\\w+=,.@-]+/)*[\\w+=,.@-]{1,128}", "arn:aws:iam::123456789012:policy/boundary");

/** A secret's ARN. What stands there by mistake may be the secret itself, so no message repeats it. */
export const secretArn = () =>
  arn(
    "(?:secretsmanager|ssm)",
    "(?:secret:[A-Za-z0-9/_+=.@-]{1,512}|parameter/[A-Za-z0-9/_.-]{1,1000})",
    "arn:aws:secretsmanager:eu-west-1:123456789012:secret:fraud-AbCdEf",
  ).meta({ allowed: "the ARN of a Secrets Manager secret or an SSM parameter", confidential: true });

/**
 * Characters of a bucket's name. S3 wants three of them; two are let through, because the format's own examples write
 * `s3://in/`. Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html (2026-08).
 */
const BUCKET = "[a-z0-9][a-z0-9.-]{0,61}[a-z0-9]";

/**
 * The name of a general purpose bucket. Names with the endings that S3 keeps for aliases and for buckets of other kinds
 * are none. Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html (2026-08).
 */
export const bucketName = (example: string) =>
  spelled(
    /^(?=.{3,63}$)(?!xn--|sthree-)(?!.*(?:-s3alias|--ol-s3|--x-s3|--table-s3|\.mrap)$)(?!\d{1,3}(?:\.\d{1,3}){3}$)[a-z0-9](?:[a-z0-9-]|\.(?!\.))*[a-z0-9]$/,
    { allowed: "a bucket's name: 3 to 63 lower-case letters, digits, hyphens and dots", example },
  );

/**
 * An ECR repository's address, as ECR itself states it: without tag or digest. Source:
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_Repository.html (repositoryName, repositoryUri; 2026-11).
 */
export const ecrRepository = () =>
  spelled(
    /^\d{12}\.dkr\.ecr\.[a-z]{2}(?:-[a-z]+)+-\d\.amazonaws\.com(?:\.cn)?(?=\/.{2,256}$)(?:\/[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*)+$/,
    {
      allowed: "<account>.dkr.ecr.<region>.amazonaws.com/<repository>, without tag or digest",
      example: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/fraud",
    },
  );

/** Object keys are held to the characters S3 calls safe, so that a key is never a wildcard or an expression. */
export const S3_URI_PATTERN = new RegExp(`^s3://${BUCKET}(?:/[A-Za-z0-9!_.'()/=@,+:-]*)?$`);

export const s3Uri = (example = "s3://bucket/prefix/") =>
  spelled(S3_URI_PATTERN, {
    allowed: "s3://bucket/key, the key of letters, digits and !_.'()/=@,+:-",
    example,
  });

/** A path inside the project: relative, no `..`, no characters that another interpreter could read. */
export const RELATIVE_PATH_PATTERN = /^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))[\p{L}\p{N}_.@+=, /-]{1,512}$/u;

export const relativePath = (example: string) =>
  spelled(RELATIVE_PATH_PATTERN, {
    allowed: "a path inside the manifest's folder, without `..`, of letters, digits, spaces and _.@+=,/-",
    example,
  });

/** An environment variable's name. */
export const VARIABLE_NAME_PATTERN = /^[A-Za-z_][A-Za-z0-9_]{0,254}$/;

export const percent = () => z.number().min(0).max(100);
