import { CERTIFICATE, ecs, EXISTING } from "./support";

const PRIVATE = "${data.terraform_remote_state.foundation.outputs.private_subnet_ids}";
const KEY = "${data.terraform_remote_state.foundation.outputs.key_arn}";

describe("the cluster", () => {
  it("is created with insights, encrypted sessions and disks, and both kinds of capacity", () => {
    const stack = ecs();
    expect(stack.get("aws_ecs_cluster", "cluster")).toMatchObject({
      name: "fraud-scorer-default-ecs-fargate",
      setting: [{ name: "containerInsights", value: "enabled" }],
      configuration: {
        execute_command_configuration: {
          kms_key_id: KEY,
          logging: "OVERRIDE",
          log_configuration: {
            cloud_watch_encryption_enabled: true,
            cloud_watch_log_group_name: "${aws_cloudwatch_log_group.exec-log-group.name}",
          },
        },
        managed_storage_configuration: { fargate_ephemeral_storage_kms_key_id: KEY },
      },
    });
    expect(stack.get("aws_ecs_cluster_capacity_providers", "cluster-capacity").capacity_providers).toEqual([
      "FARGATE",
      "FARGATE_SPOT",
    ]);
  });

  it("uses a given key for disks only where that is asked for: its policy may not allow it", () => {
    const kmsKeyArn = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    const storage = (options = {}) =>
      (
        ecs({ account: "123456789012", security: { kmsKeyArn } }, options).get("aws_ecs_cluster", "cluster")
          .configuration as Record<string, unknown>
      ).managed_storage_configuration;
    expect(storage()).toBeUndefined();
    expect(storage({ encryptEphemeralStorage: true })).toEqual({
      fargate_ephemeral_storage_kms_key_id: kmsKeyArn,
    });
  });

  it("is the manifest's where it names one", () => {
    const stack = ecs({ account: "123456789012" }, { cluster: "shared" });
    expect(stack.all("aws_ecs_cluster")).toEqual({});
    expect(Object.keys(stack.all("aws_cloudwatch_log_group"))).toEqual(["log-group"]);
    expect(stack.service).toMatchObject({
      cluster: "arn:aws:ecs:eu-west-1:123456789012:cluster/shared",
      launch_type: "FARGATE",
    });
    expect(stack.service.capacity_provider_strategy).toBeUndefined();
  });
});

describe("the service", () => {
  it("is deployed in rolling batches that go back by themselves", () => {
    expect(ecs().service).toMatchObject({
      name: "fraud-scorer-default-ecs-fargate",
      desired_count: 1,
      platform_version: "LATEST",
      availability_zone_rebalancing: "ENABLED",
      network_configuration: {
        subnets: PRIVATE,
        security_groups: ["${aws_security_group.replicas.id}"],
        assign_public_ip: false,
      },
      load_balancer: [
        {
          target_group_arn: "${aws_lb_target_group.target-group.arn}",
          container_name: "model",
          container_port: 8080,
        },
      ],
      health_check_grace_period_seconds: 75,
      deployment_minimum_healthy_percent: 100,
      deployment_maximum_percent: 200,
      deployment_circuit_breaker: { enable: true, rollback: true },
      alarms: { enable: true, rollback: true, alarm_names: ["fraud-scorer-default-ecs-fargate-errors"] },
      enable_execute_command: false,
      enable_ecs_managed_tags: true,
      propagate_tags: "SERVICE",
      wait_for_steady_state: true,
      force_new_deployment: true,
      timeouts: { create: "23m", update: "23m" },
    });
  });

  it("waits for everything that its tasks need", () => {
    expect(ecs().service.depends_on).toEqual([
      "aws_ecs_cluster_capacity_providers.cluster-capacity",
      "aws_lb_listener.http",
      "aws_vpc_security_group_egress_rule.replicas-https",
      "aws_vpc_security_group_ingress_rule.callers-80-10-0-0-0-16-638e11",
      "aws_vpc_security_group_egress_rule.load-balancer-to-tasks-8080",
      "aws_vpc_security_group_ingress_rule.tasks-from-load-balancer-8080",
      "aws_iam_role_policy.execution-role-policy",
      "aws_iam_role.task-role",
      "aws_cloudwatch_metric_alarm.alarm-errors",
    ]);
  });

  it("does not go back where the manifest says so", () => {
    const { service } = ecs({ rollout: { rollback: false } });
    expect(service.deployment_circuit_breaker).toEqual({ enable: true, rollback: false });
    expect(service.alarms).toMatchObject({ enable: true, rollback: false });
  });

  it("listens to no alarms where there are none", () => {
    const stack = ecs({ observability: { alarms: false } });
    expect(stack.service.alarms).toBeUndefined();
    expect(stack.all("aws_cloudwatch_metric_alarm")).toEqual({});
  });

  it.each([
    [{}, {}, 200],
    [{ scaling: { min: 4 } }, {}, 125],
    [{ scaling: { min: 8 }, rollout: { step: 10 } }, {}, 113],
    [{ scaling: { min: 8 }, rollout: { step: 50 } }, {}, 150],
    [{ scaling: { min: 100 }, rollout: { step: 1 } }, {}, 101],
    [{ scaling: { min: 100 }, rollout: { step: 100 } }, {}, 200],
    [{ scaling: { min: 8 }, rollout: { strategy: "all-at-once" } }, {}, 200],
    [{ scaling: { min: 8 } }, { maximumPercent: 130 }, 130],
  ])("with %j and %j runs at most %i percent during a deployment", (changes, options, expected) => {
    expect(ecs(changes, options).service.deployment_maximum_percent).toBe(expected);
  });

  it.each([
    [{}, [{ capacity_provider: "FARGATE", base: 1, weight: 100 }]],
    [
      { spot: 50 },
      [
        { capacity_provider: "FARGATE", base: 1, weight: 50 },
        { capacity_provider: "FARGATE_SPOT", weight: 50 },
      ],
    ],
    [
      { spot: 100, onDemandBase: 2 },
      [
        { capacity_provider: "FARGATE", base: 2, weight: 0 },
        { capacity_provider: "FARGATE_SPOT", weight: 100 },
      ],
    ],
    [{ spot: 100, onDemandBase: 0 }, [{ capacity_provider: "FARGATE_SPOT", weight: 100 }]],
    [
      { cluster: "shared", spot: 30 },
      [
        { capacity_provider: "FARGATE", base: 1, weight: 70 },
        { capacity_provider: "FARGATE_SPOT", weight: 30 },
      ],
    ],
  ])("with %j runs on %j", (options, strategy) => {
    const { service } = ecs({}, options);
    expect(service.capacity_provider_strategy).toEqual(strategy);
    expect(service.launch_type).toBeUndefined();
  });

  it("takes the other options", () => {
    const { service } = ecs(
      { model: { image: "docker.io/a/b:1", server: { startup: "10m" } }, network: EXISTING },
      {
        minimumHealthyPercent: 50,
        executeCommand: true,
        readOnlyRootFilesystem: false,
        waitForSteadyState: false,
        healthCheck: { interval: "30s", healthyThreshold: 5 },
      },
    );
    expect(service).toMatchObject({
      deployment_minimum_healthy_percent: 50,
      enable_execute_command: true,
      wait_for_steady_state: false,
      health_check_grace_period_seconds: 780,
    });
  });
});

describe("the tasks' security groups", () => {
  it("let the load balancer reach another port beside the one before", () => {
    const stack = ecs({ model: { image: "docker.io/a/b:1", server: { port: 9000 } }, network: EXISTING });
    const rules = stack.all("aws_vpc_security_group_ingress_rule");
    expect(rules["tasks-from-load-balancer-9000"]).toMatchObject({
      from_port: 9000,
      lifecycle: { create_before_destroy: true },
    });
  });

  it("let in the load balancer and nothing else", () => {
    const stack = ecs({}, {});
    expect(stack.all("aws_vpc_security_group_ingress_rule")).toMatchObject({
      "tasks-from-load-balancer-8080": {
        security_group_id: "${aws_security_group.replicas.id}",
        referenced_security_group_id: "${aws_security_group.load-balancer-group.id}",
        ip_protocol: "tcp",
        from_port: 8080,
        to_port: 8080,
      },
    });
    expect(stack.get("aws_vpc_security_group_egress_rule", "load-balancer-to-tasks-8080")).toMatchObject({
      security_group_id: "${aws_security_group.load-balancer-group.id}",
      referenced_security_group_id: "${aws_security_group.replicas.id}",
      from_port: 8080,
      to_port: 8080,
    });
  });

  it("are the manifest's, unchanged, and one that lets the load balancer in", () => {
    const stack = ecs({ network: { ...EXISTING, securityGroupIds: ["sg-00000001"] } });
    expect(stack.service.network_configuration).toEqual({
      subnets: EXISTING.subnetIds,
      security_groups: ["sg-00000001", "${aws_security_group.tasks-group.id}"],
      assign_public_ip: false,
    });
    expect(JSON.stringify(stack.all("aws_vpc_security_group_ingress_rule"))).not.toContain("sg-00000001");
  });

  const callers = (changes: Record<string, unknown>, options = {}) =>
    Object.values(ecs(changes, options).all("aws_vpc_security_group_ingress_rule"))
      .filter(({ cidr_ipv4 }) => cidr_ipv4 !== undefined)
      .map(({ cidr_ipv4, from_port }) => `${String(cidr_ipv4)}:${String(from_port)}`);

  it.each([
    [{}, {}, ["10.0.0.0/16:80"]],
    [{ network: { cidr: "10.20.0.0/20" } }, {}, ["10.20.0.0/20:80"]],
    [{ network: EXISTING }, {}, ["10.0.0.0/8:80", "172.16.0.0/12:80", "192.168.0.0/16:80"]],
    [{ network: { certificateArn: CERTIFICATE } }, {}, ["10.0.0.0/16:443", "10.0.0.0/16:80"]],
    [{ network: { public: true, certificateArn: CERTIFICATE } }, {}, ["0.0.0.0/0:443", "0.0.0.0/0:80"]],
    [
      { network: { public: true, certificateArn: CERTIFICATE } },
      { allowedCidrs: ["203.0.113.0/24"] },
      ["203.0.113.0/24:443", "203.0.113.0/24:80"],
    ],
  ])("with %j and %j lets in %j", (changes, options, expected) => {
    expect(callers(changes, options).sort()).toEqual([...expected].sort());
  });
});
