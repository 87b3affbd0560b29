import { TerraformLocal } from "cdktf";
import { KmsAlias } from "@cdktf/provider-aws/lib/kms-alias";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { KmsKeyPolicy } from "@cdktf/provider-aws/lib/kms-key-policy";
import { policyJson } from "../iam/policy";
import type { EnvironmentPlan } from "../plan/plan";
import type { ModelStack } from "../stack/model-stack";

export interface FoundationKey {
  readonly arn: string;
  /** The account, read off the key's ARN where the manifest does not name it. */
  readonly accountId: string;
}

/**
 * The key for everything at rest. Its policy leaves the rights to IAM, and lets the services that encrypt on their own
 * behalf (logs, alarms, events) use it for this model's resources only; for those of the account where models share it,
 * whose names say nothing of each other.
 * @param options.shared whether models share it.
 */
export function createKey(
  stack: ModelStack,
  plan: EnvironmentPlan,
  { shared }: { readonly shared: boolean },
): FoundationKey {
  const { region } = plan;
  if (region === null) throw new Error("a key needs a region");
  const key = new KmsKey(stack, "key", {
    description: `Encrypts what ${stack.prefix} keeps at rest`,
    enableKeyRotation: true,
    deletionWindowInDays: 30,
    lifecycle: { preventDestroy: plan.security.deletionProtection },
  });
  const accountId =
    plan.account ??
    new TerraformLocal(stack, "account_id", `\${element(split(":", ${key.fqn}.arn), 4)}`).asString;
  const ownArns = (service: string, resource: string) =>
    `arn:${region.partition}:${service}:${region.name}:${accountId}:${resource}`;
  const taskStorage = {
    StringEquals: { "kms:EncryptionContext:aws:ecs:clusterAccount": [accountId] },
    StringLike: { "kms:EncryptionContext:aws:ecs:clusterName": [shared ? "*" : `${stack.prefix}-*`] },
  };
  const policy = new KmsKeyPolicy(stack, "key-policy", {
    keyId: key.id,
    policy: policyJson([
      {
        sid: "AccountAdministersByIam",
        principals: { AWS: [`arn:${region.partition}:iam::${accountId}:root`] },
        actions: ["kms:*"],
        resources: ["*"],
      },
      {
        sid: "LogsOfThisModel",
        principals: { Service: [`logs.${region.name}.${region.dnsSuffix}`] },
        actions: ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
        resources: ["*"],
        conditions: {
          ArnLike: {
            "kms:EncryptionContext:aws:logs:arn": [
              ownArns("logs", `log-group:*${shared ? "" : `${stack.prefix}*`}`),
            ],
          },
        },
      },
      {
        sid: "AlarmsOfThisModel",
        principals: { Service: ["cloudwatch.amazonaws.com"] },
        actions: ["kms:Decrypt", "kms:GenerateDataKey*"],
        resources: ["*"],
        conditions: {
          StringEquals: { "aws:SourceAccount": [accountId] },
          ArnLike: { "aws:SourceArn": [ownArns("cloudwatch", `alarm:${shared ? "" : `${stack.prefix}-`}*`)] },
        },
      },
      {
        // What a rule cannot deliver goes into an encrypted dead-letter queue. EventBridge does not pass the rule's ARN on
        // when it encrypts, so a condition on it would drop every event.
        sid: "EventsToQueues",
        principals: { Service: ["events.amazonaws.com"] },
        actions: ["kms:Decrypt", "kms:GenerateDataKey*"],
        resources: ["*"],
      },
      {
        // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-create-storage-key.html (2026-11)
        sid: "StorageOfTasks",
        principals: { Service: ["fargate.amazonaws.com"] },
        actions: ["kms:GenerateDataKeyWithoutPlaintext"],
        resources: ["*"],
        conditions: taskStorage,
      },
      {
        sid: "GrantsForStorageOfTasks",
        principals: { Service: ["fargate.amazonaws.com"] },
        actions: ["kms:CreateGrant"],
        resources: ["*"],
        conditions: {
          ...taskStorage,
          "ForAllValues:StringEquals": { "kms:GrantOperations": ["Decrypt"] },
        },
      },
    ]),
  });
  const alias = new KmsAlias(stack, "key-alias", {
    name: `alias/${stack.prefix}`,
    targetKeyId: key.keyId,
    dependsOn: [policy],
  });
  // Read through the alias, so that whatever is encrypted with the key waits for the policy that lets it: CloudWatch
  // Logs refuses a group whose key it may not use.
  return { arn: alias.targetKeyArn, accountId };
}
