import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { targets } from "../targets";
import { withOutputs, withTargets } from "./readme";
import { referencePages } from "./reference";

/** `npm run docs`: writes what is made from the code. */
async function main(): Promise<void> {
  const root = join(__dirname, "..");
  const folder = join(root, "docs", "reference");
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(referencePages(targets))) writeFileSync(join(folder, name), text);
  const readme = join(root, "README.md");
  writeFileSync(readme, await withOutputs(withTargets(readFileSync(readme, "utf8"), targets)));
}

void main();
