import type { Shared } from "../../modules/foundation/shared";
import type { Statement } from "../../modules/iam/policy";
import { createServiceRole, existingRole, type ServiceRole } from "../../modules/iam/role";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import type { ModelStack } from "../../modules/stack/model-stack";
import type { Sealed } from "../../modules/stack/seal";
import type { Options } from "./options";
import { inVpc, secretArns, variables } from "./settings";

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
    name: [stack.prefix, stack.component],
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
      ...secrets(plan),
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
 * Reading the secrets. Their keys are not known here, so decrypting is bound to the secrets themselves: both services
 * state what they decrypt in the encryption context.
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html (read 2026-11-23)
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html (read 2026-11-23)
 */
function secrets(plan: Plan): readonly Statement[] {
  return [
    ...readable(plan, "secretsmanager", "Secrets", ["secretsmanager:GetSecretValue"], "SecretARN"),
    ...readable(plan, "ssm", "Parameters", ["ssm:GetParameter", "ssm:GetParameters"], "PARAMETER_ARN"),
  ];
}

function readable(
  plan: Plan,
  service: "secretsmanager" | "ssm",
  what: string,
  actions: readonly string[],
  context: string,
): readonly Statement[] {
  const arns = secretArns(plan, service);
  if (arns.length === 0) return [];
  const places = arns.map((arn) => arn.split(":"));
  const keys = places.map(
    ([, partition, , region, account]) => `arn:${partition}:kms:${region}:${account}:key/*`,
  );
  const suffixes = ["amazonaws.com", plan.region.dnsSuffix];
  const vias = places.flatMap(([, , , region]) => suffixes.map((suffix) => `${service}.${region}.${suffix}`));
  return [
    { sid: `Read${what}`, actions, resources: arns },
    {
      sid: `Decrypt${what}`,
      actions: ["kms:Decrypt"],
      resources: unique(keys),
      conditions: {
        StringEquals: { "kms:ViaService": unique(vias), [`kms:EncryptionContext:${context}`]: arns },
      },
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
      resources: [`arn:${partition}:ec2:${name}:${shared.accountId}:*/*`],
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

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}
