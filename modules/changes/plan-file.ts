/** What `terraform show -json <plan>` says of one resource, as far as it is used here. */
export interface PlannedResource {
  readonly address: string;
  readonly mode: "managed" | "data";
  readonly type: string;
  readonly change: PlannedChange;
  /** Why Terraform chose the action, e.g. `replace_because_cannot_update`. */
  readonly action_reason?: string;
}

/** A planned change of a resource or an output. */
export interface PlannedChange {
  /** `["no-op"]`, `["create"]`, `["update"]`, `["delete"]`, `["delete", "create"]`, `["create", "delete"]`, `["read"]`, `["forget"]`. */
  readonly actions: readonly string[];
  readonly before: unknown;
  readonly after: unknown;
  /** `true` where the value is not known before apply; the shape of `after`. */
  readonly after_unknown?: unknown;
  readonly before_sensitive?: unknown;
  readonly after_sensitive?: unknown;
  /** Places that force the replacement. */
  readonly replace_paths?: readonly (readonly (string | number)[])[];
}

/**
 * A plan as Terraform writes it, as far as it is used here.
 * @see https://developer.hashicorp.com/terraform/internals/json-format (format 1.2, read 2026-11)
 */
export interface PlanFile {
  readonly format_version: string;
  readonly terraform_version: string;
  readonly resource_changes: readonly PlannedResource[];
  readonly output_changes: Readonly<Record<string, PlannedChange>>;
}

/**
 * Takes a plan from the text or value of `terraform show -json`.
 * @throws Error where it is none, or of a format that this release does not know.
 */
export function readPlanFile(document: unknown): PlanFile {
  const { format_version, terraform_version, resource_changes, output_changes } = asObject(document);
  // A minor version only adds; a major one may change what is read here.
  if (typeof format_version !== "string" || !format_version.startsWith("1."))
    throw new Error(`no Terraform plan of format 1.x: format_version is ${JSON.stringify(format_version)}`);
  return {
    format_version,
    terraform_version: typeof terraform_version === "string" ? terraform_version : "unknown",
    // An absent list is how Terraform writes an empty one.
    resource_changes: (resource_changes ?? []) as PlanFile["resource_changes"],
    output_changes: (output_changes ?? {}) as PlanFile["output_changes"],
  };
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
