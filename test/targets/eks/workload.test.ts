import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { literalForKubernetes, quantity } from "../../../targets/eks/pod";
import { escapeTemplate, unescapeTemplate } from "../../../modules/stack/seal";
import { Size } from "../../../modules/units/size";
import {
  codes,
  existing,
  foundation,
  IMAGE,
  manifest,
  model,
  names,
  podOf,
  policyOf,
  resource,
  stacks,
  trustOf,
  warnings,
  workload,
} from "./support";
import { synth, type Json } from "../../support/synth";

const LABELS = {
  "app.kubernetes.io/instance": "fraud-scorer-default",
  "app.kubernetes.io/name": "fraud-scorer",
};
const S3 = "s3://models/fraud/model.tar.gz";
/** What EKS would add to a pod, and reads here. */
const CREDENTIALS = Object.entries({
  AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE:
    "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount/eks-pod-identity-token",
  AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://169.254.170.23/v1/credentials",
  AWS_DEFAULT_REGION: "eu-west-1",
  AWS_REGION: "eu-west-1",
  AWS_STS_REGIONAL_ENDPOINTS: "regional",
}).map(([name, value]) => ({ name, value }));
const SECRETS = {
  API_TOKEN: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:fraud-AbCdEf",
  FLAG: "arn:aws:ssm:eu-west-1:123456789012:parameter/fraud/flag",
};

const container = (stack: Json) => podOf(stack).container[0] as Json;

describe("the pods", () => {
  const stack = workload(existing());
  const pod = podOf(stack);

  test("have no rights, no token and no writable file system", () => {
    expect(pod).toMatchObject({
      automount_service_account_token: false,
      enable_service_links: false,
      host_network: false,
      host_pid: false,
      host_ipc: false,
      security_context: {
        run_as_non_root: true,
        run_as_user: "10001",
        run_as_group: "10001",
        fs_group: "10001",
        seccomp_profile: { type: "RuntimeDefault" },
      },
    });
    expect(pod.security_context.sysctl).toBeUndefined();
    const init = podOf(workload(existing({}, model({ artifact: S3 }))));
    for (const { security_context: context } of [...pod.container, ...init.init_container] as Json[]) {
      expect(context).toEqual({
        allow_privilege_escalation: false,
        privileged: false,
        read_only_root_filesystem: true,
        run_as_non_root: true,
        capabilities: { drop: ["ALL"] },
        seccomp_profile: { type: "RuntimeDefault" },
      });
    }
    expect(resource(stack, "kubernetes_service_account_v1", "service-account")).toMatchObject({
      automount_service_account_token: false,
    });
  });

  test("ask for what they may use, with no limit on CPU", () => {
    expect(container(stack).resources).toEqual({
      requests: { cpu: "1", memory: "2Gi" },
      limits: { memory: "2Gi" },
    });
    const gpu = workload(
      existing({}, { resources: { cpu: 0.5, memory: "1536Mi", gpu: 2, storage: "20Gi" } }),
    );
    expect(container(gpu).resources).toEqual({
      requests: { cpu: "500m", memory: "1536Mi", "nvidia.com/gpu": "2", "ephemeral-storage": "20Gi" },
      limits: { memory: "1536Mi", "nvidia.com/gpu": "2" },
    });
    expect(podOf(gpu).toleration).toEqual([
      { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" },
    ]);
    expect(podOf(gpu).volume).toEqual([
      { name: "tmp", empty_dir: { size_limit: "20Gi" } },
      expect.objectContaining({ name: "eks-pod-identity-token" }),
    ]);
    expect(pod.toleration).toBeUndefined();
  });

  test("are probed on the health path, with the time that the start takes", () => {
    const slow = workload(existing({}, model({ server: { port: 9000, health: "/ready", startup: "62s" } })));
    const health = { http_get: { path: "/ready", port: "http" } };
    expect(container(slow)).toMatchObject({
      port: [{ name: "http", container_port: 9000, protocol: "TCP" }],
      startup_probe: { ...health, period_seconds: 5, failure_threshold: 14 },
      readiness_probe: { ...health, period_seconds: 5, failure_threshold: 3 },
      liveness_probe: { ...health, period_seconds: 15, failure_threshold: 4 },
    });
    expect(resource(slow, "kubernetes_deployment_v1", "deployment").spec.progress_deadline_seconds).toBe(662);
  });

  test("listen below 1024 without a right of root", () => {
    expect(podOf(workload(existing({}, model({ server: { port: 1023 } })))).security_context.sysctl).toEqual([
      { name: "net.ipv4.ip_unprivileged_port_start", value: "1023" },
    ]);
    expect(
      podOf(workload(existing({}, model({ server: { port: 1024 } })))).security_context.sysctl,
    ).toBeUndefined();
  });

  test("spread over zones and nodes of their architecture", () => {
    expect(pod.topology_spread_constraint).toEqual(
      ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map((topology) => ({
        topology_key: topology,
        max_skew: 1,
        when_unsatisfiable: "ScheduleAnyway",
        label_selector: [{ match_labels: LABELS }],
      })),
    );
    expect(pod.node_selector).toEqual({ "kubernetes.io/arch": "amd64" });
    const arm = workload(existing({}, { resources: { cpu: 1, memory: "2Gi", architecture: "arm64" } }));
    expect(podOf(arm).node_selector).toEqual({ "kubernetes.io/arch": "arm64" });
  });

  test("pull a digest once and a tag always", () => {
    expect(container(stack).image_pull_policy).toBe("IfNotPresent");
    expect(
      container(workload(existing({}, model({ image: "ghcr.io/team/fraud:1.2.3" })))).image_pull_policy,
    ).toBe("Always");
  });

  test("follow every option", () => {
    const changed = podOf(
      workload(
        existing({
          runAsUser: 1000,
          writablePaths: ["/var/cache/model", "/tmp", "/var/cache/model", "/home/app"],
          sharedMemory: "1Gi",
          terminationGrace: "90s",
        }),
      ),
    );
    expect(changed.security_context.run_as_user).toBe("1000");
    expect(changed.termination_grace_period_seconds).toBe(90);
    expect(changed.container[0].volume_mount).toEqual([
      { name: "tmp", mount_path: "/tmp" },
      { name: "shared-memory", mount_path: "/dev/shm" },
      { name: "writable-1", mount_path: "/home/app" },
      { name: "writable-2", mount_path: "/var/cache/model" },
      expect.objectContaining({ name: "eks-pod-identity-token" }),
    ]);
    expect(changed.volume[1]).toEqual({
      name: "shared-memory",
      empty_dir: { medium: "Memory", size_limit: "1Gi" },
    });
  });

  test.each([
    [{ runAsUser: 0 }, "RANGE"],
    [{ runAsUser: 2_147_483_648 }, "RANGE"],
    [{ terminationGrace: "7201s" }, "RANGE"],
    [{ writablePaths: ["/"] }, "FORMAT"],
    [{ writablePaths: ["/a/../b"] }, "FORMAT"],
    [{ writablePaths: ["relative"] }, "FORMAT"],
    [{ namespace: "default" }, "FORMAT"],
    [{ namespace: "kube-system" }, "FORMAT"],
    [{ namespace: "a".repeat(64) }, "FORMAT"],
    [{ loaderImage: "UPPER" }, "FORMAT"],
    [{ sharedMemory: "2049Mi" }, "EKS_SHARED_MEMORY"],
  ])("%j is refused", (options, code) => {
    expect(codes(existing(options))).toEqual([code]);
  });

  test.each([
    { runAsUser: 1 },
    { runAsUser: 2_147_483_647 },
    { terminationGrace: "2h" },
    { sharedMemory: "2Gi" },
  ])("%j is accepted", (options) => {
    expect(codes(existing(options))).toEqual([]);
  });
});

describe("the environment", () => {
  /** What Kubernetes makes of a value, by its own rules, with every name known. */
  const expand = (text: string): string =>
    text.replace(/\$(\$|\([^)]*\))/g, (_, next: string) => (next === "$" ? "$" : "EXPANDED"));
  /** What Terraform makes of a template without expressions. */
  const render = (text: string): string => unescapeTemplate(text);

  test.each([
    "$(HOME)",
    "$$(HOME)",
    "$$$(X)",
    "${var.x}",
    "$${x}",
    "$$${x}",
    "$",
    "$$",
    "a$b$$c",
    "%{if x}",
    "100%",
  ])("%s arrives as it stands", (text) => {
    const value = container(workload(existing({}, model({ environment: { VALUE: text } })))).env[0]
      .value as string;
    expect(value).toBe(literalForKubernetes(escapeTemplate(text)));
    expect(expand(render(value))).toBe(text);
  });

  test("names secrets by their ARN, never by value", () => {
    expect(
      container(workload(existing({}, model({ secrets: SECRETS, environment: { Z: "1", A: "2" } })))).env,
    ).toEqual([
      { name: "A", value: "2" },
      { name: "Z", value: "1" },
      { name: "API_TOKEN_SECRET_ARN", value: SECRETS.API_TOKEN },
      { name: "FLAG_SECRET_ARN", value: SECRETS.FLAG },
      ...CREDENTIALS,
    ]);
    expect(warnings(existing({}, model({ secrets: SECRETS })))).toContain("SECRET_BY_REFERENCE");
  });
});

describe("the artifact", () => {
  const loading = (artifact: string, options: Json = {}) =>
    podOf(workload(existing(options, model({ artifact }))));

  test("is fetched and unpacked without a shell", () => {
    const pod = loading(S3, { loaderImage: IMAGE });
    const [download, unpack] = pod.init_container as [Json, Json];
    expect(download).toMatchObject({
      name: "download",
      image: IMAGE,
      args: ["s3", "cp", "--only-show-errors", "$(ARTIFACT_URI)", "/opt/ml/download/model.tar.gz"],
      env: [{ name: "ARTIFACT_URI", value: S3 }, ...CREDENTIALS, { name: "HOME", value: "/tmp" }],
      resources: { requests: { cpu: "1", memory: "2Gi" }, limits: { memory: "2Gi" } },
    });
    expect(download.command).toBeUndefined();
    expect(unpack).toMatchObject({
      name: "unpack",
      image: container(workload(existing())).image as string,
      command: ["tar", "-x", "-z", "-f", "/opt/ml/download/model.tar.gz", "-C", "/opt/ml/model"],
    });
    expect(pod.container[0].volume_mount).toContainEqual({ name: "model", mount_path: "/opt/ml/model" });
    expect(pod.container[0].volume_mount).not.toContainEqual(
      expect.objectContaining({ mount_path: "/opt/ml/download" }),
    );
    expect(loading(S3, { unpackImage: IMAGE }).init_container[1].image).toBe(IMAGE);
  });

  test("is pinned: the loader's default has a digest", () => {
    expect(loading(S3).init_container[0].image).toMatch(
      /^public\.ecr\.aws\/aws-cli\/aws-cli:[\d.]+@sha256:[0-9a-f]{64}$/,
    );
  });

  test("is copied as it is where it is no archive", () => {
    const single = loading("s3://models/fraud/model.onnx").init_container as Json[];
    expect(single.map(({ args }) => args as string[])).toEqual([
      ["s3", "cp", "--only-show-errors", "$(ARTIFACT_URI)", "/opt/ml/model/"],
    ]);
    const folder = loading("s3://models/fraud/").init_container as Json[];
    expect(folder.map(({ args }) => args as string[])).toEqual([
      ["s3", "cp", "--only-show-errors", "--recursive", "$(ARTIFACT_URI)", "/opt/ml/model/"],
    ]);
  });

  test("gives the loader the memory that it needs", () => {
    const small = podOf(
      workload(existing({}, { ...model({ artifact: S3 }), resources: { cpu: 0.25, memory: "128Mi" } })),
    );
    expect(small.init_container[0].resources.limits).toEqual({ memory: "512Mi" });
    expect(small.container[0].resources.limits).toEqual({ memory: "128Mi" });
  });

  test("cannot be loaded by an image that the nodes do not reach", () => {
    const created = (options: Json, network: Json = {}) =>
      codes(manifest(options, { ...model({ artifact: S3 }), network }));
    expect(created({})).toEqual(["EKS_IMAGE_UNREACHABLE"]);
    expect(created({ loaderImage: IMAGE })).toEqual([]);
    expect(created({ loaderImage: IMAGE.replace("eu-west-1", "us-east-1") })).toEqual([
      "EKS_IMAGE_UNREACHABLE",
    ]);
    expect(created({ loaderImage: IMAGE, unpackImage: "busybox:1.37" })).toEqual(["EKS_IMAGE_UNREACHABLE"]);
    expect(created({}, { internetAccess: true })).toEqual([]);
    expect(codes(manifest({}, model({ image: "ghcr.io/team/fraud:1.2.3" })))).toEqual([
      "EKS_IMAGE_UNREACHABLE",
    ]);
    expect(codes(existing({}, model({ image: "ghcr.io/team/fraud:1.2.3", artifact: S3 })))).toEqual([]);
  });
});

describe("the role of the pods", () => {
  const key = "${data.terraform_remote_state.foundation.outputs.key_arn}";

  test("may read the artifact and the secrets, and nothing else", () => {
    const stack = workload(existing({}, model({ artifact: S3, secrets: SECRETS })));
    expect(policyOf(stack, "role-policy").Statement).toEqual([
      {
        Sid: "Artifact",
        Effect: "Allow",
        Action: "s3:GetObject",
        Resource: "arn:aws:s3:::models/fraud/model.tar.gz",
      },
      {
        Sid: "ArtifactKey",
        Effect: "Allow",
        Action: "kms:Decrypt",
        Resource: key,
        Condition: { StringEquals: { "kms:ViaService": "s3.eu-west-1.amazonaws.com" } },
      },
      {
        Sid: "ReadSecrets",
        Effect: "Allow",
        Action: "secretsmanager:GetSecretValue",
        Resource: SECRETS.API_TOKEN,
      },
      {
        Sid: "DecryptSecrets",
        Effect: "Allow",
        Action: "kms:Decrypt",
        Resource: "arn:aws:kms:eu-west-1:123456789012:key/*",
        Condition: {
          StringEquals: {
            "kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com",
            "kms:EncryptionContext:SecretARN": SECRETS.API_TOKEN,
          },
        },
      },
      {
        Sid: "ReadParameters",
        Effect: "Allow",
        Action: ["ssm:GetParameter", "ssm:GetParameters"],
        Resource: SECRETS.FLAG,
      },
      {
        Sid: "DecryptParameters",
        Effect: "Allow",
        Action: "kms:Decrypt",
        Resource: "arn:aws:kms:eu-west-1:123456789012:key/*",
        Condition: {
          StringEquals: {
            "kms:ViaService": "ssm.eu-west-1.amazonaws.com",
            "kms:EncryptionContext:PARAMETER_ARN": SECRETS.FLAG,
          },
        },
      },
    ]);
  });

  test("may read every version of an artifact that was uploaded, so that a pod of the old release can start again", () => {
    const directory = mkdtempSync(join(tmpdir(), "eks-"));
    try {
      writeFileSync(join(directory, "model.bin"), "weights");
      const stack = synth({
        manifest: existing({}, model({ artifact: "model.bin" })),
        directory,
      }).stack("eks");
      expect(policyOf(stack, "role-policy").Statement[0]).toEqual({
        Sid: "Artifact",
        Effect: "Allow",
        Action: "s3:GetObject",
        Resource: "${data.terraform_remote_state.foundation.outputs.bucket_arn}/eks/*",
      });
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  test("is named after its region, because roles belong to the whole account", () => {
    expect(resource(workload(existing()), "aws_iam_role", "role").name).toBe(
      "fraud-scorer-default-eks-eu-west-1",
    );
    const cluster = foundation(manifest());
    const own = names(cluster, "aws_iam_role").filter((name) => name.startsWith("eks-"));
    expect(own.map((name) => resource(cluster, "aws_iam_role", name).name as string)).toEqual(
      own.map((name) => `fraud-scorer-default-${name.replace("-role", "")}-eu-west-1`),
    );
  });

  test("may list a prefix, and read below it", () => {
    const stack = workload(existing({}, model({ artifact: "s3://models/fraud/" })));
    expect((policyOf(stack, "role-policy").Statement as Json[]).slice(0, 2)).toEqual([
      { Sid: "Artifact", Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::models/fraud/*" },
      {
        Sid: "ArtifactListing",
        Effect: "Allow",
        Action: "s3:ListBucket",
        Resource: "arn:aws:s3:::models",
        Condition: { StringLike: { "s3:prefix": "fraud/*" } },
      },
    ]);
  });

  test("has no rights where the model needs none, and belongs to one service account", () => {
    const stack = workload(existing({ namespace: "models" }));
    expect(names(stack, "aws_iam_role_policy")).toEqual([]);
    expect(trustOf(stack, "role").Statement).toEqual([
      {
        Sid: "Assume",
        Effect: "Allow",
        Principal: { Service: "pods.eks.amazonaws.com" },
        Action: ["sts:AssumeRole", "sts:TagSession"],
        Condition: {
          StringEquals: {
            "aws:SourceAccount": "123456789012",
            "aws:RequestTag/eks-cluster-name": "shared",
            "aws:RequestTag/kubernetes-namespace": "models",
            "aws:RequestTag/kubernetes-service-account": "fraud-scorer-default",
          },
        },
      },
    ]);
  });

  test("reaches pods that are created before EKS knows of the association", () => {
    const pod = podOf(
      workload(existing({}, model({ artifact: S3, environment: { AWS_REGION: "us-east-1" } }))),
    );
    expect((pod.volume as Json[]).at(-1)).toEqual({
      name: "eks-pod-identity-token",
      projected: [
        {
          sources: [
            {
              service_account_token: {
                audience: "pods.eks.amazonaws.com",
                expiration_seconds: 86_400,
                path: "eks-pod-identity-token",
              },
            },
          ],
        },
      ],
    });
    const mount = {
      name: "eks-pod-identity-token",
      mount_path: "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount",
      read_only: true,
    };
    const [download, unpack] = pod.init_container as Json[];
    expect(pod.container[0].volume_mount).toContainEqual(mount);
    expect(download?.volume_mount).toContainEqual(mount);
    expect(unpack?.volume_mount).not.toContainEqual(mount);
    const variables = pod.container[0].env as Json[];
    expect(variables.filter(({ name }) => name === "AWS_REGION")).toEqual([
      { name: "AWS_REGION", value: "us-east-1" },
    ]);
    expect(variables).toHaveLength(CREDENTIALS.length);
  });

  test("is associated before the pods exist", () => {
    const stack = workload(existing({ namespace: "models" }));
    expect(resource(stack, "aws_eks_pod_identity_association", "pod-identity")).toMatchObject({
      cluster_name: "shared",
      namespace: "models",
      role_arn: "${aws_iam_role.role.arn}",
    });
    expect(resource(stack, "kubernetes_deployment_v1", "deployment").depends_on).toEqual([
      "aws_eks_pod_identity_association.pod-identity",
    ]);
  });

  test("may be one that exists", () => {
    const roleArn = "arn:aws:iam::123456789012:role/mine";
    const stack = workload(existing({}, { security: { roleArn } }));
    expect(names(stack, "aws_iam_role")).toEqual([]);
    expect(resource(stack, "aws_eks_pod_identity_association", "pod-identity").role_arn).toBe(roleArn);
  });
});

describe("the namespace", () => {
  const created = (value: Json) => names(workload(value), "kubernetes_namespace_v1").length === 1;

  test("is created unless it is named in an existing cluster", () => {
    expect(created(existing())).toBe(true);
    expect(created(existing({ namespace: "models" }))).toBe(false);
    expect(created(existing({ namespace: "models", createNamespace: true }))).toBe(true);
    expect(created(existing({ createNamespace: false }))).toBe(false);
    expect(created(manifest({ namespace: "models" }))).toBe(true);
  });

  test("refuses pods that are less locked up", () => {
    expect(resource(workload(existing()), "kubernetes_namespace_v1", "namespace").metadata).toEqual({
      name: "fraud-scorer-default",
      labels: {
        "app.kubernetes.io/managed-by": "modelport",
        "pod-security.kubernetes.io/enforce": "restricted",
        "pod-security.kubernetes.io/warn": "restricted",
      },
    });
  });
});

describe("the objects beside the pods", () => {
  const stack = workload(existing({ namespace: "models" }, model({ server: { port: 9000 } })));

  test("the service has the container's own port, as network policies on EKS demand", () => {
    expect(resource(stack, "kubernetes_service_v1", "service").spec).toEqual({
      type: "ClusterIP",
      selector: LABELS,
      port: [{ name: "http", port: 9000, target_port: "http", protocol: "TCP" }],
    });
    expect(stack.output.service).toEqual({ value: "http://fraud-scorer-default.models.svc:9000" });
  });

  test("the network policy opens this port and no other", () => {
    expect(resource(stack, "kubernetes_network_policy_v1", "network-policy").spec).toEqual({
      pod_selector: { match_labels: LABELS },
      policy_types: ["Ingress"],
      ingress: [{ ports: [{ port: "9000", protocol: "TCP" }] }],
    });
  });

  test("the disruption budget never blocks a drain", () => {
    expect(resource(stack, "kubernetes_pod_disruption_budget_v1", "disruption-budget").spec).toEqual({
      max_unavailable: "25%",
      selector: { match_labels: LABELS },
    });
  });

  test("nothing needs the API server at plan time", () => {
    const types = Object.keys(stack.resource as Json).filter((type) => type.startsWith("kubernetes_"));
    expect(types).not.toContain("kubernetes_manifest");
    expect(Object.keys(workload(manifest()).data as Json)).toEqual(["terraform_remote_state"]);
    expect(stack.data).toBeUndefined();
  });
});

describe("scaling", () => {
  const policy = { type: "target-tracking", metric: "cpu", target: 60 };
  const scaled = (scaling: Json, more: Json = {}) => workload(existing({}, { scaling, ...more }));
  const deployment = (stack: Json) => resource(stack, "kubernetes_deployment_v1", "deployment");

  test("leaves the replicas to the autoscaler exactly where there is one", () => {
    const moved = scaled({ min: 2, max: 8 });
    expect(deployment(moved).lifecycle).toEqual({ ignore_changes: ["spec[0].replicas"] });
    expect(deployment(moved).spec.replicas).toBe("2");
    const fixed = scaled({ min: 3 });
    expect(deployment(fixed).lifecycle).toBeUndefined();
    expect(deployment(fixed).spec.replicas).toBe("3");
    expect(names(fixed, "kubernetes_horizontal_pod_autoscaler_v2")).toEqual([]);
    const none = scaled({ min: 2, max: 8, policies: [] });
    expect(deployment(none).lifecycle).toBeUndefined();
    expect(names(none, "kubernetes_horizontal_pod_autoscaler_v2")).toEqual([]);
  });

  test("turns policies into one autoscaler", () => {
    const stack = scaled({
      min: 1,
      max: 8,
      policies: [
        { ...policy, scaleInCooldown: "10m", scaleOutCooldown: "90s" },
        { ...policy, metric: "memory", target: 80 },
      ],
    });
    const { spec } = resource(stack, "kubernetes_horizontal_pod_autoscaler_v2", "autoscaler");
    expect(spec).toMatchObject({
      min_replicas: 1,
      max_replicas: 8,
      scale_target_ref: { api_version: "apps/v1", kind: "Deployment", name: "fraud-scorer-default" },
      metric: [
        {
          type: "Resource",
          resource: { name: "cpu", target: { type: "Utilization", average_utilization: 60 } },
        },
        {
          type: "Resource",
          resource: { name: "memory", target: { type: "Utilization", average_utilization: 80 } },
        },
      ],
    });
    expect(spec.behavior.scale_down[0].stabilization_window_seconds).toBe(600);
    expect(
      (spec.behavior.scale_up[0].policy as Json[]).map(({ period_seconds: period }) => period as number),
    ).toEqual([90, 90]);
  });

  test.each([
    [{ ...policy, scaleInCooldown: "1h" }, []],
    [{ ...policy, scaleInCooldown: "3601s" }, ["EKS_COOLDOWN"]],
    [{ ...policy, scaleOutCooldown: "30m" }, []],
    [{ ...policy, scaleOutCooldown: "1801s" }, ["EKS_COOLDOWN"]],
    [{ ...policy, target: 1 }, []],
    [{ ...policy, target: 0.5 }, ["EKS_SCALING_TARGET"]],
    [{ ...policy, metric: "concurrency" }, ["SCALING_METRIC_UNSUPPORTED"]],
  ])("%j", (written, expected) => {
    expect(codes(existing({}, { scaling: { min: 1, max: 2, policies: [written] } }))).toEqual(expected);
  });

  test("refuses two targets of one metric, and no replicas at all", () => {
    expect(
      codes(existing({}, { scaling: { min: 1, max: 2, policies: [policy, { ...policy, target: 70 }] } })),
    ).toEqual(["EKS_SCALING_TARGET"]);
    expect(codes(existing({}, { scaling: { min: 0, max: 2 } }))).toEqual(["SCALING_MINIMUM"]);
  });

  test("rolls out by the manifest's step, never below what runs", () => {
    const rolled = deployment(scaled({ min: 4 }, { rollout: { step: 25 } }));
    expect(rolled.spec.strategy).toEqual({
      type: "RollingUpdate",
      rolling_update: { max_surge: "25%", max_unavailable: "0" },
    });
    // Four steps and one in reserve, each of a pull (10 min) and a start (30 s).
    expect(rolled.timeouts).toEqual({ create: "53m", update: "53m" });
  });
});

describe("alarms and dashboard", () => {
  const alarms = (value: Json) =>
    names(workload(value), "aws_cloudwatch_metric_alarm").map((name) => name.replace("alarm-", ""));
  const metrics = (stack: Json) =>
    names(stack, "aws_cloudwatch_metric_alarm").map((name) => {
      const alarm = resource(stack, "aws_cloudwatch_metric_alarm", name);
      return [
        alarm.namespace,
        alarm.metric_name,
        Object.keys(alarm.dimensions as Json)
          .sort()
          .join(),
      ].join(" ");
    });

  test("stand on metrics that the cluster has", () => {
    expect(alarms(manifest())).toEqual([
      "memory",
      "node-disk",
      "nodes",
      "replicas",
      "restarts",
      "unschedulable",
    ]);
    expect(alarms(manifest({}, { scaling: { min: 1, max: 3 } }))).toContain("at-maximum");
    expect(alarms(manifest({ containerInsights: false }))).toEqual(["unschedulable"]);
    expect(alarms(existing({ containerInsights: true }))).toEqual(["memory", "replicas", "restarts"]);
    expect(alarms(existing())).toEqual([]);
    expect(alarms(manifest({}, { observability: { alarms: false } }))).toEqual([]);
  });

  test("say so where there is nothing to measure", () => {
    expect(warnings(existing())).toEqual(["EKS_NO_ALARMS"]);
    expect(warnings(existing({ containerInsights: true }))).toEqual([]);
    expect(warnings(existing({}, { observability: { alarms: false } }))).toEqual([]);
    expect(warnings(manifest({}, { network: { public: true } }))).toEqual(["PUBLIC_UNSUPPORTED"]);
  });

  test("use the agents' own dimensions", () => {
    expect(metrics(workload(manifest({}, { scaling: { min: 1, max: 3 } })))).toEqual([
      "ContainerInsights replicas_desired ClusterName,Namespace,PodName",
      "ContainerInsights pod_memory_utilization_over_pod_limit ClusterName,Namespace,PodName",
      "ContainerInsights node_filesystem_utilization ClusterName",
      "ContainerInsights cluster_failed_node_count ClusterName",
      "ContainerInsights replicas_ready ClusterName,Namespace,PodName",
      "ContainerInsights pod_number_of_container_restarts ClusterName,Namespace,PodName",
      "AWS/EKS scheduler_pending_pods_UNSCHEDULABLE ClusterName",
    ]);
    const stack = workload(existing({ containerInsights: true, namespace: "models" }));
    expect(resource(stack, "aws_cloudwatch_metric_alarm", "alarm-replicas")).toMatchObject({
      alarm_name: "fraud-scorer-default-eks-replicas",
      dimensions: { ClusterName: "shared", Namespace: "models", PodName: "fraud-scorer-default" },
      threshold: 1,
      comparison_operator: "LessThanThreshold",
      treat_missing_data: "breaching",
    });
  });

  test("the dashboard shows what there is", () => {
    const titles = (value: Json) => {
      const body = resource(workload(value), "aws_cloudwatch_dashboard", "dashboard")
        .dashboard_body as string;
      return (JSON.parse(body).widgets as Json[]).flatMap(({ properties }) =>
        properties.title === undefined ? [] : [properties.title as string],
      );
    };
    const scheduler = "Pods of the whole cluster without a node";
    expect(titles(existing())).toEqual([scheduler]);
    expect(titles(manifest())).toEqual([
      "Replicas",
      "Memory of its limit (%)",
      "CPU of the node (%)",
      "Network (bytes/s)",
      "Restarts",
      "Nodes",
      scheduler,
    ]);
    expect(titles(manifest({}, { resources: { cpu: 2, memory: "4Gi", gpu: 1 } }))).toContain("GPU (%)");
    expect(
      names(workload(manifest({}, { observability: { dashboard: false } })), "aws_cloudwatch_dashboard"),
    ).toEqual([]);
  });
});

test("an image that is built is taken by its digest", () => {
  const stack = stacks(manifest({}, { model: { build: { context: "targets/eks" } } })).stack("eks");
  expect(container(stack).image).toBe(
    "${data.terraform_remote_state.foundation.outputs.registry_url}@${var.image_digest}",
  );
});

test.each([
  [Size.gibibytes(4), "4Gi"],
  [Size.mebibytes(1536), "1536Mi"],
  [Size.gibibytes(1024), "1Ti"],
  [Size.bytes(1024 * 1024 + 1), "1025Ki"],
])("%s is written as Kubernetes writes it: %s", (size, text) => {
  expect(quantity(size)).toBe(text);
});
