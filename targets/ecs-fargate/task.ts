import { EcsTaskDefinition } from "@cdktf/provider-aws/lib/ecs-task-definition";
import type { ArtifactInS3 } from "../../modules/artifact/artifact";
import { pinned, type Shared } from "../../modules/foundation/shared";
import type { ServiceRole } from "../../modules/iam/role";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import type { ModelStack } from "../../modules/stack/model-stack";
import type { Sealed } from "../../modules/stack/seal";
import { deliveryOf } from "./images";
import type { Options } from "./options";
import { MODEL_FOLDER, storageGiB, taskSize, tmpMiB } from "./settings";

type Plan = Sealed<AwsTargetPlan<Options>>;

/** The container that serves. */
export const SERVER = "model";

/** Where an archive lies until it is unpacked. */
const DOWNLOAD_FOLDER = "/download";
const ARCHIVE = `${DOWNLOAD_FOLDER}/model.tar.gz`;

/** Constant: nothing of a manifest ever gets into it. The server may run as any user, so all of them may read. */
const UNPACK = `set -eu
tar -xzf ${ARCHIVE} -C ${MODEL_FOLDER}
chmod -R a+rX ${MODEL_FOLDER}
rm ${ARCHIVE}`;

interface MountPoint {
  readonly sourceVolume: string;
  readonly containerPath: string;
  readonly readOnly: boolean;
}

interface Dependency {
  readonly containerName: string;
  readonly condition: "SUCCESS";
}

/**
 * A container as ECS describes it.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html (2026-11)
 */
interface Container {
  readonly name: string;
  readonly image: string;
  readonly essential: boolean;
  readonly entryPoint?: readonly string[];
  readonly command?: readonly string[];
  readonly user?: string;
  readonly readonlyRootFilesystem: boolean;
  readonly environment: readonly { readonly name: string; readonly value: string }[];
  readonly secrets?: readonly { readonly name: string; readonly valueFrom: string }[];
  readonly repositoryCredentials?: { readonly credentialsParameter: string };
  readonly portMappings?: readonly {
    readonly containerPort: number;
    readonly hostPort: number;
    readonly protocol: "tcp";
  }[];
  readonly mountPoints: readonly MountPoint[];
  readonly linuxParameters?: {
    readonly initProcessEnabled: boolean;
    readonly tmpfs?: readonly {
      readonly containerPath: string;
      readonly size: number;
      readonly mountOptions: readonly string[];
    }[];
  };
  readonly stopTimeout?: number;
  readonly dependsOn?: readonly Dependency[];
  readonly logConfiguration: {
    readonly logDriver: "awslogs";
    readonly options: Readonly<Record<string, string>>;
  };
}

export interface TaskParts {
  readonly logGroupName: string;
  readonly artifact: ArtifactInS3 | null;
  readonly executionRole: ServiceRole;
  readonly taskRole: ServiceRole;
}

/** The images of a task beside the model's own. */
export function loaderImages(plan: Plan, artifact: ArtifactInS3 | null): readonly string[] {
  if (artifact === null) return [];
  const { downloadImage, unpackImage } = plan.options;
  return isArchive(artifact) ? [downloadImage, unpackImage] : [downloadImage];
}

function isArchive(artifact: ArtifactInS3): boolean {
  return artifact.ours || deliveryOf(artifact.uri) === "archive";
}

/** The task definition: the server, and before it the containers that fetch its artifact. */
export function createTaskDefinition(
  stack: ModelStack,
  plan: Plan,
  shared: Shared,
  parts: TaskParts,
): EcsTaskDefinition {
  const { resources } = plan;
  const size = taskSize(plan);
  const storage = storageGiB(plan);
  const disks = writableDisks(plan);
  const loaders = parts.artifact === null ? [] : loaderContainers(plan, parts, parts.artifact);
  const last = loaders.at(-1);
  const containers: readonly Container[] = [
    serverContainer(plan, shared, parts, disks, last === undefined ? [] : [succeeded(last)]),
    ...loaders,
  ];
  const volumes = [
    ...disks.map(({ sourceVolume }) => sourceVolume),
    ...(parts.artifact === null ? [] : ["artifact"]),
    ...(loaders.length > 1 ? ["download"] : []),
  ];
  return new EcsTaskDefinition(stack, "task", {
    family: `${stack.prefix}-${stack.component}`,
    requiresCompatibilities: ["FARGATE"],
    networkMode: "awsvpc",
    cpu: String(size.units),
    memory: String(size.memoryMiB),
    runtimePlatform: {
      operatingSystemFamily: "LINUX",
      cpuArchitecture: resources.architecture === "arm64" ? "ARM64" : "X86_64",
    },
    executionRoleArn: parts.executionRole.arn,
    taskRoleArn: parts.taskRole.arn,
    ...(storage === null ? {} : { ephemeralStorage: { sizeInGib: storage } }),
    volume: volumes.map((name) => ({ name })),
    containerDefinitions: JSON.stringify(containers),
    // A rollback returns to the revision before; a deregistered one cannot be deployed.
    skipDestroy: true,
    lifecycle: { createBeforeDestroy: true },
  });
}

function succeeded({ name }: Container): Dependency {
  return { containerName: name, condition: "SUCCESS" };
}

function serverContainer(
  plan: Plan,
  shared: Shared,
  parts: TaskParts,
  disks: readonly MountPoint[],
  dependsOn: readonly Dependency[],
): Container {
  const { model, options } = plan;
  const secrets = Object.entries(model.secrets);
  const memory = inMemory(plan) ? tmpMiB(plan) : null;
  return {
    name: SERVER,
    image: shared.imageUri,
    essential: true,
    ...(options.user === undefined ? {} : { user: options.user }),
    readonlyRootFilesystem: options.readOnlyRootFilesystem,
    ...(options.registryCredentials === undefined
      ? {}
      : { repositoryCredentials: { credentialsParameter: options.registryCredentials } }),
    portMappings: [{ containerPort: model.server.port, hostPort: model.server.port, protocol: "tcp" }],
    environment: Object.entries(model.environment).map(([name, value]) => ({ name, value })),
    ...(secrets.length === 0 ? {} : { secrets: secrets.map(([name, valueFrom]) => ({ name, valueFrom })) }),
    mountPoints: [
      ...disks,
      ...(parts.artifact === null
        ? []
        : [{ sourceVolume: "artifact", containerPath: MODEL_FOLDER, readOnly: true }]),
    ],
    linuxParameters: {
      // Servers fork workers and do not always bury them.
      initProcessEnabled: true,
      ...(memory === null
        ? {}
        : {
            tmpfs: [{ containerPath: "/tmp", size: memory, mountOptions: ["rw", "exec", "nosuid", "nodev"] }],
          }),
    },
    stopTimeout: Math.ceil(options.stopTimeout.seconds),
    ...(dependsOn.length === 0 ? {} : { dependsOn }),
    logConfiguration: logs(plan, parts, "model"),
  };
}

/**
 * Whether /tmp can be in memory: tmpfs came to Fargate's commercial regions in 2026.
 * @see https://aws.amazon.com/about-aws/whats-new/2026/01/amazon-ecs-tmpfs-mounts-aws-fargate-managed-instances/ (2026-01-06)
 */
function inMemory({ region }: Plan): boolean {
  return region.partition === "aws";
}

/** Folders on the task's disk that the server may write to. */
function writableDisks(plan: Plan): readonly MountPoint[] {
  const { writablePaths } = plan.options;
  const tmp = tmpMiB(plan) !== null && !inMemory(plan) ? ["/tmp"] : [];
  return [...tmp, ...writablePaths].map((containerPath, index) => ({
    sourceVolume: containerPath === "/tmp" ? "tmp" : `writable-${index + 1}`,
    containerPath,
    readOnly: false,
  }));
}

/**
 * The containers that bring the artifact: the download has no shell at all, and the shell that unpacks gets a constant
 * script. Both run as root, because a volume belongs to root, but with nothing else to write to.
 */
function loaderContainers(plan: Plan, parts: TaskParts, artifact: ArtifactInS3): readonly Container[] {
  const { options, region } = plan;
  const model: MountPoint = { sourceVolume: "artifact", containerPath: MODEL_FOLDER, readOnly: false };
  const download: MountPoint = { sourceVolume: "download", containerPath: DOWNLOAD_FOLDER, readOnly: false };
  const archive = isArchive(artifact);
  const copy = ["s3", "cp", "--only-show-errors"];
  const loader = { essential: false, user: "0:0", readonlyRootFilesystem: true } as const;
  const fetch: Container = {
    ...loader,
    name: "artifact-download",
    image: pinned(options.downloadImage),
    entryPoint: ["aws"],
    command: archive
      ? [...copy, artifact.uri, ARCHIVE]
      : deliveryOf(artifact.uri) === "prefix"
        ? [...copy, "--recursive", artifact.uri, `${MODEL_FOLDER}/`]
        : [...copy, artifact.uri, `${MODEL_FOLDER}/`],
    environment: [{ name: "AWS_REGION", value: region.name }],
    mountPoints: [archive ? download : model],
    logConfiguration: logs(plan, parts, "artifact"),
  };
  if (!archive) return [fetch];
  return [
    fetch,
    {
      ...loader,
      name: "artifact-unpack",
      image: pinned(options.unpackImage),
      entryPoint: ["sh", "-c"],
      command: [UNPACK],
      environment: [],
      mountPoints: [model, download],
      dependsOn: [succeeded(fetch)],
      logConfiguration: logs(plan, parts, "artifact"),
    },
  ];
}

/**
 * Logs go out without holding the server up: where CloudWatch is slow, lines beyond the buffer are dropped.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-log-config.html (2026-11)
 */
function logs(
  { region }: Plan,
  { logGroupName }: TaskParts,
  streamPrefix: string,
): Container["logConfiguration"] {
  return {
    logDriver: "awslogs",
    options: {
      "awslogs-group": logGroupName,
      "awslogs-region": region.name,
      "awslogs-stream-prefix": streamPrefix,
      mode: "non-blocking",
      "max-buffer-size": "25m",
    },
  };
}
