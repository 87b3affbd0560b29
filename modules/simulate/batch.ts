import type { ServiceDistribution } from "../queueing/service";
import { serviceDistribution } from "../workload/service-time";
import type { BatchLoad, Workload } from "../workload/workload";
import type { BatchCapacity, Simulation } from "./capacity";
import type { SimulateOptions } from "./clock";

const DAY = 86_400;

/** What a run works on. Without a batch load, the requests of a day wait for one run a day. */
export function batchLoadOf({ batch, arrivals }: Workload): Pick<BatchLoad, "records" | "everySeconds"> {
  if (batch !== null) return batch;
  if (arrivals === null)
    throw new RangeError("a workload without arrivals and records has nothing to simulate");
  return { records: arrivals.average * DAY, everySeconds: DAY };
}

/** Machines that exist for one run: when it is done, by how much work there is, and whether that is before the next. */
export function simulateBatch(
  capacity: BatchCapacity,
  workload: Workload,
  options: SimulateOptions,
): Simulation {
  const { records, everySeconds } = batchLoadOf(workload);
  const service = serviceDistribution(capacity.serviceTime);
  const requests = Math.ceil(records / capacity.recordsPerRequest);
  const workSeconds = requests * service.mean;
  const runSeconds =
    requests === 0 ? 0 : capacity.startupSeconds + makespan(requests, capacity.slots, service);
  const seconds = options.seconds ?? Math.max(DAY, everySeconds);
  const runs = seconds / everySeconds;
  const busy = Math.min(1, runSeconds / everySeconds);
  const secondsAtReplicas = new Map<number, number>();
  if (busy < 1) secondsAtReplicas.set(0, seconds * (1 - busy));
  // Runs that overlap have their machines all the same.
  if (busy > 0) secondsAtReplicas.set(capacity.machines, seconds * busy);
  const overlapping = (capacity.machines * runSeconds) / everySeconds;
  return {
    seconds,
    requests: records * runs,
    failed: { timedOut: 0, throttled: 0 },
    backlog: { start: 0, end: 0 },
    latencyMs: null,
    waitMs: null,
    coldStarts: { requests: 0, fraction: 0, ms: 0 },
    replicas: { min: busy < 1 ? 0 : capacity.machines, average: overlapping, max: capacity.machines },
    secondsAtReplicas,
    launches: capacity.machines * runs,
    busySeconds: workSeconds * runs,
    provisioned: { seconds: 0, busySeconds: 0 },
    onDemand: { busySeconds: 0, coldStartSeconds: 0, requests: 0 },
    series: seriesOf(everySeconds, runSeconds, records, capacity.machines),
    batch: { runSeconds, workSeconds, runs, fits: runSeconds <= everySeconds },
  };
}

/**
 * Mean time until so many requests are done on so many slots, each slot taking the next when it is free: all work is shared
 * evenly until the last request begins, and then the longest of what is in progress remains.
 */
export function makespan(requests: number, slots: number, service: ServiceDistribution): number {
  if (requests <= 0) return 0;
  if (requests <= slots) return longest(requests, service.mean, service.tail);
  const residual = (service.mean * (1 + service.scv)) / 2;
  const shared = Math.max(0, (requests * service.mean) / slots - residual);
  return shared + longest(slots, residual, service.residualTail);
}

/** Mean of the longest of `count` times: the integral of the probability that one of them is longer. */
function longest(count: number, mean: number, tail: (time: number) => number): number {
  const any = (time: number) => -Math.expm1(count * Math.log1p(-Math.min(tail(time), 1 - 1e-15)));
  let total = 0;
  for (let from = 0, width = mean / 200; ; from += width, width *= 1.002) {
    const piece = ((any(from) + 4 * any(from + width / 2) + any(from + width)) * width) / 6;
    total += piece;
    if (from > mean && piece < total * 1e-10) return total;
  }
}

/** Machines of one run after the other, over the time between two of them. */
function seriesOf(
  everySeconds: number,
  runSeconds: number,
  records: number,
  machines: number,
): Simulation["series"] {
  const bins = 96;
  const stepSeconds = everySeconds / bins;
  const steps = Array.from({ length: bins }, (_, index) => index * stepSeconds);
  return {
    stepSeconds,
    arrivals: steps.map(() => records / everySeconds),
    replicas: steps.map((from) => machines * Math.min(1, Math.max(0, (runSeconds - from) / stepSeconds))),
    p99: steps.map(() => null),
  };
}
