import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import type { Manifest } from "../../modules/manifest/schema";
import { Duration } from "../../modules/units/duration";
import { Size } from "../../modules/units/size";
import { constantArrivals, dayBetween, hourlyArrivals } from "../../modules/workload/arrivals";
import { planWorkload, workloadOf } from "../../modules/workload/plan-workload";
import { serviceTimeOf } from "../../modules/workload/service-time";
import { readTrace } from "../../modules/workload/trace";

type Given = NonNullable<Manifest["workload"]>;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "workload-"));
  mkdirSync(join(folder, "models"));
  writeFileSync(join(folder, "models", "own.csv"), "timestamp,requests\n0,60\n60,120\n");
  writeFileSync(join(folder, "other.csv"), "timestamp,requests\n0,600\n60,600\n120,600\n300,600\n");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const given = (changes: Partial<Given> = {}): Given => ({ concurrency: 1, ...changes });
const source = () => ({ file: join("shown", "m.yaml"), directory: join(folder, "models") });

describe("workloadOf", () => {
  test("leaves nothing optional", () => {
    const none = {
      arrivals: null,
      serviceTime: null,
      concurrency: 1,
      payload: null,
      slo: null,
      batch: null,
    };
    expect(workloadOf(undefined, null)).toEqual(none);
    expect(workloadOf(given(), null)).toEqual(none);
  });

  test("takes everything in its own units", () => {
    expect(
      workloadOf(
        given({
          requestsPerSecond: 3,
          concurrency: 4,
          serviceTime: { p50: Duration.milliseconds(45), p99: Duration.seconds(1) },
          payload: { request: Size.mebibytes(1), response: Size.mebibytes(2) },
          slo: { p99: Duration.seconds(2), errorRate: 0.01 },
          batch: { records: 1000, recordSize: Size.mebibytes(3), every: Duration.seconds(3600) },
        }),
        null,
      ),
    ).toEqual({
      arrivals: constantArrivals(3),
      serviceTime: serviceTimeOf(45, 1000),
      concurrency: 4,
      payload: { requestBytes: 1_048_576, responseBytes: 2_097_152 },
      slo: { p99: 2000, errorRate: 0.01 },
      batch: { records: 1000, recordSize: Size.mebibytes(3), everySeconds: 3600 },
    });
  });

  const hourly = Array.from({ length: 24 }, (_, hour) => hour);
  test.each([
    ["one number", given({ requestsPerSecond: 7 }), constantArrivals(7)],
    ["none at all", given({ requestsPerSecond: 0 }), constantArrivals(0)],
    ["average and peak", given({ requestsPerSecond: { average: 2, peak: 9 } }), dayBetween(2, 9)],
    ["hours", given({ hourly }), hourlyArrivals(hourly)],
    ["hours before a number", given({ hourly, requestsPerSecond: 7 }), hourlyArrivals(hourly)],
  ])("takes its load from %s", (_name, workload, arrivals) => {
    expect(workloadOf(workload, null).arrivals).toEqual(arrivals);
  });

  test("takes a trace before everything else", () => {
    const trace = readTrace(join(folder, "other.csv"), "other.csv");
    const workload = given({ hourly, requestsPerSecond: 7, concurrency: 3 });
    expect(workloadOf(workload, trace)).toEqual({ ...workloadOf(workload, null), arrivals: trace.arrivals });
    expect(workloadOf(undefined, trace).arrivals).toBe(trace.arrivals);
  });
});

describe("planWorkload", () => {
  test("reads the manifest's trace from the manifest's folder", () => {
    const { workload, notes } = planWorkload({ workload: given({ trace: "own.csv" }) }, source(), null);
    expect(workload.arrivals?.rates).toEqual([1, 2]);
    expect(notes).toEqual([]);
  });

  test("takes another trace from where it is asked for, and says what it found in it", () => {
    const other = join(folder, "other.csv");
    const gap = "gaps of together 2 minutes, which count as without requests";
    for (const traffic of [other, relative(process.cwd(), other)]) {
      for (const workload of [given({ trace: "own.csv" }), given({ requestsPerSecond: 1 }), undefined]) {
        const planned = planWorkload({ workload }, source(), traffic);
        expect(planned.workload.arrivals?.rates).toEqual([10, 10, 10, 0, 0, 10]);
        expect(planned.notes).toEqual([`${traffic} has ${gap}`]);
      }
    }
  });

  test("without a trace has nothing to read and to say", () => {
    expect(planWorkload({ workload: given({ requestsPerSecond: 2 }) }, source(), null)).toEqual({
      workload: workloadOf(given({ requestsPerSecond: 2 }), null),
      notes: [],
    });
  });

  test("names a trace as the manifest, or the command, does", () => {
    expect(() => planWorkload({ workload: given({ trace: "none.csv" }) }, source(), null)).toThrow(
      `${join("shown", "none.csv")} does not exist [TRACE_UNREADABLE]`,
    );
    // The other one is beside the manifest's folder, not in it.
    expect(() => planWorkload({ workload: given() }, source(), "own.csv")).toThrow(
      "own.csv does not exist [TRACE_UNREADABLE]",
    );
  });
});
