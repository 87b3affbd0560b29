import { type Json, only } from "../../support/synth";
import { codes, EVENING, findings, MORNING, scaling, stackOf, TRACKING } from "./support";

const PC = "aws_lambda_provisioned_concurrency_config";
const warm = (stack: Json): Json | null =>
  (stack.resource as Json)[PC] === undefined ? null : only(stack, PC);

describe("without a policy", () => {
  it.each([
    ["nothing is said", {}],
    ["scaling.min is 0", { scaling: { min: 0 } }],
    ["scaling.min is 1", { scaling: { min: 1 } }],
    ["a range is given", { scaling: { min: 2, max: 8 } }],
    ["the list of policies is empty", { scaling: { min: 2, max: 8, policies: [] } }],
  ])("nothing is kept warm where %s", (_, changes) => {
    const stack = stackOf({}, changes);
    expect(warm(stack)).toBeNull();
    expect(stack.resource).not.toHaveProperty("aws_appautoscaling_target");
  });

  it.each([1, 5, 10_000])("provisionedConcurrency keeps %d warm on the alias", (provisionedConcurrency) => {
    const stack = stackOf({ provisionedConcurrency });
    expect(warm(stack)).toMatchObject({
      function_name: "${aws_lambda_alias.live.function_name}",
      qualifier: "${aws_lambda_alias.live.name}",
      provisioned_concurrent_executions: provisionedConcurrency,
      depends_on: ["aws_lambda_alias.live"],
    });
    expect(warm(stack)).not.toHaveProperty("lifecycle");
    expect(stack.resource).not.toHaveProperty("aws_appautoscaling_target");
  });

  it("warns of a range that does nothing, unless provisionedConcurrency decides", () => {
    expect(codes({}, { scaling: { min: 2, max: 8 } })).toEqual(["LAMBDA_SCALING_UNUSED"]);
    expect(codes({}, { scaling: { min: 1, max: 8 } })).toEqual(["LAMBDA_SCALING_UNUSED"]);
    expect(codes({ provisionedConcurrency: 20 }, { scaling: { min: 2, max: 8 } })).toEqual([]);
    expect(codes({}, { scaling: { min: 1, max: 1 } })).toEqual([]);
    expect(codes({}, { scaling: { min: 0, max: 1 } })).toEqual([]);
  });
});

describe("target tracking", () => {
  const stack = stackOf({}, scaling(2, 8, TRACKING));

  it("moves the alias's provisioned concurrency between min and max", () => {
    const target = only(stack, "aws_appautoscaling_target");
    expect(target).toMatchObject({
      service_namespace: "lambda",
      scalable_dimension: "lambda:function:ProvisionedConcurrency",
      resource_id: "function:${aws_lambda_alias.live.function_name}:${aws_lambda_alias.live.name}",
      min_capacity: 2,
      max_capacity: 8,
      depends_on: [`${PC}.provisioned-concurrency`],
    });
  });

  it("starts at min, and leaves the number to the scaling from then on", () => {
    expect(warm(stack)).toMatchObject({
      provisioned_concurrent_executions: 2,
      lifecycle: { ignore_changes: ["provisioned_concurrent_executions"] },
    });
  });

  it.each([
    [10, 0.1],
    [33.3, 0.333],
    [70, 0.7],
    [90, 0.9],
  ])("of %d percent is %d in the metric's own unit", (target, expected) => {
    const policy = only(stackOf({}, scaling(1, 2, { ...TRACKING, target })), "aws_appautoscaling_policy");
    expect(policy.target_tracking_scaling_policy_configuration).toEqual({
      predefined_metric_specification: { predefined_metric_type: "LambdaProvisionedConcurrencyUtilization" },
      target_value: expected,
      scale_in_cooldown: 300,
      scale_out_cooldown: 60,
    });
    expect(policy.policy_type).toBe("TargetTrackingScaling");
  });

  it.each([9.9, 90.1, 100])("of %d percent is refused", (target) => {
    expect(codes({}, scaling(1, 2, { ...TRACKING, target }))).toEqual(["LAMBDA_SCALING_POLICIES"]);
  });

  it("is there once", () => {
    expect(codes({}, scaling(1, 2, TRACKING, { ...TRACKING, target: 50 }))).toEqual([
      "LAMBDA_SCALING_POLICIES",
    ]);
  });
});

describe("provisionedConcurrency beside policies", () => {
  it.each([2, 5, 8])("is what it starts with: %d between 2 and 8", (provisionedConcurrency) => {
    expect(warm(stackOf({ provisionedConcurrency }, scaling(2, 8, TRACKING)))).toMatchObject({
      provisioned_concurrent_executions: provisionedConcurrency,
      lifecycle: { ignore_changes: ["provisioned_concurrent_executions"] },
    });
  });

  it.each([1, 9])("is refused outside of the range: %d", (provisionedConcurrency) => {
    const [issue, ...rest] = findings({ provisionedConcurrency }, scaling(2, 8, TRACKING));
    expect(rest).toEqual([]);
    expect(issue).toMatchObject({
      code: "LAMBDA_PROVISIONED_CONCURRENCY",
      severity: "error",
      path: "targets.lambda.provisionedConcurrency",
      allowed: "2 to 8, from scaling.min to scaling.max",
    });
  });
});

describe("scheduled scaling", () => {
  it("sets the range in its time zone", () => {
    const stack = stackOf({}, scaling(1, 2, MORNING));
    expect(only(stack, "aws_appautoscaling_scheduled_action")).toMatchObject({
      schedule: "cron(0 8 ? * MON-FRI *)",
      timezone: "Europe/Dublin",
      scalable_target_action: { min_capacity: "4", max_capacity: "12" },
    });
    expect(warm(stack)?.lifecycle).toEqual({ ignore_changes: ["provisioned_concurrent_executions"] });
  });

  it("may start at nothing: then Terraform owns no number that scaling could take away", () => {
    const stack = stackOf({}, scaling(0, 12, MORNING, EVENING));
    expect(warm(stack)).toBeNull();
    expect(only(stack, "aws_appautoscaling_target")).toMatchObject({
      min_capacity: 0,
      max_capacity: 12,
      depends_on: ["aws_lambda_alias.live"],
    });
  });
});

describe("scaling to nothing", () => {
  it("is refused where only target tracking could bring it back", () => {
    expect(findings({}, scaling(0, 4, TRACKING))).toMatchObject([
      { code: "LAMBDA_SCALING_FROM_ZERO", path: "scaling.min" },
    ]);
    expect(findings({}, scaling(1, 4, TRACKING, EVENING))).toMatchObject([
      { code: "LAMBDA_SCALING_FROM_ZERO", path: "scaling.policies[1].min" },
    ]);
  });

  it("is fine where a schedule brings it back, or nothing tracks", () => {
    expect(codes({}, scaling(0, 12, TRACKING, MORNING, EVENING))).toEqual([]);
    expect(codes({}, scaling(0, 12, EVENING))).toEqual([]);
  });
});

describe("what Lambda does not have", () => {
  it("step scaling is refused, with what to use instead", () => {
    const step = {
      type: "step",
      metric: "provisioned-concurrency-utilization",
      threshold: 70,
      steps: [{ from: 0, add: 1 }],
    };
    expect(findings({}, scaling(1, 4, step))).toMatchObject([
      {
        code: "SCALING_POLICY_UNSUPPORTED",
        allowed: "target-tracking, scheduled",
        fix: expect.stringContaining("target-tracking on provisioned-concurrency-utilization") as string,
      },
    ]);
  });

  it.each(["cpu", "memory", "invocations-per-instance", "concurrency"])("%s cannot be tracked", (metric) => {
    expect(codes({}, scaling(1, 4, { ...TRACKING, metric }))).toContain("SCALING_METRIC_UNSUPPORTED");
  });
});

describe("reserved concurrency", () => {
  it.each([
    [{ reservedConcurrency: 5, provisionedConcurrency: 5 }, {}, []],
    [{ reservedConcurrency: 4, provisionedConcurrency: 5 }, {}, ["LAMBDA_PROVISIONED_CONCURRENCY"]],
    [{ reservedConcurrency: 8 }, scaling(2, 8, TRACKING), []],
    [{ reservedConcurrency: 7 }, scaling(2, 8, TRACKING), ["LAMBDA_PROVISIONED_CONCURRENCY"]],
    [{ reservedConcurrency: 11 }, scaling(2, 8, MORNING), ["LAMBDA_PROVISIONED_CONCURRENCY"]],
    [{ reservedConcurrency: 12 }, scaling(2, 8, MORNING), []],
    [{ reservedConcurrency: 900 }, {}, []],
    [{ reservedConcurrency: 901 }, {}, ["LAMBDA_CONCURRENCY_QUOTA"]],
    [{ provisionedConcurrency: 901 }, {}, ["LAMBDA_CONCURRENCY_QUOTA"]],
    [{}, scaling(2, 901, TRACKING), ["LAMBDA_CONCURRENCY_QUOTA"]],
  ])("holds what is kept warm: %j %j", (options, changes, expected) => {
    expect(codes(options, changes)).toEqual(expected);
  });
});
