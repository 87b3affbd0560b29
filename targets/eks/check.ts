import { ec2Instance, ec2Instances, type Ec2Instance } from "../../modules/aws/instances";
import type { Limit } from "../../modules/aws/limits";
import { parseImageReference, type ImageReference } from "../../modules/aws/image-reference";
import { type CodeDescription, type Finding, type ManifestPath, show } from "../../modules/issues/issue";
import { nearest } from "../../modules/issues/nearest";
import { Duration } from "../../modules/units/duration";
import {
  artifactShape,
  clusterOf,
  hasContainerInsights,
  mostReplicas,
  type CreatedCluster,
  type ExistingCluster,
} from "./cluster";
import { GPU_FAMILIES, LIMITS } from "./limits";
import {
  chooseInstance,
  derivedDiskGiB,
  familyOf,
  fitOn,
  leastDiskGiB,
  nodesFor,
  replicaRequests,
} from "./nodes";
import { CREATED_ONLY, EXISTING_ONLY, type EksOptions, type EksPlan } from "./options";
import {
  EXPRESSIBLE,
  kubernetesCron,
  scheduledPolicies,
  timeZoneProblem,
  type ScheduledPolicy,
} from "./schedule";

const error = (summary: string): CodeDescription => ({ summary, severity: "error" });
const warning = (summary: string): CodeDescription => ({ summary, severity: "warning" });

export const CODES = {
  EKS_CLUSTER_OPTION: error(
    "An option describes a cluster that is created, but `cluster` names an existing one, or the other way round.",
  ),
  EKS_CLUSTER_ACCESS: error("An existing cluster is named, but not how Terraform reaches it."),
  EKS_ENDPOINT_CIDR: error(
    "A range that the public API server of a cluster cannot, or must not, be opened to.",
  ),
  EKS_INSTANCE_TYPE: error("An instance type that cannot be a node for this model."),
  EKS_INSTANCE_TOO_SMALL: error("One replica does not fit a node of this instance type."),
  EKS_NO_INSTANCE_TYPE: error("No instance type holds one replica."),
  EKS_NODE_COUNT: error("The replicas need more nodes than one node group has."),
  EKS_NODE_DISK: error("The nodes' disk cannot hold the scratch space of their replicas."),
  EKS_SUBNETS: error("A cluster that is created needs subnets in two availability zones."),
  EKS_IMAGE_UNREACHABLE: error("Nodes without internet access cannot pull an image from this registry."),
  EKS_COOLDOWN: error("A cooldown that is longer than the autoscaler of Kubernetes takes."),
  EKS_SCALING_TARGET: error("A scaling target that the autoscaler of Kubernetes does not take."),
  EKS_SCHEDULE: error("A schedule, or its time zone, that a CronJob of Kubernetes cannot express."),
  EKS_SCHEDULE_ALONE: error("A schedule moves the bounds of an autoscaler that no metric drives."),
  EKS_SCHEDULE_RANGE: error(
    "A schedule sets one bound past the other one, as another schedule may have left it.",
  ),
  EKS_SHARED_MEMORY: error("More shared memory than the replica has memory."),
  EKS_NO_ALARMS: warning("Alarms are wanted, but nothing measures the pods of an existing cluster."),
} as const satisfies Record<string, CodeDescription>;

type Code = keyof typeof CODES | "TOGETHER" | "ARN_MISMATCH";
type EksFinding = Finding & { readonly code: Code };

const at = (...path: ManifestPath): ManifestPath => ["targets", "eks", ...path];

function sourced(text: string, { source, asOf }: Limit): string {
  return `${text} (${source}, ${asOf})`;
}

/** Every rule of EKS and Kubernetes that does not follow from the capabilities. Pure. */
export function* check(plan: EksPlan): Iterable<EksFinding> {
  const cluster = clusterOf(plan);
  if (cluster.kind === "existing") yield* existing(plan, cluster);
  else yield* created(plan, cluster);
  yield* scaling(plan);
  yield* schedules(plan);
  const { sharedMemory } = plan.options;
  if (sharedMemory !== undefined && sharedMemory.bytes > plan.resources.memory.bytes) {
    yield {
      path: at("sharedMemory"),
      code: "EKS_SHARED_MEMORY",
      message: `${sharedMemory.toString()} is more than resources.memory, which it is a part of`,
      allowed: `at most ${plan.resources.memory.toString()}`,
      fix: "lower targets.eks.sharedMemory, or raise resources.memory",
    };
  }
}

function* existing(plan: EksPlan, cluster: ExistingCluster): Iterable<EksFinding> {
  yield* misplaced(
    plan.options,
    CREATED_ONLY,
    "describes a cluster to create, but targets.eks.cluster names one",
  );
  const { endpoint, certificateAuthority, kubeconfig } = plan.options;
  const direct = { endpoint, certificateAuthority };
  for (const [given, needed] of [
    ["endpoint", "certificateAuthority"],
    ["certificateAuthority", "endpoint"],
  ] as const) {
    if (direct[given] === undefined || direct[needed] !== undefined) continue;
    yield {
      path: at(given),
      code: "TOGETHER",
      message: `needs targets.eks.${needed} beside it`,
      fix: `add targets.eks.${needed}: \`aws eks describe-cluster --name ${cluster.name}\` prints both`,
      atKey: true,
    };
  }
  if (endpoint !== undefined && kubeconfig !== undefined) {
    yield {
      path: at("kubeconfig"),
      code: "EKS_CLUSTER_OPTION",
      message: "stands beside targets.eks.endpoint: there are two ways to the cluster",
      allowed: "endpoint and certificateAuthority, or kubeconfig",
      fix: "remove one of the two",
      atKey: true,
    };
  }
  if ("path" in cluster.access && cluster.access.context === null) {
    yield {
      path: at("cluster"),
      code: "EKS_CLUSTER_ACCESS",
      message: `nothing says how to reach the cluster ${show(cluster.name)}`,
      allowed:
        "endpoint and certificateAuthority; kubeconfig.context; or account, from which the context's usual name follows",
      fix: 'add account: "123456789012", the cluster\'s own',
    };
  }
  if (plan.observability.alarms && !hasContainerInsights(plan)) {
    yield {
      path: at("cluster"),
      code: "EKS_NO_ALARMS",
      message:
        "there are no alarms: CloudWatch knows nothing of the pods of an existing cluster without Container Insights",
      fix: "if the cluster has the add-on amazon-cloudwatch-observability, add targets.eks.containerInsights: true; else set observability.alarms: false",
    };
  }
}

function* created(plan: EksPlan, cluster: CreatedCluster): Iterable<EksFinding> {
  yield* misplaced(
    plan.options,
    EXISTING_ONLY,
    "is the way to an existing cluster, but targets.eks.cluster names none",
  );
  yield* adminRoles(plan);
  yield* publicAccess(cluster);
  yield* reachableImages(plan);
  const { existing: network } = plan.network;
  if (network !== null && new Set(network.subnetIds).size < LIMITS.subnets.value) {
    yield {
      path: ["network", "subnetIds"],
      code: "EKS_SUBNETS",
      message: "names one subnet, and a cluster spreads over two availability zones",
      allowed: sourced(`at least ${LIMITS.subnets.value} subnets, in different zones`, LIMITS.subnets),
      fix: "add a subnet of another zone",
    };
  }
  const named = cluster.instanceType === null ? null : (ec2Instance(cluster.instanceType) ?? null);
  if (cluster.instanceType !== null) {
    const problem = unsuitable(cluster.instanceType, named, plan);
    if (problem !== null) {
      yield { path: at("instanceType"), code: "EKS_INSTANCE_TYPE", ...problem };
      return;
    }
  }
  yield* nodeGroup(plan, cluster);
}

function* nodeGroup(plan: EksPlan, cluster: CreatedCluster): Iterable<EksFinding> {
  const instance = chooseInstance(plan, cluster);
  const needs = describe(plan);
  if (instance === null) {
    yield {
      path: ["resources"],
      code: "EKS_NO_INSTANCE_TYPE",
      message: `no instance type leaves ${needs} to a replica`,
      allowed: "what one node has beside the system and the add-ons",
      fix: "lower resources, or name an existing cluster in targets.eks.cluster",
    };
    return;
  }
  const fit = fitOn(instance, plan);
  if (fit.replicas === 0) {
    const bigger = chooseInstance(plan, { ...cluster, instanceType: null });
    yield {
      path: at("instanceType"),
      code: "EKS_INSTANCE_TOO_SMALL",
      message: `${instance.type} does not hold a replica: it needs ${needs}`,
      allowed: `${Math.max(0, fit.cpuMillis) / 1000} vCPU, ${Math.max(0, fit.memoryMiB)}Mi and ${instance.gpus} GPUs, which the system and the add-ons leave`,
      fix: `${bigger === null ? "lower resources" : `use ${bigger.type}, or lower resources`}; without instanceType one that fits is chosen`,
    };
    return;
  }
  const nodes = nodesFor(instance, plan, mostReplicas(plan));
  if (nodes > LIMITS.nodes.value) {
    yield {
      path: largestBound(plan),
      code: "EKS_NODE_COUNT",
      message: `${mostReplicas(plan)} replicas and a rollout's extra ones need ${nodes} nodes of ${instance.type}`,
      allowed: sourced(`at most ${LIMITS.nodes.value}`, LIMITS.nodes),
      fix: "name a larger targets.eks.instanceType, or lower scaling or rollout.step",
    };
  }
  yield* disk(plan, cluster, instance, fit.replicas);
}

/** Where the most replicas stand in the manifest. */
function largestBound(plan: EksPlan): ManifestPath {
  const { policies, max } = plan.scaling;
  if (policies.length === 0) return ["scaling", "min"];
  const most = mostReplicas(plan);
  if (most === max) return ["scaling", "max"];
  const index = policies.findIndex((policy) => policy.type === "scheduled" && policy.max === most);
  return ["scaling", "policies", index, "max"];
}

function* disk(
  plan: EksPlan,
  cluster: CreatedCluster,
  instance: Ec2Instance,
  replicas: number,
): Iterable<EksFinding> {
  const { storage } = plan.resources;
  const least = leastDiskGiB(instance, plan);
  if (cluster.nodeDisk !== null && cluster.nodeDisk.gibibytes < least) {
    yield {
      path: at("nodeDisk"),
      code: "EKS_NODE_DISK",
      message: `${cluster.nodeDisk.toString()} is too small for ${replicas} replicas on one ${instance.type}, with ${storage?.toString() ?? "no"} scratch space each`,
      allowed: `at least ${least}Gi`,
      fix: "raise it, or remove it: the default fits",
    };
  }
  if (cluster.nodeDisk === null && derivedDiskGiB(instance, plan) > LIMITS.storage.value) {
    yield {
      path: ["resources", "storage"],
      code: "EKS_NODE_DISK",
      message: `${replicas} replicas on one ${instance.type} need a disk of ${derivedDiskGiB(instance, plan)}Gi`,
      allowed: sourced(`at most ${LIMITS.storage.value}Gi`, LIMITS.storage),
      fix: "lower resources.storage, or name a smaller targets.eks.instanceType, which carries fewer replicas",
    };
  }
}

function describe(plan: EksPlan): string {
  const { cpuMillis, memoryMiB, gpus } = replicaRequests(plan);
  return `${cpuMillis / 1000} vCPU, ${memoryMiB}Mi and ${gpus} GPUs`;
}

/** Why a named instance type cannot be a node, or null. */
function unsuitable(
  type: string,
  instance: Ec2Instance | null,
  { resources }: EksPlan,
): Pick<Finding, "message" | "allowed" | "fix"> | null {
  if (instance === null) {
    const known = ec2Instances().map((other) => other.type);
    const similar = nearest(type, known);
    return {
      message: `${show(type)} is not an instance type that this release knows`,
      allowed: "types of the families c, m, r, g and p of generation 4 and later, t3, t3a and t4g",
      fix: similar === undefined ? "check the name" : `did you mean "${similar}"?`,
    };
  }
  if (instance.architecture !== resources.architecture) {
    return {
      message: `${type} is ${instance.architecture}, and the image ${resources.architecture}`,
      allowed: `types of ${resources.architecture}`,
      fix: "name another type, or build the image for it and set resources.architecture",
    };
  }
  const nvidia = GPU_FAMILIES.has(familyOf(instance));
  if (resources.gpu > 0 && !nvidia) {
    return {
      message: `${type} has no NVIDIA GPU that pods can ask for`,
      allowed: `families ${[...GPU_FAMILIES].join(", ")}`,
      fix: "name one of these, or remove instanceType: one that fits is chosen",
    };
  }
  if ((instance.gpus > 0 && !nvidia) || instance.accelerators > 0) {
    return {
      message: `${type} has ${instance.acceleratorName ?? instance.gpuName ?? "an accelerator"}, which the nodes' image has no driver for`,
      allowed: "types without accelerators, or with whole NVIDIA GPUs",
      fix: "name another type",
    };
  }
  return null;
}

function* misplaced(
  options: EksOptions,
  names: readonly (keyof EksOptions)[],
  why: string,
): Iterable<EksFinding> {
  for (const name of names) {
    if (options[name] === undefined) continue;
    yield {
      path: at(name),
      code: "EKS_CLUSTER_OPTION",
      message: why,
      fix: `remove targets.eks.${name}, or ${options.cluster === undefined ? "add" : "remove"} targets.eks.cluster`,
      atKey: true,
    };
  }
}

function* adminRoles({ options, region, account }: EksPlan): Iterable<EksFinding> {
  for (const [index, arn] of (options.adminRoleArns ?? []).entries()) {
    const [, partition, , , owner] = arn.split(":");
    const wrong = [
      ...(partition === region.partition
        ? []
        : [`the partition is ${partition ?? ""}, not ${region.partition}`]),
      ...(account === null || owner === account ? [] : [`the account is ${owner ?? ""}, not ${account}`]),
    ];
    if (wrong.length === 0) continue;
    yield {
      path: at("adminRoleArns", index),
      code: "ARN_MISMATCH",
      message: `${show(arn)}: ${wrong.join("; ")}`,
      fix: "name a role of the cluster's own account",
    };
  }
}

/** Ranges that are no public addresses; EKS refuses them. */
const PRIVATE_RANGES = [
  { first: 0x0a000000, bits: 8 },
  { first: 0x64400000, bits: 10 },
  { first: 0x7f000000, bits: 8 },
  { first: 0xa9fe0000, bits: 16 },
  { first: 0xac100000, bits: 12 },
  { first: 0xc0a80000, bits: 16 },
] as const;

function* publicAccess({ publicAccessCidrs }: CreatedCluster): Iterable<EksFinding> {
  for (const [index, text] of publicAccessCidrs.entries()) {
    const problem = cidrProblem(text);
    if (problem === null) continue;
    yield {
      path: at("publicAccessCidrs", index),
      code: "EKS_ENDPOINT_CIDR",
      message: `${show(text)} ${problem}`,
      allowed: "ranges of public IPv4 addresses of /8 to /32, such as 203.0.113.0/24",
      fix: "name the addresses that your network reaches the internet from",
    };
  }
}

function cidrProblem(text: string): string | null {
  const [address = "", length = ""] = text.split("/");
  const octets = address.split(".").map(Number);
  const bits = Number(length);
  if (octets.some((octet) => octet > 255) || bits > 32) return "is no IPv4 range";
  if (bits < 8) return "opens the API server to a large part of the internet";
  const value = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  if (value % 2 ** (32 - bits) !== 0) return "has bits set beyond its length";
  const within = PRIVATE_RANGES.some(
    (range) =>
      Math.floor(value / 2 ** (32 - range.bits)) === Math.floor(range.first / 2 ** (32 - range.bits)),
  );
  return within ? "is a range of private addresses, which the private endpoint serves anyway" : null;
}

/** In a network without a way out, nodes reach the registry of their own region and nothing else. */
function* reachableImages(plan: EksPlan): Iterable<EksFinding> {
  if (plan.network.existing !== null || plan.network.internetAccess) return;
  const { image } = plan.model;
  const { loaderImage, unpackImage, schedulerImage } = plan.options;
  const shape = artifactShape(plan);
  const pulled: { path: ManifestPath; reference: ImageReference | null }[] = [];
  if (image.kind === "reference") pulled.push({ path: ["model", "image"], reference: image.reference });
  else if (image.repository !== null)
    pulled.push({ path: ["registry", "repository"], reference: parsed(image.repository.uri) });
  if (shape !== null) pulled.push({ path: at("loaderImage"), reference: parsed(loaderImage) });
  if (shape === "archive" && unpackImage !== undefined)
    pulled.push({ path: at("unpackImage"), reference: parsed(unpackImage) });
  if (scheduledPolicies(plan).length > 0)
    pulled.push({ path: at("schedulerImage"), reference: parsed(schedulerImage) });
  for (const { path, reference } of pulled) {
    if (reference?.ecr?.region === plan.region.name) continue;
    yield {
      path,
      code: "EKS_IMAGE_UNREACHABLE",
      message: `the nodes have no internet access, and cannot pull from ${reference?.registry ?? "there"}${reference?.ecr === undefined ? "" : ` in ${reference.ecr.region}`}`,
      allowed: `a private ECR registry in ${plan.region.name}`,
      fix: "copy the image to ECR, or set network.internetAccess: true; a pull-through cache needs a way to the internet too when it first pulls",
    };
  }
}

function parsed(text: string): ImageReference | null {
  const result = parseImageReference(text);
  return result.ok ? result.image : null;
}

function* scaling({ scaling: { policies } }: EksPlan): Iterable<EksFinding> {
  const seen = new Set<string>();
  for (const [index, policy] of policies.entries()) {
    const path: ManifestPath = ["scaling", "policies", index];
    if (policy.type !== "target-tracking") continue;
    if (seen.has(policy.metric)) {
      yield {
        path: [...path, "metric"],
        code: "EKS_SCALING_TARGET",
        message: `${policy.metric} has two targets, and one autoscaler keeps one`,
        allowed: "one policy for each metric",
        fix: "remove one of the two",
      };
    }
    seen.add(policy.metric);
    if (!Number.isInteger(policy.target)) {
      yield {
        path: [...path, "target"],
        code: "EKS_SCALING_TARGET",
        message: `${policy.target} is no whole percentage`,
        allowed: sourced("a whole number of at least 1", LIMITS.minReplicas),
        fix: `${Math.max(1, Math.round(policy.target))}`,
      };
    }
    for (const [name, most] of [
      ["scaleInCooldown", LIMITS.scaleInCooldown],
      ["scaleOutCooldown", LIMITS.scaleOutCooldown],
    ] as const) {
      if (policy[name].seconds <= most.value) continue;
      yield {
        path: [...path, name],
        code: "EKS_COOLDOWN",
        message: `${policy[name].toString()} is longer than the autoscaler looks back`,
        allowed: sourced(`at most ${Duration.seconds(most.value).toString()}`, most),
        fix: `lower it to ${Duration.seconds(most.value).toString()}`,
      };
    }
  }
}

function* schedules({ scaling: { policies } }: EksPlan): Iterable<EksFinding> {
  const scheduled = policies.flatMap((policy, index) =>
    policy.type === "scheduled"
      ? [{ policy, path: ["scaling", "policies", index] satisfies ManifestPath }]
      : [],
  );
  const [first] = scheduled;
  if (first !== undefined && policies.every(({ type }) => type !== "target-tracking")) {
    yield {
      path: [...first.path, "type"],
      code: "EKS_SCHEDULE_ALONE",
      message:
        "a schedule moves the bounds of the pods' autoscaler, which needs a metric too: without one, Kubernetes itself makes it 80 % CPU",
      allowed: sourced("scheduled beside target-tracking on cpu or memory", LIMITS.defaultMetric),
      fix: "add { type: target-tracking, metric: cpu, target: 70 } to scaling.policies",
    };
  }
  for (const { policy, path } of scheduled) {
    const converted = kubernetesCron(policy.cron);
    if ("problem" in converted) {
      yield {
        path: [...path, "cron"],
        code: "EKS_SCHEDULE",
        message: `${show(policy.cron)} ${converted.problem}`,
        allowed: sourced(EXPRESSIBLE, LIMITS.cronFields),
        fix: "name days by number or by name, several policies where one does not do, and * as year",
      };
    }
    const zone = timeZoneProblem(policy.timezone);
    if (zone !== undefined) {
      yield {
        path: [...path, "timezone"],
        code: "EKS_SCHEDULE",
        message: `${show(policy.timezone)} ${zone}`,
        allowed: "a name of the IANA database in its own spelling, such as Europe/Dublin or UTC",
        fix: "correct the name",
      };
    }
    const others = scheduled.flatMap((other) => (other.policy === policy ? [] : [other.policy]));
    yield* crossedBounds(policy, others, path);
  }
}

/** The API server refuses a minimum above the maximum, so that the job would fail: now and then, by what came before. */
function* crossedBounds(
  policy: ScheduledPolicy,
  others: readonly ScheduledPolicy[],
  path: ManifestPath,
): Iterable<EksFinding> {
  const { min, max } = policy;
  for (const other of others) {
    if (min !== undefined && max === undefined && other.max !== undefined && min > other.max) {
      yield {
        path: [...path, "min"],
        code: "EKS_SCHEDULE_RANGE",
        message: `${min} is above the maximum of ${other.max} that the policy at ${show(other.cron)} leaves`,
        allowed: `at most ${other.max}, or max beside it`,
        fix: "set max in this policy too",
      };
      return;
    }
    if (max !== undefined && min === undefined && other.min !== undefined && max < other.min) {
      yield {
        path: [...path, "max"],
        code: "EKS_SCHEDULE_RANGE",
        message: `${max} is below the minimum of ${other.min} that the policy at ${show(other.cron)} leaves`,
        allowed: `at least ${other.min}, or min beside it`,
        fix: "set min in this policy too",
      };
      return;
    }
  }
}
