import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadTemplateFile, loadTemplateText, TEMPLATE_LIMITS } from "../../modules/cloudformation/template";
import { templateOf } from "./support";

const codes = (text: string) =>
  loadTemplateText(text, "t.yaml").issues.map(({ code, line, column }) => [code, line, column]);

describe("reading", () => {
  test("short and long forms of a function are the same", () => {
    const property = (text: string) =>
      JSON.stringify(
        templateOf(`Resources: { A: { Type: T, Properties: { P: ${text} } } }`)
          .resources.get("A")
          ?.properties.entries.get("P")?.value,
        (key, value: unknown) =>
          key === "position" || key === "keyPosition" ? undefined : value instanceof Map ? [...value] : value,
      );
    expect(property("!GetAtt B.C.D")).toBe(property('{ "Fn::GetAtt": [B, C.D] }'));
    expect(property("!Ref B")).toBe(property("{ Ref: B }"));
    expect(property("!Sub ['${x}', { x: !Ref B }]")).toBe(
      property("{ Fn::Sub: ['${x}', { x: { Ref: B } }] }"),
    );
    expect(property("!If [a, !Ref B, c]")).toBe(property("{ Fn::If: [a, { Ref: B }, c] }"));
  });

  test("JSON may be indented by tabs, and keeps its positions", () => {
    const text = '{\n\t"Resources": {\n\t\t"A": { "Type": "T", "Properties": { "P": "x" } }\n\t}\n}';
    const resource = templateOf(text).resources.get("A");
    expect(resource?.position).toEqual({ line: 3, column: 3 });
    expect(resource?.properties.entries.get("P")?.keyPosition).toEqual({ line: 3, column: 39 });
  });

  test("YAML is 1.1, without timestamps", () => {
    const { entries } = templateOf(
      "AWSTemplateFormatVersion: 2010-09-09\nResources: { A: { Type: T, Properties: { a: yes, b: 0x10, c: 2026-11-23, d: 1.10, e: 'no' } } }",
    ).resources.get("A")?.properties ?? { entries: new Map<string, never>() };
    expect(
      [...entries.values()].map(({ value }) =>
        value.kind === "scalar" ? [value.value, value.spelling] : value,
      ),
    ).toEqual([
      [true, "yes"],
      [16, "0x10"],
      ["2026-11-23", undefined],
      [1.1, "1.10"],
      ["no", undefined],
    ]);
  });
});

describe("refusals", () => {
  test.each([
    ["", "IMPORT_SYNTAX", 1, 1],
    ["- a\n- b", "IMPORT_SYNTAX", 1, 1],
    ["Resources: []", "IMPORT_SYNTAX", 1, 1],
    ["a: [1", "IMPORT_SYNTAX", 1, 6],
    ["Resources: {}\n---\nResources: {}", "IMPORT_SYNTAX", 3, 1],
    ["Resources:\n  A: &a { Type: T }\n  B: *a", "IMPORT_SYNTAX", 3, 6],
    ["Resources:\n  A:\n    <<: { Type: T }", "IMPORT_SYNTAX", 3, 5],
    ["Resources:\n  A: { Type: T, Type: U }", "IMPORT_SYNTAX", 2, 17],
    ["Resources:\n  __proto__: { Type: T }", "IMPORT_SYNTAX", 2, 3],
    ["Resources:\n  ? [a]\n  : { Type: T }", "IMPORT_SYNTAX", 2, 5],
    [`Resources: { A: ${"[".repeat(80)}${"]".repeat(80)} }`, "IMPORT_TOO_LARGE", 1, 80],
    [
      `Resources: { A: { Type: T, Properties: { P: [${"1,".repeat(TEMPLATE_LIMITS.nodes)}1] } } }`,
      "IMPORT_TOO_LARGE",
      1,
      200_034,
    ],
    [
      `Resources:\n${Array.from({ length: TEMPLATE_LIMITS.resources + 1 }, (_, index) => `  R${index}: { Type: T }\n`).join("")}`,
      "IMPORT_TOO_LARGE",
      1,
      1,
    ],
  ])("%#", (text, code, line, column) => {
    expect(codes(text)).toEqual([[code, line, column]]);
  });

  test("nesting that exhausts the parser is no crash", () => {
    expect(codes(`Resources: ${"[".repeat(100_000)}`).map(([code]) => code)).toContain("IMPORT_TOO_LARGE");
  });

  test("files", () => {
    const folder = mkdtempSync(join(tmpdir(), "template-"));
    try {
      writeFileSync(join(folder, "binary"), Buffer.from([0xff, 0xfe]));
      writeFileSync(join(folder, "large"), " ".repeat(TEMPLATE_LIMITS.fileBytes + 1));
      for (const [name, message] of [
        ["binary", "is not UTF-8 text"],
        ["large", "has 1048577 bytes; CloudFormation takes 1048576"],
        ["absent", "does not exist"],
        [".", "is not a file"],
      ] as const) {
        expect(loadTemplateFile(join(folder, name)).issues).toEqual([
          expect.objectContaining({ code: "IMPORT_UNREADABLE", message }),
        ]);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
