import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { referencePages } from "../../scripts/reference";
import { targets } from "../../targets";

const folder = join(__dirname, "..", "..", "docs", "reference");
const pages = referencePages(targets);

// `npm run docs` writes them anew.
test.each(Object.keys(pages))("docs/reference/%s says what the code says", (name) => {
  expect(readFileSync(join(folder, name), "utf8")).toBe(pages[name]);
});

test("there is no page that nothing makes", () => {
  expect(readdirSync(folder).sort()).toEqual(Object.keys(pages).sort());
});

test("every field, target and code is described", () => {
  const text = Object.values(pages).join("\n");
  for (const { kind, codes } of targets) {
    expect(text).toContain(`## \`targets.${kind}\``);
    for (const code of Object.keys(codes)) expect(text).toContain(`\`${code}\``);
  }
  const undescribed = (pages["manifest.md"] ?? "")
    .split("\n")
    .filter((line) => line.startsWith("| `") && /\|\s*\|$/.test(line));
  expect(undescribed).toEqual([]);
});

test("bounds, units and defaults come from the schema", () => {
  const manifest = pages["manifest.md"] ?? "";
  expect(manifest).toContain(
    "| `resources.memory` | a size from 128Mi to 24Ti (Ki, Mi, Gi, Ti) | **required** |",
  );
  expect(manifest).toContain("| `model.server.port` | whole number, 1 to 65535 | `8080` |");
  expect(manifest).toContain(
    "| `scaling.policies[] (type: step).steps[].add` | whole number, -1000 to 1000 |",
  );
});
