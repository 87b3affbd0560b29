import { erlangB } from "../queueing/erlang";
import { peaksOf, type Peaks } from "../queueing/occupancy";
import { serviceDistribution } from "../workload/service-time";
import type { Workload } from "../workload/workload";
import type { EnvironmentCapacity, Simulation } from "./capacity";
import { clockOf, type SimulateOptions } from "./clock";
import { Fleet } from "./fleet";
import { Random } from "./random";
import { Recorder } from "./recorder";

/** Loads within this factor of each other share their peaks. */
const LOAD_STEP = 0.01;

/** Environments that come with requests and go when idle, some of them provisioned. */
export function simulateEnvironments(
  capacity: EnvironmentCapacity,
  workload: Workload,
  options: SimulateOptions,
): Simulation {
  const { keepAliveSeconds, maxConcurrency, startsPerSecond, provisioned } = capacity;
  const clock = clockOf(
    workload,
    provisioned.scaling,
    Math.min(15, Math.max(1, keepAliveSeconds / 8)),
    options,
  );
  const { load, step } = clock;
  const service = serviceDistribution(capacity.serviceTime);
  const coldSeconds = capacity.coldStartMs / 1000;
  const fleet = new Fleet(
    provisioned.scaling,
    provisioned.startupSeconds,
    clock,
    { slots: 1, scv: service.scv },
    new Random(clock.seed),
  );
  const recorder = new Recorder(
    Math.min(load.period < 86_400 ? 86_400 : load.period, clock.seconds),
    step,
    service,
    capacity.overheadMs / 1000,
  );
  const pool = new WarmPool(service.mean, Math.max(1, Math.round(keepAliveSeconds / step)));
  const nothing = (): void => undefined;
  const sums = {
    cold: 0,
    provisionedSeconds: 0,
    provisionedBusy: 0,
    onDemand: 0,
    launchesAtStart: 0,
    starts: 0,
  };
  let recording = false;
  let coldShare = 0;
  const end = clock.seconds - 1e-6;
  for (let now = -clock.settle; now < end;) {
    const seconds = Math.min(step, clock.seconds - now);
    if (!recording && now > -1e-6) {
      recording = true;
      sums.launchesAtStart = fleet.launches;
    }
    fleet.begin(now);
    const ready = fleet.ready;
    const rate = load.rate(now, now + seconds);
    const arrived = rate * seconds;
    // A cold start occupies its environment too.
    const offered = rate * (service.mean + coldShare * coldSeconds);
    const blocked = erlangB(maxConcurrency, offered);
    const accepted = rate * (1 - blocked);
    let starts = pool.advance(accepted, ready, seconds, coldSeconds);
    starts = Math.min(
      starts,
      accepted * seconds,
      Math.max(0, maxConcurrency - ready - pool.size) + seconds * maxConcurrency,
    );
    const allowed = startsPerSecond === null ? Infinity : startsPerSecond * seconds;
    const refused = Math.max(0, starts - allowed);
    const cold = starts - refused;
    const throttled = arrived * blocked + refused;
    const served = arrived - throttled;
    coldShare = served <= 0 ? 0 : cold / served;
    // Those that find every provisioned environment at work go to others.
    const spilled = ready <= 0 ? 1 : erlangB(ready, accepted * service.mean);
    const elsewhere = Math.min(served, Math.max(cold, served * spilled));
    const inside = served - elsewhere;
    if (recording) {
      recorder.throttled += throttled;
      recorder.waits.add(0, served - cold);
      if (cold > 0) recorder.waits.add(coldSeconds, cold);
      sums.cold += cold;
      sums.starts += cold;
      sums.provisionedSeconds += fleet.total * seconds;
      sums.provisionedBusy += inside * service.mean;
      sums.onDemand += elsewhere;
      recorder.step(seconds, arrived, served, fleet.total + Math.round(pool.size), nothing);
    }
    now += seconds;
    fleet.observe(now, seconds, {
      arrived,
      busy: (inside * service.mean) / seconds,
      present: (inside * service.mean) / seconds,
    });
  }
  const { served } = recorder;
  return {
    ...recorder.finish(service, nothing),
    backlog: { start: 0, end: 0 },
    coldStarts: {
      requests: sums.cold,
      fraction: served <= 0 ? 0 : sums.cold / served,
      ms: capacity.coldStartMs,
    },
    launches: fleet.launches - sums.launchesAtStart + sums.starts,
    busySeconds: served * service.mean,
    provisioned: { seconds: sums.provisionedSeconds, busySeconds: sums.provisionedBusy },
    onDemand: {
      busySeconds: sums.onDemand * service.mean,
      coldStartSeconds: sums.cold * coldSeconds,
      requests: sums.onDemand,
    },
    batch: null,
  };
}

/**
 * Environments on demand. The one that worked last works next, so that the pool holds as many as were ever at work at once
 * within the time that an idle one is kept: the environment of a level stays warm as long as the level is reached.
 */
class WarmPool {
  /** Environments that exist, on average. */
  size = 0;
  readonly #mean: number;
  /** Peaks of the last steps, within which an idle environment is kept; a ring. */
  readonly #past: (Peaks | undefined)[];
  #place = 0;
  readonly #known = new Map<number, Peaks>();
  /** How often each level was reached within the ring, on average. */
  #visits = new Float64Array(64);
  /** A burst of cold starts at once, as many as remain until a step. */
  #burst = { size: 0, share: 0, left: 0 };

  /** @param steps steps for which an idle environment is kept. */
  constructor(mean: number, steps: number) {
    this.#mean = mean;
    this.#past = new Array<Peaks | undefined>(steps).fill(undefined);
  }

  /**
   * @param rate requests per second that are not throttled.
   * @param provisioned environments that are there anyway.
   * @returns cold starts in this step.
   */
  advance(rate: number, provisioned: number, seconds: number, coldSeconds: number): number {
    const peaks = this.#peaks(rate);
    const highest = peaks.first + peaks.rates.length;
    if (highest >= this.#visits.length) {
      const larger = new Float64Array(highest * 2);
      larger.set(this.#visits);
      this.#visits = larger;
    }
    const visits = this.#visits;
    const floor = Math.max(0, peaks.first - 1);
    let expected = 0;
    let warm = 0;
    const lowest = Math.max(provisioned, 0) + 1;
    for (let level = lowest; level < visits.length; level += 1) {
      const before = visits[level] ?? 0;
      const reached =
        level <= floor ? 40 : level < highest ? (peaks.rates[level - peaks.first] ?? 0) * seconds : 0;
      if (before <= 1e-12 && reached <= 1e-12) {
        if (level >= highest) break;
        continue;
      }
      const cold = Math.exp(-before) * (level <= this.#burst.size ? 1 - this.#burst.share : 1);
      warm += 1 - cold;
      // At most one start, and that only where the level is reached.
      expected += cold * -Math.expm1(-reached);
    }
    let starts = expected;
    if (expected > 0) {
      // While the first environment starts, whoever finds no other free starts one too.
      const some = -Math.expm1(-expected);
      const whole = Math.floor(warm);
      const busy = erlangB(provisioned + whole, rate * this.#mean);
      const together = 1 + coldSeconds * rate * busy;
      if (together > expected / some) {
        starts = some * together;
        if (together > this.#burst.size || this.#burst.left <= 0) {
          this.#burst = {
            size: Math.round(warm + together) + provisioned,
            share: some,
            left: this.#past.length,
          };
        }
      }
    }
    if (this.#burst.left > 0) this.#burst.left -= 1;
    else this.#burst = { size: 0, share: 0, left: 0 };
    this.size = warm;
    this.#shift(peaks, seconds);
    return starts;
  }

  /** Adds what this step reached, and takes away what is too long ago. */
  #shift(peaks: Peaks, seconds: number): void {
    const add = (of: Peaks, sign: number): void => {
      for (let level = 1; level < of.first; level += 1) this.#add(level, sign * 40);
      for (let index = 0; index < of.rates.length; index += 1) {
        this.#add(of.first + index, sign * Math.min(40, (of.rates[index] ?? 0) * seconds));
      }
    };
    const oldest = this.#past[this.#place];
    this.#past[this.#place] = peaks;
    this.#place = (this.#place + 1) % this.#past.length;
    add(peaks, 1);
    if (oldest !== undefined) add(oldest, -1);
  }

  #add(level: number, visits: number): void {
    this.#visits[level] = Math.max(0, (this.#visits[level] ?? 0) + visits);
  }

  #peaks(rate: number): Peaks {
    const key = rate <= 0 ? -Infinity : Math.round(Math.log(rate) / LOAD_STEP);
    let peaks = this.#known.get(key);
    if (peaks === undefined) {
      peaks = peaksOf(rate, this.#mean);
      this.#known.set(key, peaks);
    }
    return peaks;
  }
}
