import { z } from "zod";
import { targetsTable } from "../modules/app/describe-targets";
import { EXPENDABLE, GUARD_RULES } from "../modules/changes/guard";
import { CODES as IMPORT_CODES } from "../modules/cloudformation/codes";
import { ADVICE_CODES, COMPARE_CODES, DOCUMENT_CODES } from "../modules/compare/codes";
import { CODES } from "../modules/issues/codes";
import type { CodeDescription } from "../modules/issues/issue";
import { API_VERSION, manifestSchema } from "../modules/manifest/schema";
import { policies } from "../policies";
import checkov from "../policies/checkov-suppressions.json";
import type { Target } from "../targets/target";
import { TRACE_CODES } from "../modules/workload/codes";

const NOTICE = "<!-- Made by `npm run docs` from the code; do not edit. -->";

/** The pages of `docs/reference` by name, made from the code. */
export function referencePages(registry: readonly Target[]): Readonly<Record<string, string>> {
  return {
    "manifest.md": manifestPage(registry),
    "errors.md": errorsPage(registry),
    "targets.md": targetsPage(registry),
    "guard.md": guardPage(),
    "policies.md": policiesPage(),
  };
}

/** The targets in the README. */
export function targetsOverview(registry: readonly Target[]): string {
  return table(
    ["target", "what it is", "when to choose it"],
    registry.map(({ kind, title, useCase }) => [`\`${kind}\``, title, useCase]),
  );
}

function manifestPage(registry: readonly Target[]): string {
  const sections = [
    `# Manifest (\`${API_VERSION}\`)`,
    NOTICE,
    "Every field of `modelport.yaml`, as this version reads it. `modelport schema` prints the same as JSON Schema. " +
      "Unknown fields are errors; sizes and durations are texts with a unit; every problem is reported with its line.",
    fieldTable(manifestSchema),
    "# Options of the targets",
    "They stand under `targets.<kind>`. A target without an entry takes its defaults.",
    ...registry.flatMap(({ kind, title, options }) => [
      `## \`targets.${kind}\``,
      `${title}.`,
      fieldTable(options),
    ]),
  ];
  return page(sections);
}

function guardPage(): string {
  const types = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(", ");
  return page([
    "# The guard",
    NOTICE,
    "What `modelport plan` stops at, with exit code 1, unless `--allow` names it by address, by `<stack>/<address>`, or " +
      "as `all`: replacing or destroying something of these types. Every type that a target uses is on one of the two lists.",
    "## Guarded",
    table(
      ["code", "types", "what is lost", "instead", "read"],
      GUARD_RULES.map((rule) => [
        `\`${rule.code}\``,
        types(rule.types),
        rule.loss,
        rule.fix,
        `[${rule.asOf}](${rule.source})`,
      ]),
    ),
    "## Expendable",
    table(
      ["types", "why"],
      EXPENDABLE.map((group) => [types(group.types), group.why]),
    ),
  ]);
}

function policiesPage(): string {
  return page([
    "# Policies",
    NOTICE,
    "What every synthesized stack is held to by `synth`, `plan` and the app that cdktf runs. An error stops synthesis, a " +
      "warning does not. A manifest makes exceptions with their reasons under `policies.suppress`, by code and address; " +
      "they are counted and shown. An organisation adds its own with `definePolicy` of `modelport/policy`, named under " +
      "`context.modelport.policies` in `cdktf.json`, or by `--policy`: packages, or files (TypeScript where the project has tsx).",
    table(
      ["code", "severity", "what must hold", "why", "controls", "read"],
      policies.map(({ code, severity, title, reason, controls, source, asOf }) => [
        `\`${code}\``,
        severity,
        title,
        reason,
        controls.join(", "),
        `[${asOf}](${source})`,
      ]),
    ),
    "## What checkov finds, and why it stands",
    `checkov ${checkov.checkov} is asked about the synthesized JSON, the offline plan and the pods of every example on every ` +
      `target (read ${checkov.asOf}). Nothing is found beyond these ${checkov.suppressions.length}; one that is no longer ` +
      "needed fails the tests. checkov reads no comments in Terraform JSON, so that they stand here.",
    table(
      ["check", "resource", "stacks", "why it stands"],
      checkov.suppressions.map(({ check, address, targets, reason }) => [
        `\`${check}\``,
        `\`${address}\``,
        targets.join(", "),
        reason,
      ]),
    ),
    "Checks that crash in one of the views, and what answers them instead:",
    table(
      ["check", "view", "instead"],
      checkov.blind.map(({ check, view, reason }) => [`\`${check}\``, view, reason]),
    ),
  ]);
}

function errorsPage(registry: readonly Target[]): string {
  const codes = (all: Readonly<Record<string, CodeDescription>>) =>
    table(
      ["code", "severity", "what it says"],
      Object.entries(all)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([code, { severity, summary }]) => [`\`${code}\``, severity, summary]),
    );
  return page([
    "# Codes",
    NOTICE,
    "Every problem that `modelport validate` and `synth` report carries one of these codes. They are stable. An error " +
      "stops synthesis, a warning does not.",
    "## Any manifest",
    codes(CODES),
    "## `compare`",
    "Reasons that stand beside a target in the comparison. With an error the target cannot carry the workload; a warning says what is awkward about it.",
    codes(COMPARE_CODES),
    "What can be wrong with a trace (`workload.trace`, `--traffic`):",
    codes(TRACE_CODES),
    "What can be wrong with an earlier result (`--from`):",
    codes(DOCUMENT_CODES),
    "Advice, each piece with the numbers behind it:",
    table(
      ["code", "what it says"],
      Object.entries(ADVICE_CODES).map(([code, summary]) => [`\`${code}\``, summary]),
    ),
    "## `import cloudformation`",
    codes(IMPORT_CODES),
    ...registry.flatMap(({ kind, codes: own }) =>
      Object.keys(own).length === 0 ? [] : [`## \`${kind}\``, codes(own)],
    ),
  ]);
}

function targetsPage(registry: readonly Target[]): string {
  return page([
    "# Targets",
    NOTICE,
    targetsOverview(registry),
    targetsTable(registry, "markdown", 80),
    "# Strengths and weaknesses",
    ...registry.map(({ kind, strengths, weaknesses }) =>
      [
        `**\`${kind}\`**`,
        "",
        ...strengths.map((text) => `- + ${text}`),
        ...weaknesses.map((text) => `- − ${text}`),
      ].join("\n"),
    ),
  ]);
}

/** What fields say of themselves, gathered through defaults and the like. */
interface Meta {
  readonly description?: string;
  readonly allowed?: string;
  readonly units?: string;
  readonly quantity?: string;
  readonly source?: string;
}

/** A schema without its wrappers, and what they say. */
interface Unwrapped {
  readonly schema: z.ZodType;
  readonly meta: Meta;
  readonly optional: boolean;
  /** As the manifest would write it. */
  readonly fallback: unknown;
}

function unwrap(schema: z.ZodType): Unwrapped {
  const meta = (schema.meta() ?? {}) as Meta;
  if (schema instanceof z.ZodOptional) {
    const inner = unwrap(schema.unwrap() as z.ZodType);
    return { ...inner, meta: { ...inner.meta, ...meta }, optional: true };
  }
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    const inner = unwrap(schema.unwrap() as z.ZodType);
    return {
      ...inner,
      meta: { ...inner.meta, ...meta },
      optional: true,
      fallback: schema.def.defaultValue,
    };
  }
  if (schema instanceof z.ZodPipe) {
    const inner = unwrap(schema.in as z.ZodType);
    // A quantity is a text that a transformation turns into an amount: its bounds lie in there.
    const quantity = meta.quantity ?? inner.meta.quantity;
    return { ...inner, ...(quantity === undefined ? {} : { schema }), meta: { ...inner.meta, ...meta } };
  }
  return { schema, meta, optional: false, fallback: undefined };
}

function fieldTable(schema: z.ZodType): string {
  const rows = [...fields(schema, "")];
  return rows.length === 0 ? "No options." : table(["field", "type", "default", "what it is"], rows);
}

/** Rows of the fields below a schema, depth first. */
function* fields(schema: z.ZodType, path: string): Generator<readonly string[]> {
  const { schema: inner } = unwrap(schema);
  if (inner instanceof z.ZodObject) {
    const shape: Readonly<Record<string, z.ZodType>> = inner.shape;
    for (const [name, child] of Object.entries(shape)) {
      const at = path === "" ? name : `${path}.${name}`;
      const constant = unwrap(child).schema;
      // What tells variants apart stands in their path already.
      if (constant instanceof z.ZodLiteral && path.includes(`(${name}: `)) continue;
      yield row(child, at);
      yield* fields(child, at);
    }
  } else if (inner instanceof z.ZodArray) {
    yield* fields(inner.element as z.ZodType, `${path}[]`);
  } else if (inner instanceof z.ZodRecord) {
    yield* fields(inner.valueType as z.ZodType, `${path}.<name>`);
  } else if (inner instanceof z.ZodUnion) {
    for (const option of inner.options as readonly z.ZodType[]) {
      yield* fields(option, `${path}${variant(inner, option)}`);
    }
  }
}

/** ` (type: step)` for one shape among several. */
function variant(union: z.ZodUnion, option: z.ZodType): string {
  if (!(union instanceof z.ZodDiscriminatedUnion)) return "";
  const { discriminator } = union.def;
  const { schema } = unwrap(option);
  const literal = schema instanceof z.ZodObject ? (schema.shape[discriminator] as z.ZodType) : undefined;
  return literal instanceof z.ZodLiteral ? ` (${discriminator}: ${[...literal.values].join(", ")})` : "";
}

function row(schema: z.ZodType, path: string): readonly string[] {
  const { meta, optional, fallback } = unwrap(schema);
  const notes = [
    meta.description ?? "",
    meta.allowed === undefined ? "" : `Spelled as ${meta.allowed}.`,
    meta.source === undefined ? "" : `Source: ${meta.source.replace(/^https?:\S+/, (url) => `<${url}>`)}.`,
  ];
  const written = isEmpty(fallback) ? "" : `\`${JSON.stringify(fallback).replace(/^"(.*)"$/, "$1")}\``;
  return [
    `\`${path}\``,
    typeOf(schema),
    optional ? written : "**required**",
    notes.filter((note) => note !== "").join(" "),
  ];
}

/** Nothing to show as a default: an empty map is no news. */
function isEmpty(value: unknown): boolean {
  return (
    value === undefined || (typeof value === "object" && value !== null && Object.keys(value).length === 0)
  );
}

/** Type, units and range, in words. */
function typeOf(schema: z.ZodType): string {
  const { schema: inner, meta } = unwrap(schema);
  if (meta.quantity !== undefined) {
    const range = rangeOf(inner);
    return `${range ?? meta.quantity}${meta.units === undefined ? "" : ` (${meta.units})`}`;
  }
  if (inner instanceof z.ZodObject) return "map";
  if (inner instanceof z.ZodRecord) return `map of ${typeOf(inner.valueType as z.ZodType)}`;
  if (inner instanceof z.ZodArray) return `list of ${typeOf(inner.element as z.ZodType)}${lengths(inner)}`;
  if (inner instanceof z.ZodUnion) {
    return [...new Set((inner.options as readonly z.ZodType[]).map(typeOf))].join(" or ");
  }
  if (inner instanceof z.ZodEnum) return inner.options.map((option) => `\`${option}\``).join(", ");
  if (inner instanceof z.ZodLiteral)
    return [...inner.values].map((value) => `\`${String(value)}\``).join(", ");
  if (inner instanceof z.ZodBoolean) return "`true` or `false`";
  if (inner instanceof z.ZodNumber) return numberRange(inner);
  if (inner instanceof z.ZodString) {
    return inner.maxLength === null ? "text" : `text of up to ${inner.maxLength} characters`;
  }
  return "any";
}

/** `a size from 128Mi to 24Ti`: what the field itself says when it is given nothing. */
function rangeOf(quantity: z.ZodType): string | undefined {
  for (const nothing of ["0Ki", "0s"]) {
    const issue = quantity.safeParse(nothing).error?.issues[0];
    if (issue?.code === "custom") return (issue.params as { allowed?: string } | undefined)?.allowed;
  }
  return undefined;
}

function numberRange(number: z.ZodNumber): string {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, type } = z.toJSONSchema(number, {
    io: "input",
  });
  const kind = type === "integer" ? "whole number" : "number";
  const safe = (value: number | undefined) =>
    value === undefined || Math.abs(value) === Number.MAX_SAFE_INTEGER ? undefined : value;
  const low = safe(minimum);
  const high = safe(maximum);
  const parts = [
    low !== undefined && high !== undefined ? `${low} to ${high}` : "",
    low !== undefined && high === undefined ? `at least ${low}` : "",
    low === undefined && high !== undefined ? `up to ${high}` : "",
    exclusiveMinimum === undefined ? "" : `above ${exclusiveMinimum}`,
    exclusiveMaximum === undefined ? "" : `below ${exclusiveMaximum}`,
  ].filter((part) => part !== "");
  return parts.length === 0 ? kind : `${kind}, ${parts.join(", ")}`;
}

function lengths(array: z.ZodArray): string {
  const { minItems, maxItems } = z.toJSONSchema(array, { io: "input", unrepresentable: "any" });
  if (minItems !== undefined && maxItems !== undefined) return `, ${minItems} to ${maxItems}`;
  return maxItems === undefined ? "" : `, up to ${maxItems}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replace(/\|/g, "\\|").replace(/\n/g, " ")).join(" | ")} |`;
  return [line(head), `|${head.map(() => "---|").join("")}`, ...rows.map(line)].join("\n");
}

function page(sections: readonly string[]): string {
  return `${sections.join("\n\n").trimEnd()}\n`;
}
