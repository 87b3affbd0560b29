import { z } from "zod";
import type { Comparison, Fleet } from "./comparison";

/** Most entries of any list in a document; ours have a few dozen. */
const MOST = 1000;
/** Most steps of a series. */
const MOST_STEPS = 168;

/** Characters that move a terminal's cursor, change its colour, or turn the reading direction. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

const text = z
  .string()
  .max(10_000)
  .transform((value) => value.replace(UNPRINTABLE, "\ufffd"));
const name = z.string().regex(/^[A-Za-z][A-Za-z0-9._-]{0,99}$/);
const number = z.number();
const amount = z.number().min(0);
const share = z.number().min(0).max(1);
const list = <Item extends z.ZodType>(item: Item, most = MOST) => z.array(item).max(most);
const record = <Value extends z.ZodType>(value: Value) =>
  z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]{0,99}$/), value);
const scalar = z.union([text, number, z.boolean()]);

const reason = z.object({
  code: name,
  message: text,
  limit: text.exactOptional(),
  value: text.exactOptional(),
  source: text.exactOptional(),
  change: text.exactOptional(),
});

const item = z.object({
  name: text,
  quantity: amount,
  unit: text,
  unitPrice: amount.nullable(),
  usd: amount.nullable(),
  source: text,
  asOf: text,
  basis: z.enum(["on-demand", "provisioned"]),
  status: z.enum(["published", "observed", "derived", "override", "unknown"]),
  note: text.exactOptional(),
});

const cost = z.object({
  currency: z.literal("USD"),
  total: amount,
  onDemand: amount,
  provisioned: amount,
  idleShare: share,
  items: list(item),
  unknown: list(text),
});

const percentiles = z.object({ p50: amount, p95: amount, p99: amount });

const target = z.object({
  target: name,
  mode: name.exactOptional(),
  title: text,
  feasible: z.boolean(),
  reasons: list(reason),
  sizing: record(scalar).nullable(),
  sizingLabel: text.nullable(),
  alternatives: list(
    z.object({ label: text, usd: amount.nullable(), p99Ms: amount.nullable(), sloMet: z.boolean() }),
  ),
  replicas: z.object({ min: amount, average: amount, max: amount }).nullable(),
  monthlyCost: cost.nullable(),
  usdPerMillionRequests: amount.nullable(),
  latencyMs: percentiles.nullable(),
  coldStart: z.object({ fraction: share, ms: amount, source: text }).nullable(),
  errorRate: share.nullable(),
  sloMet: z.boolean().nullable(),
  batch: z.object({ runSeconds: amount, fits: z.boolean() }).nullable(),
  strengths: list(text),
  weaknesses: list(text),
  notes: list(text).exactOptional(),
  figures: list(
    z.object({ name: text, value: number, unit: text, source: text, asOf: text, confidence: text }),
  ),
  series: z
    .object({
      stepSeconds: z.number().positive(),
      arrivals: list(amount, MOST_STEPS),
      replicas: list(amount, MOST_STEPS),
      p99: list(amount.nullable(), MOST_STEPS),
    })
    .nullable(),
});

const comparison = z.object({
  schemaVersion: z.literal(1),
  model: text,
  environment: text,
  region: text.nullable(),
  prices: z.object({ asOf: text.nullable(), region: text.nullable() }),
  workload: z.object({
    requestsPerMonth: amount,
    requestsPerSecond: z.object({ average: amount, peak: amount }),
    origin: text.nullable(),
    assumption: text.nullable(),
    serviceTimeMs: z.object({ p50: amount, p99: amount }).nullable(),
    concurrency: amount,
    payloadBytes: z.object({ request: amount, response: amount }).nullable(),
    slo: z.object({ p99Ms: amount, errorRate: share }).nullable(),
    batch: z.object({ records: amount, everySeconds: amount }).nullable(),
  }),
  targets: list(target),
  crossovers: list(
    z.object({ between: z.tuple([text, text]), requestsPerSecond: amount, monthlyUsd: amount }),
  ),
  curves: list(
    z.object({
      target: name,
      mode: name.exactOptional(),
      points: list(z.object({ requestsPerSecond: amount, usd: amount.nullable() })),
    }),
  ),
  advice: list(
    z.object({
      code: name,
      target: text.nullable(),
      message: text,
      numbers: record(z.union([number, text])),
    }),
  ),
  recommended: z.object({ target: name, mode: name.exactOptional(), because: text }).nullable(),
  against: z
    .object({ target: name, monthlyUsd: amount, savedUsd: number, mode: name.exactOptional() })
    .nullable(),
  notes: list(text),
}) satisfies z.ZodType<Comparison>;

const sharedCost = z.object({ onceUsd: amount, inBillsUsd: amount });

const fleet = z.object({
  schemaVersion: z.literal(1),
  comparisons: list(comparison),
  total: z.object({
    currency: z.literal("USD"),
    recommended: amount,
    chosen: amount.nullable(),
    shared: list(
      z.object({
        foundation: text,
        environment: text,
        models: amount,
        recommended: sharedCost,
        chosen: sharedCost,
      }),
    ).exactOptional(),
    notes: list(text).exactOptional(),
  }),
}) satisfies z.ZodType<Fleet>;

/** What is wrong with a document: the member, dotted, and what it is not. */
export interface DocumentFault {
  readonly path: string;
  readonly message: string;
}

/**
 * A comparison or a fleet from what was read of a file that may come from anybody. Unknown members are left out, texts lose
 * every character that a terminal would act on.
 */
export function parseDocument(
  value: unknown,
): { readonly document: Comparison | Fleet } | { readonly fault: DocumentFault } {
  const isFleet = typeof value === "object" && value !== null && "comparisons" in value;
  const parsed = isFleet ? fleet.safeParse(value) : comparison.safeParse(value);
  if (parsed.success) return { document: parsed.data };
  const [issue] = parsed.error.issues;
  return {
    fault: { path: issue?.path.map(String).join(".") ?? "", message: issue?.message ?? "is no comparison" },
  };
}
