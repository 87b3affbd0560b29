import type { IamReview, ReviewedActions } from "../../modules/conformance";

/** https://docs.aws.amazon.com/service-authorization/latest/reference/ (read 2026-11-23), column "Resource types". */
const noResource = (...actions: readonly string[]): ReviewedActions => ({
  actions,
  reason: "the service authorization reference lists no resource type for them",
});

const token = noResource("ecr:GetAuthorizationToken");
const metrics = noResource("cloudwatch:PutMetricData");
const interfaces = noResource("ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets");

/**
 * What was reviewed: statements that no ARN can narrow, by sid, and AWS managed policies that a service demands. A new
 * entry needs its reason, and a look at whether a condition can narrow it instead.
 */
export const IAM_REVIEW: IamReview = {
  anyResource: {
    // A condition on the namespace narrows metrics.
    Metrics: metrics,
    WriteMetrics: metrics,
    ImageToken: token,
    SendTraces: noResource("xray:PutTelemetryRecords", "xray:PutTraceSegments"),
    WriteTraces: noResource(
      "xray:GetSamplingRules",
      "xray:GetSamplingTargets",
      "xray:PutTelemetryRecords",
      "xray:PutTraceSegments",
    ),
    DescribeNodes: noResource("ec2:DescribeInstances", "ec2:DescribeTags", "ec2:DescribeVolumes"),
    SeeNetworkInterfaces: interfaces,
    SeeLoadBalancers: noResource(
      "elasticloadbalancing:DescribeListeners",
      "elasticloadbalancing:DescribeRules",
      "elasticloadbalancing:DescribeTargetGroups",
      "elasticloadbalancing:DescribeTargetHealth",
    ),
    DescribeNetwork: noResource(
      ...interfaces.actions,
      "ec2:DescribeDhcpOptions",
      "ec2:DescribeSecurityGroups",
      "ec2:DescribeVpcs",
    ),
    DeliverLogs: noResource(
      "logs:CreateLogDelivery",
      "logs:DeleteLogDelivery",
      "logs:DescribeLogGroups",
      "logs:DescribeResourcePolicies",
      "logs:GetLogDelivery",
      "logs:ListLogDeliveries",
      "logs:PutResourcePolicy",
      "logs:UpdateLogDelivery",
    ),
  },
  managedPolicies: {
    AmazonEKSClusterPolicy: "EKS refuses a cluster role without it",
    AmazonEKSWorkerNodePolicy: "managed node groups ask for it",
    AmazonEC2ContainerRegistryPullOnly: "nodes pull the add-ons' images from registries of AWS",
    AmazonEKS_CNI_Policy: "the VPC CNI's own, on its pod identity role only",
  },
};
