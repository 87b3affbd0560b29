import type { JsonObject } from "../../modules/conformance";

/**
 * The language of Terraform 1.5, which OpenTofu 1.6, its first release, took over.
 * @see https://opentofu.org/docs/intro/migration/terraform-1.5-or-lower (read 2026-11)
 */
const KNOWN = {
  blocks: "check data import locals module moved output provider resource terraform variable",
  terraform: "backend required_providers",
  backends: "local s3",
  lifecycle:
    "create_before_destroy ignore_changes postcondition precondition prevent_destroy replace_triggered_by",
  variable: "default description nullable sensitive type validation",
  output: "depends_on description precondition sensitive value",
} as const;

/** Functions that came later, in either product. `functionVersionConstraints` of cdktn 0.24.0 lists them. */
const LATER_FUNCTIONS = new Set([
  "base64gunzip",
  "cidrcontains",
  "convert",
  "ephemeralasnull",
  "issensitive",
  "templatestring",
  "urldecode",
]);

/**
 * What a stack's document uses beyond the language that every OpenTofu reads, as paths; empty where there is nothing.
 * State in S3 with `use_lockfile` is let through: OpenTofu has it since 1.10, as Terraform does, and `modelport doctor`
 * asks for that version.
 */
export function beyondOpenTofu(document: JsonObject): readonly string[] {
  const found: string[] = [];
  const check = (value: unknown, known: keyof typeof KNOWN, path: string): void => {
    const words = new Set([...KNOWN[known].split(" "), "//"]);
    for (const name of Object.keys(asObject(value))) if (!words.has(name)) found.push(`${path}${name}`);
  };

  check(document, "blocks", "");
  const terraform = asObject(document.terraform);
  check(terraform, "terraform", "terraform.");
  check(terraform.backend, "backends", "terraform.backend.");
  for (const block of ["variable", "output"] as const) {
    for (const [name, value] of Object.entries(asObject(document[block])))
      check(value, block, `${block}.${name}.`);
  }
  for (const block of ["resource", "data"]) {
    for (const [type, byName] of Object.entries(asObject(document[block]))) {
      for (const [name, value] of Object.entries(asObject(byName))) {
        check(asObject(value).lifecycle, "lifecycle", `${block}.${type}.${name}.lifecycle.`);
        found.push(...writeOnlyIn(value, `${block}.${type}.${name}`));
      }
    }
  }
  for (const [, call = ""] of JSON.stringify(document).matchAll(/([a-z0-9_]+(?:::[a-z0-9_-]+)*)\(/g)) {
    if (call.includes("::") || LATER_FUNCTIONS.has(call)) found.push(`${call}()`);
  }
  return found;
}

/** Write-only arguments, which providers name `..._wo`. */
function writeOnlyIn(value: unknown, path: string): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => writeOnlyIn(item, `${path}[${index}]`));
  return Object.entries(asObject(value)).flatMap(([name, item]) => [
    ...(/_wo(?:_version|_revision)?$/.test(name) ? [`${path}.${name}`] : []),
    ...writeOnlyIn(item, `${path}.${name}`),
  ]);
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
