import { cronProblem, isTimeZone } from "../../modules/aws/schedule-expression";
import type { ScalingPolicy } from "../../modules/manifest/schema";
import type { EksPlan } from "./options";

export type ScheduledPolicy = Extract<ScalingPolicy, { type: "scheduled" }>;

/** The policies that move the autoscaler's bounds by the clock, in the manifest's order. */
export function scheduledPolicies({ scaling }: EksPlan): readonly ScheduledPolicy[] {
  return scaling.policies.filter((policy) => policy.type === "scheduled");
}

/** The schedule of a CronJob, or why there is none, in words that fit after the value. */
export type Converted = { readonly schedule: string } | { readonly problem: string };

/** What an expression must keep to, so that a CronJob can express it. */
export const EXPRESSIBLE =
  "minutes, hours, days, months and days of week by number, name, range, list or step, and * as year";

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

interface CronField {
  /** Lowest and highest number, as AWS counts. */
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
  /** What a number of AWS is lowered by to be one of Kubernetes. */
  readonly offset: number;
}

const FIELDS: readonly CronField[] = [
  { min: 0, max: 59, offset: 0 },
  { min: 0, max: 23, offset: 0 },
  { min: 1, max: 31, offset: 0 },
  { min: 1, max: 12, names: MONTHS, offset: 0 },
  // Sunday is 1 with AWS, and 0 with Kubernetes.
  { min: 1, max: 7, names: DAYS, offset: 1 },
];

/**
 * Turns the six fields of AWS into the five of Kubernetes. Days near others (`L`, `W`, `#`) and years have no
 * counterpart there.
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax (read 2026-11-23)
 */
export function kubernetesCron(cron: string): Converted {
  const problem = cronProblem(cron);
  if (problem !== undefined) return { problem };
  const [year = "", ...fields] = cron.split(" ").reverse();
  if (year !== "*")
    return { problem: `has ${JSON.stringify(year)} as year, and a CronJob runs in every year` };
  const parts = fields.reverse();
  const [, , dayOfMonth = "", , dayOfWeek = ""] = parts;
  for (const [name, text] of [
    ["day of month", dayOfMonth],
    ["day of week", dayOfWeek],
  ] as const) {
    // Of what AWS takes here only the names of days have letters beside L and W.
    if (/[LW#]/.test(text.replace(/[A-Z]{3}/g, ""))) {
      return { problem: `has ${JSON.stringify(text)} as ${name}, and a CronJob knows no L, W and #` };
    }
  }
  return {
    schedule: FIELDS.map((field, index) =>
      (parts[index] ?? "*")
        .split(",")
        .map((item) => convertItem(item, field))
        .join(","),
    ).join(" "),
  };
}

function convertItem(item: string, field: CronField): string {
  if (item === "?") return "*";
  const [range = "", step] = item.split("/");
  const steps = step === undefined ? "" : `/${step}`;
  if (range === "*") return `*${steps}`;
  const [low = field.min, high] = range.split("-").map((bound) => valueOf(bound, field));
  const shown = (value: number) => value - field.offset;
  if (high === undefined)
    return step === undefined ? `${shown(low)}` : `${shown(low)}-${shown(field.max)}${steps}`;
  if (low <= high) return `${shown(low)}-${shown(high)}${steps}`;
  // FRI-MON goes round the end of the week, which Kubernetes refuses.
  const size = field.max - field.min + 1;
  const count = high + size - low + 1;
  const every = step === undefined ? 1 : Number(step);
  return Array.from({ length: Math.ceil(count / every) }, (_, index) =>
    shown(((low - field.min + index * every) % size) + field.min),
  ).join(",");
}

function valueOf(text: string, { min, names }: CronField): number {
  const named = names?.indexOf(text) ?? -1;
  return named >= 0 ? named + min : Number(text);
}

/**
 * What is wrong with a time zone for a CronJob; undefined where it is right. Kubernetes looks it up by its exact
 * spelling, which this machine's database does not mind.
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#time-zones (read 2026-11-23)
 */
export function timeZoneProblem(name: string): string | undefined {
  if (!isTimeZone(name) || name.toLowerCase() === "local") return "is no time zone of the IANA database";
  const { timeZone } = new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions();
  const misspelled = timeZone !== name && timeZone.toLowerCase() === name.toLowerCase();
  if (misspelled) return `is spelled ${timeZone}`;
  return /(?:^|\/)[a-z]/.test(name) ? "is not spelled as in the IANA database" : undefined;
}
