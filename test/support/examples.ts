import { readdirSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { loadManifestFile } from "../../modules/manifest/load";
import { environmentNames } from "../../modules/manifest/overlay";

/** Where the project lies. */
export const ROOT = resolve(__dirname, "../..");

/** One manifest of `examples/`. */
export interface Example {
  readonly name: string;
  /** Path of the manifest. */
  readonly file: string;
  /** Environments that it declares. */
  readonly environments: readonly string[];
}

/** Every example, by name. */
export const EXAMPLES: readonly Example[] = readdirSync(join(ROOT, "examples"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => {
    const file = join(ROOT, "examples", name, "modelport.yaml");
    return {
      name,
      file: relative(process.cwd(), file),
      environments: environmentNames(loadManifestFile(file).source),
    };
  })
  .sort((a, b) => (a.name < b.name ? -1 : 1));

/** Example and environment, the manifest without an overlay first. */
export const EXAMPLES_BY_ENVIRONMENT: readonly (readonly [string, string, Example, string | null])[] =
  EXAMPLES.flatMap((example) =>
    [null, ...example.environments].map(
      (environment) => [example.name, environment ?? "no environment", example, environment] as const,
    ),
  );
