/** Ratio of neighbouring edges; a percentile read from a bucket is off by less than 1 %. */
const RATIO = 1.02;
const LOG_RATIO = Math.log(RATIO);
/** Seconds; whatever is shorter counts as nothing. */
const SHORTEST = 1e-6;
const LONGEST = 1e8;

/** Buckets between the shortest and the longest time. */
export const BUCKETS = Math.ceil(Math.log(LONGEST / SHORTEST) / LOG_RATIO);

/** Edges of the buckets in seconds: bucket `i` lies between edge `i` and edge `i + 1`. */
export const EDGES: Float64Array = Float64Array.from({ length: BUCKETS + 1 }, (_, index) =>
  index === 0 ? SHORTEST : SHORTEST * Math.exp(index * LOG_RATIO),
);

/** Bucket of a time in seconds; -1 where it is too short to count. */
export function bucketOf(time: number): number {
  if (time < SHORTEST) return -1;
  return Math.min(BUCKETS - 1, Math.floor(Math.log(time / SHORTEST) / LOG_RATIO));
}

/**
 * Times by weight, in buckets that grow by 2 %, from a microsecond to three years. Its size does not depend on how much
 * is added; percentiles are within 1 % and the mean is exact.
 */
export class Histogram {
  readonly #weights = new Float64Array(BUCKETS);
  /** Buckets outside are empty. */
  #lowest = BUCKETS;
  #highest = -1;
  #zero = 0;
  #total = 0;
  #sum = 0;

  /** Weight of everything added. */
  get total(): number {
    return this.#total;
  }

  /** Share of the weight that is a time at all: more than a microsecond. 0 where nothing was added. */
  get positive(): number {
    return this.#total <= 0 ? 0 : Math.max(0, 1 - this.#zero / this.#total);
  }

  /** Seconds; 0 where nothing was added. */
  get mean(): number {
    return this.#total <= 0 ? 0 : this.#sum / this.#total;
  }

  /** Adds one time in seconds. */
  add(time: number, weight: number): void {
    const bucket = bucketOf(time);
    if (bucket < 0) this.#zero += weight;
    else {
      this.#weights[bucket] = (this.#weights[bucket] ?? 0) + weight;
      this.#cover(bucket, bucket);
    }
    this.#total += weight;
    this.#sum += weight * time;
  }

  /**
   * Adds a distribution that was prepared as shares of buckets.
   * @param zero share of no time at all.
   * @param first bucket of the first share.
   * @param mean mean of the whole, in seconds.
   */
  addShares(zero: number, first: number, shares: Float64Array, mean: number, weight: number): void {
    const weights = this.#weights;
    this.#zero += zero * weight;
    this.#cover(first, first + shares.length - 1);
    for (let index = 0; index < shares.length; index += 1) {
      weights[first + index] = (weights[first + index] ?? 0) + weight * (shares[index] ?? 0);
    }
    this.#total += weight;
    this.#sum += weight * mean;
  }

  addAll(other: Histogram): void {
    for (let bucket = other.#lowest; bucket <= other.#highest; bucket += 1) {
      this.#weights[bucket] = (this.#weights[bucket] ?? 0) + (other.#weights[bucket] ?? 0);
    }
    this.#cover(other.#lowest, other.#highest);
    this.#zero += other.#zero;
    this.#total += other.#total;
    this.#sum += other.#sum;
  }

  clear(): void {
    if (this.#highest >= 0) this.#weights.fill(0, this.#lowest, this.#highest + 1);
    this.#lowest = BUCKETS;
    this.#highest = -1;
    this.#zero = 0;
    this.#total = 0;
    this.#sum = 0;
  }

  /** Time in seconds that a share of the weight stays below; 0 where nothing was added. */
  quantile(share: number): number {
    let left = share * this.#total - this.#zero;
    if (left <= 0) return 0;
    let last = 0;
    for (let bucket = this.#lowest; bucket <= this.#highest; bucket += 1) {
      const weight = this.#weights[bucket] ?? 0;
      if (weight <= 0) continue;
      if (left <= weight) return (EDGES[bucket] ?? 0) * Math.exp((left / weight) * LOG_RATIO);
      left -= weight;
      last = EDGES[bucket + 1] ?? 0;
    }
    return last;
  }

  /**
   * Time that a share of the weight stays below when an independent time is added to each; within 0.1 %.
   * @param tail probability that the added time is longer than so many seconds.
   * @param guess where it may be, in seconds, above 0: the closer, the faster.
   */
  quantileWith(share: number, tail: (time: number) => number, guess: number): number {
    if (this.#total <= 0) return 0;
    const waits: number[] = [];
    const weights: number[] = [];
    for (let bucket = this.#lowest; bucket <= this.#highest; bucket += 1) {
      const weight = this.#weights[bucket] ?? 0;
      // Shares this small do not move a percentile.
      if (weight <= this.#total * 1e-7) continue;
      waits.push(middle(bucket));
      weights.push(weight);
    }
    const wanted = (1 - share) * this.#total;
    const longer = (time: number): number => {
      let weight = this.#zero * tail(time);
      for (let index = 0; index < waits.length; index += 1) {
        weight += (weights[index] ?? 0) * tail(time - (waits[index] ?? 0));
      }
      return weight;
    };
    let [low, high] = [guess, guess];
    if (longer(guess) > wanted) {
      for (let factor = 1.02; longer(high) > wanted; factor *= factor) [low, high] = [high, high * factor];
    } else {
      for (let factor = 1.02; low > SHORTEST && longer(low) <= wanted; factor *= factor) {
        [low, high] = [low / factor, low];
      }
    }
    while (high - low > 1e-3 * high) {
      const between = (low + high) / 2;
      if (longer(between) > wanted) low = between;
      else high = between;
    }
    return (low + high) / 2;
  }

  #cover(from: number, to: number): void {
    if (from < this.#lowest) this.#lowest = from;
    if (to > this.#highest) this.#highest = to;
  }
}

function middle(bucket: number): number {
  return Math.sqrt((EDGES[bucket] ?? 0) * (EDGES[bucket + 1] ?? 0));
}
