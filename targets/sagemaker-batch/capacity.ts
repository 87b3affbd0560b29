import { type SageMakerInstance, sageMakerInstance, sageMakerInstances } from "../../modules/aws/instances";
import type { EnvironmentPlan } from "../../modules/plan/plan";
import { LIMITS } from "./limits";
import type { Options } from "./options";

/** Where the manifest names no instance type, this one, as long as it holds a replica. */
const DEFAULT_TYPE = "ml.m5.xlarge";

/** Families that are offered in nearly every region, from which an instance is chosen or proposed. */
const COMMON_FAMILIES = ["m5", "c5", "r6i", "m7i", "r7i", "g4dn", "g5"];

function family({ type }: SageMakerInstance): number {
  return COMMON_FAMILIES.indexOf(type.split(".")[1] ?? "");
}

/** Whether an instance holds one replica. */
export function holds(instance: SageMakerInstance, { resources }: EnvironmentPlan): boolean {
  return (
    instance.architecture === resources.architecture &&
    instance.vcpu >= resources.cpu &&
    instance.memoryGiB >= resources.memory.gibibytes &&
    instance.gpus >= resources.gpu
  );
}

/** Instances for batch transform, of the common families, that hold one replica; smallest first. */
export function fittingInstances(plan: EnvironmentPlan): readonly SageMakerInstance[] {
  return sageMakerInstances()
    .filter((instance) => instance.transform && family(instance) >= 0)
    .filter((instance) => holds(instance, plan) && (plan.resources.gpu > 0 || instance.gpus === 0))
    .sort((a, b) => a.gpus - b.gpus || a.vcpu - b.vcpu || a.memoryGiB - b.memoryGiB || family(a) - family(b));
}

/**
 * Records of one request, which decide how long it lasts: as many as fit into `maxPayload`, where objects are split and
 * requests are filled up; else one.
 * @param recordBytes null where the manifest does not say.
 */
export function recordsPerRequest(
  { splitType, batchStrategy = "MultiRecord", maxPayload, unlimitedPayload }: Options,
  records: number,
  recordBytes: number | null,
): number {
  if (splitType === "None" || batchStrategy === "SingleRecord" || unlimitedPayload) return 1;
  if (recordBytes === null) return 1;
  const fitting = Math.floor(maxPayload.bytes / Math.max(1, recordBytes));
  return Math.max(1, Math.min(fitting, Math.ceil(records)));
}

/** How many instances a job runs on: one, unless the manifest says otherwise. */
export function instancesOf({ instanceCount }: Options): number {
  return instanceCount ?? LIMITS.instancesMin.value;
}

/** The instance that jobs run on; undefined where none fits, or the one named does not exist. */
export function instanceOf(plan: EnvironmentPlan, { instanceType }: Options): SageMakerInstance | undefined {
  if (instanceType !== undefined) return sageMakerInstance(instanceType);
  const usual = sageMakerInstance(DEFAULT_TYPE);
  if (usual !== undefined && plan.resources.gpu === 0 && holds(usual, plan)) return usual;
  return fittingInstances(plan)[0];
}
