import type { Json } from "../support/synth";
import { ACCOUNT, foundationOf, resource, statements } from "../support/foundation";

const policyOf = (changes: Json) =>
  statements(resource(foundationOf({ key: true }, changes), "aws_kms_key_policy", "key-policy").policy);

/** What the policy must be, with the account as it is known. */
const expected = (account: string) => ({
  AccountAdministersByIam: {
    Effect: "Allow",
    Principal: { AWS: `arn:aws:iam::${account}:root` },
    Action: "kms:*",
    Resource: "*",
  },
  LogsOfThisModel: {
    Effect: "Allow",
    Principal: { Service: "logs.eu-west-1.amazonaws.com" },
    Action: ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
    Resource: "*",
    Condition: {
      ArnLike: {
        "kms:EncryptionContext:aws:logs:arn": `arn:aws:logs:eu-west-1:${account}:log-group:*fraud-scorer-default*`,
      },
    },
  },
  AlarmsOfThisModel: {
    Effect: "Allow",
    Principal: { Service: "cloudwatch.amazonaws.com" },
    Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
    Resource: "*",
    Condition: {
      StringEquals: { "aws:SourceAccount": account },
      ArnLike: { "aws:SourceArn": `arn:aws:cloudwatch:eu-west-1:${account}:alarm:fraud-scorer-default-*` },
    },
  },
  EventsToQueues: {
    Effect: "Allow",
    Principal: { Service: "events.amazonaws.com" },
    Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
    Resource: "*",
  },
  StorageOfTasks: {
    Effect: "Allow",
    Principal: { Service: "fargate.amazonaws.com" },
    Action: "kms:GenerateDataKeyWithoutPlaintext",
    Resource: "*",
    Condition: {
      StringEquals: { "kms:EncryptionContext:aws:ecs:clusterAccount": account },
      StringLike: { "kms:EncryptionContext:aws:ecs:clusterName": "fraud-scorer-default-*" },
    },
  },
  GrantsForStorageOfTasks: {
    Effect: "Allow",
    Principal: { Service: "fargate.amazonaws.com" },
    Action: "kms:CreateGrant",
    Resource: "*",
    Condition: {
      StringEquals: { "kms:EncryptionContext:aws:ecs:clusterAccount": account },
      StringLike: { "kms:EncryptionContext:aws:ecs:clusterName": "fraud-scorer-default-*" },
      "ForAllValues:StringEquals": { "kms:GrantOperations": "Decrypt" },
    },
  },
});

describe("the key", () => {
  const stack = foundationOf({ key: true });

  test("rotates, and refuses to be destroyed", () => {
    expect(resource(stack, "aws_kms_key", "key")).toEqual({
      description: "Encrypts what fraud-scorer-default keeps at rest",
      enable_key_rotation: true,
      deletion_window_in_days: 30,
      lifecycle: { prevent_destroy: true },
    });
  });

  test("may be destroyed once deletion protection is off", () => {
    const open = foundationOf({ key: true }, { security: { deletionProtection: false } });
    expect(resource(open, "aws_kms_key", "key").lifecycle).toEqual({ prevent_destroy: false });
  });

  test("has exactly this policy where the account is known", () => {
    expect(policyOf({ account: ACCOUNT })).toEqual(expected(ACCOUNT));
  });

  test("has exactly this policy where the account is read off the key", () => {
    expect(policyOf({})).toEqual(expected("${local.account_id}"));
    expect(stack.locals).toEqual({ account_id: '${element(split(":", aws_kms_key.key.arn), 4)}' });
  });

  test("asks nobody for an account that is known", () => {
    const known = foundationOf({ key: true }, { account: ACCOUNT });
    expect(known.locals).toBeUndefined();
    expect((known.output as Json).account_id).toEqual({ value: ACCOUNT });
  });

  test("is read through its alias, which waits for the policy", () => {
    expect(resource(stack, "aws_kms_alias", "key-alias")).toEqual({
      name: "alias/fraud-scorer-default",
      target_key_id: "${aws_kms_key.key.key_id}",
      depends_on: ["aws_kms_key_policy.key-policy"],
    });
    expect((stack.output as Json).key_arn).toEqual({ value: "${aws_kms_alias.key-alias.target_key_arn}" });
  });

  test.each([
    ["cn-north-1", "aws-cn", "logs.cn-north-1.amazonaws.com.cn"],
    ["us-gov-west-1", "aws-us-gov", "logs.us-gov-west-1.amazonaws.com"],
  ])("in %s is of the partition %s", (region, partition, logs) => {
    const policy = policyOf({ region, account: ACCOUNT });
    expect(policy.AccountAdministersByIam?.Principal).toEqual({
      AWS: `arn:${partition}:iam::${ACCOUNT}:root`,
    });
    expect(policy.LogsOfThisModel?.Principal).toEqual({ Service: logs });
  });
});
