import { type FoundationNeeds, splitNeeds, uniteNeeds } from "../foundation/needs";
import type { EnvironmentPlan } from "../plan/plan";
import { billOf, type BillOptions } from "./bill";
import type { SharedCost, SharedFoundation } from "./comparison";
import { foundationCharges } from "./foundation-charges";

/** A model of a fleet, and what its targets need of the foundation. */
export interface FoundationUser {
  readonly plan: EnvironmentPlan;
  /** Of the recommended target; null where there is none. */
  readonly recommended: FoundationNeeds | null;
  /** Of the manifest's own target; null where it names none, or it cannot carry the load. */
  readonly chosen: FoundationNeeds | null;
}

/** What a foundation is billed with. */
export type FoundationBilling = Omit<BillOptions, "region">;

/**
 * What models of one foundation pay for once, though the bill of each has it: key, endpoints and gateways. Each bill is made
 * again from these alone, to the same cents, since none of their prices has tiers; what passes the endpoints stays each
 * model's own. Foundations of one model, and those that cost nothing, are left out.
 */
export function sharedFoundations(
  users: readonly FoundationUser[],
  billing: FoundationBilling,
): readonly SharedFoundation[] {
  const groups = new Map<string, FoundationUser[]>();
  for (const user of users) {
    const { foundation, environment } = user.plan;
    if (foundation === null) continue;
    // A name may stand for another foundation in another account or region.
    const key = JSON.stringify([foundation, environment, user.plan.account, user.plan.region?.name ?? null]);
    groups.set(key, [...(groups.get(key) ?? []), user]);
  }
  return [...groups.values()].flatMap((members): readonly SharedFoundation[] => {
    const [first] = members;
    if (first === undefined || members.length < 2) return [];
    const { foundation, environment } = first.plan;
    const recommended = costOf(members, ({ recommended: needs }) => needs, billing);
    const chosen = costOf(members, ({ chosen: needs }) => needs, billing);
    if (foundation === null || (recommended.inBillsUsd === 0 && chosen.inBillsUsd === 0)) return [];
    return [{ foundation, environment, models: members.length, recommended, chosen }];
  });
}

function costOf(
  members: readonly FoundationUser[],
  of: (user: FoundationUser) => FoundationNeeds | null,
  billing: FoundationBilling,
): SharedCost {
  const wanted = members.flatMap((user) => {
    const needs = of(user);
    return needs === null ? [] : [{ plan: user.plan, needs: splitNeeds(needs).common }];
  });
  const [first] = wanted;
  if (first === undefined) return { onceUsd: 0, inBillsUsd: 0 };
  const cents = (needs: FoundationNeeds, plan: EnvironmentPlan) =>
    Math.round(
      billOf(foundationCharges(needs, plan, []).charges, { ...billing, region: plan.region?.name ?? "" }).cost
        .total * 100,
    );
  const all = uniteNeeds(wanted.map(({ needs }) => needs));
  return {
    onceUsd: cents(all, first.plan) / 100,
    inBillsUsd: wanted.reduce((sum, { needs, plan }) => sum + cents(needs, plan), 0) / 100,
  };
}

/** What the sum of bills has too much of. */
export function countedTwice({ onceUsd, inBillsUsd }: SharedCost): number {
  return Math.round((inBillsUsd - onceUsd) * 100) / 100;
}
