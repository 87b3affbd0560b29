import { EksPodIdentityAssociation } from "@cdktf/provider-aws/lib/eks-pod-identity-association";
import { NamespaceV1 } from "@cdktf/provider-kubernetes/lib/namespace-v1";
import { NetworkPolicyV1 } from "@cdktf/provider-kubernetes/lib/network-policy-v1";
import { PodDisruptionBudgetV1 } from "@cdktf/provider-kubernetes/lib/pod-disruption-budget-v1";
import { ServiceAccountV1 } from "@cdktf/provider-kubernetes/lib/service-account-v1";
import { ServiceV1 } from "@cdktf/provider-kubernetes/lib/service-v1";
import { artifactInS3 } from "../../modules/artifact/artifact";
import type { Shared } from "../../modules/foundation/shared";
import type { ModelStack } from "../../modules/stack/model-stack";
import type { Sealed } from "../../modules/stack/seal";
import { createAutoscaler } from "./autoscaler";
import { clusterOf, namespaceOf } from "./cluster";
import { createDeployment } from "./deployment";
import { labelsOf, selectorOf } from "./labels";
import { observe } from "./observability";
import type { EksPlan } from "./options";
import { configureKubernetes } from "./provider";
import { modelRole } from "./model-role";
import { createScheduler } from "./scheduler";

export { foundation } from "./foundation";

/** What the objects of the workload share. */
export interface Workload {
  readonly stack: ModelStack;
  readonly plan: Sealed<EksPlan>;
  readonly cluster: string;
  /** The namespace's name; a reference where it is created here. */
  readonly namespace: string;
  /** Name of every object. */
  readonly name: string;
  readonly labels: Record<string, string>;
  /** The labels that tell this workload's pods from all others. */
  readonly selector: Record<string, string>;
}

/** Adds the workload: all typed resources, none of which needs the cluster to answer when Terraform plans. */
export function synthesize(stack: ModelStack, plan: Sealed<EksPlan>, shared: Shared): void {
  const cluster = clusterOf(plan);
  configureKubernetes(stack, plan, cluster, shared);
  const workload: Workload = {
    stack,
    plan,
    cluster: cluster.name,
    namespace: createNamespace(stack, plan),
    name: stack.prefix,
    labels: labelsOf(plan),
    selector: selectorOf(plan),
  };
  const artifact = artifactInS3(stack, plan, shared);
  const serviceAccount = createServiceAccount(workload);
  const role = modelRole(workload, shared, artifact);
  const identity = new EksPodIdentityAssociation(stack, "pod-identity", {
    clusterName: cluster.name,
    namespace: workload.namespace,
    serviceAccount,
    roleArn: role.arn,
    dependsOn: [...role.dependencies],
  });
  // EKS gives a pod its role when it is created, so that the association must come before the pods.
  createDeployment(workload, shared, {
    artifactUri: artifact?.uri ?? null,
    serviceAccount,
    dependsOn: [identity],
  });
  createService(workload);
  const autoscaler = createAutoscaler(workload);
  if (autoscaler !== null) createScheduler(workload, autoscaler);
  createDisruptionBudget(workload);
  createNetworkPolicy(workload);
  observe(workload, shared);
  stack.output("cluster", cluster.name);
  stack.output("namespace", namespaceOf(plan).name);
  stack.output("service", `http://${workload.name}.${namespaceOf(plan).name}.svc:${plan.model.server.port}`);
}

function createNamespace(stack: ModelStack, plan: Sealed<EksPlan>): string {
  const { name, created } = namespaceOf(plan);
  if (!created) return name;
  const namespace = new NamespaceV1(stack, "namespace", {
    metadata: {
      name,
      labels: {
        "app.kubernetes.io/managed-by": "modelport",
        // Pods that are not as locked up as this workload's are refused.
        "pod-security.kubernetes.io/enforce": "restricted",
        "pod-security.kubernetes.io/warn": "restricted",
      },
    },
  });
  return namespace.metadata.name;
}

function metadata({ name, namespace, labels }: Workload) {
  return { name, namespace, labels };
}

function createServiceAccount(workload: Workload): string {
  const account = new ServiceAccountV1(workload.stack, "service-account", {
    metadata: metadata(workload),
    // The model has no business with the API server; its AWS credentials come another way.
    automountServiceAccountToken: false,
  });
  return account.metadata.name;
}

function createService(workload: Workload): void {
  new ServiceV1(workload.stack, "service", {
    metadata: metadata(workload),
    spec: {
      type: "ClusterIP",
      selector: workload.selector,
      // Network policies of the VPC CNI demand that a service's port and name are those of the container.
      port: [{ name: "http", port: workload.plan.model.server.port, targetPort: "http", protocol: "TCP" }],
    },
  });
}

function createDisruptionBudget(workload: Workload): void {
  new PodDisruptionBudgetV1(workload.stack, "disruption-budget", {
    metadata: metadata(workload),
    // Rounded up: a node with a single replica can still be drained.
    spec: { maxUnavailable: "25%", selector: { matchLabels: workload.selector } },
  });
}

function createNetworkPolicy(workload: Workload): void {
  new NetworkPolicyV1(workload.stack, "network-policy", {
    metadata: metadata(workload),
    spec: {
      podSelector: { matchLabels: workload.selector },
      // What goes out is the model's own affair: buckets, secrets, feature stores.
      policyTypes: ["Ingress"],
      ingress: [{ ports: [{ port: String(workload.plan.model.server.port), protocol: "TCP" }] }],
    },
  });
}
