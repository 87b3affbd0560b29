import type { ITerraformDependable } from "cdktf";
import {
  CloudwatchMetricAlarm,
  type CloudwatchMetricAlarmMetricQuery,
} from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import type { EnvironmentPlan } from "../plan/plan";
import type { ModelStack } from "../stack/model-stack";

/** One metric, or a metric's expression over several, and when it is bad. */
export interface AlarmSpec {
  /** End of the alarm's name: `<name>-<environment>-<component>-<suffix>`. Stable: rollbacks refer to it. */
  readonly suffix: string;
  /** What is wrong when it fires, and what to look at. */
  readonly description: string;
  readonly metric:
    | {
        readonly namespace: string;
        readonly name: string;
        readonly dimensions: Readonly<Record<string, string>>;
        /** `Sum`, `Average`, `Maximum`, `Minimum`, or a percentile such as `p99`. */
        readonly statistic: string;
      }
    | { readonly queries: readonly CloudwatchMetricAlarmMetricQuery[] };
  readonly comparison: "GreaterThanThreshold" | "GreaterThanOrEqualToThreshold" | "LessThanThreshold";
  readonly threshold: number;
  /** Seconds, a multiple of 60. */
  readonly period: number;
  /** Periods that are looked at. */
  readonly evaluationPeriods: number;
  /** Periods among them that must be bad. */
  readonly datapointsToAlarm: number;
  /** What no data means. Default `notBreaching`: a model without traffic is no incident. */
  readonly missingData?: "notBreaching" | "breaching" | "ignore" | "missing";
  /** What must be there before the alarm watches it. */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/** Share of failed requests that counts as an incident where the manifest states no SLO. */
const DEFAULT_ERROR_RATE = 0.01;

/** Share of requests, 0 to 1, that may fail before an alarm fires: the manifest's goal, or 1 %. */
export function toleratedErrorRate({ workload }: Pick<EnvironmentPlan, "workload">): number {
  return workload?.slo?.errorRate ?? DEFAULT_ERROR_RATE;
}

/** The alarms of a stack. Creates nothing where the manifest wants none. */
export class Alarms {
  readonly #names: string[] = [];

  constructor(
    private readonly stack: ModelStack,
    private readonly plan: EnvironmentPlan,
    private readonly topicArn: string | null,
  ) {}

  /** Names of the alarms that were created, for rollbacks. */
  get names(): readonly string[] {
    return this.#names;
  }

  /** Adds an alarm. Null where the manifest wants none. */
  add(spec: AlarmSpec): CloudwatchMetricAlarm | null {
    if (!this.plan.observability.alarms) return null;
    const { metric } = spec;
    const name = `${this.stack.prefix}-${this.stack.component}-${spec.suffix}`;
    const actions =
      this.topicArn === null ? {} : { alarmActions: [this.topicArn], okActions: [this.topicArn] };
    const extended = "statistic" in metric && /^p\d/.test(metric.statistic);
    const alarm = new CloudwatchMetricAlarm(this.stack, `alarm-${spec.suffix}`, {
      alarmName: name,
      alarmDescription: spec.description,
      comparisonOperator: spec.comparison,
      threshold: spec.threshold,
      evaluationPeriods: spec.evaluationPeriods,
      datapointsToAlarm: spec.datapointsToAlarm,
      treatMissingData: spec.missingData ?? "notBreaching",
      ...(spec.dependsOn === undefined ? {} : { dependsOn: [...spec.dependsOn] }),
      ...actions,
      ...("queries" in metric
        ? { metricQuery: [...metric.queries] }
        : {
            namespace: metric.namespace,
            metricName: metric.name,
            dimensions: { ...metric.dimensions },
            period: spec.period,
            ...(extended ? { extendedStatistic: metric.statistic } : { statistic: metric.statistic }),
          }),
    });
    this.#names.push(name);
    return alarm;
  }
}
