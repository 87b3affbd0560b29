import fc from "fast-check";
import {
  constantArrivals,
  dayBetween,
  hourlyArrivals,
  REFERENCE_MONDAY,
} from "../../modules/workload/arrivals";
import type { Arrivals } from "../../modules/workload/workload";

const DAY = 86_400;

function mean({ rates }: Arrivals): number {
  return rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
}

test("loads without a time of their own start on a Monday at midnight, UTC", () => {
  const start = new Date(REFERENCE_MONDAY);
  expect([start.getUTCDay(), start.toISOString()]).toEqual([1, "2026-01-05T00:00:00.000Z"]);
  const loads = [constantArrivals(1), dayBetween(1, 2), hourlyArrivals(new Array<number>(24).fill(1))];
  expect(loads.map((load) => load.start)).toEqual([REFERENCE_MONDAY, REFERENCE_MONDAY, REFERENCE_MONDAY]);
});

test("a constant load is one step, with nothing assumed", () => {
  expect(constantArrivals(7.5)).toEqual({
    origin: "constant",
    rates: [7.5],
    stepSeconds: DAY,
    start: REFERENCE_MONDAY,
    average: 7.5,
    peak: 7.5,
    assumption: null,
  });
});

describe("a day between average and peak", () => {
  test("keeps both exactly, whatever they are", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -3, max: 5, noNaN: true }).map((exponent) => 10 ** exponent),
        fc.oneof(
          fc.double({ min: 1.0001, max: 2.5, noNaN: true }),
          fc.double({ min: 0.001, max: 3, noNaN: true }).map((exponent) => 10 ** exponent),
        ),
        (average, ratio) => {
          const day = dayBetween(average, average * ratio);
          const { rates, stepSeconds, peak } = day;
          expect(rates.length * stepSeconds).toBe(DAY);
          expect(Math.abs(mean(day) / average - 1)).toBeLessThan(1e-9);
          expect(Math.abs(Math.max(...rates) / (average * ratio) - 1)).toBeLessThan(1e-12);
          expect(peak).toBe(Math.max(...rates));
          expect(day.average).toBe(average);
          expect(Math.min(...rates)).toBeGreaterThanOrEqual(0);
        },
      ),
    );
  });

  test.each([
    [10, 15, 288, "every day rises and falls smoothly, with its peak at 14:00 UTC (a cosine)"],
    [10, 20, 288, "every day rises and falls smoothly, with its peak at 14:00 UTC (a cosine)"],
    [
      10,
      20.01,
      288,
      "every day rises and falls smoothly, with its peak at 14:00 UTC (a power of a cosine, as narrow as average and peak make it)",
    ],
    [1, 144, 288, expect.stringContaining("a power of a cosine")],
    [1, 145, 1440, expect.stringContaining("a power of a cosine")],
    [1, 1000, 8640, expect.stringContaining("a power of a cosine")],
    [1, 20_000, 86_400, expect.stringContaining("a power of a cosine")],
  ])("from %d to %d has its peak at 14:00, in %d steps", (average, peak, steps, assumption: unknown) => {
    const day = dayBetween(average, peak);
    expect(day.rates).toHaveLength(steps);
    expect(day.rates.indexOf(Math.max(...day.rates)) * day.stepSeconds).toBe(14 * 3600);
    expect(day).toMatchObject({ origin: "average-and-peak", assumption });
    expect(mean(day) / average).toBeCloseTo(1, 6);
  });

  test("rises to its peak, falls from it, and is the same on both sides", () => {
    for (const peak of [1.5, 4, 60]) {
      const { rates } = dayBetween(1, peak);
      const top = 168;
      for (let step = 1; step < 144; step += 1) {
        const [before = NaN, after = NaN] = [rates[(top - step + 288) % 288], rates[(top + step) % 288]];
        const closer = rates[(top + step - 1) % 288] ?? NaN;
        expect(Math.abs(after - before)).toBeLessThan(1e-9 * peak);
        expect(after).toBeLessThanOrEqual(closer);
      }
    }
  });

  test("is narrower the higher the peak", () => {
    const busy = (peak: number) => dayBetween(1, peak).rates.filter((rate) => rate > peak / 2).length;
    const widths = [1.5, 2, 3, 6, 12, 24].map(busy);
    expect(widths).toEqual([...widths].sort((a, b) => b - a));
    expect(new Set(widths).size).toBe(widths.length);
  });

  test("with nothing between them is constant", () => {
    expect(dayBetween(5, 5)).toEqual(constantArrivals(5));
    expect(dayBetween(0, 0)).toEqual(constantArrivals(0));
  });

  test("says what it made of a peak that a day cannot have", () => {
    // No request on average: there is no peak, either.
    expect(dayBetween(0, 5)).toEqual(constantArrivals(0));
    // Shorter than a second: all requests of the day in one.
    const second = dayBetween(1, 1_000_000);
    expect(mean(second)).toBeCloseTo(1, 9);
    expect(second.peak).toBe(Math.max(...second.rates));
    expect(second.peak).toBeCloseTo(DAY, 3);
  });
});

describe("a load by the hour", () => {
  test.each([24, 168])("of %d hours keeps them", (count) => {
    const hours = Array.from({ length: count }, (_, hour) => (hour * 7) % 24);
    const load = hourlyArrivals(hours);
    expect(load).toEqual({
      origin: "hourly",
      rates: hours,
      stepSeconds: 3600,
      start: REFERENCE_MONDAY,
      average: 11.5,
      peak: 23,
      assumption: "the hours are UTC, and the load is the same all through each of them",
    });
  });
});
