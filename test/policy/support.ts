import { join } from "node:path";
import { ROOT } from "../support/process";

/** What policies of tests take from modelport, by path: they lie in no project that has it installed. */
export const KIT = join(ROOT, "modules", "policy");

/**
 * Code of a module with one policy, `ACME_NAMES`: buckets and models start with acme.
 * @param changes members of the definition, as code, over those of the policy.
 */
export function policyCode(changes = "", kit: string = KIT): string {
  return `
const { definePolicy } = require(${JSON.stringify(kit)});
exports.policies = [definePolicy({
  code: "ACME_NAMES",
  title: "models are named after the company",
  reason: "finance finds them so",
  source: "https://wiki.acme.example/naming",
  asOf: "2026-11",
  severity: "error",
  *checkPlan({ name, target }) {
    if (!name.startsWith("acme-"))
      yield { address: target, message: "is named " + name, fix: "call it acme-" + name, field: ["name"] };
  },
  ${changes}
})];
`;
}
