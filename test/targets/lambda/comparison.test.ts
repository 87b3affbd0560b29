import type { Candidate, Month } from "../../../modules/compare/target-comparison";
import type { Workload } from "../../../modules/workload/workload";
import type { AwsTargetPlan } from "../../../modules/plan/plan";
import { candidates } from "../../../targets/lambda/comparison";
import type { Options } from "../../../targets/lambda/options";
import { alarmMetrics, billedAlarms, expectMonotone } from "../../support/bills";
import { EXAMPLES } from "../../support/examples";
import { always, constant, digits, lines, monthOf, usd, workload } from "../../support/month";
import { type Json, resolve } from "../../support/synth";
import { input, MORNING, scaling, stackOf, TRACKING } from "./support";

const SECONDS = 730 * 3600;
const GOAL: Json = { requestsPerSecond: 1, slo: { p99: "300ms" } };
const QUIET = { observability: { alarms: false, dashboard: false, logRetention: "30d" } };

function sizes(options: Json = {}, changes: Json = {}, asked: Workload = workload()): readonly Candidate[] {
  const [deployment] = resolve(input(options, changes)).deployments;
  if (deployment === undefined) throw new Error("the manifest was refused");
  return deployment.candidates({ workload: asked, scalingGiven: true }) ?? [];
}

function first(options: Json = {}, changes: Json = {}, asked: Workload = workload()): Candidate {
  const [candidate] = sizes(options, changes, asked);
  if (candidate === undefined) throw new Error("no candidate");
  return candidate;
}

function environments({ capacity }: Candidate) {
  if (capacity.kind !== "environments") throw new Error(`Lambda has no ${capacity.kind}`);
  return capacity;
}

describe("sizes", () => {
  test.each<[string, Json, Json, readonly string[]]>([
    ["memory above what the vCPUs need", {}, { cpu: 1, memory: "2Gi" }, ["2048 MB", "3538 MB", "5307 MB"]],
    // 2 × 1,769 MB.
    ["memory for the vCPUs", {}, { cpu: 2, memory: "1Gi" }, ["3538 MB", "5307 MB", "7076 MB"]],
    ["less than a vCPU", {}, { cpu: 0.125, memory: "128Mi" }, ["222 MB", "1769 MB", "3538 MB"]],
    ["nothing above the largest", {}, { cpu: 5, memory: "9Gi" }, ["9216 MB", "10240 MB"]],
    ["the largest alone", {}, { cpu: 1, memory: "10Gi" }, ["10240 MB"]],
    ["what the manifest says", { memory: "4Gi" }, { cpu: 1, memory: "2Gi" }, ["4096 MB"]],
  ])("%s", (_name, options, resources, labels) => {
    expect(sizes(options, { resources }).map(({ label }) => label)).toEqual(labels);
  });

  test("say what they have", () => {
    expect(first({ memory: "4Gi" }).sizing).toEqual({
      memoryMiB: 4096,
      vcpu: 2.32,
      ephemeralStorageMiB: 512,
      provisionedConcurrency: 0,
    });
  });

  test("none without a service time", () => {
    expect(sizes({}, {}, workload({ serviceTime: null }))).toEqual([]);
  });

  test("of the examples pass their own checks", () => {
    const example = EXAMPLES.find(({ name }) => name === "sentiment");
    const { deployments } = resolve({ file: example?.file ?? "", target: "lambda", env: "prod" });
    const tried = deployments[0]?.candidates({ workload: workload(), scalingGiven: true });
    expect(tried?.map(({ label }) => label)).toEqual(["4096 MB"]);
  });
});

describe("behaviour", () => {
  test("is the service's own", () => {
    expect(environments(first())).toEqual({
      kind: "environments",
      serviceTime: always(100),
      overheadMs: 25,
      // 50 ms for the environment, 30 s for the server by default.
      coldStartMs: 30_050,
      keepAliveSeconds: 300,
      maxConcurrency: 1000,
      startsPerSecond: 100,
      provisioned: {
        startupSeconds: 120,
        scaling: expect.objectContaining({ min: 0, max: 0, policies: [] }),
      },
    });
  });

  test("an environment takes one request, whatever the workload says: no size has slots", () => {
    const asked = workload({ concurrency: 8, serviceTime: always(80) });
    expect(environments(first({}, {}, asked)).serviceTime).toEqual(always(80));
  });

  test("a request takes longer where there is less CPU than it was measured on", () => {
    const [deployment] = resolve(input({}, { resources: { cpu: 4, memory: "1Gi" } })).deployments;
    const plan = deployment?.plan as AwsTargetPlan<Options>;
    const half = { ...plan, resources: { ...plan.resources, cpu: 8 } };
    // 4 × 1,769 MB are chosen for 4 vCPUs; measured on 8, everything takes twice as long.
    const [candidate] = candidates(
      { ...half, options: { ...plan.options, memory: { mebibytes: 7076 } as Options["memory"] } },
      { workload: workload(), scalingGiven: true },
    );
    if (candidate === undefined) throw new Error("no candidate");
    const { p50, p99, mean } = environments(candidate).serviceTime;
    expect([p50, p99, digits(mean)]).toEqual([200, 200, 200]);
  });

  test("reserved concurrency is the most there is", () => {
    expect(environments(first({ reservedConcurrency: 40 })).maxConcurrency).toBe(40);
    expect(first({ reservedConcurrency: 40 }).figures.map(({ name }) => name)).not.toContain(
      "environments at once",
    );
  });

  test("a peak beyond ten requests per environment and second is noted", () => {
    const asked = workload({ arrivals: constant(51) });
    const warned = (options: Json) =>
      first(options, {}, asked).notes?.some((note) => note.includes("at most 50 requests per second"));
    expect(warned({ reservedConcurrency: 5 })).toBe(true);
    expect(warned({ reservedConcurrency: 6 })).toBe(false);
  });

  test("a start beyond ten seconds begins anew without the adapter, and goes on with it", () => {
    const model = (startup: string): Json => ({
      model: { ...(input().manifest as Json).model, server: { startup } },
    });
    expect(environments(first({ timeout: "60s" }, model("20s"))).coldStartMs).toBe(20_050);
    expect(environments(first({ timeout: "60s", adapter: false }, model("20s"))).coldStartMs).toBe(30_050);
    expect(environments(first({ adapter: false }, model("8s"))).coldStartMs).toBe(8_050);
  });

  test("provisioned concurrency is fixed, or moves with its policies", () => {
    expect(environments(first({ provisionedConcurrency: 5 })).provisioned.scaling).toMatchObject({
      min: 5,
      max: 5,
      policies: [],
    });
    const scaled = environments(first({}, scaling(2, 12, TRACKING, MORNING))).provisioned.scaling;
    expect(scaled).toMatchObject({
      min: 2,
      max: 12,
      metricPeriodSeconds: 60,
      scaleOutPeriods: 3,
      scaleInPeriods: 15,
      metricDelaySeconds: 60,
    });
    expect(scaled.policies.map(({ type }) => type)).toEqual(["target-tracking", "scheduled"]);
  });

  test("every figure has a source and a date", () => {
    const { figures } = first({ provisionedConcurrency: 1 });
    expect(figures.map(({ name }) => name)).toEqual([
      "cold start",
      "life of an idle environment",
      "way of a request through Lambda",
      "new environments",
      "environments at once",
      "start of provisioned concurrency",
    ]);
    expect(figures.filter(({ source }) => source.length < 20)).toEqual([]);
  });
});

describe("bill", () => {
  test("of a month on demand", () => {
    // 10 million requests of 100 ms in 2 GB, and 100 cold starts of 30.05 s, of which 30 s are billed.
    const month = monthOf({
      requests: 10_000_000,
      busySeconds: 1_000_000,
      onDemandBusySeconds: 1_000_000,
      coldStartSeconds: 3_005,
    });
    const charges = first({ tracing: false }, QUIET).bill(month);
    // Two lines of Lambda's own, 373 bytes, for each request; 15 % of it is kept, for 30 of 365 / 12 days.
    const logs = (10_000_000 * 373) / 2 ** 30;
    expect(lines(charges)).toEqual([
      ["requests", "lambda/requests/x86_64", 10_000_000],
      // 1,000,000 s, half a millisecond of rounding each, 100 starts of 30 s; 2 GB.
      ["duration", "lambda/duration/x86_64", (1_000_000 + 5_000 + 3_000) * 2],
      ["logs", "cloudwatch/log-ingestion", digits(logs)],
      ["logs kept", "cloudwatch/log-storage", digits(logs * 0.15 * (30 / (365 / 12)))],
    ]);
    // eu-west-1: 10 M × 0.0000002 = 2.00; 2,016,000 × 0.0000166667 = 33.6000672; 3.4738332 × 0.57 = 1.980085;
    // 0.5139370 × 0.03 = 0.015418.
    expect(usd(charges, "eu-west-1")).toBeCloseTo(2 + 33.6000672 + 1.980085 + 0.015418, 5);
  });

  // AWS: the free tier does not apply to functions that have provisioned concurrency enabled, requests included.
  test.each<[string, Json, Json, Partial<Month>, readonly string[]]>([
    ["nothing kept warm", {}, QUIET, {}, []],
    ["a fixed number", { provisionedConcurrency: 5 }, QUIET, {}, ["requests", "duration"]],
    ["policies, at zero now", {}, { ...QUIET, ...scaling(1, 12, TRACKING) }, {}, ["requests", "duration"]],
    ["a number that was found", {}, QUIET, { provisionedSeconds: 1 }, ["requests", "duration"]],
  ])(
    "leaves the free tier to functions without provisioned concurrency: %s",
    (_, options, changes, has, kept) => {
      const month = { ...monthOf({ requests: 1000, onDemandBusySeconds: 100 }), ...has };
      const charges = first({ tracing: false, ...options }, changes).bill(month);
      expect(charges.filter(({ freeTier }) => freeTier === false).map(({ name }) => name)).toEqual(kept);
      expect(charges.map(({ name }) => name)).toEqual(
        expect.arrayContaining(["requests", "duration", "logs"]),
      );
    },
  );

  test("of provisioned concurrency, used and spilled over", () => {
    // 5 environments all month, a tenth of it at work on 0.1 s requests; a million more found none.
    const provisionedSeconds = 5 * SECONDS;
    const month: Month = {
      ...monthOf({
        requests: 13_140_000 + 1_000_000,
        provisionedSeconds,
        provisionedBusySeconds: provisionedSeconds / 10,
        onDemandBusySeconds: 100_000,
      }),
      onDemandRequests: 1_000_000,
    };
    const charges = first({ tracing: false, provisionedConcurrency: 5 }, QUIET).bill(month);
    expect(lines(charges).slice(0, 4)).toEqual([
      ["requests", "lambda/requests/x86_64", 14_140_000],
      ["duration", "lambda/duration/x86_64", (100_000 + 500) * 2],
      // 5 × 2,628,000 s × 2 GB.
      ["provisioned concurrency", "lambda/provisioned-concurrency/x86_64", 26_280_000],
      // 1,314,000 s and 13,140,000 × 0.5 ms, 2 GB.
      ["duration on provisioned concurrency", "lambda/provisioned-duration/x86_64", (1_314_000 + 6_570) * 2],
    ]);
    const provisioned = charges.find(({ name }) => name === "provisioned concurrency");
    expect(provisioned).toMatchObject({ basis: "provisioned" });
    expect(provisioned?.used).toBeCloseTo(0.1, 12);
    // us-east-1: 26,280,000 × 0.0000041667 = 109.500876 for keeping them.
    expect(usd(provisioned === undefined ? [] : [provisioned], "us-east-1")).toBeCloseTo(109.500876, 6);
  });

  test("of more disk, and of arm64", () => {
    const month = monthOf({ requests: 1_000_000, onDemandBusySeconds: 100_000 });
    const resources = { cpu: 1, memory: "2Gi", storage: "2Gi", architecture: "arm64" };
    const charges = first({ tracing: false }, { ...QUIET, resources }).bill(month);
    expect(lines(charges).slice(0, 3)).toEqual([
      ["requests", "lambda/requests/arm64", 1_000_000],
      ["duration", "lambda/duration/arm64", 201_000],
      // 2,048 MB less 512 are 1.5 GB.
      ["ephemeral storage above 512 MB", "lambda/ephemeral-storage/arm64", 100_500 * 1.5],
    ]);
  });

  test("of traces: one in each second that has a request, and 5 % of the others", () => {
    const tracesAt = (rate: number) =>
      first({}, QUIET, workload({ arrivals: constant(rate) }))
        .bill(monthOf({ requests: rate * SECONDS }))
        .find(({ key }) => key === "xray/traces")?.quantity;
    // Requests come at random: a second has one with probability 1 - 1/e at one request per second.
    expect(tracesAt(1)).toBeCloseTo(SECONDS * (1 - 1 / Math.E + 0.05 / Math.E), 3);
    // 1 + 0.05 × 99 a second.
    expect(tracesAt(100)).toBeCloseTo(SECONDS * 5.95, 3);
    expect(tracesAt(0)).toBeUndefined();
    // A shape with half a day of nothing: half of the seconds see twice the average.
    const half = { ...constant(100), rates: [200, 0] };
    const shaped = first({}, QUIET, workload({ arrivals: half })).bill(monthOf({ requests: 100 * SECONDS }));
    expect(shaped.find(({ key }) => key === "xray/traces")?.quantity).toBeCloseTo(
      (SECONDS / 2) * (1 + 0.05 * 199),
      3,
    );
  });

  test("has nothing but alarms and dashboard in a month without a request", () => {
    expect(lines(first().bill(monthOf({})))).toEqual([
      ["alarms", "cloudwatch/alarm", 4],
      ["dashboard", "cloudwatch/dashboard", 1],
    ]);
  });

  test.each<[string, Json, Json]>([
    ["by default", {}, {}],
    ["with a goal", {}, { workload: GOAL }],
    ["kept warm", { provisionedConcurrency: 2 }, {}],
    ["scaled", {}, scaling(2, 12, TRACKING, MORNING)],
    ["with a canary", {}, { workload: GOAL, rollout: { strategy: "canary", step: 10, interval: "5m" } }],
    ["without alarms", {}, { observability: { alarms: false } }],
  ])("counts each metric of the stack's alarms %s", (_name, options, changes) => {
    const { stack } = billedAlarms(first(options, changes), monthOf({}));
    expect(stack).toBe(alarmMetrics(stackOf(options, changes)));
  });

  test("counts the two alarms of target tracking", () => {
    const alarms = (...policies: readonly Json[]) =>
      billedAlarms(first({}, scaling(2, 12, ...policies)), monthOf({})).tracking;
    expect(alarms(TRACKING, MORNING)).toBe(2);
    expect(alarms(MORNING)).toBe(0);
  });

  test("grows with the load in every line", () => {
    const asked = workload({ arrivals: { ...constant(4), rates: [1, 7] } });
    expectMonotone(
      first({ provisionedConcurrency: 3 }, { resources: { cpu: 1, memory: "2Gi", storage: "3Gi" } }, asked),
      (rate) => {
        const requests = rate * SECONDS;
        const busy = requests * 0.1;
        const kept = Math.min(busy, 3 * SECONDS);
        return {
          ...monthOf({
            requests,
            busySeconds: busy,
            provisionedSeconds: 3 * SECONDS,
            provisionedBusySeconds: kept,
            onDemandBusySeconds: busy - kept,
            coldStartSeconds: requests / 1000,
          }),
          onDemandRequests: (busy - kept) * 10,
        };
      },
    );
  });
});
