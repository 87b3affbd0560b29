import { existingNetwork } from "../../modules/charges/existing";
import { cloudWatchScaling, fixedReplicas } from "../../modules/charges/scaling";
import type { Candidate, CandidateOptions, Figure } from "../../modules/compare/target-comparison";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import type { EnvironmentCapacity, ReplicaScaling } from "../../modules/simulate/capacity";
import { scaleServiceTime } from "../../modules/workload/service-time";
import type { ServiceTime } from "../../modules/workload/workload";
import { bill } from "./bill";
import { FIGURES, REQUESTS_PER_ENVIRONMENT_SECOND } from "./figures";
import { LIMITS } from "./limits";
import type { Options } from "./options";
import { ephemeralStorage, inVpc, memory, mostProvisioned, provisionedConcurrency, scales } from "./settings";

type Plan = AwsTargetPlan<Options>;

/** Larger sizes that are tried beside the smallest that the checks take. */
const LARGER_SIZES = 2;

/**
 * The memory sizes that hold `resources`: the given one alone, or the one that is deployed by default and the next ones that
 * bring another whole vCPU. None where the manifest does not say how long a request takes. Smaller ones are left out: the
 * checks refuse them (LAMBDA_MEMORY).
 */
export function candidates(plan: Plan, { workload }: CandidateOptions): readonly Candidate[] {
  const { serviceTime, arrivals } = workload;
  if (serviceTime === null) return [];
  return memorySizes(plan).map((size): Candidate => {
    const vcpu = size / LIMITS.memoryPerVcpu.value;
    const start = coldStart(plan);
    return {
      label: `${size} MB`,
      sizing: {
        memoryMiB: size,
        vcpu: Number(vcpu.toFixed(2)),
        ephemeralStorageMiB: ephemeralStorage(plan),
        provisionedConcurrency: provisionedConcurrency(plan) ?? 0,
      },
      capacity: capacity(plan, onVcpus(serviceTime, plan.resources.cpu, vcpu), vcpu, start.ms),
      // Nothing always runs.
      weight: null,
      bill: (month) => bill(plan, { memory: size, coldStartBilled: start.billed, arrivals }, month),
      figures: figures(plan, start),
      notes: notes(plan, arrivals?.peak ?? 0),
      existing: inVpc(plan) ? existingNetwork(plan) : [],
    };
  });
}

function memorySizes(plan: Plan): readonly number[] {
  const smallest = memory(plan);
  if (plan.options.memory !== undefined) return [smallest];
  const perVcpu = LIMITS.memoryPerVcpu.value;
  const next = Math.floor(smallest / perVcpu) + 1;
  const larger = Array.from({ length: LARGER_SIZES }, (_, index) =>
    Math.min((next + index) * perVcpu, LIMITS.memoryMax.value),
  );
  return [...new Set([smallest, ...larger])];
}

/** A request takes longer where it has less CPU than it was measured on, and not less where it has more. */
function onVcpus(time: ServiceTime, measured: number, vcpu: number): ServiceTime {
  return vcpu < measured ? scaleServiceTime(time, measured / vcpu) : time;
}

interface ColdStart {
  readonly ms: number;
  /** Share of it that is billed. */
  readonly billed: number;
}

/**
 * Until a new environment works on its first request: the environment, and the server in it. Lambda gives a start ten
 * seconds and then begins anew within the first request, unless the adapter lets the first start go on.
 */
function coldStart({ options, model }: Plan): ColdStart {
  const startup = model.server.startup.milliseconds;
  const limit = LIMITS.initSeconds.value * 1000;
  const server = startup > limit && !options.adapter ? limit + startup : startup;
  const ms = FIGURES.environmentStart.value + server;
  return { ms, billed: server / ms };
}

function capacity(
  plan: Plan,
  serviceTime: ServiceTime,
  vcpu: number,
  coldStartMs: number,
): EnvironmentCapacity {
  return {
    kind: "environments",
    serviceTime,
    overheadMs: FIGURES.overhead.value,
    coldStartMs,
    keepAliveSeconds: FIGURES.keepAlive.value,
    maxConcurrency: mostEnvironments(plan),
    startsPerSecond: FIGURES.startsPerSecond.value,
    provisioned: {
      startupSeconds: Math.max(FIGURES.provisionedStart.value, plan.model.server.startup.seconds),
      scaling: provisioned(plan, vcpu),
    },
  };
}

/** What keeps environments warm: nothing, a fixed number, or the policies. */
function provisioned(plan: Plan, vcpu: number): ReplicaScaling {
  // One request keeps an environment busy, whatever it uses of it.
  const metrics = { cpu: { perReplica: vcpu, perRequest: vcpu }, memoryPercent: 100 };
  return scales(plan)
    ? cloudWatchScaling(plan.scaling, metrics)
    : fixedReplicas(provisionedConcurrency(plan) ?? 0, metrics);
}

function mostEnvironments({ options }: Plan): number {
  return options.reservedConcurrency ?? LIMITS.accountConcurrency.value;
}

function notes(plan: Plan, peak: number): readonly string[] {
  const most = mostEnvironments(plan) * REQUESTS_PER_ENVIRONMENT_SECOND;
  return [
    "The server's own log lines are not counted: their size is not known",
    "Answers count as leaving AWS only where network.public is true",
    ...(peak > most
      ? [
          `Lambda takes at most ${most} requests per second (${REQUESTS_PER_ENVIRONMENT_SECOND} for each environment allowed), which is not simulated; the peak is ${peak}`,
        ]
      : []),
  ];
}

function figures(plan: Plan, { ms }: ColdStart): readonly Figure[] {
  const { startup } = plan.model.server;
  return [
    {
      name: "cold start",
      value: ms,
      unit: "ms",
      source: `model.server.startup (${startup.toString()}) after ${FIGURES.environmentStart.value} ms: ${FIGURES.environmentStart.source}`,
      asOf: FIGURES.environmentStart.asOf,
      confidence: "medium",
    },
    FIGURES.keepAlive,
    FIGURES.overhead,
    FIGURES.startsPerSecond,
    ...(plan.options.reservedConcurrency === undefined
      ? [
          {
            name: "environments at once",
            value: LIMITS.accountConcurrency.value,
            unit: LIMITS.accountConcurrency.unit,
            source: `${LIMITS.accountConcurrency.source}: the account's default, which all its functions share`,
            asOf: LIMITS.accountConcurrency.asOf,
            confidence: "high" as const,
          },
        ]
      : []),
    ...(mostProvisioned(plan) > 0 ? [FIGURES.provisionedStart] : []),
  ];
}
