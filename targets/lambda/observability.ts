import type { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { Alarms, type AlarmSpec, toleratedErrorRate } from "../../modules/observability/alarms";
import { createDashboard, type Graph, type GraphMetric } from "../../modules/observability/dashboard";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import type { ModelStack } from "../../modules/stack/model-stack";
import type { Sealed } from "../../modules/stack/seal";
import type { Options } from "./options";
import { ALIAS, provisionedConcurrency, scales, shiftOf, timeout } from "./settings";

type Plan = Sealed<AwsTargetPlan<Options>>;

export const NAMESPACE = "AWS/Lambda";

/** Share of the timeout that a request may use before somebody is told. */
const NEAR_TIMEOUT = 0.8;

/**
 * Three bad minutes within a quarter of an hour: quick under load, not blind where requests are rare, deaf to a single
 * mishap.
 */
const WINDOW = { period: 60, evaluationPeriods: 15, datapointsToAlarm: 3 } as const;

/** Dimensions of what goes through the alias. */
export function aliasDimensions(functionName: string): Readonly<Record<string, string>> {
  return { FunctionName: functionName, Resource: `${functionName}:${ALIAS}` };
}

/** What is watched: the function by its name as it is written, and the version that an apply publishes. */
export interface Watched {
  readonly functionName: string;
  readonly version: string;
}

/**
 * The function's alarms and its dashboard.
 * @returns the alarms that speak of a release; none where the manifest wants no alarms.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html (read 2026-11-23)
 */
export function createObservability(
  stack: ModelStack,
  plan: Plan,
  watched: Watched,
  topicArn: string | null,
): readonly CloudwatchMetricAlarm[] {
  const warm = provisionedConcurrency(plan) !== null || scales(plan);
  const { functionName } = watched;
  const alarms = new Alarms(stack, plan, topicArn);
  const ofRelease = [
    ...requestAlarms(alarms, plan, aliasDimensions(functionName)),
    ...versionAlarms(alarms, plan, watched),
  ];
  capacityAlarms(alarms, functionName, warm);
  createDashboard(stack, plan, graphs(plan, functionName, warm));
  return ofRelease.filter((alarm) => alarm !== null);
}

/** The share of failed requests among those that the dimensions name. */
function failures(
  plan: Plan,
  dimensions: Readonly<Record<string, string>>,
): Omit<AlarmSpec, "suffix" | "description"> {
  const sum = (id: string, metricName: string) => ({
    id,
    metric: {
      namespace: NAMESPACE,
      metricName,
      dimensions: { ...dimensions },
      period: WINDOW.period,
      stat: "Sum",
    },
  });
  return {
    metric: {
      queries: [
        {
          id: "rate",
          expression: "errors / invocations",
          label: "Share of failed requests",
          returnData: true,
        },
        sum("errors", "Errors"),
        sum("invocations", "Invocations"),
      ],
    },
    comparison: "GreaterThanThreshold",
    threshold: toleratedErrorRate(plan),
    ...WINDOW,
  };
}

/** The slowest requests among those that the dimensions name. */
function slowness(
  dimensions: Readonly<Record<string, string>>,
  milliseconds: number,
): Omit<AlarmSpec, "suffix" | "description"> {
  return {
    metric: { namespace: NAMESPACE, name: "Duration", dimensions, statistic: "p99" },
    comparison: "GreaterThanThreshold",
    threshold: milliseconds,
    ...WINDOW,
  };
}

const percentOf = (plan: Plan) => Number((toleratedErrorRate(plan) * 100).toPrecision(6));

/** What callers of the alias see. */
function requestAlarms(
  alarms: Alarms,
  plan: Plan,
  dimensions: Readonly<Record<string, string>>,
): (CloudwatchMetricAlarm | null)[] {
  const seconds = timeout(plan);
  const goal = plan.workload?.slo?.p99;
  return [
    alarms.add({
      suffix: "errors",
      description: `More than ${percentOf(plan)} % of the requests fail: look at the function's log group`,
      ...failures(plan, dimensions),
    }),
    alarms.add({
      suffix: "duration",
      description: `1 % of the requests take more than ${NEAR_TIMEOUT * 100} % of the timeout of ${seconds} s`,
      ...slowness(dimensions, seconds * 1000 * NEAR_TIMEOUT),
    }),
    ...(goal === undefined
      ? []
      : [
          alarms.add({
            suffix: "latency",
            description: `1 % of the requests take longer than the goal of ${goal.toString()}, cold starts not counted`,
            ...slowness(dimensions, goal.milliseconds),
          }),
        ]),
  ];
}

/**
 * What callers see of the newest version alone, where a release shifts traffic: a tenth of the traffic that fails in one
 * request out of twenty is half a percent of the whole, and no alarm of the alias.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html, ExecutedVersion (read 2026-11-23)
 */
function versionAlarms(alarms: Alarms, plan: Plan, watched: Watched): (CloudwatchMetricAlarm | null)[] {
  if (shiftOf(plan) === null) return [];
  const dimensions = { ...aliasDimensions(watched.functionName), ExecutedVersion: watched.version };
  const goal = plan.workload?.slo?.p99;
  return [
    alarms.add({
      suffix: "release-errors",
      description: `More than ${percentOf(plan)} % of the requests to the newest version fail: look at the function's log group`,
      ...failures(plan, dimensions),
    }),
    ...(goal === undefined
      ? []
      : [
          alarms.add({
            suffix: "release-latency",
            description: `1 % of the requests to the newest version take longer than the goal of ${goal.toString()}`,
            ...slowness(dimensions, goal.milliseconds),
          }),
        ]),
  ];
}

/** Whether there are environments enough. Not of a release: they fire as well because callers became more. */
function capacityAlarms(alarms: Alarms, functionName: string, warm: boolean): void {
  alarms.add({
    suffix: "throttles",
    description:
      "Requests are refused because no environment is free: look at reserved concurrency and the account's quota",
    // A refused request may not have reached the alias's own count.
    metric: {
      namespace: NAMESPACE,
      name: "Throttles",
      dimensions: { FunctionName: functionName },
      statistic: "Sum",
    },
    comparison: "GreaterThanThreshold",
    threshold: 0,
    ...WINDOW,
  });
  if (warm) {
    alarms.add({
      suffix: "spillover",
      description: "Requests find no warm environment and start cold ones: raise provisioned concurrency",
      metric: {
        namespace: NAMESPACE,
        name: "ProvisionedConcurrencySpilloverInvocations",
        dimensions: aliasDimensions(functionName),
        statistic: "Sum",
      },
      comparison: "GreaterThanThreshold",
      threshold: 0,
      ...WINDOW,
    });
  }
}

function graphs(plan: Plan, functionName: string, warm: boolean): readonly Graph[] {
  const metric = (
    name: string,
    statistic: string,
    label: string,
    more: Partial<GraphMetric> = {},
  ): GraphMetric => ({
    namespace: NAMESPACE,
    name,
    dimensions: aliasDimensions(functionName),
    statistic,
    label,
    ...more,
  });
  const whole = { dimensions: { FunctionName: functionName } };
  const seconds = timeout(plan);
  return [
    { title: "Requests", metrics: [metric("Invocations", "Sum", "Requests")] },
    {
      title: "Failures",
      metrics: [metric("Errors", "Sum", "Failed"), metric("Throttles", "Sum", "Refused (throttled)", whole)],
    },
    {
      title: "Duration, ms",
      metrics: ["p50", "p95", "p99"].map((statistic) => metric("Duration", statistic, statistic)),
      threshold: { label: "Timeout", value: seconds * 1000 },
    },
    {
      title: "Environments at work",
      metrics: [
        metric("ConcurrentExecutions", "Maximum", "All", whole),
        ...(warm ? [metric("ProvisionedConcurrentExecutions", "Maximum", "Warm ones")] : []),
      ],
      ...(plan.options.reservedConcurrency === undefined
        ? {}
        : { threshold: { label: "Reserved", value: plan.options.reservedConcurrency } }),
    },
    ...(warm
      ? [
          {
            title: "Provisioned concurrency",
            metrics: [
              metric("ProvisionedConcurrencyUtilization", "Maximum", "Utilization, 0 to 1"),
              metric(
                "ProvisionedConcurrencySpilloverInvocations",
                "Sum",
                "Requests without a warm environment",
                {
                  axis: "right",
                },
              ),
            ],
          },
        ]
      : []),
  ];
}
