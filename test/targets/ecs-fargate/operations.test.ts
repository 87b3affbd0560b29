import { synth } from "../../support/synth";
import { ecs, EXISTING, KIND, manifest, Stack } from "./support";

const BALANCER = "${aws_lb.load-balancer.arn_suffix}";
const TARGET_GROUP = "${aws_lb_target_group.target-group.arn_suffix}";

describe("scaling", () => {
  it("creates nothing for a fixed number of tasks, which Terraform then keeps", () => {
    const stack = ecs({ scaling: { min: 3 } });
    expect(stack.all("aws_appautoscaling_target")).toEqual({});
    expect(stack.service.desired_count).toBe(3);
    expect(stack.service.lifecycle).toBeUndefined();
  });

  it("keeps CPU at 70 percent between the bounds, and leaves the number of tasks alone", () => {
    const stack = ecs({ scaling: { min: 2, max: 8 } });
    expect(stack.service).toMatchObject({
      desired_count: 2,
      lifecycle: { ignore_changes: ["desired_count"] },
    });
    expect(stack.get("aws_appautoscaling_target", "scalable-target")).toMatchObject({
      service_namespace: "ecs",
      resource_id: "service/${aws_ecs_cluster.cluster.name}/${aws_ecs_service.service.name}",
      scalable_dimension: "ecs:service:DesiredCount",
      min_capacity: 2,
      max_capacity: 8,
    });
    expect(Object.values(stack.all("aws_appautoscaling_policy"))).toMatchObject([
      {
        target_tracking_scaling_policy_configuration: {
          target_value: 70,
          scale_in_cooldown: 300,
          scale_out_cooldown: 60,
          predefined_metric_specification: { predefined_metric_type: "ECSServiceAverageCPUUtilization" },
        },
      },
    ]);
  });

  it("keeps a number without policies, whatever the range", () => {
    const stack = ecs({ scaling: { min: 2, max: 8, policies: [] } });
    expect(stack.service.lifecycle).toBeUndefined();
    expect(stack.all("aws_appautoscaling_target")).toEqual({});
  });

  it("names an existing cluster", () => {
    const stack = ecs({ scaling: { min: 1, max: 2 } }, { cluster: "shared" });
    expect(stack.get("aws_appautoscaling_target", "scalable-target").resource_id).toBe(
      "service/shared/${aws_ecs_service.service.name}",
    );
  });

  it.each([
    ["cpu", { predefined_metric_type: "ECSServiceAverageCPUUtilization" }, 60],
    ["memory", { predefined_metric_type: "ECSServiceAverageMemoryUtilization" }, 60],
    [
      "invocations-per-instance",
      { predefined_metric_type: "ALBRequestCountPerTarget", resource_label: `${BALANCER}/${TARGET_GROUP}` },
      60,
    ],
  ])("tracks %s", (metric, specification, target) => {
    const policies = [{ type: "target-tracking", metric, target }];
    const [policy] = Object.values(
      ecs({ scaling: { min: 1, max: 4, policies } }).all("aws_appautoscaling_policy"),
    );
    expect(policy).toMatchObject({
      target_tracking_scaling_policy_configuration: {
        target_value: target,
        predefined_metric_specification: specification,
      },
    });
  });

  it.each([
    ["cpu", "AWS/ECS", "CPUUtilization", "Average"],
    ["memory", "AWS/ECS", "MemoryUtilization", "Average"],
    ["invocations-per-instance", "AWS/ApplicationELB", "RequestCountPerTarget", "Sum"],
  ])("steps on %s", (metric, namespace, name, statistic) => {
    const policies = [{ type: "step", metric, threshold: 80, steps: [{ from: 0, add: 2 }] }];
    const stack = ecs({ scaling: { min: 1, max: 4, policies } });
    const alarm = stack.get("aws_cloudwatch_metric_alarm", `scaling-step-${metric}-out-alarm`);
    expect(alarm).toMatchObject({ namespace, metric_name: name, statistic, threshold: 80 });
  });

  it("names policies by what they do, so that another order changes nothing", () => {
    const tracking = { type: "target-tracking", metric: "cpu", target: 70 };
    const step = { type: "step", metric: "cpu", threshold: 80, steps: [{ from: 0, add: 2 }] };
    const day = { type: "scheduled", cron: "0 8 ? * MON-FRI *", min: 4 };
    const night = { type: "scheduled", cron: "0 19 ? * MON-FRI *", min: 1 };
    const scaled = (policies: readonly object[]) => {
      const stack = ecs({ scaling: { min: 1, max: 4, policies } });
      return ["aws_appautoscaling_policy", "aws_appautoscaling_scheduled_action"].map((type) =>
        stack.all(type),
      );
    };
    const [policies, actions] = scaled([tracking, step, day, night]);
    expect(Object.keys(policies ?? {})).toEqual(["scaling-step-cpu-out", "scaling-target-tracking-cpu"]);
    expect(Object.keys(actions ?? {})).toEqual(["scaling-scheduled", "scaling-scheduled-2"]);
    expect(policies?.["scaling-target-tracking-cpu"]?.name).toBe(
      "fraud-scorer-default-ecs-fargate-target-tracking-cpu",
    );
    expect(scaled([day, step, night, tracking])).toEqual([policies, actions]);
  });

  it("follows a timetable", () => {
    const policies = [
      { type: "scheduled", cron: "0 8 ? * MON-FRI *", timezone: "Europe/Dublin", min: 4, max: 12 },
    ];
    const stack = ecs({ scaling: { min: 2, max: 4, policies } });
    expect(stack.service.lifecycle).toEqual({ ignore_changes: ["desired_count"] });
    expect(stack.get("aws_appautoscaling_scheduled_action", "scaling-scheduled")).toMatchObject({
      schedule: "cron(0 8 ? * MON-FRI *)",
      timezone: "Europe/Dublin",
      scalable_target_action: { min_capacity: "4", max_capacity: "12" },
    });
  });
});

describe("alarms", () => {
  const slo = { p99: "300ms", errorRate: 0.005 };

  it("tell of errors, latency, sick tasks and too few of them", () => {
    const stack = ecs({ workload: { requestsPerSecond: 1, slo }, scaling: { min: 2 } });
    const alarms = stack.all("aws_cloudwatch_metric_alarm");
    expect(Object.keys(alarms)).toEqual([
      "alarm-errors",
      "alarm-latency",
      "alarm-too-few-tasks",
      "alarm-unhealthy-tasks",
    ]);
    expect(alarms["alarm-errors"]).toMatchObject({
      alarm_name: "fraud-scorer-default-ecs-fargate-errors",
      threshold: 0.005,
      treat_missing_data: "notBreaching",
    });
    const queries = alarms["alarm-errors"]?.metric_query as readonly Record<string, unknown>[];
    expect(queries.map(({ id, return_data }) => [id, return_data])).toEqual([
      ["share", true],
      ["tasks", false],
      ["own", false],
      ["requests", false],
    ]);
    expect(alarms["alarm-latency"]).toMatchObject({
      metric_name: "TargetResponseTime",
      extended_statistic: "p99",
      threshold: 0.3,
      dimensions: { LoadBalancer: BALANCER, TargetGroup: TARGET_GROUP },
    });
    expect(alarms["alarm-unhealthy-tasks"]).toMatchObject({
      metric_name: "UnHealthyHostCount",
      threshold: 0,
    });
    expect(alarms["alarm-too-few-tasks"]).toMatchObject({
      metric_name: "HealthyHostCount",
      statistic: "Minimum",
      comparison_operator: "LessThanThreshold",
      threshold: 2,
      treat_missing_data: "breaching",
    });
  });

  it("stop a deployment on what callers see, and watch tasks once there are some", () => {
    const stack = ecs({ workload: { requestsPerSecond: 1, slo } });
    expect(stack.service.alarms).toMatchObject({
      alarm_names: ["fraud-scorer-default-ecs-fargate-errors", "fraud-scorer-default-ecs-fargate-latency"],
    });
    for (const id of ["alarm-too-few-tasks", "alarm-unhealthy-tasks"]) {
      expect(stack.get("aws_cloudwatch_metric_alarm", id).depends_on).toEqual(["aws_ecs_service.service"]);
    }
  });

  it("expect no more tasks than the quietest hour has", () => {
    const policies = [{ type: "scheduled", cron: "0 20 * * ? *", min: 1 }];
    const stack = ecs({ scaling: { min: 4, max: 8, policies } });
    expect(stack.get("aws_cloudwatch_metric_alarm", "alarm-too-few-tasks").threshold).toBe(1);
  });
});

describe("the rest", () => {
  it("encrypts logs and keeps them as long as asked", () => {
    const groups = ecs({ observability: { logRetention: "30d" } }).all("aws_cloudwatch_log_group");
    expect(Object.values(groups)).toMatchObject([
      { name: "/modelport/fraud-scorer-default/ecs-fargate-exec", retention_in_days: 30 },
      { name: "/modelport/fraud-scorer-default/ecs-fargate", retention_in_days: 30 },
    ]);
    for (const { kms_key_id } of Object.values(groups)) expect(kms_key_id).toContain("key_arn");
  });

  it("has a dashboard, unless the manifest wants none", () => {
    expect(ecs().get("aws_cloudwatch_dashboard", "dashboard").dashboard_name).toBe(
      "fraud-scorer-default-ecs-fargate",
    );
    expect(ecs({ observability: { dashboard: false } }).all("aws_cloudwatch_dashboard")).toEqual({});
  });

  const endpoints = (changes: Record<string, unknown>, options = {}) => {
    const stacks = synth({ manifest: manifest(changes, options), target: KIND });
    return Object.keys(new Stack(stacks.stack("foundation")).all("aws_vpc_endpoint"));
  };
  const BASE = ["endpoint-ecr-api", "endpoint-ecr-dkr", "endpoint-logs", "endpoint-s3"];

  it("asks for the endpoints that its tasks call", () => {
    expect(endpoints({})).toEqual(BASE);
    const secrets = {
      A: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:fraud-AbCdEf",
      B: "arn:aws:ssm:eu-west-1:123456789012:parameter/fraud",
    };
    const image = `123456789012.dkr.ecr.eu-west-1.amazonaws.com/fraud@sha256:${"a".repeat(64)}`;
    const all = endpoints(
      { model: { image, secrets } },
      { executeCommand: true, readOnlyRootFilesystem: false },
    );
    expect(all).toEqual([...BASE, "endpoint-secretsmanager", "endpoint-ssm", "endpoint-ssmmessages"]);
    expect(endpoints({ network: EXISTING })).toEqual([]);
  });

  it("lets Fargate use the created key for this model's clusters only", () => {
    const foundation = new Stack(synth({ manifest: manifest(), target: KIND }).stack("foundation"));
    const policy = foundation.get("aws_kms_key_policy", "key-policy").policy as string;
    const statements = (JSON.parse(policy) as { Statement: readonly Record<string, unknown>[] }).Statement;
    const condition = {
      StringEquals: { "kms:EncryptionContext:aws:ecs:clusterAccount": "${local.account_id}" },
      StringLike: { "kms:EncryptionContext:aws:ecs:clusterName": "fraud-scorer-default-*" },
    };
    expect(statements.filter(({ Sid }) => String(Sid).includes("StorageOfTasks"))).toEqual([
      {
        Sid: "StorageOfTasks",
        Effect: "Allow",
        Principal: { Service: "fargate.amazonaws.com" },
        Action: "kms:GenerateDataKeyWithoutPlaintext",
        Resource: "*",
        Condition: condition,
      },
      {
        Sid: "GrantsForStorageOfTasks",
        Effect: "Allow",
        Principal: { Service: "fargate.amazonaws.com" },
        Action: "kms:CreateGrant",
        Resource: "*",
        Condition: { ...condition, "ForAllValues:StringEquals": { "kms:GrantOperations": "Decrypt" } },
      },
    ]);
  });
});
