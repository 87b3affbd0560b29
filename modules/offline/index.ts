export type { Fault, Operation } from "./faults";
export { startOfflineProviders, type OfflineOptions, type OfflineSession } from "./session";
export { Stage, stacksIn } from "./stage";
export { runTerraform } from "./terraform";
