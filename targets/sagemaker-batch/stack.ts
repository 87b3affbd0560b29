import type { SagemakerModel } from "@cdktf/provider-aws/lib/sagemaker-model";
import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { artifactInS3 } from "../../modules/artifact/artifact";
import type { Shared } from "../../modules/foundation/shared";
import { createReplicaSecurityGroup } from "../../modules/network/security-group";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import { createModel } from "../../modules/sagemaker/model";
import type { VpcAttachment } from "../../modules/sagemaker/statements";
import type { ModelStack } from "../../modules/stack/model-stack";
import { resourceName } from "../../modules/stack/names";
import type { Sealed } from "../../modules/stack/seal";
import { createStateMachine, MACHINE_NAME_LIMIT } from "../../modules/step-functions/state-machine";
import { instanceOf, instancesOf } from "./capacity";
import { stateMachineDefinition } from "./definition";
import { LIMITS } from "./limits";
import { createObservability } from "./observability";
import type { Options } from "./options";
import { createExecutionRole, createMachineRole } from "./roles";
import { createTriggers } from "./triggers";

type Plan = Sealed<AwsTargetPlan<Options>>;

/** Room for `-<MD5 in hex>`. */
const JOB_NAME_ROOM = 33;

/** Adds the model, the state machine that runs jobs with it, and what starts that. Nothing here runs a job. */
export function synthesize(stack: ModelStack, plan: Plan, shared: Shared): void {
  const { options, observability } = plan;
  const machineName = resourceName([stack.prefix, stack.component], MACHINE_NAME_LIMIT);
  const jobPrefix = resourceName([stack.prefix], LIMITS.jobName.value - JOB_NAME_ROOM);
  const instance = instanceOf(plan, options);
  if (instance === undefined) throw new Error("the plan was not checked: no instance type holds a replica");
  // Local NVMe is encrypted by hardware, and SageMaker refuses a key for it.
  const volumeKey = instance.localNvmeGb === 0;

  const { model, executionRoleArn } = createRoleAndModel(stack, plan, shared, jobPrefix);
  const role = createMachineRole(stack, plan, shared, {
    machineName,
    jobPrefix,
    modelArn: model.arn,
    executionRoleArn,
    volumeKey,
  });
  const machine = createStateMachine(stack, plan, {
    id: "state-machine",
    logsId: "logs",
    name: machineName,
    role,
    definition: stateMachineDefinition(plan, {
      modelName: model.name,
      jobPrefix,
      instanceType: instance.type,
      keyArn: shared.keyArn,
      volumeKey,
      topicArn: shared.topicArn,
      tags: stack.tags,
    }),
    keyArn: shared.keyArn,
    logExecutionData: options.logExecutionData,
  });
  const queue = createTriggers(stack, plan, shared, machine);
  createObservability(stack, plan, {
    machineArn: machine.arn,
    queueName: queue?.name ?? null,
    topicArn: observability.alarms ? shared.topicArn : null,
  });
  stack.output("state_machine_arn", machine.arn);
  stack.output("model_name", model.name);
}

function createRoleAndModel(
  stack: ModelStack,
  plan: Plan,
  shared: Shared,
  jobPrefix: string,
): { readonly model: SagemakerModel; readonly executionRoleArn: string } {
  const artifact = artifactInS3(stack, plan, shared);
  const vpc = plan.network.existing === null ? null : createVpcAttachment(stack, plan, shared);
  const role = createExecutionRole(stack, plan, shared, { artifact, jobPrefix, vpc });
  // A container with secrets needs a network to read them.
  const networkIsolation = plan.options.networkIsolation ?? Object.keys(plan.model.secrets).length === 0;
  const { model } = createModel(stack, plan, shared, { role, artifact, networkIsolation, vpc });
  return { model, executionRoleArn: role.arn };
}

function createVpcAttachment(stack: ModelStack, plan: Plan, shared: Shared): VpcAttachment {
  const { ids: securityGroupIds, dependencies } = createReplicaSecurityGroup(stack, plan, shared);
  const [own] = securityGroupIds;
  if (plan.network.securityGroupIds.length === 0 && instancesOf(plan.options) > 1 && own !== undefined) {
    // Instances of one job talk to each other: https://docs.aws.amazon.com/sagemaker/latest/dg/batch-vpc.html (2026-11)
    const members = { securityGroupId: own, referencedSecurityGroupId: own, ipProtocol: "-1" };
    const description = "Instances of the same job";
    new VpcSecurityGroupIngressRule(stack, "replicas-from-each-other", { ...members, description });
    new VpcSecurityGroupEgressRule(stack, "replicas-to-each-other", { ...members, description });
  }
  return { subnetIds: shared.network.privateSubnetIds, securityGroupIds, dependencies };
}
