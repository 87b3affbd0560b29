import { Histogram } from "../queueing/histogram";
import type { ServiceDistribution } from "../queueing/service";
import type { Percentiles, Simulation } from "./capacity";

const MOST_BINS = 168;
/** Lengths of a chart's step, in seconds: those that a reader knows. */
const BIN_SECONDS = [10, 30, 60, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];

/** Length of the steps of a chart over so many seconds: at most 168 of them, none shorter than a step of the simulation. */
export function binSeconds(period: number, step: number): number {
  const least = Math.max(period / MOST_BINS, step);
  const nice = BIN_SECONDS.find((seconds) => seconds >= least * (1 - 1e-9));
  return nice ?? Math.ceil(least / 86_400) * 86_400;
}

/** Adds up what happens in a simulation, in memory that does not grow with time. */
export class Recorder {
  readonly #wait = new Histogram();
  readonly #bin = new Histogram();
  readonly #secondsAt = new Map<number, number>();
  readonly #binSeconds: number;
  readonly #bins: number;
  readonly #tail: (time: number) => number;
  /** Where percentiles were found last, in seconds. */
  #guess: number;
  readonly #overhead: number;
  readonly #arrivals: number[] = [];
  readonly #replicas: number[] = [];
  readonly #p99: (number | null)[] = [];
  #binStart = 0;
  #binsEnded = 0;
  #binArrivals = 0;
  #binReplicas = 0;
  #seconds = 0;
  #replicaSeconds = 0;
  #served = 0;
  requests = 0;
  timedOut = 0;
  throttled = 0;

  /**
   * @param period seconds that the chart shows.
   * @param step seconds of a step of the simulation.
   * @param overhead seconds that are added to each request.
   * @param chart whether to find a percentile for each step of the chart.
   */
  constructor(
    period: number,
    step: number,
    service: ServiceDistribution,
    overhead: number,
    private readonly chart: boolean,
  ) {
    this.#binSeconds = binSeconds(period, step);
    this.#bins = Math.min(MOST_BINS, Math.max(1, Math.ceil(period / this.#binSeconds - 1e-9)));
    this.#tail = tabulated(service);
    this.#guess = service.mean * 2;
    this.#overhead = overhead;
  }

  /** Where waiting times of the present step belong. */
  get waits(): Histogram {
    return this.#bin;
  }

  get served(): number {
    return this.#served;
  }

  /**
   * Ends a step.
   * @param replicas those that are paid for; a mean where it is not certain.
   * @param flush brings waiting times that were only counted so far into `waits`.
   */
  step(seconds: number, arrived: number, served: number, replicas: number, flush: () => void): void {
    this.requests += arrived;
    this.#served += served;
    this.#seconds += seconds;
    this.#replicaSeconds += replicas * seconds;
    const low = Math.floor(replicas);
    const above = replicas - low;
    this.#spend(low, (1 - above) * seconds);
    // A mean between two numbers is a share of the time at each.
    if (above > 0) this.#spend(low + 1, above * seconds);
    this.#binArrivals += arrived;
    this.#binReplicas += replicas * seconds;
    // By the clock, not from one end to the next, which steps that do not divide it would put off further and further.
    if (this.#seconds >= (this.#binsEnded + 1) * this.#binSeconds - 1e-6) {
      this.#endBin(flush);
      this.#binsEnded += 1;
    }
  }

  #spend(replicas: number, seconds: number): void {
    this.#secondsAt.set(replicas, (this.#secondsAt.get(replicas) ?? 0) + seconds);
  }

  #endBin(flush: () => void): void {
    flush();
    const length = this.#seconds - this.#binStart;
    if (length > 0 && this.#arrivals.length < this.#bins) {
      this.#arrivals.push(this.#binArrivals / length);
      this.#replicas.push(this.#binReplicas / length);
      // Less than a hundredth of a request has no percentile.
      if (this.chart)
        this.#p99.push(this.#bin.total < 0.01 ? null : this.#percentile(this.#bin, 0.99) * 1000);
    }
    this.#wait.addAll(this.#bin);
    this.#bin.clear();
    this.#binStart = this.#seconds;
    this.#binArrivals = 0;
    this.#binReplicas = 0;
  }

  #percentile(waits: Histogram, share: number): number {
    this.#guess = Math.max(1e-6, waits.quantileWith(share, this.#tail, this.#guess));
    return this.#overhead + this.#guess;
  }

  /** What both kinds of simulation report alike. */
  finish(
    service: ServiceDistribution,
    flush: () => void,
  ): Pick<
    Simulation,
    "seconds" | "requests" | "failed" | "latencyMs" | "waitMs" | "replicas" | "secondsAtReplicas" | "series"
  > {
    this.#endBin(flush);
    const numbers = [...this.#secondsAt.keys()];
    const wait = this.#wait;
    const none = wait.total <= 0;
    const latency = (share: number) => this.#percentile(wait, share) * 1000;
    const waited = (share: number) => wait.quantile(share) * 1000;
    const percentiles = (mean: number, of: (share: number) => number): Percentiles => ({
      mean: mean * 1000,
      p50: of(0.5),
      p95: of(0.95),
      p99: of(0.99),
    });
    return {
      seconds: this.#seconds,
      requests: this.requests,
      failed: { timedOut: this.timedOut, throttled: this.throttled },
      latencyMs: none ? null : percentiles(wait.mean + service.mean + this.#overhead, latency),
      waitMs: none ? null : { ...percentiles(wait.mean, waited), probability: wait.positive },
      replicas: {
        min: Math.min(...numbers),
        average: this.#replicaSeconds / this.#seconds,
        max: Math.max(...numbers),
      },
      secondsAtReplicas: new Map([...this.#secondsAt].sort(([a], [b]) => a - b)),
      series: {
        stepSeconds: this.#binSeconds,
        arrivals: this.#arrivals,
        replicas: this.#replicas,
        p99: this.#p99,
      },
    };
  }
}

/** Points of a table for each mean of the service time, and how many means it covers. */
const POINTS = 128;
const MEANS = 40;

/** Tables of recent simulations: sizes of one target share their service times. */
const tables = new Map<string, (time: number) => number>();
const MOST_TABLES = 16;

/** The service's tail from a table: percentiles of each step of a chart ask for it very often. */
function tabulated(service: ServiceDistribution): (time: number) => number {
  const key = `${service.mean} ${service.scv}`;
  const table = tables.get(key) ?? tableOf(service);
  tables.delete(key);
  tables.set(key, table);
  for (const oldest of tables.keys()) {
    if (tables.size <= MOST_TABLES) break;
    tables.delete(oldest);
  }
  return table;
}

function tableOf(service: ServiceDistribution): (time: number) => number {
  if (service.scv === 0) return service.tail;
  const width = service.mean / POINTS;
  const table = Float64Array.from({ length: POINTS * MEANS + 2 }, (_, index) => service.tail(index * width));
  return (time) => {
    if (time <= 0) return 1;
    const at = time / width;
    const low = Math.floor(at);
    if (low > POINTS * MEANS) return service.tail(time);
    const from = table[low] ?? 0;
    return from + (at - low) * ((table[low + 1] ?? 0) - from);
  };
}
