export type { Fault, Operation } from "./faults";
export { startOfflineProviders, type OfflineOptions, type OfflineSession } from "./session";
export {
  PLACEHOLDER_DIGEST,
  producersOf,
  Stage,
  stacksIn,
  type StagedPlan,
  type StageOptions,
} from "./stage";
export { runTerraform } from "./terraform";
export { schemaCacheDir } from "./cache-dir";
export { rehearse, type RehearsedStack, type Rehearsal } from "./rehearsal";
