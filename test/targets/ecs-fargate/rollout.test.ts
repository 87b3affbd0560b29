import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resolveCase, writeStacks } from "../../../modules/conformance";
import type { Data } from "../../../modules/manifest/data";
import { runTerraform, Stage, startOfflineProviders, type OfflineSession } from "../../../modules/offline";
import { targets } from "../../../targets";
import { CACHE, describeWithTerraform } from "../../offline/support";
import { type Block, CERTIFICATE, ecs, EXISTING, findings, KIND, manifest, type Stack } from "./support";

const CANARY = { rollout: { strategy: "canary", step: 10, interval: "5m" } };
const PRIMARY = "${aws_lb_target_group.target-group.arn}";
const ALTERNATE = "${aws_lb_target_group.alternate-target-group.arn}";
const BALANCER = "${aws_lb.load-balancer.arn_suffix}";
const behind = (group: string) => ({
  LoadBalancer: BALANCER,
  TargetGroup: `\${aws_lb_target_group.${group}.arn_suffix}`,
});
const BOTH = { primary: behind("target-group"), alternate: behind("alternate-target-group") };

const advanced = (stack: Stack) =>
  (stack.service.load_balancer as readonly Block[])[0]?.advanced_configuration;

describe("how a version takes over", () => {
  it.each([
    ["nothing", {}, {}, { strategy: "ROLLING", bake_time_in_minutes: "0" }, undefined, "23m"],
    [
      "all-at-once",
      { rollout: { strategy: "all-at-once" } },
      {},
      { strategy: "ROLLING", bake_time_in_minutes: "0" },
      undefined,
      "23m",
    ],
    [
      "rolling, with the groups that the others need",
      {},
      { trafficShifting: true },
      { strategy: "ROLLING", bake_time_in_minutes: "0" },
      undefined,
      "23m",
    ],
    [
      "all-at-once, shifting",
      { rollout: { strategy: "all-at-once" } },
      { trafficShifting: true },
      { strategy: "BLUE_GREEN", bake_time_in_minutes: "10" },
      true,
      // 2.25 minutes to start and drain, 10 of bake time, 20 in reserve.
      "33m",
    ],
    [
      "canary",
      CANARY,
      { bakeTime: "1m" },
      {
        strategy: "CANARY",
        bake_time_in_minutes: "1",
        canary_configuration: { canary_percent: 10, canary_bake_time_in_minutes: "5" },
      },
      true,
      "29m",
    ],
    [
      "linear",
      { rollout: { strategy: "linear", step: 30, interval: "1h" } },
      { bakeTime: "1d" },
      {
        strategy: "LINEAR",
        bake_time_in_minutes: "1440",
        linear_configuration: { step_percent: 30, step_bake_time_in_minutes: "60" },
      },
      true,
      // 30, 60, 90 and 100 percent: three waits.
      "1643m",
    ],
    [
      "canary that does not go back",
      { rollout: { ...CANARY.rollout, rollback: false } },
      {},
      {
        strategy: "CANARY",
        bake_time_in_minutes: "10",
        canary_configuration: { canary_percent: 10, canary_bake_time_in_minutes: "5" },
      },
      undefined,
      "38m",
    ],
    [
      "canary that nobody waits for",
      CANARY,
      { waitForSteadyState: false },
      {
        strategy: "CANARY",
        bake_time_in_minutes: "10",
        canary_configuration: { canary_percent: 10, canary_bake_time_in_minutes: "5" },
      },
      undefined,
      "38m",
    ],
  ])("%s", (_name, changes, options, configuration, sigint, timeout) => {
    const { service } = ecs(changes, options);
    expect(service.deployment_configuration).toEqual(configuration);
    expect(service.sigint_rollback).toBe(sigint);
    expect(service.timeouts).toEqual({ create: timeout, update: timeout });
  });

  it("leaves tasks and percentages to ECS where traffic shifts, and keeps circuit breaker and alarms", () => {
    const { service } = ecs({ ...CANARY, scaling: { min: 8 } });
    expect(service).toMatchObject({
      deployment_minimum_healthy_percent: 100,
      deployment_maximum_percent: 200,
      deployment_circuit_breaker: { enable: true, rollback: true },
      alarms: {
        enable: true,
        rollback: true,
        alarm_names: ["errors", "errors-primary", "errors-alternate"].map(
          (suffix) => `fraud-scorer-default-ecs-fargate-${suffix}`,
        ),
      },
    });
  });

  it("rolls as before with the groups in place", () => {
    const { service } = ecs({ scaling: { min: 8 }, rollout: { step: 10 } }, { trafficShifting: true });
    expect(service.deployment_maximum_percent).toBe(113);
  });
});

describe("what traffic is shifted by", () => {
  it("is absent without it", () => {
    const stack = ecs();
    expect(advanced(stack)).toBeUndefined();
    expect(Object.keys(stack.all("aws_lb_target_group"))).toEqual(["target-group"]);
    expect(stack.all("aws_iam_role")["traffic-role"]).toBeUndefined();
    expect(stack.output("alternate_target_group_arn")).toBeUndefined();
  });

  it.each([
    ["canary", CANARY, {}],
    ["rolling", {}, { trafficShifting: true }],
    ["all-at-once", { rollout: { strategy: "all-at-once" } }, { trafficShifting: true }],
  ])("is a second target group, a rule over both and a role, for %s too", (_name, changes, options) => {
    const stack = ecs(changes, options);
    expect(advanced(stack)).toEqual({
      alternate_target_group_arn: ALTERNATE,
      production_listener_rule: "${aws_lb_listener_rule.domain.arn}",
      role_arn: "${aws_iam_role.traffic-role.arn}",
    });
    expect(stack.service.depends_on).toContain("aws_iam_role_policy.traffic-role-policy");
    expect(stack.output("alternate_target_group_arn")).toBe(ALTERNATE);
    expect(stack.output("production_listener_rule_arn")).toBe("${aws_lb_listener_rule.domain.arn}");
    const alternate = stack.get("aws_lb_target_group", "alternate-target-group");
    const primary = stack.targetGroup;
    const own = { name: alternate.name, "//": alternate["//"] };
    expect(alternate).toEqual({ ...primary, ...own });
    expect(alternate.name).not.toBe(primary.name);
    expect(String(alternate.name).length).toBeLessThanOrEqual(32);
  });

  it.each([
    ["http", {}, "http", { path_pattern: { values: ["/*"] } }],
    ["https", { certificateArn: CERTIFICATE }, "https", { path_pattern: { values: ["/*"] } }],
    ["public", { certificateArn: CERTIFICATE, public: true }, "https", { path_pattern: { values: ["/*"] } }],
    [
      "one host name",
      { certificateArn: CERTIFICATE, domain: "fraud.example.com" },
      "https",
      { host_header: { values: ["fraud.example.com"] } },
    ],
  ])(
    "has one rule that forwards to both, whose weights are ECS's: %s",
    (_name, network, listener, condition) => {
      const stack = ecs({ ...CANARY, network });
      expect(stack.all("aws_lb_listener_rule")).toMatchObject({
        domain: {
          listener_arn: `\${aws_lb_listener.${listener}.arn}`,
          priority: 1,
          condition: [condition],
          action: [
            {
              type: "forward",
              forward: {
                target_group: [
                  { arn: PRIMARY, weight: 100 },
                  { arn: ALTERNATE, weight: 0 },
                ],
              },
            },
          ],
          lifecycle: {
            create_before_destroy: true,
            ignore_changes: ["action[0].forward[0].target_group"],
          },
        },
      });
      expect(Object.keys(stack.all("aws_lb_listener_rule"))).toEqual(["domain"]);
      expect(stack.service.depends_on).toContain("aws_lb_listener_rule.domain");
    },
  );

  it("ignores no action where the rule forwards to one group", () => {
    const stack = ecs({ network: { certificateArn: CERTIFICATE, domain: "fraud.example.com" } });
    expect(stack.get("aws_lb_listener_rule", "domain").lifecycle).toEqual({ create_before_destroy: true });
  });

  it("allows ECS these groups, this listener and this rule", () => {
    const stack = ecs(CANARY);
    expect(stack.rights("traffic-role")).toEqual([
      {
        Sid: "SeeLoadBalancers",
        Effect: "Allow",
        Action: ["Listeners", "Rules", "TargetGroups", "TargetHealth"].map(
          (what) => `elasticloadbalancing:Describe${what}`,
        ),
        Resource: "*",
      },
      {
        Sid: "Targets",
        Effect: "Allow",
        Action: ["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"],
        Resource: [PRIMARY, ALTERNATE],
      },
      {
        Sid: "Listener",
        Effect: "Allow",
        Action: "elasticloadbalancing:ModifyListener",
        Resource: "${aws_lb_listener.http.arn}",
      },
      {
        Sid: "Weights",
        Effect: "Allow",
        Action: "elasticloadbalancing:ModifyRule",
        Resource: "${aws_lb_listener_rule.domain.arn}",
      },
    ]);
    expect(JSON.parse(stack.get("aws_iam_role", "traffic-role").assume_role_policy as string)).toMatchObject({
      Statement: [{ Principal: { Service: "ecs.amazonaws.com" }, Action: "sts:AssumeRole" }],
    });
  });
});

describe("what watches two target groups", () => {
  const stack = ecs({
    ...CANARY,
    scaling: { min: 2 },
    workload: { requestsPerSecond: 1, slo: { p99: "300ms", errorRate: 0.005 } },
  });
  const alarm = (suffix: string) => stack.get("aws_cloudwatch_metric_alarm", `alarm-${suffix}`);

  it("has alarms that follow the group that serves", () => {
    expect(Object.keys(stack.all("aws_cloudwatch_metric_alarm"))).toEqual([
      "alarm-errors",
      "alarm-errors-alternate",
      "alarm-errors-primary",
      "alarm-latency",
      "alarm-too-few-tasks",
      "alarm-unhealthy-tasks",
      "alarm-unhealthy-tasks-alternate",
    ]);
    expect(alarm("latency")).toMatchObject({
      metric_name: "TargetResponseTime",
      dimensions: { LoadBalancer: BALANCER },
    });
    expect(alarm("unhealthy-tasks").dimensions).toEqual(BOTH.primary);
    expect(alarm("unhealthy-tasks-alternate").dimensions).toEqual(BOTH.alternate);
    expect(alarm("too-few-tasks")).toMatchObject({
      threshold: 2,
      treat_missing_data: "breaching",
      metric_query: [
        { id: "healthy", expression: "FILL(primary, 0) + FILL(alternate, 0)", return_data: true },
        { id: "primary", metric: { metric_name: "HealthyHostCount", dimensions: BOTH.primary } },
        { id: "alternate", metric: { metric_name: "HealthyHostCount", dimensions: BOTH.alternate } },
      ],
    });
  });

  it.each(["primary", "alternate"] as const)("tells of one version's errors: %s", (group) => {
    const metric = (metric_name: string) => ({
      metric_name,
      dimensions: BOTH[group],
      period: 60,
      stat: "Sum",
    });
    expect(alarm(`errors-${group}`)).toMatchObject({
      threshold: 0.005,
      treat_missing_data: "notBreaching",
      metric_query: [
        { id: "share", expression: "FILL(errors, 0) / requests", return_data: true },
        { id: "errors", metric: metric("HTTPCode_Target_5XX_Count"), return_data: false },
        { id: "requests", metric: metric("RequestCount"), return_data: false },
      ],
    });
  });

  it("shows both groups on the dashboard", () => {
    const body = stack.get("aws_cloudwatch_dashboard", "dashboard").dashboard_body as string;
    expect(body).toContain("healthy (primary)");
    expect(body).toContain("healthy (alternate)");
    expect(body).toContain("alternate-target-group.arn_suffix");
  });
});

describe("scaling on requests per task over two target groups", () => {
  const scaled = (options: Record<string, unknown>) =>
    ecs(
      {
        scaling: {
          min: 1,
          max: 4,
          policies: [
            { type: "target-tracking", metric: "invocations-per-instance", target: 600 },
            { type: "target-tracking", metric: "cpu", target: 60 },
            {
              type: "step",
              metric: "invocations-per-instance",
              threshold: 900,
              steps: [
                { from: -300, to: 0, add: -1 },
                { from: 0, add: 2 },
              ],
            },
            { type: "step", metric: "memory", threshold: 80, steps: [{ from: 0, add: 1 }] },
          ],
        },
      },
      options,
    );

  it("tracks the sum of both, which a predefined metric cannot", () => {
    const policies = scaled({ trafficShifting: true }).all("aws_appautoscaling_policy");
    const dimensions = (group: keyof typeof BOTH) =>
      Object.entries(BOTH[group]).map(([name, value]) => ({ name, value }));
    const metric = (group: keyof typeof BOTH) => ({
      id: group,
      return_data: false,
      metric_stat: {
        stat: "Sum",
        metric: {
          namespace: "AWS/ApplicationELB",
          metric_name: "RequestCountPerTarget",
          dimensions: dimensions(group),
        },
      },
    });
    expect(
      policies["scaling-target-tracking-invocations-per-instance"]
        ?.target_tracking_scaling_policy_configuration,
    ).toEqual({
      target_value: 600,
      scale_in_cooldown: 300,
      scale_out_cooldown: 60,
      customized_metric_specification: {
        metrics: [
          {
            id: "both",
            expression: "primary + alternate",
            label: "requests per task and minute",
            return_data: true,
          },
          metric("primary"),
          metric("alternate"),
        ],
      },
    });
  });

  it.each(["in", "out"])("steps %s by the sum of both", (direction) => {
    const id = `scaling-step-invocations-per-instance-${direction}-alarm`;
    const after = scaled({ trafficShifting: true }).get("aws_cloudwatch_metric_alarm", id);
    const metric = (group: keyof typeof BOTH) => ({
      id: group,
      metric: {
        namespace: "AWS/ApplicationELB",
        metric_name: "RequestCountPerTarget",
        dimensions: BOTH[group],
        period: 60,
        stat: "Sum",
      },
      return_data: false,
    });
    const { metric_query, ...rest } = after;
    expect(metric_query).toEqual([
      {
        id: "both",
        expression: "primary + alternate",
        label: "requests per task and minute",
        return_data: true,
      },
      metric("primary"),
      metric("alternate"),
    ]);
    // Everything but the metric is as without a second group.
    const { namespace, metric_name, dimensions, period, statistic, ...before } = scaled({}).get(
      "aws_cloudwatch_metric_alarm",
      id,
    );
    expect(rest).toEqual(before);
    expect({ namespace, metric_name, dimensions, period, statistic }).toEqual({
      namespace: "AWS/ApplicationELB",
      metric_name: "RequestCountPerTarget",
      dimensions: BOTH.primary,
      period: 60,
      statistic: "Sum",
    });
  });

  it("leaves other metrics alone", () => {
    const others = (options: Record<string, unknown>) => {
      const stack = scaled(options);
      return [
        stack.get("aws_appautoscaling_policy", "scaling-target-tracking-cpu"),
        stack.get("aws_cloudwatch_metric_alarm", "scaling-step-memory-out-alarm"),
      ];
    };
    expect(others({ trafficShifting: true })).toEqual(others({}));
  });
});

describe("a rollout that ECS cannot make", () => {
  const O = `targets.${KIND}`;
  const rollout = (strategy: string, more = {}) => ({ rollout: { strategy, ...more } });

  it.each<[string, Record<string, unknown>, Record<string, unknown>, readonly string[]]>([
    ["canary", rollout("canary"), {}, []],
    ["canary of one percent", rollout("canary", { step: 1 }), {}, []],
    ["linear by 3", rollout("linear", { step: 3, interval: "1d" }), { bakeTime: "1d" }, []],
    ["linear by 2", rollout("linear", { step: 2 }), {}, ["ECS_ROLLOUT rollout.step"]],
    ["90 seconds", rollout("canary", { interval: "90s" }), {}, ["ECS_ROLLOUT rollout.interval"]],
    ["25 hours", rollout("linear", { interval: "25h" }), {}, ["ECS_ROLLOUT rollout.interval"]],
    ["25 hours that nothing waits", rollout("rolling", { interval: "25h" }), {}, []],
    ["90 seconds to bake", rollout("canary"), { bakeTime: "90s" }, [`ECS_ROLLOUT ${O}.bakeTime`]],
    ["half a minute to bake", rollout("canary"), { bakeTime: "30s" }, [`RANGE ${O}.bakeTime`]],
    ["two days to bake", rollout("canary"), { bakeTime: "2d" }, [`RANGE ${O}.bakeTime`]],
    ["rolling, and baked", {}, { bakeTime: "5m" }, [`ECS_TRAFFIC_SHIFTING ${O}.bakeTime`]],
    [
      "rolling between two groups, and baked",
      {},
      { trafficShifting: true, bakeTime: "5m" },
      [`ECS_TRAFFIC_SHIFTING ${O}.bakeTime`],
    ],
    [
      "all-at-once, and baked",
      rollout("all-at-once"),
      { bakeTime: "5m" },
      [`ECS_TRAFFIC_SHIFTING ${O}.bakeTime`],
    ],
    ["blue/green, and baked", rollout("all-at-once"), { trafficShifting: true, bakeTime: "5m" }, []],
    [
      "linear without a second group",
      rollout("linear"),
      { trafficShifting: false },
      [`ECS_TRAFFIC_SHIFTING ${O}.trafficShifting`],
    ],
    [
      "canary in batches",
      rollout("canary"),
      { minimumHealthyPercent: 50, maximumPercent: 150 },
      [`ECS_TRAFFIC_SHIFTING ${O}.maximumPercent`, `ECS_TRAFFIC_SHIFTING ${O}.minimumHealthyPercent`],
    ],
    [
      "canary without alarms",
      { ...rollout("canary"), observability: { alarms: false } },
      {},
      ["ECS_UNWATCHED_SHIFT observability.alarms"],
    ],
  ])("%s", (_name, changes, options, expected) => {
    expect(findings(changes, options)).toEqual(expected);
  });
});

describeWithTerraform("the real terraform, offline", () => {
  const SETTINGS = {
    http: {},
    https: { network: { ...EXISTING, certificateArn: CERTIFICATE } },
    domain: {
      network: { ...EXISTING, certificateArn: CERTIFICATE, domain: "fraud.example.com", public: true },
    },
  };
  const SCALING = {
    scaling: {
      min: 1,
      max: 4,
      policies: [{ type: "target-tracking", metric: "invocations-per-instance", target: 600 }],
    },
  };

  let session: OfflineSession;
  let folder: string;
  beforeAll(async () => {
    session = await startOfflineProviders({ cacheDir: CACHE });
    folder = mkdtempSync(join(tmpdir(), "ecs-rollout-"));
  });
  afterAll(async () => {
    await session.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  async function run(stack: string, ...args: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await runTerraform(session, stack, [...args, "-no-color"]);
    if (exitCode !== 0) throw new Error(`terraform ${args.join(" ")} failed:\n${stderr}${stdout}`);
    return stdout;
  }

  /** Stages a manifest over what was applied before. */
  async function stage(work: string, changes: Record<string, unknown>, options = {}): Promise<string> {
    const data = manifest({ ...SCALING, ...changes }, options) as Data;
    const resolution = resolveCase({
      registry: targets,
      target: KIND,
      environment: null,
      manifest: { data, directory: work },
    });
    const out = join(work, "out");
    rmSync(out, { recursive: true, force: true });
    const stack = writeStacks(resolution, out).find(({ name }) => name.endsWith(KIND));
    if (stack === undefined) throw new Error("no stack");
    return new Stage(session, join(work, "staged")).add(join(out, "stacks", stack.name));
  }

  /** Addresses by what a plan does to them. */
  async function actions(stack: string): Promise<Readonly<Record<string, readonly string[]>>> {
    await run(stack, "plan", "-out=plan.bin");
    const { resource_changes: changes } = JSON.parse(await run(stack, "show", "-json", "plan.bin")) as {
      resource_changes: readonly { address: string; mode: string; change: { actions: readonly string[] } }[];
    };
    const found: Record<string, string[]> = {};
    for (const { address, mode, change } of changes) {
      const action = change.actions.join();
      if (mode === "managed" && action !== "no-op") (found[action] ??= []).push(address);
    }
    return found;
  }

  test.each(Object.entries(SETTINGS))(
    "goes from rolling to canary in place, and lets ECS move the weights: %s",
    async (name, network) => {
      const work = join(folder, name);
      await run(await stage(work, network), "apply", "-auto-approve");

      const canary = await stage(work, { ...network, ...CANARY });
      const switched = await actions(canary);
      expect(Object.keys(switched).sort()).toEqual(["create", "update"]);
      expect(switched.update).toContain("aws_ecs_service.service");
      if (name === "domain") expect(switched.update).toContain("aws_lb_listener_rule.domain");
      else expect(switched.create).toContain("aws_lb_listener_rule.domain");
      await run(canary, "apply", "-auto-approve");
      expect(await actions(canary)).toEqual({});

      const file = join(canary, "moved.json");
      const state = JSON.parse(await run(canary, "state", "pull")) as {
        serial: number;
        resources: { type: string; instances: { attributes: Record<string, unknown> }[] }[];
      };
      const rule = state.resources.find(({ type }) => type === "aws_lb_listener_rule");
      const [action] = rule?.instances[0]?.attributes.action as {
        forward: { target_group: { arn: string; weight: number }[] }[];
      }[];
      const groups = action?.forward[0]?.target_group ?? [];
      expect(groups.map(({ weight }) => weight).sort()).toEqual([0, 100]);
      for (const group of groups) group.weight = 100 - group.weight;
      state.serial += 1;
      writeFileSync(file, JSON.stringify(state));
      await run(canary, "state", "push", "moved.json");
      expect(readFileSync(file, "utf8")).toBe(JSON.stringify(state));
      expect(await actions(canary)).toEqual({});

      // The way back changes the service alone: the group that serves goes on serving.
      const back = await stage(work, network, { trafficShifting: true });
      expect(await actions(back)).toEqual({ update: ["aws_ecs_service.service"] });
    },
    120_000,
  );
});
