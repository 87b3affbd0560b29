import { limit } from "../../modules/aws/limits";

const CONSTRAINTS = "https://docs.docker.com/engine/containers/resource_constraints/";
const RUN = "https://docs.docker.com/reference/cli/docker/container/run/";
const READ = "2026-11";
const HOST = "the engine sets no limit; what the machine has counts";

/** What a local Docker engine allows. Most of it is up to the machine, which no check can see. */
export const LIMITS = {
  gpus: limit(16, "GPUs", CONSTRAINTS, READ, HOST),
  vcpus: limit(448, "vCPU", CONSTRAINTS, READ, HOST),
  memory: limit(24 * 1024 * 1024, "MiB", CONSTRAINTS, READ, HOST),
  storage: limit(16 * 1024, "GiB", RUN, READ, "the size of /tmp, which lies in memory"),
  payload: limit(2 ** 50, "bytes", RUN, READ, "nothing stands between caller and server"),
  requestDuration: limit(86_400, "s", RUN, READ, "nothing stands between caller and server"),
  minimum: limit(1, "containers", RUN, READ, "set scaling.min: 1: one container runs, always"),
  containerName: limit(63, "characters", "RFC 1123, a host's name", READ),
} as const;
