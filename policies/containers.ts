import {
  blocks,
  isObject,
  list,
  objectAt,
  parseJson,
  textsIn,
  type Json,
  type JsonObject,
} from "../modules/conformance/document";
import type { ManifestPath } from "../modules/issues/issue";
import { definePolicy, type Policy, type Violation } from "../modules/policy/policy";
import type { PolicyStack } from "../modules/policy/policy-stack";
import { asText, each, isGiven, isOff, isOn } from "./support";

const READ = "2026-11-23";
const ECS = "https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html";
const KUBERNETES = "https://kubernetes.io/docs/concepts/security/pod-security-standards/";

/** A container, wherever it runs. */
export interface Container {
  readonly platform: "ecs" | "kubernetes" | "docker";
  /** Address of the resource that it stands in. */
  readonly address: string;
  readonly name: string;
  readonly image: Json | undefined;
  /** Its own settings, in the platform's spelling. */
  readonly config: JsonObject;
  /** The task or pod around it. */
  readonly group: JsonObject;
  /** Whether it only prepares: it ends before the server starts. */
  readonly before: boolean;
}

const PODS: Readonly<Record<string, readonly string[]>> = {
  kubernetes_deployment_v1: ["spec", "template", "spec"],
  kubernetes_stateful_set_v1: ["spec", "template", "spec"],
  kubernetes_daemon_set_v1: ["spec", "template", "spec"],
  kubernetes_job_v1: ["spec", "template", "spec"],
  kubernetes_cron_job_v1: ["spec", "job_template", "spec", "template", "spec"],
  kubernetes_pod_v1: ["spec"],
};

/** Types of resources that have containers. */
export const CONTAINER_TYPES = ["aws_ecs_task_definition", "docker_container", ...Object.keys(PODS)];

/** Many policies ask, and definitions of tasks are texts that have to be parsed. */
const known = new WeakMap<PolicyStack, readonly Container[]>();

/** Every container of a stack. */
export function containersOf(stack: PolicyStack): readonly Container[] {
  const found = known.get(stack) ?? [...findContainers(stack)];
  known.set(stack, found);
  return found;
}

function* findContainers(stack: PolicyStack): Iterable<Container> {
  for (const { address, config } of stack.resources("aws_ecs_task_definition")) {
    const text = config.container_definitions;
    const definitions = typeof text === "string" ? parseJson(text) : undefined;
    const all = list(definitions).filter(isObject);
    // A task waits for the success of what only prepares.
    const awaited = new Set(
      all.flatMap(({ dependsOn }) =>
        blocks(dependsOn).flatMap(({ containerName, condition }) =>
          condition === "SUCCESS" && typeof containerName === "string" ? [containerName] : [],
        ),
      ),
    );
    for (const own of all) {
      const name = asText(own.name);
      yield {
        platform: "ecs",
        address,
        name,
        image: own.image,
        config: own,
        group: config,
        before: own.essential === false && awaited.has(name),
      };
    }
  }
  for (const { address, config } of stack.resources("docker_container"))
    yield {
      platform: "docker",
      address,
      name: asText(config.name),
      image: config.image,
      config,
      group: config,
      before: false,
    };
  for (const [type, path] of Object.entries(PODS)) {
    for (const { address, config } of stack.resources(type)) {
      for (const pod of deep([config], path)) {
        for (const [block, before] of [
          ["container", false],
          ["init_container", true],
        ] as const)
          for (const own of blocks(pod[block]))
            yield {
              platform: "kubernetes",
              address,
              name: asText(own.name),
              image: own.image,
              config: own,
              group: pod,
              before,
            };
      }
    }
  }
}

/** The blocks at a path, each of which may stand alone or in a list. */
function deep(from: readonly JsonObject[], path: readonly string[]): readonly JsonObject[] {
  return path.reduce<readonly JsonObject[]>((found, step) => found.flatMap((one) => blocks(one[step])), from);
}

/** Of a container's security settings in Kubernetes. */
function security({ config }: Container): JsonObject {
  return blocks(config.security_context)[0] ?? {};
}

function podSecurity({ group }: Container): JsonObject {
  return blocks(group.security_context)[0] ?? {};
}

/** A violation for each container that a test refuses. */
function* eachContainer(
  stack: PolicyStack,
  refused: (container: Container) => string | false,
  more: (container: Container) => Omit<Violation, "address" | "message"> = () => ({}),
): Iterable<Violation> {
  for (const container of containersOf(stack)) {
    const message = refused(container);
    if (message === false) continue;
    yield {
      address: container.address,
      message: `has the container ${container.name}, which ${message}`,
      ...more(container),
    };
  }
}

const field =
  (name: string) =>
  ({ platform }: Container) => {
    const path: ManifestPath = ["targets", "ecs-fargate", name];
    return platform === "ecs" ? { field: path } : {};
  };

/** Values that are credentials by their spelling: AWS, GitHub, Hugging Face, Slack, private keys. */
const CREDENTIALS: readonly RegExp[] = [
  /(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Z0-9])/,
  /(?<![A-Za-z0-9])gh[opsur]_[A-Za-z0-9]{36}/,
  /(?<![A-Za-z0-9])github_pat_[A-Za-z0-9_]{40,}/,
  /(?<![A-Za-z0-9])hf_[A-Za-z]{34}(?![A-Za-z])/,
  /(?<![A-Za-z0-9])xox[abprs]-[A-Za-z0-9-]{10,}/,
  /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/,
];

/** Containers have no more rights on their machine than their work needs. */
export const containers: readonly Policy[] = [
  definePolicy({
    code: "POLICY_CONTAINER_PRIVILEGED",
    title: "no container is privileged, nor may become so",
    reason: "a privileged container owns the machine that it runs on, and every other container there",
    source: ECS,
    asOf: READ,
    severity: "error",
    // CKV_AWS_334 reads `privilege`, which no container definition has; this reads `privileged`.
    controls: ["CKV_AWS_334", "CKV_K8S_16", "CKV_K8S_20", "CKV_K8S_159", "ECS.1", "ECS.4"],
    resourceTypes: CONTAINER_TYPES,
    *checkStack(stack) {
      yield* eachContainer(stack, (container) => {
        const { platform, config } = container;
        if (platform !== "kubernetes") return isOn(config.privileged) && "is privileged";
        const { privileged, allow_privilege_escalation: escalation } = security(container);
        if (isOn(privileged)) return "is privileged";
        return !isOff(escalation) && "may get more rights than it started with";
      });
    },
  }),
  definePolicy({
    code: "POLICY_CONTAINER_ROOT",
    title: "servers run as a user other than root",
    reason: "root in the container is root on the machine, once a flaw leads out of it",
    source: ECS,
    asOf: READ,
    // Where the manifest names no user the image decides, which nothing here can see.
    severity: "warning",
    controls: ["ECS.1", "ECS.20", "CKV_K8S_29", "CKV_K8S_30"],
    resourceTypes: CONTAINER_TYPES,
    *checkStack(stack) {
      yield* eachContainer(
        stack,
        (container) => {
          const { platform, config, before } = container;
          // A volume of Fargate belongs to root, so that what fills one must be root: with nothing else to write to.
          if (platform === "docker" || (platform === "ecs" && before && isOn(config.readonlyRootFilesystem)))
            return false;
          if (platform === "ecs") {
            if (!isGiven(config.user)) return "runs as the image's own user, who may be root";
            return /^(?:0|root)(?::|$)/.test(asText(config.user)) && "runs as root";
          }
          const own = security(container);
          const pod = podSecurity(container);
          const user = own.run_as_user ?? pod.run_as_user;
          if (user !== undefined) return asText(user) === "0" && "runs as root";
          return !isOn(own.run_as_non_root ?? pod.run_as_non_root) && "may run as root";
        },
        (container) =>
          container.platform === "ecs"
            ? {
                ...field("user")(container),
                fix: 'name the user, e.g. targets.ecs-fargate.user: "10001:10001"',
              }
            : {},
      );
    },
  }),
  definePolicy({
    code: "POLICY_CONTAINER_WRITABLE",
    title: "a container cannot write to its image's file system",
    reason: "an attacker who cannot write cannot stay",
    source: ECS,
    asOf: READ,
    severity: "error",
    controls: ["CKV_AWS_336", "CKV_K8S_22", "ECS.5"],
    resourceTypes: CONTAINER_TYPES.filter((type) => type !== "docker_container"),
    *checkStack(stack) {
      yield* eachContainer(
        stack,
        (container) => {
          const { platform, config } = container;
          if (platform === "docker") return false;
          const readOnly =
            platform === "ecs"
              ? config.readonlyRootFilesystem
              : security(container).read_only_root_filesystem;
          return !isOn(readOnly) && "can write to its image's file system";
        },
        field("readOnlyRootFilesystem"),
      );
    },
  }),
  definePolicy({
    code: "POLICY_CONTAINER_HOST",
    title: "containers share neither network, processes nor sockets with their machine",
    reason: "what is shared with the machine is shared with everything on it",
    source: KUBERNETES,
    asOf: READ,
    severity: "error",
    controls: [
      "CKV_AWS_335",
      "CKV_K8S_17",
      "CKV_K8S_18",
      "CKV_K8S_19",
      "CKV_K8S_26",
      "CKV_K8S_27",
      "ECS.1",
      "ECS.3",
      "ECS.17",
    ],
    resourceTypes: CONTAINER_TYPES,
    *checkStack(stack) {
      yield* each(stack.resources("aws_ecs_task_definition"), (config) => {
        if (config.network_mode !== "awsvpc") return "is not in a network of its own (awsvpc)";
        if (config.pid_mode === "host" || config.ipc_mode === "host") return "shares its machine's processes";
        return false;
      });
      yield* eachContainer(stack, ({ platform, config, group }) => {
        if (platform === "docker")
          return (
            [config.network_mode, config.pid_mode, config.ipc_mode].includes("host") &&
            "shares its machine's network or processes"
          );
        const shared = ["host_network", "host_pid", "host_ipc"].filter((name) => isOn(group[name]));
        if (shared.length > 0) return `shares ${shared.join(", ")}`;
        if (blocks(config.port).some(({ host_port: port }) => Number(port ?? 0) > 0))
          return "takes a port of its machine";
        const sockets = [...textsIn(group.volume)].some(({ text }) => text.endsWith("docker.sock"));
        return sockets && "has the socket of the container engine";
      });
    },
  }),
  definePolicy({
    code: "POLICY_CONTAINER_CAPABILITIES",
    title: "pods drop every capability, and add none",
    reason: "each is a part of root's power, NET_RAW among them, which lets a pod speak for others",
    source: KUBERNETES,
    asOf: READ,
    severity: "error",
    controls: ["CKV_K8S_25", "CKV_K8S_28", "CKV_K8S_29", "CKV_K8S_30", "CKV_K8S_37", "CKV_K8S_39"],
    resourceTypes: Object.keys(PODS),
    *checkStack(stack) {
      yield* eachContainer(stack, (container) => {
        if (container.platform !== "kubernetes") return false;
        const capabilities = blocks(security(container).capabilities);
        if (!capabilities.some(({ drop }) => list(drop).includes("ALL"))) return "keeps capabilities of root";
        return capabilities.some(({ add }) => list(add).length > 0) && "adds capabilities";
      });
    },
  }),
  definePolicy({
    code: "POLICY_CONTAINER_SECRETS",
    title: "no credential stands among the variables, and secrets of a cluster come as files",
    reason:
      "variables are read by whoever may describe the function, task or pod, and end in logs and crash reports",
    source: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html",
    asOf: READ,
    severity: "error",
    controls: ["CKV_AWS_45", "CKV_AWS_46", "CKV_K8S_35", "ECS.8"],
    *checkPlan({ target, model }) {
      for (const [name, value] of Object.entries(model.environment)) {
        if (!CREDENTIALS.some((pattern) => pattern.test(value))) continue;
        yield {
          address: target,
          message: `the variable ${name} holds what looks like a credential`,
          fix: `revoke it, and name a secret under model.secrets.${name}`,
          field: ["model", "environment", name],
        };
      }
    },
    *checkStack(stack) {
      yield* each(
        stack.resources("aws_launch_template"),
        ({ user_data: data }) =>
          typeof data === "string" &&
          CREDENTIALS.some((pattern) => pattern.test(`${data}\n${Buffer.from(data, "base64").toString()}`)) &&
          "has a credential in its user data",
      );
      yield* eachContainer(
        stack,
        ({ platform, config }) =>
          platform === "kubernetes" &&
          (blocks(config.env_from).some((from) => blocks(from.secret_ref).length > 0) ||
            blocks(config.env).some((variable) =>
              blocks(variable.value_from).some((from) => blocks(from.secret_key_ref).length > 0),
            )) &&
          "gets a secret as a variable",
      );
    },
  }),
  definePolicy({
    code: "POLICY_MODEL_ISOLATION",
    title: "containers on SageMaker have no network, unless they fetch something when they start",
    reason: "what a request holds cannot leave a container that reaches nothing",
    source: "https://docs.aws.amazon.com/sagemaker/latest/dg/mkt-algo-model-internet-free.html",
    asOf: READ,
    // A container that fetches its weights by itself needs the network, and the manifest says so.
    severity: "warning",
    controls: ["CKV_AWS_370", "SageMaker.5"],
    resourceTypes: ["aws_sagemaker_model"],
    *checkStack(stack) {
      yield* each(
        stack.resources("aws_sagemaker_model"),
        ({ enable_network_isolation: isolated }) => !isOn(isolated) && "reaches the network",
        stack.component === "foundation" ? {} : { field: ["targets", stack.component, "networkIsolation"] },
      );
    },
  }),
  definePolicy({
    code: "POLICY_TASK_ROLES",
    title: "a task's own role is not the one that starts it",
    reason: "the model would have the right to read every secret and image that starting it needs",
    source: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-ecs-iam-role-overview.html",
    asOf: READ,
    severity: "error",
    controls: ["CKV_AWS_249"],
    resourceTypes: ["aws_ecs_task_definition"],
    *checkStack(stack) {
      yield* each(
        stack.resources("aws_ecs_task_definition"),
        ({ execution_role_arn: execution, task_role_arn: task }) =>
          isGiven(task) && task === execution && "has one role for both",
      );
    },
  }),
  definePolicy({
    code: "POLICY_POD_RESOURCES",
    title: "pods ask for CPU and memory, and have a limit on memory",
    reason: "a pod without them takes its neighbours down, or is put where it does not fit",
    source: "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
    asOf: READ,
    severity: "error",
    controls: ["CKV_K8S_10", "CKV_K8S_12", "CKV_K8S_13"],
    resourceTypes: Object.keys(PODS),
    *checkStack(stack) {
      yield* eachContainer(stack, ({ platform, config }) => {
        if (platform !== "kubernetes") return false;
        const resources = blocks(config.resources)[0];
        const missing = ["requests.cpu", "requests.memory", "limits.memory"].filter((name) => {
          const [kind = "", what = ""] = name.split(".");
          return !isGiven(objectAt(resources, kind)[what]);
        });
        return missing.length > 0 && `lacks ${missing.join(", ")}`;
      });
    },
  }),
  definePolicy({
    code: "POLICY_POD_PROBES",
    title: "servers in pods are asked whether they are ready, and whether they live",
    reason: "requests go to a server that still loads its model otherwise, and a hung one is never restarted",
    source: "https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/",
    asOf: READ,
    severity: "error",
    controls: ["CKV_K8S_8", "CKV_K8S_9"],
    resourceTypes: Object.keys(PODS),
    *checkStack(stack) {
      yield* eachContainer(stack, ({ platform, address, config, before }) => {
        // A job serves nobody: it ends.
        if (platform !== "kubernetes" || before || /^kubernetes_(?:cron_)?job_/.test(address)) return false;
        const missing = ["liveness_probe", "readiness_probe"].filter(
          (name) => blocks(config[name]).length === 0,
        );
        return missing.length > 0 && `has no ${missing.join(", no ")}`;
      });
    },
  }),
  definePolicy({
    code: "POLICY_NAMESPACE",
    title: "nothing is put into the default namespace, nor runs under a default service account",
    reason: "rights that are given to the default ones reach everything that somebody forgot to place",
    source: "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
    asOf: READ,
    severity: "error",
    controls: ["CKV_K8S_21", "CKV_K8S_41", "CKV_K8S_42"],
    *checkStack(stack) {
      const placed = stack
        .resources()
        .filter(({ type }) => type.startsWith("kubernetes_") && type !== "kubernetes_namespace_v1");
      yield* each(placed, ({ metadata }, { type }) => {
        const [own] = blocks(metadata);
        if (own === undefined || /cluster_role|storage_class|persistent_volume_v1/.test(type)) return false;
        return (own.namespace === undefined || own.namespace === "default") && "is in the default namespace";
      });
      yield* each(
        stack.resources("kubernetes_service_account_v1"),
        ({ metadata }) =>
          blocks(metadata).some(({ name }) => name === "default") && "is a default service account",
      );
      yield* each(
        stack.resources("kubernetes_role_binding_v1", "kubernetes_cluster_role_binding_v1"),
        ({ subject }) =>
          blocks(subject).some(({ kind, name }) => kind === "ServiceAccount" && name === "default") &&
          "gives rights to a default service account",
      );
    },
  }),
  definePolicy({
    code: "POLICY_KUBERNETES_ROLE",
    title: "roles of Kubernetes name what they allow",
    reason: "a wildcard allows what is added later, too",
    source: "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
    asOf: READ,
    severity: "error",
    controls: ["CKV_K8S_49"],
    resourceTypes: ["kubernetes_role_v1", "kubernetes_cluster_role_v1"],
    *checkStack(stack) {
      yield* each(
        stack.resources("kubernetes_role_v1", "kubernetes_cluster_role_v1"),
        ({ rule }) =>
          blocks(rule).some((one) =>
            [one.api_groups, one.resources, one.verbs].some((names) => list(names).includes("*")),
          ) && "has a wildcard",
      );
    },
  }),
];
