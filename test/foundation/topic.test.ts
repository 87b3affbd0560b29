import { ACCOUNT, foundationOf, resource, statements } from "../support/foundation";

describe.each([
  ["known", { account: ACCOUNT }, ACCOUNT],
  ["read off the key", {}, "${local.account_id}"],
])("the topic, the account %s", (_what, changes, account) => {
  const stack = foundationOf({ key: true, topic: true }, changes);

  test("is encrypted", () => {
    expect(resource(stack, "aws_sns_topic", "alarms")).toEqual({
      name: "fraud-scorer-default-alarms",
      display_name: "Alarms of fraud-scorer-default",
      kms_master_key_id: "${aws_kms_alias.key-alias.target_key_arn}",
    });
  });

  test("takes alarms of this model, and nothing else", () => {
    const policy = resource(stack, "aws_sns_topic_policy", "alarms-policy");
    expect(policy.arn).toBe("${aws_sns_topic.alarms.arn}");
    expect(statements(policy.policy)).toEqual({
      AlarmsOfThisModel: {
        Effect: "Allow",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Action: "sns:Publish",
        Resource: "${aws_sns_topic.alarms.arn}",
        Condition: {
          ArnLike: {
            "aws:SourceArn": `arn:aws:cloudwatch:eu-west-1:${account}:alarm:fraud-scorer-default-*`,
          },
        },
      },
    });
  });
});
