import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import { endpointServiceName } from "../../modules/foundation/endpoint-services";
import { FoundationStack } from "../../modules/foundation/foundation-stack";
import { NO_NEEDS, type NetworkNeeds } from "../../modules/foundation/needs";
import { seal } from "../../modules/stack/seal";
import { localState } from "../../modules/stack/state";
import { manifestSchema } from "../../modules/manifest/schema";
import { planEnvironment } from "../../modules/plan/environment-plan";
import { baseManifest, issues, type Json, only } from "../support/synth";

function foundation(network: Json = {}, needs: Partial<NetworkNeeds> = {}, rest: Json = {}): Json {
  const manifest = manifestSchema.parse(baseManifest({ network, ...rest }));
  const { plan } = planEnvironment(manifest, {
    environment: "default",
    directory: process.cwd(),
    imageDigest: null,
    digestFiles: false,
  });
  if (plan === null) throw new Error("no plan");
  const outdir = mkdtempSync(join(tmpdir(), "modelport-"));
  try {
    const app = new App({ outdir });
    new FoundationStack(app, {
      plan: seal(plan),
      needs: { ...NO_NEEDS, key: true, network: { endpoints: [], public: false, ...needs } },
      state: localState(),
      foreign: [],
      own: [],
    });
    app.synth();
    const file = join(outdir, "stacks", "fraud-scorer-default-foundation", "cdk.tf.json");
    return JSON.parse(readFileSync(file, "utf8")) as Json;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

const resources = (stack: Json, type: string): Readonly<Record<string, Readonly<Record<string, unknown>>>> =>
  (stack.resource as Readonly<Record<string, ReturnType<typeof resources> | undefined>>)[type] ?? {};

const all = (stack: Json, type: string) => Object.values(resources(stack, type));

const outputs = (stack: Json) =>
  stack.output as Readonly<Record<string, { readonly value: unknown } | undefined>>;

describe("createNetwork", () => {
  const plain = foundation({}, { endpoints: ["logs", "ecr.dkr", "ecr.api", "s3", "logs"] });

  it("creates a VPC in which names of AWS services resolve", () => {
    expect(only(plain, "aws_vpc")).toMatchObject({
      cidr_block: "10.0.0.0/16",
      enable_dns_support: true,
      enable_dns_hostnames: true,
      tags: { Name: "fraud-scorer-default" },
    });
  });

  it("puts private subnets into two zones that every account has", () => {
    const subnets = all(plain, "aws_subnet");
    expect(subnets.map(({ availability_zone_id }) => availability_zone_id)).toEqual(["euw1-az1", "euw1-az2"]);
    expect(subnets.map(({ cidr_block }) => cidr_block)).toEqual(["10.0.0.0/19", "10.0.32.0/19"]);
    expect(subnets.map(({ map_public_ip_on_launch }) => map_public_ip_on_launch)).toEqual([false, false]);
    expect(subnets.map(({ tags }) => tags)).toEqual([
      { Name: "fraud-scorer-default-private-euw1-az1", "kubernetes.io/role/internal-elb": "1" },
      { Name: "fraud-scorer-default-private-euw1-az2", "kubernetes.io/role/internal-elb": "1" },
    ]);
    expect(all(plain, "aws_route_table_association")).toHaveLength(2);
  });

  it("closes the default security group", () => {
    expect(only(plain, "aws_default_security_group")).toEqual({
      "//": expect.anything() as unknown,
      vpc_id: "${aws_vpc.vpc.id}",
      tags: { Name: "fraud-scorer-default-default-closed" },
    });
  });

  it("has no way to or from the internet by default", () => {
    for (const type of ["aws_internet_gateway", "aws_nat_gateway", "aws_eip", "aws_route"]) {
      expect(all(plain, type)).toEqual([]);
    }
    expect(outputs(plain).public_subnet_ids).toBeUndefined();
    expect(outputs(plain).private_subnet_ids?.value).toEqual([
      "${aws_subnet.private-subnet-1.id}",
      "${aws_subnet.private-subnet-2.id}",
    ]);
  });

  it("creates each endpoint once, S3's as a gateway, the others for HTTPS from the network only", () => {
    const endpoints = resources(plain, "aws_vpc_endpoint");
    expect(Object.keys(endpoints)).toEqual([
      "endpoint-ecr-api",
      "endpoint-ecr-dkr",
      "endpoint-logs",
      "endpoint-s3",
    ]);
    expect(endpoints["endpoint-s3"]).toMatchObject({
      service_name: "com.amazonaws.eu-west-1.s3",
      vpc_endpoint_type: "Gateway",
      route_table_ids: ["${aws_route_table.private-routes-1.id}", "${aws_route_table.private-routes-2.id}"],
    });
    expect(endpoints["endpoint-ecr-api"]).toMatchObject({
      service_name: "com.amazonaws.eu-west-1.ecr.api",
      vpc_endpoint_type: "Interface",
      private_dns_enabled: true,
      subnet_ids: ["${aws_subnet.private-subnet-1.id}", "${aws_subnet.private-subnet-2.id}"],
      security_group_ids: ["${aws_security_group.endpoints-security-group.id}"],
    });
    expect(only(plain, "aws_vpc_security_group_ingress_rule")).toMatchObject({
      security_group_id: "${aws_security_group.endpoints-security-group.id}",
      cidr_ipv4: "10.0.0.0/16",
      ip_protocol: "tcp",
      from_port: 443,
      to_port: 443,
    });
    expect(all(plain, "aws_vpc_security_group_egress_rule")).toEqual([]);
  });

  it("creates no security group where no endpoint needs one", () => {
    const bare = foundation();
    expect(all(bare, "aws_security_group")).toEqual([]);
    expect(all(bare, "aws_vpc_endpoint")).toHaveLength(1);
  });

  it("logs all traffic into an encrypted group, under a role that may write there and nowhere else", () => {
    expect(only(plain, "aws_flow_log")).toMatchObject({
      traffic_type: "ALL",
      log_destination: "${aws_cloudwatch_log_group.flow-log-group.arn}",
      iam_role_arn: "${aws_iam_role.flow-log-role.arn}",
      depends_on: ["aws_iam_role_policy.flow-log-role-policy"],
    });
    expect(only(plain, "aws_cloudwatch_log_group")).toMatchObject({
      name: "/modelport/fraud-scorer-default/flow-logs",
      retention_in_days: 365,
      kms_key_id: "${aws_kms_alias.key-alias.target_key_arn}",
    });
    // Logs refuses a group whose key does not let it in yet.
    expect(only(plain, "aws_kms_alias").depends_on).toEqual(["aws_kms_key_policy.key-policy"]);
    const role = only(plain, "aws_iam_role");
    expect(role.name).toBe("fraud-scorer-default-foundation-flow-logs-eu-west-1");
    expect(JSON.parse(role.assume_role_policy as string)).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "Assume",
          Effect: "Allow",
          Principal: { Service: "vpc-flow-logs.amazonaws.com" },
          Action: "sts:AssumeRole",
          Condition: {
            StringEquals: { "aws:SourceAccount": "${local.account_id}" },
            ArnLike: { "aws:SourceArn": "arn:aws:ec2:eu-west-1:${local.account_id}:vpc-flow-log/*" },
          },
        },
      ],
    });
    expect(JSON.parse(only(plain, "aws_iam_role_policy").policy as string)).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "WriteFlowLogs",
          Effect: "Allow",
          Action: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
          Resource: [
            "${aws_cloudwatch_log_group.flow-log-group.arn}",
            "${aws_cloudwatch_log_group.flow-log-group.arn}:*",
          ],
        },
        {
          Sid: "FindLogGroup",
          Effect: "Allow",
          Action: "logs:DescribeLogGroups",
          Resource: "arn:aws:logs:eu-west-1:${local.account_id}:log-group:*",
        },
      ],
    });
  });

  it("bounds the flow logs' role", () => {
    const boundary = "arn:aws:iam::123456789012:policy/boundary";
    const stack = foundation({}, {}, { security: { permissionsBoundaryArn: boundary } });
    expect(only(stack, "aws_iam_role").permissions_boundary).toBe(boundary);
  });

  it("adds public subnets and an internet gateway, but no way out, for something public", () => {
    const stack = foundation({}, { public: true });
    expect(all(stack, "aws_subnet")).toHaveLength(4);
    expect(only(stack, "aws_internet_gateway").vpc_id).toBe("${aws_vpc.vpc.id}");
    expect(only(stack, "aws_route")).toMatchObject({
      route_table_id: "${aws_route_table.public-routes.id}",
      destination_cidr_block: "0.0.0.0/0",
      gateway_id: "${aws_internet_gateway.internet-gateway.id}",
    });
    expect(all(stack, "aws_nat_gateway")).toEqual([]);
    expect(outputs(stack).public_subnet_ids?.value).toEqual([
      "${aws_subnet.public-subnet-1.id}",
      "${aws_subnet.public-subnet-2.id}",
    ]);
    const publicSubnets = all(stack, "aws_subnet").slice(2);
    expect(publicSubnets.every(({ map_public_ip_on_launch }) => map_public_ip_on_launch === false)).toBe(
      true,
    );
  });

  it("gives each zone its own way out, and moves no subnet for it", () => {
    const stack = foundation({ internetAccess: true });
    const gateways = all(stack, "aws_nat_gateway");
    expect(gateways.map(({ subnet_id }) => subnet_id)).toEqual([
      "${aws_subnet.public-subnet-1.id}",
      "${aws_subnet.public-subnet-2.id}",
    ]);
    expect(gateways.map(({ depends_on }) => depends_on)).toEqual([
      ["aws_route.public-route-out"],
      ["aws_route.public-route-out"],
    ]);
    expect(resources(stack, "aws_route")["private-route-out-2"]).toMatchObject({
      route_table_id: "${aws_route_table.private-routes-2.id}",
      nat_gateway_id: "${aws_nat_gateway.nat-gateway-2.id}",
    });
    expect(all(stack, "aws_eip").every(({ domain }) => domain === "vpc")).toBe(true);
    expect(all(stack, "aws_subnet").slice(0, 2)).toEqual(all(plain, "aws_subnet"));
  });

  it("takes the manifest's zones and range", () => {
    const stack = foundation({
      cidr: "172.16.0.0/20",
      availabilityZones: ["eu-west-1a", "eu-west-1b", "eu-west-1c"],
    });
    const subnets = all(stack, "aws_subnet");
    expect(subnets.map(({ availability_zone }) => availability_zone)).toEqual([
      "eu-west-1a",
      "eu-west-1b",
      "eu-west-1c",
    ]);
    expect(subnets.some((subnet) => "availability_zone_id" in subnet)).toBe(false);
    expect(subnets.map(({ cidr_block }) => cidr_block)).toEqual([
      "172.16.0.0/23",
      "172.16.2.0/23",
      "172.16.4.0/23",
    ]);
  });
});

describe("the manifest's network", () => {
  const found = (network: Json) =>
    issues({ manifest: baseManifest({ network }), target: "none" }).filter(({ path }) =>
      path.startsWith("network"),
    );

  it.each([
    ["10.0.5.0/16", "write 10.0.0.0/16"],
    ["10.0.300.0/16", "for example 10.0.0.0/16"],
  ])("refuses the range %s", (cidr, fix) => {
    expect(found({ cidr })).toMatchObject([{ path: "network.cidr", code: "RANGE", fix }]);
  });

  it("leaves what is not a range at all to the schema", () => {
    expect(found({ cidr: "10.0.0/16" })).toMatchObject([{ path: "network.cidr", code: "FORMAT" }]);
  });

  it("refuses zones of another region, and zones named twice", () => {
    expect(found({ availabilityZones: ["eu-west-1a", "eu-central-1a"] })).toMatchObject([
      { path: "network.availabilityZones[1]", code: "RANGE" },
    ]);
    expect(found({ availabilityZones: ["eu-west-1a", "eu-west-1a"] })).toMatchObject([
      { message: '"eu-west-1a" is named twice' },
    ]);
  });

  it("refuses a range that holds no load balancer in every zone", () => {
    const zones = ["a", "b", "c", "d", "e"].map((letter) => `us-east-1${letter}`);
    const manifest = baseManifest({
      region: "us-east-1",
      network: { cidr: "10.0.0.0/24", availabilityZones: zones },
    });
    expect(issues({ manifest, target: "none" })).toContainEqual(
      expect.objectContaining({ path: "network.cidr", code: "RANGE", fix: "use a /23, or fewer zones" }),
    );
  });
});

describe("endpointServiceName", () => {
  const region = (name: string, partition: "aws" | "aws-cn" | "aws-us-gov") => ({
    name,
    partition,
    dnsSuffix: "",
    availabilityZoneIds: [],
  });
  it.each([
    ["eu-west-1", "aws", "ecr.api", "com.amazonaws.eu-west-1.ecr.api"],
    ["us-gov-west-1", "aws-us-gov", "ecr.api", "com.amazonaws.us-gov-west-1.ecr.api"],
    ["cn-north-1", "aws-cn", "ecr.api", "cn.com.amazonaws.cn-north-1.ecr.api"],
    ["cn-north-1", "aws-cn", "logs", "com.amazonaws.cn-north-1.logs"],
  ] as const)("in %s (%s): %s", (name, partition, service, expected) => {
    expect(endpointServiceName(region(name, partition), service)).toBe(expected);
  });
});
