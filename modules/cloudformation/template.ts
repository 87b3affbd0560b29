import { readFileSync, statSync } from "node:fs";
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseAllDocuments,
  type Document,
} from "yaml";
import { type Issue, show } from "../issues/issue";
import { keyProblem, numberProblem, stringProblem } from "../manifest/data";
import type { Position } from "../manifest/load";
import { CODES, type Code } from "./codes";

/**
 * Bounds of what is read. CloudFormation itself takes templates of up to 1 MB from S3.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html (2026-11)
 */
export const TEMPLATE_LIMITS = {
  /** Bytes of one template. */
  fileBytes: 1_048_576,
  /** Nested maps, lists and functions. */
  depth: 64,
  /** Values and keys in one template. */
  nodes: 100_000,
  /** Resources of one template; CloudFormation's own limit. */
  resources: 500,
} as const;

interface Placed {
  /** Where it stands in the template. */
  readonly position: Position;
}

/** Text, a number, a truth value or nothing. */
export interface ScalarNode extends Placed {
  readonly kind: "scalar";
  readonly value: string | number | boolean | null;
  /** As the template spells an unquoted number or truth value, where its usual spelling is another (`0.10`, `yes`). */
  readonly spelling?: string;
  /** Why the value may go nowhere (a control character), in words that fit after "it". */
  readonly problem?: string;
}

export interface ListNode extends Placed {
  readonly kind: "list";
  readonly items: readonly TemplateNode[];
}

/** A property and where its key stands. */
export interface Property {
  readonly keyPosition: Position;
  readonly value: TemplateNode;
}

/** A map; never an object, so that no key of a template meets JavaScript's own. */
export interface MapNode extends Placed {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, Property>;
}

/** An intrinsic function in either of its forms, by its long name: `Ref`, `Condition`, `Fn::Sub`. */
export interface CallNode extends Placed {
  readonly kind: "call";
  readonly name: string;
  readonly argument: TemplateNode;
}

export type TemplateNode = ScalarNode | ListNode | MapNode | CallNode;

export const EMPTY_MAP: MapNode = { kind: "map", entries: new Map(), position: { line: 1, column: 1 } };

/** A resource of a template, before anything in it is evaluated. */
export interface Resource {
  readonly id: string;
  readonly type: string;
  readonly position: Position;
  readonly properties: MapNode;
  /** Condition, DependsOn, DeletionPolicy and the like: all but type and properties. */
  readonly attributes: ReadonlyMap<string, Property>;
}

/** A template as it was written. */
export interface Template {
  /** As given by the user, for messages. */
  readonly file: string;
  readonly root: MapNode;
  /** In the template's order. */
  readonly resources: ReadonlyMap<string, Resource>;
}

/** The template, or null and what stands in the way. */
export interface TemplateResult {
  readonly template: Template | null;
  readonly issues: readonly Issue[];
}

/** Makes an issue with the severity that its code is documented with. */
export function issueOf(
  code: Code,
  file: string,
  position: Position,
  path: string,
  message: string,
  fix?: string,
): Issue {
  const { severity } = CODES[code];
  return { file, ...position, path, code, severity, message, ...(fix === undefined ? {} : { fix }) };
}

const NOWHERE: Position = { line: 0, column: 0 };

/** Reads a template from a file. Nothing else is read, whatever the template refers to. */
export function loadTemplateFile(file: string): TemplateResult {
  const refused = (message: string, fix: string): TemplateResult => ({
    template: null,
    issues: [issueOf("IMPORT_UNREADABLE", file, NOWHERE, "", message, fix)],
  });
  try {
    const stats = statSync(file);
    if (!stats.isFile()) return refused("is not a file", "name a template");
    if (stats.size > TEMPLATE_LIMITS.fileBytes) {
      return refused(
        `has ${stats.size} bytes; CloudFormation takes ${TEMPLATE_LIMITS.fileBytes}`,
        "split the template",
      );
    }
    return loadTemplateText(new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(file)), file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT") return refused("does not exist", "check the path");
    if (code === "ERR_ENCODING_INVALID_ENCODED_DATA") return refused("is not UTF-8 text", "save it as UTF-8");
    if (code === undefined) throw error;
    return refused(`cannot be read (${code})`, "check its permissions");
  }
}

/** What YAML 1.1 has and CloudFormation leaves out (see {@link loadTemplateText}). */
const LEFT_OUT = new Set(
  ["binary", "omap", "pairs", "set", "timestamp"].map((name) => `tag:yaml.org,2002:${name}`),
);

/**
 * Reads a template from YAML 1.1 or JSON. As in CloudFormation there are no aliases, no merge keys and no timestamps.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html (2026-11)
 */
export function loadTemplateText(text: string, file: string): TemplateResult {
  const lines = new LineCounter();
  const documents = parse(text, lines);
  if (documents === null) {
    const issue = issueOf("IMPORT_TOO_LARGE", file, { line: 1, column: 1 }, "", TOO_DEEP, "flatten it");
    return { template: null, issues: [issue] };
  }
  const reader = new TemplateReader(file, lines);
  const root = reader.read(documents);
  if (root === null || reader.issues.length > 0) return { template: null, issues: reader.issues };
  const template = templateOf(file, root, reader);
  return { template: reader.issues.length > 0 ? null : template, issues: reader.issues };
}

const TOO_DEEP = `is nested over ${TEMPLATE_LIMITS.depth} levels`;

/** Null where the text is nested so deeply that the parser gave up. */
function parse(text: string, lineCounter: LineCounter): readonly Document[] | null {
  try {
    const documents = parseAllDocuments(text, {
      lineCounter,
      version: "1.1",
      schema: "yaml-1.1",
      customTags: (tags) => tags.filter((tag) => typeof tag === "string" || !LEFT_OUT.has(tag.tag)),
      merge: false,
      // The parser compares every key with every other; the reader does it with a map.
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

function templateOf(file: string, root: MapNode, reader: TemplateReader): Template {
  const resources = new Map<string, Resource>();
  const section = root.entries.get("Resources");
  if (section?.value.kind !== "map") {
    reader.refuse(
      "IMPORT_SYNTAX",
      section?.keyPosition ?? { line: 1, column: 1 },
      "the template has no map of Resources",
      "name a CloudFormation template; CDK writes them to cdk.out/*.template.json",
    );
    return { file, root, resources };
  }
  if (section.value.entries.size > TEMPLATE_LIMITS.resources) {
    const message = `has ${section.value.entries.size} resources; CloudFormation takes ${TEMPLATE_LIMITS.resources}`;
    reader.refuse("IMPORT_TOO_LARGE", section.keyPosition, message, "split the template");
    return { file, root, resources };
  }
  for (const [id, { value, keyPosition }] of section.value.entries) {
    // `Fn::ForEach` and `Fn::Transform` stand beside resources; they are reported as macros.
    if (value.kind !== "map" || id.startsWith("Fn::")) continue;
    const type = value.entries.get("Type")?.value;
    const properties = value.entries.get("Properties")?.value;
    const attributes = new Map(value.entries);
    attributes.delete("Type");
    if (properties?.kind === "map") attributes.delete("Properties");
    resources.set(id, {
      id,
      type: type?.kind === "scalar" && typeof type.value === "string" ? type.value : "",
      position: keyPosition,
      properties: properties?.kind === "map" ? properties : EMPTY_MAP,
      attributes,
    });
  }
  return { file, root, resources };
}

class TemplateReader {
  readonly issues: Issue[] = [];
  private nodes = 0;

  constructor(
    private readonly file: string,
    private readonly lines: LineCounter,
  ) {}

  read(documents: readonly Document[]): MapNode | null {
    const [document, second] = documents;
    if (document === undefined) {
      this.refuse(
        "IMPORT_SYNTAX",
        { line: 1, column: 1 },
        "the file is empty",
        "name a CloudFormation template",
      );
      return null;
    }
    let line = 0;
    for (const error of document.errors) {
      const position = this.position(error.pos[0]);
      // One slip makes the parser stumble several times over the same line.
      if (position.line === line) continue;
      ({ line } = position);
      // The parser reports the exhausted stack as a fault of the text.
      const deep = error.code === "RESOURCE_EXHAUSTION" || error.message.startsWith("Maximum call stack");
      const message = (error.message.split("\n")[0] ?? "").replace(/ at line \d+, column \d+:?$/, "");
      if (deep) this.refuse("IMPORT_TOO_LARGE", position, TOO_DEEP, "flatten it");
      else this.refuse("IMPORT_SYNTAX", position, message, "correct the template at this place");
    }
    if (second !== undefined) {
      const message = `the file holds ${documents.length} YAML documents; a template is one`;
      this.refuse("IMPORT_SYNTAX", this.at(second.contents), message, "import them one by one");
    }
    if (this.issues.length > 0) return null;
    const root = this.convert(document.contents, 0);
    if (root.kind === "map") return root;
    this.refuse("IMPORT_SYNTAX", root.position, "is no map of sections", "name a CloudFormation template");
    return null;
  }

  refuse(code: Code, position: Position, message: string, fix: string): void {
    // A template of a thousand faults is one of another format.
    if (this.issues.length < 50) this.issues.push(issueOf(code, this.file, position, "", message, fix));
  }

  private position(offset: number): Position {
    const { line, col } = this.lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }

  private at(node: unknown): Position {
    return this.position((node as { range?: [number, number, number] } | null | undefined)?.range?.[0] ?? 0);
  }

  private convert(node: unknown, depth: number): TemplateNode {
    const position = this.at(node);
    const nothing: ScalarNode = { kind: "scalar", value: null, position };
    this.nodes += 1;
    if (this.nodes > TEMPLATE_LIMITS.nodes) {
      if (this.nodes === TEMPLATE_LIMITS.nodes + 1) {
        const message = `has more than ${TEMPLATE_LIMITS.nodes} values`;
        this.refuse("IMPORT_TOO_LARGE", position, message, "split the template");
      }
      return nothing;
    }
    if (depth > TEMPLATE_LIMITS.depth) {
      this.refuse("IMPORT_TOO_LARGE", position, TOO_DEEP, "flatten it");
      return nothing;
    }
    if (node === null || node === undefined) return nothing;
    if (isAlias(node)) {
      const message = `has the alias *${node.source}, which CloudFormation does not take`;
      this.refuse(
        "IMPORT_SYNTAX",
        position,
        message,
        "write the value out, as `aws cloudformation package` does",
      );
      return nothing;
    }
    const { tag } = node as { tag?: string };
    const name = tag === undefined || tag.startsWith("tag:yaml.org,2002:") ? undefined : longName(tag);
    const plain = this.plain(node, name === undefined ? depth : depth + 1, name !== undefined, position);
    if (name === undefined) return plain;
    const dotted = name === "Fn::GetAtt" && plain.kind === "scalar" && typeof plain.value === "string";
    return { kind: "call", name, argument: dotted ? splitAttribute(plain) : plain, position };
  }

  private plain(node: unknown, depth: number, tagged: boolean, position: Position): TemplateNode {
    if (isMap(node)) return this.convertMap(node.items, depth, tagged, position);
    if (isSeq(node))
      return { kind: "list", items: node.items.map((item) => this.convert(item, depth + 1)), position };
    if (isScalar(node)) return scalar(node, position);
    return { kind: "scalar", value: null, problem: "is no value that a template can hold", position };
  }

  private convertMap(
    items: readonly Pair[],
    depth: number,
    tagged: boolean,
    position: Position,
  ): TemplateNode {
    const entries = new Map<string, Property>();
    for (const { key, value } of items) {
      const keyPosition = this.at(key);
      const name = keyName(key);
      if (name === undefined) {
        this.refuse("IMPORT_SYNTAX", keyPosition, "has a key that is no text", "use plain text as key");
        continue;
      }
      if (name === "<<" && isScalar(key) && key.type === "PLAIN") {
        const message = "has a merge key (<<), which CloudFormation does not take";
        this.refuse("IMPORT_SYNTAX", keyPosition, message, "write the values out");
        continue;
      }
      const problem = keyProblem(name);
      if (problem !== undefined) {
        this.refuse("IMPORT_SYNTAX", keyPosition, problem.message, problem.fix);
        continue;
      }
      if (entries.has(name)) {
        const message = `has the key ${show(name)} twice in one map`;
        this.refuse("IMPORT_SYNTAX", keyPosition, message, "keep one of the two");
        continue;
      }
      entries.set(name, { keyPosition, value: this.convert(value, depth + 1) });
    }
    const [first] = entries;
    if (!tagged && first !== undefined && entries.size === 1) {
      const [name, { value, keyPosition }] = first;
      if (name === "Ref" || name.startsWith("Fn::")) {
        const dotted = name === "Fn::GetAtt" && value.kind === "scalar" && typeof value.value === "string";
        return {
          kind: "call",
          name,
          argument: dotted ? splitAttribute(value) : value,
          position: keyPosition,
        };
      }
    }
    return { kind: "map", entries, position };
  }
}

/** `!Sub` is `Fn::Sub`; `!Ref` and `!Condition` have no prefix. */
function longName(tag: string): string {
  const name = tag.replace(/^!/, "");
  return name === "Ref" || name === "Condition" ? name : `Fn::${name}`;
}

/** `Resource.Attribute` as the list that it is in JSON; an attribute may have dots of its own. */
function splitAttribute(node: ScalarNode): ListNode {
  const [id = "", ...attribute] = String(node.value).split(".");
  const part = (value: string): ScalarNode => ({ kind: "scalar", value, position: node.position });
  return { kind: "list", items: [part(id), part(attribute.join("."))], position: node.position };
}

function keyName(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined;
  const { value, source } = key;
  if (typeof value === "string") return value;
  // YAML 1.1 reads `on` and `8080` as values; as keys they are their text.
  return typeof value === "number" || typeof value === "boolean" ? (source ?? String(value)) : undefined;
}

function scalar(node: { readonly value: unknown; readonly source?: string }, position: Position): ScalarNode {
  const { value, source } = node;
  if (value === null || value === undefined) return { kind: "scalar", value: null, position };
  if (typeof value === "string") {
    const problem = stringProblem(value);
    return {
      kind: "scalar",
      value,
      position,
      ...(problem === undefined ? {} : { problem: problem.message }),
    };
  }
  if (typeof value === "number" || typeof value === "boolean") {
    const problem = typeof value === "number" ? numberProblem(value) : undefined;
    return {
      kind: "scalar",
      value,
      position,
      ...(source === undefined || source === String(value) ? {} : { spelling: source }),
      ...(problem === undefined ? {} : { problem: problem.message }),
    };
  }
  return { kind: "scalar", value: null, problem: "is no value that a template can hold", position };
}
