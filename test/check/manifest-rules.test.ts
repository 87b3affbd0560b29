import { manifestRules } from "../../modules/check/manifest-rules";
import type { Data } from "../../modules/manifest/data";
import { baseManifest, type Json } from "../support/synth";

/** Codes with their places. */
const found = (changes: Json) =>
  [...manifestRules(baseManifest(changes) as Data)].map(({ code, path }) => `${code} ${path.join(".")}`);

const IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/fraud";
const policies = (...list: readonly Json[]) => ({ scaling: { policies: list } });
const scheduled = (more: Json) => policies({ type: "scheduled", cron: "0 8 ? * MON-FRI *", ...more });
const steps = (...list: readonly Json[]) =>
  policies({ type: "step", metric: "cpu", threshold: 5, steps: list });
const tracking = (metric: string, target: number) => policies({ type: "target-tracking", metric, target });
const vpc = { vpcId: "vpc-0a1b2c3d", subnetIds: ["subnet-0a1b2c3d"] };
const kms = (arn: string, more: Json = {}) => ({ security: { kmsKeyArn: arn }, ...more });
const role = (arn: string) => ({ account: "123456789012", security: { roleArn: arn } });

describe("manifestRules", () => {
  test("are silent on a manifest without fault", () => {
    expect(found({})).toEqual([]);
  });

  test("speak even where fields are malformed", () => {
    expect(
      found({ scaling: "x", network: [], workload: 5, observability: null, model: 1, tags: "y" }),
    ).toEqual([]);
  });

  test.each<[string, Json, readonly string[]]>([
    ["an image without a tag", { model: { image: IMAGE } }, ["IMAGE_LATEST model.image"]],
    ["an image tagged latest", { model: { image: `${IMAGE}:latest` } }, ["IMAGE_LATEST model.image"]],
    ["an image with a tag", { model: { image: `${IMAGE}:1.0` } }, ["IMAGE_NOT_PINNED model.image"]],
    ["latest, but pinned", { model: { image: `${IMAGE}:latest@sha256:${"a".repeat(64)}` } }, []],
    ["no image", { model: {} }, ["EXCLUSIVE model"]],
    ["a build", { model: { build: { context: "." } } }, []],
    [
      "both",
      { model: { image: `${IMAGE}:1.0`, build: {} } },
      ["EXCLUSIVE model.build", "IMAGE_NOT_PINNED model.image"],
    ],

    ["a load and none", { workload: {} }, ["EXCLUSIVE workload"]],
    ["a batch needs no load", { workload: { batch: {} } }, []],
    ["two loads", { workload: { requestsPerSecond: 1, trace: "a.csv" } }, ["EXCLUSIVE workload.trace"]],
    ["23 hours", { workload: { hourly: Array(23).fill(1) } }, []],
    ["24 hours", { workload: { hourly: Array(24).fill(1) } }, []],
    ["25 hours", { workload: { hourly: Array(25).fill(1) } }, ["RANGE workload.hourly"]],
    ["167 hours", { workload: { hourly: Array(167).fill(1) } }, ["RANGE workload.hourly"]],
    ["168 hours", { workload: { hourly: Array(168).fill(1) } }, []],

    ["min below max", { scaling: { min: 1, max: 2 } }, []],
    ["min as max", { scaling: { min: 2, max: 2 } }, []],
    ["min above max", { scaling: { min: 3, max: 2 } }, ["ORDER scaling.max"]],
    ["peak as average", { workload: { requestsPerSecond: { average: 2, peak: 2 } } }, []],
    [
      "peak below average",
      { workload: { requestsPerSecond: { average: 2, peak: 1.9 } } },
      ["ORDER workload.requestsPerSecond.peak"],
    ],
    ["p99 as p50", { workload: { requestsPerSecond: 1, serviceTime: { p50: "1s", p99: "1000ms" } } }, []],
    [
      "p99 below p50",
      { workload: { requestsPerSecond: 1, serviceTime: { p50: "1s", p99: "999ms" } } },
      ["ORDER workload.serviceTime.p99"],
    ],

    ["a schedule of nothing", scheduled({}), ["TOGETHER scaling.policies.0"]],
    ["a schedule of min", scheduled({ min: 0 }), []],
    ["a schedule of max", scheduled({ max: 1 }), []],
    ["a schedule upside down", scheduled({ min: 2, max: 1 }), ["ORDER scaling.policies.0.max"]],
    ["100 % of CPU", tracking("cpu", 100), []],
    ["101 % of CPU", tracking("cpu", 101), ["RANGE scaling.policies.0.target"]],
    ["101 % of memory", tracking("memory", 100.1), ["RANGE scaling.policies.0.target"]],
    [
      "101 % of provisioned concurrency",
      tracking("provisioned-concurrency-utilization", 101),
      ["RANGE scaling.policies.0.target"],
    ],
    ["101 requests", tracking("concurrency", 101), []],
    ["1,000 invocations", tracking("invocations-per-instance", 1000), []],

    ["steps that touch", steps({ from: 0, to: 10, add: 1 }, { from: 10, add: 2 }), []],
    ["steps that touch, out of order", steps({ from: 10, add: 2 }, { from: 0, to: 10, add: 1 }), []],
    ["steps both ways", steps({ from: -10, to: 0, add: -1 }, { from: 0, add: 1 }), []],
    [
      "steps both ways with a gap around the threshold",
      steps({ from: -10, to: -5, add: -1 }, { from: 5, add: 1 }),
      [],
    ],
    [
      "a gap",
      steps({ from: 0, to: 10, add: 1 }, { from: 11, add: 2 }),
      ["ORDER scaling.policies.0.steps.1.from"],
    ],
    [
      "an overlap",
      steps({ from: 0, to: 10, add: 1 }, { from: 9, add: 2 }),
      ["ORDER scaling.policies.0.steps.1.from"],
    ],
    [
      "two open ends",
      steps({ from: 0, add: 1 }, { from: 10, add: 2 }),
      ["ORDER scaling.policies.0.steps.1.from"],
    ],
    ["an empty step", steps({ from: 5, to: 5, add: 1 }), ["ORDER scaling.policies.0.steps.0.to"]],
    ["a step upside down", steps({ from: 5, to: 4, add: 1 }), ["ORDER scaling.policies.0.steps.0.to"]],

    ["a VPC and its subnets", { network: vpc }, []],
    ["a VPC alone", { network: { vpcId: vpc.vpcId } }, ["TOGETHER network.vpcId"]],
    ["subnets alone", { network: { subnetIds: vpc.subnetIds } }, ["TOGETHER network.subnetIds"]],
    ["a domain without a certificate", { network: { domain: "a.io" } }, ["TOGETHER network.domain"]],
    ["a range for what exists", { network: { ...vpc, cidr: "10.0.0.0/16" } }, ["CONFLICT network.cidr"]],
    [
      "zones for what exists",
      { network: { ...vpc, availabilityZones: ["eu-west-1a", "eu-west-1b"] } },
      ["CONFLICT network.availabilityZones"],
    ],
    [
      "internet for what exists",
      { network: { ...vpc, internetAccess: true } },
      ["CONFLICT network.internetAccess"],
    ],
    [
      "a zone of another region",
      { network: { availabilityZones: ["eu-west-1a", "us-east-1a"] } },
      ["RANGE network.availabilityZones.1"],
    ],
    [
      "a zone twice",
      { network: { availabilityZones: ["eu-west-1a", "eu-west-1a"] } },
      ["RANGE network.availabilityZones.1"],
    ],

    ["30 days", { observability: { logRetention: "30d" } }, []],
    ["720 hours", { observability: { logRetention: "720h" } }, []],
    ["31 days", { observability: { logRetention: "31d" } }, ["LOG_RETENTION observability.logRetention"]],
    ["3,653 days", { observability: { logRetention: "3653d" } }, []],
    [
      "3,654 days",
      { observability: { logRetention: "3654d" } },
      ["LOG_RETENTION observability.logRetention"],
    ],

    [
      "a name as variable and secret",
      { model: { build: {}, environment: { A: "x" }, secrets: { A: "y" } } },
      ["CONFLICT model.secrets.A"],
    ],
    ["45 tags", { tags: Object.fromEntries(Array.from({ length: 45 }, (_none, i) => [`t${i}`, "x"])) }, []],
    [
      "46 tags",
      { tags: Object.fromEntries(Array.from({ length: 46 }, (_none, i) => [`t${i}`, "x"])) },
      ["RANGE tags"],
    ],

    ["an unknown region", { region: "eu-west-9" }, ["REGION_UNKNOWN region"]],
    ["a malformed region is the schema's matter", { region: "nowhere" }, []],
    ["a key of the region", kms("arn:aws:kms:eu-west-1:123456789012:key/1"), []],
    [
      "a key of another account",
      kms("arn:aws:kms:eu-west-1:999999999999:key/1", { account: "123456789012" }),
      [],
    ],
    [
      "a key of another region",
      kms("arn:aws:kms:us-east-1:123456789012:key/1"),
      ["ARN_MISMATCH security.kmsKeyArn"],
    ],
    [
      "a key of another partition",
      kms("arn:aws-cn:kms:eu-west-1:123456789012:key/1"),
      ["ARN_MISMATCH security.kmsKeyArn"],
    ],
    ["a role of the account", role("arn:aws:iam::123456789012:role/a"), []],
    [
      "a role of another account",
      role("arn:aws:iam::999999999999:role/a"),
      ["ARN_MISMATCH security.roleArn"],
    ],
    [
      "a topic of another account",
      { account: "123456789012", observability: { notify: "arn:aws:sns:eu-west-1:999999999999:t" } },
      [],
    ],
  ])("%s", (_what, changes, expected) => {
    expect(found(changes)).toEqual(expected);
  });
});

describe("a schedule that sets one bound", () => {
  test.each<[Json, readonly string[]]>([
    [{ min: 6 }, []],
    [{ min: 7 }, ["ORDER scaling.policies.0.min"]],
    [{ min: 7, max: 8 }, []],
    [{ max: 2 }, []],
    [{ max: 1 }, ["ORDER scaling.policies.0.max"]],
    [{ min: 1, max: 1 }, []],
  ])("%j", (policy, expected) => {
    const list = [{ type: "scheduled", cron: "0 8 ? * MON-FRI *", ...policy }];
    expect(found({ scaling: { min: 2, max: 6, policies: list } })).toEqual(expected);
  });
});
