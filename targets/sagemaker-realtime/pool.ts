import type { ScalingPolicy } from "../../modules/manifest/schema";
import type { AwsTargetPlan, PlannedScaling } from "../../modules/plan/plan";
import type { Options } from "./options";
import { type PlannedVariant, variantsOf } from "./variant";

type Plan = AwsTargetPlan<Options>;
type Scaling = PlannedScaling & { readonly policies: readonly ScalingPolicy[] };

/** The variants that answer. */
export function productionVariants(plan: Plan): readonly PlannedVariant[] {
  return variantsOf(plan).filter(({ kind }) => kind !== "shadow");
}

/** The variant that gets copies; undefined where there is none. */
export function shadowVariant(plan: Plan): PlannedVariant | undefined {
  return variantsOf(plan).find(({ kind }) => kind === "shadow");
}

/** Whether the minimum, at some hour at least, is zero. */
export function reachesZero({ scaling }: Pick<Plan, "scaling">): boolean {
  return (
    scaling.min === 0 || scaling.policies.some((policy) => policy.type === "scheduled" && policy.min === 0)
  );
}

/**
 * The instances of all variants as one pool: their ranges added up. Requests are spread by share, so that a pool waits a
 * little less than its parts would.
 */
export function pooledScaling(plan: Plan): Scaling {
  const production = productionVariants(plan);
  const [first] = production;
  if (first === undefined || production.length === 1) return plan.scaling;
  const common = production.filter(({ scaling }) => scaling === plan.scaling).length;
  const own = production.filter(({ scaling }) => scaling !== plan.scaling).map(({ scaling }) => scaling);
  const min = own.reduce((sum, scaling) => sum + scaling.min, 0);
  const max = own.reduce((sum, scaling) => sum + scaling.max, 0);
  return {
    min: common * plan.scaling.min + min,
    max: common * plan.scaling.max + max,
    // Only a scheduled policy states numbers of the whole; it leaves a variant's own range alone.
    policies: plan.scaling.policies.map((policy) =>
      policy.type === "scheduled"
        ? {
            ...policy,
            ...(policy.min === undefined ? {} : { min: common * policy.min + min }),
            ...(policy.max === undefined ? {} : { max: common * policy.max + max }),
          }
        : policy,
    ),
  };
}
