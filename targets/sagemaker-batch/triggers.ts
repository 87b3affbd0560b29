import { CloudwatchEventRule } from "@cdktf/provider-aws/lib/cloudwatch-event-rule";
import { CloudwatchEventTarget } from "@cdktf/provider-aws/lib/cloudwatch-event-target";
import { SchedulerSchedule } from "@cdktf/provider-aws/lib/scheduler-schedule";
import type { SfnStateMachine } from "@cdktf/provider-aws/lib/sfn-state-machine";
import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue";
import { SqsQueuePolicy } from "@cdktf/provider-aws/lib/sqs-queue-policy";
import type { Shared } from "../../modules/foundation/shared";
import { policyJson } from "../../modules/iam/policy";
import { createServiceRole } from "../../modules/iam/role";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import type { ModelStack } from "../../modules/stack/model-stack";
import { resourceName } from "../../modules/stack/names";
import type { Sealed } from "../../modules/stack/seal";
import { LIMITS } from "./limits";
import { parseLocation } from "./location";
import type { Options } from "./options";
import { arnWriter } from "./roles";

type Plan = Sealed<AwsTargetPlan<Options>>;

/** A start that could not be delivered is tried again for this long, then kept in the dead-letter queue. */
const DELIVERY = { maximumEventAgeInSeconds: 86_400, maximumRetryAttempts: 185 } as const;

/** As long as SQS keeps a message. */
const QUEUE_RETENTION_SECONDS = 14 * 86_400;

/** What starts jobs by itself, with a queue for starts that were lost. Null where jobs are started by hand only. */
export function createTriggers(
  stack: ModelStack,
  plan: Plan,
  shared: Shared,
  machine: SfnStateMachine,
): SqsQueue | null {
  const { schedule, onArrival } = plan.options;
  if (schedule === undefined && !onArrival) return null;
  const queue = new SqsQueue(stack, "undelivered", {
    name: resourceName([stack.prefix, stack.component, "undelivered"], LIMITS.queueName.value),
    kmsMasterKeyId: shared.keyArn,
    messageRetentionSeconds: QUEUE_RETENTION_SECONDS,
  });
  const rule = onArrival ? createArrivalRule(stack, plan) : null;
  const policy = new SqsQueuePolicy(stack, "undelivered-policy", {
    queueUrl: queue.url,
    policy: policyJson([
      {
        sid: "TlsOnly",
        effect: "Deny",
        principals: { AWS: ["*"] },
        actions: ["sqs:*"],
        resources: [queue.arn],
        conditions: { Bool: { "aws:SecureTransport": ["false"] } },
      },
      ...(rule === null
        ? []
        : [
            {
              // The Scheduler writes under its own role; a rule writes as the service.
              sid: "UndeliveredArrivals",
              principals: { Service: ["events.amazonaws.com"] },
              actions: ["sqs:SendMessage"],
              resources: [queue.arn],
              conditions: { ArnEquals: { "aws:SourceArn": [rule.arn] } },
            },
          ]),
    ]),
  });
  if (schedule !== undefined) createSchedule(stack, plan, shared, { expression: schedule, machine, queue });
  if (rule !== null) createArrivalTarget(stack, plan, shared, { rule, machine, queue, policy });
  return queue;
}

function createSchedule(
  stack: ModelStack,
  plan: Plan,
  shared: Shared,
  uses: { readonly expression: string; readonly machine: SfnStateMachine; readonly queue: SqsQueue },
): void {
  const arn = arnWriter(plan, shared);
  const name = resourceName([stack.prefix, stack.component], LIMITS.scheduleName.value);
  const role = createServiceRole(stack, "schedule-role", {
    name: [stack.prefix, stack.component, "schedule", plan.region.name],
    description: `Starts batch jobs of ${stack.prefix} on schedule`,
    services: ["scheduler.amazonaws.com"],
    trustConditions: {
      StringEquals: {
        "aws:SourceAccount": [shared.accountId],
        // The Scheduler names the group here, never the single schedule.
        "aws:SourceArn": [arn("scheduler", "schedule-group/default")],
      },
    },
    statements: [
      { sid: "StartJobs", actions: ["states:StartExecution"], resources: [uses.machine.arn] },
      { sid: "KeepUndelivered", actions: ["sqs:SendMessage"], resources: [uses.queue.arn] },
      {
        sid: "KeyForUndelivered",
        actions: ["kms:Decrypt", "kms:GenerateDataKey"],
        resources: [shared.keyArn],
        conditions: { StringEquals: { "kms:EncryptionContext:aws:sqs:arn": [uses.queue.arn] } },
      },
      {
        sid: "KeyForSchedule",
        actions: ["kms:Decrypt"],
        resources: [shared.keyArn],
        conditions: {
          StringEquals: {
            "kms:EncryptionContext:aws:scheduler:schedule:arn": [
              arn("scheduler", `schedule/default/${name}`),
            ],
          },
        },
      },
    ],
    permissionsBoundaryArn: plan.security.permissionsBoundaryArn,
  });
  new SchedulerSchedule(stack, "schedule", {
    name,
    groupName: "default",
    description: `Runs batch jobs of ${stack.prefix}`,
    scheduleExpression: uses.expression,
    scheduleExpressionTimezone: plan.options.timezone,
    flexibleTimeWindow: { mode: "OFF" },
    kmsKeyArn: shared.keyArn,
    target: {
      arn: uses.machine.arn,
      roleArn: role.arn,
      input: "{}",
      retryPolicy: DELIVERY,
      deadLetterConfig: { arn: uses.queue.arn },
    },
    dependsOn: [...role.dependencies],
  });
}

/** Objects of no bytes are left out: consoles make them to show a folder. */
function createArrivalRule(stack: ModelStack, plan: Plan): CloudwatchEventRule {
  const { bucket, prefix } = parseLocation(plan.options.input);
  return new CloudwatchEventRule(stack, "arrival", {
    name: resourceName([stack.prefix, stack.component, "arrival"], LIMITS.ruleName.value),
    description: `Input for batch jobs of ${stack.prefix} has arrived`,
    eventPattern: JSON.stringify({
      source: ["aws.s3"],
      "detail-type": ["Object Created"],
      detail: {
        bucket: { name: [bucket] },
        object: {
          ...(prefix === "" ? {} : { key: [{ prefix }] }),
          size: [{ numeric: [">", 0] }],
        },
      },
    }),
  });
}

function createArrivalTarget(
  stack: ModelStack,
  plan: Plan,
  shared: Shared,
  uses: {
    readonly rule: CloudwatchEventRule;
    readonly machine: SfnStateMachine;
    readonly queue: SqsQueue;
    readonly policy: SqsQueuePolicy;
  },
): void {
  const role = createServiceRole(stack, "arrival-role", {
    name: [stack.prefix, stack.component, "arrival", plan.region.name],
    description: `Starts batch jobs of ${stack.prefix} when input arrives`,
    services: ["events.amazonaws.com"],
    trustConditions: {
      StringEquals: { "aws:SourceAccount": [shared.accountId] },
      ArnEquals: { "aws:SourceArn": [uses.rule.arn] },
    },
    statements: [{ sid: "StartJobs", actions: ["states:StartExecution"], resources: [uses.machine.arn] }],
    permissionsBoundaryArn: plan.security.permissionsBoundaryArn,
  });
  new CloudwatchEventTarget(stack, "arrival-target", {
    rule: uses.rule.name,
    targetId: "state-machine",
    arn: uses.machine.arn,
    roleArn: role.arn,
    // Without quotes around <key>, EventBridge writes it as a JSON string: a key with quotes in it stays a key.
    inputTransformer: { inputPaths: { key: "$.detail.object.key" }, inputTemplate: '{"key": <key>}' },
    retryPolicy: DELIVERY,
    deadLetterConfig: { arn: uses.queue.arn },
    dependsOn: [...role.dependencies, uses.policy],
  });
}
