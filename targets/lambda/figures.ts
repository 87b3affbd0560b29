import type { Figure } from "../../modules/compare/target-comparison";

/** The day on which the undated pages below were read. */
const READ = "2026-11-23";

/** What `compare` takes Lambda to do, each figure with where it was seen. */
export const FIGURES = {
  /** Before the server in the image starts; blocks of the image are loaded as they are read, whatever its size. */
  environmentStart: {
    name: "start of an environment",
    value: 50,
    unit: "ms",
    source:
      "https://arxiv.org/abs/2305.13162 (Brooker and others, On-demand Container Loading in AWS Lambda)",
    asOf: "2023-05",
    confidence: "medium",
  },
  keepAlive: {
    name: "life of an idle environment",
    value: 300,
    unit: "s",
    source:
      "https://mikhail.io/serverless/coldstarts/aws/intervals/: between 5 and 7 minutes when it was measured; AWS promises nothing",
    asOf: READ,
    confidence: "low",
  },
  overhead: {
    name: "way of a request through Lambda",
    value: 25,
    unit: "ms",
    source:
      "Wang and others, Peeking Behind the Curtains of Serverless Platforms (USENIX ATC 2018): median of warm invocations as their caller sees them, quoted by https://ultracrepidarian.phfactor.net/tag/papers/",
    asOf: "2018-07",
    confidence: "low",
  },
  provisionedStart: {
    name: "start of provisioned concurrency",
    value: 120,
    unit: "s",
    source:
      "https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html: a minute or two, then up to 6,000 environments a minute",
    asOf: READ,
    confidence: "medium",
  },
  /** Of a function and region. */
  startsPerSecond: {
    name: "new environments",
    value: 100,
    unit: "per second",
    source:
      "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 1,000 environments every 10 seconds",
    asOf: "2026-08",
    confidence: "high",
  },
} as const satisfies Readonly<Record<string, Figure>>;

/**
 * Requests per second that Lambda takes for each environment that a function may have, however short they are.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (read 2026-11-23)
 */
export const REQUESTS_PER_ENVIRONMENT_SECOND = 10;

/** Durations are rounded up to this. @see https://aws.amazon.com/lambda/pricing/ (read 2026-11-23) */
export const BILLED_MILLISECONDS = 1;

/**
 * Bytes of the two lines, `platform.start` and `platform.report`, that Lambda itself logs of each request at level INFO: those
 * of the documentation's examples, written as Lambda writes them, without and with a trace.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html (read 2026-11-23)
 * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html (read 2026-11-23)
 */
export const LOGGED_BYTES = { plain: 373, traced: 673 } as const;

/**
 * What Lambda traces where `tracing` is on: the first request of each second, and a share of the others. It cannot be set.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html (read 2026-11-23)
 */
export const SAMPLING = { perSecond: 1, share: 0.05 } as const;
