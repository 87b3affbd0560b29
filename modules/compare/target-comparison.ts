import type { PriceKey } from "../prices/items";
import type { Capacity, Simulation } from "../simulate/capacity";
import type { Workload } from "../workload/workload";

/** A quantity of something that AWS bills. Prices come later, from the book: see `bill.ts`. */
export interface Charge {
  /** What it is, as a bill would say: `ml.m5.xlarge instances`. */
  readonly name: string;
  readonly key: PriceKey;
  /** In units of the price, for a month. 0 or more. */
  readonly quantity: number;
  /** Paid when used, or paid when idle too. */
  readonly basis: "on-demand" | "provisioned";
  /** For what is provisioned: the share of it that does work; 0 to 1. Default 1 (not counted as idle). */
  readonly used?: number;
  /** What was assumed, in a sentence with its source. */
  readonly assumption?: string;
  /** False for what AWS keeps out of its free tier though the price has an allowance. Default true. */
  readonly freeTier?: boolean;
}

/** What a month brings, as bills need it. */
export interface Month {
  /** Requests, of which `served` were answered. */
  readonly requests: number;
  readonly served: number;
  /** Bytes of all bodies that came in and went out; 0 where the manifest names no payload. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Replicas, averaged over the month, as paid for. */
  readonly averageReplicas: number;
  /** Hours of the month spent at each number of replicas; they add up to 730. */
  readonly hoursAtReplicas: ReadonlyMap<number, number>;
  /** Seconds of work over all requests. */
  readonly busySeconds: number;
  readonly provisionedSeconds: number;
  readonly provisionedBusySeconds: number;
  readonly onDemandBusySeconds: number;
  readonly onDemandRequests: number;
  readonly coldStartSeconds: number;
  /** Requests per second in the busiest step and on average. */
  readonly peakRate: number;
  readonly averageRate: number;
  readonly simulation: Simulation;
}

/** One size of a target: how it behaves, and what it is billed for. */
export interface Candidate {
  /** As one would say it: `ml.m5.xlarge`, `4096 MB`, `2 vCPU, 8 GB`. */
  readonly label: string;
  /** For `sizing` in the JSON: instance type, memory, vCPUs, ... */
  readonly sizing: Readonly<Record<string, string | number | boolean>>;
  readonly capacity: Capacity;
  /** USD per month of one replica that always runs, for an order before anything is simulated; null where nothing is known. */
  readonly weight: number | null;
  /** Everything that a month costs, also what does not depend on load (load balancer, endpoints, control plane, logs, alarms, key). Pure. */
  readonly bill: (month: Month) => readonly Charge[];
  /** Where a figure of the capacity comes from: start-up, cold start, overhead. */
  readonly figures: readonly Figure[];
  /** What was assumed of this size, and what its bill leaves out because nobody says what it comes to; in sentences. */
  readonly notes?: readonly string[];
  /**
   * What it uses and is not billed for because the manifest names it as existing, short enough for a sentence, without an
   * article: `cluster's control plane and network`. `compare` says so beside its cost. Default nothing.
   */
  readonly existing?: readonly string[];
}

/** A figure that a result rests on, with its source. */
export interface Figure {
  /** `cold start`, `start-up`, `overhead`, ... */
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly source: string;
  /** ISO 8601. */
  readonly asOf: string;
  readonly confidence: "high" | "medium" | "low";
}

/** What candidates may be made of. */
export interface CandidateOptions {
  readonly workload: Workload;
  /** Whether the manifest itself says how many replicas there are (`scaling`), so that only those are simulated. */
  readonly scalingGiven: boolean;
}

/** What `compare` needs of a target. Loaded only by it; starts without cdktf. */
export interface TargetComparison<Plan> {
  /**
   * The sizes that can carry a replica, in the order in which they should be tried. Exactly one where the manifest fixes
   * it. Where `scalingGiven` is false their `scaling` has the target's own default, and `compare` finds the numbers.
   */
  readonly candidates: (plan: Plan, options: CandidateOptions) => readonly Candidate[];
}
