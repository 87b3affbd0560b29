/**
 * An integral over a falling function from 0 to 1, such as the mean of the lesser of a random time and so many seconds,
 * from a table: between two points it is a cubic with the right slopes, which are the function's own values.
 */
export class Integral {
  readonly #logFirst: number;
  readonly #width: number;
  readonly #times: Float64Array;
  readonly #values: Float64Array;
  readonly #slopes: Float64Array;

  /**
   * @param slope the function.
   * @param scale seconds around which it falls.
   * @param exact the integral itself, where it is known; else Simpson's rule.
   */
  constructor(slope: (time: number) => number, scale: number, exact?: (time: number) => number) {
    const points = 480;
    this.#logFirst = Math.log(scale * 1e-3);
    this.#width = Math.log(1e6) / points;
    this.#times = new Float64Array(points + 1);
    this.#values = new Float64Array(points + 1);
    this.#slopes = new Float64Array(points + 1);
    let [from, before, total] = [0, 1, 0];
    for (let point = 0; point <= points; point += 1) {
      const time = Math.exp(this.#logFirst + point * this.#width);
      const here = before < 1e-14 ? 0 : slope(time);
      if (exact !== undefined) total = exact(time);
      else if (before >= 1e-14) total += ((before + 4 * slope((from + time) / 2) + here) * (time - from)) / 6;
      this.#times[point] = time;
      this.#values[point] = total;
      this.#slopes[point] = here;
      [from, before] = [time, here];
    }
  }

  /** The integral from 0 to infinity. */
  get total(): number {
    return this.#values.at(-1) ?? 0;
  }

  at(time: number): number {
    const place = time <= 0 ? -1 : (Math.log(time) - this.#logFirst) / this.#width;
    if (place < 0) return Math.max(0, time);
    const low = Math.floor(place);
    if (low >= this.#times.length - 1) return this.total;
    const [from, to] = [this.#times[low] ?? 0, this.#times[low + 1] ?? 0];
    const [a, b] = [this.#values[low] ?? 0, this.#values[low + 1] ?? 0];
    const length = to - from;
    const x = (time - from) / length;
    const rise = b - a;
    const [first, second] = [(this.#slopes[low] ?? 0) * length, (this.#slopes[low + 1] ?? 0) * length];
    return a + x * (first + x * (3 * rise - 2 * first - second + x * (first + second - 2 * rise)));
  }
}
