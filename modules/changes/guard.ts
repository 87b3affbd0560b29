import data from "./guard-rules.json";

/** What must never be replaced or destroyed unasked, and why. */
export interface GuardRule {
  /** Stable; scripts match it. */
  readonly code: string;
  /** Resource types that the rule protects. */
  readonly types: readonly string[];
  /** What is lost when one goes. */
  readonly loss: string;
  /** What to do instead. */
  readonly fix: string;
  /** Vendor page on what its deletion does, with the date it was read. */
  readonly source: string;
  readonly asOf: string;
}

/** What the guard found; the keys are public. */
export interface GuardFinding {
  readonly address: string;
  readonly type: string;
  readonly action: "replace" | "delete";
  readonly code: string;
  readonly message: string;
  readonly fix: string;
  /** Whether `--allow` named it, so that it stops nothing. */
  readonly allowed: boolean;
  /** Whether Terraform will refuse as well, because the resource is under `prevent_destroy`. */
  readonly preventDestroy: boolean;
}

export const GUARD_RULES: readonly GuardRule[] = data.rules;

/** Types that targets use and that may be replaced or destroyed unasked, with the reason. */
export const EXPENDABLE: readonly { readonly why: string; readonly types: readonly string[] }[] =
  data.expendable;

const BY_TYPE = new Map(GUARD_RULES.flatMap((rule) => rule.types.map((type) => [type, rule] as const)));

/** The rule that protects a type of resource. */
export function guardRuleOf(type: string): GuardRule | undefined {
  return BY_TYPE.get(type);
}

export interface GuardOptions {
  readonly stack: string;
  /** Addresses, `<stack>/<address>`, or `all`, that may go. */
  readonly allow: readonly string[];
  /** Addresses under `prevent_destroy`. */
  readonly preventDestroy: readonly string[];
}

/** Holds one replacement or destruction against the rules. */
export function guard(
  { address, type, action }: Pick<GuardFinding, "address" | "type" | "action">,
  { stack, allow, preventDestroy }: GuardOptions,
): GuardFinding | null {
  const rule = BY_TYPE.get(type);
  if (rule === undefined) return null;
  return {
    address,
    type,
    action,
    code: rule.code,
    message: `${action === "replace" ? "is replaced" : "is destroyed"}: ${rule.loss}`,
    fix: rule.fix,
    allowed: [address, `${stack}/${address}`, "all"].some((name) => allow.includes(name)),
    preventDestroy: preventDestroy.includes(address),
  };
}
