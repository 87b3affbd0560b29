import { ec2InstancesSource } from "../../modules/aws/ec2-catalog";
import type * as instances from "../../modules/aws/instances";
import {
  ec2Instance,
  ec2Instances,
  sageMakerInstance,
  sageMakerInstances,
  sageMakerInstancesSource,
} from "../../modules/aws/instances";

describe("SageMaker instance types", () => {
  test("277 for hosting, 116 of them for batch transform", () => {
    const all = sageMakerInstances();
    expect(all).toHaveLength(277);
    expect(all.filter((instance) => instance.hosting)).toHaveLength(277);
    expect(all.filter((instance) => instance.transform)).toHaveLength(116);
    expect(new Set(all.map((instance) => instance.type)).size).toBe(277);
  });

  test("ml.m5.xlarge: 4 vCPU, 16 GiB, no GPU, no local disk", () => {
    expect(sageMakerInstance("ml.m5.xlarge")).toEqual({
      type: "ml.m5.xlarge",
      hosting: true,
      transform: true,
      architecture: "x86_64",
      vcpu: 4,
      memoryGiB: 16,
      gpus: 0,
      accelerators: 0,
      localNvmeGb: 0,
    });
  });

  test("ml.g5.xlarge: one A10G and a local disk", () => {
    expect(sageMakerInstance("ml.g5.xlarge")).toEqual({
      type: "ml.g5.xlarge",
      hosting: true,
      transform: true,
      architecture: "x86_64",
      vcpu: 4,
      memoryGiB: 16,
      gpus: 1,
      gpuName: "a10g",
      gpuMemoryMiB: 22888,
      accelerators: 0,
      localNvmeGb: 250,
    });
  });

  test.each([
    ["ml.p2.xlarge", { gpus: 1, gpuName: "k80", gpuMemoryMiB: 12288 }],
    ["ml.p3.2xlarge", { gpus: 1, gpuName: "v100", gpuMemoryMiB: 16384 }],
    ["ml.p4d.24xlarge", { gpus: 8, gpuName: "a100", gpuMemoryMiB: 40960, localNvmeGb: 8000 }],
    ["ml.p6e-gb200.36xlarge", { architecture: "arm64", vcpu: 144, memoryGiB: 960, gpus: 4 }],
    ["ml.inf2.xlarge", { gpus: 0, accelerators: 1, acceleratorName: "inferentia2", transform: true }],
    ["ml.dl1.24xlarge", { gpus: 0, accelerators: 8, acceleratorName: "gaudi", transform: false }],
    ["ml.c4.large", { hosting: true, transform: false, memoryGiB: 3.75 }],
    ["ml.m5d.xlarge", { localNvmeGb: 150 }],
  ])("%s", (type, expected) => expect(sageMakerInstance(type)).toMatchObject(expected));

  test("batch transform takes neither Graviton nor p4 and later", () => {
    const batch = sageMakerInstances().filter((instance) => instance.transform);
    expect(batch.filter((instance) => instance.architecture === "arm64")).toEqual([]);
    expect(batch.filter((instance) => /^ml\.p[4-9]/.test(instance.type))).toEqual([]);
    for (const type of ["ml.p4d.24xlarge", "ml.m6g.xlarge", "ml.c7g.large", "ml.t2.medium"])
      expect(sageMakerInstance(type)).toMatchObject({ hosting: true, transform: false });
  });

  test.each([
    "ml.t3.medium",
    "ml.t3.xlarge",
    "m5.xlarge",
    "ML.M5.XLARGE",
    "ml.m5.xlarge ",
    "",
    "__proto__",
    "toString",
  ])("%j hosts nothing", (type) => expect(sageMakerInstance(type)).toBeUndefined());

  test.each(sageMakerInstances().map((instance) => [instance.type, instance] as const))(
    "%s is complete",
    (type, instance) => {
      expect(type).toMatch(/^ml\.[a-z0-9-]+\.([0-9]+x|x)?(medium|large)$/);
      expect(instance.vcpu).toBeGreaterThanOrEqual(1);
      expect(instance.memoryGiB).toBeGreaterThanOrEqual(2);
      expect(instance.gpus > 0).toBe(instance.gpuName !== undefined);
      expect(instance.gpus > 0).toBe((instance.gpuMemoryMiB ?? 0) > 0);
      expect(instance.accelerators > 0).toBe(instance.acceleratorName !== undefined);
      expect(instance.architecture).toBe(/^ml\.([cmr][6-9]g|p6e)/.test(type) ? "arm64" : "x86_64");
      if (/^ml\.[cmr]\d+g?d\./.test(type)) expect(instance.localNvmeGb).toBeGreaterThan(0);
    },
  );
});

describe("EC2 instance types", () => {
  test("m5.xlarge leaves room for the kubelet", () => {
    expect(ec2Instance("m5.xlarge")).toEqual({
      type: "m5.xlarge",
      architecture: "x86_64",
      vcpu: 4,
      memoryMiB: 16384,
      gpus: 0,
      accelerators: 0,
      localNvmeGb: 0,
      allocatableCpuMillis: 3920,
      allocatableMemoryMiB: 14162,
      maxPods: 58,
    });
  });

  test.each([
    ["g5.xlarge", { gpus: 1, gpuName: "a10g", gpuMemoryMiB: 22888, localNvmeGb: 250, maxPods: 58 }],
    ["g6f.large", { gpus: 0.125, gpuName: "l4", gpuMemoryMiB: 2861 }],
    ["p5.48xlarge", { gpus: 8, gpuName: "h100" }],
    ["inf2.xlarge", { accelerators: 1, acceleratorName: "inferentia2" }],
    ["trn1.32xlarge", { accelerators: 16, acceleratorName: "trainium" }],
    ["t4g.small", { architecture: "arm64", vcpu: 2, memoryMiB: 2048 }],
    ["m7g.large", { architecture: "arm64", vcpu: 2, memoryMiB: 8192 }],
  ])("%s", (type, expected) => expect(ec2Instance(type)).toMatchObject(expected));

  test.each([
    "m5.metal",
    "m7i.metal-24xl",
    "t2.micro",
    "m3.large",
    "x1.16xlarge",
    "p3dn.24xlarge",
    "ml.m5.xlarge",
    "",
  ])("%j is not kept", (type) => expect(ec2Instance(type)).toBeUndefined());

  test("each of them is complete, and gives pods less than the machine has", () => {
    const all = ec2Instances();
    expect(all).toHaveLength(994);
    const wrong = all.filter(
      (instance) =>
        !(instance.vcpu >= 1) ||
        !(instance.allocatableCpuMillis > 0 && instance.allocatableCpuMillis < instance.vcpu * 1000) ||
        !(instance.allocatableMemoryMiB > 0 && instance.allocatableMemoryMiB < instance.memoryMiB) ||
        !(instance.maxPods >= 4) ||
        instance.gpus > 0 !== (instance.gpuName !== undefined) ||
        instance.accelerators > 0 !== (instance.acceleratorName !== undefined),
    );
    expect(wrong.map((instance) => instance.type)).toEqual([]);
  });

  test("a SageMaker type has the hardware of the EC2 type of its name", () => {
    const differing = sageMakerInstances().filter((instance) => {
      const ec2 = ec2Instance(instance.type.slice("ml.".length));
      return (
        ec2 !== undefined &&
        (ec2.vcpu !== instance.vcpu ||
          ec2.memoryMiB !== instance.memoryGiB * 1024 ||
          ec2.gpus !== instance.gpus ||
          ec2.localNvmeGb !== instance.localNvmeGb ||
          ec2.architecture !== instance.architecture)
      );
    });
    expect(differing.map((instance) => instance.type)).toEqual([]);
  });

  test("its table is not loaded for SageMaker's sake", () => {
    jest.isolateModules(() => {
      let loaded = false;
      jest.doMock("../../modules/aws/ec2-catalog", () => {
        loaded = true;
        return { ec2ByType: new Map(), ec2List: [] };
      });
      const fresh = jest.requireActual<typeof instances>("../../modules/aws/instances");
      expect(fresh.sageMakerInstance("ml.m5.xlarge")).toBeDefined();
      expect(loaded).toBe(false);
      expect(fresh.ec2Instance("m5.xlarge")).toBeUndefined();
      expect(loaded).toBe(true);
      jest.dontMock("../../modules/aws/ec2-catalog");
    });
  });
});

test("both tables name source and date", () => {
  for (const origin of [sageMakerInstancesSource, ec2InstancesSource]) {
    expect(origin.source).not.toBe("");
    expect(origin.asOf).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  }
});
