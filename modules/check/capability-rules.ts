import type { Limit } from "../aws/limits";
import { type Finding, type ManifestPath, show } from "../issues/issue";
import { secretVariable } from "../plan/container-environment";
import type { EnvironmentPlan } from "../plan/plan";
import { Duration } from "../units/duration";
import { Size } from "../units/size";
import type { Capabilities, Optimizer, Target } from "../../targets/target";

/** What of a manifest a mode of a target cannot do, before it is known who can. */
interface Violation {
  readonly path: ManifestPath;
  readonly message: string;
  readonly allowed?: string;
  readonly fix?: string;
}

interface Rule {
  readonly code: string;
  /** Code of a rule that a target must hold too before it counts as one that can. */
  readonly beside?: string;
  readonly violations: (plan: EnvironmentPlan, can: Capabilities) => Iterable<Violation>;
}

/** A limit as a message shows it: the figure, and where it stands. */
function sourced(text: string, { source, asOf }: Limit): string {
  return `${text} (${source}, ${asOf})`;
}

/**
 * The rules that follow from capabilities. Each is asked of the chosen target, and, when it is broken, of all others to
 * name those that can.
 */
const RULES: readonly Rule[] = [
  {
    code: "GPU_UNSUPPORTED",
    *violations({ resources }, can) {
      if (resources.gpu <= can.gpu.value) return;
      yield {
        path: ["resources", "gpu"],
        message: can.gpu.value === 0 ? "has no GPUs" : `has no replica with ${resources.gpu} GPUs`,
        allowed: sourced(can.gpu.value === 0 ? "0" : `at most ${can.gpu.value}`, can.gpu),
      };
    },
  },
  {
    code: "ARCHITECTURE_UNSUPPORTED",
    *violations({ resources }, can) {
      if (can.architectures.includes(resources.architecture)) return;
      yield {
        path: ["resources", "architecture"],
        message: `does not run ${resources.architecture} images`,
        allowed: can.architectures.join(", "),
      };
    },
  },
  {
    code: "CPU_LIMIT",
    *violations({ resources }, can) {
      if (resources.cpu <= can.cpu.value) return;
      yield {
        path: ["resources", "cpu"],
        message: `has no replica with ${resources.cpu} vCPUs`,
        allowed: sourced(`at most ${can.cpu.value}`, can.cpu),
      };
    },
  },
  {
    code: "MEMORY_LIMIT",
    *violations({ resources }, can) {
      if (resources.memory.mebibytes <= can.memory.value) return;
      yield {
        path: ["resources", "memory"],
        message: `has no replica with ${resources.memory.toString()}`,
        allowed: sourced(`at most ${Size.mebibytes(can.memory.value).toString()}`, can.memory),
      };
    },
  },
  {
    code: "STORAGE_LIMIT",
    *violations({ resources: { storage } }, can) {
      if (storage === null || storage.gibibytes <= can.storage.value) return;
      yield {
        path: ["resources", "storage"],
        message:
          can.storage.value === 0 ? "has no storage to choose" : `has no replica with ${storage.toString()}`,
        allowed: sourced(can.storage.value === 0 ? "none" : `at most ${can.storage.value}Gi`, can.storage),
        ...(can.storage.value === 0 ? { fix: "remove resources.storage" } : {}),
      };
    },
  },
  {
    code: "PAYLOAD_LIMIT",
    *violations({ workload }, can) {
      for (const direction of ["request", "response"] as const) {
        const body = workload?.payload?.[direction];
        const most = can.payload[direction];
        if (body === undefined || body.bytes <= most.value) continue;
        yield {
          path: ["workload", "payload", direction],
          message: `takes no ${direction} of ${body.toString()}`,
          allowed: sourced(`at most ${Size.bytes(most.value).toString()}`, most),
        };
      }
    },
  },
  {
    code: "PAYLOAD_UNSURE",
    *violations({ workload }, can) {
      const body = workload?.payload?.request;
      const unsure = can.payload.warnAbove;
      if (body === undefined || unsure === undefined) return;
      if (body.bytes <= unsure.value || body.bytes > can.payload.request.value) return;
      yield {
        path: ["workload", "payload", "request"],
        message: `may refuse a request of ${body.toString()}: ${unsure.note ?? "some clients stop earlier"}`,
        allowed: sourced(`surely up to ${Size.bytes(unsure.value).toString()}`, unsure),
      };
    },
  },
  {
    code: "DURATION_LIMIT",
    *violations({ workload }, can) {
      const time = workload?.serviceTime?.p99;
      if (time === undefined || time.seconds <= can.requestDuration.value) return;
      yield {
        path: ["workload", "serviceTime", "p99"],
        message: `does not wait ${time.toString()} for an answer`,
        allowed: sourced(
          `at most ${Duration.seconds(can.requestDuration.value).toString()}`,
          can.requestDuration,
        ),
      };
    },
  },
  {
    code: "SCALING_POLICY_UNSUPPORTED",
    *violations({ scaling }, can) {
      const offered = Object.keys(can.scaling.policies);
      for (const [index, policy] of (scaling.policies ?? []).entries()) {
        if (can.scaling.policies[policy.type] !== undefined) continue;
        yield {
          path: ["scaling", "policies", index, "type"],
          message: `has no ${policy.type} scaling`,
          allowed: offered.length > 0 ? offered.join(", ") : "none",
          fix: can.scaling.instead,
        };
      }
    },
  },
  {
    code: "SCALING_METRIC_UNSUPPORTED",
    beside: "SCALING_POLICY_UNSUPPORTED",
    *violations({ scaling }, can) {
      for (const [index, policy] of (scaling.policies ?? []).entries()) {
        const metrics = can.scaling.policies[policy.type];
        if (policy.type === "scheduled" || metrics === undefined || metrics.includes(policy.metric)) continue;
        yield {
          path: ["scaling", "policies", index, "metric"],
          message: `cannot scale on ${policy.metric}`,
          allowed: metrics.join(", "),
        };
      }
    },
  },
  {
    code: "SCALING_MINIMUM",
    *violations({ scaling }, can) {
      const { minimum } = can.scaling;
      const lowest: { path: ManifestPath; value: number }[] = [
        { path: ["scaling", "min"], value: scaling.min },
      ];
      for (const [index, policy] of (scaling.policies ?? []).entries()) {
        if (policy.type === "scheduled" && policy.min !== undefined) {
          lowest.push({ path: ["scaling", "policies", index, "min"], value: policy.min });
        }
      }
      for (const { path, value } of lowest) {
        if (value >= minimum.value) continue;
        yield {
          path,
          message: `cannot run with ${value} replicas`,
          allowed: sourced(`at least ${minimum.value}`, minimum),
          ...(minimum.note === undefined ? {} : { fix: minimum.note }),
        };
      }
    },
  },
  {
    code: "ROLLOUT_UNSUPPORTED",
    *violations({ rollout }, can) {
      if (rollout.strategy === null || can.rollouts.includes(rollout.strategy)) return;
      yield {
        path: ["rollout", "strategy"],
        message: `has no ${rollout.strategy} rollout`,
        allowed: can.rollouts.join(", "),
      };
    },
  },
  {
    code: "SECRET_BY_REFERENCE",
    *violations({ model }, can) {
      const names = Object.keys(model.secrets);
      if (names.length === 0 || can.secrets === "injected") return;
      yield {
        path: ["model", "secrets"],
        message: `does not inject secrets; the container gets ${names.map(secretVariable).join(", ")} and reads the value itself`,
      };
    },
  },
  {
    code: "IMAGE_REGISTRY",
    *violations({ model, region }, can) {
      if (can.images === "any") return;
      if (model.image.kind === "build") {
        const { repository } = model.image;
        if (repository === null || can.images === "ecr") return;
        if (region === null || repository.region === region.name) return;
        yield {
          path: ["registry", "repository"],
          message: `pulls from ECR in its own region only; the repository is in ${repository.region}`,
          allowed: `a repository in ${region.name}`,
          fix: `name one in ${region.name}, or remove registry.repository to have one created`,
        };
        return;
      }
      const { ecr } = model.image.reference;
      if (ecr === undefined) {
        yield {
          path: ["model", "image"],
          message: `pulls from Amazon ECR only, not from ${model.image.reference.registry}`,
          allowed: "an image in a private ECR registry",
          fix: "copy the image to ECR",
        };
      } else if (can.images === "ecr-same-region" && region !== null && ecr.region !== region.name) {
        yield {
          path: ["model", "image"],
          message: `pulls from ECR in its own region only; the image is in ${ecr.region}`,
          allowed: `an image in ${region.name}`,
          fix: `replicate the repository to ${region.name}`,
        };
      }
    },
  },
  {
    code: "ARTIFACT_UNSUPPORTED",
    *violations({ model: { artifact } }, can) {
      if (artifact === null || can.artifacts.includes(artifact.kind)) return;
      yield {
        path: ["model", "artifact"],
        message:
          can.artifacts.length === 0
            ? "cannot bring an artifact to the container"
            : `cannot take ${artifact.kind === "s3" ? "an artifact from S3" : "a local artifact"}`,
        allowed:
          can.artifacts.length === 0
            ? "none"
            : can.artifacts
                .map((kind) => (kind === "s3" ? "an object in S3" : "a local file or folder"))
                .join(", "),
        fix: "copy the model into the image, or use a target that can",
      };
    },
  },
  {
    code: "SERVER_CONTRACT",
    *violations({ model: { server } }, can) {
      if (can.server === "free") return;
      const fixed = { port: 8080, health: "/ping", invoke: "/invocations" } as const;
      for (const name of ["port", "health", "invoke"] as const) {
        if (server[name] === fixed[name]) continue;
        yield {
          path: ["model", "server", name],
          message: `does not call ${show(server[name])}`,
          allowed: `${fixed[name]} (https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html, 2026-08)`,
          fix: `let the server listen as SageMaker demands, and remove model.server.${name}`,
        };
      }
    },
  },
  {
    code: "DATA_CAPTURE_UNSUPPORTED",
    *violations({ observability }, can) {
      if (observability.dataCapture === null || observability.dataCapture === 0 || can.dataCapture) return;
      yield {
        path: ["observability", "dataCapture"],
        message: "cannot capture requests",
        allowed: "0, or no dataCapture",
      };
    },
  },
  {
    code: "OPTIMIZER_UNSUPPORTED",
    *violations({ model: { optimize } }, can) {
      for (const name of Object.keys(optimize ?? {}) as Optimizer[]) {
        if (can.optimizers?.includes(name) === true) continue;
        yield {
          path: ["model", "optimize", name],
          message: `cannot have its model optimised by ${name}`,
          allowed: can.optimizers?.join(", ") ?? "none",
          fix: `remove model.optimize.${name}`,
        };
      }
    },
  },
  {
    code: "PUBLIC_UNSUPPORTED",
    *violations({ network }, can) {
      if (!network.public || can.public) return;
      yield {
        path: ["network", "public"],
        message:
          can.reachedBy === undefined
            ? "opens no address on the internet; `network.public` changes nothing for it"
            : `opens nothing more for \`network.public\`: ${can.reachedBy}`,
        ...(can.reachedBy === undefined ? { fix: "put a gateway of your own in front of it" } : {}),
      };
    },
  },
];

/** Everything that a mode cannot do, with the targets that can. */
export function* capabilityRules(
  plan: EnvironmentPlan,
  target: Target,
  mode: string,
  registry: readonly Target[],
): Iterable<Finding> {
  const can = target.modes[mode];
  if (can === undefined) throw new Error(`${target.kind} has no mode ${mode}`);
  for (const rule of RULES) {
    for (const violation of rule.violations(plan, can)) {
      const able = whoCan(rule, plan, registry, target.kind, mode);
      const others = able.length > 0 ? `targets that can: ${able.join(", ")}` : undefined;
      const fix = [violation.fix, others].filter((part) => part !== undefined).join("; ");
      yield {
        ...violation,
        code: rule.code,
        message: `${target.title}${Object.keys(target.modes).length > 1 ? ` (${mode})` : ""} ${violation.message}`,
        ...(fix === "" ? {} : { fix }),
        target: target.kind,
      };
    }
  }
}

function whoCan(
  rule: Rule,
  plan: EnvironmentPlan,
  registry: readonly Target[],
  exceptKind: string,
  exceptMode: string,
): readonly string[] {
  const asked = RULES.filter(({ code }) => code === rule.code || code === rule.beside);
  return registry.flatMap((target) => {
    const modes = Object.entries(target.modes);
    const able = modes.filter(([mode, can]) => {
      if (target.kind === exceptKind && mode === exceptMode) return false;
      return asked.every(({ violations }) => [...violations(plan, can)].length === 0);
    });
    if (able.length === modes.length && able.length > 0) return [target.kind];
    return able.map(([mode]) => `${target.kind} (${mode})`);
  });
}
