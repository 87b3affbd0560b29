import type { ArtifactInS3 } from "../../modules/artifact/artifact";
import type { Shared } from "../../modules/foundation/shared";
import type { Statement } from "../../modules/iam/policy";
import { createServiceRole, existingRole, type ServiceRole } from "../../modules/iam/role";
import { artifactShape, namespaceOf } from "./cluster";
import { podTrust } from "./pod-identity";
import type { Workload } from "./stack";

/** The role that the model's pods run under: its artifact and its secrets, and the key for both. */
export function modelRole(workload: Workload, shared: Shared, artifact: ArtifactInS3 | null): ServiceRole {
  const { stack, plan, cluster, name } = workload;
  const { roleArn, permissionsBoundaryArn } = plan.security;
  if (roleArn !== null) return existingRole(roleArn);
  return createServiceRole(stack, "role", {
    name: [stack.prefix, stack.component],
    description: `The model ${plan.name} on the cluster ${cluster}`,
    ...podTrust({
      accountId: shared.accountId,
      cluster,
      namespace: namespaceOf(plan).name,
      serviceAccount: name,
    }),
    statements: [
      ...artifactStatements(workload, artifact),
      ...secretStatements(workload),
      ...keyStatements(workload, shared),
    ],
    permissionsBoundaryArn,
  });
}

function artifactStatements({ plan }: Workload, artifact: ArtifactInS3 | null): readonly Statement[] {
  if (artifact === null) return [];
  if (artifactShape(plan) !== "prefix")
    return [{ sid: "Artifact", actions: ["s3:GetObject"], resources: [artifact.objectArn] }];
  const key = plan.model.artifact?.kind === "s3" ? plan.model.artifact.key : "";
  return [
    { sid: "Artifact", actions: ["s3:GetObject"], resources: [`${artifact.objectArn}*`] },
    {
      sid: "ArtifactListing",
      actions: ["s3:ListBucket"],
      resources: [artifact.bucketArn],
      conditions: { StringLike: { "s3:prefix": [`${key}*`] } },
    },
  ];
}

function secretStatements({ plan }: Workload): readonly Statement[] {
  const arns = [...new Set(Object.values(plan.model.secrets))].sort();
  const of = (service: string) => arns.filter((arn) => arn.includes(`:${service}:`));
  const [secrets, parameters] = [of("secretsmanager"), of("ssm")];
  return [
    ...(secrets.length === 0
      ? []
      : [{ sid: "Secrets", actions: ["secretsmanager:GetSecretValue"], resources: secrets }]),
    ...(parameters.length === 0
      ? []
      : [{ sid: "Parameters", actions: ["ssm:GetParameter"], resources: parameters }]),
  ];
}

/** The key, only by way of the services that hold what the model reads. */
function keyStatements({ plan }: Workload, shared: Shared): readonly Statement[] {
  const { artifact, secrets } = plan.model;
  const arns = Object.values(secrets);
  const services = [
    ...(artifact === null ? [] : ["s3"]),
    ...(arns.some((arn) => arn.includes(":secretsmanager:")) ? ["secretsmanager"] : []),
    ...(arns.some((arn) => arn.includes(":ssm:")) ? ["ssm"] : []),
  ];
  if (services.length === 0) return [];
  const { name, dnsSuffix } = plan.region;
  return [
    {
      sid: "Key",
      actions: ["kms:Decrypt"],
      resources: [shared.keyArn],
      conditions: {
        StringEquals: { "kms:ViaService": services.map((service) => `${service}.${name}.${dnsSuffix}`) },
      },
    },
  ];
}
