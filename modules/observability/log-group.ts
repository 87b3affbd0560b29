import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import type { EnvironmentPlan } from "../plan/plan";
import type { ModelStack } from "../stack/model-stack";

/**
 * A log group that modelport owns: retention and encryption are set before the service writes its first line, which
 * would otherwise create a group that keeps logs for ever.
 */
export function createLogGroup(
  stack: ModelStack,
  id: string,
  plan: EnvironmentPlan,
  options: { readonly name: string; readonly keyArn: string },
): CloudwatchLogGroup {
  return new CloudwatchLogGroup(stack, id, {
    name: options.name,
    retentionInDays: plan.observability.logRetentionDays,
    kmsKeyId: options.keyArn,
  });
}
