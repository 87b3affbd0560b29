import type { ITerraformDependable } from "cdktf";
import type { EnvironmentPlan } from "../plan/plan";
import type { ModelStack } from "../stack/model-stack";
import type { NetworkNeeds } from "./needs";

/** A network that the foundation made. */
export interface CreatedNetwork {
  readonly vpcId: string;
  readonly privateSubnetIds: readonly string[];
  /** Empty where nothing is public and nothing goes out to the internet. */
  readonly publicSubnetIds: readonly string[];
  /** What must exist before anything in the private subnets can start. */
  readonly dependencies: readonly ITerraformDependable[];
}

export function createNetwork(
  _stack: ModelStack,
  _plan: EnvironmentPlan,
  _needs: NetworkNeeds,
  _options: { readonly keyArn: string; readonly accountId: string },
): CreatedNetwork {
  throw new Error("being written");
}
