import { type SageMakerInstance, sageMakerInstance, sageMakerInstances } from "../../modules/aws/instances";
import type { EnvironmentPlan } from "../../modules/plan/plan";
import { SERVERLESS_MEMORY } from "./limits";
import type { Options } from "./options";

/** Families that are offered in nearly every region, from which an instance is chosen where the manifest names none. */
const COMMON_FAMILIES = ["c5", "m5", "r5", "c6g", "m6g", "r6g", "g4dn", "g5", "p4d", "p5"];

/** Whether an instance holds one replica. */
export function holds(instance: SageMakerInstance, { resources }: EnvironmentPlan): boolean {
  return (
    instance.architecture === resources.architecture &&
    instance.vcpu >= resources.cpu &&
    instance.memoryGiB >= resources.memory.gibibytes &&
    instance.gpus >= resources.gpu
  );
}

/** Hosting instances of the common families, smallest first. Sorted once: a synthesis asks several times. */
let candidates: readonly SageMakerInstance[] | undefined;

function commonInstances(): readonly SageMakerInstance[] {
  const family = ({ type }: SageMakerInstance) => COMMON_FAMILIES.indexOf(type.split(".")[1] ?? "");
  candidates ??= sageMakerInstances()
    .filter((instance) => instance.hosting && family(instance) >= 0)
    .sort((a, b) => a.gpus - b.gpus || a.vcpu - b.vcpu || a.memoryGiB - b.memoryGiB || family(a) - family(b));
  return candidates;
}

/** Hosting instances of the common families that hold one replica, smallest first. */
export function fittingInstances(plan: EnvironmentPlan): readonly SageMakerInstance[] {
  return commonInstances().filter(
    (instance) => holds(instance, plan) && (plan.resources.gpu > 0 || instance.gpus === 0),
  );
}

/** The instance that a plan runs on; undefined where none fits, or the one named does not exist. */
export function instanceOf(plan: EnvironmentPlan, { instanceType }: Options): SageMakerInstance | undefined {
  return instanceType === undefined ? fittingInstances(plan)[0] : sageMakerInstance(instanceType);
}

/** Memory of a serverless environment in MiB; undefined where none holds `resources`. */
export function serverlessMemory({ resources }: EnvironmentPlan, { memory }: Options): number | undefined {
  if (memory !== undefined) return memory.mebibytes;
  // vCPUs come in proportion to memory, one for each GiB.
  return SERVERLESS_MEMORY.find(
    (mebibytes) => mebibytes >= resources.memory.mebibytes && mebibytes / 1024 >= resources.cpu,
  );
}

export const DEFAULT_SERVERLESS_CONCURRENCY = 20;
