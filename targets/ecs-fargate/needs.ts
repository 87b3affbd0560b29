import type { NetworkNeeds } from "../../modules/foundation/needs";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import type { Options } from "./options";

/**
 * What the tasks call in a network that is created. Layers and artifacts come through S3's gateway endpoint; the
 * endpoints of ECS itself are not needed on Fargate.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/vpc-endpoints.html (read 2026-11-23)
 */
export function networkNeeds({ network, model, options }: AwsTargetPlan<Options>): NetworkNeeds | null {
  if (network.existing !== null) return null;
  const secrets = [...Object.values(model.secrets), options.registryCredentials ?? ""];
  const uses = (service: string) => secrets.some((secret) => secret.includes(`:${service}:`));
  return {
    endpoints: [
      "ecr.api",
      "ecr.dkr",
      "logs",
      ...(uses("secretsmanager") ? ["secretsmanager"] : []),
      ...(uses("ssm") ? ["ssm"] : []),
      ...(options.executeCommand ? ["ssmmessages"] : []),
    ],
    public: network.public,
  };
}
