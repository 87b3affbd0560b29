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
    Math.min(30, Math.max(1, keepAliveSeconds / 8)),
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
    clock.chart,
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
  // Environments on demand that there can be at most while they may not start as fast as they are needed.
  let started = Infinity;
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
    const most = Math.min(maxConcurrency, ready + Math.floor(started));
    let blocked = erlangB(most, offered);
    const accepted = rate * (1 - blocked);
    const before = pool.size;
    const starts = pool.advance(accepted, ready, Math.max(0, most - ready), seconds, coldSeconds);
    const allowed = startsPerSecond === null ? Infinity : startsPerSecond * seconds;
    const wanted = started < Infinity ? allowed : starts.cold;
    const cold = Math.min(wanted, allowed, accepted * seconds);
    if (started < Infinity) {
      started += allowed;
      // So many are hardly ever at work at once.
      if (ready + started >= offered + 4 * Math.sqrt(offered) + 1) started = Infinity;
    } else if (starts.cold > allowed) {
      started = before + allowed;
      blocked = Math.max(blocked, erlangB(ready + Math.floor(started), offered));
    }
    const throttled = Math.min(
      arrived - cold,
      arrived * blocked + starts.refused + Math.max(0, starts.cold - cold),
    );
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
      recorder.step(seconds, arrived, served, fleet.total + pool.size, nothing);
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

/** Starts of one step. */
interface Starts {
  /** Environments that start, each with a request. */
  readonly cold: number;
  /** Requests that found no environment while the first ones started, and no room for more. */
  readonly refused: number;
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
  /** Up to which level each of them is reached all the time. */
  readonly #floors: Float64Array;
  #step = 0;
  readonly #known = new Map<number, Peaks>();
  /** How often each level above the floors was reached within the ring, on average. */
  #visits = new Float64Array(64);
  /** Step from which on a level's visits count. */
  #since = new Float64Array(64);
  #provisioned = 0;
  /** Environments of a burst of cold starts, with its probability, and the steps for which they are kept. */
  #burst = { size: 0, share: 0, left: 0 };

  /** @param steps steps for which an idle environment is kept. */
  constructor(mean: number, steps: number) {
    this.#mean = mean;
    this.#past = new Array<Peaks | undefined>(steps).fill(undefined);
    this.#floors = new Float64Array(steps);
  }

  /**
   * @param rate requests per second that are not throttled.
   * @param provisioned environments that are there anyway.
   * @param most environments on demand at once.
   */
  advance(rate: number, provisioned: number, most: number, seconds: number, coldSeconds: number): Starts {
    this.#release(provisioned);
    const peaks = this.#peaks(rate);
    const highest = peaks.first + peaks.rates.length;
    this.#reserve(highest);
    const oldest = this.#past[this.#step % this.#past.length];
    const floor = this.#floors.reduce((left, right) => Math.max(left, right), 0);
    const lowest = Math.max(provisioned, floor);
    let warm = Math.max(0, floor - provisioned);
    let expected = 0;
    let level = lowest + 1;
    for (; level < this.#visits.length; level += 1) {
      const before = this.#visits[level] ?? 0;
      const reached = reachedBy(peaks, level, seconds);
      if (before <= 1e-12 && reached <= 1e-12) {
        if (level >= highest) break;
        continue;
      }
      if (before > 36) {
        warm += 1;
        continue;
      }
      const cold = Math.exp(-before) * (level <= this.#burst.size ? 1 - this.#burst.share : 1);
      warm += 1 - cold;
      if (reached <= 1e-12) continue;
      // Within the step visits come and leave evenly; what comes makes the next one less likely to start anything.
      const change = reached - (oldest === undefined ? 0 : reachedBy(oldest, level, seconds));
      expected += cold * reached * (Math.abs(change) < 1e-9 ? 1 : -Math.expm1(-change) / change);
    }
    warm += this.#burst.share * Math.max(0, this.#burst.size - Math.max(level - 1, provisioned));
    this.size = Math.min(warm, most);
    this.#shift(peaks, oldest, seconds);
    return this.#together(expected, rate, provisioned, most, coldSeconds);
  }

  /** Until the first environment is free again, whoever finds no other free starts one too. */
  #together(expected: number, rate: number, provisioned: number, most: number, coldSeconds: number): Starts {
    if (this.#burst.left > 0) this.#burst.left -= 1;
    else this.#burst = { size: 0, share: 0, left: 0 };
    if (expected <= 0) return { cold: 0, refused: 0 };
    const some = -Math.expm1(-expected);
    const busy = erlangB(provisioned + Math.floor(this.size), rate * this.#mean);
    const together = 1 + (coldSeconds + this.#mean) * rate * busy;
    if (together <= expected / some) return { cold: Math.min(expected, most), refused: 0 };
    const possible = Math.min(together, Math.max(0, most - this.size));
    if (possible > this.#burst.size * this.#burst.share) {
      const size = Math.round(this.size + possible) + provisioned;
      this.#burst = { size, share: some, left: this.#past.length };
    }
    return { cold: some * possible, refused: some * (together - possible) };
  }

  /** Forgets visits to environments that were provisioned and are no more. */
  #release(provisioned: number): void {
    for (let level = provisioned + 1; level <= this.#provisioned; level += 1) {
      this.#reserve(level + 1);
      this.#visits[level] = 0;
      this.#since[level] = this.#step;
    }
    if (provisioned < this.#provisioned) {
      for (const [index, floor] of this.#floors.entries()) {
        this.#floors[index] = Math.min(floor, provisioned);
      }
    }
    this.#provisioned = provisioned;
  }

  /** Adds what this step reached, and takes away what is too long ago. */
  #shift(peaks: Peaks, oldest: Peaks | undefined, seconds: number): void {
    const length = this.#past.length;
    if (oldest !== undefined) this.#add(oldest, -seconds, this.#step - length);
    this.#add(peaks, seconds, this.#step);
    this.#past[this.#step % length] = peaks;
    this.#floors[this.#step % length] = peaks.first - 1;
    this.#step += 1;
  }

  #add({ first, rates }: Peaks, seconds: number, step: number): void {
    const [visits, since] = [this.#visits, this.#since];
    for (let index = 0; index < rates.length; index += 1) {
      const level = first + index;
      if (step < (since[level] ?? 0)) continue;
      visits[level] = Math.max(0, (visits[level] ?? 0) + (rates[index] ?? 0) * seconds);
    }
  }

  #reserve(levels: number): void {
    if (levels < this.#visits.length) return;
    const [visits, since] = [new Float64Array(levels * 2), new Float64Array(levels * 2)];
    visits.set(this.#visits);
    since.set(this.#since);
    [this.#visits, this.#since] = [visits, since];
  }

  #peaks(rate: number): Peaks {
    const key = rate <= 0 ? -Infinity : Math.round(Math.log(rate) / LOAD_STEP);
    let peaks = this.#known.get(key);
    if (peaks === undefined) {
      peaks = peaksOf(Math.exp(key * LOAD_STEP), this.#mean);
      this.#known.set(key, peaks);
    }
    return peaks;
  }
}

/** How often a level is reached in so many seconds, on average. */
function reachedBy({ first, rates }: Peaks, level: number, seconds: number): number {
  return level < first ? 40 : (rates[level - first] ?? 0) * seconds;
}
