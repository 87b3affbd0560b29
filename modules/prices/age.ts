import sources from "./data/sources.json";

/** How old the shipped price book is. */
export interface PriceBookAge {
  /** The date of the oldest price, ISO 8601 (`2022-09-03`). */
  readonly oldest: string;
  /** The date of the newest price, ISO 8601. */
  readonly newest: string;
}

/**
 * The age of the shipped price book: the dates of its oldest and its newest source. Prices that a project refreshed or
 * overrides are not in it. Reads the list of sources only, none of the tables.
 */
export function priceBookAge(): PriceBookAge {
  const dates = Object.values(sources)
    .map(({ asOf }) => asOf)
    .sort();
  const [oldest] = dates;
  const newest = dates.at(-1);
  if (oldest === undefined || newest === undefined) throw new Error("sources.json is empty");
  return { oldest, newest };
}
