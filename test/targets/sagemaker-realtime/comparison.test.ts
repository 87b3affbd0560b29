import * as fc from "fast-check";
import type { Candidate, Charge, Month } from "../../../modules/compare/target-comparison";
import { sageMakerInstance } from "../../../modules/aws/instances";
import type { EnvironmentCapacity, ReplicaCapacity } from "../../../modules/simulate/capacity";
import type { Workload } from "../../../modules/workload/workload";
import { EXAMPLES_BY_ENVIRONMENT } from "../../support/examples";
import {
  always,
  constant,
  digits,
  faults,
  lines,
  monthOf,
  type MonthInput,
  usd,
  workload,
} from "../../support/month";
import { baseManifest, type Json, resolve, synth, type SynthInput } from "../../support/synth";

const KIND = "sagemaker-realtime";

/** 730 hours. */
const SECONDS = 2_628_000;
const GIB = 2 ** 30;

function manifest(options: Json = {}, changes: Json = {}): Json {
  return baseManifest({
    region: "us-east-1",
    model: {
      image: `123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud@sha256:${"a".repeat(64)}`,
      artifact: "s3://models/fraud/model.tar.gz",
    },
    target: KIND,
    targets: { [KIND]: options },
    ...changes,
  });
}

function candidates(
  input: SynthInput,
  load: Workload = workload(),
  scalingGiven = true,
): readonly Candidate[] {
  const { deployments, issues } = resolve(input);
  const deployment = deployments.find(({ kind }) => kind === KIND);
  if (deployment === undefined) throw new Error(issues.map(({ message }) => message).join("\n"));
  return deployment.candidates({ workload: load, scalingGiven }) ?? [];
}

function one(input: SynthInput, load?: Workload, scalingGiven?: boolean): Candidate {
  const [only, ...others] = candidates(input, load, scalingGiven);
  if (only === undefined || others.length > 0) throw new Error(`${others.length + 1} candidates`);
  return only;
}

function replicas({ capacity }: Candidate): ReplicaCapacity {
  if (capacity.kind !== "replicas") throw new Error(capacity.kind);
  return capacity;
}

function environments({ capacity }: Candidate): EnvironmentCapacity {
  if (capacity.kind !== "environments") throw new Error(capacity.kind);
  return capacity;
}

const labels = (all: readonly Candidate[]) => all.map(({ label }) => label);

const charge = (charges: readonly Charge[], key: string): Charge | undefined =>
  charges.find((each) => each.key === key);

/** Alarms of both resolutions on a bill. */
function alarms(charges: readonly Charge[]): number {
  return charges
    .filter(({ key }) => key.startsWith("cloudwatch/alarm"))
    .reduce((sum, { quantity }) => sum + quantity, 0);
}

/** Alarms that a stack makes, and the two that Application Auto Scaling makes for each of its tracking policies. */
function alarmsOf(stack: Json): number {
  const resources = stack.resource as Record<string, Record<string, Json> | undefined>;
  const policies = Object.values(resources.aws_appautoscaling_policy ?? {});
  return (
    Object.keys(resources.aws_cloudwatch_metric_alarm ?? {}).length +
    2 * policies.filter(({ policy_type: type }) => type === "TargetTrackingScaling").length
  );
}

describe("a bill in mode provisioned", () => {
  // Ten requests per second of 24 KiB, answered with 2 KiB, over 730 hours.
  const requests = 10 * SECONDS;
  const month = monthOf({
    requests,
    bytesIn: requests * 24_576,
    bytesOut: requests * 2048,
    busySeconds: SECONDS,
    replicas: { min: 1, average: 1.5, max: 2 },
  });
  const load = {
    requestsPerSecond: 10,
    serviceTime: { p50: "100ms", p99: "100ms" },
    concurrency: 2,
    payload: { request: "24Ki", response: "2Ki" },
    slo: { p99: "500ms" },
  };
  const half = workload({ arrivals: constant(10), concurrency: 2 });
  const input = {
    manifest: manifest(
      { instanceType: "ml.m5.xlarge" },
      { resources: { cpu: 2, memory: "4Gi" }, workload: load, scaling: { min: 1, max: 4 } },
    ),
  };

  test("instances, volumes, data, alarms, dashboard: to the cent", () => {
    const charges = one(input, half).bill(month);
    expect(lines(charges)).toEqual([
      ["ml.m5.xlarge instances", "sagemaker/instance/ml.m5.xlarge/hosting", 1.5 * 730],
      // ml.m5.xlarge has 16 GiB of memory; AWS gives it 8 GB.
      ["volumes of ml.m5.xlarge", "sagemaker/storage", 1.5 * 8],
      // 26,280,000 x 24,576 / 2^30 and 26,280,000 x 2,048 / 2^30.
      ["data processed, in", "sagemaker/data-in", 601.501465],
      ["data processed, out", "sagemaker/data-out", 50.1251221],
      // Errors and latency; two of Application Auto Scaling for the CPU policy that the range brings.
      ["alarms", "cloudwatch/alarm", 4],
      ["dashboard", "cloudwatch/dashboard", 1],
    ]);
    // 1095 h at 0.23, 12 GB-months at 0.14, 651.626587 GB at 0.016, 4 alarms at 0.10, a dashboard at 3.
    expect(usd(charges, "us-east-1")).toBeCloseTo(1095 * 0.23 + 12 * 0.14 + 651.626587 * 0.016 + 0.4 + 3, 5);
    expect(usd(charges, "us-east-1")).toBeCloseTo(267.356025, 5);
  });

  test("half of a machine's slots in use is half of it used", () => {
    // Two replicas' worth of CPU, four of memory: 2 x 2 requests at once; 1 busy second in 1.5 x 4.
    expect(replicas(one(input, half)).slots).toBe(4);
    const charges = one(input, half).bill(month);
    expect(charge(charges, "sagemaker/instance/ml.m5.xlarge/hosting")?.used).toBeCloseTo(1 / 6, 12);
    expect(charge(charges, "sagemaker/storage")?.used).toBeCloseTo(1 / 6, 12);
  });

  test("no volume with local NVMe, the manifest's own size elsewhere", () => {
    const nvme = { manifest: manifest({ instanceType: "ml.m5d.xlarge" }) };
    expect(charge(one(nvme).bill(monthOf({})), "sagemaker/storage")).toBeUndefined();
    const given = { manifest: manifest({ instanceType: "ml.m5.xlarge", volumeSize: "50Gi" }) };
    expect(charge(one(given).bill(monthOf({})), "sagemaker/storage")?.quantity).toBe(50);
  });

  test("captured data is stored: a tenth of 30 GiB", () => {
    const captured = {
      manifest: manifest({ instanceType: "ml.m5.xlarge" }, { observability: { dataCapture: 10 } }),
    };
    const charges = one(captured).bill(monthOf({ bytesIn: 20 * GIB, bytesOut: 10 * GIB }));
    expect(charge(charges, "s3/storage")?.quantity).toBe(3);
  });

  test("concurrency is watched every ten seconds, which costs three times as much", () => {
    const fine = {
      manifest: manifest(
        { instanceType: "ml.m5.xlarge" },
        {
          scaling: {
            min: 1,
            max: 4,
            policies: [{ type: "target-tracking", metric: "concurrency", target: 3 }],
          },
        },
      ),
    };
    const charges = one(fine).bill(monthOf({}));
    expect(charge(charges, "cloudwatch/alarm-high-resolution")?.quantity).toBe(2);
    expect(charge(charges, "cloudwatch/alarm")?.quantity).toBe(1);
    expect(replicas(one(fine)).scaling).toMatchObject({
      metricPeriodSeconds: 10,
      scaleOutPeriods: 3,
      scaleInPeriods: 90,
    });
  });

  test("neither alarms nor dashboard where the manifest wants none", () => {
    const silent = {
      manifest: manifest(
        { instanceType: "ml.m5.xlarge" },
        { observability: { alarms: false, dashboard: false } },
      ),
    };
    expect(lines(one(silent).bill(monthOf({})))).toEqual([
      ["ml.m5.xlarge instances", "sagemaker/instance/ml.m5.xlarge/hosting", 730],
      ["volumes of ml.m5.xlarge", "sagemaker/storage", 8],
    ]);
  });
});

describe("variants", () => {
  const scaling = { min: 2, max: 6 };
  const load = workload({ arrivals: constant(10) });

  test("each has its own type, its minimum, and its share of what lies above", () => {
    const candidate = one(
      {
        manifest: manifest(
          {
            instanceType: "ml.m5.xlarge",
            variants: [
              { name: "small", percent: 20, instanceType: "ml.c5.xlarge", scaling: { min: 1, max: 3 } },
            ],
          },
          { scaling },
        ),
      },
      load,
    );
    expect(replicas(candidate).scaling).toMatchObject({ min: 3, max: 9 });
    const charges = candidate.bill(monthOf({ replicas: { min: 3, average: 5, max: 9 } }));
    // Of the five, three are the minimum; the other two are shared 80 to 20.
    expect(lines(charges).slice(0, 4)).toEqual([
      ["ml.m5.xlarge instances", "sagemaker/instance/ml.m5.xlarge/hosting", 3.6 * 730],
      ["volumes of ml.m5.xlarge", "sagemaker/storage", digits(3.6 * 8)],
      ["ml.c5.xlarge instances, variant small", "sagemaker/instance/ml.c5.xlarge/hosting", digits(1.4 * 730)],
      ["volumes of ml.c5.xlarge, variant small", "sagemaker/storage", digits(1.4 * 4)],
    ]);
  });

  test("a schedule moves the whole pool but not a variant's own range", () => {
    const policies = [
      { type: "target-tracking", metric: "cpu", target: 60 },
      { type: "scheduled", cron: "0 8 ? * MON-FRI *", min: 4, max: 8 },
    ];
    const candidate = one(
      {
        manifest: manifest(
          {
            instanceType: "ml.m5.xlarge",
            variants: [
              { name: "same", percent: 20 },
              { name: "own", percent: 10, scaling: { min: 1, max: 3 } },
            ],
          },
          { scaling: { ...scaling, policies } },
        ),
      },
      load,
    );
    expect(replicas(candidate).scaling).toMatchObject({
      min: 2 + 2 + 1,
      max: 6 + 6 + 3,
      policies: [{ metric: "cpu" }, { type: "scheduled", min: 4 + 4 + 1, max: 8 + 8 + 3 }],
    });
  });

  test("a shadow has instances of its own, and gets copies", () => {
    const candidate = one(
      {
        manifest: manifest(
          { instanceType: "ml.m5.xlarge", shadow: { percent: 50, instances: 2 } },
          { scaling, observability: { dataCapture: 100 } },
        ),
      },
      load,
    );
    expect(replicas(candidate).scaling).toMatchObject(scaling);
    // Every second of one slot is at work: half of what 2 x 2 instances with 4 slots each could do, and a copy of half of it.
    const charges = candidate.bill(
      monthOf({
        bytesIn: GIB,
        busySeconds: 8 * SECONDS,
        replicas: { min: 2, average: 4, max: 4 },
      }),
    );
    expect(lines(charges).slice(0, 4)).toEqual([
      ["ml.m5.xlarge instances", "sagemaker/instance/ml.m5.xlarge/hosting", 4 * 730],
      ["volumes of ml.m5.xlarge", "sagemaker/storage", 32],
      ["ml.m5.xlarge instances, variant Shadow", "sagemaker/instance/ml.m5.xlarge/hosting", 2 * 730],
      ["volumes of ml.m5.xlarge, variant Shadow", "sagemaker/storage", 16],
    ]);
    // resources are 1 vCPU and 2 GiB: four of them in 4 vCPU and 16 GiB.
    expect(charges.slice(0, 3).map(({ used }) => used)).toEqual([0.5, 0.5, 0.5]);
    expect(charge(charges, "s3/storage")?.quantity).toBe(1.5);
  });
});

describe("mode async", () => {
  const input = (options: Json = {}, scaling: Json = { min: 0, max: 4 }) => ({
    manifest: manifest(
      { mode: "async", instanceType: "ml.g4dn.xlarge", ...options },
      { resources: { cpu: 4, memory: "16Gi", gpu: 1 }, scaling },
    ),
  });

  test("a queue without patience, and a first instance that is woken", () => {
    const capacity = replicas(one(input(), workload({ concurrency: 4 })));
    expect(capacity).toMatchObject({
      slots: 4,
      patienceSeconds: null,
      startupSeconds: 258,
      scaling: {
        min: 0,
        max: 4,
        wakeSeconds: 120,
        metricPeriodSeconds: 60,
        scaleOutPeriods: 3,
        policies: [{ metric: "concurrency", target: 5 }],
      },
    });
    expect(replicas(one(input({}, { min: 1, max: 4 }))).scaling.wakeSeconds).toBeUndefined();
    // No more than SageMaker sends it.
    expect(replicas(one(input({ maxConcurrentInvocations: 2 }), workload({ concurrency: 4 }))).slots).toBe(2);
  });

  test("instances at the asynchronous price, objects, notices: to the cent", () => {
    const topic = (name: string) => `arn:aws:sns:us-east-1:123456789012:${name}`;
    const candidate = one(
      input({ output: "s3://results/", successTopic: topic("done"), errorTopic: topic("failed") }),
    );
    const charges = candidate.bill(
      monthOf({
        requests: 100_000,
        served: 99_000,
        bytesIn: 500 * GIB,
        bytesOut: 20 * GIB,
        replicas: { min: 0, average: 0.25, max: 3 },
      }),
    );
    expect(lines(charges)).toEqual([
      // ml.g4dn has local NVMe, and no volume.
      ["ml.g4dn.xlarge instances", "sagemaker/instance/ml.g4dn.xlarge/async", 182.5],
      ["requests and results written to S3", "s3/put-requests", 200_000],
      ["requests and results read from S3", "s3/get-requests", 200_000],
      ["requests and results in S3", "s3/storage", 520],
      ["keys of results", "kms/requests", 100_000],
      ["notices of results", "sns/requests", 100_000],
      // Errors and queue age; two for the backlog; the one that wakes.
      ["alarms", "cloudwatch/alarm", 5],
      ["dashboard", "cloudwatch/dashboard", 1],
    ]);
    // 182.5 h at 0.736; per million 5 and 0.4 for objects, 3 for keys, 0.5 for notices; 520 GB-months at 0.023.
    expect(usd(charges, "us-east-1")).toBeCloseTo(
      182.5 * 0.736 + 1 + 0.08 + 520 * 0.023 + 0.3 + 0.05 + 0.5 + 3,
      6,
    );
    expect(usd(charges, "us-east-1")).toBeCloseTo(151.21, 6);
  });

  test("requests that fit into the call are not uploaded before; in China they are", () => {
    const payload = (request: string) => ({
      serviceTime: { p50: "1s", p99: "1s" },
      payload: { request, response: "2Ki" },
    });
    const objects = (request: string, changes: Json = {}) => {
      const options = { mode: "async", instanceType: "ml.m5.xlarge" };
      const workload_ = { requestsPerSecond: 1, ...payload(request) };
      const charges = one({
        manifest: manifest(options, { workload: workload_, scaling: { min: 1, max: 1 }, ...changes }),
      }).bill(monthOf({ requests: 1000, served: 1000, bytesIn: 3 * GIB, bytesOut: 2 * GIB }));
      return ["s3/put-requests", "s3/get-requests", "s3/storage"].map(
        (key) => charge(charges, key)?.quantity,
      );
    };
    expect(objects("125Ki")).toEqual([1000, 1000, 2]);
    expect(objects("126Ki")).toEqual([2000, 2000, 5]);
    const image = `123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/fraud@sha256:${"a".repeat(64)}`;
    expect(objects("1Ki", { region: "cn-north-1", model: { image } })).toEqual([2000, 2000, 5]);
  });

  test("the foundation's own bucket needs no key for each object", () => {
    const charges = one(input()).bill(monthOf({ requests: 1000 }));
    expect(charge(charges, "kms/requests")).toBeUndefined();
    expect(charge(charges, "sns/requests")).toBeUndefined();
  });
});

describe("mode serverless", () => {
  const input = (options: Json = {}, changes: Json = {}) => ({
    manifest: manifest({ mode: "serverless", ...options }, changes),
  });

  test("the sizes that hold the memory; requests take longer with less CPU", () => {
    const found = candidates(input({}, { resources: { cpu: 3, memory: "2Gi" } }));
    expect(labels(found)).toEqual(["2048 MB", "3072 MB", "4096 MB", "5120 MB", "6144 MB"]);
    expect(found.map((each) => environments(each).serviceTime.p50)).toEqual([150, 100, 100, 100, 100]);
    // 0.00002 USD per GB and second, for 2,628,000 seconds.
    expect(found[0]?.weight).toBeCloseTo(105.12, 9);
    expect(found[0]?.notes).toContainEqual(expect.stringContaining("2 vCPU where `resources.cpu` is 3"));
  });

  test("a size that the manifest names is the only one", () => {
    expect(labels(candidates(input({ memory: "3Gi" })))).toEqual(["3072 MB"]);
  });

  test("sizes on which a request would outlast SageMaker's minute are left out", () => {
    const slow = workload({ serviceTime: always(40_000) });
    expect(labels(candidates(input({}, { resources: { cpu: 2, memory: "1Gi" } }), slow))).toEqual([
      "2048 MB",
      "3072 MB",
      "4096 MB",
      "5120 MB",
      "6144 MB",
    ]);
  });

  test("cold starts take as long as the server, or SageMaker where that is longer", () => {
    const base = manifest().model as Json;
    const cold = (startup: string) =>
      environments(one(input({ memory: "2Gi" }, { model: { ...base, server: { startup } } }))).coldStartMs;
    expect(cold("2s")).toBe(5000);
    expect(cold("40s")).toBe(40_000);
  });

  test("concurrency: the manifest's, or what suffices, up to 200", () => {
    const at = (rate: number, options: Json = {}) =>
      environments(one(input({ memory: "2Gi", ...options }), workload({ arrivals: constant(rate) })))
        .maxConcurrency;
    expect(at(1)).toBe(20);
    // 30.2 requests at work on average; twice that.
    expect(at(302)).toBe(61);
    expect(at(100_000)).toBe(200);
    expect(at(300, { maxConcurrency: 40 })).toBe(40);
  });

  test("provisioned concurrency: fixed, or moved by policies", () => {
    const fixed = environments(one(input({ memory: "2Gi", provisionedConcurrency: 3 }))).provisioned;
    expect(fixed).toMatchObject({ startupSeconds: 120, scaling: { min: 3, max: 3, policies: [] } });
    const policies = [{ type: "target-tracking", metric: "provisioned-concurrency-utilization", target: 70 }];
    const moved = environments(
      one(input({ memory: "2Gi", provisionedConcurrency: 3 }, { scaling: { min: 2, max: 10, policies } })),
    ).provisioned;
    expect(moved.scaling).toMatchObject({ min: 2, max: 10, policies: [{ target: 70 }] });
    expect(environments(one(input({ memory: "2Gi" }))).provisioned.scaling).toMatchObject({ min: 0, max: 0 });
  });

  test("the bill: seconds by memory, provisioned and not, and data", () => {
    const charges = one(input({ memory: "2Gi", provisionedConcurrency: 1 })).bill(
      monthOf({
        requests: 1_000_000,
        bytesIn: 10 * GIB,
        bytesOut: 5 * GIB,
        onDemandBusySeconds: 500_000,
        coldStartSeconds: 9_000,
        provisionedSeconds: SECONDS,
        provisionedBusySeconds: 400_000,
      }),
    );
    expect(lines(charges)).toEqual([
      ["inference with 2048 MB", "sagemaker/serverless/2gb", 500_000],
      ["provisioned concurrency with 2048 MB", "sagemaker/serverless-pc/2gb", SECONDS],
      ["inference on provisioned concurrency with 2048 MB", "sagemaker/serverless-pc-duration/2gb", 400_000],
      ["data processed, in", "sagemaker/data-in", 10],
      ["data processed, out", "sagemaker/data-out", 5],
      ["alarms", "cloudwatch/alarm", 1],
      ["dashboard", "cloudwatch/dashboard", 1],
    ]);
    // Per second of 2 GB: 0.00004; provisioned 0.00001, and 0.0000233 while it works; 15 GB at 0.016.
    expect(usd(charges, "us-east-1")).toBeCloseTo(20 + 26.28 + 9.32 + 0.24 + 0.1 + 3, 6);
    expect(charge(charges, "sagemaker/serverless-pc/2gb")?.used).toBeCloseTo(400_000 / SECONDS, 12);
  });
});

describe("candidates", () => {
  const sized = (resources: Json, changes: Json = {}, load?: Workload) =>
    candidates({ manifest: manifest({}, { resources, ...changes }) }, load);

  test("the type that the manifest names is the only one, whatever it is", () => {
    expect(labels(candidates({ manifest: manifest({ instanceType: "ml.t2.medium" }) }))).toEqual([
      "ml.t2.medium",
    ]);
  });

  test("every one holds the resources; by price; bounded; neither burstable nor with an idle GPU or another chip", () => {
    const found = sized({ cpu: 4, memory: "8Gi" }, {}, workload({ arrivals: constant(100) }));
    expect(found.length).toBeGreaterThan(5);
    expect(found.length).toBeLessThanOrEqual(13);
    const weights = found.map(({ weight }) => weight ?? Number.NaN);
    expect(weights).toEqual([...weights].sort((a, b) => a - b));
    for (const { label } of found) {
      expect(sageMakerInstance(label)).toMatchObject({ hosting: true, gpus: 0, accelerators: 0 });
      expect(sageMakerInstance(label)?.vcpu).toBeGreaterThanOrEqual(4);
      expect(sageMakerInstance(label)?.memoryGiB).toBeGreaterThanOrEqual(8);
      expect(label).not.toMatch(/^ml\.t\d/);
    }
    // The cheapest with 4 vCPU and 8 GiB in us-east-1: ml.c6i.xlarge or ml.c5.xlarge, at 0.204 USD.
    expect(found[0]?.weight).toBeCloseTo(0.204 * 730, 6);
  });

  test("a larger load brings larger types; a small one does not", () => {
    const most = (rate: number) =>
      Math.max(
        ...sized({ cpu: 2, memory: "4Gi" }, {}, workload({ arrivals: constant(rate) })).map(
          (each) => replicas(each).slots,
        ),
      );
    expect(most(1)).toBe(2);
    expect(most(160)).toBe(32);
  });

  test("arm64 runs on Graviton, a GPU on GPUs, local scratch not on NVMe", () => {
    const image = (manifest().model as Json).image as string;
    const arm = sized({ cpu: 2, memory: "4Gi", architecture: "arm64" }, { model: { image } });
    expect(arm.length).toBeGreaterThan(0);
    expect(arm.every(({ label }) => sageMakerInstance(label)?.architecture === "arm64")).toBe(true);
    const gpu = sized({ cpu: 4, memory: "16Gi", gpu: 1 });
    expect(gpu.every(({ label }) => (sageMakerInstance(label)?.gpus ?? 0) >= 1)).toBe(true);
    expect(labels(gpu)).toEqual(expect.arrayContaining(["ml.g4dn.xlarge", "ml.g5.xlarge", "ml.g6.xlarge"]));
    const scratch = sized({ cpu: 2, memory: "4Gi", storage: "20Gi" });
    expect(scratch.every(({ label }) => sageMakerInstance(label)?.localNvmeGb === 0)).toBe(true);
    expect(scratch[0]?.sizing).toMatchObject({ volumeGiB: 20 });
  });

  test("what the manifest has compiled stays on types that it can be compiled for", () => {
    const model = {
      ...(manifest().model as Json),
      optimize: {
        neo: { framework: "pytorch", frameworkVersion: "2.0", inputs: { input0: [1, 3, 224, 224] } },
      },
    };
    const found = labels(
      candidates({ manifest: manifest({}, { model, resources: { cpu: 4, memory: "8Gi" } }) }),
    );
    expect(found.length).toBeGreaterThan(0);
    expect(found.every((label) => /^ml\.(?:c4|c5|m4|m5)\./.test(label))).toBe(true);
  });

  test("a region without prices has the same types, with none", () => {
    const image = `123456789012.dkr.ecr.me-central-1.amazonaws.com/fraud@sha256:${"a".repeat(64)}`;
    const found = sized({ cpu: 4, memory: "8Gi" }, { region: "me-central-1", model: { image } });
    expect(found.length).toBeGreaterThan(3);
    expect(found.every(({ weight }) => weight === null)).toBe(true);
    expect(labels(found).slice(0, 2).sort()).toEqual(["ml.c5.xlarge", "ml.c6i.xlarge"]);
  });

  test("nothing can be said without a service time", () => {
    expect(sized({ cpu: 2, memory: "4Gi" }, {}, workload({ serviceTime: null }))).toEqual([]);
  });

  test("start-up: cached with a GPU, slower without, and a slow server counts by itself", () => {
    const base = manifest().model as Json;
    const startup = (instanceType: string, resources: Json, server: string) =>
      replicas(
        one({
          manifest: manifest(
            { instanceType },
            { resources, model: { ...base, server: { startup: server } } },
          ),
        }),
      ).startupSeconds;
    const cpu = { cpu: 2, memory: "4Gi" };
    const gpu = { ...cpu, gpu: 1 };
    expect(startup("ml.m5.xlarge", cpu, "30s")).toBe(300);
    expect(startup("ml.m5.xlarge", cpu, "5m")).toBe(192 + 300);
    expect(startup("ml.g5.xlarge", gpu, "30s")).toBe(258);
    expect(startup("ml.g5.xlarge", gpu, "15m")).toBe(181 + 900);
  });

  test("where the manifest leaves the numbers open, the target's own policy moves them", () => {
    const open = { manifest: manifest({ instanceType: "ml.m5.xlarge" }) };
    const candidate = one(open, workload(), false);
    expect(replicas(candidate).scaling).toMatchObject({
      policies: [{ type: "target-tracking", metric: "cpu", target: 70 }],
      metricPeriodSeconds: 60,
      scaleOutPeriods: 3,
      scaleInPeriods: 15,
      cpu: { perReplica: 4, perRequest: 1 },
      // Four times 2 GiB of 16.
      memoryPercent: 50,
    });
    const moved = (max: number) => alarms(candidate.bill(monthOf({ replicas: { min: 1, average: 1, max } })));
    expect([moved(1), moved(3)]).toEqual([1, 3]);
  });

  test("steps alone are watched by the stack's alarms: two minutes up", () => {
    const policies = [
      { type: "step", metric: "cpu", threshold: 70, steps: [{ from: 0, add: 1 }], cooldown: "1m" },
    ];
    const candidate = one({
      manifest: manifest({ instanceType: "ml.m5.xlarge" }, { scaling: { min: 1, max: 4, policies } }),
    });
    expect(replicas(candidate).scaling).toMatchObject({ metricPeriodSeconds: 60, scaleOutPeriods: 2 });
  });
});

describe("alarms on the bill are those of the stack", () => {
  const tracking = { type: "target-tracking", metric: "cpu", target: 70 };
  const step = {
    type: "step",
    metric: "cpu",
    threshold: 60,
    steps: [
      { from: -20, to: 0, add: -1 },
      { from: 0, add: 1 },
    ],
  };
  const slo = {
    workload: {
      requestsPerSecond: 1,
      serviceTime: { p50: "100ms", p99: "100ms" },
      slo: { p99: "500ms" },
    },
  };
  const range = (...policies: Json[]) => ({ scaling: { min: 1, max: 4, policies } });
  const asleep = (...policies: Json[]) => ({ scaling: { min: 0, max: 4, policies } });
  const variants = {
    variants: [
      { name: "same", percent: 20 },
      { name: "fixed", percent: 10, scaling: { min: 1 } },
    ],
  };
  const backlog = { type: "target-tracking", metric: "concurrency", target: 2 };
  const warm = { type: "target-tracking", metric: "provisioned-concurrency-utilization", target: 70 };
  test.each<readonly [string, Json, Json]>([
    ["one instance", {}, {}],
    ["a goal", {}, slo],
    ["no alarms", {}, { ...range(tracking), observability: { alarms: false } }],
    ["tracking and steps", {}, range(tracking, step)],
    ["steps upwards only", {}, range({ ...step, steps: [{ from: 0, add: 1 }] })],
    ["tracking concurrency", {}, { ...slo, ...range({ ...backlog, target: 3 }) }],
    ["variants", variants, { ...slo, ...range(tracking, step) }],
    ["a shadow", { shadow: { percent: 50 } }, { ...slo, ...range(tracking) }],
    ["async", { mode: "async" }, range(backlog)],
    ["async that sleeps", { mode: "async" }, { ...slo, ...asleep(backlog) }],
    [
      "async that sleeps at night",
      { mode: "async" },
      range(backlog, { type: "scheduled", cron: "0 20 * * ? *", min: 0 }),
    ],
    ["serverless", { mode: "serverless" }, slo],
    ["serverless, kept warm", { mode: "serverless", provisionedConcurrency: 2 }, range(warm)],
  ])("%s", (_name, options, changes) => {
    const input = { manifest: manifest(options, changes) };
    const stack = synth(input).stack(KIND);
    const [candidate] = candidates(input);
    expect(candidate === undefined ? null : alarms(candidate.bill(monthOf({})))).toBe(alarmsOf(stack));
  });
});

describe("every mode", () => {
  test.each([
    ["provisioned", { instanceType: "ml.m5.xlarge" }],
    ["async", { instanceType: "ml.m5.xlarge" }],
    ["serverless", { memory: "3Gi" }],
  ])("%s: answers to the internet are paid for where the callers are there", (mode, options) => {
    const out = (network: Json) =>
      charge(
        one(
          { manifest: manifest({ mode, ...options }, { network, scaling: { min: 1, max: 1 } }) },
          workload(),
          mode !== "serverless",
        ).bill(monthOf({ requests: 1000, bytesOut: 3 * GIB })),
        "transfer/internet-out",
      )?.quantity;
    expect(out({ public: true })).toBe(3);
    expect(out({})).toBeUndefined();
  });

  test("an instance that `resources` take to the last byte has a note", () => {
    const notes = (memory: string) =>
      one({
        manifest: manifest(
          { instanceType: "ml.m5.xlarge" },
          { resources: { cpu: 4, memory }, scaling: { min: 1, max: 1 } },
        ),
      }).notes;
    const tight = expect.stringContaining(
      "the 16 GiB of ml.m5.xlarge leave nothing beyond resources.memory:",
    ) as string;
    expect(notes("16Gi")).toContainEqual(tight);
    expect(notes("15Gi")).not.toContainEqual(tight);
  });
});

describe("the examples", () => {
  test.each(
    EXAMPLES_BY_ENVIRONMENT.filter(([, , { file }, env]) =>
      resolve({ file, ...(env === null ? {} : { env }) }).deployments.some(({ kind }) => kind === KIND),
    ),
  )("%s, %s: sizes, a faultless bill, and the alarms of its stack", (_name, _environment, { file }, env) => {
    const input = {
      file,
      imageDigest: `sha256:${"a".repeat(64)}`,
      ...(env === null ? {} : { env }),
    };
    const found = candidates(input, workload({ concurrency: 2 }));
    expect(found.length).toBeGreaterThan(0);
    const month = monthOf({ requests: 1e6, bytesIn: GIB, bytesOut: GIB, busySeconds: 1e5 });
    for (const { bill } of found) {
      expect(faults(bill(month))).toEqual([]);
      expect(alarms(bill(month))).toBe(alarmsOf(synth(input).stack(KIND)));
    }
  });
});

describe("any month", () => {
  const all = [
    ...candidates(
      { manifest: manifest({}, { scaling: { min: 1, max: 9 }, observability: { dataCapture: 20 } }) },
      workload({ arrivals: constant(50) }),
    ),
    one({
      manifest: manifest(
        {
          instanceType: "ml.m5.xlarge",
          variants: [{ name: "small", percent: 30, instanceType: "ml.c5.xlarge" }],
        },
        { scaling: { min: 1, max: 4 } },
      ),
    }),
    one({ manifest: manifest({ instanceType: "ml.m5.xlarge", shadow: { percent: 10 } }) }),
    one({
      manifest: manifest({ mode: "async", instanceType: "ml.m5.xlarge" }, { scaling: { min: 0, max: 4 } }),
    }),
    ...candidates({ manifest: manifest({ mode: "serverless", provisionedConcurrency: 2 }) }),
  ];

  /** A month, and one with more of everything. */
  const months = fc
    .record({
      rate: fc.double({ min: 0, max: 1000, noNaN: true }),
      more: fc.double({ min: 1, max: 10, noNaN: true }),
      body: fc.double({ min: 0, max: 1e6, noNaN: true }),
      average: fc.double({ min: 0, max: 50, noNaN: true }),
      failed: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    .map(({ rate, more, body, average, failed }): readonly [Month, Month] => {
      const of = (factor: number): MonthInput => {
        const requests = rate * factor * SECONDS;
        return {
          requests,
          served: requests * (1 - failed),
          bytesIn: requests * body,
          bytesOut: requests * body,
          busySeconds: requests * 0.1,
          onDemandBusySeconds: requests * 0.08,
          provisionedSeconds: SECONDS * 2 * factor,
          provisionedBusySeconds: Math.min(SECONDS * 2 * factor, requests * 0.02),
          replicas: { min: 0, average: average * factor, max: 50 * factor },
        };
      };
      return [monthOf(of(1)), monthOf(of(more))];
    });

  test("no fault, and never cheaper with more load", () => {
    fc.assert(
      fc.property(fc.constantFrom(...all), months, ({ bill }, [less, more]) => {
        expect(faults(bill(less))).toEqual([]);
        expect(faults(bill(more))).toEqual([]);
        expect(usd(bill(more), "us-east-1")).toBeGreaterThanOrEqual(usd(bill(less), "us-east-1") - 1e-6);
      }),
      { numRuns: 300 },
    );
  });
});
