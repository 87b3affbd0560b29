import { readFileSync } from "node:fs";
import { join } from "node:path";
import { resolveCase, synthesizeStacks } from "../../modules/conformance";
import { dependencies } from "../../package.json";
import { targets } from "../../targets";
import { EXAMPLES, ROOT } from "./examples";

/** What is installed as cdktf. */
const INSTALLED = JSON.parse(readFileSync(require.resolve("cdktf/package.json"), "utf8")) as {
  readonly name: string;
  readonly version: string;
};

/** Where the golden files lie: `<example>/<target>/<stack>.tf.json`. */
export const GOLDEN = join(ROOT, "test", "golden");

/** An example on a target that carries it. */
export interface GoldenCase {
  readonly example: string;
  readonly target: string;
  readonly file: string;
}

/** Every example (without an environment) on every target that can carry it. */
export function goldenCases(): readonly GoldenCase[] {
  return EXAMPLES.flatMap(({ name, file }) =>
    targets
      .map(({ kind }) => ({ example: name, target: kind, file }))
      .filter((given) => resolveGolden(given).issues.every(({ severity }) => severity !== "error")),
  );
}

/** What is written for a case: the stacks' texts by path below {@link GOLDEN}. */
export function goldenFiles(given: GoldenCase): ReadonlyMap<string, string> {
  const { stacks } = synthesizeStacks(resolveGolden(given));
  return new Map(
    stacks.map(({ name, text }) => [join(given.example, given.target, `${name}.tf.json`), text]),
  );
}

/**
 * The text of a golden file as the installed cdktf writes it. `npm run golden` runs with cdktf itself; its successor
 * (docs/longevity.md) puts its own version into the comment of a stack, and empty lists and maps on one line.
 */
export function goldenText(path: string): string {
  const golden = readFileSync(join(GOLDEN, path), "utf8");
  if (INSTALLED.name === "cdktf") return golden;
  return golden
    .replace(`"version": "${dependencies.cdktf}"`, `"version": "${INSTALLED.version}"`)
    .replace(/([[{])\n *([\]}])/g, "$1$2");
}

function resolveGolden({ target, file }: GoldenCase) {
  return resolveCase({ registry: targets, target, environment: null, manifest: file });
}
