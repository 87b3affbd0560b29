import { containerEnvironment } from "../../modules/plan/container-environment";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import { LIMITS } from "./limits";
import type { Options } from "./options";

type Plan = AwsTargetPlan<Options>;

/** The name that callers invoke, and that a release moves to the new version. */
export const ALIAS = "live";

/** Seconds that the adapter waits for the server before it lets an asynchronous initialization go on. */
const ADAPTER_WAIT = 9.8;

/** Seconds of a request where neither the options nor the workload tell. */
const DEFAULT_TIMEOUT = 30;

/** MiB that `resources` need, by its two fields. */
export function neededMemory({ resources }: Plan): { readonly memory: number; readonly cpu: number } {
  return {
    memory: Math.ceil(resources.memory.mebibytes),
    cpu: Math.ceil(resources.cpu * LIMITS.memoryPerVcpu.value),
  };
}

/** Memory of one environment, MiB. */
export function memory(plan: Plan): number {
  const needs = neededMemory(plan);
  return plan.options.memory?.mebibytes ?? Math.max(needs.memory, needs.cpu, LIMITS.memoryMin.value);
}

/** Longest request, whole seconds. */
export function timeout({ options, model, workload }: Plan): number {
  if (options.timeout !== undefined) return options.timeout.seconds;
  const p99 = workload?.serviceTime?.p99.seconds;
  const work = p99 === undefined ? DEFAULT_TIMEOUT : 3 * p99;
  const seconds = Math.ceil(model.server.startup.seconds + work);
  return Math.min(Math.max(seconds, DEFAULT_TIMEOUT), LIMITS.timeoutMax.value);
}

/** Size of `/tmp`, MiB. */
export function ephemeralStorage({ resources }: Plan): number {
  return resources.storage === null ? LIMITS.storageMin.value : Math.ceil(resources.storage.mebibytes);
}

/** Whether something moves provisioned concurrency. */
export function scales({ scaling }: Plan): boolean {
  return scaling.policies.length > 0;
}

/**
 * Environments that are kept warm from the start; null where there are none, because nobody asked for them, or because
 * scaling starts at nothing.
 */
export function provisionedConcurrency(plan: Plan): number | null {
  const { options, scaling } = plan;
  const given = options.provisionedConcurrency ?? null;
  if (!scales(plan)) return given;
  const initial = given ?? scaling.min;
  return initial > 0 ? initial : null;
}

/** The most environments that may ever be kept warm. */
export function mostProvisioned(plan: Plan): number {
  const initial = provisionedConcurrency(plan) ?? 0;
  if (!scales(plan)) return initial;
  const { max, policies } = plan.scaling;
  const scheduled = policies.flatMap((policy) =>
    policy.type === "scheduled" ? [policy.min ?? 0, policy.max ?? 0] : [],
  );
  return Math.max(initial, max, ...scheduled);
}

/**
 * Minutes from the first bad request to an alarm: three bad minutes (see `observability.ts`), and up to two until their
 * metrics are there and were looked at.
 */
export const ALARM_MINUTES = 5;

/** How CodeDeploy moves traffic from one version to the next. */
export interface Shift {
  readonly strategy: "canary" | "linear";
  /** Percent of the traffic that moves at a time, 1 to 99; with a canary the rest follows at once. */
  readonly percent: number;
  /** Minutes between shifts. Whole, once the plan was checked. */
  readonly minutes: number;
  /** Minutes between the first shift and the last. */
  readonly totalMinutes: number;
}

/** How a release shifts traffic; null where the alias moves at once, within the apply. */
export function shiftOf({ rollout }: Plan): Shift | null {
  const { strategy, step: percent, interval } = rollout;
  if (strategy !== "canary" && strategy !== "linear") return null;
  const minutes = interval.seconds / 60;
  const shifts = strategy === "canary" ? 2 : Math.ceil(100 / percent);
  return { strategy, percent, minutes, totalMinutes: (shifts - 1) * minutes };
}

/** Whether environments are connected to a VPC. */
export function inVpc({ options, network }: Plan): boolean {
  return options.vpc ?? network.existing !== null;
}

/** Variables of the adapter that follow from `model.server` and cannot be set otherwise. */
export function serverVariables({ options, model: { server } }: Plan): Readonly<Record<string, string>> {
  if (!options.adapter) return {};
  return {
    AWS_LWA_PASS_THROUGH_PATH: server.invoke,
    AWS_LWA_PORT: String(server.port),
    AWS_LWA_READINESS_CHECK_PATH: server.health,
  };
}

/** Variables of the adapter that `model.environment` may override. */
function adapterDefaults(plan: Plan): Readonly<Record<string, string>> {
  if (!plan.options.adapter) return {};
  const warm = provisionedConcurrency(plan) !== null || scales(plan);
  const slow = plan.model.server.startup.seconds > ADAPTER_WAIT;
  return {
    // Provisioned environments may take minutes to start, and must not count as ready before they are.
    AWS_LWA_ASYNC_INIT: String(slow && !warm),
    // Without it a direct invocation that fails looks like one that succeeds: its status is dropped on the way back.
    AWS_LWA_ERROR_STATUS_CODES: "500-599",
    // The adapter's own default takes a 404 for ready.
    AWS_LWA_READINESS_CHECK_HEALTHY_STATUS: "200-399",
  };
}

/** All environment variables of the function, by name. */
export function variables(plan: Plan): Readonly<Record<string, string>> {
  const all = {
    ...adapterDefaults(plan),
    ...containerEnvironment(plan.model),
    ...serverVariables(plan),
  };
  return Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
}
