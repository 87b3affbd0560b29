import { assert, constantFrom, integer, property } from "fast-check";
import { Duration, DURATION_UNITS } from "../../modules/units/duration";

describe("Duration", () => {
  test.each([
    ["0ms", 0],
    ["1ms", 1],
    ["45ms", 45],
    ["0.5ms", 0.5],
    ["30s", 30_000],
    ["1.5s", 1_500],
    ["5m", 300_000],
    ["1.5h", 5_400_000],
    ["1d", 86_400_000],
    ["999999999d", 999_999_999 * 86_400_000],
  ])("%s is %d ms", (text, milliseconds) => {
    expect(Duration.tryParse(text)?.milliseconds).toBe(milliseconds);
  });

  test.each([
    "",
    "s",
    "5",
    "5 s",
    " 5s",
    "5s ",
    "5s\n",
    "5S",
    "5sec",
    "-5s",
    "+5s",
    "1e3s",
    "1h30m",
    ".5s",
    "5.s",
    "1.2345s",
    "1234567890s",
    "５s",
    "NaNs",
    "5us",
    "1w",
  ])("%j is none", (text) => {
    expect(Duration.tryParse(text)).toBeUndefined();
  });

  test.each([
    [0, "0ms"],
    [1, "1ms"],
    [999, "999ms"],
    [1_000, "1s"],
    [90_000, "90s"],
    [300_000, "5m"],
    [5_400_000, "90m"],
    [7_200_000, "2h"],
    [86_400_000, "1d"],
    [0.5, "0.5ms"],
  ])("%d ms reads %s", (milliseconds, text) => {
    expect(Duration.milliseconds(milliseconds).toString()).toBe(text);
    expect(JSON.stringify({ at: Duration.milliseconds(milliseconds) })).toBe(`{"at":"${text}"}`);
  });

  test.each([-1, -0.001, NaN, Infinity, -Infinity])("%d ms is refused", (milliseconds) => {
    expect(() => Duration.milliseconds(milliseconds)).toThrow(RangeError);
    expect(() => Duration.seconds(milliseconds)).toThrow(RangeError);
  });

  test("converts", () => {
    const duration = Duration.seconds(5_400);
    expect([duration.milliseconds, duration.seconds, duration.minutes, duration.days]).toEqual([
      5_400_000, 5_400, 90, 0.0625,
    ]);
  });

  test("cannot be changed", () => {
    expect(Object.isFrozen(Duration.seconds(1))).toBe(true);
  });

  test("what it prints, it reads back", () => {
    assert(
      property(integer({ min: 0, max: 1_000_000 }), constantFrom(...DURATION_UNITS), (amount, unit) => {
        const duration = Duration.tryParse(`${amount}${unit}`);
        expect(Duration.tryParse(String(duration))?.milliseconds).toBe(duration?.milliseconds);
      }),
    );
  });
});
