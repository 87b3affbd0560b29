import { limit } from "../../modules/aws/limits";
import type { ScalingPolicy } from "../../modules/manifest/schema";
import { Duration } from "../../modules/units/duration";

const CATALOG = "modules/aws/data/ec2-instances.json (karpenter-provider-aws, EC2 DescribeInstanceTypes)";
const CATALOG_DATE = "2026-08-21";
const HPA =
  "https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/";
const READ = "2026-11";

/** No figure of Kubernetes or EKS: the request goes from pod to pod. */
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/**
 * What EKS and Kubernetes allow, each figure with its source. The three of the instance catalog are written down here,
 * because the catalog is a thousand rows that only a manifest for EKS needs; a test holds them against it.
 */
export const LIMITS = {
  gpus: limit(8, "GPUs", CATALOG, CATALOG_DATE),
  cpu: limit(382.97, "vCPU", CATALOG, CATALOG_DATE, "what the largest node leaves to pods"),
  memory: limit(3_877_198, "MiB", CATALOG, CATALOG_DATE, "what the largest node leaves to pods"),
  storage: limit(
    16_384,
    "GiB",
    "https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html",
    "2025-08",
    "a gp3 volume as every region has it",
  ),
  body: limit(NO_LIMIT, "bytes", "https://kubernetes.io/docs/concepts/services-networking/service/", READ),
  requestSeconds: limit(
    NO_LIMIT,
    "s",
    "https://kubernetes.io/docs/concepts/services-networking/service/",
    READ,
  ),
  minReplicas: limit(1, "pods", HPA, READ, "only an event-driven autoscaler such as KEDA goes to zero"),
  /** Seconds of a stabilization window, which `scaleInCooldown` becomes. */
  scaleInCooldown: limit(3600, "s", `${HPA} (stabilizationWindowSeconds)`, READ),
  /** Seconds of a scaling policy's period, which `scaleOutCooldown` becomes. */
  scaleOutCooldown: limit(1800, "s", `${HPA} (periodSeconds)`, READ),
  /** Percent of CPU that Kubernetes keeps where an autoscaler names no metric. */
  defaultMetric: limit(80, "percent", `${HPA} (metrics)`, READ),
  cronFields: limit(
    5,
    "fields",
    "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax",
    READ,
  ),
  nodes: limit(
    450,
    "nodes",
    "https://docs.aws.amazon.com/general/latest/gr/eks.html (nodes per managed node group)",
    "2026-08",
    "a quota that can be raised",
  ),
  publicAccessCidrs: limit(
    40,
    "ranges",
    "https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html (public endpoint access CIDR ranges)",
    READ,
  ),
  subnets: limit(2, "subnets", "https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html", READ),
} as const;

/** How pods scale where the manifest leaves a range and names no policy. */
export const FALLBACK: ScalingPolicy = {
  type: "target-tracking",
  metric: "cpu",
  target: 70,
  scaleInCooldown: Duration.seconds(300),
  scaleOutCooldown: Duration.seconds(60),
};

/** A release of Kubernetes on EKS. */
export interface KubernetesVersion {
  readonly version: string;
  /** Last day of standard support. */
  readonly standardUntil: string;
}

/**
 * Releases in standard support; extended support costs six times as much, so it is not offered.
 * @see https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html (read 2026-11-23)
 */
export const KUBERNETES_VERSIONS = [
  { version: "1.34", standardUntil: "2026-12-02" },
  { version: "1.35", standardUntil: "2027-03-27" },
  { version: "1.36", standardUntil: "2027-08-02" },
] as const satisfies readonly KubernetesVersion[];

export const DEFAULT_KUBERNETES_VERSION = "1.35";

/** What pods ask for. */
export interface PodRequests {
  readonly cpuMillis: number;
  readonly memoryMiB: number;
}

/**
 * What the add-ons of a created cluster ask for on every node: vpc-cni, kube-proxy, the Pod Identity agent (2026-11).
 */
export const EVERY_NODE: PodRequests & { readonly pods: number } = {
  cpuMillis: 200,
  memoryMiB: 100,
  pods: 3,
};

/**
 * What Container Insights adds on every node: CloudWatch agent and Fluent Bit, and on GPU nodes the DCGM exporter.
 * @see https://github.com/aws-observability/helm-charts (amazon-cloudwatch-observability/values.yaml, read 2026-11-23)
 */
export const CONTAINER_INSIGHTS_NODE: PodRequests & { readonly pods: number } = {
  cpuMillis: 300,
  memoryMiB: 160,
  pods: 2,
};
export const CONTAINER_INSIGHTS_GPU_NODE: PodRequests & { readonly pods: number } = {
  cpuMillis: 250,
  memoryMiB: 128,
  pods: 1,
};

/** The largest of the add-ons' other pods, which may land on any node. */
export const SYSTEM_POD: PodRequests = { cpuMillis: 100, memoryMiB: 200 };
/** CoreDNS and metrics-server, two each. */
export const SYSTEM_PODS = 4;
/** The operator of Container Insights. */
export const CONTAINER_INSIGHTS_PODS = 1;

/**
 * Families that a node is chosen from: those that nearly every region has. Others can be named by `instanceType`.
 */
export const COMMON_FAMILIES: ReadonlySet<string> = new Set(["c5", "m5", "r5", "c6g", "m6g", "r6g"]);

/**
 * NVIDIA families that the GPU images of EKS support. Those with a share of a GPU (`g6f`, `gr6f`) are left out.
 * @see https://docs.aws.amazon.com/eks/latest/userguide/ml-eks-optimized-ami.html (2026)
 */
export const GPU_FAMILIES: ReadonlySet<string> = new Set([
  "g4dn",
  "g5",
  "g5g",
  "g6",
  "g6e",
  "g7e",
  "gr6",
  "p4d",
  "p4de",
  "p5",
  "p5e",
  "p5en",
  "p6-b200",
  "p6-b300",
]);

/** Families whose CPU is throttled once their credits are used up: never chosen, but taken where they are named. */
export const BURSTABLE = /^t\d/;

/** Memory that the AWS CLI needs to load an artifact. */
export const LOADER_MEMORY_MIB = 512;

/**
 * The Kubernetes project's own image of kubectl, index of all architectures. It serves API servers of one release
 * before and after its own.
 * Digest seen in three independent public repositories, 2026-11.
 * @see https://github.com/kubernetes/kubernetes/pull/116672 (read 2026-11-23)
 */
export const DEFAULT_SCHEDULER_IMAGE =
  "registry.k8s.io/kubectl:v1.36.2@sha256:b0d792e0d8dfb9bb1b922b78b23137e2a34bb6f9667640353a9d2aadd1fd7761";

/**
 * The AWS CLI's own image, index of both architectures.
 * Digest seen in five independent public repositories, 2026-11.
 */
export const DEFAULT_LOADER_IMAGE =
  "public.ecr.aws/aws-cli/aws-cli:2.37.0@sha256:337494c2047176fe9abcf45a5d1eaf1c2c62cae40953284fb1143b5c6170f065";
