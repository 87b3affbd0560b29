import type { Workload } from "../workload/workload";
import { simulateBatch } from "./batch";
import type { Capacity, Simulation } from "./capacity";
import type { SimulateOptions } from "./clock";
import { simulateEnvironments } from "./environments";
import { simulateReplicas } from "./replicas";

export type { SimulateOptions } from "./clock";

/**
 * Puts a workload through a capacity. It steps through time, not from request to request, so that a month with hundreds of
 * millions of them takes a fraction of a second and no memory to speak of; see docs/decisions/simulation.md.
 * The same arguments give the same result.
 * @throws {RangeError} where replicas or environments are asked for a workload without arrivals, a batch job
 * without records and arrivals, or where `seconds` is not above 0.
 */
export function simulate(capacity: Capacity, workload: Workload, options: SimulateOptions = {}): Simulation {
  switch (capacity.kind) {
    case "replicas":
      return simulateReplicas(capacity, workload, options);
    case "environments":
      return simulateEnvironments(capacity, workload, options);
    case "batch":
      return simulateBatch(capacity, workload, options);
  }
}
