import type { PlannedChange } from "./plan-file";

/** One attribute that a plan changes. */
export interface Difference {
  /** `endpoint_config_name`, `network_configuration[0].subnets`. */
  readonly path: string;
  /** Where the attribute is JSON text, such as a policy: the place in it that differs, `[0].image`. */
  readonly within?: string;
  /** Absent where it is not shown: a sensitive value. Null where there is none. */
  readonly before?: unknown;
  /** Absent where it is sensitive, or not known before apply. */
  readonly after?: unknown;
  readonly sensitive?: true;
  /** Whether the new value is only known after apply. */
  readonly unknown?: true;
  /** Whether it is what forces the replacement. */
  readonly forcesReplacement?: true;
}

interface Sides {
  readonly before: unknown;
  readonly after: unknown;
  readonly unknown: unknown;
  readonly sensitiveBefore: unknown;
  readonly sensitiveAfter: unknown;
}

/** The attributes that a change of an existing resource touches, in the order of their paths. */
export function differencesOf(change: PlannedChange): readonly Difference[] {
  const replacing = (change.replace_paths ?? []).map(formatSteps);
  const found = compare(
    {
      before: change.before,
      after: change.after,
      unknown: change.after_unknown ?? false,
      sensitiveBefore: change.before_sensitive ?? false,
      sensitiveAfter: change.after_sensitive ?? false,
    },
    "",
  );
  const forced = (path: string) => replacing.some((place) => covers(place, path) || covers(path, place));
  return found
    .map((difference) =>
      forced(difference.path) ? { ...difference, forcesReplacement: true as const } : difference,
    )
    .sort((a, b) => compareText(a.path, b.path) || compareText(a.within ?? "", b.within ?? ""));
}

function formatSteps(steps: readonly (string | number)[]): string {
  return steps.reduce<string>((path, step) => below(path, step), "");
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function covers(outer: string, inner: string): boolean {
  return inner === outer || inner.startsWith(`${outer}.`) || inner.startsWith(`${outer}[`);
}

function compare(sides: Sides, path: string): readonly Difference[] {
  const { before, after, unknown, sensitiveBefore, sensitiveAfter } = sides;
  if (unknown === true) {
    return sensitiveBefore === true || sensitiveAfter === true
      ? [{ path, unknown: true, sensitive: true }]
      : [{ path, before: hide(before, sensitiveBefore), unknown: true }];
  }
  if (!hasUnknown(unknown) && same(before, after)) return [];
  if (sensitiveBefore === true || sensitiveAfter === true) return [{ path, sensitive: true }];
  if (isObject(before) && isObject(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after), ...Object.keys(asObject(unknown))]);
    return [...keys].flatMap((key) => compare(step(sides, key), below(path, key)));
  }
  // An element of a set has no place of its own: only a single one is surely what the other one was.
  const single = Array.isArray(before) && Array.isArray(after) && before.length === 1 && after.length === 1;
  if (single && isObject(before[0]) && isObject(after[0])) return compare(step(sides, 0), below(path, 0));
  const documents = path === "" ? undefined : jsonTexts(before, after);
  if (documents !== undefined) {
    const inner = compareJson(documents[0], documents[1], "");
    if (inner.length > 0) return inner.map((difference) => ({ path, ...difference }));
  }
  const old = { path, before: hide(before, sensitiveBefore) };
  // A list with elements that are known after apply only.
  if (hasUnknown(unknown)) return [{ ...old, unknown: true }];
  return [{ ...old, after: hide(after, sensitiveAfter) }];
}

/** One level down on every side; a flag that holds for a whole value holds below it too. */
function step(sides: Sides, key: string | number): Sides {
  return {
    before: at(sides.before, key) ?? null,
    after: at(sides.after, key) ?? null,
    unknown: flagAt(sides.unknown, key),
    sensitiveBefore: flagAt(sides.sensitiveBefore, key),
    sensitiveAfter: flagAt(sides.sensitiveAfter, key),
  };
}

/** Differences inside two JSON texts, such as policies; JSON has no order of keys, so that order alone is none. */
function compareJson(before: unknown, after: unknown, within: string): readonly Omit<Difference, "path">[] {
  if (same(before, after)) return [];
  if (isObject(before) && isObject(after)) {
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
      compareJson(before[key] ?? null, after[key] ?? null, below(within, key)),
    );
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((item: unknown, index) => compareJson(item, after[index], below(within, index)));
  }
  return [{ within, before, after }];
}

function jsonTexts(before: unknown, after: unknown): readonly [unknown, unknown] | undefined {
  const [a, b] = [parse(before), parse(after)];
  return a === undefined || b === undefined ? undefined : [a, b];
}

function parse(text: unknown): unknown {
  if (typeof text !== "string" || !/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** A value with its sensitive parts left out. */
function hide(value: unknown, sensitive: unknown): unknown {
  if (sensitive === true) return "(sensitive)";
  if (sensitive === false || sensitive === undefined) return value ?? null;
  if (Array.isArray(value)) return value.map((item: unknown, index) => hide(item, flagAt(sensitive, index)));
  if (!isObject(value)) return value ?? null;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, hide(inner, flagAt(sensitive, key))]),
  );
}

function hasUnknown(flags: unknown): boolean {
  if (flags === true) return true;
  if (Array.isArray(flags)) return flags.some(hasUnknown);
  return isObject(flags) && Object.values(flags).some(hasUnknown);
}

function flagAt(flags: unknown, key: string | number): unknown {
  return typeof flags === "boolean" ? flags : (at(flags, key) ?? false);
}

function at(value: unknown, key: string | number): unknown {
  if (Array.isArray(value)) return typeof key === "number" ? (value as readonly unknown[])[key] : undefined;
  return isObject(value) && Object.hasOwn(value, key) ? value[String(key)] : undefined;
}

function below(path: string, key: string | number): string {
  if (typeof key === "number") return `${path}[${key}]`;
  if (!/^[A-Za-z_][\w-]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}

function same(a: unknown, b: unknown): boolean {
  if (a === b || ((a ?? null) === null && (b ?? null) === null)) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item: unknown, index) => same(item, b[index]));
  if (!isObject(a) || !isObject(b)) return false;
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => same(a[key], b[key]));
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
