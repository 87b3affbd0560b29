import { Duration } from "../../modules/units/duration";
import type { ScalingPolicy } from "../../modules/manifest/schema";
import type { ReplicaScaling } from "../../modules/simulate/capacity";
import { simulate } from "../../modules/simulate/simulate";
import { always } from "../support/month";
import { loadOf, off, replicasOf, scalingOf, tracking } from "./support";

const HOUR = 3600;

/**
 * Seconds at each number of replicas, in two hours: nothing in the first, and in the second more than any replica can do, so
 * that each of them is seen at 100 % from the first second on and chance has no say.
 */
function grown(scaling: ReplicaScaling, startupSeconds = 0): readonly (readonly [number, number])[] {
  const capacity = replicasOf(scaling.min, { slots: 4, serviceTime: always(1000), startupSeconds, scaling });
  const { secondsAtReplicas } = simulate(capacity, loadOf([0, 1000], HOUR), {
    seconds: 2 * HOUR,
    settleSeconds: 0,
    chart: false,
  });
  return [...secondsAtReplicas];
}

describe("replicas over a run", () => {
  const cpu = tracking("cpu", 50);

  test("grow after three minutes, and one more in which the alarm is seen, doubling each minute", () => {
    expect(grown(scalingOf(2, 20, [cpu]))).toEqual([
      [2, HOUR + 240],
      [4, 60],
      [8, 60],
      [16, 60],
      [20, HOUR - 420],
    ]);
  });

  test("grow again only once what starts has joined, and are paid for from their start", () => {
    // Joined 130 s after the decision, at the next step of 15 s; the minute after that sees them.
    expect(grown(scalingOf(2, 8, [cpu]), 130)).toEqual([
      [2, HOUR + 240],
      [4, 180],
      [8, HOUR - 420],
    ]);
  });

  test("grow by steps, once per cooldown", () => {
    const step: ScalingPolicy = {
      type: "step",
      metric: "cpu",
      threshold: 60,
      steps: [
        { from: 0, to: 20, add: 1 },
        { from: 20, add: 2 },
      ],
      cooldown: Duration.seconds(300),
    };
    // Two minutes, not three.
    expect(grown(scalingOf(1, 5, [step], { scaleOutPeriods: 2 }))).toEqual([
      [1, HOUR + 180],
      [3, 300],
      [5, HOUR - 480],
    ]);
  });

  test("grow as the autoscaler of pods does: every 15 seconds, by four a minute", () => {
    const scaling = scalingOf(1, 6, [cpu], {
      algorithm: "horizontal-pod-autoscaler",
      metricPeriodSeconds: 15,
      metricDelaySeconds: 0,
    });
    // 2 and 4 are twice as many; 5 is four more than a minute ago; a minute after the first step it may be 6.
    expect(grown(scaling)).toEqual([
      [1, HOUR + 15],
      [2, 15],
      [4, 15],
      [5, 30],
      [6, HOUR - 75],
    ]);
  });

  test("shrink after a quarter of an hour, and a minute in which the alarm is seen", () => {
    const scaling = scalingOf(2, 20, [cpu]);
    const capacity = replicasOf(2, { slots: 4, serviceTime: always(1000), patienceSeconds: 1, scaling });
    const { secondsAtReplicas, launches } = simulate(capacity, loadOf([1000, 0], HOUR), {
      seconds: 2 * HOUR,
      settleSeconds: HOUR,
      chart: false,
    });
    // It settles in the idle hour: three minutes, and what it takes from 2 to 20.
    expect([...secondsAtReplicas]).toEqual([
      [2, 240 + HOUR - 960],
      [4, 60],
      [8, 60],
      [16, 60],
      [20, HOUR - 420 + 960],
    ]);
    expect(launches).toBe(18);
  });

  test("show the share of vCPUs that requests keep busy", () => {
    // 3.2 of 4 vCPUs at full slots: 80 %. On a target of 85 it is never too much.
    const busy = (perRequest: number, target: number) =>
      grown(scalingOf(2, 3, [tracking("cpu", target)], { cpu: { perReplica: 4, perRequest } }));
    expect(busy(0.8, 85)).toEqual([[2, 2 * HOUR]]);
    expect(busy(0.8, 75)).toEqual([
      [2, HOUR + 240],
      [3, HOUR - 240],
    ]);
    // A request that could use more than its share of the vCPUs does not make more than 100 %.
    expect(busy(4, 99)).toEqual([
      [2, HOUR + 240],
      [3, HOUR - 240],
    ]);
  });

  test("do not follow a metric that load does not move", () => {
    expect(grown(scalingOf(2, 9, [tracking("memory", 60)], { memoryPercent: 50 }))).toEqual([[2, 2 * HOUR]]);
    // Always too much: replicas do not help, and all of them are there.
    expect(grown(scalingOf(2, 9, [tracking("memory", 60)], { memoryPercent: 90 })).at(-1)?.[0]).toBe(9);
  });

  test("come to the number that the target means, on the average", () => {
    // 40 slots at work; at 50 % of 4 slots each that is 20 replicas. Up to a tenth more stay once they are there.
    const capacity = replicasOf(1, {
      slots: 4,
      serviceTime: always(200),
      scaling: scalingOf(1, 50, [cpu]),
      patienceSeconds: 30,
    });
    for (const seed of [1, 2, 3]) {
      const { replicas } = simulate(capacity, loadOf([200], HOUR), { seconds: 6 * HOUR, seed, chart: false });
      expect(replicas.average).toBeGreaterThanOrEqual(20);
      expect(replicas.average).toBeLessThan(22.3);
    }
  });

  test("follow requests per minute and replica, and requests at once", () => {
    const average = (metric: "invocations-per-instance" | "concurrency", target: number): number =>
      simulate(
        replicasOf(1, {
          slots: 8,
          serviceTime: always(200),
          scaling: scalingOf(1, 50, [tracking(metric, target)]),
        }),
        loadOf([200], HOUR),
        { seconds: 6 * HOUR, chart: false },
      ).replicas.average;
    // 12,000 a minute at 600 each; 40 at once at 2 each.
    expect(off(average("invocations-per-instance", 600), 21)).toBeLessThan(0.07);
    expect(off(average("concurrency", 2), 21)).toBeLessThan(0.07);
  });

  test("stay where provisioned concurrency is silent, and go where a metric shows 0", () => {
    const environments = (silentWhenIdle: boolean) =>
      simulate(
        {
          kind: "environments",
          serviceTime: always(1000),
          overheadMs: 0,
          coldStartMs: 1000,
          keepAliveSeconds: 300,
          maxConcurrency: 1000,
          startsPerSecond: null,
          provisioned: {
            startupSeconds: 0,
            scaling: scalingOf(1, 50, [tracking("provisioned-concurrency-utilization", 70)], {
              silentWhenIdle,
            }),
          },
        },
        loadOf([20, 0], HOUR),
        { seconds: 2 * HOUR, settleSeconds: 2 * HOUR, chart: false },
      );
    const silent = environments(true);
    const shown = environments(false);
    expect(silent.replicas.min).toBeGreaterThan(25);
    expect(shown.replicas.min).toBe(1);
    expect(shown.provisioned.seconds).toBeLessThan(silent.provisioned.seconds * 0.8);
  });
});
