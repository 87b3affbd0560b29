import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { manifestJsonSchema } from "../manifest/json-schema";
import type { Target } from "../../targets/target";
import { dependencyOn, packageFolder } from "./installation";
import { PLACEHOLDER } from "./model-name";
import { mergePackageFile, packageFile, type PackageFile } from "./package-file";

/** Files of a project by the template that each comes from. npm leaves files with some of these names out of packages. */
const TEMPLATES = {
  "modelport.yaml": "modelport.yaml",
  "main.ts": "main.ts",
  "cdktf.json": "cdktf.json",
  "tsconfig.json": "tsconfig.json",
  ".gitignore": "gitignore",
  "README.md": "README.md",
  "ci/plan.sh": "ci/plan.sh",
  ".github/workflows/modelport.yaml": "workflow.yaml",
} as const;

export interface ScaffoldOptions {
  /** The new project's folder; need not exist. */
  readonly dir: string;
  /** The model's name. */
  readonly name: string;
  /** Whether files that exist are overwritten. */
  readonly force: boolean;
  readonly registry: readonly Target[];
}

/** What came of it: nothing is written where anything stands in the way. */
export type Scaffolded =
  | { readonly written: readonly string[]; readonly obstacles?: never }
  | { readonly obstacles: readonly string[]; readonly written?: never };

/** Writes a project: manifest and its schema, cdktf app, what CI runs. A `package.json` that exists is added to. */
export function scaffold({ dir, name, force, registry }: ScaffoldOptions): Scaffolded {
  if (existsSync(dir) && !statSync(dir).isDirectory()) return { obstacles: [`${dir} is not a folder`] };
  const templates = join(packageFolder(), "templates");
  const files = new Map<string, string>();
  for (const [file, template] of Object.entries(TEMPLATES)) {
    files.set(file, readFileSync(join(templates, template), "utf8").replaceAll(PLACEHOLDER, name));
  }
  // Editors know draft 7 better than later ones.
  files.set("modelport.schema.json", json(manifestJsonSchema(registry, "7")));
  const obstacles = force ? [] : [...files.keys()].filter((file) => existsSync(join(dir, file)));

  const wanted = packageFile(name, dependencyOn(packageFolder(), dir));
  const own = readPackageFile(join(dir, "package.json"));
  if (own === "unreadable" && !force) obstacles.push("package.json (not a JSON object)");
  if (own === "none" || own === "unreadable") {
    files.set("package.json", json(wanted));
  } else {
    const { file, conflicts } = mergePackageFile(own, wanted, force);
    if (!force) obstacles.push(...conflicts.map((conflict) => `package.json (${conflict})`));
    files.set("package.json", json(file));
  }
  if (obstacles.length > 0) return { obstacles };

  for (const [file, content] of files) {
    mkdirSync(dirname(join(dir, file)), { recursive: true });
    writeFileSync(join(dir, file), content);
  }
  return { written: [...files.keys()].sort() };
}

function readPackageFile(file: string): PackageFile | "none" | "unreadable" {
  if (!existsSync(file)) return "none";
  try {
    const content: unknown = JSON.parse(readFileSync(file, "utf8"));
    const isMap = typeof content === "object" && content !== null && !Array.isArray(content);
    return isMap ? (content as PackageFile) : "unreadable";
  } catch {
    return "unreadable";
  }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
