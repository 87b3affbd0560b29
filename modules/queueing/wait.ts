import { erlangC } from "./erlang";
import { BUCKETS, bucketOf, EDGES } from "./histogram";
import type { ServiceDistribution } from "./service";
import { Integral } from "./table";

/**
 * Points of the lattice on which a waiting time is computed. They must be dense against the time between two departures,
 * which is the shorter against the wait the higher the load.
 */
const FEWEST_POINTS = 96;
const MOST_POINTS = 1024;
const pointsAt = (utilization: number): number =>
  Math.min(MOST_POINTS, Math.max(FEWEST_POINTS, Math.ceil(20 / (1 - utilization))));

/** The lattice reaches this many mean waiting times; what lies behind falls exponentially. */
const REACH = 8;

/** Waiting in M/G/c in the long run, at one load. Seconds. */
export interface Waiting {
  /** Share of requests that wait. */
  readonly probability: number;
  /** Mean over all requests. */
  readonly mean: number;
  /** Mean over those that wait. */
  readonly conditionalMean: number;
  /** Probability that one that waits waits longer than `time`. */
  readonly conditionalTail: (time: number) => number;
  /** Shares of the buckets of a {@link Histogram}, over those that wait; they add up to 1. */
  readonly shares: { readonly first: number; readonly values: Float64Array };
}

/**
 * Requests that come at random (Poisson) and wait in one line for the first free of `servers`, whose service times have any
 * distribution.
 *
 * A request waits as often as in M/M/c (Erlang C). While all servers are busy, they work like one that is `servers` times as
 * fast: a waiting request waits until the first of them is free, and for a geometrically distributed number of further
 * departures. That is exact for M/M/c and for M/G/1, and an approximation else.
 * @see H. C. Tijms, M. H. van Hoorn, A. Federgruen, Approximations for the steady-state probabilities in the M/G/c queue,
 * Advances in Applied Probability 13 (1981)
 */
export class MultiServerQueue {
  readonly #servers: number;
  readonly #service: ServiceDistribution;
  /** Mean of the lesser of what is left of a request in progress and a time. */
  readonly #left: Integral;
  /** Mean of the lesser of the time until the first of all busy servers is free and a time. */
  readonly #firstFree: Integral;

  /** @param servers 1 or more, a whole number. */
  constructor(servers: number, service: ServiceDistribution) {
    this.#servers = servers;
    this.#service = service;
    const { mean, residualTail, residualLimited } = service;
    this.#left = new Integral(residualTail, mean, residualLimited);
    this.#firstFree =
      servers === 1 ? this.#left : new Integral((time) => residualTail(time) ** servers, mean / servers);
  }

  get servers(): number {
    return this.#servers;
  }

  /** Mean waiting time over all requests at a utilization from 0 to below 1, in seconds. */
  meanWait(utilization: number): number {
    if (utilization <= 0) return 0;
    return erlangC(this.#servers, utilization * this.#servers) * this.#conditionalMean(utilization);
  }

  /** Mean number of waiting requests. */
  meanQueue(utilization: number): number {
    return ((utilization * this.#servers) / this.#service.mean) * this.meanWait(utilization);
  }

  /** The whole distribution at a utilization from 0 to below 1. */
  waiting(utilization: number): Waiting {
    const probability = utilization <= 0 ? 0 : erlangC(this.#servers, utilization * this.#servers);
    const conditionalMean = this.#conditionalMean(utilization);
    const points = pointsAt(utilization);
    const step = (REACH * conditionalMean) / points;
    const tails = this.#lattice(utilization, step, points);
    const conditionalTail = interpolate(tails, step);
    return {
      probability,
      mean: probability * conditionalMean,
      conditionalMean,
      conditionalTail,
      shares: sharesOf(conditionalTail, conditionalMean),
    };
  }

  #conditionalMean(utilization: number): number {
    const departure = (this.#service.mean * (1 + this.#service.scv)) / (2 * this.#servers);
    return this.#firstFree.total + (utilization / (1 - utilization)) * departure;
  }

  /** Probabilities of waiting longer than 0, 1, 2, ... steps, of a request that waits. */
  #lattice(utilization: number, step: number, points: number): Float64Array {
    const servers = this.#servers;
    const departures = lattice(step, points, (time) => this.#left.at(time * servers) / servers);
    const first = lattice(step, points, (time) => this.#firstFree.at(time));
    // Panjer's recursion for a geometric number of departures.
    const sum = new Float64Array(points + 1);
    const factor = 1 / (1 - utilization * (departures[0] ?? 0));
    sum[0] = (1 - utilization) * factor;
    let reach = points;
    while (reach > 1 && (departures[reach] ?? 0) < 1e-15) reach -= 1;
    for (let at = 1; at <= points; at += 1) {
      let value = 0;
      const most = Math.min(at, reach);
      for (let one = 1; one <= most; one += 1) value += (departures[one] ?? 0) * (sum[at - one] ?? 0);
      sum[at] = utilization * factor * value;
    }
    reach = points;
    while (reach > 1 && (first[reach] ?? 0) < 1e-15) reach -= 1;
    const tails = new Float64Array(points + 1);
    let below = 0;
    for (let at = 0; at <= points; at += 1) {
      let mass = 0;
      const most = Math.min(at, reach);
      for (let one = 0; one <= most; one += 1) mass += (first[one] ?? 0) * (sum[at - one] ?? 0);
      tails[at] = at === 0 ? 1 : Math.max(0, 1 - below - mass / 2);
      below += mass;
    }
    return tails;
  }
}

/** Probabilities of the multiples of a step that keep the mean: each time is split between its two neighbours. */
function lattice(step: number, points: number, limited: (time: number) => number): Float64Array {
  const masses = new Float64Array(points + 1);
  let [before, here] = [0, limited(step)];
  masses[0] = Math.max(0, 1 - here / step);
  for (let at = 1; at <= points; at += 1) {
    const after = limited((at + 1) * step);
    masses[at] = Math.max(0, (2 * here - before - after) / step);
    [before, here] = [here, after];
  }
  return masses;
}

/** Between the points of the lattice, and behind its end, tails fall exponentially. */
function interpolate(tails: Float64Array, step: number): (time: number) => number {
  let last = tails.length - 1;
  while (last > 2 && (tails[last] ?? 0) < 1e-9) last -= 1;
  const logs = Float64Array.from(tails.subarray(0, last + 1), (tail) => Math.log(Math.max(tail, 1e-300)));
  const end = logs[last] ?? 0;
  const back = Math.max(1, Math.round(last / 5));
  const decay = ((logs[last - back] ?? 0) - end) / (back * step);
  return (time) => {
    if (time <= 0) return 1;
    const at = time / step;
    if (at >= last) return Math.exp(end - decay * (time - last * step));
    const low = Math.floor(at);
    const from = logs[low] ?? 0;
    return Math.exp(from + (at - low) * ((logs[low + 1] ?? 0) - from));
  };
}

function sharesOf(
  tail: (time: number) => number,
  mean: number,
): { readonly first: number; readonly values: Float64Array } {
  const first = Math.max(0, bucketOf(mean / 100));
  const values: number[] = [];
  let before = 1;
  for (let bucket = first; bucket < BUCKETS; bucket += 1) {
    const after = tail(EDGES[bucket + 1] ?? Infinity);
    values.push(before - after);
    before = after;
    if (after < 1e-8) break;
  }
  const last = values.length - 1;
  values[last] = (values[last] ?? 0) + before;
  return { first, values: Float64Array.from(values) };
}
