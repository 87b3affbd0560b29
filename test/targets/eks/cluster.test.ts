import {
  codes,
  existing,
  foundation,
  manifest,
  names,
  policyOf,
  resource,
  stacks,
  trustOf,
  workload,
} from "./support";

const ADMIN = "arn:aws:iam::123456789012:role/platform";
const ACCOUNT = "${local.account_id}";

describe("a created cluster", () => {
  const stack = foundation(manifest());
  const cluster = resource(stack, "aws_eks_cluster", "eks-cluster");

  test("is private, logged, encrypted, and in standard support", () => {
    expect(cluster).toMatchObject({
      name: "fraud-scorer-default-eks",
      version: "1.35",
      deletion_protection: true,
      bootstrap_self_managed_addons: false,
      enabled_cluster_log_types: ["api", "audit", "authenticator", "controllerManager", "scheduler"],
      upgrade_policy: { support_type: "STANDARD" },
      encryption_config: {
        resources: ["secrets"],
        provider: { key_arn: "${aws_kms_alias.key-alias.target_key_arn}" },
      },
      vpc_config: { endpoint_private_access: true, endpoint_public_access: false },
    });
    expect(cluster.vpc_config.public_access_cidrs).toBeUndefined();
    expect(cluster.depends_on).toContain("aws_cloudwatch_log_group.eks-control-plane-logs");
  });

  test("has a log group of the name that EKS writes to", () => {
    expect(resource(stack, "aws_cloudwatch_log_group", "eks-control-plane-logs")).toMatchObject({
      name: "/aws/eks/fraud-scorer-default-eks/cluster",
      retention_in_days: 365,
      kms_key_id: "${aws_kms_alias.key-alias.target_key_arn}",
    });
  });

  test("makes its creator the administrator, and a later change of that replaces nothing", () => {
    expect(cluster.access_config).toEqual({
      authentication_mode: "API",
      bootstrap_cluster_creator_admin_permissions: true,
    });
    expect(cluster.lifecycle).toEqual({
      ignore_changes: ["access_config[0].bootstrap_cluster_creator_admin_permissions"],
    });
    expect(names(stack, "aws_eks_access_entry")).toEqual([]);
  });

  test("has named administrators instead where there are some, each once", () => {
    const named = foundation(manifest({ adminRoleArns: [ADMIN, ADMIN] }));
    expect(
      resource(named, "aws_eks_cluster", "eks-cluster").access_config
        .bootstrap_cluster_creator_admin_permissions,
    ).toBe(false);
    const [entry = ""] = names(named, "aws_eks_access_entry");
    expect(names(named, "aws_eks_access_entry")).toHaveLength(1);
    expect(resource(named, "aws_eks_access_entry", entry)).toMatchObject({
      principal_arn: ADMIN,
      type: "STANDARD",
    });
    const [association = ""] = names(named, "aws_eks_access_policy_association");
    expect(resource(named, "aws_eks_access_policy_association", association)).toMatchObject({
      policy_arn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
      access_scope: { type: "cluster" },
    });
  });

  test("trusts its roles to EKS, nodes and single service accounts", () => {
    expect(trustOf(stack, "eks-cluster-role").Statement).toEqual([
      {
        Sid: "Assume",
        Effect: "Allow",
        Principal: { Service: "eks.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: {
          StringEquals: { "aws:SourceAccount": ACCOUNT },
          ArnLike: { "aws:SourceArn": `arn:aws:eks:eu-west-1:${ACCOUNT}:cluster/fraud-scorer-default-eks` },
        },
      },
    ]);
    expect(trustOf(stack, "eks-node-role").Statement[0].Principal).toEqual({ Service: "ec2.amazonaws.com" });
    expect(trustOf(stack, "eks-cni-role").Statement[0]).toMatchObject({
      Principal: { Service: "pods.eks.amazonaws.com" },
      Action: ["sts:AssumeRole", "sts:TagSession"],
      Condition: {
        StringEquals: {
          "aws:SourceAccount": ACCOUNT,
          "aws:RequestTag/eks-cluster-name": "fraud-scorer-default-eks",
          "aws:RequestTag/kubernetes-namespace": "kube-system",
          "aws:RequestTag/kubernetes-service-account": "aws-node",
        },
      },
    });
  });

  test("gives its roles the documented least, and no more", () => {
    const attached = names(stack, "aws_iam_role_policy_attachment").map(
      (name) => resource(stack, "aws_iam_role_policy_attachment", name).policy_arn as string,
    );
    expect(attached.sort()).toEqual([
      "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly",
      "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy",
      "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
      "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy",
    ]);
    expect(policyOf(stack, "eks-cluster-role-policy").Statement).toEqual([
      {
        Sid: "KubernetesSecrets",
        Effect: "Allow",
        Action: ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:ListGrants"],
        Resource: "${aws_kms_alias.key-alias.target_key_arn}",
      },
    ]);
    const group = (name: string) => `\${aws_cloudwatch_log_group.eks-insights-${name}-logs.arn}`;
    expect(policyOf(stack, "eks-insights-role-policy").Statement).toEqual([
      {
        Sid: "Logs",
        Effect: "Allow",
        Action: [
          "logs:CreateLogGroup",
          "logs:CreateLogStream",
          "logs:DescribeLogStreams",
          "logs:PutLogEvents",
        ],
        Resource: ["application", "dataplane", "host", "performance"].flatMap((name) => [
          group(name),
          `${group(name)}:*`,
        ]),
      },
      {
        Sid: "Metrics",
        Effect: "Allow",
        Action: "cloudwatch:PutMetricData",
        Resource: "*",
        Condition: { StringEquals: { "cloudwatch:namespace": "ContainerInsights" } },
      },
      {
        Sid: "DescribeNodes",
        Effect: "Allow",
        Action: ["ec2:DescribeInstances", "ec2:DescribeTags", "ec2:DescribeVolumes"],
        Resource: "*",
        Condition: { StringEquals: { "aws:RequestedRegion": "eu-west-1" } },
      },
    ]);
  });

  test("holds every role to the permissions boundary", () => {
    const boundary = "arn:aws:iam::123456789012:policy/boundary";
    const bounded = stacks(manifest({}, { security: { permissionsBoundaryArn: boundary } }));
    for (const component of ["foundation", "eks"]) {
      const bound = bounded.stack(component);
      for (const name of names(bound, "aws_iam_role"))
        expect(resource(bound, "aws_iam_role", name).permissions_boundary).toBe(boundary);
    }
  });

  test("installs the network add-ons before the nodes, and the others after", () => {
    const dependsOn = (type: string, name: string) => resource(stack, type, name).depends_on as string[];
    expect(dependsOn("aws_eks_addon", "eks-addon-vpc-cni")).toContain(
      "aws_eks_addon.eks-addon-eks-pod-identity-agent",
    );
    for (const name of ["vpc-cni", "kube-proxy", "eks-pod-identity-agent"])
      expect(dependsOn("aws_eks_node_group", "eks-nodes")).toContain(`aws_eks_addon.eks-addon-${name}`);
    for (const name of ["coredns", "metrics-server", "amazon-cloudwatch-observability"])
      expect(dependsOn("aws_eks_addon", `eks-addon-${name}`)).toContain("aws_eks_node_group.eks-nodes");
    expect(resource(stack, "aws_eks_addon", "eks-addon-vpc-cni").configuration_values).toBe(
      '{"enableNetworkPolicy":"true"}',
    );
  });

  test("does without Container Insights where the options say so", () => {
    const plain = foundation(manifest({ containerInsights: false }));
    expect(names(plain, "aws_eks_addon")).not.toContain("eks-addon-amazon-cloudwatch-observability");
    expect(names(plain, "aws_cloudwatch_log_group")).not.toContain("eks-insights-application-logs");
    expect(names(plain, "aws_vpc_endpoint")).not.toContain("endpoint-logs");
  });

  test("gets the endpoints that nodes without internet access need", () => {
    expect(names(stack, "aws_vpc_endpoint")).toEqual([
      "endpoint-ec2",
      "endpoint-ecr-api",
      "endpoint-ecr-dkr",
      "endpoint-eks",
      "endpoint-eks-auth",
      "endpoint-logs",
      "endpoint-s3",
    ]);
    const secrets = manifest(
      { nodeScaling: "autoscaler" },
      {
        model: {
          ...(manifest().model as object),
          secrets: {
            A: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AbCdEf",
            B: "arn:aws:ssm:eu-west-1:123456789012:parameter/b",
          },
        },
      },
    );
    expect(names(foundation(secrets), "aws_vpc_endpoint")).toEqual(
      expect.arrayContaining(["endpoint-autoscaling", "endpoint-secretsmanager", "endpoint-ssm"]),
    );
  });

  test("lies in its own state, which the workload reads", () => {
    const { stacks: all } = stacks(manifest());
    expect(Object.keys(all).sort()).toEqual(["fraud-scorer-default-eks", "fraud-scorer-default-foundation"]);
    expect(workload(manifest()).provider.kubernetes).toEqual([
      {
        host: "${data.terraform_remote_state.foundation.outputs.eks_endpoint}",
        cluster_ca_certificate:
          "${base64decode(data.terraform_remote_state.foundation.outputs.eks_certificate_authority)}",
        exec: [
          {
            api_version: "client.authentication.k8s.io/v1beta1",
            command: "aws",
            args: [
              "eks",
              "get-token",
              "--cluster-name",
              "fraud-scorer-default-eks",
              "--region",
              "eu-west-1",
              "--output",
              "json",
            ],
          },
        ],
      },
    ]);
  });

  test("follows every option", () => {
    const changed = foundation(
      manifest(
        { version: "1.36", publicAccessCidrs: ["203.0.113.0/24"], autoScalingServiceRole: "create" },
        { security: { deletionProtection: false } },
      ),
    );
    expect(resource(changed, "aws_eks_cluster", "eks-cluster")).toMatchObject({
      version: "1.36",
      deletion_protection: false,
      vpc_config: { endpoint_public_access: true, public_access_cidrs: ["203.0.113.0/24"] },
    });
    expect(resource(changed, "aws_iam_service_linked_role", "eks-auto-scaling-role").aws_service_name).toBe(
      "autoscaling.amazonaws.com",
    );
    expect(resource(changed, "aws_kms_grant", "eks-nodes-key-grant").depends_on).toEqual([
      "aws_iam_service_linked_role.eks-auto-scaling-role",
    ]);
  });

  test("runs in China under the names that services have there", () => {
    const china = foundation(
      manifest(
        {},
        {
          region: "cn-north-1",
          model: { image: `123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/fraud@sha256:${"a".repeat(64)}` },
        },
      ),
    );
    expect(trustOf(china, "eks-node-role").Statement[0].Principal).toEqual({
      Service: "ec2.amazonaws.com.cn",
    });
    expect(resource(china, "aws_kms_grant", "eks-nodes-key-grant").grantee_principal).toMatch(
      /^arn:aws-cn:iam::/,
    );
  });
});

describe("an existing cluster", () => {
  test("adds nothing of its own to the foundation, and is reached by the kubeconfig", () => {
    const { stacks: all } = stacks(existing());
    expect(names(all["fraud-scorer-default-foundation"] ?? {}, "aws_eks_cluster")).toEqual([]);
    expect(names(all["fraud-scorer-default-foundation"] ?? {}, "aws_vpc")).toEqual([]);
    expect(workload(existing()).provider.kubernetes).toEqual([
      { config_path: "~/.kube/config", config_context: "arn:aws:eks:eu-west-1:123456789012:cluster/shared" },
    ]);
    expect(
      workload(manifest({ cluster: "shared", kubeconfig: { path: "./ci", context: "team" } })).provider
        .kubernetes,
    ).toEqual([{ config_path: "./ci", config_context: "team" }]);
  });

  test("is reached by its endpoint, whose certificate never becomes an expression", () => {
    const certificateAuthority = Buffer.from('-----BEGIN CERTIFICATE-----\n${file("/etc/passwd")}').toString(
      "base64",
    );
    const endpoint = "https://0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com";
    const [provider] = workload(manifest({ cluster: "shared", endpoint, certificateAuthority })).provider
      .kubernetes as [Record<string, unknown>];
    expect(provider.host).toBe(endpoint);
    expect(provider.cluster_ca_certificate).toBe(`\${base64decode("${certificateAuthority}")}`);
  });

  test("needs the endpoint and its certificate together, and one way only", () => {
    const endpoint = "https://abc.eks.amazonaws.com";
    expect(codes(existing({ endpoint }))).toEqual(["TOGETHER"]);
    const certificateAuthority = Buffer.from("-----BEGIN CERTIFICATE-----\nabc").toString("base64");
    expect(codes(existing({ certificateAuthority }))).toEqual(["TOGETHER"]);
    expect(codes(existing({ endpoint, certificateAuthority, kubeconfig: {} }))).toEqual([
      "EKS_CLUSTER_OPTION",
    ]);
    expect(codes(existing({ endpoint, certificateAuthority: "abcd" }))).toContain("FORMAT");
  });

  test.each([
    ["version", "1.35"],
    ["adminRoleArns", [ADMIN]],
    ["publicAccessCidrs", ["203.0.113.0/24"]],
    ["instanceType", "m5.xlarge"],
    ["nodeScaling", "fixed"],
    ["nodeDisk", "50Gi"],
    ["autoScalingServiceRole", "existing"],
  ])("refuses %s, which describes a cluster to create", (name, value) => {
    expect(codes(existing({ [name]: value }))).toEqual(["EKS_CLUSTER_OPTION"]);
  });
});

describe("rules of a created cluster", () => {
  test.each([
    ["0.0.0.0/0", true],
    ["8.0.0.0/7", true],
    ["8.0.0.0/8", false],
    ["10.1.0.0/16", true],
    ["172.31.0.0/16", true],
    ["172.32.0.0/16", false],
    ["192.168.1.0/24", true],
    ["100.64.0.0/10", true],
    ["203.0.113.7/24", true],
    ["203.0.113.7/32", false],
    ["203.0.113.7/33", true],
    ["256.0.0.0/8", true],
  ])("opens the API server to %s: refused %s", (cidr, refused) => {
    expect(codes(manifest({ publicAccessCidrs: [cidr] }))).toEqual(refused ? ["EKS_ENDPOINT_CIDR"] : []);
  });

  test("refuses releases out of standard support", () => {
    expect(codes(manifest({ version: "1.33" }))).toEqual(["CHOICE"]);
    expect(codes(manifest({ version: "1.34" }))).toEqual([]);
  });

  test("refuses administrators of another account or partition", () => {
    expect(codes(manifest({ adminRoleArns: ["arn:aws-cn:iam::123456789012:role/a"] }))).toEqual([
      "ARN_MISMATCH",
    ]);
    expect(
      codes(manifest({ adminRoleArns: ["arn:aws:iam::210987654321:role/a"] }, { account: "123456789012" })),
    ).toEqual(["ARN_MISMATCH"]);
  });

  test("refuses the way to an existing cluster", () => {
    expect(codes(manifest({ kubeconfig: {} }))).toEqual(["EKS_CLUSTER_OPTION"]);
  });

  test("uses existing subnets, at least two", () => {
    const network = (subnetIds: string[]) =>
      manifest({}, { network: { vpcId: "vpc-0a1b2c3d4e5f60718", subnetIds } });
    expect(codes(network(["subnet-0a1b2c3d4e5f60718"]))).toEqual(["EKS_SUBNETS"]);
    const two = ["subnet-0a1b2c3d4e5f60718", "subnet-0a1b2c3d4e5f60719"];
    const stack = foundation(network(two));
    expect(resource(stack, "aws_eks_cluster", "eks-cluster").vpc_config.subnet_ids).toEqual(two);
    expect(resource(stack, "aws_eks_node_group", "eks-nodes").subnet_ids).toEqual(two);
  });

  test("cuts long names at the limits of AWS", () => {
    const long = manifest({}, { name: `a${"b".repeat(30)}c`, environments: { "production-eu-10": {} } });
    const { stacks: all } = stacks({ ...long });
    const stack = Object.entries(all).find(([name]) => name.endsWith("foundation"))?.[1] ?? {};
    for (const name of names(stack, "aws_iam_role"))
      expect((resource(stack, "aws_iam_role", name).name as string).length).toBeLessThanOrEqual(64);
    expect(
      (resource(stack, "aws_eks_node_group", "eks-nodes").node_group_name as string).length,
    ).toBeLessThanOrEqual(63);
  });
});
