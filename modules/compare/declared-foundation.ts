import { type FoundationNeeds, uniteNeeds } from "../foundation/needs";
import type { EnvironmentPlan } from "../plan/plan";
import { billOf, type BillOptions } from "./bill";
import { foundationCharges } from "./foundation-charges";
import { money } from "./render/format";

/** A target that the manifest declares, in the mode that it names. */
export interface Declared {
  readonly target: string;
  readonly needs: FoundationNeeds;
}

/**
 * What the foundation of a manifest with several targets costs beyond the bill of each, in a sentence: it has what all of
 * them need, so that a switch destroys nothing in use, and each bill has only what its target needs. Null where that is
 * the same, or too little to matter.
 */
export function declaredFoundationNote(
  declared: readonly Declared[],
  plan: EnvironmentPlan,
  billing: BillOptions,
): string | null {
  const usd = (needs: FoundationNeeds) =>
    billOf(foundationCharges(needs, plan, []).charges, billing).exactUsd;
  const all = usd(uniteNeeds(declared.map(({ needs }) => needs)));
  const more = declared
    .map(({ target, needs }) => ({ target, usd: all - usd(needs) }))
    .filter((each) => each.usd >= 0.01);
  const clusters = declared.filter(({ needs }) => needs.own.length > 0).map(({ target }) => target);
  if (more.length === 0 && (clusters.length === 0 || declared.length < 2)) return null;
  const names = declared.map(({ target }) => target).join(", ");
  const alike = new Map<string, readonly string[]>();
  for (const { target, usd: beyond } of more) {
    alike.set(money(beyond), [...(alike.get(money(beyond)) ?? []), target]);
  }
  const costs = [...alike]
    .map(([amount, of]) => `${amount} a month to ${of.length > 1 ? "each of " : ""}${of.join(", ")}`)
    .join(", ");
  return [
    `The foundation is made for every target under \`targets\` (${names}), and each bill has only what its own target needs`,
    ...(costs === "" ? [] : [`as long as all are declared it adds ${costs}`]),
    ...(clusters.length === 0
      ? []
      : [`what ${clusters.join(", ")} has there is paid for whichever is chosen`]),
  ]
    .join("; ")
    .concat(".");
}
