import fc from "fast-check";
import { Backlog } from "../../modules/simulate/backlog";

/** What was served, piece by piece: waits between two times, and how many. */
function collector(): {
  readonly each: (from: number, to: number, amount: number) => void;
  readonly pieces: [number, number, number][];
} {
  const pieces: [number, number, number][] = [];
  return { each: (from, to, amount) => pieces.push([from, to, amount]), pieces };
}

describe("a backlog", () => {
  test("serves first come, first served, at its rate", () => {
    const backlog = new Backlog();
    backlog.arrive(0, 10, 100);
    backlog.arrive(10, 20, 50);
    const { each, pieces } = collector();
    // 100 in the first ten seconds, of which 5 a second are served.
    expect(backlog.serve(0, 10, 5, Infinity, each)).toEqual({ served: 50, gaveUp: 0 });
    expect(backlog.amount).toBeCloseTo(100, 9);
    // The one served last came at 5 s and waited as long.
    expect(pieces).toEqual([[0, 5, 50]]);
    pieces.length = 0;
    backlog.serve(10, 20, 10, Infinity, each);
    expect(backlog.amount).toBe(0);
    // At 15 s those of the first ten seconds are done, who waited 5 s; the others came at half the rate.
    expect(pieces.map((piece) => piece.map((value) => Math.round(value * 1e6) / 1e6))).toEqual([
      [5, 5, 50],
      [5, 0, 50],
    ]);
  });

  test("lets go who has waited too long", () => {
    const backlog = new Backlog();
    backlog.arrive(0, 10, 100);
    expect(backlog.giveUp(4)).toBeCloseTo(40, 9);
    expect(backlog.giveUp(4)).toBe(0);
    expect(backlog.giveUp(11)).toBeCloseTo(60, 9);
    expect(backlog.amount).toBe(0);
  });

  test("serves at its rate those who are still there, and loses the others", () => {
    const backlog = new Backlog();
    backlog.arrive(0, 100, 1000);
    const { each, pieces } = collector();
    // 10 a second come, 8 are served, nobody waits longer than 2 s: after 10 s that long, from then on 2 a second leave.
    const { served, gaveUp } = backlog.serve(0, 100, 8, 2, each);
    expect(served).toBeCloseTo(800, 6);
    expect(gaveUp).toBeCloseTo(2 * 90, 6);
    expect(backlog.amount).toBeCloseTo(20, 6);
    expect(Math.max(...pieces.map(([, to]) => to))).toBeLessThanOrEqual(2);
  });

  test("lets go of all who came at once and waited too long", () => {
    const backlog = new Backlog();
    backlog.arrive(5, 5, 100);
    const { served, gaveUp } = backlog.serve(5, 60, 10, 2, () => undefined);
    expect(served).toBeCloseTo(20, 9);
    expect(gaveUp).toBeCloseTo(80, 9);
  });

  test("keeps count in any amount of pieces", () => {
    const backlog = new Backlog();
    for (let second = 0; second < 20_000; second += 1) backlog.arrive(second, second + 1, 3);
    expect(backlog.amount).toBe(60_000);
    const { pieces, each } = collector();
    expect(backlog.serve(20_000, 1000, 10, Infinity, each).served).toBeCloseTo(10_000, 3);
    expect(backlog.amount).toBeCloseTo(50_000, 3);
    // Those served last came at 3,333 s.
    expect(pieces.at(-1)?.[1]).toBeCloseTo(21_000 - 10_000 / 3, 0);
    expect(backlog.giveUp(15_000)).toBeCloseTo(45_000 - 10_000, 0);
  });

  // Rounding must neither lose requests nor keep the clock from moving, whatever the numbers are.
  test("ends, and loses nobody, in steps of any length at any time", () => {
    const positive = (min: number, max: number) =>
      fc.double({ min: Math.log10(min), max: Math.log10(max), noNaN: true }).map((power) => 10 ** power);
    fc.assert(
      fc.property(
        fc.array(fc.record({ arriving: positive(1e-6, 1e5), serving: positive(1e-6, 1e5) }), {
          minLength: 1,
          maxLength: 30,
        }),
        fc.oneof(positive(1e-3, 1e4), fc.constant(Infinity)),
        positive(0.01, 3600),
        positive(1, 1e8),
        (steps, patience, seconds, start) => {
          const backlog = new Backlog();
          let [came, went, now] = [0, 0, start];
          let longest = 0;
          for (const { arriving, serving } of steps) {
            backlog.arrive(now, now + seconds, arriving * seconds);
            came += arriving * seconds;
            const { served, gaveUp } = backlog.serve(now, seconds, serving, patience, (from, to) => {
              longest = Math.max(longest, from, to);
              expect(Math.min(from, to)).toBeGreaterThanOrEqual(-1e-6 - now * 1e-12);
            });
            expect(served).toBeLessThanOrEqual(serving * seconds * (1 + 1e-6) + 1e-6);
            expect(gaveUp).toBeGreaterThanOrEqual(-1e-6 * came);
            went += served + gaveUp;
            now += seconds;
          }
          expect(Math.abs(came - went - backlog.amount)).toBeLessThan(came * 1e-6 + 1e-6);
          // The clock's own precision at so late a time.
          expect(longest).toBeLessThanOrEqual(patience * (1 + 1e-9) + start * 1e-12);
        },
      ),
      { numRuns: 200, seed: 7 },
    );
  });
});
