import * as fc from "fast-check";
import { sageMakerInstance } from "../../../modules/aws/instances";
import type { Candidate, Charge, Month } from "../../../modules/compare/target-comparison";
import type { BatchCapacity } from "../../../modules/simulate/capacity";
import { simulateBatch } from "../../../modules/simulate/batch";
import { Size } from "../../../modules/units/size";
import type { BatchLoad, Workload } from "../../../modules/workload/workload";
import { EXAMPLES_BY_ENVIRONMENT } from "../../support/examples";
import { always, constant, faults, lines, monthOf, usd, workload } from "../../support/month";
import { baseManifest, type Json, resolve, synth, type SynthInput } from "../../support/synth";

const KIND = "sagemaker-batch";
const DAY = 86_400;
/** Days of 730 hours. */
const DAYS = 730 / 24;

const nightly: BatchLoad = { records: 1_000_000, recordSize: Size.bytes(2048), everySeconds: DAY };

function manifest(options: Json = {}, changes: Json = {}): Json {
  return baseManifest({
    region: "us-east-1",
    model: { image: `123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud@sha256:${"a".repeat(64)}` },
    target: KIND,
    targets: { [KIND]: { input: "s3://in/data/", output: "s3://out/", ...options } },
    ...changes,
  });
}

function candidates(input: SynthInput, load: Workload = workload({ batch: nightly })): readonly Candidate[] {
  const { deployments, issues } = resolve(input);
  const deployment = deployments.find(({ kind }) => kind === KIND);
  if (deployment === undefined) throw new Error(issues.map(({ message }) => message).join("\n"));
  return deployment.candidates({ workload: load, scalingGiven: true }) ?? [];
}

function one(options: Json = {}, changes: Json = {}, load?: Workload): Candidate {
  const [only, ...others] = candidates({ manifest: manifest(options, changes) }, load);
  if (only === undefined || others.length > 0) throw new Error(`${others.length + 1} candidates`);
  return only;
}

function jobs({ capacity }: Candidate): BatchCapacity {
  if (capacity.kind !== "batch") throw new Error(capacity.kind);
  return capacity;
}

/** A month of jobs that take so long, start-up included. */
function monthOfJobs(runSeconds: number): Month {
  return monthOf({ batch: { runSeconds, workSeconds: runSeconds - 480, runs: 1, fits: true } });
}

const quantity = (charges: readonly Charge[], key: string): number | undefined =>
  charges.find((each) => each.key === key)?.quantity;

const alarms = (stack: Json): number =>
  Object.keys((stack.resource as Record<string, Json>).aws_cloudwatch_metric_alarm ?? {}).length;

describe("a bill", () => {
  const options = {
    instanceType: "ml.c5.2xlarge",
    instanceCount: 3,
    maxConcurrentTransforms: 8,
    maxPayload: "1Mi",
    splitType: "Line",
    batchStrategy: "SingleRecord",
    assembleWith: "Line",
    contentType: "application/json",
    joinSource: "Input",
  };
  const scheduled = { ...options, schedule: "cron(0 2 * * ? *)" };
  const changes = {
    resources: { cpu: 4, memory: "8Gi" },
    workload: {
      serviceTime: { p50: "60ms", p99: "60ms" },
      payload: { request: "4Ki", response: "1Ki" },
      batch: { records: 1_000_000, recordSize: "2Ki", every: "1d" },
    },
  };
  const load = workload({ batch: nightly, serviceTime: always(60), concurrency: 4 });

  test("machines for the whole run, objects, results, steps, starts, alarms: to the cent", () => {
    // 8 vCPUs and 16 GiB are two replicas with 4 requests each; no more than 8 are sent.
    const candidate = one(scheduled, changes, load);
    expect(jobs(candidate)).toMatchObject({
      slots: 24,
      machines: 3,
      recordsPerRequest: 1,
      startupSeconds: 480,
    });
    const charges = candidate.bill(monthOfJobs(3600));
    expect(lines(charges)).toEqual([
      // Three machines for an hour in each of 730 / 24 nights.
      ["ml.c5.2xlarge instances", "sagemaker/instance/ml.c5.2xlarge/transform", 91.25],
      ["input read from S3", "s3/get-requests", 91.25],
      ["results written to S3, and lists of the input", "s3/put-requests", 121.666667],
      // A million lines of 1 + 2 KiB in each night.
      ["results in S3", "s3/storage", 87.0227814],
      // Settings, AllOrPart, All, Transform.
      ["steps of the state machine", "states/transitions", 121.666667],
      ["starts on schedule", "scheduler/invocations", 30.4166667],
      // Failed, timed out, aborted, lost.
      ["alarms", "cloudwatch/alarm", 4],
      ["dashboard", "cloudwatch/dashboard", 1],
    ]);
    expect(charges.every(({ basis, key }) => basis === "on-demand" || key.startsWith("cloudwatch/"))).toBe(
      true,
    );
    // 91.25 h at 0.408; 87.0227814 GB-months at 0.023; per request 4e-7, 5e-6, 2.5e-5, 1e-6; 4 alarms at 0.10; 3.
    expect(usd(charges, "us-east-1")).toBeCloseTo(
      91.25 * 0.408 +
        91.25 * 4e-7 +
        121.666667 * 5e-6 +
        87.0227814 * 0.023 +
        121.666667 * 2.5e-5 +
        30.4166667 * 1e-6 +
        0.4 +
        3,
      6,
    );
    expect(usd(charges, "us-east-1")).toBeCloseTo(42.635241, 5);
  });

  test("without a split each record is an object of its own, read and written once, in lists of 1,000", () => {
    const { instanceType, instanceCount } = options;
    const charges = one({ instanceType, instanceCount }, changes, load).bill(monthOfJobs(3600));
    const runs = 730 / 24;
    expect(quantity(charges, "s3/get-requests")).toBeCloseTo(1_000_000 * runs, 3);
    expect(quantity(charges, "s3/put-requests")).toBeCloseTo((1_000_000 + 1000) * runs, 3);
  });

  test("by hand: no starts, one alarm less; results alone without a join; none where their size is not known", () => {
    const byHand = one({ ...options, joinSource: "None" }, changes, load).bill(monthOfJobs(600));
    expect(quantity(byHand, "scheduler/invocations")).toBeUndefined();
    expect(quantity(byHand, "cloudwatch/alarm")).toBe(3);
    expect(quantity(byHand, "s3/storage")).toBeCloseTo((DAYS * 1e6 * 1024) / 2 ** 30, 6);
    const unknown = one({ ...options, joinSource: "None" }, { resources: changes.resources }, load);
    expect(quantity(unknown.bill(monthOfJobs(600)), "s3/storage")).toBeUndefined();
    expect(unknown.notes).toContainEqual(expect.stringContaining("storage of the results"));
  });

  test("what the simulation says of a run is what is paid", () => {
    const candidate = one(options, changes, load);
    const { batch } = simulateBatch(jobs(candidate), load, {});
    const charges = candidate.bill(monthOf({ batch }));
    // A million requests of 60 ms on 24 slots: 2,500 s and less than one request more, after 480 s.
    const seconds =
      (quantity(charges, "sagemaker/instance/ml.c5.2xlarge/transform") ?? 0) * (3600 / 3 / DAYS);
    expect(seconds).toBeGreaterThanOrEqual(2979.9);
    expect(seconds).toBeLessThan(2980.1);
  });
});

describe("capacity", () => {
  const all = (options: Json, load?: Workload) =>
    jobs(one({ instanceType: "ml.m5.xlarge", ...options }, {}, load));

  test("requests at once: as many as are sent, and as there is room for", () => {
    // 4 vCPU and 16 GiB: four times 1 vCPU and 2 GiB.
    expect(all({}).slots).toBe(1);
    expect(all({ maxConcurrentTransforms: 3 }).slots).toBe(3);
    expect(all({ maxConcurrentTransforms: 16 }).slots).toBe(4);
    expect(all({ maxConcurrentTransforms: 16 }, workload({ batch: nightly, concurrency: 2 })).slots).toBe(8);
    expect(all({ maxConcurrentTransforms: 3, instanceCount: 5 }).slots).toBe(15);
  });

  test("records of a request: as many as fit, each with its own time", () => {
    const lines = { splitType: "Line", contentType: "text/csv" };
    // 6 MiB of 2 KiB.
    const filled = all(
      lines,
      workload({ batch: nightly, serviceTime: { p50: 90, p99: 290, mean: 100, scv: 0.3 } }),
    );
    expect(filled.recordsPerRequest).toBe(3072);
    expect(filled.serviceTime.mean).toBeCloseTo(307_200, 3);
    expect(filled.serviceTime.scv).toBeCloseTo(0.3 / 3072, 9);
    expect(all({ ...lines, batchStrategy: "SingleRecord" }).recordsPerRequest).toBe(1);
    expect(all({ splitType: "None" }).recordsPerRequest).toBe(1);
    expect(all(lines, workload({ batch: { ...nightly, records: 100 } })).recordsPerRequest).toBe(100);
  });

  test("a server that starts slowly starts after the machine", () => {
    const image = (manifest().model as Json).image as string;
    const model = (startup: string) => ({ model: { image, server: { startup } } });
    const seconds = (startup: string) =>
      jobs(one({ instanceType: "ml.m5.xlarge" }, model(startup))).startupSeconds;
    expect(seconds("2m")).toBe(480);
    expect(seconds("10m")).toBe(480 + 600);
  });

  test("without a batch load, the requests of a day are one job a day", () => {
    const candidate = one(
      { instanceType: "ml.m5.xlarge", schedule: "cron(0 2 * * ? *)" },
      {},
      workload({ arrivals: constant(2) }),
    );
    expect(candidate.notes).toContainEqual(expect.stringContaining("the requests of a day"));
    expect(quantity(candidate.bill(monthOfJobs(3600)), "scheduler/invocations")).toBeCloseTo(DAYS, 9);
  });

  test("nothing can be said without a load, or without a service time", () => {
    const input = { manifest: manifest() };
    expect(candidates(input, workload({ arrivals: null }))).toEqual([]);
    expect(candidates(input, workload({ batch: nightly, serviceTime: null }))).toEqual([]);
  });
});

describe("candidates", () => {
  const found = (options: Json = {}, changes: Json = {}, load?: Workload) =>
    candidates({ manifest: manifest(options, changes) }, load);

  test("types for batch transform that hold the resources, by price, none burstable or with an idle GPU", () => {
    const all = found({}, { resources: { cpu: 4, memory: "8Gi" } });
    expect(all.length).toBeGreaterThan(3);
    expect(all.length).toBeLessThanOrEqual(13);
    for (const { sizing } of all) {
      const instance = sageMakerInstance(String(sizing.instanceType));
      expect(instance).toMatchObject({ transform: true, gpus: 0, accelerators: 0, architecture: "x86_64" });
      expect(instance?.vcpu).toBeGreaterThanOrEqual(4);
      expect(instance?.memoryGiB).toBeGreaterThanOrEqual(8);
    }
    const weights = all.map(({ sizing, weight }) => (weight ?? Number.NaN) / Number(sizing.instanceCount));
    expect(weights).toEqual([...weights].sort((a, b) => a - b));
  });

  test("a GPU is a GPU", () => {
    const all = found({}, { resources: { cpu: 4, memory: "16Gi", gpu: 1 } });
    expect(all.map(({ sizing }) => sizing.instanceType)).toContain("ml.g4dn.xlarge");
    expect(all.every(({ sizing }) => Number(sizing.gpus) >= 1)).toBe(true);
  });

  test("the manifest's machines, or the fewest that end in time", () => {
    // Ten million records of 100 ms on one slot each: a million seconds, in a day less eight minutes: 11.6 machines.
    const heavy = workload({ batch: { ...nightly, records: 10_000_000 } });
    const open = found({}, {}, heavy);
    expect(new Set(open.map(({ sizing }) => sizing.instanceCount))).toEqual(new Set([12]));
    for (const candidate of open) {
      const fits = (machines: number) =>
        simulateBatch({ ...jobs(candidate), slots: machines, machines }, heavy, {}).batch?.fits;
      expect([fits(11), fits(12)]).toEqual([false, true]);
    }
    expect(found({ instanceCount: 4 }, {}, heavy).every(({ sizing }) => sizing.instanceCount === 4)).toBe(
      true,
    );
    // One that is written down is kept, also where the job takes too long on it.
    const alone = found({ instanceCount: 1 }, {}, heavy);
    expect(new Set(alone.map(({ sizing }) => sizing.instanceCount))).toEqual(new Set([1]));
    const fits = alone.map((each) => simulateBatch(jobs(each), heavy, {}).batch?.fits);
    expect(new Set(fits)).toEqual(new Set([false]));
    expect(one({ instanceType: "ml.m5.xlarge" }, {}, heavy).sizing).toMatchObject({ instanceCount: 1 });
    const hopeless = workload({ batch: { ...nightly, everySeconds: 600 } });
    expect(found({}, {}, hopeless).every(({ sizing }) => sizing.instanceCount === 100)).toBe(true);
  });

  test("a job's timeout is a window too", () => {
    // 10,000 records of 100 ms are 1,000 s; an hour has 3,120 s of work in it, 20 minutes have 720.
    const small = workload({ batch: { ...nightly, records: 10_000 } });
    const machines = (timeout: string) => found({ timeout }, {}, small)[0]?.sizing.instanceCount;
    expect([machines("1h"), machines("20m")]).toEqual([1, 2]);
  });
});

describe("alarms on the bill are those of the stack", () => {
  test.each<readonly [string, Json, Json]>([
    ["by hand", {}, {}],
    ["on schedule", { schedule: "rate(1 day)" }, {}],
    ["on arrival", { onArrival: true }, {}],
    ["none", { schedule: "rate(1 day)" }, { observability: { alarms: false } }],
  ])("%s", (_name, options, changes) => {
    const billed = one({ instanceType: "ml.m5.xlarge", ...options }, changes).bill(monthOfJobs(600));
    const stack = synth({ manifest: manifest(options, changes) }).stack(KIND);
    expect(quantity(billed, "cloudwatch/alarm") ?? 0).toBe(alarms(stack));
  });
});

describe("the examples", () => {
  test.each(
    EXAMPLES_BY_ENVIRONMENT.filter(([, , { file }, env]) =>
      resolve({ file, target: "all", ...(env === null ? {} : { env }) }).deployments.some(
        ({ kind }) => kind === KIND,
      ),
    ),
  )("%s, %s: a faultless bill and the alarms of its stack", (_name, _environment, { file }, env) => {
    const input = {
      file,
      target: KIND,
      imageDigest: `sha256:${"a".repeat(64)}`,
      ...(env === null ? {} : { env }),
    };
    const all = candidates(input);
    expect(all.length).toBeGreaterThan(0);
    for (const { bill } of all) {
      const charges = bill(monthOfJobs(3600));
      expect(faults(charges)).toEqual([]);
      expect(quantity(charges, "cloudwatch/alarm")).toBe(alarms(synth(input).stack(KIND)));
    }
  });
});

describe("any job", () => {
  test("no fault, and never cheaper with more records", () => {
    const load = (records: number, everySeconds: number) =>
      workload({ batch: { ...nightly, records, everySeconds }, arrivals: null });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 3600, max: 30 * DAY }),
        fc.integer({ min: 1, max: 20 }),
        (records, more, everySeconds, instanceCount) => {
          const [less, greater] = [records, records * more].map((count) => {
            const asked = load(count, everySeconds);
            const candidate = one(
              { instanceType: "ml.m5.xlarge", instanceCount, splitType: "Line" },
              {},
              asked,
            );
            const { batch } = simulateBatch(jobs(candidate), asked, {});
            const charges = candidate.bill(monthOf({ batch }));
            expect(faults(charges)).toEqual([]);
            return usd(charges, "us-east-1");
          });
          expect(greater).toBeGreaterThanOrEqual((less ?? 0) - 1e-6);
        },
      ),
      { numRuns: 50 },
    );
  });
});
