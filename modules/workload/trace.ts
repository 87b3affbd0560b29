import { closeSync, openSync, readSync, statSync } from "node:fs";
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
/** Rows that are closer together each are a request, however regular they look. */
const SHORTEST_ROW = 0.1;
/** Requests per second, as many as a manifest may name. */
const MOST_RATE = 10_000_000;
const MOST_ISSUES = 20;
/** A longer row is none of these columns. */
const LONGEST_ROW = 64 * 1024;

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
  /** The row with the most requests. */
  busiest: { readonly line: number; readonly requests: number };
  /** How often each distance between neighbours comes; null once there are too many different ones. */
  distances: Map<number, number> | null;
  cutAt: number | null;
  /** Whether times are seconds, not dates. */
  numeric: boolean;
}

type Row = (line: number, time: number, requests: number) => boolean;

/**
 * Reads a CSV file with the columns `timestamp` (ISO 8601, UTC where it names no zone, or seconds since 1970 or since the
 * beginning) and `requests`; others are ignored. A row counts the requests from its time to that of the next one; where
 * the times are irregular, at its time. Rows that are missing among regular ones had no requests. Rows may stand in any order, those of the same time add up, and time without rows
 * has no requests. It is read twice in pieces, so that memory does not grow with it.
 * @param file where it lies.
 * @param shown its name in messages.
 * @param most rows that are read; a trace with more is cut short, which a note says.
 * @throws {ManifestError} with codes of `TRACE_CODES`, each with its line; at most 20 of them.
 */
export function readTrace(file: string, shown: string, most: number = MOST_ROWS): Trace {
  const survey: Survey = {
    rows: 0,
    first: Infinity,
    last: -Infinity,
    previous: NaN,
    unsorted: 0,
    repeated: 0,
    total: 0,
    busiest: { line: 0, requests: 0 },
    distances: new Map(),
    cutAt: null,
    numeric: false,
  };
  survey.numeric = eachRow(file, shown, (line, time, requests) => {
    if (survey.rows >= most) {
      survey.cutAt = line;
      return false;
    }
    look(survey, time, requests);
    if (requests > survey.busiest.requests) survey.busiest = { line, requests };
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
  let rows = 0;
  eachRow(file, shown, (_line, time, requests) => {
    rows += 1;
    spread((time - survey.first) / step, (lasting ?? 0) / step, requests, sums);
    return rows < survey.rows;
  });
  // The last step may reach beyond the last row: the load starts over after it all the same.
  const rates = Array.from(sums, (sum) => sum / step);
  const peak = Math.max(...rates);
  if (peak > MOST_RATE) {
    const much = `brings the load to ${Math.round(peak)} requests per second, which is more than ${MOST_RATE}`;
    throw new ManifestError([issue(shown, survey.busiest.line, "TRACE_ROW", much)]);
  }
  const relative = survey.numeric && survey.first < 1e8;
  return {
    arrivals: {
      origin: "trace",
      rates,
      stepSeconds: step,
      // Small numbers count from the beginning, not from 1970.
      start: Math.round(survey.first * 1000) + (relative ? REFERENCE_MONDAY : 0),
      average: survey.total / (count * step),
      peak,
      assumption:
        `the trace of ${describe(span)} starts over at its end; each step of ${describe(step)} is as busy all through` +
        (lasting === null
          ? "; its rows come irregularly, and each counts the requests of its moment"
          : `, and a row counts the requests of ${describe(lasting)}`),
    },
    notes: notesOf(shown, survey, lasting, span, most),
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

/**
 * Seconds from one row to the next, where most are that far apart, or all a multiple of it, as where a metric has no rows
 * for minutes without requests; else null.
 */
function regularDistance({ distances }: Survey): number | null {
  if (distances === null) return null;
  let [common, times, all] = [0, 0, 0];
  for (const [distance, count] of distances) {
    all += count;
    if (count > times || (count === times && distance < common)) [common, times] = [distance, count];
  }
  if (times * 2 >= all) return common >= SHORTEST_ROW ? common : null;
  const least = Math.min(...distances.keys());
  const multiples = [...distances.keys()].every(
    (distance) => Math.abs(distance / least - Math.round(distance / least)) < 1e-6,
  );
  // Whole seconds are multiples of one, whatever they are times of.
  return multiples && least >= IRREGULAR_STEP ? least : null;
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

function notesOf(
  shown: string,
  survey: Survey,
  lasting: number | null,
  span: number,
  most: number,
): readonly string[] {
  const { rows, unsorted, repeated, cutAt } = survey;
  const notes: string[] = [];
  if (cutAt !== null) notes.push(`${shown} is cut short at line ${cutAt}: ${most} rows are read`);
  // Newest first is how CloudWatch answers.
  const backwards = unsorted > 0 && unsorted === rows - repeated - 1;
  if (unsorted > 0 && !backwards)
    notes.push(
      `${shown} is not in the order of time: ${unsorted} ${unsorted === 1 ? "row is" : "rows are"} earlier than the one before`,
    );
  if (lasting === null) return notes;
  if (repeated > 0)
    notes.push(
      `${shown} has ${repeated} ${repeated === 1 ? "row" : "rows"} of the same time as the one before: they add up`,
    );
  const missing = Math.round(span / lasting) - (rows - repeated);
  // Otherwise rows of the same time need not stand beside each other, so that nobody has counted them.
  if (missing > 0 && (unsorted === 0 || backwards)) {
    notes.push(
      `${shown} has gaps of together ${describe(missing * lasting)}, which count as without requests`,
    );
  }
  return notes;
}

/**
 * Calls `row` with each row until it returns false.
 * @returns whether times are seconds, not dates.
 */
function eachRow(file: string, shown: string, row: Row): boolean {
  const issues: Issue[] = [];
  const seen: { columns: Columns | null; numeric: boolean | null } = { columns: null, numeric: null };
  eachChunk(file, shown, (text, firstLine) => {
    if (seen.columns === null && /^\s*[[{]/.test(text)) {
      throw new ManifestError([issue(shown, firstLine, "TRACE_HEADER", "is JSON, not CSV", HEADER)]);
    }
    const separator = seen.columns?.separator ?? separatorOf(text);
    // Without quotes a line is a row, which is several times as fast to read; most traces have none.
    const rows = text.includes('"')
      ? parse(text, separator, firstLine, shown)
      : split(text, separator, firstLine);
    for (const { record, line } of rows) {
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
  return seen.numeric ?? false;
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
  const line = /\S.*/.exec(text)?.[0] ?? "";
  return line.includes(",") ? "," : line.includes(";") ? ";" : line.includes("\t") ? "\t" : ",";
}

interface Parsed {
  readonly record: readonly string[];
  readonly line: number;
}

function* split(text: string, separator: string, firstLine: number): Iterable<Parsed> {
  let line = firstLine;
  for (let from = 0; from < text.length; line += 1) {
    const newline = text.indexOf("\n", from);
    const end = newline < 0 ? text.length : newline;
    const record = text
      .slice(from, end)
      .split(separator)
      .map((value) => value.trim());
    if (record.some((value) => value !== "")) yield { record, line };
    from = end + 1;
  }
}

function* parse(text: string, delimiter: string, firstLine: number, shown: string): Iterable<Parsed> {
  // Loaded only here: most manifests have no trace.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const csv = require("csv-parse/sync") as typeof import("csv-parse/sync");
  let records: readonly { readonly record: readonly string[]; readonly info: { readonly lines: number } }[];
  try {
    // The library counts a return inside of quotes as a line of its own.
    const parsed: unknown = csv.parse(text.replaceAll("\r\n", "\n").replaceAll("\r", " "), {
      delimiter,
      info: true,
      record_delimiter: "\n",
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      trim: true,
    });
    // The library's types leave out what `info` adds.
    records = parsed as typeof records;
  } catch (problem) {
    const unclosed = codeOf(problem) === "CSV_QUOTE_NOT_CLOSED";
    const line = firstLine - 1 + (unclosed ? linesUntil(text, text.lastIndexOf('"')) : linesOf(problem));
    const message = MALFORMED.get(codeOf(problem)) ?? `is no well-formed CSV (${codeOf(problem)})`;
    throw new ManifestError([issue(shown, line, "TRACE_ROW", message)]);
  }
  for (const { record, info } of records) yield { record, line: firstLine - 1 + info.lines };
}

const STRAY_QUOTE =
  "has a quote inside a field: put the whole field in quotes, and write each quote in it twice";

const MALFORMED: ReadonlyMap<string, string> = new Map([
  ["INVALID_OPENING_QUOTE", STRAY_QUOTE],
  ["CSV_INVALID_CLOSING_QUOTE", STRAY_QUOTE],
  ["CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE", STRAY_QUOTE],
  ["CSV_QUOTE_NOT_CLOSED", "opens a quote that nothing closes"],
]);

/** Number of the line, from 1, in which a place of a text is. */
function linesUntil(text: string, place: number): number {
  let lines = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < place; at = text.indexOf("\n", at + 1)) lines += 1;
  return lines;
}

function linesOf(problem: unknown): number {
  const lines =
    typeof problem === "object" && problem !== null && "lines" in problem ? problem.lines : undefined;
  return typeof lines === "number" ? lines : 1;
}

/** Calls `use` with pieces of the file that end with a row, until it returns false. */
function eachChunk(file: string, shown: string, use: (text: string, firstLine: number) => boolean): void {
  const unreadable = (message: string, line = 0) =>
    new ManifestError([issue(shown, line, "TRACE_UNREADABLE", message)]);
  let descriptor: number;
  try {
    const stats = statSync(file);
    if (stats.isDirectory()) throw unreadable("is a folder");
    if (!stats.isFile()) throw unreadable("is no file that can be read twice: write it to one first");
    descriptor = openSync(file, "r");
  } catch (problem) {
    if (problem instanceof ManifestError) throw problem;
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
        throw unreadable(`cannot be read (${codeOf(problem)})`);
      }
      const read = buffer.subarray(0, size);
      let text: string;
      try {
        text = rest + decoder.decode(read, { stream: size > 0 });
      } catch {
        const { kind, valid } = undecodable(read);
        throw unreadable(kind, line - 1 + linesUntil(rest + valid, Infinity));
      }
      const end = size === 0 ? text.length : endOfRows(text);
      rest = text.slice(end);
      if (rest.length > LONGEST_ROW) {
        throw unreadable(
          rest.includes('"') ? "opens a quote that nothing closes" : "has no end of line",
          line - 1 + linesUntil(text, end),
        );
      }
      const whole = text.slice(0, end);
      if (whole !== "" && !use(whole, line)) return;
      line += linesUntil(whole, Infinity) - 1;
      if (size === 0) return;
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Where the last row of a text ends, that is after a line's end outside of quotes; 0 where none does. */
function endOfRows(text: string): number {
  let [end, from, quoted] = [0, 0, false];
  for (;;) {
    const quote = text.indexOf('"', from);
    const until = quote < 0 ? text.length : quote;
    const newline = quoted ? -1 : text.lastIndexOf("\n", until);
    if (newline >= from) end = newline + 1;
    if (quote < 0) return end;
    [from, quoted] = [quote + 1, !quoted];
  }
}

/** What bytes are that are not UTF-8, and as much of them as is. */
function undecodable(bytes: Uint8Array): { readonly kind: string; readonly valid: string } {
  const [first, second] = bytes;
  // The piece before may have ended within a character.
  const start = bytes.findIndex((byte) => (byte & 0xc0) !== 0x80);
  const text = new TextDecoder("utf-8").decode(bytes.subarray(Math.max(0, start)));
  const valid = text.slice(0, Math.max(0, text.indexOf("\ufffd")));
  if (first === 0x1f && second === 0x8b) return { kind: "is compressed with gzip: unpack it first", valid };
  const utf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  return { kind: utf16 ? "is UTF-16 text: save it as UTF-8" : "is no UTF-8 text", valid };
}

const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,2})?$/;
const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(\.\d{1,9})?)?(Z| UTC|[+-]\d{2}(?::?\d{2})?)?)?$/i;

/** Seconds since 1970 (or as the file counts), or what is wrong. Athena and Trino write UTC behind a time with a zone. */
function timeOf(text: string): number | string {
  if (NUMBER.test(text)) {
    const seconds = Number(text);
    if (seconds > 1e11)
      return `has ${show(text)} as timestamp, which looks like milliseconds: divide by 1000`;
    return seconds < 0 ? `has ${show(text)} as timestamp, which is before 1970` : seconds;
  }
  const match = ISO.exec(text);
  const neither = `has ${show(text)} as timestamp, which is neither ISO 8601 (2026-01-05T08:00:00Z) nor seconds`;
  if (match === null) return neither;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part: string | undefined) => Number(part ?? 0));
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, Math.min(second, 59)));
  const zone = /^([+-])(\d{2}):?(\d{2})?$/.exec(match[8] ?? "");
  const [zoneHours, zoneMinutes] = [Number(zone?.[2] ?? 0), Number(zone?.[3] ?? 0)];
  const real =
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    hour < 24 &&
    minute < 60 &&
    second <= 60 &&
    zoneHours < 24 &&
    zoneMinutes < 60;
  if (!real) return neither;
  if (year < 1970) return `has ${show(text)} as timestamp, which is before 1970`;
  const offset = (zone?.[1] === "-" ? -1 : 1) * (zoneHours * 3600 + zoneMinutes * 60);
  return date.getTime() / 1000 + Number(match[7] ?? 0) - offset;
}

/** Requests of a row, or what is wrong. */
function numberOf(text: string): number | string {
  if (!NUMBER.test(text)) return `has ${show(text)} as requests, which is no number`;
  const requests = Number(text);
  if (!Number.isFinite(requests)) return `has ${show(text)} as requests, which is too large`;
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
