import { HOURS_PER_MONTH, type Simulation } from "../simulate/capacity";
import type { Workload } from "../workload/workload";
import type { Month } from "./target-comparison";

/** What a simulation comes to over a month of 730 hours. Pure. */
export function monthOf(simulation: Simulation, workload: Workload): Month {
  const { requests, failed, backlog, replicas, secondsAtReplicas, provisioned, onDemand } = simulation;
  const times = (HOURS_PER_MONTH * 3600) / simulation.seconds;
  const served = requests - failed.timedOut - failed.throttled - Math.max(0, backlog.end - backlog.start);
  const { requestBytes, responseBytes } = workload.payload ?? { requestBytes: 0, responseBytes: 0 };
  return {
    requests: requests * times,
    served: Math.max(0, served) * times,
    // What is refused has come in all the same.
    bytesIn: requests * requestBytes * times,
    bytesOut: Math.max(0, served) * responseBytes * times,
    averageReplicas: replicas.average,
    hoursAtReplicas: new Map(
      [...secondsAtReplicas].map(([count, seconds]) => [
        count,
        (HOURS_PER_MONTH * seconds) / simulation.seconds,
      ]),
    ),
    busySeconds: simulation.busySeconds * times,
    provisionedSeconds: provisioned.seconds * times,
    provisionedBusySeconds: provisioned.busySeconds * times,
    onDemandBusySeconds: onDemand.busySeconds * times,
    onDemandRequests: onDemand.requests * times,
    coldStartSeconds: onDemand.coldStartSeconds * times,
    peakRate: workload.arrivals?.peak ?? 0,
    averageRate: workload.arrivals?.average ?? 0,
    simulation,
  };
}
