import { readdirSync } from "node:fs";
import { targets } from "../../targets";

// One file per target lets Jest run them beside each other.
test("every target has its lives tested", () => {
  const files = readdirSync(__dirname).filter((name) => name.endsWith(".test.ts"));
  expect(files.sort()).toEqual(
    [...targets.map(({ kind }) => `${kind}.test.ts`), "every-target.test.ts"].sort(),
  );
});
