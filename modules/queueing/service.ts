import { normalCdf } from "./special";

/** How long one request occupies a server, as queueing formulas need it. Seconds. */
export interface ServiceDistribution {
  readonly mean: number;
  /** Squared coefficient of variation. */
  readonly scv: number;
  /** Probability of taking longer than `time`. */
  readonly tail: (time: number) => number;
  /** Probability that what is left of a request in progress, seen at a random moment, takes longer than `time`. */
  readonly residualTail: (time: number) => number;
  /** Mean of the lesser of what is left of a request in progress and `time`. */
  readonly residualLimited: (time: number) => number;
}

/** Log-normal, by the mean and standard deviation of its logarithm; or fixed, where `sigma` is 0. */
export function logNormal(mu: number, sigma: number): ServiceDistribution {
  if (sigma <= 0) return fixed(Math.exp(mu));
  const variance = sigma * sigma;
  const mean = Math.exp(mu + variance / 2);
  const second = Math.exp(2 * mu + 2 * variance);
  const tail = (time: number): number => (time <= 0 ? 1 : normalCdf((mu - Math.log(time)) / sigma));
  const residualTail = (time: number): number => {
    if (time <= 0) return 1;
    const z = (Math.log(time) - mu) / sigma;
    return Math.max(0, normalCdf(sigma - z) - (time / mean) * normalCdf(-z));
  };
  return {
    mean,
    scv: Math.expm1(variance),
    tail,
    residualTail,
    residualLimited: (time) => {
      if (time <= 0) return 0;
      const z = (Math.log(time) - mu) / sigma;
      const square = second * normalCdf(z - 2 * sigma) + time * time * normalCdf(-z);
      return time * residualTail(time) + square / (2 * mean);
    },
  };
}

/** All requests take the same time. */
export function fixed(time: number): ServiceDistribution {
  return {
    mean: time,
    scv: 0,
    tail: (at) => (at < time ? 1 : 0),
    residualTail: (at) => (at <= 0 ? 1 : Math.max(0, 1 - at / time)),
    residualLimited: (at) => {
      const inside = Math.min(Math.max(at, 0), time);
      return inside - (inside * inside) / (2 * time);
    },
  };
}

/** Without memory: what is left is distributed as the whole. */
export function exponential(mean: number): ServiceDistribution {
  const tail = (time: number) => (time <= 0 ? 1 : Math.exp(-time / mean));
  return {
    mean,
    scv: 1,
    tail,
    residualTail: tail,
    residualLimited: (time) => (time <= 0 ? 0 : -mean * Math.expm1(-time / mean)),
  };
}
