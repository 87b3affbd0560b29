import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cli } from "../support/cli";
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
