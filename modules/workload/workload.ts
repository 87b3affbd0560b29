import type { Size } from "../units/size";

/** Where the requests per second come from. */
export type ArrivalOrigin = "constant" | "average-and-peak" | "hourly" | "trace";

/** Requests over time. After its end it starts over. */
export interface Arrivals {
  readonly origin: ArrivalOrigin;
  /** Mean requests per second in each step; at least one step, each 0 or more. */
  readonly rates: readonly number[];
  /** Length of a step in seconds. */
  readonly stepSeconds: number;
  /** When the first step starts, in milliseconds since 1970 (UTC); a Monday, 00:00, where the manifest names no time. */
  readonly start: number;
  /** Mean requests per second over all steps. */
  readonly average: number;
  /** Highest requests per second of any step. */
  readonly peak: number;
  /** What was assumed, in a sentence, e.g. the shape of a day between average and peak; null where nothing was. */
  readonly assumption: string | null;
}

/** How long one request takes, alone on one replica of `resources`: log-normal through its median and 99th percentile. */
export interface ServiceTime {
  /** Median in milliseconds. */
  readonly p50: number;
  /** 99th percentile in milliseconds; at least the median. */
  readonly p99: number;
  /** Mean in milliseconds. */
  readonly mean: number;
  /** Squared coefficient of variation; 0 where all requests take the same time. */
  readonly scv: number;
}

/** The load of a batch job. */
export interface BatchLoad {
  /** Records of one run. */
  readonly records: number;
  readonly recordSize: Size;
  /** Seconds between the starts of two runs. */
  readonly everySeconds: number;
}

/** What a deployment must carry, with nothing optional. */
export interface Workload {
  /** Null where the manifest has only a batch load. */
  readonly arrivals: Arrivals | null;
  /** Null where the manifest does not say; then nothing about time can be computed. */
  readonly serviceTime: ServiceTime | null;
  /** Requests that one replica of `resources` works on at once. */
  readonly concurrency: number;
  /** Bytes of the bodies; null where the manifest does not say. */
  readonly payload: { readonly requestBytes: number; readonly responseBytes: number } | null;
  /** Null where the manifest sets no goal. */
  readonly slo: {
    /** Latency in milliseconds that 99 % of the requests must stay below. */
    readonly p99: number;
    /** Share of requests that may fail; 0 to 1. */
    readonly errorRate: number;
  } | null;
  readonly batch: BatchLoad | null;
}
