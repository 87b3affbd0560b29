/**
 * `modelport/target`: what a target's options, limits and checks are made with. Loads no cdktf, so that `validate` and
 * `schema` stay quick with plug-ins; the constructs of a target take `modelport/stack`.
 * @packageDocumentation
 */
export {
  defineTarget,
  type Capabilities,
  type Target,
  type TargetDefinition,
  type TargetStack,
} from "../../targets/target";
/** The zod that modelport itself uses: a target's options are made with it. */
export { z } from "zod";
export {
  arn,
  duration,
  field,
  iamRoleArn,
  kmsKeyArn,
  percent,
  relativePath,
  s3Uri,
  size,
  spelled,
  type FieldMeta,
} from "../manifest/fields";
export { limit, type Limit } from "../aws/limits";
export { Duration } from "../units/duration";
export { Size } from "../units/size";
export type { CodeDescription, Finding, ManifestPath, Severity } from "../issues/issue";
export type {
  AwsTargetPlan,
  EnvironmentPlan,
  PlannedArtifact,
  PlannedImage,
  PlannedRegion,
  TargetPlan,
} from "../plan/plan";
export type { FoundationNeeds, NetworkNeeds } from "../foundation/needs";
export { containerEnvironment, secretVariable } from "../plan/container-environment";
