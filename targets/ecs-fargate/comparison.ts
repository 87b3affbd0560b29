import { existingNetwork } from "../../modules/charges/existing";
import { monthlyWeight } from "../../modules/charges/quantities";
import { cloudWatchScaling } from "../../modules/charges/scaling";
import type { Candidate, CandidateOptions, Figure } from "../../modules/compare/target-comparison";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import { priceKey } from "../../modules/prices/items";
import { Size } from "../../modules/units/size";
import { bill } from "./bill";
import { FIGURES } from "./figures";
import { LIMITS } from "./limits";
import type { Options } from "./options";
import { FALLBACK, idleSeconds, storageGiB, taskSize } from "./settings";
import { chooseSize, isProblem, type TaskSize } from "./sizes";

type Plan = AwsTargetPlan<Options>;

/** Replicas whose `resources` one task is tried to hold. */
const REPLICAS_PER_TASK = [1, 2, 4, 8] as const;

const UNITS_PER_VCPU = 1024;
const MIB_PER_GIB = 1024;

/**
 * The pairs of vCPUs and memory that hold `resources` once, twice, four and eight times; the one that the options choose
 * alone. A task that holds them several times works on as many times `workload.concurrency` requests. None where the manifest
 * does not say how long a request takes.
 */
export function candidates(plan: Plan, { workload, scalingGiven }: CandidateOptions): readonly Candidate[] {
  const { serviceTime, concurrency } = workload;
  if (serviceTime === null) return [];
  const { resources, scaling } = plan;
  const policies = scaling.policies.length === 0 && !scalingGiven ? [FALLBACK] : scaling.policies;
  return taskSizes(plan).map((size): Candidate => {
    const vcpu = size.units / UNITS_PER_VCPU;
    const memoryGiB = size.memoryMiB / MIB_PER_GIB;
    const slots = replicasIn(plan, size) * concurrency;
    const billed = { vcpu, memoryGiB, slots };
    // The alarms of policies belong to the bill, also of those that `compare` tries.
    const scaled: Plan = { ...plan, scaling: { ...scaling, policies } };
    return {
      label: `${vcpu} vCPU, ${memoryGiB} GB`,
      sizing: {
        vcpu,
        memoryMiB: size.memoryMiB,
        ephemeralStorageGiB: storageGiB(plan) ?? LIMITS.storageIncluded.value,
        requestsAtOnce: slots,
        spotPercent: Math.round(plan.options.spot),
      },
      capacity: {
        kind: "replicas",
        slots,
        serviceTime,
        overheadMs: FIGURES.overhead.value,
        startupSeconds: startup(plan).value,
        scaling: cloudWatchScaling(
          { ...scaling, policies },
          {
            cpu: { perReplica: vcpu, perRequest: resources.cpu / concurrency },
            memoryPercent: Math.min(100, (resources.memory.mebibytes / size.memoryMiB) * 100),
          },
        ),
        patienceSeconds: idleSeconds(plan),
      },
      weight: weight(plan, vcpu, memoryGiB),
      bill: (month) => bill(scaled, billed, month),
      figures: [startup(plan), FIGURES.taskStart, FIGURES.overhead],
      notes: notes(plan),
      existing: existingNetwork(plan),
    };
  });
}

/** Of a task on demand or, by its share, on Spot; as if Spot were free where its price is not known: never more than it costs. */
function weight({ region, resources, options }: Plan, vcpu: number, memoryGiB: number): number | null {
  const { architecture } = resources;
  const of = (spot: boolean) =>
    monthlyWeight(region.name, [
      [priceKey.fargateVcpu(architecture, spot), vcpu],
      [priceKey.fargateMemory(architecture, spot), memoryGiB],
    ]);
  const onDemand = of(false);
  const share = options.spot / 100;
  return onDemand === null ? null : onDemand * (1 - share) + (of(true) ?? 0) * share;
}

function taskSizes(plan: Plan): readonly TaskSize[] {
  const { resources, options } = plan;
  const chosen = taskSize(plan);
  if (options.cpu !== undefined || options.memory !== undefined) return [chosen];
  const sizes = REPLICAS_PER_TASK.flatMap((replicas) => {
    const size = chooseSize({
      cpu: resources.cpu * replicas,
      memory: Size.bytes(resources.memory.bytes * replicas),
      chosenCpu: undefined,
      chosenMemory: undefined,
    });
    return isProblem(size) ? [] : [size];
  });
  return sizes.filter(
    (size, index) =>
      sizes.findIndex(({ units, memoryMiB }) => units === size.units && memoryMiB === size.memoryMiB) ===
      index,
  );
}

/** How many times a task holds `resources`. */
function replicasIn({ resources }: Plan, { units, memoryMiB }: TaskSize): number {
  const byCpu = units / UNITS_PER_VCPU / resources.cpu;
  const byMemory = memoryMiB / resources.memory.mebibytes;
  return Math.max(1, Math.floor(Math.min(byCpu, byMemory)));
}

/** From the decision to the first request: the task, the server in it, and the load balancer's checks. */
function startup({ model, options: { healthCheck } }: Plan): Figure {
  const { startup: server } = model.server;
  const checks = healthCheck.interval.seconds * healthCheck.healthyThreshold;
  return {
    name: "start-up",
    value: FIGURES.taskStart.value + server.seconds + checks,
    unit: "s",
    source: `${FIGURES.taskStart.value} s of Fargate, model.server.startup (${server.toString()}), ${checks} s of health checks`,
    asOf: FIGURES.taskStart.asOf,
    confidence: FIGURES.taskStart.confidence,
  };
}

function notes({ model, options, network, scaling }: Plan): readonly string[] {
  return [
    ...(model.artifact === null
      ? []
      : ["The time in which model.artifact is downloaded is not counted: its size is not known"]),
    "The server's own log lines are not counted: their size is not known",
    "Extra tasks of a deployment are not counted",
    ...(network.public
      ? []
      : ["Callers in another availability zone pay for their traffic; it is not counted"]),
    ...(options.cluster === undefined
      ? ["Performance logs of Container Insights are not counted: their size is not known"]
      : ["Container Insights of the existing cluster is not counted"]),
    ...(scaling.policies.some((policy) => policy.type !== "scheduled" && policy.metric === "memory")
      ? ["Memory in use is taken as resources.memory, whatever the load"]
      : []),
  ];
}
