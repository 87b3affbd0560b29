import type { ManifestPath } from "../issues/issue";

/** What a manifest is made of once it is read: plain data, checked to be inert. */
export type Data = string | number | boolean | null | readonly Data[] | { readonly [key: string]: Data };

export type DataObject = Readonly<Record<string, Data>>;

export function isDataObject(value: unknown): value is DataObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value at a path, or `undefined` where there is none. */
export function valueAt(data: Data | undefined, path: ManifestPath): Data | undefined {
  let current = data;
  for (const step of path) {
    if (Array.isArray(current))
      current = typeof step === "number" ? (current as readonly Data[])[step] : undefined;
    else if (isDataObject(current) && Object.hasOwn(current, step)) current = current[String(step)];
    else return undefined;
  }
  return current;
}

/** Bounds of what is read at all; a manifest of a real model stays two orders of magnitude below them. */
export const DATA_LIMITS = {
  /** Bytes of one manifest file. */
  fileBytes: 262_144,
  /** Nested maps and lists. */
  depth: 32,
  /** Values and keys in one manifest. */
  nodes: 20_000,
} as const;

/** Keys that JavaScript gives a meaning of its own. */
const FORBIDDEN_KEYS = new Set(["__proto__", "constructor", "prototype"]);

/** cdktf turns strings, lists, maps and numbers that look like this into live Terraform expressions. */
const TOKEN_LIKE = /TfToken\[/;

// eslint-disable-next-line no-control-regex -- control characters are exactly what is looked for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;

/** What is wrong with a scalar or a key on its own, whatever field it stands in. */
export interface InertnessProblem {
  readonly code: "TOKEN_LIKE" | "CONTROL_CHARACTER" | "NUMBER_RANGE" | "FORBIDDEN_KEY";
  readonly message: string;
  readonly fix: string;
}

export function stringProblem(text: string): InertnessProblem | undefined {
  if (TOKEN_LIKE.test(text)) {
    return {
      code: "TOKEN_LIKE",
      message: "text that looks like a cdktf token would become a Terraform expression",
      fix: 'remove "TfToken[" from the text',
    };
  }
  if (CONTROL.test(text) || !text.isWellFormed()) {
    return {
      code: "CONTROL_CHARACTER",
      message:
        "text has a control character or an unpaired surrogate, which Terraform would not carry unchanged",
      fix: "remove the character",
    };
  }
  // Measured with Terraform 1.11.4: its template parser takes it for the start of a file.
  if (text.startsWith("\ufeff")) {
    return {
      code: "CONTROL_CHARACTER",
      message: "text starts with a byte order mark, which Terraform would drop",
      fix: "remove the character",
    };
  }
  return undefined;
}

export function keyProblem(key: string): InertnessProblem | undefined {
  if (FORBIDDEN_KEYS.has(key)) {
    return { code: "FORBIDDEN_KEY", message: `the key "${key}" is not accepted`, fix: "rename the key" };
  }
  if (/[\n\r\t]/.test(key)) {
    return {
      code: "CONTROL_CHARACTER",
      message: "a key has a line break or a tab",
      fix: "rename the key",
    };
  }
  return stringProblem(key);
}

export function numberProblem(value: number): InertnessProblem | undefined {
  if (Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER) return undefined;
  return {
    code: "NUMBER_RANGE",
    message: `the number ${value} cannot be carried exactly`,
    fix: "use a number between -(2^53 - 1) and 2^53 - 1",
  };
}
