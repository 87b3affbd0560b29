import { DataResource, type TerraformResourceLifecycle } from "cdktf";
import { HorizontalPodAutoscalerV2 } from "@cdktf/provider-kubernetes/lib/horizontal-pod-autoscaler-v2";
import type { ScalingPolicy } from "../../modules/manifest/schema";
import type { EksPlan } from "./options";
import { scheduledPolicies } from "./schedule";
import type { Workload } from "./stack";

type Tracking = Extract<ScalingPolicy, { type: "target-tracking" }>;

/** The policies that an autoscaler of pods carries out. */
export function trackingPolicies({ scaling }: EksPlan): readonly Tracking[] {
  return scaling.policies.filter((policy) => policy.type === "target-tracking");
}

/**
 * Adds the autoscaler where there are policies. It is then the only one to set the number of replicas.
 * @returns null where nothing scales.
 */
export function createAutoscaler(workload: Workload): HorizontalPodAutoscalerV2 | null {
  const { stack, plan, name, namespace, labels } = workload;
  const policies = trackingPolicies(plan);
  if (policies.length === 0) return null;
  const seconds = (of: (policy: Tracking) => number) => Math.ceil(Math.max(...policies.map(of)));
  const out = seconds(({ scaleOutCooldown }) => scaleOutCooldown.seconds);
  return new HorizontalPodAutoscalerV2(stack, "autoscaler", {
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
    ...scheduledBounds(workload),
  });
}

/**
 * What schedules move is theirs, and Terraform leaves it alone. It could then never bring a changed `scaling.min` or
 * `scaling.max` to the autoscaler, so that a change of one makes it anew: the replicas stay as they are meanwhile. Both
 * bounds count, because an autoscaler whose live minimum is above its new maximum is refused.
 */
function scheduledBounds({ stack, plan }: Workload): { readonly lifecycle?: TerraformResourceLifecycle } {
  const policies = scheduledPolicies(plan);
  if (policies.length === 0) return {};
  const bounds = new DataResource(stack, "scaling-bounds", {
    input: { min: plan.scaling.min, max: plan.scaling.max },
  });
  return {
    lifecycle: {
      ignoreChanges: [
        ...(policies.some(({ min }) => min !== undefined) ? ["spec[0].min_replicas"] : []),
        ...(policies.some(({ max }) => max !== undefined) ? ["spec[0].max_replicas"] : []),
      ],
      // By its bare address: cdktf would write an expression, which Terraform refuses here.
      replaceTriggeredBy: [`${bounds.terraformResourceType}.${bounds.friendlyUniqueId}`],
    },
  };
}
