/** How bad an issue is: an error stops synthesis, a warning does not. */
export type Severity = "error" | "warning";

/** A place in a manifest, as a list of keys and indices from its root: `["scaling", "policies", 0, "metric"]`. */
export type ManifestPath = readonly (string | number)[];

/**
 * One problem of a manifest, as `validate --format json` prints it.
 * The keys are public (see the contract of `validate`).
 */
export interface Issue {
  /** The manifest's path as it was given on the command line. */
  readonly file: string;
  /** 1-based; 0 where the manifest did not come from a text (library use). */
  readonly line: number;
  /** 1-based; 0 where the manifest did not come from a text. */
  readonly column: number;
  /** The field, dotted: `targets.ecs-fargate.memory`, `scaling.policies[0].metric`. Empty for the whole document. */
  readonly path: string;
  /** Stable code, see `docs/reference/errors.md`. */
  readonly code: string;
  readonly severity: Severity;
  /** What is wrong, with the value. */
  readonly message: string;
  /** What would be accepted instead. */
  readonly allowed?: string;
  /** What to do about it. */
  readonly fix?: string;
  /** The target whose rule it is, where the manifest is fine for others. */
  readonly target?: string;
}

/** What a check reports; file, line and column are found from its path. */
export interface Finding {
  readonly path: ManifestPath;
  readonly code: string;
  readonly severity?: Severity;
  readonly message: string;
  readonly allowed?: string;
  readonly fix?: string;
  readonly target?: string;
  /** True where the key itself is at fault (an unknown field), so that the position is the key's, not the value's. */
  readonly atKey?: boolean;
}

/** A documented error code: what it means, for the reference page. */
export interface CodeDescription {
  /** One sentence on what went wrong. */
  readonly summary: string;
  /** Default severity of its findings. */
  readonly severity: Severity;
}

/** Issues without those that say the same again, for instance of another environment. */
export function distinct(issues: readonly Issue[]): readonly Issue[] {
  return [...new Map(issues.map((issue) => [JSON.stringify(issue), issue])).values()];
}

/** Writes a path the way a message shows it: dots between keys, brackets around indices, an empty key quoted. */
export function formatPath(path: ManifestPath): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else text += `${text === "" ? "" : "."}${step === "" ? '""' : step}`;
  }
  return text;
}

/** A user's mistake in a library call or a command, with every issue at once. Never shown with a stack trace. */
export class ManifestError extends Error {
  constructor(readonly issues: readonly Issue[]) {
    super(issues.map(formatIssue).join("\n"));
    this.name = "ManifestError";
  }
}

/** Characters that move a terminal's cursor, colour it, or turn the reading direction. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Text of someone's file on a terminal: on one line, without control over it, cut where it goes on and on. */
function printable(text: string, most: number): string {
  return cut(text, most).replace(
    UNPRINTABLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** One issue as text: `file:line:column path: message [CODE]`, then what is allowed and the fix, indented. */
export function formatIssue(issue: Issue): string {
  const position = issue.line > 0 ? `:${issue.line}:${issue.column}` : "";
  const path = issue.path === "" ? "" : ` ${printable(issue.path, 200)}:`;
  const target = issue.target === undefined ? "" : ` (${issue.target})`;
  const message = printable(issue.message, 1000);
  const lines = [`${printable(issue.file, 1000)}${position}${path} ${message} [${issue.code}]${target}`];
  if (issue.allowed !== undefined) lines.push(`  allowed: ${printable(issue.allowed, 2000)}`);
  if (issue.fix !== undefined) lines.push(`  fix: ${printable(issue.fix, 1000)}`);
  return lines.join("\n");
}

/** Shows a value inside a message: strings quoted, long ones cut, control characters escaped. */
export function show(value: unknown): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 80 ? cut(text, 77) : text;
}

/** The start of a long text, never ending in half of a character. */
function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most).replace(/[\ud800-\udbff]$/, "")}...` : text;
}
