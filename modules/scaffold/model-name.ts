import { basename, resolve } from "node:path";
import { ManifestError, show } from "../issues/issue";
import { manifestSchema, NAME_PATTERN } from "../manifest/schema";

/** Name of a model whose folder's name gives none; also what the templates are written with. */
export const PLACEHOLDER = "my-model";

/**
 * The name of a new project's model: as asked for, or made from its folder's name.
 * @throws {ManifestError} where the name asked for is none that a manifest takes.
 */
export function modelName(asked: string | undefined, dir: string): string {
  if (asked === undefined) return nameFrom(basename(resolve(dir))) ?? PLACEHOLDER;
  if (NAME_PATTERN.test(asked)) return asked;
  const { allowed } = manifestSchema.shape.name.meta() ?? {};
  throw new ManifestError([
    {
      file: "--name",
      line: 0,
      column: 0,
      path: "",
      code: "FORMAT",
      severity: "error",
      message: `${show(asked)} is not spelled as a model's name`,
      ...(typeof allowed === "string" ? { allowed } : {}),
      fix: `--name ${nameFrom(asked) ?? PLACEHOLDER}`,
    },
  ]);
}

/** Free text as a model's name: `Fraud Scorer (2)` is `fraud-scorer-2`. Undefined where nothing is left of it. */
function nameFrom(text: string): string | undefined {
  const name = text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/\p{M}/gu, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+/, "")
    .slice(0, 32)
    .replace(/-+$/, "");
  return NAME_PATTERN.test(name) ? name : undefined;
}
