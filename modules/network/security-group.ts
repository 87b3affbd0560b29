import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import type { Shared } from "../foundation/shared";
import type { EnvironmentPlan } from "../plan/plan";
import type { ModelStack } from "../stack/model-stack";

/**
 * Security groups of the replicas: those of the manifest, or one of the stack's own that lets HTTPS out and nothing in.
 * Whoever must reach the replicas adds an ingress rule to it.
 */
export function createReplicaSecurityGroup(
  stack: ModelStack,
  plan: EnvironmentPlan,
  shared: Shared,
): string[] {
  if (plan.network.securityGroupIds.length > 0) return [...plan.network.securityGroupIds];
  const group = new SecurityGroup(stack, "replicas", {
    name: `${stack.prefix}-${stack.component}`,
    description: `Replicas of ${stack.prefix} on ${stack.component}`,
    vpcId: shared.network.vpcId,
    tags: { Name: `${stack.prefix}-${stack.component}` },
  });
  new VpcSecurityGroupEgressRule(stack, "replicas-https", {
    securityGroupId: group.id,
    description: "AWS services and what the model calls, by HTTPS",
    ipProtocol: "tcp",
    fromPort: 443,
    toPort: 443,
    cidrIpv4: "0.0.0.0/0",
  });
  return [group.id];
}
