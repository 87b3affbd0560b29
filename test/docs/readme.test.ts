import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { findTerraform } from "../../modules/terraform/binary";
import { manifests, withOutputs, withTargets } from "../../scripts/readme";
import { targets } from "../../targets";
import { cli } from "../support/cli";
import { issues } from "../support/synth";

const root = join(__dirname, "..", "..");
const readme = readFileSync(join(root, "README.md"), "utf8");

test("its manifests are valid, in every environment that they declare", () => {
  expect(manifests(readme).length).toBeGreaterThan(0);
  for (const text of manifests(readme)) {
    for (const env of [undefined, ...[...text.matchAll(/^ {2}(test|prod):/gm)].map(([, name]) => name)]) {
      expect(issues({ text, ...(env === undefined ? {} : { env }) })).toEqual([]);
    }
  }
});

// `npm run docs` writes both anew.
test("its table of targets is the registry's", () => {
  expect(withTargets(readme, targets)).toBe(readme);
});

test("its commands print what it says", async () => {
  expect(await withOutputs(readme, (await findTerraform()) !== null)).toBe(readme);
});

test("its links lead somewhere", () => {
  for (const file of ["README.md", ...pages("docs"), ...pages("docs/decisions")]) {
    const text = readFileSync(join(root, file), "utf8");
    for (const [, link = ""] of text.matchAll(/\]\(([^)#\s]+)\)/g)) {
      if (/^https?:/.test(link)) continue;
      const target = join(root, file, "..", link);
      expect({ file, link, exists: existsSync(target) }).toEqual({ file, link, exists: true });
    }
  }
});

test("it names the commands that exist, and no others", async () => {
  const named = /Commands that exist: ([^;]+);/.exec(readme)?.[1] ?? "";
  expect([...named.matchAll(/`([a-z]+)`/g)].map(([, name]) => name).sort()).toEqual(await commandNames());
});

/** The commands that the help lists. */
async function commandNames(): Promise<readonly string[]> {
  const { stdout } = await cli(["--help"]);
  const list = stdout.slice(stdout.indexOf("Commands:"));
  return [...list.matchAll(/^ {2}([a-z]+) /gm)]
    .flatMap(([, name = ""]) => (name === "help" ? [] : [name]))
    .sort();
}

function pages(folder: string): readonly string[] {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `${folder}/${name}`);
}
