import type { Issue } from "../issues/issue";
import { createHash } from "node:crypto";

/** The first hex digits of a SHA-256, for names that must change with content. */
export function shortHash(content: string, digits = 8): string {
  return createHash("sha256").update(content).digest("hex").slice(0, digits);
}

/**
 * Joins the parts of a resource's name with hyphens. A name over the service's limit is cut and ends in a hash of the
 * whole, so that two long names stay apart.
 * @param limit characters that the service takes.
 */
export function resourceName(parts: readonly string[], limit: number): string {
  const name = parts.join("-");
  if (name.length <= limit) return name;
  const hash = shortHash(name, 6);
  return `${name.slice(0, limit - hash.length - 1).replace(/-+$/, "")}-${hash}`;
}

/**
 * A construct id for something that a manifest names freely. cdktf drops characters from ids, so that `a.b` and `ab`
 * would meet; the hash of the raw name keeps them apart.
 */
export function constructId(prefix: string, raw: string): string {
  const slug = raw.replace(/[^A-Za-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
  return `${prefix}-${slug}-${shortHash(raw, 6)}`;
}

/** The name of a stack: `<name>-<environment>-<component>`. */
export function stackName(name: string, environment: string, component: string): string {
  return `${name}-${environment}-${component}`;
}

/** The component that holds what several targets share. */
export const FOUNDATION = "foundation";

/** What some services refuse in a name that a manifest may have. */
const REFUSED = {
  /** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html (2026-11) */
  "security-group": /^sg-/,
  /** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html (2026-08) */
  bucket: /^(?:sthree-|xn--|amzn-s3-demo-)/,
  /** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html (2026-11) */
  repository: /--/,
} as const;

/** A name as a service accepts it: unchanged, or changed in a way that keeps it apart from every other. */
export function acceptable(service: keyof typeof REFUSED, name: string): string {
  if (!REFUSED[service].test(name)) return name;
  return service === "repository" ? `${name.replace(/-{2,}/g, "-")}-${shortHash(name, 6)}` : `model-${name}`;
}

/** Two manifests of one run lead to one stack. */
export function duplicateStack(name: string, nameAt: Pick<Issue, "file" | "line" | "column">): Issue {
  return {
    ...nameAt,
    path: "name",
    code: "DUPLICATE_STACK",
    severity: "error",
    message: `another manifest of the app leads to the stack "${name}" already: both have this name, or name and environment read the same together`,
    fix: "rename one of the models, or synthesize them into folders of their own",
  };
}
