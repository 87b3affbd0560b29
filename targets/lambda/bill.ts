import { scalingAlarmMetrics, watchingCharges } from "../../modules/charges/monitoring";
import {
  billed,
  internetCharge,
  logCharges,
  SECONDS_PER_MONTH,
  share,
} from "../../modules/charges/quantities";
import type { Charge, Month } from "../../modules/compare/target-comparison";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import { priceKey } from "../../modules/prices/items";
import type { Arrivals } from "../../modules/workload/workload";
import { BILLED_MILLISECONDS, LOGGED_BYTES, SAMPLING } from "./figures";
import { LIMITS } from "./limits";
import type { Options } from "./options";
import { ephemeralStorage, provisionedConcurrency, scales, shiftOf } from "./settings";

type Plan = AwsTargetPlan<Options>;

/** MB of a GB, as Lambda counts. */
const MB_PER_GB = 1024;

/** Rounding up adds half of its unit to each request, on average. */
const ROUNDING_SECONDS = BILLED_MILLISECONDS / 2 / 1000;

export interface Billed {
  /** MB of an environment. */
  readonly memory: number;
  /** Share of a cold start that is billed: the server's own start. */
  readonly coldStartBilled: number;
  readonly arrivals: Arrivals | null;
}

/** What a month on Lambda is billed for, without what the foundation has. */
export function bill(
  plan: Plan,
  { memory, coldStartBilled, arrivals }: Billed,
  month: Month,
): readonly Charge[] {
  const { architecture } = plan.resources;
  const gb = memory / MB_PER_GB;
  const onProvisioned = Math.max(0, month.served - month.onDemandRequests);
  const starts = month.coldStartSeconds * coldStartBilled;
  const onDemandSeconds = month.onDemandBusySeconds + month.onDemandRequests * ROUNDING_SECONDS + starts;
  const provisionedSeconds = month.provisionedBusySeconds + onProvisioned * ROUNDING_SECONDS;
  const warm = provisionedConcurrency(plan) !== null || scales(plan) || month.provisionedSeconds > 0;
  // The free tier "does not apply to functions that have Provisioned Concurrency enabled", which are charged for requests and
  // duration from the first one on (https://aws.amazon.com/lambda/pricing/, copy of 2026-06).
  const granted = warm ? { freeTier: false } : {};
  const extraStorage = (ephemeralStorage(plan) - LIMITS.storageMin.value) / MB_PER_GB;
  return billed([
    {
      name: "requests",
      key: priceKey.lambdaRequests(architecture),
      quantity: month.served,
      basis: "on-demand",
      assumption: "Refused requests are not billed",
      ...granted,
    },
    {
      name: "duration",
      key: priceKey.lambdaDuration(architecture),
      quantity: onDemandSeconds * gb,
      basis: "on-demand",
      assumption:
        "Each request rounded up to 1 ms; the server's start counts, as for every container image (https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/, 2025-04-29)",
      ...granted,
    },
    {
      name: "provisioned concurrency",
      key: priceKey.lambdaProvisionedConcurrency(architecture),
      quantity: month.provisionedSeconds * gb,
      basis: "provisioned",
      used: share(month.provisionedBusySeconds, month.provisionedSeconds),
    },
    {
      name: "duration on provisioned concurrency",
      key: priceKey.lambdaProvisionedDuration(architecture),
      quantity: provisionedSeconds * gb,
      basis: "on-demand",
    },
    {
      name: "ephemeral storage above 512 MB",
      key: priceKey.lambdaEphemeralStorage(architecture),
      quantity: (onDemandSeconds + provisionedSeconds) * extraStorage,
      basis: "on-demand",
    },
    {
      name: "X-Ray traces",
      key: "xray/traces",
      quantity: plan.options.tracing ? traces(arrivals, month.requests) : 0,
      basis: "on-demand",
      assumption: `The first request of each second and ${SAMPLING.share * 100} % of the others (https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html, 2026-11-23)`,
    },
    ...logCharges(
      month.served * (plan.options.tracing ? LOGGED_BYTES.traced : LOGGED_BYTES.plain),
      plan.observability.logRetentionDays,
      "Lambda's own two lines for each request; the server's lines come on top",
    ),
    internetCharge(month, plan.network.public),
    ...watchingCharges(plan, {
      alarmMetrics: alarmMetrics(plan),
      scaling: scalingAlarmMetrics(plan.scaling.policies),
    }),
  ]);
}

/** Metrics in the alarms of `observability.ts`. */
function alarmMetrics(plan: Plan): number {
  const goal = plan.workload?.slo === undefined ? 0 : 1;
  const warm = provisionedConcurrency(plan) !== null || scales(plan) ? 1 : 0;
  // Failures are a share: of two metrics.
  const ofAlias = 2 + 1 + goal;
  const ofRelease = shiftOf(plan) === null ? 0 : 2 + goal;
  return ofAlias + ofRelease + 1 + warm;
}

/** Requests of a month that are traced, where they arrive at random in each step of the load. */
function traces(arrivals: Arrivals | null, requests: number): number {
  const average = requests / SECONDS_PER_MONTH;
  const shape =
    arrivals === null || arrivals.average <= 0 ? [1] : arrivals.rates.map((rate) => rate / arrivals.average);
  const perSecond = shape.reduce((sum, factor) => sum + sampled(factor * average), 0) / shape.length;
  return perSecond * SECONDS_PER_MONTH;
}

/** Traces per second at a rate: one, where there is any request, and a share of what comes beside it. */
function sampled(rate: number): number {
  const first = SAMPLING.perSecond * (1 - Math.exp(-rate));
  return first + SAMPLING.share * (rate - first);
}
