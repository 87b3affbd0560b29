import type { SageMakerInstance } from "../../modules/aws/instances";
import { internetCharge } from "../../modules/charges/quantities";
import type { Charge, Month } from "../../modules/compare/target-comparison";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import { priceKey, type ServerlessMemory } from "../../modules/prices/items";
import { billed, gigabytes, share, watching } from "../../modules/sagemaker/charges";
import { HOURS_PER_MONTH } from "../../modules/simulate/capacity";
import { capturesData } from "./features";
import { ALARMS_OF_TRACKING, DEFAULT_VOLUME } from "./figures";
import { LIMITS } from "./limits";
import type { Options } from "./options";
import { productionVariants, reachesZero, shadowVariant } from "./pool";
import type { PlannedVariant } from "./variant";

type Plan = AwsTargetPlan<Options>;

const SECONDS_PER_MONTH = HOURS_PER_MONTH * 3600;

/** What the bill of an endpoint on instances depends on beside the month. */
export interface InstanceBill {
  /** With the candidate's instance type, and its policies. */
  readonly plan: Plan;
  /** Whether the manifest says how many instances there are. */
  readonly scalingGiven: boolean;
  /** Requests that an instance works on at once. */
  readonly slotsOn: (instance: SageMakerInstance) => number;
}

/** Instances of one variant, over a month. */
interface Fleet {
  readonly variant: PlannedVariant;
  readonly instance: SageMakerInstance;
  /** On average. */
  readonly instances: number;
  /** Requests that it gets, as a share of all; copies too. */
  readonly share: number;
}

/** What a month of an endpoint in mode provisioned or async costs, without what the foundation has. */
export function billOfInstances(bill: InstanceBill, month: Month): readonly Charge[] {
  const { plan, slotsOn } = bill;
  const { options, observability } = plan;
  const async = options.mode === "async";
  const running = fleets(bill, month);
  const copies = shadowVariant(plan)?.weight ?? 0;
  return billed([
    ...running.flatMap(({ variant, instance, instances, share: part }): readonly Charge[] => {
      const capacity = instances * SECONDS_PER_MONTH * slotsOn(instance);
      const used = share(month.busySeconds * part, capacity);
      const of = variant.label === null ? "" : `, variant ${variant.label}`;
      const volume = volumeOf(plan, instance);
      return [
        {
          name: `${instance.type} instances${of}`,
          key: priceKey.sageMakerInstance(instance.type, async ? "async" : "hosting"),
          quantity: instances * HOURS_PER_MONTH,
          basis: "provisioned",
          used,
        },
        {
          name: `volumes of ${instance.type}${of}`,
          key: "sagemaker/storage",
          quantity: volume.gigabytes * instances,
          basis: "provisioned",
          used,
          ...(volume.assumption === null ? {} : { assumption: volume.assumption }),
        },
      ];
    }),
    ...(async ? resultsInS3(plan, month) : dataProcessed(month)),
    internetCharge(month, plan.network.public),
    ...(capturesData(plan)
      ? [
          {
            name: "captured data",
            key: "s3/storage",
            quantity:
              ((observability.dataCapture ?? 0) / 100) *
              (1 + copies) *
              gigabytes(month.bytesIn + month.bytesOut),
            basis: "on-demand",
            assumption: `${observability.dataCapture ?? 0} % of the bodies, kept for a month; each further month costs as much again`,
          } as const,
        ]
      : []),
    ...watching({ ...alarmsOf(withPoliciesOf(bill, month)), dashboard: observability.dashboard }),
  ]);
}

/** What a month of a serverless endpoint costs. */
export function billOfServerless(plan: Plan, memory: ServerlessMemory, month: Month): readonly Charge[] {
  const size = `${memory * 1024} MB`;
  return billed([
    {
      name: `inference with ${size}`,
      key: priceKey.serverless(memory),
      quantity: month.onDemandBusySeconds,
      basis: "on-demand",
      assumption: "cold starts are not billed: AWS bills the duration of the inference",
    },
    {
      name: `provisioned concurrency with ${size}`,
      key: priceKey.serverlessProvisioned(memory),
      quantity: month.provisionedSeconds,
      basis: "provisioned",
      used: share(month.provisionedBusySeconds, month.provisionedSeconds),
    },
    {
      name: `inference on provisioned concurrency with ${size}`,
      key: priceKey.serverlessProvisionedDuration(memory),
      quantity: month.provisionedBusySeconds,
      basis: "on-demand",
    },
    ...dataProcessed(month),
    internetCharge(month, plan.network.public),
    ...watching({ ...alarmsOf(plan), dashboard: plan.observability.dashboard }),
  ]);
}

/** The instances of each variant. One variant has what was simulated; several share it, each with its own minimum. */
function fleets({ plan, scalingGiven }: InstanceBill, month: Month): readonly Fleet[] {
  const production = productionVariants(plan).flatMap((variant) =>
    variant.instance === undefined ? [] : [{ variant, instance: variant.instance }],
  );
  const weights = production.reduce((sum, { variant }) => sum + variant.weight, 0);
  const { averageReplicas } = month;
  const floors = production.map(({ variant }) =>
    production.length === 1 ? 0 : scalingGiven || ownsRange(plan, variant) ? variant.scaling.min : 1,
  );
  const above = Math.max(0, averageReplicas - floors.reduce((sum, floor) => sum + floor, 0));
  const answering = production.map(({ variant, instance }, index): Fleet => {
    const part = weights > 0 ? variant.weight / weights : 0;
    return {
      variant,
      instance,
      instances: production.length === 1 ? averageReplicas : (floors[index] ?? 0) + above * part,
      share: part,
    };
  });
  const shadow = shadowVariant(plan);
  if (shadow?.instance === undefined) return answering;
  const fixed = scalingGiven || plan.options.shadow?.instances !== undefined;
  const instances = fixed ? shadow.scaling.min : Math.max(1, month.simulation.replicas.min);
  return [...answering, { variant: shadow, instance: shadow.instance, instances, share: shadow.weight }];
}

function ownsRange({ options }: Plan, { name }: PlannedVariant): boolean {
  return options.variants?.some((given) => given.name === name && given.scaling !== undefined) ?? false;
}

/** The volume of an instance in GB; 0 where it has local NVMe instead. */
function volumeOf(
  { options, resources }: Plan,
  { memoryGiB, gpus, localNvmeGb }: SageMakerInstance,
): { readonly gigabytes: number; readonly assumption: string | null } {
  if (localNvmeGb > 0) return { gigabytes: 0, assumption: null };
  const given = options.volumeSize ?? resources.storage;
  if (given !== null) return { gigabytes: given.gibibytes, assumption: null };
  const size =
    gpus > 0
      ? DEFAULT_VOLUME.withGpu
      : Math.min(DEFAULT_VOLUME.most, Math.round(memoryGiB * DEFAULT_VOLUME.perGibOfMemory));
  return {
    gigabytes: size,
    assumption: `${size} GB each, SageMaker's own size: half of the memory, at most ${DEFAULT_VOLUME.most} GB, as AWS documented it for types up to m5, c5 and p3`,
  };
}

/** Bodies of requests and responses, which endpoints are billed for by size. */
function dataProcessed({ bytesIn, bytesOut }: Month): readonly Charge[] {
  return [
    {
      name: "data processed, in",
      key: "sagemaker/data-in",
      quantity: gigabytes(bytesIn),
      basis: "on-demand",
    },
    {
      name: "data processed, out",
      key: "sagemaker/data-out",
      quantity: gigabytes(bytesOut),
      basis: "on-demand",
    },
  ];
}

/** Whether requests of an asynchronous endpoint are small enough to come with the call. */
function sentInline({ workload, region }: Plan): boolean {
  const request = workload?.payload?.request;
  // The guide of the China regions knows no Body.
  if (request === undefined || region.partition === "aws-cn") return false;
  return request.bytes <= LIMITS.asyncInlineBytes.value;
}

/** How requests and results of an asynchronous endpoint travel. */
function resultsInS3(plan: Plan, month: Month): readonly Charge[] {
  const { options, storage } = plan;
  const { requests, served } = month;
  const inline = sentInline(plan);
  // What the caller does for each request before SageMaker has it.
  const uploads = inline ? 0 : requests;
  // The foundation's own bucket has an S3 Bucket Key, which makes nearly all of these requests unnecessary.
  const ownBucket = options.output === undefined && storage.bucket === null;
  const notices =
    (options.successTopic === undefined ? 0 : served) +
    (options.errorTopic === undefined ? 0 : Math.max(0, requests - served));
  return [
    {
      name: inline ? "results written to S3" : "requests and results written to S3",
      key: "s3/put-requests",
      quantity: uploads + requests,
      basis: "on-demand",
      assumption: inline
        ? `for each request one object with the result or the failure; the request itself comes with the call (Body, up to ${LIMITS.asyncInlineBytes.value} bytes), else twice as many`
        : "for each request one object from the caller and one with the result or the failure",
    },
    {
      name: inline ? "results read from S3" : "requests and results read from S3",
      key: "s3/get-requests",
      quantity: uploads + requests,
      basis: "on-demand",
      assumption: inline
        ? "the caller reads the result once"
        : "SageMaker reads the request once, the caller the result",
    },
    {
      name: inline ? "results in S3" : "requests and results in S3",
      key: "s3/storage",
      quantity: gigabytes((inline ? 0 : month.bytesIn) + month.bytesOut),
      basis: "on-demand",
      assumption: "kept for a month; each further month costs as much again",
    },
    {
      name: "keys of results",
      key: "kms/requests",
      quantity: ownBucket ? 0 : requests,
      basis: "on-demand",
      assumption: "the bucket has no S3 Bucket Key",
    },
    { name: "notices of results", key: "sns/requests", quantity: notices, basis: "on-demand" },
  ];
}

/** Where the manifest leaves the number of instances open: with what was simulated, and without policies if nothing moved. */
function withPoliciesOf({ plan, scalingGiven }: InstanceBill, { simulation }: Month): Plan {
  if (scalingGiven) return plan;
  const { min, max } = simulation.replicas;
  return { ...plan, scaling: { min, max, policies: max > min ? plan.scaling.policies : [] } };
}

/** The alarms of an endpoint: those of its stack, and those that Application Auto Scaling makes for target tracking. */
export function alarmsOf(plan: Plan): { readonly alarms: number; readonly highResolution: number } {
  const { observability, workload, options } = plan;
  const production = productionVariants(plan);
  const async = options.mode === "async";
  const watched = observability.alarms
    ? production.length * (workload?.slo?.p99 === undefined ? 1 : 2) + (async ? 1 : 0)
    : 0;
  const policies = production.flatMap(({ scaling }) => scaling.policies);
  const directions = policies.flatMap((policy) =>
    policy.type === "step"
      ? [policy.steps.some(({ from }) => from >= 0), policy.steps.some(({ from }) => from < 0)].filter(
          Boolean,
        )
      : [],
  );
  const tracking = policies.filter(({ type }) => type === "target-tracking");
  // In mode async `concurrency` is the backlog, a metric of one minute.
  const fine = async
    ? []
    : tracking.filter((policy) => "metric" in policy && policy.metric === "concurrency");
  const waking = async && policies.length > 0 && reachesZero(plan) ? production.length : 0;
  return {
    alarms: watched + directions.length + (tracking.length - fine.length) * ALARMS_OF_TRACKING + waking,
    highResolution: fine.length * ALARMS_OF_TRACKING,
  };
}
