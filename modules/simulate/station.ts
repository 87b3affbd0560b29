import { Histogram, EDGES } from "../queueing/histogram";
import type { ServiceDistribution } from "../queueing/service";
import { MultiServerQueue } from "../queueing/wait";
import { serviceDistribution } from "../workload/service-time";
import type { ServiceTime } from "../workload/workload";

/** Free capacity falls by this factor from one level of load to the next, so that levels are densest where queues grow. */
const LEVEL_STEP = 0.04;
/** The last level leaves a millionth free. */
const LEVELS = Math.ceil(Math.log(1e6) / LEVEL_STEP) + 1;
/** Equally likely waiting times by which a level is added to a fluid queue. */
const NODES = 16;

/** Waiting at one level of load, without those who give up. */
interface Level {
  /** Share of requests that begin work at once. */
  readonly immediate: number;
  /** Share that waits, and not too long. */
  readonly waiting: number;
  /** Share that gives up. */
  readonly late: number;
  readonly first: number;
  readonly shares: Float64Array;
  readonly mean: number;
  readonly nodes: Float64Array;
}

/**
 * What the long run looks like at each level of load. It does not change, and is made as it is needed.
 * @see N. K. Boots, H. Tijms, A multiserver queueing system with impatient customers, Management Science 45 (1999), for those
 * who give up
 */
class Levels {
  readonly servers: number;
  readonly mean: number;
  readonly patience: number;
  readonly utilizations = new Float64Array(LEVELS);
  /** Mean number of requests waiting or at work. */
  readonly content = new Float64Array(LEVELS);
  readonly #queue: MultiServerQueue;
  readonly #levels: (Level | undefined)[] = [];

  constructor(servers: number, service: ServiceDistribution, patience: number) {
    this.servers = servers;
    this.mean = service.mean;
    this.patience = patience;
    this.#queue = new MultiServerQueue(servers, service);
    for (let level = 0; level < LEVELS; level += 1) {
      const utilization = -Math.expm1(-level * LEVEL_STEP);
      this.utilizations[level] = utilization;
      this.content[level] = servers * utilization + this.#queue.meanQueue(utilization);
    }
  }

  at(index: number): Level {
    return (this.#levels[index] ??= this.#make(index));
  }

  #make(index: number): Level {
    const utilization = this.utilizations[index] ?? 0;
    const queued = (this.content[index] ?? 0) - this.servers * utilization;
    // So few wait that no percentile shows it.
    if (queued < 1e-9 * this.servers) return NO_WAITING;
    const { probability, shares, conditionalMean, conditionalTail } = this.#queue.waiting(utilization);
    // Of those who would wait too long only some give up: that others have given up lets them in.
    const longer = this.patience === Infinity ? 0 : probability * conditionalTail(this.patience);
    const late = ((1 - utilization) * longer) / (1 - utilization * longer);
    const waiting = (probability - longer) / (1 - longer);
    const kept = longer < 1e-12 ? shares : cutAt(this.patience, shares);
    const histogram = new Histogram();
    histogram.add(0, 1 - waiting);
    histogram.addShares(0, kept.first, kept.values, 0, waiting);
    return {
      immediate: (1 - waiting) * (1 - late),
      waiting: waiting * (1 - late),
      late,
      first: kept.first,
      shares: kept.values,
      mean: longer < 1e-12 ? conditionalMean : meanOf(kept),
      nodes: Float64Array.from({ length: NODES }, (_, node) => histogram.quantile((node + 0.5) / NODES)),
    };
  }
}

const NO_WAITING: Level = {
  immediate: 1,
  waiting: 0,
  late: 0,
  first: 0,
  shares: new Float64Array(0),
  mean: 0,
  nodes: new Float64Array(NODES),
};

/** Levels of recent simulations: sizes of one target are tried under many loads. */
const known = new Map<string, Levels>();
const MOST_KNOWN = 48;

function levelsOf(servers: number, { p50, p99 }: ServiceTime, patience: number): Levels {
  const key = `${servers} ${p50} ${p99} ${patience}`;
  const levels = known.get(key) ?? new Levels(servers, serviceDistribution({ p50, p99 }), patience);
  known.delete(key);
  known.set(key, levels);
  for (const oldest of known.keys()) {
    if (known.size <= MOST_KNOWN) break;
    known.delete(oldest);
  }
  return levels;
}

/**
 * So many servers with one line before them, whose load changes with time. Its state is the mean number of requests in it,
 * which moves towards that of the long run: the pointwise stationary fluid flow approximation. Each state is one of the
 * long run at some load, whose waiting times apply.
 * @see W.-P. Wang, D. Tipper, S. Banerjee, A simple approximation for modeling nonstationary queues, INFOCOM 1996
 */
export class Station {
  readonly servers: number;
  readonly #levels: Levels;
  readonly #weights = new Float64Array(LEVELS);
  #touched: number[] = [];
  /** Where the last step ended: a level, and the share of the way to the next. */
  #level = 0;
  #fraction = 0;

  /** @param patience seconds; Infinity where nobody gives up. */
  constructor(servers: number, serviceTime: ServiceTime, patience: number) {
    this.servers = servers;
    this.#levels = levelsOf(servers, serviceTime, patience);
  }

  /**
   * Moves the mean number of requests through a step, backwards (implicitly), which is stable however long the step.
   * @param content mean number before.
   * @param rate arrivals per second.
   * @returns mean number after.
   */
  advance(content: number, rate: number, seconds: number): number {
    const { content: contents, utilizations, mean } = this.#levels;
    const served = (seconds * this.servers) / mean;
    const wanted = content + seconds * rate;
    let level = this.#level;
    let low = (contents[level] ?? 0) + served * (utilizations[level] ?? 0);
    while (level > 0 && low > wanted) {
      level -= 1;
      low = (contents[level] ?? 0) + served * (utilizations[level] ?? 0);
    }
    let high = (contents[level + 1] ?? 0) + served * (utilizations[level + 1] ?? 0);
    while (level < LEVELS - 2 && high <= wanted) {
      level += 1;
      low = high;
      high = (contents[level + 1] ?? 0) + served * (utilizations[level + 1] ?? 0);
    }
    this.#level = level;
    this.#fraction = Math.min(1, Math.max(0, (wanted - low) / (high - low)));
    return this.#between(contents);
  }

  /** Share of the servers that work, after the last step. */
  get utilization(): number {
    return this.#between(this.#levels.utilizations);
  }

  /** Share of requests that would give up, after the last step. */
  get late(): number {
    if (this.#levels.patience === Infinity) return 0;
    const from = this.#levels.at(this.#level).late;
    if (this.#fraction === 0) return from;
    return from + this.#fraction * (this.#levels.at(this.#level + 1).late - from);
  }

  /** Remembers requests that met the last step's waiting times. */
  count(requests: number): void {
    this.#weigh(this.#level, requests * (1 - this.#fraction));
    this.#weigh(this.#level + 1, requests * this.#fraction);
  }

  /** Calls `use` with equally likely waiting times of the last step's level. */
  eachNode(use: (wait: number, node: number, of: number) => void): void {
    const { nodes } = this.#levels.at(this.#level + Math.round(this.#fraction));
    for (let node = 0; node < NODES; node += 1) use(nodes[node] ?? 0, node, NODES);
  }

  /** Adds what was remembered to a histogram, those that gave up excepted, and forgets it. */
  flush(into: Histogram): void {
    for (const index of this.#touched) {
      const weight = this.#weights[index] ?? 0;
      this.#weights[index] = 0;
      const level = this.#levels.at(index);
      into.add(0, weight * level.immediate);
      if (level.waiting > 0) {
        into.addShares(0, level.first, level.shares, level.mean, weight * level.waiting);
      }
    }
    this.#touched.length = 0;
  }

  #between(values: Float64Array): number {
    const from = values[this.#level] ?? 0;
    return from + this.#fraction * ((values[this.#level + 1] ?? 0) - from);
  }

  #weigh(level: number, weight: number): void {
    if (weight <= 0) return;
    const before = this.#weights[level] ?? 0;
    if (before === 0) this.#touched.push(level);
    this.#weights[level] = before + weight;
  }
}

interface Shares {
  readonly first: number;
  readonly values: Float64Array;
}

/** What is left when nobody waits longer than `time`, adding up to 1 again. */
function cutAt(time: number, { first, values }: Shares): Shares {
  const cut = values.map((value, index) => {
    const [from, to] = [EDGES[first + index] ?? 0, EDGES[first + index + 1] ?? 0];
    if (to <= time) return value;
    return from >= time ? 0 : (value * (time - from)) / (to - from);
  });
  const total = cut.reduce((left, right) => left + right, 0);
  return { first, values: total <= 0 ? cut : cut.map((value) => value / total) };
}

function meanOf({ first, values }: Shares): number {
  let mean = 0;
  for (const [index, value] of values.entries()) {
    mean += value * Math.sqrt((EDGES[first + index] ?? 0) * (EDGES[first + index + 1] ?? 0));
  }
  return mean;
}
