import type { ArtifactInS3 } from "../../modules/artifact/artifact";
import type { Shared } from "../../modules/foundation/shared";
import { readSecrets } from "../../modules/iam/secrets";
import type { Statement } from "../../modules/iam/policy";
import { createServiceRole, existingRole, type ServiceRole } from "../../modules/iam/role";
import { artifactShape, namespaceOf } from "./cluster";
import { podTrust } from "./pod-identity";
import type { Workload } from "./stack";

/** The role that the model's pods run under: its artifact and its secrets, and the keys of both. */
export function modelRole(workload: Workload, shared: Shared, artifact: ArtifactInS3 | null): ServiceRole {
  const { stack, plan, cluster, name } = workload;
  const { roleArn, permissionsBoundaryArn } = plan.security;
  if (roleArn !== null) return existingRole(roleArn);
  return createServiceRole(stack, "role", {
    name: [stack.prefix, stack.component, plan.region.name],
    description: `The model ${plan.name} on the cluster ${cluster}`,
    ...podTrust({
      accountId: shared.accountId,
      cluster,
      namespace: namespaceOf(plan).name,
      serviceAccount: name,
    }),
    statements: [
      ...(artifact === null ? [] : artifactStatements(workload, shared, artifact)),
      ...readSecrets(plan),
    ],
    permissionsBoundaryArn,
  });
}

/**
 * Reading the artifact. Of our own bucket all releases: a pod of the release before that starts again while the
 * new one is rolled out, or after that failed, loads its own.
 */
function artifactStatements(
  { plan }: Workload,
  shared: Shared,
  { bucketArn, objectArn, releasesArn, ours }: ArtifactInS3,
): readonly Statement[] {
  const { region } = plan;
  const prefix = artifactShape(plan) === "prefix";
  const key = objectArn.slice(bucketArn.length + 1);
  return [
    {
      sid: "Artifact",
      actions: ["s3:GetObject"],
      resources: [ours ? releasesArn : prefix ? `${objectArn}*` : objectArn],
    },
    ...(prefix
      ? [
          {
            sid: "ArtifactListing",
            actions: ["s3:ListBucket"],
            resources: [bucketArn],
            conditions: { StringLike: { "s3:prefix": [`${key}*`] } },
          },
        ]
      : []),
    {
      sid: "ArtifactKey",
      actions: ["kms:Decrypt"],
      resources: [shared.keyArn],
      conditions: { StringEquals: { "kms:ViaService": [`s3.${region.name}.${region.dnsSuffix}`] } },
    },
  ];
}
