import type { CodeDescription } from "../issues/issue";

const error = (summary: string): CodeDescription => ({ summary, severity: "error" });
const warning = (summary: string): CodeDescription => ({ summary, severity: "warning" });

/** Reasons that `compare` itself has against a target, beside the codes of the checks. Stable. */
export const COMPARE_CODES = {
  COMPARE_NO_ARRIVALS: error("The target answers requests, and the manifest's workload has none."),
  COMPARE_NO_BATCH: error("The target runs jobs over data sets, and the manifest has no `workload.batch`."),
  COMPARE_NO_MODEL: error("The target gives no model of its capacity and cost."),
  COMPARE_NO_SIZE: error("The target has no size that holds `resources`."),
  COMPARE_ANSWERS_LATER: warning(
    "The target puts its answers where the caller must fetch them; it is recommended only where the manifest chose it.",
  ),
  COMPARE_SLO_MISSED: warning("No size of the target that was tried keeps `workload.slo`."),
  COMPARE_PRICE_UNKNOWN: warning(
    "The price of a large part of the bill is not known in the region: the target is neither recommended nor put on a curve.",
  ),
  COMPARE_RUN_TOO_LONG: warning("A run of the batch job takes longer than the time to the next."),
} as const satisfies Record<string, CodeDescription>;

export type CompareCode = keyof typeof COMPARE_CODES;
