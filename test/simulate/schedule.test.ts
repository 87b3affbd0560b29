import type { ScalingPolicy } from "../../modules/manifest/schema";
import { cronOf, Schedule } from "../../modules/simulate/schedule";
import { simulate } from "../../modules/simulate/simulate";
import { loadOf, replicasOf, scalingOf, tracking } from "./support";

const HOUR = 3600;

function at(cron: string, bounds: { min?: number; max?: number }, timezone = "UTC"): ScalingPolicy {
  return { type: "scheduled", cron, timezone, ...bounds };
}

function next(cron: string, from: string, count: number, timezone = "UTC"): readonly string[] {
  return cronOf({ cron, timezone })
    .nextRuns(count, new Date(`${from}:00Z`))
    .map((run) => run.toISOString().slice(0, 16));
}

// 5 January 2026 is a Monday.
describe("AWS cron expressions", () => {
  test.each<[string, string, readonly string[]]>([
    ["0/15 * * * ? *", "2026-01-05T00:00", ["2026-01-05T00:15", "2026-01-05T00:30", "2026-01-05T00:45"]],
    ["5/20 * * * ? *", "2026-01-05T00:00", ["2026-01-05T00:05", "2026-01-05T00:25", "2026-01-05T00:45"]],
    ["0 8 1/10 * ? *", "2026-01-05T00:00", ["2026-01-11T08:00", "2026-01-21T08:00", "2026-01-31T08:00"]],
    // Sunday is 1.
    ["0 8 ? * 1 *", "2026-01-05T00:00", ["2026-01-11T08:00", "2026-01-18T08:00"]],
    ["0 8 ? * 7 *", "2026-01-05T00:00", ["2026-01-10T08:00", "2026-01-17T08:00"]],
    ["0 8 ? * 2-6 *", "2026-01-08T12:00", ["2026-01-09T08:00", "2026-01-12T08:00"]],
    ["0 8 ? * MON-FRI *", "2026-01-08T12:00", ["2026-01-09T08:00", "2026-01-12T08:00"]],
    ["0 8 ? * MON,WED,6 *", "2026-01-05T10:00", ["2026-01-07T08:00", "2026-01-09T08:00", "2026-01-12T08:00"]],
    // Ranges that go around.
    ["0 9 ? * FRI-MON *", "2026-01-05T10:00", ["2026-01-09T09:00", "2026-01-10T09:00", "2026-01-11T09:00"]],
    ["0 9 ? * 7-2 *", "2026-01-05T10:00", ["2026-01-10T09:00", "2026-01-11T09:00", "2026-01-12T09:00"]],
    ["0 22-1 * * ? *", "2026-01-05T00:30", ["2026-01-05T01:00", "2026-01-05T22:00", "2026-01-05T23:00"]],
    ["0 22-4/3 * * ? *", "2026-01-05T02:00", ["2026-01-05T04:00", "2026-01-05T22:00", "2026-01-06T01:00"]],
    ["0 0 1 NOV-JAN ? *", "2026-01-05T00:00", ["2026-11-01T00:00", "2026-12-01T00:00", "2027-01-01T00:00"]],
    // Last, nearest weekday, the n-th.
    ["0 9 L * ? *", "2026-01-05T00:00", ["2026-01-31T09:00", "2026-02-28T09:00", "2026-03-31T09:00"]],
    ["0 9 ? * L *", "2026-01-05T00:00", ["2026-01-10T09:00", "2026-01-17T09:00"]],
    ["0 9 ? * 6L *", "2026-01-05T00:00", ["2026-01-30T09:00", "2026-02-27T09:00"]],
    ["0 0 15W * ? *", "2026-02-01T00:00", ["2026-02-16T00:00", "2026-03-16T00:00", "2026-04-15T00:00"]],
    ["0 0 1W * ? *", "2026-07-31T00:00", ["2026-08-03T00:00", "2026-09-01T00:00"]],
    ["0 9 ? * 3#2 *", "2026-01-05T00:00", ["2026-01-13T09:00", "2026-02-10T09:00"]],
    ["0 9 ? * TUE#2 *", "2026-01-05T00:00", ["2026-01-13T09:00", "2026-02-10T09:00"]],
    // Years, of which one may be over.
    ["0 0 29 2 ? *", "2026-01-05T00:00", ["2028-02-29T00:00", "2032-02-29T00:00"]],
    ["0 12 1 1 ? 2026-2030/2", "2026-02-01T00:00", ["2028-01-01T12:00", "2030-01-01T12:00"]],
    ["0 12 1 1 ? 2025", "2026-02-01T00:00", []],
  ])("%s after %s", (cron, from, expected) => {
    expect(next(cron, from, Math.max(1, expected.length))).toEqual(expected);
  });

  test("keep to the clocks of their time zone", () => {
    // Clocks go forward on 29 March 2026 in Dublin, back on 1 November in New York.
    expect(next("0 8 ? * * *", "2026-03-28T00:00", 3, "Europe/Dublin")).toEqual([
      "2026-03-28T08:00",
      "2026-03-29T07:00",
      "2026-03-30T07:00",
    ]);
    expect(next("0 8 ? * * *", "2026-10-31T00:00", 3, "America/New_York")).toEqual([
      "2026-10-31T12:00",
      "2026-11-01T13:00",
      "2026-11-02T13:00",
    ]);
    expect(next("30 9 ? * MON *", "2026-01-05T00:00", 1, "Asia/Kolkata")).toEqual(["2026-01-05T04:00"]);
  });
});

describe("a schedule", () => {
  const [day, night] = [at("0 8 ? * MON-FRI *", { min: 4, max: 10 }), at("0 18 * * ? *", { min: 1, max: 2 })];
  const monday = Date.UTC(2026, 0, 5);

  test("starts with what acted last", () => {
    const bounds = (start: number, policies = [day, night]) =>
      new Schedule(policies, start, { min: 0, max: 99 }).bounds;
    expect(bounds(monday)).toEqual({ min: 1, max: 2 });
    expect(bounds(monday + 12 * HOUR * 1000)).toEqual({ min: 4, max: 10 });
    expect(bounds(monday, [day])).toEqual({ min: 4, max: 10 });
    // A date that is to come leaves the manifest's own bounds, and half a policy the other half.
    expect(bounds(monday, [at("0 8 1 1 ? 2027", { min: 5 })])).toEqual({ min: 0, max: 99 });
    expect(bounds(monday, [at("0 18 * * ? *", { max: 7 })])).toEqual({ min: 0, max: 7 });
  });

  test("acts at its time, the later of two at once last", () => {
    const start = monday + 7 * HOUR * 1000;
    const schedule = new Schedule([day, night, at("0 8 5 1 ? *", { max: 5 })], start, { min: 1, max: 2 });
    expect(schedule.next).toBe(monday + 8 * HOUR * 1000);
    expect(schedule.advance(schedule.next - 1)).toBe(false);
    expect(schedule.advance(schedule.next)).toBe(true);
    expect(schedule.bounds).toEqual({ min: 4, max: 5 });
    expect(schedule.next).toBe(monday + 18 * HOUR * 1000);
    // Everything that is due acts, however late it is asked.
    schedule.advance(monday + 3 * 86_400_000);
    expect(schedule.bounds).toEqual({ min: 1, max: 2 });
    expect(schedule.next).toBe(monday + (3 * 24 + 8) * HOUR * 1000);
  });

  test("keeps the maximum at or above a minimum that rises beyond it", () => {
    const schedule = new Schedule([at("0 8 * * ? *", { min: 6 })], monday, { min: 1, max: 3 });
    schedule.advance(monday + 8 * HOUR * 1000);
    expect(schedule.bounds).toEqual({ min: 6, max: 6 });
  });
});

describe("a run with scheduled policies", () => {
  const policies = (timezone: string) => [
    at("0 8 ? * MON-FRI *", { min: 4, max: 4 }, timezone),
    at("30 18 ? * * *", { min: 1, max: 1 }, timezone),
  ];

  test("changes replicas at the very minute, and takes a week by default", () => {
    const capacity = replicasOf(1, { startupSeconds: 600, scaling: scalingOf(1, 1, policies("UTC")) });
    const { seconds, secondsAtReplicas, launches, series } = simulate(capacity, loadOf([1], 86_400));
    expect(seconds).toBe(7 * 86_400);
    expect([...secondsAtReplicas]).toEqual([
      [1, (7 * 24 - 5 * 10.5) * HOUR],
      [4, 5 * 10.5 * HOUR],
    ]);
    expect(launches).toBe(15);
    // A chart of the load's day: the first is a Monday.
    expect(series.replicas).toEqual(
      series.replicas.map((_, index) => {
        const hour = (index * series.stepSeconds) / HOUR;
        return hour >= 8 && hour < 18.5 ? 4 : 1;
      }),
    );
  });

  test("follows the time zone through the change of its clocks", () => {
    // From Friday to Tuesday; Dublin is an hour ahead of UTC from Sunday, 29 March, on.
    const friday = Date.UTC(2026, 2, 27);
    const { series } = simulate(
      replicasOf(1, { scaling: scalingOf(1, 1, policies("Europe/Dublin")) }),
      loadOf(new Array(96).fill(1), HOUR, friday),
      { seconds: 4 * 86_400 },
    );
    const hours = series.replicas.flatMap((replicas, index) =>
      replicas === 4 ? [(index * series.stepSeconds) / HOUR] : [],
    );
    const from = (hour: number) => Array.from({ length: 10 }, (_, index) => hour + index);
    expect(series.stepSeconds).toBe(3600);
    expect(hours).toEqual([...from(8), ...from(3 * 24 + 7)]);
  });

  test("keeps a tracking policy within the bounds of the hour", () => {
    const { series } = simulate(
      replicasOf(1, {
        slots: 4,
        scaling: scalingOf(1, 3, [
          tracking("cpu", 10),
          at("0 8 * * ? *", { max: 6 }),
          at("0 18 * * ? *", { max: 3 }),
        ]),
      }),
      // So much that it asks for ten replicas all day.
      loadOf([80], 86_400),
    );
    const within = (from: number, to: number) =>
      series.replicas.slice((from * HOUR) / series.stepSeconds, (to * HOUR) / series.stepSeconds);
    expect(new Set(within(0, 8))).toEqual(new Set([3]));
    // The alarm has stood for long; only the minute of its next evaluation passes.
    expect(new Set(within(8.5, 18))).toEqual(new Set([6]));
    expect(new Set(within(18, 24))).toEqual(new Set([3]));
  });
});
