import type { ITerraformDependable } from "cdktf";
import type { Statement } from "../iam/policy";
import type { AwsTargetPlan } from "../plan/plan";

/** Where containers of SageMaker are attached to a network. */
export interface VpcAttachment {
  readonly subnetIds: string[];
  readonly securityGroupIds: string[];
  /** What must exist before anything gets out of the containers. */
  readonly dependencies: readonly ITerraformDependable[];
}

/** Use of the key for what containers read and write. */
export function keyForData(keyArn: string): Statement {
  return {
    sid: "KeyForData",
    actions: ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"],
    resources: [keyArn],
  };
}

/** EBS takes the key by a grant, which whoever starts the instances gives it. */
export function keyForVolumes(keyArn: string): Statement {
  return {
    sid: "KeyForVolumes",
    actions: ["kms:CreateGrant"],
    resources: [keyArn],
    conditions: { Bool: { "kms:GrantIsForAWSResource": ["true"] } },
  };
}

/**
 * SageMaker attaches the containers under their own role, in these subnets only.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html (read 2026-11)
 */
export function networkInterfaces(
  { region }: Pick<AwsTargetPlan<unknown>, "region">,
  accountId: string,
  vpc: VpcAttachment,
): readonly Statement[] {
  const arn = (resource: string) => `arn:${region.partition}:ec2:${region.name}:${accountId}:${resource}`;
  // Subnets and groups of a shared VPC belong to the account that shares it.
  const shared = (resource: string) => `arn:${region.partition}:ec2:${region.name}:*:${resource}`;
  const subnets = vpc.subnetIds.map((id) => shared(`subnet/${id}`));
  const interfaces = arn("network-interface/*");
  return [
    {
      sid: "CreateNetworkInterfaces",
      actions: ["ec2:CreateNetworkInterface"],
      resources: [
        interfaces,
        ...subnets,
        ...vpc.securityGroupIds.map((id) => shared(`security-group/${id}`)),
      ],
    },
    {
      // An interface has no ARN before it exists; the subnets are what can be named.
      sid: "UseNetworkInterfaces",
      actions: [
        "ec2:CreateNetworkInterfacePermission",
        "ec2:DeleteNetworkInterface",
        "ec2:DeleteNetworkInterfacePermission",
      ],
      resources: [interfaces],
      conditions: { ArnLike: { "ec2:Subnet": subnets } },
    },
    {
      // EC2 describes everything or nothing: these actions take no resource.
      sid: "DescribeNetwork",
      actions: [
        "ec2:DescribeDhcpOptions",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
      ],
      resources: ["*"],
    },
  ];
}
