import { fixedReplicas } from "../../modules/charges/scaling";
import type { Candidate, CandidateOptions } from "../../modules/compare/target-comparison";
import type { TargetPlan } from "../../modules/plan/plan";
import type { Options } from "./options";

/**
 * The one container, which nothing is paid for and nothing scales. None where the manifest does not say how long a request
 * takes.
 */
export function candidates(plan: TargetPlan<Options>, { workload }: CandidateOptions): readonly Candidate[] {
  const { serviceTime, concurrency } = workload;
  if (serviceTime === null) return [];
  const { resources, model, options } = plan;
  return [
    {
      label: "your machine",
      sizing: {
        containers: 1,
        vcpu: resources.cpu,
        memoryMiB: resources.memory.mebibytes,
        gpus: resources.gpu,
        limited: options.limits,
      },
      capacity: {
        kind: "replicas",
        slots: concurrency,
        serviceTime,
        overheadMs: 0,
        startupSeconds: model.server.startup.seconds,
        scaling: fixedReplicas(1, {
          cpu: { perReplica: resources.cpu, perRequest: resources.cpu / concurrency },
          memoryPercent: 100,
        }),
        // Nothing stands between caller and server that would give up.
        patienceSeconds: null,
      },
      weight: 0,
      bill: () => [],
      figures: [],
      notes: ["Your own machine: nothing is billed, its purchase and power are not counted"],
    },
  ];
}
