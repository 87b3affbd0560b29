import fc from "fast-check";
import type { Candidate, Month } from "../../modules/compare/target-comparison";
import type { PriceKey } from "../../modules/prices/items";
import { faults } from "./month";
import type { Json } from "./synth";

/** Metrics that the alarms of a stack reference: what CloudWatch bills them by. */
export function alarmMetrics(stack: Json): number {
  const alarms = Object.values(
    ((stack.resource as Json).aws_cloudwatch_metric_alarm ?? {}) as Json,
  ) as Json[];
  return alarms.reduce((sum, alarm) => {
    const queries = alarm.metric_query as readonly Json[] | undefined;
    return sum + (queries === undefined ? 1 : queries.filter(({ metric }) => metric !== undefined).length);
  }, 0);
}

/** Alarms that a bill has, by whether the stack makes them or Application Auto Scaling. */
export function billedAlarms({ bill }: Candidate, month: Month): { stack: number; tracking: number } {
  const quantityOf = (name: string) => bill(month).find((charge) => charge.name === name)?.quantity ?? 0;
  return { stack: quantityOf("alarms"), tracking: quantityOf("alarms of target tracking") };
}

/** Checks for any load that a bill is sound, and that nothing on it gets less when the load grows. */
export function expectMonotone({ bill }: Candidate, monthAt: (requestsPerSecond: number) => Month): void {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 2000, noNaN: true }),
      fc.double({ min: 1, max: 20, noNaN: true }),
      (rate, factor) => {
        const [less, more] = [bill(monthAt(rate)), bill(monthAt(rate * factor))];
        expect(faults([...less, ...more])).toEqual([]);
        const later = quantities(more);
        const shrunk = [...quantities(less)].filter(
          ([key, quantity]) => (later.get(key) ?? 0) < quantity * (1 - 1e-9),
        );
        expect(shrunk).toEqual([]);
      },
    ),
    { numRuns: 60 },
  );
}

function quantities(charges: ReturnType<Candidate["bill"]>): ReadonlyMap<PriceKey, number> {
  const sums = new Map<PriceKey, number>();
  for (const { key, quantity } of charges) sums.set(key, (sums.get(key) ?? 0) + quantity);
  return sums;
}
