import { EcrLifecyclePolicy } from "@cdktf/provider-aws/lib/ecr-lifecycle-policy";
import { EcrRepository } from "@cdktf/provider-aws/lib/ecr-repository";
import { EcrRepositoryPolicy } from "@cdktf/provider-aws/lib/ecr-repository-policy";
import { policyJson } from "../iam/policy";
import type { EnvironmentPlan } from "../plan/plan";
import { acceptable } from "../stack/names";
import type { ModelStack } from "../stack/model-stack";

/** The registry for an image that is built: tags cannot be moved, images are scanned, only untagged ones expire. */
export function createRegistry(
  stack: ModelStack,
  plan: EnvironmentPlan,
  options: { readonly keyArn: string; readonly accountId: string },
): { readonly url: string; readonly arn: string } {
  const { region } = plan;
  if (region === null) throw new Error("a registry needs a region");
  const repository = new EcrRepository(stack, "registry", {
    name: `${acceptable("repository", plan.name)}/${plan.environment}`,
    imageTagMutability: "IMMUTABLE",
    imageScanningConfiguration: { scanOnPush: true },
    encryptionConfiguration: [{ encryptionType: "KMS", kmsKey: options.keyArn }],
    lifecycle: { preventDestroy: plan.security.deletionProtection },
  });
  new EcrRepositoryPolicy(stack, "registry-policy", {
    repository: repository.name,
    policy: policyJson([
      {
        // Lambda pulls by its own principal, whoever the function runs as.
        sid: "LambdaPullsForThisAccount",
        principals: { Service: ["lambda.amazonaws.com"] },
        actions: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        conditions: {
          ArnLike: {
            "aws:SourceArn": [
              `arn:${region.partition}:lambda:${region.name}:${options.accountId}:function:${stack.prefix}*`,
            ],
          },
        },
      },
    ]),
  });
  new EcrLifecyclePolicy(stack, "registry-expiry", {
    repository: repository.name,
    policy: JSON.stringify({
      rules: [
        {
          rulePriority: 1,
          description: "Untagged images only: a tagged one may be what a deployment runs",
          selection: {
            tagStatus: "untagged",
            countType: "sinceImagePushed",
            countUnit: "days",
            countNumber: 30,
          },
          action: { type: "expire" },
        },
      ],
    }),
  });
  return { url: repository.repositoryUrl, arn: repository.arn };
}
