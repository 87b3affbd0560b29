import { Cron } from "croner";
import type { ScalingPolicy } from "../manifest/schema";

type Scheduled = Extract<ScalingPolicy, { type: "scheduled" }>;

/** Bounds that change at a time. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

const HOUR = 3_600_000;
/** How far back a policy is looked for that acted last, in steps: most act every day or week. */
const LOOKS_BACK = [HOUR, 25 * HOUR, 8 * 24 * HOUR, 32 * 24 * HOUR, 367 * 24 * HOUR];

/** A policy as croner reads it: with seconds, with AWS's weekdays from Sunday = 1, and `?` as what does not matter. */
export function cronOf({ cron, timezone }: Pick<Scheduled, "cron" | "timezone">): Cron {
  return new Cron(`0 ${cron.replaceAll("?", "*")}`, { timezone, alternativeWeekdays: true, paused: true });
}

/** The scheduled policies of a manifest over time, which change the bounds of its replicas. */
export class Schedule {
  readonly #entries: { readonly policy: Scheduled; readonly cron: Cron; next: number }[];
  #bounds: Bounds;

  /**
   * @param start milliseconds since 1970 at which time begins. What acted last before it holds.
   * @param bounds those of the manifest.
   */
  constructor(policies: readonly ScalingPolicy[], start: number, bounds: Bounds) {
    this.#bounds = bounds;
    const entries = policies
      .filter((policy) => policy.type === "scheduled")
      .map((policy) => ({ policy, cron: cronOf(policy) }));
    const past = entries
      .map(({ policy, cron }) => ({ policy, at: lastBefore(cron, start) }))
      .filter((entry): entry is { policy: Scheduled; at: number } => entry.at !== null)
      .sort((a, b) => a.at - b.at);
    for (const { policy } of past) this.#apply(policy);
    this.#entries = entries.map((entry) => ({ ...entry, next: nextFrom(entry.cron, start) }));
  }

  /** Whether anything ever changes. */
  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  get bounds(): Bounds {
    return this.#bounds;
  }

  /** Milliseconds since 1970 at which the bounds change next; Infinity where they never do. */
  get next(): number {
    return this.#entries.reduce((first, { next }) => Math.min(first, next), Infinity);
  }

  /** Lets everything act that is due by a time, and says whether anything was. */
  advance(to: number): boolean {
    let changed = false;
    for (let due = this.next; due <= to; due = this.next) {
      for (const entry of this.#entries) {
        if (entry.next !== due) continue;
        this.#apply(entry.policy);
        entry.next = nextFrom(entry.cron, due + 1);
        changed = true;
      }
    }
    return changed;
  }

  #apply({ min, max }: Scheduled): void {
    const next = { min: min ?? this.#bounds.min, max: max ?? this.#bounds.max };
    this.#bounds = { min: next.min, max: Math.max(next.min, next.max) };
  }
}

function nextFrom(cron: Cron, from: number): number {
  return cron.nextRun(new Date(from - 1))?.getTime() ?? Infinity;
}

function lastBefore(cron: Cron, start: number): number | null {
  for (const back of LOOKS_BACK) {
    let last: number | null = null;
    for (let at = nextFrom(cron, start - back); at < start; at = nextFrom(cron, at + 1)) last = at;
    if (last !== null) return last;
  }
  return null;
}
