import { z } from "zod";
import type { Finding, ManifestPath } from "../issues/issue";
import { show } from "../issues/issue";
import { nearest } from "../issues/nearest";
import { type Data, isDataObject, valueAt } from "./data";

type RawIssue = z.core.$ZodIssue;

/** How a field could look: a map with its required fields, else with its first one; else a value of its kind. */
function sampleOf(layers: readonly z.ZodType[], expected: string): string {
  const shape = layers.map((layer) => definition(layer).shape).find((found) => found !== undefined);
  if (shape === undefined) return SAMPLES[expected] ?? `<${typeName(expected)}>`;
  const fields = Object.entries(shape);
  const required = fields.filter(([, schema]) => !schema.safeParse(undefined).success);
  const shown = (required.length === 0 ? fields.slice(0, 1) : required).map(([name, schema]) => {
    const inner = unwrap(schema);
    return `${name}: ${mergeMeta(inner).example ?? sampleOf(inner, definition(inner.at(-1) ?? schema).type)}`;
  });
  return `{ ${shown.join(", ")} }`;
}

const SAMPLES: Readonly<Record<string, string | undefined>> = { number: "1", int: "1", boolean: "true" };

/** Text where a number belongs: quoted, or in thousandths as Kubernetes writes CPU. */
function numberFix(text: string): { readonly fix?: string } {
  if (/^\d{1,15}(?:\.\d{1,6})?$/.test(text)) return { fix: `write ${text} without quotes` };
  const thousandths = /^(\d{1,9})m$/.exec(text)?.[1];
  return thousandths === undefined ? {} : { fix: `write ${Number(thousandths) / 1000}` };
}

const SPELLED_UNITS: Readonly<Record<string, readonly (readonly [RegExp, string])[] | undefined>> = {
  size: [
    [/^k(?:i?b|ilobytes?)?$/, "Ki"],
    [/^m(?:i?b|egabytes?)?$/, "Mi"],
    [/^g(?:i?b|igabytes?)?$/, "Gi"],
    [/^t(?:i?b|erabytes?)?$/, "Ti"],
    [/^[kmgt]i$/, "same"],
  ],
  duration: [
    [/^(?:ms|msec|millis?|milliseconds?)$/, "ms"],
    [/^(?:s|secs?|seconds?)$/, "s"],
    [/^(?:m|mins?|minutes?)$/, "m"],
    [/^(?:h|hrs?|hours?)$/, "h"],
    [/^(?:d|days?)$/, "d"],
  ],
};

/** `2GB`, `2 Gi` and `5 minutes` in the manifest's own units. */
function quantityFix(quantity: string, text: string): { readonly fix: string } | undefined {
  const match = /^(\d{1,9}(?:\.\d{1,3})?) {0,3}([A-Za-z]{1,12})$/.exec(text);
  const [, amount, word = ""] = match ?? [];
  const unit = SPELLED_UNITS[quantity]?.find(([pattern]) => pattern.test(word.toLowerCase()))?.[1];
  if (amount === undefined || unit === undefined) return undefined;
  const own = unit === "same" ? `${word.charAt(0).toUpperCase()}i` : unit;
  return { fix: `write ${amount}${own}, if that is what you mean` };
}

/** What the layers of a field's schema say about it together. */
interface Meta {
  readonly description?: string;
  readonly allowed?: string;
  readonly example?: string;
  readonly quantity?: string;
  readonly units?: string;
  /** Other names for the same, by what they should be. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Whether the value may be a secret by mistake, and must not be repeated. */
  readonly confidential?: boolean;
}

/** Outcome of holding data against a schema: the parsed value, or every finding. */
export type Parsed<T> =
  { readonly value: T; readonly findings: readonly [] } | { readonly findings: readonly Finding[] };

type Spelling = (path: ManifestPath) => string | undefined;

/**
 * Holds data against a schema and words what does not fit: the code, the value, what is allowed and the fix come from
 * the schema and its metadata.
 * @param prefix the data's own place in the manifest.
 * @param spelling a scalar as the file spells it, for fixes that quote it.
 */
export function parseWith<S extends z.ZodType>(
  schema: S,
  data: Data,
  prefix: ManifestPath,
  spelling: Spelling = () => undefined,
): Parsed<z.output<S>> {
  const result = schema.safeParse(data);
  if (result.success) return { value: result.data, findings: [] };
  const own: Spelling = (path) => spelling([...prefix, ...path]);
  const findings = withoutMisspelled(
    result.error.issues.flatMap((issue) => toFindings(schema, data, issue, own)),
  );
  return { findings: findings.map((finding) => ({ ...finding, path: [...prefix, ...finding.path] })) };
}

/** A required field that stands there misspelled is one mistake, not two. */
function withoutMisspelled(findings: readonly Finding[]): readonly Finding[] {
  const meant = new Set(
    findings.flatMap(({ code, path, meant: name }: Suggesting) =>
      code === "UNKNOWN_FIELD" && name !== undefined ? [JSON.stringify([...path.slice(0, -1), name])] : [],
    ),
  );
  return findings
    .filter(({ code, path }) => code !== "REQUIRED" || !meant.has(JSON.stringify(path)))
    .map((finding: Suggesting) => {
      const { meant: suggested, ...plain } = finding;
      return suggested === undefined ? finding : plain;
    });
}

type Suggesting = Finding & { readonly meant?: string };

function toFindings(root: z.ZodType, data: Data, issue: RawIssue, spelling: Spelling): Suggesting[] {
  const path = issue.path.map((step) => (typeof step === "symbol" ? String(step) : step));
  const value = valueAt(data, path);
  const layers = schemaLayers(root, data, path);
  const meta = mergeMeta(layers);
  const shown = meta.confidential === true ? "the value" : show(value);
  const allowed = meta.allowed === undefined ? {} : { allowed: meta.allowed };
  const example = meta.example === undefined ? {} : { fix: `for example ${meta.example}` };

  switch (issue.code) {
    case "unrecognized_keys": {
      const known = knownKeys(layers);
      return issue.keys.map((key) => {
        const similar = nearest(key, known);
        return {
          path: [...path, key],
          code: "UNKNOWN_FIELD",
          message: "is not a field of the manifest",
          allowed: known.join(", "),
          fix: similar === undefined ? "remove it" : `did you mean "${similar}"?`,
          atKey: true,
          ...(similar === undefined ? {} : { meant: similar }),
        };
      });
    }
    case "invalid_type": {
      if (value === undefined || (value === null && issue.expected !== "null")) {
        const name = path.at(-1);
        const sample = meta.example ?? sampleOf(layers, issue.expected);
        return [
          {
            path,
            code: "REQUIRED",
            message: value === undefined ? "is required" : "is required, but empty",
            ...allowed,
            fix: `add ${String(name)}: ${sample}`,
          },
        ];
      }
      if (meta.quantity !== undefined && typeof value === "number") {
        const unit = meta.units?.split(", ")[1] ?? "";
        return [
          {
            path,
            code: "UNIT",
            message: `${value} has no unit`,
            allowed: `a ${meta.quantity} with one of the units ${meta.units ?? ""}`,
            fix: `write ${value}${unit}, if that is what you mean`,
          },
        ];
      }
      const quote = issue.expected === "string" && typeof value !== "object";
      return [
        {
          path,
          code: "TYPE",
          message: `${shown} is ${kindOf(value)}, not ${typeName(issue.expected)}`,
          ...(meta.allowed === undefined ? { allowed: typeName(issue.expected) } : allowed),
          ...(issue.expected === "number" && typeof value === "string"
            ? numberFix(value)
            : quote && meta.confidential !== true
              ? { fix: `quote it: ${JSON.stringify(spelling(path) ?? String(value))}` }
              : example),
        },
      ];
    }
    case "invalid_format": {
      if (meta.quantity !== undefined) {
        return [
          {
            path,
            code: "UNIT",
            message: `${show(value)} is no ${meta.quantity}`,
            allowed: `a number and one of the units ${meta.units ?? ""}, without a space`,
            ...(typeof value === "string" ? (quantityFix(meta.quantity, value) ?? example) : example),
          },
        ];
      }
      const lower = typeof value === "string" ? value.toLowerCase() : undefined;
      const lowerFits =
        lower !== undefined && lower !== value && layers.some((layer) => layer.safeParse(lower).success);
      return [
        {
          path,
          code: "FORMAT",
          message: `${shown} is not well-formed`,
          ...allowed,
          ...(lowerFits && meta.confidential !== true ? { fix: `did you mean "${lower}"?` } : example),
        },
      ];
    }
    case "too_small":
    case "too_big":
      return [{ path, code: "RANGE", message: tooMuch(issue, value), allowed: bound(issue, layers) }];
    case "not_multiple_of":
      return [{ path, code: "RANGE", message: `${show(value)} is no multiple of ${issue.divisor}` }];
    case "invalid_value": {
      const choices = issue.values.map(String);
      if (value === undefined) {
        return [
          {
            path,
            code: "REQUIRED",
            message: "is required",
            allowed: choices.join(", "),
            fix: `add ${String(path.at(-1))}: ${choices[0] ?? ""}`,
          },
        ];
      }
      const similar =
        typeof value === "string"
          ? (Object.entries(meta.aliases ?? {}).find(([alias]) => alias === value.toLowerCase())?.[1] ??
            nearest(value, choices))
          : undefined;
      return [
        {
          path,
          code: "CHOICE",
          message: `${show(value)} is not offered`,
          allowed: choices.join(", "),
          ...(similar === undefined ? {} : { fix: `did you mean "${similar}"?` }),
        },
      ];
    }
    case "invalid_key":
      return [
        {
          path,
          code: "FORMAT",
          message: `${show(String(path.at(-1)))} cannot be a key here`,
          allowed: keyAllowed(root, data, path),
          fix: "rename the key",
          atKey: true,
        },
      ];
    case "invalid_union":
      return unionFindings(root, data, path, value, issue, layers, spelling);
    case "custom": {
      const params = issue.params as { code?: string; allowed?: string; fix?: string } | undefined;
      return [
        {
          path,
          code: params?.code ?? "FORMAT",
          message: params?.code === undefined ? `${shown} is not well-formed` : `${shown} ${issue.message}`,
          ...(params?.allowed === undefined ? allowed : { allowed: params.allowed }),
          ...(params?.fix === undefined ? (params?.code === "RANGE" ? {} : example) : { fix: params.fix }),
        },
      ];
    }
    default:
      return [{ path, code: "FORMAT", message: `${show(value)} is not accepted`, ...allowed, ...example }];
  }
}

function unionFindings(
  root: z.ZodType,
  data: Data,
  path: ManifestPath,
  value: Data | undefined,
  issue: Extract<RawIssue, { code: "invalid_union" }>,
  layers: readonly z.ZodType[],
  spelling: Spelling,
): Finding[] {
  if (issue.discriminator !== undefined) {
    const at = path.at(-1) === issue.discriminator ? path : [...path, issue.discriminator];
    const union = at === path ? schemaLayers(root, data, path.slice(0, -1)) : layers;
    const choices = discriminators(union, issue.discriminator);
    const given = valueAt(data, at);
    const similar = typeof given === "string" ? nearest(given, choices) : undefined;
    return [
      {
        path: at,
        code: given === undefined ? "REQUIRED" : "CHOICE",
        message: given === undefined ? "is required" : `${show(given)} is not offered`,
        allowed: choices.join(", "),
        fix:
          similar === undefined
            ? `${given === undefined ? "add" : "write"} ${issue.discriminator}: ${choices[0] ?? ""}`
            : `did you mean "${similar}"?`,
      },
    ];
  }
  // The branch that took the value's own type is the one the user meant; its complaints are the useful ones.
  const meant = issue.errors.find((branch) =>
    branch.every((inner) => inner.code !== "invalid_type" || inner.path.length > 0),
  );
  if (meant !== undefined) {
    return meant.flatMap((inner) =>
      toFindings(root, data, { ...inner, path: [...path, ...inner.path] }, spelling),
    );
  }
  const types = issue.errors.flatMap((branch) =>
    branch.flatMap((inner) => (inner.code === "invalid_type" ? [typeName(inner.expected)] : [])),
  );
  return [
    {
      path,
      code: "TYPE",
      message: `${show(value)} is ${kindOf(value)}`,
      allowed: [...new Set(types)].join(" or "),
    },
  ];
}

interface Definition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly element?: z.ZodType;
  readonly keyType?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly discriminator?: string;
  readonly values?: readonly unknown[];
  readonly checks?: readonly { readonly _zod: { readonly def: object } }[];
}

function definition(schema: z.ZodType): Definition {
  return schema._zod.def;
}

/** A schema with its wrappers (optional, default, transform) peeled off, outermost first. */
function unwrap(schema: z.ZodType): z.ZodType[] {
  const layers = [schema];
  for (let current: z.ZodType | undefined = schema; current !== undefined;) {
    const { innerType, in: input }: Definition = definition(current);
    current = innerType ?? input;
    if (current !== undefined) layers.push(current);
  }
  return layers;
}

/** The layers of the schema that governs a path. Empty where the path leads out of the schema. */
export function schemaLayers(root: z.ZodType, data: Data, path: ManifestPath): readonly z.ZodType[] {
  let layers = unwrap(root);
  let current: Data | undefined = data;
  for (const step of path) {
    const core = layers.at(-1);
    if (core === undefined) return [];
    let { shape, element, valueType } = definition(core);
    const { options, discriminator } = definition(core);
    if (options !== undefined) {
      const chosen = options
        .map((option) => unwrap(option).at(-1))
        .find((option) => {
          const fields = option === undefined ? undefined : definition(option).shape;
          if (fields === undefined) return false;
          if (discriminator === undefined) return true;
          const literal = fields[discriminator];
          return (
            literal !== undefined &&
            isDataObject(current) &&
            definition(literal).values?.[0] === current[discriminator]
          );
        });
      if (chosen !== undefined) ({ shape, element, valueType } = definition(chosen));
    }
    const next: z.ZodType | undefined = typeof step === "number" ? element : (shape?.[step] ?? valueType);
    if (next === undefined) return [];
    layers = unwrap(next);
    current = valueAt(current, [step]);
  }
  return layers;
}

function mergeMeta(layers: readonly z.ZodType[]): Meta {
  return layers.reduceRight<Meta>((meta, layer) => ({ ...meta, ...(layer.meta() as Meta | undefined) }), {});
}

function knownKeys(layers: readonly z.ZodType[]): string[] {
  const core = layers.at(-1);
  if (core === undefined) return [];
  const { shape, options } = definition(core);
  if (shape !== undefined) return Object.keys(shape);
  return [...new Set((options ?? []).flatMap((option) => knownKeys(unwrap(option))))];
}

function discriminators(layers: readonly z.ZodType[], name: string): string[] {
  const core = layers.at(-1);
  return (core === undefined ? [] : (definition(core).options ?? [])).flatMap((option) => {
    const literal = definition(option).shape?.[name];
    return literal === undefined ? [] : (definition(literal).values ?? []).map(String);
  });
}

function keyAllowed(root: z.ZodType, data: Data, path: ManifestPath): string {
  const core = schemaLayers(root, data, path.slice(0, -1)).at(-1);
  const keyType = core === undefined ? undefined : definition(core).keyType;
  const meta = keyType === undefined ? {} : mergeMeta(unwrap(keyType));
  return meta.allowed ?? "letters, digits and underscores, not starting with a digit";
}

function tooMuch(
  issue: Extract<RawIssue, { code: "too_small" | "too_big" }>,
  value: Data | undefined,
): string {
  if (typeof value === "string") return `has ${value.length} characters`;
  if (Array.isArray(value)) return `has ${value.length} entries`;
  return `${show(value)} is out of range${issue.code === "too_small" ? ": too small" : ": too large"}`;
}

/** Both bounds of the field, even where only one was broken. */
function bound(
  issue: Extract<RawIssue, { code: "too_small" | "too_big" }>,
  layers: readonly z.ZodType[],
): string {
  const core = layers.at(-1);
  const numeric = core instanceof z.ZodNumber ? core : undefined;
  if (numeric !== undefined && numeric.minValue !== null && numeric.maxValue !== null) {
    const whole = numeric.format === "safeint" ? "a whole number" : "a number";
    const open = (definition(numeric).checks ?? []).some(({ _zod: { def } }) => {
      const { check, inclusive } = def as { readonly check: string; readonly inclusive?: boolean };
      return check === "greater_than" && inclusive === false;
    });
    return Number.isFinite(numeric.maxValue) && Number.isFinite(numeric.minValue)
      ? open
        ? `${whole} above ${numeric.minValue}, up to ${numeric.maxValue}`
        : `${whole} from ${numeric.minValue} to ${numeric.maxValue}`
      : simpleBound(issue);
  }
  return simpleBound(issue);
}

function simpleBound(issue: Extract<RawIssue, { code: "too_small" | "too_big" }>): string {
  const unit = issue.origin === "string" ? " characters" : issue.origin === "array" ? " entries" : "";
  if (issue.code === "too_small")
    return `${issue.inclusive === false ? "more than" : "at least"} ${issue.minimum}${unit}`;
  return `${issue.inclusive === false ? "less than" : "at most"} ${issue.maximum}${unit}`;
}

function kindOf(value: Data | undefined): string {
  if (value === null || value === undefined) return "empty";
  if (Array.isArray(value)) return "a list";
  return { string: "text", number: "a number", boolean: "a boolean", object: "a map" }[
    typeof value as "string" | "number" | "boolean" | "object"
  ];
}

function typeName(expected: string): string {
  return (
    {
      string: "text",
      number: "a number",
      int: "a whole number",
      boolean: "true or false",
      object: "a map",
      record: "a map",
      array: "a list",
    }[expected] ?? expected
  );
}
