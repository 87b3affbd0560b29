import type {
  DeploymentV1SpecTemplateSpec,
  DeploymentV1SpecTemplateSpecContainer,
  DeploymentV1SpecTemplateSpecContainerEnv,
  DeploymentV1SpecTemplateSpecInitContainer,
} from "@cdktf/provider-kubernetes/lib/deployment-v1";
import { containerEnvironment } from "../../modules/plan/container-environment";
import { escapeTemplate, unescapeTemplate } from "../../modules/stack/seal";
import { Size } from "../../modules/units/size";
import { artifactShape } from "./cluster";
import type { DeploymentInput } from "./deployment";
import { replicaRequests } from "./nodes";
import type { EksPlan } from "./options";
import { CREDENTIALS } from "./pod-identity";
import type { Workload } from "./stack";

const MODEL_FOLDER = "/opt/ml/model";
/** Where an archive lies between its download and its unpacking. */
const DOWNLOAD_FOLDER = "/opt/ml/download";
const ARCHIVE = `${DOWNLOAD_FOLDER}/model.tar.gz`;

const PROBE_PERIOD_SECONDS = 5;

interface Mount {
  readonly name: string;
  readonly mountPath: string;
}

/** A folder that exists as long as the pod. */
interface Folder extends Mount {
  readonly emptyDir: { readonly medium?: string; readonly sizeLimit?: string };
}

/** The pod of one replica: without root, without a token for the API server, its file system read-only. */
export function podSpec(
  { plan, selector }: Workload,
  image: string,
  { artifactUri, serviceAccount }: Pick<DeploymentInput, "artifactUri" | "serviceAccount">,
): DeploymentV1SpecTemplateSpec {
  const user = String(plan.options.runAsUser);
  const folders = foldersOf(plan);
  const shape = artifactShape(plan);
  const loading = shape === "archive" ? [{ name: "download", mountPath: DOWNLOAD_FOLDER, emptyDir: {} }] : [];
  return {
    serviceAccountName: serviceAccount,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    hostNetwork: false,
    hostPid: false,
    hostIpc: false,
    terminationGracePeriodSeconds: Math.ceil(plan.options.terminationGrace.seconds),
    nodeSelector: { "kubernetes.io/arch": architectureOf(plan) },
    ...(plan.resources.gpu === 0
      ? {}
      : { toleration: [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }] }),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: user,
      runAsGroup: user,
      fsGroup: user,
      seccompProfile: { type: "RuntimeDefault" },
      // A port below 1024 would need a right of root otherwise.
      ...(plan.model.server.port >= 1024
        ? {}
        : {
            sysctl: [{ name: "net.ipv4.ip_unprivileged_port_start", value: String(plan.model.server.port) }],
          }),
    },
    topologySpreadConstraint: ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map(
      (topologyKey) => ({
        topologyKey,
        maxSkew: 1,
        // An uneven spread is better than a replica that does not run.
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: [{ matchLabels: selector }],
      }),
    ),
    ...(artifactUri === null
      ? {}
      : { initContainer: loaders(plan, image, artifactUri, [...folders, ...loading]) }),
    container: [modelContainer(plan, image, folders)],
    volume: [
      ...[...folders, ...loading].map(({ name, emptyDir }) => ({ name, emptyDir })),
      CREDENTIALS.volume,
    ],
  };
}

/** The architecture of the model's nodes, as Kubernetes writes it. */
export function architectureOf({ resources }: EksPlan): "arm64" | "amd64" {
  return resources.architecture === "arm64" ? "arm64" : "amd64";
}

function foldersOf(plan: EksPlan): readonly Folder[] {
  const { storage } = plan.resources;
  const { writablePaths, sharedMemory } = plan.options;
  const scratch = storage === null ? {} : { sizeLimit: quantity(storage) };
  const fixed: Folder[] = [
    { name: "tmp", mountPath: "/tmp", emptyDir: scratch },
    ...(artifactShape(plan) === null ? [] : [{ name: "model", mountPath: MODEL_FOLDER, emptyDir: {} }]),
    ...(sharedMemory === undefined
      ? []
      : [
          {
            name: "shared-memory",
            mountPath: "/dev/shm",
            emptyDir: { medium: "Memory", sizeLimit: quantity(sharedMemory) },
          },
        ]),
  ];
  const taken = new Set(fixed.map(({ mountPath }) => mountPath));
  const own = [...new Set(writablePaths)].filter((path) => !taken.has(path)).sort();
  return [
    ...fixed,
    ...own.map((mountPath, index) => ({ name: `writable-${index + 1}`, mountPath, emptyDir: scratch })),
  ];
}

const mounts = (folders: readonly Folder[]): Mount[] =>
  folders.map(({ name, mountPath }) => ({ name, mountPath }));

/** What no container of this target may do. */
export const LOCKED = {
  allowPrivilegeEscalation: false,
  privileged: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  capabilities: { drop: ["ALL"] },
  seccompProfile: { type: "RuntimeDefault" },
};

function modelContainer(
  plan: EksPlan,
  image: string,
  folders: readonly Folder[],
): DeploymentV1SpecTemplateSpecContainer {
  const { server } = plan.model;
  const { gpu, storage } = plan.resources;
  const health = { httpGet: { path: server.health, port: "http" } };
  const compute = requestsOf(plan, plan.resources.memory);
  const gpus: Record<string, string> = gpu === 0 ? {} : { "nvidia.com/gpu": String(gpu) };
  return {
    name: "model",
    image,
    imagePullPolicy: pullPolicy(image),
    port: [{ name: "http", containerPort: server.port, protocol: "TCP" }],
    env: environment(plan),
    resources: {
      requests: {
        ...compute,
        ...gpus,
        ...(storage === null ? {} : { "ephemeral-storage": quantity(storage) }),
      },
      // No limit on CPU: it would throttle a replica while the node's CPU lies idle.
      limits: { memory: compute.memory, ...gpus },
    },
    startupProbe: {
      ...health,
      periodSeconds: PROBE_PERIOD_SECONDS,
      timeoutSeconds: PROBE_PERIOD_SECONDS,
      // One more than the start takes, because the first probe comes at once.
      failureThreshold: Math.ceil(server.startup.seconds / PROBE_PERIOD_SECONDS) + 1,
    },
    readinessProbe: {
      ...health,
      periodSeconds: 5,
      timeoutSeconds: 5,
      failureThreshold: 3,
      successThreshold: 1,
    },
    // Slower than readiness: a busy replica first gets no more requests, and only a dead one is restarted.
    livenessProbe: { ...health, periodSeconds: 15, timeoutSeconds: 10, failureThreshold: 4 },
    securityContext: LOCKED,
    volumeMount: [...mounts(folders), CREDENTIALS.mount],
  };
}

/** Containers that run before the model: one fetches the artifact, another unpacks an archive. No shell is involved. */
function loaders(
  plan: EksPlan,
  image: string,
  artifactUri: string,
  folders: readonly Folder[],
): DeploymentV1SpecTemplateSpecInitContainer[] {
  const shape = artifactShape(plan);
  const { loaderImage, unpackImage } = plan.options;
  const wanted = ["tmp", "model", "download"];
  const common = {
    resources: loaderResources(plan),
    securityContext: LOCKED,
    volumeMount: mounts(folders.filter(({ name }) => wanted.includes(name))),
  };
  const download: DeploymentV1SpecTemplateSpecInitContainer = {
    ...common,
    name: "download",
    image: loaderImage,
    imagePullPolicy: pullPolicy(loaderImage),
    args: [
      "s3",
      "cp",
      "--only-show-errors",
      ...(shape === "prefix" ? ["--recursive"] : []),
      "$(ARTIFACT_URI)",
      shape === "archive" ? ARCHIVE : `${MODEL_FOLDER}/`,
    ],
    env: [
      { name: "ARTIFACT_URI", value: artifactUri },
      ...variables(CREDENTIALS.variables(plan.region.name)),
      { name: "HOME", value: "/tmp" },
    ],
    volumeMount: [...common.volumeMount, CREDENTIALS.mount],
  };
  if (shape !== "archive") return [download];
  const unpacker = unpackImage ?? image;
  return [
    download,
    {
      ...common,
      name: "unpack",
      image: unpacker,
      imagePullPolicy: pullPolicy(unpacker),
      command: ["tar", "-x", "-z", "-f", ARCHIVE, "-C", MODEL_FOLDER],
    },
  ];
}

function loaderResources(plan: EksPlan) {
  const { cpuMillis, memoryMiB } = replicaRequests(plan);
  const memory = quantity(Size.mebibytes(memoryMiB));
  return { requests: { cpu: cpuQuantity(cpuMillis), memory }, limits: { memory } };
}

function requestsOf(plan: EksPlan, memory: Size): { readonly cpu: string; readonly memory: string } {
  return { cpu: cpuQuantity(replicaRequests(plan).cpuMillis), memory: quantity(memory) };
}

/**
 * The manifest's variables sorted by name, so that their order in it never starts a rollout, then those of EKS. Where the
 * manifest sets one of these itself, that holds.
 */
function environment({ model, region }: EksPlan): DeploymentV1SpecTemplateSpecContainerEnv[] {
  const own = containerEnvironment(model);
  return variables({ ...own, ...CREDENTIALS.variables(region.name), ...own });
}

function variables(values: Readonly<Record<string, string>>): DeploymentV1SpecTemplateSpecContainerEnv[] {
  return Object.entries(values).map(([name, value]) => ({ name, value: literalForKubernetes(value) }));
}

/**
 * Makes a sealed text literal to Kubernetes too, which replaces `$(NAME)` in the values of variables. Its escape, a
 * doubled dollar, must not meet Terraform's, so that the one is undone first.
 * @see https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/ (read 2026-11)
 */
export function literalForKubernetes(sealed: string): string {
  return escapeTemplate(unescapeTemplate(sealed).replace(/\$(?=[$(])/g, "$$$$"));
}

/** A digest never changes its meaning; a tag may. */
export function pullPolicy(image: string): string {
  return image.includes("@") ? "IfNotPresent" : "Always";
}

function cpuQuantity(millis: number): string {
  return millis % 1000 === 0 ? String(millis / 1000) : `${millis}m`;
}

/** As Kubernetes writes it, so that Terraform sees no difference: whole, in the largest binary unit. */
export function quantity(size: Size): string {
  const units = [
    ["Ti", 2 ** 40],
    ["Gi", 2 ** 30],
    ["Mi", 2 ** 20],
  ] as const;
  const exact = units.find(([, factor]) => size.bytes % factor === 0);
  return exact === undefined ? `${Math.ceil(size.bytes / 1024)}Ki` : `${size.bytes / exact[1]}${exact[0]}`;
}
