import { isMap, type Value, type ValueMap } from "./msgpack";

export type Operation = "create" | "read" | "update" | "delete";

/** A failure or delay to rehearse. Unless it `takesEffect`, a failing operation leaves everything as it was. */
export interface Fault {
  /**
   * A resource type ("aws_lambda_function") or the address of one resource ("aws_lambda_function.api"). Of a resource
   * with `count` or `for_each`, every instance is meant.
   */
  resource: string;
  on: Operation;
  /** Error to fail with. Default: the operation is only delayed. */
  message?: string;
  /** Milliseconds to wait before the operation ends. Default: 0. */
  delayMs?: number;
  /** How often the fault strikes. Default: always. */
  times?: number;
  /**
   * The operation fails, but only after it has been carried out, as when the wait for its end times out. Terraform
   * keeps a new object as tainted and stores the new values of a changed one; a deleted one stays in the state until
   * the next refresh misses it. Default: false.
   */
  takesEffect?: boolean;
  /** For a read: the object has vanished. Default: false. */
  vanished?: boolean;
}

/** A fault as the child process matches it: the provider protocol names a resource's type, never its address. */
export interface ArmedFault extends Fault {
  /** Which of the session's faults this is; `times` counts by it. */
  index: number;
  type: string;
  /** Values that tell the resource at the address from others; none when the fault is for a whole type. */
  settings?: Record<string, unknown>;
}

/** Whether a fault is for the resource with these values. */
export function strikes(fault: ArmedFault, type: string, operation: Operation, value: ValueMap): boolean {
  if (fault.type !== type || fault.on !== operation) return false;
  return Object.entries(fault.settings ?? {}).every(([name, wanted]) => matches(wanted, value[name] ?? null));
}

/** Whether a planned or stored value is what a literal of the configuration became. */
function matches(wanted: unknown, value: Value): boolean {
  if (typeof wanted === "string" && wanted.includes("${")) return true;
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(value) &&
      wanted.length === value.length &&
      wanted.every((item: unknown, i) => matches(item, value[i] ?? null))
    );
  }
  if (typeof wanted === "object" && wanted !== null) {
    // A block of a list may be written without the list around its only element.
    const inner = Array.isArray(value) && value.length === 1 ? (value[0] ?? null) : value;
    return isMap(inner) && Object.entries(wanted).every(([name, item]) => matches(item, inner[name] ?? null));
  }
  if (wanted === null) return true;
  // Terraform converts literals to the attribute's type: 80 and "80" are one value.
  const scalar = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  return (
    scalar &&
    (typeof wanted === "string" || typeof wanted === "number" || typeof wanted === "boolean") &&
    String(wanted) === String(value)
  );
}
