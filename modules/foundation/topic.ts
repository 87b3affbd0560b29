import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { SnsTopicPolicy } from "@cdktf/provider-aws/lib/sns-topic-policy";
import { policyJson } from "../iam/policy";
import type { EnvironmentPlan } from "../plan/plan";
import type { ModelStack } from "../stack/model-stack";

/** The topic that alarms notify. Nobody is subscribed by Terraform: that is each team's own choice. */
export function createTopic(
  stack: ModelStack,
  plan: EnvironmentPlan,
  options: { readonly keyArn: string; readonly accountId: string; readonly shared: boolean },
): string {
  const { region } = plan;
  if (region === null) throw new Error("a topic needs a region");
  const topic = new SnsTopic(stack, "alarms", {
    name: `${stack.prefix}-alarms`,
    displayName: `Alarms of ${stack.prefix}`,
    kmsMasterKeyId: options.keyArn,
  });
  new SnsTopicPolicy(stack, "alarms-policy", {
    arn: topic.arn,
    policy: policyJson([
      {
        sid: "AlarmsOfThisModel",
        principals: { Service: ["cloudwatch.amazonaws.com"] },
        actions: ["sns:Publish"],
        resources: [topic.arn],
        conditions: {
          ArnLike: {
            "aws:SourceArn": [
              `arn:${region.partition}:cloudwatch:${region.name}:${options.accountId}:alarm:${options.shared ? "" : `${stack.prefix}-`}*`,
            ],
          },
        },
      },
    ]),
  });
  return topic.arn;
}
