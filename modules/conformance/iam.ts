import type { Expected } from "./stacks";
import {
  isObject,
  list,
  objectAt,
  parseJson,
  resourcesOf,
  textsIn,
  type Json,
  type JsonObject,
  type Resource,
  type StackDocument,
} from "./document";
import type { Problem } from "./problem";

/** Actions that a reviewer lets a statement allow on every resource, and why no ARN can narrow them. */
export interface ReviewedActions {
  readonly actions: readonly string[];
  readonly reason: string;
}

/** What a reviewer has agreed to, each with the reason. */
export interface IamReview {
  /** By sid: statements that may name the resource `*`. */
  readonly anyResource: Readonly<Record<string, ReviewedActions>>;
  /** AWS managed policies that may be attached, by name. */
  readonly managedPolicies: Readonly<Record<string, string>>;
}

/** Attributes that hold policy documents. */
const POLICY_ATTRIBUTES = new Set(["policy", "assume_role_policy", "access_policies"]);

/** Resources whose `policy` is a document of another kind. */
const OTHER_POLICIES = new Set(["aws_ecr_lifecycle_policy"]);

/** Policies of a resource, in which `*` means that very resource. */
const RESOURCE_IS_SELF = new Set(["aws_kms_key", "aws_kms_key_policy"]);

/** Every policy parses, allows no action by `*`, and names its resources. */
export function* leastPrivilege(stack: StackDocument, review: IamReview): Iterable<Problem> {
  for (const resource of resourcesOf(stack)) {
    for (const { key, text } of textsIn(resource.config)) {
      if (!POLICY_ATTRIBUTES.has(key) || !resource.type.startsWith("aws_")) continue;
      // A reference to a policy that stands elsewhere.
      if (/^\$\{[^{}]*\}$/.test(text)) continue;
      const at = `${stack.name} ${resource.address}.${key}`;
      const document = parseJson(text);
      if (!isObject(document)) {
        yield { check: "least-privilege", at, message: "is no JSON" };
      } else if (!OTHER_POLICIES.has(resource.type)) {
        for (const statement of list(document.Statement)) yield* reviewed(statement, at, resource, review);
      }
    }
  }
}

function* reviewed(value: Json, at: string, { type }: Resource, review: IamReview): Iterable<Problem> {
  const statement = objectAt(value);
  const sid = typeof statement.Sid === "string" ? statement.Sid : "";
  const problem = (message: string): Problem => ({
    check: "least-privilege",
    at: `${at} ${sid}`.trimEnd(),
    message,
  });
  if (statement.Effect === "Deny") return;
  if (sid === "") yield problem("a statement without a sid cannot be reviewed");
  if (statement.NotAction !== undefined || statement.NotResource !== undefined) {
    yield problem("allows everything but what it names");
  }
  for (const action of list(statement.Action)) {
    const wide = action === "*" || (typeof action === "string" && action.endsWith(":*"));
    // Without it nobody could administer the key: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    if (wide && !(RESOURCE_IS_SELF.has(type) && isAccountRoot(statement)))
      yield problem(`allows ${JSON.stringify(action)}`);
  }
  if (list(statement.Resource).includes("*") && !RESOURCE_IS_SELF.has(type)) {
    const agreed = review.anyResource[sid]?.actions ?? [];
    const more = list(statement.Action).filter(
      (action) => typeof action !== "string" || !agreed.includes(action),
    );
    if (more.length > 0) {
      yield problem(
        `allows ${JSON.stringify(more)} on every resource, which nobody has reviewed under this sid`,
      );
    }
  }
  if (
    statement.Principal === "*" ||
    Object.values(objectAt(statement.Principal)).some((who) => list(who).includes("*"))
  ) {
    yield problem("allows everybody");
  }
}

function isAccountRoot(statement: JsonObject): boolean {
  const principals = list(objectAt(statement.Principal).AWS);
  return (
    principals.length === 1 && typeof principals[0] === "string" && /:iam::[^:]+:root$/.test(principals[0])
  );
}

/** Only the few AWS managed policies that EKS itself checks for, and never one that gives everything. */
export function* managedPolicies(stack: StackDocument, review: IamReview): Iterable<Problem> {
  for (const { address, config } of resourcesOf(stack)) {
    for (const { text } of textsIn(config)) {
      const name = /:iam::aws:policy\/(?:[\w-]+\/)*([\w-]+)$/.exec(text)?.[1];
      if (name === undefined || (name in review.managedPolicies && !/FullAccess|Administrator/.test(name)))
        continue;
      yield {
        check: "managed-policies",
        at: `${stack.name} ${address}`,
        message: `the AWS managed policy ${name}`,
      };
    }
  }
}

/** Where the manifest sets a permissions boundary, every role has it. */
export function* permissionsBoundary(stack: StackDocument, { plan }: Expected): Iterable<Problem> {
  const boundary = plan.security.permissionsBoundaryArn;
  if (boundary === null) return;
  for (const { type, address, config } of resourcesOf(stack)) {
    if (type !== "aws_iam_role" || config.permissions_boundary === boundary) continue;
    yield {
      check: "permissions-boundary",
      at: `${stack.name} ${address}`,
      message: "lacks the manifest's boundary",
    };
  }
}
