import { ec2Instance, ec2Instances, type Ec2Instance } from "../../modules/aws/instances";
import { existingNetwork } from "../../modules/charges/existing";
import { monthlyWeight } from "../../modules/charges/quantities";
import type { Candidate, CandidateOptions, Figure } from "../../modules/compare/target-comparison";
import { priceKey } from "../../modules/prices/items";
import type { ReplicaScaling } from "../../modules/simulate/capacity";
import { bill, shareOfNode } from "./bill";
import { clusterOf, hasContainerInsights } from "./cluster";
import { AUTOSCALER, FIGURES } from "./figures";
import { BURSTABLE, COMMON_FAMILIES, FALLBACK } from "./limits";
import { familyOf, fitOn, isEligible, nodesFor, replicaRequests } from "./nodes";
import type { EksPlan } from "./options";

/**
 * Numbers of pods for which the cheapest type is tried in a cluster that is created. They do not depend on the manifest's own
 * range, so that the same types are tried whatever range `compare` looks at.
 */
const POD_COUNTS = [1, 4, 16, 64] as const;

/** Pods of this model that a node of an existing cluster is taken to hold at most: clusters rarely have the largest types. */
const PODS_ON_SHARED_NODE = 8;

/**
 * In a cluster that is created, the node types that carry few, some and many pods for the least money; the given one alone. In an
 * existing cluster the pods' share of one type. None where the manifest does not say how long a request takes, or no type
 * holds a pod.
 */
export function candidates(plan: EksPlan, options: CandidateOptions): readonly Candidate[] {
  const { serviceTime, concurrency } = options.workload;
  if (serviceTime === null) return [];
  const { resources } = plan;
  const cluster = clusterOf(plan);
  const scaling = scalingOf(plan, options);
  const given: EksPlan = { ...plan, scaling: { ...plan.scaling, policies: scaling.policies } };
  const start = startup(plan);
  return nodeTypes(plan).map(({ instance, weight }): Candidate => {
    const { replicas } = fitOn(instance, plan);
    const billed = { instance, slots: concurrency, scalingGiven: options.scalingGiven };
    return {
      label:
        cluster.kind === "created"
          ? `pods on ${instance.type}, ${replicas} a node`
          : `pods with ${resources.cpu} vCPU, ${resources.memory.toString()}`,
      sizing: {
        ...(cluster.kind === "created"
          ? { instanceType: instance.type, podsPerNode: replicas }
          : { nodesTakenAs: instance.type, shareOfNode: Number(shareOfNode(instance, plan).toFixed(4)) }),
        vcpu: resources.cpu,
        memoryMiB: replicaRequests(plan).memoryMiB,
        gpus: resources.gpu,
      },
      capacity: {
        kind: "replicas",
        slots: concurrency,
        serviceTime,
        overheadMs: 0,
        startupSeconds: start.value,
        scaling,
        // The way from pod to pod has no timeout of its own.
        patienceSeconds: null,
      },
      weight,
      bill: (month) => bill(given, billed, month),
      figures: [start],
      notes: notes(plan),
      existing: cluster.kind === "existing" ? ["cluster's control plane and network"] : existingNetwork(plan),
    };
  });
}

interface NodeType {
  readonly instance: Ec2Instance;
  /** USD per month of one pod's share of a node; null where the price is not known. */
  readonly weight: number | null;
}

function nodeTypes(plan: EksPlan): readonly NodeType[] {
  const cluster = clusterOf(plan);
  const weighed = (instance: Ec2Instance): NodeType => ({
    instance,
    weight: monthlyWeight(plan.region.name, [
      [priceKey.ec2Instance(instance.type), shareOfNode(instance, plan)],
    ]),
  });
  const fitting = ec2Instances().filter(
    (instance) =>
      isEligible(instance, plan) && !BURSTABLE.test(instance.type) && fitOn(instance, plan).replicas > 0,
  );
  const common = fitting.filter((instance) => COMMON_FAMILIES.has(familyOf(instance)));
  const types = common.length > 0 ? common : fitting;
  if (cluster.kind === "existing") {
    const usual = types.filter((instance) => fitOn(instance, plan).replicas <= PODS_ON_SHARED_NODE);
    return byCost(usual.length > 0 ? usual : types, (instance) => weighed(instance).weight)
      .slice(0, 1)
      .map(weighed);
  }
  if (cluster.instanceType !== null) {
    const given = ec2Instance(cluster.instanceType);
    return given === undefined ? [] : [weighed(given)];
  }
  const best = POD_COUNTS.flatMap((pods) =>
    byCost(types, (instance) =>
      monthlyWeight(plan.region.name, [
        [priceKey.ec2Instance(instance.type), nodesFor(instance, plan, pods)],
      ]),
    ).slice(0, 1),
  );
  return [...new Set(best)].map(weighed);
}

/** Cheapest first; what has no price comes last, smallest first. */
function byCost(
  instances: readonly Ec2Instance[],
  costOf: (instance: Ec2Instance) => number | null,
): readonly Ec2Instance[] {
  return instances
    .map((instance) => ({ instance, usd: costOf(instance) ?? Infinity }))
    .sort((a, b) =>
      a.usd === b.usd
        ? a.instance.vcpu - b.instance.vcpu || (a.instance.type < b.instance.type ? -1 : 1)
        : a.usd - b.usd,
    )
    .map(({ instance }) => instance);
}

/**
 * Pods move with the Horizontal Pod Autoscaler: it looks every 15 seconds, adds at once, and removes what it has not needed for
 * the whole of the stabilization window, which is the longest `scaleInCooldown`.
 */
function scalingOf(
  { scaling, resources }: EksPlan,
  { workload, scalingGiven }: CandidateOptions,
): ReplicaScaling {
  const policies = scaling.policies.length === 0 && !scalingGiven ? [FALLBACK] : scaling.policies;
  const window = Math.max(
    0,
    ...policies.map((policy) => (policy.type === "target-tracking" ? policy.scaleInCooldown.seconds : 0)),
  );
  return {
    algorithm: "horizontal-pod-autoscaler",
    min: scaling.min,
    max: scaling.max,
    policies,
    metricPeriodSeconds: AUTOSCALER.syncSeconds,
    scaleOutPeriods: 1,
    scaleInPeriods: Math.max(1, Math.ceil(window / AUTOSCALER.syncSeconds)),
    metricDelaySeconds: AUTOSCALER.metricSeconds,
    cpu: { perReplica: resources.cpu, perRequest: resources.cpu / workload.concurrency },
    memoryPercent: 100,
  };
}

/** From the decision to the first request: the pod, on a new node where nothing keeps one ready, and the server in it. */
function startup(plan: EksPlan): Figure {
  const cluster = clusterOf(plan);
  const needsNode = cluster.kind === "created" && cluster.nodeScaling === "autoscaler";
  const newNode = plan.resources.gpu > 0 ? FIGURES.gpuNodeStart : FIGURES.nodeStart;
  const pod: Figure = needsNode ? newNode : FIGURES.podStart;
  const { startup: server } = plan.model.server;
  return {
    name: "start-up",
    value: pod.value + server.seconds,
    unit: "s",
    source: `${pod.name}: ${pod.value} s (${pod.source}), then model.server.startup (${server.toString()})`,
    asOf: pod.asOf,
    confidence: pod.confidence,
  };
}

function notes(plan: EksPlan): readonly string[] {
  const cluster = clusterOf(plan);
  const insights = hasContainerInsights(plan);
  return [
    "The server's own log lines are not counted: their size is not known",
    "Traffic between availability zones is not counted: it depends on where callers run",
    ...(plan.model.artifact === null
      ? []
      : ["The time in which model.artifact is downloaded is not counted: its size is not known"]),
    ...(cluster.kind === "created"
      ? [
          "Log lines of the control plane are not counted: their size is not known",
          ...(insights
            ? [
                "Container Insights is a cost of this cluster that is not counted: AWS bills it by observations, whose number it does not state and whose price the price book does not have",
              ]
            : []),
        ]
      : [
          "The add-ons of the existing cluster and the disks of its nodes are not counted",
          "Nodes are taken to have room for the pods, or the cluster to make it",
        ]),
    ...(plan.scaling.policies.some(
      (policy) => policy.type === "target-tracking" && policy.metric === "memory",
    )
      ? ["Memory in use is taken as resources.memory, whatever the load"]
      : []),
  ];
}
