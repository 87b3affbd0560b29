import type { Ec2Instance } from "../../modules/aws/instances";
import { watchingCharges } from "../../modules/charges/monitoring";
import { billed, overReplicas, share } from "../../modules/charges/quantities";
import type { Charge, Month } from "../../modules/compare/target-comparison";
import { priceKey } from "../../modules/prices/items";
import { HOURS_PER_MONTH } from "../../modules/simulate/capacity";
import {
  clusterOf,
  fewestReplicas,
  hasContainerInsights,
  mostReplicas,
  type CreatedCluster,
} from "./cluster";
import { derivedDiskGiB, fitOn, nodesFor, replicaRequests } from "./nodes";
import type { EksPlan } from "./options";

const SECONDS_PER_HOUR = 3600;

export interface Billed {
  readonly instance: Ec2Instance;
  /** Requests that one pod works on at once. */
  readonly slots: number;
  /** Whether the manifest says how many pods there are at most. */
  readonly scalingGiven: boolean;
}

/** What a month on EKS is billed for, without what the foundation has for every target. */
export function bill(plan: EksPlan, size: Billed, month: Month): readonly Charge[] {
  const cluster = clusterOf(plan);
  return billed([
    ...(cluster.kind === "created"
      ? clusterCharges(plan, cluster, size, month)
      : [nodeShare(plan, size, month)]),
    ...watchingCharges(plan, { alarmMetrics: alarmMetrics(plan), scaling: { tracking: 0, step: 0 } }),
  ]);
}

/** A cluster that is created: its control plane, its nodes and their disks. */
function clusterCharges(
  plan: EksPlan,
  cluster: CreatedCluster,
  { instance, slots, scalingGiven }: Billed,
  month: Month,
): readonly Charge[] {
  const hours = nodeHours(plan, cluster, instance, scalingGiven, month);
  const pods = fitOn(instance, plan).replicas;
  const disk =
    cluster.nodeDisk === null ? derivedDiskGiB(instance, plan) : Math.ceil(cluster.nodeDisk.gibibytes);
  const paid = {
    basis: "provisioned",
    used: share(month.busySeconds, hours * SECONDS_PER_HOUR * pods * slots),
  } as const;
  return [
    {
      name: "EKS control plane",
      key: "eks/cluster",
      quantity: HOURS_PER_MONTH,
      basis: "provisioned",
      assumption: "Never in extended support: the cluster is upgraded when standard support ends",
    },
    {
      name: `${instance.type} nodes`,
      key: priceKey.ec2Instance(instance.type),
      quantity: hours,
      ...paid,
      assumption:
        cluster.nodeScaling === "fixed"
          ? "Always enough for the most pods and a rollout's extra ones, two at least (nodeScaling: fixed)"
          : "Enough for the pods of each hour, as Cluster Autoscaler leaves them (nodeScaling: autoscaler)",
    },
    {
      name: "disks of the nodes",
      key: "ebs/gp3",
      quantity: (hours / HOURS_PER_MONTH) * disk,
      ...paid,
    },
  ];
}

/** Hours of all nodes together. */
function nodeHours(
  plan: EksPlan,
  { nodeScaling }: CreatedCluster,
  instance: Ec2Instance,
  scalingGiven: boolean,
  month: Month,
): number {
  if (nodeScaling === "fixed") {
    const seen = Math.max(1, ...month.hoursAtReplicas.keys());
    return nodesFor(instance, plan, scalingGiven ? mostReplicas(plan) : seen) * HOURS_PER_MONTH;
  }
  // A rollout's extra pods are not there all the time, but the fewest nodes have room for them.
  const fewest = nodesFor(instance, plan, fewestReplicas(plan));
  const withoutRollout: EksPlan = { ...plan, rollout: { ...plan.rollout, step: 0 } };
  return overReplicas(month, (pods) =>
    Math.max(fewest, nodesFor(instance, withoutRollout, Math.max(1, pods))),
  );
}

/** In a cluster that is there already: what the pods take of its nodes. */
function nodeShare(plan: EksPlan, { instance, slots }: Billed, month: Month): Charge {
  const pods = overReplicas(month, (replicas) => replicas);
  return {
    name: `share of ${instance.type} nodes`,
    key: priceKey.ec2Instance(instance.type),
    quantity: pods * shareOfNode(instance, plan),
    basis: "provisioned",
    used: share(month.busySeconds, pods * SECONDS_PER_HOUR * slots),
    assumption: `As much of a node as a pod keeps from others, by CPU, memory or GPUs, whichever is most; the cluster's nodes are taken to be ${instance.type}`,
  };
}

/** How much of a node one pod keeps from others. */
export function shareOfNode(instance: Ec2Instance, plan: EksPlan): number {
  const fit = fitOn(instance, plan);
  const pod = replicaRequests(plan);
  return Math.max(
    pod.cpuMillis / fit.cpuMillis,
    pod.memoryMiB / fit.memoryMiB,
    pod.gpus === 0 ? 0 : pod.gpus / instance.gpus,
  );
}

/** Metrics in the alarms of `observability.ts`, one each. */
function alarmMetrics(plan: EksPlan): number {
  const insights = hasContainerInsights(plan);
  const own = clusterOf(plan).kind === "created";
  const atMaximum = tracks(plan) && mostReplicas(plan) > fewestReplicas(plan) ? 1 : 0;
  return (insights ? 3 + atMaximum : 0) + (own ? 1 : 0) + (own && insights ? 2 : 0);
}

function tracks({ scaling }: EksPlan): boolean {
  return scaling.policies.some(({ type }) => type === "target-tracking");
}
