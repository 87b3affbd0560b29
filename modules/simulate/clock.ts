import type { Workload } from "../workload/workload";
import type { ReplicaScaling } from "./capacity";
import { Load } from "./load";
import { Schedule } from "./schedule";

const DAY = 86_400;
const WEEK = 7 * DAY;
/** Longest step of a simulation, in seconds. */
const LONGEST_STEP = 60;
const SCALING_STEP = 15;
/** Longest time in which the system settles: scaling and idle environments forget what was hours ago. */
const LONGEST_SETTLING = 6 * 3600;

/** How long to simulate, and how finely. */
export interface SimulateOptions {
  /** Simulated seconds. Default: one period of the load, at least a day, or a week where something is scheduled. */
  readonly seconds?: number;
  /** A whole number; the same one gives the same result. Default 1. */
  readonly seed?: number;
  /** Seconds in which the system settles before anything counts. Default: a period of the load, at most six hours. */
  readonly settleSeconds?: number;
  /**
   * Whether the series of the result has percentiles, which take a third of the time. Without them `series.p99` is empty.
   * Default true.
   */
  readonly chart?: boolean;
}

/** Times of a simulation. It starts before the load's start, so that what counts begins there. */
export interface Clock {
  readonly load: Load;
  readonly schedule: Schedule;
  /** Milliseconds since 1970 of time 0. */
  readonly start: number;
  readonly seconds: number;
  readonly settle: number;
  readonly step: number;
  readonly seed: number;
  readonly chart: boolean;
}

/**
 * @param finest seconds that a step must not exceed, for whatever reason.
 * @throws {RangeError} where `seconds` is not above 0.
 */
export function clockOf(
  workload: Workload,
  scaling: ReplicaScaling,
  finest: number,
  options: SimulateOptions,
): Clock {
  const { arrivals } = workload;
  if (arrivals === null) throw new RangeError("a workload without arrivals cannot be simulated over time");
  const load = new Load(arrivals);
  const scheduled = scaling.policies.some(({ type }) => type === "scheduled");
  const usual = Math.max(load.period, DAY);
  const whole = (of: number) => Math.ceil(of / load.period - 1e-9) * load.period;
  const seconds = options.seconds ?? whole(scheduled ? Math.max(usual, WEEK) : usual);
  if (!(seconds > 0)) throw new RangeError(`not a time to simulate, in seconds: ${seconds}`);
  const step = stepOf(scaling, Math.min(finest, Math.max(1, seconds)));
  const settle = Math.ceil((options.settleSeconds ?? Math.min(load.period, LONGEST_SETTLING)) / step) * step;
  return {
    load,
    schedule: new Schedule(scaling.policies, arrivals.start - settle * 1000, scaling),
    start: arrivals.start,
    seconds,
    settle,
    step,
    seed: options.seed ?? 1,
    chart: options.chart ?? true,
  };
}

/** The longest step that divides the metric's period where something is measured. */
function stepOf({ policies, metricPeriodSeconds }: ReplicaScaling, finest: number): number {
  const measured = policies.some(({ type }) => type !== "scheduled");
  const longest = Math.min(finest, measured ? SCALING_STEP : LONGEST_STEP);
  const period = measured ? metricPeriodSeconds : LONGEST_STEP;
  return period / Math.ceil(period / longest - 1e-9);
}
