import type { Shared } from "../../modules/foundation/shared";
import type { Statement } from "../../modules/iam/policy";
import { createServiceRole, existingRole, type ServiceRole } from "../../modules/iam/role";
import { readSecrets } from "../../modules/iam/secrets";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import type { ModelStack } from "../../modules/stack/model-stack";
import type { Sealed } from "../../modules/stack/seal";
import type { Options } from "./options";
import { inVpc, variables } from "./settings";

type Plan = Sealed<AwsTargetPlan<Options>>;

export interface RoleUses {
  readonly functionName: string;
  readonly logGroupArn: string;
}

/**
 * The role that the function runs under. No condition on who lets Lambda assume it: a role can only be passed within its
 * own account.
 */
export function executionRole(stack: ModelStack, plan: Plan, shared: Shared, uses: RoleUses): ServiceRole {
  const { roleArn, permissionsBoundaryArn } = plan.security;
  if (roleArn !== null) return existingRole(roleArn);
  return createServiceRole(stack, "role", {
    name: [stack.prefix, stack.component, plan.region.name],
    description: `Runs the model ${stack.prefix} on Lambda`,
    services: ["lambda.amazonaws.com"],
    statements: [
      {
        sid: "WriteLogs",
        actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
        resources: [`${uses.logGroupArn}:*`],
      },
      ...tracing(plan),
      ...environmentKey(plan, shared, uses.functionName),
      ...readSecrets(plan),
      ...networkInterfaces(plan, shared, uses.functionName),
    ],
    permissionsBoundaryArn,
  });
}

/** The function's ARN, spelled out: a reference would make role and function wait for each other. */
function functionArn({ region }: Plan, shared: Shared, functionName: string): string {
  return `arn:${region.partition}:lambda:${region.name}:${shared.accountId}:function:${functionName}`;
}

function tracing({ options }: Plan): readonly Statement[] {
  if (!options.tracing) return [];
  return [
    {
      // X-Ray has no resources that these actions could name.
      sid: "SendTraces",
      actions: ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
      resources: ["*"],
    },
  ];
}

function environmentKey(plan: Plan, shared: Shared, functionName: string): readonly Statement[] {
  if (Object.keys(variables(plan)).length === 0) return [];
  const arn = functionArn(plan, shared, functionName);
  return [
    {
      sid: "DecryptVariables",
      actions: ["kms:Decrypt"],
      resources: [shared.keyArn],
      conditions: { ArnLike: { "kms:EncryptionContext:aws:lambda:FunctionArn": [arn, `${arn}:*`] } },
    },
  ];
}

/**
 * Lambda makes the network interfaces under the function's own role; the function's code must not.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions (read 2026-11-23)
 */
function networkInterfaces(plan: Plan, shared: Shared, functionName: string): readonly Statement[] {
  if (!inVpc(plan)) return [];
  const { partition, name } = plan.region;
  const describe = ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"];
  const change = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:UnassignPrivateIpAddresses",
  ];
  return [
    // EC2 describes everything or nothing.
    { sid: "SeeNetworkInterfaces", actions: describe, resources: ["*"] },
    {
      sid: "ManageNetworkInterfaces",
      actions: change,
      // Of any account: a subnet may be shared by another one.
      resources: [`arn:${partition}:ec2:${name}:*:*/*`],
    },
    {
      sid: "NotFromTheCode",
      effect: "Deny",
      actions: [...change, ...describe].sort(),
      resources: ["*"],
      conditions: {
        ArnEquals: { "lambda:SourceFunctionArn": [functionArn(plan, shared, functionName)] },
      },
    },
  ];
}
