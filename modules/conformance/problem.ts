/** Something that a synthesized stack, or a refusal, does not keep to. */
export interface Problem {
  /** Name of the check, stable: `pinned-images`. */
  readonly check: string;
  /** Where: a stack and, within it, an address or a path. */
  readonly at: string;
  readonly message: string;
}

/** One problem on a line. */
export function formatProblem({ check, at, message }: Problem): string {
  return `${at}: ${message} (${check})`;
}
