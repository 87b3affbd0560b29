/**
 * The referee of the simulation: it plays every request, one after the other, and knows nothing of queueing theory. Slow,
 * and for tests only. All times in seconds.
 */

// Global names are slow to look up in Jest's sandbox, and these are asked for at every request.
const { cos, exp, floor, imul, log, max, min, PI, sqrt } = Math;
const NEVER = Infinity;

/** Numbers from 0 to 1 by a seed (mulberry32), another generator than the one under test. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = imul(state ^ (state >>> 15), 1 | state);
    t = (t + imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export type Sampler = (random: () => number) => number;

/** Times of work. */
export const exponentialTimes =
  (mean: number): Sampler =>
  (random) =>
    -mean * log(1 - random());

export const fixedTimes =
  (time: number): Sampler =>
  () =>
    time;

export const logNormalTimes =
  (p50: number, p99: number): Sampler =>
  (random) => {
    const normal = sqrt(-2 * log(1 - random())) * cos(2 * PI * random());
    return p50 * exp((log(p99 / p50) / 2.3263478740408408) * normal);
  };

/** The earliest first. */
class Heap {
  readonly #items: number[] = [];

  get size(): number {
    return this.#items.length;
  }

  get least(): number {
    return this.#items[0] ?? NEVER;
  }

  push(value: number): void {
    const items = this.#items;
    let at = items.push(value) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((items[parent] ?? 0) <= value) break;
      items[at] = items[parent] ?? 0;
      at = parent;
    }
    items[at] = value;
  }

  pop(): number {
    const items = this.#items;
    const least = items[0] ?? NEVER;
    const last = items.pop() ?? NEVER;
    if (items.length === 0) return least;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && (items[child + 1] ?? 0) < (items[child] ?? 0)) child += 1;
      if ((items[child] ?? 0) >= last) break;
      items[at] = items[child] ?? 0;
      at = child;
    }
    items[at] = last;
    return least;
  }
}

/** Sorted, for percentiles. */
export class Sample {
  readonly #values: Float64Array;
  readonly mean: number;

  constructor(values: readonly number[]) {
    this.#values = Float64Array.from(values).sort();
    this.mean = values.reduce((sum, value) => sum + value, 0) / max(1, values.length);
  }

  get count(): number {
    return this.#values.length;
  }

  quantile(share: number): number {
    return this.#values[min(this.count - 1, floor(share * this.count))] ?? NaN;
  }

  shareAbove(value: number): number {
    return this.#values.reduce((count, one) => count + (one > value ? 1 : 0), 0) / max(1, this.count);
  }
}

export interface EventLoad {
  /** Requests per second at a time from 0 on; negative times settle. */
  readonly rate: (time: number) => number;
  readonly highest: number;
  readonly settle: number;
  readonly seconds: number;
  readonly seed: number;
}

/** The next arrival after a time, by thinning. */
function nextArrival({ rate, highest }: EventLoad, now: number, random: () => number): number {
  for (let at = now; ;) {
    at -= log(1 - random()) / highest;
    if (random() * highest < rate(at)) return at;
  }
}

/** What one period showed. */
export interface EventMinute {
  readonly now: number;
  readonly arrived: number;
  /** Mean share of busy slots. */
  readonly utilization: number;
  /** Mean of requests waiting or at work. */
  readonly present: number;
  /** Requests in line, and at work, at the end of it. */
  readonly waiting: number;
  readonly working: number;
  readonly ready: number;
  readonly wanted: number;
}

/** What one period showed, and what follows from it. */
export interface EventPolicy {
  readonly replicas: number;
  readonly startup: number;
  /** Seconds between two decisions. Default 60. */
  readonly period?: number;
  /** Called at the end of each period; returns replicas wanted. What starts goes before what serves. */
  readonly decide: (minute: EventMinute) => number;
}

export interface QueueResult {
  readonly waits: Sample;
  readonly latencies: Sample;
  readonly arrived: number;
  readonly served: number;
  readonly timedOut: number;
  /** Requests in line at the end. */
  readonly waiting: number;
  readonly averageReplicas: number;
  readonly launches: number;
  /** Replicas at the end of each period. */
  readonly minutes: readonly number[];
  readonly busy: number;
}

/** Replicas with slots behind one queue, first come, first served. */
export function playQueue(
  load: EventLoad,
  service: Sampler,
  slots: number,
  patience: number,
  policy: EventPolicy,
): QueueResult {
  const random = randomOf(load.seed);
  const { period = 60 } = policy;
  const departures = new Heap();
  let line: number[] = [];
  let head = 0;
  let ready = policy.replicas;
  let starting: { at: number; count: number }[] = [];
  const waits: number[] = [];
  const latencies: number[] = [];
  const minutes: number[] = [];
  let [arrived, served, timedOut, launches, busy, replicaSeconds] = [0, 0, 0, 0, 0, 0];
  let minute = { arrived: 0, busySeconds: 0, slotSeconds: 0, present: 0 };
  let now = -load.settle;
  let [tick, arrival] = [now + period, nextArrival(load, now, random)];
  const wanted = () => ready + starting.reduce((sum, { count }) => sum + count, 0);
  const begin = (): void => {
    while (departures.size < ready * slots && head < line.length) {
      const from = line[head] ?? 0;
      head += 1;
      const wait = now - from;
      const counted = from >= 0 && from < load.seconds;
      if (wait > patience) {
        if (counted) timedOut += 1;
        continue;
      }
      const time = service(random);
      departures.push(now + time);
      if (!counted) continue;
      served += 1;
      busy += time;
      waits.push(wait);
      latencies.push(wait + time);
    }
    if (head > 10_000 && head * 2 > line.length) {
      line = line.slice(head);
      head = 0;
    }
    while (head < line.length && now - (line[head] ?? 0) > patience) {
      if ((line[head] ?? 0) >= 0) timedOut += 1;
      head += 1;
    }
  };
  for (;;) {
    const join = starting[0]?.at ?? NEVER;
    const next = min(arrival, departures.least, tick, join, load.seconds);
    const passed = next - now;
    minute.busySeconds += min(departures.size, ready * slots) * passed;
    minute.slotSeconds += ready * slots * passed;
    minute.present += (departures.size + line.length - head) * passed;
    if (next > 0) replicaSeconds += wanted() * (next - max(0, now));
    now = next;
    if (now >= load.seconds) break;
    if (now === join) {
      for (const group of starting.filter(({ at }) => at <= now)) ready += group.count;
      starting = starting.filter(({ at }) => at > now);
    } else if (now === tick) {
      const want = policy.decide({
        now,
        arrived: minute.arrived,
        utilization: minute.slotSeconds <= 0 ? 0 : minute.busySeconds / minute.slotSeconds,
        present: minute.present / period,
        waiting: line.length - head,
        working: departures.size,
        ready,
        wanted: wanted(),
      });
      const more = want - wanted();
      if (more > 0) {
        if (now >= 0) launches += more;
        starting.push({ at: now + policy.startup, count: more });
      } else if (more < 0) {
        let fewer = -more;
        for (const group of [...starting].reverse()) {
          const gone = min(fewer, group.count);
          group.count -= gone;
          fewer -= gone;
        }
        starting = starting.filter(({ count }) => count > 0);
        ready -= fewer;
      }
      if (now > 0) minutes.push(wanted());
      minute = { arrived: 0, busySeconds: 0, slotSeconds: 0, present: 0 };
      tick += period;
    } else if (now === arrival) {
      line.push(now);
      minute.arrived += 1;
      if (now >= 0) arrived += 1;
      arrival = nextArrival(load, now, random);
    } else departures.pop();
    begin();
  }
  return {
    waits: new Sample(waits),
    latencies: new Sample(latencies),
    arrived,
    served,
    timedOut,
    waiting: line.length - head,
    averageReplicas: replicaSeconds / load.seconds,
    launches,
    minutes,
    busy,
  };
}

export interface EnvironmentsResult {
  readonly arrived: number;
  readonly cold: number;
  readonly throttled: number;
  /** Served by provisioned environments. */
  readonly inside: number;
  readonly latencies: Sample;
  /** Environments on demand that exist, averaged over time. */
  readonly pool: number;
}

/** Environments of one request each: provisioned ones first, then the one that was idle last, else a new one. */
export function playEnvironments(
  load: EventLoad,
  service: Sampler,
  options: {
    readonly cold: number;
    readonly keep: number;
    readonly most: number;
    readonly provisioned: number;
  },
): EnvironmentsResult {
  const random = randomOf(load.seed);
  const inside = new Heap();
  const outside = new Heap();
  // Since when each idle environment is idle: the one at the end was used last.
  let idle: number[] = [];
  const latencies: number[] = [];
  let [arrived, cold, throttled, provisioned, existing] = [0, 0, 0, 0, 0];
  for (
    let now = nextArrival(load, -load.settle, random);
    now < load.seconds;
    now = nextArrival(load, now, random)
  ) {
    while (min(inside.least, outside.least) <= now) {
      if (inside.least <= outside.least) inside.pop();
      else idle.push(outside.pop());
    }
    const gone = idle.findIndex((since) => since + options.keep > now);
    const expired = gone < 0 ? idle.length : gone;
    idle = idle.slice(expired);
    const counted = now >= 0;
    if (counted) {
      arrived += 1;
      existing += expired * options.keep;
    }
    if (inside.size + outside.size >= options.most) {
      if (counted) throttled += 1;
      continue;
    }
    const time = service(random);
    if (inside.size < options.provisioned) {
      inside.push(now + time);
      if (counted) provisioned += 1;
      if (counted) latencies.push(time);
      continue;
    }
    const free = idle.pop();
    if (free !== undefined) {
      outside.push(now + time);
      if (!counted) continue;
      latencies.push(time);
      existing += now - free + time;
    } else {
      outside.push(now + options.cold + time);
      if (!counted) continue;
      cold += 1;
      latencies.push(options.cold + time);
      existing += options.cold + time;
    }
  }
  return {
    arrived,
    cold,
    throttled,
    inside: provisioned,
    latencies: new Sample(latencies),
    pool: existing / load.seconds,
  };
}
