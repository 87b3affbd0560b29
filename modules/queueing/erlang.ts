import { logGamma } from "./special";

/** Above it the sum around its largest term is shorter than the recursion over all servers. */
const RECURSION_LIMIT = 256;

/**
 * Erlang's B formula: share of time in which all servers of a loss system are busy, which is also the share of requests
 * that it turns away. Holds for any distribution of service times. Stable for 10^5 servers and more.
 * @param servers 0 or more, a whole number.
 * @param load offered load in Erlang: arrivals per second times mean seconds of service; 0 or more.
 * @see A. K. Erlang, Solution of some Problems in the Theory of Probabilities of Significance in Automatic Telephone Exchanges (1917)
 */
export function erlangB(servers: number, load: number): number {
  if (servers <= 0) return 1;
  if (load <= 0) return 0;
  if (servers <= RECURSION_LIMIT) {
    let inverse = 1;
    for (let server = 1; server <= servers; server += 1) inverse = 1 + (inverse * server) / load;
    return 1 / inverse;
  }
  // 1/B is the sum over k of c!/(c-k)!/a^k, whose terms grow until c - k falls below the load.
  const peak = Math.max(0, Math.ceil(servers - load));
  let sum = 1;
  let term = 1;
  for (let k = peak; k < servers; k += 1) {
    term *= (servers - k) / load;
    sum += term;
    if (term < sum * 1e-16) break;
  }
  term = 1;
  for (let k = peak; k > 0; k -= 1) {
    term *= load / (servers - k + 1);
    sum += term;
    if (term < sum * 1e-16) break;
  }
  const logPeak = logGamma(servers + 1) - logGamma(servers - peak + 1) - peak * Math.log(load);
  return Math.exp(-logPeak) / sum;
}

/**
 * Erlang's C formula: share of requests that wait in M/M/c. 1 where the load is not below the number of servers.
 * @see erlangB for the parameters.
 */
export function erlangC(servers: number, load: number): number {
  if (load >= servers) return 1;
  const blocked = erlangB(servers, load);
  return blocked / (1 - (load / servers) * (1 - blocked));
}
