import { isMap, type Value, type ValueMap } from "./msgpack";

/**
 * Renders the `json` of an `aws_iam_policy_document` the way the AWS provider does: single values stand without a
 * list, lists are sorted in descending order, and a principal of type "*" stands alone.
 * @param indent spaces, 0 for the minified form
 * @see https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
 */
export function renderPolicyDocument(config: ValueMap, indent: number): string {
  const statements = new Map<string, Record<string, unknown>>();
  const add = (statement: Record<string, unknown>): void => {
    const sid = statement["Sid"];
    statements.set(typeof sid === "string" && sid !== "" ? sid : `#${statements.size}`, statement);
  };
  let version: unknown = "2012-10-17";
  let id: unknown = undefined;
  for (const source of texts(config["source_policy_documents"])) {
    const document = JSON.parse(source) as { Version?: string; Id?: string; Statement?: unknown };
    version = document.Version ?? version;
    id = document.Id ?? id;
    for (const statement of [document.Statement ?? []].flat()) add(statement as Record<string, unknown>);
  }
  for (const statement of blocks(config["statement"])) add(renderStatement(statement));
  for (const source of texts(config["override_policy_documents"])) {
    const document = JSON.parse(source) as { Statement?: unknown };
    for (const statement of [document.Statement ?? []].flat()) add(statement as Record<string, unknown>);
  }
  return JSON.stringify(
    compact({
      Version: config["version"] ?? version,
      Id: config["policy_id"] ?? id,
      Statement: [...statements.values()],
    }),
    null,
    indent,
  );
}

function renderStatement(statement: ValueMap): Record<string, unknown> {
  return compact({
    Sid: statement["sid"] ?? undefined,
    Effect: statement["effect"] ?? "Allow",
    Action: oneOrMany(statement["actions"]),
    NotAction: oneOrMany(statement["not_actions"]),
    Resource: oneOrMany(statement["resources"]),
    NotResource: oneOrMany(statement["not_resources"]),
    Principal: principals(statement["principals"]),
    NotPrincipal: principals(statement["not_principals"]),
    Condition: conditions(statement["condition"]),
  });
}

function compact(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined && item !== null));
}

function texts(value: Value | undefined): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}

function blocks(value: Value | undefined): ValueMap[] {
  return Array.isArray(value) ? value.filter(isMap) : [];
}

function oneOrMany(value: Value | undefined): string | string[] | undefined {
  const items = texts(value).sort().reverse();
  return items.length < 2 ? items[0] : items;
}

function principals(value: Value | undefined): unknown {
  const found: Record<string, string | string[]> = {};
  for (const principal of blocks(value)) {
    const type = principal["type"];
    const identifiers = oneOrMany(principal["identifiers"]);
    if (typeof type !== "string" || identifiers === undefined) continue;
    if (type === "*" && identifiers === "*") return "*";
    const all = [found[type] ?? [], identifiers].flat();
    found[type] = all.length === 1 ? identifiers : all;
  }
  return Object.keys(found).length === 0 ? undefined : found;
}

function conditions(value: Value | undefined): unknown {
  const found: Record<string, Record<string, string | string[]>> = {};
  for (const condition of blocks(value)) {
    const { test, variable, values } = condition;
    if (typeof test !== "string" || typeof variable !== "string") continue;
    const all = texts(values);
    (found[test] ??= {})[variable] = all.length === 1 ? (all[0] ?? "") : all;
  }
  return Object.keys(found).length === 0 ? undefined : found;
}
