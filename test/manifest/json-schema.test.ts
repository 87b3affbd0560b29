import { manifestJsonSchema } from "../../modules/manifest/json-schema";
import { manifestSchema, NAME_PATTERN } from "../../modules/manifest/schema";
import { targets } from "../../targets";
import type { Json } from "../support/synth";

const schema = manifestJsonSchema(targets) as Json;
const properties = schema.properties as Readonly<Record<string, Json>>;

/** Every node of a schema. */
function nodes(node: unknown): Json[] {
  if (Array.isArray(node)) return node.flatMap(nodes);
  if (typeof node !== "object" || node === null) return [];
  return [node, ...Object.values(node).flatMap(nodes)];
}

describe("manifestJsonSchema", () => {
  test("has every field of the manifest, and requires what has no default", () => {
    expect(Object.keys(properties).sort()).toEqual(Object.keys(manifestSchema.shape).sort());
    expect(schema.required).toEqual(["apiVersion", "name", "model", "resources"]);
    expect(properties.resources?.required).toEqual(["cpu", "memory"]);
    expect(schema.additionalProperties).toBe(false);
  });

  test("offers every target, and `all`", () => {
    expect(properties.target?.enum).toEqual([...targets.map(({ kind }) => kind), "all"]);
    expect(Object.keys(properties.targets?.properties as Json)).toEqual(targets.map(({ kind }) => kind));
  });

  test("documents every field", () => {
    for (const [name, field] of Object.entries(properties)) {
      expect([name, typeof field.description]).toEqual([name, "string"]);
    }
    for (const target of Object.values(properties.targets?.properties as Readonly<Record<string, Json>>)) {
      for (const [name, option] of Object.entries(
        (target.properties ?? {}) as Readonly<Record<string, Json>>,
      ))
        expect([name, typeof option.description]).toEqual([name, "string"]);
    }
  });

  test("bounds are the schema's own", () => {
    expect((properties.resources?.properties as Json).cpu).toMatchObject({
      type: "number",
      minimum: 0.125,
      maximum: 448,
    });
    expect((properties.resources?.properties as Json).gpu).toMatchObject({
      type: "integer",
      minimum: 0,
      maximum: 16,
    });
    expect(properties.name?.pattern).toBe(NAME_PATTERN.source);
  });

  test("has none of our own words", () => {
    for (const node of nodes(schema)) {
      // A field may be called so; there it is a schema, not a text.
      for (const word of ["quantity", "units", "aliases", "confidential"]) {
        if (Object.hasOwn(node, word)) expect(typeof (node[word] as Json).description).toBe("string");
      }
    }
  });

  test("every pattern is a regular expression", () => {
    const patterns = nodes(schema).flatMap(({ pattern }) => (typeof pattern === "string" ? [pattern] : []));
    expect(patterns.length).toBeGreaterThan(20);
    for (const pattern of patterns) expect(() => new RegExp(pattern, "u")).not.toThrow();
  });

  describe.each([
    ["2020-12", "$defs"],
    ["7", "definitions"],
  ] as const)("overlays in draft %s", (draft, definitions) => {
    const whole = manifestJsonSchema(targets, draft) as Json;
    const environment = (whole[definitions] as Json).environment as Json;
    const fields = environment.properties as Readonly<Record<string, Json>>;

    test("are where environments point", () => {
      expect((whole.properties as Json).environments.additionalProperties).toEqual({
        $ref: `#/${definitions}/environment`,
      });
    });

    test("have every field that may differ", () => {
      const fixed = ["apiVersion", "name", "environments"];
      expect(Object.keys(fields).sort()).toEqual(
        Object.keys(manifestSchema.shape)
          .filter((name) => !fixed.includes(name))
          .sort(),
      );
      const model = (fields.model?.anyOf as Json[])[0];
      expect(Object.keys(model?.properties as Json)).not.toContain("build");
      expect(Object.keys(model?.properties as Json)).toContain("image");
    });

    test("require nothing in any map, have no defaults, and let null remove", () => {
      expect(environment.required).toBeUndefined();
      const optional = (node: Json): void => {
        const own = node.properties as Readonly<Record<string, Json>> | undefined;
        expect(node.default).toBeUndefined();
        if (own === undefined) return;
        expect(node.required).toBeUndefined();
        for (const field of Object.values(own)) {
          const [shape, nothing] = field.anyOf as Json[];
          expect(nothing).toEqual({ type: "null" });
          if (shape !== undefined) optional(shape);
        }
      };
      optional(environment);
    });
  });

  test("the same manifest model gives the same schema", () => {
    expect(JSON.stringify(manifestJsonSchema(targets))).toBe(JSON.stringify(schema));
  });
});
