import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { convertTemplate } from "../../modules/cloudformation/import";
import { loadTemplateText } from "../../modules/cloudformation/template";
import { loadManifestText } from "../../modules/manifest/load";
import { targets } from "../../targets";
import { TEMPLATES, unspoken } from "./support";

const SEEDS = readdirSync(TEMPLATES)
  .sort()
  .map((name) => readFileSync(join(TEMPLATES, name), "utf8").split("\n"));

/** Values that stand where a template has others. */
const VALUES = [
  ...[
    "!Ref Nowhere",
    "!Ref Environment",
    "!Ref AWS::NoValue",
    "!GetAtt Model.Arn",
    "!ImportValue x",
    "!Base64 x",
  ],
  ...[
    "!If [IsProd, 1, !Ref AWS::NoValue]",
    "!Sub '${A}${B.C}'",
    "!Join ['', [a, !Ref Stage]]",
    "!Select [9, [a]]",
  ],
  ...[
    "!Split ['', '']",
    "!FindInMap [Stages, prod, Zones]",
    "!Unknown { a: b }",
    "{ Fn::Transform: { Name: AWS::Include } }",
  ],
  ...[
    "[]",
    "{}",
    "null",
    "-1",
    "0",
    "1e9",
    "'0.5'",
    "yes",
    "''",
    "x",
    "[1, 2]",
    "{ a: { b: [c] } }",
    "s3://b/k",
  ],
  ...[
    "'{{resolve:secretsmanager:x}}'",
    "'${TfToken[TOKEN.0]}'",
    "'TfToken['",
    '"a\\u0000b"',
    "'%{ if true }'",
    "__proto__",
  ],
] as const;

type Edit =
  | { readonly kind: "value" | "insert" | "key"; readonly at: number; readonly text: string }
  | { readonly kind: "delete" | "swap"; readonly at: number; readonly other: number };

const at = fc.nat(400);
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ kind: fc.constantFrom("value", "insert", "key"), at, text: fc.constantFrom(...VALUES) }),
  fc.record({ kind: fc.constantFrom("delete", "swap"), at, other: at }),
);

function mutate(seed: readonly string[], edits: readonly Edit[]): string {
  const lines = [...seed];
  for (const change of edits) {
    const index = change.at % lines.length;
    const line = lines[index] ?? "";
    const colon = line.indexOf(": ");
    switch (change.kind) {
      case "value":
        if (colon >= 0) lines[index] = `${line.slice(0, colon)}: ${change.text}`;
        break;
      case "key":
        if (colon >= 0) lines[index] = `${/^[ -]*/.exec(line)?.[0] ?? ""}Extra${change.at}: ${change.text}`;
        break;
      case "insert":
        lines.splice(index, 0, `${/^ */.exec(line)?.[0] ?? ""}Added${change.at}: ${change.text}`);
        break;
      case "delete":
        lines.splice(index, 1);
        break;
      case "swap":
        [lines[index], lines[change.other % lines.length]] = [lines[change.other % lines.length] ?? "", line];
        break;
    }
    if (lines.length === 0) lines.push("");
  }
  return lines.join("\n");
}

function convert(text: string): void {
  const { template, issues } = loadTemplateText(text, "t.yaml");
  if (template === null) {
    expect(issues.length).toBeGreaterThan(0);
    return;
  }
  const options = {
    parameters: [],
    region: "eu-west-1",
    account: "123456789012",
    out: "out",
    registry: targets,
  };
  const report = convertTemplate(template, options);
  expect(unspoken(template, report)).toEqual([]);
  for (const { text: written, file, notCarried, name } of report.manifests) {
    const { source, findings } = loadManifestText(written, file, "out");
    // What is written is a well-formed, inert manifest, whatever the template held.
    expect(findings).toEqual([]);
    expect(source.data).toMatchObject({ apiVersion: "modelport/v1", name });
    const gaps = notCarried.filter(({ effect }) => effect === "fill").map(({ to }) => to);
    const filled = report.issues.filter(({ code, file: at_ }) => code === "IMPORT_TO_FILL" && at_ === file);
    expect(new Set(filled.map(({ path }) => path))).toEqual(new Set(gaps));
  }
  expect(convertTemplate(template, options)).toEqual(report);
}

test("no template makes the import crash, drop something in silence, or write what is no manifest", () => {
  const cases = fc.tuple(fc.constantFrom(...SEEDS), fc.array(edit, { minLength: 1, maxLength: 6 }));
  fc.assert(
    fc.property(cases, ([seed, edits]) => {
      convert(mutate(seed, edits));
    }),
    { numRuns: 400 },
  );
}, 120_000);

test("text that is no template at all is refused or converted", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary", maxLength: 200 }), fc.json()), (text) => {
      const { template, issues } = loadTemplateText(text, "t.yaml");
      expect(template === null).toBe(issues.length > 0);
    }),
    { numRuns: 300 },
  );
});
