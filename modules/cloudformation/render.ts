import { Document, isCollection, isMap, isPair, isScalar, isSeq, type Pair } from "yaml";
import { type Data, isDataObject } from "../manifest/data";
import { TARGET } from "./context";
import type { Draft } from "./draft";
import { nameOf, stepsOf } from "./report";

/** Fields in the order in which a manifest is read, by the map that they stand in; others follow as they came. */
const ORDER: Readonly<Record<string, readonly string[] | undefined>> = {
  "": [
    ...["apiVersion", "name", "description", "region", "account", "tags", "model", "resources", "scaling"],
    ...["rollout", "network", "security", "registry", "storage", "observability", "target", "targets"],
  ],
  model: ["image", "artifact", "server", "environment", "secrets"],
  resources: ["cpu", "memory", "gpu", "architecture"],
  scaling: ["min", "max", "policies"],
  network: ["vpcId", "subnetIds", "securityGroupIds"],
  [TARGET]: ["mode", "instanceType"],
  variants: ["name", "percent", "image", "artifact", "environment", "instanceType", "scaling"],
  shadow: ["percent", "image", "artifact", "environment", "instanceType", "instances"],
};

/** Sections that stand apart. */
const APART = new Set([
  "model",
  "resources",
  "scaling",
  "rollout",
  "network",
  "security",
  "registry",
  "storage",
  "observability",
  "target",
]);

/** A manifest as YAML, with a comment on what is to be filled in and on what was left behind. */
export function renderManifest(draft: Draft, template: string, endpoint: string): string {
  const document = new Document(ordered(draft.data, ""), { version: "1.2", schema: "core" });
  if (isMap(document.contents))
    for (const { key } of document.contents.items)
      if (isScalar(key) && APART.has(String(key.value))) key.spaceBefore = true;
  for (const [path, text] of draft.comments) comment(document, path, text);
  const lines = [
    `Imported from ${template}, endpoint ${endpoint}, by \`modelport import cloudformation\`.`,
    ...left(draft),
  ];
  document.commentBefore = lines.map((line) => ` ${oneLine(line)}`).join("\n");
  return document.toString({ lineWidth: 0, nullStr: "", flowCollectionPadding: true });
}

function left(draft: Draft): readonly string[] {
  const differs = draft.notCarried.filter(({ effect }) => effect === "differs");
  if (differs.length === 0) return [];
  return [
    "Not carried over, or not as it was:",
    ...differs.map((entry) => `  ${nameOf(entry)} (line ${entry.line}): ${entry.reason}`),
  ];
}

function ordered(data: Data, key: string): Data {
  if (Array.isArray(data)) return (data as readonly Data[]).map((item) => ordered(item, key));
  if (!isDataObject(data)) return data;
  const order = ORDER[key] ?? [];
  const rank = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  const names = Object.keys(data).sort((a, b) => rank(a) - rank(b));
  // Below a map of names that people chose, nothing is a field.
  const inner = (name: string) => (key === "tags" || key === "environment" || key === "secrets" ? "-" : name);
  return Object.fromEntries(names.map((name) => [name, ordered(data[name] ?? null, inner(name))]));
}

/** A comment beside a plain value, or above a map or a list. */
function comment(document: Document, path: string, text: string): void {
  let pair: Pair | undefined;
  let node: unknown = document.contents;
  for (const step of stepsOf(path)) {
    if (isSeq(node) && typeof step === "number") {
      node = node.items[step];
      continue;
    }
    pair = isMap(node) ? node.items.find(({ key }) => isScalar(key) && key.value === step) : undefined;
    node = pair?.value;
  }
  if (!isPair(pair)) return;
  if (isScalar(node) && !isCollection(node)) node.comment = ` ${oneLine(text)}`;
  else if (isScalar(pair.key)) pair.key.commentBefore = ` ${oneLine(text)}`;
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").slice(0, 500);
}
