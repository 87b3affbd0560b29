import data from "./data/ec2-instances.json";
import { readHardware, type Ec2Instance } from "./instances";
import { mapTable } from "./table";

/** Where the EC2 instance types come from. */
export const ec2InstancesSource = { source: data.source, asOf: data.asOf } as const;

/** The EC2 instance types by name. Reached through `instances.ts`, which loads this file at the first use. */
export const ec2ByType: ReadonlyMap<string, Ec2Instance> = new Map(
  mapTable("ec2-instances.json", data, (row) => ({
    ...readHardware(row),
    memoryMiB: row.number("memoryMiB"),
    allocatableCpuMillis: row.number("allocatableCpuMillis"),
    allocatableMemoryMiB: row.number("allocatableMemoryMiB"),
    maxPods: row.number("maxPods"),
  })).map((instance) => [instance.type, instance]),
);

/** The EC2 instance types by family, generation and size. */
export const ec2List: readonly Ec2Instance[] = Object.freeze([...ec2ByType.values()]);
