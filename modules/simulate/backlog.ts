/** Pieces that are kept apart; beyond, neighbours become one. */
const MOST_PIECES = 4096;

interface Piece {
  /** When its requests arrived, evenly, in seconds. */
  from: number;
  to: number;
  amount: number;
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
    let gone = 0;
    for (let piece = this.#first(); piece !== undefined && piece.from < before; piece = this.#first()) {
      if (piece.to <= before) {
        gone += piece.amount;
        this.#head += 1;
        continue;
      }
      const part = (piece.amount * (before - piece.from)) / (piece.to - piece.from);
      gone += part;
      piece.amount -= part;
      piece.from = before;
      break;
    }
    this.#take(gone);
    return gone;
  }

  /**
   * Serves for some seconds, by the end of which everyone has arrived; nobody before that.
   * @param rate requests per second, more than 0.
   * @param each is told of requests whose waits are spread evenly between two times.
   * @returns requests served.
   */
  serve(
    start: number,
    seconds: number,
    rate: number,
    each: (from: number, to: number, amount: number) => void,
  ): number {
    const end = start + seconds;
    let now = start;
    let served = 0;
    for (let piece = this.#first(); piece !== undefined && now < end - 1e-9; piece = this.#first()) {
      now = Math.max(now, piece.from);
      const wait = now - piece.from;
      const span = piece.to - piece.from;
      const incoming = span <= 0 ? Infinity : piece.amount / span;
      // Where requests come more slowly than they are served, the wait runs out before the piece does.
      const caughtUp = incoming < rate ? wait / (1 - incoming / rate) : Infinity;
      if (caughtUp < span) {
        // That is before the piece ends, and with it before this step does.
        const queued = incoming * caughtUp;
        each(wait, 0, queued);
        each(0, 0, piece.amount - queued);
        served += piece.amount;
        now = piece.to;
        this.#head += 1;
        continue;
      }
      const possible = Math.min(piece.amount, rate * (end - now));
      const until = now + possible / rate;
      const arrived = piece.from + span * (possible / piece.amount);
      each(wait, Math.max(0, until - arrived), possible);
      served += possible;
      now = until;
      if (possible >= piece.amount * (1 - 1e-12)) this.#head += 1;
      else this.#shrink(piece, possible);
    }
    this.#take(served);
    return served;
  }

  #first(): Piece | undefined {
    if (this.#head > 64 && this.#head * 2 > this.#pieces.length) {
      this.#pieces = this.#pieces.slice(this.#head);
      this.#head = 0;
    }
    return this.#pieces[this.#head];
  }

  #shrink(piece: Piece, by: number): void {
    const left = Math.max(0, piece.amount - by);
    piece.from = piece.to - (piece.to - piece.from) * (left / piece.amount);
    piece.amount = left;
  }

  #take(amount: number): void {
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
