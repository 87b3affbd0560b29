const FACTORS = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 } as const;

/** Units that a size may carry, smallest first. Binary, as Kubernetes writes them: `1Ki` is 1,024 bytes. */
export const SIZE_UNITS = Object.keys(FACTORS) as readonly (keyof typeof FACTORS)[];

/** What a size looks like in a manifest: a number and one of {@link SIZE_UNITS}, without a space. */
export const SIZE_PATTERN = /^(\d{1,9}(?:\.\d{1,3})?)(Ki|Mi|Gi|Ti)$/;

/** An amount of memory, storage or data. Immutable; compared and converted by bytes. */
export class Size {
  private constructor(
    /** The size in bytes, a whole number. */
    readonly bytes: number,
  ) {
    Object.freeze(this);
  }

  /** Reads `512Mi`, `4Gi`, `1.5Gi`. Returns `undefined` where the text is no size or has a fraction of a byte. */
  static tryParse(text: string): Size | undefined {
    const match = SIZE_PATTERN.exec(text);
    if (match?.[1] === undefined || match[2] === undefined) return undefined;
    const bytes = Number(match[1]) * FACTORS[match[2] as keyof typeof FACTORS];
    return Number.isSafeInteger(bytes) ? new Size(bytes) : undefined;
  }

  static bytes(bytes: number): Size {
    if (!Number.isSafeInteger(bytes) || bytes < 0) throw new RangeError(`not a size in bytes: ${bytes}`);
    return new Size(bytes);
  }

  static mebibytes(mebibytes: number): Size {
    return Size.bytes(Math.round(mebibytes * FACTORS.Mi));
  }

  static gibibytes(gibibytes: number): Size {
    return Size.bytes(Math.round(gibibytes * FACTORS.Gi));
  }

  /** In MiB; may have a fraction. */
  get mebibytes(): number {
    return this.bytes / FACTORS.Mi;
  }

  /** In GiB; may have a fraction. */
  get gibibytes(): number {
    return this.bytes / FACTORS.Gi;
  }

  /** As a manifest would write it, in the largest unit that needs no fraction: `1536Mi`, `4Gi`. */
  toString(): string {
    for (const unit of [...SIZE_UNITS].reverse()) {
      if (this.bytes > 0 && this.bytes % FACTORS[unit] === 0) return `${this.bytes / FACTORS[unit]}${unit}`;
    }
    return `${this.bytes / FACTORS.Ki}Ki`;
  }

  toJSON(): string {
    return this.toString();
  }
}
