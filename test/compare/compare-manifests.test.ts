import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compareManifests, type CompareOptions } from "../../modules/compare/compare-manifests";
import type { Comparison, Fleet, MonthlyCost, TargetResult } from "../../modules/compare/comparison";
import { comparisonHtml } from "../../modules/compare/render/html";
import { comparisonMarkdown } from "../../modules/compare/render/markdown";
import { comparisonText } from "../../modules/compare/render/text";
import { parseDocument } from "../../modules/compare/document-schema";
import { ManifestError } from "../../modules/issues/issue";
import { definePolicy } from "../../modules/policy";
import { targets } from "../../targets";
import { ROOT } from "../support/process";
import { baseManifest, type Json } from "../support/synth";

const WORKLOAD = {
  requestsPerSecond: 20,
  serviceTime: { p50: "45ms", p99: "120ms" },
  concurrency: 2,
  slo: { p99: "300ms" },
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "modelport-compare-manifests-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(file: string, changes: Json = {}): string {
  const manifest = baseManifest({
    region: "us-east-1",
    account: "123456789012",
    model: { image: `123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud@sha256:${"a".repeat(64)}` },
    workload: WORKLOAD,
    ...changes,
  });
  const path = join(folder, file);
  writeFileSync(path, JSON.stringify(manifest));
  return path;
}

function run(manifests: readonly string[], options: Partial<CompareOptions> = {}): Comparison | Fleet {
  return compareManifests({
    manifests,
    environment: null,
    allEnvironments: false,
    targets: null,
    registry: targets,
    policies: [],
    project: folder,
    priceFile: null,
    traffic: null,
    freeTier: false,
    against: null,
    seed: 1,
    simulateSeconds: null,
    ...options,
  });
}

function one(changes: Json, options: Partial<CompareOptions> = {}): Comparison {
  const document = run([write("model.json", changes)], options);
  if ("comparisons" in document) throw new Error("one comparison");
  return document;
}

function fleet(files: readonly string[], options: Partial<CompareOptions> = {}): Fleet {
  const document = run(files, options);
  if (!("comparisons" in document)) throw new Error("a fleet");
  return document;
}

function only({ targets: results }: Comparison): TargetResult & { readonly monthlyCost: MonthlyCost } {
  const [result] = results;
  if (result === undefined || result.monthlyCost === null) throw new Error("no bill");
  return { ...result, monthlyCost: result.monthlyCost };
}

const amounts = (result: TargetResult) =>
  Object.fromEntries((result.monthlyCost?.items ?? []).map(({ name, usd }) => [name, usd]));

const EXISTING = { vpcId: "vpc-0a1b2c3d", subnetIds: ["subnet-0a1b2c3d", "subnet-1a1b2c3d"] };

describe("what exists already", () => {
  const CLUSTER = "without the existing cluster's control plane and network";

  test("of a cluster is named in the notes of EKS and in the recommendation, and not billed", () => {
    const shared = one({ targets: { eks: { cluster: "shared" } } }, { targets: ["eks"] });
    expect(shared.recommended?.because).toContain(`a month ${CLUSTER}, the cheapest`);
    expect(only(shared).notes).toContain(
      "not in the bill, because it exists already: the cluster's control plane and network",
    );
    expect(Object.keys(amounts(only(shared))).join()).not.toMatch(/control plane|endpoints|NAT/);
    const created = one({}, { targets: ["eks"] });
    expect(created.recommended?.because).not.toContain("existing");
    expect((only(created).notes ?? []).join()).not.toContain("exists already");
    expect(amounts(only(created))["EKS control plane"]).toBe(73);
  });

  test("of a network is named of a target in it", () => {
    const there = one({ network: EXISTING }, { targets: ["ecs-fargate"] });
    expect(there.recommended?.because).toContain("without the existing network's endpoints and gateways");
    expect(only(there).notes).toContain(
      "not in the bill, because it exists already: the network's endpoints and gateways",
    );
    const created = one({}, { targets: ["ecs-fargate"] });
    expect(created.recommended?.because).not.toContain("existing");
    expect(Object.keys(amounts(only(created)))).toContain("interface endpoints (3 in 2 zones)");
  });

  test("of a key is a note", () => {
    const kmsKeyArn = "arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f";
    const given = only(one({ security: { kmsKeyArn } }, { targets: ["ecs-fargate"] }));
    expect(given.notes).toContain("not in the bill, because it exists already: the KMS key");
    expect(amounts(given)).not.toHaveProperty("KMS key");
    expect(amounts(only(one({}, { targets: ["ecs-fargate"] })))["KMS key"]).toBe(1);
  });
});

describe("a foundation that models share", () => {
  const shared = (name: string, changes: Json = {}) =>
    write(`${name}.json`, { name, foundation: "risk", target: "ecs-fargate", ...changes });

  test("is in the sums once, to the cent, and stands in every format", () => {
    const files = [shared("first"), shared("second"), shared("third")];
    const document = fleet(files, { targets: ["ecs-fargate"] });
    const bills = document.comparisons.map(only);
    // A key of a dollar, and three endpoints in two zones for 730 hours of 0.01.
    const cost = { onceUsd: 1 + 43.8, inBillsUsd: 134.4 };
    expect(amounts(bills[0] ?? only(one({})))).toMatchObject({
      "KMS key": 1,
      "interface endpoints (3 in 2 zones)": 43.8,
    });
    expect(document.total.shared).toEqual([
      { foundation: "risk", environment: "default", models: 3, recommended: cost, chosen: cost },
    ]);
    const cents = bills.reduce((sum, { monthlyCost }) => sum + Math.round(monthlyCost.total * 100), 0);
    expect(document.total.recommended).toBe((cents - 2 * 4480) / 100);
    expect(document.total.chosen).toBe(document.total.recommended);
    expect(parseDocument(JSON.parse(JSON.stringify(document)))).toEqual({ document });
    const plain = (text: string) => text;
    const colours = { red: plain, yellow: plain, green: plain, dim: plain, bold: plain };
    const line =
      /foundation risk \(default\), shared by 3 models: \\?\$44\.80 a month, counted once; their bills have \\?\$134 of it/i;
    expect(comparisonText(document, { width: 160, colours })).toMatch(line);
    expect(comparisonMarkdown(document)).toMatch(line);
    expect(comparisonHtml(document)).toMatch(line);
  });

  test("has what the models need together, whatever their targets are", () => {
    const files = [shared("first"), shared("second", { target: "eks" })];
    const { total, comparisons } = fleet(files, { targets: ["ecs-fargate", "eks"] });
    const bill = (index: number, kind: string) => {
      const found = comparisons[index]?.targets.find(({ target }) => target === kind);
      return { total: found?.monthlyCost?.total ?? NaN, items: found === undefined ? {} : amounts(found) };
    };
    const [fargate, eks] = [bill(0, "ecs-fargate"), bill(1, "eks")];
    // Those of the nodes include the three of the tasks.
    const endpoints = "interface endpoints (6 in 2 zones)";
    expect(eks.items[endpoints]).toBe(87.6);
    expect(total.shared?.[0]?.chosen).toEqual({ onceUsd: 88.6, inBillsUsd: 133.4 });
    expect(total.chosen).toBeCloseTo(fargate.total + eks.total - 44.8, 9);
  });

  test.each<[string, readonly Json[], Partial<CompareOptions>]>([
    ["one model names it", [{}, { foundation: undefined }], {}],
    ["it is another in each region", [{}, { region: "us-west-2" }], {}],
    [
      "it is another in each environment",
      [{ environments: { prod: {}, test: {} } }],
      { allEnvironments: true },
    ],
    [
      "everything in it exists",
      [{}, {}].map(() => ({
        network: EXISTING,
        security: {
          kmsKeyArn: "arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f",
        },
      })),
      {},
    ],
  ])("is not shared where %s", (_what, models, options) => {
    const files = models.map((changes, index) => shared(`model-${index}`, changes));
    const document = () => fleet(files, { targets: ["ecs-fargate"], ...options });
    if (models.some(({ region }) => region !== undefined)) {
      expect(document).toThrow(ManifestError);
      return;
    }
    const { total, comparisons } = document();
    expect(total).not.toHaveProperty("shared");
    const cents = comparisons.map(only).reduce((sum, { monthlyCost }) => sum + monthlyCost.total * 100, 0);
    expect(total.recommended).toBe(Math.round(cents) / 100);
  });
});

describe("policies", () => {
  const policy = (severity: "error" | "warning") =>
    definePolicy({
      code: "ACME_NO_LAPTOPS",
      title: "models run in the cloud",
      reason: "so it was decided",
      source: "https://wiki.acme.example/laptops",
      asOf: "2026-11",
      severity,
      *checkPlan({ target }) {
        if (target === "docker") yield { address: target, message: "is a laptop", fix: "take ecs-fargate" };
      },
    });
  const kinds = { targets: ["ecs-fargate", "docker"] };

  test("make a target infeasible that breaks them, with the reason", () => {
    const [fargate, docker] = one({}, { ...kinds, policies: [policy("error")] }).targets;
    expect(docker).toMatchObject({ target: "docker", feasible: false, monthlyCost: null });
    expect(docker?.reasons[0]).toEqual({
      code: "ACME_NO_LAPTOPS",
      message: "docker is a laptop",
      limit: "models run in the cloud",
      change: "take ecs-fargate",
    });
    expect(fargate?.feasible).toBe(true);
  });

  test("only warn where they are warnings, and say nothing where the manifest lets go", () => {
    const [, warned] = one({}, { ...kinds, policies: [policy("warning")] }).targets;
    expect(warned).toMatchObject({ feasible: true, reasons: [{ code: "ACME_NO_LAPTOPS" }] });
    const suppress = [{ code: "ACME_NO_LAPTOPS", reason: "the last one of its kind" }];
    const [, free] = one({ policies: { suppress } }, { ...kinds, policies: [policy("error")] }).targets;
    expect(free?.feasible).toBe(true);
    expect(free?.reasons.map(({ code }) => code)).not.toContain("ACME_NO_LAPTOPS");
  });
});

describe("options", () => {
  const KINDS = { targets: ["ecs-fargate"] };
  const SCHEDULED = {
    scaling: {
      min: 1,
      max: 4,
      policies: [
        { type: "scheduled", cron: "0 0 ? * MON *", timezone: "UTC", min: 4, max: 4 },
        { type: "scheduled", cron: "0 0 ? * SAT *", timezone: "UTC", min: 1, max: 1 },
      ],
    },
  };
  const WEEK = 7 * 86_400;

  test("the simulated time decides on what happens in it: a week has its weekend, a Monday has none", () => {
    const average = (simulateSeconds: number | null) =>
      only(one(SCHEDULED, { ...KINDS, simulateSeconds })).replicas?.average;
    expect(average(86_400)).toBe(4);
    const week = average(WEEK) ?? 0;
    expect(week).toBeCloseTo((5 * 4 + 2 * 1) / 7, 1);
    expect(average(null)).toBe(week);
    const twice = one(SCHEDULED, { ...KINDS, simulateSeconds: 2 * WEEK });
    expect(only(twice).replicas?.average).toBeCloseTo(week, 2);
  });

  test("a seed repeats itself, and another changes what chance has part in alone", () => {
    const load = { ...WORKLOAD, requestsPerSecond: { average: 20, peak: 90 } };
    const scaling = {
      min: 1,
      max: 10,
      policies: [
        { type: "target-tracking", metric: "cpu", target: 50, scaleInCooldown: "5m", scaleOutCooldown: "1m" },
      ],
    };
    const made = (seed: number) => one({ workload: load, scaling }, { ...KINDS, seed });
    expect(JSON.stringify(made(7))).toBe(JSON.stringify(made(7)));
    const [first, second] = [made(7), made(8)];
    expect(JSON.stringify(second)).not.toBe(JSON.stringify(first));
    expect(second.workload).toEqual(first.workload);
    const fixed = ({ monthlyCost }: ReturnType<typeof only>) =>
      monthlyCost.items
        .filter(({ name }) => /balancer|endpoints|dashboard|alarms|key/i.test(name) && !/capacity/.test(name))
        .map(({ name, usd }) => [name, usd]);
    expect(fixed(only(second))).toEqual(fixed(only(first)));
    expect(fixed(only(first)).length).toBeGreaterThan(2);
    const ratio = only(second).monthlyCost.total / only(first).monthlyCost.total;
    expect(ratio).toBeGreaterThan(0.9);
    expect(ratio).toBeLessThan(1.1);
  });

  test("a price of one's own changes that item alone, and says whose it is", () => {
    const priceFile = join(folder, "prices.json");
    writeFileSync(
      priceFile,
      JSON.stringify({
        source: "contract 12",
        asOf: "2026-10-01",
        prices: [{ item: "elb/alb-hour", region: "us-east-1", usd: 0.5 }],
      }),
    );
    const [own, list] = [only(one({}, { ...KINDS, priceFile })), only(one({}, KINDS))];
    const name = "application load balancer";
    expect(own.monthlyCost.items.find((each) => each.name === name)).toMatchObject({
      unitPrice: 0.5,
      usd: 365,
      status: "override",
      asOf: "2026-10-01",
    });
    expect({ ...amounts(own), [name]: 0 }).toEqual({ ...amounts(list), [name]: 0 });
    expect(own.monthlyCost.total - list.monthlyCost.total).toBeCloseTo(365 - (amounts(list)[name] ?? NaN), 9);
  });

  test("an environment brings its overlay, all of them a fleet", () => {
    const environments = { prod: {}, test: { workload: { ...WORKLOAD, requestsPerSecond: 1 } } };
    const load = ({ environment, workload }: Comparison) => [environment, workload.requestsPerSecond.average];
    expect(load(one({ environments }, { targets: ["docker"], environment: "test" }))).toEqual(["test", 1]);
    expect(load(one({ environments }, { targets: ["docker"] }))).toEqual(["default", 20]);
    const all = fleet([write("all.json", { environments })], { targets: ["docker"], allEnvironments: true });
    expect(all.comparisons.map(load)).toEqual([
      ["prod", 20],
      ["test", 1],
    ]);
  });

  test("targets are those that were asked for, in modelport's order, and only one of them can be left", () => {
    const document = one({}, { targets: ["docker", "ecs-fargate"], against: "ecs-fargate" });
    expect(document.targets.map(({ target }) => target)).toEqual(["ecs-fargate", "docker"]);
    const cost = document.targets[0]?.monthlyCost?.total;
    expect(document.against).toEqual({ target: "ecs-fargate", monthlyUsd: cost, savedUsd: 0 });
    expect(() => one({}, { targets: ["docker"], against: "ecs-fargate" })).toThrow(ManifestError);
  });
});

test("the asynchronous example sleeps and wakes: its instances are what its requests keep busy, and a little more", () => {
  const document = run([join(ROOT, "examples", "async", "modelport.yaml")]);
  if ("comparisons" in document) throw new Error("one comparison");
  const feasible = document.targets.filter((result) => result.feasible);
  expect(feasible.map(({ target, mode }) => [target, mode])).toEqual([["sagemaker-realtime", "async"]]);
  expect(document.recommended).toMatchObject({ target: "sagemaker-realtime", mode: "async" });
  const [result] = feasible;
  if (result === undefined || result.replicas === null || result.latencyMs === null)
    throw new Error("no result");
  const { replicas, latencyMs, monthlyCost, series } = result;
  // A hundredth of a request a second, of 90 s at the median and 15 min at the 99th percentile: log-normal, 147 s on average.
  const mean = 90 * Math.exp((Math.log(10) / 2.3263) ** 2 / 2);
  const busy = 0.01 * mean;
  expect(replicas).toMatchObject({ min: 0, max: 4 });
  expect(replicas.average).toBeGreaterThan(busy);
  expect(replicas.average).toBeLessThan(busy * 1.15);
  expect(series?.replicas).toContain(0);
  const instances = monthlyCost?.items.find(({ name }) => name === "ml.g4dn.xlarge instances");
  expect((instances?.quantity ?? 0) / (replicas.average * 730)).toBeCloseTo(1, 3);
  // Nobody waits less than for the model itself, and what comes at the peak waits for the four that there are at most.
  expect(latencyMs.p50).toBeGreaterThan(90_000);
  expect(latencyMs.p99).toBeLessThan(6 * 3_600_000);
  expect(result.errorRate).toBe(0);
  expect(monthlyCost?.idleShare).toBeLessThan(0.15);
});
