import { type Arbitrary, array, constantFrom, nat, oneof, record, string } from "fast-check";
import { TEXTS } from "./payloads";

export const TEXT_OPERATIONS = [
  "insert",
  "insert payload",
  "remove",
  "flip",
  "swap lines",
  "move line",
  "repeat line",
  "delete line",
  "indent",
  "tab",
  "anchor",
  "alias",
  "merge",
  "tag",
  "block scalar",
  "comment",
  "truncate",
  "second document",
  "byte order mark",
  "line ends",
  "key without value",
  "directive",
  "flow",
] as const;
export type TextOperation = (typeof TEXT_OPERATIONS)[number];

export interface TextEdit {
  readonly operation: TextOperation;
  readonly at: number;
  readonly other: number;
  readonly piece: string;
}

const pieces = oneof(
  constantFrom(
    ":",
    ": ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    ",",
    '"',
    "'",
    "&a ",
    "*a",
    "!!str ",
    "!x ",
    "|",
    ">",
    "? ",
    "%",
    "#",
    "@",
    "`",
    "\\",
    "\u0000",
    "\u0007",
    "\u0085",
    "\u2028",
    "\ufeff",
    "\ud800",
    "\u202e",
    "${hostile_marker}",
    "<<: ",
    "---\n",
    "...\n",
    "\n",
    "\r",
    "\t",
    "~",
    ".nan",
    "0x",
    "1e",
  ),
  string({ maxLength: 4 }),
);

export const textEdits: Arbitrary<readonly TextEdit[]> = oneof(
  { weight: 3, arbitrary: array(textEdit(), { minLength: 1, maxLength: 1 }) },
  { weight: 1, arbitrary: array(textEdit(), { minLength: 2, maxLength: 5 }) },
);

function textEdit(): Arbitrary<TextEdit> {
  return record({ operation: constantFrom(...TEXT_OPERATIONS), at: nat(), other: nat(), piece: pieces });
}

export function applyText(text: string, { operation, at, other, piece }: TextEdit): string {
  const position = at % (text.length + 1);
  const lines = text.split("\n");
  const one = at % lines.length;
  const two = other % lines.length;
  const withLine = (change: (line: string) => readonly string[]): string =>
    lines.flatMap((line, index) => (index === one ? change(line) : [line])).join("\n");
  const withValue = (before: string): string =>
    withLine((line) => [line.replace(/^(\s*(?:- )?[^:#]+: ?)/, `$1${before}`)]);
  switch (operation) {
    case "insert":
      return text.slice(0, position) + piece + text.slice(position);
    case "insert payload":
      return text.slice(0, position) + (TEXTS[other % TEXTS.length] ?? "") + text.slice(position);
    case "remove":
      return text.slice(0, position) + text.slice(position + 1 + (other % 12));
    case "flip": {
      const flipped = (text.charCodeAt(position % Math.max(1, text.length)) || 0) ^ (1 << (other % 8));
      return text.slice(0, position) + String.fromCharCode(flipped) + text.slice(position + 1);
    }
    case "swap lines":
      return lines
        .map((line, index) =>
          index === one ? (lines[two] ?? "") : index === two ? (lines[one] ?? "") : line,
        )
        .join("\n");
    case "move line": {
      const moved = lines[one] ?? "";
      const rest = lines.filter((_line, index) => index !== one);
      return [...rest.slice(0, two), moved, ...rest.slice(two)].join("\n");
    }
    case "repeat line":
      return withLine((line) => [line, line]);
    case "delete line":
      return withLine(() => []);
    case "indent":
      return withLine((line) => [other % 2 === 0 ? ` ${line}` : line.replace(/^ {1,2}/, "")]);
    case "tab":
      return withLine((line) => [line.replace(/^ +|^/, "\t")]);
    case "anchor":
      return withValue("&anchor ");
    case "alias":
      return withLine((line) => [line.replace(/: .*$/, ": *anchor")]);
    case "merge":
      return withLine((line) => [
        line,
        `${/^ */.exec(line)?.[0] ?? ""}<<: { a: ${piece.replace(/\n/g, "")} }`,
      ]);
    case "tag":
      return withValue(
        ["!!str ", "!!binary ", "!!float ", "!secret ", "!!js/function ", "!<x> "][other % 6] ?? "",
      );
    case "block scalar":
      return withLine((line) => [line.replace(/: .*$/, other % 2 === 0 ? ": |" : ": >-\n      folded")]);
    case "comment":
      return withLine((line) => [`${line} # ${piece.replace(/[\r\n]/g, "")}`]);
    case "truncate":
      return text.slice(0, position);
    case "second document":
      return withLine((line) => [line, other % 2 === 0 ? "---" : "..."]);
    case "byte order mark":
      return other % 2 === 0 ? `\ufeff${text}` : text.slice(0, position) + "\ufeff" + text.slice(position);
    case "line ends":
      return other % 2 === 0 ? text.replace(/\n/g, "\r\n") : withLine((line) => [`${line}\r`]);
    case "key without value":
      return withLine((line) => [line.replace(/: .*$/, ":")]);
    case "directive":
      return `%${other % 2 === 0 ? "YAML 1.1" : "TAG ! tag:x,2026:"}\n---\n${text}`;
    case "flow":
      return withLine((line) => [line.replace(/: .*$/, `: {a: [${piece.replace(/\n/g, "")}`)]);
  }
}
