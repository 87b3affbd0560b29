import type { ITerraformDependable } from "cdktf";
import { EksAccessEntry } from "@cdktf/provider-aws/lib/eks-access-entry";
import { EksAccessPolicyAssociation } from "@cdktf/provider-aws/lib/eks-access-policy-association";
import { EksCluster } from "@cdktf/provider-aws/lib/eks-cluster";
import type { FoundationPart } from "../../modules/foundation/foundation-stack";
import { createServiceRole } from "../../modules/iam/role";
import { createLogGroup } from "../../modules/observability/log-group";
import { constructId } from "../../modules/stack/names";
import type { Sealed } from "../../modules/stack/seal";
import { createNodeAddOns, createPodAddOns } from "./add-ons";
import { clusterOf, type CreatedCluster } from "./cluster";
import { createNodeGroup } from "./node-group";
import type { EksPlan } from "./options";

/** Names of what the foundation exports, read by `shared.own(name)`. */
export const EXPORTS = { endpoint: "endpoint", certificateAuthority: "certificate_authority" } as const;

/** What the parts of a created cluster share. */
export interface ClusterContext {
  readonly part: FoundationPart;
  readonly plan: Sealed<EksPlan>;
  readonly settings: CreatedCluster;
  readonly cluster: EksCluster;
  /** What must exist before anything starts in the network. */
  readonly networkReady: readonly ITerraformDependable[];
}

/** Creates the cluster: control plane, access, add-ons, nodes. Its workload lives in the target's own stack. */
export function foundation(part: FoundationPart, plan: Sealed<EksPlan>): void {
  const settings = clusterOf(plan);
  if (settings.kind === "existing") return;
  const networkReady = part.network?.created?.dependencies ?? [];
  const cluster = createCluster(part, plan, settings, networkReady);
  const context: ClusterContext = { part, plan, settings, cluster, networkReady };
  createAccess(context);
  // Nodes become ready only with the network add-ons, and other add-ons only with nodes.
  const nodeAddOns = createNodeAddOns(context);
  const nodes = createNodeGroup(context, nodeAddOns);
  createPodAddOns(context, [nodes, ...nodeAddOns]);
  part.export(EXPORTS.endpoint, cluster.endpoint);
  part.export(EXPORTS.certificateAuthority, cluster.certificateAuthority.get(0).data);
}

/** All types that EKS has: https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html (2026-11). */
const LOG_TYPES = ["api", "audit", "authenticator", "controllerManager", "scheduler"];

function createCluster(
  part: FoundationPart,
  plan: Sealed<EksPlan>,
  settings: CreatedCluster,
  networkReady: readonly ITerraformDependable[],
): EksCluster {
  const { stack, keyArn, accountId, network } = part;
  const { region, security } = plan;
  if (network === null) throw new Error("a cluster needs a network");
  const logs = createLogGroup(stack, "eks-control-plane-logs", plan, {
    name: `/aws/eks/${settings.name}/cluster`,
    keyArn,
  });
  const role = createServiceRole(stack, "eks-cluster-role", {
    name: [stack.prefix, "eks-cluster", region.name],
    description: `Control plane of the cluster ${settings.name}`,
    services: ["eks.amazonaws.com"],
    trustConditions: {
      StringEquals: { "aws:SourceAccount": [accountId] },
      ArnLike: {
        "aws:SourceArn": [`arn:${region.partition}:eks:${region.name}:${accountId}:cluster/${settings.name}`],
      },
    },
    // What EKS documents as the least of a cluster without Auto Mode.
    managedPolicyArns: [`arn:${region.partition}:iam::aws:policy/AmazonEKSClusterPolicy`],
    statements: [
      {
        sid: "KubernetesSecrets",
        actions: ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:ListGrants"],
        resources: [keyArn],
      },
    ],
    permissionsBoundaryArn: security.permissionsBoundaryArn,
  });
  const isPublic = settings.publicAccessCidrs.length > 0;
  return new EksCluster(stack, "eks-cluster", {
    name: settings.name,
    roleArn: role.arn,
    version: settings.version,
    deletionProtection: plan.security.deletionProtection,
    // Every add-on is declared here, with its own role and settings.
    bootstrapSelfManagedAddons: false,
    enabledClusterLogTypes: LOG_TYPES,
    accessConfig: {
      authenticationMode: "API",
      bootstrapClusterCreatorAdminPermissions: settings.adminRoleArns.length === 0,
    },
    encryptionConfig: { resources: ["secrets"], provider: { keyArn } },
    // Extended support costs six times as much; a release that leaves standard support is upgraded instead.
    upgradePolicy: { supportType: "STANDARD" },
    vpcConfig: {
      subnetIds: [...network.privateSubnetIds],
      endpointPrivateAccess: true,
      endpointPublicAccess: isPublic,
      ...(isPublic ? { publicAccessCidrs: [...settings.publicAccessCidrs] } : {}),
    },
    dependsOn: [logs, ...role.dependencies, ...networkReady],
    lifecycle: {
      // Read at creation only; a change of it would replace the cluster.
      ignoreChanges: ["access_config[0].bootstrap_cluster_creator_admin_permissions"],
    },
  });
}

function createAccess({ part: { stack }, plan, settings, cluster }: ClusterContext): void {
  for (const principalArn of settings.adminRoleArns) {
    const entry = new EksAccessEntry(stack, constructId("eks-admin", principalArn), {
      clusterName: cluster.name,
      principalArn,
      type: "STANDARD",
    });
    new EksAccessPolicyAssociation(stack, constructId("eks-admin-policy", principalArn), {
      clusterName: cluster.name,
      principalArn: entry.principalArn,
      policyArn: `arn:${plan.region.partition}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy`,
      accessScope: { type: "cluster" },
    });
  }
}
