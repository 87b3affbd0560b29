/** Catches every error of a state into `$.error`, tells of it and fails; see {@link failureStates}. */
export function catchAll(topicArn: string | null): object {
  return { ErrorEquals: ["States.ALL"], ResultPath: "$.error", Next: firstFailureState(topicArn) };
}

/** The state that an execution goes to once `$.error` holds `Error` and `Cause`. */
export function firstFailureState(topicArn: string | null): "Notify" | "Failed" {
  return topicArn === null ? "Failed" : "Notify";
}

export interface FailureOptions {
  readonly partition: string;
  /** Up to 100 ASCII characters: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html (2026-11). */
  readonly subject: string;
  /** Topic that is told; null tells nobody. */
  readonly topicArn: string | null;
}

/**
 * The last states of an execution that failed: a notice, and the failure itself. What failed is read from `$.error`, as a
 * catcher writes it.
 */
export function failureStates({
  partition,
  subject,
  topicArn,
}: FailureOptions): Readonly<Record<string, object>> {
  return {
    ...(topicArn === null ? {} : { Notify: notify(partition, subject, topicArn) }),
    // A timeout has no cause of its own, and a path to nothing would hide the error behind another one.
    Failed: { Type: "Fail", ErrorPath: "$.error.Error", CausePath: "States.JsonToString($.error)" },
  };
}

function notify(partition: string, subject: string, topicArn: string): object {
  return {
    Type: "Task",
    Resource: `arn:${partition}:states:::sns:publish`,
    Parameters: {
      TopicArn: topicArn,
      Subject: subject,
      "Message.$": "States.Format('Execution {} failed: {}', $$.Execution.Id, States.JsonToString($.error))",
    },
    ResultPath: "$.notice",
    Retry: [
      {
        ErrorEquals: ["States.TaskFailed"],
        IntervalSeconds: 5,
        MaxAttempts: 3,
        BackoffRate: 2,
        JitterStrategy: "FULL",
      },
    ],
    // Whether anybody was told or not, the execution fails with its own error.
    Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.notice", Next: "Failed" }],
    Next: "Failed",
  };
}
