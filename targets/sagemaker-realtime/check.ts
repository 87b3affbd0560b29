import type { CodeDescription, Finding, ManifestPath } from "../../modules/issues/issue";
import { show } from "../../modules/issues/issue";
import { nearest } from "../../modules/issues/nearest";
import { sageMakerInstance, sageMakerInstances } from "../../modules/aws/instances";
import { checkCompilation, NEO_CODES } from "../../modules/neo/check";
import { secretVariable } from "../../modules/plan/container-environment";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import { Duration } from "../../modules/units/duration";
import {
  DEFAULT_SERVERLESS_CONCURRENCY,
  fittingInstances,
  holds,
  instanceOf as chosenInstance,
  serverlessMemory,
} from "./capacity";
import { checkVariants } from "./check-variants";
import { LIMITS, SERVERLESS_MEMORY, sourced } from "./limits";
import { MODES_OF_OPTION, type Options } from "./options";
import { OPTIONS, type PlannedVariant, variantsOf } from "./variant";

const error = (summary: string): CodeDescription => ({ summary, severity: "error" });

export const CODES = {
  SAGEMAKER_OPTION_MODE: error("An option that the endpoint's mode does not have."),
  SAGEMAKER_INSTANCE_TYPE: error(
    "An instance type that SageMaker hosting does not have, or none fits the resources.",
  ),
  SAGEMAKER_INSTANCE_FIT: error("The instance type is smaller than one replica, or of another architecture."),
  SAGEMAKER_VOLUME: error("A volume size on an instance type with local NVMe, or two sizes that differ."),
  SAGEMAKER_SERVERLESS_MEMORY: error("A memory size that serverless inference does not offer."),
  SAGEMAKER_SERVERLESS_FEATURE: error("Something that serverless inference does not have."),
  SAGEMAKER_PROVISIONED_CONCURRENCY: error(
    "Provisioned concurrency above the maximum, or scaled without being provisioned.",
  ),
  SAGEMAKER_ARTIFACT: error("An artifact that is neither model.tar.gz nor, as a prefix, uncompressed files."),
  SAGEMAKER_STARTUP: error("The container needs longer to start than SageMaker waits."),
  SAGEMAKER_ENVIRONMENT: error("More environment variables, or longer ones, than SageMaker takes."),
  SAGEMAKER_ISOLATED_SECRETS: error("A container without network cannot read its secrets."),
  SAGEMAKER_ROLLOUT: error("A rollout step or interval outside of what SageMaker takes."),
  SAGEMAKER_VARIANTS: error("Variants whose names, shares, instances or scaling do not go together."),
  SAGEMAKER_SHADOW: error(
    "A shadow variant beside something that SageMaker does not have together with one.",
  ),
  SAGEMAKER_GUARDRAILS: error("A rollout that SageMaker does not do with these variants or instances."),
  SAGEMAKER_UNGUARDED: {
    summary: "Instances on which SageMaker updates all at once and does not go back when an alarm fires.",
    severity: "warning",
  },
  SAGEMAKER_SCALING_POLICIES: error("Two target-tracking policies on one metric, which fight each other."),
  ...NEO_CODES,
} as const;

type Plan = AwsTargetPlan<Options>;

/** What SageMaker would refuse at apply. */
export function* check(plan: Plan): Iterable<Finding> {
  yield* optionsOfMode(plan);
  if (plan.options.mode === "serverless") yield* serverless(plan);
  else yield* instances(plan);
  yield* artifacts(plan);
  if (plan.options.mode === "provisioned")
    yield* checkCompilation(plan, chosenInstance(plan, plan.options)?.type);
  yield* environment(plan);
  yield* checkVariants(plan);
  yield* rollout(plan);
  yield* duplicateMetrics(plan);
}

function* optionsOfMode({ options }: Plan): Iterable<Finding> {
  for (const [name, modes] of Object.entries(MODES_OF_OPTION)) {
    if (options[name as keyof Options] === undefined || modes.includes(options.mode)) continue;
    yield {
      path: [...OPTIONS, name],
      code: "SAGEMAKER_OPTION_MODE",
      message: `has no meaning in mode ${options.mode}`,
      allowed: `mode ${modes.join(" or ")}`,
      fix: `remove ${name}, or set mode: ${modes[0] ?? ""}`,
      atKey: true,
    };
  }
}

function* instances(plan: Plan): Iterable<Finding> {
  const { options, model } = plan;
  for (const variant of variantsOf(plan)) {
    if (variant.kind === "main" || variant.instanceType !== null) yield* instanceOf(plan, variant);
  }
  yield* volume(plan);
  if (Object.keys(model.secrets).length > 0 && options.networkIsolation === true) {
    yield {
      path: ["model", "secrets"],
      code: "SAGEMAKER_ISOLATED_SECRETS",
      message: "the container is cut off from every network and cannot read its secrets",
      fix: "remove targets.sagemaker-realtime.networkIsolation, or set it to false",
    };
  }
}

function* instanceOf(plan: Plan, { instance, instanceType, path }: PlannedVariant): Iterable<Finding> {
  const { options, resources } = plan;
  const fitting = fittingInstances(plan).map(({ type }) => type);
  const offered = fitting.slice(0, 4).join(", ");
  if (instance?.hosting !== true) {
    const known = sageMakerInstances().flatMap(({ type, hosting }) => (hosting ? [type] : []));
    const similar = instanceType === null ? undefined : nearest(instanceType, known);
    yield {
      path: instanceType === null ? ["resources"] : [...path, "instanceType"],
      code: "SAGEMAKER_INSTANCE_TYPE",
      message:
        instanceType === null
          ? `no common instance type has ${resources.cpu} vCPUs, ${resources.memory.toString()} and ${resources.gpu} GPUs on ${resources.architecture}`
          : `${show(instanceType)} ${sageMakerInstance(instanceType) === undefined ? "is no SageMaker instance type" : "is not offered for hosting"}`,
      allowed: sourced(
        fitting.length > 0 ? `for example ${offered}` : "a type of ProductionVariantInstanceType",
        LIMITS.vcpus,
      ),
      ...(similar === undefined
        ? { fix: "name an instanceType that fits, or lower resources" }
        : { fix: `did you mean "${similar}"?` }),
    };
    return;
  }
  if (!holds(instance, plan)) {
    const { vcpu, memoryGiB, gpus, architecture } = instance;
    yield {
      path: [...path, "instanceType"],
      code: "SAGEMAKER_INSTANCE_FIT",
      message:
        `${instance.type} has ${vcpu} vCPUs, ${memoryGiB}Gi, ${gpus} GPUs on ${architecture}; one replica needs ` +
        `${resources.cpu} vCPUs, ${resources.memory.toString()}, ${resources.gpu} GPUs on ${resources.architecture}`,
      ...(offered === "" ? {} : { allowed: `for example ${offered}` }),
      fix: "choose a larger type, or lower resources",
    };
  }
  const size = options.volumeSize ?? resources.storage;
  if (size !== null && instance.localNvmeGb > 0) {
    const sizePath = volumePath(plan);
    yield {
      path: sizePath,
      code: "SAGEMAKER_VOLUME",
      message: `${instance.type} has local NVMe of ${instance.localNvmeGb} GB; its size cannot be chosen`,
      fix: `remove ${sizePath.join(".")}, or use an instance type without local storage`,
    };
  }
}

function volumePath({ options }: Plan): ManifestPath {
  return options.volumeSize === undefined ? ["resources", "storage"] : [...OPTIONS, "volumeSize"];
}

function* volume(plan: Plan): Iterable<Finding> {
  const { options, resources } = plan;
  const size = options.volumeSize ?? resources.storage;
  if (
    options.volumeSize !== undefined &&
    resources.storage !== null &&
    options.volumeSize.bytes < resources.storage.bytes
  ) {
    yield {
      path: volumePath(plan),
      code: "SAGEMAKER_VOLUME",
      message: `${options.volumeSize.toString()} is less than resources.storage, which is ${resources.storage.toString()}`,
      fix: "remove volumeSize, or raise it",
    };
  }
  if (size !== null && !Number.isInteger(size.gibibytes)) {
    yield {
      path: volumePath(plan),
      code: "SAGEMAKER_VOLUME",
      message: `${size.toString()} is no whole number of GiB`,
      allowed: sourced("1Gi to 512Gi in steps of 1Gi", LIMITS.volumeMax),
      fix: `for example ${Math.ceil(size.gibibytes)}Gi`,
    };
  }
}

function* serverless(plan: Plan): Iterable<Finding> {
  const { options, resources, network, model, scaling } = plan;
  const memory = serverlessMemory(plan, options);
  const sizes = SERVERLESS_MEMORY.map((mebibytes) => `${mebibytes / 1024}Gi`).join(", ");
  if (memory === undefined) {
    yield {
      path: ["resources", "cpu"],
      code: "SAGEMAKER_SERVERLESS_MEMORY",
      message: `no serverless size has ${resources.cpu} vCPUs and ${resources.memory.toString()}`,
      allowed: sourced("up to 6 vCPUs and 6Gi", LIMITS.serverlessVcpus),
      fix: "lower resources, or set mode: provisioned",
    };
  } else if (!SERVERLESS_MEMORY.some((size) => size === memory)) {
    yield {
      path: [...OPTIONS, "memory"],
      code: "SAGEMAKER_SERVERLESS_MEMORY",
      message: `${options.memory?.toString() ?? ""} is not offered`,
      allowed: sourced(sizes, LIMITS.serverlessMemory),
    };
  } else if (memory < resources.memory.mebibytes) {
    yield {
      path: [...OPTIONS, "memory"],
      code: "SAGEMAKER_SERVERLESS_MEMORY",
      message: `${options.memory?.toString() ?? ""} is less than resources.memory, which is ${resources.memory.toString()}`,
      allowed: sourced(sizes, LIMITS.serverlessMemory),
      fix: "remove memory, or lower resources.memory",
    };
  }
  const lacks: [unknown, ManifestPath, string][] = [
    [network.existing, ["network", "vpcId"], "has no VPC configuration"],
    [
      network.securityGroupIds.length > 0 ? true : null,
      ["network", "securityGroupIds"],
      "has no VPC configuration",
    ],
  ];
  for (const [value, path, message] of lacks) {
    if (value === null) continue;
    yield {
      path,
      code: "SAGEMAKER_SERVERLESS_FEATURE",
      message: `serverless inference ${message}`,
      fix: `remove ${path.join(".")}, or set mode: provisioned`,
    };
  }
  if (resources.architecture !== "x86_64") {
    yield {
      path: ["resources", "architecture"],
      code: "SAGEMAKER_SERVERLESS_FEATURE",
      message: "serverless inference runs x86_64 images only",
      fix: "set mode: provisioned with a Graviton instance type",
    };
  }
  const most = options.maxConcurrency ?? DEFAULT_SERVERLESS_CONCURRENCY;
  const provisioned = options.provisionedConcurrency;
  if (provisioned !== undefined && provisioned > most) {
    yield {
      path: [...OPTIONS, "provisionedConcurrency"],
      code: "SAGEMAKER_PROVISIONED_CONCURRENCY",
      message: `${provisioned} is more than maxConcurrency, which is ${most}`,
      allowed: `1 to ${most}`,
    };
  }
  if (scaling.policies.length > 0 && (provisioned === undefined || scaling.max > most || scaling.min < 1)) {
    yield {
      path:
        provisioned === undefined
          ? [...OPTIONS, "provisionedConcurrency"]
          : ["scaling", scaling.min < 1 ? "min" : "max"],
      code: "SAGEMAKER_PROVISIONED_CONCURRENCY",
      message:
        provisioned === undefined
          ? "scaling policies move provisioned concurrency, and none is provisioned"
          : `provisioned concurrency cannot move between ${scaling.min} and ${scaling.max}`,
      allowed: `1 to maxConcurrency, which is ${most}`,
      fix:
        provisioned === undefined
          ? "add provisionedConcurrency, or remove scaling.policies"
          : "change scaling, or maxConcurrency",
    };
  }
  if (model.server.startup.seconds > LIMITS.serverlessStartupSeconds.value) {
    yield {
      path: ["model", "server", "startup"],
      code: "SAGEMAKER_STARTUP",
      message: `serverless inference does not wait ${model.server.startup.toString()} for the first /ping`,
      allowed: sourced("at most 3m", LIMITS.serverlessStartupSeconds),
      fix: "set mode: provisioned",
    };
  }
}

function* artifacts(plan: Plan): Iterable<Finding> {
  const given = plan.model.artifact;
  if (given?.kind === "s3") yield* artifact(plan, given, ["model", "artifact"]);
  for (const { artifact: own, path } of variantsOf(plan)) {
    if (own !== null) yield* artifact(plan, own, [...path, "artifact"]);
  }
}

function* artifact(
  { options }: Plan,
  { uri, key }: { readonly uri: string; readonly key: string },
  path: ManifestPath,
): Iterable<Finding> {
  const prefix = key.endsWith("/");
  if (key.endsWith(".tar.gz") || (prefix && options.mode !== "serverless")) return;
  yield {
    path,
    code: "SAGEMAKER_ARTIFACT",
    message: prefix
      ? `${show(uri)} holds uncompressed files, which serverless inference does not take`
      : `${show(uri)} is no model.tar.gz`,
    allowed:
      options.mode === "serverless"
        ? "s3://bucket/key.tar.gz"
        : "s3://bucket/key.tar.gz, or s3://bucket/prefix/ with uncompressed files",
  };
}

function* environment(plan: Plan): Iterable<Finding> {
  const { environment: shared, secrets } = plan.model;
  for (const { kind, environment: own, path } of variantsOf(plan)) {
    const place: ManifestPath = kind === "main" ? ["model", "environment"] : [...path, "environment"];
    const all = new Set([
      ...Object.keys(shared),
      ...Object.keys(own),
      ...Object.keys(secrets).map(secretVariable),
    ]);
    if (all.size > LIMITS.environmentEntries.value && (kind === "main" || Object.keys(own).length > 0)) {
      yield {
        path: place,
        code: "SAGEMAKER_ENVIRONMENT",
        message: `has ${all.size} variables, secrets included`,
        allowed: sourced(`at most ${LIMITS.environmentEntries.value}`, LIMITS.environmentEntries),
      };
    }
    for (const [name, value] of Object.entries(kind === "main" ? shared : own)) {
      if (value.length <= LIMITS.environmentValue.value) continue;
      yield {
        path: [...place, name],
        code: "SAGEMAKER_ENVIRONMENT",
        message: `has ${value.length} characters`,
        allowed: sourced(`at most ${LIMITS.environmentValue.value} characters`, LIMITS.environmentValue),
      };
    }
  }
}

/** Percent that each strategy takes as a step. */
const STEPS = {
  canary: { min: 1, max: LIMITS.canaryMax.value, limit: LIMITS.canaryMax },
  linear: { min: LIMITS.linearMin.value, max: LIMITS.linearMax.value, limit: LIMITS.linearMax },
  rolling: { min: LIMITS.rollingMin.value, max: LIMITS.rollingMax.value, limit: LIMITS.rollingMax },
} as const;

function* rollout(plan: Plan): Iterable<Finding> {
  const { strategy, step, interval } = plan.rollout;
  if (plan.options.mode === "serverless") return;
  if (strategy !== "all-at-once") {
    const { min, max, limit } = STEPS[strategy];
    const offered = step >= min && step <= max;
    if (!offered) {
      yield {
        path: ["rollout", "step"],
        code: "SAGEMAKER_ROLLOUT",
        message: `a ${strategy} rollout takes no step of ${step} percent`,
        allowed: sourced(`${min} to ${max} percent`, limit),
      };
    }
    if (interval.seconds > LIMITS.intervalSeconds.value) {
      yield {
        path: ["rollout", "interval"],
        code: "SAGEMAKER_ROLLOUT",
        message: `SageMaker does not wait ${interval.toString()} between steps`,
        allowed: sourced(
          `at most ${Duration.seconds(LIMITS.intervalSeconds.value).toString()}`,
          LIMITS.intervalSeconds,
        ),
      };
    }
    if (!offered || interval.seconds > LIMITS.intervalSeconds.value) return;
  }
  const waits = rolloutWaits(plan);
  if (waits < LIMITS.updateSeconds.value) return;
  yield {
    path: strategy === "all-at-once" ? [...OPTIONS, "terminationWait"] : ["rollout", "interval"],
    code: "SAGEMAKER_ROLLOUT",
    message:
      `the rollout's steps and terminationWait add up to ${Duration.seconds(waits).toString()} of waiting: ` +
      "an apply gives up before it ends",
    allowed: sourced("less than 1h in all, with time left for instances to start", LIMITS.updateSeconds),
    fix:
      strategy === "all-at-once"
        ? "shorten it"
        : "take larger steps, shorter intervals or a shorter terminationWait",
  };
}

/** Seconds that a rollout waits between its steps and before the old fleet goes. */
export function rolloutWaits({ rollout: { strategy, step, interval }, options }: Plan): number {
  const waits = strategy === "all-at-once" ? 0 : strategy === "canary" ? 1 : Math.ceil(100 / step);
  const old = strategy === "rolling" ? 0 : options.terminationWait.seconds;
  return waits * interval.seconds + old;
}

function* duplicateMetrics({ scaling }: Plan): Iterable<Finding> {
  const seen = new Set<string>();
  for (const [index, policy] of scaling.policies.entries()) {
    if (policy.type !== "target-tracking") continue;
    if (seen.has(policy.metric)) {
      yield {
        path: ["scaling", "policies", index, "metric"],
        code: "SAGEMAKER_SCALING_POLICIES",
        message: `a second target-tracking policy on ${policy.metric}`,
        allowed: "one per metric",
        fix: "remove one of the two",
      };
    }
    seen.add(policy.metric);
  }
}
