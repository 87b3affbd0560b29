import { adviceFor, type AdviceContext, type Carried } from "../../modules/compare/advice";
import type { ADVICE_CODES } from "../../modules/compare/codes";
import type { Advice } from "../../modules/compare/comparison";
import type { Simulator } from "../../modules/compare/engine";
import { type Asked, type Row, rowsOf } from "../../modules/compare/feasibility";
import { monthOf } from "../../modules/compare/month";
import { type Sized, sizeOf, type SizingContext, withWarm } from "../../modules/compare/sizing";
import type { Candidate } from "../../modules/compare/target-comparison";
import { loadManifestValue } from "../../modules/manifest/load";
import { resolveManifest } from "../../modules/plan/resolve";
import type { EnvironmentCapacity, ReplicaCapacity, Simulation } from "../../modules/simulate/capacity";
import type { Workload } from "../../modules/workload/workload";
import type { Capabilities, Target, TargetDeployment } from "../../targets/target";
import { baseManifest, type Json } from "../support/synth";
import { bookOf, type Box, boxes, dayAndNight, sizingOf, steady } from "./support";

/** A box answers ten requests a second, of which the simulator lets it take eight; a month of it is 73 USD. */
const SMALL: Box = { label: "t.small", slots: 1, hourly: 0.1 };

interface Scene {
  readonly asked: Asked;
  readonly context: SizingContext;
  readonly row: Row;
  readonly sized: Sized;
}

function scene(workload: Workload, size: Box = SMALL, manifest: Json = {}): Scene {
  const { asked, context, row } = sizingOf([size], workload, manifest);
  const sized = sizeOf(row, context);
  if (sized === null) throw new Error("no size");
  return { asked, context, row, sized };
}

const carriedOf = ({ row, sized }: Pick<Scene, "row" | "sized">, more: Partial<Carried> = {}): Carried => ({
  row,
  sized,
  name: "boxes",
  usdPerMillion: null,
  ...more,
});

/** The row with other capabilities. */
function with_(row: Row, capabilities: Partial<Capabilities>): Row {
  return { ...row, capabilities: { ...row.capabilities, ...capabilities } };
}

/** The row with other metrics to track. */
function tracking(
  row: Row,
  ...metrics: readonly ("cpu" | "concurrency" | "invocations-per-instance")[]
): Row {
  const { scaling } = row.capabilities;
  return with_(row, { scaling: { ...scaling, policies: { "target-tracking": metrics } } });
}

/** The size with another capacity, or another sizing. */
function changed(
  { chosen, others }: Sized,
  capacity: Partial<ReplicaCapacity>,
  sizing: Candidate["sizing"] = chosen.candidate.sizing,
): Sized {
  if (chosen.candidate.capacity.kind !== "replicas") throw new Error("replicas only");
  const candidate = { ...chosen.candidate, sizing, capacity: { ...chosen.candidate.capacity, ...capacity } };
  return { chosen: { ...chosen, candidate }, others };
}

function advise({ asked, context }: Scene, parts: Partial<AdviceContext>): readonly Advice[] {
  return adviceFor({ asked, sizing: context, carried: [], recommended: null, chosen: null, ...parts });
}

function found(advice: readonly Advice[], code: keyof typeof ADVICE_CODES): Advice | undefined {
  const all = advice.filter((one) => one.code === code);
  expect(all.length).toBeLessThan(2);
  return all[0];
}

const scalingCodes = (advice: readonly Advice[]) =>
  advice.map(({ code }) => code).filter((code) => code.startsWith("SCALE_ON_"));

describe("SPEED_UP_MODEL", () => {
  const at = (serviceTime: number, goal: number | null) =>
    advise(
      scene(
        steady(1, {
          serviceTime: { p50: 10, p99: serviceTime, mean: 20, scv: 1 },
          slo: goal === null ? null : { p99: goal, errorRate: 0.001 },
        }),
      ),
      {},
    );

  test("where one request alone is slower than the goal", () => {
    expect(found(at(501, 500), "SPEED_UP_MODEL")).toMatchObject({
      target: null,
      numbers: { serviceTimeP99Ms: 501, goalP99Ms: 500 },
    });
    expect(found(at(501, 500), "SPEED_UP_MODEL")?.message).toMatch(
      /^One request alone takes 501 ms at the 99th percentile, above the goal of 500 ms: /,
    );
  });

  test("not where it is as fast, and not without a goal", () => {
    expect(found(at(500, 500), "SPEED_UP_MODEL")).toBeUndefined();
    expect(found(at(9000, null), "SPEED_UP_MODEL")).toBeUndefined();
  });
});

describe("the metric to scale on", () => {
  // Seven halvings of ten requests a second find 7.96875 of the eight that it takes.
  const most = 7.97;

  test("is CPU where requests use all of it, at four fifths of what one replica uses at most", () => {
    const made = scene(steady(80));
    const advice = advise(made, { recommended: carriedOf(made) });
    expect(scalingCodes(advice)).toEqual(["SCALE_ON_CPU"]);
    expect(found(advice, "SCALE_ON_CPU")).toEqual({
      code: "SCALE_ON_CPU",
      target: "boxes",
      message:
        "Scale boxes on cpu, target 64 %: it is bound by compute: one request at a time uses 100 % of its CPUs, by resources.cpu. " +
        "One replica of t.small keeps the goal up to 7.97 requests/s, at 80 % of its CPUs.",
      // Three periods of a minute, and a minute to start.
      numbers: { target: 64, cpuAtMost: 0.8, maxRequestsPerSecond: most, reactionSeconds: 240, growth: 1 },
    });
  });

  test("aims lower where the load grows while a replica starts, and says so", () => {
    const made = scene(dayAndNight(20, 32));
    // Twenty is more than what half of one replica takes, so that all of the growth counts: 1.6 times; 1 / 1.6 is 0.625.
    expect(found(advise(made, { recommended: carriedOf(made) }), "SCALE_ON_CPU")).toMatchObject({
      message: expect.stringContaining(
        " The load grows up to 60 % in the 240 s until a new replica answers.",
      ) as unknown,
      numbers: { target: 50, growth: 1.6 },
    });
  });

  test("is invocations where requests are light and many: AWS's safety factor, and a minute", () => {
    const light = { p50: 10, p99: 10, mean: 10, scv: 0 };
    const made = scene(steady(80, { serviceTime: light }));
    const row = tracking(made.row, "cpu", "invocations-per-instance");
    const advice = advise(made, { recommended: carriedOf({ ...made, row }) });
    expect(scalingCodes(advice)).toEqual(["SCALE_ON_INVOCATIONS"]);
    // A hundred a second at most, of which the simulator lets 79.6875 through; half of it, sixty times.
    expect(found(advice, "SCALE_ON_INVOCATIONS")?.numbers).toMatchObject({
      target: 2391,
      safetyFactor: 0.5,
      maxRequestsPerSecond: 79.7,
    });
    // Not where the target has no such metric, or where requests are heavy.
    expect(scalingCodes(advise(made, { recommended: carriedOf(made) }))).toEqual(["SCALE_ON_CPU"]);
    const heavy = scene(steady(80));
    const same = tracking(heavy.row, "cpu", "invocations-per-instance");
    expect(scalingCodes(advise(heavy, { recommended: carriedOf({ ...heavy, row: same }) }))).toEqual([
      "SCALE_ON_CPU",
    ]);
  });

  test("is concurrency where requests wait more than they compute: four fifths of what is at work", () => {
    const made = scene(steady(80), { ...SMALL, slots: 4 });
    const idle = { perReplica: 1, perRequest: 0.1 };
    const { capacity } = made.sized.chosen.candidate;
    if (capacity.kind !== "replicas") throw new Error("replicas");
    const sized = changed(made.sized, { scaling: { ...capacity.scaling, cpu: idle } });
    const on = (...metrics: Parameters<typeof tracking>[1][]) =>
      advise(made, { recommended: carriedOf({ row: tracking(made.row, ...metrics), sized }) });
    // 31.875 requests a second of a tenth of a second each are 3.1875 at work, of four; four fifths of it are 2.55.
    expect(found(on("cpu", "concurrency"), "SCALE_ON_CONCURRENCY")).toMatchObject({
      message: expect.stringContaining(
        "requests wait more than they compute: 4 requests at once use only 40 % of its CPUs",
      ) as unknown,
      numbers: { target: 2.5, slots: 4, atWork: 3.19, maxRequestsPerSecond: 31.9 },
    });
    expect(scalingCodes(on("cpu", "concurrency"))).toEqual(["SCALE_ON_CONCURRENCY"]);
    expect(found(on("cpu", "invocations-per-instance"), "SCALE_ON_INVOCATIONS")).toMatchObject({
      message: expect.stringContaining("and it has no metric of concurrency") as unknown,
      numbers: { target: Math.round(31.875 * 0.5 * 60) },
    });
    // Where nothing else is there, CPU is what the target offers: 31.875 × 0.1 s × 0.1 vCPU are 32 % of one.
    expect(found(on("cpu"), "SCALE_ON_CPU")).toMatchObject({
      message: expect.stringContaining("it is what the target offers") as unknown,
      numbers: { target: 26, cpuAtMost: 0.32 },
    });
  });

  test("is the queue where answers come later, and not CPU where GPUs work", () => {
    const made = scene(steady(80));
    const later = with_(tracking(made.row, "cpu", "concurrency"), { answers: "later" });
    expect(
      found(advise(made, { recommended: carriedOf({ ...made, row: later }) }), "SCALE_ON_CONCURRENCY")
        ?.message,
    ).toContain("requests queue, and the queue tells how many replicas they need");
    const { plan } = made.asked;
    const gpus = {
      ...made,
      asked: { ...made.asked, plan: { ...plan, resources: { ...plan.resources, gpu: 1 } } },
    };
    const on = (...metrics: Parameters<typeof tracking>[1][]) =>
      scalingCodes(
        advise(gpus, { recommended: carriedOf({ ...made, row: tracking(made.row, ...metrics) }) }),
      );
    expect(on("cpu", "concurrency", "invocations-per-instance")).toEqual(["SCALE_ON_CONCURRENCY"]);
    expect(on("cpu", "invocations-per-instance")).toEqual(["SCALE_ON_INVOCATIONS"]);
  });

  test("is said of the recommended target and the manifest's own, else of the cheapest; of none that does not scale", () => {
    const made = scene(steady(80));
    const dear = scene(steady(80), { ...SMALL, label: "t.dear", hourly: 9 });
    const [first, second] = [carriedOf(made, { name: "first" }), carriedOf(dear, { name: "second" })];
    const named = (parts: Partial<AdviceContext>) =>
      advise(made, parts)
        .filter(({ code }) => code.startsWith("SCALE_ON_"))
        .map(({ target }) => target);
    expect(named({ recommended: first, chosen: second })).toEqual(["first", "second"]);
    expect(named({ recommended: first, chosen: first })).toEqual(["first"]);
    expect(named({ carried: [second, first] })).toEqual(["first"]);
    expect(named({ recommended: carriedOf({ ...made, row: tracking(made.row) }) })).toEqual([]);
    expect(named({})).toEqual([]);
  });

  test("is none where not one request keeps the goal", () => {
    const made = scene(steady(80));
    const impossible = { ...made, context: { ...made.context, goal: { ...made.context.goal, p99: 10 } } };
    expect(scalingCodes(advise(impossible, { recommended: carriedOf(made) }))).toEqual([]);
  });
});

/** Seconds of a month of 730 hours. */
const MONTH = 730 * 3600;

/** What a second on demand, kept warm, and of work on what is warm costs. */
const SECOND = { demand: 2e-5, warm: 6e-6, work: 1e-5 };

describe("environments kept warm", () => {
  const capacity = (warm: number): EnvironmentCapacity => ({
    kind: "environments",
    serviceTime: { p50: 100, p99: 100, mean: 100, scv: 0 },
    overheadMs: 0,
    coldStartMs: 1000,
    keepAliveSeconds: 300,
    maxConcurrency: 1000,
    startsPerSecond: null,
    provisioned: {
      startupSeconds: 60,
      scaling: {
        min: warm,
        max: warm,
        policies: [],
        metricPeriodSeconds: 60,
        scaleOutPeriods: 3,
        scaleInPeriods: 15,
        metricDelaySeconds: 0,
        cpu: { perReplica: 1, perRequest: 1 },
        memoryPercent: 100,
      },
    },
  });
  const candidate = (warm: number): Candidate => ({
    label: "one size",
    sizing: {},
    capacity: capacity(warm),
    weight: null,
    bill: (month) => [
      {
        name: "on demand",
        key: "ec2/instance/a.demand",
        quantity: month.onDemandBusySeconds,
        basis: "on-demand",
      },
      {
        name: "kept warm",
        key: "ec2/instance/a.warm",
        quantity: month.provisionedSeconds,
        basis: "provisioned",
      },
      {
        name: "work on it",
        key: "ec2/instance/a.work",
        quantity: month.provisionedBusySeconds,
        basis: "on-demand",
      },
    ],
    figures: [],
  });

  /** One warm environment takes this share of its time of the work, which is one environment's; nothing is cold then. */
  function simulator(utilization: number): Simulator {
    return {
      simulate: ({ kind, ...size }): Simulation => {
        if (kind !== "environments" || !("provisioned" in size)) throw new Error("environments only");
        const warm = size.provisioned.scaling.max;
        const seconds = 86_400;
        const onWarm = warm * seconds * utilization;
        return {
          seconds,
          requests: 10 * seconds,
          failed: { timedOut: 0, throttled: 0 },
          backlog: { start: 0, end: 0 },
          latencyMs: { mean: 100, p50: 100, p95: 100, p99: 100 },
          waitMs: null,
          coldStarts: { requests: 0, fraction: warm > 0 ? 0.00001 : 0.05, ms: 1000 },
          replicas: { min: 0, average: 1, max: 1 },
          secondsAtReplicas: new Map(),
          launches: 0,
          busySeconds: seconds,
          provisioned: { seconds: warm * seconds, busySeconds: onWarm },
          onDemand: { busySeconds: 5 * seconds - onWarm, coldStartSeconds: 0, requests: 0 },
          series: { stepSeconds: 3600, arrivals: [], replicas: [], p99: [] },
          batch: null,
        };
      },
      monthOf,
    };
  }

  function kept(utilization: number, prices = SECOND, load: Workload = steady(10), option = true) {
    const { asked, context, row } = sizingOf([SMALL], load);
    const book = bookOf({
      "ec2/instance/a.demand": prices.demand,
      "ec2/instance/a.warm": prices.warm,
      "ec2/instance/a.work": prices.work,
    });
    const sizing = { ...context, simulator: simulator(utilization), billing: { ...context.billing, book } };
    const { deployment } = row;
    if (deployment === null) throw new Error("boxes carry it");
    const of = (warm: number): TargetDeployment => ({ ...deployment, candidates: () => [candidate(warm)] });
    const warming: Row = {
      ...row,
      deployment: of(0),
      withOptions: ({ provisionedConcurrency }) => (option ? of(Number(provisionedConcurrency)) : null),
    };
    const sized = sizeOf(warming, sizing);
    if (sized === null) throw new Error("no size");
    return {
      made: { asked, context: sizing, row: warming, sized },
      carried: [carriedOf({ row: warming, sized })],
    };
  }
  const advice = (...given: Parameters<typeof kept>) => {
    const { made, carried } = kept(...given);
    return advise(made, { carried });
  };

  test("PAY above the utilisation at which they begin to, by what two bills differ", () => {
    const all = advice(0.9);
    // A month of warmth, against what the work on it saves.
    const saved = MONTH * (0.9 * (SECOND.demand - SECOND.work) - SECOND.warm);
    expect(found(all, "PROVISIONED_CONCURRENCY_PAYS")).toEqual({
      code: "PROVISIONED_CONCURRENCY_PAYS",
      target: "boxes",
      message:
        "Keeping 1 environment of boxes warm would save $7.88 a month: it is 90 % busy, and 60 % is where it begins to pay. " +
        "Cold starts meet 5 % of the requests without, less than 0.01 % with.",
      numbers: {
        environments: 1,
        utilization: 0.9,
        breakEvenUtilization: 0.6,
        savedUsd: Math.round(saved * 100) / 100,
        coldStartFraction: 0.05,
        coldStartFractionWarm: 0.00001,
      },
    });
    expect(found(all, "PROVISIONED_CONCURRENCY_COSTS")).toBeUndefined();
  });

  test("COST below it", () => {
    const all = advice(0.3);
    expect(found(all, "PROVISIONED_CONCURRENCY_COSTS")).toMatchObject({
      message: expect.stringContaining(
        "would cost $7.88 more a month: it is 30 % busy, and 60 % is where",
      ) as unknown,
      numbers: { utilization: 0.3, breakEvenUtilization: 0.6, savedUsd: -7.88 },
    });
    expect(found(all, "PROVISIONED_CONCURRENCY_PAYS")).toBeUndefined();
  });

  test("cannot pay for themselves where warmth costs more than work on it saves", () => {
    const found_ = found(advice(1, { ...SECOND, warm: 1.2e-5 }), "PROVISIONED_CONCURRENCY_COSTS");
    expect(found_?.numbers).toMatchObject({ breakEvenUtilization: 1.2, savedUsd: -5.26 });
    expect(found_?.message).toContain(
      "more a month: it is 100 % busy, and at these prices it would not pay at 100 % either.",
    );
  });

  test("are as many as the quietest time keeps busy", () => {
    // 35 requests a second of a tenth of a second each.
    expect(advice(0.9, SECOND, dayAndNight(35, 90))[0]?.numbers).toMatchObject({ environments: 3 });
  });

  test("are no matter where some are warm already, where the target keeps none, and where replicas run", () => {
    expect(advice(0.9, SECOND, steady(10), false)).toEqual([]);
    const { made } = kept(0.9);
    const warm = withWarm(made.row, "one size", 1, made.context);
    if (warm === null) throw new Error("warm");
    const sized = { chosen: warm, others: [] };
    expect(advise(made, { carried: [carriedOf({ row: made.row, sized })] })).toEqual([]);
    const replicas = scene(steady(10));
    const codes = advise(replicas, { carried: [carriedOf(replicas)] }).map(({ code }) => code);
    expect(codes.filter((code) => code.startsWith("PROVISIONED"))).toEqual([]);
  });
});

describe("BATCH_IS_CHEAPER", () => {
  const batch = { records: 1000, recordSize: { bytes: 1 } as never, everySeconds: 86_400 };

  function both(job: number | null, online: number | null, load: Workload = steady(80, { batch })) {
    const made = scene(load);
    const nobody = with_(made.row, { answers: "nobody" });
    const jobs = carriedOf({ ...made, row: nobody }, { name: "jobs", usdPerMillion: job });
    const recommended = carriedOf(made, { usdPerMillion: online });
    return found(advise(made, { carried: [recommended, jobs], recommended }), "BATCH_IS_CHEAPER");
  }

  test("where a million records cost less than a million requests", () => {
    expect(both(0.004, 3.27)).toEqual({
      code: "BATCH_IS_CHEAPER",
      target: "jobs",
      message:
        "What can wait for the next run is cheaper on jobs: <$0.01 a million records there, $3.27 a million requests on boxes.",
      numbers: { usdPerMillionRecords: 0.004, usdPerMillionRequests: 3.27 },
    });
    expect(both(1.5, 3.27)?.numbers).toEqual({ usdPerMillionRecords: 1.5, usdPerMillionRequests: 3.27 });
  });

  test("not where it costs as much, where a cost is not known, or where there is no batch", () => {
    expect(both(3.27, 3.27)).toBeUndefined();
    expect(both(null, 3.27)).toBeUndefined();
    expect(both(1, null)).toBeUndefined();
    expect(both(1, 3.27, steady(80))).toBeUndefined();
  });
});

describe("TRY_GRAVITON", () => {
  /** Boxes that run on both, for a share of the price on arm64. */
  function onArm(share: number, manifest: Json = {}) {
    const base = boxes([SMALL]);
    const [mode] = Object.values(base.modes);
    if (mode === undefined) throw new Error("one mode");
    const target: Target = {
      ...base,
      modes: { box: { ...mode, architectures: ["x86_64", "arm64"] } },
      deployment: (plan) => {
        const own = base.deployment(plan);
        const part = plan.resources.architecture === "arm64" ? share : 1;
        return {
          ...own,
          candidates: (options) =>
            own.candidates(options)?.map((each) => ({
              ...each,
              bill: (month) =>
                each.bill(month).map((charge) => ({ ...charge, quantity: charge.quantity * part })),
            })) ?? null,
        };
      },
    };
    const { context } = sizingOf([SMALL], steady(80));
    const loaded = loadManifestValue(
      baseManifest({
        workload: { requestsPerSecond: 1, serviceTime: { p50: "100ms", p99: "100ms" } },
        ...manifest,
      }),
      process.cwd(),
    );
    const { plan, issues } = resolveManifest(loaded, {
      environment: null,
      targets: ["all"],
      registry: [target],
    });
    if (plan === null) throw new Error(JSON.stringify(issues));
    const asked: Asked = { plan, data: {}, registry: [target], load: { requests: true, batch: false } };
    const [row] = rowsOf(asked, ["boxes"]);
    const sized = row === undefined ? null : sizeOf(row, context);
    if (row === undefined || sized === null) throw new Error("no size");
    return found(
      advise({ asked, context, row, sized }, { recommended: carriedOf({ row, sized }) }),
      "TRY_GRAVITON",
    );
  }

  test("where an image for arm64 saves a tenth or more", () => {
    expect(onArm(0.8)).toEqual({
      code: "TRY_GRAVITON",
      target: "boxes",
      message:
        "An image for arm64 (Graviton) would bring boxes from $730 to $584 a month (t.small), where requests take as long there; measure that first.",
      numbers: { usd: 730, usdArm64: 584, savedUsd: 146 },
    });
    expect(onArm(0.9)?.numbers).toMatchObject({ savedUsd: 73 });
  });

  test("not where it saves less, where the image is for arm64 already, or where the target has none", () => {
    expect(onArm(0.91)).toBeUndefined();
    expect(onArm(0.8, { resources: { cpu: 1, memory: "2Gi", architecture: "arm64" } })).toBeUndefined();
    const made = scene(steady(80));
    expect(found(advise(made, { recommended: carriedOf(made) }), "TRY_GRAVITON")).toBeUndefined();
  });
});

describe("OPTIMISE_MODEL", () => {
  const at = (made: Scene, carried: Carried = carriedOf(made)) =>
    found(advise(made, { recommended: carried }), "OPTIMISE_MODEL");

  test("where a model twice as fast needs half of the replicas", () => {
    expect(at(scene(steady(80)))).toEqual({
      code: "OPTIMISE_MODEL",
      target: "boxes",
      message:
        "A model that is twice as fast would bring boxes from $730 to $365 a month: a compiler for its hardware " +
        "(SageMaker Neo, OpenVINO, ONNX Runtime) or quantisation may do that. It is bound by compute on t.small.",
      numbers: { meanServiceTimeMs: 100, usd: 730, usdTwiceAsFast: 365, savedUsd: 365 },
    });
  });

  test("names Neo's own field where the target has it, and the manifest an artifact that nobody compiles", () => {
    const made = scene(steady(80), SMALL, {
      model: { image: "busybox:1", artifact: "s3://models/a.tar.gz" },
    });
    const neo = with_(made.row, { optimizers: ["neo"] });
    expect(at(made, carriedOf({ ...made, row: neo }))?.message).toContain(
      ": model.optimize.neo has SageMaker Neo compile it for the instance. ",
    );
    expect(at(made)?.message).not.toContain("model.optimize.neo");
  });

  test("not where one replica is left either way, where CPU is not what it lacks, on GPUs, or for jobs", () => {
    expect(at(scene(steady(4)))).toBeUndefined();
    const made = scene(steady(80));
    const { capacity } = made.sized.chosen.candidate;
    if (capacity.kind !== "replicas") throw new Error("replicas");
    const scaling = { ...capacity.scaling, cpu: { perReplica: 1, perRequest: 0.5 } };
    expect(at(made, carriedOf({ row: made.row, sized: changed(made.sized, { scaling }) }))).toBeUndefined();
    const { plan } = made.asked;
    const gpus = {
      ...made,
      asked: { ...made.asked, plan: { ...plan, resources: { ...plan.resources, gpu: 1 } } },
    };
    expect(at(gpus)).toBeUndefined();
    expect(at(made, carriedOf({ ...made, row: with_(made.row, { answers: "nobody" }) }))).toBeUndefined();
  });
});

describe("TRY_INFERENTIA", () => {
  interface Case {
    readonly type?: string;
    readonly gpus?: number;
    readonly prices?: Readonly<Record<string, number>>;
    readonly answers?: Capabilities["answers"];
    /** Instance type of a recommended target beside which the endpoint is the manifest's own. */
    readonly beside?: string;
  }
  const HOSTING = {
    "sagemaker/instance/ml.g5.xlarge/hosting": 1.41,
    "sagemaker/instance/ml.inf2.xlarge/hosting": 0.99,
  };

  function inferentia({ type = "ml.g5.xlarge", gpus = 1, prices = HOSTING, answers, beside }: Case) {
    const made = scene(steady(80));
    const { plan } = made.asked;
    const asked = { ...made.asked, plan: { ...plan, resources: { ...plan.resources, gpu: gpus } } };
    const context = { ...made.context, billing: { ...made.context.billing, book: bookOf(prices) } };
    const on = (instanceType: string, name: string) =>
      carriedOf(
        {
          row: answers === undefined ? made.row : with_(made.row, { answers }),
          sized: changed(made.sized, {}, { instanceType }),
        },
        { name },
      );
    const endpoint = on(type, "endpoint");
    const parts =
      beside === undefined
        ? { recommended: endpoint }
        : { recommended: on(beside, "beside"), chosen: endpoint };
    return found(advise({ ...made, asked, context }, parts), "TRY_INFERENTIA");
  }

  test("where the smallest accelerator costs a tenth less by the hour, with both prices and their date", () => {
    expect(inferentia({})).toEqual({
      code: "TRY_INFERENTIA",
      target: "endpoint",
      message:
        "ml.inf2.xlarge costs $0.99 an hour where ml.g5.xlarge costs $1.41: where AWS Neuron compiles the model, measure it there before adding GPUs.",
      numbers: { usdPerHour: 1.41, usdPerHourInferentia: 0.99, asOf: "2026-11-01" },
    });
    expect(
      inferentia({ prices: { ...HOSTING, "sagemaker/instance/ml.g5.xlarge/hosting": 1.1 } })?.numbers,
    ).toMatchObject({
      usdPerHour: 1.1,
    });
  });

  test("of an asynchronous endpoint at its own prices", () => {
    const prices = {
      ...HOSTING,
      "sagemaker/instance/ml.g5.xlarge/async": 2.4,
      "sagemaker/instance/ml.inf2.xlarge/async": 1.2,
    };
    expect(inferentia({ answers: "later", prices })?.numbers).toMatchObject({
      usdPerHour: 2.4,
      usdPerHourInferentia: 1.2,
    });
    expect(inferentia({ answers: "later" })).toBeUndefined();
  });

  test("of the manifest's own endpoint, where the recommended target is none", () => {
    expect(inferentia({ beside: "g5.xlarge" })?.target).toBe("endpoint");
    expect(inferentia({ beside: "ml.g5.xlarge" })?.target).toBe("beside");
  });

  test.each<[string, Case]>([
    ["without a GPU", { gpus: 0 }],
    ["with several, which one accelerator does not stand for", { gpus: 4 }],
    ["on an instance of EC2", { type: "g5.xlarge" }],
    ["for a job", { answers: "nobody" }],
    ["where it saves less", { prices: { ...HOSTING, "sagemaker/instance/ml.g5.xlarge/hosting": 1.09 } }],
    ["where the region has none", { prices: { "sagemaker/instance/ml.g5.xlarge/hosting": 1.41 } }],
    ["where the GPU has no price", { prices: { "sagemaker/instance/ml.inf2.xlarge/hosting": 0.99 } }],
  ])("not %s", (_what, given) => {
    expect(inferentia(given)).toBeUndefined();
  });
});
