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

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/** Fields of an AWS cron expression: their bounds, and the names that stand for numbers from the lower one on. */
const FIELDS: readonly { readonly min: number; readonly max: number; readonly names?: readonly string[] }[] =
  [
    { min: 0, max: 59 },
    { min: 0, max: 23 },
    { min: 1, max: 31 },
    { min: 1, max: 12, names: MONTHS },
    { min: 1, max: 7, names: DAYS },
    { min: 1970, max: 2199 },
  ];
const DAY_OF_WEEK = 4;

/**
 * A policy as croner reads it: with seconds, weekdays from Sunday = 1 as AWS counts them, `?` as what does not matter, and
 * written out what it does not take (`FRI-MON`, `5/15`).
 */
export function cronOf({ cron, timezone }: Pick<Scheduled, "cron" | "timezone">): Cron {
  const fields = cron.split(" ").map((field, index) => {
    // The last day of the week is Saturday; in other fields L is something else.
    if (index === DAY_OF_WEEK && field === "L") return "7";
    return field === "?"
      ? "*"
      : field
          .split(",")
          .map((item) => writtenOut(item, FIELDS[index] ?? { min: 0, max: 0 }))
          .join(",");
  });
  return new Cron(`0 ${fields.join(" ")}`, { timezone, alternativeWeekdays: true, paused: true });
}

function writtenOut(item: string, { min, max, names = [] }: (typeof FIELDS)[number]): string {
  const [range = "", step] = item.split("/");
  const number = (text: string): number => {
    const named = names.indexOf(text);
    return named >= 0 ? named + min : Number(text);
  };
  const bounds = range.split("-");
  const low = number(bounds[0] ?? "");
  // L, W, # and * are the same to both.
  if (Number.isNaN(low)) return item;
  if (bounds.length === 1) return step === undefined ? item : `${low}-${max}/${step}`;
  const high = number(bounds[1] ?? "");
  if (low <= high) return `${low}-${high}${step === undefined ? "" : `/${step}`}`;
  const size = max - min + 1;
  const every = step === undefined ? 1 : Number(step);
  return Array.from(
    { length: Math.floor((high + size - low) / every) + 1 },
    (_, index) => ((low - min + index * every) % size) + min,
  ).join(",");
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
