import { cronProblem, isTimeZone, scheduleProblem } from "../../modules/aws/schedule-expression";

describe("cron fields of AWS", () => {
  it.each([
    "0 2 * * ? *",
    "0/15 * * * ? *",
    "*/5 0-6,18-23 ? * MON-FRI *",
    "0 9 1W * ? *",
    "0 9 L * ? *",
    "0 9 LW * ? *",
    "0 9 ? JAN,JUL 2#1 *",
    "0 9 ? * 6L 2026",
    "0 9 ? * FRI-MON *",
    "59 23 31 12 ? 2199",
    "0 0 1 1 ? 1970/2",
  ])("%s", (fields) => {
    expect(cronProblem(fields)).toBeUndefined();
  });

  it.each([
    ["60 2 * * ? *", "minutes"],
    ["0 24 * * ? *", "hours"],
    ["0 2 0 * ? *", "day of month"],
    ["0 2 32 * ? *", "day of month"],
    ["0 2 * 13 ? *", "month"],
    ["0 2 * jan ? *", "month"],
    ["0 2 ? * 0 *", "day of week"],
    ["0 2 ? * 8 *", "day of week"],
    ["0 2 ? * MON/2 *", "day of week"],
    ["0 2 ? * 2#6 *", "day of week"],
    ["0 2 * * ? 1969", "year"],
    ["0 2 * * ? 2200", "year"],
    ["5-1 2 * * ? *", "minutes"],
    ["0/0 2 * * ? *", "minutes"],
    ["1-2-3 2 * * ? *", "minutes"],
    [", 2 * * ? *", "minutes"],
    ["? 2 * * ? *", "minutes"],
    ["0 2 * * * *", "exactly one"],
    ["0 2 ? * ? *", "exactly one"],
    ["0 2 * * ?", "5 fields"],
    ["0  2 * * ? *", "7 fields"],
  ])("%s is wrong in %s", (fields, part) => {
    expect(cronProblem(fields)).toContain(part);
  });
});

describe("schedules", () => {
  it.each(["cron(0 2 * * ? *)", "rate(1 minute)", "rate(1 minutes)", "rate(36 hours)", "rate(5 days)"])(
    "%s",
    (expression) => {
      expect(scheduleProblem(expression)).toBeUndefined();
    },
  );

  it.each([
    "rate(0 days)",
    "rate(1.5 hours)",
    "rate(1 week)",
    "rate(1day)",
    "at(2026-01-01T00:00:00)",
    "",
    "cron()",
  ])("not %s", (expression) => {
    expect(scheduleProblem(expression)).toBeDefined();
  });
});

it("knows time zones", () => {
  expect(["UTC", "Europe/Dublin", "America/Argentina/Ushuaia"].every(isTimeZone)).toBe(true);
  expect(["Europe/Nowhere", ""].some(isTimeZone)).toBe(false);
});
