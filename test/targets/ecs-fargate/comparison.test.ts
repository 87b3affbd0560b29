import type { Candidate, Month } from "../../../modules/compare/target-comparison";
import type { Workload } from "../../../modules/workload/workload";
import { alarmMetrics, billedAlarms, expectMonotone } from "../../support/bills";
import { EXAMPLES } from "../../support/examples";
import { always, digits, lines, monthOf, usd, workload } from "../../support/month";
import { type Json, resolve, synth } from "../../support/synth";
import { CERTIFICATE, EXISTING, KIND, manifest } from "./support";

const SECONDS = 730 * 3600;
const QUIET = { observability: { alarms: false, dashboard: false } };
const GOAL: Json = { requestsPerSecond: 1, slo: { p99: "300ms" } };

function sizes(
  changes: Json = {},
  options: Json = {},
  asked: Workload = workload(),
  scalingGiven = true,
): readonly Candidate[] {
  const [deployment] = resolve({ manifest: manifest(changes, options), target: KIND }).deployments;
  if (deployment === undefined) throw new Error("the manifest was refused");
  return deployment.candidates({ workload: asked, scalingGiven }) ?? [];
}

function first(...given: Parameters<typeof sizes>): Candidate {
  const [candidate] = sizes(...given);
  if (candidate === undefined) throw new Error("no candidate");
  return candidate;
}

function replicas({ capacity }: Candidate) {
  if (capacity.kind !== "replicas") throw new Error(`Fargate has no ${capacity.kind}`);
  return capacity;
}

/** A month with hours at several numbers of tasks. */
function at(hours: readonly (readonly [tasks: number, hours: number])[], month: Partial<Month> = {}): Month {
  const average = hours.reduce((sum, [tasks, spent]) => sum + tasks * spent, 0) / 730;
  return { ...monthOf({}), averageReplicas: average, hoursAtReplicas: new Map(hours), ...month };
}

describe("sizes", () => {
  test.each<[string, Json, Json, readonly string[]]>([
    [
      "hold the resources once, twice, four and eight times",
      { cpu: 1, memory: "2Gi" },
      {},
      ["1 vCPU, 2 GB", "2 vCPU, 4 GB", "4 vCPU, 8 GB", "8 vCPU, 16 GB"],
    ],
    [
      // 1 vCPU has at most 8 GB, 2 at most 16, 4 at most 30: 32 GB take 8 vCPUs, 64 GB 16.
      "grow with memory",
      { cpu: 1, memory: "8Gi" },
      {},
      ["1 vCPU, 8 GB", "2 vCPU, 16 GB", "8 vCPU, 32 GB", "16 vCPU, 64 GB"],
    ],
    ["end at the largest", { cpu: 16, memory: "100Gi" }, {}, ["16 vCPU, 104 GB", "32 vCPU, 244 GB"]],
    ["are the given one alone", { cpu: 1, memory: "2Gi" }, { cpu: 4 }, ["4 vCPU, 8 GB"]],
    ["are the given one alone, by memory", { cpu: 1, memory: "2Gi" }, { memory: "6Gi" }, ["1 vCPU, 6 GB"]],
  ])("%s", (_name, resources, options, labels) => {
    expect(sizes({ resources }, options).map(({ label }) => label)).toEqual(labels);
  });

  test("work on as many requests as they hold replicas", () => {
    const slots = (resources: Json, options: Json = {}) =>
      sizes({ resources }, options, workload({ concurrency: 3 })).map((size) => replicas(size).slots);
    expect(slots({ cpu: 1, memory: "2Gi" })).toEqual([3, 6, 12, 24]);
    // 8 vCPUs for 8 GB: four times by memory, eight by vCPU; 16 for 64: eight times.
    expect(slots({ cpu: 1, memory: "8Gi" })).toEqual([3, 6, 12, 24]);
    expect(slots({ cpu: 1, memory: "2Gi" }, { cpu: 4, memory: "10Gi" })).toEqual([12]);
  });

  test("are ordered by what one costs", () => {
    // eu-west-1: 730 × (0.04048 + 2 × 0.004445) = 36.0401.
    expect(sizes().map(({ weight }) => weight && digits(weight))).toEqual([
      36.0401, 72.0802, 144.1604, 288.3208,
    ]);
    // Half on Spot: 730 × (0.01224056 + 2 × 0.0013441) = 10.8979948.
    expect(digits(first({}, { spot: 50 }).weight ?? 0)).toBe(digits((36.0401 + 10.8979948) / 2));
  });

  test("none without a service time", () => {
    expect(sizes({}, {}, workload({ serviceTime: null }))).toEqual([]);
  });

  test.each(["sentiment", "onnx"])("of the example %s hold its resources", (name) => {
    const example = EXAMPLES.find((one) => one.name === name);
    const { deployments } = resolve({ file: example?.file ?? "", target: KIND, env: "prod" });
    const tried = deployments[0]?.candidates({ workload: workload(), scalingGiven: true }) ?? [];
    expect(tried).toHaveLength(4);
    const resources = deployments[0]?.plan.resources;
    expect(tried[0]?.sizing).toMatchObject({
      vcpu: resources?.cpu,
      memoryMiB: resources?.memory.mebibytes,
    });
  });
});

describe("behaviour", () => {
  test("is that of tasks behind a load balancer", () => {
    const asked = workload({ concurrency: 2, serviceTime: always(45) });
    expect(replicas(first({ scaling: { min: 2, max: 8 } }, {}, asked))).toEqual({
      kind: "replicas",
      slots: 2,
      serviceTime: always(45),
      overheadMs: 2,
      // 70 s of Fargate, 30 s of the server by default, two checks 15 s apart.
      startupSeconds: 130,
      scaling: {
        min: 2,
        max: 8,
        policies: [expect.objectContaining({ type: "target-tracking", metric: "cpu", target: 70 })],
        metricPeriodSeconds: 60,
        scaleOutPeriods: 3,
        scaleInPeriods: 15,
        metricDelaySeconds: 60,
        cpu: { perReplica: 1, perRequest: 0.5 },
        memoryPercent: 100,
      },
      patienceSeconds: 60,
    });
  });

  test("without a range has the target's own policy only where compare finds the numbers", () => {
    expect(replicas(first({}, {}, workload(), true)).scaling.policies).toEqual([]);
    expect(replicas(first({}, {}, workload(), false)).scaling.policies).toHaveLength(1);
  });

  test("steps decide sooner", () => {
    const step = { type: "step", metric: "cpu", threshold: 60, steps: [{ from: 0, add: 1 }] };
    const policies = (...given: Json[]) => ({ scaling: { min: 1, max: 4, policies: given } });
    expect(replicas(first(policies(step))).scaling.scaleOutPeriods).toBe(2);
    const tracking = { type: "target-tracking", metric: "memory", target: 60 };
    expect(replicas(first(policies(step, tracking))).scaling.scaleOutPeriods).toBe(3);
  });

  test("a larger task is less full of memory and of requests", () => {
    const [, twice] = sizes({}, {}, workload({ concurrency: 4 }));
    if (twice === undefined) throw new Error("one size only");
    expect(replicas(twice).scaling).toMatchObject({
      cpu: { perReplica: 2, perRequest: 0.25 },
      memoryPercent: 50,
    });
  });
});

describe("bill", () => {
  test("of a month on demand, inside", () => {
    // 2 tasks half of the month and 4 the other half; 10 million requests of 0.1 s with 6 KiB each.
    const month = at(
      [
        [2, 365],
        [4, 365],
      ],
      {
        requests: 10_000_000,
        served: 10_000_000,
        busySeconds: 1_000_000,
        bytesIn: 10_000_000 * 4096,
        bytesOut: 10_000_000 * 2048,
      },
    );
    const charges = first(QUIET).bill(month);
    expect(lines(charges)).toEqual([
      // 2 × 365 + 4 × 365 hours of a task with 1 vCPU and 2 GB.
      ["vCPUs of the tasks", "fargate/vcpu/x86_64", 2190],
      ["memory of the tasks", "fargate/memory/x86_64", 4380],
      ["application load balancer", "elb/alb-hour", 730],
      // New connections: 10,000,000 / 25 / 3,600. Bytes would be 57.2, active connections 0.09.
      ["load balancer capacity", "elb/alb-lcu", digits(10_000_000 / 90_000)],
      // 10 metrics by cluster, service and family, 3 by cluster, 5 by service.
      ["Container Insights", "cloudwatch/custom-metric", 38],
    ]);
    // One request at a time, 3 tasks on average.
    expect(charges[0]?.used).toBeCloseTo(1_000_000 / (3 * SECONDS), 12);
    // eu-west-1: 2190 × 0.04048 = 88.6512; 4380 × 0.004445 = 19.4691; 730 × 0.0252 = 18.396;
    // 111.1111 × 0.008 = 0.888889; 38 × 0.3 = 11.4.
    expect(usd(charges, "eu-west-1")).toBeCloseTo(88.6512 + 19.4691 + 18.396 + 0.888889 + 11.4, 5);
  });

  test("of Spot beyond the base, by the hour", () => {
    // 5 tasks, 1 of them always on demand; of the other 4 three quarters are on Spot.
    const resources = { cpu: 1, memory: "2Gi", architecture: "arm64" };
    const charges = first({ ...QUIET, resources }, { spot: 75 }).bill(at([[5, 730]]));
    expect(lines(charges).slice(0, 4)).toEqual([
      ["vCPUs of the tasks", "fargate/vcpu/arm64", 2 * 730],
      ["memory of the tasks", "fargate/memory/arm64", 2 * 2 * 730],
      ["vCPUs of the tasks, Spot", "fargate/spot-vcpu/arm64", 3 * 730],
      ["memory of the tasks, Spot", "fargate/spot-memory/arm64", 2 * 3 * 730],
    ]);
    const alone = first(QUIET, { spot: 100 }).bill(at([[1, 730]]));
    expect(alone.some(({ name }) => name.includes("Spot"))).toBe(false);
    const all = first(QUIET, { spot: 100, onDemandBase: 0 }).bill(at([[2, 730]]));
    expect(lines(all)[0]).toEqual(["vCPUs of the tasks, Spot", "fargate/spot-vcpu/x86_64", 1460]);
  });

  test("of disk above 20 GB", () => {
    const charges = first({ ...QUIET, resources: { cpu: 1, memory: "2Gi", storage: "50Gi" } }).bill(
      at([[2, 730]]),
    );
    expect(lines(charges)).toContainEqual([
      "ephemeral storage above 20 GB",
      "fargate/ephemeral-storage",
      30 * 2 * 730,
    ]);
  });

  test("of the way to the internet: addresses, one a subnet, and answers", () => {
    const network = { public: true, certificateArn: CERTIFICATE };
    const month = at([[1, 730]], { requests: 1_000_000, served: 1_000_000, bytesOut: 50 * 2 ** 30 });
    const own = first({ ...QUIET, network }).bill(month);
    expect(lines(own)).toContainEqual([
      "public IPv4 addresses of the load balancer",
      "vpc/public-ipv4",
      1460,
    ]);
    expect(lines(own)).toContainEqual(["answers to the internet", "transfer/internet-out", 50]);
    // 50 GB are more LCU-hours than a million new connections, 11.1.
    expect(lines(own)).toContainEqual(["load balancer capacity", "elb/alb-lcu", 50]);
    const given = first(
      { ...QUIET, account: "123456789012", network: { ...network, ...EXISTING } },
      {
        loadBalancerSubnetIds: [
          "subnet-0a1b2c3d4e5f60718",
          "subnet-0a1b2c3d4e5f60719",
          "subnet-0a1b2c3d4e5f6071a",
        ],
      },
    ).bill(month);
    expect(lines(given)).toContainEqual([
      "public IPv4 addresses of the load balancer",
      "vpc/public-ipv4",
      2190,
    ]);
    expect(
      first(QUIET)
        .bill(month)
        .some(({ key }) => key === "transfer/internet-out"),
    ).toBe(false);
  });

  test("of long requests is by open connections", () => {
    // 100,000 requests of 600 s: 100,000 × 600 / 3,600 / 3,000; new ones are 1.1.
    const month = at([[9, 730]], { requests: 100_000, served: 100_000, busySeconds: 60_000_000 });
    const [capacity] = first()
      .bill(month)
      .filter(({ key }) => key === "elb/alb-lcu");
    expect(capacity?.quantity).toBeCloseTo(60_000_000 / 10_800_000, 9);
    expect(capacity?.assumption).toMatch(/^By its active connections/);
  });

  test("of an existing cluster has no Container Insights", () => {
    const charges = first({}, { cluster: "shared" }).bill(monthOf({}));
    expect(charges.some(({ key }) => key === "cloudwatch/custom-metric")).toBe(false);
  });

  const TRACKING = { type: "target-tracking", metric: "invocations-per-instance", target: 1000 };
  const STEPS = {
    type: "step",
    metric: "cpu",
    threshold: 60,
    steps: [
      { from: -20, to: 0, add: -1 },
      { from: 0, add: 2 },
    ],
  };
  const canary = { strategy: "canary", step: 10, interval: "5m" };
  test.each<[string, Json, number]>([
    ["by default", {}, 0],
    ["with a goal", { workload: GOAL }, 0],
    ["with a range", { scaling: { min: 1, max: 4 } }, 2],
    ["with steps", { scaling: { min: 1, max: 4, policies: [STEPS, TRACKING] } }, 2],
    // The sum of both target groups, in each of its two alarms.
    [
      "with shifted traffic",
      { workload: GOAL, rollout: canary, scaling: { min: 1, max: 4, policies: [TRACKING] } },
      4,
    ],
    [
      "with steps over both target groups",
      {
        rollout: canary,
        scaling: { min: 1, max: 4, policies: [{ ...STEPS, metric: "invocations-per-instance" }] },
      },
      0,
    ],
    [
      "without alarms but those that scale",
      { observability: { alarms: false }, scaling: { min: 1, max: 4, policies: [STEPS] } },
      0,
    ],
  ])("counts each metric of the alarms %s", (_name, changes, tracking) => {
    const stack = synth({ manifest: manifest(changes), target: KIND }).stack(KIND);
    expect(billedAlarms(first(changes), monthOf({}))).toEqual({ stack: alarmMetrics(stack), tracking });
  });

  test("grows with the load in every line", () => {
    const network = { public: true, certificateArn: CERTIFICATE };
    const resources = { cpu: 1, memory: "2Gi", storage: "40Gi" };
    expectMonotone(first({ network, resources }, { spot: 60 }), (rate) => {
      const requests = rate * SECONDS;
      const tasks = Math.ceil(rate * 0.1) + 1;
      return at(
        [
          [tasks, 500],
          [tasks + 1, 230],
        ],
        {
          requests,
          served: requests,
          busySeconds: requests * 0.1,
          bytesIn: requests * 9000,
          bytesOut: requests * 100,
        },
      );
    });
  });
});
