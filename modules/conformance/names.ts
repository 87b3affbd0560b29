import { blocks, resourcesOf, type JsonObject, type StackDocument } from "./document";
import type { Problem } from "./problem";

/** How long a name may be, and how it may be spelled. */
export interface NameRule {
  /** The attribute that holds it. */
  readonly attribute: string;
  readonly limit: number;
  readonly pattern?: RegExp;
}

const rule = (attribute: string, limit: number, pattern?: RegExp): NameRule => ({
  attribute,
  limit,
  ...(pattern === undefined ? {} : { pattern }),
});

/** RFC 1123: what Kubernetes takes as a label. */
const LABEL = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
const HYPHENATED = /^[A-Za-z0-9](?:-*[A-Za-z0-9])*$/;

/**
 * Names that a target gives, by type of resource. The limits stand in each service's API reference (read 2026-11).
 * A type that is absent here and has a name is a problem: its limit has to be looked up once.
 */
export const NAME_RULES: Readonly<Record<string, NameRule>> = {
  aws_appautoscaling_policy: rule("name", 256),
  aws_appautoscaling_scheduled_action: rule("name", 256),
  aws_cloudwatch_composite_alarm: rule("alarm_name", 255),
  aws_cloudwatch_dashboard: rule("dashboard_name", 255, /^[A-Za-z0-9_-]+$/),
  aws_cloudwatch_event_rule: rule("name", 64, /^[.\-_A-Za-z0-9]+$/),
  aws_cloudwatch_event_target: rule("target_id", 64, /^[.\-_A-Za-z0-9]+$/),
  aws_cloudwatch_log_group: rule("name", 512, /^[.\-_/#A-Za-z0-9]+$/),
  aws_cloudwatch_log_metric_filter: rule("name", 512),
  aws_cloudwatch_metric_alarm: rule("alarm_name", 255),
  aws_cloudwatch_query_definition: rule("name", 255),
  aws_codedeploy_app: rule("name", 100),
  aws_codedeploy_deployment_config: rule("deployment_config_name", 100),
  aws_codedeploy_deployment_group: rule("deployment_group_name", 100),
  aws_ecr_repository: rule("name", 256, /^[a-z0-9]+(?:[._/-][a-z0-9]+)*$/),
  aws_ecs_cluster: rule("name", 255, /^[A-Za-z0-9_-]+$/),
  aws_ecs_service: rule("name", 255, /^[A-Za-z0-9_-]+$/),
  aws_ecs_task_definition: rule("family", 255, /^[A-Za-z0-9_-]+$/),
  aws_eks_cluster: rule("name", 100, /^[0-9A-Za-z][A-Za-z0-9_-]*$/),
  aws_eks_node_group: rule("node_group_name", 63),
  aws_iam_instance_profile: rule("name", 128),
  aws_iam_policy: rule("name", 128),
  aws_iam_role: rule("name", 64, /^[\w+=,.@-]+$/),
  aws_iam_role_policy: rule("name", 128, /^[\w+=,.@-]+$/),
  aws_kms_alias: rule("name", 256, /^alias\/[A-Za-z0-9/_-]+$/),
  aws_kms_grant: rule("name", 256),
  aws_lambda_alias: rule("name", 128),
  aws_lambda_function: rule("function_name", 64, /^[A-Za-z0-9_-]+$/),
  aws_launch_template: rule("name", 128),
  aws_lb: rule("name", 32, HYPHENATED),
  aws_lb_target_group: rule("name", 32, HYPHENATED),
  aws_s3_bucket: rule("bucket", 63, /^[a-z0-9][a-z0-9.-]*[a-z0-9]$/),
  aws_sagemaker_endpoint: rule("name", 63, HYPHENATED),
  aws_sagemaker_endpoint_configuration: rule("name", 63, HYPHENATED),
  aws_sagemaker_model: rule("name", 63, HYPHENATED),
  aws_scheduler_schedule: rule("name", 64, /^[0-9a-zA-Z_.-]+$/),
  aws_scheduler_schedule_group: rule("name", 64, /^[0-9a-zA-Z_.-]+$/),
  aws_security_group: rule("name", 255),
  aws_service_discovery_http_namespace: rule("name", 1024),
  aws_sfn_state_machine: rule("name", 80),
  aws_sns_topic: rule("name", 256, /^[A-Za-z0-9_-]+$/),
  aws_sqs_queue: rule("name", 80, /^[A-Za-z0-9_-]+$/),
  docker_container: rule("name", 63, /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/),
  docker_network: rule("name", 63, /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/),
  docker_volume: rule("name", 63, /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/),
};

/** Types whose `name` is no name that the target gives. */
const OTHER_NAMES = new Set([
  "aws_ecs_cluster_capacity_providers",
  "docker_image",
  "aws_ecs_account_setting_default",
]);

/** Every name fits its service. `more` adds the rules of types that modelport itself does not use. */
export function* nameLimits(
  stack: StackDocument,
  more: Readonly<Record<string, NameRule>> = {},
): Iterable<Problem> {
  for (const { type, address, config } of resourcesOf(stack)) {
    const at = `${stack.name} ${address}`;
    const known = type.startsWith("kubernetes_") ? kubernetesRule(type, config) : namedBy(type, config, more);
    if (known === undefined) {
      if (typeof config.name !== "string" || OTHER_NAMES.has(type) || isReference(config.name)) continue;
      yield { check: "name-limits", at, message: `nobody has said how long the name of an ${type} may be` };
      continue;
    }
    const { name, limit, pattern } = known;
    if (isReference(name)) continue;
    const longest = evaluated(name);
    if (longest === null) {
      yield { check: "name-limits", at, message: `the length of ${JSON.stringify(name)} cannot be told` };
    } else if (longest.length > limit) {
      yield {
        check: "name-limits",
        at,
        message: `${JSON.stringify(name)} has ${longest.length} characters; ${limit} are allowed`,
      };
    } else if (pattern !== undefined && !pattern.test(longest)) {
      yield {
        check: "name-limits",
        at,
        message: `${JSON.stringify(name)} is not spelled as its service demands`,
      };
    }
  }
}

interface Named {
  readonly name: string;
  readonly limit: number;
  readonly pattern?: RegExp;
}

function namedBy(
  type: string,
  config: JsonObject,
  more: Readonly<Record<string, NameRule>>,
): Named | undefined {
  const found = more[type] ?? NAME_RULES[type];
  if (found === undefined) return undefined;
  const name = config[found.attribute];
  // Where it is absent, Terraform makes a name up that fits.
  return { ...found, name: typeof name === "string" ? name : "x" };
}

function kubernetesRule(type: string, config: JsonObject): Named | undefined {
  const name = blocks(config.metadata)[0]?.name;
  if (typeof name !== "string") return undefined;
  // Its jobs add eleven characters: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ (2026-11).
  return { name, limit: type === "kubernetes_cron_job_v1" ? 52 : 63, pattern: LABEL };
}

/** Nothing but a reference: the name is given elsewhere, and judged there. */
function isReference(name: string): boolean {
  return /^\$\{[\w.[\]"-]+\}$/.test(name);
}

/** A name with its expressions replaced by as many characters as they give; null where that is not known. */
function evaluated(name: string): string | null {
  const known = name.replace(/\$\{substr\([^{}]*?, (?:\d+), (\d+)\)\}/g, (_all, length: string) =>
    "0".repeat(Number(length)),
  );
  return known.includes("${") ? null : known;
}
