import type { CostCurve } from "../../modules/compare/comparison";
import { curveNotes } from "../../modules/compare/curve-notes";
import { feasible } from "./render/documents";

const curve = (target: string, ...costs: readonly (number | null)[]): CostCurve => ({
  target,
  points: costs.map((usd, index) => ({ requestsPerSecond: [0, 0.036, 0.12, 1.2][index] ?? 12, usd })),
});
const lambda = feasible("lambda", { coldStart: { fraction: 0.2, ms: 1000, source: "measured" } });

test("names where fewer requests cost more, and cold starts as the reason where there are any", () => {
  expect(curveNotes([curve("lambda", 4.9, 55.54, 14.37, 20)], [lambda])).toEqual([
    "Fewer requests cost more on lambda: $55.54 a month at 0.036 requests/s, $14.37 at 0.12: " +
      "so few requests meet so many cold starts that an environment is kept warm for the SLO.",
  ]);
  expect(curveNotes([curve("eks", 100, 90, 95)], [feasible("eks")])).toEqual([
    "Fewer requests cost more on eks: $100 a month at 0 requests/s, $90.00 at 0.036.",
  ]);
});

test("names the greatest of several falls", () => {
  expect(curveNotes([curve("eks", 100, 90, 95, 50)], [feasible("eks")])[0]).toMatch(
    /: \$95\.00 a month at 0\.12 requests\/s, \$50\.00 at 1\.2\.$/,
  );
});

test.each([
  ["a curve that rises", [1, 2, 3, 4]],
  ["one that stays", [5, 5, 5, 5]],
  ["less than sizing is good for", [100, 98, 97, 96]],
  ["a gap", [100, null, 50, 60]],
  ["nothing at all", []],
])("says nothing of %s", (_what, costs) => {
  expect(curveNotes([curve("lambda", ...costs)], [lambda])).toEqual([]);
});
