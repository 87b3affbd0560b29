import { z } from "zod";
import { isPriceKey } from "../prices/items";

const text = z.string().refine((value) => value.trim() !== "", "is empty");
const amount = z.number().nonnegative();
const above0 = z.number().positive();
const scalar = z.union([z.string(), z.number(), z.boolean()]);

const serviceTime = z.looseObject({ p50: above0, p99: above0, mean: above0, scv: amount });

const scaling = z
  .looseObject({
    min: amount,
    max: amount,
    policies: z.array(z.looseObject({ type: z.enum(["target-tracking", "step", "scheduled"]) })),
    metricPeriodSeconds: above0,
    scaleOutPeriods: above0,
    scaleInPeriods: above0,
    metricDelaySeconds: amount,
    cpu: z.looseObject({ perReplica: above0, perRequest: amount }),
    memoryPercent: amount,
  })
  .refine(({ min, max }) => min <= max, "has a min above its max");

const capacity = z.discriminatedUnion("kind", [
  z.looseObject({
    kind: z.literal("replicas"),
    slots: above0,
    serviceTime,
    overheadMs: amount,
    startupSeconds: amount,
    scaling,
    patienceSeconds: amount.nullable(),
  }),
  z.looseObject({
    kind: z.literal("environments"),
    serviceTime,
    overheadMs: amount,
    coldStartMs: amount,
    keepAliveSeconds: amount,
    maxConcurrency: above0,
    startsPerSecond: above0.nullable(),
    provisioned: z.looseObject({ startupSeconds: amount, scaling }),
  }),
  z.looseObject({
    kind: z.literal("batch"),
    startupSeconds: amount,
    slots: above0,
    serviceTime,
    recordsPerRequest: above0,
    machines: above0,
  }),
]);

const candidates = z
  .array(
    z.looseObject({
      label: text,
      sizing: z.record(z.string(), scalar),
      capacity,
      weight: amount.nullable(),
      bill: z.custom<() => unknown>((value) => typeof value === "function", "is no function"),
      figures: z.array(
        z.looseObject({
          name: text,
          value: z.number(),
          unit: z.string(),
          source: text,
          asOf: text,
          confidence: z.enum(["high", "medium", "low"]),
        }),
      ),
      notes: z.array(text).optional(),
      existing: z.array(text).optional(),
    }),
  )
  .nullable();

const charges = z.array(
  z.looseObject({
    name: text,
    key: z.string().refine(isPriceKey, "is no price of the book"),
    quantity: amount,
    basis: z.enum(["on-demand", "provisioned"]),
    used: z.number().min(0).max(1).optional(),
    assumption: text.optional(),
  }),
);

/** What is wrong with what a plug-in offers as sizes, `[0].capacity.slots ...`; null where nothing is. */
export function flawOfCandidates(value: unknown): string | null {
  return flawOf(candidates, value);
}

/** The same of the charges of a month. */
export function flawOfCharges(value: unknown): string | null {
  return flawOf(charges, value);
}

function flawOf(schema: z.ZodType, value: unknown): string | null {
  const parsed = schema.safeParse(value);
  if (parsed.success) return null;
  const [issue] = parsed.error.issues;
  if (issue === undefined) return "is not what was asked for";
  const path = issue.path
    .map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`))
    .join("");
  return `${path === "" ? "" : `${path.replace(/^\./, "")}: `}${issue.message}`;
}
