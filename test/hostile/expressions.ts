import type { Json } from "../support/synth";

/**
 * What Terraform evaluates in a stack, found without the product's own scanner: a marker with one sign before the brace
 * is live, one with two or more is text (terraform.test.ts asks Terraform whether that is so).
 */
export interface Live {
  /** Where it stands. */
  readonly path: string;
  readonly text: string;
  /** Between the braces; null for a directive, or where nothing closes it. */
  readonly expression: string | null;
}

/** Everything that Terraform would evaluate in a document, keys included. */
export function liveParts(document: unknown): readonly Live[] {
  const found: Live[] = [];
  const visit = (value: unknown, path: string): void => {
    if (typeof value === "string") found.push(...liveIn(value, path));
    else if (Array.isArray(value)) value.forEach((item, index) => visit(item, `${path}[${index}]`));
    else if (typeof value === "object" && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        found.push(...liveIn(key, `${path} (key)`));
        visit(item, `${path}.${key}`);
      }
    }
  };
  for (const [section, content] of Object.entries(document as Json))
    if (section !== "//") visit(content, section);
  return found;
}

export function liveIn(text: string, path = ""): readonly Live[] {
  const found: Live[] = [];
  for (let at = text.indexOf("{"); at >= 0; at = text.indexOf("{", at + 1)) {
    const sign = text[at - 1];
    if ((sign !== "$" && sign !== "%") || text[at - 2] === sign) continue;
    const end = sign === "$" ? closing(text, at + 1) : undefined;
    found.push({ path, text, expression: end === undefined ? null : text.slice(at + 1, end) });
    if (end !== undefined) at = end;
  }
  return found;
}

/** The brace that closes an expression: quoted text may have expressions of its own, and braces that count for nothing. */
function closing(text: string, start: number): number | undefined {
  const open: ("{" | '"')[] = [];
  for (let at = start; at < text.length; at += 1) {
    const quoted = open.at(-1) === '"';
    const character = text[at];
    if (quoted && character === "\\") at += 1;
    else if (character === '"') {
      if (quoted) open.pop();
      else open.push('"');
    } else if (character === "{" && (!quoted || (text[at - 1] === "$" && text[at - 2] !== "$")))
      open.push("{");
    else if (character === "}" && !quoted) {
      if (open.length === 0) return at;
      open.pop();
    }
  }
  return undefined;
}

/**
 * The shape of an expression: literals and numbers left out, and the names of resources, which follow from the model's.
 * Two manifests that use the same features lead to the same shapes.
 */
export function shape(expression: string): string {
  return expression
    .replace(/"(?:[^"\\]|\\.)*"/g, (literal) =>
      liveIn(literal.slice(1, -1)).length === 0
        ? '""'
        : `"${liveIn(literal)
            .map((part) => shape(part.expression ?? "?"))
            .join("|")}"`,
    )
    .replace(/\b(data\.)?([a-z]+_[a-z0-9_]+)\.([A-Za-z0-9_-]+)/g, "$1$2._")
    .replace(/\b\d+\b/g, "0")
    .replace(/\s+/g, " ");
}

/** References of `depends_on`, which Terraform takes as addresses though no marker stands around them. */
export function dependencies(document: unknown): readonly string[] {
  const found: string[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [key, item] of Object.entries(value)) {
      if (key === "depends_on" && Array.isArray(item)) found.push(...(item as string[]));
      else visit(item);
    }
  };
  visit((document as Json).resource);
  visit((document as Json).data);
  return found;
}

/** Whether an address is that of something in the document. */
export function exists(document: unknown, address: string): boolean {
  const { resource = {}, data = {} } = document as Record<string, Record<string, Record<string, object>>>;
  const [first = "", second = "", third = ""] = address.split(".");
  return first === "data"
    ? Object.hasOwn(data[second] ?? {}, third)
    : Object.hasOwn(resource[first] ?? {}, second);
}
