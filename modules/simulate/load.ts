import type { Arrivals } from "../workload/workload";

/** Requests per second over time, which start over at their end. */
export class Load {
  /** Seconds until it starts over. */
  readonly period: number;
  readonly stepSeconds: number;
  readonly #rates: readonly number[];
  /** Requests from the beginning until the start of each step. */
  readonly #before: Float64Array;
  readonly #total: number;

  constructor({ rates, stepSeconds }: Pick<Arrivals, "rates" | "stepSeconds">) {
    this.#rates = rates;
    this.stepSeconds = stepSeconds;
    this.period = rates.length * stepSeconds;
    this.#before = new Float64Array(rates.length + 1);
    let total = 0;
    for (const [index, rate] of rates.entries()) {
      total += rate * stepSeconds;
      this.#before[index + 1] = total;
    }
    this.#total = total;
  }

  /** Mean requests per second between two times, in seconds since the start; before it, the load of the end. */
  rate(from: number, to: number): number {
    return (this.#until(to) - this.#until(from)) / (to - from);
  }

  #until(time: number): number {
    const periods = Math.floor(time / this.period);
    const inside = (time - periods * this.period) / this.stepSeconds;
    const step = Math.min(Math.floor(inside), this.#rates.length - 1);
    return (
      periods * this.#total +
      (this.#before[step] ?? 0) +
      (inside - step) * this.stepSeconds * (this.#rates[step] ?? 0)
    );
  }
}
