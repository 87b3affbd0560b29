import {
  blocks,
  list,
  textsIn,
  type Json,
  type JsonObject,
  type Resource,
} from "../modules/conformance/document";
import type { ManifestPath } from "../modules/issues/issue";
import { definePolicy, type Policy } from "../modules/policy/policy";
import { refersTo, type PolicyStack } from "../modules/policy/policy-stack";
import { asText, each, hasAnywhere, isGiven, isOff, isOn } from "./support";

const READ = "2026-11-23";

/** Rules of security groups, wherever they are written, with the ranges that they let in or out. */
interface Rule {
  readonly resource: Resource;
  readonly open: boolean;
  readonly from: number | null;
  readonly to: number | null;
  readonly protocol: string;
}

const GROUPS = ["aws_security_group", "aws_default_security_group"] as const;

function rulesOf(stack: PolicyStack, direction: "ingress" | "egress"): readonly Rule[] {
  const rule = (
    resource: Resource,
    block: JsonObject,
    ranges: readonly string[],
    protocol: string,
  ): Rule => ({
    resource,
    open: ranges.some((name) => hasAnywhere(block[name])),
    from: typeof block.from_port === "number" ? block.from_port : null,
    to: typeof block.to_port === "number" ? block.to_port : null,
    protocol: asText(block[protocol]),
  });
  return [
    ...stack
      .resources(`aws_vpc_security_group_${direction}_rule`)
      .map((one) => rule(one, one.config, ["cidr_ipv4", "cidr_ipv6"], "ip_protocol")),
    ...stack
      .resources("aws_security_group_rule")
      .filter(({ config }) => config.type === direction)
      .map((one) => rule(one, one.config, ["cidr_blocks", "ipv6_cidr_blocks"], "protocol")),
    ...stack
      .resources(...GROUPS)
      .flatMap((one) =>
        blocks(one.config[direction]).map((block) =>
          rule(one, block, ["cidr_blocks", "ipv6_cidr_blocks"], "protocol"),
        ),
      ),
  ];
}

/** Whether a rule lets everything through. */
function isEverything({ from, protocol }: Rule): boolean {
  return protocol === "-1" || protocol === "all" || from === null || from === -1;
}

/** The only ports that a public endpoint listens on: HTTPS, and HTTP for its redirect. */
const PUBLIC_PORTS = [443, 80];

const RULE_TYPES = [
  ...GROUPS,
  "aws_security_group_rule",
  "aws_vpc_security_group_ingress_rule",
  "aws_vpc_security_group_egress_rule",
];

const PUBLIC: ManifestPath = ["network", "public"];

/** Nothing is reached, and nothing reaches out, beyond what the manifest says. */
export const network: readonly Policy[] = [
  definePolicy({
    code: "POLICY_OPEN_INGRESS",
    title: "nothing lets the internet in but a public endpoint's HTTPS, and its redirect to it",
    reason: "a port that is open to everybody is found within minutes",
    source: "https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html",
    asOf: READ,
    severity: "error",
    controls: ["CKV_AWS_24", "CKV_AWS_25", "CKV_AWS_260", "CKV_AWS_277", "EC2.18", "EC2.19"],
    resourceTypes: RULE_TYPES,
    *checkStack(stack, { plan }) {
      for (const rule of rulesOf(stack, "ingress").filter(({ open }) => open)) {
        const { address } = rule.resource;
        const allowed =
          plan.network.public && rule.from === rule.to && PUBLIC_PORTS.includes(rule.from ?? -1);
        if (allowed && !isEverything(rule)) continue;
        const ports = isEverything(rule) ? "every port" : `port ${rule.from ?? ""}`;
        yield { address, message: `is open to the whole internet on ${ports}`, field: PUBLIC };
      }
    },
  }),
  definePolicy({
    code: "POLICY_OPEN_EGRESS",
    title: "what reaches out to the internet names its port",
    reason: "a container that was taken over calls home by any port that it finds",
    source: "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-best-practices.html",
    asOf: READ,
    severity: "error",
    controls: ["CKV_AWS_382"],
    resourceTypes: RULE_TYPES,
    *checkStack(stack) {
      for (const rule of rulesOf(stack, "egress").filter(({ open }) => open)) {
        if (isEverything(rule))
          yield { address: rule.resource.address, message: "lets everything out to the whole internet" };
      }
    },
  }),
  definePolicy({
    code: "POLICY_RULE_DESCRIPTION",
    title: "every security group and every rule of one says what it is for",
    reason: "a rule that nobody can explain is one that nobody dares to remove",
    source: "https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
    asOf: READ,
    severity: "error",
    controls: ["CKV_AWS_23"],
    resourceTypes: RULE_TYPES,
    *checkStack(stack) {
      yield* each(
        stack.resources(...RULE_TYPES.filter((type) => type !== "aws_default_security_group")),
        ({ description, ingress, egress }) =>
          ![description, ...[...blocks(ingress), ...blocks(egress)].map((block) => block.description)].every(
            isGiven,
          ) && "has no description, or a rule without one",
      );
    },
  }),
  definePolicy({
    code: "POLICY_GROUP_ATTACHED",
    title: "every security group is used in its stack",
    reason: "a group that protects nothing is attached one day by mistake, with rules that nobody looked at",
    source: "https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html",
    asOf: READ,
    severity: "error",
    controls: ["CKV2_AWS_5"],
    resourceTypes: ["aws_security_group"],
    *checkStack(stack) {
      const used = new Set(groupsIn(stack.document.output));
      for (const { type, address, config } of stack.resources()) {
        // A rule is a part of its group, and no use of it.
        if (/^aws_(?:vpc_)?security_group.*_rule$/.test(type)) continue;
        for (const group of groupsIn(config)) if (group !== address) used.add(group);
      }
      yield* each(
        stack.resources("aws_security_group"),
        (_config, { address }) => !used.has(address) && "protects nothing",
      );
    },
  }),
  definePolicy({
    code: "POLICY_DEFAULT_GROUP",
    title: "the default security group of a VPC has no rules",
    reason:
      "what is started without a group of its own gets this one, which lets its members talk to each other and out",
    source: "https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html",
    asOf: READ,
    severity: "error",
    controls: ["CKV2_AWS_12", "EC2.2"],
    resourceTypes: ["aws_vpc", "aws_default_security_group"],
    *checkStack(stack) {
      yield* each(
        stack.resources("aws_vpc"),
        (_config, vpc) =>
          stack.of("aws_default_security_group", "vpc_id", vpc).length === 0 &&
          "leaves its default security group as AWS made it",
      );
      yield* each(
        stack.resources("aws_default_security_group"),
        ({ ingress, egress }) => blocks(ingress).length + blocks(egress).length > 0 && "has rules",
      );
    },
  }),
  definePolicy({
    code: "POLICY_FLOW_LOGS",
    title: "every VPC logs its connections, refused and accepted",
    reason: "after an incident they are the only record of who talked to whom",
    source: "https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs.html",
    asOf: READ,
    severity: "error",
    controls: ["CKV2_AWS_11", "EC2.6"],
    resourceTypes: ["aws_vpc"],
    *checkStack(stack) {
      yield* each(
        stack.resources("aws_vpc"),
        (_config, vpc) =>
          !stack.of("aws_flow_log", "vpc_id", vpc).some(({ config }) => config.traffic_type !== "ACCEPT") &&
          "has no flow log of refused connections",
      );
    },
  }),
  definePolicy({
    code: "POLICY_PUBLIC_ADDRESS",
    title: "no subnet, task or node gets a public address by itself",
    reason: "a public address makes a machine reachable as soon as one rule is wrong",
    source: "https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html",
    asOf: READ,
    severity: "error",
    controls: ["CKV_AWS_88", "CKV_AWS_130", "CKV_AWS_333", "EC2.15", "ECS.2", "ECS.16"],
    resourceTypes: ["aws_subnet", "aws_ecs_service", "aws_ecs_task_set", "aws_launch_template"],
    *checkStack(stack) {
      yield* each(
        stack.resources("aws_subnet"),
        (config) =>
          (isOn(config.map_public_ip_on_launch) || isOn(config.assign_ipv6_address_on_creation)) &&
          "gives public addresses away",
      );
      yield* each(
        stack.resources("aws_ecs_service", "aws_ecs_task_set"),
        (config) =>
          blocks(config.network_configuration).some((block) => isOn(block.assign_public_ip)) &&
          "gives its tasks public addresses",
      );
      yield* each(
        stack.resources("aws_launch_template"),
        (config) =>
          blocks(config.network_interfaces).some((block) => isOn(block.associate_public_ip_address)) &&
          "gives its machines public addresses",
      );
    },
  }),
  definePolicy({
    code: "POLICY_LISTENER_TLS",
    title:
      "listeners speak TLS 1.2 or later with strong ciphers, or redirect to one; plain HTTP only inside a VPC",
    reason: "what passes in the clear over the internet is read and changed on its way",
    source: "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html",
    asOf: READ,
    severity: "error",
    controls: ["CKV_AWS_2", "CKV_AWS_103", "CKV2_AWS_20", "CKV2_AWS_74", "ELB.1", "ELB.17", "ELB.18"],
    resourceTypes: ["aws_lb_listener"],
    *checkStack(stack) {
      yield* each(
        stack.resources("aws_lb_listener"),
        (config) => {
          const { protocol, ssl_policy: policy } = config;
          if (protocol === "HTTPS" || protocol === "TLS")
            return (
              !isStrong(policy) && `has the TLS policy ${JSON.stringify(policy)}, which lets old clients in`
            );
          if (redirectsToHttps(config)) return false;
          // Where a manifest gives no certificate, callers inside the VPC speak HTTP; `validate` warns of it.
          const balancers = stack
            .resources("aws_lb")
            .filter((balancer) => refersTo(config.load_balancer_arn, balancer));
          const inside =
            balancers.length > 0 && balancers.every(({ config: { internal } }) => isOn(internal));
          return !inside && "speaks plain HTTP, and not only inside a VPC";
        },
        { field: ["network", "certificateArn"], fix: "give network.certificateArn" },
      );
    },
  }),
  definePolicy({
    code: "POLICY_BALANCER_HARDENED",
    title: "load balancers drop malformed headers, mitigate desynchronized requests, and span two zones",
    reason: "a request that the balancer and the server read differently lets one caller speak for another",
    source: "https://docs.aws.amazon.com/securityhub/latest/userguide/elb-controls.html",
    asOf: READ,
    severity: "error",
    controls: ["CKV_AWS_131", "CKV_AWS_328", "ELB.4", "ELB.12", "ELB.13"],
    resourceTypes: ["aws_lb"],
    *checkStack(stack) {
      yield* each(stack.resources("aws_lb"), (config) => {
        const subnets = config.subnets;
        // A reference to a list, or the list itself.
        if (Array.isArray(subnets) && subnets.length < 2) return "is in one subnet, and so in one zone";
        if (config.load_balancer_type !== undefined && config.load_balancer_type !== "application")
          return false;
        if (!isOn(config.drop_invalid_header_fields)) return "does not drop malformed headers";
        return (
          config.desync_mitigation_mode === "monitor" && "lets requests through that can be read in two ways"
        );
      });
    },
  }),
  definePolicy({
    code: "POLICY_TARGET_HEALTH",
    title: "target groups check the health of what they send requests to",
    reason: "without it requests go to replicas that do not answer",
    source:
      "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html",
    asOf: READ,
    severity: "error",
    controls: ["CKV_AWS_261"],
    resourceTypes: ["aws_lb_target_group"],
    *checkStack(stack) {
      yield* each(stack.resources("aws_lb_target_group"), (config) => {
        if (config.target_type === "lambda") return false;
        return (
          !blocks(config.health_check).some(({ enabled, path }) => !isOff(enabled) && isGiven(path)) &&
          "has no health check"
        );
      });
    },
  }),
  definePolicy({
    code: "POLICY_CLUSTER_ENDPOINT",
    title: "the API of an EKS cluster is private, or public to named addresses only",
    reason: "whoever reaches the API can try credentials on it",
    source: "https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html",
    asOf: READ,
    severity: "error",
    controls: ["CKV_AWS_38", "CKV_AWS_39", "EKS.1"],
    resourceTypes: ["aws_eks_cluster"],
    *checkStack(stack) {
      yield* each(
        stack.resources("aws_eks_cluster"),
        ({ vpc_config: settings }) =>
          blocks(settings).some(
            ({ endpoint_public_access: isPublic, public_access_cidrs: ranges }) =>
              !isOff(isPublic) && (list(ranges).length === 0 || hasAnywhere(ranges)),
          ) && "has its API open to the whole internet",
        { field: ["targets", "eks", "publicAccessCidrs"] },
      );
    },
  }),
  definePolicy({
    code: "POLICY_NODE_ACCESS",
    title:
      "nodes cannot be reached by SSH from everywhere, and give their credentials to nothing but the node itself",
    reason: "a pod that reaches the metadata service acts with the node's role",
    source: "https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html",
    asOf: READ,
    severity: "error",
    controls: ["CKV_AWS_79", "CKV_AWS_100", "CKV_AWS_341", "EC2.170"],
    resourceTypes: ["aws_eks_node_group", "aws_launch_template"],
    *checkStack(stack) {
      yield* each(
        stack.resources("aws_eks_node_group"),
        ({ remote_access: access }) =>
          blocks(access).some(
            ({ ec2_ssh_key: key, source_security_group_ids: groups }) =>
              isGiven(key) && list(groups).length === 0,
          ) && "is open by SSH to the whole internet",
      );
      yield* each(stack.resources("aws_launch_template"), ({ metadata_options: settings }) => {
        const options = blocks(settings);
        if (options.some(({ http_endpoint: endpoint }) => endpoint === "disabled")) return false;
        if (!options.some(({ http_tokens: tokens }) => tokens === "required"))
          return "answers version 1 of the metadata service, which needs no token";
        return (
          !options.every(({ http_put_response_hop_limit: hops = 1 }) => Number(hops) <= 1) &&
          "lets pods reach the metadata service (hop limit above 1)"
        );
      });
    },
  }),
  definePolicy({
    code: "POLICY_FUNCTION_ACCESS",
    title:
      "Lambda functions are called with IAM rights only, by services on behalf of named resources, and run in two zones",
    reason: "a function's URL without authentication is open to everybody who guesses it",
    source: "https://docs.aws.amazon.com/securityhub/latest/userguide/lambda-controls.html",
    asOf: READ,
    severity: "error",
    controls: ["CKV_AWS_258", "CKV_AWS_301", "CKV_AWS_364", "Lambda.1", "Lambda.5"],
    resourceTypes: ["aws_lambda_function", "aws_lambda_function_url", "aws_lambda_permission"],
    *checkStack(stack) {
      yield* each(
        stack.resources("aws_lambda_function_url"),
        ({ authorization_type: type }) => type !== "AWS_IAM" && "asks for no authentication",
      );
      yield* each(stack.resources("aws_lambda_permission"), (config) => {
        const {
          principal,
          source_arn: arn,
          source_account: account,
          principal_org_id: organization,
        } = config;
        if (principal === "*" && !isGiven(organization)) return "lets everybody call the function";
        const service = typeof principal === "string" && /\.amazonaws\.com(?:\.cn)?$/.test(principal);
        return (
          service && !isGiven(arn) && !isGiven(account) && `lets ${principal} call it for whoever asks it to`
        );
      });
      yield* each(
        stack.resources("aws_lambda_function"),
        ({ vpc_config: settings }) =>
          blocks(settings).some(
            ({ subnet_ids: subnets }) => Array.isArray(subnets) && subnets.length === 1,
          ) && "runs in one subnet, and so in one zone",
      );
    },
  }),
];

/** TLS 1.2 or later, by the names that AWS gives its policies; those of 1.3 that still take 1.0 or 1.1 are not. */
function isStrong(policy: unknown): boolean {
  return (
    typeof policy === "string" &&
    /^ELBSecurityPolicy-(?:TLS13-1-[23]-|TLS-1-2-|FS-1-2-)/.test(policy) &&
    !/-1-[01]-/.test(policy.replace("TLS13-1-", ""))
  );
}

/** Addresses of the security groups that something refers to. */
function* groupsIn(value: Json | undefined): Iterable<string> {
  for (const { text } of textsIn(value))
    if (text.includes("${aws_security_group."))
      for (const [, address = ""] of text.matchAll(/\$\{(aws_security_group\.[\w-]+)\./g)) yield address;
}

function redirectsToHttps({ default_action: actions }: JsonObject): boolean {
  const all = blocks(actions);
  return (
    all.length > 0 &&
    all.every(
      (action) =>
        action.type === "redirect" && blocks(action.redirect).every(({ protocol }) => protocol === "HTTPS"),
    )
  );
}
