import {
  CronJobV1,
  type CronJobV1SpecJobTemplateSpecTemplateSpec,
} from "@cdktf/provider-kubernetes/lib/cron-job-v1";
import type { HorizontalPodAutoscalerV2 } from "@cdktf/provider-kubernetes/lib/horizontal-pod-autoscaler-v2";
import { NetworkPolicyV1 } from "@cdktf/provider-kubernetes/lib/network-policy-v1";
import { RoleBindingV1 } from "@cdktf/provider-kubernetes/lib/role-binding-v1";
import { RoleV1 } from "@cdktf/provider-kubernetes/lib/role-v1";
import { ServiceAccountV1 } from "@cdktf/provider-kubernetes/lib/service-account-v1";
import { resourceName } from "../../modules/stack/names";
import { schedulerLabelsOf, schedulerSelectorOf } from "./labels";
import { architectureOf, LOCKED, pullPolicy } from "./pod";
import { kubernetesCron, scheduledPolicies, type ScheduledPolicy } from "./schedule";
import type { Workload } from "./stack";

/** Characters of a CronJob's name, to which its jobs add eleven: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ (2026-11). */
const CRON_JOB_NAME_LIMIT = 52;

/** Seconds after its time in which a job still starts, where the control plane was away then. */
const STARTING_DEADLINE_SECONDS = 900;
/** Seconds after which a job is given up, with all its tries. An image that cannot be pulled ends here too. */
const JOB_DEADLINE_SECONDS = 600;
/** Tries after the first, 10 s apart, then twice as long each time. */
const RETRIES = 5;

/** Where a client inside the cluster looks for its credentials. */
const CREDENTIALS_FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount";
/** The shortest that the API server gives out; a job lasts no longer. */
const TOKEN_SECONDS = 600;

/**
 * Adds a CronJob for each scheduled policy, which moves the autoscaler's bounds under an account that may do nothing
 * else.
 */
export function createScheduler(workload: Workload, autoscaler: HorizontalPodAutoscalerV2): void {
  const { stack, plan, namespace, name } = workload;
  const policies = scheduledPolicies(plan);
  if (policies.length === 0) return;
  const labels = schedulerLabelsOf(plan);
  // No `<name>-<environment>` ends like this, so that another workload of the namespace never has this name.
  const metadata = { name: `${name}--scheduler`, namespace, labels };
  const account = new ServiceAccountV1(stack, "scheduler-account", {
    metadata,
    automountServiceAccountToken: false,
  });
  const role = new RoleV1(stack, "scheduler-role", {
    metadata,
    rule: [
      {
        apiGroups: ["autoscaling"],
        resources: ["horizontalpodautoscalers"],
        resourceNames: [name],
        verbs: ["get", "patch"],
      },
    ],
  });
  const binding = new RoleBindingV1(stack, "scheduler-binding", {
    metadata,
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: role.metadata.name },
    subject: [{ kind: "ServiceAccount", name: account.metadata.name, namespace }],
  });
  const network = new NetworkPolicyV1(stack, "scheduler-network-policy", {
    metadata,
    spec: {
      podSelector: { matchLabels: schedulerSelectorOf(plan) },
      // By port alone: network add-ons differ in whether they see the API server's service or its own addresses.
      policyTypes: ["Ingress", "Egress"],
      egress: [{ ports: [{ port: "443", protocol: "TCP" }] }],
    },
  });
  for (const [index, policy] of policies.entries()) {
    const slot = ["scheduled", ...(index === 0 ? [] : [String(index + 1)])];
    new CronJobV1(stack, slot.join("-"), {
      metadata: { name: resourceName([name, ...slot], CRON_JOB_NAME_LIMIT), namespace, labels },
      spec: {
        schedule: scheduleOf(policy),
        timezone: policy.timezone,
        concurrencyPolicy: "Forbid",
        startingDeadlineSeconds: STARTING_DEADLINE_SECONDS,
        successfulJobsHistoryLimit: 1,
        failedJobsHistoryLimit: 3,
        jobTemplate: {
          metadata: { labels },
          spec: {
            backoffLimit: RETRIES,
            activeDeadlineSeconds: JOB_DEADLINE_SECONDS,
            template: { metadata: { labels }, spec: podOf(workload, account.metadata.name, policy) },
          },
        },
      },
      dependsOn: [autoscaler, binding, network],
    });
  }
}

/** The checks refuse what a CronJob cannot express. */
function scheduleOf({ cron }: ScheduledPolicy): string {
  const converted = kubernetesCron(cron);
  if ("problem" in converted) throw new Error(`${cron} ${converted.problem}`);
  return converted.schedule;
}

function podOf(
  { plan, namespace, name }: Workload,
  serviceAccountName: string,
  { min, max }: ScheduledPolicy,
): CronJobV1SpecJobTemplateSpecTemplateSpec {
  const { schedulerImage, runAsUser } = plan.options;
  const user = String(runAsUser);
  const bounds = {
    ...(min === undefined ? {} : { minReplicas: min }),
    ...(max === undefined ? {} : { maxReplicas: max }),
  };
  const memory = "128Mi";
  return {
    serviceAccountName,
    // The token is mounted by hand instead: short, and for this pod alone.
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    hostNetwork: false,
    hostPid: false,
    hostIpc: false,
    // A failed try keeps its pod, and with it what kubectl said.
    restartPolicy: "Never",
    nodeSelector: { "kubernetes.io/arch": architectureOf(plan) },
    securityContext: {
      runAsNonRoot: true,
      runAsUser: user,
      runAsGroup: user,
      fsGroup: user,
      seccompProfile: { type: "RuntimeDefault" },
    },
    container: [
      {
        name: "schedule",
        image: schedulerImage,
        imagePullPolicy: pullPolicy(schedulerImage),
        args: [
          "patch",
          "horizontalpodautoscalers.v2.autoscaling",
          name,
          "--namespace",
          namespace,
          "--type",
          "merge",
          "--patch",
          JSON.stringify({ spec: bounds }),
          "--request-timeout",
          "30s",
        ],
        // kubectl keeps what the API server offers in its home folder.
        env: [{ name: "HOME", value: "/tmp" }],
        resources: { requests: { cpu: "50m", memory }, limits: { memory } },
        securityContext: LOCKED,
        volumeMount: [
          { name: "tmp", mountPath: "/tmp" },
          { name: "api-server", mountPath: CREDENTIALS_FOLDER, readOnly: true },
        ],
      },
    ],
    volume: [
      { name: "tmp", emptyDir: { sizeLimit: "16Mi" } },
      {
        name: "api-server",
        projected: [
          {
            sources: [
              { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: "token" } },
              // Kubernetes keeps it in every namespace.
              { configMap: [{ name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] }] },
            ],
          },
        ],
      },
    ],
  };
}
