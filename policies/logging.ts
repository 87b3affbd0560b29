import { blocks, list, objectAt } from "../modules/conformance/document";
import { definePolicy, type Policy } from "../modules/policy/policy";
import { containersOf } from "./containers";
import { each, isGiven, isOff, isOn } from "./support";

const READ = "2026-11-23";

const CLUSTER_LOGS = ["api", "audit", "authenticator", "controllerManager", "scheduler"];

/** What happens is written down, kept for a time, and told to somebody. */
export const logging: readonly Policy[] = [
  definePolicy({
    code: "POLICY_LOG_RETENTION",
    title: "log groups say how long they keep their events",
    reason: "without it they keep, and AWS bills, everything for ever",
    source:
      "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html",
    asOf: READ,
    severity: "error",
    controls: ["CKV_AWS_66"],
    resourceTypes: ["aws_cloudwatch_log_group"],
    *checkStack(stack) {
      yield* each(
        stack.resources("aws_cloudwatch_log_group"),
        ({ retention_in_days: days }) => !(Number(days) > 0) && "keeps its events for ever",
      );
    },
  }),
  definePolicy({
    code: "POLICY_ALARM_ACTIONS",
    title: "alarms tell somebody, or start something",
    reason: "an alarm without an action is seen by those who look at it anyway",
    source: "https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html",
    asOf: READ,
    severity: "error",
    controls: ["CKV_AWS_319", "CloudWatch.15", "CloudWatch.17"],
    resourceTypes: ["aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm"],
    *checkStack(stack) {
      yield* each(
        stack.resources("aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm"),
        ({ actions_enabled: enabled, alarm_actions: actions }) => {
          if (isOff(enabled)) return "has its actions turned off";
          return list(actions).length === 0 && "has no action";
        },
      );
    },
  }),
  definePolicy({
    code: "POLICY_BALANCER_LOGS",
    title: "load balancers log their requests",
    reason: "they are the only ones that see what never reached a replica",
    source:
      "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html",
    asOf: READ,
    severity: "error",
    controls: ["CKV_AWS_91", "ELB.5"],
    resourceTypes: ["aws_lb"],
    *checkStack(stack) {
      yield* each(
        stack.resources("aws_lb"),
        ({ access_logs: logs }) =>
          !blocks(logs).some(({ enabled, bucket }) => isOn(enabled) && isGiven(bucket)) && "logs no requests",
      );
    },
  }),
  definePolicy({
    code: "POLICY_STATE_MACHINE_LOGS",
    title: "state machines log their executions, and are traced",
    reason: "a batch job that failed at night is explained by nothing else",
    source: "https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html",
    asOf: READ,
    severity: "error",
    controls: ["CKV_AWS_284", "StepFunctions.1"],
    resourceTypes: ["aws_sfn_state_machine"],
    *checkStack(stack) {
      yield* each(stack.resources("aws_sfn_state_machine"), (config) => {
        if (!blocks(config.tracing_configuration).some(({ enabled }) => isOn(enabled)))
          return "is not traced";
        const logs = blocks(config.logging_configuration);
        return (
          !logs.some(({ level }) => level === "ALL" || level === "ERROR") && "does not log its executions"
        );
      });
    },
  }),
  definePolicy({
    code: "POLICY_STATE_MACHINE_DATA",
    title: "the log of a state machine has what its executions carried",
    reason: "names of objects and jobs lead from a failed run to its input",
    source: "https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html",
    asOf: READ,
    // Who must not keep such names in a log says so in the manifest.
    severity: "warning",
    controls: ["CKV_AWS_285"],
    resourceTypes: ["aws_sfn_state_machine"],
    *checkStack(stack) {
      yield* each(
        stack.resources("aws_sfn_state_machine"),
        ({ logging_configuration: logs }) =>
          blocks(logs).some(({ level, include_execution_data: data }) => level !== "OFF" && !isOn(data)) &&
          "logs its executions without what they carried",
        { field: ["targets", "sagemaker-batch", "logExecutionData"] },
      );
    },
  }),
  definePolicy({
    code: "POLICY_FUNCTION_TRACING",
    title: "Lambda functions are traced",
    reason: "a trace shows where the time of a slow request went, cold starts included",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html",
    asOf: READ,
    // It costs by the trace, and says nothing of what a request held.
    severity: "warning",
    controls: ["CKV_AWS_50"],
    resourceTypes: ["aws_lambda_function"],
    *checkStack(stack) {
      yield* each(
        stack.resources("aws_lambda_function"),
        ({ tracing_config: settings }) =>
          !blocks(settings).some(({ mode }) => mode === "Active" || mode === "PassThrough") &&
          "is not traced",
        { field: ["targets", "lambda", "tracing"], fix: "remove targets.lambda.tracing: false" },
      );
    },
  }),
  definePolicy({
    code: "POLICY_CLUSTER_LOGS",
    title: "EKS clusters log what their control plane does, and ECS clusters measure their tasks",
    reason: "who changed a workload stands in the audit log only",
    source: "https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html",
    asOf: READ,
    severity: "error",
    controls: ["CKV_AWS_37", "CKV_AWS_65", "ECS.12", "EKS.8"],
    resourceTypes: ["aws_eks_cluster", "aws_ecs_cluster"],
    *checkStack(stack) {
      yield* each(stack.resources("aws_eks_cluster"), ({ enabled_cluster_log_types: types }) => {
        const missing = CLUSTER_LOGS.filter((type) => !list(types).includes(type));
        return missing.length > 0 && `does not log ${missing.join(", ")}`;
      });
      yield* each(
        stack.resources("aws_ecs_cluster"),
        ({ setting }) =>
          !blocks(setting).some(
            ({ name, value }) =>
              name === "containerInsights" && (value === "enabled" || value === "enhanced"),
          ) && "has no Container Insights",
      );
    },
  }),
  definePolicy({
    code: "POLICY_CONTAINER_LOGS",
    title: "every container of an ECS task writes its log somewhere",
    reason: "what a container said is gone with it otherwise",
    source: "https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html",
    asOf: READ,
    severity: "error",
    controls: ["ECS.9"],
    resourceTypes: ["aws_ecs_task_definition"],
    *checkStack(stack) {
      for (const { address, name, config, platform } of containersOf(stack)) {
        if (platform !== "ecs" || isGiven(objectAt(config.logConfiguration).logDriver)) continue;
        yield { address, message: `has the container ${name}, which writes no log` };
      }
    },
  }),
];
