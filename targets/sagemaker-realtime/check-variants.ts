import { type Finding, type ManifestPath, show } from "../../modules/issues/issue";
import { deviceOf } from "../../modules/neo/compilation";
import { runsOn } from "../../modules/neo/devices";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import { isInf1 } from "./features";
import { LIMITS, sourced } from "./limits";
import type { Options } from "./options";
import { OPTIONS, type PlannedVariant, rest, VARIANT, variantsOf } from "./variant";

type Plan = AwsTargetPlan<Options>;

/** What SageMaker would refuse, or quietly do otherwise, of several variants, of a shadow, and of their updates. */
export function* checkVariants(plan: Plan): Iterable<Finding> {
  if (plan.options.mode === "serverless") return;
  yield* names(plan);
  yield* shares(plan);
  yield* shadow(plan);
  yield* guardrails(plan);
  yield* disks(plan);
  yield* alarms(plan);
  for (const variant of variantsOf(plan)) {
    if (variant.kind === "main") continue;
    yield* image(variant);
    yield* compilation(plan, variant);
    yield* scaling(plan, variant);
  }
}

function* names({ options: { variants = [] } }: Plan): Iterable<Finding> {
  const seen = new Set([VARIANT.toLowerCase()]);
  for (const [index, { name }] of variants.entries()) {
    if (seen.has(name.toLowerCase())) {
      yield {
        path: [...OPTIONS, "variants", index, "name"],
        code: "SAGEMAKER_VARIANTS",
        message:
          name.toLowerCase() === VARIANT.toLowerCase()
            ? `${show(name)} is the main variant`
            : `a second variant ${show(name)}`,
        allowed: "a name of its own, whatever its case",
        fix: "choose another name",
      };
    }
    seen.add(name.toLowerCase());
  }
}

function* shares({ options: { variants = [] } }: Plan): Iterable<Finding> {
  if (rest(variants) >= 0) return;
  yield {
    path: [...OPTIONS, "variants", variants.length - 1, "percent"],
    code: "SAGEMAKER_VARIANTS",
    message: `the variants' shares add up to ${100 - rest(variants)} percent`,
    allowed: "at most 100 percent in all; the main variant takes what is left",
  };
}

function* shadow(plan: Plan): Iterable<Finding> {
  const { options } = plan;
  if (options.shadow === undefined) return;
  if (options.variants !== undefined) {
    yield {
      path: [...OPTIONS, "shadow"],
      code: "SAGEMAKER_SHADOW",
      message: "a shadow copies the requests of one production variant, and there are several",
      allowed: sourced("one production variant and one shadow variant", LIMITS.shadowsMax),
      fix: "remove variants, or shadow",
      atKey: true,
    };
  }
  for (const { kind, instance, instanceType, path } of variantsOf(plan)) {
    if (!isInf1(instance?.type) || (kind !== "main" && instanceType === null)) continue;
    yield {
      path: [...path, "instanceType"],
      code: "SAGEMAKER_SHADOW",
      message: `${instance?.type ?? ""} does not run beside a shadow variant`,
      allowed: sourced("an instance type other than ml.inf1", LIMITS.shadowInf1),
    };
  }
}

function* guardrails(plan: Plan): Iterable<Finding> {
  const { options, rollout } = plan;
  const variants = variantsOf(plan);
  if (rollout.strategy === "rolling" && variants.length > LIMITS.rollingVariantsMax.value) {
    yield {
      path: ["rollout", "strategy"],
      code: "SAGEMAKER_GUARDRAILS",
      message: `an endpoint with ${variants.length} variants has no rolling rollout`,
      allowed: sourced("all-at-once, canary, linear", LIMITS.rollingVariantsMax),
    };
  }
  for (const { kind, instance, instanceType, path } of variants) {
    if (!isInf1(instance?.type) || (kind !== "main" && instanceType === null)) continue;
    const type = instance?.type ?? "";
    if (options.mode === "async") {
      yield {
        path: [...path, "instanceType"],
        code: "SAGEMAKER_INSTANCE_TYPE",
        message: `asynchronous inference does not run on ${type}`,
        allowed: sourced("an instance type other than ml.inf1", LIMITS.asyncInf1),
      };
    } else if (rollout.strategy !== "all-at-once") {
      yield {
        path: ["rollout", "strategy"],
        code: "SAGEMAKER_GUARDRAILS",
        message: `SageMaker updates ${type} all at once, with no ${rollout.strategy} rollout`,
        allowed: sourced("all-at-once", LIMITS.guardedInf1),
        fix: "set rollout.strategy: all-at-once, or take ml.inf2",
      };
    } else if (rollout.rollback && plan.observability.alarms) {
      yield {
        path: [...path, "instanceType"],
        code: "SAGEMAKER_UNGUARDED",
        message: `no alarm rolls back an update on ${type}, and the old instances go at once`,
        allowed: sourced("an instance type other than ml.inf1", LIMITS.guardedInf1),
        fix: "take ml.inf2, or set rollout.rollback: false to say that you know",
      };
    }
  }
}

/** One configuration has one key, for the volumes of all of its variants. */
function* disks(plan: Plan): Iterable<Finding> {
  const [main, ...others] = variantsOf(plan);
  const hasNvme = ({ instance }: PlannedVariant) => (instance?.localNvmeGb ?? 0) > 0;
  if (main.instance === undefined) return;
  for (const variant of others) {
    if (variant.instance === undefined || hasNvme(variant) === hasNvme(main)) continue;
    const [nvme, ebs] = hasNvme(main) ? [main.instance, variant.instance] : [variant.instance, main.instance];
    yield {
      path: [...variant.path, "instanceType"],
      code: "SAGEMAKER_VARIANTS",
      message:
        `${nvme.type} has local NVMe, for which SageMaker takes no key, and ${ebs.type} has volumes, which would stay ` +
        "without the key",
      allowed: "instance types that all have local NVMe, or all have none",
    };
  }
}

function* alarms(plan: Plan): Iterable<Finding> {
  const { observability, rollout, workload } = plan;
  if (!observability.alarms || !rollout.rollback) return;
  const production = variantsOf(plan).filter(({ kind }) => kind !== "shadow").length;
  const count = production * (workload?.slo === undefined ? 1 : 2);
  if (production === 1 || count <= LIMITS.rollbackAlarmsMax.value) return;
  yield {
    path: [...OPTIONS, "variants"],
    code: "SAGEMAKER_VARIANTS",
    message: `${production} variants have ${count} alarms, more than can roll an update back`,
    allowed: sourced(`at most ${LIMITS.rollbackAlarmsMax.value} alarms`, LIMITS.rollbackAlarmsMax),
    fix: "have fewer variants, remove workload.slo, or set rollout.rollback: false",
    atKey: true,
  };
}

function* image({ image: own, path: place }: PlannedVariant): Iterable<Finding> {
  if (own === null) return;
  const path: ManifestPath = [...place, "image"];
  const { reference } = own;
  if (reference === null) {
    yield { path, code: "FORMAT", message: `${show(own.uri)} is no image reference` };
  } else if (reference.ecr === undefined) {
    yield {
      path,
      code: "IMAGE_REGISTRY",
      message: `SageMaker pulls from Amazon ECR only, not from ${reference.registry}`,
      allowed: "an image in a private ECR registry",
      fix: "copy the image to ECR",
    };
  } else if (reference.digest === undefined) {
    const latest = reference.tag === undefined || reference.tag === "latest";
    yield {
      path,
      code: latest ? "IMAGE_LATEST" : "IMAGE_NOT_PINNED",
      // What variants are compared by must not move; POLICY_IMAGE_PINNED lets go the tag of model.image only.
      severity: "error",
      message: latest
        ? `${show(own.uri)} names no fixed image`
        : `the tag "${reference.tag ?? ""}" can be moved to another image`,
      fix: "append the digest: @sha256:..., as `docker buildx imagetools inspect` shows it",
    };
  }
}

/** SageMaker Neo compiles one artifact for one kind of processor: the manifest's, for the main variant. */
function* compilation(
  plan: Plan,
  { artifact, instance, instanceType, path }: PlannedVariant,
): Iterable<Finding> {
  const { optimize } = plan.model;
  if (optimize === null) return;
  if (artifact !== null) {
    yield {
      path: [...path, "artifact"],
      code: "SAGEMAKER_VARIANTS",
      message: "model.optimize.neo compiles model.artifact, and would leave this one as it is",
      allowed: "no artifact of its own beside model.optimize",
      fix: "compile the model yourself, or remove model.optimize.neo",
    };
  }
  const [main] = variantsOf(plan);
  const device = main.instance === undefined ? undefined : deviceOf(optimize.neo, main.instance.type);
  if (instanceType === null || instance === undefined || device === undefined) return;
  if (runsOn(device, instance.type)) return;
  yield {
    path: [...path, "instanceType"],
    code: "SAGEMAKER_VARIANTS",
    message: `the model is compiled for ${device.device}, on which ${instance.type} does not run it`,
    allowed: `an instance type of the family ${device.family}`,
  };
}

function* scaling(plan: Plan, variant: PlannedVariant): Iterable<Finding> {
  const index = variant.path.at(-1);
  const given = typeof index === "number" ? plan.options.variants?.[index]?.scaling : undefined;
  if (given === undefined) return;
  const { min, max, policies } = variant.scaling;
  if (max < min) {
    yield {
      path: [...variant.path, "scaling", "max"],
      code: "ORDER",
      message: `${max} is less than min, which is ${min}`,
      allowed: `at least ${min}`,
    };
  } else if (max > min && policies.length === 0) {
    yield {
      path: [...variant.path, "scaling"],
      code: "SAGEMAKER_VARIANTS",
      message: `nothing moves ${variant.name} between ${min} and ${max} instances: schedules leave an own range alone`,
      allowed: "max equal to min, or a target-tracking or step policy in scaling.policies",
      fix: "remove max, or add a policy",
    };
  }
}
