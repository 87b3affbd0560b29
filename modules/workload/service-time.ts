import { logNormal, type ServiceDistribution } from "../queueing/service";
import { Z99 } from "../queueing/special";
import type { ServiceTime } from "./workload";

/**
 * The log-normal distribution with this median and 99th percentile: service times have a long tail to the right and none
 * below zero. With both alike all requests take the same time.
 * @param p50 milliseconds, above 0.
 * @param p99 milliseconds, at least `p50`.
 */
export function serviceTimeOf(p50: number, p99: number): ServiceTime {
  const { mean, scv } = distribution(p50, p99);
  return { p50, p99, mean, scv };
}

/** The same service on a machine on which everything takes `factor` times as long. */
export function scaleServiceTime(time: ServiceTime, factor: number): ServiceTime {
  return serviceTimeOf(time.p50 * factor, time.p99 * factor);
}

/** The time of several requests one after the other: log-normal again, with their mean and variance added up. */
export function inSequence({ mean, scv }: ServiceTime, count: number): ServiceTime {
  const relative = scv / count;
  const p50 = (mean * count) / Math.sqrt(1 + relative);
  return serviceTimeOf(p50, p50 * Math.exp(Z99 * Math.sqrt(Math.log(1 + relative))));
}

/** As queueing formulas need it, in seconds. */
export function serviceDistribution({ p50, p99 }: Pick<ServiceTime, "p50" | "p99">): ServiceDistribution {
  return distribution(p50 / 1000, p99 / 1000);
}

function distribution(p50: number, p99: number): ServiceDistribution {
  if (!(p50 > 0) || !(p99 >= p50))
    throw new RangeError(`no service time: median ${p50}, 99th percentile ${p99}`);
  return logNormal(Math.log(p50), Math.log(p99 / p50) / Z99);
}
