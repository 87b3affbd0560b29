import type { ITerraformDependable } from "cdktf";
import { DefaultSecurityGroup } from "@cdktf/provider-aws/lib/default-security-group";
import { Eip } from "@cdktf/provider-aws/lib/eip";
import { FlowLog } from "@cdktf/provider-aws/lib/flow-log";
import { InternetGateway } from "@cdktf/provider-aws/lib/internet-gateway";
import { NatGateway } from "@cdktf/provider-aws/lib/nat-gateway";
import { Route } from "@cdktf/provider-aws/lib/route";
import { RouteTable } from "@cdktf/provider-aws/lib/route-table";
import { RouteTableAssociation } from "@cdktf/provider-aws/lib/route-table-association";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { Subnet } from "@cdktf/provider-aws/lib/subnet";
import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import { VpcEndpoint } from "@cdktf/provider-aws/lib/vpc-endpoint";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { createServiceRole } from "../iam/role";
import { createLogGroup } from "../observability/log-group";
import type { EnvironmentPlan, PlannedRegion } from "../plan/plan";
import { acceptable } from "../stack/names";
import type { ModelStack } from "../stack/model-stack";
import { endpointServiceName } from "./endpoint-services";
import type { NetworkNeeds } from "./needs";
import { DEFAULT_ZONES, layOutSubnets, type ZoneSubnets } from "./subnets";

/** A network that the foundation made. */
export interface CreatedNetwork {
  readonly vpcId: string;
  readonly privateSubnetIds: readonly string[];
  /** Empty where nothing is public and nothing goes out to the internet. */
  readonly publicSubnetIds: readonly string[];
  /** What must exist before anything in the private subnets can start. */
  readonly dependencies: readonly ITerraformDependable[];
}

const ANYWHERE = "0.0.0.0/0";

/** A zone as `aws_subnet` takes it, and its ranges. */
interface Zone {
  readonly label: string;
  readonly placement: { readonly availabilityZone: string } | { readonly availabilityZoneId: string };
  readonly ranges: ZoneSubnets;
}

/** A private subnet and the table that its routes go into. */
interface PrivateSubnet {
  readonly id: string;
  readonly routeTableId: string;
  readonly association: ITerraformDependable;
}

/**
 * A VPC of private subnets, one per zone, with endpoints for the AWS services that its inhabitants call. Public subnets
 * exist only where something must be reachable from the internet or reach it.
 */
export function createNetwork(
  stack: ModelStack,
  plan: EnvironmentPlan,
  needs: NetworkNeeds,
  options: { readonly keyArn: string; readonly accountId: string },
): CreatedNetwork {
  const { network, region } = plan;
  if (region === null) throw new Error("a network needs a region");
  const zones = chooseZones(plan, region);
  const vpc = new Vpc(stack, "vpc", {
    cidrBlock: network.cidr,
    enableDnsSupport: true,
    enableDnsHostnames: true,
    tags: named(stack.prefix),
  });
  // AWS gives every VPC a group that lets its members talk to each other; taken over without rules, it allows nothing.
  new DefaultSecurityGroup(stack, "default-security-group", {
    vpcId: vpc.id,
    tags: named(`${stack.prefix}-default-closed`),
  });
  createFlowLog(stack, plan, region, vpc.id, options);

  const privateSubnets = zones.map((zone, index) => createPrivateSubnet(stack, vpc.id, zone, index + 1));
  const endpoints = createEndpoints(stack, plan, region, vpc.id, privateSubnets, needs.endpoints);
  const isPublic = needs.public || network.internetAccess;
  const publicSubnets = isPublic ? createPublicSubnets(stack, vpc.id, zones) : null;
  const routesOut =
    network.internetAccess && publicSubnets !== null
      ? createRoutesOut(stack, zones, publicSubnets, privateSubnets)
      : [];
  return {
    vpcId: vpc.id,
    privateSubnetIds: privateSubnets.map(({ id }) => id),
    publicSubnetIds: publicSubnets?.ids ?? [],
    dependencies: [...privateSubnets.map(({ association }) => association), ...endpoints, ...routesOut],
  };
}

/** Zone ids are the same place in every account, names are not; so names are used only where the manifest gives them. */
function chooseZones({ network }: EnvironmentPlan, region: PlannedRegion): readonly Zone[] {
  const placements =
    network.availabilityZones?.map((name) => ({ label: name, placement: { availabilityZone: name } })) ??
    region.availabilityZoneIds
      .slice(0, DEFAULT_ZONES)
      .map((id) => ({ label: id, placement: { availabilityZoneId: id } }));
  const ranges = layOutSubnets(network.cidr, placements.length);
  return placements.flatMap((zone, index) => {
    const own = ranges[index];
    return own === undefined ? [] : [{ ...zone, ranges: own }];
  });
}

function createPrivateSubnet(stack: ModelStack, vpcId: string, zone: Zone, number: number): PrivateSubnet {
  const name = `${stack.prefix}-private-${zone.label}`;
  const subnet = new Subnet(stack, `private-subnet-${number}`, {
    vpcId,
    cidrBlock: zone.ranges.private,
    ...zone.placement,
    mapPublicIpOnLaunch: false,
    // The AWS Load Balancer Controller of a cluster finds its subnets by these tags.
    tags: { ...named(name), "kubernetes.io/role/internal-elb": "1" },
  });
  const table = new RouteTable(stack, `private-routes-${number}`, { vpcId, tags: named(name) });
  const association = new RouteTableAssociation(stack, `private-routes-${number}-association`, {
    subnetId: subnet.id,
    routeTableId: table.id,
  });
  return { id: subnet.id, routeTableId: table.id, association };
}

interface PublicSubnets {
  readonly ids: readonly string[];
  /** The way out, without which a gateway in the subnets cannot work. */
  readonly route: ITerraformDependable;
}

function createPublicSubnets(stack: ModelStack, vpcId: string, zones: readonly Zone[]): PublicSubnets {
  const gateway = new InternetGateway(stack, "internet-gateway", { vpcId, tags: named(stack.prefix) });
  const table = new RouteTable(stack, "public-routes", { vpcId, tags: named(`${stack.prefix}-public`) });
  const route = new Route(stack, "public-route-out", {
    routeTableId: table.id,
    destinationCidrBlock: ANYWHERE,
    gatewayId: gateway.id,
  });
  const ids = zones.map((zone, index) => {
    const subnet = new Subnet(stack, `public-subnet-${index + 1}`, {
      vpcId,
      cidrBlock: zone.ranges.public,
      ...zone.placement,
      mapPublicIpOnLaunch: false,
      tags: { ...named(`${stack.prefix}-public-${zone.label}`), "kubernetes.io/role/elb": "1" },
    });
    new RouteTableAssociation(stack, `public-routes-association-${index + 1}`, {
      subnetId: subnet.id,
      routeTableId: table.id,
    });
    return subnet.id;
  });
  return { ids, route };
}

/** One NAT gateway per zone, so that the loss of a zone cuts off no other. */
function createRoutesOut(
  stack: ModelStack,
  zones: readonly Zone[],
  publicSubnets: PublicSubnets,
  privateSubnets: readonly PrivateSubnet[],
): readonly ITerraformDependable[] {
  return privateSubnets.flatMap(({ routeTableId }, index) => {
    const [subnetId, zone] = [publicSubnets.ids[index], zones[index]];
    if (subnetId === undefined || zone === undefined) return [];
    const number = index + 1;
    const tags = named(`${stack.prefix}-nat-${zone.label}`);
    const address = new Eip(stack, `nat-address-${number}`, {
      domain: "vpc",
      tags,
      dependsOn: [publicSubnets.route],
    });
    const gateway = new NatGateway(stack, `nat-gateway-${number}`, {
      allocationId: address.id,
      subnetId,
      tags,
      dependsOn: [publicSubnets.route],
    });
    return [
      new Route(stack, `private-route-out-${number}`, {
        routeTableId,
        destinationCidrBlock: ANYWHERE,
        natGatewayId: gateway.id,
      }),
    ];
  });
}

function createEndpoints(
  stack: ModelStack,
  plan: EnvironmentPlan,
  region: PlannedRegion,
  vpcId: string,
  subnets: readonly PrivateSubnet[],
  services: readonly string[],
): readonly ITerraformDependable[] {
  const gateway = new VpcEndpoint(stack, "endpoint-s3", {
    vpcId,
    serviceName: `com.amazonaws.${region.name}.s3`,
    vpcEndpointType: "Gateway",
    routeTableIds: subnets.map(({ routeTableId }) => routeTableId),
    tags: named(`${stack.prefix}-s3`),
  });
  // S3 has its gateway endpoint, which costs nothing.
  const interfaces = [...new Set(services)].filter((service) => service !== "s3").sort();
  if (interfaces.length === 0) return [gateway];
  const group = new SecurityGroup(stack, "endpoints-security-group", {
    name: acceptable("security-group", `${stack.prefix}-endpoints`),
    description: "Endpoints of AWS services, for callers within the network",
    vpcId,
    tags: named(`${stack.prefix}-endpoints`),
  });
  const rule = new VpcSecurityGroupIngressRule(stack, "endpoints-https", {
    securityGroupId: group.id,
    description: "HTTPS from within the network",
    cidrIpv4: plan.network.cidr,
    ipProtocol: "tcp",
    fromPort: 443,
    toPort: 443,
    tags: named(`${stack.prefix}-endpoints-https`),
  });
  const endpoints = interfaces.map(
    (service) =>
      new VpcEndpoint(stack, `endpoint-${service.replace(/\./g, "-")}`, {
        vpcId,
        serviceName: endpointServiceName(region, service),
        vpcEndpointType: "Interface",
        privateDnsEnabled: true,
        subnetIds: subnets.map(({ id }) => id),
        securityGroupIds: [group.id],
        tags: named(`${stack.prefix}-${service.replace(/\./g, "-")}`),
      }),
  );
  return [gateway, rule, ...endpoints];
}

/**
 * Who talked to whom, accepted or not.
 * @see https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html (2026-08)
 */
function createFlowLog(
  stack: ModelStack,
  plan: EnvironmentPlan,
  { name: region, partition }: PlannedRegion,
  vpcId: string,
  { keyArn, accountId }: { readonly keyArn: string; readonly accountId: string },
): void {
  const group = createLogGroup(stack, "flow-log-group", plan, {
    name: `/modelport/${stack.prefix}/flow-logs`,
    keyArn,
  });
  const role = createServiceRole(stack, "flow-log-role", {
    name: [stack.prefix, stack.component, "flow-logs", region],
    description: `Writes the flow logs of ${stack.prefix}`,
    services: ["vpc-flow-logs.amazonaws.com"],
    trustConditions: {
      StringEquals: { "aws:SourceAccount": [accountId] },
      ArnLike: { "aws:SourceArn": [`arn:${partition}:ec2:${region}:${accountId}:vpc-flow-log/*`] },
    },
    statements: [
      {
        sid: "WriteFlowLogs",
        actions: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        resources: [group.arn, `${group.arn}:*`],
      },
      {
        // The service looks for its group by listing them all; the list takes no single group.
        sid: "FindLogGroup",
        actions: ["logs:DescribeLogGroups"],
        resources: [`arn:${partition}:logs:${region}:${accountId}:log-group:*`],
      },
    ],
    permissionsBoundaryArn: plan.security.permissionsBoundaryArn,
  });
  new FlowLog(stack, "flow-log", {
    vpcId,
    trafficType: "ALL",
    logDestinationType: "cloud-watch-logs",
    logDestination: group.arn,
    iamRoleArn: role.arn,
    tags: named(`${stack.prefix}-flow-logs`),
    dependsOn: [...role.dependencies],
  });
}

function named(name: string): { Name: string } {
  return { Name: name };
}
