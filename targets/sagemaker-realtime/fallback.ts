import type { ScalingPolicy } from "../../modules/manifest/schema";
import { Duration } from "../../modules/units/duration";

/** What moves instances where the manifest leaves a range but names no policy, by mode. */
export const FALLBACK = {
  provisioned: {
    type: "target-tracking",
    metric: "cpu",
    target: 70,
    scaleInCooldown: Duration.seconds(300),
    scaleOutCooldown: Duration.seconds(60),
  },
  serverless: null,
  async: {
    type: "target-tracking",
    metric: "concurrency",
    target: 5,
    scaleInCooldown: Duration.seconds(600),
    scaleOutCooldown: Duration.seconds(300),
  },
} as const satisfies Readonly<Record<string, ScalingPolicy | null>>;
