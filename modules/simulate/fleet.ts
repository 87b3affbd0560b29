import type { ScalingMetric } from "../manifest/schema";
import type { ReplicaScaling } from "./capacity";
import type { Clock } from "./clock";
import type { Random } from "./random";
import { type Reading, type Scaler, scalerOf } from "./scaling";

/** What a step showed of the metrics, before anything random. */
export interface Observation {
  /** Requests that came. */
  readonly arrived: number;
  /** Slots at work, requests waiting or at work. */
  readonly busy: number;
  readonly present: number;
}

/** What one replica can do, as metrics count. */
export interface Measured {
  /** Slots of one replica. */
  readonly slots: number;
  /** Squared coefficient of variation of the service time. */
  readonly scv: number;
}

/** Replicas that serve, start and go, as their policies decide. */
export class Fleet {
  ready: number;
  /** Replicas started since the beginning. */
  launches = 0;
  readonly #scaling: ReplicaScaling;
  readonly #startup: number;
  readonly #clock: Clock;
  readonly #scaler: Scaler | null;
  readonly #random: Random;
  readonly #measured: Measured;
  #starting: { readonly at: number; count: number }[] = [];
  #startingCount = 0;
  #seen: { readonly at: number; readonly reading: Reading }[] = [];
  #elapsed = 0;
  #arrived = 0;
  #busy = 0;
  #present = 0;
  #readySeconds = 0;
  #unserved = 0;

  constructor(scaling: ReplicaScaling, startup: number, clock: Clock, measured: Measured, random: Random) {
    this.#scaling = scaling;
    this.#startup = startup;
    this.#clock = clock;
    this.#measured = measured;
    this.#random = random;
    this.#scaler = scaling.policies.some(({ type }) => type !== "scheduled") ? scalerOf(scaling) : null;
    this.ready = clock.schedule.bounds.min;
  }

  /** Replicas that are paid for. */
  get total(): number {
    return this.ready + this.#startingCount;
  }

  /** Lets replicas join, and bounds change, that are due. */
  begin(now: number): void {
    while ((this.#starting[0]?.at ?? Infinity) <= now + 1e-9) {
      const joining = this.#starting.shift();
      this.ready += joining?.count ?? 0;
      this.#startingCount -= joining?.count ?? 0;
    }
    const { schedule, start } = this.#clock;
    if (!schedule.isEmpty && schedule.next <= start + now * 1000 && schedule.advance(start + now * 1000)) {
      const { min, max } = schedule.bounds;
      this.#resize(now, Math.min(Math.max(this.total, min), max));
    }
  }

  /** Takes note of a step that ends now; decides where a metric's period ends with it. */
  observe(now: number, seconds: number, { arrived, busy, present }: Observation): void {
    this.#wake(now, seconds, present);
    if (this.#scaler === null) return;
    this.#elapsed += seconds;
    this.#arrived += arrived;
    this.#busy += busy * seconds;
    this.#present += present * seconds;
    this.#readySeconds += this.ready * seconds;
    if (this.#elapsed >= this.#scaling.metricPeriodSeconds - 1e-6) {
      this.#seen.push({
        at: now + this.#scaling.metricDelaySeconds,
        reading: this.#read(),
      });
      this.#elapsed = this.#arrived = this.#busy = this.#present = this.#readySeconds = 0;
    }
    for (let seen = this.#seen[0]; seen !== undefined && seen.at <= now + 1e-9; seen = this.#seen[0]) {
      this.#seen.shift();
      const { min, max } = this.#clock.schedule.bounds;
      const standing = { ready: this.ready, wanted: this.total, min, max };
      this.#resize(now, this.#scaler.decide(now, seen.reading, standing));
    }
  }

  /** Starts the first replica once requests have found none for so long. */
  #wake(now: number, seconds: number, present: number): void {
    const { wakeSeconds } = this.#scaling;
    if (wakeSeconds === undefined) return;
    this.#unserved = this.ready === 0 && present > 0 ? this.#unserved + seconds : 0;
    if (this.total > 0 || this.#unserved < wakeSeconds - 1e-9) return;
    this.#resize(now, Math.min(1, this.#clock.schedule.bounds.max));
  }

  #resize(now: number, to: number): void {
    const more = to - this.total;
    if (more > 0) {
      this.launches += more;
      if (this.#startup <= 0) this.ready += more;
      else {
        this.#starting.push({ at: now + this.#startup, count: more });
        this.#startingCount += more;
      }
      return;
    }
    let fewer = -more;
    // What does not serve yet goes first.
    for (let last = this.#starting.at(-1); fewer > 0 && last !== undefined; last = this.#starting.at(-1)) {
      const gone = Math.min(fewer, last.count);
      last.count -= gone;
      this.#startingCount -= gone;
      fewer -= gone;
      if (last.count === 0) this.#starting.pop();
    }
    this.ready -= fewer;
  }

  /** What the metrics say of the period: requests come at random, and so differ from period to period. */
  #read(): Reading {
    const period = this.#elapsed;
    const { slots, scv } = this.#measured;
    const replicas = this.#readySeconds / period;
    const { memoryPercent, cpu, silentWhenIdle } = this.#scaling;
    if (replicas <= 0) return NOTHING;
    const came = this.#random.poisson(this.#arrived);
    const share = this.#arrived <= 0 ? 0 : came / this.#arrived;
    // Their service times differ too; of many the mean differs less.
    const spread = came <= 0 ? 0 : Math.max(0, 1 + Math.sqrt(scv / came) * this.#random.normal());
    const busy = Math.min(replicas * slots, (this.#busy / period) * share * spread);
    const perReplica = busy / replicas;
    // Sampled every 10 seconds: https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html (2026-11)
    const present = this.#present / period;
    const samples = Math.max(1, period / 10);
    const working = Math.min(present, replicas * slots);
    // A count of 0 must be as likely as it is: it lets the last replica go.
    const counted = present - working + this.#random.poisson(working * samples) / samples;
    const used = (100 * perReplica) / slots;
    return {
      cpu: Math.min(100, (100 * perReplica * cpu.perRequest) / cpu.perReplica),
      memory: memoryPercent,
      "invocations-per-instance": (came * 60) / period / replicas,
      concurrency: counted / replicas,
      "provisioned-concurrency-utilization": silentWhenIdle === true && came === 0 ? null : used,
    };
  }
}

const NOTHING: Readonly<Record<ScalingMetric, null>> = {
  cpu: null,
  memory: null,
  "invocations-per-instance": null,
  concurrency: null,
  "provisioned-concurrency-utilization": null,
};
