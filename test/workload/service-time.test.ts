import fc from "fast-check";
import { scaleServiceTime, serviceDistribution, serviceTimeOf } from "../../modules/workload/service-time";

const times = fc
  .tuple(fc.double({ min: -2, max: 6, noNaN: true }), fc.double({ min: 0.001, max: 2, noNaN: true }))
  .map(([exponent, spread]) => ({ p50: 10 ** exponent, p99: 10 ** (exponent + spread) }));

describe("the service time of a median and a 99th percentile", () => {
  test("has that median and that percentile", () => {
    fc.assert(
      fc.property(times, ({ p50, p99 }) => {
        const { tail } = serviceDistribution({ p50, p99 });
        expect(tail(p50 / 1000)).toBeCloseTo(0.5, 9);
        expect(tail(p99 / 1000)).toBeCloseTo(0.01, 9);
      }),
    );
  });

  test("has the mean and the variance of its distribution, by its tail", () => {
    fc.assert(
      fc.property(
        times.filter(({ p50, p99 }) => p99 > 1.1 * p50 && p99 < 20 * p50),
        ({ p50, p99 }) => {
          const { mean, scv } = serviceTimeOf(p50, p99);
          const { tail } = serviceDistribution({ p50, p99 });
          // The mean is the integral of the tail, the second moment that of 2t times the tail; over ln t for precision.
          let [first, second] = [0, 0];
          const width = 0.002;
          for (let log = Math.log(p50 / 1000) - 40; log < Math.log(p50 / 1000) + 25; log += width) {
            const time = Math.exp(log);
            first += tail(time) * time * width;
            second += 2 * tail(time) * time * time * width;
          }
          expect((first * 1000) / mean).toBeCloseTo(1, 6);
          expect(second / first ** 2 - 1).toBeCloseTo(scv, 4);
        },
      ),
      { numRuns: 25 },
    );
  });

  test("is of known figures", () => {
    // sigma = ln(120 / 45) / 2.32635 = 0.421618; mean = 45 exp(sigma^2 / 2); scv = exp(sigma^2) - 1.
    expect(serviceTimeOf(45, 120)).toEqual({
      p50: 45,
      p99: 120,
      mean: expect.closeTo(49.182762, 5) as number,
      scv: expect.closeTo(0.19454, 5) as number,
    });
    expect(serviceDistribution({ p50: 45, p99: 120 }).mean).toBeCloseTo(0.049182762, 8);
  });

  test("is fixed where both are alike", () => {
    expect(serviceTimeOf(30, 30)).toEqual({
      p50: 30,
      p99: 30,
      mean: expect.closeTo(30, 9) as number,
      scv: 0,
    });
    const { tail } = serviceDistribution({ p50: 30, p99: 30 });
    expect([tail(0.0299), tail(0.0301)]).toEqual([1, 0]);
  });

  test.each([
    [0, 10],
    [-1, 10],
    [10, 9.999],
    [NaN, 10],
    [10, NaN],
  ])("does not exist for %d and %d", (p50, p99) => {
    const message = `no service time: median ${p50}, 99th percentile ${p99}`;
    expect(() => serviceTimeOf(p50, p99)).toThrow(new RangeError(message));
  });
});

test("a slower machine stretches everything and varies as much", () => {
  const time = serviceTimeOf(45, 120);
  const slow = scaleServiceTime(time, 2.5);
  expect([slow.p50, slow.p99]).toEqual([112.5, 300]);
  expect(slow.mean).toBeCloseTo(time.mean * 2.5, 9);
  expect(slow.scv).toBeCloseTo(time.scv, 12);
});
