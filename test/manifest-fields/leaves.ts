import { manifestJsonSchema } from "../../modules/manifest/json-schema";
import type { Target } from "../../targets/target";

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly oneOf?: readonly Node[];
  readonly anyOf?: readonly Node[];
  readonly const?: unknown;
}

/**
 * Every field of the manifest that holds a value, the targets' options included: `scaling.min`, `network.subnetIds[]`,
 * `scaling.policies[](step).threshold` for the variant of that type, `tags` for a map of free keys.
 */
export function leafFields(registry: readonly Target[]): readonly string[] {
  const leaves = new Set<string>();
  const visit = (node: Node, path: string): void => {
    const variants = node.oneOf ?? node.anyOf;
    if (node.properties !== undefined) {
      for (const [name, child] of Object.entries(node.properties))
        visit(child, path === "" ? name : `${path}.${name}`);
    } else if (node.items !== undefined) {
      visit(node.items, `${path}[]`);
    } else if (variants !== undefined) {
      for (const variant of variants) {
        const type = variant.properties?.type?.const;
        visit(variant, typeof type === "string" ? `${path}(${type})` : path);
      }
    } else {
      leaves.add(path);
    }
  };
  visit(manifestJsonSchema(registry), "");
  return [...leaves].sort();
}
