import { scalingAlarmMetrics } from "../../modules/charges/monitoring";
import { cloudWatchScaling, fixedReplicas } from "../../modules/charges/scaling";
import type { ScalingPolicy } from "../../modules/manifest/schema";
import { Duration } from "../../modules/units/duration";

const minute = Duration.seconds(60);
const tracking: ScalingPolicy = {
  type: "target-tracking",
  metric: "cpu",
  target: 70,
  scaleInCooldown: minute,
  scaleOutCooldown: minute,
};
const step = (...from: readonly number[]): ScalingPolicy => ({
  type: "step",
  metric: "memory",
  threshold: 60,
  cooldown: minute,
  steps: from.map((distance) => ({ from: distance, add: Math.sign(distance + 0.5) })),
});

test("target tracking has two alarms, steps one for each direction", () => {
  expect(scalingAlarmMetrics([tracking, tracking])).toEqual({ tracking: 4, step: 0 });
  expect(scalingAlarmMetrics([step(0, 10)])).toEqual({ tracking: 0, step: 1 });
  expect(scalingAlarmMetrics([step(-10)])).toEqual({ tracking: 0, step: 1 });
  expect(scalingAlarmMetrics([step(-10, 0), tracking])).toEqual({ tracking: 2, step: 2 });
});

test("an alarm counts each metric that it references", () => {
  const twice = scalingAlarmMetrics([step(-10, 0), tracking], ({ metric }) => (metric === "cpu" ? 2 : 1));
  expect(twice).toEqual({ tracking: 4, step: 2 });
});

test("alarms of steps are quicker than those of target tracking", () => {
  const metrics = { cpu: { perReplica: 1, perRequest: 1 }, memoryPercent: 50 };
  const out = (...policies: readonly ScalingPolicy[]) =>
    cloudWatchScaling({ min: 1, max: 2, policies }, metrics).scaleOutPeriods;
  expect([out(step(0)), out(tracking), out(step(0), tracking)]).toEqual([2, 3, 3]);
  expect(fixedReplicas(3, metrics)).toMatchObject({ min: 3, max: 3, policies: [], memoryPercent: 50 });
});
