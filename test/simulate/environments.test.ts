import { simulate } from "../../modules/simulate/simulate";
import { serviceTimeOf } from "../../modules/workload/service-time";
import { fixedTimes, logNormalTimes, playEnvironments } from "../support/event-simulator";
import { always } from "../support/month";
import { environmentsOf, eventsOf, loadOf, off, scalingOf, tracking } from "./support";

const HOUR = 3600;
const DAY = 24 * HOUR;
const { mean: MEAN_MS } = serviceTimeOf(100, 250);
const SERVICE = logNormalTimes(0.1, 0.25);
const CONSTANT = { seconds: 2 * HOUR, settleSeconds: 2 * HOUR, chart: false };

/** Erlang B by its definition. */
function blocked(servers: number, load: number): number {
  let [term, sum] = [1, 1];
  for (let k = 1; k <= servers; k += 1) {
    term *= load / k;
    sum += term;
  }
  return term / sum;
}

const provisionedOf = (count: number) => ({
  provisioned: { startupSeconds: 0, scaling: scalingOf(count, count, []) },
});

describe("cold starts", () => {
  test.each([
    [1e-4, 300],
    [0.001, 300],
    [0.001, 3600],
    [0.005, 300],
    [0.01, 300],
  ])(
    "of %d requests per second with environments kept for %d s are as rare as gaps so long",
    (rate, keep) => {
      const { coldStarts, requests, latencyMs } = simulate(
        environmentsOf({ keepAliveSeconds: keep }),
        loadOf([rate], HOUR),
        { seconds: DAY, settleSeconds: DAY, chart: false },
      );
      // A second environment, from two requests at once, is next to nothing here.
      const gaps = Math.exp((-rate * (keep * 1000 + MEAN_MS)) / 1000);
      expect(off(coldStarts.fraction, gaps)).toBeLessThan(0.05);
      expect(off(coldStarts.requests, coldStarts.fraction * requests)).toBeLessThan(1e-9);
      // One in a hundred is cold, and so the 99th percentile is.
      expect(latencyMs?.p99).toBeGreaterThan(2000);
    },
  );

  // The referee counts a hundred to a few thousand cold starts, so that its own error is 2 to 10 %. Only the mean of the
  // service counts in the formula; that costs some percent where environments are kept briefly.
  test.each([
    [0.01, 300, 60_000, 0.06],
    [0.05, 300, 200_000, 0.15],
    [0.5, 300, 400_000, 0.15],
    [5, 300, 400_000, 0.2],
    [0.5, 30, 100_000, 0.1],
    [5, 60, 400_000, 0.12],
  ])(
    "of %d requests per second, kept for %d s, are those of played ones",
    (rate, keep, requests, tolerance) => {
      const result = simulate(environmentsOf({ keepAliveSeconds: keep }), loadOf([rate], HOUR), CONSTANT);
      const played = playEnvironments(
        { rate: () => rate, highest: rate, settle: 2 * HOUR, seconds: requests / rate, seed: 5 },
        SERVICE,
        { cold: 2, keep, most: 1000, provisioned: 0 },
      );
      expect(off(result.coldStarts.fraction, played.cold / played.arrived)).toBeLessThan(tolerance);
      // Environments that exist are what reserved concurrency is compared with.
      expect(off(result.replicas.average, played.pool)).toBeLessThan(0.04);
      expect(off(result.latencyMs?.p99 ?? NaN, played.latencies.quantile(0.99) * 1000)).toBeLessThan(0.02);
      expect(off(result.latencyMs?.mean ?? NaN, played.latencies.mean * 1000)).toBeLessThan(0.03);
    },
  );

  test("of hours that rise and fall are those of played ones", () => {
    const rates = (peak: number) =>
      Array.from({ length: 48 }, (_, step) => peak * (0.02 + 0.98 * Math.sin((Math.PI * step) / 48) ** 4));
    for (const [peak, runs, tolerance] of [
      [0.2, 100, 0.1],
      [2, 20, 0.15],
    ] as const) {
      const load = loadOf(rates(peak), 300);
      const { coldStarts, replicas } = simulate(environmentsOf(), load, {
        seconds: 4 * HOUR,
        settleSeconds: 4 * HOUR,
        chart: false,
      });
      let [cold, arrived, pool] = [0, 0, 0];
      for (let seed = 1; seed <= runs; seed += 1) {
        const played = playEnvironments(eventsOf(load, 4 * HOUR, 4 * HOUR, seed), SERVICE, {
          cold: 2,
          keep: 300,
          most: 1000,
          provisioned: 0,
        });
        cold += played.cold;
        arrived += played.arrived;
        pool += played.pool / runs;
      }
      expect(off(coldStarts.fraction, cold / arrived)).toBeLessThan(tolerance);
      expect(off(replicas.average, pool)).toBeLessThan(0.05);
    }
  });

  // Everyone who comes until the first environment is free again needs one more; what chance adds is missing.
  test("after a jump from nothing are those of played requests, within 10 %", () => {
    const load = loadOf([0, 500], HOUR);
    const { coldStarts } = simulate(
      environmentsOf({ serviceTime: always(1000), maxConcurrency: 3000 }),
      load,
      {
        seconds: 2 * HOUR,
        settleSeconds: 0,
        chart: false,
      },
    );
    const played = playEnvironments(eventsOf(load, 0, 2 * HOUR, 3), fixedTimes(1), {
      cold: 2,
      keep: 300,
      most: 3000,
      provisioned: 0,
    });
    expect(off(coldStarts.requests, played.cold)).toBeLessThan(0.1);
  });

  test("are no more than may start per second, and who needs another is throttled", () => {
    const capacity = environmentsOf({ serviceTime: always(1000), startsPerSecond: 1 });
    const { coldStarts, failed } = simulate(capacity, loadOf([0, 500], HOUR), {
      seconds: 2 * HOUR,
      settleSeconds: 0,
      chart: false,
    });
    // A second after the other one more, until 500 are enough: 500² / 2 seconds of a missing environment, one request each.
    expect(off(failed.throttled, 125_000)).toBeLessThan(0.1);
    expect(off(coldStarts.requests, 500 + 4 * Math.sqrt(500))).toBeLessThan(0.2);
  });
});

describe("provisioned environments", () => {
  test.each([
    [10, 1],
    [20, 3],
    [50, 6],
    [100, 12],
    [200, 30],
  ])("for %d requests per second: of %d, those that find all at work go elsewhere", (rate, count) => {
    const { onDemand, provisioned, requests, replicas } = simulate(
      environmentsOf(provisionedOf(count)),
      loadOf([rate], HOUR),
      CONSTANT,
    );
    const spilled = blocked(count, (rate * MEAN_MS) / 1000);
    expect(off(onDemand.requests / requests, spilled)).toBeLessThan(0.005);
    expect(provisioned.seconds).toBeCloseTo(count * CONSTANT.seconds, 6);
    expect(off(provisioned.busySeconds, (requests * (1 - spilled) * MEAN_MS) / 1000)).toBeLessThan(0.005);
    expect(off(onDemand.busySeconds, (onDemand.requests * MEAN_MS) / 1000)).toBeLessThan(1e-9);
    expect(replicas.min).toBeGreaterThanOrEqual(count);
  });

  test("of which there are more than are ever needed, leave nothing to others", () => {
    const { onDemand, coldStarts } = simulate(
      environmentsOf(provisionedOf(50)),
      loadOf([50], HOUR),
      CONSTANT,
    );
    expect(onDemand.requests).toBeLessThan(1e-6);
    expect(coldStarts.fraction).toBeLessThan(1e-9);
  });

  test("spill as played requests do", () => {
    const played = playEnvironments(
      { rate: () => 50, highest: 50, settle: 600, seconds: 6000, seed: 5 },
      SERVICE,
      { cold: 2, keep: 300, most: 1000, provisioned: 6 },
    );
    const { onDemand, requests } = simulate(environmentsOf(provisionedOf(6)), loadOf([50], HOUR), CONSTANT);
    expect(off(onDemand.requests / requests, 1 - played.inside / played.arrived)).toBeLessThan(0.02);
  });

  test("follow their utilization", () => {
    const scaling = scalingOf(1, 50, [tracking("provisioned-concurrency-utilization", 70)], {
      silentWhenIdle: true,
    });
    const { replicas, provisioned } = simulate(
      environmentsOf({ provisioned: { startupSeconds: 120, scaling } }),
      loadOf([200], HOUR),
      { seconds: 4 * HOUR, settleSeconds: 2 * HOUR, chart: false },
    );
    // 22 at work on average, of which few spill: 32 bring them to 70 %, and 35 are below nine tenths of that.
    expect(provisioned.seconds / (4 * HOUR)).toBeGreaterThan(30);
    expect(provisioned.seconds / (4 * HOUR)).toBeLessThan(37);
    expect(replicas.average).toBeGreaterThanOrEqual(provisioned.seconds / (4 * HOUR));
  });
});

describe("throttling", () => {
  test.each([
    [10, 1],
    [20, 3],
    [100, 10],
    [100, 15],
    [200, 15],
  ])("of %d requests per second on %d environments at most is that of a loss system", (rate, most) => {
    const { failed, requests, coldStarts, busySeconds, replicas } = simulate(
      environmentsOf({ maxConcurrency: most }),
      loadOf([rate], HOUR),
      CONSTANT,
    );
    const share = blocked(most, (rate * MEAN_MS) / 1000);
    expect(off(failed.throttled / requests, share)).toBeLessThan(0.01);
    expect(failed.timedOut).toBe(0);
    // All of them are at work so often that none goes.
    expect(coldStarts.fraction).toBeLessThan(1e-3);
    expect(off(busySeconds, ((requests - failed.throttled) * MEAN_MS) / 1000)).toBeLessThan(1e-9);
    expect(replicas.max).toBeLessThanOrEqual(most);
  });

  test("happens as often as to played requests", () => {
    const played = playEnvironments(
      { rate: () => 100, highest: 100, settle: 600, seconds: 3000, seed: 5 },
      SERVICE,
      { cold: 2, keep: 300, most: 10, provisioned: 0 },
    );
    const { failed, requests } = simulate(
      environmentsOf({ maxConcurrency: 10 }),
      loadOf([100], HOUR),
      CONSTANT,
    );
    expect(off(failed.throttled / requests, played.throttled / played.arrived)).toBeLessThan(0.03);
  });
});
