import { closeSync, openSync, readSync } from "node:fs";
import { type Issue, ManifestError, show } from "../issues/issue";
import { REFERENCE_MONDAY } from "./arrivals";
import type { TraceCode } from "./codes";
import type { Arrivals } from "./workload";

const CHUNK_BYTES = 1 << 20;
/** Rows that are read; a trace with more is cut short, and that is said. */
export const MOST_ROWS = 20_000_000;
/** Steps that a trace is summed up in: a week of minutes, a month of five. */
export const MOST_STEPS = 10_080;
/** Steps that a reader knows, in seconds. */
const STEPS = [1, 5, 10, 30, 60, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400];
/** Where rows stand at irregular times, each is a request or a few, and this is the finest step that means something. */
const IRREGULAR_STEP = 60;
const MOST_ISSUES = 20;
/** A longer line is no row of two columns. */
const LONGEST_LINE = 64 * 1024;

/** Requests over time, and what a reader of the result should know of how they were read. */
export interface Trace {
  readonly arrivals: Arrivals;
  readonly notes: readonly string[];
}

/** Times of a trace, as the first reading finds them. */
interface Survey {
  rows: number;
  first: number;
  last: number;
  previous: number;
  unsorted: number;
  repeated: number;
  total: number;
  /** How often each distance between neighbours comes; null once there are too many different ones. */
  distances: Map<number, number> | null;
  cutAt: number | null;
}

type Row = (line: number, time: number, requests: number) => boolean;

/**
 * Reads a CSV file with the columns `timestamp` (ISO 8601, UTC where it names no zone, or seconds since 1970 or since the
 * beginning) and `requests`; others are ignored. A row counts the requests from its time to that of the next one; where
 * the times are irregular, at its time. Rows may stand in any order, those of the same time add up, and time without rows
 * has no requests. It is read twice in pieces, so that memory does not grow with it.
 * @param file where it lies.
 * @param shown its name in messages.
 * @throws {ManifestError} with codes of `TRACE_CODES`, each with its line; at most 20 of them.
 */
export function readTrace(file: string, shown: string): Trace {
  const survey: Survey = {
    rows: 0,
    first: Infinity,
    last: -Infinity,
    previous: NaN,
    unsorted: 0,
    repeated: 0,
    total: 0,
    distances: new Map(),
    cutAt: null,
  };
  eachRow(file, shown, (line, time, requests) => {
    if (survey.rows >= MOST_ROWS) {
      survey.cutAt = line;
      return false;
    }
    look(survey, time, requests);
    return true;
  });
  if (!(survey.last > survey.first)) {
    throw new ManifestError([
      issue(shown, 0, "TRACE_TOO_SHORT", `has ${survey.rows === 0 ? "no rows" : "rows of one time only"}`),
    ]);
  }
  const lasting = regularDistance(survey);
  const span = survey.last - survey.first + (lasting ?? 0);
  const step = stepOf(span, lasting);
  const count = Math.max(1, Math.ceil(span / step - 1e-9));
  const sums = new Float64Array(count);
  const coverage = new Float64Array(count);
  let rows = 0;
  eachRow(file, shown, (_line, time, requests) => {
    rows += 1;
    spread((time - survey.first) / step, (lasting ?? 0) / step, requests, sums);
    if (lasting !== null) spread((time - survey.first) / step, lasting / step, 1, coverage);
    return rows < survey.rows;
  });
  // The last step may reach beyond the last row: the load starts over after it all the same.
  const rates = Array.from(sums, (sum) => sum / step);
  return {
    arrivals: {
      origin: "trace",
      rates,
      stepSeconds: step,
      // Small numbers count from the beginning, not from 1970.
      start: Math.round((survey.first < 1e8 ? REFERENCE_MONDAY / 1000 + survey.first : survey.first) * 1000),
      average: survey.total / (count * step),
      peak: Math.max(...rates),
      assumption:
        `the trace of ${describe(span)} starts over at its end; each step of ${describe(step)} is as busy all through` +
        (lasting === null ? "" : `, and a row counts the requests of ${describe(lasting)}`),
    },
    notes: notesOf(shown, survey, lasting, span),
  };
}

function look(survey: Survey, time: number, requests: number): void {
  const distance = Math.abs(time - survey.previous);
  if (time < survey.previous) survey.unsorted += 1;
  if (distance === 0) survey.repeated += 1;
  else if (distance > 0 && survey.distances !== null) {
    const rounded = Math.round(distance * 1000) / 1000;
    survey.distances.set(rounded, (survey.distances.get(rounded) ?? 0) + 1);
    if (survey.distances.size > 4096) survey.distances = null;
  }
  survey.rows += 1;
  survey.first = Math.min(survey.first, time);
  survey.last = Math.max(survey.last, time);
  survey.previous = time;
  survey.total += requests;
}

/** Seconds from one row to the next, where most are that far apart; else null. */
function regularDistance({ distances }: Survey): number | null {
  if (distances === null) return null;
  let [common, times, all] = [0, 0, 0];
  for (const [distance, count] of distances) {
    all += count;
    if (count > times || (count === times && distance < common)) [common, times] = [distance, count];
  }
  return times * 2 >= all ? common : null;
}

function stepOf(span: number, lasting: number | null): number {
  const least = Math.max(span / MOST_STEPS, lasting ?? Math.min(IRREGULAR_STEP, span));
  if (lasting !== null && lasting >= span / MOST_STEPS) return lasting;
  const nice = STEPS.find((step) => step >= least);
  if (nice === undefined) return Math.ceil(least / 86_400) * 86_400;
  return nice <= span ? nice : least;
}

/** Adds an amount evenly to the steps between a place and so much later. */
function spread(from: number, length: number, amount: number, sums: Float64Array): void {
  const last = sums.length - 1;
  if (length <= 0) {
    const at = Math.min(last, Math.floor(from));
    sums[at] = (sums[at] ?? 0) + amount;
    return;
  }
  const to = from + length;
  for (let at = Math.floor(from + 1e-9); at < to - 1e-9; at += 1) {
    const part = (Math.min(at + 1, to) - Math.max(at, from)) / length;
    const step = Math.min(last, at);
    sums[step] = (sums[step] ?? 0) + amount * part;
  }
}

function notesOf(shown: string, survey: Survey, lasting: number | null, span: number): readonly string[] {
  const { rows, unsorted, repeated, cutAt } = survey;
  const notes: string[] = [];
  if (cutAt !== null) notes.push(`${shown} is cut short at line ${cutAt}: ${MOST_ROWS} rows are read`);
  if (unsorted > 0)
    notes.push(`${shown} is not in the order of time: ${unsorted} rows are earlier than the one before`);
  if (lasting === null) return notes;
  if (repeated > 0)
    notes.push(`${shown} has ${repeated} rows of the same time as the one before: they add up`);
  const missing = Math.round(span / lasting) - (rows - repeated);
  if (missing > 0 && unsorted === 0) {
    notes.push(
      `${shown} has gaps of together ${describe(missing * lasting)}, which count as without requests`,
    );
  }
  return notes;
}

/** Calls `row` with each row until it returns false. */
function eachRow(file: string, shown: string, row: Row): void {
  const issues: Issue[] = [];
  const seen: { columns: Columns | null; numeric: boolean | null } = { columns: null, numeric: null };
  eachChunk(file, shown, (text, firstLine) => {
    const separator = seen.columns?.separator ?? separatorOf(text);
    for (const { record, line } of parse(text, separator, firstLine, shown)) {
      const { columns, numeric } = seen;
      if (columns === null) {
        seen.columns = columnsOf(record, separator, line, shown);
        continue;
      }
      const time = timeOf(record[columns.timestamp] ?? "");
      const requests = numberOf(record[columns.requests] ?? "");
      const isNumeric = NUMBER.test(record[columns.timestamp] ?? "");
      const problem =
        typeof time === "string"
          ? time
          : numeric !== null && numeric !== isNumeric
            ? "mixes seconds and dates: take the same in all rows"
            : requests;
      if (typeof problem === "string" || typeof time === "string") {
        issues.push(issue(shown, line, "TRACE_ROW", String(problem)));
        if (issues.length >= MOST_ISSUES) return false;
        continue;
      }
      seen.numeric = isNumeric;
      if (issues.length === 0 && !row(line, time, problem)) return false;
    }
    return true;
  });
  if (issues.length > 0) throw new ManifestError(issues);
  if (seen.columns === null) {
    throw new ManifestError([issue(shown, 1, "TRACE_HEADER", "is empty", HEADER)]);
  }
}

interface Columns {
  readonly timestamp: number;
  readonly requests: number;
  readonly separator: string;
}

const HEADER = "a first line `timestamp,requests`";

function columnsOf(record: readonly string[], separator: string, line: number, shown: string): Columns {
  const names = record.map((name) => name.trim().toLowerCase());
  const at = (name: string): number => {
    const index = names.indexOf(name);
    if (index >= 0 && names.lastIndexOf(name) === index) return index;
    const problem =
      index < 0 ? `has no column "${name}" in its first line` : `has the column "${name}" twice`;
    throw new ManifestError([
      issue(shown, line, "TRACE_HEADER", `${problem}: ${show(record.join(separator))}`, HEADER),
    ]);
  };
  return { timestamp: at("timestamp"), requests: at("requests"), separator };
}

/** What the first line separates its columns by: a comma, or what spreadsheets of other countries write. */
function separatorOf(text: string): string {
  const end = text.indexOf("\n");
  const line = end < 0 ? text : text.slice(0, end);
  return line.includes(",") ? "," : line.includes(";") ? ";" : line.includes("\t") ? "\t" : ",";
}

interface Parsed {
  readonly record: readonly string[];
  readonly line: number;
}

function* parse(text: string, delimiter: string, firstLine: number, shown: string): Iterable<Parsed> {
  // Loaded only here: most manifests have no trace.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const csv = require("csv-parse/sync") as typeof import("csv-parse/sync");
  let records: readonly { readonly record: readonly string[]; readonly info: { readonly lines: number } }[];
  try {
    const parsed: unknown = csv.parse(text, {
      delimiter,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      trim: true,
    });
    // The library's types leave out what \`info\` adds.
    records = parsed as typeof records;
  } catch (problem) {
    const line = firstLine - 1 + linesOf(problem);
    const message = problem instanceof Error ? problem.message : String(problem);
    throw new ManifestError([issue(shown, line, "TRACE_ROW", `is no well-formed CSV: ${message}`)]);
  }
  for (const { record, info } of records) yield { record, line: firstLine - 1 + info.lines };
}

function linesOf(problem: unknown): number {
  const lines =
    typeof problem === "object" && problem !== null && "lines" in problem ? problem.lines : undefined;
  return typeof lines === "number" ? lines : 1;
}

/** Calls `use` with pieces of the file that end with a line, until it returns false. */
function eachChunk(file: string, shown: string, use: (text: string, firstLine: number) => boolean): void {
  const unreadable = (message: string) => new ManifestError([issue(shown, 0, "TRACE_UNREADABLE", message)]);
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch (problem) {
    throw unreadable(codeOf(problem) === "ENOENT" ? "does not exist" : `cannot be read (${codeOf(problem)})`);
  }
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true });
    const buffer = Buffer.alloc(CHUNK_BYTES);
    let [rest, line] = ["", 1];
    for (;;) {
      let size: number;
      try {
        size = readSync(descriptor, buffer, 0, CHUNK_BYTES, null);
      } catch (problem) {
        throw unreadable(
          codeOf(problem) === "EISDIR" ? "is a folder" : `cannot be read (${codeOf(problem)})`,
        );
      }
      let text: string;
      try {
        text = rest + decoder.decode(buffer.subarray(0, size), { stream: size > 0 });
      } catch {
        throw unreadable(`is no UTF-8 text near line ${line}`);
      }
      const end = size === 0 ? text.length : text.lastIndexOf("\n") + 1;
      rest = text.slice(end);
      if (rest.length > LONGEST_LINE) throw unreadable(`has no end of line near line ${line}`);
      const whole = text.slice(0, end);
      if (whole !== "" && !use(whole, line)) return;
      for (let at = whole.indexOf("\n"); at >= 0; at = whole.indexOf("\n", at + 1)) line += 1;
      if (size === 0) return;
    }
  } finally {
    closeSync(descriptor);
  }
}

const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,2})?$/;
const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/i;

/** Seconds since 1970 (or as the file counts), or what is wrong. */
function timeOf(text: string): number | string {
  if (NUMBER.test(text)) {
    const seconds = Number(text);
    if (seconds > 1e11)
      return `has ${show(text)} as timestamp, which looks like milliseconds: divide by 1000`;
    return seconds < 0 ? `has ${show(text)} as timestamp, which is before 1970` : seconds;
  }
  const match = ISO.exec(text);
  const problem = `has ${show(text)} as timestamp, which is neither ISO 8601 (2026-01-05T08:00:00Z) nor seconds`;
  if (match === null) return problem;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part: string | undefined) => Number(part ?? 0));
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, Math.min(second, 59)));
  const real =
    date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second <= 60;
  const zone = /^([+-])(\d{2}):?(\d{2})$/.exec(match[8] ?? "");
  const offset =
    zone === null ? 0 : (zone[1] === "-" ? -1 : 1) * (Number(zone[2]) * 3600 + Number(zone[3]) * 60);
  if (!real) return problem;
  return date.getTime() / 1000 + Number(match[7] ?? 0) - offset;
}

/** Requests of a row, or what is wrong. */
function numberOf(text: string): number | string {
  if (!NUMBER.test(text)) return `has ${show(text)} as requests, which is no number`;
  const requests = Number(text);
  return requests < 0 ? `has ${show(text)} as requests, which is less than none` : requests;
}

function codeOf(problem: unknown): string {
  const code =
    typeof problem === "object" && problem !== null && "code" in problem ? problem.code : undefined;
  return typeof code === "string" ? code : "unknown";
}

function issue(file: string, line: number, code: TraceCode, message: string, allowed?: string): Issue {
  return {
    file,
    line,
    column: line > 0 ? 1 : 0,
    path: "",
    code,
    severity: "error",
    message,
    ...(allowed === undefined ? {} : { allowed }),
  };
}

/** A length of time in the largest unit that needs at most one decimal. */
function describe(seconds: number): string {
  const units = [
    [86_400, "day"],
    [3600, "hour"],
    [60, "minute"],
    [1, "second"],
  ] as const;
  const [size, name] =
    units.find(
      ([unit]) =>
        seconds >= unit && Math.abs((seconds / unit) * 10 - Math.round((seconds / unit) * 10)) < 1e-6,
    ) ?? ([1, "second"] as const);
  const count = Number((seconds / size).toFixed(1));
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}
