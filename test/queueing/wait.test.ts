import { Histogram } from "../../modules/queueing/histogram";
import { exponential, fixed, logNormal, type ServiceDistribution } from "../../modules/queueing/service";
import { MultiServerQueue } from "../../modules/queueing/wait";
import { logNormalTimes, playQueue } from "../support/event-simulator";

/** Erlang C by the definition, so that the formula is not its own judge. */
function waitingByDefinition(servers: number, load: number): number {
  let [term, sum] = [1, 1];
  for (let k = 1; k < servers; k += 1) {
    term *= load / k;
    sum += term;
    if (term > 1e200) [term, sum] = [term * 1e-200, sum * 1e-200];
  }
  const last = ((term * load) / servers) * (servers / (servers - load));
  return last / (sum + last);
}

function quantileOf(queue: MultiServerQueue, utilization: number, share: number): number {
  const { probability, shares, conditionalMean } = queue.waiting(utilization);
  const histogram = new Histogram();
  histogram.add(0, 1 - probability);
  histogram.addShares(0, shares.first, shares.values, conditionalMean, probability);
  return histogram.quantile(share);
}

const UTILIZATIONS = [0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.97];

describe("M/M/c by Erlang C, within 2 %", () => {
  test.each([1, 2, 3, 5, 8, 16, 40, 100, 200])("%d servers", (servers) => {
    const mean = 0.1;
    const queue = new MultiServerQueue(servers, exponential(mean));
    for (const utilization of UTILIZATIONS) {
      const probability = waitingByDefinition(servers, servers * utilization);
      const conditional = mean / servers / (1 - utilization);
      const waiting = queue.waiting(utilization);
      expect(waiting.probability / probability).toBeCloseTo(1, 6);
      expect(waiting.mean / (probability * conditional)).toBeCloseTo(1, 3);
      expect(queue.meanQueue(utilization)).toBeCloseTo(waiting.mean * ((servers * utilization) / mean), 9);
      for (const share of [0.5, 0.9, 0.95, 0.99, 0.999]) {
        // A request waits at all with `probability`, and then exponentially.
        const exact = 1 - share >= probability ? 0 : -conditional * Math.log((1 - share) / probability);
        const value = quantileOf(queue, utilization, share);
        // Where hardly more wait than the percentile asks for, it lies within the first step of the computation.
        if (exact < 0.05 * conditional) expect(value).toBeLessThan(0.07 * conditional);
        else expect(Math.abs(value / exact - 1)).toBeLessThan(0.02);
      }
    }
  });
});

describe("M/G/1 by Pollaczek and Khinchine", () => {
  const services: readonly (readonly [string, ServiceDistribution])[] = [
    ["fixed", fixed(0.05)],
    ["exponential", exponential(0.05)],
    ["log-normal, narrow", logNormal(Math.log(0.045), 0.42)],
    ["log-normal, wide", logNormal(Math.log(0.02), 1.16)],
  ];

  test.each(services)("%s", (_name, service) => {
    const queue = new MultiServerQueue(1, service);
    for (const utilization of UTILIZATIONS) {
      const mean = (utilization * service.mean * (1 + service.scv)) / 2 / (1 - utilization);
      expect(queue.meanWait(utilization) / mean).toBeCloseTo(1, 5);
      expect(queue.waiting(utilization).probability).toBeCloseTo(utilization, 12);
    }
  });

  test("M/D/1 has Erlang's distribution of waiting times", () => {
    const queue = new MultiServerQueue(1, fixed(1));
    for (const utilization of [0.3, 0.5, 0.7]) {
      const { probability, conditionalTail } = queue.waiting(utilization);
      // P(W <= t) = (1 - rho) sum over k <= t of exp(rho (t - k)) (rho (k - t))^k / k!
      const below = (time: number): number => {
        let sum = 0;
        for (let k = 0, factorial = 1; k <= time; k += 1, factorial *= k) {
          sum += (Math.exp(utilization * (time - k)) * (utilization * (k - time)) ** k) / factorial;
        }
        return (1 - utilization) * sum;
      };
      for (const time of [0.25, 0.5, 1, 1.5, 2, 3, 5]) {
        expect(Math.abs(probability * conditionalTail(time) - (1 - below(time)))).toBeLessThan(0.01);
      }
    }
  });
});

describe("M/G/c with log-normal service, against every request played", () => {
  // The approximation is asymptotically right; between, its waiting probability and mean are off by up to a tenth and its
  // percentiles by less, for service times as models have them. The referee's own error is about 2 %.
  test.each([
    [45, 120, 4, 0.8],
    [45, 120, 16, 0.9],
    [20, 300, 4, 0.8],
    [20, 300, 16, 0.9],
  ])("p50 %d ms, p99 %d ms, %d servers, utilization %d", (p50, p99, servers, utilization) => {
    const service = logNormal(Math.log(p50 / 1000), Math.log(p99 / p50) / 2.3263478740408408);
    const queue = new MultiServerQueue(servers, service);
    const rate = (utilization * servers) / service.mean;
    const played = playQueue(
      { rate: () => rate, highest: rate, settle: 20_000 / rate, seconds: 500_000 / rate, seed: 7 },
      logNormalTimes(p50 / 1000, p99 / 1000),
      servers,
      Infinity,
      { replicas: 1, startup: 0, decide: () => 1 },
    );
    const waiting = queue.waiting(utilization);
    expect(Math.abs(waiting.probability / played.waits.shareAbove(1e-9) - 1)).toBeLessThan(0.06);
    expect(Math.abs(waiting.mean / played.waits.mean - 1)).toBeLessThan(0.12);
    expect(Math.abs(quantileOf(queue, utilization, 0.99) / played.waits.quantile(0.99) - 1)).toBeLessThan(
      0.12,
    );
  });
});

test("waiting grows with load and falls with servers", () => {
  const service = logNormal(Math.log(0.045), 0.42);
  let before = 0;
  for (let utilization = 0.02; utilization < 1; utilization += 0.02) {
    const wait = new MultiServerQueue(6, service).meanWait(utilization);
    expect(wait).toBeGreaterThanOrEqual(before);
    before = wait;
  }
  const load = 5.5;
  for (let servers = 6, last = Infinity; servers < 40; servers += 1) {
    const wait = new MultiServerQueue(servers, service).meanWait(load / servers);
    expect(wait).toBeLessThan(last);
    last = wait;
  }
});
