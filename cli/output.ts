import pc from "picocolors";
import { formatIssue, type Issue } from "../modules/issues/issue";

/** Exit codes of every command; public. */
export const EXIT = {
  /** Done. */
  ok: 0,
  /** The user's input, or what was asked, is at fault. */
  input: 1,
  /** Wrong usage of the command line. */
  usage: 2,
  /** Terraform, Docker or AWS failed. */
  external: 3,
  /** A bug of modelport. */
  bug: 70,
} as const;

/** Options that every command has. */
export interface CommonOptions {
  readonly quiet?: boolean;
  /** False with `--no-color`. */
  readonly color?: boolean;
}

/** Option of every command that reads manifests or targets. */
export interface PluginOptions {
  /** Packages and files with further targets. */
  readonly plugin?: readonly string[];
}

/** Option of every command that holds stacks to policies. */
export interface PolicyOptions {
  /** Packages and files with further policies. */
  readonly policy?: readonly string[];
}

/** Where a command writes: its result to stdout, everything else to stderr, each coloured only on its own terminal. */
export class Output {
  private readonly quiet: boolean;
  private readonly errorColors: ReturnType<typeof pc.createColors>;
  readonly colors: ReturnType<typeof pc.createColors>;

  constructor(
    { quiet = false, color = true }: CommonOptions,
    private readonly stdout: NodeJS.WriteStream = process.stdout,
    private readonly stderr: NodeJS.WriteStream = process.stderr,
  ) {
    const allowed = color && (process.env.NO_COLOR ?? "") === "";
    this.quiet = quiet;
    this.colors = pc.createColors(allowed && isTerminal(stdout));
    this.errorColors = pc.createColors(allowed && isTerminal(stderr));
  }

  /** Columns of the terminal; 80 where there is none. */
  get width(): number {
    return this.stdout.isTTY ? this.stdout.columns : 80;
  }

  /** The command's result. */
  result(text: string): void {
    this.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
  }

  /** The command's result as a JSON document, and nothing beside it. */
  json(document: Readonly<Record<string, unknown>>): void {
    this.result(JSON.stringify({ schemaVersion: 1, ...document }, null, 2));
  }

  /** Something to know beside the result; silent with `--quiet`. */
  note(text: string): void {
    if (!this.quiet) this.stderr.write(`${text}\n`);
  }

  /** How far a command is, on the terminal's last line; nothing where there is no terminal. An empty text clears it. */
  progress(text: string): void {
    if (!this.quiet && isTerminal(this.stderr)) this.stderr.write(`\r\u001b[K${text}`);
  }

  /** A failure; shown even with `--quiet`. */
  error(text: string): void {
    this.stderr.write(`${this.errorColors.red("error:")} ${text}\n`);
  }

  /** Issues as diagnostics, beside a command's result. With `--quiet` only the errors. */
  diagnose(issues: readonly Issue[]): void {
    for (const issue of issues) {
      if (issue.severity === "error") this.error(formatIssue(issue));
      else if (!this.quiet)
        this.stderr.write(`${this.errorColors.yellow("warning:")} ${formatIssue(issue)}\n`);
    }
  }

  /** One issue as part of a result. */
  issue(issue: Issue): string {
    const label = issue.severity === "error" ? this.colors.red("error:") : this.colors.yellow("warning:");
    return `${label} ${formatIssue(issue)}`;
  }
}

/**
 * Whether a stream is a terminal. Node leaves `isTTY` undefined on a pipe, whatever its types say, and picocolors takes
 * undefined for leave to decide by itself: it colours pipes where `CI` is set.
 */
function isTerminal(stream: { readonly isTTY?: boolean }): boolean {
  return stream.isTTY ?? false;
}

/** `1 manifest`, `2 manifests`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
