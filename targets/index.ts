import { lambda } from "./lambda";
import { sagemakerRealtime } from "./sagemaker-realtime";
import type { Target } from "./target";

/** Every target that comes with modelport, in the order in which they are listed. */
export const targets: readonly Target[] = [sagemakerRealtime, lambda];
