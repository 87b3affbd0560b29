import { type SageMakerInstance, sageMakerInstances } from "../../modules/aws/instances";
import { existingNetwork } from "../../modules/charges/existing";
import type { Candidate, CandidateOptions, Figure } from "../../modules/compare/target-comparison";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import { priceKey, type ServerlessMemory } from "../../modules/prices/items";
import {
  isGeneral,
  knownPrice,
  monthlyPrice,
  replicasOn,
  requestsAtWork,
  shortlist,
  type Sized,
  tightMemory,
} from "../../modules/sagemaker/shortlist";
import { HOURS_PER_MONTH, type ReplicaScaling } from "../../modules/simulate/capacity";
import { scaleServiceTime } from "../../modules/workload/service-time";
import type { ServiceTime, Workload } from "../../modules/workload/workload";
import { billOfInstances, billOfServerless } from "./bill";
import { DEFAULT_SERVERLESS_CONCURRENCY, instanceOf } from "./capacity";
import { check, CODES } from "./check";
import { FALLBACK } from "./fallback";
import { FIGURES, STEPS, TRACKING, TRACKING_HIGH_RESOLUTION, WAKE_SECONDS } from "./figures";
import { LIMITS, SERVERLESS_MEMORY } from "./limits";
import type { Mode, Options } from "./options";
import { pooledScaling, reachesZero, shadowVariant } from "./pool";

type Plan = AwsTargetPlan<Options>;

/** A workload of which the time is known. */
type Timed = Workload & { readonly serviceTime: ServiceTime };

/**
 * The sizes of an endpoint that can carry a replica. None where the workload has no service time, because nothing about
 * time can be computed then.
 */
export function candidates(plan: Plan, { workload, scalingGiven }: CandidateOptions): readonly Candidate[] {
  const { serviceTime } = workload;
  if (serviceTime === null) return [];
  const timed: Timed = { ...workload, serviceTime };
  return plan.options.mode === "serverless"
    ? serverlessCandidates(plan, timed)
    : instanceCandidates(plan, timed, scalingGiven);
}

function instanceCandidates(plan: Plan, workload: Timed, scalingGiven: boolean): readonly Candidate[] {
  return sizesOf(plan, workload).map((each) =>
    instanceCandidate(on(plan, each.instance), workload, each, scalingGiven),
  );
}

/** The sizes of plans that differ in nothing but their scaling, by their options: sizing asks for each number of instances. */
const known = new WeakMap<
  Options,
  { readonly plan: Plan; readonly workload: Workload; readonly sizes: readonly Sized[] }
>();

function sizesOf(plan: Plan, workload: Timed): readonly Sized[] {
  const before = known.get(plan.options);
  if (
    before?.plan.resources === plan.resources &&
    before.plan.model === plan.model &&
    before.plan.rollout === plan.rollout &&
    before.plan.region === plan.region &&
    before.workload.arrivals === workload.arrivals &&
    before.workload.serviceTime === workload.serviceTime &&
    before.workload.concurrency === workload.concurrency
  ) {
    return before.sizes;
  }
  const sizes = weigh(plan, workload);
  known.set(plan.options, { plan, workload, sizes });
  return sizes;
}

function weigh(plan: Plan, workload: Timed): readonly Sized[] {
  const { options, resources, region } = plan;
  const usage = options.mode === "async" ? "async" : "hosting";
  const slots = (instance: SageMakerInstance) => slotsOn(plan, workload, instance);
  const usual = instanceOf(plan, options);
  if (options.instanceType !== undefined) {
    if (usual === undefined) return [];
    const usdPerMonth = monthlyPrice(usual.type, usage, region.name);
    return [{ instance: usual, slots: slots(usual), usdPerMonth }];
  }
  const able = sageMakerInstances().filter(
    (instance) =>
      instance.hosting &&
      isGeneral(instance, resources) &&
      replicasOn(instance, resources) >= 1 &&
      isDeployable(on(plan, instance)),
  );
  const slotsNeeded = requestsAtWork(workload);
  return shortlist(able, { region: region.name, usage, slots, slotsNeeded, usual });
}

/** The plan as it would be with an instance type in the manifest. */
function on(plan: Plan, { type }: SageMakerInstance): Plan {
  return { ...plan, options: { ...plan.options, instanceType: type } };
}

/** Whether the target's own checks take a plan. */
function isDeployable(plan: Plan): boolean {
  const codes: Readonly<Record<string, { readonly severity: string } | undefined>> = CODES;
  for (const { code, severity } of check(plan)) {
    if ((severity ?? codes[code]?.severity ?? "error") === "error") return false;
  }
  return true;
}

/** Requests that an instance works on at once; in mode async no more than SageMaker sends it. */
function slotsOn(
  { resources, options }: Plan,
  { concurrency }: Workload,
  instance: SageMakerInstance,
): number {
  const holds = Math.max(1, replicasOn(instance, resources)) * concurrency;
  if (options.mode !== "async") return holds;
  const sent = options.maxConcurrentInvocations ?? concurrency;
  return Math.min(holds, sent, LIMITS.asyncConcurrency.value);
}

function instanceCandidate(
  plan: Plan,
  workload: Timed,
  { instance, slots, usdPerMonth }: Sized,
  scalingGiven: boolean,
): Candidate {
  const { options, resources } = plan;
  const async = options.mode === "async";
  const moved = withPolicies(plan, scalingGiven);
  const starting = startup(plan, instance);
  const replicas = Math.max(1, replicasOn(instance, resources));
  const scaling = pooledScaling(moved);
  const volume = options.volumeSize ?? resources.storage;
  return {
    label: instance.type,
    sizing: {
      instanceType: instance.type,
      vcpu: instance.vcpu,
      memoryGiB: instance.memoryGiB,
      ...(instance.gpus === 0 ? {} : { gpus: instance.gpus, gpu: instance.gpuName ?? "" }),
      requestsAtOnce: slots,
      ...(volume === null || instance.localNvmeGb > 0 ? {} : { volumeGiB: volume.gibibytes }),
    },
    capacity: {
      kind: "replicas",
      slots,
      serviceTime: workload.serviceTime,
      overheadMs: FIGURES.overhead.value,
      startupSeconds: starting.seconds,
      scaling: {
        ...scaling,
        ...watched(options.mode, scaling.policies),
        cpu: { perReplica: instance.vcpu, perRequest: resources.cpu / workload.concurrency },
        memoryPercent: Math.min(100, ((resources.memory.gibibytes * replicas) / instance.memoryGiB) * 100),
        ...(async && (reachesZero(moved) || !scalingGiven) ? { wakeSeconds: WAKE_SECONDS } : {}),
      },
      patienceSeconds: async ? null : LIMITS.requestSeconds.value,
    },
    weight: usdPerMonth,
    bill: (month) =>
      billOfInstances({ plan: moved, scalingGiven, slotsOn: (each) => slotsOn(plan, workload, each) }, month),
    figures: [...starting.figures, FIGURES.overhead],
    notes: notesOnInstances(plan, instance, replicas),
    existing: existingNetwork(plan),
  };
}

/** The plan with what moves its instances: the manifest's policies, or the target's own where it leaves that open. */
function withPolicies(plan: Plan, scalingGiven: boolean): Plan {
  const fallback = FALLBACK[plan.options.mode];
  return scalingGiven || plan.scaling.policies.length > 0 || fallback === null
    ? plan
    : { ...plan, scaling: { ...plan.scaling, policies: [fallback] } };
}

/** How the alarms behind policies watch their metrics. Mixed ones are taken to be as slow as the slowest. */
function watched(
  mode: Mode,
  policies: ReplicaScaling["policies"],
): Pick<ReplicaScaling, "metricPeriodSeconds" | "scaleOutPeriods" | "scaleInPeriods" | "metricDelaySeconds"> {
  const watching = policies.filter((policy) => policy.type !== "scheduled");
  const tracking = watching.filter(({ type }) => type === "target-tracking");
  // In mode async `concurrency` is the backlog, a metric of one minute.
  const fine =
    mode === "provisioned" &&
    watching.length > 0 &&
    watching.every(({ type, metric }) => type === "target-tracking" && metric === "concurrency");
  const how =
    watching.length > 0 && tracking.length === 0 ? STEPS : fine ? TRACKING_HIGH_RESOLUTION : TRACKING;
  return {
    metricPeriodSeconds: how.periodSeconds,
    scaleOutPeriods: how.scaleOutPeriods,
    scaleInPeriods: how.scaleInPeriods,
    // AWS publishes no figure for the way of a metric to its alarm.
    metricDelaySeconds: 0,
  };
}

/**
 * Seconds until a new instance answers. What was measured has a container with it; where the manifest's own server takes
 * longer than that one, its time counts after the instance is up.
 */
function startup(
  { model }: Plan,
  { gpus, accelerators }: SageMakerInstance,
): { readonly seconds: number; readonly figures: readonly Figure[] } {
  const cached = gpus > 0 || accelerators > 0;
  const whole = cached ? FIGURES.startCached : FIGURES.startCpu;
  const bare = cached ? FIGURES.provisionCached : FIGURES.provisionUncached;
  const slow = bare.value + model.server.startup.seconds;
  return slow > whole.value
    ? { seconds: slow, figures: [bare, serverStartup(model.server.startup.seconds)] }
    : { seconds: whole.value, figures: cached ? [whole, FIGURES.startUncached] : [whole] };
}

function serverStartup(seconds: number): Figure {
  return {
    name: "start-up of the server",
    value: seconds,
    unit: "s",
    source: "the manifest, model.server.startup",
    asOf: FIGURES.overhead.asOf,
    confidence: "medium",
  };
}

function notesOnInstances(plan: Plan, instance: SageMakerInstance, replicas: number): readonly string[] {
  const { options, resources, workload } = plan;
  const bodies = workload?.payload === undefined;
  const tight = tightMemory(instance, resources, replicas);
  return [
    ...(tight === null ? [] : [tight]),
    ...(replicas > 1
      ? [
          `${instance.type} has room for ${replicas} times \`resources\`: one container is taken to use all of it, with ${replicas} times the requests at once in the same time each`,
        ]
      : []),
    ...(resources.gpu > 0
      ? ["every GPU is taken to be as fast as the one that `workload.serviceTime` was measured on"]
      : []),
    ...(options.variants === undefined
      ? []
      : [
          `variants are simulated as one pool of ${instance.type}; each is billed with its own instance type, its minimum, and its share of what lies above`,
        ]),
    ...(shadowVariant(plan) === undefined
      ? []
      : [
          "not in the bill: data processed by the shadow variant, of which AWS does not say whether it is billed",
        ]),
    ...(options.mode === "async"
      ? ["not in the bill: data processed, of which no usage type for asynchronous inference is known"]
      : []),
    ...(plan.observability.dataCapture !== null && options.mode === "provisioned"
      ? [
          "not in the bill: requests to S3 for captured data, because AWS does not say how many records an object has",
        ]
      : []),
    ...commonNotes(bodies),
  ];
}

function commonNotes(noBodies: boolean): readonly string[] {
  return [
    "not in the bill: what the container itself writes to its log",
    ...(noBodies ? ["not in the bill: data, because the manifest names no `workload.payload`"] : []),
  ];
}

function serverlessCandidates(plan: Plan, workload: Timed): readonly Candidate[] {
  const { options, resources } = plan;
  const sizes = SERVERLESS_MEMORY.filter(
    (mebibytes) =>
      mebibytes >= resources.memory.mebibytes &&
      (options.memory === undefined || options.memory.mebibytes === mebibytes),
  );
  const sized = sizes.map((mebibytes) => serverlessCandidate(plan, workload, mebibytes / 1024));
  const able = sized.filter(({ capacity }) => capacity.serviceTime.p99 <= LIMITS.requestSeconds.value * 1000);
  return options.memory === undefined ? able : sized;
}

function serverlessCandidate(plan: Plan, workload: Timed, gibibytes: number): Candidate {
  const { options, resources, model, scaling, region } = plan;
  const memory = gibibytes as ServerlessMemory;
  const vcpu = gibibytes * FIGURES.serverlessVcpuPerGib.value;
  const factor = Math.max(1, resources.cpu / vcpu);
  const serviceTime = scaleServiceTime(workload.serviceTime, factor);
  const maxConcurrency = options.maxConcurrency ?? concurrencyFor({ ...workload, serviceTime });
  const kept = options.provisionedConcurrency ?? 0;
  const moving = scaling.policies.length > 0 && kept > 0;
  const server = model.server.startup.seconds;
  const coldStart = FIGURES.serverlessColdStart;
  const perSecond = knownPrice(priceKey.serverless(memory), region.name);
  return {
    label: `${memory * 1024} MB`,
    sizing: {
      memoryMiB: memory * 1024,
      vcpu,
      maxConcurrency,
      ...(kept === 0 ? {} : { provisionedConcurrency: kept }),
    },
    capacity: {
      kind: "environments",
      serviceTime,
      overheadMs: FIGURES.overhead.value,
      coldStartMs: Math.max(coldStart.value, server) * 1000,
      keepAliveSeconds: FIGURES.serverlessKeepAlive.value,
      maxConcurrency,
      startsPerSecond: null,
      provisioned: {
        startupSeconds: Math.max(FIGURES.serverlessProvisioning.value, server),
        scaling: {
          min: moving ? scaling.min : kept,
          max: moving ? scaling.max : kept,
          policies: moving ? scaling.policies : [],
          ...watched("serverless", moving ? scaling.policies : []),
          cpu: { perReplica: vcpu, perRequest: Math.min(vcpu, resources.cpu) },
          memoryPercent: Math.min(100, (resources.memory.gibibytes / memory) * 100),
        },
      },
    },
    weight: perSecond === null ? null : perSecond * HOURS_PER_MONTH * 3600,
    bill: (month) => billOfServerless(plan, memory, month),
    figures: [
      ...(server > coldStart.value ? [serverStartup(server)] : [coldStart]),
      FIGURES.serverlessKeepAlive,
      ...(kept === 0 ? [] : [FIGURES.serverlessProvisioning]),
      FIGURES.serverlessVcpuPerGib,
      FIGURES.overhead,
    ],
    notes: [
      ...(factor > 1
        ? [
            `${memory * 1024} MB come with ${vcpu} vCPU where \`resources.cpu\` is ${resources.cpu}: requests are taken to last ${Number(factor.toFixed(2))} times as long`,
          ]
        : []),
      "an environment is taken to work on one request at a time",
      ...commonNotes(plan.workload?.payload === undefined),
    ],
  };
}

/**
 * Concurrency that costs nothing but must suffice: the target's default, or twice what the busiest step has at work, up to
 * what a serverless endpoint may have.
 */
function concurrencyFor(workload: Workload): number {
  const wanted = Math.max(DEFAULT_SERVERLESS_CONCURRENCY, Math.ceil(2 * requestsAtWork(workload)));
  return Math.min(wanted, LIMITS.serverlessConcurrency.value);
}
