import { mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { stringify } from "yaml";
import { SUITE_MANIFESTS, writeSuiteFiles } from "../../modules/conformance/manifests";
import { loadManifestText } from "../../modules/manifest/load";
import { targets } from "../../targets";
import { CHANGES } from "../manifest-fields/changes";
import { sides, writeServers } from "../manifest-fields/sides";
import { EXAMPLES } from "../support/examples";

/** A sound manifest that others are made from. */
export interface Seed {
  readonly name: string;
  /** As it is written: an example's own file, else block YAML. */
  readonly text: string;
  readonly data: unknown;
  /** Folder that its paths start from. */
  readonly directory: string;
  /** The manifest without an overlay, and every environment that it declares. */
  readonly environments: readonly (string | null)[];
  /** Targets that it is written for. */
  readonly kinds: readonly string[];
}

const KINDS = targets.map(({ kind }) => kind);

function seed(
  name: string,
  text: string,
  directory: string,
  environments: readonly string[],
  kinds: readonly string[],
): Seed {
  const { source, findings } = loadManifestText(text, `${name}.yaml`, directory);
  if (findings.length > 0) throw new Error(`${name}: ${findings.map(({ message }) => message).join(", ")}`);
  return { name, text, data: source.data, directory, environments: [null, ...environments], kinds };
}

/** The examples, as they are. */
export function exampleSeeds(): readonly Seed[] {
  return EXAMPLES.map(({ name, file, environments }) =>
    seed(name, readFileSync(file, "utf8"), dirname(file), environments, KINDS),
  );
}

/** A manifest for every field of the schema, so that rare fields are changed too. */
export function fieldSeeds(directory: string): readonly Seed[] {
  mkdirSync(directory, { recursive: true });
  writeServers(directory);
  return Object.entries(CHANGES).flatMap(([field, changes]) =>
    [changes].flat().map((change, index) => {
      const { after } = sides(field, change);
      return seed(`${field} ${index}`, stringify(after), directory, [], change.on);
    }),
  );
}

/** The manifests that every target is tried with. */
export function suiteSeeds(directory: string): readonly Seed[] {
  writeSuiteFiles(join(directory, "suite"));
  return Object.entries(SUITE_MANIFESTS).map(([name, data]) =>
    seed(name, stringify(data), join(directory, "suite"), [], KINDS),
  );
}
