import { SfnStateMachine } from "@cdktf/provider-aws/lib/sfn-state-machine";
import type { ServiceRole } from "../iam/role";
import { createLogGroup } from "../observability/log-group";
import type { EnvironmentPlan } from "../plan/plan";
import type { ModelStack } from "../stack/model-stack";

/** Characters of a state machine's name: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html (2026-11). */
export const MACHINE_NAME_LIMIT = 80;

export interface StateMachineOptions {
  /** Id of the construct. */
  readonly id: string;
  /** Id of its log group. */
  readonly logsId: string;
  /** At most {@link MACHINE_NAME_LIMIT} characters. */
  readonly name: string;
  readonly role: ServiceRole;
  /** In the Amazon States Language. */
  readonly definition: object;
  /** Key of the logs. */
  readonly keyArn: string;
  /** Whether the logs have what states take and give, and not only that they ran. */
  readonly logExecutionData: boolean;
}

/** A standard state machine with its log group, traced. */
export function createStateMachine(
  stack: ModelStack,
  plan: EnvironmentPlan,
  options: StateMachineOptions,
): SfnStateMachine {
  const logGroup = createLogGroup(stack, options.logsId, plan, {
    // Under this prefix log delivery needs no resource policy of its own, of which a region takes ten.
    name: `/aws/vendedlogs/states/${options.name}`,
    keyArn: options.keyArn,
  });
  return new SfnStateMachine(stack, options.id, {
    name: options.name,
    type: "STANDARD",
    roleArn: options.role.arn,
    definition: JSON.stringify(options.definition),
    loggingConfiguration: {
      level: "ALL",
      includeExecutionData: options.logExecutionData,
      logDestination: `${logGroup.arn}:*`,
    },
    tracingConfiguration: { enabled: true },
    dependsOn: [...options.role.dependencies],
  });
}
