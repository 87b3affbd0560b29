import type * as ec2Catalog from "./ec2-catalog";
import data from "./data/sagemaker-instances.json";
import { mapTable, type Row } from "./table";

/** The processor architectures of AWS instances, as image platforms are named. */
export type Architecture = "x86_64" | "arm64";

/** What SageMaker and EC2 instance types have in common. */
export interface InstanceHardware {
  /** The type's name, e.g. `ml.m5.xlarge` or `m5.xlarge`. */
  readonly type: string;
  readonly architecture: Architecture;
  readonly vcpu: number;
  /** NVIDIA or AMD GPUs; below 1 where the type carries a share of one (`g6f`, `gr6f`). */
  readonly gpus: number;
  /** The GPU's model in lower case, e.g. `a10g`; absent without a GPU. */
  readonly gpuName?: string;
  /** Memory of one GPU in MiB; absent without a GPU. */
  readonly gpuMemoryMiB?: number;
  /** Inferentia, Trainium or Gaudi chips. */
  readonly accelerators: number;
  /** The chip's model in lower case, e.g. `inferentia2`; absent without one. */
  readonly acceleratorName?: string;
  /** Local NVMe disks in GB, all together; 0 without. SageMaker refuses a key or a volume size for such types. */
  readonly localNvmeGb: number;
}

/** A SageMaker instance type. */
export interface SageMakerInstance extends InstanceHardware {
  /** Whether a real-time or asynchronous endpoint may run on it. */
  readonly hosting: boolean;
  /** Whether a batch transform job may run on it. */
  readonly transform: boolean;
  readonly memoryGiB: number;
}

/** An EC2 instance type, as an EKS node. */
export interface Ec2Instance extends InstanceHardware {
  readonly memoryMiB: number;
  /** CPU left to pods on an AL2023 node, in thousandths of a vCPU. */
  readonly allocatableCpuMillis: number;
  /** Memory left to pods on an AL2023 node, in MiB. */
  readonly allocatableMemoryMiB: number;
  /** Pods the VPC CNI can give an address to, without prefix delegation. */
  readonly maxPods: number;
}

/** Where the SageMaker instance types come from. */
export const sageMakerInstancesSource = { source: data.source, asOf: data.asOf } as const;

function architecture(row: Row): Architecture {
  const name = row.text("architecture");
  if (name !== "x86_64" && name !== "arm64")
    throw new Error(`${row.text("type")}: unknown architecture ${name}`);
  return name;
}

/** The columns that both tables have. */
export function readHardware(row: Row): InstanceHardware {
  const gpuName = row.optionalText("gpuName");
  const acceleratorName = row.optionalText("acceleratorName");
  return {
    type: row.text("type"),
    architecture: architecture(row),
    vcpu: row.number("vcpu"),
    gpus: row.number("gpus"),
    ...(gpuName === undefined ? {} : { gpuName, gpuMemoryMiB: row.number("gpuMemoryMiB") }),
    accelerators: row.number("accelerators"),
    ...(acceleratorName === undefined ? {} : { acceleratorName }),
    localNvmeGb: row.number("localNvmeGb"),
  };
}

const sageMaker: ReadonlyMap<string, SageMakerInstance> = new Map(
  mapTable("sagemaker-instances.json", data, (row) => ({
    ...readHardware(row),
    hosting: row.flag("hosting"),
    transform: row.flag("transform"),
    memoryGiB: row.number("memoryGiB"),
  })).map((instance) => [instance.type, instance]),
);

const sageMakerList: readonly SageMakerInstance[] = Object.freeze([...sageMaker.values()]);

/**
 * A SageMaker instance type by name (`ml.m5.xlarge`); `undefined` for one that SageMaker hosts nothing on.
 * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html (service model of botocore 1.44.5, 2026-11-17)
 */
export function sageMakerInstance(type: string): SageMakerInstance | undefined {
  return sageMaker.get(type);
}

/** All SageMaker instance types for hosting and batch transform, by family, generation and size. */
export function sageMakerInstances(): readonly SageMakerInstance[] {
  return sageMakerList;
}

function ec2(): typeof ec2Catalog {
  // The EC2 table is a thousand rows that only the EKS target needs; `validate` of anything else starts without it.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require("./ec2-catalog") as typeof ec2Catalog;
}

/**
 * An EC2 instance type by name (`m5.xlarge`); `undefined` for one outside the families that serve models: m, c, r, g
 * and p of generation 4 and later, t3, t4g, inf and trn, without bare metal. The table is loaded at the first call.
 */
export function ec2Instance(type: string): Ec2Instance | undefined {
  return ec2().ec2ByType.get(type);
}

/** All EC2 instance types known here, by family, generation and size. */
export function ec2Instances(): readonly Ec2Instance[] {
  return ec2().ec2List;
}
