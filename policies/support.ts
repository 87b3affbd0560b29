import { list, objectAt, type Json, type JsonObject, type Resource } from "../modules/conformance/document";
import type { Violation } from "../modules/policy/policy";

/** What the resources of a stack must have, one by one: a violation for each that a test refuses. */
export function* each(
  resources: readonly Resource[],
  refused: (config: JsonObject, resource: Resource) => string | false,
  more: Omit<Violation, "address" | "message"> = {},
): Iterable<Violation> {
  for (const resource of resources) {
    const message = refused(resource.config, resource);
    if (message !== false) yield { address: resource.address, message, ...more };
  }
}

/** Whether an attribute has a text, or a reference to one. */
export function isGiven(value: Json | undefined): boolean {
  return typeof value === "string" && value !== "";
}

/** Whether a flag is on; the providers take texts too. */
export function isOn(value: Json | undefined): boolean {
  return value === true || value === "true";
}

/** Whether a flag is off, and not merely absent. */
export function isOff(value: Json | undefined): boolean {
  return value === false || value === "false";
}

const ANYWHERE: readonly (Json | undefined)[] = ["0.0.0.0/0", "::/0"];

/** Whether a list of address ranges, or a single one, has the whole internet. */
export function hasAnywhere(value: Json | undefined): boolean {
  return list(value).some((range) => ANYWHERE.includes(range));
}

/** Every principal of a statement, of whatever kind; `*` where it is for everybody. */
export function principalsOf(statement: JsonObject): readonly string[] {
  const { Principal: principal } = statement;
  if (typeof principal === "string") return [principal];
  return Object.values(objectAt(principal)).flatMap((who) =>
    list(who).filter((one) => typeof one === "string"),
  );
}

/** Actions or resources of a statement as texts. */
export function textsOf(value: Json | undefined): readonly string[] {
  return list(value).filter((item) => typeof item === "string");
}

/** A text, or a number as one; empty for anything else. */
export function asText(value: Json | undefined): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** A statement's name in a message. */
export function sidOf({ Sid: sid }: JsonObject): string {
  return typeof sid === "string" && sid !== "" ? `the statement ${sid}` : "a statement without a sid";
}
