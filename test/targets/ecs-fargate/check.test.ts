import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { issues } from "../../support/synth";
import { CODES } from "../../../targets/ecs-fargate/check";
import { CERTIFICATE, EXISTING, findings, KIND } from "./support";

const O = `targets.${KIND}`;
const DIGEST = `@sha256:${"a".repeat(64)}`;
const SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:registry-AbCdEf";
const model = (image: string, more = {}) => ({ model: { image: `${image}${DIGEST}`, ...more } });
const HUB = model("docker.io/library/python:3.13-slim");
const s3 = model("123456789012.dkr.ecr.eu-west-1.amazonaws.com/fraud", {
  artifact: "s3://models/fraud/model.tar.gz",
});

test.each<[string, Record<string, unknown>, Record<string, unknown>, readonly string[]]>([
  ["nothing", {}, {}, []],
  ["a public endpoint", { network: { public: true } }, {}, ["PUBLIC_WITHOUT_TLS network.public"]],
  ["a public endpoint with TLS", { network: { public: true, certificateArn: CERTIFICATE } }, {}, []],
  ["an image of Docker Hub", HUB, {}, ["ECS_IMAGE_UNREACHABLE model.image"]],
  ["an image of Docker Hub, with a way out", { ...HUB, network: { internetAccess: true } }, {}, []],
  ["an image of Docker Hub, in an existing network", { ...HUB, network: EXISTING }, {}, []],
  [
    "an image in another region",
    model("123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud"),
    {},
    ["ECS_IMAGE_UNREACHABLE model.image"],
  ],
  [
    "an archive without a way out",
    s3,
    {},
    [`ECS_IMAGE_UNREACHABLE ${O}.downloadImage`, `ECS_IMAGE_UNREACHABLE ${O}.unpackImage`],
  ],
  [
    "an archive with loaders in ECR",
    s3,
    {
      downloadImage: `123456789012.dkr.ecr.eu-west-1.amazonaws.com/ecr-public/aws-cli/aws-cli${DIGEST}`,
      unpackImage: `123456789012.dkr.ecr.eu-west-1.amazonaws.com/ecr-public/busybox${DIGEST}`,
    },
    [],
  ],
  [
    "files without a way out, which nothing unpacks",
    model("123456789012.dkr.ecr.eu-west-1.amazonaws.com/fraud", { artifact: "s3://models/fraud/" }),
    {},
    [`ECS_IMAGE_UNREACHABLE ${O}.downloadImage`],
  ],
  [
    "one subnet",
    { network: { ...EXISTING, subnetIds: EXISTING.subnetIds.slice(0, 1) } },
    {},
    ["ECS_LOAD_BALANCER_SUBNETS network.subnetIds"],
  ],
  [
    "one subnet for tasks, two for the load balancer",
    { network: { ...EXISTING, subnetIds: EXISTING.subnetIds.slice(0, 1) } },
    { loadBalancerSubnetIds: EXISTING.subnetIds },
    [],
  ],
  [
    "subnets of a created network",
    {},
    { loadBalancerSubnetIds: EXISTING.subnetIds },
    [`ECS_LOAD_BALANCER_SUBNETS ${O}.loadBalancerSubnetIds`],
  ],
  [
    "four security groups",
    {
      network: {
        ...EXISTING,
        securityGroupIds: ["sg-00000001", "sg-00000002", "sg-00000003", "sg-00000004"],
      },
    },
    {},
    [],
  ],
  ["ECS Exec", {}, { executeCommand: true }, [`ECS_EXEC_READ_ONLY ${O}.executeCommand`]],
  ["ECS Exec, writable", {}, { executeCommand: true, readOnlyRootFilesystem: false }, []],
  ["room for no task", {}, { maximumPercent: 199 }, [`ECS_DEPLOYMENT_PERCENT ${O}.maximumPercent`]],
  ["room for one task", {}, { maximumPercent: 200 }, []],
  ["one of ten tasks more", { scaling: { min: 10 } }, { maximumPercent: 110 }, []],
  [
    "nine tasks and ten percent",
    { scaling: { min: 9 } },
    { maximumPercent: 110 },
    [`ECS_DEPLOYMENT_PERCENT ${O}.maximumPercent`],
  ],
  ["down to none, then up", {}, { minimumHealthyPercent: 0, maximumPercent: 101 }, []],
  ["percent over 200", {}, { maximumPercent: 201 }, [`RANGE ${O}.maximumPercent`]],
  ["percent of 100", {}, { maximumPercent: 100 }, [`RANGE ${O}.maximumPercent`]],
  [
    "a night with fewer tasks than the percentages move",
    {
      scaling: { min: 10, max: 20, policies: [{ type: "scheduled", cron: "0 20 * * ? *", min: 2 }] },
    },
    { maximumPercent: 110 },
    [`ECS_DEPLOYMENT_PERCENT ${O}.maximumPercent`],
  ],
  [
    "an impatient load balancer",
    { workload: { requestsPerSecond: 1, serviceTime: { p50: "5s", p99: "90s" } } },
    { idleTimeout: "89s" },
    [`ECS_IDLE_TIMEOUT ${O}.idleTimeout`],
  ],
  [
    "a request of an hour and more",
    { workload: { requestsPerSecond: 1, serviceTime: { p50: "5s", p99: "4001s" } } },
    {},
    ["DURATION_LIMIT workload.serviceTime.p99"],
  ],
  ["idle timeout over its limit", {}, { idleTimeout: "4001s" }, [`RANGE ${O}.idleTimeout`]],
  [
    "a slow health check",
    {},
    { healthCheck: { timeout: "15s" } },
    [`ECS_HEALTH_CHECK ${O}.healthCheck.timeout`],
  ],
  [
    "health check thresholds",
    {},
    { healthCheck: { healthyThreshold: 1 } },
    [`RANGE ${O}.healthCheck.healthyThreshold`],
  ],
  [
    "a health check every 4s",
    {},
    { healthCheck: { interval: "4s", timeout: "2s" } },
    [`RANGE ${O}.healthCheck.interval`],
  ],
  [
    "credentials for ECR",
    {},
    { registryCredentials: SECRET },
    [`ECS_REGISTRY_CREDENTIALS ${O}.registryCredentials`],
  ],
  ["credentials for Docker Hub", { ...HUB, network: EXISTING }, { registryCredentials: SECRET }, []],
  [
    "credentials in a parameter",
    { ...HUB, network: EXISTING },
    { registryCredentials: "arn:aws:ssm:eu-west-1:123456789012:parameter/registry" },
    [`ECS_REGISTRY_CREDENTIALS ${O}.registryCredentials`],
  ],
  [
    "a path that hides the artifact",
    { ...s3, network: EXISTING },
    { writablePaths: ["/opt/ml"] },
    [`ECS_WRITABLE_PATH ${O}.writablePaths[0]`],
  ],
  ["the same path without an artifact", {}, { writablePaths: ["/opt/ml/model"] }, []],
  ["a path upwards", {}, { writablePaths: ["/var/../etc"] }, [`FORMAT ${O}.writablePaths[0]`]],
  ["a relative path", {}, { writablePaths: ["var"] }, [`FORMAT ${O}.writablePaths[0]`]],
  [
    "storage of an existing cluster",
    {},
    { cluster: "shared", encryptEphemeralStorage: false },
    [`ECS_CLUSTER_SETTINGS ${O}.encryptEphemeralStorage`],
  ],
  [
    "two policies that track one metric",
    {
      scaling: {
        min: 1,
        max: 4,
        policies: ["cpu", "memory", "cpu"].map((metric) => ({ type: "target-tracking", metric, target: 50 })),
      },
    },
    {},
    ["ECS_SCALING_POLICIES scaling.policies[2].metric"],
  ],
  ["Spot over 100", {}, { spot: 101 }, [`RANGE ${O}.spot`]],
  ["Spot below 0", {}, { spot: -1 }, [`RANGE ${O}.spot`]],
  ["a stop of two minutes", {}, { stopTimeout: "120s" }, []],
  ["a stop of more", {}, { stopTimeout: "121s" }, [`RANGE ${O}.stopTimeout`]],
  ["a range that is none", {}, { allowedCidrs: ["10.0.0.256/8"] }, [`FORMAT ${O}.allowedCidrs[0]`]],
  ["no tasks", { scaling: { min: 0, max: 2 } }, {}, ["SCALING_MINIMUM scaling.min"]],
  [
    "data capture",
    { observability: { dataCapture: 10 } },
    {},
    ["DATA_CAPTURE_UNSUPPORTED observability.dataCapture"],
  ],
  [
    "scaling on concurrency",
    {
      scaling: { min: 1, max: 2, policies: [{ type: "target-tracking", metric: "concurrency", target: 5 }] },
    },
    {},
    ["SCALING_METRIC_UNSUPPORTED scaling.policies[0].metric"],
  ],
  ["an option that does not exist", {}, { memroy: "2Gi" }, [`UNKNOWN_FIELD ${O}.memroy`]],
])("%s", (_name, changes, options, expected) => {
  expect(findings(changes, options)).toEqual(expected);
});

describe("rejects", () => {
  const folder = join(__dirname, "../../rejects");

  test.each(Object.keys(CODES))("%s has a manifest that provokes it and nothing else", (code) => {
    expect(readdirSync(folder)).toContain(`${code}.yaml`);
    const text = readFileSync(join(folder, `${code}.yaml`), "utf8");
    const found = issues({ text, target: KIND })
      .map((issue) => issue.code)
      .filter((name) => name === code || name !== "ECS_PLAIN_HTTP");
    expect(new Set(found)).toEqual(new Set([code]));
  });
});
