import { costOver, crossings, crossoversOf, curvesOf, FACTORS, scaled } from "../../modules/compare/curves";
import { sizeOf } from "../../modules/compare/sizing";
import type { Workload } from "../../modules/workload/workload";
import { type Box, dayAndNight, sizingOf, steady } from "./support";

const SMALL: Box = { label: "t.small", slots: 1, hourly: 0.1 };

function costOf(workload: Workload, scaling?: object) {
  const { row, context } = sizingOf([SMALL], workload, scaling === undefined ? {} : { scaling });
  const sized = sizeOf(row, context);
  if (sized === null) throw new Error("no size");
  return { cost: costOver(row, sized, context), sized };
}

test("a multiple of a load is that of each moment", () => {
  const { arrivals } = scaled(dayAndNight(2, 6), 3);
  expect(arrivals).toMatchObject({ rates: [6, 18], average: 12, peak: 18 });
});

test("at the workload itself the cost is that of the table", () => {
  for (const workload of [steady(80), dayAndNight(4, 80)]) {
    const { cost, sized } = costOf(workload);
    expect(cost(1)).toBe(sized.chosen.bill.exactUsd);
  }
});

test("replicas are found anew at each load, and one is left when it is idle", () => {
  const { cost } = costOf(steady(80));
  const replicas = FACTORS.map((factor) => (cost(factor) ?? NaN) / 73);
  expect(replicas.map((count) => Math.round(count * 1000) / 1000)).toEqual([
    1, 1, 1, 1, 1, 1, 3, 10, 30, 100,
  ]);
});

test.each([
  ["constant", steady(37)],
  ["by day and night", dayAndNight(3, 50)],
])("a %s load costs no less where there is more of it", (_what, workload) => {
  const { cost } = costOf(workload);
  const factors = Array.from({ length: 60 }, (_, index) => 0.01 * 1.13 ** index);
  const costs = factors.map((factor) => cost(factor) ?? NaN);
  for (const [index, usd] of costs.entries())
    expect(usd).toBeGreaterThanOrEqual((costs[index - 1] ?? 0) - 1e-9);
});

test("the manifest's range holds as long as it carries the load, and then grows", () => {
  const { cost } = costOf(dayAndNight(4, 40), { min: 2, max: 5 });
  expect(cost(0)).toBeCloseTo(2 * 73, 5);
  expect(cost(1)).toBeCloseTo(3.5 * 73, 5);
  expect(cost(3)).toBeCloseTo(15 * 73, 5);
});

test("curves are from idle to ten times the load, in USD to the cent", () => {
  const [curve] = curvesOf([{ name: "a", target: "a", costAt: (factor) => 10 + factor / 3 }], 20);
  expect(curve?.points[0]).toEqual({ requestsPerSecond: 0, usd: 10 });
  expect(curve?.points.at(-1)).toEqual({ requestsPerSecond: 200, usd: 13.33 });
});

describe("crossovers", () => {
  const line = (fixed: number, slope: number) => (factor: number) => fixed + slope * factor;
  const row = (name: string, costAt: (factor: number) => number | null) => ({ name, target: name, costAt });

  test("lie where one line meets the other, within a few percent", () => {
    for (const at of [0.0004, 0.02, 0.5, 1.7, 9]) {
      const found = crossings(line(0, 100), line(100 * at, 0));
      expect(found).toHaveLength(1);
      expect(found[0]?.cheaperBelow).toBe("first");
      expect((found[0]?.factor ?? 0) / at).toBeCloseTo(1, 1);
    }
  });

  test("name the cheaper one below first, with the load and the cost there", () => {
    const found = crossoversOf([row("steady", line(50, 0)), row("by use", line(0, 100))], 20);
    expect(found).toHaveLength(1);
    expect(found[0]?.between).toEqual(["by use", "steady"]);
    expect(found[0]?.requestsPerSecond).toBeCloseTo(10, 0);
    expect(found[0]?.monthlyUsd).toBe(50);
  });

  test("are not where a curve has a gap, where two are alike, or beyond ten times the load", () => {
    expect(crossings(line(0, 100), (factor) => (factor > 0.2 && factor < 2 ? null : 50))).toEqual([]);
    expect(crossings(line(5, 1), line(5, 1))).toEqual([]);
    expect(crossings(line(0, 1), line(20, 0))).toEqual([]);
  });

  test("are found with replicas as they jump", () => {
    const steps = (factor: number) => Math.max(1, Math.ceil(factor * 10)) * 73;
    const [found] = crossings(line(0, 900), steps);
    expect(found?.cheaperBelow).toBe("first");
    expect(found?.factor).toBeCloseTo(73 / 900, 2);
  });
});
