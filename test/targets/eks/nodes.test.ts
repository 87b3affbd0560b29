import { ec2Instances } from "../../../modules/aws/instances";
import { GPU_FAMILIES, LIMITS } from "../../../targets/eks/limits";
import { codes, foundation, manifest, resource } from "./support";

const group = (value: ReturnType<typeof manifest>) =>
  resource(foundation(value), "aws_eks_node_group", "eks-nodes");
const template = (value: ReturnType<typeof manifest>) =>
  resource(foundation(value), "aws_launch_template", "eks-nodes-template");
const sized = (cpu: number, memory: string, more: object = {}, options: object = {}) =>
  manifest(options, { resources: { cpu, memory, ...more } });

test("the capabilities are those of the instance catalog", () => {
  const usable = ec2Instances().filter(
    (instance) =>
      instance.accelerators === 0 &&
      (instance.gpus === 0 || GPU_FAMILIES.has(instance.type.split(".")[0] ?? "")),
  );
  expect(LIMITS.cpu.value).toBe(Math.max(...usable.map((i) => i.allocatableCpuMillis)) / 1000);
  expect(LIMITS.memory.value).toBe(Math.max(...usable.map((i) => i.allocatableMemoryMiB)));
  expect(LIMITS.gpus.value).toBe(Math.max(...usable.map((i) => i.gpus)));
});

describe("the chosen instance type", () => {
  test.each([
    [sized(1, "2Gi"), "c5.large", 3],
    [sized(2, "4Gi"), "c5.xlarge", 2],
    [sized(1, "6Gi"), "m5.large", 3],
    [sized(1, "2Gi", { architecture: "arm64" }), "c6g.large", 3],
    [sized(2.5, "12Gi", { gpu: 1 }), "g4dn.xlarge", 2],
    [sized(3, "12Gi", { gpu: 1 }), "g4dn.2xlarge", 2],
    [sized(3, "6Gi", { gpu: 1, architecture: "arm64" }), "g5g.2xlarge", 2],
  ])("%#: is the one whose node group is smallest", (value, type, nodes) => {
    expect([template(value).instance_type, group(value).scaling_config.max_size]).toEqual([type, nodes]);
  });

  test("may be named, and is checked", () => {
    expect(template(manifest({ instanceType: "t3.xlarge" })).instance_type).toBe("t3.xlarge");
    expect(codes(manifest({ instanceType: "m5.enormous" }))).toEqual(["EKS_INSTANCE_TYPE"]);
    expect(codes(manifest({ instanceType: "inf2.xlarge" }))).toEqual(["EKS_INSTANCE_TYPE"]);
    expect(codes(manifest({ instanceType: "g4ad.xlarge" }))).toEqual(["EKS_INSTANCE_TYPE"]);
    expect(codes(sized(2, "4Gi", { gpu: 1 }, { instanceType: "m5.xlarge" }))).toEqual(["EKS_INSTANCE_TYPE"]);
  });

  test("holds a replica beside the add-ons, to the last thousandth of a vCPU", () => {
    // m5.large leaves 1930m; the add-ons of every node take 200m, Container Insights 300m.
    expect(codes(sized(1.43, "2Gi", {}, { instanceType: "m5.large" }))).toEqual([]);
    expect(codes(sized(1.431, "2Gi", {}, { instanceType: "m5.large" }))).toEqual(["EKS_INSTANCE_TOO_SMALL"]);
    expect(codes(sized(1.73, "2Gi", {}, { instanceType: "m5.large", containerInsights: false }))).toEqual([]);
    expect(codes(sized(1.731, "2Gi", {}, { instanceType: "m5.large", containerInsights: false }))).toEqual([
      "EKS_INSTANCE_TOO_SMALL",
    ]);
    // It leaves 6903 MiB; the add-ons take 100 and 160.
    expect(codes(sized(1, "6643Mi", {}, { instanceType: "m5.large" }))).toEqual([]);
    expect(codes(sized(1, "6644Mi", {}, { instanceType: "m5.large" }))).toEqual(["EKS_INSTANCE_TOO_SMALL"]);
  });

  test("has an image that fits it", () => {
    expect(group(manifest()).ami_type).toBe("AL2023_x86_64_STANDARD");
    expect(group(sized(1, "2Gi", { architecture: "arm64" })).ami_type).toBe("AL2023_ARM_64_STANDARD");
    expect(group(sized(3, "12Gi", { gpu: 1 })).ami_type).toBe("BOTTLEROCKET_x86_64_NVIDIA");
    expect(group(sized(3, "6Gi", { gpu: 1, architecture: "arm64" })).ami_type).toBe(
      "BOTTLEROCKET_ARM_64_NVIDIA",
    );
  });
});

describe("the node group", () => {
  test("is as large as the most replicas and a rollout need, for good", () => {
    const fixed = group(manifest({}, { scaling: { min: 1, max: 8 } }));
    expect(fixed.scaling_config.min_size).toBe(fixed.scaling_config.max_size);
    expect(fixed.scaling_config.desired_size).toBe(fixed.scaling_config.max_size);
    expect(fixed.lifecycle).toEqual({ create_before_destroy: true });
  });

  test("leaves the number of nodes to an autoscaler exactly where there is one", () => {
    const moved = group(manifest({ nodeScaling: "autoscaler" }, { scaling: { min: 1, max: 40 } }));
    expect(moved.scaling_config.min_size).toBeLessThan(moved.scaling_config.max_size);
    expect(moved.scaling_config.desired_size).toBe(moved.scaling_config.min_size);
    expect(moved.lifecycle).toEqual({
      create_before_destroy: true,
      ignore_changes: ["scaling_config[0].desired_size"],
    });
  });

  test("grows with the rollout's step", () => {
    const nodes = (step: number) =>
      group(manifest({ instanceType: "c5.large" }, { scaling: { min: 10, max: 10 }, rollout: { step } }))
        .scaling_config.max_size as number;
    // One replica on a node, 11 or 20 of them; one node may be filled by the add-ons' own pods.
    expect([nodes(10), nodes(100)]).toEqual([12, 21]);
  });

  test("has at most 450 nodes", () => {
    const replicas = (min: number) =>
      codes(manifest({ instanceType: "c5.large" }, { scaling: { min }, rollout: { step: 1 } }));
    expect(replicas(444)).toEqual([]);
    expect(replicas(445)).toEqual(["EKS_NODE_COUNT"]);
  });

  test("has another name where its image or its subnets change", () => {
    const name = (value: ReturnType<typeof manifest>) => group(value).node_group_name as string;
    const network = (last: string) => ({
      network: {
        vpcId: "vpc-0a1b2c3d4e5f60718",
        subnetIds: ["subnet-0a1b2c3d4e5f60718", `subnet-0a1b2c3d4e5f6071${last}`],
      },
    });
    const all = [
      name(manifest()),
      name(sized(1, "2Gi", { architecture: "arm64" })),
      name(manifest({}, network("9"))),
      name(manifest({}, network("a"))),
    ];
    expect(new Set(all).size).toBe(all.length);
    expect(name(manifest({ instanceType: "m5.4xlarge" }))).toBe(name(manifest()));
  });
});

describe("the launch template", () => {
  test("keeps pods from the node's credentials, and encrypts the disks", () => {
    expect(template(manifest())).toMatchObject({
      metadata_options: { http_endpoint: "enabled", http_tokens: "required", http_put_response_hop_limit: 1 },
      block_device_mappings: [
        {
          device_name: "/dev/xvda",
          ebs: {
            encrypted: "true",
            kms_key_id: "${aws_kms_alias.key-alias.target_key_arn}",
            volume_size: 50,
            volume_type: "gp3",
          },
        },
      ],
    });
    expect(template(manifest()).vpc_security_group_ids).toBeUndefined();
  });

  test("encrypts both disks of Bottlerocket, and sizes the one with the images", () => {
    const devices = template(sized(3, "12Gi", { gpu: 1 })).block_device_mappings as {
      device_name: string;
      ebs: Record<string, unknown>;
    }[];
    expect(devices.map(({ device_name: name, ebs }) => [name, ebs.encrypted, ebs.volume_size])).toEqual([
      ["/dev/xvda", "true", undefined],
      ["/dev/xvdb", "true", 100],
    ]);
  });

  test("tags what the provider's default tags do not reach", () => {
    const specifications = template(manifest({}, { tags: { team: "risk" } })).tag_specifications as {
      resource_type: string;
      tags: Record<string, string>;
    }[];
    expect(specifications.map(({ resource_type: type }) => type)).toEqual([
      "instance",
      "volume",
      "network-interface",
    ]);
    for (const { tags } of specifications)
      expect(tags).toMatchObject({ team: "risk", "modelport:model": "fraud-scorer" });
  });

  test("adds existing security groups to the cluster's own", () => {
    const securityGroupIds = ["sg-0a1b2c3d4e5f60718"];
    const network = {
      vpcId: "vpc-0a1b2c3d4e5f60718",
      subnetIds: ["subnet-0a1b2c3d4e5f60718", "subnet-0a1b2c3d4e5f60719"],
      securityGroupIds,
    };
    expect(template(manifest({}, { network })).vpc_security_group_ids).toEqual([
      "${aws_eks_cluster.eks-cluster.vpc_config[0].cluster_security_group_id}",
      ...securityGroupIds,
    ]);
  });

  test("has a disk for the scratch space of its replicas", () => {
    const options = { instanceType: "c5.xlarge" };
    const disk = (storage: string, more: object = {}) =>
      template(sized(1, "2Gi", { storage }, { ...options, ...more })).block_device_mappings[0].ebs
        .volume_size as number;
    // Three replicas fit; a tenth of the disk must stay free: 50 + 3 * 30 / 0.9.
    expect(disk("30Gi")).toBe(150);
    expect(disk("30Gi", { nodeDisk: "200Gi" })).toBe(200);
    expect(codes(sized(1, "2Gi", { storage: "30Gi" }, { ...options, nodeDisk: "119Gi" }))).toEqual([
      "EKS_NODE_DISK",
    ]);
    expect(codes(sized(1, "2Gi", { storage: "30Gi" }, { ...options, nodeDisk: "120Gi" }))).toEqual([]);
    expect(codes(sized(1, "2Gi", { storage: "6Ti" }, options))).toEqual(["EKS_NODE_DISK"]);
    expect(codes(manifest({ nodeDisk: "29Gi" }))).toEqual(["RANGE"]);
    expect(codes(manifest({ nodeDisk: "30Gi" }))).toEqual([]);
  });

  test("is granted the key by way of the role of Auto Scaling", () => {
    expect(resource(foundation(manifest()), "aws_kms_grant", "eks-nodes-key-grant")).toMatchObject({
      key_id: "${aws_kms_alias.key-alias.target_key_arn}",
      grantee_principal:
        "arn:aws:iam::${local.account_id}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling",
      operations: [
        "Encrypt",
        "Decrypt",
        "ReEncryptFrom",
        "ReEncryptTo",
        "GenerateDataKey",
        "GenerateDataKeyWithoutPlaintext",
        "DescribeKey",
        "CreateGrant",
      ],
    });
  });
});
