import type { ITerraformDependable } from "cdktf";
import { Alarms, toleratedErrorRate } from "../../modules/observability/alarms";
import { createDashboard, type Graph, type GraphMetric } from "../../modules/observability/dashboard";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import type { ModelStack } from "../../modules/stack/model-stack";
import type { Sealed } from "../../modules/stack/seal";
import type { Options } from "./options";
import { type PlannedVariant, variantsOf } from "./variant";

type Plan = Sealed<AwsTargetPlan<Options>>;

/** Seconds that a request may wait in the queue of an asynchronous endpoint before somebody is told. */
const QUEUE_AGE = 900;

const NAMESPACE = "AWS/SageMaker";
const INSTANCES = "/aws/sagemaker/Endpoints";

export interface EndpointAlarms {
  readonly names: readonly string[];
  readonly resources: readonly ITerraformDependable[];
}

/**
 * The alarms of an endpoint, which also roll an update back: those of each production variant. A shadow variant has
 * none, for its errors reach nobody. They name the endpoint literally: the endpoint's own deployment configuration
 * refers to them.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html (read 2026-11-23)
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-monitor.html (read 2026-11-23)
 */
export function rollbackAlarms(
  stack: ModelStack,
  plan: Plan,
  topicArn: string | null,
  endpointName: string,
): EndpointAlarms {
  const alarms = new Alarms(stack, plan, topicArn);
  const errorRate = toleratedErrorRate(plan);
  const async = plan.options.mode === "async";
  const goal = plan.workload?.slo?.p99;
  const resources = variantsOf(plan)
    .filter(({ kind }) => kind !== "shadow")
    .flatMap((variant) => {
      const dimensions = { EndpointName: endpointName, VariantName: variant.name };
      const suffix = (what: string) => (variant.label === null ? what : `${what}-${variant.label}`);
      const of = variant.label === null ? "" : ` of variant ${variant.label}`;
      const errors = alarms.add({
        suffix: suffix("errors"),
        description: async
          ? "Requests fail with 5xx: look at the endpoint's log group"
          : `More than ${percent(errorRate)} of the requests${of} fail with 5xx: look at the endpoint's log group`,
        // The average of a metric that is 0 or 1 for each request is the share of requests that failed.
        metric: {
          namespace: NAMESPACE,
          name: "Invocation5XXErrors",
          dimensions,
          statistic: async ? "Sum" : "Average",
        },
        comparison: "GreaterThanThreshold",
        threshold: async ? 0 : errorRate,
        period: 60,
        evaluationPeriods: 5,
        datapointsToAlarm: 3,
      });
      if (goal === undefined) return [errors];
      const latency = alarms.add({
        suffix: suffix("latency"),
        description: `The model${of} takes longer than its goal of ${goal.toString()} for 1 % of the requests`,
        metric: { namespace: NAMESPACE, name: "ModelLatency", dimensions, statistic: "p99" },
        comparison: "GreaterThanThreshold",
        // SageMaker measures it in microseconds.
        threshold: goal.milliseconds * 1000,
        period: 60,
        evaluationPeriods: 5,
        datapointsToAlarm: 3,
      });
      return [errors, latency];
    });
  if (async) {
    resources.push(
      alarms.add({
        suffix: "queue-age",
        description: `A request has waited ${QUEUE_AGE / 60} minutes: the endpoint does not keep up`,
        metric: {
          namespace: NAMESPACE,
          name: "ApproximateAgeOfOldestRequest",
          dimensions: { EndpointName: endpointName },
          statistic: "Maximum",
        },
        comparison: "GreaterThanThreshold",
        threshold: QUEUE_AGE,
        period: 60,
        evaluationPeriods: 5,
        datapointsToAlarm: 5,
      }),
    );
  }
  return { names: alarms.names, resources: resources.filter((alarm) => alarm !== null) };
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(6))} %`;
}

/** The endpoint's dashboard: traffic, latency, errors of each variant, and what its mode has beyond. */
export function createObservability(stack: ModelStack, plan: Plan, endpointName: string): void {
  const variants = variantsOf(plan);
  const lines = (
    name: string,
    statistic: string,
    label: string,
    extra: Partial<GraphMetric> = {},
  ): readonly GraphMetric[] =>
    variants.map(({ name: variantName }: PlannedVariant) => ({
      namespace: NAMESPACE,
      name,
      dimensions: { EndpointName: endpointName, VariantName: variantName },
      statistic,
      label: variants.length === 1 ? label : `${label}, ${variantName}`,
      ...extra,
    }));
  const queue = (
    name: string,
    statistic: string,
    label: string,
    extra: Partial<GraphMetric> = {},
  ): GraphMetric => ({
    namespace: NAMESPACE,
    name,
    dimensions: { EndpointName: endpointName },
    statistic,
    label,
    ...extra,
  });
  const goal = plan.workload?.slo?.p99;
  const latency: Graph = {
    title: "Model latency (µs)",
    metrics: ["p50", "p95", "p99"].flatMap((statistic) => lines("ModelLatency", statistic, statistic)),
    ...(goal === undefined ? {} : { threshold: { label: "goal for p99", value: goal.milliseconds * 1000 } }),
  };
  const errors: Graph = {
    title: "Errors",
    metrics: [...lines("Invocation5XXErrors", "Sum", "5xx"), ...lines("Invocation4XXErrors", "Sum", "4xx")],
  };
  const hardware: Graph = {
    title: "CPU and memory (%)",
    metrics: [
      ...lines("CPUUtilization", "Average", "CPU, 100 for each vCPU", { namespace: INSTANCES }),
      ...lines("MemoryUtilization", "Average", "memory", { namespace: INSTANCES, axis: "right" }),
      ...(plan.resources.gpu > 0
        ? [
            ...lines("GPUUtilization", "Average", "GPU, 100 for each", { namespace: INSTANCES }),
            ...lines("GPUMemoryUtilization", "Average", "GPU memory", {
              namespace: INSTANCES,
              axis: "right" as const,
            }),
          ]
        : []),
    ],
  };
  const byMode: Record<Options["mode"], readonly Graph[]> = {
    provisioned: [
      {
        title: "Requests per minute",
        metrics: [
          ...lines("Invocations", "Sum", "all"),
          ...lines("InvocationsPerInstance", "Sum", "per instance", { axis: "right" }),
        ],
      },
      latency,
      errors,
      hardware,
    ],
    serverless: [
      { title: "Requests per minute", metrics: [...lines("Invocations", "Sum", "all")] },
      latency,
      errors,
      {
        title: "Cold starts (µs) and concurrency",
        metrics: [
          ...lines("ModelSetupTime", "Maximum", "setup"),
          ...lines("ServerlessConcurrentExecutionsUtilization", "Maximum", "share of concurrency", {
            axis: "right",
          }),
        ],
      },
    ],
    async: [
      {
        title: "Queue",
        metrics: [
          queue("ApproximateBacklogSize", "Average", "requests"),
          queue("ApproximateAgeOfOldestRequest", "Maximum", "oldest (s)", { axis: "right" }),
        ],
      },
      latency,
      errors,
      hardware,
    ],
  };
  createDashboard(stack, plan, byMode[plan.options.mode]);
}
