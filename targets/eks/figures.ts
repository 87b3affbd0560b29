import type { Figure } from "../../modules/compare/target-comparison";

/** The day on which the undated pages below were read. */
const READ = "2026-11-23";

/** What `compare` takes Kubernetes and its nodes to do, each figure with where it was seen. */
export const FIGURES = {
  podStart: {
    name: "start of a pod on a node with room",
    value: 60,
    unit: "s",
    source: "https://news.ycombinator.com/item?id=44053826, a practitioner's report",
    asOf: "2025-05",
    confidence: "low",
  },
  nodeStart: {
    name: "start of a pod that needs a new node",
    value: 300,
    unit: "s",
    source:
      "https://news.ycombinator.com/item?id=44053826, a practitioner's report; 150 s for the first containers in https://www.vladionescu.me/posts/scaling-containers-on-aws-in-2022/",
    asOf: "2025-05",
    confidence: "low",
  },
  gpuNodeStart: {
    name: "start of a pod that needs a new GPU node",
    value: 900,
    unit: "s",
    source:
      "https://github.com/kubernetes/autoscaler, a commit message of its maintainers: a node's GPUs may take 15 minutes to become allocatable, at worst",
    asOf: READ,
    confidence: "low",
  },
} as const satisfies Readonly<Record<string, Figure>>;

/**
 * How often the autoscaler of pods looks, and how old what metrics-server measured may be by then.
 * @see https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/ (--horizontal-pod-autoscaler-sync-period, read 2026-11-23)
 * @see https://github.com/kubernetes-sigs/metrics-server (--metric-resolution=15s in its manifests, read 2026-11-23)
 */
export const AUTOSCALER = { syncSeconds: 15, metricSeconds: 15 } as const;
