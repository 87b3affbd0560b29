import type { CodeDescription } from "../issues/issue";

const error = (summary: string): CodeDescription => ({ summary, severity: "error" });
const warning = (summary: string): CodeDescription => ({ summary, severity: "warning" });

/** What `compare --from` can find wrong with its file. Stable. */
export const DOCUMENT_CODES = {
  COMPARISON_UNREADABLE: error(
    "What `compare --from` names is no result of `compare --format json`, or of another schema version.",
  ),
} as const satisfies Record<string, CodeDescription>;

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

/** What `compare` advises, by code, in a sentence each. Stable. */
export const ADVICE_CODES = {
  BATCH_IS_CHEAPER: "Records that can wait for the next run cost less as a batch job than as requests.",
  OPTIMISE_MODEL: "What a model that is twice as fast would save, where that is a tenth of the bill or more.",
  PROVISIONED_CONCURRENCY_COSTS:
    "Environments kept warm for the load of the quietest time would cost more than they save, and from which utilisation they would not.",
  PROVISIONED_CONCURRENCY_PAYS: "Environments kept warm for the load of the quietest time would save money.",
  SCALE_ON_CONCURRENCY:
    "Requests at once are the metric to scale on, and the target value that fits the workload.",
  SCALE_ON_CPU: "CPU is the metric to scale on, and the target value that fits the workload.",
  SCALE_ON_INVOCATIONS:
    "Invocations per instance are the metric to scale on, and the target value that fits the workload.",
  SPEED_UP_MODEL: "One request alone takes longer than the SLO allows, so that no number of replicas helps.",
  TRY_GRAVITON: "What an image for arm64 would save, where that is a tenth of the bill or more.",
  TRY_INFERENTIA: "An accelerator of AWS's own costs less by the hour than the GPU instance.",
} as const satisfies Record<string, string>;

export type AdviceCode = keyof typeof ADVICE_CODES;
