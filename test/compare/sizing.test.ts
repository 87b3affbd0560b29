import { rowsOf } from "../../modules/compare/feasibility";
import type { Simulator } from "../../modules/compare/engine";
import { monthOf } from "../../modules/compare/month";
import { sizeOf, withWarm } from "../../modules/compare/sizing";
import { loadManifestValue } from "../../modules/manifest/load";
import { overlay } from "../../modules/manifest/overlay";
import { resolveManifest } from "../../modules/plan/resolve";
import { simulate } from "../../modules/simulate/simulate";
import { workloadOf } from "../../modules/workload/plan-workload";
import type { Workload } from "../../modules/workload/workload";
import { targets } from "../../targets";
import { baseManifest } from "../support/synth";
import { type Box, dayAndNight, sizingOf, steady } from "./support";

/** One request takes 100 ms, so that one slot keeps up with 8 requests per second (see `easySimulator`). */
const SMALL: Box = { label: "t.small", slots: 1, hourly: 0.1 };
const LARGE: Box = { label: "t.large", slots: 4, hourly: 0.3 };

function chosen(sizes: readonly Box[], workload: Workload, scaling?: object) {
  const { row, context, simulator } = sizingOf(sizes, workload, scaling === undefined ? {} : { scaling });
  const sized = sizeOf(row, context);
  return {
    sized,
    calls: simulator.calls(),
    label: sized?.chosen.candidate.label,
    range: sized?.chosen.range,
  };
}

test.each([
  [1, 1],
  [8, 1],
  [8.1, 2],
  [80, 10],
  [81, 11],
  [8000, 1000],
])("%d requests per second take %d small boxes, no more and no fewer", (rate, count) => {
  const { range, sized, calls } = chosen([SMALL], steady(rate));
  expect(range).toEqual({ min: count, max: count });
  expect(sized?.chosen.bill.cost.total).toBeCloseTo(count * 0.1 * 730, 2);
  expect(calls).toBeLessThan(25);
});

test.each([
  // Four small boxes cost more than a large one of four slots; up to three they cost no more.
  [8, "t.small"],
  [16, "t.small"],
  [25, "t.large"],
  [250, "t.large"],
])("at %d requests per second the cheapest box is %s", (rate, label) => {
  expect(chosen([SMALL, LARGE], steady(rate)).label).toBe(label);
  expect(chosen([LARGE, SMALL], steady(rate)).label).toBe(label);
});

test("what is dearer from the start is not simulated", () => {
  const huge = { label: "t.huge", slots: 1, hourly: 50 };
  const alone = chosen([SMALL], steady(20));
  const both = chosen([SMALL, huge], steady(20));
  expect(both.calls).toBe(alone.calls);
  expect(both.sized?.others.map(({ candidate: { label } }) => label)).not.toContain("t.huge");
});

test("a size that says nothing of its cost comes last, and is tried all the same", () => {
  const secret = { label: "t.secret", slots: 1, hourly: 0.01, weight: null };
  expect(chosen([secret, SMALL], steady(20)).label).toBe("t.secret");
});

test("a size without a price is not taken for cheap", () => {
  const { row, context } = sizingOf([SMALL, LARGE], steady(20));
  const { book } = context.billing;
  const sized = sizeOf(row, {
    ...context,
    billing: {
      ...context.billing,
      book: {
        ...book,
        price: (key, region) =>
          key === "ec2/instance/t.large"
            ? { unknown: true, key, region, reason: "not known" }
            : book.price(key, region),
      },
    },
  });
  expect(sized?.chosen.candidate.label).toBe("t.small");
});

describe("a range", () => {
  test("is taken where quiet hours pay for it, from the fewest that keep the goal", () => {
    const { sized, range } = chosen([SMALL], dayAndNight(4, 80));
    expect(range).toEqual({ min: 1, max: 10 });
    expect(sized?.chosen.month.averageReplicas).toBe(5.5);
    expect(sized?.others.map((other) => other.range)).toContainEqual({ min: 10, max: 10 });
  });

  test("is not looked for where the load is flat", () => {
    expect(chosen([SMALL], dayAndNight(78, 80)).range).toEqual({ min: 10, max: 10 });
  });

  test("is the manifest's where it has one, and nothing else is tried", () => {
    const { sized, calls } = chosen([SMALL], dayAndNight(4, 80), { min: 2, max: 12 });
    expect(sized?.chosen.range).toBeNull();
    expect(sized?.chosen.simulation.replicas).toMatchObject({ min: 2, max: 10 });
    expect(sized?.others).toEqual([]);
    expect(calls).toBe(1);
  });
});

describe("where no size keeps the goal", () => {
  const slow = { ...SMALL, p99: 800 };

  test("because one request alone takes too long, it stops there and says so", () => {
    const { sized, calls } = chosen([slow], steady(20));
    expect(sized?.chosen.distance).toBeCloseTo(1.6, 5);
    expect(calls).toBe(1);
  });

  test("the one that comes nearest is shown", () => {
    const slower = { label: "t.slower", slots: 1, hourly: 0.01, p99: 2000 };
    const { sized, label } = chosen([slow, slower], steady(20));
    expect(label).toBe("t.small");
    expect(sized?.others).toHaveLength(1);
  });

  test("because the manifest's range is too small, that range is shown", () => {
    const { sized } = chosen([SMALL], steady(80), { min: 1, max: 4 });
    expect(sized?.chosen.distance).toBeGreaterThan(1);
    expect(sized?.chosen.simulation.replicas.max).toBe(4);
  });
});

test("without a goal the load must be kept up with", () => {
  expect(chosen([SMALL], steady(20, { slo: null })).range).toEqual({ min: 3, max: 3 });
});

test("more environments may be kept warm than a serverless endpoint's default has at once", () => {
  const loaded = loadManifestValue(
    baseManifest({
      targets: { "sagemaker-realtime": { mode: "serverless" } },
      workload: { requestsPerSecond: 60, serviceTime: { p50: "1s", p99: "2s" } },
    }),
    process.cwd(),
  );
  const asked = { environment: null, targets: ["all"], registry: targets };
  const { plan } = resolveManifest(loaded, asked);
  if (plan === null) throw new Error("no plan");
  const workload = workloadOf(plan.workload ?? undefined, null);
  const { context } = sizingOf([SMALL], workload);
  const load = { requests: true, batch: false };
  const data = overlay(loaded.source, null).data;
  const [row] = rowsOf({ plan, data, registry: targets, load }, ["sagemaker-realtime"]);
  if (row === undefined) throw new Error("no row");
  const simulator = {
    simulate: (...[capacity, load]: Parameters<Simulator["simulate"]>) => simulate(capacity, load),
    monthOf,
  };
  const warm = withWarm(row, "4096 MB", 65, { ...context, simulator });
  // 60 per second of 1.045 s each are 62.7 at once; twice that is more than enough.
  expect(warm?.candidate.sizing).toMatchObject({ provisionedConcurrency: 65, maxConcurrency: 126 });
  expect(withWarm(row, "4096 MB", 127, { ...context, simulator })).toBeNull();
});
