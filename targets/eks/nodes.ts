import { ec2Instance, ec2Instances, type Ec2Instance } from "../../modules/aws/instances";
import {
  artifactShape,
  fewestReplicas,
  hasContainerInsights,
  mostReplicas,
  surgeOf,
  type CreatedCluster,
} from "./cluster";
import {
  BURSTABLE,
  COMMON_FAMILIES,
  CONTAINER_INSIGHTS_GPU_NODE,
  CONTAINER_INSIGHTS_NODE,
  CONTAINER_INSIGHTS_PODS,
  EVERY_NODE,
  GPU_FAMILIES,
  LOADER_MEMORY_MIB,
  SYSTEM_POD,
  SYSTEM_PODS,
} from "./limits";
import type { EksPlan } from "./options";
import { scheduledPolicies } from "./schedule";

/** What one replica asks of a node. */
export interface ReplicaRequests {
  readonly cpuMillis: number;
  readonly memoryMiB: number;
  readonly gpus: number;
}

/** What a node leaves to replicas, and how many fit. */
export interface NodeFit {
  readonly instance: Ec2Instance;
  readonly cpuMillis: number;
  readonly memoryMiB: number;
  /** Replicas on a node that carries none of the add-ons' movable pods. */
  readonly replicas: number;
}

/** The node group of a created cluster. */
export interface NodePlan {
  readonly instance: Ec2Instance;
  readonly amiType: string;
  /** Device that holds images and scratch space. */
  readonly dataDevice: string;
  /** Another device, which the image brings and which only has to be encrypted. */
  readonly systemDevice: string | null;
  readonly diskGiB: number;
  readonly minNodes: number;
  readonly maxNodes: number;
}

/** A created cluster always spreads over two nodes: one may fail, or be replaced by an update. */
const FEWEST_NODES = 2;

/** GiB of a node's disk for the system, images and artifacts. */
const SYSTEM_DISK_GIB = { cpu: 50, gpu: 100 } as const;
/** GiB without which no node works, whatever `nodeDisk` says. */
const LEAST_SYSTEM_DISK_GIB = 20;
/** The kubelet starts to evict when less than a tenth is free. */
const USABLE_DISK = 0.9;

/** What one replica asks for; the container that loads the artifact counts where it asks for more. */
export function replicaRequests(plan: EksPlan): ReplicaRequests {
  const { cpu, memory, gpu } = plan.resources;
  const own = Math.ceil(memory.mebibytes);
  return {
    cpuMillis: Math.ceil(Number((cpu * 1000).toFixed(6))),
    memoryMiB: artifactShape(plan) === null ? own : Math.max(own, LOADER_MEMORY_MIB),
    gpus: gpu,
  };
}

/** How an instance type would do as a node. */
export function fitOn(instance: Ec2Instance, plan: EksPlan): NodeFit {
  const taken = takenOnEveryNode(plan);
  return {
    instance,
    cpuMillis: instance.allocatableCpuMillis - taken.cpuMillis,
    memoryMiB: instance.allocatableMemoryMiB - taken.memoryMiB,
    replicas: replicasBeside(instance, plan, 0),
  };
}

/** The instance types that could be nodes for this plan, whatever their size. */
export function isEligible(instance: Ec2Instance, plan: EksPlan): boolean {
  const { gpu, architecture } = plan.resources;
  if (instance.architecture !== architecture) return false;
  return gpu > 0 ? GPU_FAMILIES.has(familyOf(instance)) : instance.gpus === 0 && instance.accelerators === 0;
}

/**
 * The instance type of the nodes: the named one, or the one whose node group for all replicas has the fewest GPUs, then
 * GPU memory, vCPUs and memory. Null where none holds a replica, or the named one is not known.
 */
export function chooseInstance(plan: EksPlan, cluster: CreatedCluster): Ec2Instance | null {
  if (cluster.instanceType !== null) return ec2Instance(cluster.instanceType) ?? null;
  const candidates = ec2Instances().filter(
    (instance) =>
      isEligible(instance, plan) && !BURSTABLE.test(instance.type) && fitOn(instance, plan).replicas > 0,
  );
  const common = candidates.filter((instance) => COMMON_FAMILIES.has(familyOf(instance)));
  const ranked = (common.length > 0 ? common : candidates).map((instance) => ({
    instance,
    nodes: nodesFor(instance, plan, mostReplicas(plan)),
  }));
  const weight = ({ instance, nodes }: (typeof ranked)[number]) => [
    nodes * instance.gpus,
    nodes * instance.gpus * (instance.gpuMemoryMiB ?? 0),
    nodes * instance.vcpu,
    nodes * instance.memoryMiB,
    nodes,
  ];
  const [best] = ranked.sort(
    (a, b) => compare(weight(a), weight(b)) || (a.instance.type < b.instance.type ? -1 : 1),
  );
  return best?.instance ?? null;
}

/** The node group for a plan. Trusts the checks: some instance type holds a replica. */
export function planNodes(plan: EksPlan, cluster: CreatedCluster): NodePlan {
  const instance = chooseInstance(plan, cluster);
  if (instance === null) throw new Error("no instance type for the nodes");
  const maxNodes = nodesFor(instance, plan, mostReplicas(plan));
  return {
    instance,
    ...imageOf(instance),
    diskGiB:
      cluster.nodeDisk === null ? derivedDiskGiB(instance, plan) : Math.ceil(cluster.nodeDisk.gibibytes),
    minNodes: cluster.nodeScaling === "fixed" ? maxNodes : nodesFor(instance, plan, fewestReplicas(plan)),
    maxNodes,
  };
}

/**
 * Nodes that hold so many replicas and a rollout's extra ones, wherever the scheduler puts the add-ons' movable pods:
 * they come first, and a node that takes some of them may have room for a replica less.
 */
export function nodesFor(instance: Ec2Instance, plan: EksPlan, replicas: number): number {
  const wanted = replicas + surgeOf(replicas, plan);
  const alone = replicasBeside(instance, plan, 0);
  if (alone === 0) return Infinity;
  const movable = movablePods(plan);
  let nodes = Math.max(FEWEST_NODES, Math.ceil(wanted / alone));
  while (nodes * alone - worstLoss(instance, plan, movable, nodes, movable) < wanted) nodes += 1;
  return nodes;
}

/** GiB that a node's disk must have at least for the scratch space of its replicas. */
export function leastDiskGiB(instance: Ec2Instance, plan: EksPlan): number {
  return LEAST_SYSTEM_DISK_GIB + scratchGiB(instance, plan);
}

/** GiB that a node's disk gets where the options say nothing. */
export function derivedDiskGiB(instance: Ec2Instance, plan: EksPlan): number {
  return (instance.gpus > 0 ? SYSTEM_DISK_GIB.gpu : SYSTEM_DISK_GIB.cpu) + scratchGiB(instance, plan);
}

function scratchGiB(instance: Ec2Instance, plan: EksPlan): number {
  const { storage } = plan.resources;
  if (storage === null) return 0;
  return Math.ceil((replicasBeside(instance, plan, 0) * storage.gibibytes) / USABLE_DISK);
}

/** Replicas that fit beside so many of the add-ons' movable pods. */
function replicasBeside(instance: Ec2Instance, plan: EksPlan, movable: number): number {
  const taken = takenOnEveryNode(plan);
  const replica = replicaRequests(plan);
  const room = [
    (instance.allocatableCpuMillis - taken.cpuMillis - movable * SYSTEM_POD.cpuMillis) / replica.cpuMillis,
    (instance.allocatableMemoryMiB - taken.memoryMiB - movable * SYSTEM_POD.memoryMiB) / replica.memoryMiB,
    instance.maxPods - taken.pods - movable,
    ...(replica.gpus > 0 ? [instance.gpus / replica.gpus] : []),
  ];
  return Math.max(0, Math.floor(Math.min(...room)));
}

/** Most replicas that lose their place when so many movable pods spread over the nodes in the worst way. */
function worstLoss(
  instance: Ec2Instance,
  plan: EksPlan,
  pods: number,
  nodes: number,
  largest: number,
): number {
  if (pods === 0 || nodes === 0) return 0;
  const alone = replicasBeside(instance, plan, 0);
  let worst = 0;
  for (let here = Math.min(pods, largest); here >= 1; here -= 1) {
    const loss = alone - replicasBeside(instance, plan, here);
    worst = Math.max(worst, loss + worstLoss(instance, plan, pods - here, nodes - 1, here));
  }
  return worst;
}

function takenOnEveryNode(plan: EksPlan): typeof EVERY_NODE {
  const insights = hasContainerInsights(plan);
  const parts = [
    EVERY_NODE,
    ...(insights ? [CONTAINER_INSIGHTS_NODE] : []),
    ...(insights && plan.resources.gpu > 0 ? [CONTAINER_INSIGHTS_GPU_NODE] : []),
  ];
  const sum = (of: (part: typeof EVERY_NODE) => number) => parts.reduce((total, part) => total + of(part), 0);
  return {
    cpuMillis: sum(({ cpuMillis }) => cpuMillis),
    memoryMiB: sum(({ memoryMiB }) => memoryMiB),
    pods: sum(({ pods }) => pods),
  };
}

/** Pods beside the replicas that may be anywhere. Schedules may all start at the same minute. */
function movablePods(plan: EksPlan): number {
  return (
    SYSTEM_PODS + (hasContainerInsights(plan) ? CONTAINER_INSIGHTS_PODS : 0) + scheduledPolicies(plan).length
  );
}

/** Bottlerocket's NVIDIA image brings the device plugin, which Amazon Linux leaves to the user. */
function imageOf({
  gpus,
  architecture,
}: Ec2Instance): Pick<NodePlan, "amiType" | "dataDevice" | "systemDevice"> {
  const arm = architecture === "arm64";
  return gpus > 0
    ? {
        amiType: arm ? "BOTTLEROCKET_ARM_64_NVIDIA" : "BOTTLEROCKET_x86_64_NVIDIA",
        dataDevice: "/dev/xvdb",
        systemDevice: "/dev/xvda",
      }
    : {
        amiType: arm ? "AL2023_ARM_64_STANDARD" : "AL2023_x86_64_STANDARD",
        dataDevice: "/dev/xvda",
        systemDevice: null,
      };
}

export function familyOf({ type }: Ec2Instance): string {
  return type.split(".")[0] ?? type;
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const difference = value - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
