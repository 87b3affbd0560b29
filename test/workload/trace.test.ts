import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { ManifestError } from "../../modules/issues/issue";
import { REFERENCE_MONDAY } from "../../modules/workload/arrivals";
import { MOST_STEPS, readTrace, type Trace } from "../../modules/workload/trace";

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "trace-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const path = () => join(folder, "t.csv");

function read(content: string | Uint8Array | readonly string[], most?: number): Trace {
  const text = typeof content === "string" || content instanceof Uint8Array ? content : content.join("\n");
  writeFileSync(path(), text);
  return readTrace(path(), "t.csv", most);
}

/** `line code: message` of each issue. */
function issuesOf(content: Parameters<typeof read>[0]): readonly string[] {
  return refusal(() => read(content));
}

function refusal(use: () => unknown): readonly string[] {
  try {
    use();
  } catch (problem) {
    if (!(problem instanceof ManifestError)) throw problem;
    expect(problem.issues.every(({ file, severity }) => file === "t.csv" && severity === "error")).toBe(true);
    expect(problem.issues.every(({ line, column }) => column === (line > 0 ? 1 : 0))).toBe(true);
    return problem.issues.map(({ line, code, message }) => `${line} ${code}: ${message}`);
  }
  throw new Error("it was read");
}

/** Requests of all steps together. */
function total({ arrivals: { rates, stepSeconds } }: Trace): number {
  return rates.reduce((sum, rate) => sum + rate, 0) * stepSeconds;
}

const HEADER = "timestamp,requests";
const AT = (minute: number) => new Date(Date.UTC(2026, 0, 5, 8, minute)).toISOString();

describe("a regular trace", () => {
  test("has a step for each row, in requests per second", () => {
    const { arrivals, notes } = read([
      HEADER,
      `${AT(0)},60`,
      `${AT(1)},120`,
      `${AT(2)},0`,
      `${AT(3)},30`,
      "",
    ]);
    expect(arrivals).toEqual({
      origin: "trace",
      rates: [1, 2, 0, 0.5],
      stepSeconds: 60,
      start: Date.UTC(2026, 0, 5, 8),
      average: 0.875,
      peak: 2,
      assumption:
        "the trace of 4 minutes starts over at its end; each step of 1 minute is as busy all through, " +
        "and a row counts the requests of 1 minute",
    });
    expect(notes).toEqual([]);
  });

  const plain = [HEADER, `${AT(0)},6`, `${AT(1)},12`, `${AT(2)},18`];
  const [first = "", second = "", third = ""] = plain.slice(1);
  test.each<readonly [string, string | Uint8Array | readonly string[]]>([
    ["a last line without end", plain.join("\n")],
    ["CRLF", `${plain.join("\r\n")}\r\n`],
    ["both ends of lines", `${HEADER}\r\n${first}\n${second}\r\n${third}\n`],
    ["a byte order mark", `\ufeff${plain.join("\n")}`],
    ["blank lines", ["", "  ", HEADER, "", first, ",", "   ", second, third, "", ""]],
    ["quotes", ['"timestamp","requests"', ...plain.slice(1).map((row) => row.replace(/^(.*),/, '"$1",'))]],
    [
      "capitals and spaces",
      ["  Timestamp , REQUESTS ", ...plain.slice(1).map((row) => row.replace(",", " , "))],
    ],
    ["another order", ["requests,timestamp", `6,${AT(0)}`, `12,${AT(1)}`, `18,${AT(2)}`]],
    [
      "more columns, with a comma, a quote and a line's end in them",
      [
        "host,timestamp,note,requests",
        `a,${AT(0)},"x, ""y""\nz",6`,
        `a,${AT(1)},,12,more`,
        `"",${AT(2)},,18`,
      ],
    ],
    ["semicolons", plain.map((row) => row.replace(",", ";"))],
    ["semicolons behind a blank line", ["", ...plain.map((row) => row.replace(",", ";"))]],
    ["tabs", plain.map((row) => row.replace(",", "\t"))],
    ["decimals and exponents", [HEADER, `${AT(0)},6.0`, `${AT(1)},1.2e1`, `${AT(2)},1800E-2`]],
  ])("is read alike with %s", (_name, content) => {
    expect(read(content)).toEqual(read(plain));
    expect(read(content).arrivals.rates).toEqual([0.1, 0.2, 0.3]);
  });

  test.each([
    ["2026-01-05T08:00:00Z", "2026-01-05T08:05:00Z"],
    ["2026-01-05T08:00Z", "2026-01-05T08:05Z"],
    ["2026-01-05t08:00:00z", "2026-01-05t08:05:00z"],
    ["2026-01-05T08:00:00.000000Z", "2026-01-05T08:05:00.000Z"],
    // Without a zone: UTC.
    ["2026-01-05T08:00:00", "2026-01-05 08:05"],
    ["2026-01-05T09:00:00+01:00", "2026-01-05T13:35:00+05:30"],
    ["2026-01-05T03:00:00-0500", "2026-01-05T00:05:00-0800"],
    // PostgreSQL and Redshift, Athena and Trino, CloudWatch Logs Insights.
    ["2026-01-05 08:00:00+00", "2026-01-05 08:05:00+00"],
    ["2026-01-05 08:00:00.000 UTC", "2026-01-05 08:05:00.000 UTC"],
    ["2026-01-05 08:00:00.000", "2026-01-05 08:05:00.000"],
    ["1767600000", "1767600300"],
    ["1767600000.0", "1.7676003e9"],
  ])("starts at %s", (from, to) => {
    const { arrivals } = read([HEADER, `${from},300`, `${to},600`]);
    expect(arrivals).toMatchObject({ start: Date.UTC(2026, 0, 5, 8), stepSeconds: 300, rates: [1, 2] });
  });

  test("of days has dates alone", () => {
    const { arrivals } = read([HEADER, "2026-01-05,86400", "2026-01-06,172800"]);
    expect(arrivals).toMatchObject({ start: REFERENCE_MONDAY, stepSeconds: 86_400, rates: [1, 2] });
  });

  test("in small numbers counts seconds from a Monday on", () => {
    const { arrivals } = read([HEADER, "0,10", "10,20", "20,30"]);
    expect(arrivals).toMatchObject({ start: REFERENCE_MONDAY, stepSeconds: 10, rates: [1, 2, 3] });
    expect(read([HEADER, "7200,10", "7210,20"]).arrivals.start).toBe(REFERENCE_MONDAY + 7_200_000);
    // Dates are dates, also those of the first years.
    expect(read([HEADER, "1970-01-02,1", "1970-01-03,1"]).arrivals.start).toBe(86_400_000);
  });

  test("of parts of a second is not taken for single requests", () => {
    const { arrivals } = read([HEADER, "0,1", "0.5,2", "1,3", "1.5,4"]);
    expect(arrivals).toMatchObject({ stepSeconds: 0.5, rates: [2, 4, 6, 8] });
  });

  test("without any request is a load of nothing", () => {
    expect(read([HEADER, "0,0", "60,0"]).arrivals).toMatchObject({ average: 0, peak: 0, rates: [0, 0] });
  });

  test("in the order of a CloudWatch answer, newest first, is the same", () => {
    const rows = [0, 1, 2, 4, 5].map(
      (minute) => `"${AT(minute).replace(".000Z", "+00:00")}",${minute * 60}.0`,
    );
    const { arrivals, notes } = read(['"timestamp","requests"', ...rows.reverse()]);
    expect(arrivals.rates).toEqual([0, 1, 2, 0, 4, 5]);
    expect(notes).toEqual(["t.csv has gaps of together 1 minute, which count as without requests"]);
  });

  test("adds up rows of the same time", () => {
    const { arrivals, notes } = read([HEADER, "0,10", "0,20", "10,5", "20,5", "20,5"]);
    expect(arrivals.rates).toEqual([3, 0.5, 1]);
    expect(notes).toEqual(["t.csv has 2 rows of the same time as the one before: they add up"]);
    expect(read([HEADER, "0,1", "0,1", "10,1", "20,1", "10,1", "20,1", "30,1"]).notes).toEqual([
      "t.csv is not in the order of time: 1 row is earlier than the one before",
      "t.csv has 1 row of the same time as the one before: they add up",
    ]);
  });

  test("of several hosts one after the other adds up, and keeps silent about gaps it cannot know", () => {
    const { arrivals, notes } = read([HEADER, "0,10", "10,20", "20,30", "0,1", "10,2", "20,3"]);
    expect(arrivals.rates).toEqual([1.1, 2.2, 3.3]);
    expect(notes).toEqual(["t.csv is not in the order of time: 1 row is earlier than the one before"]);
  });

  test("has nothing in its gaps, and says so", () => {
    const { arrivals, notes } = read([HEADER, "0,60", "60,60", "120,60", "360,60"]);
    expect(arrivals.rates).toEqual([1, 1, 1, 0, 0, 0, 1]);
    expect(arrivals.average).toBeCloseTo(4 / 7, 12);
    expect(notes).toEqual(["t.csv has gaps of together 3 minutes, which count as without requests"]);
  });

  test("of a metric that is missing most of the time still has rows of its period", () => {
    // Five-minute sums of a rare request: no two distances are alike, and all are multiples of five minutes.
    const { arrivals, notes } = read([HEADER, "0,3", "300,3", "1200,3", "3000,6", "3600,3", "5100,3"]);
    expect(arrivals.stepSeconds).toBe(300);
    expect(arrivals.peak).toBe(0.02);
    expect(arrivals.rates.filter((rate) => rate > 0)).toHaveLength(6);
    expect(notes).toEqual(["t.csv has gaps of together 1 hour, which count as without requests"]);
  });

  test("is cut short where it is too long, and says where", () => {
    const rows = Array.from({ length: 10 }, (_, index) => `${index * 60},60`);
    const { arrivals, notes } = read([HEADER, ...rows], 6);
    expect(arrivals.rates).toEqual([1, 1, 1, 1, 1, 1]);
    expect(notes).toEqual(["t.csv is cut short at line 8: 6 rows are read"]);
    expect(read([HEADER, ...rows], 10).notes).toEqual([]);
  });
});

describe("an irregular trace", () => {
  test("counts each row at its moment, by the minute", () => {
    const { arrivals, notes } = read([HEADER, "0,1", "13,1", "14.5,2", "77,1", "100,1", "239,6"]);
    expect(arrivals.stepSeconds).toBe(60);
    expect(arrivals.rates.map((rate) => rate * 60)).toEqual([4, 2, 0, 6]);
    expect(arrivals.peak).toBeCloseTo(0.1, 12);
    expect(arrivals.assumption).toBe(
      "the trace of 239 seconds starts over at its end; each step of 1 minute is as busy all through; " +
        "its rows come irregularly, and each counts the requests of its moment",
    );
    expect(notes).toEqual([]);
  });

  test("of an access log with microseconds is no trace of rows that last as long", () => {
    // Some thousand requests per second: most distances are less than a millisecond.
    const rows = Array.from({ length: 3000 }, (_, index) => `2026-01-05T08:00:${stamp(index * 0.0003)}Z,1`);
    const { arrivals, notes } = read([HEADER, ...rows]);
    expect(total({ arrivals, notes })).toBeCloseTo(3000, 6);
    expect(arrivals.assumption).toContain("irregularly");
    expect(arrivals.stepSeconds).toBeCloseTo(0.9, 3);
    expect(arrivals.average).toBeCloseTo(3334, -1);
    expect(notes).toEqual([]);
  });

  test("in whole seconds is one of seconds", () => {
    const rows = [0, 0, 1, 1, 1, 2, 3, 3, 5, 6, 7].map((second) => `2026-01-05T08:00:0${second}Z,1`);
    const { arrivals } = read([HEADER, ...rows]);
    expect(arrivals).toMatchObject({ stepSeconds: 1, rates: [2, 3, 1, 2, 0, 1, 1, 1] });
  });

  function stamp(seconds: number): string {
    return seconds.toFixed(6).padStart(9, "0");
  }
});

describe("a long trace", () => {
  test("is summed up in steps that a reader knows", () => {
    const lines = (count: number, seconds: number) =>
      read([HEADER, ...Array.from({ length: count }, (_, index) => `${index * seconds},${seconds}`)]);
    expect(lines(10_080, 60).arrivals.stepSeconds).toBe(60);
    const month = lines(43_200, 60).arrivals;
    expect([month.stepSeconds, month.rates.length]).toEqual([300, 8640]);
    expect(month.average).toBeCloseTo(1, 12);
    expect(month.peak).toBeCloseTo(1, 9);
    const seconds = lines(86_400, 1).arrivals;
    expect([seconds.stepSeconds, seconds.rates.length]).toEqual([10, 8640]);
  });

  test("of 300,000 rows with quotes and many-byte characters over every border is read to the last request", () => {
    const file = path();
    const descriptor = openSync(file, "w");
    let sum = 0;
    writeSync(descriptor, '\ufeff"größe",timestamp,requests\r\n');
    for (let from = 0; from < 300_000; from += 10_000) {
      let text = "";
      for (let row = from; row < from + 10_000; row += 1) {
        const requests = (row * 7919) % 101;
        sum += requests;
        // Rows of different lengths, so that borders of pieces fall everywhere.
        text += `"${"€ü\n😀,".repeat(1 + (row % 5))}",${1_767_600_000 + row * 60},${requests}\r\n`;
      }
      writeSync(descriptor, text);
    }
    closeSync(descriptor);
    const trace = readTrace(file, "t.csv");
    expect(total(trace) / sum).toBeCloseTo(1, 9);
    expect(trace.arrivals.rates.length).toBeLessThanOrEqual(MOST_STEPS);
    expect(trace.arrivals.stepSeconds).toBe(1800);
    expect(trace.notes).toEqual([]);
  });

  test("names the line of a fault behind the first pieces", () => {
    const rows = Array.from({ length: 200_000 }, (_, index) => `${index},1`);
    rows[150_000] = "150000,many";
    rows[199_999] = '199999,"1';
    expect(issuesOf([HEADER, ...rows.slice(0, 160_000)])).toEqual([
      '150002 TRACE_ROW: has "many" as requests, which is no number',
    ]);
    rows[150_000] = "150000,1";
    expect(issuesOf([HEADER, ...rows])).toEqual(["200001 TRACE_ROW: opens a quote that nothing closes"]);
    const bytes = Buffer.from([HEADER, ...rows.slice(0, 199_999), ""].join("\n"));
    bytes[bytes.indexOf("\n170000,") + 1] = 0xff;
    expect(issuesOf(bytes)).toEqual(["170002 TRACE_UNREADABLE: is no UTF-8 text"]);
  });
});

test("requests are neither lost nor made, in any order of any times", () => {
  const row = fc.record({
    time: fc.oneof(
      fc.integer({ min: 0, max: 100_000 }),
      fc.integer({ min: 0, max: 500 }).map((minute) => minute * 60),
      fc.double({ min: 0, max: 5000, noNaN: true }).map((time) => Number(time.toFixed(3))),
    ),
    requests: fc.oneof(fc.integer({ min: 0, max: 1000 }), fc.double({ min: 0.001, max: 10, noNaN: true })),
  });
  fc.assert(
    fc.property(fc.array(row, { minLength: 2, maxLength: 200 }), fc.boolean(), (rows, sorted) => {
      fc.pre(new Set(rows.map(({ time }) => time)).size > 1);
      const ordered = sorted ? [...rows].sort((a, b) => a.time - b.time) : rows;
      const trace = read([HEADER, ...ordered.map(({ time, requests }) => `${time},${requests.toFixed(6)}`)]);
      const { rates, average, peak, stepSeconds } = trace.arrivals;
      const sum = rows.reduce((all, { requests }) => all + Number(requests.toFixed(6)), 0);
      expect(Math.abs(total(trace) - sum)).toBeLessThanOrEqual(1e-6 * sum + 1e-9);
      expect(average * stepSeconds * rates.length).toBeCloseTo(sum, 5);
      expect(peak).toBe(Math.max(...rates));
      expect(peak).toBeGreaterThanOrEqual(average * (1 - 1e-9));
      expect(Math.min(...rates)).toBeGreaterThanOrEqual(0);
      expect(rates.length).toBeLessThanOrEqual(MOST_STEPS + 1);
    }),
  );
});

describe("TRACE_ROW", () => {
  test.each([
    ["", 'has "" as timestamp, which is neither ISO 8601 (2026-01-05T08:00:00Z) nor seconds'],
    ["2026/01/05 08:00:00", 'has "2026/01/05 08:00:00" as timestamp, which is neither'],
    ["05.01.2026", 'has "05.01.2026" as timestamp, which is neither'],
    ["2026-02-29T00:00:00Z", "which is neither"],
    ["2026-01-05T24:00:00Z", "which is neither"],
    ["2026-01-05T08:60:00Z", "which is neither"],
    ["2026-01-05T08:00:61Z", "which is neither"],
    ["2026-01-05T08:00:00+24:00", "which is neither"],
    ["2026-01-05T08:00:00+01:60", "which is neither"],
    ["2026-01-05T08:00:00 CET", "which is neither"],
    ["NaN", "which is neither"],
    ["0x10", "which is neither"],
    ["1e999", "which is neither"],
    ["1969-12-31T23:59:59Z", 'has "1969-12-31T23:59:59Z" as timestamp, which is before 1970'],
    ["0075-01-05", 'has "0075-01-05" as timestamp, which is before 1970'],
    ["-1", 'has "-1" as timestamp, which is before 1970'],
    ["1767600000000", 'has "1767600000000" as timestamp, which looks like milliseconds: divide by 1000'],
    ["1e99", "looks like milliseconds"],
  ])("for the timestamp %j", (timestamp, message) => {
    const issues = issuesOf([HEADER, `${timestamp},1`]);
    expect(issues).toHaveLength(1);
    expect(issues[0]).toContain("2 TRACE_ROW: has ");
    expect(issues[0]).toContain(message);
  });

  test.each([
    ["", 'has "" as requests, which is no number'],
    ["many", 'has "many" as requests, which is no number'],
    ["NaN", 'has "NaN" as requests, which is no number'],
    ["Infinity", 'has "Infinity" as requests, which is no number'],
    ['"1,234"', 'has "1,234" as requests, which is no number'],
    ["0x1F", 'has "0x1F" as requests, which is no number'],
    ["1e999", 'has "1e999" as requests, which is no number'],
    ["-1", 'has "-1" as requests, which is less than none'],
    ["9".repeat(400), `has "${"9".repeat(76)}... as requests, which is too large`],
    ["1e99", "brings the load to 1.6666666666666665e+97 requests per second, which is more than 10000000"],
    ["600000060", "brings the load to 10000001 requests per second, which is more than 10000000"],
  ])("for the requests %j", (requests, message) => {
    expect(issuesOf([HEADER, "0,1", `60,${requests}`])).toEqual([`3 TRACE_ROW: ${message}`]);
  });

  test("at the most that a manifest may name, none", () => {
    expect(read([HEADER, "0,1", "60,600000000"]).arrivals.peak).toBe(10_000_000);
  });

  test("where a row is too short", () => {
    expect(issuesOf([HEADER, "0,1", "60", "120,1"])).toEqual([
      '3 TRACE_ROW: has "" as requests, which is no number',
    ]);
  });

  test("where seconds and dates are mixed", () => {
    const mixed = "TRACE_ROW: mixes seconds and dates: take the same in all rows";
    expect(issuesOf([HEADER, "1767600000,1", `${AT(1)},1`, "1767600120,1", `${AT(3)},1`])).toEqual([
      `3 ${mixed}`,
      `5 ${mixed}`,
    ]);
  });

  test("for each row that is wrong, blank lines and CRLF counted, and no more than 20", () => {
    const rows = [HEADER, "0,1", "", "60,x", "120,1", ",", "180,-2", "x,1"].join("\r\n");
    expect(issuesOf(rows).map((text) => text.split(":")[0])).toEqual([
      "4 TRACE_ROW",
      "7 TRACE_ROW",
      "8 TRACE_ROW",
    ]);
    const many = issuesOf([HEADER, ...Array.from({ length: 100 }, () => "x,1")]);
    expect(many).toHaveLength(20);
    expect(many[19]).toContain("21 TRACE_ROW");
  });

  test("is placed behind fields of several lines", () => {
    const rows = ["note,timestamp,requests", '"a', "b", '",0,1', '"c",60,x'];
    for (const end of ["\n", "\r\n"]) {
      expect(issuesOf(rows.join(end))).toEqual(['5 TRACE_ROW: has "x" as requests, which is no number']);
    }
  });

  test.each([
    [
      [HEADER, "0,1", '60,5"', "120,1"],
      "3 TRACE_ROW: has a quote inside a field: put the whole field in quotes, and write each quote in it twice",
    ],
    [
      [HEADER, "0,1", '60,"5"5', "120,1"],
      "3 TRACE_ROW: has a quote inside a field: put the whole field in quotes, and write each quote in it twice",
    ],
    [[HEADER, "0,1", '60,"5', "120,1", "180,1"], "3 TRACE_ROW: opens a quote that nothing closes"],
  ])("where it is no CSV: %j", (lines, message) => {
    expect(issuesOf(lines)).toEqual([message]);
  });
});

describe("TRACE_HEADER", () => {
  test.each([
    ["", "1 TRACE_HEADER: is empty"],
    ["\n\n", "1 TRACE_HEADER: is empty"],
    ["\ufeff", "1 TRACE_HEADER: is empty"],
    [
      "2026-01-05T08:00:00Z,1\n",
      '1 TRACE_HEADER: has no column "timestamp" in its first line: "2026-01-05T08:00:00Z,1"',
    ],
    [
      "\ntimestamp,count\n0,1\n",
      '2 TRACE_HEADER: has no column "requests" in its first line: "timestamp,count"',
    ],
    ['{ "MetricDataResults": [] }\n', "1 TRACE_HEADER: is JSON, not CSV"],
    ["time;requests\n", '1 TRACE_HEADER: has no column "timestamp" in its first line: "time;requests"'],
    [
      "timestamp,requests,Requests\n0,1,1\n",
      '1 TRACE_HEADER: has the column "requests" twice: "timestamp,requests,Requests"',
    ],
    [
      '"Full label","Invocations"\n"Label","x"\n',
      '1 TRACE_HEADER: has no column "timestamp" in its first line: "Full label,Invocations"',
    ],
    [
      "\0\0\0\0\n",
      String.raw`1 TRACE_HEADER: has no column "timestamp" in its first line: "\u0000\u0000\u0000\u0000"`,
    ],
  ])("for %j", (text, message) => {
    expect(issuesOf(text)).toEqual([message]);
  });

  test("says what a header is", () => {
    writeFileSync(path(), "a,b\n");
    expect(() => readTrace(path(), "t.csv")).toThrow(/\n {2}allowed: a first line `timestamp,requests`$/);
  });
});

describe("TRACE_TOO_SHORT", () => {
  test.each([
    [[HEADER], "has no rows"],
    [[HEADER, "", ""], "has no rows"],
    [[HEADER, "0,1"], "has rows of one time only"],
    [[HEADER, "60,1", "60,5", "60,7"], "has rows of one time only"],
  ])("for %j", (lines, message) => {
    expect(issuesOf(lines)).toEqual([`0 TRACE_TOO_SHORT: ${message}`]);
  });
});

describe("TRACE_UNREADABLE", () => {
  test("for what is not there, and for a folder", () => {
    expect(refusal(() => readTrace(join(folder, "none.csv"), "t.csv"))).toEqual([
      "0 TRACE_UNREADABLE: does not exist",
    ]);
    mkdirSync(join(folder, "folder.csv"));
    expect(refusal(() => readTrace(join(folder, "folder.csv"), "t.csv"))).toEqual([
      "0 TRACE_UNREADABLE: is a folder",
    ]);
    expect(refusal(() => readTrace(join(path(), "below.csv"), "t.csv"))).toEqual([
      "0 TRACE_UNREADABLE: cannot be read (ENOTDIR)",
    ]);
  });

  // A shell's <(...) is one; opening it would wait for somebody who writes.
  test("for a pipe, which can be read only once", () => {
    const pipe = join(folder, "pipe");
    expect(spawnSync("mkfifo", [pipe]).status).toBe(0);
    expect(refusal(() => readTrace(pipe, "t.csv"))).toEqual([
      "0 TRACE_UNREADABLE: is no file that can be read twice: write it to one first",
    ]);
  });

  test.each<readonly [string, Buffer, string]>([
    ["Latin 1", Buffer.from(`${HEADER},größe\n0,1,\n`, "latin1"), "1 TRACE_UNREADABLE: is no UTF-8 text"],
    [
      "a part of a character at the end",
      Buffer.concat([Buffer.from(`${HEADER}\n0,1\n`), Buffer.from([0xe2, 0x82])]),
      "3 TRACE_UNREADABLE: is no UTF-8 text",
    ],
    [
      "UTF-16",
      Buffer.from(`\ufeff${HEADER}\n0,1\n`, "utf16le"),
      "1 TRACE_UNREADABLE: is UTF-16 text: save it as UTF-8",
    ],
    [
      "gzip",
      Buffer.from("H4sIAAAAAAAAAyvJzE0tLkksKNYpSi0sTS0u4TLQMeQCAJZ1mPwZAAAA", "base64"),
      "1 TRACE_UNREADABLE: is compressed with gzip: unpack it first",
    ],
    [
      "one long line",
      Buffer.from(`${HEADER}\n${"0".repeat(3_000_000)}`),
      "2 TRACE_UNREADABLE: has no end of line",
    ],
    [
      "a quote that swallows the rest",
      Buffer.from(`${HEADER}\n0,1\n1,"1\n${"2,1\n".repeat(500_000)}`),
      "3 TRACE_UNREADABLE: opens a quote that nothing closes",
    ],
  ])("for %s", (_name, bytes, message) => {
    expect(issuesOf(bytes)).toEqual([message]);
  });
});

test("whatever bytes there are, it is read or refused with codes", () => {
  const text = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc
      .array(
        fc.constantFrom("0", "1", "9", "-", ".", "e", ",", ";", '"', "\n", "\r\n", " ", "T", ":", "Z", "é"),
        {
          maxLength: 80,
        },
      )
      .map((parts) => Buffer.from(`${HEADER}\n${parts.join("")}`)),
  );
  fc.assert(
    fc.property(text, (bytes) => {
      let trace: Trace | null = null;
      try {
        trace = read(bytes);
      } catch (problem) {
        if (!(problem instanceof ManifestError)) throw problem;
        for (const { code, line } of problem.issues) {
          expect(code).toMatch(/^TRACE_/);
          expect(line).toBeLessThanOrEqual(bytes.toString("latin1").split("\n").length);
        }
      }
      if (trace !== null) expect(trace.arrivals.rates.every((rate) => rate >= 0 && rate <= 1e7)).toBe(true);
    }),
    { numRuns: 500 },
  );
});
