import { foundationCharges } from "../../modules/compare/foundation-charges";
import { type FoundationNeeds, NO_NEEDS } from "../../modules/foundation/needs";
import { baseManifest, type Json, resolve, synth } from "../support/synth";

const planOf = (changes: Json = {}) => {
  const { plan, issues } = resolve({ manifest: baseManifest({ target: "lambda", ...changes }) });
  if (plan === null) throw new Error(JSON.stringify(issues));
  return plan;
};
const network = { endpoints: ["logs", "ecr.api", "s3", "ecr.api"], public: false };
const charges = (needs: Partial<FoundationNeeds>, changes: Json = {}, logged = 0) =>
  foundationCharges({ ...NO_NEEDS, ...needs }, planOf(changes), [
    { name: "logs", key: "cloudwatch/log-ingestion", quantity: logged, basis: "on-demand" },
  ]);
const quantities = (...given: Parameters<typeof charges>) =>
  Object.fromEntries(charges(...given).charges.map(({ key, quantity }) => [key, quantity]));

test("nothing costs nothing", () => {
  expect(charges({})).toEqual({ charges: [], notCounted: [] });
});

test("a key is one key, and says what comes later", () => {
  const [key] = charges({ key: true }).charges;
  expect(key).toMatchObject({ key: "kms/key", quantity: 1, basis: "provisioned" });
  expect(key?.assumption).toMatch(/rotation/);
});

test("endpoints are paid in each zone, S3's is free, and logs pass through theirs", () => {
  expect(quantities({ network }, {}, 12)).toEqual({
    "vpc/interface-endpoint-hour": 2 * 2 * 730,
    "vpc/interface-endpoint-data": 12,
  });
  expect(
    quantities(
      { network: { ...network, endpoints: ["ecr.api"] } },
      { network: { availabilityZones: ["eu-west-1a", "eu-west-1b", "eu-west-1c"] } },
      12,
    ),
  ).toEqual({ "vpc/interface-endpoint-hour": 3 * 730 });
});

test("the way out to the internet is a gateway and an address in each zone", () => {
  const needs = { network: { ...network, endpoints: [] } };
  expect(quantities(needs, { network: { internetAccess: true } })).toEqual({
    "vpc/nat-hour": 2 * 730,
    "vpc/public-ipv4": 2 * 730,
  });
  expect(quantities(needs)).toEqual({});
});

test("an existing network is somebody else's bill", () => {
  const existing = { vpcId: "vpc-0a1b2c3d", subnetIds: ["subnet-0a1b2c3d", "subnet-1a1b2c3d"] };
  expect(charges({ network }, { network: existing })).toEqual({ charges: [], notCounted: [] });
});

test("what nobody knows the size of is said", () => {
  const { charges: known, notCounted } = charges({
    registry: true,
    bucket: true,
    topic: true,
    accessLogs: true,
  });
  expect(known).toEqual([]);
  expect(notCounted).toHaveLength(4);
  expect(notCounted.join("\n")).toMatch(/ECR[^]*S3 bucket|S3/);
});

/** The bill against what the stacks really create. */
test("has as many endpoints, gateways and addresses as the foundation stack", () => {
  const manifest = baseManifest({ target: "ecs-fargate", network: { internetAccess: true } });
  const { deployments, plan } = resolve({ manifest });
  const [deployment] = deployments;
  if (deployment === undefined || plan === null) throw new Error("ecs-fargate carries it");
  const billed = Object.fromEntries(
    foundationCharges(deployment.needs, plan, []).charges.map(({ key, quantity }) => [key, quantity / 730]),
  );
  const { resource } = synth({ manifest }).stack("foundation") as { resource: Json };
  const made = (type: string) => Object.values((resource[type] ?? {}) as Json) as readonly Json[];
  const endpoints = made("aws_vpc_endpoint").filter((one) => one.vpc_endpoint_type === "Interface");
  const zones = endpoints.reduce((sum, one) => sum + (one.subnet_ids as readonly string[]).length, 0);
  expect(billed["vpc/interface-endpoint-hour"] ?? 0).toBe(zones);
  expect(billed["vpc/nat-hour"]).toBe(made("aws_nat_gateway").length);
  expect(billed["vpc/public-ipv4"]).toBe(made("aws_eip").length);
  expect(made("aws_kms_key")).toHaveLength(1);
  expect((billed["kms/key"] ?? 0) * 730).toBe(1);
});
