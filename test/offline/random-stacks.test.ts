import { installedProviders } from "../../modules/offline/provider-packages";
import { SchemaReader } from "../../modules/offline/schema-reader";
import { rulesOf, typesWithRules } from "../../modules/offline/provider-rules";
import { randomConfig, randomSource, satisfy } from "./random-config";
import { CACHE, Workspace, describeWithTerraform } from "./support";

const SEED = 20261123;
/** One in so many of the types with rules: enough kinds of schema, in a few seconds. */
const EVERY = 12;

function configurations(): Record<string, Record<string, unknown>> {
  const random = randomSource(SEED);
  const readers = installedProviders().map((provider) => new SchemaReader(provider, CACHE));
  const stack: Record<string, Record<string, unknown>> = {};
  for (const type of typesWithRules().filter((_type, i) => i % EVERY === 0)) {
    const block = readers.map((reader) => reader.read("resource", type)).find((found) => found !== undefined);
    if (block === undefined) continue;
    const make = (): Record<string, unknown> => satisfy(block, rulesOf(type), randomConfig(block, random));
    stack[type] = { a: make(), b: make() };
  }
  return stack;
}

describeWithTerraform("resources with random configurations", () => {
  test("are applied, unchanged when planned again, changed to each other's, and destroyed", async () => {
    const workspace = await Workspace.start();
    try {
      const resource = configurations();
      workspace.write({ resource });
      await workspace.succeed("validate");
      await workspace.succeed("apply", "-auto-approve", "-parallelism=50");
      expect((await workspace.run("plan", "-detailed-exitcode")).exitCode).toBe(0);
      workspace.write({
        resource: Object.fromEntries(
          Object.entries(resource).map(([type, { a, b }]) => [type, { a: b, b: a }]),
        ),
      });
      await workspace.succeed("apply", "-auto-approve", "-parallelism=50");
      expect((await workspace.run("plan", "-detailed-exitcode")).exitCode).toBe(0);
      await workspace.succeed("destroy", "-auto-approve", "-parallelism=50");
    } finally {
      await workspace.end();
    }
  });
});
