import type { ManifestPath, Severity } from "../issues/issue";
import type { EnvironmentPlan, TargetPlan } from "../plan/plan";
import type { PolicyStack } from "./policy-stack";

/** Something that a policy forbids. */
export interface Violation {
  /** What breaks it: a resource of the stack, `aws_s3_bucket.logs`; the stack's or the target's name where it is none. */
  readonly address: string;
  /** What is wrong with it, as the rest of a sentence that starts with the address. */
  readonly message: string;
  /** What to do about it. Default: how to suppress it. */
  readonly fix?: string;
  /** The manifest's field that leads to it, for the place that the message names. */
  readonly field?: ManifestPath;
}

/** What a policy knows beside the stack that it looks at. */
export interface PolicyContext {
  /** The manifest of the environment: defaults applied, units parsed, frozen. */
  readonly plan: EnvironmentPlan;
}

/** What `definePolicy` takes. At least one of `checkStack` and `checkPlan` must be there. */
export interface PolicyDefinition {
  /** Stable name that suppressions give: capital letters, digits and underscores, for example `ACME_COST_CENTER`. */
  readonly code: string;
  /** What must hold, in one sentence. */
  readonly title: string;
  /** Why it must hold: what happens where it does not. */
  readonly reason: string;
  /** Where that is written: a vendor's page, or the organisation's own rule. */
  readonly source: string;
  /** When the source was read: `2026-11` or `2026-11-23`. */
  readonly asOf: string;
  /** Whether a violation stops synthesis. */
  readonly severity: Severity;
  /** Ids of the controls that it covers, as checkov and AWS Security Hub name them. Default none. */
  readonly controls?: readonly string[];
  /**
   * Types of resources that `checkStack` looks at; it is not called for a stack without any of them. Default: it is
   * called for every stack.
   */
  readonly resourceTypes?: readonly string[];
  /** Violations in one synthesized stack, as Terraform will read it. Pure. */
  readonly checkStack?: (stack: PolicyStack, context: PolicyContext) => Iterable<Violation>;
  /** Violations in the plan of one target, before any stack. Pure. */
  readonly checkPlan?: (plan: TargetPlan<unknown>) => Iterable<Violation>;
}

/** A rule over plans and synthesized stacks. Only {@link definePolicy} makes one. */
export type Policy = Readonly<PolicyDefinition> & { readonly controls: readonly string[] };

/** Known to every installed copy of modelport: an organisation's package may bring its own. */
const MADE = Symbol.for("modelport.policy");

const CODE = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/;
const DATE = /^20\d\d-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?$/;
const TYPE = /^[a-z][a-z0-9_]+$/;

/**
 * Makes a policy.
 * @throws {TypeError} naming everything that is wrong with the definition.
 */
export function definePolicy(definition: PolicyDefinition): Policy {
  const flaws = [...flawsOf(definition)];
  if (flaws.length > 0) throw new TypeError(`definePolicy: ${flaws.join("; ")}`);
  return Object.freeze(
    Object.defineProperty({ ...definition, controls: definition.controls ?? [] }, MADE, { value: true }),
  );
}

/** Whether a value is what some copy of modelport's {@link definePolicy} made. */
export function isPolicy(value: unknown): value is Policy {
  return typeof value === "object" && value !== null && Reflect.get(value, MADE) === true;
}

/** What the types say, for callers that are not compiled against them. */
function* flawsOf(definition: { readonly [Key in keyof PolicyDefinition]?: unknown }): Iterable<string> {
  const { code, title, reason, source, asOf, severity, controls, resourceTypes } = definition;
  if (typeof code !== "string" || !CODE.test(code))
    yield `code ${JSON.stringify(code)} is not several words of capital letters and digits, joined by _`;
  for (const [name, text] of Object.entries({ title, reason, source }))
    if (typeof text !== "string" || text.trim() === "") yield `${name} is empty`;
  if (typeof asOf !== "string" || !DATE.test(asOf)) yield "asOf is no date such as 2026-11 or 2026-11-23";
  if (severity !== "error" && severity !== "warning") yield 'severity is neither "error" nor "warning"';
  if (controls !== undefined && !isTexts(controls, /\S/)) yield "controls is no list of ids";
  if (resourceTypes !== undefined && !isTexts(resourceTypes, TYPE))
    yield "resourceTypes is no list of types such as aws_s3_bucket";
  const { checkStack, checkPlan } = definition;
  for (const [name, check] of Object.entries({ checkStack, checkPlan }))
    if (check !== undefined && typeof check !== "function") yield `${name} is no function`;
  if (checkStack === undefined && checkPlan === undefined) yield "it has neither checkStack nor checkPlan";
}

function isTexts(value: unknown, pattern: RegExp): boolean {
  return (
    Array.isArray(value) && value.every((item: unknown) => typeof item === "string" && pattern.test(item))
  );
}
