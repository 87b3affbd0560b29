/**
 * What an organisation's own policies are written with: `import { definePolicy } from "modelport/policy"`.
 * @packageDocumentation
 */
export {
  definePolicy,
  type Policy,
  type PolicyContext,
  type PolicyDefinition,
  type Violation,
} from "./policy";
export { refersTo, type PolicyStack, type PolicyStatement } from "./policy-stack";
export {
  blocks,
  list,
  objectAt,
  parseJson,
  textsIn,
  type Json,
  type JsonObject,
  type Resource,
} from "../conformance/document";
