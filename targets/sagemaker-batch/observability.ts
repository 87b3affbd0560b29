import { Alarms } from "../../modules/observability/alarms";
import { createDashboard, type Graph } from "../../modules/observability/dashboard";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import type { ModelStack } from "../../modules/stack/model-stack";
import type { Sealed } from "../../modules/stack/seal";
import type { Options } from "./options";

/** What is watched. */
export interface Watched {
  readonly machineArn: string;
  /** Queue of starts that were lost; null where jobs are started by hand only. */
  readonly queueName: string | null;
  readonly topicArn: string | null;
}

const PERIOD = 300;

const OUTCOMES = [
  ["jobs-failed", "ExecutionsFailed", "A batch job failed: see the execution's error, and the job's log"],
  ["jobs-timed-out", "ExecutionsTimedOut", "A batch job took longer than its timeout with all its retries"],
  ["jobs-aborted", "ExecutionsAborted", "Somebody stopped a batch job"],
] as const;

/**
 * Alarms on jobs that did not end well or did not start, and a dashboard.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html (read 2026-11)
 */
export function createObservability(
  stack: ModelStack,
  plan: Sealed<AwsTargetPlan<Options>>,
  { machineArn, queueName, topicArn }: Watched,
): void {
  const alarms = new Alarms(stack, plan, topicArn);
  const machine = { namespace: "AWS/States", dimensions: { StateMachineArn: machineArn } };
  const once = {
    comparison: "GreaterThanThreshold",
    threshold: 0,
    period: PERIOD,
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
  } as const;
  for (const [suffix, name, description] of OUTCOMES) {
    alarms.add({ ...once, suffix, description, metric: { ...machine, name, statistic: "Sum" } });
  }
  if (queueName !== null) {
    alarms.add({
      ...once,
      suffix: "undelivered",
      description: "A start of a batch job could not be delivered: see the messages of the dead-letter queue",
      metric: { ...undelivered(queueName), statistic: "Maximum" },
    });
  }
  createDashboard(stack, plan, graphs(machine, queueName));
}

function undelivered(queueName: string) {
  return {
    namespace: "AWS/SQS",
    name: "ApproximateNumberOfMessagesVisible",
    dimensions: { QueueName: queueName },
  } as const;
}

function graphs(
  machine: { readonly namespace: string; readonly dimensions: Readonly<Record<string, string>> },
  queueName: string | null,
): readonly Graph[] {
  const count = (name: string, label: string) => ({ ...machine, name, label, statistic: "Sum" });
  const time = (statistic: string) => ({ ...machine, name: "ExecutionTime", label: statistic, statistic });
  return [
    {
      title: "Jobs",
      period: PERIOD,
      metrics: [
        count("ExecutionsStarted", "started"),
        count("ExecutionsSucceeded", "succeeded"),
        count("ExecutionsFailed", "failed"),
        count("ExecutionsTimedOut", "timed out"),
        count("ExecutionsAborted", "aborted"),
      ],
    },
    { title: "Time from start to end (ms)", period: PERIOD, metrics: [time("p50"), time("Maximum")] },
    ...(queueName === null
      ? []
      : [
          {
            title: "Starts that could not be delivered",
            period: PERIOD,
            metrics: [{ ...undelivered(queueName), label: "messages", statistic: "Maximum" }],
          },
        ]),
  ];
}
