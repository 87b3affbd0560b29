import type { ITerraformDependable } from "cdktf";
import { DeploymentV1 } from "@cdktf/provider-kubernetes/lib/deployment-v1";
import type { Shared } from "../../modules/foundation/shared";
import { trackingPolicies } from "./autoscaler";
import { mostReplicas } from "./cluster";
import { podSpec } from "./pod";
import type { Workload } from "./stack";

/** Time to pull an image and start a pod, beside the server's own start. */
const PULL_SECONDS = 600;

export interface DeploymentInput {
  readonly artifactUri: string | null;
  readonly serviceAccount: string;
  readonly dependsOn: readonly ITerraformDependable[];
}

/** The pods. A rollout never takes a replica away before its successor is ready. */
export function createDeployment(workload: Workload, shared: Shared, input: DeploymentInput): void {
  const { stack, plan, name, namespace, labels, selector } = workload;
  const scaled = trackingPolicies(plan).length > 0;
  const progress = Math.ceil(plan.model.server.startup.seconds) + PULL_SECONDS;
  const timeout = `${Math.ceil((rolloutSteps(workload) * progress) / 60)}m`;
  new DeploymentV1(stack, "deployment", {
    metadata: { name, namespace, labels },
    waitForRollout: true,
    timeouts: { create: timeout, update: timeout },
    spec: {
      replicas: String(plan.scaling.min),
      revisionHistoryLimit: 5,
      progressDeadlineSeconds: progress,
      strategy: {
        type: "RollingUpdate",
        rollingUpdate: { maxSurge: `${plan.rollout.step}%`, maxUnavailable: "0" },
      },
      selector: { matchLabels: selector },
      template: { metadata: { labels }, spec: podSpec(workload, shared.imageUri, input) },
    },
    dependsOn: [...input.dependsOn],
    // Once there is an autoscaler, the number is its own.
    ...(scaled ? { lifecycle: { ignoreChanges: ["spec[0].replicas"] } } : {}),
  });
}

/** Steps of a rollout at the most, and one in reserve: each waits for its replicas. */
function rolloutSteps({ plan }: Workload): number {
  return Math.min(Math.ceil(100 / plan.rollout.step), mostReplicas(plan)) + 1;
}
