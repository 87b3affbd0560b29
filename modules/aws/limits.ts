/**
 * A figure that AWS sets, with where and when it was read. Each target keeps its own limits with this type; checks,
 * messages and documentation derive from them.
 */
export interface Limit {
  /** The figure, in {@link Limit.unit}. */
  readonly value: number;
  /** The unit in words, e.g. `MiB`, `s`, `instances`. */
  readonly unit: string;
  /** The vendor page or service model that states the figure. */
  readonly source: string;
  /** The date on which the source was read, or its version's date (ISO 8601). */
  readonly asOf: string;
  /** What else a reader must know, e.g. that the quota can be raised. */
  readonly note?: string;
}

/** Makes a {@link Limit}. */
export function limit(value: number, unit: string, source: string, asOf: string, note?: string): Limit {
  return { value, unit, source, asOf, ...(note === undefined ? {} : { note }) };
}
