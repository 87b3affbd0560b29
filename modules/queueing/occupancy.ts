import { logGamma } from "./special";

/** Levels that are reached less often than once in so many seconds do not count. */
const RAREST = 1e-10;

/**
 * How often the number of requests at work at once reaches each level, where nothing limits it (M/G/infinity).
 */
export interface Peaks {
  /** Levels below this one are reached all the time. */
  readonly first: number;
  /** Per second: how often level `first + index` is reached from below, a cluster of visits counting once. */
  readonly rates: Float64Array;
}

/**
 * A visit to a level is followed by others at once, and then by none for long; until the next cluster the time is
 * exponential. Its mean is that of the passage from a random state below: exact for the first level, and asymptotically
 * exact for levels that are rare. It depends on the distribution of service times only through the mean, as does how the
 * process moves near its peaks.
 * @param rate requests per second.
 * @param mean seconds of work.
 * @see D. Aldous, Probability Approximations via the Poisson Clumping Heuristic (1989), chapter C
 */
export function peaksOf(rate: number, mean: number): Peaks {
  if (rate <= 0) return { first: 1, rates: new Float64Array(0) };
  const load = rate * mean;
  // Far below the load states have no weight, and passages through them take no time.
  const lowest = Math.max(0, Math.floor(load - 12 * Math.sqrt(load) - 2));
  // Below this one hardly ever a moment passes.
  const first = Math.max(1, Math.floor(load - 4 * Math.sqrt(load)));
  const rates: number[] = [];
  let mass = Math.exp(lowest * Math.log(load) - load - logGamma(lowest + 1));
  if (mass <= 0) mass = Number.MIN_VALUE;
  let below = mass;
  let weighted = 0;
  for (let level = lowest + 1; ; level += 1) {
    // From level - 1 to level, on average: 1 / (rate x share of time in level - 1 among those up to it).
    const passage = below / (rate * mass);
    weighted += passage * below;
    const reached = below / weighted;
    if (level >= first) rates.push(reached);
    if (level > load && reached < RAREST) break;
    mass *= load / level;
    below += mass;
  }
  return { first, rates: Float64Array.from(rates) };
}
