import { z } from "zod";
import type { Target } from "../../targets/target";
import { API_VERSION, manifestSchema } from "./schema";

/** A JSON Schema node; only what this module touches is typed. */
interface Node {
  [key: string]: unknown;
  properties?: Record<string, Node>;
  required?: string[];
  default?: unknown;
}

export const DRAFTS = ["2020-12", "7"] as const;
export type Draft = (typeof DRAFTS)[number];

/** Fields that an environment cannot change, see the overlay. */
const FIXED = ["apiVersion", "name", "environments"];

/**
 * The manifest's JSON Schema, with the options of the given targets, for editors and other validators. It fits the
 * installed version, because it is made from the same schema that `validate` uses.
 */
export function manifestJsonSchema(
  targets: readonly Target[],
  draft: Draft = "2020-12",
): Record<string, unknown> {
  const options = Object.fromEntries(
    targets.map((target) => [
      target.kind,
      target.options.optional().meta({ description: `${target.title}: ${target.useCase}` }),
    ]),
  );
  const whole = manifestSchema.extend({
    target: z
      .enum([targets[0]?.kind ?? "", ...targets.slice(1).map(({ kind }) => kind), "all"])
      .optional()
      .meta({ description: manifestSchema.shape.target.meta()?.description ?? "" }),
    targets: z.strictObject(options).optional().meta({ description: "Each target's own options." }),
  });
  const schema = clean(
    z.toJSONSchema(whole, {
      io: "input",
      target: draft === "7" ? "draft-7" : "draft-2020-12",
      unrepresentable: "any",
    }),
  ) as Node;
  const { $schema, ...body } = schema;
  const properties = { ...body.properties };
  const overlay = partial({ ...body, properties: changeable(properties) }) as Node;
  const definitions = draft === "7" ? "definitions" : "$defs";
  return {
    $schema,
    $id: `https://modelport.dev/schema/${API_VERSION}.json`,
    title: `modelport manifest (${API_VERSION})`,
    ...body,
    properties: {
      // Editors look for it; it says nothing about the model.
      ...properties,
      environments: {
        ...properties.environments,
        additionalProperties: { $ref: `#/${definitions}/environment` },
      },
    },
    [definitions]: { environment: { description: "Overlay of one environment.", ...overlay } },
  };
}

/** The fields that an environment can change. */
function changeable(properties: Record<string, Node>): Record<string, Node> {
  const { model, ...others } = without(properties, FIXED);
  if (model === undefined) return others;
  return { ...others, model: { ...model, properties: without(model.properties ?? {}, ["build"]) } };
}

/** Our own metadata in JSON Schema's words. */
function clean(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(clean);
  if (typeof node !== "object" || node === null) return node;
  const { quantity, units, allowed, example, source, aliases, confidential, ...rest } = node as Node;
  const isMeta =
    [quantity, example, allowed].some((value) => typeof value === "string") ||
    (aliases !== undefined && rest.enum !== undefined) ||
    confidential === true;
  const cleaned = Object.fromEntries(
    Object.entries(isMeta || typeof rest.description === "string" ? rest : (node as Node)).map(
      ([key, value]) => [key, clean(value)],
    ),
  );
  return {
    ...cleaned,
    ...(typeof example === "string" ? { examples: [example] } : {}),
    ...(isMeta && typeof units === "string" ? { $comment: `${String(quantity)}; units: ${units}` } : {}),
    ...(typeof source === "string" && typeof rest.description === "string" ? { $comment: source } : {}),
  };
}

/** The same shape with nothing required and no defaults, where every value may also be null to remove it. */
function partial(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(partial);
  if (typeof node !== "object" || node === null) return node;
  const kept: Node = without(node as Node, ["default"]);
  if (kept.properties !== undefined) {
    Reflect.deleteProperty(kept, "required");
    kept.properties = Object.fromEntries(
      Object.entries(kept.properties).map(([key, value]) => [
        key,
        { anyOf: [partial(value), { type: "null" }] },
      ]),
    );
  }
  return kept;
}

function without<T extends Record<string, unknown>>(map: T, keys: readonly string[]): T {
  return Object.fromEntries(Object.entries(map).filter(([key]) => !keys.includes(key))) as T;
}
