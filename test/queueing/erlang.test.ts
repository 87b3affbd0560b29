import { erlangB, erlangC } from "../../modules/queueing/erlang";
import { erfc, logGamma, normalCdf } from "../../modules/queueing/special";

/** Erlang B by its definition, in logarithms: another way than the one under test. */
function blockedByDefinition(servers: number, load: number): number {
  const terms = [0];
  for (let k = 1; k <= servers; k += 1) terms.push((terms[k - 1] ?? 0) + Math.log(load / k));
  const highest = Math.max(...terms);
  const sum = terms.reduce((total, term) => total + Math.exp(term - highest), 0);
  return Math.exp((terms[servers] ?? 0) - highest) / sum;
}

describe("Erlang's formulas", () => {
  test.each([
    // Values of printed tables: 10 Erlang on 10, 15 and 20 servers.
    [10, 10, 0.21458],
    [15, 10, 0.0365],
    [20, 10, 0.00187],
    [1, 1, 0.5],
    [0, 3, 1],
    [4, 0, 0],
  ])("B(%d, %d) is %d", (servers, load, value) => {
    expect(erlangB(servers, load)).toBeCloseTo(value, 5);
  });

  test.each([1, 2, 17, 200, 256, 257, 1000, 20_000])(
    "of %d servers are those of the definition",
    (servers) => {
      for (const utilization of [0.3, 0.7, 0.97, 1, 1.3]) {
        const value = erlangB(servers, servers * utilization);
        const expected = blockedByDefinition(servers, servers * utilization);
        if (expected > 1e-290) expect(value / expected).toBeCloseTo(1, 8);
        else expect(value).toBeLessThan(1e-280);
      }
    },
  );

  test("are stable for 100,000 servers", () => {
    // By the recursion in double precision, computed apart.
    expect(erlangB(100_000, 99_000) / 8.225775598504214e-6).toBeCloseTo(1, 7);
    expect(erlangB(100_000, 100_000) / 2.518893423546906e-3).toBeCloseTo(1, 7);
    expect(erlangC(100_000, 99_999)).toBeGreaterThan(0.9);
  });

  test("C of one server is its utilization, and 1 from full load on", () => {
    for (const load of [0.1, 0.5, 0.9]) expect(erlangC(1, load)).toBeCloseTo(load, 12);
    expect(erlangC(5, 5)).toBe(1);
    expect(erlangC(5, 50)).toBe(1);
  });
});

test("special functions have the values of other libraries", () => {
  // C's erfc and lgamma (glibc), as Python prints them.
  expect(erfc(0.5)).toBeCloseTo(0.4795001221869535, 14);
  expect(erfc(1)).toBeCloseTo(0.1572992070502851, 14);
  expect(erfc(3.5) / 7.430983723414128e-7).toBeCloseTo(1, 12);
  expect(erfc(-2)).toBeCloseTo(1.995322265018953, 14);
  expect(erfc(30)).toBe(0);
  expect(normalCdf(2.32634787404084)).toBeCloseTo(0.99, 14);
  expect(logGamma(0.5)).toBeCloseTo(0.5723649429247001, 13);
  expect(logGamma(1000)).toBeCloseTo(5905.220423209181, 9);
});
