import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DataObject } from "../manifest/data";
import { ROLLOUT_STRATEGIES, SCALING_METRICS } from "../manifest/schema";

const ACCOUNT = "123456789012";
const IMAGE = `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/fraud@sha256:${"a".repeat(64)}`;
const KEY = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
const TOPIC = `arn:aws:sns:eu-west-1:${ACCOUNT}:oncall`;
const SECRET = `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:fraud-AbCdEf`;
const EXISTING_NETWORK = {
  vpcId: "vpc-0a1b2c3d4e5f60718",
  subnetIds: ["subnet-0a1b2c3d4e5f60718", "subnet-0b1c2d3e4f5061728"],
};

/** Texts that Terraform, JSON or a shell would read as more than text. */
const HOSTILE = {
  TEMPLATE: '${file("/etc/passwd")}',
  DIRECTIVE: "%{ for x in [1] }x%{ endfor }",
  DOUBLED: "$${already.escaped} $$$",
  QUOTES: `"'\`; echo $(id) \\ # `,
  PLACEHOLDER: "{{ .Values.x }} $(VAR) <aws.scheduler.execution-id>",
  UNICODE: "größe Ω 🙂",
};

/** A small manifest that says only what it must, with changes merged in at the top level. */
function manifest(changes: DataObject = {}): DataObject {
  return {
    apiVersion: "modelport/v1",
    name: "fraud-scorer",
    region: "eu-west-1",
    model: { image: IMAGE },
    resources: { cpu: 1, memory: "2Gi" },
    ...changes,
  };
}

const model = (changes: DataObject): DataObject => manifest({ model: { image: IMAGE, ...changes } });
const reachingOut = (changes: DataObject): DataObject =>
  manifest({ model: { image: IMAGE, ...changes }, network: { internetAccess: true } });
const resources = (changes: DataObject): DataObject =>
  manifest({ resources: { cpu: 1, memory: "2Gi", ...changes } });
const policy = (given: DataObject): DataObject =>
  manifest({ scaling: { min: 1, max: 4, policies: [given] } });

const BOUNDARY = `arn:aws:iam::${ACCOUNT}:policy/teams/boundary`;

/**
 * The manifests that the suite tries on every target, by what is particular about them. Each is sound in itself; that
 * a target refuses some of them is expected, and part of what is looked at.
 */
export const SUITE_MANIFESTS: Readonly<Record<string, DataObject>> = {
  "as little as there can be": manifest(),
  "without a region": Object.fromEntries(Object.entries(manifest()).filter(([key]) => key !== "region")),
  "described, tagged, in an account": manifest({
    description: "Scores card payments",
    account: ACCOUNT,
    tags: { team: "risk", "cost-center": "4711" },
    observability: { notify: TOPIC, logRetention: "30d" },
  }),
  "the longest names": manifest({ name: `${"m".repeat(30)}-x`, account: ACCOUNT }),
  "texts that look like code": manifest({
    description: HOSTILE.TEMPLATE,
    tags: { team: "a=b:c/d@e" },
    model: { image: IMAGE, environment: HOSTILE },
  }),
  "environment and secrets": model({ environment: { LOG_LEVEL: "info" }, secrets: { API_TOKEN: SECRET } }),
  "an image that is built": manifest({ model: { build: { context: "server", args: { BASE: "slim" } } } }),
  "an image of another registry": reachingOut({
    image: `ghcr.io/acme/fraud:1.2@sha256:${"b".repeat(64)}`,
  }),
  "an image by its tag": manifest({
    model: { image: `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/fraud:1.2` },
  }),
  "a server of its own kind": model({
    server: { port: 9000, health: "/healthz", invoke: "/predict", startup: "2m" },
  }),
  "an artifact in S3": reachingOut({ artifact: "s3://models/fraud/model.tar.gz" }),
  "an artifact beside the manifest": reachingOut({ artifact: "model" }),
  "a GPU": resources({ cpu: 4, memory: "16Gi", gpu: 1 }),
  "an arm64 image": resources({ architecture: "arm64" }),
  "much of everything": resources({ cpu: 16, memory: "64Gi", storage: "100Gi" }),
  "large and slow requests": manifest({
    workload: {
      requestsPerSecond: 5,
      serviceTime: { p50: "60s", p99: "10m" },
      payload: { request: "512Mi", response: "32Mi" },
    },
  }),
  "a range of replicas": manifest({ scaling: { min: 2, max: 6 } }),
  "down to nothing": manifest({ scaling: { min: 0, max: 2 } }),
  ...Object.fromEntries(
    SCALING_METRICS.flatMap((metric) => [
      [
        `tracking ${metric}`,
        policy({
          type: "target-tracking",
          metric,
          target: 60,
          scaleInCooldown: "5m",
          scaleOutCooldown: "1m",
        }),
      ],
      [
        `steps on ${metric}`,
        policy({
          type: "step",
          metric,
          threshold: 70,
          steps: [
            { from: 0, to: 20, add: 1 },
            { from: 20, add: 2 },
          ],
        }),
      ],
    ]),
  ),
  "by the clock": policy({
    type: "scheduled",
    cron: "0 8 ? * MON-FRI *",
    timezone: "Europe/Dublin",
    min: 2,
    max: 4,
  }),
  ...Object.fromEntries(
    ROLLOUT_STRATEGIES.map((strategy) => [
      `rolled out ${strategy}`,
      manifest({
        rollout: { strategy, step: 20, interval: "5m", rollback: true },
        scaling: { min: 4, max: 4 },
      }),
    ]),
  ),
  "a network that exists": manifest({
    network: { ...EXISTING_NETWORK, securityGroupIds: ["sg-0a1b2c3d4e5f60718"] },
  }),
  "open to the internet": manifest({
    network: { public: true, certificateArn: `arn:aws:acm:eu-west-1:${ACCOUNT}:certificate/1234abcd` },
  }),
  "key, role and boundary that exist": manifest({
    account: ACCOUNT,
    security: {
      kmsKeyArn: KEY,
      roleArn: `arn:aws:iam::${ACCOUNT}:role/fraud-scorer`,
      permissionsBoundaryArn: BOUNDARY,
    },
  }),
  "a permissions boundary": manifest({ security: { permissionsBoundaryArn: BOUNDARY } }),
  "destroyed at will, nobody told": manifest({
    security: { deletionProtection: false },
    observability: { alarms: false, dashboard: false },
  }),
  "requests captured": manifest({ observability: { dataCapture: 10 } }),
  "in another partition": manifest({
    region: "us-gov-west-1",
    model: { image: IMAGE.replace("eu-west-1", "us-gov-west-1") },
  }),
};

/** Writes what the suite's manifests name beside themselves: a folder that an image is built from, and a model. */
export function writeSuiteFiles(directory: string): void {
  mkdirSync(join(directory, "server"), { recursive: true });
  writeFileSync(join(directory, "server", "Dockerfile"), "FROM scratch\nCOPY server /server\n");
  writeFileSync(join(directory, "server", "server"), "a program\n");
  mkdirSync(join(directory, "model"), { recursive: true });
  writeFileSync(join(directory, "model", "weights.bin"), "weights\n");
}
