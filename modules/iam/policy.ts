/** One statement of a policy document. Actions and resources are named; wildcards need a reason beside them. */
export interface Statement {
  /** Letters and digits only. */
  readonly sid: string;
  readonly effect?: "Allow" | "Deny";
  readonly actions: readonly string[];
  /** ARNs; absent in a trust policy. */
  readonly resources?: readonly string[];
  /** Who may; absent in a policy of a role. */
  readonly principals?: Readonly<Record<string, readonly string[]>>;
  /** Operator → key → values. */
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/**
 * Writes a policy document as text, so that reviewers and policy checks read it as it is. Values may contain cdktf's
 * references: they stay inside the text and resolve there.
 */
export function policyJson(statements: readonly Statement[]): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: statements.map(({ sid, effect, actions, resources, principals, conditions }) => ({
      Sid: sid,
      Effect: effect ?? "Allow",
      ...(principals === undefined ? {} : { Principal: mapValues(principals, single) }),
      Action: single(actions),
      ...(resources === undefined ? {} : { Resource: single(resources) }),
      ...(conditions === undefined
        ? {}
        : { Condition: mapValues(conditions, (condition) => mapValues(condition, single)) }),
    })),
  });
}

function single(values: readonly string[]): string | readonly string[] {
  const [only] = values;
  return values.length === 1 && only !== undefined ? only : values;
}

function mapValues<V, R>(map: Readonly<Record<string, V>>, change: (value: V) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]));
}
