import type { ITerraformDependable } from "cdktf";
import { EksNodeGroup } from "@cdktf/provider-aws/lib/eks-node-group";
import { IamServiceLinkedRole } from "@cdktf/provider-aws/lib/iam-service-linked-role";
import { KmsGrant } from "@cdktf/provider-aws/lib/kms-grant";
import {
  LaunchTemplate,
  type LaunchTemplateBlockDeviceMappings,
} from "@cdktf/provider-aws/lib/launch-template";
import { createServiceRole } from "../../modules/iam/role";
import { resourceName } from "../../modules/stack/names";
import { nodeGroupName } from "./cluster";
import type { ClusterContext } from "./foundation";
import { planNodes, type NodePlan } from "./nodes";

/** Characters of a launch template's name: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplate.html (2026-11). */
const TEMPLATE_NAME_LIMIT = 128;

/** Creates the nodes: a managed node group of one instance type. */
export function createNodeGroup(
  context: ClusterContext,
  addOns: readonly ITerraformDependable[],
): EksNodeGroup {
  const { part, plan, settings, cluster } = context;
  const { stack, network } = part;
  const { region } = plan;
  const nodes = planNodes(plan, settings);
  const role = createServiceRole(stack, "eks-node-role", {
    name: [stack.prefix, "eks-node", region.name],
    description: `Nodes of the cluster ${settings.name}`,
    services: [`ec2.${region.dnsSuffix}`],
    // What EKS documents as the least of a node whose network add-on has a role of its own.
    managedPolicyArns: ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"].map(
      (name) => `arn:${region.partition}:iam::aws:policy/${name}`,
    ),
    statements: [],
    permissionsBoundaryArn: plan.security.permissionsBoundaryArn,
  });
  const grant = grantKey(context);
  const template = createTemplate(context, nodes);
  const fixed = settings.nodeScaling === "fixed";
  return new EksNodeGroup(stack, "eks-nodes", {
    clusterName: cluster.name,
    nodeGroupName: nodeGroupName(plan, nodes.amiType),
    nodeRoleArn: role.arn,
    subnetIds: [...(network?.privateSubnetIds ?? [])],
    amiType: nodes.amiType,
    capacityType: "ON_DEMAND",
    version: cluster.version,
    launchTemplate: { id: template.id, version: template.getStringAttribute("latest_version") },
    scalingConfig: { minSize: nodes.minNodes, maxSize: nodes.maxNodes, desiredSize: nodes.minNodes },
    updateConfig: { maxUnavailablePercentage: 25 },
    dependsOn: [...addOns, ...role.dependencies, ...context.networkReady, grant],
    lifecycle: {
      createBeforeDestroy: true,
      ...(fixed ? {} : { ignoreChanges: ["scaling_config[0].desired_size"] }),
    },
  });
}

/**
 * Auto Scaling starts the nodes under a role of its own, which may use no key unless it is granted.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html (read 2026-11-23)
 */
function grantKey({ part: { stack, keyArn, accountId }, plan, settings }: ClusterContext): KmsGrant {
  const created = settings.createAutoScalingRole
    ? [
        new IamServiceLinkedRole(stack, "eks-auto-scaling-role", {
          awsServiceName: "autoscaling.amazonaws.com",
        }),
      ]
    : [];
  return new KmsGrant(stack, "eks-nodes-key-grant", {
    name: `${settings.name}-nodes`,
    keyId: keyArn,
    granteePrincipal: `arn:${plan.region.partition}:iam::${accountId}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`,
    operations: [
      "Encrypt",
      "Decrypt",
      "ReEncryptFrom",
      "ReEncryptTo",
      "GenerateDataKey",
      "GenerateDataKeyWithoutPlaintext",
      "DescribeKey",
      "CreateGrant",
    ],
    ...(created.length === 0 ? {} : { dependsOn: created }),
  });
}

function createTemplate({ part, plan, settings, cluster }: ClusterContext, nodes: NodePlan): LaunchTemplate {
  const { stack, keyArn } = part;
  const { securityGroupIds } = plan.network;
  const encrypted = { encrypted: "true", kmsKeyId: keyArn, deleteOnTermination: "true" };
  const devices: LaunchTemplateBlockDeviceMappings[] = [
    ...(nodes.systemDevice === null ? [] : [{ deviceName: nodes.systemDevice, ebs: encrypted }]),
    { deviceName: nodes.dataDevice, ebs: { ...encrypted, volumeType: "gp3", volumeSize: nodes.diskGiB } },
  ];
  const tags = { ...stack.tags, Name: `${settings.name}-node` };
  return new LaunchTemplate(stack, "eks-nodes-template", {
    name: resourceName([stack.prefix, "eks-nodes"], TEMPLATE_NAME_LIMIT),
    description: `Nodes of the cluster ${settings.name}`,
    // In the template and not in the node group, where a change would replace all nodes at once.
    instanceType: nodes.instance.type,
    updateDefaultVersion: true,
    ebsOptimized: "true",
    metadataOptions: {
      httpEndpoint: "enabled",
      httpTokens: "required",
      // Pods cannot reach the node's credentials; theirs come from Pod Identity.
      httpPutResponseHopLimit: 1,
      instanceMetadataTags: "disabled",
    },
    blockDeviceMappings: devices,
    // Groups named here replace the cluster's own, which nodes and control plane need to talk to each other.
    ...(securityGroupIds.length === 0
      ? {}
      : {
          vpcSecurityGroupIds: [cluster.vpcConfig.clusterSecurityGroupId, ...securityGroupIds],
        }),
    // The default tags of the provider stop at the template.
    tagSpecifications: ["instance", "volume", "network-interface"].map((resourceType) => ({
      resourceType,
      tags,
    })),
  });
}
