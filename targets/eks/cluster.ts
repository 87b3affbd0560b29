import { shortHash, resourceName } from "../../modules/stack/names";
import type { EnvironmentPlan } from "../../modules/plan/plan";
import type { Size } from "../../modules/units/size";
import { DEFAULT_KUBERNETES_VERSION } from "./limits";
import type { EksPlan } from "./options";

/** Characters of a cluster's name: https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html (2026-11). */
const CLUSTER_NAME_LIMIT = 100;

/** A cluster that is there already. */
export interface ExistingCluster {
  readonly kind: "existing";
  readonly name: string;
  /** How the provider reaches it. */
  readonly access:
    | { readonly endpoint: string; readonly certificateAuthority: string }
    /** `context` is null where the account that its default needs is not known; refused by the checks. */
    | { readonly path: string; readonly context: string | null };
}

/** A cluster that the foundation creates. */
export interface CreatedCluster {
  readonly kind: "created";
  readonly name: string;
  readonly version: string;
  readonly adminRoleArns: readonly string[];
  readonly publicAccessCidrs: readonly string[];
  /** Null chooses one. */
  readonly instanceType: string | null;
  readonly nodeScaling: "fixed" | "autoscaler";
  /** Null derives it. */
  readonly nodeDisk: Size | null;
  readonly createAutoScalingRole: boolean;
}

/** The cluster that the options ask for, with the defaults that depend on whether it exists. */
export function clusterOf(plan: EksPlan): ExistingCluster | CreatedCluster {
  const { options, region, account } = plan;
  if (options.cluster === undefined) {
    return {
      kind: "created",
      name: resourceName([prefixOf(plan), "eks"], CLUSTER_NAME_LIMIT),
      version: options.version ?? DEFAULT_KUBERNETES_VERSION,
      adminRoleArns: [...new Set(options.adminRoleArns ?? [])],
      publicAccessCidrs: options.publicAccessCidrs ?? [],
      instanceType: options.instanceType ?? null,
      nodeScaling: options.nodeScaling ?? "fixed",
      nodeDisk: options.nodeDisk ?? null,
      createAutoScalingRole: options.autoScalingServiceRole === "create",
    };
  }
  const { endpoint, certificateAuthority, kubeconfig } = options;
  const arn =
    account === null
      ? null
      : `arn:${region.partition}:eks:${region.name}:${account}:cluster/${options.cluster}`;
  return {
    kind: "existing",
    name: options.cluster,
    access:
      endpoint !== undefined && certificateAuthority !== undefined
        ? { endpoint, certificateAuthority }
        : { path: kubeconfig?.path ?? "~/.kube/config", context: kubeconfig?.context ?? arn },
  };
}

/** Whether Container Insights measures the cluster, so that alarms on it make sense. */
export function hasContainerInsights({ options }: EksPlan): boolean {
  return options.containerInsights ?? options.cluster === undefined;
}

/** The namespace of the workload, and whether it is made for it. */
export function namespaceOf(plan: EksPlan): { readonly name: string; readonly created: boolean } {
  const { namespace, createNamespace, cluster } = plan.options;
  return {
    name: namespace ?? prefixOf(plan),
    created: createNamespace ?? (namespace === undefined || cluster === undefined),
  };
}

/** `<name>-<environment>`: at most 49 lower-case letters, digits and hyphens, so that it is a label of RFC 1123 too. */
export function prefixOf({ name, environment }: EnvironmentPlan): string {
  return `${name}-${environment}`;
}

/** Most replicas that run at any time, a rollout's extra ones aside. */
export function mostReplicas({ scaling }: EksPlan): number {
  if (scaling.policies.length === 0) return scaling.min;
  return Math.max(
    scaling.max,
    ...scaling.policies.flatMap((policy) => (policy.type === "scheduled" ? [policy.max ?? 0] : [])),
  );
}

/** The fewest replicas that any schedule leaves. */
export function fewestReplicas({ scaling }: EksPlan): number {
  return Math.min(
    scaling.min,
    ...scaling.policies.flatMap((policy) =>
      policy.type === "scheduled" && policy.min !== undefined ? [policy.min] : [],
    ),
  );
}

/** Extra replicas of a rollout: `rollout.step` percent of those that run, rounded up as Kubernetes does. */
export function surgeOf(replicas: number, { rollout }: EksPlan): number {
  return Math.ceil((replicas * rollout.step) / 100);
}

/** How an artifact gets from S3 into the container's folder. */
export function artifactShape({ model: { artifact } }: EksPlan): "archive" | "object" | "prefix" | null {
  if (artifact === null) return null;
  if (artifact.kind === "local") return "archive";
  if (artifact.key === "" || artifact.key.endsWith("/")) return "prefix";
  return /\.(?:tar\.gz|tgz)$/.test(artifact.key) ? "archive" : "object";
}

/**
 * Name of the node group. It cannot change its image type or its subnets; a change of either makes another one, which
 * must not have the old one's name, because it comes first.
 */
export function nodeGroupName(plan: EksPlan, amiType: string): string {
  const { existing, availabilityZones } = plan.network;
  const identity = JSON.stringify([amiType, existing?.subnetIds ?? availabilityZones]);
  return resourceName([prefixOf(plan), "nodes", shortHash(identity, 6)], 63);
}
