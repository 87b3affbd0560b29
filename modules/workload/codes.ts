import type { CodeDescription } from "../issues/issue";

const error = (summary: string): CodeDescription => ({ summary, severity: "error" });

/** What can be wrong with a file of requests over time (`workload.trace`, `--traffic`). Stable. */
export const TRACE_CODES = {
  TRACE_UNREADABLE: error("The trace does not exist, is no file, is no UTF-8 text, or cannot be read."),
  TRACE_HEADER: error(
    "The trace's first line does not name the columns `timestamp` and `requests`, each once.",
  ),
  TRACE_ROW: error(
    "A row of the trace has no time or no number of requests that can be read, or more requests than a load may have.",
  ),
  TRACE_TOO_SHORT: error(
    "The trace has fewer than two different times, so that nothing says how long a row lasts.",
  ),
} as const satisfies Record<string, CodeDescription>;

export type TraceCode = keyof typeof TRACE_CODES;
