import type { SageMakerInstance } from "../../modules/aws/instances";
import type { Charge, Month } from "../../modules/compare/target-comparison";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import { priceKey } from "../../modules/prices/items";
import { billed, gigabytes, watching } from "../../modules/sagemaker/charges";
import { HOURS_PER_MONTH } from "../../modules/simulate/capacity";
import { seal } from "../../modules/stack/seal";
import type { BatchLoad } from "../../modules/workload/workload";
import { stateMachineDefinition } from "./definition";
import type { Options } from "./options";

type Plan = AwsTargetPlan<Options>;

/** What a job runs on, and how often. */
export interface JobSize {
  readonly load: Pick<BatchLoad, "records" | "everySeconds">;
  /** Null where the manifest does not say. */
  readonly recordBytes: number | null;
  readonly instance: SageMakerInstance;
  readonly machines: number;
}

const SECONDS_PER_MONTH = HOURS_PER_MONTH * 3600;

/** Keys that one list of a bucket has at most: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html (2026-11) */
const KEYS_OF_LIST = 1000;

/**
 * Objects that a run reads: with `splitType: None` a request is a whole object and so a record; else at least one for each
 * instance, which SageMaker gives whole objects to.
 */
export function inputObjects({ options }: Plan, records: number, machines: number): number {
  return options.splitType === "None" ? Math.ceil(records) : machines;
}

/** What a month of jobs costs, without what the foundation has. None of them is run again. */
export function billOfJobs(
  plan: Plan,
  { load, recordBytes, instance, machines }: JobSize,
  { simulation }: Month,
): readonly Charge[] {
  const { options, observability, workload } = plan;
  const runs = SECONDS_PER_MONTH / load.everySeconds;
  const hours = (machines * runs * (simulation.batch?.runSeconds ?? 0)) / 3600;
  const objectsOfRun = inputObjects(plan, load.records, machines);
  const objects = {
    quantity: objectsOfRun * runs,
    basis: "on-demand",
    assumption:
      options.splitType === "None"
        ? "each record is an object of its own, since splitType is None; one result for each"
        : `${machines} ${machines === 1 ? "object" : "objects"} of input for each run, one for each instance`,
  } as const;
  const answer = workload?.payload?.response.bytes ?? null;
  const joined = options.joinSource === "Input" ? (recordBytes ?? 0) : 0;
  return billed([
    {
      name: `${instance.type} instances`,
      key: priceKey.sageMakerInstance(instance.type, "transform"),
      quantity: hours,
      basis: "on-demand",
      assumption: "paid for from the start of a job to its end, start-up included",
    },
    { name: "input read from S3", key: "s3/get-requests", ...objects },
    {
      name: "results written to S3, and lists of the input",
      key: "s3/put-requests",
      ...objects,
      quantity: objects.quantity + runs * Math.ceil(objectsOfRun / KEYS_OF_LIST),
    },
    {
      name: "results in S3",
      key: "s3/storage",
      quantity: answer === null ? 0 : runs * load.records * gigabytes(answer + joined),
      basis: "on-demand",
      assumption: "kept for a month; each further month costs as much again",
    },
    {
      name: "steps of the state machine",
      key: "states/transitions",
      quantity: runs * transitionsOfRun(plan),
      basis: "on-demand",
      assumption: "every job succeeds the first time",
    },
    {
      name: "starts on schedule",
      key: "scheduler/invocations",
      quantity: options.schedule === undefined ? 0 : runs,
      basis: "on-demand",
    },
    ...watching({ alarms: alarmsOf(plan), highResolution: 0, dashboard: observability.dashboard }),
  ]);
}

/** Jobs that failed, ran out of time or were stopped; and starts that were lost, where something starts jobs by itself. */
export function alarmsOf({ observability, options }: Plan): number {
  if (!observability.alarms) return 0;
  return options.schedule !== undefined || options.onArrival ? 4 : 3;
}

/** A state of the Amazon States Language, as far as its order is concerned. */
interface State {
  readonly Next?: string;
  readonly Default?: string;
  readonly End?: boolean;
}

/**
 * State transitions of an execution over the whole input when nothing fails: AWS counts one "each time a step of your
 * workflow is executed", and another for each retry.
 * @see https://aws.amazon.com/step-functions/pricing/ (copy read 2026-11-23)
 */
export function transitionsOfRun(plan: Plan): number {
  const { StartAt, States } = stateMachineDefinition(seal(plan), {
    modelName: "",
    jobPrefix: "",
    instanceType: "",
    keyArn: "",
    volumeKey: false,
    topicArn: null,
    tags: {},
  }) as { readonly StartAt: string; readonly States: Readonly<Record<string, State | undefined>> };
  let transitions = 0;
  let name: string | undefined = StartAt;
  while (name !== undefined) {
    const state: State | undefined = States[name];
    if (state === undefined) break;
    transitions += 1;
    name = state.Next ?? state.Default;
  }
  return transitions;
}
