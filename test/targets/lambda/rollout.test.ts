import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resolveCase, writeStacks } from "../../../modules/conformance";
import type { Data } from "../../../modules/manifest/data";
import { runTerraform, Stage, startOfflineProviders, type OfflineSession } from "../../../modules/offline";
import { lambda } from "../../../targets/lambda";
import { CACHE, describeWithTerraform } from "../../offline/support";
import { baseManifest, type Json, only, synth } from "../../support/synth";
import { codes, findings, MORNING, NAME, scaling, stackOf, TRACKING } from "./support";

const CONFIG = "aws_codedeploy_deployment_config";
const GROUP = "aws_codedeploy_deployment_group";

const rollout = (strategy: string, more: Json = {}): Json => ({ rollout: { strategy, ...more } });
const resources = (stack: Json) => stack.resource as Json;
const group = (stack: Json): Json => only(stack, GROUP);
const alarms = (stack: Json) => resources(stack).aws_cloudwatch_metric_alarm as Json;
const slo = { workload: { requestsPerSecond: 1, slo: { p99: "300ms", errorRate: 0.005 } } };

describe("all at once, the default", () => {
  it.each([
    ["nothing said", {}],
    ["all-at-once", rollout("all-at-once")],
  ])("moves the alias in the apply, and makes nothing of CodeDeploy: %s", (_, changes) => {
    const stack = stackOf({}, changes);
    expect(only(stack, "aws_lambda_alias")).not.toHaveProperty("lifecycle");
    expect(Object.keys(resources(stack)).filter((type) => type.startsWith("aws_codedeploy"))).toEqual([]);
    expect(Object.keys(stack.output as Json).filter((name) => name.startsWith("release"))).toEqual([]);
    expect(Object.keys(alarms(stack)).filter((name) => name.includes("release"))).toEqual([]);
  });
});

describe.each(["canary", "linear"])("a %s rollout", (strategy) => {
  const stack = stackOf({}, rollout(strategy));

  it("leaves the alias to CodeDeploy from the first version on, and only what CodeDeploy changes of it", () => {
    expect(only(stack, "aws_lambda_alias")).toMatchObject({
      function_version: "${aws_lambda_function.function.version}",
      lifecycle: { ignore_changes: ["function_version", "routing_config"] },
    });
    expect(only(stack, "aws_lambda_alias")).not.toHaveProperty("routing_config");
    expect(only(stack, "aws_lambda_function").publish).toBe(true);
  });

  it("has an application and a group for Lambda", () => {
    expect(only(stack, "aws_codedeploy_app")).toMatchObject({ name: NAME, compute_platform: "Lambda" });
    expect(group(stack)).toMatchObject({
      app_name: "${aws_codedeploy_app.release-application.name}",
      deployment_group_name: "live",
      service_role_arn: "${aws_iam_role.release-role.arn}",
      deployment_style: { deployment_option: "WITH_TRAFFIC_CONTROL", deployment_type: "BLUE_GREEN" },
      depends_on: ["aws_iam_role_policy.release-role-policy"],
    });
  });

  it("tells what a release needs", () => {
    expect(stack.output).toMatchObject({
      alias_name: { value: "${aws_lambda_alias.live.name}" },
      function_name: { value: "${aws_lambda_function.function.function_name}" },
      function_version: { value: "${aws_lambda_function.function.version}" },
      release_application: { value: "${aws_codedeploy_app.release-application.name}" },
      release_group: { value: "${aws_codedeploy_deployment_group.release-group.deployment_group_name}" },
    });
  });
});

describe("the steps", () => {
  const named = (strategy: string, step: number, interval: string) =>
    stackOf({}, rollout(strategy, { step, interval }));

  it.each([
    ["canary", "5m", "CodeDeployDefault.LambdaCanary10Percent5Minutes"],
    ["canary", "600s", "CodeDeployDefault.LambdaCanary10Percent10Minutes"],
    ["canary", "15m", "CodeDeployDefault.LambdaCanary10Percent15Minutes"],
    ["canary", "30m", "CodeDeployDefault.LambdaCanary10Percent30Minutes"],
    ["linear", "1m", "CodeDeployDefault.LambdaLinear10PercentEvery1Minute"],
    ["linear", "2m", "CodeDeployDefault.LambdaLinear10PercentEvery2Minutes"],
    ["linear", "3m", "CodeDeployDefault.LambdaLinear10PercentEvery3Minutes"],
    ["linear", "10m", "CodeDeployDefault.LambdaLinear10PercentEvery10Minutes"],
  ])("of 10 percent that CodeDeploy has itself are used: %s %s", (strategy, interval, expected) => {
    const stack = named(strategy, 10, interval);
    expect(group(stack).deployment_config_name).toBe(expected);
    expect(resources(stack)).not.toHaveProperty(CONFIG);
  });

  it("are 10 percent and 10 minutes where nothing is said", () => {
    expect(group(stackOf({}, rollout("canary"))).deployment_config_name).toBe(
      "CodeDeployDefault.LambdaCanary10Percent10Minutes",
    );
  });

  it.each([
    ["canary", 10, "2m", "time_based_canary", 2],
    ["canary", 20, "10m", "time_based_canary", 10],
    ["canary", 99, "48h", "time_based_canary", 2880],
    ["linear", 10, "5m", "time_based_linear", 5],
    ["linear", 1, "29m", "time_based_linear", 29],
    ["linear", 50, "1h", "time_based_linear", 60],
  ])("of one's own are made: %s %d %s", (strategy, step, interval, block, minutes) => {
    const stack = named(strategy, step, interval);
    expect(only(stack, CONFIG)).toMatchObject({
      deployment_config_name: `${NAME}-${strategy}-${step}p-${minutes}m`,
      compute_platform: "Lambda",
      traffic_routing_config: {
        type: strategy === "canary" ? "TimeBasedCanary" : "TimeBasedLinear",
        [block]: { interval: minutes, percentage: step },
      },
      lifecycle: { create_before_destroy: true },
    });
    expect(group(stack).deployment_config_name).toBe(
      "${aws_codedeploy_deployment_config.release-steps.deployment_config_name}",
    );
  });

  it.each([
    ["canary", { step: 99 }, []],
    ["canary", { step: 100 }, ["LAMBDA_ROLLOUT"]],
    ["linear", { step: 100, interval: "5m" }, ["LAMBDA_ROLLOUT"]],
    ["canary", { interval: "90s" }, ["LAMBDA_ROLLOUT"]],
    ["canary", { interval: "330s" }, ["LAMBDA_ROLLOUT"]],
    ["canary", { interval: "2880m" }, []],
    ["linear", { step: 10, interval: "320m" }, []],
    ["linear", { step: 10, interval: "321m" }, ["LAMBDA_ROLLOUT"]],
    ["linear", { step: 30, interval: "960m" }, []],
    ["linear", { step: 30, interval: "961m" }, ["LAMBDA_ROLLOUT"]],
    ["all-at-once", { step: 100, interval: "90s" }, []],
    ["rolling", {}, ["ROLLOUT_UNSUPPORTED"]],
  ])("are whole minutes, below 100 percent, and over within two days: %s %j", (strategy, more, expected) => {
    expect(codes({}, rollout(strategy, more))).toEqual(expected);
  });

  it("are refused with the limit and its source", () => {
    expect(findings({}, rollout("linear", { interval: "321m" }))).toMatchObject([
      {
        code: "LAMBDA_ROLLOUT",
        severity: "error",
        path: "rollout.interval",
        message: "in steps of 10 percent, 321m apart, traffic takes 2889m to move",
        allowed:
          "at most 2d from the first shift to the last (https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html, 2026-11-23)",
      },
    ]);
  });
});

describe("rollback", () => {
  const watched = (stack: Json) => ((group(stack).alarm_configuration ?? {}) as Json).alarms;
  const alarm = (suffix: string) => `\${aws_cloudwatch_metric_alarm.alarm-${suffix}.alarm_name}`;

  it("follows an alarm on what callers see, a failure, and a stop by hand", () => {
    const stack = stackOf({ provisionedConcurrency: 2 }, { ...slo, ...rollout("canary") });
    expect(group(stack).auto_rollback_configuration).toEqual({
      enabled: true,
      events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
    });
    expect(group(stack).alarm_configuration).toMatchObject({ enabled: true });
    expect(watched(stack)).toEqual(
      ["errors", "duration", "latency", "release-errors", "release-latency"].map(alarm),
    );
    // What fires for want of capacity does not speak of the version.
    expect(Object.keys(alarms(stack))).toEqual(
      expect.arrayContaining(["alarm-throttles", "alarm-spillover"]),
    );
  });

  it("watches the newest version alone, too", () => {
    const all = alarms(stackOf({}, { ...slo, ...rollout("linear") }));
    const dimensions = {
      FunctionName: NAME,
      Resource: `${NAME}:live`,
      ExecutedVersion: "${aws_lambda_function.function.version}",
    };
    expect(all["alarm-release-errors"]).toMatchObject({
      alarm_name: `${NAME}-release-errors`,
      threshold: 0.005,
      metric_query: [
        { id: "rate", expression: "errors / invocations" },
        { id: "errors", metric: { metric_name: "Errors", dimensions } },
        { id: "invocations", metric: { metric_name: "Invocations", dimensions } },
      ],
    });
    expect(all["alarm-release-latency"]).toMatchObject({
      alarm_name: `${NAME}-release-latency`,
      metric_name: "Duration",
      extended_statistic: "p99",
      threshold: 300,
      dimensions,
    });
  });

  it("can be left out: no alarm stops a release then, and nothing goes back by itself", () => {
    const stack = stackOf({}, rollout("canary", { rollback: false }));
    expect(group(stack)).not.toHaveProperty("auto_rollback_configuration");
    expect(group(stack)).not.toHaveProperty("alarm_configuration");
    expect(Object.keys(alarms(stack))).toContain("alarm-release-errors");
    expect(codes({}, rollout("canary", { rollback: false, interval: "1m" }))).toEqual([]);
  });

  it("without alarms is for CodeDeploy's own failures, and says so", () => {
    const quiet = { ...rollout("canary"), observability: { alarms: false } };
    const stack = stackOf({}, quiet);
    expect(group(stack).auto_rollback_configuration).toEqual({
      enabled: true,
      events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST"],
    });
    expect(group(stack)).not.toHaveProperty("alarm_configuration");
    expect(findings({}, quiet)).toMatchObject([
      { code: "LAMBDA_ROLLOUT_UNWATCHED", severity: "warning", path: "observability.alarms" },
    ]);
  });

  it.each([
    ["canary", { interval: "4m" }, true],
    ["canary", { interval: "5m" }, false],
    ["linear", { step: 10, interval: "1m" }, false],
    ["linear", { step: 25, interval: "1m" }, true],
  ])("needs time for an alarm to fire: %s %j", (strategy, more, warns) => {
    expect(codes({}, rollout(strategy, more))).toEqual(warns ? ["LAMBDA_ROLLOUT_UNWATCHED"] : []);
  });
});

describe("the role of CodeDeploy", () => {
  const policy = (stack: Json): Json[] => {
    const { policy } = (resources(stack).aws_iam_role_policy as Json)["release-role-policy"] as Json;
    return (JSON.parse(policy as string) as { Statement: Json[] }).Statement;
  };
  const principal = (region: string) => {
    const image = `123456789012.dkr.ecr.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}/fraud:v1`;
    const stack = stackOf({}, { ...rollout("canary"), region, model: { image } });
    const role = (resources(stack).aws_iam_role as Json)["release-role"] as Json;
    const [statement] = (JSON.parse(role.assume_role_policy as string) as { Statement: Json[] }).Statement;
    return statement?.Principal;
  };

  it("reaches this alias and these alarms, and nothing else", () => {
    expect(policy(stackOf({}, rollout("canary")))).toEqual([
      {
        Sid: "MoveAlias",
        Effect: "Allow",
        Action: ["lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"],
        Resource: ["${aws_lambda_function.function.arn}", "${aws_lambda_alias.live.arn}"],
      },
      {
        Sid: "WatchAlarms",
        Effect: "Allow",
        Action: "cloudwatch:DescribeAlarms",
        Resource: ["errors", "duration", "release-errors"].map(
          (suffix) => `\${aws_cloudwatch_metric_alarm.alarm-${suffix}.arn}`,
        ),
      },
    ]);
    expect(policy(stackOf({}, rollout("canary", { rollback: false }))).map(({ Sid }) => Sid)).toEqual([
      "MoveAlias",
    ]);
  });

  it("is CodeDeploy's, by its region in China", () => {
    expect(principal("eu-west-1")).toEqual({ Service: "codedeploy.amazonaws.com" });
    expect(principal("cn-north-1")).toEqual({ Service: "codedeploy.cn-north-1.amazonaws.com.cn" });
  });

  it("has the boundary, also beside a role that the manifest names", () => {
    const boundary = "arn:aws:iam::123456789012:policy/boundary";
    const stack = stackOf(
      {},
      {
        ...rollout("canary"),
        account: "123456789012",
        security: { roleArn: "arn:aws:iam::123456789012:role/model", permissionsBoundaryArn: boundary },
      },
    );
    expect(only(stack, "aws_iam_role")).toMatchObject({ permissions_boundary: boundary });
    expect(only(stack, "aws_lambda_function").role).toBe("arn:aws:iam::123456789012:role/model");
  });
});

describe("what is kept warm", () => {
  it("stays on the alias, and its number Terraform's", () => {
    const stack = stackOf({ provisionedConcurrency: 3 }, rollout("canary"));
    const warm = only(stack, "aws_lambda_provisioned_concurrency_config");
    expect(warm).toMatchObject({
      qualifier: "${aws_lambda_alias.live.name}",
      provisioned_concurrent_executions: 3,
    });
    expect(warm).not.toHaveProperty("lifecycle");
    expect(codes({ provisionedConcurrency: 3 }, rollout("canary"))).toEqual([]);
  });

  it.each([TRACKING, MORNING])("by policies is told to stand still meanwhile: %j", (policy) => {
    expect(
      findings({}, { ...scaling(1, 12, policy), ...rollout("linear", { interval: "2m" }) }),
    ).toMatchObject([
      {
        code: "LAMBDA_ROLLOUT_SCALING",
        severity: "warning",
        path: "rollout.strategy",
        message: expect.stringContaining("for 18m of each release Lambda refuses") as string,
      },
    ]);
  });
});

describe("names", () => {
  it("fit at their longest, and tell two configurations apart", () => {
    const manifest = {
      ...baseManifest({ name: `a${"b".repeat(31)}`, environments: { abcdefghijklmnop: {} } }),
      rollout: { strategy: "linear", step: 7, interval: "100m" },
    };
    const stack = synth({ manifest, target: "lambda", env: "abcdefghijklmnop", registry: [lambda] }).stack(
      "lambda",
    );
    const name = `a${"b".repeat(31)}-abcdefghijklmnop-lambda`;
    expect(only(stack, "aws_codedeploy_app").name).toBe(name);
    expect(only(stack, CONFIG).deployment_config_name).toBe(`${name}-linear-7p-100m`);
    const role = (resources(stack).aws_iam_role as Json)["release-role"] as Json;
    expect((role.name as string).length).toBeLessThanOrEqual(64);
  });
});

describeWithTerraform("two versions, applied one after the other", () => {
  let session: OfflineSession;
  let folder: string;
  beforeAll(async () => {
    session = await startOfflineProviders({ cacheDir: CACHE });
    folder = mkdtempSync(join(tmpdir(), "lambda-rollout-"));
  });
  afterAll(async () => {
    await session.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  async function terraform(stack: string, ...args: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await runTerraform(session, stack, [...args, "-no-color"]);
    if (exitCode !== 0) throw new Error(`terraform ${args.join(" ")} failed:\n${stderr}${stdout}`);
    return stdout;
  }

  /** Applies the model with an image, and returns the outputs and what the alias refers to. */
  async function apply(digit: string) {
    const out = join(folder, "out");
    rmSync(out, { recursive: true, force: true });
    const data = baseManifest({
      // Nothing of a foundation, so that one stack is all there is to apply.
      account: "123456789012",
      model: { image: `123456789012.dkr.ecr.eu-west-1.amazonaws.com/fraud@sha256:${digit.repeat(64)}` },
      security: {
        kmsKeyArn: "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
      },
      observability: { notify: "arn:aws:sns:eu-west-1:123456789012:oncall" },
      ...rollout("linear", { step: 20, interval: "5m" }),
    });
    const resolution = resolveCase({
      registry: [lambda],
      target: "lambda",
      environment: null,
      manifest: { data: data as Data, directory: folder },
    });
    expect(resolution.issues.map(({ code }) => code)).toEqual([]);
    expect(writeStacks(resolution, out).map(({ name }) => name)).toEqual([NAME]);
    const stack = await new Stage(session, join(folder, "staged")).add(join(out, "stacks", NAME));
    await terraform(stack, "apply", "-auto-approve");
    await terraform(stack, "plan", "-detailed-exitcode");
    const outputs = JSON.parse(await terraform(stack, "output", "-json")) as Record<
      string,
      { readonly value: string }
    >;
    const { values } = JSON.parse(await terraform(stack, "show", "-json")) as {
      values: { root_module: { resources: { address: string; values: Record<string, unknown> }[] } };
    };
    const alias = values.root_module.resources.find(({ address }) => address === "aws_lambda_alias.live");
    return {
      published: outputs.function_version?.value,
      inService: alias?.values.function_version,
      spec: JSON.parse(outputs.release_app_spec?.value ?? "") as unknown,
    };
  }

  const spec = (current: unknown, target: unknown) => ({
    version: "0.0",
    Resources: [
      {
        function: {
          Type: "AWS::Lambda::Function",
          Properties: { Name: NAME, Alias: "live", CurrentVersion: current, TargetVersion: target },
        },
      },
    ],
  });

  test("the alias stays on the first, and the AppSpec leads from there to the second", async () => {
    const first = await apply("1");
    expect(first.inService).toBe(first.published);
    expect(first.spec).toEqual(spec(first.published, first.published));

    const second = await apply("2");
    expect(second.published).not.toBe(first.published);
    expect(second.inService).toBe(first.published);
    expect(second.spec).toEqual(spec(first.published, second.published));
  });
});
