import { growthWithin } from "../../modules/compare/advice";
import { compare, type CompareInput } from "../../modules/compare/compare";
import type { Comparison, TargetResult } from "../../modules/compare/comparison";
import { recommend } from "../../modules/compare/recommend";
import { openPriceBook } from "../../modules/prices/price-book";
import { simulate } from "../../modules/simulate/simulate";
import { monthOf } from "../../modules/compare/month";
import { loadManifestValue } from "../../modules/manifest/load";
import { overlay } from "../../modules/manifest/overlay";
import { resolveManifest } from "../../modules/plan/resolve";
import { planWorkload } from "../../modules/workload/plan-workload";
import { targets } from "../../targets";
import { baseManifest, type Json } from "../support/synth";

const WORKLOAD = {
  requestsPerSecond: { average: 12, peak: 40 },
  serviceTime: { p50: "45ms", p99: "120ms" },
  concurrency: 2,
  payload: { request: "4Ki", response: "1Ki" },
  slo: { p99: "500ms", errorRate: 0.005 },
};

function run(changes: Json = {}, options: Partial<CompareInput> = {}) {
  const manifest = baseManifest({
    region: "us-east-1",
    model: { image: `123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud@sha256:${"a".repeat(64)}` },
    workload: WORKLOAD,
    ...changes,
  });
  const loaded = loadManifestValue(manifest, process.cwd());
  const { plan, issues } = resolveManifest(loaded, {
    environment: null,
    targets: ["all"],
    registry: targets,
  });
  if (plan === null) throw new Error(JSON.stringify(issues));
  const { workload, notes } = planWorkload(plan, loaded.source, null);
  return compare({
    plan,
    data: overlay(loaded.source, null).data,
    chosen: (manifest.target as string | undefined) ?? null,
    scalingGiven: manifest.scaling !== undefined,
    registry: targets,
    kinds: targets.map(({ kind }) => kind),
    workload,
    notes,
    simulator: { simulate: (capacity, load, chart = false) => simulate(capacity, load, { chart }), monthOf },
    book: openPriceBook(),
    freeTier: false,
    against: null,
    ...options,
  });
}

const named = (results: readonly TargetResult[], target: string, mode?: string): TargetResult => {
  const found = results.find(
    (result) => result.target === target && (mode === undefined || result.mode === mode),
  );
  if (found === undefined) throw new Error(`no ${target}`);
  return found;
};

/** Made once: a comparison of everything takes a while. */
const everything = run();

describe("a comparison of real targets", () => {
  const { document, recommendedUsd } = everything;
  const feasible = document.targets.filter((result) => result.feasible);

  test("has a row for each, and each bill adds up", () => {
    expect(document.targets.map(({ target, mode }) => [target, mode])).toEqual([
      ["sagemaker-realtime", "provisioned"],
      ["sagemaker-realtime", "serverless"],
      ["sagemaker-realtime", "async"],
      ["lambda", undefined],
      ["ecs-fargate", undefined],
      ["eks", undefined],
      ["sagemaker-batch", undefined],
      ["docker", undefined],
    ]);
    expect(named(document.targets, "sagemaker-batch").reasons[0]?.code).toBe("COMPARE_NO_BATCH");
    for (const { monthlyCost } of feasible) {
      if (monthlyCost === null) throw new Error("a feasible target has a bill");
      const cents = monthlyCost.items.reduce((sum, { usd }) => sum + Math.round((usd ?? 0) * 100), 0);
      expect(Math.round(monthlyCost.total * 100)).toBe(cents);
      expect(monthlyCost.unknown).toEqual([]);
    }
  });

  test("recommends the cheapest that keeps the goal, in AWS", () => {
    const { recommended } = document;
    const able = feasible.filter(
      ({ target, mode, sloMet }) => sloMet === true && target !== "docker" && mode !== "async",
    );
    const costs = able.map(({ monthlyCost }) => monthlyCost?.total ?? Infinity);
    expect(recommendedUsd).toBe(Math.min(...costs));
    expect(recommended?.because).toMatch(/keeps the SLO \(p99 \d+ of 500 ms\); next is /);
  });

  test("Lambda's bill is what a calculator makes of the same figures", () => {
    const items = named(document.targets, "lambda").monthlyCost?.items ?? [];
    const requests = 12 * 730 * 3600;
    const item = (name: string) => items.find((one) => one.name === name);
    expect(item("requests")?.quantity).toBeCloseTo(requests, -3);
    expect(item("requests")?.usd).toBeCloseTo(requests * 2e-7, 1);
    const gb = Number(named(document.targets, "lambda").sizing?.memoryMiB) / 1024;
    // The mean of the log-normal time, half a millisecond of rounding, and the few cold starts.
    const seconds = (item("duration")?.quantity ?? 0) / gb / requests;
    expect(seconds).toBeGreaterThan(0.0494);
    expect(seconds).toBeLessThan(0.056);
  });

  test("curves start idle and end at ten times the load, and cost no less with more", () => {
    expect(document.curves.map(({ target, mode }) => `${target} ${mode ?? ""}`.trim())).toEqual([
      "sagemaker-realtime provisioned",
      "sagemaker-realtime serverless",
      "sagemaker-realtime async",
      "lambda",
      "ecs-fargate",
      "eks",
    ]);
    for (const { target, mode, points } of document.curves) {
      expect(points[0]?.requestsPerSecond).toBe(0);
      expect(points.at(-1)?.requestsPerSecond).toBe(120);
      const own = named(document.targets, target, mode).monthlyCost?.total ?? 0;
      expect(points.find(({ requestsPerSecond }) => requestsPerSecond === 12)?.usd).toBeCloseTo(own, 0);
      const costs = points.flatMap(({ usd }) => (usd === null ? [] : [usd]));
      expect(costs).toHaveLength(points.length);
      // Few requests meet many cold starts, so that an environment must be kept warm for them, and for many need not.
      if (named(document.targets, target, mode).coldStart !== null) continue;
      for (const [index, usd] of costs.entries())
        expect(usd).toBeGreaterThanOrEqual((costs[index - 1] ?? 0) * 0.97);
    }
  });

  test("each crossover is where the two curves change places", () => {
    expect(document.crossovers.length).toBeGreaterThan(0);
    for (const { between, requestsPerSecond } of document.crossovers) {
      const [below, above] = between.map((name) => {
        const curve = document.curves.find(
          ({ target, mode }) => [target, mode].filter(Boolean).join(" ") === name,
        );
        if (curve === undefined) throw new Error(name);
        return curve.points;
      });
      const difference = (side: "before" | "after") => {
        const points = (below ?? []).map((point, index) => ({
          at: point.requestsPerSecond,
          usd: (point.usd ?? NaN) - (above?.[index]?.usd ?? NaN),
        }));
        return side === "before"
          ? points.filter(({ at }) => at < requestsPerSecond).at(-1)?.usd
          : points.find(({ at }) => at > requestsPerSecond)?.usd;
      };
      expect(difference("before")).toBeLessThan(0);
      expect(difference("after")).toBeGreaterThan(0);
    }
  });
});

test("the same input gives the same document", () => {
  expect(JSON.stringify(run({}, { kinds: ["lambda"] }))).toBe(JSON.stringify(run({}, { kinds: ["lambda"] })));
});

test("what a switch saves is the difference of the two bills", () => {
  const { document, recommendedUsd } = run(
    {},
    { kinds: ["sagemaker-realtime", "eks"], against: { target: "sagemaker-realtime", mode: "provisioned" } },
  );
  const now = named(document.targets, "sagemaker-realtime", "provisioned").monthlyCost?.total ?? 0;
  expect(document.against).toEqual({
    target: "sagemaker-realtime",
    mode: "provisioned",
    monthlyUsd: now,
    savedUsd: Math.round((now - (recommendedUsd ?? 0)) * 100) / 100,
  });
});

test("a batch alone is for the batch target, and fits or does not", () => {
  const batch = { records: 2_000_000, recordSize: "1Ki", every: "1d" };
  const only = run({ workload: { serviceTime: WORKLOAD.serviceTime, batch } });
  expect(only.document.recommended?.target).toBe("sagemaker-batch");
  expect(named(only.document.targets, "sagemaker-batch")).toMatchObject({
    sloMet: true,
    batch: { fits: true },
  });
  expect(only.document.curves).toEqual([]);
});

describe("advice", () => {
  const codes = ({ document }: { readonly document: Comparison }) => document.advice.map(({ code }) => code);

  test("is to speed the model up where no number of replicas helps, and then none is recommended", () => {
    const slow = run({ workload: { ...WORKLOAD, slo: { p99: "100ms" } } }, { kinds: ["lambda", "eks"] });
    expect(slow.document.advice.find(({ code }) => code === "SPEED_UP_MODEL")).toMatchObject({
      numbers: { serviceTimeP99Ms: 120, goalP99Ms: 100 },
    });
    expect(slow.document.recommended).toBeNull();
    expect(slow.recommendedUsd).toBeNull();
    expect(codes(everything)).not.toContain("SPEED_UP_MODEL");
  });

  test("names a batch only where there is one, and it is cheaper", () => {
    const batch = { records: 2_000_000, recordSize: "1Ki", every: "1d" };
    const both = run({ workload: { ...WORKLOAD, batch } }, { kinds: ["eks", "sagemaker-batch"] });
    expect(codes(both)).toContain("BATCH_IS_CHEAPER");
    expect(codes(everything)).not.toContain("BATCH_IS_CHEAPER");
  });

  test("a target value for invocations is what one replica carries, times AWS's safety factor, times 60", () => {
    const { document } = run({ target: "sagemaker-realtime" }, { kinds: ["sagemaker-realtime"] });
    const found = document.advice.find(({ code }) => code === "SCALE_ON_INVOCATIONS");
    const { target, maxRequestsPerSecond, safetyFactor } = found?.numbers ?? {};
    expect(safetyFactor).toBe(0.5);
    expect(Number(target) / (Number(maxRequestsPerSecond) * 0.5 * 60)).toBeCloseTo(1, 2);
  });

  test("growth counts from what need not be scaled, and goes round the clock", () => {
    const arrivals = {
      origin: "hourly" as const,
      rates: [1, 10, 20, 2],
      stepSeconds: 3600,
      start: 0,
      average: 8.25,
      peak: 20,
      assumption: null,
    };
    expect(growthWithin(arrivals, 60, 0)).toBe(10);
    expect(growthWithin(arrivals, 60, 8)).toBe(2);
    expect(growthWithin(arrivals, 7200, 8)).toBe(2.5);
    expect(growthWithin({ ...arrivals, rates: [20, 1] }, 60, 10)).toBe(2);
    expect(growthWithin({ ...arrivals, rates: [5] }, 60, 1)).toBe(1);
  });
});

describe("the recommendation's sentence", () => {
  const result = (target: string, more: Partial<TargetResult> = {}) =>
    ({
      target,
      sizingLabel: "its size",
      latencyMs: { p50: 1, p95: 2, p99: 80 },
      batch: null,
      monthlyCost: null,
      ...more,
    }) as TargetResult;
  const context = { slo: { p99Ms: 300 }, crossovers: [], average: 20, missing: [], unpriced: [] };

  test("names the runner-up, and what changes the answer", () => {
    const found = recommend(
      [
        { result: result("b"), exactUsd: 150, highestUsd: 150, existing: [] },
        { result: result("a"), exactUsd: 100, highestUsd: 100, existing: [] },
        { result: result("c"), exactUsd: 170, highestUsd: 170, existing: [] },
      ],
      {
        ...context,
        crossovers: [
          { between: ["a", "b"], requestsPerSecond: 50, monthlyUsd: 200 },
          { between: ["c", "a"], requestsPerSecond: 5, monthlyUsd: 50 },
          { between: ["b", "c"], requestsPerSecond: 30, monthlyUsd: 50 },
          // What misses the goal is no alternative, wherever it is cheaper.
          { between: ["a", "d"], requestsPerSecond: 21, monthlyUsd: 50 },
          { between: ["d", "a"], requestsPerSecond: 19, monthlyUsd: 50 },
        ],
        missing: [
          {
            result: result("d", { latencyMs: { p50: 1, p95: 1, p99: 900 } }),
            exactUsd: 60,
            highestUsd: 60,
            existing: [],
          },
        ],
      },
    );
    expect(found?.recommendation).toEqual({
      target: "a",
      because:
        "a on its size: $100 a month, the cheapest that keeps the SLO (p99 80 of 300 ms); next is b at $150 (+50 %); " +
        "below 5 requests/s on average c is cheaper, above 50 b; with a looser SLO d at $60.00 (p99 900 ms).",
    });
  });

  test("says what may be cheaper but has no price", () => {
    const found = recommend([{ result: result("a"), exactUsd: 100, highestUsd: 100, existing: [] }], {
      ...context,
      unpriced: [
        { result: result("x"), exactUsd: 20, highestUsd: 500, existing: [] },
        { result: result("y"), exactUsd: 120, highestUsd: 500, existing: [] },
      ],
    });
    expect(found?.recommendation.because).toMatch(/; x may be cheaper, but has no price here\.$/);
    expect(found?.recommendation.because).not.toMatch(/no other target fits/);
  });

  test("prefers what is cheaper whatever its missing price is, and says between what it lies", () => {
    const found = recommend(
      [
        { result: result("a"), exactUsd: 100, highestUsd: 100, existing: [] },
        { result: result("b"), exactUsd: 150, highestUsd: 150, existing: [] },
      ],
      {
        ...context,
        unpriced: [
          { result: result("x"), exactUsd: 20, highestUsd: 99, existing: [] },
          { result: result("y"), exactUsd: 40, highestUsd: 80, existing: [] },
          { result: result("z"), exactUsd: 85, highestUsd: 300, existing: [] },
        ],
      },
    );
    expect(found?.first.result.target).toBe("y");
    expect(found?.recommendation.because).toBe(
      "y on its size: $40.00 to $80.00 a month, since not every price is known here, " +
        "the cheapest that keeps the SLO (p99 80 of 300 ms); next is a at $100 (+25 % at least); " +
        "x may be cheaper, but has no price here.",
    );
  });

  test("says what a cost leaves out because it exists already, of the first and of the next", () => {
    const cluster = ["cluster's control plane and network"];
    const found = (first: readonly string[], second: readonly string[]) =>
      recommend(
        [
          { result: result("a"), exactUsd: 100, highestUsd: 100, existing: first },
          { result: result("b"), exactUsd: 150, highestUsd: 150, existing: second },
        ],
        context,
      )?.recommendation.because;
    expect(found(cluster, [])).toBe(
      "a on its size: $100 a month without the existing cluster's control plane and network, " +
        "the cheapest that keeps the SLO (p99 80 of 300 ms); next is b at $150 (+50 %).",
    );
    expect(found([], cluster)).toMatch(
      /; next is b at \$150 \(\+50 %\) without the existing cluster's control plane and network\.$/,
    );
    expect(found([], [])).not.toContain("existing");
    expect(found(["network", "cluster"], [])).toContain("without the existing network and cluster, ");
  });

  test("is none where nothing may be recommended", () => {
    expect(recommend([], context)).toBeNull();
  });
});

describe("the free tier", () => {
  const notesIn = (region: string) =>
    run(
      {
        region,
        model: { image: `123456789012.dkr.ecr.${region}.amazonaws.com/fraud@sha256:${"a".repeat(64)}` },
      },
      { freeTier: true, kinds: ["lambda"] },
    ).document.notes.filter((note) => /free tier/i.test(note));

  test("is said to be subtracted only where AWS is known to grant it", () => {
    expect(notesIn("us-east-1")).toEqual([
      "The free tier is subtracted in full: it is the account's, for all that runs in it.",
    ]);
    expect(notesIn("us-gov-west-1")).toEqual([
      "No free tier is subtracted: none that AWS grants in us-gov-west-1 is known; those of other partitions do not count there.",
    ]);
  });
});
