import { loadManifestValue, loadManifestText } from "../../modules/manifest/load";
import { environmentNames, overlay } from "../../modules/manifest/overlay";

const lay = (manifest: object, environment: string | null) =>
  overlay(loadManifestValue(manifest, "/").source, environment);

describe("overlay", () => {
  test("without an environment is the manifest without its environments", () => {
    const { data, environment, findings } = lay({ name: "x", environments: { prod: { name: "y" } } }, null);
    expect(data).toEqual({ name: "x" });
    expect(environment).toBe("default");
    expect(findings).toEqual([]);
  });

  test.each([
    ["maps merge key by key", { a: { b: 1, c: 2 } }, { a: { c: 3 } }, { a: { b: 1, c: 3 } }],
    ["lists are replaced", { a: [1, 2] }, { a: [3] }, { a: [3] }],
    ["values are replaced", { a: 1 }, { a: "x" }, { a: "x" }],
    ["null removes", { a: 1, b: 2 }, { a: null }, { b: 2 }],
    ["null below a new key removes nothing", {}, { a: { b: null, c: 1 } }, { a: { c: 1 } }],
    ["a map replaces a value", { a: 1 }, { a: { b: 1 } }, { a: { b: 1 } }],
    ["a value replaces a map", { a: { b: 1 } }, { a: 1 }, { a: 1 }],
    ["null where nothing is", {}, { a: null }, {}],
    ["nothing", { a: 1 }, {}, { a: 1 }],
    ["an empty environment", { a: 1 }, null, { a: 1 }],
  ])("%s", (_what, base, prod, merged) => {
    expect(lay({ ...base, environments: { prod } }, "prod").data).toEqual(merged);
  });

  test.each([["apiVersion"], ["name"], ["environments"]])("%s cannot differ", (field) => {
    expect(lay({ environments: { prod: { [field]: "x" } } }, "prod").findings).toMatchObject([
      { code: "ENVIRONMENT_FIELD", path: ["environments", "prod", field] },
    ]);
  });

  test("model.build cannot differ, the rest of model can", () => {
    const findings = (model: object) => lay({ environments: { prod: { model } } }, "prod").findings;
    expect(findings({ build: { context: "." } })).toMatchObject([
      { code: "ENVIRONMENT_FIELD", path: ["environments", "prod", "model", "build"] },
    ]);
    expect(findings({ environment: { A: "b" } })).toEqual([]);
  });

  test("an environment that is not declared is guessed", () => {
    expect(lay({ environments: { prod: {}, test: {} } }, "prd").findings).toMatchObject([
      { code: "UNKNOWN_ENVIRONMENT", allowed: "prod, test", fix: 'did you mean "prod"?' },
    ]);
    expect(lay({}, "prod").findings).toMatchObject([
      { allowed: "none is declared", fix: "add environments.prod" },
    ]);
    expect(lay({ environments: {} }, "toString").findings).toMatchObject([{ code: "UNKNOWN_ENVIRONMENT" }]);
  });

  test.each([
    ["a list", [1], "TYPE", ["environments"]],
    ["a number", 5, "TYPE", ["environments"]],
    ["text for one", { prod: "x" }, "TYPE", ["environments", "prod"]],
    ["a list for one", { prod: [] }, "TYPE", ["environments", "prod"]],
    ["a name with a slash", { "a/b": {} }, "FORMAT", ["environments", "a/b"]],
    ["a name in capitals", { Prod: {} }, "FORMAT", ["environments", "Prod"]],
    ["a name of 17 characters", { ["x".repeat(17)]: {} }, "FORMAT", ["environments", "x".repeat(17)]],
  ])("%s is refused whatever environment is asked for", (_what, environments, code, path) => {
    expect(lay({ environments }, null).findings).toMatchObject([{ code, path }]);
  });

  test.each([
    [50, 0],
    [51, 1],
  ])("%d environments bring %d findings", (count, findings) => {
    const environments = Object.fromEntries(
      Array.from({ length: count }, (_none, index) => [`e${index}`, {}]),
    );
    expect(lay({ environments }, null).findings).toHaveLength(findings);
    expect(environmentNames(loadManifestValue({ environments }, "/").source)).toHaveLength(50);
  });

  test("finds values where they were written", () => {
    const text = [
      "name: x",
      "tags:",
      "  a: 1",
      "environments:",
      "  prod:",
      "    tags:",
      "      b: 02",
      "",
    ].join("\n");
    const { locate, spelling } = overlay(loadManifestText(text, "m.yaml", "/").source, "prod");
    expect(locate(["tags", "a"])).toEqual({ line: 3, column: 6 });
    expect(locate(["tags", "b"])).toEqual({ line: 7, column: 10 });
    expect(locate(["name"], true)).toEqual({ line: 1, column: 1 });
    expect(spelling(["tags", "b"])).toBe("02");
    expect(spelling(["tags", "a"])).toBe("1");
  });
});
