import { balancerCharges } from "../../modules/charges/load-balancer";
import { scalingAlarmMetrics, watchingCharges } from "../../modules/charges/monitoring";
import {
  billed,
  internetCharge,
  overReplicas,
  SECONDS_PER_MONTH,
  share,
} from "../../modules/charges/quantities";
import type { Charge, Month } from "../../modules/compare/target-comparison";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import { priceKey } from "../../modules/prices/items";
import { CONTAINER_INSIGHTS } from "./figures";
import { LIMITS } from "./limits";
import type { Options } from "./options";
import { hasAlternate, storageGiB } from "./settings";

type Plan = AwsTargetPlan<Options>;

export interface Billed {
  readonly vcpu: number;
  readonly memoryGiB: number;
  /** Requests that one task works on at once. */
  readonly slots: number;
}

/** What a month on Fargate is billed for, without what the foundation has. Extra tasks of a deployment are not counted. */
export function bill(plan: Plan, size: Billed, month: Month): readonly Charge[] {
  return billed([
    ...taskCharges(plan, size, month),
    ...balancerCharges(month, { rules: rules(plan), publicAddresses: publicAddresses(plan) }),
    internetCharge(month, plan.network.public),
    {
      name: "Container Insights",
      key: "cloudwatch/custom-metric",
      quantity: insightMetrics(plan),
      basis: "provisioned",
      assumption:
        "Metrics of one service in a cluster of its own (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html, copy of 2023, and public dashboards)",
    },
    ...watchingCharges(plan, {
      alarmMetrics: alarmMetrics(plan),
      scaling: scalingAlarmMetrics(plan.scaling.policies, (policy) =>
        // The sum of both target groups.
        policy.metric === "invocations-per-instance" && hasAlternate(plan) ? 2 : 1,
      ),
    }),
  ]);
}

/** vCPUs, memory and disk of the tasks, by the second from the start of the image's pull. */
function taskCharges(plan: Plan, { vcpu, memoryGiB, slots }: Billed, month: Month): readonly Charge[] {
  const { architecture } = plan.resources;
  const total = overReplicas(month, (tasks) => tasks);
  const onSpot = overReplicas(month, (tasks) => spotTasks(plan, tasks));
  const extraDisk = Math.max(0, (storageGiB(plan) ?? 0) - LIMITS.storageIncluded.value);
  const shared = {
    basis: "provisioned",
    used: share(month.busySeconds, slots * month.averageReplicas * SECONDS_PER_MONTH),
  } as const;
  const kinds = [
    { spot: false, suffix: "", hours: total - onSpot },
    { spot: true, suffix: ", Spot", hours: onSpot },
  ];
  return [
    ...kinds.flatMap(({ spot, suffix, hours }): Charge[] => {
      const how = spot ? { assumption: "Spot prices move, and two minutes' notice may end a task" } : {};
      return [
        {
          name: `vCPUs of the tasks${suffix}`,
          key: priceKey.fargateVcpu(architecture, spot),
          quantity: hours * vcpu,
          ...shared,
          ...how,
        },
        {
          name: `memory of the tasks${suffix}`,
          key: priceKey.fargateMemory(architecture, spot),
          quantity: hours * memoryGiB,
          ...shared,
          ...how,
        },
      ];
    }),
    {
      name: "ephemeral storage above 20 GB",
      key: "fargate/ephemeral-storage",
      quantity: total * extraDisk,
      ...shared,
    },
  ];
}

/** Tasks that the capacity provider strategy of `service.ts` puts on Spot, on average. */
function spotTasks({ options }: Plan, tasks: number): number {
  const beyondBase = Math.max(0, tasks - options.onDemandBase);
  return (beyondBase * Math.round(options.spot)) / 100;
}

/** Rules of the listener: its default, and the one that names a host or shifts traffic. */
function rules(plan: Plan): number {
  return plan.network.domain === null && !hasAlternate(plan) ? 1 : 2;
}

/** The load balancer has one in each of its subnets, where it is reached from the internet. */
function publicAddresses({ network, options }: Plan): number {
  if (!network.public) return 0;
  return (
    options.loadBalancerSubnetIds?.length ??
    network.existing?.subnetIds.length ??
    network.availabilityZones?.length ??
    LIMITS.loadBalancerZones.value
  );
}

/** An existing cluster has them or not, whatever this service does. */
function insightMetrics({ options }: Plan): number {
  const { byClusterServiceAndFamily, byCluster, byService } = CONTAINER_INSIGHTS;
  return options.cluster === undefined ? 3 * byClusterServiceAndFamily + byCluster + byService : 0;
}

/** Metrics in the alarms of `observability.ts`. */
function alarmMetrics(plan: Plan): number {
  const groups = hasAlternate(plan) ? 2 : 1;
  const errors = 3;
  const errorsByVersion = groups === 2 ? groups * 2 : 0;
  const latency = plan.workload?.slo === undefined ? 0 : 1;
  const unhealthy = groups;
  const tooFew = groups;
  return errors + errorsByVersion + latency + unhealthy + tooFew;
}
