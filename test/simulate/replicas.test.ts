import { erlangC } from "../../modules/queueing/erlang";
import { simulate, type SimulateOptions } from "../../modules/simulate/simulate";
import { serviceTimeOf } from "../../modules/workload/service-time";
import {
  fixedTimes,
  logNormalTimes,
  playQueue,
  type EventPolicy,
  type QueueResult,
} from "../support/event-simulator";
import { always } from "../support/month";
import {
  eventsOf,
  highest,
  loadOf,
  meanOver,
  off,
  playedTracking,
  replicasOf,
  scalingOf,
  tracking,
} from "./support";

const HOUR = 3600;
const SHORT: SimulateOptions = { seconds: HOUR, settleSeconds: HOUR, chart: false };
const STAYING: Pick<EventPolicy, "startup" | "decide"> = { startup: 0, decide: ({ wanted }) => wanted };

/** Requests per second that keep so many slots busy for a share of the time. */
const rateAt = (utilization: number, slots: number, meanMs: number) => (utilization * slots * 1000) / meanMs;

describe("one slot under constant load, by Pollaczek and Khinchine, within 2 %", () => {
  test.each([
    ["log-normal", serviceTimeOf(45, 120)],
    ["with a long tail", serviceTimeOf(20, 400)],
    ["fixed", always(50)],
  ])("%s", (_name, serviceTime) => {
    for (const utilization of [0.2, 0.5, 0.8, 0.95]) {
      const { waitMs, latencyMs, busySeconds, requests } = simulate(
        replicasOf(1, { serviceTime, overheadMs: 7 }),
        loadOf([rateAt(utilization, 1, serviceTime.mean)], HOUR),
        SHORT,
      );
      const mean = ((utilization / (1 - utilization)) * serviceTime.mean * (1 + serviceTime.scv)) / 2;
      expect(off(waitMs?.mean ?? NaN, mean)).toBeLessThan(0.02);
      expect(off(waitMs?.probability ?? NaN, utilization)).toBeLessThan(0.02);
      expect(latencyMs?.mean).toBeCloseTo((waitMs?.mean ?? NaN) + serviceTime.mean + 7, 6);
      expect(off(busySeconds / HOUR, utilization)).toBeLessThan(1e-9);
      expect(off(requests, HOUR * rateAt(utilization, 1, serviceTime.mean))).toBeLessThan(1e-9);
    }
  });

  test("and the percentiles of M/D/1 by Erlang", () => {
    for (const utilization of [0.5, 0.8]) {
      const { waitMs, latencyMs } = simulate(
        replicasOf(1, { serviceTime: always(1000) }),
        loadOf([utilization], HOUR),
        SHORT,
      );
      // P(W <= t) = (1 - rho) sum over k <= t of exp(rho (t - k)) (rho (k - t))^k / k!
      const below = (time: number): number => {
        let sum = 0;
        for (let k = 0, factorial = 1; k <= time; k += 1, factorial *= k) {
          sum += (Math.exp(utilization * (time - k)) * (utilization * (k - time)) ** k) / factorial;
        }
        return (1 - utilization) * sum;
      };
      let exact = 0;
      while (below(exact) < 0.99) exact += 0.001;
      expect(off((waitMs?.p99 ?? NaN) / 1000, exact)).toBeLessThan(0.02);
      expect(off((latencyMs?.p99 ?? NaN) / 1000, exact + 1)).toBeLessThan(0.02);
    }
  });
});

describe("replicas of several slots under constant load, against every request played", () => {
  // The formula for several servers is an approximation; the referee's own error is about 2 % of the mean wait.
  test.each([
    [4, 1, 0.8],
    [2, 8, 0.9],
    [1, 40, 0.95],
  ])("%d slots of %d replicas, utilization %d", (slots, replicas, utilization) => {
    const rate = rateAt(utilization, slots * replicas, serviceTimeOf(45, 120).mean);
    const { waitMs, latencyMs } = simulate(replicasOf(replicas, { slots }), loadOf([rate], HOUR), SHORT);
    const played = playQueue(
      { rate: () => rate, highest: rate, settle: 20_000 / rate, seconds: 300_000 / rate, seed: 3 },
      logNormalTimes(0.045, 0.12),
      slots,
      Infinity,
      { replicas, ...STAYING },
    );
    expect(off(waitMs?.probability ?? NaN, played.waits.shareAbove(1e-6))).toBeLessThan(0.06);
    expect(off(waitMs?.mean ?? NaN, played.waits.mean * 1000)).toBeLessThan(0.1);
    expect(off(latencyMs?.mean ?? NaN, played.latencies.mean * 1000)).toBeLessThan(0.03);
    for (const [value, share] of [
      [latencyMs?.p50, 0.5],
      [latencyMs?.p95, 0.95],
      [latencyMs?.p99, 0.99],
    ] as const) {
      expect(off(value ?? NaN, played.latencies.quantile(share) * 1000)).toBeLessThan(0.04);
    }
  });
});

describe("requests that give up, against every request played", () => {
  // Where there is more than can be served, hardly anything is random. Close to full load a share of a percent gives up,
  // of which the approximation sees four fifths; what it says of the others is closer.
  test.each([
    [4, 2, 1.3, 2, 0.02, 0.03],
    [4, 2, 1.02, 2, 0.1, 0.2],
    [4, 2, 0.97, 0.3, 0.25, 0.1],
    [1, 1, 0.9, 0.5, 0.2, 0.1],
    [1, 1, 1.5, 1, 0.02, 0.1],
    // Steps of the simulation are 300 times as long as anyone waits.
    [8, 4, 1.1, 0.2, 0.02, 0.1],
  ])("%d slots of %d replicas, load %d, %d s", (slots, replicas, load, patience, shareOff, waitOff) => {
    const rate = rateAt(load, slots * replicas, serviceTimeOf(45, 120).mean);
    const { failed, requests, waitMs, latencyMs, backlog, busySeconds } = simulate(
      replicasOf(replicas, { slots, patienceSeconds: patience }),
      loadOf([rate], HOUR),
      SHORT,
    );
    const played = playQueue(
      { rate: () => rate, highest: rate, settle: 20_000 / rate, seconds: 200_000 / rate, seed: 3 },
      logNormalTimes(0.045, 0.12),
      slots,
      patience,
      { replicas, ...STAYING },
    );
    expect(off(failed.timedOut / requests, played.timedOut / played.arrived)).toBeLessThan(shareOff);
    expect(off(waitMs?.mean ?? NaN, played.waits.mean * 1000)).toBeLessThan(waitOff);
    expect(off(latencyMs?.p99 ?? NaN, played.latencies.quantile(0.99) * 1000)).toBeLessThan(0.04);
    expect(waitMs?.p99).toBeLessThanOrEqual(patience * 1000 * 1.02);
    expect(off(busySeconds / HOUR, (played.busy * rate) / 200_000)).toBeLessThan(0.01);
    expect(off(busySeconds / (serviceTimeOf(45, 120).mean / 1000), requests - failed.timedOut)).toBeLessThan(
      1e-3,
    );
    expect(backlog.end).toBeLessThanOrEqual(patience * rate * 1.001);
  });
});

// Servers then find no one at times, although more come than they can serve.
test("of requests that wait no longer than one takes, those that give up are played ones' from half load to twice", () => {
  for (const load of [0.53, 0.7, 0.93, 1.07, 1.23, 1.6, 2]) {
    const rate = rateAt(load, 2, 50);
    const capacity = replicasOf(2, { serviceTime: always(50), patienceSeconds: 0.05 });
    const { failed, requests } = simulate(capacity, loadOf([rate], HOUR), SHORT);
    const played = playQueue(
      { rate: () => rate, highest: rate, settle: 2000 / rate, seconds: 60_000 / rate, seed: 3 },
      fixedTimes(0.05),
      1,
      0.05,
      { replicas: 2, ...STAYING },
    );
    // Of all that come; the most is missing just below full load.
    expect(Math.abs(failed.timedOut / requests - played.timedOut / played.arrived)).toBeLessThan(0.04);
  }
});

describe("a queue that holds everything", () => {
  test("grows by what comes and cannot be served, exactly", () => {
    const capacity = replicasOf(2, { slots: 3, serviceTime: always(500) });
    const options = { seconds: 2 * HOUR, settleSeconds: 0, chart: false };
    // 12 per second can be served of 15.
    const { backlog, failed, busySeconds, waitMs } = simulate(capacity, loadOf([15], HOUR), options);
    expect(backlog.start).toBe(0);
    expect(off(backlog.end, 3 * 2 * HOUR)).toBeLessThan(1e-9);
    expect(failed).toEqual({ timedOut: 0, throttled: 0 });
    expect(off(busySeconds, 6 * 2 * HOUR)).toBeLessThan(1e-9);
    // Waits rise evenly to what stands before the last one served, who came at 12/15 of the time.
    expect(off(waitMs?.mean ?? NaN, (0.2 * 2 * HOUR * 1000) / 2)).toBeLessThan(0.01);
    expect(off(waitMs?.p99 ?? NaN, 0.99 * 0.2 * 2 * HOUR * 1000)).toBeLessThan(0.02);
  });

  test("is worked off when less comes", () => {
    const capacity = replicasOf(2, { slots: 3, serviceTime: always(500) });
    // An hour at 15, 12 of which are served: 10,800 wait; then 6 are served beyond what comes, for half an hour.
    const rates = [15, 6, 6, 6];
    const { backlog, waitMs, busySeconds, requests } = simulate(capacity, loadOf(rates, HOUR), {
      seconds: 4 * HOUR,
      settleSeconds: HOUR,
      chart: false,
    });
    expect([backlog.start, backlog.end]).toEqual([0, 0]);
    expect(off(busySeconds, requests / 2)).toBeLessThan(1e-6);
    // Of 118,800 requests 64,800 wait, up to 900 s: the longest are those at the end of the hour.
    expect(off(waitMs?.mean ?? NaN, ((64_800 * 450) / 118_800) * 1000)).toBeLessThan(0.01);
    // The others wait as often as three busy slots of six make them.
    expect(off(waitMs?.probability ?? NaN, (64_800 + erlangC(6, 3) * 54_000) / 118_800)).toBeLessThan(0.01);
  });
});

describe("a step under target tracking, against every request played", () => {
  // Start-up is no multiple of a minute: what comes first at the same moment, the decision or the replica, is chance.
  const [settle, seconds] = [HOUR, 4 * HOUR];
  const load = loadOf([12, 90, 90, 12], HOUR);
  const policy = tracking("cpu", 60);
  const scaling = scalingOf(2, 20, [policy]);
  const capacity = (startupSeconds: number, patienceSeconds: number | null) =>
    replicasOf(2, {
      slots: 4,
      serviceTime: serviceTimeOf(200, 400),
      startupSeconds,
      patienceSeconds,
      scaling,
    });

  const played = (startup: number, patience: number | null, seed: number): QueueResult =>
    playQueue(eventsOf(load, settle, seconds, seed), logNormalTimes(0.2, 0.4), 4, patience ?? Infinity, {
      replicas: 2,
      startup,
      decide: playedTracking(scaling, policy),
    });

  // From 2 replicas, which the step asks more than twice as much of, over 4 and 7 to what works off the queue. While it does
  // nothing is left to chance, so that replicas agree to the minute, and the waits of so many requests to a few percent. The
  // 95th percentile without patience lies where waits rise steeply.
  test.each([
    ["130 s to start, no patience", 130, null, 20],
    ["130 s to start, 30 s of patience", 130, 30, 14],
    ["310 s to start, 5 s of patience", 310, 5, 14],
  ])("%s", (_name, startup, patience, most) => {
    const events = played(startup, patience, 1);
    const result = simulate(capacity(startup, patience), load, { seconds, settleSeconds: settle, seed: 1 });
    expect(Math.max(...events.minutes)).toBe(most);
    expect(result.replicas.max).toBe(most);
    expect(result.launches).toBe(events.launches);
    expect(off(result.replicas.average, events.averageReplicas)).toBeLessThan(0.01);
    // Minutes spent with more than the 2 that were there.
    const grown = [...result.secondsAtReplicas].reduce(
      (sum, [count, time]) => sum + (count > 2 ? time : 0),
      0,
    );
    expect(Math.abs(grown - events.minutes.filter((count) => count > 2).length * 60)).toBeLessThanOrEqual(
      120,
    );
    expect(off(result.latencyMs?.mean ?? NaN, events.latencies.mean * 1000)).toBeLessThan(0.05);
    expect(off(result.latencyMs?.p50 ?? NaN, events.latencies.quantile(0.5) * 1000)).toBeLessThan(0.01);
    expect(off(result.latencyMs?.p99 ?? NaN, events.latencies.quantile(0.99) * 1000)).toBeLessThan(0.03);
    expect(off(highest(result.series.p99), events.latencies.quantile(1) * 1000)).toBeLessThan(0.1);
    expect(off(result.waitMs?.probability ?? NaN, events.waits.shareAbove(1e-6))).toBeLessThan(0.06);
    if (patience === null) expect(result.failed.timedOut).toBe(0);
    else
      expect(off(result.failed.timedOut / result.requests, events.timedOut / events.arrived)).toBeLessThan(
        0.05,
      );
    expect(result.backlog.end).toBe(0);
  });
});

describe("four hours that rise and fall under target tracking, against every request played", () => {
  // What a metric shows is random: single runs differ by a replica here and there, the mean of several does not.
  test.each([
    ["up to 80 per second on 1 to 20 replicas", 80, 2],
    ["up to 20 per second on 1 to 20 replicas", 20, 4],
  ])("%s", (_name, peak, runs) => {
    const [settle, seconds] = [HOUR, 4 * HOUR];
    const rates = Array.from(
      { length: 48 },
      (_, step) => peak * (0.1 + 0.9 * Math.sin((Math.PI * step) / 48) ** 4),
    );
    const load = loadOf(rates, 300);
    const policy = tracking("cpu", 60);
    const scaling = scalingOf(1, 20, [policy]);
    const capacity = replicasOf(1, {
      slots: 4,
      serviceTime: serviceTimeOf(200, 400),
      startupSeconds: 130,
      patienceSeconds: 30,
      scaling,
    });
    const seeds = Array.from({ length: runs }, (_, index) => index + 1);
    const played = seeds.map((seed) =>
      playQueue(eventsOf(load, settle, seconds, seed), logNormalTimes(0.2, 0.4), 4, 30, {
        replicas: 1,
        startup: 130,
        decide: playedTracking(scaling, policy),
      }),
    );
    const results = seeds.map((seed) =>
      simulate(capacity, load, { seconds, settleSeconds: settle, seed, chart: false }),
    );
    expect(
      off(
        meanOver(results, ({ replicas }) => replicas.average),
        meanOver(played, ({ averageReplicas }) => averageReplicas),
      ),
    ).toBeLessThan(0.03);
    expect(
      Math.abs(meanOver(results, ({ launches }) => launches) - meanOver(played, ({ launches }) => launches)),
    ).toBeLessThanOrEqual(1);
    for (const share of [0.5, 0.95, 0.99] as const) {
      const key = ({ 0.5: "p50", 0.95: "p95", 0.99: "p99" } as const)[share];
      expect(
        off(
          meanOver(results, ({ latencyMs }) => latencyMs?.[key] ?? NaN),
          meanOver(played, ({ latencies }) => latencies.quantile(share) * 1000),
        ),
      ).toBeLessThan(share === 0.99 ? 0.05 : 0.02);
    }
    expect(
      off(
        meanOver(results, ({ latencyMs }) => latencyMs?.mean ?? NaN),
        meanOver(played, ({ latencies }) => latencies.mean * 1000),
      ),
    ).toBeLessThan(0.02);
    expect(meanOver(results, ({ failed, requests }) => failed.timedOut / requests)).toBeLessThan(1e-3);
    expect(meanOver(played, ({ timedOut, arrived }) => timedOut / arrived)).toBeLessThan(1e-3);
  });
});

describe("waking from zero replicas, against every request played", () => {
  const WAKE = 120;
  const STARTUP = 310;
  const policy = tracking("concurrency", 5);
  const scaling = scalingOf(0, 4, [policy], { wakeSeconds: WAKE, metricDelaySeconds: 0 });
  const capacity = replicasOf(0, {
    serviceTime: serviceTimeOf(1000, 3000),
    startupSeconds: STARTUP,
    scaling,
  });

  /** Looks every ten seconds: at requests that find nobody, and each minute at the mean number of requests. */
  function decisions(): EventPolicy["decide"] {
    const track = playedTracking(scaling, policy, ({ present, ready }) => present / ready);
    let since: number | null = null;
    let [looks, present] = [0, 0];
    return (look) => {
      looks += 1;
      present += (look.waiting + look.working) / 6;
      since = look.ready === 0 && look.waiting > 0 ? (since ?? look.now) : null;
      const seen = present;
      if (looks % 6 === 0) present = 0;
      if (look.wanted === 0 && since !== null && look.now - since >= WAKE - 10) return 1;
      return looks % 6 === 0 ? track({ ...look, present: seen }) : look.wanted;
    };
  }

  // From a request every 1000 s, each of which starts a replica for a quarter of an hour, to one every 50 s. The rarer they
  // are, the more the number of starts varies; waits are close to that of the wake and the start, 430 s.
  test.each([0.001, 0.005, 0.02])("%d requests per second", (rate) => {
    const load = loadOf([rate], HOUR);
    const seconds = 250 / rate;
    const seeds = [1, 2, 3];
    const results = seeds.map((seed) =>
      simulate(capacity, load, { seconds, settleSeconds: 12 * HOUR, seed, chart: false }),
    );
    const played = seeds.map((seed) =>
      playQueue(eventsOf(load, 12 * HOUR, seconds, seed), logNormalTimes(1, 3), 1, Infinity, {
        replicas: 0,
        startup: STARTUP,
        period: 10,
        decide: decisions(),
      }),
    );
    const figures = [
      [
        meanOver(results, ({ replicas }) => replicas.average),
        meanOver(played, (run) => run.averageReplicas),
        0.1,
      ],
      [meanOver(results, ({ launches }) => launches), meanOver(played, ({ launches }) => launches), 0.1],
      [
        meanOver(results, ({ waitMs }) => waitMs?.mean ?? NaN),
        meanOver(played, ({ waits }) => waits.mean * 1000),
        0.1,
      ],
      [
        meanOver(results, ({ latencyMs }) => latencyMs?.p99 ?? NaN),
        meanOver(played, ({ latencies }) => latencies.quantile(0.99) * 1000),
        0.05,
      ],
    ] as const;
    for (const [value, expected, tolerance] of figures) expect(off(value, expected)).toBeLessThan(tolerance);
  });

  test("starts the first replica so many seconds after the first request", () => {
    // Ten a second from the second hour on.
    const { secondsAtReplicas, launches, series } = simulate(
      replicasOf(0, {
        slots: 100,
        startupSeconds: 600,
        scaling: scalingOf(0, 1, [], { wakeSeconds: WAKE }),
      }),
      loadOf([0, 10, 10], HOUR),
      { seconds: 3 * HOUR, settleSeconds: 0 },
    );
    expect(launches).toBe(1);
    expect([...secondsAtReplicas]).toEqual([
      [0, HOUR + WAKE],
      [1, 2 * HOUR - WAKE],
    ]);
    // The first request waits for both.
    expect(off(highest(series.p99), (WAKE + 600) * 1000)).toBeLessThan(0.02);
  });
});
