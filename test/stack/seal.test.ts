import { assert, property, string } from "fast-check";
import { Duration } from "../../modules/units/duration";
import { escapeTemplate, seal, unescapeTemplate } from "../../modules/stack/seal";

describe("escapeTemplate", () => {
  test.each([
    ["", ""],
    ["plain", "plain"],
    ["$", "$"],
    ["{", "{"],
    ["$ {", "$ {"],
    ["${x}", "$${x}"],
    ["%{x}", "%%{x}"],
    ["$${x}", "$$${x}"],
    ["$$${x}", "$$$${x}"],
    ["${${", "$${$${"],
    ["$%{", "$%%{"],
    ["#{x}", "#{x}"],
  ])("%j becomes %j", (text, escaped) => {
    expect(escapeTemplate(text)).toBe(escaped);
  });

  test("is undone by unescapeTemplate", () => {
    assert(
      property(string({ unit: "binary" }), (text) => {
        expect(unescapeTemplate(escapeTemplate(text))).toBe(text);
      }),
    );
    for (const text of ["${", "$${", "%${", "$$$%{{"])
      expect(unescapeTemplate(escapeTemplate(text))).toBe(text);
  });
});

describe("seal", () => {
  test("escapes values and keys at every depth", () => {
    expect(seal({ "${k}": ["${a}", { b: "%{c}" }], n: 1, t: true, z: null })).toEqual({
      "$${k}": ["$${a}", { b: "%%{c}" }],
      n: 1,
      t: true,
      z: null,
    });
  });

  test("freezes what it makes and leaves what it was given", () => {
    const plan = { a: { b: ["${x}"] } };
    const sealed = seal(plan);
    expect(plan.a.b).toEqual(["${x}"]);
    expect([sealed, sealed.a, sealed.a.b].every(Object.isFrozen)).toBe(true);
  });

  test("passes instances unchanged", () => {
    const duration = Duration.seconds(1);
    expect(seal({ duration }).duration).toBe(duration);
  });

  test("pollutes no prototype", () => {
    const sealed = seal(JSON.parse('{"__proto__": {"polluted": "x"}}') as object);
    expect(Object.keys(sealed)).toEqual(["__proto__"]);
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
  });
});
