import type { Candidate, Month } from "../../../modules/compare/target-comparison";
import { ec2Instance } from "../../../modules/aws/instances";
import type { Workload } from "../../../modules/workload/workload";
import { alarmMetrics, billedAlarms, expectMonotone } from "../../support/bills";
import { EXAMPLES } from "../../support/examples";
import { always, digits, lines, monthOf, usd, workload } from "../../support/month";
import { type Json, resolve } from "../../support/synth";
import { existing, foundation, manifest, resource, workload as workloadStack } from "./support";

const SECONDS = 730 * 3600;
const QUIET = { observability: { alarms: false, dashboard: false } };
const SCALED = { scaling: { min: 1, max: 8 } };

function sizes(value: Json, asked: Workload = workload(), scalingGiven = true): readonly Candidate[] {
  const [deployment] = resolve({ manifest: value }).deployments;
  if (deployment === undefined) throw new Error("the manifest was refused");
  return deployment.candidates({ workload: asked, scalingGiven }) ?? [];
}

function first(...given: Parameters<typeof sizes>): Candidate {
  const [candidate] = sizes(...given);
  if (candidate === undefined) throw new Error("no candidate");
  return candidate;
}

function replicas({ capacity }: Candidate) {
  if (capacity.kind !== "replicas") throw new Error(`EKS has no ${capacity.kind}`);
  return capacity;
}

/** A month with hours at several numbers of pods. */
function at(hours: readonly (readonly [pods: number, hours: number])[], month: Partial<Month> = {}): Month {
  const average = hours.reduce((sum, [pods, spent]) => sum + pods * spent, 0) / 730;
  return { ...monthOf({}), averageReplicas: average, hoursAtReplicas: new Map(hours), ...month };
}

const typesOf = (value: Json) => sizes(value).map(({ sizing }) => String(sizing.instanceType));

describe("sizes in a created cluster", () => {
  test("are the cheapest node types for 1, 4, 16 and 64 pods", () => {
    // c5.large holds one pod, so that one and a rollout's second need 3 nodes: 3 × 0.096 is below 2 × 0.192 of c5.xlarge.
    expect(typesOf(manifest())).toEqual(["c5.large", "m5.xlarge", "c5.2xlarge", "m5.4xlarge"]);
  });

  test("are the same whatever the range of replicas", () => {
    const small = sizes(manifest({}, { scaling: { min: 1, max: 2 } }));
    const large = sizes(manifest({}, { scaling: { min: 40, max: 400 } }));
    expect(small.map(({ label }) => label)).toEqual(large.map(({ label }) => label));
  });

  test.each<[string, Json]>([
    ["x86_64", {}],
    ["arm64", { resources: { cpu: 1, memory: "2Gi", architecture: "arm64" } }],
  ])("are of %s", (architecture, changes) => {
    const found = typesOf(manifest({}, changes)).map((type) => ec2Instance(type));
    expect(found.length).toBeGreaterThan(1);
    expect(found.filter((one) => one?.architecture !== architecture || one.gpus > 0)).toEqual([]);
  });

  test("have GPUs where a pod needs one", () => {
    const gpu = sizes(manifest({}, { resources: { cpu: 4, memory: "16Gi", gpu: 1 } }));
    expect(gpu.map(({ label }) => label)).toEqual(["pods on g4dn.2xlarge, 1 a node"]);
    // us-east-1 has 0.752; 730 × 0.838 in eu-west-1.
    expect(gpu[0]?.weight).toBeCloseTo(730 * 0.838, 9);
  });

  test("are the given type alone", () => {
    expect(sizes(manifest({ instanceType: "r5.2xlarge" })).map(({ sizing }) => sizing)).toEqual([
      { instanceType: "r5.2xlarge", podsPerNode: 7, vcpu: 1, memoryMiB: 2048, gpus: 0 },
    ]);
  });

  test("none without a service time", () => {
    expect(sizes(manifest(), workload({ serviceTime: null }))).toEqual([]);
  });
});

describe("size in an existing cluster", () => {
  test("is the pods' share of one type", () => {
    const found = sizes(existing());
    expect(found.map(({ label }) => label)).toEqual(["pods with 1 vCPU, 2Gi"]);
    expect(found[0]?.sizing).toMatchObject({ nodesTakenAs: "m5.2xlarge" });
    expect(found[0]?.notes).toContain(
      "The add-ons of the existing cluster and the disks of its nodes are not counted",
    );
  });

  test("of the example sentiment is there", () => {
    const example = EXAMPLES.find(({ name }) => name === "sentiment");
    const { deployments } = resolve({ file: example?.file ?? "", target: "eks", env: "prod" });
    const [found, ...others] =
      deployments[0]?.candidates({ workload: workload({ concurrency: 2 }), scalingGiven: true }) ?? [];
    expect(others).toEqual([]);
    expect(found?.sizing).toMatchObject({ vcpu: 2, memoryMiB: 4096, gpus: 0 });
    expect(found?.capacity).toMatchObject({ slots: 2, scaling: { min: 2, max: 8 } });
  });
});

describe("behaviour", () => {
  test("is that of pods under the autoscaler", () => {
    const asked = workload({ concurrency: 4, serviceTime: always(45) });
    expect(replicas(first(existing({}, SCALED), asked))).toEqual({
      kind: "replicas",
      slots: 4,
      serviceTime: always(45),
      overheadMs: 0,
      // A minute for the pod, 30 s of the server by default.
      startupSeconds: 90,
      scaling: {
        algorithm: "horizontal-pod-autoscaler",
        min: 1,
        max: 8,
        policies: [expect.objectContaining({ type: "target-tracking", metric: "cpu", target: 70 })],
        metricPeriodSeconds: 15,
        scaleOutPeriods: 1,
        // Five minutes of stabilization.
        scaleInPeriods: 20,
        metricDelaySeconds: 15,
        cpu: { perReplica: 1, perRequest: 0.25 },
        memoryPercent: 100,
      },
      patienceSeconds: null,
    });
  });

  test("a pod that needs a new node takes longer, with a GPU longest", () => {
    const gpu = { resources: { cpu: 4, memory: "16Gi", gpu: 1 } };
    const startup = (...given: Parameters<typeof manifest>) =>
      replicas(first(manifest(...given))).startupSeconds;
    expect(startup({}, SCALED)).toBe(90);
    expect(startup({ nodeScaling: "autoscaler" }, SCALED)).toBe(330);
    expect(startup({ nodeScaling: "autoscaler" }, { ...gpu, ...SCALED })).toBe(930);
  });

  test("without a range has the target's own policy only where compare finds the numbers", () => {
    expect(replicas(first(existing(), workload(), true)).scaling.policies).toEqual([]);
    expect(replicas(first(existing(), workload(), false)).scaling.policies).toHaveLength(1);
  });
});

describe("bill", () => {
  test("of a created cluster with fixed nodes", () => {
    const value = manifest({ instanceType: "m5.xlarge" }, { ...QUIET, ...SCALED });
    const charges = first(value).bill(
      at(
        [
          [1, 365],
          [3, 365],
        ],
        { requests: 10_000_000, busySeconds: 1_000_000 },
      ),
    );
    expect(lines(charges)).toEqual([
      ["EKS control plane", "eks/cluster", 730],
      // 8 pods and 2 of a rollout: 4 nodes of 3 pods, one of which the add-ons may take.
      ["m5.xlarge nodes", "ec2/instance/m5.xlarge", 4 * 730],
      ["disks of the nodes", "ebs/gp3", 4 * 50],
    ]);
    const group = resource(foundation(value), "aws_eks_node_group", "eks-nodes");
    expect(group.scaling_config).toEqual({ min_size: 4, max_size: 4, desired_size: 4 });
    // 4 nodes of 3 pods could work all month.
    expect(charges[1]?.used).toBeCloseTo(1_000_000 / (4 * 3 * SECONDS), 12);
    // eu-west-1: 730 × 0.1 = 73; 2920 × 0.214 = 624.88; 200 × 0.088 = 17.6.
    expect(usd(charges, "eu-west-1")).toBeCloseTo(73 + 624.88 + 17.6, 6);
  });

  test("of nodes that follow the pods", () => {
    const value = manifest(
      { instanceType: "m5.xlarge", nodeScaling: "autoscaler", nodeDisk: "80Gi" },
      { ...QUIET, ...SCALED },
    );
    const charges = first(value).bill(
      at([
        [1, 365],
        [8, 365],
      ]),
    );
    expect(lines(charges).slice(1)).toEqual([
      // 2 nodes at least; 8 pods need 3 nodes of 3 pods, of which the add-ons may take one.
      ["m5.xlarge nodes", "ec2/instance/m5.xlarge", (2 + 3) * 365],
      ["disks of the nodes", "ebs/gp3", 2.5 * 80],
    ]);
  });

  test("of fixed nodes goes by the most pods that were seen where compare chooses their number", () => {
    const nodes = (scalingGiven: boolean) =>
      lines(
        first(manifest({ instanceType: "m5.xlarge" }, QUIET), workload(), scalingGiven).bill(
          at([
            [1, 700],
            [8, 30],
          ]),
        ),
      )[1];
    expect(nodes(false)).toEqual(["m5.xlarge nodes", "ec2/instance/m5.xlarge", 4 * 730]);
    // One pod, and one of a rollout.
    expect(nodes(true)).toEqual(["m5.xlarge nodes", "ec2/instance/m5.xlarge", 2 * 730]);
  });

  test("of an existing cluster is a share of nodes", () => {
    const charges = first(existing({}, QUIET)).bill(at([[3, 730]], { busySeconds: SECONDS }));
    // m5.2xlarge leaves 7,910 thousandths of a vCPU to pods, of which the network add-ons take 200.
    expect(lines(charges)).toEqual([
      ["share of m5.2xlarge nodes", "ec2/instance/m5.2xlarge", digits((3 * 730 * 1000) / (7910 - 200))],
    ]);
    expect(ec2Instance("m5.2xlarge")?.allocatableCpuMillis).toBe(7910);
    expect(charges[0]?.used).toBeCloseTo(1 / 3, 12);
    // 2190 / 7.71 × 0.428 in eu-west-1.
    expect(usd(charges, "eu-west-1")).toBeCloseTo((2190 / 7.71) * 0.428, 6);
  });

  test.each<[string, Json]>([
    ["a created cluster", manifest()],
    ["a created cluster with a range", manifest({}, SCALED)],
    ["a created cluster without Container Insights", manifest({ containerInsights: false })],
    ["an existing cluster", existing()],
    ["an existing cluster with Container Insights", existing({ containerInsights: true }, SCALED)],
    ["nothing, where there are no alarms", manifest({}, { observability: { alarms: false } })],
  ])("counts the alarms of %s", (_name, value) => {
    expect(billedAlarms(first(value), monthOf({}))).toEqual({
      stack: alarmMetrics(workloadStack(value)),
      // Kubernetes scales without CloudWatch.
      tracking: 0,
    });
  });

  test.each<[string, Json, boolean]>([
    ["a created cluster with fixed nodes", manifest({}, SCALED), true],
    ["fixed nodes for pods that compare chooses", manifest(), false],
    ["nodes that follow", manifest({ nodeScaling: "autoscaler" }, { scaling: { min: 1, max: 60 } }), true],
    ["an existing cluster", existing({}, SCALED), true],
  ])("of %s grows with the load in every line", (_name, value, scalingGiven) => {
    for (const candidate of sizes(value, workload(), scalingGiven)) {
      expectMonotone(candidate, (rate) => {
        const pods = Math.ceil(rate / 50) + 1;
        return at(
          [
            [pods, 600],
            [pods + 2, 130],
          ],
          { requests: rate * SECONDS, busySeconds: rate * SECONDS * 0.02 },
        );
      });
    }
  });
});
