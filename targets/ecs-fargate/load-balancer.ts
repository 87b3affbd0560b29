import type { ITerraformDependable } from "cdktf";
import { Lb } from "@cdktf/provider-aws/lib/lb";
import { LbListener, type LbListenerDefaultAction } from "@cdktf/provider-aws/lib/lb-listener";
import { LbListenerRule } from "@cdktf/provider-aws/lib/lb-listener-rule";
import { LbTargetGroup } from "@cdktf/provider-aws/lib/lb-target-group";
import { Wafv2WebAclAssociation } from "@cdktf/provider-aws/lib/wafv2-web-acl-association";
import type { Shared } from "../../modules/foundation/shared";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import { resourceName, shortHash } from "../../modules/stack/names";
import type { ModelStack } from "../../modules/stack/model-stack";
import type { Sealed } from "../../modules/stack/seal";
import type { Options } from "./options";
import { deregistrationSeconds, hasAlternate, idleSeconds } from "./settings";

type Plan = Sealed<AwsTargetPlan<Options>>;

/** Characters of a load balancer's and a target group's name: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html (2026-11). */
const NAME_LIMIT = 32;

/** TLS 1.3, and 1.2 with forward secrecy and authenticated encryption only: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html (2026-11). */
const TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06";

/** What a target group would use where a target brought no port. ECS registers every task with its own. */
const UNUSED_PORT = 80;

/** The old ones answer until the service is behind the new ones. */
const lifecycle = { createBeforeDestroy: true } as const;

export interface LoadBalancer {
  readonly balancer: Lb;
  readonly targetGroup: LbTargetGroup;
  /** What ECS shifts traffic by; null where it does not. Which of the two groups serves is only known to ECS. */
  readonly alternate: {
    readonly targetGroup: LbTargetGroup;
    /** Forwards to both groups, by weights that ECS sets. */
    readonly rule: LbListenerRule;
  } | null;
  readonly listener: LbListener;
  /** Without these the target group belongs to no load balancer, and ECS refuses it. */
  readonly dependencies: readonly ITerraformDependable[];
}

/** The application load balancer in front of the tasks, with its access log. */
export function createLoadBalancer(
  stack: ModelStack,
  plan: Plan,
  shared: Shared,
  securityGroupId: string,
): LoadBalancer {
  const { network, options } = plan;
  const { vpcId, privateSubnetIds, publicSubnetIds } = shared.network;
  const own = network.public ? (publicSubnetIds ?? privateSubnetIds) : privateSubnetIds;
  const name = balancerName(stack, plan);
  const balancer = new Lb(stack, "load-balancer", {
    name,
    loadBalancerType: "application",
    internal: !network.public,
    subnets: options.loadBalancerSubnetIds === undefined ? own : [...options.loadBalancerSubnetIds],
    securityGroups: [securityGroupId],
    ipAddressType: "ipv4",
    idleTimeout: idleSeconds(plan),
    dropInvalidHeaderFields: true,
    desyncMitigationMode: "defensive",
    enableDeletionProtection: plan.security.deletionProtection,
    accessLogs: { bucket: shared.accessLogBucketName, prefix: "alb", enabled: true },
    lifecycle,
  });
  const targetGroup = createTargetGroup(stack, plan, "target-group", { name, vpcId });
  const alternate = hasAlternate(plan)
    ? createTargetGroup(stack, plan, "alternate-target-group", {
        name: balancerName(stack, plan, "alternate"),
        vpcId,
      })
    : null;
  if (options.webAclArn !== undefined) {
    new Wafv2WebAclAssociation(stack, "web-acl", {
      resourceArn: balancer.arn,
      webAclArn: options.webAclArn,
      lifecycle,
    });
  }
  const { listener, rule, dependencies } = createListeners(stack, plan, balancer, targetGroup, alternate);
  return {
    balancer,
    targetGroup,
    alternate: alternate === null || rule === null ? null : { targetGroup: alternate, rule },
    listener,
    dependencies,
  };
}

function createTargetGroup(
  stack: ModelStack,
  plan: Plan,
  id: string,
  at: { readonly name: string; readonly vpcId: string },
): LbTargetGroup {
  const { options } = plan;
  const { healthCheck } = options;
  return new LbTargetGroup(stack, id, {
    ...at,
    targetType: "ip",
    protocol: "HTTP",
    protocolVersion: "HTTP1",
    port: UNUSED_PORT,
    loadBalancingAlgorithmType: options.routing,
    deregistrationDelay: String(deregistrationSeconds(plan)),
    healthCheck: {
      enabled: true,
      protocol: "HTTP",
      port: "traffic-port",
      path: plan.model.server.health,
      matcher: "200",
      interval: Math.ceil(healthCheck.interval.seconds),
      timeout: Math.ceil(healthCheck.timeout.seconds),
      healthyThreshold: healthCheck.healthyThreshold,
      unhealthyThreshold: healthCheck.unhealthyThreshold,
    },
    lifecycle,
  });
}

/**
 * Neither can move to another VPC, the load balancer not between the internet and the inside, and a target group belongs
 * to one load balancer only. So the name of both carries the place: a move makes new ones beside the old. Names that
 * start with `internal-` are AWS's own.
 */
function balancerName(stack: ModelStack, { network }: Plan, which?: "alternate"): string {
  const vpc = network.existing?.vpcId ?? network.cidr;
  const place = shortHash([vpc, network.public ? "public" : undefined, which].filter(given).join(" "), 4);
  const parts = [stack.prefix, "ecs", place];
  return resourceName(stack.prefix.startsWith("internal-") ? ["lb", ...parts] : parts, NAME_LIMIT);
}

function given(part: string | undefined): part is string {
  return part !== undefined;
}

interface Listeners {
  readonly listener: LbListener;
  /** Decides where requests go; null where the listener itself does. */
  readonly rule: LbListenerRule | null;
  readonly dependencies: readonly ITerraformDependable[];
}

function createListeners(
  stack: ModelStack,
  { network }: Plan,
  balancer: Lb,
  targetGroup: LbTargetGroup,
  alternate: LbTargetGroup | null,
): Listeners {
  const forward: LbListenerDefaultAction = { type: "forward", targetGroupArn: targetGroup.arn };
  // One listener for port 80, with a certificate or without: it is changed in place when the certificate comes, and only
  // after the redirect leads somewhere.
  const http = (action: LbListenerDefaultAction, dependsOn: ITerraformDependable[]) =>
    new LbListener(stack, "http", {
      loadBalancerArn: balancer.arn,
      port: 80,
      protocol: "HTTP",
      defaultAction: [action],
      ...(dependsOn.length === 0 ? {} : { dependsOn }),
      lifecycle,
    });
  const entrance = (listener: LbListener) => createEntrance(stack, network, listener, targetGroup, alternate);
  if (network.certificateArn === null) {
    const listener = http(forward, []);
    const rule = entrance(listener);
    return { listener, rule, dependencies: [rule ?? listener] };
  }
  const listener = new LbListener(stack, "https", {
    loadBalancerArn: balancer.arn,
    port: 443,
    protocol: "HTTPS",
    sslPolicy: TLS_POLICY,
    certificateArn: network.certificateArn,
    defaultAction: [network.domain === null ? forward : NO_SUCH_HOST],
    lifecycle,
  });
  const rule = entrance(listener);
  http(TO_HTTPS, [rule ?? listener]);
  return { listener, rule, dependencies: [rule ?? listener] };
}

/**
 * The rule that requests come in by: where one host name is served, and where ECS shifts traffic, which it can only by a
 * rule that forwards to both target groups. It is the same one in both cases: a second one would start with weights of its
 * own, whichever group serves.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/troubleshooting-blue-green.html (2026-11)
 */
function createEntrance(
  stack: ModelStack,
  { domain }: Plan["network"],
  listener: LbListener,
  targetGroup: LbTargetGroup,
  alternate: LbTargetGroup | null,
): LbListenerRule | null {
  if (domain === null && alternate === null) return null;
  return new LbListenerRule(stack, "domain", {
    listenerArn: listener.arn,
    priority: 1,
    condition: [domain === null ? { pathPattern: { values: ["/*"] } } : { hostHeader: { values: [domain] } }],
    ...(alternate === null
      ? { action: [{ type: "forward", targetGroupArn: targetGroup.arn }], lifecycle }
      : {
          action: [
            {
              type: "forward",
              forward: {
                targetGroup: [
                  { arn: targetGroup.arn, weight: 100 },
                  { arn: alternate.arn, weight: 0 },
                ],
              },
            },
          ],
          // The weights are how ECS shifts traffic: set back, they would send requests to a group without tasks.
          lifecycle: { ...lifecycle, ignoreChanges: ["action[0].forward[0].target_group"] },
        }),
  });
}

const TO_HTTPS: LbListenerDefaultAction = {
  type: "redirect",
  redirect: { port: "443", protocol: "HTTPS", statusCode: "HTTP_301" },
};

const NO_SUCH_HOST: LbListenerDefaultAction = {
  type: "fixed-response",
  fixedResponse: {
    contentType: "text/plain",
    messageBody: "There is nothing under this host name.",
    statusCode: "421",
  },
};
