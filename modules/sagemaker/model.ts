import { SagemakerModel, type SagemakerModelConfig } from "@cdktf/provider-aws/lib/sagemaker-model";
import type { ArtifactInS3 } from "../artifact/artifact";
import type { Shared } from "../foundation/shared";
import type { ServiceRole } from "../iam/role";
import { containerEnvironment } from "../plan/container-environment";
import type { AwsTargetPlan } from "../plan/plan";
import { contentHash } from "../stack/content-hash";
import type { ModelStack } from "../stack/model-stack";
import { resourceName } from "../stack/names";
import type { Sealed } from "../stack/seal";
import type { VpcAttachment } from "./statements";

/** Characters of a name: SageMaker API model (botocore 1.44.5, 2026-11-17), ModelName and EndpointConfigName. */
const NAME_LIMIT = 63;

/** Room for `-<hash>` and, for an image that only Terraform knows, `-<digest>`. */
const NAME_ROOM = 18;

/** What one of several models in a stack has of its own. */
export interface ModelVariant {
  /** Sets it apart from the others, in its address and its name: letters, digits and hyphens. */
  readonly label: string;
  /** Its image, pinned; null takes the manifest's. */
  readonly imageUri: string | null;
  /** Variables beside those of the manifest, whose values they replace. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface ModelOptions {
  readonly role: ServiceRole;
  readonly artifact: ArtifactInS3 | null;
  readonly networkIsolation: boolean;
  readonly vpc: VpcAttachment | null;
  /** Absent for the manifest's own model, the only one in most stacks. */
  readonly variant?: ModelVariant;
}

export interface NamedModel {
  readonly model: SagemakerModel;
  /** A name that changes with whatever the model is made of, and with what else is given. */
  readonly nameWith: (...more: readonly unknown[]) => string;
}

/** A model cannot be changed in place: another comes under another name, and the old one goes when nothing uses it. */
export function createModel(
  stack: ModelStack,
  plan: Sealed<AwsTargetPlan<unknown>>,
  shared: Shared,
  { role, artifact, networkIsolation, vpc, variant }: ModelOptions,
): NamedModel {
  const ownImage = variant?.imageUri ?? null;
  const { known, suffix } = ownImage === null ? shared.imageIdentity : { known: ownImage, suffix: "" };
  const configuration: SagemakerModelConfig = {
    executionRoleArn: role.arn,
    enableNetworkIsolation: networkIsolation,
    primaryContainer: {
      image: ownImage ?? shared.imageUri,
      ...modelData(artifact),
      environment: { ...containerEnvironment(plan.model), ...variant?.environment },
    },
    ...(vpc === null
      ? {}
      : { vpcConfig: { subnets: vpc.subnetIds, securityGroupIds: vpc.securityGroupIds } }),
  };
  const labels = variant === undefined ? [] : [variant.label];
  const start = resourceName([stack.prefix, ...labels], NAME_LIMIT - NAME_ROOM);
  const tail = suffix === "" ? "" : `-${suffix}`;
  const nameWith = (...more: readonly unknown[]) =>
    `${start}-${contentHash(stack, [...more, configuration, role.identity, known, artifact?.identity, ...labels])}${tail}`;
  const model = new SagemakerModel(stack, ["model", ...labels].join("-"), {
    ...configuration,
    name: nameWith(),
    dependsOn: [...role.dependencies, ...(vpc?.dependencies ?? [])],
    lifecycle: { createBeforeDestroy: true },
  });
  return { model, nameWith };
}

/** An archive by its address; a prefix as a data source, which SageMaker copies as it is. */
function modelData(artifact: ArtifactInS3 | null): SagemakerModelConfig["primaryContainer"] {
  if (artifact === null) return {};
  if (!artifact.uri.endsWith("/")) return { modelDataUrl: artifact.uri };
  return {
    modelDataSource: {
      s3DataSource: [{ s3Uri: artifact.uri, s3DataType: "S3Prefix", compressionType: "None" }],
    },
  };
}
