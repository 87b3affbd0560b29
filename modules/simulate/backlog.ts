/** Pieces that are kept apart; beyond, neighbours become one. */
const MOST_PIECES = 4096;

interface Piece {
  /** When its requests arrived, evenly, in seconds. */
  from: number;
  to: number;
  amount: number;
}

/** What a step did with the requests that wait. */
export interface Drained {
  readonly served: number;
  readonly gaveUp: number;
}

/**
 * Requests that arrive faster than they can be served, as a fluid: first come, first served. It holds pieces of time, not
 * requests, so that a million of them take no more room than one.
 */
export class Backlog {
  #pieces: Piece[] = [];
  #head = 0;
  #amount = 0;

  /** Requests that wait. */
  get amount(): number {
    return this.#amount;
  }

  /** Adds requests that arrive evenly between two times. */
  arrive(from: number, to: number, amount: number): void {
    if (amount <= 0) return;
    this.#pieces.push({ from, to, amount });
    this.#amount += amount;
    if (this.#pieces.length - this.#head > MOST_PIECES) this.#thin();
  }

  /** Takes out whoever arrived before a time, and says how many. */
  giveUp(before: number): number {
    const waiting = this.#amount;
    for (let piece = this.#first(); piece !== undefined && piece.from < before; piece = this.#first()) {
      if (piece.to <= before) this.#drop(piece.amount);
      else this.#shrink(piece, (piece.amount * (before - piece.from)) / (piece.to - piece.from));
    }
    return waiting - this.#amount;
  }

  /**
   * Serves for some seconds, by the end of which everyone has arrived; nobody before that, and nobody who has waited longer
   * than he would.
   * @param rate requests per second, more than 0.
   * @param patience seconds; Infinity where nobody gives up.
   * @param each is told of requests whose waits are spread evenly between two times.
   */
  serve(
    start: number,
    seconds: number,
    rate: number,
    patience: number,
    each: (from: number, to: number, amount: number) => void,
  ): Drained {
    const end = start + seconds;
    let now = start;
    let served = 0;
    let gaveUp = this.giveUp(start - patience);
    for (let piece = this.#first(); piece !== undefined && now < end - 1e-9; piece = this.#first()) {
      now = Math.max(now, piece.from);
      const wait = now - piece.from;
      const span = piece.to - piece.from;
      // Requests that come in for each that is served.
      const ratio = span <= 0 ? Infinity : piece.amount / span / rate;
      if (ratio < 1 && wait < span * (1 - ratio)) {
        // The wait runs out before the piece does; that is before this step ends, too.
        const caughtUp = wait / (1 - ratio);
        const queued = ratio * rate * caughtUp;
        each(wait, 0, queued);
        each(0, 0, piece.amount - queued);
        served += piece.amount;
        now = piece.to;
        this.#drop(piece.amount);
        continue;
      }
      const patient = ratio > 1 ? (patience - wait) / (1 - 1 / ratio) : Infinity;
      const whole = piece.amount / rate;
      // What rounding leaves of someone's patience is no time: it would be added to the clock without moving it.
      const time = patient < 1e-6 ? 0 : Math.min(end - now, whole, patient);
      if (time > 0) {
        const amount = Math.min(piece.amount, time * rate);
        const after = Math.min(patience, wait + time * (1 - 1 / ratio));
        each(wait, after, amount);
        served += amount;
        now += time;
        if (time >= whole) this.#drop(piece.amount);
        else this.#shrink(piece, amount);
        continue;
      }
      // From here on everyone who is served has waited as long as anyone would; the others leave.
      const longest = Math.min(end - now, span);
      const amount = rate * longest;
      const leaving = longest >= span ? piece.amount : (piece.amount * longest) / span;
      each(patience, patience, amount);
      served += amount;
      gaveUp += leaving - amount;
      now += longest;
      if (longest >= span) this.#drop(piece.amount);
      else this.#shrink(piece, leaving);
    }
    return { served, gaveUp };
  }

  #first(): Piece | undefined {
    if (this.#head > 64 && this.#head * 2 > this.#pieces.length) {
      this.#pieces = this.#pieces.slice(this.#head);
      this.#head = 0;
    }
    return this.#pieces[this.#head];
  }

  /** Takes the earliest out of the first piece. */
  #shrink(piece: Piece, by: number): void {
    const left = Math.max(0, piece.amount - by);
    piece.from = piece.to - (piece.to - piece.from) * (left / piece.amount);
    this.#amount = Math.max(0, this.#amount - (piece.amount - left));
    piece.amount = left;
    if (left <= 0) this.#drop(0);
  }

  /** Takes the first piece out. */
  #drop(amount: number): void {
    this.#head += 1;
    this.#amount = this.#first() === undefined ? 0 : Math.max(0, this.#amount - amount);
  }

  #thin(): void {
    const pieces = this.#pieces.slice(this.#head);
    const thinned: Piece[] = [];
    for (let index = 0; index < pieces.length; index += 2) {
      const [one, other] = [pieces[index], pieces[index + 1]];
      if (one === undefined) break;
      thinned.push(
        other === undefined ? one : { from: one.from, to: other.to, amount: one.amount + other.amount },
      );
    }
    this.#pieces = thinned;
    this.#head = 0;
  }
}
