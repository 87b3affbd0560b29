/**
 * modelport as a library: `new ModelDeployment(scope, id, { manifest, target, env })` in any cdktf app.
 * @packageDocumentation
 */
export {
  ModelDeployment,
  type ModelDeploymentProps,
  SharedFoundation,
  type SharedFoundationProps,
} from "./modules/deployment/model-deployment";
export { createApp, optionsFromEnvironment, type AppOptions, type ModelportApp } from "./modules/app/app";
export { formatIssue, ManifestError, type Issue, type Severity } from "./modules/issues/issue";
export { manifestJsonSchema } from "./modules/manifest/json-schema";
export type { Manifest, ManifestInput } from "./modules/manifest/schema";
export type { AwsTargetPlan, EnvironmentPlan, TargetPlan } from "./modules/plan/plan";
export { Duration } from "./modules/units/duration";
export { Size } from "./modules/units/size";
export { ModelStack } from "./modules/stack/model-stack";
export type { Sealed } from "./modules/stack/seal";
export { localState, s3State, type S3StateOptions, type StateBackend } from "./modules/stack/state";
export { Shared } from "./modules/foundation/shared";
export type { FoundationPart } from "./modules/foundation/foundation-stack";
export type { FoundationNeeds, NetworkNeeds } from "./modules/foundation/needs";
export { limit, type Limit } from "./modules/aws/limits";
export { definePolicy, type Policy, type PolicyContext, type Violation } from "./modules/policy/policy";
export type { PolicyStack } from "./modules/policy/policy-stack";
export { policies } from "./policies";
export { targets } from "./targets";
export {
  defineTarget,
  type Capabilities,
  type Target,
  type TargetDefinition,
  type TargetStack,
} from "./targets/target";
export { z } from "zod";
