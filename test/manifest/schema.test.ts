import { assert, property, stringMatching } from "fast-check";
import { manifestSchema } from "../../modules/manifest/schema";
import { baseManifest, errorCodes, type Json, issues } from "../support/synth";

const DIGEST = `sha256:${"a".repeat(64)}`;
const model = (more: Json) => ({ model: { ...(baseManifest().model as Json), ...more } });
const build = (more: Json) => ({ model: { build: { context: ".", ...more } } });
const policy = (more: Json) => ({ scaling: { min: 1, max: 4, policies: [more] } });
const tracking = (more: Json) => policy({ type: "target-tracking", metric: "cpu", target: 70, ...more });
const step = (more: Json) =>
  policy({ type: "step", metric: "cpu", threshold: 70, steps: [{ from: 0, add: 1 }], ...more });
const scheduled = (more: Json) => policy({ type: "scheduled", cron: "0 8 ? * MON-FRI *", min: 1, ...more });
const workload = (more: Json) => ({ workload: { requestsPerSecond: 1, ...more } });

/** Whether the schema itself takes a manifest, targets and rules aside. */
const takes = (changes: Json) => manifestSchema.safeParse(baseManifest(changes)).success;

describe("bounds", () => {
  // Field, what it is set to, and for each value whether it is taken: 0, both bounds, just beyond.
  const cases: readonly (readonly [
    string,
    (value: unknown) => Json,
    readonly unknown[],
    readonly unknown[],
  ])[] = [
    [
      "resources.cpu",
      (cpu) => ({ resources: { cpu, memory: "1Gi" } }),
      [0.125, 1, 448],
      [0, 0.124, 448.001, -1, "1"],
    ],
    [
      "resources.memory",
      (memory) => ({ resources: { cpu: 1, memory } }),
      ["128Mi", "24576Gi", "24Ti"],
      ["0Mi", "127Mi", "24577Gi", 128],
    ],
    [
      "resources.gpu",
      (gpu) => ({ resources: { cpu: 1, memory: "1Gi", gpu } }),
      [0, 1, 16],
      [-1, 17, 0.5, "1"],
    ],
    [
      "resources.storage",
      (storage) => ({ resources: { cpu: 1, memory: "1Gi", storage } }),
      ["512Mi", "16Ti"],
      ["511Mi", "16385Gi", "0Gi"],
    ],
    ["model.server.port", (port) => model({ server: { port } }), [1, 8080, 65535], [0, 65536, 80.5, "80"]],
    [
      "model.server.startup",
      (startup) => model({ server: { startup } }),
      ["1s", "1h", "3600s"],
      ["0s", "999ms", "3601s"],
    ],
    [
      "workload.requestsPerSecond",
      (requestsPerSecond) => ({ workload: { requestsPerSecond } }),
      [0, 10_000_000],
      [-0.001, 10_000_000.1],
    ],
    [
      "workload.requestsPerSecond.peak",
      (peak) => ({ workload: { requestsPerSecond: { average: 0, peak } } }),
      [0, 10_000_000],
      [-1, 10_000_001],
    ],
    [
      "workload.hourly",
      (length) => ({ workload: { hourly: Array.from({ length: Number(length) }, () => 1) } }),
      [24, 168],
      [0, 23, 169],
    ],
    ["workload.concurrency", (concurrency) => workload({ concurrency }), [1, 10_000], [0, 10_001, 1.5]],
    [
      "workload.slo.errorRate",
      (errorRate) => workload({ slo: { p99: "1s", errorRate } }),
      [0, 1],
      [-0.001, 1.001],
    ],
    [
      "workload.batch.records",
      (records) => workload({ batch: { records, recordSize: "1Ki", every: "1d" } }),
      [1, 1e12],
      [0, 1e12 + 1],
    ],
    [
      "workload.batch.every",
      (every) => workload({ batch: { records: 1, recordSize: "1Ki", every } }),
      ["60s", "1m"],
      ["59s", "0d"],
    ],
    ["scaling.min", (min) => ({ scaling: { min } }), [0, 10_000], [-1, 10_001, 0.5]],
    ["scaling.max", (max) => ({ scaling: { max } }), [0, 10_000], [-1, 10_001, 0.5]],
    [
      "scaling.policies",
      (length) => ({
        scaling: { policies: Array.from({ length: Number(length) }, () => tracking({}).scaling.policies[0]) },
      }),
      [0, 10],
      [11],
    ],
    ["policy.target", (target) => tracking({ target }), [0.001, 1e9], [0, -1, 1e9 + 1]],
    [
      "policy.scaleInCooldown",
      (scaleInCooldown) => tracking({ scaleInCooldown }),
      ["1s", "1d"],
      ["0s", "86401s", 5],
    ],
    [
      "policy.scaleOutCooldown",
      (scaleOutCooldown) => tracking({ scaleOutCooldown }),
      ["1s", "1d"],
      ["0s", "86401s"],
    ],
    ["policy.threshold", (threshold) => step({ threshold }), [0.001, 1e9], [0, -1, 1e9 + 1]],
    [
      "policy.steps",
      (length) => step({ steps: Array.from({ length: Number(length) }, () => ({ from: 0, add: 1 })) }),
      [1, 20],
      [0, 21],
    ],
    ["policy.steps.add", (add) => step({ steps: [{ from: 0, add }] }), [-1000, 0, 1000], [-1001, 1001, 0.5]],
    ["policy.cooldown", (cooldown) => step({ cooldown }), ["1s", "1d"], ["0s", "86401s"]],
    ["policy.min", (min) => scheduled({ min }), [0, 10_000], [-1, 10_001]],
    ["policy.max", (max) => scheduled({ max }), [0, 10_000], [-1, 10_001]],
    ["rollout.step", (value) => ({ rollout: { step: value } }), [1, 100], [0, 101, 5.5]],
    ["rollout.interval", (interval) => ({ rollout: { interval } }), ["60s", "48h"], ["59s", "172801s", "0s"]],
    [
      "observability.dataCapture",
      (dataCapture) => ({ observability: { dataCapture } }),
      [0, 0.5, 100],
      [-0.1, 100.1],
    ],
    [
      "observability.logRetention",
      (logRetention) => ({ observability: { logRetention } }),
      ["1d", "24h", "3653d"],
      ["23h", "0d"],
    ],
    [
      "network.availabilityZones",
      (count) => ({
        network: {
          availabilityZones: ["a", "b", "c", "d", "e", "f", "g"]
            .slice(0, Number(count))
            .map((letter) => `eu-west-1${letter}`),
        },
      }),
      [2, 6],
      [0, 1, 7],
    ],
    [
      "network.subnetIds",
      (count) => ({
        network: {
          vpcId: "vpc-0a1b2c3d",
          subnetIds: Array.from({ length: Number(count) }, () => "subnet-0a1b2c3d"),
        },
      }),
      [1, 16],
      [0, 17],
    ],
    [
      "network.securityGroupIds",
      (count) => ({
        network: { securityGroupIds: Array.from({ length: Number(count) }, () => "sg-0a1b2c3d") },
      }),
      [1, 5],
      [0, 6],
    ],
  ];

  test.each(cases)("%s", (_field, changes, good, bad) => {
    for (const value of good) expect([value, takes(changes(value))]).toEqual([value, true]);
    for (const value of bad) expect([value, takes(changes(value))]).toEqual([value, false]);
  });

  test("a bound in a message is the schema's", () => {
    const [issue] = issues({
      manifest: baseManifest({ resources: { cpu: 449, memory: "1Gi" } }),
      target: "docker",
    });
    expect(issue).toMatchObject({
      code: "RANGE",
      path: "resources.cpu",
      allowed: "a number from 0.125 to 448",
    });
  });
});

describe("spellings", () => {
  const cases: readonly (readonly [
    string,
    (value: unknown) => Json,
    readonly unknown[],
    readonly unknown[],
  ])[] = [
    ["apiVersion", (apiVersion) => ({ apiVersion }), ["modelport/v1"], ["modelport/v2", "v1", 1, ""]],
    [
      "name",
      (name) => ({ name }),
      ["abc", `a${"b".repeat(31)}`, "a-1"],
      ["ab", `a${"b".repeat(32)}`, "1ab", "ab-", "aB1", "a_b", "", "a b"],
    ],
    ["description", (description) => ({ description }), ["", "x".repeat(256)], ["x".repeat(257), 5]],
    [
      "region",
      (region) => ({ region }),
      ["eu-west-1", "us-gov-west-1", "cn-north-1"],
      ["eu-west", "EU-WEST-1", "eu_west_1", "eu-west-11"],
    ],
    [
      "account",
      (account) => ({ account }),
      ["123456789012", "000000000000"],
      ["12345678901", "1234567890123", 123456789012, "12345678901a"],
    ],
    [
      "a tag's key",
      (key) => ({ tags: { [String(key)]: "x" } }),
      ["a", "x".repeat(128), "é b_.:/=+-@", "awsome"],
      ["", "x".repeat(129), "aws:x", "a*b", "a\nb"],
    ],
    [
      "a tag's value",
      (value) => ({ tags: { a: value } }),
      ["", "x".repeat(256), "日本"],
      ["x".repeat(257), "a*b", "${x}", 5],
    ],
    [
      "model.image",
      (image) => ({ model: { image } }),
      ["a", "a/b:1", `r.io:5000/a/b@${DIGEST}`, "localhost:5000/a:x"],
      ["", "A/b", "a:", "a@sha256:12", "a b", "https://a/b", "${x}"],
    ],
    [
      "model.artifact",
      (artifact) => model({ artifact }),
      ["s3://bucket", "s3://bucket/a/b.tar.gz", "model.tar.gz", "./a/b c"],
      [
        "s3://B/x",
        "s3://bucket/a*",
        "/etc/passwd",
        "../x",
        "a/../../b",
        "https://x/y",
        "",
        "s3://bucket/${x}",
      ],
    ],
    [
      "model.server.health",
      (health) => model({ server: { health } }),
      ["/", "/ping", `/${"a".repeat(127)}`],
      ["", "ping", "/a b", "/a?b", `/${"a".repeat(128)}`, "/${x}"],
    ],
    [
      "an environment variable's name",
      (name) => model({ environment: { [String(name)]: "x" } }),
      ["A", "_a1", "A".repeat(255)],
      ["1A", "A-B", "A B", "", "A".repeat(256), "${x}"],
    ],
    [
      "an environment variable's value",
      (value) => model({ environment: { A: value } }),
      ["", "x".repeat(4096), "${x}"],
      ["x".repeat(4097), 5, true, null],
    ],
    [
      "a secret",
      (value) => model({ secrets: { A: value } }),
      [
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-b",
        "arn:aws-cn:ssm:cn-north-1:123456789012:parameter/a/b",
      ],
      [
        "hunter2",
        "arn:aws:s3:::bucket",
        "arn:aws:secretsmanager:eu-west-1:12:secret:a",
        "arn:aws:ssm:eu-west-1:123456789012:parameter/*",
      ],
    ],
    [
      "model.build.dockerfile",
      (dockerfile) => build({ dockerfile }),
      ["Dockerfile", "docker/Dockerfile.gpu"],
      ["../Dockerfile", "/Dockerfile", "", "a;b"],
    ],
    [
      "rollout.strategy",
      (strategy) => ({ rollout: { strategy } }),
      ["all-at-once", "canary", "linear", "rolling"],
      ["blue-green", "", 1],
    ],
    [
      "network.vpcId",
      (vpcId) => ({ network: { vpcId } }),
      ["vpc-0a1b2c3d", "vpc-0a1b2c3d4e5f60718"],
      ["vpc-xyz", "vpc-0a1b2c3", "0a1b2c3d"],
    ],
    [
      "network.cidr",
      (cidr) => ({ network: { cidr } }),
      ["10.0.0.0/16", "172.16.0.0/24", "192.168.0.0/20"],
      ["8.8.8.0/24", "10.0.0.0/15", "10.0.0.0/25", "10.0.0.0", "172.32.0.0/16"],
    ],
    [
      "network.domain",
      (domain) => ({ network: { domain } }),
      ["a.io", "fraud.example.com", `${"a".repeat(63)}.com`],
      ["localhost", "-a.com", "A.com", `${"a".repeat(64)}.com`, "a..com", "a.com."],
    ],
    [
      "security.kmsKeyArn",
      (kmsKeyArn) => ({ security: { kmsKeyArn } }),
      ["arn:aws:kms:eu-west-1:123456789012:key/1234abcd"],
      ["arn:aws:kms:eu-west-1:123456789012:alias/x", "1234abcd", "arn:gcp:kms:eu-west-1:123456789012:key/1"],
    ],
    [
      "security.roleArn",
      (roleArn) => ({ security: { roleArn } }),
      ["arn:aws:iam::123456789012:role/a", "arn:aws:iam::123456789012:role/path/to/a"],
      [
        "arn:aws:iam::123456789012:user/a",
        "arn:aws:iam::123456789012:role/",
        "arn:aws:iam::123456789012:role/a*",
      ],
    ],
    [
      "a cron expression",
      (cron) => scheduled({ cron }),
      ["0 8 ? * MON-FRI *", "*/5 * * * ? *"],
      [
        "0 8 *",
        "0 8 ? * MON-FRI *; rm",
        "",
        "0 8 32 * ? *",
        "0 24 ? * MON *",
        "0 8 * * * *",
        "0 9 L-2 * ? *",
      ],
    ],
    [
      "a time zone",
      (timezone) => scheduled({ timezone }),
      ["UTC", "Europe/Dublin", "America/Argentina/Buenos_Aires"],
      ["", "1UTC", "a b", "${x}", "Mars/Olympus"],
    ],
  ];

  test.each(cases)("%s", (_field, changes, good, bad) => {
    for (const value of good) expect([value, takes(changes(value))]).toEqual([value, true]);
    for (const value of bad) expect([value, takes(changes(value))]).toEqual([value, false]);
  });
});

describe("defaults", () => {
  test("are what the contract says", () => {
    const parsed = manifestSchema.parse(baseManifest());
    expect(JSON.parse(JSON.stringify(parsed))).toEqual({
      ...baseManifest(),
      policies: { suppress: [] },
      registry: {},
      storage: {},
      tags: {},
      model: {
        ...baseManifest().model,
        server: { port: 8080, health: "/ping", invoke: "/invocations", startup: "30s" },
        environment: {},
        secrets: {},
      },
      resources: { cpu: 1, memory: "2Gi", gpu: 0, architecture: "x86_64" },
      scaling: { min: 1 },
      rollout: { step: 10, interval: "10m", rollback: true },
      network: { cidr: "10.0.0.0/16", internetAccess: false, public: false },
      security: { deletionProtection: true },
      observability: { logRetention: "365d", alarms: true, dashboard: true },
      targets: {},
      environments: {},
    });
  });

  test("a policy's cooldowns", () => {
    const { scaling } = manifestSchema.parse(baseManifest({ ...tracking({}) }));
    expect(JSON.parse(JSON.stringify(scaling.policies))).toEqual([
      { type: "target-tracking", metric: "cpu", target: 70, scaleInCooldown: "5m", scaleOutCooldown: "1m" },
    ]);
  });
});

test("every map refuses a field that it does not have", () => {
  const maps: readonly (readonly string[])[] = [
    [],
    ["model"],
    ["resources"],
    ["scaling"],
    ["rollout"],
    ["network"],
    ["security"],
    ["observability"],
    ["workload"],
    ["targets", "lambda"],
  ];
  for (const path of maps) {
    const manifest = JSON.parse(
      JSON.stringify(
        baseManifest({
          scaling: {},
          rollout: {},
          network: {},
          security: {},
          observability: {},
          workload: { requestsPerSecond: 1 },
          targets: { lambda: {} },
        }),
      ),
    ) as Json;
    let map = manifest as Record<string, Record<string, unknown>>;
    for (const stepName of path) map = map[stepName] as never;
    (map as Record<string, unknown>).bogusField = 1;
    const found = issues({ manifest, target: "lambda" }).filter(({ code }) => code === "UNKNOWN_FIELD");
    expect(found.map((issue) => issue.path)).toEqual([[...path, "bogusField"].join(".")]);
  }
});

test("names of the pattern are taken, whatever they are", () => {
  const name = stringMatching(/^[a-z](?:-?[a-z0-9]){2,15}$/);
  assert(
    property(name, (text) => {
      expect(errorCodes({ manifest: baseManifest({ name: text }), target: "docker" })).toEqual([]);
    }),
    { numRuns: 50 },
  );
});
