import type { CodeDescription, Finding } from "../../modules/issues/issue";
import type { TargetPlan } from "../../modules/plan/plan";
import type { Options } from "./options";

export const CODES = {
  DOCKER_ONE_CONTAINER: {
    summary: "The manifest has a scaling range or several replicas; locally one container runs.",
    severity: "warning",
  },
  DOCKER_SIZE: {
    summary: "A size that is not a whole number of MiB, in which the engine counts.",
    severity: "error",
  },
  DOCKER_WAIT: {
    summary: "An apply is to wait for health, but nothing checks it.",
    severity: "error",
  },
} as const satisfies Record<string, CodeDescription>;

/** What the engine or its provider would refuse. */
export function* check({ options, resources, scaling }: TargetPlan<Options>): Iterable<Finding> {
  const sizes = [
    { path: ["targets", "docker", "shm"], size: options.shm },
    { path: ["targets", "docker", "tmp"], size: options.tmp },
    { path: ["resources", "memory"], size: options.limits ? resources.memory : undefined },
    {
      path: ["resources", "storage"],
      size: options.tmp === undefined ? (resources.storage ?? undefined) : undefined,
    },
  ];
  for (const { path, size } of sizes) {
    if (size === undefined || Number.isInteger(size.mebibytes)) continue;
    yield {
      path,
      code: "DOCKER_SIZE",
      message: `${size.toString()} is no whole number of Mi`,
      fix: `for example ${Math.ceil(size.mebibytes)}Mi`,
    };
  }
  if (options.wait === true && !options.healthcheck) {
    yield {
      path: ["targets", "docker", "wait"],
      code: "DOCKER_WAIT",
      message: "there is no health check to wait for",
      allowed: "wait: true with healthcheck: true",
      fix: "remove wait, or healthcheck: false",
    };
  }
  if (scaling.max > 1) {
    yield {
      path: ["scaling"],
      code: "DOCKER_ONE_CONTAINER",
      message: `one container runs, not ${scaling.min === scaling.max ? scaling.max : `${scaling.min} to ${scaling.max}`}`,
      allowed: "one container, whatever scaling says",
    };
  }
}
