import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { GOLDEN, goldenCases, goldenFiles } from "../test/support/golden";

/** Writes `test/golden` anew. Only this command does: a test never changes what it compares with. */
function main(): void {
  rmSync(GOLDEN, { recursive: true, force: true });
  let count = 0;
  for (const given of goldenCases()) {
    for (const [path, text] of goldenFiles(given)) {
      const file = join(GOLDEN, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      count += 1;
    }
  }
  process.stdout.write(`${count} files in test/golden; review them with git diff\n`);
}

main();
