import { z } from "zod";
import { duration, field, iamRoleArn, size, spelled } from "../../modules/manifest/fields";
import { IMAGE_PATTERN } from "../../modules/manifest/schema";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import { Duration } from "../../modules/units/duration";
import { Size } from "../../modules/units/size";
import {
  DEFAULT_KUBERNETES_VERSION,
  DEFAULT_LOADER_IMAGE,
  DEFAULT_SCHEDULER_IMAGE,
  KUBERNETES_VERSIONS,
  LIMITS,
} from "./limits";

const VERSIONS = KUBERNETES_VERSIONS.map(({ version }) => version);

/** Labels of RFC 1123. The default namespace and those of Kubernetes itself are for nobody's workload. */
const NAMESPACE_PATTERN = /^(?!default$|kube-)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

const image = () =>
  spelled(IMAGE_PATTERN, {
    allowed: "[registry/]repository[:tag][@sha256:digest], lower case",
    example: DEFAULT_LOADER_IMAGE,
  });

/** It holds a right on the API server: whatever a tag is moved to must not get it. */
const PINNED_IMAGE = new RegExp(`^(?=.*@sha256:[a-f0-9]{64}$)${IMAGE_PATTERN.source.slice(1)}`);

/**
 * Options of the target. What describes a cluster that is created, or the way to one that exists, has no default in the
 * schema: whether it was written decides whether it contradicts `cluster`. `clusterOf` gives the defaults.
 */
export const options = z.strictObject({
  cluster: field(
    spelled(/^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$/, {
      allowed: "an EKS cluster's name",
      example: "shared",
    }).optional(),
    { description: "An existing cluster. Where absent, one is created in the foundation stack." },
  ),

  // The way to an existing cluster.
  endpoint: field(
    spelled(/^https:\/\/[A-Za-z0-9.-]{1,253}(?::\d{1,5})?$/, {
      allowed: "https:// and a host name",
      example: "https://0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com",
    }).optional(),
    {
      description: "API server of an existing cluster; with `certificateAuthority`. Default: the kubeconfig.",
    },
  ),
  certificateAuthority: field(
    spelled(/^LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t[A-Za-z0-9+/]{1,16384}={0,2}$/, {
      allowed: "the cluster's certificate authority, base64, as `aws eks describe-cluster` prints it",
      example: "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t...",
    }).optional(),
    { description: "Certificate authority of an existing cluster, base64; with `endpoint`." },
  ),
  kubeconfig: field(
    z
      .strictObject({
        path: field(
          spelled(/^(?:~\/)?[A-Za-z0-9_.@+=,/-]{1,512}$/, {
            allowed: "a path",
            example: "~/.kube/config",
          }).default("~/.kube/config"),
          { description: "File, on the machine that runs Terraform. Default ~/.kube/config." },
        ),
        context: field(
          spelled(/^[A-Za-z0-9_.:/@+=-]{1,512}$/, {
            allowed: "a context's name",
            example: "shared",
          }).optional(),
          {
            description:
              "Context. Default: the cluster's ARN, as `aws eks update-kubeconfig` names it, which needs `account`.",
          },
        ),
      })
      .optional(),
    { description: "How Terraform reaches an existing cluster where no `endpoint` is given." },
  ),

  // A cluster that is created.
  version: field(z.enum(VERSIONS as [string, ...string[]]).optional(), {
    description: `Kubernetes release of a created cluster; one in standard support. Default ${DEFAULT_KUBERNETES_VERSION}.`,
    source: "https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html (2026-11)",
  }),
  adminRoleArns: field(z.array(iamRoleArn()).min(1).max(20).optional(), {
    description:
      "Roles that administer a created cluster; the one that runs Terraform must be among them. " +
      "Default: whoever creates the cluster, and nobody else.",
  }),
  publicAccessCidrs: field(
    z
      .array(
        spelled(/^(?:\d{1,3}\.){3}\d{1,3}\/\d{1,2}$/, {
          allowed: "an IPv4 range",
          example: "203.0.113.0/24",
        }),
      )
      .min(1)
      .max(LIMITS.publicAccessCidrs.value)
      .optional(),
    {
      description:
        "Public addresses that reach the API server of a created cluster. Default: none, the API server is private.",
    },
  ),
  instanceType: field(
    spelled(/^[a-z0-9-]{2,16}\.[a-z0-9-]{2,16}$/, {
      allowed: "an EC2 instance type",
      example: "m5.xlarge",
    }).optional(),
    {
      description:
        "Instance type of a created cluster's nodes. Default: the one that carries `scaling.max` replicas with the fewest GPUs, vCPUs and memory.",
    },
  ),
  nodeScaling: field(z.enum(["fixed", "autoscaler"]).optional(), {
    description:
      "`fixed`: always enough nodes for `scaling.max` replicas and a rollout. `autoscaler`: something else (Cluster Autoscaler) " +
      "that you install moves the node group between what `scaling.min` and `scaling.max` need. Default fixed.",
  }),
  nodeDisk: field(size({ min: Size.gibibytes(30), max: Size.gibibytes(LIMITS.storage.value) }).optional(), {
    description:
      "Disk of a node of a created cluster, in whole GiB; 30Gi to 16Ti. Default: 50Gi (100Gi with GPUs) and `resources.storage` of its replicas.",
  }),
  autoScalingServiceRole: field(z.enum(["existing", "create"]).optional(), {
    description:
      "The service-linked role AWSServiceRoleForAutoScaling, which must be allowed to use the key of the nodes' disks. " +
      "`create` in an account that never had an Auto Scaling group. Default existing.",
  }),

  // The workload.
  namespace: field(
    spelled(NAMESPACE_PATTERN, {
      allowed: "up to 63 lower-case letters, digits and hyphens; neither default nor kube-*",
      example: "models",
    }).optional(),
    { description: "Namespace. Default: one of its own, `<name>-<environment>`." },
  ),
  createNamespace: field(z.boolean().optional(), {
    description:
      "Whether the namespace is created. Default: yes, unless `namespace` names one in an existing cluster.",
  }),
  containerInsights: field(z.boolean().optional(), {
    description:
      "Container Insights (add-on amazon-cloudwatch-observability), which alarms and dashboard need. A created cluster gets it; " +
      "of an existing one this says whether it has it. Default: true for a created cluster, false for an existing one.",
  }),
  loaderImage: field(image().default(DEFAULT_LOADER_IMAGE), {
    description: `Image with the AWS CLI as its entry point, which fetches \`model.artifact\`. Default ${DEFAULT_LOADER_IMAGE}.`,
  }),
  unpackImage: field(image().optional(), {
    description:
      "Image with `tar`, which unpacks a `model.artifact` of .tar.gz or .tgz. Default: the model's own image.",
  }),
  schedulerImage: field(
    spelled(PINNED_IMAGE, {
      allowed: "[registry/]repository[:tag]@sha256:digest, lower case",
      example: DEFAULT_SCHEDULER_IMAGE,
    }).default(DEFAULT_SCHEDULER_IMAGE),
    {
      description:
        "Image with kubectl as its entry point, for the architecture of the model, pinned by digest; it carries out the " +
        `\`scheduled\` policies of \`scaling\`. Default ${DEFAULT_SCHEDULER_IMAGE}.`,
    },
  ),
  runAsUser: field(z.int().min(1).max(2_147_483_647).default(10_001), {
    description:
      "User and group id that the container runs under; 1 to 2147483647, never root. Default 10001.",
  }),
  writablePaths: field(
    z
      .array(
        spelled(/^(?:\/(?!\.\.?(?:\/|$))[A-Za-z0-9._-]{1,128}){1,16}$/, {
          allowed: "an absolute path",
          example: "/var/cache/model",
        }),
      )
      .max(16)
      .default([]),
    {
      description:
        "Folders that the container may write to beside /tmp, empty at its start. Everything else is read-only. Default none.",
    },
  ),
  sharedMemory: field(size({ min: Size.mebibytes(1) }).optional(), {
    description:
      "Size of /dev/shm, which counts as memory; at most `resources.memory`. Default: what the container runtime gives, 64Mi.",
  }),
  terminationGrace: field(
    duration({ min: Duration.seconds(1), max: Duration.seconds(7200) }).prefault("60s"),
    { description: "Time to finish requests after SIGTERM; 1s to 2h. Default 60s." },
  ),
});

export type EksOptions = z.output<typeof options>;
export type EksPlan = AwsTargetPlan<EksOptions>;

/** What only a cluster that is created has. */
export const CREATED_ONLY = [
  "version",
  "adminRoleArns",
  "publicAccessCidrs",
  "instanceType",
  "nodeScaling",
  "nodeDisk",
  "autoScalingServiceRole",
] as const satisfies readonly (keyof EksOptions)[];

/** What only a cluster that exists needs. */
export const EXISTING_ONLY = [
  "endpoint",
  "certificateAuthority",
  "kubeconfig",
] as const satisfies readonly (keyof EksOptions)[];
