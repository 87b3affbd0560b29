import type { CostCurve, TargetResult } from "./comparison";
import { nameOf } from "./names";
import { money, rate } from "./render/format";

/** A fall below this share of the cost is within what sizing by simulation is good for. */
const FALL = 0.03;

/**
 * Where a target costs more with fewer requests, in a sentence each, from the points of its curve: nobody expects that, and
 * charts show it without a word.
 */
export function curveNotes(
  curves: readonly CostCurve[],
  results: readonly TargetResult[],
): readonly string[] {
  return curves.flatMap((curve): readonly string[] => {
    const name = nameOf(curve);
    const fall = fallOf(curve);
    if (fall === null) return [];
    const { from, to } = fall;
    const coldStarts = results.some((result) => nameOf(result) === name && result.coldStart !== null);
    const why = coldStarts
      ? ": so few requests meet so many cold starts that an environment is kept warm for the SLO"
      : "";
    return [
      `Fewer requests cost more on ${name}: ${money(from.usd)} a month at ${rate(from.requestsPerSecond)} requests/s, ` +
        `${money(to.usd)} at ${rate(to.requestsPerSecond)}${why}.`,
    ];
  });
}

interface Point {
  readonly requestsPerSecond: number;
  readonly usd: number;
}

/** The greatest fall from one point to the next; null where the curve has none to speak of. */
function fallOf({ points }: CostCurve): { readonly from: Point; readonly to: Point } | null {
  let greatest: { readonly from: Point; readonly to: Point } | null = null;
  for (const [index, { requestsPerSecond, usd }] of points.entries()) {
    const next = points[index + 1];
    if (usd === null || next === undefined || next.usd === null || next.usd >= usd * (1 - FALL)) continue;
    if (greatest !== null && usd - next.usd <= greatest.from.usd - greatest.to.usd) continue;
    greatest = {
      from: { requestsPerSecond, usd },
      to: { requestsPerSecond: next.requestsPerSecond, usd: next.usd },
    };
  }
  return greatest;
}
