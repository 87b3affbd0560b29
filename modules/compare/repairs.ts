import type { ManifestPath } from "../issues/issue";
import type { EnvironmentPlan } from "../plan/plan";
import { Duration } from "../units/duration";
import { Size } from "../units/size";
import type { Capabilities } from "../../targets/target";

/** What a target is asked to carry: a plan, and the target's options as written. */
export interface Request {
  readonly plan: EnvironmentPlan;
  readonly options: Readonly<Record<string, unknown>>;
}

/** A change of the manifest that should make a finding go away. */
export interface Repair {
  /** What to do, as one would say it. */
  readonly text: string;
  readonly apply: (request: Request) => Request;
}

type Make = (plan: EnvironmentPlan, can: Capabilities) => Repair | null;

/** The smallest change by the field that a finding is about; capabilities tell how far it has to go. */
const REPAIRS: Readonly<Record<string, Make>> = {
  "resources.gpu": ({ resources }, { gpu }) =>
    resources.gpu <= gpu.value
      ? null
      : resource(
          { gpu: gpu.value },
          gpu.value === 0
            ? "serve the model on CPUs (resources.gpu: 0)"
            : `lower resources.gpu to ${gpu.value}`,
        ),
  "resources.cpu": ({ resources }, { cpu }) =>
    resources.cpu <= cpu.value ? null : resource({ cpu: cpu.value }, `lower resources.cpu to ${cpu.value}`),
  "resources.memory": ({ resources }, { memory }) => {
    const most = Size.mebibytes(memory.value);
    return resources.memory.bytes <= most.bytes
      ? null
      : resource({ memory: most }, `lower resources.memory to ${most.toString()}`);
  },
  "resources.storage": ({ resources }, { storage }) => {
    const most = storage.value === 0 ? null : Size.gibibytes(storage.value);
    if (resources.storage === null || (most !== null && resources.storage.bytes <= most.bytes)) return null;
    return resource(
      { storage: most },
      most === null ? "remove resources.storage" : `lower resources.storage to ${most.toString()}`,
    );
  },
  "resources.architecture": (_plan, { architectures: [architecture] }) =>
    architecture === undefined
      ? null
      : resource({ architecture }, `build the image for ${architecture} (resources.architecture)`),
  "workload.payload.request": (_plan, can) => payload("request", can.payload.request.value),
  "workload.payload.response": (_plan, can) => payload("response", can.payload.response.value),
  "workload.serviceTime.p99": ({ workload }, { requestDuration }) => {
    const time = workload?.serviceTime;
    const most = Duration.seconds(requestDuration.value);
    if (time === undefined || time.p99.milliseconds <= most.milliseconds) return null;
    return {
      text: `answer within ${most.toString()} (workload.serviceTime.p99)`,
      apply: onPlan((plan) => ({
        ...plan,
        workload:
          plan.workload === null || plan.workload === undefined
            ? plan.workload
            : {
                ...plan.workload,
                serviceTime: {
                  p50: time.p50.milliseconds < most.milliseconds ? time.p50 : most,
                  p99: most,
                },
              },
      })),
    };
  },
  "scaling.policies": (_plan, { scaling: { policies: offered } }) => ({
    text:
      Object.keys(offered).length === 0
        ? "leave scaling.policies out for it"
        : "leave out what of scaling.policies it does not offer",
    apply: onPlan((plan) => {
      const kept = (plan.scaling.policies ?? []).filter((policy) => {
        const metrics = offered[policy.type];
        return metrics !== undefined && (policy.type === "scheduled" || metrics.includes(policy.metric));
      });
      return { ...plan, scaling: { ...plan.scaling, policies: kept.length === 0 ? null : kept } };
    }),
  }),
  "scaling.min": ({ scaling }, can) => {
    const least = can.scaling.minimum.value;
    if (scaling.min >= least) return null;
    return {
      text: `raise scaling.min to ${least}`,
      apply: onPlan((plan) => ({
        ...plan,
        scaling: { ...plan.scaling, min: least, max: Math.max(least, plan.scaling.max) },
      })),
    };
  },
  "rollout.strategy": (_plan, { rollouts: [strategy] }) => ({
    text: `roll out by ${strategy} (rollout.strategy)`,
    apply: onPlan((plan) => ({ ...plan, rollout: { ...plan.rollout, strategy } })),
  }),
  "model.artifact": (_plan, { artifacts }) =>
    artifacts.length > 0
      ? null
      : {
          text: "copy the model into the image, and remove model.artifact",
          apply: onPlan((plan) => ({ ...plan, model: { ...plan.model, artifact: null } })),
        },
  "model.server": () => ({
    text: "let the server listen on port 8080, /ping and /invocations (model.server)",
    apply: onPlan((plan) => ({
      ...plan,
      model: {
        ...plan.model,
        server: { ...plan.model.server, port: 8080, health: "/ping", invoke: "/invocations" },
      },
    })),
  }),
  "model.optimize": () => ({
    text: "remove model.optimize",
    apply: onPlan((plan) => ({ ...plan, model: { ...plan.model, optimize: null } })),
  }),
  "observability.dataCapture": () => ({
    text: "remove observability.dataCapture",
    apply: onPlan((plan) => ({ ...plan, observability: { ...plan.observability, dataCapture: null } })),
  }),
};

/** The change that a finding at some field calls for; null where none is known. */
export function repairOf(
  path: ManifestPath,
  kind: string,
  { plan, options: written }: Request,
  can: Capabilities,
): Repair | null {
  if (path[0] === "targets" && path[1] === kind && typeof path[2] === "string") {
    const option = path[2];
    if (!Object.hasOwn(written, option)) return null;
    return {
      text: `remove targets.${kind}.${option}`,
      apply: ({ plan: same, options }) => ({
        plan: same,
        options: Object.fromEntries(Object.entries(options).filter(([name]) => name !== option)),
      }),
    };
  }
  for (let end = path.length; end > 0; end--) {
    const field = path.slice(0, end).join(".");
    const make = Object.hasOwn(REPAIRS, field) ? REPAIRS[field] : undefined;
    if (make !== undefined) return make(plan, can);
  }
  return null;
}

function onPlan(change: (plan: EnvironmentPlan) => EnvironmentPlan): Repair["apply"] {
  return ({ plan, options }) => ({ plan: change(plan), options });
}

function resource(changes: Partial<EnvironmentPlan["resources"]>, text: string): Repair {
  return { text, apply: onPlan((plan) => ({ ...plan, resources: { ...plan.resources, ...changes } })) };
}

function payload(direction: "request" | "response", mostBytes: number): Repair {
  // A limit in powers of ten is no whole number of KiB.
  const most = Size.bytes(Math.floor(mostBytes / 1024) * 1024);
  return {
    text: `keep each ${direction} within ${most.toString()} (workload.payload.${direction})`,
    apply: onPlan((plan) =>
      plan.workload?.payload === undefined
        ? plan
        : {
            ...plan,
            workload: { ...plan.workload, payload: { ...plan.workload.payload, [direction]: most } },
          },
    ),
  };
}
