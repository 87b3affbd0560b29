import data from "./data/log-retention.json";

/** Where the accepted retention periods come from. */
export const logRetentionSource = { source: data.source, asOf: data.asOf } as const;

/**
 * The retention periods, in days, that CloudWatch Logs accepts, ascending. Any other number is refused by
 * `PutRetentionPolicy`.
 * @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html (service model of botocore 1.44.5, 2026-11-17)
 */
export const logRetentionDays: readonly number[] = Object.freeze(data.rows);

/** Whether CloudWatch Logs accepts this retention period, in days. */
export function isLogRetention(days: number): boolean {
  return logRetentionDays.includes(days);
}

/**
 * The accepted retention period that is nearest to `days`, for an error's proposed fix; of two equally near ones the
 * longer, which loses nothing.
 */
export function nearestLogRetention(days: number): number {
  return logRetentionDays.reduce((best, candidate) =>
    Math.abs(candidate - days) <= Math.abs(best - days) ? candidate : best,
  );
}
