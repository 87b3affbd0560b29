import type { Statement } from "../iam/policy";
import type { EnvironmentPlan } from "../plan/plan";

/** What any state machine needs that is logged and traced. */
export function observeExecutions(): readonly Statement[] {
  return [
    {
      // Log deliveries have no ARN: these actions take no resource.
      sid: "DeliverLogs",
      actions: [
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:UpdateLogDelivery",
      ],
      resources: ["*"],
    },
    {
      // Traces have no ARN: these actions take no resource.
      sid: "WriteTraces",
      actions: [
        "xray:GetSamplingRules",
        "xray:GetSamplingTargets",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
      ],
      resources: ["*"],
    },
  ];
}

/** Telling the topic of a failure; nothing where there is none. */
export function notifyOfFailure(
  { observability }: Pick<EnvironmentPlan, "observability">,
  topicArn: string | null,
  keyArn: string,
): readonly Statement[] {
  if (topicArn === null) return [];
  return [
    { sid: "NotifyOfFailure", actions: ["sns:Publish"], resources: [topicArn] },
    // Whose key a topic of the manifest's has is not known; the foundation's has this one.
    ...(observability.notifyTopicArn === null
      ? [{ sid: "KeyForNotices", actions: ["kms:Decrypt", "kms:GenerateDataKey"], resources: [keyArn] }]
      : []),
  ];
}

/** Handing a role to SageMaker, and to nothing else. */
export function passToSageMaker(roleArn: string): Statement {
  return {
    sid: "PassRole",
    actions: ["iam:PassRole"],
    resources: [roleArn],
    conditions: { StringEquals: { "iam:PassedToService": ["sagemaker.amazonaws.com"] } },
  };
}
