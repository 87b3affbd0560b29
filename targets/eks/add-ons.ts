import type { ITerraformDependable } from "cdktf";
import { EksAddon, type EksAddonConfig } from "@cdktf/provider-aws/lib/eks-addon";
import { createServiceRole, type ServiceRole, type ServiceRoleOptions } from "../../modules/iam/role";
import { createLogGroup } from "../../modules/observability/log-group";
import { hasContainerInsights } from "./cluster";
import type { ClusterContext } from "./foundation";
import { podTrust } from "./pod-identity";

/** Add-ons without which a node does not become ready. They are complete without a node. */
export function createNodeAddOns(context: ClusterContext): readonly EksAddon[] {
  const agent = addOn(context, "eks-pod-identity-agent");
  const proxy = addOn(context, "kube-proxy");
  const role = addOnRole(context, "cni", {
    account: { namespace: "kube-system", serviceAccount: "aws-node" },
    description: "Network interfaces of pods (vpc-cni)",
    managedPolicyArns: [`arn:${context.plan.region.partition}:iam::aws:policy/AmazonEKS_CNI_Policy`],
    statements: [],
  });
  const cni = addOn(context, "vpc-cni", {
    configurationValues: JSON.stringify({ enableNetworkPolicy: "true" }),
    podIdentityAssociation: [{ roleArn: role.arn, serviceAccount: "aws-node" }],
    dependsOn: [agent, ...role.dependencies],
  });
  return [agent, proxy, cni];
}

/** Add-ons that are pods like any other, and wait for nodes. */
export function createPodAddOns(context: ClusterContext, nodes: readonly ITerraformDependable[]): void {
  addOn(context, "coredns", { dependsOn: [...nodes] });
  // The autoscaler of pods reads what this measures.
  addOn(context, "metrics-server", { dependsOn: [...nodes] });
  if (hasContainerInsights(context.plan)) createContainerInsights(context, nodes);
}

/** Groups that the agents write to: made here, so that they are encrypted and expire. */
const INSIGHT_LOGS = ["application", "dataplane", "host", "performance"] as const;

function createContainerInsights(context: ClusterContext, nodes: readonly ITerraformDependable[]): void {
  const { part, plan, settings } = context;
  const groups = INSIGHT_LOGS.map((name) =>
    createLogGroup(part.stack, `eks-insights-${name}-logs`, plan, {
      name: `/aws/containerinsights/${settings.name}/${name}`,
      keyArn: part.keyArn,
    }),
  );
  const role = addOnRole(context, "insights", {
    account: { namespace: "amazon-cloudwatch", serviceAccount: "cloudwatch-agent" },
    description: "Metrics and logs of the cluster (CloudWatch agent, Fluent Bit)",
    statements: [
      {
        // Fluent Bit asks for the group before it writes, and gives up where it may not.
        sid: "Logs",
        actions: [
          "logs:CreateLogGroup",
          "logs:CreateLogStream",
          "logs:DescribeLogStreams",
          "logs:PutLogEvents",
        ],
        resources: groups.flatMap(({ arn }) => [arn, `${arn}:*`]),
      },
      {
        // Metrics have no ARN; the namespace holds them to Container Insights' own.
        sid: "Metrics",
        actions: ["cloudwatch:PutMetricData"],
        resources: ["*"],
        conditions: { StringEquals: { "cloudwatch:namespace": ["ContainerInsights"] } },
      },
      {
        // Reading only; these actions take no resource.
        sid: "DescribeNodes",
        actions: ["ec2:DescribeInstances", "ec2:DescribeTags", "ec2:DescribeVolumes"],
        resources: ["*"],
        conditions: { StringEquals: { "aws:RequestedRegion": [plan.region.name] } },
      },
    ],
  });
  addOn(context, "amazon-cloudwatch-observability", {
    // Without a configuration, Application Signals would instrument the pods of the cluster too.
    configurationValues: JSON.stringify({
      agent: {
        config: {
          agent: { region: plan.region.name },
          logs: { metrics_collected: { kubernetes: { enhanced_container_insights: true } } },
        },
      },
    }),
    podIdentityAssociation: [{ roleArn: role.arn, serviceAccount: "cloudwatch-agent" }],
    dependsOn: [...nodes, ...groups, ...role.dependencies],
  });
}

function addOn(
  { part, cluster }: ClusterContext,
  name: string,
  config: Partial<EksAddonConfig> = {},
): EksAddon {
  return new EksAddon(part.stack, `eks-addon-${name}`, {
    clusterName: cluster.name,
    addonName: name,
    // The cluster is made here: what stands in the configuration is what holds.
    resolveConflictsOnCreate: "OVERWRITE",
    resolveConflictsOnUpdate: "OVERWRITE",
    ...config,
  });
}

function addOnRole(
  { part, plan, settings }: ClusterContext,
  name: string,
  options: Pick<ServiceRoleOptions, "description" | "managedPolicyArns" | "statements"> & {
    readonly account: { readonly namespace: string; readonly serviceAccount: string };
  },
): ServiceRole {
  const { account, ...rest } = options;
  return createServiceRole(part.stack, `eks-${name}-role`, {
    name: [part.stack.prefix, `eks-${name}`, plan.region.name],
    ...podTrust({ accountId: part.accountId, cluster: settings.name, ...account }),
    ...rest,
    permissionsBoundaryArn: plan.security.permissionsBoundaryArn,
  });
}
