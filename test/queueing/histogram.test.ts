import fc from "fast-check";
import { EDGES, Histogram } from "../../modules/queueing/histogram";

describe("a histogram", () => {
  test("gives percentiles within 1 %, whatever is added", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 1, maxLength: 300 }),
        fc.double({ min: 0.001, max: 1, noNaN: true }),
        (exponents, share) => {
          const times = exponents.map((exponent) => 10 ** exponent).sort((a, b) => a - b);
          const histogram = new Histogram();
          for (const time of times) histogram.add(time, 1);
          const exact = times[Math.max(0, Math.ceil(share * times.length - 1e-9) - 1)] ?? NaN;
          // Within its bucket, whose edges are 2 % apart: at most that far from the value, 1 % on average.
          expect(Math.abs(Math.log(histogram.quantile(share) / exact))).toBeLessThanOrEqual(
            Math.log(1.02) + 1e-9,
          );
        },
      ),
    );
    const many = new Histogram();
    const values = Array.from({ length: 100_000 }, (_, index) => -Math.log(1 - (index + 0.5) / 100_000));
    for (const value of values) many.add(value, 1);
    for (const share of [0.01, 0.5, 0.9, 0.99, 0.999]) {
      expect(many.quantile(share) / -Math.log(1 - share)).toBeCloseTo(1, 2);
    }
  });

  test("keeps the mean exactly, and what is no time apart", () => {
    const histogram = new Histogram();
    histogram.add(0, 3);
    histogram.add(2, 1);
    expect(histogram.mean).toBe(0.5);
    expect(histogram.positive).toBe(0.25);
    expect(histogram.quantile(0.75)).toBe(0);
    expect(histogram.quantile(0.76)).toBeCloseTo(2, 1);
    histogram.clear();
    expect([histogram.total, histogram.mean, histogram.positive, histogram.quantile(0.5)]).toEqual([
      0, 0, 0, 0,
    ]);
  });

  test("adds up with another", () => {
    const [one, other] = [new Histogram(), new Histogram()];
    one.add(1, 1);
    other.add(10, 1);
    other.add(0, 2);
    one.addAll(other);
    expect(one.total).toBe(4);
    expect(one.quantile(0.5)).toBe(0);
    expect(one.quantile(1) / 10).toBeCloseTo(1, 1);
  });

  test("adds an independent time: two exponential ones are an Erlang distribution", () => {
    const waits = new Histogram();
    for (let index = 0; index < 20_000; index += 1) waits.add(-Math.log(1 - (index + 0.5) / 20_000), 1);
    const tail = (time: number) => (time <= 0 ? 1 : Math.exp(-time));
    for (const share of [0.5, 0.95, 0.99]) {
      for (const guess of [0.001, 1, 1000]) {
        const time = waits.quantileWith(share, tail, guess);
        // P(sum > t) = (1 + t) exp(-t).
        expect((1 + time) * Math.exp(-time)).toBeCloseTo(1 - share, 3);
      }
    }
  });

  test("has edges that grow by 2 %", () => {
    for (let index = 1; index < EDGES.length; index += 1) {
      expect((EDGES[index] ?? 0) / (EDGES[index - 1] ?? 1)).toBeCloseTo(1.02, 9);
    }
  });
});
