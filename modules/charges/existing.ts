import type { EnvironmentPlan } from "../plan/plan";

/** What an existing network costs whoever has it, for `Candidate.existing`; nothing where the network is created. */
export function existingNetwork({ network }: EnvironmentPlan): readonly string[] {
  return network.existing === null ? [] : ["network's endpoints and gateways"];
}
