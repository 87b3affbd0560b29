import { type ImageReference, parseImageReference } from "../../modules/aws/image-reference";
import { type SageMakerInstance, sageMakerInstance } from "../../modules/aws/instances";
import type { ManifestPath } from "../../modules/issues/issue";
import type { ScalingPolicy } from "../../modules/manifest/schema";
import type { PlannedArtifact, PlannedScaling, TargetPlan } from "../../modules/plan/plan";
import { instanceOf } from "./capacity";
import type { Options } from "./options";

/**
 * SageMaker's own name for an only variant, and the name of the main one beside others; scaling, alarms and callers
 * refer to it.
 */
export const VARIANT = "AllTraffic";

/** The name of the shadow variant. */
export const SHADOW = "Shadow";

/** One variant of the endpoint. What is null here is the main variant's. */
export interface PlannedVariant {
  /** As SageMaker calls it. */
  readonly name: string;
  /** For names and ids of what belongs to it; null for the main variant, whose names say nothing of variants. */
  readonly label: string | null;
  readonly kind: "main" | "production" | "shadow";
  /** Where the manifest describes it. */
  readonly path: ManifestPath;
  /** Its share of the requests is its weight among those of all; a shadow's is relative to the main variant's. */
  readonly weight: number;
  readonly image: { readonly uri: string; readonly reference: ImageReference | null } | null;
  readonly artifact: Extract<PlannedArtifact, { kind: "s3" }> | null;
  /** Variables beside those of the model. */
  readonly environment: Readonly<Record<string, string>>;
  /** Undefined where none fits, the one named does not exist, or the mode has none. */
  readonly instance: SageMakerInstance | undefined;
  /** As the manifest names it for this variant; null where it does not. */
  readonly instanceType: string | null;
  /** Its range of instances, with what moves them; a shadow has a fixed number. */
  readonly scaling: PlannedScaling & { readonly policies: readonly ScalingPolicy[] };
}

type Given = NonNullable<Options["variants"]>[number];
type Parts = Pick<Given, "image" | "artifact" | "environment" | "instanceType">;

/** Where the target's options stand. */
export const OPTIONS: ManifestPath = ["targets", "sagemaker-realtime"];

/** The endpoint's variants: the main one, then the others by name, so that their order in the manifest shows nowhere. */
export function variantsOf(
  plan: TargetPlan<Options>,
): readonly [main: PlannedVariant, ...others: PlannedVariant[]] {
  const { options, scaling } = plan;
  const { variants = [], shadow } = options;
  const instance = options.mode === "serverless" ? undefined : instanceOf(plan, options);
  const main: PlannedVariant = {
    name: VARIANT,
    label: null,
    kind: "main",
    path: OPTIONS,
    weight: variants.length === 0 ? 1 : rest(variants),
    image: null,
    artifact: null,
    environment: {},
    instance,
    instanceType: options.instanceType ?? null,
    scaling,
  };
  const others = variants.map((given, index): PlannedVariant => ({
    ...partsOf(given, instance),
    name: given.name,
    label: given.name,
    kind: "production",
    path: [...OPTIONS, "variants", index],
    weight: given.percent,
    scaling: scalingOf(given, scaling),
  }));
  others.sort((a, b) => (a.name < b.name ? -1 : 1));
  if (shadow === undefined) return [main, ...others];
  const instances = shadow.instances ?? Math.max(scaling.min, 1);
  return [
    main,
    ...others,
    {
      ...partsOf(shadow, instance),
      name: SHADOW,
      label: SHADOW,
      kind: "shadow",
      path: [...OPTIONS, "shadow"],
      weight: rounded(shadow.percent / 100),
      scaling: { min: instances, max: instances, policies: [] },
    },
  ];
}

function partsOf(
  { image, artifact, environment, instanceType }: Parts,
  main: SageMakerInstance | undefined,
): Pick<PlannedVariant, "image" | "artifact" | "environment" | "instance" | "instanceType"> {
  const parsed = image === undefined ? undefined : parseImageReference(image);
  return {
    image: image === undefined ? null : { uri: image, reference: parsed?.ok === true ? parsed.image : null },
    artifact: artifact === undefined ? null : inS3(artifact),
    environment: Object.fromEntries(Object.entries(environment).sort(([a], [b]) => (a < b ? -1 : 1))),
    instance: instanceType === undefined ? main : sageMakerInstance(instanceType),
    instanceType: instanceType ?? null,
  };
}

function inS3(uri: string): Extract<PlannedArtifact, { kind: "s3" }> {
  const path = uri.slice("s3://".length);
  const slash = path.indexOf("/");
  return slash < 0
    ? { kind: "s3", uri, bucket: path, key: "" }
    : { kind: "s3", uri, bucket: path.slice(0, slash), key: path.slice(slash + 1) };
}

/** A schedule sets a range of its own, which would take the place of the variant's. */
function scalingOf({ scaling: own }: Given, all: PlannedVariant["scaling"]): PlannedVariant["scaling"] {
  if (own === undefined) return all;
  const { min, max = min } = own;
  const policies = max > min ? all.policies.filter(({ type }) => type !== "scheduled") : [];
  return { min, max, policies };
}

/** Percent that is left to the main variant. */
export function rest(variants: readonly Pick<Given, "percent">[]): number {
  return rounded(100 - variants.reduce((sum, { percent }) => sum + percent, 0));
}

/** So that 100 - 33.3 - 33.3 is 33.4. */
function rounded(value: number): number {
  return Number(value.toFixed(6));
}
