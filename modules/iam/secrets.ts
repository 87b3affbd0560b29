import type { AwsTargetPlan } from "../plan/plan";
import type { Statement } from "./policy";

/** Services that keep secrets, as their ARNs name them. */
export type SecretService = "secretsmanager" | "ssm";

type Secrets = Readonly<Record<string, string>>;

/** ARNs of the secrets of one service, each once, sorted. */
export function secretArns(secrets: Secrets, service: SecretService): readonly string[] {
  return [...new Set(Object.values(secrets).filter((arn) => arn.split(":")[2] === service))].sort();
}

/** The services that hold some of the secrets. */
export function secretServices(secrets: Secrets): readonly SecretService[] {
  return (["secretsmanager", "ssm"] as const).filter((service) => secretArns(secrets, service).length > 0);
}

/** Secrets Manager ends a secret's ARN in a hyphen and six characters; an ARN without them names it as well. */
export function withSuffix(arn: string): string {
  return arn.split(":")[2] !== "secretsmanager" || /-[A-Za-z0-9]{6}$/.test(arn) ? arn : `${arn}-??????`;
}

/** How each service is read, and what it states when it decrypts. */
const READING = [
  {
    service: "secretsmanager",
    what: "Secrets",
    actions: ["secretsmanager:GetSecretValue"],
    context: "kms:EncryptionContext:SecretARN",
  },
  {
    service: "ssm",
    what: "Parameters",
    actions: ["ssm:GetParameter", "ssm:GetParameters"],
    context: "kms:EncryptionContext:PARAMETER_ARN",
  },
] as const;

/**
 * Reading the secrets, for a container that does it itself. Their keys are not known here, so decrypting is bound to
 * the secrets themselves: both services state what they decrypt in the encryption context.
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html (read 2026-11-23)
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html (read 2026-11-23)
 */
export function readSecrets({
  model: { secrets },
  region: { dnsSuffix },
}: Pick<AwsTargetPlan<unknown>, "model" | "region">): readonly Statement[] {
  return READING.flatMap(({ service, what, actions, context }): readonly Statement[] => {
    const given = secretArns(secrets, service);
    if (given.length === 0) return [];
    const arns = given.map(withSuffix);
    const places = given.map((arn) => arn.split(":"));
    const keys = places.map(
      ([, partition, , region, account]) => `arn:${partition}:kms:${region}:${account}:key/*`,
    );
    const vias = places.flatMap(([, , , region]) =>
      ["amazonaws.com", dnsSuffix].map((suffix) => `${service}.${region}.${suffix}`),
    );
    const through = { "kms:ViaService": unique(vias) };
    return [
      { sid: `Read${what}`, actions, resources: arns },
      {
        sid: `Decrypt${what}`,
        actions: ["kms:Decrypt"],
        resources: unique(keys),
        conditions: arns.some((arn) => arn.endsWith("?"))
          ? { StringEquals: through, StringLike: { [context]: arns } }
          : { StringEquals: { ...through, [context]: arns } },
      },
    ];
  });
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}
