import { docker } from "./docker";
import { ecsFargate } from "./ecs-fargate";
import { eks } from "./eks";
import { lambda } from "./lambda";
import { sagemakerBatch } from "./sagemaker-batch";
import { sagemakerRealtime } from "./sagemaker-realtime";
import type { Target } from "./target";

/** Every target that comes with modelport, in the order in which they are listed. */
export const targets: readonly Target[] = [
  sagemakerRealtime,
  lambda,
  ecsFargate,
  eks,
  sagemakerBatch,
  docker,
];
