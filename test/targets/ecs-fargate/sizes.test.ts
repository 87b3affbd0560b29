import { chooseSize, CPU_SIZES, isProblem } from "../../../targets/ecs-fargate/sizes";
import { Size } from "../../../modules/units/size";
import { ecs, findings } from "./support";

const choose = (cpu: number, memoryMiB: number, chosenCpu?: number, chosenMiB?: number) =>
  chooseSize({
    cpu,
    memory: Size.mebibytes(memoryMiB),
    chosenCpu,
    chosenMemory: chosenMiB === undefined ? undefined : Size.mebibytes(chosenMiB),
  });

describe("sizes of Fargate", () => {
  it("has the pairs that AWS documents", () => {
    expect(
      CPU_SIZES.map(({ units, memoryMiB }) => [units, memoryMiB.length, memoryMiB[0], memoryMiB.at(-1)]),
    ).toEqual([
      [256, 3, 512, 2048],
      [512, 4, 1024, 4096],
      [1024, 7, 2048, 8192],
      [2048, 13, 4096, 16384],
      [4096, 23, 8192, 30720],
      [8192, 12, 16384, 61440],
      [16384, 12, 32768, 122880],
      [32768, 3, 61440, 249856],
    ]);
  });

  it.each([
    [0.125, 128, 256, 512],
    [0.25, 2048, 256, 2048],
    [0.25, 2049, 512, 3072],
    [0.26, 512, 512, 1024],
    [1, 2048, 1024, 2048],
    [2, 4097, 2048, 5120],
    [1, 31_000, 8192, 32768],
    [16.5, 1024, 32768, 61440],
    [1, 122_881, 32768, 249_856],
    [32, 249_856, 32768, 249_856],
  ])("takes the smallest pair that holds %f vCPUs and %i MiB", (cpu, memory, units, memoryMiB) => {
    expect(choose(cpu, memory)).toEqual({ units, memoryMiB });
  });

  it.each(
    CPU_SIZES.flatMap(({ vcpu, units, memoryMiB }) => memoryMiB.map((mib) => [vcpu, mib, units] as const)),
  )("takes the documented pair %f vCPU and %i MiB as chosen", (vcpu, mib, units) => {
    expect(choose(0.25, 512, vcpu, mib)).toEqual({ units, memoryMiB: mib });
  });

  it("says what is offered, and what to do", () => {
    expect(choose(0.25, 512, 0.25, 3072)).toEqual({
      option: "memory",
      message: "3Gi is not offered with 0.25 vCPU",
      allowed: "512Mi, 1Gi, 2Gi",
      fix: "lower memory, or set cpu: 0.5",
    });
    expect(choose(1, 1024, undefined, 1024)).toMatchObject({ option: "memory", fix: "set memory: 2Gi" });
    expect(choose(1, 1024, 3)).toMatchObject({
      option: "cpu",
      allowed: "0.25, 0.5, 1, 2, 4, 8, 16, 32",
      fix: "set cpu: 4",
    });
    expect(choose(1, 1024, 33)).toMatchObject({ option: "cpu", fix: "lower cpu" });
    expect(isProblem(choose(2, 1024, 1))).toBe(true);
    expect(isProblem(choose(1, 4096, undefined, 2048))).toBe(true);
  });
});

describe("the task's size", () => {
  it("follows resources, and the options above them", () => {
    expect(ecs().task).toMatchObject({ cpu: "1024", memory: "2048" });
    expect(ecs({}, { cpu: 4, memory: "10Gi" }).task).toMatchObject({ cpu: "4096", memory: "10240" });
    expect(ecs({}, { memory: "7Gi" }).task).toMatchObject({ cpu: "1024", memory: "7168" });
  });

  it.each([
    [{ resources: { cpu: 32, memory: "244Gi" } }, {}, []],
    [{ resources: { cpu: 33, memory: "2Gi" } }, {}, ["CPU_LIMIT resources.cpu"]],
    [{ resources: { cpu: 1, memory: "245Gi" } }, {}, ["MEMORY_LIMIT resources.memory"]],
    [{ resources: { cpu: 1, memory: "2Gi", gpu: 1 } }, {}, ["GPU_UNSUPPORTED resources.gpu"]],
    [{ resources: { cpu: 1, memory: "2Gi", storage: "200Gi" } }, {}, []],
    [{ resources: { cpu: 1, memory: "2Gi", storage: "201Gi" } }, {}, ["STORAGE_LIMIT resources.storage"]],
    [{}, { cpu: 0.5 }, ["FARGATE_CPU targets.ecs-fargate.cpu"]],
    [{}, { cpu: 0 }, ["RANGE targets.ecs-fargate.cpu"]],
    [{}, { memory: "1Gi" }, ["FARGATE_MEMORY targets.ecs-fargate.memory"]],
    [{}, { cpu: 1, memory: "9Gi" }, ["FARGATE_MEMORY targets.ecs-fargate.memory"]],
    [{ resources: { cpu: 1, memory: "16Gi" } }, { cpu: 1 }, ["FARGATE_MEMORY resources.memory"]],
    [{}, { tmp: "2Gi" }, ["ECS_TMP targets.ecs-fargate.tmp"]],
    [{}, { tmp: "2047Mi" }, []],
  ])("%j with %j: %j", (changes, options, expected) => {
    expect(findings(changes, options)).toEqual(expected);
  });

  it.each([
    [undefined, undefined],
    ["20Gi", undefined],
    ["20481Mi", { size_in_gib: 21 }],
    ["21Gi", { size_in_gib: 21 }],
    ["199.5Gi", { size_in_gib: 200 }],
  ])("asks for storage of %s as %j", (storage, expected) => {
    const resources = { cpu: 1, memory: "2Gi", ...(storage === undefined ? {} : { storage }) };
    expect(ecs({ resources }).task.ephemeral_storage).toEqual(expected);
  });
});
