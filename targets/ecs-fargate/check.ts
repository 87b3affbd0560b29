import type { Limit } from "../../modules/aws/limits";
import type { CodeDescription, Finding, ManifestPath } from "../../modules/issues/issue";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import { Size } from "../../modules/units/size";
import { Duration } from "../../modules/units/duration";
import { deliveryOf, isInRegionalEcr } from "./images";
import { LIMITS } from "./limits";
import type { Options } from "./options";
import {
  fewestTasks,
  isGradual,
  maximumPercent,
  MODEL_FOLDER,
  shiftsTraffic,
  taskSize,
  tmpMiB,
} from "./settings";
import { chooseSize, isProblem, SIZES_SOURCE } from "./sizes";

const error = (summary: string): CodeDescription => ({ summary, severity: "error" });
const warning = (summary: string): CodeDescription => ({ summary, severity: "warning" });

export const CODES = {
  FARGATE_CPU: error("A number of vCPUs that Fargate does not offer, or fewer than a replica needs."),
  FARGATE_MEMORY: error(
    "A memory size that Fargate does not offer with these vCPUs, or less than a replica needs.",
  ),
  PUBLIC_WITHOUT_TLS: error("A public endpoint without a certificate would take requests in the clear."),
  ECS_PLAIN_HTTP: warning(
    "Without a certificate, requests reach the load balancer unencrypted inside the VPC.",
  ),
  ECS_IMAGE_UNREACHABLE: error(
    "An image lies where the created network, which has no way to the internet, cannot reach it.",
  ),
  ECS_LOAD_BALANCER_SUBNETS: error(
    "The load balancer has too few subnets, or subnets of a network that is still to be created.",
  ),
  ECS_SECURITY_GROUPS: error(
    "More security groups than a task can have beside the one for the load balancer.",
  ),
  ECS_EXEC_READ_ONLY: error("ECS Exec needs a writable root file system."),
  ECS_DEPLOYMENT_PERCENT: error("A deployment could neither start a new task nor stop an old one."),
  ECS_ROLLOUT: error("A step or a wait of the rollout that ECS does not take."),
  ECS_TRAFFIC_SHIFTING: error("A setting of another way to deploy than the rollout's."),
  ECS_UNWATCHED_SHIFT: warning(
    "Traffic shifts to a new version by the clock alone, whatever that version answers.",
  ),
  ECS_IDLE_TIMEOUT: error("The load balancer would give up on requests that the workload takes longer for."),
  ECS_HEALTH_CHECK: error("A health check that lasts as long as its interval."),
  ECS_REGISTRY_CREDENTIALS: error(
    "Registry credentials that nothing uses, or that are no secret of Secrets Manager.",
  ),
  ECS_TASK_DEFINITION_SIZE: error("Environment variables and secrets do not fit into a task definition."),
  ECS_TMP: error("/tmp in memory would take all of the task's memory."),
  ECS_WRITABLE_PATH: error("A writable path is named twice, or hides the artifact."),
  ECS_SCALING_POLICIES: error("Two target-tracking policies on one metric, which ECS refuses."),
  ECS_CLUSTER_SETTINGS: error("A setting of the cluster, where the cluster is an existing one."),
} as const;

type Plan = AwsTargetPlan<Options>;

const OPTIONS: ManifestPath = ["targets", "ecs-fargate"];

const DEPLOYMENT = {
  source: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html",
  asOf: "2026-11",
} as const;

/** Bytes of a task definition that the containers' own settings take. */
const TASK_DEFINITION_REST = 6 * 1024;

function sourced(text: string, { source, asOf }: Pick<Limit, "source" | "asOf">): string {
  return `${text} (${source}, ${asOf})`;
}

/** What ECS, Fargate or the load balancer would refuse at apply, or what could never work. */
export function* check(plan: Plan): Iterable<Finding> {
  yield* size(plan);
  yield* exposure(plan);
  yield* reachability(plan);
  yield* network(plan);
  yield* deployment(plan);
  yield* shifts(plan);
  yield* timeouts(plan);
  yield* container(plan);
  yield* fileSystem(plan);
  yield* scaling(plan);
}

function* size(plan: Plan): Iterable<Finding> {
  const { resources, options } = plan;
  // What is over Fargate's largest size is reported by the capabilities.
  if (resources.cpu > LIMITS.vcpus.value || resources.memory.mebibytes > LIMITS.memory.value) return;
  const result = chooseSize({
    cpu: resources.cpu,
    memory: resources.memory,
    chosenCpu: options.cpu,
    chosenMemory: options.memory,
  });
  if (isProblem(result)) {
    const chosen = options[result.option] !== undefined;
    yield {
      path: chosen ? [...OPTIONS, result.option] : ["resources", result.option],
      code: result.option === "cpu" ? "FARGATE_CPU" : "FARGATE_MEMORY",
      message: result.message,
      allowed: sourced(result.allowed, SIZES_SOURCE),
      fix: result.fix,
    };
    return;
  }
  const tmp = tmpMiB(plan);
  const { memoryMiB } = taskSize(plan);
  if (tmp !== null && tmp >= memoryMiB) {
    yield {
      path: [...OPTIONS, "tmp"],
      code: "ECS_TMP",
      message: `/tmp of ${Size.mebibytes(tmp).toString()} leaves nothing of the task's ${Size.mebibytes(memoryMiB).toString()}`,
      allowed: `less than ${Size.mebibytes(memoryMiB).toString()}`,
      fix: "lower tmp, or list /tmp in writablePaths to keep it on disk",
    };
  }
}

function* exposure({ network }: Plan): Iterable<Finding> {
  if (network.certificateArn !== null) return;
  const fix = "add network.certificateArn, a certificate of ACM in the same region";
  if (network.public) {
    yield {
      path: ["network", "public"],
      code: "PUBLIC_WITHOUT_TLS",
      message: "a public endpoint needs a certificate: requests would cross the internet in the clear",
      fix: `${fix}, or remove network.public`,
    };
  } else {
    yield {
      path: ["network"],
      code: "ECS_PLAIN_HTTP",
      severity: "warning",
      message: "there is no certificate: callers reach the load balancer by plain HTTP, inside the VPC only",
      fix,
    };
  }
}

/** Without a way to the internet, a created network reaches the region's own ECR and nothing else. */
function* reachability({ network, model, region, options }: Plan): Iterable<Finding> {
  if (network.existing !== null || network.internetAccess) return;
  const images: { path: ManifestPath; image: string }[] = [];
  if (model.image.kind === "reference") images.push({ path: ["model", "image"], image: model.image.uri });
  else if (model.image.repository !== null)
    images.push({ path: ["registry", "repository"], image: model.image.repository.uri });
  if (model.artifact !== null) {
    images.push({ path: [...OPTIONS, "downloadImage"], image: options.downloadImage });
    const { artifact } = model;
    if (artifact.kind === "local" || deliveryOf(artifact.uri) === "archive") {
      images.push({ path: [...OPTIONS, "unpackImage"], image: options.unpackImage });
    }
  }
  for (const { path, image } of images) {
    if (isInRegionalEcr(image, region.name)) continue;
    yield {
      path,
      code: "ECS_IMAGE_UNREACHABLE",
      message: `${image} cannot be pulled: the created network has no way to the internet`,
      allowed: `an image in a private ECR registry of ${region.name}`,
      fix: "copy the image to ECR (a pull-through cache rule does it), set network.internetAccess: true, or use an existing network",
    };
  }
}

function* network({ network: { existing, securityGroupIds }, options }: Plan): Iterable<Finding> {
  const subnets = options.loadBalancerSubnetIds;
  if (subnets !== undefined && existing === null) {
    yield {
      path: [...OPTIONS, "loadBalancerSubnetIds"],
      code: "ECS_LOAD_BALANCER_SUBNETS",
      message: "names subnets of an existing network, but the network is created",
      fix: "add network.vpcId and network.subnetIds, or remove loadBalancerSubnetIds",
    };
  }
  const { value: zones } = LIMITS.loadBalancerZones;
  if (existing !== null && subnets === undefined && new Set(existing.subnetIds).size < zones) {
    yield {
      path: ["network", "subnetIds"],
      code: "ECS_LOAD_BALANCER_SUBNETS",
      message: `${existing.subnetIds.length} subnet is too few for a load balancer`,
      allowed: sourced(`at least ${zones}, in different availability zones`, LIMITS.loadBalancerZones),
      fix: "add a subnet in another zone, or name the load balancer's own in targets.ecs-fargate.loadBalancerSubnetIds",
    };
  }
  const most = LIMITS.securityGroups.value - 1;
  if (securityGroupIds.length > most) {
    yield {
      path: ["network", "securityGroupIds"],
      code: "ECS_SECURITY_GROUPS",
      message: `${securityGroupIds.length} security groups and the one that lets the load balancer in are too many for a task`,
      allowed: sourced(`at most ${most}`, LIMITS.securityGroups),
      fix: "remove one",
    };
  }
}

function* deployment(plan: Plan): Iterable<Finding> {
  const { options } = plan;
  if (shiftsTraffic(plan)) return;
  const tasks = Math.max(fewestTasks(plan), 1);
  const maximum = maximumPercent(plan);
  const room = Math.floor((tasks * maximum) / 100) - Math.ceil((tasks * options.minimumHealthyPercent) / 100);
  if (room >= 1) return;
  yield {
    path: [...OPTIONS, options.maximumPercent === undefined ? "minimumHealthyPercent" : "maximumPercent"],
    code: "ECS_DEPLOYMENT_PERCENT",
    message:
      `with ${tasks} tasks, at most ${maximum} and at least ${options.minimumHealthyPercent} percent of them leave a deployment ` +
      "no task to start or stop",
    allowed: sourced(
      `room for one task: maximumPercent of at least ${100 + Math.ceil(100 / tasks)}`,
      DEPLOYMENT,
    ),
    fix: "remove maximumPercent, or lower minimumHealthyPercent",
  };
}

function* shifts(plan: Plan): Iterable<Finding> {
  const { options, rollout, observability } = plan;
  const { strategy } = rollout;
  const gradual = isGradual(strategy);
  if (gradual && options.trafficShifting === false) {
    yield {
      path: [...OPTIONS, "trafficShifting"],
      code: "ECS_TRAFFIC_SHIFTING",
      message: `a ${strategy} rollout shifts traffic between two target groups`,
      allowed: "true, or no trafficShifting",
      fix: "remove trafficShifting, or use the strategy rolling or all-at-once",
    };
    return;
  }
  if (!shiftsTraffic(plan)) {
    if (options.bakeTime !== undefined) {
      yield {
        path: [...OPTIONS, "bakeTime"],
        code: "ECS_TRAFFIC_SHIFTING",
        message: `a ${strategy} rollout${strategy === "rolling" ? "" : " without trafficShifting"} stops the old tasks as the new ones come up: there is no bake time`,
        fix: "remove bakeTime, use the strategy canary or linear, or all-at-once with trafficShifting: true",
      };
    }
    return;
  }
  for (const [name, value] of [
    [
      "minimumHealthyPercent",
      options.minimumHealthyPercent === 100 ? undefined : options.minimumHealthyPercent,
    ],
    ["maximumPercent", options.maximumPercent],
  ] as const) {
    if (value === undefined) continue;
    yield {
      path: [...OPTIONS, name],
      code: "ECS_TRAFFIC_SHIFTING",
      message:
        "counts for rolling deployments only: where traffic shifts, all new tasks start beside the old ones",
      allowed: sourced("none", DEPLOYMENT),
      fix: `remove ${name}, or use the strategy rolling`,
    };
  }
  const { linearStepMin, bakeMinutesMax } = LIMITS;
  if (strategy === "linear" && rollout.step < linearStepMin.value) {
    yield {
      path: ["rollout", "step"],
      code: "ECS_ROLLOUT",
      message: `ECS shifts no ${rollout.step} percent at a time`,
      allowed: sourced(`${linearStepMin.value} to 100 percent`, linearStepMin),
      fix: "raise the step, or use the strategy canary, whose first step may be smaller",
    };
  }
  const waits: readonly (readonly [ManifestPath, Duration | undefined])[] = [
    [["rollout", "interval"], gradual ? rollout.interval : undefined],
    [[...OPTIONS, "bakeTime"], options.bakeTime],
  ];
  for (const [path, wait] of waits) {
    if (wait === undefined) continue;
    if (Number.isInteger(wait.minutes) && wait.minutes <= bakeMinutesMax.value) continue;
    yield {
      path,
      code: "ECS_ROLLOUT",
      message: `ECS does not wait ${wait.toString()}`,
      allowed: sourced(
        `whole minutes, at most ${Duration.seconds(bakeMinutesMax.value * 60).toString()}`,
        bakeMinutesMax,
      ),
      fix: `use ${Duration.seconds(Math.min(Math.ceil(wait.minutes), bakeMinutesMax.value) * 60).toString()}`,
    };
  }
  if (!observability.alarms) {
    yield {
      path: ["observability", "alarms"],
      code: "ECS_UNWATCHED_SHIFT",
      severity: "warning",
      message: `without alarms, nothing stops ${strategy === "all-at-once" ? "a" : `a ${strategy}`} rollout to a version that starts but answers wrongly`,
      fix: "leave observability.alarms on",
    };
  }
}

function* timeouts({ workload, options }: Plan): Iterable<Finding> {
  const slowest = workload?.serviceTime?.p99;
  const { idleTimeout, healthCheck } = options;
  if (slowest !== undefined && idleTimeout !== undefined && idleTimeout.seconds < slowest.seconds) {
    yield {
      path: [...OPTIONS, "idleTimeout"],
      code: "ECS_IDLE_TIMEOUT",
      message: `${idleTimeout.toString()} is shorter than workload.serviceTime.p99, which is ${slowest.toString()}: the load balancer would answer 504`,
      allowed: sourced(
        `${slowest.toString()} to ${Duration.seconds(LIMITS.requestSeconds.value).toString()}`,
        LIMITS.requestSeconds,
      ),
      fix: "remove idleTimeout, which then follows the workload",
    };
  }
  if (healthCheck.timeout.seconds >= healthCheck.interval.seconds) {
    yield {
      path: [...OPTIONS, "healthCheck", "timeout"],
      code: "ECS_HEALTH_CHECK",
      message: `${healthCheck.timeout.toString()} is not below the interval, which is ${healthCheck.interval.toString()}`,
      allowed: sourced(`less than ${healthCheck.interval.toString()}`, LIMITS.checkTimeoutMax),
      fix: "lower the timeout, or raise the interval",
    };
  }
}

function* container({ model, options }: Plan): Iterable<Finding> {
  if (options.executeCommand && options.readOnlyRootFilesystem) {
    yield {
      path: [...OPTIONS, "executeCommand"],
      code: "ECS_EXEC_READ_ONLY",
      message: "the agent of ECS Exec writes to the container's root file system, which is read-only",
      allowed:
        "readOnlyRootFilesystem: false (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html, 2026-11)",
      fix: "set readOnlyRootFilesystem: false beside it, or remove executeCommand",
    };
  }
  if (options.registryCredentials !== undefined) {
    const path = [...OPTIONS, "registryCredentials"];
    if (model.image.kind === "build" || model.image.reference.ecr !== undefined) {
      yield {
        path,
        code: "ECS_REGISTRY_CREDENTIALS",
        message: "the image comes from ECR, where the role pulls without a password",
        fix: "remove registryCredentials",
      };
    } else if (!options.registryCredentials.includes(":secretsmanager:")) {
      yield {
        path,
        code: "ECS_REGISTRY_CREDENTIALS",
        message: "ECS reads registry credentials from Secrets Manager only",
        allowed: "the ARN of a secret with the keys username and password",
        fix: "move the credentials to Secrets Manager",
      };
    }
  }
  const bytes = Buffer.byteLength(JSON.stringify([model.environment, model.secrets]), "utf8");
  const most = LIMITS.taskDefinitionBytes.value - TASK_DEFINITION_REST;
  const entries = Object.keys(model.environment).length + Object.keys(model.secrets).length;
  // Each entry is an object with two keys of its own.
  const total = bytes + entries * '{"name":,"value":}'.length;
  if (total > most) {
    yield {
      path: ["model", "environment"],
      code: "ECS_TASK_DEFINITION_SIZE",
      message: `environment and secrets take ${total} bytes`,
      allowed: sourced(
        `about ${most} of a task definition's ${LIMITS.taskDefinitionBytes.value}`,
        LIMITS.taskDefinitionBytes,
      ),
      fix: "move long values into the artifact or the image",
    };
  }
  if (options.cluster !== undefined && options.encryptEphemeralStorage !== undefined) {
    yield {
      path: [...OPTIONS, "encryptEphemeralStorage"],
      code: "ECS_CLUSTER_SETTINGS",
      message: `is a setting of the cluster, and "${options.cluster}" is an existing one`,
      fix: "remove it, and set the key on the cluster where that is managed",
    };
  }
}

function* fileSystem({ model, options }: Plan): Iterable<Finding> {
  for (const [index, path] of options.writablePaths.entries()) {
    const hides = model.artifact !== null && (path === MODEL_FOLDER || MODEL_FOLDER.startsWith(`${path}/`));
    if (!hides && options.writablePaths.indexOf(path) === index) continue;
    yield {
      path: [...OPTIONS, "writablePaths", index],
      code: "ECS_WRITABLE_PATH",
      message: hides ? `${path} would hide the artifact in ${MODEL_FOLDER}` : `${path} is named twice`,
      allowed: `each path once, none at or above ${MODEL_FOLDER}`,
      fix: "remove it",
    };
  }
}

function* scaling({ scaling: { policies } }: Plan): Iterable<Finding> {
  const seen = new Set<string>();
  for (const [index, policy] of policies.entries()) {
    if (policy.type !== "target-tracking") continue;
    if (seen.has(policy.metric)) {
      yield {
        path: ["scaling", "policies", index, "metric"],
        code: "ECS_SCALING_POLICIES",
        message: `a second target-tracking policy on ${policy.metric}`,
        allowed:
          "one per metric (https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html, 2026-11)",
        fix: "remove one of the two",
      };
    }
    seen.add(policy.metric);
  }
}
