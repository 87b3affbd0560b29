import { join } from "node:path";
import { resolveCase, synthesizeStacks } from "../../modules/conformance";
import { targets } from "../../targets";
import { EXAMPLES, ROOT } from "./examples";

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

function resolveGolden({ target, file }: GoldenCase) {
  return resolveCase({ registry: targets, target, environment: null, manifest: file });
}
