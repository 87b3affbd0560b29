import type { ITerraformDependable } from "cdktf";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import type { Shared } from "../foundation/shared";
import type { EnvironmentPlan } from "../plan/plan";
import { acceptable } from "../stack/names";
import type { ModelStack } from "../stack/model-stack";

export interface ReplicaSecurityGroups {
  readonly ids: string[];
  /** Without these nothing gets out: they come before the replicas, and go after them. */
  readonly dependencies: readonly ITerraformDependable[];
}

/**
 * Security groups of the replicas: those of the manifest, or one of the stack's own that lets HTTPS out and nothing in.
 * Whoever must reach the replicas adds an ingress rule to it. EC2 deletes no group that is still in use, so the replicas
 * move to the next one before the old one goes.
 */
export function createReplicaSecurityGroup(
  stack: ModelStack,
  plan: EnvironmentPlan,
  shared: Shared,
): ReplicaSecurityGroups {
  const given = plan.network.securityGroupIds;
  if (given.length > 0) return { ids: [...given], dependencies: [] };
  const group = new SecurityGroup(stack, "replicas", {
    name: acceptable("security-group", `${stack.prefix}-${stack.component}`),
    description: `Replicas of ${stack.prefix} on ${stack.component}`,
    vpcId: shared.network.vpcId,
    tags: { Name: `${stack.prefix}-${stack.component}` },
    lifecycle: { createBeforeDestroy: true },
  });
  const rule = new VpcSecurityGroupEgressRule(stack, "replicas-https", {
    securityGroupId: group.id,
    description: "AWS services and what the model calls, by HTTPS",
    ipProtocol: "tcp",
    fromPort: 443,
    toPort: 443,
    cidrIpv4: "0.0.0.0/0",
    lifecycle: { createBeforeDestroy: true },
  });
  return { ids: [group.id], dependencies: [rule] };
}
