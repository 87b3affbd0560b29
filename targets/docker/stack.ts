import { Container, type ContainerConfig, type ContainerVolumes } from "@cdktf/provider-docker/lib/container";
import { Image } from "@cdktf/provider-docker/lib/image";
import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { CopiedFolder } from "../../modules/artifact/copied-folder";
import { containerEnvironment } from "../../modules/plan/container-environment";
import type { PlannedImage, TargetPlan } from "../../modules/plan/plan";
import type { ModelStack } from "../../modules/stack/model-stack";
import { resourceName, shortHash } from "../../modules/stack/names";
import type { Sealed } from "../../modules/stack/seal";
import { Size } from "../../modules/units/size";
import { goDuration, HEALTH, healthCommand } from "./health";
import { LIMITS } from "./limits";
import type { Options } from "./options";

type Plan = Sealed<TargetPlan<Options>>;

/** Where SageMaker puts the model, and so every target. */
const MODEL_FOLDER = "/opt/ml/model";

/** Nothing but this machine reaches the container. */
const LOOPBACK = "127.0.0.1";

const DEFAULT_TMP = Size.gibibytes(1);

/** Time that the first answers may take beyond `model.server.startup`, when an apply waits for them. */
const WAIT_MARGIN_SECONDS = 60;

/** A container that runs goes only once its successor's image is there: a pull or a build may fail. */
const BEFORE_THE_OLD = { createBeforeDestroy: true } as const;

/** Adds the image, pulled or built, and one container of it. */
export function synthesize(stack: ModelStack, plan: Plan): void {
  const { options } = plan;
  new DockerProvider(stack, "docker", options.host === undefined ? {} : { host: options.host });
  const image = createImage(stack, plan);
  new Container(stack, "container", {
    name: resourceName([stack.prefix, stack.component], LIMITS.containerName.value),
    image: image.imageId,
    env: environment(plan),
    labels: Object.entries(stack.tags).map(([label, value]) => ({ label, value })),
    ports: [{ internal: plan.model.server.port, external: options.port, ip: LOOPBACK, protocol: "tcp" }],
    volumes: modelVolumes(stack, plan),
    restart: options.restart,
    // Without it a container is killed at once when it is replaced.
    destroyGraceSeconds: 10,
    logDriver: "json-file",
    logOpts: { "max-size": "10m", "max-file": "3" },
    ...confinement(plan),
    ...limits(plan),
    ...health(plan),
  });
  stack.output("url", `http://${LOOPBACK}:${options.port}${plan.model.server.invoke}`);
  stack.output("health_url", `http://${LOOPBACK}:${options.port}${plan.model.server.health}`);
}

function platform({ resources }: Plan): string {
  return resources.architecture === "arm64" ? "linux/arm64" : "linux/amd64";
}

function createImage(stack: ModelStack, plan: Plan): Image {
  const { image } = plan.model;
  return image.kind === "build" ? buildImage(stack, plan, image) : pullImage(stack, plan, image.uri);
}

/** An image in use elsewhere on the machine must outlive this stack, so it is kept. */
function pullImage(stack: ModelStack, plan: Plan, uri: string): Image {
  // A tag beside the digest decides nothing, and the engine keeps no image under both.
  const name = uri.replace(/:\w[\w.-]*(?=@sha256:)/, "");
  return new Image(stack, "image", {
    name,
    platform: platform(plan),
    pullTriggers: [name],
    keepLocally: true,
    lifecycle: BEFORE_THE_OLD,
  });
}

/** The tag changes with all that goes into the image, so that a change builds a new one, and the old one goes. */
function buildImage(stack: ModelStack, plan: Plan, image: Extract<PlannedImage, { kind: "build" }>): Image {
  const { builder } = plan.options;
  const context = new CopiedFolder(stack, "context", image.context, { unpack: false });
  const identity = shortHash(
    JSON.stringify([image.context.digest, image.dockerfile, image.args, platform(plan)]),
    12,
  );
  return new Image(stack, "image", {
    name: `modelport/${plan.name}:${plan.environment}-${identity}`,
    platform: platform(plan),
    triggers: { context: image.context.digest },
    keepLocally: false,
    lifecycle: BEFORE_THE_OLD,
    buildAttribute: {
      // BuildKit takes a relative Dockerfile from where Terraform runs, the classic builder from the context; both
      // take an absolute one (kreuzwerker/terraform-provider-docker#737, #585).
      context: absolute(context.relativePath),
      dockerfile: absolute(`${context.relativePath}/${image.dockerfile}`),
      platform: platform(plan),
      buildArgs: { ...image.args },
      remove: true,
      ...(builder === "legacy" ? {} : { builder }),
    },
  });
}

function environment({ model }: Plan): string[] {
  return Object.entries(containerEnvironment(model)).map(([name, value]) => `${name}=${value}`);
}

/** An absolute path, which only Terraform knows: the stack's text is the same on every machine. */
function absolute(relativePath: string): string {
  return `\${abspath("${relativePath}")}`;
}

function modelVolumes(stack: ModelStack, { model: { artifact } }: Plan): ContainerVolumes[] {
  if (artifact?.kind !== "local") return [];
  const folder = new CopiedFolder(stack, "model", artifact.path, { unpack: true });
  return [{ containerPath: MODEL_FOLDER, hostPath: absolute(folder.relativePath), readOnly: true }];
}

/** What the container may not do. */
function confinement({ options, resources }: Plan): Partial<ContainerConfig> {
  const tmp = options.tmp ?? resources.storage ?? DEFAULT_TMP;
  return {
    readOnly: options.readOnly,
    // Compilers of models (TorchInductor, Numba) load what they write to /tmp; the engine's default would forbid it.
    tmpfs: { "/tmp": `rw,exec,nosuid,nodev,mode=1777,size=${tmp.mebibytes}m` },
    capabilities: {
      drop: ["ALL"],
      ...(options.capabilities.length === 0 ? {} : { add: [...options.capabilities] }),
    },
    securityOpts: ["no-new-privileges:true"],
    ...(options.user === undefined ? {} : { user: options.user }),
  };
}

function limits({ options, resources }: Plan): Partial<ContainerConfig> {
  const gpu = options.gpu ?? resources.gpu > 0;
  const memory = resources.memory.mebibytes;
  return {
    shmSize: options.shm.mebibytes,
    // As much swap as memory in all means none: a model that swaps is no test of one that cannot.
    ...(options.limits ? { cpus: String(resources.cpu), memory, memorySwap: memory } : {}),
    ...(gpu ? { gpus: "all" } : {}),
  };
}

function health({ options, model: { server } }: Plan): Partial<ContainerConfig> {
  if (!options.healthcheck) return {};
  const startup = Math.ceil(server.startup.seconds);
  return {
    healthcheck: {
      test: [...healthCommand(server.port, server.health)],
      interval: goDuration(HEALTH.intervalSeconds),
      timeout: goDuration(HEALTH.timeoutSeconds),
      startPeriod: goDuration(startup),
      retries: HEALTH.retries,
    },
    ...(options.wait === false ? {} : { wait: true, waitTimeout: startup + WAIT_MARGIN_SECONDS }),
  };
}
