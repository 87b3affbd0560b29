import { HorizontalPodAutoscalerV2 } from "@cdktf/provider-kubernetes/lib/horizontal-pod-autoscaler-v2";
import type { ScalingPolicy } from "../../modules/manifest/schema";
import type { EksPlan } from "./options";
import type { Workload } from "./stack";

type Tracking = Extract<ScalingPolicy, { type: "target-tracking" }>;

/** The policies that an autoscaler of pods carries out. */
export function trackingPolicies({ scaling }: EksPlan): readonly Tracking[] {
  return scaling.policies.filter((policy) => policy.type === "target-tracking");
}

/** Adds the autoscaler where there are policies. It is then the only one to set the number of replicas. */
export function createAutoscaler({ stack, plan, name, namespace, labels }: Workload): void {
  const policies = trackingPolicies(plan);
  if (policies.length === 0) return;
  const seconds = (of: (policy: Tracking) => number) => Math.ceil(Math.max(...policies.map(of)));
  const out = seconds(({ scaleOutCooldown }) => scaleOutCooldown.seconds);
  new HorizontalPodAutoscalerV2(stack, "autoscaler", {
    metadata: { name, namespace, labels },
    spec: {
      minReplicas: plan.scaling.min,
      maxReplicas: plan.scaling.max,
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
      metric: policies.map(({ metric, target }) => ({
        type: "Resource",
        resource: {
          name: metric,
          // Percent of what the replica asks for.
          target: { type: "Utilization", averageUtilization: target },
        },
      })),
      behavior: {
        // Up at once, then at most doubling (or four pods, from few) in each cooldown.
        scaleUp: [
          {
            stabilizationWindowSeconds: 0,
            selectPolicy: "Max",
            policy: [
              { type: "Percent", value: 100, periodSeconds: out },
              { type: "Pods", value: 4, periodSeconds: out },
            ],
          },
        ],
        // Down only as far as the highest need within the cooldown allows.
        scaleDown: [
          {
            stabilizationWindowSeconds: seconds(({ scaleInCooldown }) => scaleInCooldown.seconds),
            selectPolicy: "Max",
            policy: [{ type: "Percent", value: 100, periodSeconds: 60 }],
          },
        ],
      },
    },
  });
}
