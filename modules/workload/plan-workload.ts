import { dirname, join } from "node:path";
import type { ManifestSource } from "../manifest/load";
import type { Manifest } from "../manifest/schema";
import type { EnvironmentPlan } from "../plan/plan";
import { constantArrivals, dayBetween, hourlyArrivals } from "./arrivals";
import { serviceTimeOf } from "./service-time";
import { readTrace, type Trace } from "./trace";
import type { Arrivals, Workload } from "./workload";

/**
 * The workload of a plan, with its trace read.
 * @param traffic a file that stands in for the manifest's own load; null takes that.
 * @throws {ManifestError} where the trace cannot be read, with codes of `TRACE_CODES`.
 */
export function planWorkload(
  { workload }: Pick<EnvironmentPlan, "workload">,
  { file, directory }: Pick<ManifestSource, "file" | "directory">,
  traffic: string | null,
): { readonly workload: Workload; readonly notes: readonly string[] } {
  const own = workload?.trace;
  const trace =
    traffic !== null
      ? readTrace(traffic, traffic)
      : own === undefined
        ? null
        : readTrace(join(directory, own), join(dirname(file), own));
  return { workload: workloadOf(workload ?? undefined, trace), notes: trace?.notes ?? [] };
}

/**
 * The workload of a manifest, with nothing optional. Pure.
 * @param trace requests over time, which go before those of the manifest; null where there are none.
 */
export function workloadOf(workload: Manifest["workload"], trace: Trace | null): Workload {
  const { serviceTime, concurrency = 1, payload, slo, batch } = workload ?? {};
  return {
    arrivals: trace?.arrivals ?? arrivalsOf(workload),
    serviceTime:
      serviceTime === undefined
        ? null
        : serviceTimeOf(serviceTime.p50.milliseconds, serviceTime.p99.milliseconds),
    concurrency,
    payload:
      payload === undefined
        ? null
        : { requestBytes: payload.request.bytes, responseBytes: payload.response.bytes },
    slo: slo === undefined ? null : { p99: slo.p99.milliseconds, errorRate: slo.errorRate },
    batch:
      batch === undefined
        ? null
        : { records: batch.records, recordSize: batch.recordSize, everySeconds: batch.every.seconds },
  };
}

function arrivalsOf(workload: Manifest["workload"]): Arrivals | null {
  if (workload?.hourly !== undefined) return hourlyArrivals(workload.hourly);
  const rate = workload?.requestsPerSecond;
  if (rate === undefined) return null;
  return typeof rate === "number" ? constantArrivals(rate) : dayBetween(rate.average, rate.peak);
}
