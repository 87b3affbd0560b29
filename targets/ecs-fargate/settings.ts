import type { RolloutStrategy, ScalingPolicy } from "../../modules/manifest/schema";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import { Duration } from "../../modules/units/duration";
import { LIMITS } from "./limits";
import type { Options } from "./options";
import { chooseSize, isProblem, type TaskSize } from "./sizes";

type Plan = AwsTargetPlan<Options>;

/** Where a server finds its artifact. */
export const MODEL_FOLDER = "/opt/ml/model";

/** Seconds beyond the slowest request that timeouts leave. */
const MARGIN = 10;
/** Seconds that a task which leaves has for its last requests, at least. */
const DRAIN = 30;
/** Minutes of bake time: three of five bad minutes set an alarm off, and metrics come a few minutes late. */
const DEFAULT_BAKE = 10;
/** MiB of /tmp where the root file system is read-only and nothing else is asked for. */
const DEFAULT_TMP = 256;

/** How tasks scale where the manifest leaves a range and names no policy. */
export const FALLBACK: ScalingPolicy = {
  type: "target-tracking",
  metric: "cpu",
  target: 70,
  scaleInCooldown: Duration.seconds(300),
  scaleOutCooldown: Duration.seconds(60),
};

/** CPU and memory of a task. The checks made sure that there is such a size. */
export function taskSize({ resources, options }: Plan): TaskSize {
  const size = chooseSize({
    cpu: resources.cpu,
    memory: resources.memory,
    chosenCpu: options.cpu,
    chosenMemory: options.memory,
  });
  if (isProblem(size)) throw new Error(size.message);
  return size;
}

/** GiB of scratch to ask for; null where the included ones do. */
export function storageGiB({ resources: { storage } }: Plan): number | null {
  if (storage === null || storage.gibibytes <= LIMITS.storageIncluded.value) return null;
  return Math.max(Math.ceil(storage.gibibytes), LIMITS.storageMin.value);
}

function slowestRequest({ workload }: Plan): number {
  return Math.ceil(workload?.serviceTime?.p99.seconds ?? 0);
}

export function idleSeconds(plan: Plan): number {
  const { idleTimeout } = plan.options;
  if (idleTimeout !== undefined) return Math.ceil(idleTimeout.seconds);
  const needed = Math.max(LIMITS.idleSecondsDefault.value, slowestRequest(plan) + MARGIN);
  return Math.min(needed, LIMITS.requestSeconds.value);
}

export function deregistrationSeconds(plan: Plan): number {
  const { deregistrationDelay } = plan.options;
  if (deregistrationDelay !== undefined) return Math.ceil(deregistrationDelay.seconds);
  return Math.min(Math.max(DRAIN, slowestRequest(plan) + MARGIN), LIMITS.deregistrationSecondsMax.value);
}

/** MiB of /tmp in memory; null where it is on disk or part of a writable root file system. */
export function tmpMiB({ options }: Plan): number | null {
  if (options.writablePaths.includes("/tmp")) return null;
  if (options.tmp !== undefined) return Math.ceil(options.tmp.mebibytes);
  return options.readOnlyRootFilesystem ? DEFAULT_TMP : null;
}

/** ECS's names for how a new version takes over. */
export type DeploymentStrategy = "ROLLING" | "BLUE_GREEN" | "CANARY" | "LINEAR";

/**
 * Whether the load balancer has two target groups that ECS can shift traffic between. It may have them under a rolling
 * deployment too: that is the way back.
 */
export function hasAlternate({ options, rollout }: Plan): boolean {
  return options.trafficShifting ?? isGradual(rollout.strategy);
}

/** Rollouts that need two target groups: the old and the new version serve side by side, in shares. */
export function isGradual(strategy: RolloutStrategy): boolean {
  return strategy === "canary" || strategy === "linear";
}

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html (2026-11) */
export function deploymentStrategy(plan: Plan): DeploymentStrategy {
  switch (plan.rollout.strategy) {
    case "rolling":
      return "ROLLING";
    case "all-at-once":
      return hasAlternate(plan) ? "BLUE_GREEN" : "ROLLING";
    case "canary":
      return "CANARY";
    case "linear":
      return "LINEAR";
  }
}

/** Whether a deployment moves traffic, instead of replacing tasks in batches. */
export function shiftsTraffic(plan: Plan): boolean {
  return deploymentStrategy(plan) !== "ROLLING";
}

/** Minutes that the old tasks stay after all traffic has moved. */
export function bakeMinutes({ options }: Plan): number {
  return options.bakeTime?.minutes ?? DEFAULT_BAKE;
}

/** Minutes that a deployment waits between its shifts; there is no wait once everything has moved. */
function shiftMinutes(plan: Plan): number {
  const { step, interval } = plan.rollout;
  switch (deploymentStrategy(plan)) {
    case "ROLLING":
    case "BLUE_GREEN":
      return 0;
    case "CANARY":
      return interval.minutes;
    case "LINEAR":
      return (Math.ceil(100 / step) - 1) * interval.minutes;
  }
}

/**
 * Percent of the tasks that may run during a deployment. A rolling one must have room for at least one task more than
 * usual, or it never starts: ECS rounds down.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html (2026-11)
 */
export function maximumPercent(plan: Plan): number {
  const { options, rollout } = plan;
  if (options.maximumPercent !== undefined) return options.maximumPercent;
  // Where traffic is shifted, all new tasks start beside the old ones anyway.
  if (rollout.strategy !== "rolling") return 200;
  return Math.min(
    100 + Math.max(Math.ceil(rollout.step), Math.ceil(100 / Math.max(fewestTasks(plan), 1))),
    200,
  );
}

/** The fewest tasks that any policy leaves. */
export function fewestTasks({ scaling }: Plan): number {
  return Math.min(
    scaling.min,
    ...scaling.policies.flatMap((policy) =>
      policy.type === "scheduled" && policy.min !== undefined ? [policy.min] : [],
    ),
  );
}

/** Whether something moves the number of tasks. */
export function scales({ scaling }: Plan): boolean {
  return scaling.policies.length > 0;
}

/** Seconds after its start in which a task's failed health checks are forgiven. */
export function graceSeconds({ model, options }: Plan): number {
  const { interval, healthyThreshold } = options.healthCheck;
  return Math.ceil(model.server.startup.seconds + interval.seconds * (healthyThreshold + 1));
}

/** Minutes that an apply waits for a deployment: its batches, each with start, drain and some room, or its shifts. */
export function deploymentMinutes(plan: Plan): number {
  const each = graceSeconds(plan) + deregistrationSeconds(plan) + plan.options.stopTimeout.seconds;
  if (shiftsTraffic(plan)) return Math.ceil(each / 60 + shiftMinutes(plan) + bakeMinutes(plan)) + 20;
  const batches = Math.ceil(100 / (maximumPercent(plan) - plan.options.minimumHealthyPercent));
  return Math.ceil((batches * each) / 60) + 20;
}

/** Whether the tasks' disks get the deployment's own key. */
export function encryptsStorage({ options, security }: Plan): boolean {
  return options.encryptEphemeralStorage ?? (options.cluster === undefined && security.kmsKeyArn === null);
}
