/** Kinds of Kubernetes objects by Terraform's types. */
const KINDS: Readonly<Record<string, readonly [apiVersion: string, kind: string]>> = {
  kubernetes_deployment_v1: ["apps/v1", "Deployment"],
  kubernetes_namespace_v1: ["v1", "Namespace"],
  kubernetes_network_policy_v1: ["networking.k8s.io/v1", "NetworkPolicy"],
  kubernetes_service_account_v1: ["v1", "ServiceAccount"],
  kubernetes_service_v1: ["v1", "Service"],
};

/** Blocks that Terraform repeats under a name in the singular. */
const LISTS: Readonly<Record<string, string>> = {
  container: "containers",
  init_container: "initContainers",
  port: "ports",
  ports: "ports",
  sysctl: "sysctls",
  toleration: "tolerations",
  topology_spread_constraint: "topologySpreadConstraints",
  volume: "volumes",
  volume_mount: "volumeMounts",
  sources: "sources",
  env: "env",
  ingress: "ingress",
  egress: "egress",
  from: "from",
};

/** Maps whose keys are the user's own. */
const FREE = new Set(["labels", "match_labels", "annotations", "node_selector", "requests", "limits"]);

/** Numbers that Terraform keeps as texts. */
const NUMBERS = new Set(["run_as_user", "run_as_group", "fs_group", "replicas"]);

type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };
type Values = Readonly<Record<string, Value>>;

interface Plan {
  readonly planned_values?: {
    readonly root_module?: {
      readonly resources?: readonly { readonly type: string; readonly values: Values }[];
    };
  };
}

/** The objects that a plan makes in a cluster, as `kubectl` would take them. */
export function kubernetesObjects(plan: unknown): readonly object[] {
  const resources = (plan as Plan).planned_values?.root_module?.resources ?? [];
  return resources.flatMap(({ type, values }) => {
    const known = KINDS[type];
    if (known === undefined) return [];
    const [apiVersion, kind] = known;
    const { metadata = null, spec = null, automount_service_account_token: token = null } = values;
    const body = {
      metadata,
      spec,
      ...(type.includes("account") ? { automount_service_account_token: token } : {}),
    };
    return [{ apiVersion, kind, ...(object("", body) as object) }];
  });
}

/** Address of the object of a kind in a synthesized stack; checkov names pods that a deployment makes, too. */
export function kubernetesAddress(kind: string, text: string): string {
  const { resource } = JSON.parse(text) as { resource: Readonly<Record<string, object | undefined>> };
  const wanted = kind === "Pod" ? "Deployment" : kind;
  const type = Object.keys(KINDS).find((name) => KINDS[name]?.[1] === wanted && resource[name] !== undefined);
  const [name, ...more] = Object.keys(resource[type ?? ""] ?? {});
  if (type === undefined || name === undefined || more.length > 0)
    throw new Error(`${more.length + 1} objects of the kind ${kind}`);
  return `${type}.${name}`;
}

function object(key: string, value: Value): Value {
  if (Array.isArray(value)) {
    const items = value as readonly Value[];
    // Everything else that Terraform puts into a list is there once at the most.
    if (key in LISTS || items.some((item) => typeof item !== "object"))
      return items.map((item) => object("", item));
    const [only = null] = items;
    return object(key, only);
  }
  if (typeof value === "object" && value !== null) {
    if (FREE.has(key)) return value;
    return Object.fromEntries(
      Object.entries(value as Values).flatMap(([name, item]) => {
        if (item === null || (Array.isArray(item) && item.length === 0)) return [];
        return [[LISTS[name] ?? camelCase(name), object(name, item)]];
      }),
    );
  }
  return typeof value === "string" && NUMBERS.has(key) ? Number(value) : value;
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase());
}
