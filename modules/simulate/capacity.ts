import type { ScalingPolicy } from "../manifest/schema";
import type { ServiceTime } from "../workload/workload";

/** Who moves replicas: Application Auto Scaling, or Kubernetes' HorizontalPodAutoscaler. */
export type ScalingAlgorithm = "application-auto-scaling" | "horizontal-pod-autoscaler";

/** How replicas move between their bounds. */
export interface ReplicaScaling {
  /** Default: Application Auto Scaling. The other one looks at each metric period by itself, and has no alarms. */
  readonly algorithm?: ScalingAlgorithm;
  readonly min: number;
  readonly max: number;
  /** The manifest's own policies, or the target's default; empty where nothing moves. */
  readonly policies: readonly ScalingPolicy[];
  /**
   * Seconds over which a metric is measured before anything is decided: 60 for CloudWatch's one-minute metrics, 15 for
   * the autoscaler of pods, which looks that often.
   */
  readonly metricPeriodSeconds: number;
  /**
   * Periods in a row above the target before replicas are added: 3 for target tracking, as the alarms of Application Auto
   * Scaling were seen to be (`modules/charges/scaling.ts`); AWS documents no number.
   */
  readonly scaleOutPeriods: number;
  /** Periods in a row below before replicas are removed: 15 for target tracking, seen likewise. */
  readonly scaleInPeriods: number;
  /** Seconds between a measurement and its being seen. */
  readonly metricDelaySeconds: number;
  /** vCPUs that a replica has, and that one request keeps busy: what `cpu` in percent derives from. */
  readonly cpu: { readonly perReplica: number; readonly perRequest: number };
  /** Share of memory in use, which load does not move; percent. For `metric: memory`. */
  readonly memoryPercent: number;
  /**
   * Whether the metric is missing, not 0, while nothing is asked for, so that replicas then stay: provisioned concurrency
   * of Lambda. Default false.
   */
  readonly silentWhenIdle?: boolean;
  /**
   * Where `min` may be 0: seconds for which requests find no replica before the first one is started, whatever the
   * policies say. Absent where nothing but the policies starts one.
   */
  readonly wakeSeconds?: number;
}

/** Replicas that wait for requests: instances, tasks, pods. Requests wait in one queue for a free slot. */
export interface ReplicaCapacity {
  readonly kind: "replicas";
  /** Requests that one replica works on at once. */
  readonly slots: number;
  /** Of one request on this size. */
  readonly serviceTime: ServiceTime;
  /** What the way to the replica adds to each request, in milliseconds (load balancer, service). */
  readonly overheadMs: number;
  /** Seconds from the decision to add a replica until it answers. */
  readonly startupSeconds: number;
  readonly scaling: ReplicaScaling;
  /** Seconds that a request may wait before it fails; null where a queue holds it (async). */
  readonly patienceSeconds: number | null;
}

/** Environments that start as requests come and go when idle: Lambda, SageMaker serverless. One request each. */
export interface EnvironmentCapacity {
  readonly kind: "environments";
  /** Of one request in a warm environment of this size. */
  readonly serviceTime: ServiceTime;
  readonly overheadMs: number;
  /** Milliseconds until a new environment works on its first request. */
  readonly coldStartMs: number;
  /** Seconds that an idle environment is kept. */
  readonly keepAliveSeconds: number;
  /** Environments at once, at most; above it requests are throttled. */
  readonly maxConcurrency: number;
  /** New environments per second, at most; null without a limit. */
  readonly startsPerSecond: number | null;
  /** Environments kept warm; `min` = `max` = 0 where there are none. Startup is that of provisioned concurrency. */
  readonly provisioned: {
    readonly startupSeconds: number;
    readonly scaling: ReplicaScaling;
  };
}

/** Machines that exist for one run. */
export interface BatchCapacity {
  readonly kind: "batch";
  /** Seconds until the first record is worked on: machines, image, artifact. */
  readonly startupSeconds: number;
  /** Requests that all machines together work on at once. */
  readonly slots: number;
  /** Of one request to the container. */
  readonly serviceTime: ServiceTime;
  /** Records in one request. */
  readonly recordsPerRequest: number;
  readonly machines: number;
}

/** How a size of a target behaves under load. */
export type Capacity = ReplicaCapacity | EnvironmentCapacity | BatchCapacity;

/** Milliseconds. */
export interface Percentiles {
  readonly mean: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** What happened over the simulated time. All sums are for that time, not for a month. */
export interface Simulation {
  /** Simulated seconds, without the time in which the system settles. */
  readonly seconds: number;
  /** Requests that arrived, on average: not a whole number. For batch, the records of all runs. */
  readonly requests: number;
  /** Of these, the ones that failed: waited too long, or throttled. */
  readonly failed: { readonly timedOut: number; readonly throttled: number };
  /** Requests that waited in an overload at the beginning and at the end. */
  readonly backlog: { readonly start: number; readonly end: number };
  /** Of what was served, from arrival to answer, the overhead included; null where nothing was. */
  readonly latencyMs: Percentiles | null;
  /** Of what was served, until work on it began. */
  readonly waitMs:
    (Percentiles & { /** Share of requests that wait at all. */ readonly probability: number }) | null;
  /** Requests that met a cold start, their share of those served, and how long one takes; 0 where there are none. */
  readonly coldStarts: { readonly requests: number; readonly fraction: number; readonly ms: number };
  /**
   * Replicas, paid for from their start on. Environments: provisioned ones, and those on demand that exist, of which only
   * work is paid for. Batch: the machines of a run, and none between runs.
   */
  readonly replicas: { readonly min: number; readonly average: number; readonly max: number };
  /** Seconds spent at each number of replicas, started ones included. */
  readonly secondsAtReplicas: ReadonlyMap<number, number>;
  /** Replicas that were started after the beginning. */
  readonly launches: number;
  /** Seconds of work over all requests that were served. */
  readonly busySeconds: number;
  /** Environments: seconds × provisioned environments, seconds of work on them, and seconds of work elsewhere with cold starts. */
  readonly provisioned: { readonly seconds: number; readonly busySeconds: number };
  readonly onDemand: {
    readonly busySeconds: number;
    readonly coldStartSeconds: number;
    readonly requests: number;
  };
  /** For charts: at most 168 equal steps over one period of the load. */
  readonly series: {
    readonly stepSeconds: number;
    readonly arrivals: readonly number[];
    readonly replicas: readonly number[];
    /** Milliseconds; null for a step without a served request. */
    readonly p99: readonly (number | null)[];
  };
  /** For batch only. */
  readonly batch: {
    /** From the start of a run to its end, start-up included: what each machine is paid for. */
    readonly runSeconds: number;
    /** Of work over all requests of a run. */
    readonly workSeconds: number;
    readonly runs: number;
    readonly fits: boolean;
  } | null;
}

/** Hours of a month, as AWS bills and its calculators count: 365 × 24 / 12. */
export const HOURS_PER_MONTH = 730;
