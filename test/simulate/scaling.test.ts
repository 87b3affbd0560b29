import { Duration } from "../../modules/units/duration";
import type { ScalingMetric, ScalingPolicy } from "../../modules/manifest/schema";
import { type Reading, scalerOf, type Standing } from "../../modules/simulate/scaling";
import { scalingOf, tracking } from "./support";

const SILENT: Reading = {
  cpu: null,
  memory: null,
  "invocations-per-instance": null,
  concurrency: null,
  "provisioned-concurrency-utilization": null,
};

type Policy = ReturnType<typeof tracking> | Extract<ScalingPolicy, { type: "step" }>;

/** A scaler asked once a period, whose replicas are ready at once unless a test says otherwise. */
class Played {
  now = 0;
  ready: number;
  wanted: number;
  readonly #scaler: ReturnType<typeof scalerOf>;

  constructor(
    policies: readonly Policy[],
    private readonly period: number,
    private readonly bounds: { readonly min: number; readonly max: number },
    start: number,
    algorithm: "application-auto-scaling" | "horizontal-pod-autoscaler" = "application-auto-scaling",
  ) {
    this.#scaler = scalerOf(scalingOf(bounds.min, bounds.max, policies, { algorithm }));
    this.ready = this.wanted = start;
  }

  /** Wanted replicas after each of so many periods that all showed the same. */
  show(reading: Partial<Record<ScalingMetric, number | null>>, periods = 1, starting = false): number[] {
    return Array.from({ length: periods }, () => {
      this.now += this.period;
      const standing: Standing = { ready: this.ready, wanted: this.wanted, ...this.bounds };
      this.wanted = this.#scaler.decide(this.now, { ...SILENT, ...reading }, standing);
      if (!starting) this.ready = this.wanted;
      return this.wanted;
    });
  }
}

const minutes = (policies: readonly Policy[], start: number, bounds = { min: 1, max: 20 }) =>
  new Played(policies, 60, bounds, start);

describe("target tracking", () => {
  const cpu = tracking("cpu", 50);

  test("adds after three minutes above the target, as much as brings it back", () => {
    const played = minutes([cpu], 4);
    expect(played.show({ cpu: 80 }, 3)).toEqual([4, 4, 7]);
    expect(minutes([cpu], 3).show({ cpu: 50.1 }, 3)).toEqual([3, 3, 4]);
    // At the target nothing happens.
    expect(minutes([cpu], 4).show({ cpu: 50 }, 30)).toEqual(new Array(30).fill(4));
  });

  test("counts minutes in a row only, and missing ones not", () => {
    const played = minutes([cpu], 4);
    expect(played.show({ cpu: 80 }, 2)).toEqual([4, 4]);
    expect(played.show({ cpu: 50 })).toEqual([4]);
    expect(played.show({ cpu: 80 }, 2)).toEqual([4, 4]);
    expect(played.show({})).toEqual([4]);
    expect(played.show({ cpu: 80 }, 3)).toEqual([4, 4, 7]);
  });

  test("goes on while the alarm stands, minute by minute, up to the maximum", () => {
    expect(minutes([cpu], 2).show({ cpu: 100 }, 6)).toEqual([2, 2, 4, 8, 16, 20]);
  });

  test("counts what starts: only what is needed beyond it is added", () => {
    const played = minutes([cpu], 4);
    expect(played.show({ cpu: 80 }, 5, true)).toEqual([4, 4, 7, 7, 7]);
    expect(played.show({ cpu: 99 }, 1, true)).toEqual([8]);
  });

  test("removes after fifteen minutes below nine tenths of the target, rounded up", () => {
    expect(minutes([cpu], 10).show({ cpu: 44.9 }, 15)).toEqual([...new Array(14).fill(10), 9]);
    expect(minutes([cpu], 10).show({ cpu: 45 }, 40)).toEqual(new Array(40).fill(10));
    expect(minutes([cpu], 10).show({ cpu: 10 }, 15).at(-1)).toBe(2);
    // Rounded up, it is one again.
    expect(minutes([cpu], 1, { min: 0, max: 20 }).show({ cpu: 1 }, 40)).toEqual(new Array(40).fill(1));
    expect(minutes([cpu], 3, { min: 0, max: 20 }).show({ cpu: 0 }, 15).at(-1)).toBe(0);
    expect(minutes([cpu], 10, { min: 6, max: 20 }).show({ cpu: 10 }, 15).at(-1)).toBe(6);
  });

  test("pauses after removing, and not after the cooldown", () => {
    const played = minutes([cpu], 16);
    played.show({ cpu: 25 }, 14);
    expect(played.show({ cpu: 25 }, 6)).toEqual([8, 8, 8, 8, 8, 4]);
    // Growth does not wait for it.
    expect(played.show({ cpu: 100 }, 3)).toEqual([4, 4, 8]);
  });

  test("removes nothing while something starts, nor soon after it was added", () => {
    const starting = minutes([cpu], 4);
    starting.wanted = 6;
    expect(starting.show({ cpu: 10 }, 20, true)).toEqual(new Array(20).fill(6));
    const long = minutes([tracking("cpu", 50, 300, 1800)], 4);
    long.show({ cpu: 80 }, 3);
    expect(long.wanted).toBe(7);
    // Thirty minutes after growth, not fifteen.
    expect(long.show({ cpu: 10 }, 30)).toEqual([...new Array(29).fill(7), 2]);
  });

  test("of several policies the highest need counts, and all must agree to remove", () => {
    const both = [cpu, tracking("memory", 60)];
    expect(minutes(both, 4).show({ cpu: 80, memory: 75 }, 3).at(-1)).toBe(7);
    expect(minutes(both, 4).show({ cpu: 10, memory: 75 }, 3).at(-1)).toBe(5);
    expect(minutes(both, 10).show({ cpu: 10, memory: 59 }, 30)).toEqual(new Array(30).fill(10));
    expect(minutes(both, 10).show({ cpu: 10, memory: 40 }, 15).at(-1)).toBe(7);
    expect(minutes(both, 10).show({ cpu: 10, memory: null }, 30).at(-1)).toBe(10);
  });

  test("returns to bounds that have moved, whatever the metric shows", () => {
    expect(minutes([cpu], 4, { min: 6, max: 20 }).show({})).toEqual([6]);
    expect(minutes([cpu], 4, { min: 1, max: 3 }).show({ cpu: 50 })).toEqual([3]);
  });
});

describe("step scaling", () => {
  const step = (changes: Partial<Extract<ScalingPolicy, { type: "step" }>> = {}) =>
    ({
      type: "step",
      metric: "cpu",
      threshold: 60,
      steps: [
        { from: 0, to: 20, add: 1 },
        { from: 20, add: 4 },
        { from: -20, to: 0, add: -1 },
        { from: -40, to: -20, add: -3 },
      ],
      cooldown: Duration.seconds(300),
      ...changes,
    }) as const satisfies ScalingPolicy;

  test.each([
    [59.9, 5],
    [60, 6],
    [79.9, 6],
    [80, 9],
    [100, 9],
  ])("of %d %% for two minutes makes %d of five", (cpu, expected) => {
    expect(minutes([step()], 5).show({ cpu }, 2)).toEqual([5, expected]);
  });

  test.each([
    [60, 10],
    [59.9, 9],
    [40, 9],
    [39.9, 7],
    // The outermost step is open downwards.
    [1, 7],
  ])("of %d %% for fifteen minutes leaves %d of ten", (cpu, expected) => {
    const fewer = minutes([step({ steps: step().steps.filter(({ from }) => from < 0) })], 10);
    expect(fewer.show({ cpu }, 15)).toEqual([...new Array<number>(14).fill(10), expected]);
  });

  test("within the cooldown what was added counts towards a larger step", () => {
    const played = minutes([step()], 5);
    expect(played.show({ cpu: 70 }, 3)).toEqual([5, 6, 6]);
    // As the API's reference puts it, 3 while 2 were added makes 1 more; here 4 while 1 was added.
    expect(played.show({ cpu: 90 })).toEqual([9]);
    expect(played.show({ cpu: 90 }, 6)).toEqual([9, 9, 9, 9, 13, 13]);
  });

  test("removes one step per cooldown", () => {
    const played = minutes([step()], 10);
    expect(played.show({ cpu: 50 }, 26).slice(14)).toEqual([9, 9, 9, 9, 9, 8, 8, 8, 8, 8, 7, 7]);
  });

  test("the highest of its and a tracking policy's needs counts", () => {
    const both = [step(), tracking("cpu", 50)];
    expect(minutes(both, 5).show({ cpu: 62 }, 3)).toEqual([5, 6, 8]);
    expect(minutes(both, 5).show({ cpu: 85 }, 3)).toEqual([5, 9, 16]);
  });
});

describe("the HorizontalPodAutoscaler", () => {
  const pods = (
    start: number,
    policies: readonly Policy[] = [tracking("cpu", 50, 300, 60)],
    bounds = { min: 1, max: 100 },
  ) => new Played(policies, 15, bounds, start, "horizontal-pod-autoscaler");

  test("acts at once, beyond a tenth off its target", () => {
    expect(pods(4).show({ cpu: 54.9 })).toEqual([4]);
    expect(pods(4).show({ cpu: 55.1 })).toEqual([5]);
    expect(pods(4).show({ cpu: 100 })).toEqual([8]);
    expect(pods(20, [tracking("cpu", 50, 1)]).show({ cpu: 45 })).toEqual([20]);
    expect(pods(20, [tracking("cpu", 50, 1)]).show({ cpu: 44.9 })).toEqual([18]);
  });

  test("adds four pods or as many as there were, within the period of its cooldown", () => {
    const few = pods(1, [tracking("concurrency", 10)]);
    // Five at first, and no more for a minute; then ten.
    expect(few.show({ concurrency: 100 }, 5)).toEqual([5, 5, 5, 5, 10]);
    const many = pods(20, [tracking("concurrency", 10)]);
    expect(many.show({ concurrency: 300 }, 5)).toEqual([40, 40, 40, 40, 80]);
    expect(pods(20, [tracking("concurrency", 10)]).show({ concurrency: 17 }, 2)).toEqual([34, 40]);
  });

  test("goes down to the highest need of the window", () => {
    const played = pods(10);
    played.show({ cpu: 50 });
    expect(played.show({ cpu: 40 }, 10)).toEqual(new Array(10).fill(10));
    // The need of 10 was seen 20 looks before the last of these; then that of 8, of 40 %.
    expect(played.show({ cpu: 5 }, 10)).toEqual([...new Array(9).fill(10), 8]);
    expect(played.show({ cpu: 5 }, 10).at(-1)).toBe(1);
  });

  test("takes pods that start for idle when it goes up", () => {
    const played = pods(4);
    played.wanted = 8;
    // 1.8 times the target on half the pods is less than the target on all of them.
    expect(played.show({ cpu: 90 }, 1, true)).toEqual([8]);
    played.wanted = 6;
    // 2 x 4 / 6 times 6 pods.
    expect(played.show({ cpu: 100 }, 1, true)).toEqual([8]);
  });

  // In Kubernetes' own code: `ceil(usageRatio * readyPodCount)` where pods that are not ready are to be set aside and the
  // ratio is below 1 (pkg/controller/podautoscaler/replica_calculator.go, read 2026-11-24).
  test("leaves pods that start out when it goes down", () => {
    const played = pods(4, [tracking("cpu", 50, 1)]);
    played.wanted = 8;
    expect(played.show({ cpu: 20 }, 1, true)).toEqual([2]);
  });

  test("does not go down without a metric, and goes up without one", () => {
    const both = [tracking("cpu", 50, 1), tracking("concurrency", 10, 1)];
    expect(pods(10, both).show({ cpu: 10, concurrency: null })).toEqual([10]);
    expect(pods(10, both).show({ cpu: 80, concurrency: null })).toEqual([16]);
    expect(pods(10, both).show({ cpu: 10, concurrency: 2 })).toEqual([2]);
    expect(pods(10, both).show({})).toEqual([10]);
  });

  test("stays within its bounds", () => {
    expect(pods(4, undefined, { min: 1, max: 6 }).show({ cpu: 100 })).toEqual([6]);
    expect(pods(4, [tracking("cpu", 50, 1)], { min: 3, max: 6 }).show({ cpu: 1 })).toEqual([3]);
    expect(pods(4, undefined, { min: 5, max: 6 }).show({})).toEqual([5]);
  });
});
