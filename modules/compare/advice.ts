import type { ScalingMetric } from "../manifest/schema";
import { priceKey } from "../prices/items";
import { isKnown } from "../prices/price";
import type { ReplicaCapacity } from "../simulate/capacity";
import type { Arrivals, ServiceTime } from "../workload/workload";
import type { AdviceCode } from "./codes";
import type { Advice } from "./comparison";
import { distanceTo } from "./engine";
import { type Asked, type Row, rowsOf } from "./feasibility";
import { money } from "./render/format";
import { type Sized, sizeOf, type SizingContext, withWarm } from "./sizing";

/** A target that carries the load, with the size that it takes. */
export interface Carried {
  readonly row: Row;
  readonly sized: Sized;
  /** As the document names it. */
  readonly name: string;
  readonly usdPerMillion: number | null;
}

/** What advice is drawn from. */
export interface AdviceContext {
  readonly asked: Asked;
  readonly sizing: SizingContext;
  /** Every target that carries the load. */
  readonly carried: readonly Carried[];
  /** The recommended one; null where none is. */
  readonly recommended: Carried | null;
  /** The manifest's own target; null where it names none, or it cannot carry the load. */
  readonly chosen: Carried | null;
}

/**
 * The part of what one replica can take at most that AWS has one begin with.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-loadtest.html (read 2026-11-23)
 */
const SAFETY_FACTOR = 0.5;
const SAFETY_SOURCE = "https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-loadtest.html";

/** Requests of at most so many milliseconds are light, where one replica answers at least so many of them in a second. */
const LIGHT = { milliseconds: 50, perSecond: 20 } as const;
/** Share of its CPUs that a fully busy replica uses, from which on they are what limits it. */
const CPU_BOUND = 0.8;
/** Most of what one replica can take that a target value may aim at, in percent of CPU or concurrency. */
const MOST_AIM = 0.8;
/** Least, however fast the load grows. */
const LEAST_AIM = 0.2;
/** Savings below this share of the bill are not worth a word. */
const WORTH = 0.1;

/** Advice for the manifest, each with its numbers, and only where it applies. */
export function adviceFor(context: AdviceContext): readonly Advice[] {
  return [
    ...tooSlow(context),
    ...scaleOn(context),
    ...keepWarm(context),
    ...batchInstead(context),
    ...otherHardware(context),
    ...fasterModel(context),
    ...inferentia(context),
  ];
}

/** Where one request alone takes longer than the goal, more replicas do not help. */
function tooSlow({ sizing: { workload, goal } }: AdviceContext): readonly Advice[] {
  const { serviceTime, arrivals } = workload;
  if (goal.p99 === null || arrivals === null || serviceTime === null || serviceTime.p99 <= goal.p99)
    return [];
  return [
    {
      ...about("SPEED_UP_MODEL", null),
      message:
        `One request alone takes ${ms(serviceTime.p99)} at the 99th percentile, above the goal of ${ms(goal.p99)}: ` +
        "no number of replicas helps. Make the model faster: compile it for its hardware (SageMaker Neo), quantise it, " +
        "or measure it on larger or accelerated hardware.",
      numbers: { serviceTimeP99Ms: serviceTime.p99, goalP99Ms: goal.p99 },
    },
  ];
}

/** The targets whose scaling is worth a word: the recommended and the manifest's own, else the cheapest with replicas. */
function scaling({ carried, recommended, chosen }: AdviceContext): readonly Carried[] {
  const replicated = (one: Carried | null): one is Carried =>
    one !== null && one.sized.chosen.candidate.capacity.kind === "replicas" && offered(one.row).length > 0;
  const main = [...new Set([recommended, chosen])].filter(replicated);
  if (main.length > 0) return main;
  return [...carried]
    .filter(replicated)
    .sort((a, b) => a.sized.chosen.bill.exactUsd - b.sized.chosen.bill.exactUsd)
    .slice(0, 1);
}

function offered({ capabilities }: Row): readonly ScalingMetric[] {
  return capabilities.scaling.policies["target-tracking"] ?? [];
}

function scaleOn(context: AdviceContext): readonly Advice[] {
  const { sizing } = context;
  return scaling(context).flatMap((carried): readonly Advice[] => {
    const { capacity } = carried.sized.chosen.candidate;
    const { arrivals } = sizing.workload;
    if (capacity.kind !== "replicas" || arrivals === null) return [];
    const most = sustainable(capacity, sizing);
    if (most === null) return [];
    const { metric, why } = metricFor(carried, capacity, most, context.asked.plan.resources.gpu > 0);
    const reaction =
      capacity.scaling.metricPeriodSeconds * capacity.scaling.scaleOutPeriods +
      capacity.scaling.metricDelaySeconds +
      capacity.startupSeconds;
    const floor = Math.max(1, capacity.scaling.min) * most * SAFETY_FACTOR;
    const growth = growthWithin(arrivals, reaction, floor);
    const aim = (limit: number) => Math.max(LEAST_AIM, Math.min(limit, 1 / growth));
    const perSecond = capacity.serviceTime.mean / 1000;
    const grows =
      growth > 1.005
        ? ` The load grows up to ${percent(growth - 1)} in the ${Math.round(reaction)} s until a new replica answers.`
        : "";
    const common = {
      maxRequestsPerSecond: three(most),
      reactionSeconds: Math.round(reaction),
      growth: three(growth),
    };
    switch (metric) {
      case "invocations-per-instance": {
        const safety = aim(SAFETY_FACTOR);
        const target = Math.max(1, Math.round(most * safety * 60));
        return [
          {
            ...about("SCALE_ON_INVOCATIONS", carried.name),
            message:
              `Scale ${carried.name} on invocations-per-instance, target ${target} a minute: ${why}. One replica of ` +
              `${carried.sized.chosen.candidate.label} keeps the goal up to ${three(most)} requests/s, times a safety factor of ${two(safety)}, times 60.${grows}`,
            numbers: { target, safetyFactor: two(safety), ...common, source: SAFETY_SOURCE },
          },
        ];
      }
      case "concurrency": {
        const target = Math.max(1, Math.floor(most * perSecond * aim(MOST_AIM) * 10) / 10);
        return [
          {
            ...about("SCALE_ON_CONCURRENCY", carried.name),
            message:
              `Scale ${carried.name} on concurrency, target ${target} requests at once on each replica: ${why}. One replica of ` +
              `${carried.sized.chosen.candidate.label} keeps the goal with up to ${three(most * perSecond)} at work on average, of ${capacity.slots} that it takes.${grows}`,
            numbers: { target, slots: capacity.slots, atWork: three(most * perSecond), ...common },
          },
        ];
      }
      default: {
        const { perRequest, perReplica } = capacity.scaling.cpu;
        const used = Math.min(1, (most * perSecond * perRequest) / perReplica);
        const target = Math.max(1, Math.round(used * aim(MOST_AIM) * 100));
        return [
          {
            ...about("SCALE_ON_CPU", carried.name),
            message:
              `Scale ${carried.name} on cpu, target ${target} %: ${why}. One replica of ${carried.sized.chosen.candidate.label} ` +
              `keeps the goal up to ${three(most)} requests/s, at ${percent(used)} of its CPUs.${grows}`,
            numbers: { target, cpuAtMost: two(used), ...common },
          },
        ];
      }
    }
  });
}

/** The metric that says first that a replica has enough to do, of those that the target offers. */
function metricFor(
  { row }: Carried,
  { serviceTime, slots, scaling: { cpu } }: ReplicaCapacity,
  most: number,
  gpu: boolean,
): { readonly metric: ScalingMetric; readonly why: string } {
  const can = offered(row);
  const full = Math.min(1, (cpu.perRequest * slots) / cpu.perReplica);
  const later = row.capabilities.answers === "later";
  const atOnce = slots === 1 ? "one request at a time uses" : `${slots} requests at once use`;
  const wishes: { readonly metric: ScalingMetric; readonly why: string; readonly when: boolean }[] = [
    {
      metric: "concurrency",
      why: "requests queue, and the queue tells how many replicas they need",
      when: later,
    },
    {
      metric: "concurrency",
      why: "its work is done by GPUs, which CPU does not show",
      when: !later && gpu,
    },
    {
      metric: "invocations-per-instance",
      why: "its work is done by GPUs, which CPU does not show, and it has no metric of concurrency",
      when: !later && gpu,
    },
    {
      metric: "invocations-per-instance",
      why: `requests are light (${ms(serviceTime.mean)} on average) and many`,
      when: serviceTime.mean <= LIGHT.milliseconds && most >= LIGHT.perSecond,
    },
    {
      metric: "cpu",
      why: `it is bound by compute: ${atOnce} ${percent(full)} of its CPUs, by resources.cpu`,
      when: full >= CPU_BOUND,
    },
    {
      metric: "concurrency",
      why: `requests wait more than they compute: ${atOnce} only ${percent(full)} of its CPUs`,
      when: full < CPU_BOUND,
    },
    {
      metric: "invocations-per-instance",
      why: `${atOnce} only ${percent(full)} of its CPUs, and it has no metric of concurrency`,
      when: full < CPU_BOUND,
    },
  ];
  const wish = wishes.find(({ when, metric }) => when && can.includes(metric));
  return (
    wish ?? { metric: can.includes("cpu") ? "cpu" : (can[0] ?? "cpu"), why: "it is what the target offers" }
  );
}

/** Requests per second that one replica takes in the long run within the goal; null where it takes none. */
function sustainable(capacity: ReplicaCapacity, { workload, goal, simulator }: SizingContext): number | null {
  const alone: ReplicaCapacity = {
    ...capacity,
    scaling: { ...capacity.scaling, min: 1, max: 1, policies: [] },
  };
  const full = capacity.slots / (capacity.serviceTime.mean / 1000);
  const holds = (rate: number) =>
    distanceTo(goal, simulator.simulate(alone, { ...workload, arrivals: constant(rate) }), alone) <= 1;
  let [low, high] = [0, full];
  for (let halving = 0; halving < 7; halving++) {
    const middle = (low + high) / 2;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low === 0 ? null : low;
}

function constant(rate: number): Arrivals {
  return {
    origin: "constant",
    rates: [rate],
    stepSeconds: 3600,
    start: Date.UTC(1970, 0, 5),
    average: rate,
    peak: rate,
    assumption: null,
  };
}

/**
 * How many times as high the load is after some seconds, at most.
 * @param floor requests per second below which nothing needs to be scaled, so that what grows up to there does not count.
 */
export function growthWithin({ rates, stepSeconds }: Arrivals, seconds: number, floor: number): number {
  const ahead = Math.max(1, Math.ceil(seconds / stepSeconds));
  let most = 1;
  for (const [index, rate] of rates.entries()) {
    const from = Math.max(rate, floor);
    if (from <= 0) continue;
    for (let step = 1; step <= Math.min(ahead, rates.length); step++)
      most = Math.max(most, (rates[(index + step) % rates.length] ?? 0) / from);
  }
  return most;
}

/** Whether keeping environments warm is cheaper than starting them, from two bills of the same load. */
function keepWarm({ carried, sizing }: AdviceContext): readonly Advice[] {
  const { arrivals } = sizing.workload;
  if (arrivals === null) return [];
  return carried.flatMap(({ row, sized, name }): readonly Advice[] => {
    const { candidate, warm: already } = sized.chosen;
    const { capacity } = candidate;
    if (capacity.kind !== "environments" || already > 0 || capacity.provisioned.scaling.max > 0) return [];
    const plain = sized.chosen;
    const lowest = Math.min(...arrivals.rates);
    const busy = (lowest * capacity.serviceTime.mean) / 1000;
    const warm = Math.max(1, Math.floor(busy));
    const kept = withWarm(row, candidate.label, warm, sizing);
    if (kept === null) return [];
    const { provisionedSeconds, provisionedBusySeconds } = kept.month;
    const moved = plain.bill.cost.onDemand - kept.bill.cost.onDemand;
    const fixed = kept.bill.cost.provisioned - plain.bill.cost.provisioned;
    if (provisionedSeconds <= 0 || provisionedBusySeconds <= 0 || moved <= 0 || fixed <= 0) return [];
    const breakEven = fixed / provisionedSeconds / (moved / provisionedBusySeconds);
    const utilization = provisionedBusySeconds / provisionedSeconds;
    const saved = plain.bill.exactUsd - kept.bill.exactUsd;
    const pays = saved > 0;
    const cold = plain.simulation.coldStarts.fraction;
    const verdict = pays ? `would save ${money(saved)} a month` : `would cost ${money(-saved)} more a month`;
    const begins =
      breakEven >= 1
        ? "at these prices it would not pay at 100 % either"
        : `${percent(breakEven)} is where it begins to pay`;
    return [
      {
        ...about(pays ? "PROVISIONED_CONCURRENCY_PAYS" : "PROVISIONED_CONCURRENCY_COSTS", name),
        message:
          `Keeping ${warm} ${warm === 1 ? "environment" : "environments"} of ${name} warm ${verdict}: ` +
          `${warm === 1 ? "it is" : "they are"} ${percent(utilization)} busy, and ${begins}. ` +
          `Cold starts meet ${percentOf(cold)} of the requests without, ${percentOf(kept.simulation.coldStarts.fraction)} with.`,
        numbers: {
          environments: warm,
          utilization: two(utilization),
          breakEvenUtilization: two(breakEven),
          savedUsd: Math.round(saved * 100) / 100,
          coldStartFraction: three(cold),
          coldStartFractionWarm: three(kept.simulation.coldStarts.fraction),
        },
      },
    ];
  });
}

/** Records that can wait are cheaper in bulk, where they are. */
function batchInstead({ carried, recommended, sizing }: AdviceContext): readonly Advice[] {
  const { arrivals, batch } = sizing.workload;
  const job = carried.find(({ row }) => row.capabilities.answers === "nobody");
  if (arrivals === null || batch === null || job?.usdPerMillion === undefined) return [];
  const online = recommended?.usdPerMillion ?? null;
  if (recommended === null || online === null || job.usdPerMillion === null || job.usdPerMillion >= online)
    return [];
  return [
    {
      ...about("BATCH_IS_CHEAPER", job.name),
      message:
        `What can wait for the next run is cheaper on ${job.name}: ${money(job.usdPerMillion)} a million records there, ` +
        `${money(online)} a million requests on ${recommended.name}.`,
      numbers: { usdPerMillionRecords: three(job.usdPerMillion), usdPerMillionRequests: three(online) },
    },
  ];
}

/** The same on Graviton, where the target has it and the image is for x86_64. */
function otherHardware({ asked, recommended, sizing }: AdviceContext): readonly Advice[] {
  const { resources } = asked.plan;
  if (recommended === null || resources.architecture === "arm64" || resources.gpu > 0) return [];
  const { row, sized, name } = recommended;
  if (!row.capabilities.architectures.includes("arm64")) return [];
  const plan = { ...asked.plan, resources: { ...resources, architecture: "arm64" as const } };
  const there = rowsOf({ ...asked, plan }, [row.target.kind]).find(({ mode }) => mode === row.mode);
  const onArm =
    there === undefined ? null : sizeOf(there, { ...sizing, billing: { ...sizing.billing, plan } });
  if (onArm === null) return [];
  const now = sized.chosen.bill;
  const then = onArm.chosen.bill;
  const saved = now.exactUsd - then.exactUsd;
  if (saved < now.exactUsd * WORTH || then.cost.unknown.length > now.cost.unknown.length) return [];
  return [
    {
      ...about("TRY_GRAVITON", name),
      message:
        `An image for arm64 (Graviton) would bring ${name} from ${money(now.exactUsd)} to ${money(then.exactUsd)} a month ` +
        `(${onArm.chosen.candidate.label}), where requests take as long there; measure that first.`,
      numbers: { usd: cents(now.exactUsd), usdArm64: cents(then.exactUsd), savedUsd: cents(saved) },
    },
  ];
}

/** What a model that is twice as fast would save: where that is much, optimising it is the lever, not scaling. */
function fasterModel({ asked, recommended, sizing }: AdviceContext): readonly Advice[] {
  const { serviceTime } = sizing.workload;
  if (recommended === null || serviceTime === null || asked.plan.resources.gpu > 0) return [];
  const { row, sized, name } = recommended;
  const { capacity } = sized.chosen.candidate;
  const bound =
    capacity.kind !== "replicas" ||
    (capacity.scaling.cpu.perRequest * capacity.slots) / capacity.scaling.cpu.perReplica >= CPU_BOUND;
  if (!bound || row.capabilities.answers === "nobody") return [];
  const half: ServiceTime = {
    p50: serviceTime.p50 / 2,
    p99: serviceTime.p99 / 2,
    mean: serviceTime.mean / 2,
    scv: serviceTime.scv,
  };
  const faster = sizeOf(row, { ...sizing, workload: { ...sizing.workload, serviceTime: half } });
  if (faster === null) return [];
  const now = sized.chosen.bill.exactUsd;
  const then = faster.chosen.bill.exactUsd;
  if (now - then < now * WORTH) return [];
  const neo =
    row.capabilities.optimizers?.includes("neo") === true &&
    asked.plan.model.optimize === null &&
    asked.plan.model.artifact !== null
      ? "model.optimize.neo has SageMaker Neo compile it for the instance"
      : "a compiler for its hardware (SageMaker Neo, OpenVINO, ONNX Runtime) or quantisation may do that";
  return [
    {
      ...about("OPTIMISE_MODEL", name),
      message:
        `A model that is twice as fast would bring ${name} from ${money(now)} to ${money(then)} a month: ${neo}. ` +
        `It is bound by compute on ${sized.chosen.candidate.label}.`,
      numbers: {
        meanServiceTimeMs: three(serviceTime.mean),
        usd: cents(now),
        usdTwiceAsFast: cents(then),
        savedUsd: cents(now - then),
      },
    },
  ];
}

/** The smallest accelerator of AWS's own, beside a GPU instance that costs more. */
const INFERENTIA = "ml.inf2.xlarge";

function inferentia({ asked, recommended, chosen, sizing: { billing } }: AdviceContext): readonly Advice[] {
  if (asked.plan.resources.gpu !== 1) return [];
  // Jobs run on no accelerator of AWS's own, and what EKS runs on has another price.
  const endpoint = [recommended, chosen].flatMap((one) => {
    const type = one?.sized.chosen.candidate.sizing.instanceType;
    const { answers } = one?.row.capabilities ?? {};
    return one !== null && answers !== "nobody" && typeof type === "string" && type.startsWith("ml.")
      ? [{ name: one.name, type, usage: answers === "later" ? ("async" as const) : ("hosting" as const) }]
      : [];
  })[0];
  if (endpoint === undefined) return [];
  const { name: on, type, usage } = endpoint;
  const price = (name: string) => billing.book.price(priceKey.sageMakerInstance(name, usage), billing.region);
  const [gpu, accelerator] = [price(type), price(INFERENTIA)];
  if (!isKnown(gpu) || !isKnown(accelerator)) return [];
  const [now, then] = [gpu.tiers[0].usd, accelerator.tiers[0].usd];
  if (now - then < now * WORTH) return [];
  return [
    {
      ...about("TRY_INFERENTIA", on),
      message:
        `${INFERENTIA} costs ${money(then)} an hour where ${type} costs ${money(now)}: where AWS Neuron compiles the model, ` +
        "measure it there before adding GPUs.",
      numbers: { usdPerHour: now, usdPerHourInferentia: then, asOf: accelerator.asOf },
    },
  ];
}

/** The beginning of a piece of advice; its code is one of the documented ones. */
function about(code: AdviceCode, target: string | null): Pick<Advice, "code" | "target"> {
  return { code, target };
}

function three(value: number): number {
  return Number(value.toPrecision(3));
}

function two(value: number): number {
  return Number(value.toFixed(2));
}

function cents(value: number): number {
  return Math.round(value * 100) / 100;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function percentOf(share: number): string {
  return share > 0 && share < 0.0001 ? "less than 0.01 %" : `${Number((share * 100).toPrecision(2))} %`;
}

function ms(value: number): string {
  return `${Number(value.toPrecision(3))} ms`;
}
