const FACTORS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Units that a duration may carry, shortest first. */
export const DURATION_UNITS = Object.keys(FACTORS) as readonly (keyof typeof FACTORS)[];

/** What a duration looks like in a manifest: a number and one of {@link DURATION_UNITS}, without a space. */
export const DURATION_PATTERN = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/;

/** A length of time. Immutable; compared and converted by milliseconds. */
export class Duration {
  private constructor(
    /** The duration in milliseconds. */
    readonly milliseconds: number,
  ) {
    Object.freeze(this);
  }

  /** Reads `45ms`, `30s`, `5m`, `1.5h`, `1d`. Returns `undefined` where the text is no duration. */
  static tryParse(text: string): Duration | undefined {
    const match = DURATION_PATTERN.exec(text);
    if (match?.[1] === undefined || match[2] === undefined) return undefined;
    return new Duration(Number(match[1]) * FACTORS[match[2] as keyof typeof FACTORS]);
  }

  static milliseconds(milliseconds: number): Duration {
    if (!Number.isFinite(milliseconds) || milliseconds < 0) {
      throw new RangeError(`not a duration in milliseconds: ${milliseconds}`);
    }
    return new Duration(milliseconds);
  }

  static seconds(seconds: number): Duration {
    return Duration.milliseconds(seconds * FACTORS.s);
  }

  /** In seconds; may have a fraction. */
  get seconds(): number {
    return this.milliseconds / FACTORS.s;
  }

  /** In minutes; may have a fraction. */
  get minutes(): number {
    return this.milliseconds / FACTORS.m;
  }

  /** In days; may have a fraction. */
  get days(): number {
    return this.milliseconds / FACTORS.d;
  }

  /** As a manifest would write it, in the largest unit that needs no fraction: `90s`, `5m`. */
  toString(): string {
    for (const unit of [...DURATION_UNITS].reverse()) {
      if (this.milliseconds > 0 && this.milliseconds % FACTORS[unit] === 0) {
        return `${this.milliseconds / FACTORS[unit]}${unit}`;
      }
    }
    return `${this.milliseconds}ms`;
  }

  toJSON(): string {
    return this.toString();
  }
}
