import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_SCHEDULER_IMAGE } from "../../../targets/eks/limits";
import { describeWithTerraform, Workspace } from "../../offline/support";
import { synth, type Json } from "../../support/synth";
import { codes, existing, foundation, IMAGE, manifest, names, resource, workload } from "./support";

const TRACKING = { type: "target-tracking", metric: "cpu", target: 60 };
const MORNING = { type: "scheduled", cron: "0 8 ? * MON-FRI *", timezone: "Europe/Dublin", min: 4 };
const EVENING = { type: "scheduled", cron: "0 20 ? * MON-FRI *", timezone: "Europe/Dublin", min: 1 };

const scaling = (policies: readonly Json[], range: Json = { min: 1, max: 6 }) => ({
  scaling: { ...range, policies },
});
const scheduled = (policies: readonly Json[], options: Json = {}, range?: Json) =>
  workload(existing({ namespace: "models", ...options }, scaling([TRACKING, ...policies], range)));
const autoscaler = (stack: Json) => resource(stack, "kubernetes_horizontal_pod_autoscaler_v2", "autoscaler");
const cronJob = (stack: Json, name = "scheduled") => resource(stack, "kubernetes_cron_job_v1", name);
const podOf = (job: Json) => job.spec.job_template.spec.template.spec as Json;
const patchOf = (job: Json) => {
  const args = podOf(job).container[0].args as string[];
  return JSON.parse(args[args.indexOf("--patch") + 1] ?? "") as Json;
};

const SELECTOR = {
  "app.kubernetes.io/instance": "fraud-scorer-default--scheduler",
  "app.kubernetes.io/name": "fraud-scorer",
};
const METADATA = { name: "fraud-scorer-default--scheduler", namespace: "models" };

describe("a schedule", () => {
  const stack = scheduled([MORNING, EVENING]);

  test("is a CronJob in its own time zone, which ends and does not overlap", () => {
    expect(names(stack, "kubernetes_cron_job_v1")).toEqual(["scheduled", "scheduled-2"]);
    expect(cronJob(stack)).toMatchObject({
      metadata: { name: "fraud-scorer-default-scheduled", namespace: "models" },
      spec: {
        schedule: "0 8 * * 1-5",
        timezone: "Europe/Dublin",
        concurrency_policy: "Forbid",
        starting_deadline_seconds: 900,
        successful_jobs_history_limit: 1,
        failed_jobs_history_limit: 3,
        job_template: { spec: { backoff_limit: 5, active_deadline_seconds: 600 } },
      },
    });
    expect(cronJob(stack, "scheduled-2")).toMatchObject({
      metadata: { name: "fraud-scorer-default-scheduled-2" },
      spec: { schedule: "0 20 * * 1-5" },
    });
  });

  test("patches the bounds that its policy names, of this autoscaler", () => {
    const both = scheduled(
      [MORNING, { ...EVENING, max: 2 }, { ...MORNING, min: undefined, max: 8 }].slice(1),
    );
    expect([cronJob(both), cronJob(both, "scheduled-2")].map(patchOf)).toEqual([
      { spec: { minReplicas: 1, maxReplicas: 2 } },
      { spec: { maxReplicas: 8 } },
    ]);
    expect(podOf(cronJob(stack)).container[0].args).toEqual([
      "patch",
      "horizontalpodautoscalers.v2.autoscaling",
      "fraud-scorer-default",
      "--namespace",
      "models",
      "--type",
      "merge",
      "--patch",
      '{"spec":{"minReplicas":4}}',
      "--request-timeout",
      "30s",
    ]);
    expect(autoscaler(stack).metadata.name).toBe("fraud-scorer-default");
  });

  test("has the right to read and patch that one object, and nothing else", () => {
    expect(names(stack, "kubernetes_role_v1")).toEqual(["scheduler-role"]);
    expect(resource(stack, "kubernetes_role_v1", "scheduler-role")).toMatchObject({
      metadata: METADATA,
      rule: [
        {
          api_groups: ["autoscaling"],
          resources: ["horizontalpodautoscalers"],
          resource_names: ["fraud-scorer-default"],
          verbs: ["get", "patch"],
        },
      ],
    });
    expect(resource(stack, "kubernetes_role_binding_v1", "scheduler-binding")).toMatchObject({
      metadata: METADATA,
      role_ref: {
        api_group: "rbac.authorization.k8s.io",
        kind: "Role",
        name: "${kubernetes_role_v1.scheduler-role.metadata[0].name}",
      },
      subject: [
        {
          kind: "ServiceAccount",
          name: "${kubernetes_service_account_v1.scheduler-account.metadata[0].name}",
          namespace: "models",
        },
      ],
    });
    expect(resource(stack, "kubernetes_service_account_v1", "scheduler-account")).toMatchObject({
      metadata: METADATA,
      automount_service_account_token: false,
    });
    // The rights are there before the first job.
    expect(cronJob(stack).depends_on).toEqual([
      "kubernetes_horizontal_pod_autoscaler_v2.autoscaler",
      "kubernetes_role_binding_v1.scheduler-binding",
      "kubernetes_network_policy_v1.scheduler-network-policy",
    ]);
  });

  test("runs as locked up as the model, with a token for ten minutes", () => {
    const pod = podOf(cronJob(scheduled([MORNING], { runAsUser: 20_001 })));
    expect(pod).toMatchObject({
      service_account_name: "${kubernetes_service_account_v1.scheduler-account.metadata[0].name}",
      automount_service_account_token: false,
      enable_service_links: false,
      host_network: false,
      host_pid: false,
      host_ipc: false,
      restart_policy: "Never",
      node_selector: { "kubernetes.io/arch": "amd64" },
      security_context: {
        run_as_non_root: true,
        run_as_user: "20001",
        run_as_group: "20001",
        fs_group: "20001",
        seccomp_profile: { type: "RuntimeDefault" },
      },
    });
    expect(pod.container).toHaveLength(1);
    expect(pod.container[0]).toMatchObject({
      security_context: {
        allow_privilege_escalation: false,
        privileged: false,
        read_only_root_filesystem: true,
        run_as_non_root: true,
        capabilities: { drop: ["ALL"] },
        seccomp_profile: { type: "RuntimeDefault" },
      },
      resources: { requests: { cpu: "50m", memory: "128Mi" }, limits: { memory: "128Mi" } },
      volume_mount: [
        { name: "tmp", mount_path: "/tmp" },
        {
          name: "api-server",
          mount_path: "/var/run/secrets/kubernetes.io/serviceaccount",
          read_only: true,
        },
      ],
    });
    expect(pod.volume).toEqual([
      { name: "tmp", empty_dir: { size_limit: "16Mi" } },
      {
        name: "api-server",
        projected: [
          {
            sources: [
              { service_account_token: { expiration_seconds: 600, path: "token" } },
              { config_map: [{ name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] }] },
            ],
          },
        ],
      },
    ]);
  });

  test("meets no selector of the model, and may reach port 443 only", () => {
    const labels = cronJob(stack).spec.job_template.spec.template.metadata.labels as Json;
    const model = resource(stack, "kubernetes_service_v1", "service").spec.selector as Json;
    expect(Object.entries(model).every(([name, value]) => labels[name] === value)).toBe(false);
    expect(labels).toMatchObject(SELECTOR);
    expect(resource(stack, "kubernetes_network_policy_v1", "scheduler-network-policy").spec).toEqual({
      pod_selector: { match_labels: SELECTOR },
      policy_types: ["Ingress", "Egress"],
      egress: [{ ports: [{ port: "443", protocol: "TCP" }] }],
    });
  });

  test("runs kubectl by digest, on the architecture of the model", () => {
    const image = (options: Json) => podOf(cronJob(scheduled([MORNING], options))).container[0] as Json;
    expect(image({})).toMatchObject({ image: DEFAULT_SCHEDULER_IMAGE, image_pull_policy: "IfNotPresent" });
    expect(image({ schedulerImage: IMAGE }).image).toBe(IMAGE);
    const arm = workload(
      existing(
        {},
        { ...scaling([TRACKING, MORNING]), resources: { cpu: 1, memory: "2Gi", architecture: "arm64" } },
      ),
    );
    expect(podOf(cronJob(arm)).node_selector).toEqual({ "kubernetes.io/arch": "arm64" });
    expect(codes(existing({ schedulerImage: "registry.k8s.io/kubectl:v1.36.2" }))).toEqual(["FORMAT"]);
  });

  test("leaves nothing where there is none", () => {
    const without = scheduled([]);
    for (const type of ["cron_job", "role", "role_binding"]) {
      expect(names(without, `kubernetes_${type}_v1`)).toEqual([]);
    }
    expect(names(without, "terraform_data")).toEqual([]);
    expect(autoscaler(without).lifecycle).toBeUndefined();
  });

  test("keeps the longest names within what a CronJob takes, and apart", () => {
    const long = synth({
      manifest: {
        ...existing(
          {},
          { ...scaling([TRACKING, MORNING, EVENING]), environments: { "an-environment-1": {} } },
        ),
        name: "a".repeat(32),
      },
      env: "an-environment-1",
    }).stack("eks");
    const [first = "", second = ""] = ["scheduled", "scheduled-2"].map(
      (id) => cronJob(long, id).metadata.name as string,
    );
    expect([first.length, second.length]).toEqual([52, 52]);
    expect(first).not.toBe(second);
  });
});

describe("a schedule that cannot be kept", () => {
  const refused = (policies: readonly Json[], range?: Json) => codes(existing({}, scaling(policies, range)));

  test.each([
    [[MORNING], ["EKS_SCHEDULE_ALONE"]],
    [[TRACKING, MORNING], []],
    [[TRACKING, { ...MORNING, cron: "0 8 L * ? *" }], ["EKS_SCHEDULE"]],
    [[TRACKING, { ...MORNING, timezone: "Europe/Atlantis" }], ["FORMAT"]],
    [[TRACKING, { ...MORNING, timezone: "europe/dublin" }], ["EKS_SCHEDULE"]],
    [[TRACKING, { ...MORNING, min: 0 }], ["SCALING_MINIMUM"]],
    // One bound is past what another policy leaves; both, where each leaves the other's out.
    [[TRACKING, MORNING, { ...EVENING, max: 3 }], ["EKS_SCHEDULE_RANGE"]],
    [[TRACKING, MORNING, { ...EVENING, max: 4 }], []],
    [[TRACKING, { ...MORNING, max: 6 }, { ...EVENING, max: 3 }], []],
    [
      [TRACKING, MORNING, { ...EVENING, min: undefined, max: 3 }],
      ["EKS_SCHEDULE_RANGE", "EKS_SCHEDULE_RANGE"],
    ],
    [[TRACKING, { ...MORNING, max: 6 }, { ...EVENING, min: undefined, max: 3 }], ["EKS_SCHEDULE_RANGE"]],
  ])("%j: %j", (policies, expected) => {
    expect(refused(policies)).toEqual(expected);
  });

  test("by an image that the nodes do not reach", () => {
    const created = (options: Json, changes: Json = {}) =>
      codes(manifest(options, { ...scaling([TRACKING, MORNING]), ...changes }));
    expect(created({})).toEqual(["EKS_IMAGE_UNREACHABLE"]);
    expect(created({ schedulerImage: IMAGE })).toEqual([]);
    expect(created({}, { network: { internetAccess: true } })).toEqual([]);
    expect(codes(manifest({}, scaling([TRACKING])))).toEqual([]);
  });
});

describe("what counts with the bounds", () => {
  const policies = [
    { ...MORNING, max: 12 },
    { ...EVENING, max: 3 },
  ];
  const range = { min: 2, max: 6 };

  test("alarms take the outermost ones", () => {
    const stack = scheduled(policies, { containerInsights: true }, range);
    const threshold = (name: string) =>
      resource(stack, "aws_cloudwatch_metric_alarm", `alarm-${name}`).threshold as number;
    expect(threshold("replicas")).toBe(1);
    expect(threshold("at-maximum")).toBe(12);
  });

  test("nodes hold the most replicas, and the jobs of the schedules", () => {
    const nodes = (list: readonly Json[], range: Json, options: Json = {}) =>
      resource(
        foundation(
          manifest(
            { schedulerImage: IMAGE, instanceType: "m5.large", nodeScaling: "autoscaler", ...options },
            { ...scaling([TRACKING, ...list], range), resources: { cpu: 1.4, memory: "2Gi" } },
          ),
        ),
        "aws_eks_node_group",
        "eks-nodes",
      ).scaling_config as Json;
    const plain = (min: number, max: number) => nodes([], { min, max });
    // One replica to a node, which a job takes the place of.
    const moved = nodes(policies, { min: 2, max: 6 });
    expect(moved.max_size).toBe((plain(1, 12).max_size as number) + policies.length);
    expect(moved.min_size).toBe((plain(1, 12).min_size as number) + policies.length);
    expect(nodes(policies, { min: 2, max: 6 }, { nodeScaling: "fixed" }).min_size).toBe(moved.max_size);
  });
});

describe("Terraform and the schedules", () => {
  test.each([
    [[MORNING], ["spec[0].min_replicas"]],
    [[{ ...MORNING, min: undefined, max: 8 }], ["spec[0].max_replicas"]],
    [[{ ...MORNING, max: 8 }], ["spec[0].min_replicas", "spec[0].max_replicas"]],
  ])("%j leaves %j to the schedule", (policies, ignored) => {
    expect(autoscaler(scheduled(policies)).lifecycle).toEqual({
      ignore_changes: ignored,
      replace_triggered_by: ["terraform_data.scaling-bounds"],
    });
  });
});

describeWithTerraform("the real terraform, offline", () => {
  let workspace: Workspace;
  beforeEach(async () => {
    workspace = await Workspace.start();
  });
  afterEach(() => workspace.end());

  /** The autoscaler and its schedules; everything else stands on an account. */
  const write = (policies: readonly Json[], range: Json) => {
    const all = scheduled(policies, {}, range).resource as Json;
    const types = [
      "terraform_data",
      "kubernetes_horizontal_pod_autoscaler_v2",
      "kubernetes_cron_job_v1",
      "kubernetes_role_v1",
      "kubernetes_role_binding_v1",
    ];
    const kept = Object.fromEntries(
      types.flatMap((type) => (type in all ? [[type, all[type] as Json]] : [])),
    );
    const only = (type: string, name: string) => ({ [name]: (all[type] as Json)[name] as Json });
    const scheduler =
      policies.length === 0
        ? {}
        : {
            kubernetes_service_account_v1: only("kubernetes_service_account_v1", "scheduler-account"),
            kubernetes_network_policy_v1: only("kubernetes_network_policy_v1", "scheduler-network-policy"),
          };
    workspace.write({ resource: { ...kept, ...scheduler } });
  };
  const AUTOSCALER = "kubernetes_horizontal_pod_autoscaler_v2.autoscaler";
  const minimum = async () => {
    const [spec] = (await workspace.attribute(AUTOSCALER, "spec")) as Json[];
    return spec?.min_replicas as number;
  };

  test("a changed bound reaches the autoscaler, a changed schedule leaves it alone, and nothing else moves it", async () => {
    write([MORNING, EVENING], { min: 1, max: 6 });
    await workspace.succeed("apply", "-auto-approve");
    expect(await workspace.plannedActions()).toEqual({});

    write([{ ...MORNING, min: 5 }, EVENING], { min: 1, max: 6 });
    expect(await workspace.plannedActions()).toEqual({ "kubernetes_cron_job_v1.scheduled": "update" });

    write([MORNING, EVENING], { min: 2, max: 6 });
    expect(await workspace.plannedActions()).toEqual({
      [AUTOSCALER]: "delete+create",
      "terraform_data.scaling-bounds": "update",
    });
    await workspace.succeed("apply", "-auto-approve");
    expect(await minimum()).toBe(2);
    expect(await workspace.plannedActions()).toEqual({});

    write([MORNING, EVENING], { min: 2, max: 8 });
    expect((await workspace.plannedActions())[AUTOSCALER]).toBe("delete+create");
  });

  test("what a schedule has moved stays", async () => {
    write([MORNING, EVENING], { min: 1, max: 6 });
    const path = join(workspace.dir, "cdk.tf.json");
    const document = readFileSync(path, "utf8");
    /** The configuration without anything ignored, so that it moves the bounds as a schedule does. */
    const live = (bounds: Json) => {
      const whole = JSON.parse(document) as { resource: Record<string, Record<string, Json>> };
      const { autoscaler: own } = whole.resource.kubernetes_horizontal_pod_autoscaler_v2 ?? {};
      whole.resource.kubernetes_horizontal_pod_autoscaler_v2 = {
        autoscaler: { ...own, spec: { ...(own?.spec as Json), ...bounds }, lifecycle: {} },
      };
      return JSON.stringify(whole);
    };
    writeFileSync(path, live({ min_replicas: 4 }));
    await workspace.succeed("apply", "-auto-approve");

    writeFileSync(path, document);
    expect(await workspace.plannedActions()).toEqual({});
    // What no schedule moves is still Terraform's.
    writeFileSync(path, live({ min_replicas: 4, max_replicas: 9 }));
    await workspace.succeed("apply", "-auto-approve");
    writeFileSync(path, document);
    expect(await workspace.plannedActions()).toEqual({ [AUTOSCALER]: "update" });
    await workspace.succeed("apply", "-auto-approve");
    expect(await minimum()).toBe(4);
  });

  test("the first schedule does not replace the autoscaler, and the last one gives it back", async () => {
    write([], { min: 1, max: 6 });
    await workspace.succeed("apply", "-auto-approve");
    write([MORNING], { min: 1, max: 6 });
    expect(await workspace.plannedActions()).not.toHaveProperty([AUTOSCALER]);
    await workspace.succeed("apply", "-auto-approve");
    write([], { min: 3, max: 6 });
    expect((await workspace.plannedActions())[AUTOSCALER]).toBe("update");
    await workspace.succeed("apply", "-auto-approve");
    expect(await minimum()).toBe(3);
  });
});
