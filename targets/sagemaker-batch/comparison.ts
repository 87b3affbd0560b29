import { type SageMakerInstance, sageMakerInstances } from "../../modules/aws/instances";
import { existingNetwork } from "../../modules/charges/existing";
import type { Candidate, CandidateOptions, Figure } from "../../modules/compare/target-comparison";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import {
  isGeneral,
  monthlyPrice,
  replicasOn,
  shortlist,
  type Sized,
  tightMemory,
} from "../../modules/sagemaker/shortlist";
import type { ServiceTime, Workload } from "../../modules/workload/workload";
import { batchLoadOf, makespan } from "../../modules/simulate/batch";
import { inSequence, serviceDistribution } from "../../modules/workload/service-time";
import { billOfJobs } from "./bill";
import { holds, instanceOf, instancesOf, recordsPerRequest } from "./capacity";
import { FIGURES } from "./figures";
import { LIMITS } from "./limits";
import type { Options } from "./options";

type Plan = AwsTargetPlan<Options>;

/** A workload of which a job's time can be computed. */
type Job = Workload & {
  readonly serviceTime: ServiceTime;
  /** The manifest's batch load, or else the requests of a day, which wait for one job a day. */
  readonly load: ReturnType<typeof batchLoadOf>;
  /** Null where the manifest does not say. */
  readonly recordBytes: number | null;
};

/** The sizes of a job. None where the workload has no load at all, or no service time to compute with. */
export function candidates(plan: Plan, { workload }: CandidateOptions): readonly Candidate[] {
  const { serviceTime, batch, arrivals, payload } = workload;
  if (serviceTime === null || (batch === null && arrivals === null)) return [];
  const load = batchLoadOf(workload);
  const recordBytes = batch?.recordSize.bytes ?? payload?.requestBytes ?? null;
  const job: Job = { ...workload, serviceTime, load, recordBytes };
  return sizesOf(plan, job).map((each) => candidate(plan, job, each));
}

function sizesOf(plan: Plan, job: Job): readonly Sized[] {
  const { options, resources, region } = plan;
  const slots = (instance: SageMakerInstance) => slotsOn(plan, job, instance);
  const usual = instanceOf(plan, options);
  if (options.instanceType !== undefined) {
    if (usual === undefined) return [];
    const usdPerMonth = monthlyPrice(usual.type, "transform", region.name);
    return [{ instance: usual, slots: slots(usual), usdPerMonth }];
  }
  const able = sageMakerInstances().filter(
    (instance) => instance.transform && isGeneral(instance, resources) && holds(instance, plan),
  );
  const needed = slotsNeeded(plan, job);
  return shortlist(able, { region: region.name, usage: "transform", slots, slotsNeeded: needed, usual });
}

/** Requests that an instance works on at once: as many as it is sent, and has room for. */
function slotsOn({ options, resources }: Plan, { concurrency }: Job, instance: SageMakerInstance): number {
  return Math.min(
    options.maxConcurrentTransforms,
    Math.max(1, replicasOn(instance, resources)) * concurrency,
  );
}

/** Seconds that a job may take: until the next one, and no longer than its timeout. */
function windowSeconds({ options }: Plan, { load }: Job): number {
  return Math.min(load.everySeconds, options.timeout.seconds);
}

function requestsOf(plan: Plan, job: Job): { readonly count: number; readonly time: ServiceTime } {
  const records = recordsPerRequest(plan.options, job.load.records, job.recordBytes);
  return { count: Math.ceil(job.load.records / records), time: inSequence(job.serviceTime, records) };
}

/** Seconds from a job's start to its end. */
function runSeconds(plan: Plan, job: Job, slots: number): number {
  const { count, time } = requestsOf(plan, job);
  return startup(plan).seconds + makespan(count, slots, serviceDistribution(time));
}

function slotsNeeded(plan: Plan, job: Job): number {
  const { count, time } = requestsOf(plan, job);
  const seconds = Math.max(1, windowSeconds(plan, job) - startup(plan).seconds);
  return Math.max(1, Math.ceil((count * time.mean) / 1000 / seconds));
}

/** The manifest's instances; where it leaves both type and number open, the fewest that end in time. */
function machinesFor(plan: Plan, job: Job, slots: number): number {
  const { instanceType, instanceCount } = plan.options;
  if (instanceType !== undefined || instanceCount !== undefined) return instancesOf(plan.options);
  const most = LIMITS.instancesMax.value;
  let machines = Math.min(most, Math.ceil(slotsNeeded(plan, job) / slots));
  while (machines < most && runSeconds(plan, job, slots * machines) > windowSeconds(plan, job)) machines += 1;
  return machines;
}

/** Seconds until the first record is worked on, the server's own start-up included where it is the longer part. */
function startup({ model }: Plan): { readonly seconds: number; readonly figures: readonly Figure[] } {
  const { start } = FIGURES;
  const own = model.server.startup.seconds;
  if (own <= start.value) return { seconds: start.value, figures: [start] };
  const server: Figure = {
    name: "start-up of the server",
    value: own,
    unit: "s",
    source: "the manifest, model.server.startup",
    asOf: start.asOf,
    confidence: "medium",
  };
  return { seconds: start.value + own, figures: [start, server] };
}

function candidate(plan: Plan, job: Job, { instance, slots, usdPerMonth }: Sized): Candidate {
  const { options, workload } = plan;
  const machines = machinesFor(plan, job, slots);
  const records = recordsPerRequest(options, job.load.records, job.recordBytes);
  const starting = startup(plan);
  const tight = tightMemory(instance, plan.resources, Math.max(1, replicasOn(instance, plan.resources)));
  return {
    label: machines === 1 ? instance.type : `${machines} × ${instance.type}`,
    sizing: {
      instanceType: instance.type,
      instanceCount: machines,
      vcpu: instance.vcpu,
      memoryGiB: instance.memoryGiB,
      ...(instance.gpus === 0 ? {} : { gpus: instance.gpus, gpu: instance.gpuName ?? "" }),
      requestsAtOnce: slots * machines,
      recordsPerRequest: records,
    },
    capacity: {
      kind: "batch",
      startupSeconds: starting.seconds,
      slots: slots * machines,
      serviceTime: inSequence(job.serviceTime, records),
      recordsPerRequest: records,
      machines,
    },
    weight: usdPerMonth === null ? null : usdPerMonth * machines,
    bill: (month) =>
      billOfJobs(plan, { load: job.load, recordBytes: job.recordBytes, instance, machines }, month),
    figures: starting.figures,
    existing: existingNetwork(plan),
    notes: [
      ...(tight === null ? [] : [tight]),
      ...(job.batch === null
        ? [
            "the manifest names no `workload.batch`: the requests of a day are taken to wait for one job a day",
          ]
        : []),
      ...(records > 1
        ? [
            `a request carries ${records} records and is taken to last as long as that many requests of one: what the model gains from batches is not known`,
          ]
        : []),
      ...(machines > 1 && options.splitType !== "None"
        ? [
            `the input is taken to lie in at least ${machines} objects of the same size: SageMaker gives whole objects to instances`,
          ]
        : []),
      ...(options.onArrival
        ? [
            "not in the bill: a job for each object that arrives, of which the workload does not say how many there are",
          ]
        : []),
      ...(workload?.payload === undefined
        ? ["not in the bill: storage of the results, because the manifest names no `workload.payload`"]
        : []),
      "not in the bill: the machines' volumes, of which AWS publishes no size; a handful of requests to the key for each job; logs and traces of the state machine; what the container itself writes to its log",
    ],
  };
}
