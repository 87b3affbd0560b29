import { Size } from "../../modules/units/size";

/** One CPU size of Fargate and the memory sizes that it is offered with. */
export interface CpuSize {
  /** CPU units, 1024 a vCPU. */
  readonly units: number;
  readonly vcpu: number;
  /** MiB, ascending. */
  readonly memoryMiB: readonly number[];
}

/** What Fargate runs one task on. */
export interface TaskSize {
  readonly units: number;
  readonly memoryMiB: number;
}

const GIB = 1024;

function steps(from: number, to: number, by: number): readonly number[] {
  return Array.from({ length: (to - from) / by + 1 }, (_, index) => (from + index * by) * GIB);
}

function size(vcpu: number, memoryMiB: readonly number[]): CpuSize {
  return { units: vcpu * 1024, vcpu, memoryMiB };
}

/** Where {@link CPU_SIZES} was read. */
export const SIZES_SOURCE = {
  source: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html",
  asOf: "2026-11",
} as const;

/**
 * CPU and memory of a Fargate task on Linux; other pairs are refused. 8 vCPUs and more need platform 1.4.0, 32 vCPUs
 * came in 2026.
 */
export const CPU_SIZES: readonly CpuSize[] = [
  size(0.25, [512, 1 * GIB, 2 * GIB]),
  size(0.5, steps(1, 4, 1)),
  size(1, steps(2, 8, 1)),
  size(2, steps(4, 16, 1)),
  size(4, steps(8, 30, 1)),
  size(8, steps(16, 60, 4)),
  size(16, steps(32, 120, 8)),
  size(32, [60 * GIB, 120 * GIB, 244 * GIB]),
];

/** What one replica needs, and what the options demand of it. */
export interface SizeRequest {
  readonly cpu: number;
  readonly memory: Size;
  readonly chosenCpu: number | undefined;
  readonly chosenMemory: Size | undefined;
}

/** Why no size fits: which option is at fault, and what would do. */
export interface SizeProblem {
  readonly option: "cpu" | "memory";
  readonly message: string;
  readonly allowed: string;
  readonly fix: string;
}

/** The smallest size that holds what is asked for: of the fewest vCPUs, the least memory. */
export function chooseSize(request: SizeRequest): TaskSize | SizeProblem {
  const { cpu, memory, chosenCpu, chosenMemory } = request;
  const needed = chosenMemory ?? memory;
  if (chosenCpu !== undefined) {
    const chosen = CPU_SIZES.find(({ vcpu }) => vcpu === chosenCpu);
    if (chosen === undefined) {
      const above = CPU_SIZES.find(({ vcpu }) => vcpu >= chosenCpu);
      return {
        option: "cpu",
        message: `${chosenCpu} vCPUs are not offered`,
        allowed: CPU_SIZES.map(({ vcpu }) => vcpu).join(", "),
        fix: above === undefined ? "lower cpu" : `set cpu: ${above.vcpu}`,
      };
    }
    if (chosenCpu < cpu) {
      return {
        option: "cpu",
        message: `${chosenCpu} vCPUs are less than resources.cpu, which is ${cpu}`,
        allowed: `at least ${cpu}`,
        fix: "remove targets.ecs-fargate.cpu, or lower resources.cpu",
      };
    }
  }
  if (chosenMemory !== undefined && chosenMemory.bytes < memory.bytes) {
    return {
      option: "memory",
      message: `${chosenMemory.toString()} is less than resources.memory, which is ${memory.toString()}`,
      allowed: `at least ${memory.toString()}`,
      fix: "remove targets.ecs-fargate.memory, or lower resources.memory",
    };
  }
  const candidates = CPU_SIZES.filter(({ vcpu }) => vcpu >= cpu && (chosenCpu ?? vcpu) === vcpu);
  for (const { units, memoryMiB } of candidates) {
    const found = memoryMiB.find((mebibytes) =>
      chosenMemory === undefined ? mebibytes >= needed.mebibytes : mebibytes === needed.mebibytes,
    );
    if (found !== undefined) return { units, memoryMiB: found };
  }
  return memoryProblem(needed, candidates, chosenMemory !== undefined);
}

function memoryProblem(needed: Size, candidates: readonly CpuSize[], chosen: boolean): SizeProblem {
  const [smallest] = candidates;
  const others = CPU_SIZES.find(
    ({ vcpu, memoryMiB }) =>
      vcpu > (smallest?.vcpu ?? 0) && memoryMiB.some((mebibytes) => mebibytes >= needed.mebibytes),
  );
  const lowest = smallest?.memoryMiB[0] ?? 0;
  return {
    option: "memory",
    message: `${needed.toString()} is not offered with ${smallest?.vcpu ?? "so many"} vCPU`,
    allowed: (smallest?.memoryMiB ?? []).map((mebibytes) => Size.mebibytes(mebibytes).toString()).join(", "),
    fix:
      needed.mebibytes < lowest
        ? `set memory: ${Size.mebibytes(lowest).toString()}`
        : others === undefined
          ? "lower memory"
          : `${chosen ? "lower memory" : "lower resources.memory"}, or set cpu: ${others.vcpu}`,
  };
}

export function isProblem(size: TaskSize | SizeProblem): size is SizeProblem {
  return "option" in size;
}
