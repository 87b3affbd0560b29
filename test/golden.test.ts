import { existsSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { GOLDEN, goldenCases, goldenFiles, goldenText } from "./support/golden";

const CASES = goldenCases();
const HOW = "npm run golden writes it anew; look at the difference first";

function filesBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(GOLDEN, join(entry.parentPath, entry.name)))
    .sort();
}

test.each(CASES.map((given) => [given.example, given.target, given] as const))(
  "%s on %s is written as it was",
  (example, target, given) => {
    const written = goldenFiles(given);
    const golden = filesBelow(join(GOLDEN, example, target));
    expect({ files: golden, how: HOW }).toEqual({ files: [...written.keys()].sort(), how: HOW });
    for (const [path, text] of written) {
      const expected = goldenText(path);
      if (expected === text) continue;
      // Lines, so that the failure shows what differs.
      expect(text.split("\n")).toEqual(expected.split("\n"));
      throw new Error(`${path} differs in its bytes; ${HOW}`);
    }
  },
);

test("there is no golden file of an example or a target that is gone, or that refuses by now", () => {
  const known = CASES.map(({ example, target }) => join(example, target, "/"));
  expect(filesBelow(GOLDEN).filter((path) => !known.some((folder) => path.startsWith(folder)))).toEqual([]);
});
