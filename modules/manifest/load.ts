import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { types } from "node:util";
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Document,
  type Pair,
  type ErrorCode,
} from "yaml";
import { type Finding, type ManifestPath, show } from "../issues/issue";
import {
  type Data,
  DATA_LIMITS,
  type InertnessProblem,
  keyProblem,
  numberProblem,
  stringProblem,
} from "./data";

/** A place in a text, 1-based. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A manifest as it was written: its data, proven inert, and where each value stands. */
export interface ManifestSource {
  /** As given by the user, for messages. */
  readonly file: string;
  /** Absolute folder that relative paths in the manifest start from, and that they may not leave. */
  readonly directory: string;
  readonly data: Data;
  /** Where a value (or its key) stands; the nearest enclosing value where there is none. */
  readonly locate: (path: ManifestPath, atKey?: boolean) => Position;
  /** A scalar as the file spells it (`012345678901`), which its value may not show; `undefined` where there is none. */
  readonly spelling: (path: ManifestPath) => string | undefined;
}

/** Outcome of reading a manifest: a source to work with, or findings that stop before the schema. */
export interface LoadResult {
  readonly source: ManifestSource;
  readonly findings: readonly Finding[];
}

const NOWHERE: Position = { line: 0, column: 0 };

/** A file of which nothing can be used. */
function unusable(file: string, directory: string, finding: Omit<Finding, "path">): LoadResult {
  return {
    source: {
      file,
      directory,
      data: null,
      locate: () => ({ line: 1, column: 1 }),
      spelling: () => undefined,
    },
    findings: [{ path: [], ...finding }],
  };
}

/** Reads a manifest file. Findings carry every problem of syntax and inertness. */
export function loadManifestFile(file: string): LoadResult {
  const directory = dirname(resolve(file));
  const failed = (code: string, message: string, fix: string): LoadResult =>
    unusable(file, directory, { code, message, fix });
  let text: string;
  try {
    const stats = statSync(file);
    if (!stats.isFile()) return failed("FILE_UNREADABLE", "is not a file", "name a manifest file");
    if (stats.size > DATA_LIMITS.fileBytes) {
      return failed(
        "FILE_TOO_LARGE",
        `has ${stats.size} bytes; a manifest may have ${DATA_LIMITS.fileBytes}`,
        "keep data in files of its own and refer to them",
      );
    }
    text = new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT") {
      return failed(
        "FILE_UNREADABLE",
        "does not exist",
        "check the path, or run `modelport init` to make a manifest",
      );
    }
    if (code === "ERR_ENCODING_INVALID_ENCODED_DATA")
      return failed("FILE_UNREADABLE", "is not UTF-8 text", "save it as UTF-8");
    return failed("FILE_UNREADABLE", `cannot be read (${code ?? "unknown error"})`, "check its permissions");
  }
  return loadManifestText(text, file, directory);
}

/** Reads a manifest from YAML 1.2 (core schema) or JSON text. */
export function loadManifestText(text: string, file: string, directory: string): LoadResult {
  const lineCounter = new LineCounter();
  const documents = parseDocuments(text, lineCounter);
  if (documents === null) {
    return unusable(file, directory, { code: "YAML_TOO_DEEP", message: TOO_DEEP, fix: "flatten it" });
  }
  const document = documents[0];
  if (document === undefined) {
    return unusable(file, directory, {
      code: "YAML_SYNTAX",
      message: "the file is empty",
      fix: "describe a model in it, or run `modelport init` to make a manifest",
    });
  }
  const reader = new DocumentReader(document, lineCounter);
  const source: ManifestSource = {
    file,
    directory,
    data: reader.read(),
    locate: (path, atKey) => reader.locate(path, atKey ?? false),
    spelling: (path) => reader.spelling(path),
  };
  const second = documents[1];
  if (second !== undefined) reader.refuseDocuments(documents.length, second);
  return { source, findings: reader.findings };
}

const TOO_DEEP = `nested over ${DATA_LIMITS.depth} levels`;

/** Null where the text is nested so deeply that the parser gave up. */
function parseDocuments(text: string, lineCounter: LineCounter): readonly Document[] | null {
  try {
    const documents = parseAllDocuments(text, {
      lineCounter,
      version: "1.2",
      schema: "core",
      customTags: [],
      resolveKnownTags: false,
      merge: false,
      // The parser compares every key with every other; the reader does it with a set.
      uniqueKeys: false,
      strict: true,
      stringKeys: false,
      logLevel: "error",
    });
    return Array.isArray(documents) ? documents : [];
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/**
 * Takes a manifest that a program built. It passes the same checks as a file; cdktf tokens, functions, class
 * instances and cycles are refused. Positions are 0.
 */
export function loadManifestValue(value: unknown, directory: string): LoadResult {
  const findings: Finding[] = [];
  const data = inertData(value, findings);
  const source: ManifestSource = {
    file: "manifest",
    directory,
    data,
    locate: () => NOWHERE,
    spelling: () => undefined,
  };
  return { source, findings };
}

/** A finding with a position of its own, for problems in places that a path cannot name (a duplicate key). */
export interface PositionedFinding extends Finding {
  readonly position: Position;
}

export function isPositioned(finding: Finding): finding is PositionedFinding {
  return "position" in finding;
}

class DocumentReader {
  readonly findings: Finding[] = [];
  private nodes = 0;
  private readonly pairs = new WeakMap<object, ReadonlyMap<string, Pair>>();

  constructor(
    private readonly document: Document,
    private readonly lines: LineCounter,
  ) {
    let line = 0;
    for (const error of document.errors) {
      // One slip makes the parser stumble several times over the same line.
      if (this.position(error.pos[0]).line === line) continue;
      ({ line } = this.position(error.pos[0]));
      // The parser reports the exhausted stack as a fault of the text.
      const deep = error.code === "RESOURCE_EXHAUSTION" || error.message.startsWith("Maximum call stack");
      this.add({
        path: [],
        code: deep ? "YAML_TOO_DEEP" : "YAML_SYNTAX",
        message: deep ? TOO_DEEP : firstLine(error.message),
        fix: deep ? "flatten it" : syntaxFix(error.code),
        position: this.position(error.pos[0]),
      });
    }
  }

  read(): Data {
    if (this.document.errors.length > 0) return null;
    return this.convert(this.document.contents, [], 0) ?? null;
  }

  refuseDocuments(count: number, second: Document): void {
    this.add({
      path: [],
      code: "YAML_SYNTAX",
      message: `the file holds ${count} YAML documents; a manifest is one`,
      fix: "put each manifest into a file of its own",
      position: this.position(offsetOf(second.contents) ?? 0),
    });
  }

  locate(path: ManifestPath, atKey: boolean): Position {
    let node: unknown = this.document.contents;
    let offset = offsetOf(node) ?? 0;
    for (const [index, step] of path.entries()) {
      if (isMap(node)) {
        const pair = this.pairOf(node, String(step));
        if (pair === undefined) return this.position(offset);
        const last = index === path.length - 1;
        // A map or list as a value starts on a later line; its key is where the reader looks.
        const useKey = (last && atKey) || isMap(pair.value) || isSeq(pair.value);
        offset = (useKey ? offsetOf(pair.key) : offsetOf(pair.value)) ?? offsetOf(pair.key) ?? offset;
        node = pair.value;
      } else if (isSeq(node) && typeof step === "number") {
        node = node.items[step];
        if (node === undefined) return this.position(offset);
        offset = offsetOf(node) ?? offset;
      } else {
        return this.position(offset);
      }
    }
    return this.position(offset);
  }

  spelling(path: ManifestPath): string | undefined {
    let node: unknown = this.document.contents;
    for (const step of path) {
      if (isMap(node)) node = this.pairOf(node, String(step))?.value;
      else if (isSeq(node) && typeof step === "number") node = node.items[step];
      else return undefined;
    }
    return isScalar(node) ? node.source : undefined;
  }

  /** Indexed on first use: thousands of findings may lie in one map. */
  private pairOf(map: { readonly items: readonly Pair[] }, key: string): Pair | undefined {
    let index = this.pairs.get(map);
    if (index === undefined) {
      index = new Map(
        map.items.flatMap((pair): [string, Pair][] =>
          isScalar(pair.key) ? [[String(pair.key.value), pair]] : [],
        ),
      );
      this.pairs.set(map, index);
    }
    return index.get(key);
  }

  private position(offset: number): Position {
    const { line, col } = this.lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }

  private add(finding: PositionedFinding): void {
    this.findings.push(finding);
  }

  private problem(path: ManifestPath, node: unknown, code: string, message: string, fix: string): null {
    this.add({ path, code, message, fix, position: this.position(offsetOf(node) ?? 0) });
    return null;
  }

  private convert(node: unknown, path: ManifestPath, depth: number): Data | undefined {
    this.nodes += 1;
    if (this.nodes > DATA_LIMITS.nodes) {
      if (this.nodes === DATA_LIMITS.nodes + 1) {
        this.problem(
          path,
          node,
          "YAML_TOO_LARGE",
          `more than ${DATA_LIMITS.nodes} values`,
          "split the manifest",
        );
      }
      return null;
    }
    if (depth > DATA_LIMITS.depth) {
      return this.problem(path, node, "YAML_TOO_DEEP", TOO_DEEP, "flatten it");
    }
    if (node === null || node === undefined) return null;
    if (isAlias(node)) {
      return this.problem(
        path,
        node,
        "YAML_ALIAS",
        `the alias *${node.source} is not accepted`,
        "write the value out; use `environments` for what differs",
      );
    }
    const { tag, anchor } = node as { tag?: string; anchor?: string };
    if (anchor !== undefined) {
      this.problem(path, node, "YAML_ALIAS", `the anchor &${anchor} is not accepted`, "remove the anchor");
    }
    if (tag !== undefined && !STANDARD_TAGS.has(tag)) {
      return this.problem(path, node, "YAML_TAG", `the tag ${tag} is not accepted`, "remove the tag");
    }
    if (isMap(node)) return this.convertMap(node.items, path, depth);
    if (isSeq(node))
      return node.items.map((item, index) => this.convert(item, [...path, index], depth + 1) ?? null);
    if (isScalar(node)) return this.convertScalar(node.value, node, path);
    return this.problem(
      path,
      node,
      "YAML_SYNTAX",
      "a value that is no map, list or scalar",
      "write plain YAML",
    );
  }

  private convertMap(items: readonly Pair[], path: ManifestPath, depth: number): Data {
    const map: Record<string, Data> = {};
    for (const { key, value } of items) {
      const name = isScalar(key) ? scalarKey(key.value) : undefined;
      if (name === undefined) {
        this.problem(path, key, "YAML_SYNTAX", "a key that is no text", "use plain text as key");
        continue;
      }
      if (Object.hasOwn(map, name)) {
        const message = `the key ${show(name)} stands twice in one map`;
        this.problem([...path, name], key, "YAML_DUPLICATE_KEY", message, "keep one of the two");
        continue;
      }
      if ((key as { tag?: string; anchor?: string }).anchor !== undefined) {
        this.problem(path, key, "YAML_ALIAS", "an anchor on a key is not accepted", "remove the anchor");
      }
      const problem = keyProblem(name);
      if (problem !== undefined) {
        this.inert(path, key, problem);
        continue;
      }
      map[name] = this.convert(value, [...path, name], depth + 1) ?? null;
    }
    return map;
  }

  private convertScalar(value: unknown, node: unknown, path: ManifestPath): Data {
    if (typeof value === "string") {
      const problem = stringProblem(value);
      return problem === undefined ? value : this.inert(path, node, problem);
    }
    if (typeof value === "number") {
      const problem = numberProblem(value);
      return problem === undefined ? value : this.inert(path, node, problem);
    }
    if (typeof value === "boolean" || value === null) return value;
    return this.problem(
      path,
      node,
      "YAML_TAG",
      "a value of a type that YAML's core schema does not have",
      "quote it",
    );
  }

  private inert(path: ManifestPath, node: unknown, problem: InertnessProblem): null {
    return this.problem(path, node, problem.code, problem.message, problem.fix);
  }
}

const STANDARD_TAGS = new Set(
  ["map", "seq", "str", "int", "float", "bool", "null"].map((name) => `tag:yaml.org,2002:${name}`),
);

/** YAML reads `8080:` as a number and `on:` as text; both are meant as keys. */
function scalarKey(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}

function offsetOf(node: unknown): number | undefined {
  return (node as { range?: [number, number, number] } | null | undefined)?.range?.[0];
}

/** What to do about the faults that people meet most. */
function syntaxFix(code: ErrorCode): string {
  if (code === "TAB_AS_INDENT") return "indent with spaces";
  if (code === "BAD_INDENT" || code === "MISSING_CHAR")
    return "check indentation, brackets and quotes here and on the line before";
  if (code === "BLOCK_AS_IMPLICIT_KEY" || code === "MULTILINE_IMPLICIT_KEY")
    return 'quote text that holds ": ", and check the indentation';
  return "correct the YAML at this place";
}

function firstLine(message: string): string {
  return (message.split("\n")[0] ?? message).replace(/ at line \d+, column \d+:?$/, "");
}

function inertData(root: unknown, findings: Finding[]): Data {
  let nodes = 0;
  const refuse = (path: ManifestPath, code: string, message: string, fix: string): null => {
    findings.push({ path, code, message, fix });
    return null;
  };
  const visit = (value: unknown, path: ManifestPath): Data => {
    nodes += 1;
    if (path.length > DATA_LIMITS.depth) {
      return refuse(
        path,
        "YAML_TOO_DEEP",
        `nested over ${DATA_LIMITS.depth} levels (a cycle?)`,
        "flatten it",
      );
    }
    if (nodes > DATA_LIMITS.nodes) {
      if (nodes > DATA_LIMITS.nodes + 1) return null;
      return refuse(path, "YAML_TOO_LARGE", `more than ${DATA_LIMITS.nodes} values`, "split the manifest");
    }
    if (value === null || typeof value === "boolean") return value;
    if (typeof value === "string" || typeof value === "number") {
      const problem = typeof value === "string" ? stringProblem(value) : numberProblem(value);
      return problem === undefined ? value : refuse(path, problem.code, problem.message, problem.fix);
    }
    const fields = ownFields(value);
    if (fields !== undefined && Array.isArray(value)) {
      return fields.map(([index, item]) => visit(item, [...path, Number(index)]));
    }
    if (fields !== undefined) {
      const map: Record<string, Data> = {};
      for (const [key, item] of fields) {
        if (item === undefined) continue;
        const problem = keyProblem(key);
        if (problem !== undefined) refuse(path, problem.code, problem.message, problem.fix);
        else map[key] = visit(item, [...path, key]);
      }
      return map;
    }
    return refuse(
      path,
      "TYPE",
      `${kindOf(value)} is no manifest data`,
      "use strings, numbers, booleans, plain lists and maps",
    );
  };
  return visit(root, []);
}

/**
 * What a plain list or map holds; `undefined` for anything else. No code of the value's own runs: what a getter or a
 * proxy answers now need not be what it answers next.
 */
function ownFields(value: unknown): readonly (readonly [string, unknown])[] | undefined {
  if (typeof value !== "object" || value === null || types.isProxy(value)) return undefined;
  const isList = Array.isArray(value);
  if (!isList && !isPlain(value)) return undefined;
  if (Object.getOwnPropertySymbols(value).length > 0) return undefined;
  const fields: (readonly [string, unknown])[] = [];
  for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
    if (descriptor.enumerable !== true) continue;
    if (!("value" in descriptor)) return undefined;
    fields.push([key, descriptor.value]);
  }
  // A list with a hole has fewer fields than its length, one with a name of its own has other ones.
  const isWhole =
    !isList || (fields.length === value.length && fields.every(([key], at) => key === String(at)));
  return isWhole ? fields : undefined;
}

function kindOf(value: unknown): string {
  if (typeof value !== "object") return value === undefined ? "nothing" : `a ${typeof value}`;
  return !types.isProxy(value) && Array.isArray(value)
    ? "a list that is not plain"
    : "an object that is not plain";
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
