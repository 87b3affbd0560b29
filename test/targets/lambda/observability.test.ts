import { type Json, only } from "../../support/synth";
import { NAME, scaling, stackOf, TRACKING } from "./support";

const TOPIC = "${data.terraform_remote_state.foundation.outputs.topic_arn}";
const ALIAS = { FunctionName: NAME, Resource: `${NAME}:live` };
const WINDOW = { evaluation_periods: 15, datapoints_to_alarm: 3, treat_missing_data: "notBreaching" };

const alarms = (stack: Json): Json => ((stack.resource as Json).aws_cloudwatch_metric_alarm ?? {}) as Json;
const slo = { workload: { requestsPerSecond: 1, slo: { p99: "300ms", errorRate: 0.005 } } };

describe("alarms", () => {
  const plain = alarms(stackOf());

  it("are these, under stable names", () => {
    const names = (stack: Json) =>
      Object.values(alarms(stack)).map((alarm) => (alarm as Json).alarm_name as string);
    expect(names(stackOf())).toEqual([`${NAME}-duration`, `${NAME}-errors`, `${NAME}-throttles`]);
    expect(names(stackOf({ provisionedConcurrency: 1 }, slo))).toEqual([
      `${NAME}-duration`,
      `${NAME}-errors`,
      `${NAME}-latency`,
      `${NAME}-spillover`,
      `${NAME}-throttles`,
    ]);
    expect(names(stackOf({}, scaling(0, 4, { type: "scheduled", cron: "0 8 ? * * *", min: 1 })))).toContain(
      `${NAME}-spillover`,
    );
  });

  it("watch the share of failed requests", () => {
    const metric = (name: string) => ({
      metric_name: name,
      namespace: "AWS/Lambda",
      dimensions: ALIAS,
      period: 60,
      stat: "Sum",
    });
    expect(plain["alarm-errors"]).toMatchObject({
      ...WINDOW,
      comparison_operator: "GreaterThanThreshold",
      threshold: 0.01,
      alarm_actions: [TOPIC],
      ok_actions: [TOPIC],
      metric_query: [
        { id: "rate", expression: "errors / invocations", return_data: true },
        { id: "errors", metric: metric("Errors") },
        { id: "invocations", metric: metric("Invocations") },
      ],
    });
    expect(plain["alarm-errors"]).not.toHaveProperty("period");
    expect(alarms(stackOf({}, slo))["alarm-errors"]).toMatchObject({ threshold: 0.005 });
  });

  it("watch throttles of the whole function", () => {
    expect(plain["alarm-throttles"]).toMatchObject({
      ...WINDOW,
      namespace: "AWS/Lambda",
      metric_name: "Throttles",
      dimensions: { FunctionName: NAME },
      statistic: "Sum",
      period: 60,
      threshold: 0,
    });
  });

  it("watch requests that come near the timeout, in milliseconds", () => {
    expect(alarms(stackOf({ timeout: "100s" }))["alarm-duration"]).toMatchObject({
      ...WINDOW,
      metric_name: "Duration",
      dimensions: ALIAS,
      extended_statistic: "p99",
      threshold: 80_000,
    });
  });

  it("watch the goal, and requests that find nothing warm", () => {
    const all = alarms(stackOf({ provisionedConcurrency: 1 }, slo));
    expect(all["alarm-latency"]).toMatchObject({
      metric_name: "Duration",
      threshold: 300,
      dimensions: ALIAS,
    });
    expect(all["alarm-spillover"]).toMatchObject({
      metric_name: "ProvisionedConcurrencySpilloverInvocations",
      dimensions: ALIAS,
      statistic: "Sum",
      threshold: 0,
    });
  });

  it("can be left out", () => {
    const stack = stackOf({}, { observability: { alarms: false } });
    expect(alarms(stack)).toEqual({});
  });
});

describe("the dashboard", () => {
  const graphs = (stack: Json): Json[] =>
    (JSON.parse(only(stack, "aws_cloudwatch_dashboard").dashboard_body as string) as { widgets: Json[] })
      .widgets;
  const titles = (stack: Json) =>
    graphs(stack).flatMap(({ properties }) => ((properties as Json).title as string | undefined) ?? []);

  it("shows requests, failures, duration and environments", () => {
    expect(titles(stackOf())).toEqual(["Requests", "Failures", "Duration, ms", "Environments at work"]);
  });

  it("shows provisioned concurrency where there is some", () => {
    expect(titles(stackOf({}, scaling(1, 2, TRACKING)))).toContain("Provisioned concurrency");
  });

  it("draws timeout and reserved concurrency as lines", () => {
    const text = JSON.stringify(graphs(stackOf({ timeout: "40s", reservedConcurrency: 7 })));
    expect(text).toContain('{"label":"Timeout","value":40000}');
    expect(text).toContain('{"label":"Reserved","value":7}');
  });

  it("can be left out", () => {
    const stack = stackOf({}, { observability: { dashboard: false } });
    expect(stack.resource).not.toHaveProperty("aws_cloudwatch_dashboard");
  });
});
