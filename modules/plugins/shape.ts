import { satisfies } from "semver";
import { z } from "zod";
import { version as running } from "../../package.json";
import { ARCHITECTURES, NAME_PATTERN, ROLLOUT_STRATEGIES, SCALING_METRICS } from "../manifest/schema";
import { FOUNDATION } from "../stack/names";
import type { Capabilities } from "../../targets/target";
import { madeBy } from "./brand";

/** What is wrong with a value that should be a target. */
export interface Flaw {
  /** The member at fault, dotted; empty for the target as a whole. */
  readonly path: string;
  readonly message: string;
  readonly fix: string;
}

/** Words that stand where a kind may stand, or end a stack's name. */
const RESERVED = ["all", FOUNDATION, "front-door"];

const text = z.string().refine((value) => value.trim() !== "", "is empty");

const limit = z.strictObject({
  value: z.number().nonnegative(),
  unit: text,
  source: text,
  asOf: z.string().regex(/^20\d\d(?:-\d\d){1,2}$/, "is no date such as 2026-11 or 2026-11-23"),
  note: text.optional(),
});

const metrics = z.array(z.enum(SCALING_METRICS));

const capabilities = z.strictObject({
  summary: text,
  answers: z.enum(["caller", "later", "nobody"]).optional(),
  architectures: z.array(z.enum(ARCHITECTURES)).min(1),
  gpu: limit,
  cpu: limit,
  memory: limit,
  storage: limit,
  payload: z.strictObject({ request: limit, response: limit, warnAbove: limit.optional() }),
  requestDuration: limit,
  scaling: z.strictObject({
    policies: z.strictObject({
      "target-tracking": metrics.min(1).optional(),
      step: metrics.min(1).optional(),
      scheduled: metrics.optional(),
    }),
    minimum: limit,
    fallback: z.looseObject({ type: z.enum(["target-tracking", "step", "scheduled"]) }).nullable(),
    instead: text,
  }),
  rollouts: z.array(z.enum(ROLLOUT_STRATEGIES)).min(1),
  secrets: z.enum(["injected", "reference"]),
  images: z.enum(["any", "ecr", "ecr-same-region"]),
  artifacts: z.array(z.enum(["s3", "local"])),
  server: z.enum(["fixed", "free"]),
  dataCapture: z.boolean(),
  optimizers: z.array(z.enum(["neo"])).optional(),
  public: z.boolean(),
  reachedBy: text.optional(),
} as const satisfies Readonly<Record<keyof Capabilities, z.ZodType>>);

/** A member that is a function. */
const callable = z.custom((value) => typeof value === "function", "is no function");

/** What `defineTarget` cannot know at run time: its types end where a plug-in is not compiled against them. */
const shape = z.looseObject({
  kind: z
    .string()
    .regex(NAME_PATTERN, "is not 3 to 32 lower case letters, digits and hyphens, from a letter on")
    .refine((kind) => !RESERVED.includes(kind), "is a word of modelport's own"),
  title: text,
  platform: z.enum(["aws", "local"]),
  useCase: text,
  strengths: z.array(text).min(1),
  weaknesses: z.array(text).min(1),
  modes: z
    .record(z.string().regex(/^[a-z][a-z0-9-]*$/), capabilities)
    .refine((modes) => Object.keys(modes).length > 0, "has no mode"),
  codes: z.record(
    z.string().regex(/^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/),
    z.strictObject({ summary: text, severity: z.enum(["error", "warning"]) }),
  ),
  modeOf: callable,
  check: callable,
  deployment: callable,
});

const MADE_FIX = 'make it with defineTarget, from "modelport/target"';

/** Everything that keeps a value from being a target of this modelport. */
export function* flawsOf(value: unknown): Iterable<Flaw> {
  const made = madeBy(value);
  if (made === undefined) {
    yield { path: "", message: "was not made by defineTarget", fix: MADE_FIX };
    return;
  }
  // What a newer release offers may be missing here; what an older one made is kept working within its range.
  if (!satisfies(running, `^${made}`, { includePrerelease: true })) {
    const message = `was made with modelport ${made}; this is ${running}`;
    yield { path: "", message, fix: `install releases of the plug-in and of modelport that go together` };
    return;
  }
  const parsed = shape.safeParse(value);
  for (const issue of parsed.error?.issues ?? []) {
    yield {
      path: issue.path.map(String).join("."),
      message: wording(issue),
      fix: "correct it where defineTarget is called",
    };
  }
  yield* optionsFlaws(Reflect.get(value as object, "options"));
}

function wording(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_key") return issue.issues[0]?.message ?? issue.message;
  return issue.code === "custom" || (issue.code === "invalid_format" && !issue.message.startsWith("Invalid"))
    ? issue.message
    : `${issue.message.charAt(0).toLowerCase()}${issue.message.slice(1)}`;
}

interface Node {
  readonly type?: unknown;
  readonly additionalProperties?: unknown;
  readonly anyOf?: readonly Node[];
  readonly oneOf?: readonly Node[];
}

function* optionsFlaws(options: unknown): Iterable<Flaw> {
  const path = "options";
  const fix = 'make it with z.strictObject, z from "modelport/target"';
  if (!isSchema(options)) {
    yield { path, message: "is no schema of zod 4", fix };
    return;
  }
  let node: Node;
  try {
    node = z.toJSONSchema(options, { io: "input", unrepresentable: "any" });
  } catch (error) {
    yield { path, message: `has no JSON Schema: ${error instanceof Error ? error.message : ""}`, fix };
    return;
  }
  if (!isClosed(node)) {
    yield { path, message: "takes fields that it does not know: a misspelled option would be dropped", fix };
  }
}

/** Another copy's class is not ours, so `instanceof` would not do. */
function isSchema(value: unknown): value is z.ZodType {
  return typeof value === "object" && value !== null && "_zod" in value && "safeParse" in value;
}

/** Whether a schema is a map of known fields, or a choice of such. */
function isClosed({ type, additionalProperties, anyOf, oneOf }: Node): boolean {
  const choices = anyOf ?? oneOf;
  if (choices !== undefined) return choices.length > 0 && choices.every(isClosed);
  return type === "object" && additionalProperties === false;
}
