/**
 * `modelport/stack`: what a target's constructs are made with. Loads cdktf; a target asks for it in `load`.
 * @packageDocumentation
 */
export { ModelStack } from "../stack/model-stack";
export type { Sealed } from "../stack/seal";
export { Shared } from "../foundation/shared";
export type { SharedBucket, SharedNetwork } from "../foundation/foundation-reader";
export type { FoundationPart } from "../foundation/foundation-stack";
export { constructId, resourceName, shortHash } from "../stack/names";
export { containerEnvironment, secretVariable } from "../plan/container-environment";
export { CopiedFolder, type CopiedFolderOptions } from "../artifact/copied-folder";
export { artifactInS3, type ArtifactInS3 } from "../artifact/artifact";
export { pullImages } from "../iam/image";
export { policyJson, type Statement } from "../iam/policy";
export { createServiceRole, existingRole, type ServiceRole, type ServiceRoleOptions } from "../iam/role";
export { readSecrets } from "../iam/secrets";
export { Alarms, toleratedErrorRate, type AlarmSpec } from "../observability/alarms";
export { createDashboard, type Graph, type GraphMetric } from "../observability/dashboard";
export { createLogGroup } from "../observability/log-group";
export { createReplicaSecurityGroup, type ReplicaSecurityGroups } from "../network/security-group";
export {
  createScaling,
  type CloudWatchMetric,
  type MeasuredMetric,
  type RegisteredTarget,
  type ScalableResource,
} from "../scaling/application-auto-scaling";
