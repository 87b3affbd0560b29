import type { ImageReference } from "../../modules/aws/image-reference";
import { pullImages } from "../../modules/iam/image";
import type { Statement } from "../../modules/iam/policy";
import { createServiceRole, existingRole, type ServiceRole } from "../../modules/iam/role";
import { readSecrets } from "../../modules/iam/secrets";
import type { ArtifactInS3 } from "../../modules/artifact/artifact";
import type { Shared } from "../../modules/foundation/shared";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import {
  keyForData,
  keyForVolumes,
  networkInterfaces,
  type VpcAttachment,
} from "../../modules/sagemaker/statements";
import type { ModelStack } from "../../modules/stack/model-stack";
import type { Sealed } from "../../modules/stack/seal";
import { capturesData } from "./features";
import type { Options } from "./options";
import { type PlannedVariant, variantsOf } from "./variant";

/** Where the endpoint writes, as an ARN with the wildcard of its own prefix. */
export interface Destination {
  readonly objectsArn: string;
}

/**
 * The role that the model runs under: it may pull its image, read its artifact, write its logs and metrics, and what
 * the manifest's features need; each on the named resource.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html (read 2026-11-23)
 */
export function executionRole(
  stack: ModelStack,
  plan: Sealed<AwsTargetPlan<Options>>,
  shared: Shared,
  uses: {
    readonly logGroupArn: string;
    readonly artifact: ArtifactInS3 | null;
    /** Those of variants that have their own. */
    readonly variantArtifacts: readonly ArtifactInS3[];
    /** Objects that callers of an asynchronous endpoint put their requests into; null elsewhere. */
    readonly requestsArn: string | null;
    readonly destinations: readonly Destination[];
    readonly topicArns: readonly string[];
    readonly alarmNames: readonly string[];
    readonly vpc: VpcAttachment | null;
  },
): ServiceRole {
  const { roleArn, permissionsBoundaryArn } = plan.security;
  if (roleArn !== null) return existingRole(roleArn);
  const { region } = plan;
  const arn = (service: string, resource: string) =>
    `arn:${region.partition}:${service}:${region.name}:${shared.accountId}:${resource}`;
  const repositories = [
    shared.imageRepositoryArn,
    ...variantsOf(plan).map((variant) => ownRepository(plan, variant)),
  ].filter((repository) => repository !== null);
  const statements: Statement[] = [
    ...pullImages(unique(repositories)),
    {
      sid: "Logs",
      actions: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
      resources: [uses.logGroupArn, `${uses.logGroupArn}:*`],
    },
    {
      // Metrics have no ARN; the namespace is what can be held to SageMaker's own.
      sid: "Metrics",
      actions: ["cloudwatch:PutMetricData"],
      resources: ["*"],
      conditions: { StringLike: { "cloudwatch:namespace": ["AWS/SageMaker", "/aws/sagemaker/*"] } },
    },
    keyForData(shared.keyArn),
    keyForVolumes(shared.keyArn),
  ];
  statements.push(
    ...readArtifacts([...(uses.artifact === null ? [] : [uses.artifact]), ...uses.variantArtifacts]),
  );
  if (uses.destinations.length > 0) {
    statements.push({
      sid: capturesData(plan) ? "CapturedData" : "Results",
      actions: ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"],
      resources: unique(uses.destinations.map(({ objectsArn }) => objectsArn)),
    });
  }
  if (uses.requestsArn !== null) {
    statements.push({ sid: "Requests", actions: ["s3:GetObject"], resources: [uses.requestsArn] });
  }
  if (uses.topicArns.length > 0) {
    statements.push({ sid: "Notices", actions: ["sns:Publish"], resources: unique(uses.topicArns) });
  }
  if (uses.alarmNames.length > 0) {
    statements.push({
      sid: "RollbackAlarms",
      actions: ["cloudwatch:DescribeAlarms"],
      resources: uses.alarmNames.map((name) => arn("cloudwatch", `alarm:${name}`)),
    });
  }
  statements.push(...readSecrets(plan));
  if (uses.vpc !== null) statements.push(...networkInterfaces(plan, shared.accountId, uses.vpc));
  return createServiceRole(stack, "role", {
    name: [stack.prefix, stack.component, region.name],
    description: `Runs the model ${stack.prefix} on SageMaker`,
    services: ["sagemaker.amazonaws.com"],
    statements,
    permissionsBoundaryArn,
    generation: generation(plan, uses.artifact),
  });
}

/** The ECR repository of a variant's own image; null where it has none, or comes from elsewhere. */
function ownRepository({ region }: Sealed<AwsTargetPlan<Options>>, { image }: PlannedVariant): string | null {
  const reference = image?.reference ?? null;
  if (reference?.ecr === undefined) return null;
  const { region: home, account } = reference.ecr;
  return `arn:${region.partition}:ecr:${home}:${account}:repository/${reference.repository}`;
}

function* readArtifacts(artifacts: readonly ArtifactInS3[]): Iterable<Statement> {
  if (artifacts.length === 0) return;
  yield {
    sid: "Artifact",
    actions: ["s3:GetObject"],
    resources: unique(
      artifacts.map(({ objectArn, releasesArn, ours }) =>
        // The release before reads its own until the new one serves, and again where an update goes back.
        ours ? releasesArn : objectArn.endsWith("/") ? `${objectArn}*` : objectArn,
      ),
    ),
  };
  const prefixes = artifacts.filter(({ objectArn }) => objectArn.endsWith("/"));
  // One statement for each bucket, so that a prefix of one is not listed in another.
  for (const [index, bucketArn] of unique(prefixes.map((prefix) => prefix.bucketArn)).entries()) {
    const within = prefixes.filter((prefix) => prefix.bucketArn === bucketArn);
    yield {
      sid: index === 0 ? "ArtifactList" : `ArtifactList${index + 1}`,
      actions: ["s3:ListBucket"],
      resources: [bucketArn],
      conditions: {
        StringLike: {
          "s3:prefix": unique(within.map(({ objectArn }) => `${objectArn.slice(bucketArn.length + 1)}*`)),
        },
      },
    };
  }
}

/** What the manifest says of the rights, without what changes at every release and is covered either way. */
function generation(plan: Sealed<AwsTargetPlan<Options>>, artifact: ArtifactInS3 | null): readonly string[] {
  const { model, options, network, storage } = plan;
  const { image } = model;
  const { mode, input, output, failures, successTopic, errorTopic } = options;
  return [
    image.kind === "build" ? (image.repository?.uri ?? "") : repositoryOf(image.reference),
    ...(storage.bucket === null ? [] : [storage.bucket]),
    artifact === null || artifact.ours ? "" : artifact.uri,
    mode,
    String(capturesData(plan)),
    ...[input, output, failures, successTopic, errorTopic].map((value) => value ?? ""),
    ...(network.existing?.subnetIds ?? []),
    ...network.securityGroupIds,
    ...Object.values(model.secrets).sort(),
    ...variantsOf(plan).flatMap((variant) => [
      ...(variant.image?.reference ? [repositoryOf(variant.image.reference)] : []),
      ...(variant.artifact === null ? [] : [variant.artifact.uri]),
    ]),
  ];
}

function repositoryOf({ registry, repository }: ImageReference): string {
  return `${registry}/${repository}`;
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}
