import fc from "fast-check";
import { exponential, logNormal } from "../../modules/queueing/service";
import { MultiServerQueue } from "../../modules/queueing/wait";
import { simulate } from "../../modules/simulate/simulate";
import { serviceTimeOf } from "../../modules/workload/service-time";
import { fixedTimes, logNormalTimes, playQueue } from "../support/event-simulator";
import { arrivalsOf, off, rateAt, replicasOf, servedOf, tracking, trackCpu, workloadOf } from "./support";

const DAY = 86_400;
const SERVICE = serviceTimeOf(100, 300);
const MEAN = SERVICE.mean / 1000;

describe("a steady load on fixed replicas", () => {
  test("waits as the formula says, and one server as Pollaczek and Khinchine do", () => {
    for (const utilization of [0.3, 0.6, 0.9, 0.97]) {
      const one = simulate(replicasOf({ slots: 1, patienceSeconds: null }), workloadOf(utilization / MEAN));
      const wait = (utilization * SERVICE.mean * (1 + SERVICE.scv)) / 2 / (1 - utilization);
      expect(off(one.waitMs?.mean ?? NaN, wait)).toBeLessThan(0.002);
      expect(off(one.waitMs?.probability ?? NaN, utilization)).toBeLessThan(0.002);
      const many = simulate(
        replicasOf({ slots: 24, patienceSeconds: null }),
        workloadOf((24 * utilization) / MEAN),
      );
      const exact = new MultiServerQueue(24, logNormal(Math.log(0.1), Math.log(3) / 2.3263478740408408));
      expect(Math.abs((many.waitMs?.mean ?? NaN) / 1000 - exact.meanWait(utilization))).toBeLessThan(
        0.003 * exact.meanWait(utilization) + 1e-9,
      );
    }
  });

  test("takes the time of service and of the way, where nobody waits", () => {
    const { latencyMs, waitMs } = simulate(replicasOf({ overheadMs: 7 }), workloadOf(0.01));
    expect(latencyMs?.p50).toBeCloseTo(107, 0);
    expect(latencyMs?.p99).toBeCloseTo(307, 0);
    expect(latencyMs?.mean).toBeCloseTo(SERVICE.mean + 7, 2);
    expect(waitMs?.p99).toBe(0);
  });

  test.each([
    [100, 300, 4, 0.8],
    [100, 300, 32, 0.95],
    [30, 300, 8, 0.7],
    [50, 50, 6, 0.85],
  ])(
    "p50 %d, p99 %d ms, %d slots, %d busy: latencies within 5 %% of played ones",
    (p50, p99, slots, busy) => {
      const serviceTime = serviceTimeOf(p50, p99);
      const rate = (busy * slots * 1000) / serviceTime.mean;
      const result = simulate(replicasOf({ slots, serviceTime, patienceSeconds: null }), workloadOf(rate));
      const played = playQueue(
        { rate: () => rate, highest: rate, settle: 20_000 / rate, seconds: 600_000 / rate, seed: 3 },
        p50 === p99 ? fixedTimes(p50 / 1000) : logNormalTimes(p50 / 1000, p99 / 1000),
        slots,
        Infinity,
        { replicas: 1, startup: 0, decide: () => 1 },
      );
      for (const [share, value] of [
        [0.5, result.latencyMs?.p50],
        [0.95, result.latencyMs?.p95],
        [0.99, result.latencyMs?.p99],
      ] as const) {
        expect(off(value ?? NaN, played.latencies.quantile(share) * 1000)).toBeLessThan(0.05);
      }
      expect(off(result.busySeconds / result.requests, played.busy / played.served)).toBeLessThan(0.02);
    },
  );

  // Shares that give up are within 1 % of the load where it is too much, and small where it is not.
  test.each([
    [1.2, 20],
    [1.02, 20],
    [1.5, 5],
    [0.98, 2],
  ])("loaded %d times, with a patience of %d s, serves what it can", (busy, patience) => {
    const rate = (busy * 8) / MEAN;
    const result = simulate(replicasOf({ slots: 8, patienceSeconds: patience }), workloadOf(rate));
    const played = playQueue(
      { rate: () => rate, highest: rate, settle: 1200, seconds: 15_000, seed: 3 },
      logNormalTimes(0.1, 0.3),
      8,
      patience,
      { replicas: 1, startup: 0, decide: () => 1 },
    );
    const share = result.failed.timedOut / result.requests;
    expect(Math.abs(share - played.timedOut / played.arrived)).toBeLessThan(0.01);
    expect(off(result.latencyMs?.p50 ?? NaN, played.latencies.quantile(0.5) * 1000)).toBeLessThan(0.06);
    expect(off(result.latencyMs?.p99 ?? NaN, played.latencies.quantile(0.99) * 1000)).toBeLessThan(0.06);
  });
});

describe("target tracking over a day, against every request played", () => {
  const shapes = {
    day: arrivalsOf(
      Array.from({ length: 96 }, (_, index) => 60 - 50 * Math.cos((2 * Math.PI * index) / 96)),
      900,
    ),
    step: arrivalsOf(Array.from({ length: 24 }, (_, hour) => (hour < 12 ? 20 : 90))),
  };
  const policies = [tracking(70)];

  // Two days of the referee average out its own chance; what is left is that of a minute's metric near its threshold.
  test.each([
    ["a smooth day", shapes.day, { min: 1, max: 10 }, 60],
    ["a step in the load", shapes.step, { min: 1, max: 10 }, 60],
    ["a step, and little patience", shapes.step, { min: 1, max: 10 }, 5],
    ["a step, and too few replicas for long", shapes.step, { min: 1, max: 3 }, 30],
  ])("%s", (_name, arrivals, bounds, patience) => {
    const result = simulate(
      replicasOf({ patienceSeconds: patience, scaling: { ...bounds, policies } }),
      workloadOf(arrivals),
      { seconds: 4 * DAY },
    );
    const played = [1, 2].map((seed) =>
      playQueue(
        { rate: rateAt(arrivals), highest: arrivals.peak, settle: 10_800, seconds: DAY, seed },
        logNormalTimes(0.1, 0.3),
        4,
        patience,
        { replicas: bounds.min, startup: 250, decide: trackCpu(70, bounds) },
      ),
    );
    const mean = (of: (one: (typeof played)[number]) => number) =>
      played.reduce((sum, one) => sum + of(one), 0) / played.length;
    expect(
      off(
        result.requests / 4,
        mean(({ arrived }) => arrived),
      ),
    ).toBeLessThan(0.005);
    expect(
      off(
        result.replicas.average,
        mean(({ averageReplicas }) => averageReplicas),
      ),
    ).toBeLessThan(0.03);
    expect(
      off(result.latencyMs?.p50 ?? NaN, mean(({ latencies }) => latencies.quantile(0.5)) * 1000),
    ).toBeLessThan(0.03);
    expect(
      off(result.latencyMs?.p95 ?? NaN, mean(({ latencies }) => latencies.quantile(0.95)) * 1000),
    ).toBeLessThan(0.05);
    const timedOut = mean((one) => one.timedOut);
    expect(Math.abs(result.failed.timedOut / 4 - timedOut)).toBeLessThan(0.15 * timedOut + 1);
    expect(off(result.waitMs?.mean ?? NaN, mean(({ waits }) => waits.mean) * 1000)).toBeLessThan(0.2);
  });

  test("requests that a queue holds wait for the replicas that come", () => {
    const arrivals = arrivalsOf(Array.from({ length: 24 }, (_, hour) => (hour === 12 ? 200 : 20)));
    const result = simulate(
      replicasOf({ patienceSeconds: null, scaling: { min: 1, max: 3, policies } }),
      workloadOf(arrivals),
    );
    const played = playQueue(
      { rate: rateAt(arrivals), highest: 200, settle: 10_800, seconds: DAY, seed: 1 },
      logNormalTimes(0.1, 0.3),
      4,
      Infinity,
      { replicas: 1, startup: 250, decide: trackCpu(70, { min: 1, max: 3 }) },
    );
    expect(result.failed.timedOut).toBe(0);
    expect(off(result.waitMs?.mean ?? NaN, played.waits.mean * 1000)).toBeLessThan(0.05);
    expect(off(result.latencyMs?.p99 ?? NaN, played.latencies.quantile(0.99) * 1000)).toBeLessThan(0.05);
    expect(off(result.replicas.average, played.averageReplicas)).toBeLessThan(0.03);
  });
});

describe("from zero", () => {
  const arrivals = arrivalsOf(Array.from({ length: 24 }, (_, hour) => (hour === 9 ? 10 : 0)));

  test("a queue without replicas wakes the first one, and loses nothing", () => {
    const result = simulate(
      replicasOf({
        patienceSeconds: null,
        startupSeconds: 300,
        scaling: { min: 0, max: 2, policies: [tracking(5, "concurrency")], wakeSeconds: 120 },
      }),
      workloadOf(arrivals),
    );
    expect(result.failed.timedOut).toBe(0);
    expect(result.replicas.min).toBe(0);
    expect(result.launches).toBeGreaterThanOrEqual(1);
    expect(servedOf(result)).toBeCloseTo(36_000, 3);
    // Whoever comes first waits for the alarm and the start.
    expect(result.series.p99.filter((p99) => p99 !== null)[0]).toBeGreaterThan(300_000);
  });

  test("without a queue and without a replica everything fails", () => {
    const result = simulate(replicasOf({ scaling: { min: 0, max: 0 } }), workloadOf(arrivals));
    expect(result.failed.timedOut).toBeCloseTo(result.requests, 3);
    expect(result.latencyMs).toBeNull();
    expect(result.waitMs).toBeNull();
    expect(result.replicas).toEqual({ min: 0, average: 0, max: 0 });
  });
});

describe("scheduled bounds", () => {
  test("hold from their time on, in their zone, and before the first of them as well", () => {
    const scheduled = (cron: string, min: number, max: number) =>
      ({ type: "scheduled", cron, timezone: "Europe/Dublin", min, max }) as const;
    const result = simulate(
      replicasOf({
        startupSeconds: 0,
        scaling: {
          min: 1,
          max: 1,
          policies: [scheduled("0 8 ? * MON-FRI *", 3, 6), scheduled("0 18 ? * MON-FRI *", 1, 2)],
        },
      }),
      workloadOf(1),
    );
    // Nothing is said, so a week: ten hours on each of five days.
    expect(result.seconds).toBe(7 * DAY);
    expect(result.secondsAtReplicas).toEqual(
      new Map([
        [1, 7 * DAY - 50 * 3600],
        [3, 50 * 3600],
      ]),
    );
  });

  test("replicas that start are paid for and do not serve yet", () => {
    const result = simulate(
      replicasOf({
        startupSeconds: 600,
        scaling: {
          min: 1,
          max: 1,
          policies: [
            { type: "scheduled", cron: "0 8 * * ? *", timezone: "UTC", min: 2, max: 2 },
            { type: "scheduled", cron: "0 9 * * ? *", timezone: "UTC", min: 1, max: 1 },
          ],
        },
      }),
      // More than one replica can do, and less than two.
      workloadOf((1.2 * 4) / MEAN),
      { seconds: DAY },
    );
    expect(result.secondsAtReplicas.get(2)).toBe(3600);
    expect(result.launches).toBe(1);
    const { stepSeconds, p99 } = result.series;
    const at = (seconds: number) => p99[Math.floor(seconds / stepSeconds)] ?? NaN;
    expect(at(8 * 3600 + 300)).toBeGreaterThan(50_000);
    expect(at(8 * 3600 + 1500)).toBeLessThan(2000);
  });
});

describe("whatever the load", () => {
  const arbitrary = fc.record({
    rates: fc.array(fc.double({ min: 0, max: 200, noNaN: true }), { minLength: 1, maxLength: 12 }),
    slots: fc.integer({ min: 1, max: 8 }),
    max: fc.integer({ min: 1, max: 6 }),
    startupSeconds: fc.integer({ min: 0, max: 400 }),
    patienceSeconds: fc.option(fc.integer({ min: 2, max: 120 })),
    target: fc.integer({ min: 20, max: 90 }),
    seed: fc.integer(),
  });

  test("requests are served, fail or still wait; replicas stay within their bounds", () => {
    fc.assert(
      fc.property(arbitrary, ({ rates, max, target, seed, ...capacity }) => {
        const workload = workloadOf(arrivalsOf(rates, 1800));
        const result = simulate(
          replicasOf({ ...capacity, scaling: { min: 1, max, policies: [tracking(target)] } }),
          workload,
          { seconds: 6 * 3600, seed },
        );
        const { requests, failed, backlog, busySeconds, replicas, secondsAtReplicas, latencyMs } = result;
        const served = busySeconds / MEAN;
        const change = backlog.end - backlog.start;
        expect(Math.abs(requests - served - failed.timedOut - change)).toBeLessThan(1e-6 * requests + 1e-6);
        expect(failed.timedOut).toBeGreaterThanOrEqual(0);
        expect(replicas.min).toBeGreaterThanOrEqual(1);
        expect(replicas.max).toBeLessThanOrEqual(max);
        const seconds = [...secondsAtReplicas.values()].reduce((sum, one) => sum + one, 0);
        expect(seconds).toBeCloseTo(result.seconds, 3);
        // Nothing is faster than service, and nothing does more than all slots at all times.
        expect(busySeconds).toBeLessThanOrEqual(
          result.seconds * replicas.max * capacity.slots * (1 + 1e-9) + 1,
        );
        if (latencyMs !== null) {
          expect(latencyMs.p50).toBeGreaterThanOrEqual(99);
          expect(latencyMs.p95).toBeGreaterThanOrEqual(latencyMs.p50);
          expect(latencyMs.p99).toBeGreaterThanOrEqual(latencyMs.p95);
        }
      }),
      { numRuns: 40 },
    );
  });

  test("more replicas are never worse", () => {
    fc.assert(
      fc.property(arbitrary, ({ rates, slots, patienceSeconds }) => {
        const workload = workloadOf(arrivalsOf(rates, 1800));
        const of = (replicas: number) =>
          simulate(
            replicasOf({ slots, patienceSeconds, scaling: { min: replicas, max: replicas } }),
            workload,
            {
              seconds: 6 * 3600,
            },
          );
        let before = of(1);
        for (const replicas of [2, 3, 5]) {
          const now = of(replicas);
          expect(now.failed.timedOut).toBeLessThanOrEqual(before.failed.timedOut * 1.001 + 1e-6);
          // With fewer, those who would have waited longest may have given up, and are no longer in the percentile.
          if (before.failed.timedOut === 0 && before.backlog.end - before.backlog.start < 1) {
            expect(now.latencyMs?.p99 ?? 0).toBeLessThanOrEqual((before.latencyMs?.p99 ?? 0) * 1.005);
            expect(now.waitMs?.mean ?? 0).toBeLessThanOrEqual((before.waitMs?.mean ?? 0) + 1e-6);
          }
          before = now;
        }
      }),
      { numRuns: 25 },
    );
  });

  test("a seed repeats it, and another one differs only in what chance may change", () => {
    const workload = workloadOf(arrivalsOf([20, 40, 70, 90, 60, 30]));
    const of = (seed: number) =>
      simulate(replicasOf({ scaling: { min: 1, max: 8, policies: [tracking(60)] } }), workload, { seed });
    expect(of(5)).toEqual(of(5));
    expect(of(5).secondsAtReplicas).not.toEqual(of(6).secondsAtReplicas);
    expect(off(of(5).replicas.average, of(6).replicas.average)).toBeLessThan(0.1);
    expect(of(5).requests).toBeCloseTo(of(6).requests, 6);
  });

  test("everything ten times as fast is the same, ten times as fast", () => {
    const slow = simulate(
      replicasOf({ serviceTime: serviceTimeOf(1000, 3000), patienceSeconds: null }),
      workloadOf(3),
    );
    const fast = simulate(
      replicasOf({ serviceTime: serviceTimeOf(100, 300), patienceSeconds: null }),
      workloadOf(30),
    );
    for (const share of ["mean", "p50", "p95", "p99"] as const) {
      expect((slow.latencyMs?.[share] ?? NaN) / (fast.latencyMs?.[share] ?? NaN)).toBeCloseTo(10, 1);
    }
    expect(slow.waitMs?.probability).toBeCloseTo(fast.waitMs?.probability ?? NaN, 6);
  });

  test("a longer time is the same share of everything, and takes no more room", () => {
    const workload = workloadOf(arrivalsOf([20, 40, 30, 10]));
    const capacity = replicasOf({ scaling: { min: 3, max: 3 } });
    const [short, long] = [DAY, 30 * DAY].map((seconds) => simulate(capacity, workload, { seconds }));
    expect(long?.requests).toBeCloseTo((short?.requests ?? 0) * 30, 0);
    expect(off(long?.latencyMs?.p99 ?? NaN, short?.latencyMs?.p99 ?? NaN)).toBeLessThan(0.001);
    expect(long?.series.p99.length).toBe(short?.series.p99.length);
    expect(short?.series.p99.length).toBeLessThanOrEqual(336);
  });
});

test("the formula of exponential service is Erlang's, from which the rest is measured", () => {
  const queue = new MultiServerQueue(3, exponential(1));
  // M/M/3 at 2 Erlang: P0 = 1/9, C = 4/9, Wq = C / (3 - 2).
  expect(queue.waiting(2 / 3).probability).toBeCloseTo(4 / 9, 12);
  expect(queue.meanWait(2 / 3)).toBeCloseTo(4 / 9, 4);
});

test("a workload without arrivals, and no time at all, are refused", () => {
  expect(() => simulate(replicasOf(), { ...workloadOf(1), arrivals: null })).toThrow(RangeError);
  expect(() => simulate(replicasOf(), workloadOf(1), { seconds: 0 })).toThrow(RangeError);
});
