import type { Limit } from "../../modules/aws/limits";
import { type CodeDescription, type Finding, type ManifestPath, show } from "../../modules/issues/issue";
import { secretVariable } from "../../modules/plan/container-environment";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import { Duration } from "../../modules/units/duration";
import { LIMITS, RESERVED_VARIABLES, VARIABLE_NAME, WITHOUT_FUNCTION_URL } from "./limits";
import type { Options } from "./options";
import {
  ALARM_MINUTES,
  inVpc,
  mostProvisioned,
  neededMemory,
  provisionedConcurrency,
  scales,
  serverVariables,
  type Shift,
  shiftOf,
  timeout,
  variables,
} from "./settings";

const error = (summary: string): CodeDescription => ({ summary, severity: "error" });
const warning = (summary: string): CodeDescription => ({ summary, severity: "warning" });

export const CODES = {
  LAMBDA_MEMORY: error("Memory that is no whole number of MiB, or less than the resources need."),
  LAMBDA_TIMEOUT: error("A timeout that is no whole number of seconds, or shorter than a request takes."),
  LAMBDA_STARTUP: warning("The server needs longer to start than Lambda waits."),
  LAMBDA_VARIABLE: error(
    "An environment variable that Lambda reserves, does not take, or that is set twice.",
  ),
  LAMBDA_VARIABLES_SIZE: error("The environment variables together are larger than Lambda takes."),
  LAMBDA_IMAGE_HOST: error("The image is named by a host of ECR that Lambda does not take."),
  LAMBDA_PROVISIONED_CONCURRENCY: error(
    "Provisioned concurrency outside of the range that the policies scale it in, or above the reserved concurrency.",
  ),
  LAMBDA_CONCURRENCY_QUOTA: warning("More concurrency than an account has by default."),
  LAMBDA_SCALING_POLICIES: error(
    "A utilization that cannot be tracked, or two target-tracking policies, which fight each other.",
  ),
  LAMBDA_SCALING_FROM_ZERO: error(
    "Target tracking would scale provisioned concurrency to nothing, and could not bring it back.",
  ),
  LAMBDA_SCALING_UNUSED: warning("A range of replicas that keeps nothing warm, because no policy uses it."),
  LAMBDA_ONE_REQUEST: warning("Several requests at once per replica, where an environment takes only one."),
  LAMBDA_FUNCTION_URL: error("Lambda has no function URLs in the region."),
  LAMBDA_ROLLOUT: error("A step or an interval of a canary or linear rollout that CodeDeploy does not take."),
  LAMBDA_ROLLOUT_UNWATCHED: warning(
    "Nothing would stop a bad release: no alarms, or no time for them to fire.",
  ),
  LAMBDA_ROLLOUT_SCALING: warning(
    "Provisioned concurrency is scaled by policies, which cannot act while a rollout shifts traffic.",
  ),
  LAMBDA_SINGLE_ZONE: warning("A single subnet: one availability zone takes the model down with it."),
} as const;

type Plan = AwsTargetPlan<Options>;

const OPTIONS: ManifestPath = ["targets", "lambda"];

/** What Lambda would refuse at apply, and what it would do other than the manifest says. */
export function* check(plan: Plan): Iterable<Finding> {
  yield* memorySize(plan);
  yield* timeouts(plan);
  yield* environment(plan);
  yield* image(plan);
  yield* concurrency(plan);
  yield* policies(plan);
  yield* rollout(plan);
  yield* network(plan);
}

function sourced(text: string, { source, asOf }: Limit): string {
  return `${text} (${source}, ${asOf})`;
}

function* memorySize(plan: Plan): Iterable<Finding> {
  const given = plan.options.memory;
  if (given === undefined) return;
  const path = [...OPTIONS, "memory"];
  const needs = neededMemory(plan);
  if (!Number.isInteger(given.mebibytes)) {
    yield {
      path,
      code: "LAMBDA_MEMORY",
      message: `${given.toString()} is no whole number of MiB`,
      allowed: "128Mi to 10240Mi, whole MiB",
      fix: `for example ${Math.ceil(given.mebibytes)}Mi`,
    };
  }
  if (given.mebibytes < plan.resources.memory.mebibytes) {
    yield {
      path,
      code: "LAMBDA_MEMORY",
      message: `${given.toString()} is less than resources.memory, which is ${plan.resources.memory.toString()}`,
      allowed: `at least ${plan.resources.memory.toString()}`,
      fix: "raise memory, or lower resources.memory",
    };
  }
  // Resources that no size of Lambda's holds are reported with its capabilities.
  if (given.mebibytes < needs.cpu && needs.cpu <= LIMITS.memoryMax.value) {
    const vcpus = Math.floor((given.mebibytes / LIMITS.memoryPerVcpu.value) * 100) / 100;
    yield {
      path,
      code: "LAMBDA_MEMORY",
      message: `${given.toString()} brings ${vcpus} vCPUs, but resources.cpu asks for ${plan.resources.cpu}`,
      allowed: sourced(
        `at least ${needs.cpu}Mi: one vCPU for each ${LIMITS.memoryPerVcpu.value} MiB`,
        LIMITS.memoryPerVcpu,
      ),
      fix: `set memory: ${Math.max(needs.cpu, needs.memory)}Mi, remove it, or lower resources.cpu`,
    };
  }
}

function* timeouts(plan: Plan): Iterable<Finding> {
  const { options, workload, model } = plan;
  const path = [...OPTIONS, "timeout"];
  const given = options.timeout;
  if (given !== undefined && !Number.isInteger(given.seconds)) {
    yield {
      path,
      code: "LAMBDA_TIMEOUT",
      message: `${given.toString()} is no whole number of seconds`,
      allowed: "1s to 900s, whole seconds",
      fix: `for example ${Math.ceil(given.seconds)}s`,
    };
  }
  const slowest = workload?.serviceTime?.p99;
  if (given !== undefined && slowest !== undefined && slowest.milliseconds > given.milliseconds) {
    yield {
      path,
      code: "LAMBDA_TIMEOUT",
      message: `${given.toString()} is shorter than workload.serviceTime.p99, which is ${slowest.toString()}`,
      allowed: `at least ${slowest.toString()}`,
      fix: "raise timeout",
    };
  }
  const { startup } = model.server;
  const seconds = timeout(plan);
  const warm = provisionedConcurrency(plan) !== null || scales(plan);
  const patience = warm ? Math.max(seconds, LIMITS.provisionedInitSeconds.value) : seconds;
  if (startup.seconds > LIMITS.initSeconds.value && startup.seconds > patience) {
    yield {
      path: given === undefined ? ["model", "server", "startup"] : path,
      code: "LAMBDA_STARTUP",
      message:
        `the server takes ${startup.toString()} to start (model.server.startup), ` +
        `and is stopped after ${Duration.seconds(patience).toString()}`,
      allowed: sourced(
        `a timeout of at least ${startup.toString()} where the start takes longer than ${LIMITS.initSeconds.value}s`,
        LIMITS.initSeconds,
      ),
      fix: "raise timeout, or set model.server.startup to what the server really needs",
    };
  }
}

function* environment(plan: Plan): Iterable<Finding> {
  const { model } = plan;
  for (const name of Object.keys(model.environment)) {
    const path = ["model", "environment", name];
    // A variable may be called `valueOf`.
    const own = new Map(Object.entries(serverVariables(plan))).get(name);
    if (RESERVED_VARIABLES.has(name)) {
      yield {
        path,
        code: "LAMBDA_VARIABLE",
        message: `"${name}" is set by Lambda itself`,
        allowed:
          "any other name (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html, 2026-11-23)",
        fix: "remove it",
        atKey: true,
      };
    } else if (!VARIABLE_NAME.test(name)) {
      yield {
        path,
        code: "LAMBDA_VARIABLE",
        message: `"${name}" is no name that Lambda takes`,
        ...NAMES,
        atKey: true,
      };
    }
    if (own !== undefined && own !== model.environment[name]) {
      yield {
        path,
        code: "LAMBDA_VARIABLE",
        message: `"${name}" follows from model.server, which says ${show(own)}`,
        fix: "change model.server, and remove the variable",
        atKey: true,
      };
    }
  }
  for (const name of Object.keys(model.secrets)) {
    const path = ["model", "secrets", name];
    const variable = secretVariable(name);
    if (!VARIABLE_NAME.test(variable)) {
      yield {
        path,
        code: "LAMBDA_VARIABLE",
        message: `"${variable}", which carries its ARN, is no name that Lambda takes`,
        ...NAMES,
        atKey: true,
      };
    }
  }
  const bytes = Buffer.byteLength(JSON.stringify(variables(plan)), "utf8");
  if (bytes > LIMITS.variableBytes.value) {
    yield {
      path: ["model", "environment"],
      code: "LAMBDA_VARIABLES_SIZE",
      message: `the environment variables, with those of secrets and adapter, take ${bytes} bytes`,
      allowed: sourced(
        `at most ${LIMITS.variableBytes.value}, names and values as JSON`,
        LIMITS.variableBytes,
      ),
      fix: "copy what is long into the image, or read it from Parameter Store",
    };
  }
}

const NAMES = {
  allowed: "a letter, then one or more letters, digits or _ (Lambda API model, 2026-11-17)",
  fix: "rename it",
} as const;

function* image({ model, region }: Plan): Iterable<Finding> {
  if (model.image.kind !== "reference") return;
  const { ecr, registry, repository } = model.image.reference;
  // Another registry or region is a matter of the capabilities.
  if (ecr?.region !== region.name) return;
  const host = `${ecr.account}.dkr.ecr.${region.name}.${region.dnsSuffix}`;
  if (registry === host) return;
  yield {
    path: ["model", "image"],
    code: "LAMBDA_IMAGE_HOST",
    message: `Lambda does not pull from ${registry}`,
    allowed: host,
    fix: `write ${host}/${repository}`,
  };
}

function* concurrency(plan: Plan): Iterable<Finding> {
  const { options, scaling, workload, region } = plan;
  const { provisionedConcurrency: given, reservedConcurrency: reserved } = options;
  const most = mostProvisioned(plan);
  const provisionedPath = [...OPTIONS, "provisionedConcurrency"];
  if (scales(plan) && given !== undefined && (given < scaling.min || given > scaling.max)) {
    yield {
      path: provisionedPath,
      code: "LAMBDA_PROVISIONED_CONCURRENCY",
      message: `${given} is outside of the range that scaling.policies move it in`,
      allowed: `${Math.max(scaling.min, 1)} to ${scaling.max}, from scaling.min to scaling.max`,
      fix: "remove it, change scaling.min or scaling.max, or remove scaling.policies to keep it fixed",
    };
  }
  if (reserved !== undefined && most > reserved) {
    yield {
      path: [...OPTIONS, "reservedConcurrency"],
      code: "LAMBDA_PROVISIONED_CONCURRENCY",
      message: `${reserved} is less than the ${most} environments that may be kept warm`,
      allowed: `at least ${most}, or no reserved concurrency`,
      fix: scales(plan) ? "raise reservedConcurrency, or lower scaling.max" : "raise reservedConcurrency",
    };
  }
  const free = LIMITS.accountConcurrency.value - LIMITS.unreservedConcurrency.value;
  for (const [path, value] of [
    [[...OPTIONS, "reservedConcurrency"], reserved ?? 0],
    [given === undefined ? ["scaling", "max"] : provisionedPath, most],
  ] as const) {
    if (value <= free) continue;
    yield {
      path,
      code: "LAMBDA_CONCURRENCY_QUOTA",
      message: `${value} environments are more than an account in ${region.name} can set aside by default`,
      allowed: sourced(
        `${free}: ${LIMITS.accountConcurrency.value} by default, less ${LIMITS.unreservedConcurrency.value} that stay unreserved`,
        LIMITS.accountConcurrency,
      ),
      fix: "raise the quota (L-B99A9384) before the deployment",
    };
  }
  if (!scales(plan) && given === undefined && (scaling.min > 1 || scaling.max > 1)) {
    yield {
      path: ["scaling", scaling.min > 1 ? "min" : "max"],
      code: "LAMBDA_SCALING_UNUSED",
      message:
        "keeps nothing warm: without a policy Lambda starts environments as requests come, whatever scaling says",
      fix:
        "add a policy (target-tracking on provisioned-concurrency-utilization, or scheduled), or set " +
        provisionedPath.join("."),
    };
  }
  const parallel = workload?.concurrency ?? 1;
  if (parallel > LIMITS.requestsPerEnvironment.value) {
    yield {
      path: ["workload", "concurrency"],
      code: "LAMBDA_ONE_REQUEST",
      message: `an environment works on one request at a time, not on ${parallel}: Lambda runs as many environments as there are requests`,
      allowed: sourced(String(LIMITS.requestsPerEnvironment.value), LIMITS.requestsPerEnvironment),
    };
  }
  if (options.functionUrl && WITHOUT_FUNCTION_URL.regions.includes(region.name)) {
    yield {
      path: [...OPTIONS, "functionUrl"],
      code: "LAMBDA_FUNCTION_URL",
      message: `there are no function URLs in ${region.name}`,
      allowed: `false (${WITHOUT_FUNCTION_URL.source}, ${WITHOUT_FUNCTION_URL.asOf})`,
      fix: "remove functionUrl, and invoke the alias by its ARN",
    };
  }
}

function* policies({ scaling }: Plan): Iterable<Finding> {
  const entries = [...scaling.policies.entries()];
  const tracking = entries.flatMap(([index, policy]) =>
    // Other metrics are refused by their name already; their values say nothing here.
    policy.type === "target-tracking" && policy.metric === "provisioned-concurrency-utilization"
      ? [{ index, policy }]
      : [],
  );
  const scheduled = entries.flatMap(([index, policy]) =>
    policy.type === "scheduled" ? [{ index, policy }] : [],
  );
  for (const { index, policy } of tracking) {
    if (policy.target >= LIMITS.utilizationMin.value && policy.target <= LIMITS.utilizationMax.value)
      continue;
    yield {
      path: ["scaling", "policies", index, "target"],
      code: "LAMBDA_SCALING_POLICIES",
      message: `${policy.target} percent is no utilization that can be kept`,
      allowed: sourced(
        `${LIMITS.utilizationMin.value} to ${LIMITS.utilizationMax.value}`,
        LIMITS.utilizationMax,
      ),
      fix: "70 is a good start",
    };
  }
  const [, second] = tracking;
  if (second !== undefined) {
    yield {
      path: ["scaling", "policies", second.index, "metric"],
      code: "LAMBDA_SCALING_POLICIES",
      message: `${second.policy.metric} is tracked by another policy already`,
      allowed: "one target-tracking policy",
      fix: "remove one of the two",
    };
  }
  const toZero = scheduled.find(({ policy }) => policy.min === 0);
  const revived = scheduled.some(({ policy }) => (policy.min ?? 0) > 0);
  if (tracking.length > 0 && !revived && (scaling.min === 0 || toZero !== undefined)) {
    yield {
      path:
        scaling.min === 0 || toZero === undefined
          ? ["scaling", "min"]
          : ["scaling", "policies", toZero.index, "min"],
      code: "LAMBDA_SCALING_FROM_ZERO",
      message:
        "lets target tracking scale to nothing, where there is no utilization that could bring it back",
      allowed: "at least 1, or a scheduled policy beside it that sets min to at least 1",
      fix: "set it to 1",
    };
  }
}

function* rollout(plan: Plan): Iterable<Finding> {
  const shift = shiftOf(plan);
  if (shift === null) return;
  const refused = [...steps(plan, shift)];
  if (refused.length > 0) yield* refused;
  else yield* releases(plan, shift);
}

/** What CodeDeploy does not take. */
function* steps(plan: Plan, { strategy, percent, minutes, totalMinutes }: Shift): Iterable<Finding> {
  const { interval } = plan.rollout;
  if (percent > LIMITS.shiftPercent.value) {
    yield {
      path: ["rollout", "step"],
      code: "LAMBDA_ROLLOUT",
      message: `a ${strategy} rollout takes no step of ${percent} percent`,
      allowed: sourced(`1 to ${LIMITS.shiftPercent.value} percent`, LIMITS.shiftPercent),
      fix: "lower it, or set rollout.strategy: all-at-once",
    };
  }
  if (!Number.isInteger(minutes)) {
    yield {
      path: ["rollout", "interval"],
      code: "LAMBDA_ROLLOUT",
      message: `CodeDeploy counts in whole minutes, not in ${interval.toString()}`,
      allowed: sourced(`1m to ${LIMITS.shiftMinutes.value}m, whole minutes`, LIMITS.shiftMinutes),
      fix: `for example ${Math.ceil(minutes)}m`,
    };
  }
  if (totalMinutes > LIMITS.shiftMinutes.value) {
    yield {
      path: ["rollout", "interval"],
      code: "LAMBDA_ROLLOUT",
      message: `in steps of ${percent} percent, ${interval.toString()} apart, traffic takes ${Duration.seconds(totalMinutes * 60).toString()} to move`,
      allowed: sourced(
        `at most ${Duration.seconds(LIMITS.shiftMinutes.value * 60).toString()} from the first shift to the last`,
        LIMITS.shiftMinutes,
      ),
      fix: "take larger steps or shorter intervals",
    };
  }
}

/** What a release would do other than one expects. */
function* releases(plan: Plan, { totalMinutes }: Shift): Iterable<Finding> {
  const { rollback } = plan.rollout;
  const total = Duration.seconds(totalMinutes * 60).toString();
  if (rollback && !plan.observability.alarms) {
    yield {
      path: ["observability", "alarms"],
      code: "LAMBDA_ROLLOUT_UNWATCHED",
      message: "is false: a release goes back when CodeDeploy itself fails, not when requests do",
      fix: "remove it, or set rollout.rollback: false",
    };
  } else if (rollback && totalMinutes < ALARM_MINUTES) {
    yield {
      path: ["rollout", "interval"],
      code: "LAMBDA_ROLLOUT_UNWATCHED",
      message: `all traffic has moved after ${total}, before an alarm can fire`,
      allowed: `at least ${ALARM_MINUTES}m from the first shift to the last`,
      fix: "lengthen it",
    };
  }
  if (scales(plan)) {
    yield {
      path: ["rollout", "strategy"],
      code: "LAMBDA_ROLLOUT_SCALING",
      message:
        `for ${total} of each release Lambda refuses to change what is kept warm: ` +
        "policies that act meanwhile fail",
      allowed:
        "all-at-once, or provisioned concurrency without policies (https://github.com/hashicorp/terraform/issues/24957, 2026-11-23)",
      fix: "release while the load is steady, away from the hours of scheduled policies",
    };
  }
}

function* network(plan: Plan): Iterable<Finding> {
  const { existing } = plan.network;
  if (!inVpc(plan)) return;
  if (existing?.subnetIds.length === 1) {
    yield {
      path: ["network", "subnetIds"],
      code: "LAMBDA_SINGLE_ZONE",
      message: "is one subnet, and so one availability zone",
      allowed: "subnets in at least two zones (Security Hub Lambda.5)",
      fix: "add a subnet of another zone",
    };
  }
}
