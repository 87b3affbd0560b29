import type { CODES } from "../issues/codes";
import { formatPath, type Issue } from "../issues/issue";
import type { Problem } from "./problem";

/** Codes of capabilities: another target may have what this one lacks, and the fix must say which. */
const CAPABILITIES: ReadonlySet<string> = new Set(
  (
    [
      "GPU_UNSUPPORTED",
      "ARCHITECTURE_UNSUPPORTED",
      "CPU_LIMIT",
      "MEMORY_LIMIT",
      "STORAGE_LIMIT",
      "PAYLOAD_LIMIT",
      "DURATION_LIMIT",
      "SCALING_POLICY_UNSUPPORTED",
      "SCALING_METRIC_UNSUPPORTED",
      "SCALING_MINIMUM",
      "ROLLOUT_UNSUPPORTED",
      "IMAGE_REGISTRY",
      "ARTIFACT_UNSUPPORTED",
      "SERVER_CONTRACT",
      "DATA_CAPTURE_UNSUPPORTED",
    ] as const satisfies readonly (keyof typeof CODES)[]
  ).map(String),
);

/** A code with which a target cannot do what another code asks for either: no steps, so no metric for steps. */
const BESIDE: Readonly<Partial<Record<string, keyof typeof CODES>>> = {
  SCALING_METRIC_UNSUPPORTED: "SCALING_POLICY_UNSUPPORTED",
};

/** How the other targets of the registry fare with the same manifest: the errors of each, by kind. */
export type ErrorsByTarget = ReadonlyMap<string, readonly Issue[]>;

/** A target that cannot carry a manifest says so under its own name, and says what would help. */
export function* helpfulRefusal(
  issues: readonly Issue[],
  target: string,
  others: ErrorsByTarget,
): Iterable<Problem> {
  const errors = issues.filter(({ severity }) => severity === "error");
  const own = errors.filter((issue) => issue.target === target);
  const at = `${target}: `;
  if (own.length === 0) {
    const codes = errors.map(({ code }) => code).join(", ");
    yield { check: "helpful-refusal", at, message: `is refused, but by no error of its own (${codes})` };
  }
  for (const issue of own) {
    const where = `${at}${issue.path === "" ? formatPath([]) : issue.path} [${issue.code}]`;
    if (issue.message.trim() === "") yield { check: "helpful-refusal", at: where, message: "has no message" };
    if (issue.allowed === undefined && issue.fix === undefined) {
      yield { check: "helpful-refusal", at: where, message: "says neither what is allowed nor what to do" };
    }
    if (!CAPABILITIES.has(issue.code) || issue.fix?.includes("targets that can: ") === true) continue;
    const able = [...others].filter(
      ([kind, theirs]) =>
        kind !== target &&
        !theirs.some(
          ({ code, path }) => (code === issue.code && path === issue.path) || code === BESIDE[issue.code],
        ),
    );
    if (able.length === 0) continue;
    const kinds = able.map(([kind]) => kind).join(", ");
    yield { check: "helpful-refusal", at: where, message: `does not say who can: ${kinds}` };
  }
}
