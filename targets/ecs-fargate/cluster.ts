import type { ITerraformDependable } from "cdktf";
import { EcsCluster } from "@cdktf/provider-aws/lib/ecs-cluster";
import { EcsClusterCapacityProviders } from "@cdktf/provider-aws/lib/ecs-cluster-capacity-providers";
import type { Shared } from "../../modules/foundation/shared";
import { createLogGroup } from "../../modules/observability/log-group";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import type { ModelStack } from "../../modules/stack/model-stack";
import type { Sealed } from "../../modules/stack/seal";
import type { Options } from "./options";
import { encryptsStorage } from "./settings";

/** The cluster that the service runs in. */
export interface Cluster {
  readonly arn: string;
  readonly name: string;
  /** ARN of the log group of ECS Exec; null where the cluster is not ours to know. */
  readonly execLogGroupArn: string | null;
  /** What must exist before a service asks for Fargate capacity. */
  readonly dependencies: readonly ITerraformDependable[];
}

/** The manifest's cluster, or one with Container Insights, both Fargate capacity providers and encrypted sessions. */
export function clusterOf(stack: ModelStack, plan: Sealed<AwsTargetPlan<Options>>, shared: Shared): Cluster {
  const { options, region } = plan;
  if (options.cluster !== undefined) {
    return {
      arn: `arn:${region.partition}:ecs:${region.name}:${shared.accountId}:cluster/${options.cluster}`,
      name: options.cluster,
      execLogGroupArn: null,
      dependencies: [],
    };
  }
  const name = `${stack.prefix}-${stack.component}`;
  const sessions = createLogGroup(stack, "exec-log-group", plan, {
    name: `/modelport/${stack.prefix}/${stack.component}-exec`,
    keyArn: shared.keyArn,
  });
  const cluster = new EcsCluster(stack, "cluster", {
    name,
    setting: [{ name: "containerInsights", value: "enabled" }],
    configuration: {
      executeCommandConfiguration: {
        kmsKeyId: shared.keyArn,
        logging: "OVERRIDE",
        logConfiguration: { cloudWatchEncryptionEnabled: true, cloudWatchLogGroupName: sessions.name },
      },
      ...(encryptsStorage(plan)
        ? { managedStorageConfiguration: { fargateEphemeralStorageKmsKeyId: shared.keyArn } }
        : {}),
    },
  });
  const providers = new EcsClusterCapacityProviders(stack, "cluster-capacity", {
    clusterName: cluster.name,
    capacityProviders: ["FARGATE", "FARGATE_SPOT"],
  });
  return { arn: cluster.arn, name: cluster.name, execLogGroupArn: sessions.arn, dependencies: [providers] };
}
