import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { greeter } from "../plugins/support";
import { policyCode } from "../policy/support";
import { cli, type CliRun } from "../support/cli";
import type { Json } from "../support/synth";

const IMAGE = `123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud@sha256:${"a".repeat(64)}`;
const MANIFEST = [
  "apiVersion: modelport/v1",
  "name: fraud-scorer",
  "region: us-east-1",
  `model: { image: "${IMAGE}" }`,
  "resources: { cpu: 1, memory: 2Gi }",
  "workload:",
  "  requestsPerSecond: 20",
  "  serviceTime: { p50: 45ms, p99: 120ms }",
  "  concurrency: 2",
  "  slo: { p99: 300ms }",
  "",
].join("\n");

let folder: string;
const compare = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  cli(["compare", ...args], { cwd: folder, env });
const write = (file: string, text: string) => writeFileSync(join(folder, file), text);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "modelport-compare-"));
  write("good.yaml", MANIFEST);
  write("other.yaml", `${MANIFEST.replace("fraud-scorer", "other-model")}target: lambda\n`);
  write("bad.yaml", MANIFEST.replace("2Gi", "2048"));
  write("idle.yaml", MANIFEST.slice(0, MANIFEST.indexOf("workload:")));
  write("untimed.yaml", MANIFEST.replace(/.*serviceTime.*\n/, ""));
  write("gpu.yaml", MANIFEST.replace("2Gi", "2Gi, gpu: 1"));
  write("envs.yaml", `${MANIFEST}environments: { prod: {}, test: { workload: { requestsPerSecond: 1 } } }\n`);
  const rows = Array.from({ length: 48 }, (_, hour) => `${hour * 3600},${hour % 24 < 12 ? 3600 : 36_000}`);
  write("traffic.csv", `timestamp,requests\n${rows.join("\n")}\n`);
  write("prices.yaml", 'source: mine\nasOf: 2026-10-01\ndiscounts: [{ item: "lambda/*", percent: 50 }]\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function documentOf(stdout: string): Json {
  const parsed = JSON.parse(stdout) as Json;
  expect(Object.entries(parsed)[0]).toEqual(["schemaVersion", 1]);
  return parsed;
}

describe("exit codes", () => {
  test.each<[string, readonly string[], number, RegExp]>([
    ["no manifest", [], 2, /name a manifest, or an earlier result with --from/],
    ["a manifest beside --from", ["good.yaml", "--from", "x.json"], 2, /--from/],
    ["an option of computing beside --from", ["--from", "x.json", "--free-tier"], 2, /--free-tier/],
    ["a seed that is no number", ["good.yaml", "--seed", "x"], 2, /whole number/],
    ["a time without a unit", ["good.yaml", "--simulate", "30"], 2, /from 1h to 366d/],
    ["an unknown format", ["good.yaml", "--format", "pdf"], 2, /Allowed choices/],
    ["a bad manifest", ["bad.yaml"], 1, /resources.memory.*\[UNIT\]/],
    ["a missing manifest", ["none.yaml"], 1, /\[FILE_UNREADABLE\]/],
    ["no workload", ["idle.yaml"], 1, /workload: is required to compare targets \[REQUIRED\]/],
    ["no service time", ["untimed.yaml"], 1, /workload.serviceTime: is required/],
    ["an unknown target", ["good.yaml", "--targets", "lamda"], 1, /did you mean "lambda"\?/],
    ["an unknown target to switch from", ["good.yaml", "--against", "lambda/fast"], 1, /\[UNKNOWN_TARGET\]/],
    ["an unknown environment", ["envs.yaml", "--env", "prd"], 1, /\[UNKNOWN_ENVIRONMENT\]/],
    ["a missing trace", ["good.yaml", "--traffic", "none.csv"], 1, /\[TRACE_UNREADABLE\]/],
    ["a missing price file", ["good.yaml", "--price-file", "none.yaml"], 1, /\[FILE_UNREADABLE\]/],
    ["an earlier result that is missing", ["--from", "none.json"], 1, /\[COMPARISON_UNREADABLE\]/],
    ["an earlier result that is no JSON", ["--from", "good.yaml"], 1, /is no JSON \[COMPARISON_UNREADABLE\]/],
  ])("%s", async (_what, args, code, message) => {
    const run = await compare(args);
    expect(run.stderr).toMatch(message);
    expect(run.stderr).not.toMatch(/\n\s+at /);
    expect({ code: run.code, stdout: run.stdout }).toEqual({ code, stdout: "" });
  });

  test("the only target asked for cannot carry it: its reasons are the result, and the code is 1", async () => {
    const run = await compare(["gpu.yaml", "--targets", "lambda", "--format", "json"]);
    expect(run.code).toBe(1);
    const { targets, recommended } = documentOf(run.stdout);
    expect(targets).toHaveLength(1);
    expect(targets[0]).toMatchObject({ target: "lambda", feasible: false });
    expect(targets[0].reasons[0]).toMatchObject({ code: "GPU_UNSUPPORTED", value: "1" });
    expect(recommended).toBeNull();
  });
});

describe("a result", () => {
  test("is one document on stdout, and --from shows it in every format without computing it", async () => {
    const first = await compare(["good.yaml", "--targets", "lambda,docker", "--format", "json"]);
    expect({ code: first.code, stderr: first.stderr }).toEqual({ code: 0, stderr: "" });
    const document = documentOf(first.stdout);
    expect(document).toMatchObject({ model: "fraud-scorer", environment: "default", region: "us-east-1" });
    write("result.json", first.stdout);
    expect((await compare(["--from", "result.json", "--format", "json"])).stdout).toBe(first.stdout);
    const text = await compare(["--from", "result.json"]);
    expect(text.stdout).toContain("Recommended: ");
    expect(text.stdout.split("\n").every((line) => line.length <= 80)).toBe(true);
    expect((await compare(["--from", "result.json", "--format", "markdown"])).stdout).toContain(
      "| `docker` |",
    );
    const html = await compare(["--from", "result.json", "--format", "html", "--out", "result.html"]);
    expect(html).toEqual({ code: 0, stdout: "", stderr: "written to result.html\n" });
    expect(readFileSync(join(folder, "result.html"), "utf8")).toMatch(/^<!doctype html>/i);
    const quiet = await compare([
      "--from",
      "result.json",
      "--format",
      "html",
      "--out",
      "result.html",
      "--quiet",
    ]);
    expect(quiet).toEqual({ code: 0, stdout: "", stderr: "" });
    const nowhere = await compare(["--from", "result.json", "--out", "none/result.txt"]);
    expect(nowhere.stderr).toMatch(/\[OUTPUT_UNWRITABLE\]/);
    expect(nowhere.code).toBe(1);
  });

  test("takes a trace, a price file and the free tier", async () => {
    const lambda = ["good.yaml", "--targets", "lambda", "--format", "json"];
    const [plain, traced, cheap, free] = await Promise.all(
      [[], ["--traffic", "traffic.csv"], ["--price-file", "prices.yaml"], ["--free-tier"]].map(async (more) =>
        documentOf((await compare([...lambda, ...more])).stdout),
      ),
    );
    const bill = (document: Json | undefined) => document?.targets[0].monthlyCost;
    const item = (document: Json | undefined, name: string) =>
      (bill(document).items as readonly Json[]).find((one) => one.name === name);
    expect(plain?.workload).toMatchObject({
      origin: "constant",
      requestsPerSecond: { average: 20, peak: 20 },
    });
    expect(traced?.workload).toMatchObject({
      origin: "trace",
      requestsPerSecond: { average: 5.5, peak: 10 },
    });
    expect(item(cheap, "duration")?.usd).toBeCloseTo(item(plain, "duration")?.usd / 2, 1);
    expect(item(cheap, "duration")?.status).toBe("override");
    // 400,000 GB-seconds and a million requests, and what else the account has free.
    expect(bill(plain).total - bill(free).total).toBeGreaterThan(400_000 * 0.0000166667 + 0.2 - 0.01);
    expect(item(free, "requests, free tier")).toMatchObject({ quantity: 1_000_000, usd: 0 });
  });

  test("of several manifests or environments is a fleet with its sums", async () => {
    const several = await compare(["good.yaml", "other.yaml", "--targets", "lambda", "--format", "json"]);
    const fleet = documentOf(several.stdout);
    const totals = (fleet.comparisons as readonly Json[]).map(
      ({ targets }) => targets[0].monthlyCost.total as number,
    );
    expect((fleet.comparisons as readonly Json[]).map(({ model }) => model)).toEqual([
      "fraud-scorer",
      "other-model",
    ]);
    expect(fleet.total.recommended).toBeCloseTo((totals[0] ?? 0) + (totals[1] ?? 0), 10);
    // The first names no target of its own.
    expect(fleet.total.chosen).toBeNull();
    const environments = await compare([
      "envs.yaml",
      "--all-environments",
      "--targets",
      "lambda",
      "--format",
      "json",
    ]);
    expect(
      (documentOf(environments.stdout).comparisons as readonly Json[]).map((one) => one.environment),
    ).toEqual(["prod", "test"]);
  });
});

/** A module with a target of its own, which answers in a millisecond, costs what two machines cost, and runs anywhere. */
const TABLETS = greeter(`
  kind: "tablets", title: "Tablets", platform: "aws",
  loadComparison: () => ({
    candidates: (plan, { workload }) => CANDIDATES,
  }),
`);
const tablets = (candidates: string) => TABLETS.replace("CANDIDATES", candidates);
const CANDIDATE = `[{
  label: "two tablets", sizing: { tablets: 2 }, weight: 1, figures: [], notes: ["They lie on a desk"],
  capacity: {
    kind: "environments", serviceTime: workload.serviceTime, overheadMs: 1, coldStartMs: 0, keepAliveSeconds: 60,
    maxConcurrency: 100, startsPerSecond: null,
    provisioned: { startupSeconds: 1, scaling: { min: 0, max: 0, policies: [], metricPeriodSeconds: 60, scaleOutPeriods: 1,
      scaleInPeriods: 1, metricDelaySeconds: 0, cpu: { perReplica: 1, perRequest: 1 }, memoryPercent: 100 } },
  },
  bill: (month) => BILL,
}]`;
const BILL = `[{ name: "tablets", key: "ec2/instance/m5.large", quantity: 2 * 730, basis: "provisioned" }]`;

describe("a plug-in", () => {
  const json = ["good.yaml", "--plugin", "./tablets.js", "--targets", "tablets", "--format", "json"];

  test("is in the comparison with its own sizes and bill, beside the others, and may win", async () => {
    write("tablets.js", tablets(CANDIDATE.replace("BILL", BILL)));
    const run = await compare([...json, "--targets", "tablets,docker"]);
    expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: "" });
    const { targets, recommended, curves } = documentOf(run.stdout);
    expect((targets as readonly Json[]).map(({ target }) => target as string)).toEqual(["docker", "tablets"]);
    expect(targets[1]).toMatchObject({
      title: "Tablets",
      feasible: true,
      sizing: { tablets: 2 },
      sizingLabel: "two tablets",
      sloMet: true,
      notes: expect.arrayContaining(["They lie on a desk"]) as unknown,
    });
    // m5.large in us-east-1 is 0.096 an hour.
    const items = targets[1].monthlyCost.items as readonly Json[];
    expect(items.find(({ name }) => name === "tablets")).toMatchObject({ usd: 140.16, unitPrice: 0.096 });
    expect(recommended.target).toBe("tablets");
    expect((curves as readonly Json[]).map(({ target }) => target as string)).toEqual(["tablets"]);
    const text = await compare(["good.yaml", "--plugin", "./tablets.js", "--targets", "tablets"]);
    expect(text.stdout).toContain("> tablets  two tablets");
  });

  const charge = (changes: string) => CANDIDATE.replace("BILL", BILL.replace("basis:", `${changes}, basis:`));
  test.each([
    [
      "candidates throw",
      "workload.nothing.there",
      "to say what it can carry: TypeError: .*, at tablets\\.js:\\d+:\\d+",
    ],
    [
      "candidates are none",
      CANDIDATE.replace("BILL", BILL).replace("maxConcurrency: 100", "maxConcurrency: 0"),
      "to say what it can carry: its candidates are none: \\[0\\]\\.capacity\\.maxConcurrency: .*",
    ],
    [
      "bill throws",
      CANDIDATE.replace("BILL", "month.nothing.there"),
      "to say what it costs: TypeError: .*, at tablets\\.js:\\d+:\\d+",
    ],
    [
      "bill is none",
      CANDIDATE.replace("BILL", "undefined"),
      "to say what it costs: its charges are none: .*",
    ],
    [
      "bill has no quantity",
      charge("quantity: Number.NaN"),
      "to say what it costs: its charges are none: \\[0\\]\\.quantity: .*",
    ],
    [
      "bill has a price that is not there",
      charge('key: "tablets/hour"'),
      "to say what it costs: its charges are none: \\[0\\]\\.key: is no price of the book",
    ],
  ])("whose %s is named, and nobody gets a stack trace", async (_what, candidates, failed) => {
    write("tablets.js", tablets(candidates));
    const run = await compare(json);
    expect({ code: run.code, stdout: run.stdout }).toEqual({ code: 1, stdout: "" });
    expect(run.stderr).toMatch(
      new RegExp(`^error: --plugin \\./tablets\\.js: tablets failed ${failed} \\[PLUGIN_FAILED\\]\n  fix: `),
    );
    expect(run.stderr).not.toMatch(/\n\s+at /);
  });
});

test("options reach the computation: time, seed, policies, environment, and what is deployed", async () => {
  const scaled =
    "scaling: { min: 1, max: 9, policies: [{ type: target-tracking, metric: cpu, target: 50 }] }\n";
  write(
    "scaled.yaml",
    `${MANIFEST.replace("requestsPerSecond: 20", "requestsPerSecond: { average: 20, peak: 90 }")}${scaled}`,
  );
  write("names.js", policyCode());
  const fargate = ["scaled.yaml", "--targets", "ecs-fargate", "--format", "json"];
  const [plain, again, seeded, short, policed, against, environment] = await Promise.all(
    [
      fargate,
      [...fargate, "--seed", "1"],
      [...fargate, "--seed", "2"],
      [...fargate, "--simulate", "6h"],
      [...fargate, "--policy", "./names.js"],
      [...fargate, "--against", "ecs-fargate"],
      ["envs.yaml", "--targets", "docker", "--format", "json", "--env", "test"],
    ].map((args) => compare(args)),
  );
  expect(again?.stdout).toBe(plain?.stdout);
  expect(seeded?.code).toBe(0);
  expect(seeded?.stdout).not.toBe(plain?.stdout);
  const seconds = (run: CliRun | undefined) => {
    const { series } = documentOf(run?.stdout ?? "").targets[0];
    return (series.stepSeconds as number) * (series.arrivals as readonly unknown[]).length;
  };
  expect([seconds(plain), seconds(short)]).toEqual([86_400, 6 * 3600]);
  expect(policed?.code).toBe(1);
  const [refused] = documentOf(policed?.stdout ?? "").targets as readonly Json[];
  expect(refused).toMatchObject({ feasible: false, monthlyCost: null });
  expect(refused?.reasons[0]).toMatchObject({
    code: "ACME_NAMES",
    message: "ecs-fargate is named fraud-scorer",
  });
  const { against: saving, targets } = documentOf(against?.stdout ?? "");
  expect(saving).toEqual({ target: "ecs-fargate", monthlyUsd: targets[0].monthlyCost.total, savedUsd: 0 });
  expect(documentOf(environment?.stdout ?? "")).toMatchObject({
    environment: "test",
    workload: { requestsPerSecond: { average: 1 } },
  });
});

test("starts without cdktf, and shows text without a chart library", async () => {
  const loaded = join(folder, "loaded.txt");
  write(
    "spy.cjs",
    `process.on("exit", () => require("node:fs").writeFileSync(${JSON.stringify(loaded)}, Object.keys(require.cache).join("\\n")));\n`,
  );
  const run = await compare(["good.yaml", "--targets", "lambda"], {
    NODE_OPTIONS: `--require ${join(folder, "spy.cjs")}`,
  });
  expect(run.code).toBe(0);
  const files = readFileSync(loaded, "utf8");
  expect(files).toContain("compare-manifests");
  expect(files).not.toMatch(/node_modules\/(?:cdktf|@cdktf|echarts|@aws-sdk)\//);
});
