import { synth } from "../../support/synth";
import { CERTIFICATE, ecs, EXISTING, KIND, manifest, Stack } from "./support";

const TARGETS = "${aws_lb_target_group.target-group.arn}";
const PRIVATE = "${data.terraform_remote_state.foundation.outputs.private_subnet_ids}";

describe("the load balancer", () => {
  it("is internal, logs, drops malformed headers and defends against desync", () => {
    expect(ecs().balancer).toMatchObject({
      name: "fraud-scorer-default-ecs-638e",
      internal: true,
      load_balancer_type: "application",
      subnets: PRIVATE,
      security_groups: ["${aws_security_group.load-balancer-group.id}"],
      idle_timeout: 60,
      drop_invalid_header_fields: true,
      desync_mitigation_mode: "defensive",
      enable_deletion_protection: true,
      access_logs: {
        bucket: "${data.terraform_remote_state.foundation.outputs.access_log_bucket_name}",
        prefix: "alb",
        enabled: true,
      },
    });
  });

  it("is public where the manifest says so", () => {
    const { balancer } = ecs({ network: { public: true, certificateArn: CERTIFICATE } });
    expect(balancer).toMatchObject({
      internal: false,
      subnets: "${data.terraform_remote_state.foundation.outputs.public_subnet_ids}",
    });
  });

  it("takes subnets of its own in an existing network", () => {
    const own = ["subnet-00000001", "subnet-00000002"];
    expect(ecs({ network: EXISTING }).balancer.subnets).toEqual(EXISTING.subnetIds);
    const stack = ecs({ network: EXISTING }, { loadBalancerSubnetIds: own });
    expect(stack.balancer.subnets).toEqual(own);
    expect(stack.service.network_configuration).toMatchObject({ subnets: EXISTING.subnetIds });
  });

  it("is named after its network, which it cannot leave", () => {
    const names = [{}, { cidr: "10.1.0.0/16" }, EXISTING].map((network) => ecs({ network }).balancer.name);
    expect(new Set(names).size).toBe(3);
    expect(ecs().targetGroup.name).toBe(ecs().balancer.name);
  });

  it("has no name that AWS keeps for itself", () => {
    const internal = { ...manifest(), name: "internal-scorer" };
    const stack = new Stack(synth({ manifest: internal, target: KIND }).stack(KIND));
    expect(stack.balancer.name).toBe("lb-internal-scorer-defaul-" + String(stack.balancer.name).slice(-6));
    expect(String(stack.balancer.name).length).toBeLessThanOrEqual(32);
  });

  it.each([true, false])("refuses to be deleted as the manifest says: %s", (deletionProtection) => {
    const input = { ...manifest(), security: { deletionProtection } };
    const stack = new Stack(synth({ manifest: input, target: KIND }).stack(KIND));
    expect(stack.balancer.enable_deletion_protection).toBe(deletionProtection);
  });

  it.each([
    [undefined, {}, 60, "30"],
    ["40s", {}, 60, "50"],
    ["90s", {}, 100, "100"],
    ["3995s", {}, 4000, "3600"],
    ["90s", { idleTimeout: "4000s", deregistrationDelay: "1s" }, 4000, "1"],
  ])("with requests of %s and %j waits %i s and drains %s s", (p99, options, idle, drain) => {
    const workload = { requestsPerSecond: 1, serviceTime: { p50: "1s", p99 } };
    const stack = ecs(p99 === undefined ? {} : { workload }, options);
    expect(stack.balancer.idle_timeout).toBe(idle);
    expect(stack.targetGroup.deregistration_delay).toBe(drain);
  });

  it("stands behind a web ACL", () => {
    const webAclArn =
      "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/models/1234abcd-12ab-34cd-56ef-1234567890ab";
    expect(ecs({}, { webAclArn }).get("aws_wafv2_web_acl_association", "web-acl")).toMatchObject({
      resource_arn: "${aws_lb.load-balancer.arn}",
      web_acl_arn: webAclArn,
    });
  });
});

describe("the target group", () => {
  it("asks the server for its health", () => {
    expect(ecs().targetGroup).toMatchObject({
      target_type: "ip",
      protocol: "HTTP",
      protocol_version: "HTTP1",
      load_balancing_algorithm_type: "least_outstanding_requests",
      health_check: {
        enabled: true,
        protocol: "HTTP",
        port: "traffic-port",
        path: "/ping",
        matcher: "200",
        interval: 15,
        timeout: 5,
        healthy_threshold: 2,
        unhealthy_threshold: 3,
      },
      lifecycle: { create_before_destroy: true },
    });
    expect(ecs().targetGroup.slow_start).toBeUndefined();
  });

  it("takes path, routing and health check from the manifest", () => {
    const stack = ecs(
      { model: { image: "docker.io/a/b:1", server: { health: "/ready" } }, network: EXISTING },
      {
        routing: "round_robin",
        healthCheck: { interval: "60s", timeout: "30s", healthyThreshold: 10, unhealthyThreshold: 10 },
      },
    );
    expect(stack.targetGroup).toMatchObject({
      load_balancing_algorithm_type: "round_robin",
      health_check: {
        path: "/ready",
        interval: 60,
        timeout: 30,
        healthy_threshold: 10,
        unhealthy_threshold: 10,
      },
    });
  });
});

describe("a move to another network, or to the internet", () => {
  const ELSEWHERE = { ...EXISTING, vpcId: "vpc-0000000000000000f", certificateArn: CERTIFICATE };
  const PUBLIC = { ...ELSEWHERE, public: true };

  it("makes a load balancer and a target group under another name", () => {
    const names = [{ ...EXISTING, certificateArn: CERTIFICATE }, ELSEWHERE, PUBLIC].map((network) => {
      const { balancer, targetGroup } = ecs({ network });
      expect(targetGroup.name).toBe(balancer.name);
      return balancer.name;
    });
    expect(new Set(names).size).toBe(3);
  });

  it.each([
    "aws_lb",
    "aws_lb_target_group",
    "aws_lb_listener",
    "aws_lb_listener_rule",
    "aws_security_group",
    "aws_vpc_security_group_ingress_rule",
    "aws_vpc_security_group_egress_rule",
    "aws_wafv2_web_acl_association",
  ])("makes every new %s before the old one goes", (type) => {
    const webAclArn = `arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/models/${"1".repeat(8)}-${"1".repeat(27)}`;
    const stack = ecs({ network: { ...PUBLIC, domain: "fraud.example.com" } }, { webAclArn });
    const resources = Object.values(stack.all(type));
    expect(resources).not.toEqual([]);
    for (const { lifecycle } of resources) expect(lifecycle).toEqual({ create_before_destroy: true });
  });
});

describe("the listeners", () => {
  it("are plain HTTP without a certificate", () => {
    const stack = ecs();
    expect(stack.all("aws_lb_listener")).toMatchObject({
      http: { port: 80, protocol: "HTTP", default_action: [{ type: "forward", target_group_arn: TARGETS }] },
    });
    expect(stack.output("url")).toBe("http://${aws_lb.load-balancer.dns_name}");
  });

  it("are TLS 1.2 and 1.3 with a certificate, and redirect to it", () => {
    const stack = ecs({ network: { certificateArn: CERTIFICATE } });
    expect(stack.all("aws_lb_listener")).toMatchObject({
      https: {
        port: 443,
        protocol: "HTTPS",
        ssl_policy: "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
        certificate_arn: CERTIFICATE,
        default_action: [{ type: "forward", target_group_arn: TARGETS }],
      },
      // At the same address as without a certificate: port 80 is changed in place, and after there is somewhere to go.
      http: {
        port: 80,
        protocol: "HTTP",
        default_action: [
          { type: "redirect", redirect: { port: "443", protocol: "HTTPS", status_code: "HTTP_301" } },
        ],
        depends_on: ["aws_lb_listener.https"],
      },
    });
    expect(Object.keys(stack.all("aws_lb_listener")).sort()).toEqual(["http", "https"]);
    expect(stack.all("aws_lb_listener_rule")).toEqual({});
  });

  it("serve one host name only, where the manifest names one", () => {
    const stack = ecs({ network: { certificateArn: CERTIFICATE, domain: "fraud.example.com" } });
    expect(stack.get("aws_lb_listener", "https").default_action).toMatchObject([
      { type: "fixed-response", fixed_response: { status_code: "421", content_type: "text/plain" } },
    ]);
    expect(stack.get("aws_lb_listener_rule", "domain")).toMatchObject({
      priority: 1,
      condition: [{ host_header: { values: ["fraud.example.com"] } }],
      action: [{ type: "forward", target_group_arn: TARGETS }],
    });
    expect(stack.service.depends_on).toContain("aws_lb_listener_rule.domain");
    expect(stack.get("aws_lb_listener", "http").depends_on).toEqual(["aws_lb_listener_rule.domain"]);
    expect(stack.output("url")).toBe("https://fraud.example.com");
  });
});
