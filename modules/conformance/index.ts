/**
 * `modelport/conformance`: whether a target keeps what modelport promises of all targets. {@link conformance} is the
 * whole suite in one call; {@link conform} asks of one manifest.
 * @packageDocumentation
 */
export { conformance, type SuiteOptions, type SuiteReport } from "./suite";
export { checkStack, conform, type ConformanceOptions, type Outcome } from "./conform";
export { formatProblem, type Problem } from "./problem";
export type { IamReview, ReviewedActions } from "./iam";
export type { NameRule } from "./names";
export {
  manifestData,
  resolveCase,
  reverseKeys,
  synthesizeStacks,
  writeStacks,
  type ConformanceCase,
} from "./synthesis";
export { resourcesOf, type Json, type JsonObject, type Resource, type StackDocument } from "./document";
