import type { ScalingMetric, ScalingPolicy } from "../manifest/schema";
import type { ReplicaScaling } from "./capacity";

/** What a metric period showed; null where a metric has no value. In the manifest's units. */
export type Reading = Readonly<Record<ScalingMetric, number | null>>;

/** Replicas at the time of a decision. */
export interface Standing {
  /** Those that serve. */
  readonly ready: number;
  /** Those that were asked for: the ones that serve, and the ones that start. */
  readonly wanted: number;
  readonly min: number;
  readonly max: number;
}

/** Decides how many replicas there should be. */
export interface Scaler {
  /**
   * @param now seconds; when the reading is seen.
   * @returns replicas wanted from now on, within the bounds.
   */
  decide(now: number, reading: Reading, standing: Standing): number;
}

type Tracking = Extract<ScalingPolicy, { type: "target-tracking" }>;
type Step = Extract<ScalingPolicy, { type: "step" }>;

/**
 * Below this share of its target a metric calls for fewer replicas. Observed on Amazon ECS, not documented: AWS's Fargate
 * workshop, "Lab 3: Scaling and Security" (2020-04-10), shows alarms at 30 and 27 for one target. That other services and
 * metrics have the same share is an assumption.
 */
const LOW_SHARE = 0.9;
/** Periods of the alarms that this product makes for step policies. */
const STEP_OUT_PERIODS = 2;
const STEP_IN_PERIODS = 15;

export function scalerOf(scaling: ReplicaScaling): Scaler {
  return scaling.algorithm === "horizontal-pod-autoscaler"
    ? new PodAutoscaler(scaling)
    : new ApplicationAutoScaling(scaling);
}

const clamp = (value: number, { min, max }: Standing): number => Math.min(Math.max(value, min), max);

/** So that 3.0000000000000004 replicas are 3. */
const wholeAbove = (value: number): number => Math.ceil(value - 1e-9);

/** How far a metric has been beyond a threshold, in periods in a row. */
class Streak {
  #length = 0;

  /** @param beyond null where the metric is missing: the alarm has insufficient data then, and does nothing. */
  add(beyond: boolean | null): number {
    this.#length = beyond === true ? this.#length + 1 : 0;
    return this.#length;
  }
}

/**
 * Application Auto Scaling. A target tracking policy has two alarms: above the target, and below 90 % of it. While one of
 * them is in alarm it acts at each period: out to the capacity that would bring the metric to its target, in likewise,
 * rounded up, and only when all tracking policies agree. The largest capacity that any policy asks for wins. During a
 * cooldown after growth only what goes beyond that growth is added; after shrinking nothing is removed. Where the alarms
 * stand and how long they wait is observed (see `LOW_SHARE` and `modules/charges/scaling.ts`); that nothing is removed while
 * something is starting is an assumption.
 * @see https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html (read 2026-11-23)
 * @see https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html (read 2026-11-23)
 */
class ApplicationAutoScaling implements Scaler {
  readonly #tracking: readonly { policy: Tracking; out: Streak; in: Streak }[];
  readonly #steps: readonly { policy: Step; out: Streak; in: Streak; grownAt: number; grownFrom: number }[];
  readonly #scaling: ReplicaScaling;
  #grownAt = -Infinity;
  #shrunkAt = -Infinity;

  constructor(scaling: ReplicaScaling) {
    this.#scaling = scaling;
    const streaks = () => ({ out: new Streak(), in: new Streak() });
    this.#tracking = scaling.policies
      .filter((policy) => policy.type === "target-tracking")
      .map((policy) => ({ policy, ...streaks() }));
    this.#steps = scaling.policies
      .filter((policy) => policy.type === "step")
      .map((policy) => ({ policy, ...streaks(), grownAt: -Infinity, grownFrom: 0 }));
  }

  decide(now: number, reading: Reading, standing: Standing): number {
    const { wanted } = standing;
    const out = Math.max(this.#trackOut(now, reading, standing), this.#stepOut(now, reading, standing));
    const inward = Math.max(this.#trackIn(now, reading, standing), this.#stepIn(now, reading, standing));
    const grown = clamp(out, standing);
    if (grown > wanted) {
      this.#grownAt = now;
      this.#shrunkAt = -Infinity;
      return grown;
    }
    const shrunk = clamp(inward, standing);
    // -Infinity stands for nobody who asks for less.
    if (inward > -Infinity && shrunk < wanted) {
      this.#shrunkAt = now;
      return shrunk;
    }
    return clamp(wanted, standing);
  }

  #trackOut(now: number, reading: Reading, { ready, wanted }: Standing): number {
    let most = -Infinity;
    for (const { policy, out } of this.#tracking) {
      const value = reading[policy.metric];
      const periods = out.add(value === null ? null : value > policy.target);
      if (value === null || periods < this.#scaling.scaleOutPeriods) continue;
      // What is starting counts: only what is needed beyond it is added.
      const needed = wholeAbove(ready * (value / policy.target));
      const cooling = now < this.#grownAt + policy.scaleOutCooldown.seconds;
      if (!cooling || needed > wanted) most = Math.max(most, needed);
    }
    return most;
  }

  #trackIn(now: number, reading: Reading, { ready, wanted }: Standing): number {
    let most = -Infinity;
    let agreed = this.#tracking.length > 0;
    for (const { policy, in: low } of this.#tracking) {
      const value = reading[policy.metric];
      const periods = low.add(value === null ? null : value < policy.target * LOW_SHARE);
      if (value === null || periods < this.#scaling.scaleInPeriods) {
        agreed = false;
        continue;
      }
      if (now < this.#shrunkAt + policy.scaleInCooldown.seconds) agreed = false;
      if (now < this.#grownAt + policy.scaleOutCooldown.seconds) agreed = false;
      most = Math.max(most, wholeAbove(ready * (value / policy.target)));
    }
    return agreed && wanted <= ready ? most : -Infinity;
  }

  #stepOut(now: number, reading: Reading, { wanted }: Standing): number {
    let most = -Infinity;
    for (const state of this.#steps) {
      const { policy } = state;
      const value = reading[policy.metric];
      const distance = value === null ? null : value - policy.threshold;
      const periods = state.out.add(distance !== null && distance >= 0);
      if (distance === null || periods < STEP_OUT_PERIODS) continue;
      const step = policy.steps.find(
        ({ from, to }) => from >= 0 && distance >= from && (to === undefined || distance < to),
      );
      if (step === undefined) continue;
      const cooling = now < state.grownAt + policy.cooldown.seconds;
      const asked = (cooling ? state.grownFrom : wanted) + step.add;
      if (asked <= wanted) continue;
      if (!cooling) state.grownFrom = wanted;
      state.grownAt = now;
      most = Math.max(most, asked);
    }
    return most;
  }

  #stepIn(now: number, reading: Reading, { ready, wanted }: Standing): number {
    let most = -Infinity;
    for (const state of this.#steps) {
      const { policy } = state;
      const value = reading[policy.metric];
      const distance = value === null ? null : value - policy.threshold;
      const periods = state.in.add(distance !== null && distance < 0);
      if (distance === null || periods < STEP_IN_PERIODS || wanted > ready) continue;
      if (now < this.#shrunkAt + policy.cooldown.seconds) continue;
      const below = policy.steps.filter(({ from }) => from < 0).sort((a, b) => a.from - b.from);
      // The outermost step is open downwards.
      const step = below.find(
        ({ from, to }, index) => (index === 0 || distance >= from) && (to === undefined || distance < to),
      );
      if (step !== undefined) most = Math.max(most, wanted + step.add);
    }
    return most;
  }
}

/** Share of its target by which a metric may be off before the autoscaler acts: its default. */
const TOLERANCE = 0.1;
/** Pods that may be added at once, where that is more than doubling. */
const POD_BURST = 4;

/**
 * Kubernetes' HorizontalPodAutoscaler as this product configures it: up at once, at most doubling (or by four pods) within
 * the cooldown after growth; down to the highest need seen within the cooldown after shrinking. Pods that start count as
 * idle when it goes up, and not at all when it goes down.
 * @see https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details (read 2026-11-23)
 */
class PodAutoscaler implements Scaler {
  readonly #policies: readonly Tracking[];
  readonly #window: number;
  readonly #growth: number;
  /** Needs of the window that no later one exceeds, falling. */
  #needs: { readonly at: number; readonly need: number }[] = [];
  #added: { readonly at: number; readonly pods: number }[] = [];

  constructor({ policies }: ReplicaScaling) {
    this.#policies = policies.filter((policy) => policy.type === "target-tracking");
    this.#window = Math.max(0, ...this.#policies.map(({ scaleInCooldown }) => scaleInCooldown.seconds));
    this.#growth = Math.max(0, ...this.#policies.map(({ scaleOutCooldown }) => scaleOutCooldown.seconds));
  }

  decide(now: number, reading: Reading, standing: Standing): number {
    const { ready, wanted } = standing;
    let need = -Infinity;
    let known = true;
    for (const { metric, target } of this.#policies) {
      const value = reading[metric];
      if (value === null) known = false;
      else need = Math.max(need, this.#need(value / target, ready, wanted));
    }
    // With a metric missing it never goes down.
    if (need === -Infinity || (!known && need < wanted)) need = wanted;
    need = clamp(need, standing);
    this.#needs = this.#needs.filter((past) => past.at > now - this.#window && past.need > need);
    this.#needs.push({ at: now, need });
    this.#added = this.#added.filter(({ at }) => at > now - this.#growth);
    if (need > wanted) {
      const start = this.#added.reduce((pods, past) => pods - past.pods, wanted);
      const grown = Math.max(wanted, Math.min(need, Math.max(start * 2, start + POD_BURST)));
      if (grown > wanted) this.#added.push({ at: now, pods: grown - wanted });
      return clamp(grown, standing);
    }
    return clamp(Math.min(wanted, this.#needs[0]?.need ?? wanted), standing);
  }

  #need(ratio: number, ready: number, wanted: number): number {
    if (Math.abs(ratio - 1) <= TOLERANCE) return wanted;
    if (wanted <= ready || ratio < 1) return wholeAbove(ratio * ready);
    const spread = (ratio * ready) / wanted;
    return spread <= 1 + TOLERANCE ? wanted : wholeAbove(spread * wanted);
  }
}
