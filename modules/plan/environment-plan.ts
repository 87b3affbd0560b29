import { parseImageReference } from "../aws/image-reference";
import { regionInfo } from "../aws/regions";
import type { Finding, ManifestPath } from "../issues/issue";
import type { Manifest } from "../manifest/schema";
import { type HostPath, resolveHostPath } from "./host-path";
import type { EnvironmentPlan, PlannedArtifact, PlannedImage, PlannedRepository } from "./plan";

export interface EnvironmentPlanOptions {
  readonly environment: string;
  /** Folder of the manifest. */
  readonly directory: string;
  /** Digest of the image that was built, `sha256:...`; null leaves it to Terraform. */
  readonly imageDigest: string | null;
  /** Whether to hash local files. Without it (`validate`) their digests are empty. */
  readonly digestFiles: boolean;
}

/** Resolves what is still open in a parsed manifest: files, the region, the image. Null where a finding stops it. */
export function planEnvironment(
  manifest: Manifest,
  options: EnvironmentPlanOptions,
): { readonly plan: EnvironmentPlan | null; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  const find = (path: ManifestPath, name: string): HostPath | null => {
    const found = resolveHostPath(options.directory, name, options.digestFiles);
    if ("path" in found) return found.path;
    findings.push(pathFinding(path, name, found.problem, found.at));
    return null;
  };

  const image = planImage(manifest, options, find);
  const artifact = planArtifact(manifest, find);
  if (manifest.workload?.trace !== undefined) find(["workload", "trace"], manifest.workload.trace);
  const region = manifest.region === undefined ? null : (regionInfo(manifest.region) ?? null);
  if (image === null || findings.length > 0) return { plan: null, findings };

  const { network, security, storage, observability, scaling, rollout, resources, model } = manifest;
  const plan: EnvironmentPlan = {
    name: manifest.name,
    environment: options.environment,
    description: manifest.description ?? null,
    foundation: manifest.foundation ?? null,
    region:
      region === null
        ? null
        : {
            name: region.name,
            partition: region.partition,
            dnsSuffix: region.dnsSuffix,
            availabilityZoneIds: region.availabilityZoneIds,
          },
    account: manifest.account ?? null,
    tags: sorted(manifest.tags),
    model: {
      image,
      artifact,
      optimize: planOptimize(manifest),
      server: model.server,
      environment: sorted(model.environment),
      secrets: sorted(model.secrets),
    },
    resources: { ...resources, storage: resources.storage ?? null },
    workload: manifest.workload ?? null,
    scaling: {
      min: scaling.min,
      max: scaling.max ?? Math.max(scaling.min, 1),
      policies: scaling.policies ?? null,
    },
    rollout: { ...rollout, strategy: rollout.strategy ?? null },
    network: {
      existing:
        network.vpcId === undefined || network.subnetIds === undefined
          ? null
          : { vpcId: network.vpcId, subnetIds: network.subnetIds },
      securityGroupIds: network.securityGroupIds ?? [],
      availabilityZones: network.availabilityZones ?? null,
      cidr: network.cidr,
      internetAccess: network.internetAccess,
      public: network.public,
      certificateArn: network.certificateArn ?? null,
      domain: network.domain ?? null,
    },
    security: {
      kmsKeyArn: security.kmsKeyArn ?? null,
      roleArn: security.roleArn ?? null,
      permissionsBoundaryArn: security.permissionsBoundaryArn ?? null,
      deletionProtection: security.deletionProtection,
    },
    storage: {
      bucket: storage.bucket ?? null,
      accessLogBucket: storage.accessLogBucket ?? null,
    },
    observability: {
      logRetentionDays: observability.logRetention.days,
      alarms: observability.alarms,
      dashboard: observability.dashboard,
      dataCapture: observability.dataCapture ?? null,
      notifyTopicArn: observability.notify ?? null,
    },
  };
  return { plan, findings };
}

function planImage(
  { model, registry }: Manifest,
  { imageDigest }: EnvironmentPlanOptions,
  find: (path: ManifestPath, name: string) => HostPath | null,
): PlannedImage | null {
  if (model.build !== undefined) {
    const context = find(["model", "build", "context"], model.build.context);
    if (context === null) return null;
    const { dockerfile, args } = model.build;
    const repository = planRepository(registry.repository);
    return { kind: "build", context, dockerfile, args: sorted(args), repository, digest: imageDigest };
  }
  const parsed = parseImageReference(model.image ?? "");
  return parsed.ok ? { kind: "reference", uri: model.image ?? "", reference: parsed.image } : null;
}

function planRepository(uri: string | undefined): PlannedRepository | null {
  const parsed = parseImageReference(uri ?? "");
  if (uri === undefined || !parsed.ok || parsed.image.ecr === undefined) return null;
  const { ecr, repository: name } = parsed.image;
  return { uri, account: ecr.account, region: ecr.region, name };
}

function planArtifact(
  { model: { artifact } }: Manifest,
  find: (path: ManifestPath, name: string) => HostPath | null,
): PlannedArtifact | null {
  if (artifact === undefined) return null;
  const s3 = /^s3:\/\/([^/]+)\/?(.*)$/.exec(artifact);
  if (s3?.[1] !== undefined) return { kind: "s3", uri: artifact, bucket: s3[1], key: s3[2] ?? "" };
  const path = find(["model", "artifact"], artifact);
  return path === null ? null : { kind: "local", path };
}

function planOptimize({ model: { optimize } }: Manifest): EnvironmentPlan["model"]["optimize"] {
  if (optimize === undefined) return null;
  const { framework, frameworkVersion, inputs, device, compilerOptions, timeout } = optimize.neo;
  return {
    neo: {
      framework,
      frameworkVersion: frameworkVersion ?? null,
      // Not sorted: some frameworks take the inputs in their order.
      inputs,
      device: device ?? null,
      compilerOptions: compilerOptions ?? null,
      timeout,
    },
  };
}

function pathFinding(path: ManifestPath, name: string, problem: string, at: string): Finding {
  const where = at === name || at === "" ? `"${name}"` : `"${at}" in "${name}"`;
  if (problem === "outside") {
    return {
      path,
      code: "PATH_OUTSIDE",
      message: `${where} leads out of the manifest's folder`,
      allowed: "files inside the folder of the manifest, links included",
      fix: "copy the file into the project",
    };
  }
  return {
    path,
    code: "PATH_MISSING",
    message: problem === "missing" ? `${where} does not exist` : `${where} is neither file nor folder`,
    fix: "check the path; it is relative to the manifest",
  };
}

/** Maps come out in the order of their keys, so that the order in the manifest never shows in the output. */
function sorted(map: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}
