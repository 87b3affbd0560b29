import { ACCOUNT, batch, KEY, policy, resource, TOPIC, trust } from "./support";

const MACHINE = "${aws_sfn_state_machine.state-machine.arn}";
const QUEUE = "${aws_sqs_queue.undelivered.arn}";
const DELIVERY = { maximum_event_age_in_seconds: 86_400, maximum_retry_attempts: 185 };

it("starts nothing by itself unless it is told to", () => {
  const { resource: resources } = batch();
  for (const type of [
    "aws_scheduler_schedule",
    "aws_cloudwatch_event_rule",
    "aws_cloudwatch_event_target",
    "aws_sqs_queue",
    "aws_sqs_queue_policy",
  ]) {
    expect(resources[type]).toBeUndefined();
  }
});

describe("a schedule", () => {
  const stack = batch({ schedule: "cron(0 2 * * ? *)", timezone: "Europe/Dublin" });

  it("starts the state machine with an empty input, encrypted, with a dead-letter queue", () => {
    expect(resource(stack, "aws_scheduler_schedule", "schedule")).toMatchObject({
      name: "fraud-scorer-default-sagemaker-batch",
      group_name: "default",
      schedule_expression: "cron(0 2 * * ? *)",
      schedule_expression_timezone: "Europe/Dublin",
      flexible_time_window: { mode: "OFF" },
      kms_key_arn: KEY,
      target: {
        arn: MACHINE,
        input: "{}",
        role_arn: "${aws_iam_role.schedule-role.arn}",
        retry_policy: DELIVERY,
        dead_letter_config: { arn: QUEUE },
      },
      depends_on: ["aws_iam_role_policy.schedule-role-policy"],
    });
    expect(stack.resource.aws_cloudwatch_event_rule).toBeUndefined();
  });

  it("may start this state machine, and nothing else", () => {
    expect(policy(stack, "schedule-role")).toEqual([
      { Sid: "StartJobs", Effect: "Allow", Action: "states:StartExecution", Resource: MACHINE },
      { Sid: "KeepUndelivered", Effect: "Allow", Action: "sqs:SendMessage", Resource: QUEUE },
      {
        Sid: "KeyForUndelivered",
        Effect: "Allow",
        Action: ["kms:Decrypt", "kms:GenerateDataKey"],
        Resource: KEY,
        Condition: { StringEquals: { "kms:EncryptionContext:aws:sqs:arn": QUEUE } },
      },
      {
        Sid: "KeyForSchedule",
        Effect: "Allow",
        Action: "kms:Decrypt",
        Resource: KEY,
        Condition: {
          StringEquals: {
            "kms:EncryptionContext:aws:scheduler:schedule:arn": `arn:aws:scheduler:eu-west-1:${ACCOUNT}:schedule/default/fraud-scorer-default-sagemaker-batch`,
          },
        },
      },
    ]);
    expect(trust(stack, "schedule-role").Condition).toEqual({
      StringEquals: {
        "aws:SourceAccount": ACCOUNT,
        "aws:SourceArn": `arn:aws:scheduler:eu-west-1:${ACCOUNT}:schedule-group/default`,
      },
    });
  });

  it("leaves the queue closed to services", () => {
    const { policy: text } = resource(stack, "aws_sqs_queue_policy", "undelivered-policy");
    expect(JSON.parse(text as string).Statement).toEqual([
      {
        Sid: "TlsOnly",
        Effect: "Deny",
        Principal: { AWS: "*" },
        Action: "sqs:*",
        Resource: QUEUE,
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ]);
    expect(resource(stack, "aws_sqs_queue", "undelivered")).toMatchObject({
      name: "fraud-scorer-default-sagemaker-batch-undelivered",
      kms_master_key_id: KEY,
      message_retention_seconds: 1_209_600,
    });
  });
});

describe("an arrival", () => {
  const stack = batch({ onArrival: true });

  it("is an object with content under the input", () => {
    const { event_pattern: text, name } = resource(stack, "aws_cloudwatch_event_rule", "arrival");
    expect(name).toBe("fraud-scorer-default-sagemaker-batch-arrival");
    expect(JSON.parse(text as string)).toEqual({
      source: ["aws.s3"],
      "detail-type": ["Object Created"],
      detail: {
        bucket: { name: ["in"] },
        object: { key: [{ prefix: "data/" }], size: [{ numeric: [">", 0] }] },
      },
    });
    const whole = resource(
      batch({ onArrival: true, input: "s3://in" }),
      "aws_cloudwatch_event_rule",
      "arrival",
    );
    expect(JSON.parse(whole.event_pattern as string).detail.object).toEqual({
      size: [{ numeric: [">", 0] }],
    });
  });

  it("starts the state machine on just that object", () => {
    expect(resource(stack, "aws_cloudwatch_event_target", "arrival-target")).toMatchObject({
      rule: "${aws_cloudwatch_event_rule.arrival.name}",
      arn: MACHINE,
      role_arn: "${aws_iam_role.arrival-role.arn}",
      // No quotes around <key>: EventBridge writes it as a JSON string itself.
      input_transformer: { input_paths: { key: "$.detail.object.key" }, input_template: '{"key": <key>}' },
      retry_policy: DELIVERY,
      dead_letter_config: { arn: QUEUE },
      depends_on: ["aws_iam_role_policy.arrival-role-policy", "aws_sqs_queue_policy.undelivered-policy"],
    });
    expect(policy(stack, "arrival-role")).toEqual([
      { Sid: "StartJobs", Effect: "Allow", Action: "states:StartExecution", Resource: MACHINE },
    ]);
    expect(trust(stack, "arrival-role")).toMatchObject({
      Principal: { Service: "events.amazonaws.com" },
      Condition: {
        StringEquals: { "aws:SourceAccount": ACCOUNT },
        ArnEquals: { "aws:SourceArn": "${aws_cloudwatch_event_rule.arrival.arn}" },
      },
    });
  });

  it("lets its rule, and no other, write to the queue", () => {
    const { policy: text } = resource(stack, "aws_sqs_queue_policy", "undelivered-policy");
    expect(JSON.parse(text as string).Statement[1]).toEqual({
      Sid: "UndeliveredArrivals",
      Effect: "Allow",
      Principal: { Service: "events.amazonaws.com" },
      Action: "sqs:SendMessage",
      Resource: QUEUE,
      Condition: { ArnEquals: { "aws:SourceArn": "${aws_cloudwatch_event_rule.arrival.arn}" } },
    });
  });
});

describe("alarms and dashboard", () => {
  const names = (stack: ReturnType<typeof batch>) =>
    Object.values(
      (stack.resource.aws_cloudwatch_metric_alarm ?? {}) as Record<string, { alarm_name: string }>,
    ).map(({ alarm_name: name }) => name.replace("fraud-scorer-default-sagemaker-batch-", ""));

  it("watch what did not end well or did not start", () => {
    expect(names(batch())).toEqual(["jobs-aborted", "jobs-failed", "jobs-timed-out"]);
    const stack = batch({ onArrival: true });
    expect(names(stack)).toEqual(["jobs-aborted", "jobs-failed", "jobs-timed-out", "undelivered"]);
    expect(resource(stack, "aws_cloudwatch_metric_alarm", "alarm-jobs-failed")).toMatchObject({
      namespace: "AWS/States",
      metric_name: "ExecutionsFailed",
      dimensions: { StateMachineArn: MACHINE },
      statistic: "Sum",
      comparison_operator: "GreaterThanThreshold",
      threshold: 0,
      period: 300,
      evaluation_periods: 1,
      treat_missing_data: "notBreaching",
      alarm_actions: [TOPIC],
    });
    expect(resource(stack, "aws_cloudwatch_metric_alarm", "alarm-undelivered")).toMatchObject({
      namespace: "AWS/SQS",
      metric_name: "ApproximateNumberOfMessagesVisible",
      dimensions: { QueueName: "${aws_sqs_queue.undelivered.name}" },
      statistic: "Maximum",
    });
  });

  it("are left out where nobody wants them", () => {
    const stack = batch({ onArrival: true }, { observability: { alarms: false, dashboard: false } });
    expect(stack.resource.aws_cloudwatch_metric_alarm).toBeUndefined();
    expect(stack.resource.aws_cloudwatch_dashboard).toBeUndefined();
  });
});
