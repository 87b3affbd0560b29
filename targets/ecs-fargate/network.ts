import type { ITerraformDependable } from "cdktf";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import type { Shared } from "../../modules/foundation/shared";
import { createReplicaSecurityGroup } from "../../modules/network/security-group";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import { acceptable, constructId } from "../../modules/stack/names";
import type { ModelStack } from "../../modules/stack/model-stack";
import type { Sealed } from "../../modules/stack/seal";
import type { Options } from "./options";

type Plan = Sealed<AwsTargetPlan<Options>>;

/** What only answers inside: https://www.rfc-editor.org/rfc/rfc1918. */
const PRIVATE_RANGES = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

export interface SecurityGroups {
  readonly loadBalancer: string;
  /** Of the tasks; the last one lets the load balancer in. */
  readonly tasks: readonly string[];
  /** Without these no request, health check or image gets through. */
  readonly dependencies: readonly ITerraformDependable[];
}

/** What tasks that still run depend on goes only after the new ones serve. */
const lifecycle = { createBeforeDestroy: true } as const;

/** Callers reach the load balancer, the load balancer reaches the server's port, and nothing else goes in. */
export function createSecurityGroups(stack: ModelStack, plan: Plan, shared: Shared): SecurityGroups {
  const { port } = plan.model.server;
  const name = `${stack.prefix}-${stack.component}`;
  const { vpcId } = shared.network;
  const group = (id: string, suffix: string, description: string) =>
    new SecurityGroup(stack, id, {
      name: acceptable("security-group", `${name}-${suffix}`),
      description,
      vpcId,
      tags: { Name: `${name}-${suffix}` },
      lifecycle,
    });
  const balancer = group("load-balancer-group", "lb", `Load balancer of ${stack.prefix}`);
  const replicas = createReplicaSecurityGroup(stack, plan, shared);
  // Groups that the manifest names are never changed.
  const entrance =
    plan.network.securityGroupIds.length > 0
      ? group("tasks-group", "from-lb", `Lets the load balancer of ${stack.prefix} reach its tasks`).id
      : undefined;
  const reached = entrance ?? replicas.ids[0] ?? "";

  const callers = listenPorts(plan).flatMap((listenPort) =>
    allowedCidrs(plan).map(
      (cidr) =>
        new VpcSecurityGroupIngressRule(stack, constructId(`callers-${listenPort}`, cidr), {
          securityGroupId: balancer.id,
          description: listenPort === 443 ? "HTTPS from callers" : "HTTP from callers",
          cidrIpv4: cidr,
          ipProtocol: "tcp",
          fromPort: listenPort,
          toPort: listenPort,
          lifecycle,
        }),
    ),
  );
  // Named after the port: where it changes, the old tasks stay within reach until the new ones serve.
  const outwards = new VpcSecurityGroupEgressRule(stack, `load-balancer-to-tasks-${port}`, {
    securityGroupId: balancer.id,
    description: "Requests and health checks to the tasks",
    referencedSecurityGroupId: reached,
    ipProtocol: "tcp",
    fromPort: port,
    toPort: port,
    lifecycle,
  });
  const inwards = new VpcSecurityGroupIngressRule(stack, `tasks-from-load-balancer-${port}`, {
    securityGroupId: reached,
    description: "Requests and health checks from the load balancer",
    referencedSecurityGroupId: balancer.id,
    ipProtocol: "tcp",
    fromPort: port,
    toPort: port,
    lifecycle,
  });
  return {
    loadBalancer: balancer.id,
    tasks: entrance === undefined ? replicas.ids : [...replicas.ids, entrance],
    dependencies: [...replicas.dependencies, ...callers, outwards, inwards],
  };
}

/** With a certificate, plain HTTP is only listened to for the redirect. */
function listenPorts({ network }: Plan): readonly number[] {
  return network.certificateArn === null ? [80] : [443, 80];
}

function allowedCidrs({ network, options }: Plan): readonly string[] {
  if (options.allowedCidrs !== undefined) return [...new Set(options.allowedCidrs)];
  if (network.public) return ["0.0.0.0/0"];
  return network.existing === null ? [network.cidr] : PRIVATE_RANGES;
}
