import { limit } from "../../modules/aws/limits";
import { CPU_SIZES, SIZES_SOURCE } from "./sizes";

const { source: SIZES, asOf: SIZES_READ } = SIZES_SOURCE;
const STORAGE = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-storage.html";
const TASK_DEFINITION =
  "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html";
const QUOTAS = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html";
const BALANCER =
  "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html";
const TARGETS =
  "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html";
const CHECKS =
  "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html";
const BALANCER_QUOTAS =
  "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html";
const NETWORK = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html";
const CAPACITY =
  "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html";
const LINEAR = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LinearConfiguration.html";
const CANARY = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CanaryConfiguration.html";
const READ = "2026-11";

/** What ECS on Fargate and its load balancer allow, each figure with its source. */
export const LIMITS = {
  gpus: limit(0, "GPUs", SIZES, SIZES_READ, "Fargate has none"),
  vcpus: limit(Math.max(...CPU_SIZES.map(({ vcpu }) => vcpu)), "vCPU", SIZES, SIZES_READ),
  memory: limit(Math.max(...CPU_SIZES.flatMap(({ memoryMiB }) => memoryMiB)), "MiB", SIZES, SIZES_READ),
  storage: limit(200, "GiB", STORAGE, READ, "image layers, the artifact and scratch together"),
  /** What every task has without asking, free of charge. */
  storageIncluded: limit(20, "GiB", STORAGE, READ),
  /** The least that can be asked for. */
  storageMin: limit(21, "GiB", STORAGE, READ),
  payload: limit(
    Number.MAX_SAFE_INTEGER,
    "bytes",
    BALANCER_QUOTAS,
    READ,
    "no limit is documented for targets other than Lambda functions",
  ),
  /** The load balancer drops a connection on which nothing happens for longer. */
  requestSeconds: limit(4000, "s", BALANCER, READ, "idle timeout of the load balancer, at most"),
  idleSecondsDefault: limit(60, "s", BALANCER, READ),
  deregistrationSecondsMax: limit(3600, "s", TARGETS, READ),
  checkIntervalMin: limit(5, "s", CHECKS, READ),
  checkIntervalMax: limit(300, "s", CHECKS, READ),
  checkTimeoutMin: limit(2, "s", CHECKS, READ),
  checkTimeoutMax: limit(120, "s", CHECKS, READ),
  checkThresholdMin: limit(2, "checks", CHECKS, READ),
  checkThresholdMax: limit(10, "checks", CHECKS, READ),
  stopSecondsMax: limit(120, "s", TASK_DEFINITION, READ),
  taskDefinitionBytes: limit(64 * 1024, "bytes", QUOTAS, READ),
  securityGroups: limit(5, "security groups", NETWORK, READ),
  loadBalancerZones: limit(
    2,
    "subnets",
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html",
    READ,
    "in different availability zones",
  ),
  linearStepMin: limit(3, "percent", LINEAR, READ),
  /** Minutes at one step, in the canary phase, or after the last shift. */
  bakeMinutesMax: limit(1440, "minutes", CANARY, READ, "whole minutes"),
  baseMax: limit(100_000, "tasks", CAPACITY, READ),
  minimumTasks: limit(
    1,
    "tasks",
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html",
    READ,
    "raise it to 1: at 0 tasks the load balancer answers 503, and no request starts one",
  ),
} as const;
