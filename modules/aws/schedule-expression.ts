/** Page behind the rules, with the date it was read. */
export const scheduleExpressionSource = {
  source: "https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html",
  asOf: "2026-11",
} as const;

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

interface CronField {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Names that stand for the numbers from `min` on. */
  readonly names?: readonly string[];
  /** Whether it takes `/`. */
  readonly steps: boolean;
  /** What only this field takes, beside `*`, numbers, ranges and lists. */
  readonly special?: RegExp;
}

const FIELDS: readonly CronField[] = [
  { name: "minutes", min: 0, max: 59, steps: true },
  { name: "hours", min: 0, max: 23, steps: true },
  { name: "day of month", min: 1, max: 31, steps: true, special: /^(?:\?|L|LW|(?:[1-9]|[12]\d|3[01])W)$/ },
  { name: "month", min: 1, max: 12, names: MONTHS, steps: true },
  {
    name: "day of week",
    min: 1,
    max: 7,
    names: DAYS,
    steps: false,
    special: /^(?:\?|L|(?:[1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(?:L|#[1-5]))$/,
  },
  { name: "year", min: 1970, max: 2199, steps: true },
];

/**
 * What is wrong with a schedule of EventBridge Scheduler, in words that fit after the value; `undefined` where it is
 * right. Recurring schedules only: `cron(minutes hours day-of-month month day-of-week year)` or `rate(value unit)`.
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html (read 2026-11)
 */
export function scheduleProblem(expression: string): string | undefined {
  const rate = /^rate\((\d{1,5}) (?:minutes?|hours?|days?)\)$/.exec(expression);
  if (rate !== null) return Number(rate[1]) > 0 ? undefined : "has no positive number";
  const cron = /^cron\(([^()]+)\)$/.exec(expression);
  if (cron?.[1] === undefined) return "is neither cron(...) nor rate(...)";
  return cronProblem(cron[1]);
}

/** What is wrong with the six fields of an AWS cron expression; `undefined` where they are right. */
export function cronProblem(fields: string): string | undefined {
  const parts = fields.split(" ");
  if (parts.length !== FIELDS.length) return `has ${parts.length} fields, not ${FIELDS.length}`;
  for (const [index, field] of FIELDS.entries()) {
    const part = parts[index] ?? "";
    if (!isField(part, field)) return `has ${JSON.stringify(part)} as ${field.name}`;
  }
  const [, , dayOfMonth, , dayOfWeek] = parts;
  if ((dayOfMonth === "?") === (dayOfWeek === "?"))
    return "needs ? as exactly one of day of month and day of week";
  return undefined;
}

function isField(text: string, field: CronField): boolean {
  if (field.special?.test(text) === true) return true;
  return text.split(",").every((item) => {
    const [range = "", step, ...more] = item.split("/");
    if (more.length > 0) return false;
    if (step !== undefined && !(field.steps && /^[1-9]\d{0,3}$/.test(step))) return false;
    if (range === "*") return true;
    const bounds = range.split("-");
    const values = bounds.map((bound) => valueOf(bound, field));
    if (bounds.length > 2 || values.some((value) => value === undefined)) return false;
    const [low = 0, high = low] = values;
    // FRI-MON goes round the end of the week; numbers do not.
    return low <= high || field.names !== undefined;
  });
}

function valueOf(text: string, { min, max, names }: CronField): number | undefined {
  const named = names?.indexOf(text) ?? -1;
  const value = named >= 0 ? named + min : /^\d{1,4}$/.test(text) ? Number(text) : NaN;
  return value >= min && value <= max ? value : undefined;
}

/** Whether a time zone is one of the IANA database, as far as this machine knows it. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
