import { makespan, simulateBatch } from "../../modules/simulate/batch";
import type { BatchCapacity } from "../../modules/simulate/capacity";
import { serviceDistribution, serviceTimeOf } from "../../modules/workload/service-time";
import { Size } from "../../modules/units/size";
import { fixedTimes, logNormalTimes, randomOf, type Sampler } from "../support/event-simulator";
import { always, constant, workload } from "../support/month";
import { off } from "./support";

/** When so many requests are done, each slot taking the next when it is free: played over and over, averaged. */
function playedMakespan(requests: number, slots: number, service: Sampler, runs: number): number {
  const random = randomOf(17);
  let total = 0;
  for (let run = 0; run < runs; run += 1) {
    const free = new Float64Array(slots);
    for (let request = 0; request < requests; request += 1) {
      let first = 0;
      for (let slot = 1; slot < slots; slot += 1) if ((free[slot] ?? 0) < (free[first] ?? 0)) first = slot;
      free[first] = (free[first] ?? 0) + service(random);
    }
    total += Math.max(...free);
  }
  return total / runs;
}

function batchOf(changes: Partial<BatchCapacity> = {}): BatchCapacity {
  return {
    kind: "batch",
    startupSeconds: 300,
    slots: 8,
    serviceTime: always(500),
    recordsPerRequest: 1,
    machines: 2,
    ...changes,
  };
}

const batch = (records: number, everySeconds: number) => ({
  records,
  everySeconds,
  recordSize: Size.tryParse("2Ki") ?? Size.bytes(2048),
});

describe("the time of a run", () => {
  // Hardly more requests than slots are the hardest; the referee's own error is up to half a percent.
  test.each([
    [1, 1, 0.01],
    [5, 8, 0.01],
    [8, 8, 0.01],
    [9, 8, 0.03],
    [20, 8, 0.01],
    [200, 8, 0.01],
    [2000, 8, 0.01],
    [1000, 64, 0.01],
    [3000, 1, 0.01],
  ])("of %d requests on %d slots is that of played ones within %d", (requests, slots, tolerance) => {
    const runs = Math.ceil(400_000 / (requests * Math.sqrt(slots)));
    const played = playedMakespan(requests, slots, logNormalTimes(0.5, 2), runs);
    const service = serviceDistribution(serviceTimeOf(500, 2000));
    expect(off(makespan(requests, slots, service), played)).toBeLessThan(tolerance);
  });

  test("of requests that all take as long is that of the rounds within half of one", () => {
    const service = serviceDistribution(always(500));
    for (const [requests, slots] of [
      [8, 8],
      [80, 8],
      [83, 8],
      [1001, 16],
    ] as const) {
      const played = playedMakespan(requests, slots, fixedTimes(0.5), 1);
      expect(played).toBe(0.5 * Math.ceil(requests / slots));
      expect(Math.abs(makespan(requests, slots, service) - played)).toBeLessThanOrEqual(0.25 + 1e-3);
    }
  });

  test("is 0 without requests, and falls with slots", () => {
    const service = serviceDistribution(serviceTimeOf(500, 2000));
    expect(makespan(0, 4, service)).toBe(0);
    for (let slots = 1, before = Infinity; slots <= 128; slots *= 2) {
      const time = makespan(1000, slots, service);
      expect(time).toBeLessThan(before);
      before = time;
    }
  });
});

describe("a batch job", () => {
  test("is paid for from its start, and counts requests of several records", () => {
    const { batch: run, ...rest } = simulateBatch(
      batchOf({ recordsPerRequest: 10 }),
      workload({ batch: batch(159_995, 86_400) }),
      {},
    );
    // 16,000 requests of half a second on 8 slots, and a quarter of a second for the last of them.
    expect(run).toMatchObject({ workSeconds: 8000, runs: 1, fits: true });
    expect(off(run?.runSeconds ?? 0, 300 + 1000)).toBeLessThan(0.001);
    expect(rest.requests).toBe(159_995);
    expect(rest.busySeconds).toBe(8000);
    expect(rest.launches).toBe(2);
    expect(rest.replicas).toMatchObject({ min: 0, max: 2 });
    expect(rest.replicas.average).toBeCloseTo((2 * (run?.runSeconds ?? 0)) / 86_400, 9);
    expect([...rest.secondsAtReplicas.values()].reduce((sum, seconds) => sum + seconds, 0)).toBe(86_400);
  });

  test("fits as long as it is done before the next", () => {
    const fits = (everySeconds: number) =>
      simulateBatch(batchOf(), workload({ batch: batch(16_000, everySeconds) }), {}).batch?.fits;
    expect(fits(1302)).toBe(true);
    expect(fits(1299)).toBe(false);
  });

  test("that does not fit overlaps with the next", () => {
    const {
      replicas,
      secondsAtReplicas,
      batch: run,
    } = simulateBatch(batchOf(), workload({ batch: batch(16_000, 650) }), { seconds: 6500 });
    expect(run?.runs).toBe(10);
    expect(off(replicas.average, 4)).toBeLessThan(0.001);
    expect([...secondsAtReplicas]).toEqual([[2, 6500]]);
  });

  test("without records works on a day's requests, and on nothing without any", () => {
    const day = simulateBatch(batchOf(), workload({ arrivals: constant(0.5) }), {});
    expect(day.requests).toBe(43_200);
    expect(day.batch?.workSeconds).toBe(21_600);
    const none = simulateBatch(batchOf(), workload({ arrivals: constant(0) }), {});
    expect(none.batch).toEqual({ runSeconds: 0, workSeconds: 0, runs: 1, fits: true });
    expect([...none.secondsAtReplicas]).toEqual([[0, 86_400]]);
    expect(() => simulateBatch(batchOf(), workload({ arrivals: null }), {})).toThrow(RangeError);
  });
});
