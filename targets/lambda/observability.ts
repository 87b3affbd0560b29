import { Alarms, toleratedErrorRate } from "../../modules/observability/alarms";
import { createDashboard, type Graph, type GraphMetric } from "../../modules/observability/dashboard";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import type { ModelStack } from "../../modules/stack/model-stack";
import type { Sealed } from "../../modules/stack/seal";
import type { Options } from "./options";
import { ALIAS, provisionedConcurrency, scales, timeout } from "./settings";

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

/**
 * The function's alarms and its dashboard.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html (read 2026-11-23)
 */
export function createObservability(
  stack: ModelStack,
  plan: Plan,
  functionName: string,
  topicArn: string | null,
): void {
  const warm = provisionedConcurrency(plan) !== null || scales(plan);
  createAlarms(new Alarms(stack, plan, topicArn), plan, functionName, warm);
  createDashboard(stack, plan, graphs(plan, functionName, warm));
}

function createAlarms(alarms: Alarms, plan: Plan, functionName: string, warm: boolean): void {
  const dimensions = aliasDimensions(functionName);
  const errorRate = toleratedErrorRate(plan);
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
  alarms.add({
    suffix: "errors",
    description: `More than ${Number((errorRate * 100).toPrecision(6))} % of the requests fail: look at the function's log group`,
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
    threshold: errorRate,
    ...WINDOW,
  });
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
  const seconds = timeout(plan);
  alarms.add({
    suffix: "duration",
    description: `1 % of the requests take more than ${NEAR_TIMEOUT * 100} % of the timeout of ${seconds} s`,
    metric: { namespace: NAMESPACE, name: "Duration", dimensions, statistic: "p99" },
    comparison: "GreaterThanThreshold",
    threshold: seconds * 1000 * NEAR_TIMEOUT,
    ...WINDOW,
  });
  const goal = plan.workload?.slo?.p99;
  if (goal !== undefined) {
    alarms.add({
      suffix: "latency",
      description: `1 % of the requests take longer than the goal of ${goal.toString()}, cold starts not counted`,
      metric: { namespace: NAMESPACE, name: "Duration", dimensions, statistic: "p99" },
      comparison: "GreaterThanThreshold",
      threshold: goal.milliseconds,
      ...WINDOW,
    });
  }
  if (warm) {
    alarms.add({
      suffix: "spillover",
      description: "Requests find no warm environment and start cold ones: raise provisioned concurrency",
      metric: {
        namespace: NAMESPACE,
        name: "ProvisionedConcurrencySpilloverInvocations",
        dimensions,
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
