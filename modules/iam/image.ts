import type { Statement } from "./policy";

/** Pulling images from these ECR repositories; nothing where there are none. */
export function pullImages(repositoryArns: readonly string[]): readonly Statement[] {
  if (repositoryArns.length === 0) return [];
  return [
    // The token is the registry's, not a repository's: the action takes no resource.
    { sid: "ImageToken", actions: ["ecr:GetAuthorizationToken"], resources: ["*"] },
    {
      sid: "ImagePull",
      actions: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      resources: repositoryArns,
    },
  ];
}
