declare const sealed: unique symbol;

/**
 * A plan whose texts are literal to Terraform. Constructs accept nothing else, and only {@link seal} makes it: this is
 * the one door between what a manifest says and what Terraform evaluates.
 */
export type Sealed<T> = T & { readonly [sealed]: true };

/** Every `$` or `%` before a brace starts a Terraform template; doubled it stands for itself. */
const TEMPLATE_START = /([$%])(?=\{)/g;

/** Makes one text literal to Terraform. */
export function escapeTemplate(text: string): string {
  return text.includes("{") ? text.replace(TEMPLATE_START, "$1$1") : text;
}

/**
 * Makes every text of a plan literal to Terraform, keys as well as values. Class instances (sizes, durations, paths on
 * this machine) hold no text that reaches the output and pass unchanged.
 */
export function seal<T>(plan: T): Sealed<T> {
  return literal(plan) as Sealed<T>;
}

function literal(value: unknown): unknown {
  if (typeof value === "string") return escapeTemplate(value);
  if (Array.isArray(value)) return Object.freeze(value.map(literal));
  if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.freeze(
      Object.fromEntries(Object.entries(value).map(([key, item]) => [escapeTemplate(key), literal(item)])),
    );
  }
  return value;
}

/** Undoes {@link escapeTemplate}, for tests and for reading output back. */
export function unescapeTemplate(text: string): string {
  return text.replace(/([$%])\1(?=\{)/g, "$1");
}
