import { SLOW, within } from "./deadline";

/** Why AWS did not answer as hoped; a cause that can be mended, not the words of an error, which may hold secrets. */
export type AccountProblem =
  /** No credentials anywhere. */
  | "none"
  /** The session of `aws sso login` ended. */
  | "sso"
  /** The session of `aws login` ended. */
  | "login"
  /** The profile asks for a code of multi-factor authentication. */
  | "mfa"
  | "expired"
  /** AWS does not know the key, or the region is not enabled for its account. */
  | "unknown-key"
  /** The secret does not belong to the key. */
  | "signature"
  /** The machine's clock is off. */
  | "clock"
  | "denied"
  | "unreachable"
  /** A certificate on the way is not trusted. */
  | "tls"
  | "slow"
  /** The bucket does not exist. */
  | "missing"
  | "other";

/** What AWS answered, or why not. */
export type Answer<Value> =
  | { readonly value: Value; readonly problem?: never }
  | {
      readonly problem: AccountProblem;
      /** The error's code, without its words. */
      readonly code: string;
      readonly value?: never;
    };

/** Whose credentials they are. */
export interface Identity {
  /** 12 digits. */
  readonly account: string;
  /** ARN of the user or the assumed role. */
  readonly arn: string;
}

export interface BucketFacts {
  /** Where it lies; null where S3 does not say. */
  readonly region: string | null;
  /** Unknown where the credentials may not ask. */
  readonly versioning: "on" | "off" | "unknown";
}

/** The account behind the machine's credentials. */
export interface Account {
  /** Whose credentials they are, asked in a region; asked once. */
  identity(region: string): Promise<Answer<Identity>>;
  bucket(name: string, region: string): Promise<Answer<BucketFacts>>;
  /** The region that the profile sets; null where it sets none. */
  profileRegion(): Promise<string | null>;
}

/** Milliseconds for finding credentials and one question. A profile may start a program that asks a human. */
export const AWS_DEADLINE_MS = 10_000;

const TIMEOUTS = { connectionTimeout: 3_000, requestTimeout: 5_000, throwOnRequestTimeout: true } as const;

/**
 * The account, asked through the AWS SDK. Loads the SDK only when asked.
 *
 * Credentials are those that Terraform would take: the SDK's default chain, but keys in variables win over AWS_PROFILE,
 * as in the SDK for Go (`resolveCredentialChain` in aws-sdk-go-v2's `config`), while the one for JavaScript has it the
 * other way round.
 */
export function sdkAccount(env: Readonly<Record<string, string | undefined>>): Account {
  // The SDK reads the process's own variables, and warns of Node 20 on stderr.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
  const keys = staticKeys(env);
  const config = (region: string) => ({
    region,
    maxAttempts: 2,
    requestHandler: TIMEOUTS,
    ...(keys === null ? {} : { credentials: keys }),
  });
  const identities = new Map<string, Promise<Answer<Identity>>>();
  const askIdentity = (region: string) =>
    answered(async () => {
      const { GetCallerIdentityCommand, STSClient } = await import("@aws-sdk/client-sts");
      const client = new STSClient(config(region));
      const { Account: account, Arn: arn } = await client.send(new GetCallerIdentityCommand({}));
      if (account === undefined || arn === undefined) throw new Error("GetCallerIdentity names no account");
      return { account, arn };
    });
  return {
    identity: (region) => {
      const asked = identities.get(region) ?? askIdentity(region);
      identities.set(region, asked);
      return asked;
    },
    profileRegion: async () => {
      const { STSClient } = await import("@aws-sdk/client-sts");
      // Without any region the SDK throws.
      const region = await within(
        AWS_DEADLINE_MS,
        new STSClient({}).config.region().catch(() => null),
      );
      return region === SLOW ? null : region;
    },
    bucket: (name, region) =>
      answered(async () => {
        const { GetBucketVersioningCommand, HeadBucketCommand, S3Client } =
          await import("@aws-sdk/client-s3");
        const elsewhere = ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"].some(
          (variable) => (env[variable] ?? "") !== "",
        );
        const client = new S3Client({
          ...config(region),
          // Stand-ins for S3 seldom have a host name for each bucket.
          forcePathStyle: elsewhere,
        });
        const real = await regionOf(() => client.send(new HeadBucketCommand({ Bucket: name })));
        if (real !== null && real !== region) return { region: real, versioning: "unknown" };
        const asked = client.send(new GetBucketVersioningCommand({ Bucket: name }));
        return { region: real, versioning: await versioningOf(asked) };
      }),
  };
}

/** Keys in variables, where a profile is named beside them. */
function staticKeys(env: Readonly<Record<string, string | undefined>>) {
  const {
    AWS_PROFILE = "",
    AWS_ACCESS_KEY_ID = "",
    AWS_SECRET_ACCESS_KEY = "",
    AWS_SESSION_TOKEN = "",
  } = env;
  if (AWS_PROFILE === "" || AWS_ACCESS_KEY_ID === "" || AWS_SECRET_ACCESS_KEY === "") return null;
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN === "" ? {} : { sessionToken: AWS_SESSION_TOKEN }),
  };
}

/** Where a bucket lies; S3 says so even where it sends the caller elsewhere. */
async function regionOf(
  head: () => Promise<{ readonly BucketRegion?: string | undefined }>,
): Promise<string | null> {
  try {
    return (await head()).BucketRegion ?? null;
  } catch (error) {
    const { $metadata, $response } = error as ServiceError;
    const named = $response?.headers?.["x-amz-bucket-region"];
    if ([301, 307, 400].includes($metadata?.httpStatusCode ?? 0) && named !== undefined) return named;
    throw error;
  }
}

async function versioningOf(
  asked: Promise<{ readonly Status?: string | undefined }>,
): Promise<BucketFacts["versioning"]> {
  try {
    return (await asked).Status === "Enabled" ? "on" : "off";
  } catch (error) {
    if (problemOf(error) === "denied") return "unknown";
    throw error;
  }
}

interface ServiceError extends Error {
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string | undefined>> };
}

async function answered<Value>(question: () => Promise<Value>): Promise<Answer<Value>> {
  try {
    const value = await within(AWS_DEADLINE_MS, question());
    return value === SLOW ? { problem: "slow", code: "deadline" } : { value };
  } catch (error) {
    return { problem: problemOf(error), code: codeOf(error) };
  }
}

/** An error's code as far as it is one: letters and digits. */
function codeOf(error: unknown): string {
  const { name, code } = error as Partial<ServiceError>;
  const given = code ?? name ?? "Error";
  return /^[A-Za-z][\w.:-]{0,63}$/.test(given) ? given : "Error";
}

const PROBLEMS: Readonly<Partial<Record<AccountProblem, readonly string[]>>> = {
  expired: ["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"],
  "unknown-key": ["InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId"],
  signature: ["SignatureDoesNotMatch", "IncompleteSignature", "InvalidSignatureException"],
  clock: ["RequestExpired", "RequestTimeTooSkewed"],
  denied: ["AccessDenied", "AccessDeniedException", "Forbidden", "UnauthorizedException"],
  missing: ["NotFound", "NoSuchBucket"],
  unreachable: [
    "ENOTFOUND",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ECONNRESET",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "EPIPE",
    "ETIMEDOUT",
    "TimeoutError",
  ],
};

function problemOf(error: unknown): AccountProblem {
  const { name = "", code = "", message = "", $metadata } = error as Partial<ServiceError>;
  if (["CredentialsProviderError", "TokenProviderError"].includes(name)) {
    // These words are the SDK's own; they only choose among causes, and are not passed on.
    if (/aws sso login/.test(message)) return "sso";
    if (/aws login|session has expired/.test(message)) return "login";
    return /multi-factor/.test(message) ? "mfa" : "none";
  }
  if (name === "SignatureDoesNotMatch" && /Signature (?:expired|not yet current)/.test(message))
    return "clock";
  for (const [problem, codes] of Object.entries(PROBLEMS)) {
    if (codes.includes(name) || codes.includes(code)) return problem as AccountProblem;
  }
  if (/CERT|SSL|TLS/.test(code)) return "tls";
  // An answer to HEAD has no body that names the error.
  const status = $metadata?.httpStatusCode;
  return status === 403 ? "denied" : status === 404 ? "missing" : "other";
}
