import { secretServices } from "../../modules/iam/secrets";
import { defineTarget } from "../target";
import { check, CODES } from "./check";
import { clusterOf, hasContainerInsights } from "./cluster";
import { FALLBACK, LIMITS } from "./limits";
import { options, type EksPlan } from "./options";

/** EKS: a Deployment, Service and autoscaler, in a cluster that exists or one that is created. */
export const eks = defineTarget({
  kind: "eks",
  title: "EKS",
  platform: "aws",
  useCase:
    "Models beside other workloads on Kubernetes, GPUs at EC2 prices, and teams that run their platform on it already.",
  strengths: [
    "Any port, path, request size and duration; any registry",
    "Every EC2 instance type, GPUs included, several replicas on one node",
    "Scales pods in seconds where nodes have room",
  ],
  weaknesses: [
    "A created cluster costs its control plane and two nodes even when idle",
    "Nodes are not scaled by themselves: they are sized for the most replicas",
    "Reached inside the cluster only; ingress is the cluster's business",
  ],
  options,
  modes: {
    deployment: {
      summary: "Pods of a Deployment behind a cluster-internal Service.",
      architectures: ["x86_64", "arm64"],
      gpu: LIMITS.gpus,
      cpu: LIMITS.cpu,
      memory: LIMITS.memory,
      storage: LIMITS.storage,
      payload: { request: LIMITS.body, response: LIMITS.body },
      requestDuration: LIMITS.requestSeconds,
      scaling: {
        policies: { "target-tracking": ["cpu", "memory"], scheduled: [] },
        minimum: LIMITS.minReplicas,
        fallback: FALLBACK,
        instead: "use target-tracking on cpu or memory, with scheduled beside it",
      },
      rollouts: ["rolling"],
      secrets: "reference",
      images: "any",
      artifacts: ["s3", "local"],
      server: "free",
      dataCapture: false,
      public: false,
    },
  },
  modeOf: () => "deployment",
  codes: CODES,
  check,
  needs: (plan) => {
    if (clusterOf(plan).kind === "existing") return {};
    return { own: ["eks"], network: { endpoints: endpointsFor(plan), public: false } };
  },
  load: () => require("./stack") as typeof import("./stack"),
  loadComparison: () => require("./comparison") as typeof import("./comparison"),
});

/**
 * Endpoints for nodes without internet access.
 * @see https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html (2026)
 */
function endpointsFor(plan: EksPlan): readonly string[] {
  return [
    "ec2",
    "ecr.api",
    "ecr.dkr",
    "eks",
    "eks-auth",
    ...(plan.options.nodeScaling === "autoscaler" ? ["autoscaling"] : []),
    ...(hasContainerInsights(plan) ? ["logs"] : []),
    ...secretServices(plan.model.secrets),
  ];
}
