import { peaksOf } from "../../modules/queueing/occupancy";
import {
  exponentialTimes,
  fixedTimes,
  logNormalTimes,
  randomOf,
  type Sampler,
} from "../support/event-simulator";

/** How often requests at once reach a level after `gap` seconds below it, per second, by playing every request. */
function playedGaps(rate: number, service: Sampler, levels: number, gap: number, requests: number): number[] {
  const random = randomOf(11);
  let ends: number[] = [];
  const last = new Array<number>(levels + 1).fill(0);
  const counts = new Array<number>(levels + 1).fill(0);
  let now = 0;
  for (let index = 0; index < requests; index += 1) {
    now -= Math.log(1 - random()) / rate;
    // A level was last reached until the moment at which the number fell below it.
    ends.sort((a, b) => a - b);
    while (ends.length > 0 && (ends[0] ?? 0) <= now) {
      if (ends.length <= levels) last[ends.length] = ends[0] ?? 0;
      ends = ends.slice(1);
    }
    ends.push(now + service(random));
    const level = ends.length;
    if (level <= levels && now - (last[level] ?? 0) > gap) counts[level] = (counts[level] ?? 0) + 1;
  }
  return counts.map((count) => count / now);
}

describe("peaks of requests at once", () => {
  test("the first one is reached as often as requests come", () => {
    const { first, rates } = peaksOf(0.01, 0.2);
    expect(first).toBe(1);
    expect(rates[0]).toBeCloseTo(0.01, 12);
  });

  test("no load has none", () => {
    expect(peaksOf(0, 1).rates).toHaveLength(0);
  });

  test("are rarer the higher they are, also of very large loads", () => {
    for (const rate of [0.1, 5, 300, 50_000]) {
      const { rates } = peaksOf(rate, 0.5);
      expect(rates.every((value, index) => value > 0 && value <= (rates[index - 1] ?? Infinity))).toBe(true);
      expect(rates.at(-1)).toBeLessThan(1e-9);
    }
  });

  // The time to the next cluster is exponential: a level comes up after a gap with rate x exp(-rate x gap).
  // Only the mean of the service counts in the formula; that is least true of fixed times.
  test.each([
    ["exponential", exponentialTimes(0.5), 0.12],
    [
      "log-normal",
      logNormalTimes(0.5 / Math.exp(0.09), (0.5 / Math.exp(0.09)) * Math.exp(0.4243 * 2.3263)),
      0.2,
    ],
    ["fixed", fixedTimes(0.5), 0.3],
  ])("gaps between them are those of played requests: %s", (_name, service, tolerance) => {
    const [rate, gap] = [2, 30];
    const { first, rates } = peaksOf(rate, 0.5);
    const played = playedGaps(rate, service, 8, gap, 1_000_000);
    for (const level of [4, 5, 6]) {
      const reached = rates[level - first] ?? NaN;
      const expected = reached * Math.exp(-reached * gap);
      expect(Math.abs(expected / (played[level] ?? NaN) - 1)).toBeLessThan(tolerance);
    }
  });
});
