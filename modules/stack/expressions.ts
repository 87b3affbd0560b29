import { type Issue, ManifestError, show } from "../issues/issue";

/** A text of the manifest that has a template marker. */
export interface ForeignText {
  readonly text: string;
  /** Where it stands in the manifest; null where that is not known. */
  readonly at: Pick<Issue, "file" | "line" | "column" | "path"> | null;
}

/** Terraform functions that our constructs use. Anything else in an expression did not come from them. */
const FUNCTIONS = new Set([
  "abspath",
  "base64decode",
  "element",
  "format",
  "join",
  "jsonencode",
  "length",
  "lower",
  "replace",
  "sha256",
  "split",
  "substr",
  "tolist",
  "tonumber",
]);

/** Words of the expression language that are no references. */
const WORDS = new Set(["true", "false", "null"]);

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** What a synthesized stack may refer to. */
interface Addresses {
  has(kind: "resource" | "data", type: string, name: string): boolean;
  hasVariable(name: string): boolean;
  hasLocal(name: string): boolean;
}

/**
 * Checks that every expression in a synthesized stack is one that a construct makes: a reference to something in this
 * very stack, or one of a few pure functions over such references, and none that a manifest spelled out. It is the
 * second line behind the escaping of the plan (see `seal`); a failure means that something went around it.
 * @param document the stack's JSON, tokens resolved.
 * @param foreign texts of the manifest that contain template markers.
 * @throws {ManifestError} at the manifest's own text where that is what spells the expression out.
 */
export function assertOwnExpressions(document: object, foreign: readonly ForeignText[]): void {
  const tree = document as { readonly [key: string]: Json };
  const own = addresses(tree);
  const visit = (value: Json, path: string): void => {
    if (typeof value === "string") {
      if (value.includes("{")) checkText(value, path, own, foreign);
    } else if (Array.isArray(value)) {
      (value as readonly Json[]).forEach((item, index) => visit(item, `${path}[${index}]`));
    } else if (typeof value === "object" && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        if (key.includes("{")) checkText(key, path, own, foreign);
        visit(item, `${path}.${key}`);
      }
    }
  };
  for (const [section, content] of Object.entries(tree)) if (section !== "//") visit(content, section);
}

function addresses(tree: { readonly [key: string]: Json }): Addresses {
  const lookup = (...path: readonly string[]): boolean => {
    let current: Json | undefined = tree;
    for (const step of path) {
      if (typeof current !== "object" || current === null || Array.isArray(current)) return false;
      if (!Object.hasOwn(current, step)) return false;
      current = (current as { readonly [key: string]: Json })[step];
    }
    return true;
  };
  return {
    has: (kind, type, name) => lookup(kind, type, name),
    hasVariable: (name) => lookup("variable", name),
    hasLocal: (name) => lookup("locals", name),
  };
}

function checkText(text: string, path: string, own: Addresses, foreign: readonly ForeignText[]): void {
  for (let index = 0; index < text.length - 1; index += 1) {
    const character = text[index];
    if ((character !== "$" && character !== "%") || text[index + 1] !== "{") {
      // A doubled marker is literal; its brace belongs to it.
      if ((character === "$" || character === "%") && text.startsWith(`${character}${character}{`, index))
        index += 2;
      continue;
    }
    const end = character === "%" ? undefined : expressionEnd(text, index + 2);
    const expression = end === undefined ? undefined : text.slice(index + 2, end);
    const spelled = foreign.find((given) => given.text.includes(`\${${expression ?? ""}}`));
    const reason =
      end === undefined || expression === undefined
        ? "a template directive or an unfinished expression"
        : spelled !== undefined
          ? "an expression that the manifest spells out"
          : foreignPart(expression, own, foreign, path);
    if (reason !== undefined) {
      const shown = show(text.slice(index, (end ?? index + 40) + 1));
      const at = spelled?.at ?? null;
      throw new ManifestError([
        {
          ...(at ?? { file: "manifest", line: 0, column: 0, path }),
          code: "FOREIGN_EXPRESSION",
          severity: "error",
          message: at === null ? `${reason}: ${shown}` : `${reason}, and modelport in ${path}: ${shown}`,
          fix: "remove the template marker from the manifest",
        },
      ]);
    }
    index = end ?? index;
  }
}

/** Index of the brace that closes an expression, nested braces and quoted text passed over. */
function expressionEnd(text: string, start: number): number | undefined {
  let depth = 0;
  for (let index = start; index < text.length; index += 1) {
    const character = text[index];
    if (character === '"') {
      for (index += 1; index < text.length && text[index] !== '"'; index += 1)
        if (text[index] === "\\") index += 1;
    } else if (character === "{") depth += 1;
    else if (character === "}") {
      if (depth === 0) return index;
      depth -= 1;
    }
  }
  return undefined;
}

const PARTS =
  /\s+|"(?:[^"\\]|\\.)*"|\d+(?:\.\d+)?|[A-Za-z_][\w-]*(?:\.(?:[A-Za-z_][\w-]*|\d+|\*)|\[(?:\d+|"[^"\\$]*")\])*|[()[\]{}.,:?=!<>&|+*/%-]/y;

/** Why an expression is not one of ours, or `undefined` where it is. */
function foreignPart(
  expression: string,
  own: Addresses,
  foreign: readonly ForeignText[],
  path: string,
): string | undefined {
  PARTS.lastIndex = 0;
  while (PARTS.lastIndex < expression.length) {
    const match = PARTS.exec(expression);
    if (match === null) return "an expression that no construct makes";
    const [part] = match;
    const call = expression[PARTS.lastIndex] === "(";
    if (part.startsWith('"')) {
      const resume = PARTS.lastIndex;
      checkText(part.slice(1, -1), path, own, foreign);
      PARTS.lastIndex = resume;
    } else if (/^[A-Za-z_]/.test(part)) {
      if (call) {
        if (!FUNCTIONS.has(part)) return `a call of ${part}`;
      } else if (
        !WORDS.has(part) &&
        !isOwnReference(part, own) &&
        !isObjectKey(part, expression, PARTS.lastIndex)
      ) {
        return "a reference to something outside the stack";
      }
    }
  }
  return undefined;
}

function isOwnReference(part: string, own: Addresses): boolean {
  const [root = "", second = "", third = ""] = part.split(/[.[]/);
  if (root === "var") return own.hasVariable(second);
  if (root === "local") return own.hasLocal(second);
  if (root === "data") return own.has("data", second, third);
  return own.has("resource", root, second);
}

/** A bare word before `=` or `:`; `path.cwd` before the colon of a condition is none. */
function isObjectKey(part: string, expression: string, index: number): boolean {
  return !/[.[]/.test(part) && /^\s*(?:=(?!=)|:)/.test(expression.slice(index));
}
