import type { Limit } from "../../modules/aws/limits";
import { limit } from "../../modules/aws/limits";
import { capabilityRules } from "../../modules/check/capability-rules";
import { CODES } from "../../modules/issues/codes";
import { z } from "zod";
import { targets } from "../../targets";
import { type Capabilities, defineTarget, type Target } from "../../targets/target";
import { planOf } from "../support/foundation";
import { baseManifest, type Json } from "../support/synth";

const figure = (value: number, note?: string): Limit =>
  limit(value, "things", "https://example.com", "2026-11", note);

const CAN: Capabilities = {
  summary: "can little",
  architectures: ["x86_64"],
  gpu: figure(1),
  cpu: figure(4),
  memory: figure(8192),
  storage: figure(10),
  payload: { request: figure(6 * 1024), response: figure(2 * 1024), warnAbove: figure(4 * 1024) },
  requestDuration: figure(60),
  scaling: {
    policies: { "target-tracking": ["cpu"], scheduled: [] },
    minimum: figure(1),
    fallback: null,
    instead: "use target-tracking",
  },
  rollouts: ["all-at-once", "canary"],
  secrets: "injected",
  images: "ecr-same-region",
  artifacts: ["s3"],
  server: "fixed",
  dataCapture: false,
  public: false,
};

function target(kind: string, can: Partial<Capabilities> = {}): Target {
  return defineTarget({
    kind,
    title: `The ${kind}`,
    platform: "aws",
    useCase: "tests",
    strengths: [],
    weaknesses: [],
    options: z.strictObject({}),
    modes: { only: { ...CAN, ...can } },
    modeOf: () => "only",
    codes: {},
    check: () => [],
    needs: () => ({}),
    load: () => ({ synthesize: () => undefined }),
  });
}

const little = target("little");
const PUBLIC: Json = { network: { public: true } };
const found = (changes: Json, subject: Target = little, registry: readonly Target[] = [subject]) => [
  ...capabilityRules(planOf(changes), subject, "only", registry),
];
const codes = (changes: Json, can: Partial<Capabilities> = {}) =>
  found(changes, target("it", can)).map(({ code }) => code);
const resources = (more: Json) => ({ resources: { cpu: 1, memory: "2Gi", ...more } });
const payload = (request: string, response = "1Ki") => ({
  workload: { requestsPerSecond: 1, payload: { request, response } },
});
const policy = (more: Json) => ({ scaling: { max: 4, policies: [more] } });
const model = (more: Json) => ({ model: { ...(baseManifest().model as Json), ...more } });
const SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-b";

describe("capabilityRules", () => {
  test("are silent where everything can be had", () => {
    expect(found({})).toEqual([]);
  });

  test.each<[string, Json, readonly string[]]>([
    ["as many GPUs as there are", resources({ gpu: 1 }), []],
    ["a GPU more", resources({ gpu: 2 }), ["GPU_UNSUPPORTED"]],
    ["another architecture", resources({ architecture: "arm64" }), ["ARCHITECTURE_UNSUPPORTED"]],
    ["as many vCPUs as there are", resources({ cpu: 4 }), []],
    ["a little more", resources({ cpu: 4.001 }), ["CPU_LIMIT"]],
    ["as much memory as there is", resources({ memory: "8Gi" }), []],
    ["a MiB more", resources({ memory: "8193Mi" }), ["MEMORY_LIMIT"]],
    ["as much storage as there is", resources({ storage: "10Gi" }), []],
    ["a MiB more storage", resources({ storage: "10241Mi" }), ["STORAGE_LIMIT"]],
    ["a small request", payload("4Ki"), []],
    ["a request that some clients refuse", payload("4.001Ki".replace("4.001Ki", "5Ki")), ["PAYLOAD_UNSURE"]],
    ["the largest request", payload("6Ki"), ["PAYLOAD_UNSURE"]],
    ["a larger request", payload("7Ki"), ["PAYLOAD_LIMIT"]],
    ["the largest response", payload("1Ki", "2Ki"), []],
    ["a larger response", payload("1Ki", "3Ki"), ["PAYLOAD_LIMIT"]],
    [
      "the longest request",
      { workload: { requestsPerSecond: 1, serviceTime: { p50: "1s", p99: "60s" } } },
      [],
    ],
    [
      "a longer request",
      { workload: { requestsPerSecond: 1, serviceTime: { p50: "1s", p99: "60001ms" } } },
      ["DURATION_LIMIT"],
    ],
    ["a policy that it has", policy({ type: "target-tracking", metric: "cpu", target: 1 }), []],
    [
      "a metric that it lacks",
      policy({ type: "target-tracking", metric: "memory", target: 1 }),
      ["SCALING_METRIC_UNSUPPORTED"],
    ],
    [
      "a kind that it lacks",
      policy({ type: "step", metric: "cpu", threshold: 1, steps: [{ from: 0, add: 1 }] }),
      ["SCALING_POLICY_UNSUPPORTED"],
    ],
    ["a schedule", policy({ type: "scheduled", cron: "0 8 ? * MON-FRI *", min: 1 }), []],
    [
      "a schedule to zero",
      policy({ type: "scheduled", cron: "0 8 ? * MON-FRI *", min: 0 }),
      ["SCALING_MINIMUM"],
    ],
    ["the fewest replicas", { scaling: { min: 1 } }, []],
    ["fewer", { scaling: { min: 0 } }, ["SCALING_MINIMUM"]],
    ["a rollout that it has", { rollout: { strategy: "canary" } }, []],
    ["a rollout that it lacks", { rollout: { strategy: "linear" } }, ["ROLLOUT_UNSUPPORTED"]],
    ["an image of Docker Hub", { model: { image: `fraud@sha256:${"a".repeat(64)}` } }, ["IMAGE_REGISTRY"]],
    [
      "an image of another region",
      { model: { image: `123456789012.dkr.ecr.us-east-1.amazonaws.com/f@sha256:${"a".repeat(64)}` } },
      ["IMAGE_REGISTRY"],
    ],
    ["an artifact in S3", model({ artifact: "s3://bucket/a.tar.gz" }), []],
    ["an artifact here", model({ artifact: "package.json" }), ["ARTIFACT_UNSUPPORTED"]],
    ["the fixed server", model({ server: { port: 8080, health: "/ping", invoke: "/invocations" } }), []],
    ["another port", model({ server: { port: 80 } }), ["SERVER_CONTRACT"]],
    [
      "other paths",
      model({ server: { health: "/h", invoke: "/i" } }),
      ["SERVER_CONTRACT", "SERVER_CONTRACT"],
    ],
    ["no capture", { observability: { dataCapture: 0 } }, []],
    ["capture", { observability: { dataCapture: 0.1 } }, ["DATA_CAPTURE_UNSUPPORTED"]],
    ["secrets by value", model({ secrets: { A: SECRET } }), []],
  ])("%s", (_what, changes, expected) => {
    expect(codes(changes)).toEqual(expected);
  });

  test("what the capability allows, passes", () => {
    expect(codes(model({ secrets: { A: SECRET } }), { secrets: "reference" })).toEqual([
      "SECRET_BY_REFERENCE",
    ]);
    expect(codes(model({ server: { port: 80 } }), { server: "free" })).toEqual([]);
    expect(codes({ model: { image: `fraud@sha256:${"a".repeat(64)}` } }, { images: "any" })).toEqual([]);
    expect(codes({ observability: { dataCapture: 5 } }, { dataCapture: true })).toEqual([]);
    const foreign = {
      model: { image: `123456789012.dkr.ecr.us-east-1.amazonaws.com/f@sha256:${"a".repeat(64)}` },
    };
    expect(codes(foreign, { images: "ecr" })).toEqual([]);
  });

  test("every finding is documented, sourced and of its target", () => {
    for (const finding of found(resources({ gpu: 2, cpu: 5, memory: "9Gi", storage: "11Gi" }))) {
      expect(Object.keys(CODES)).toContain(finding.code);
      expect(finding.target).toBe("little");
      expect(finding.message).toMatch(/^The little has no /);
      expect(finding.allowed).toMatch(/\(https:\/\/example\.com, 2026-11\)$/);
    }
  });

  test("names the targets that can, and none that cannot", () => {
    const registry = [little, target("large", { gpu: figure(8) }), target("small")];
    const [finding] = found(resources({ gpu: 2 }), little, registry);
    expect(finding?.fix).toBe("targets that can: large");
    expect(found(resources({ gpu: 9 }), little, registry)[0]?.fix).toBeUndefined();
  });
});

describe("a public endpoint where the target opens none", () => {
  test("says that nobody on the internet gets in, where nobody does", () => {
    expect(found(PUBLIC)).toMatchObject([
      {
        code: "PUBLIC_UNSUPPORTED",
        message: "The little opens no address on the internet; `network.public` changes nothing for it",
        fix: "put a gateway of your own in front of it",
      },
    ]);
  });

  test("says how callers get in all the same, where they do", () => {
    expect(found(PUBLIC, target("api", { reachedBy: "callers use the API" }))).toEqual([
      {
        code: "PUBLIC_UNSUPPORTED",
        path: ["network", "public"],
        message: "The api opens nothing more for `network.public`: callers use the API",
        target: "api",
      },
    ]);
  });

  test("is not said of a target that opens one", () => {
    expect(found(PUBLIC, target("open", { public: true }))).toEqual([]);
  });

  // Both are reached from the internet through AWS's own addresses, Lambda also at its function URL.
  test.each([
    ["lambda", "image", /Lambda's API, and from the internet at the address of targets\.lambda\.functionUrl/],
    ["sagemaker-realtime", "serverless", /through SageMaker's API/],
  ])("%s does not claim to be out of the internet's reach", (kind, mode, reason) => {
    const subject = targets.find((one) => one.kind === kind);
    if (subject === undefined) throw new Error(`no ${kind}`);
    const said = [...capabilityRules(planOf(PUBLIC), subject, mode, [subject])]
      .filter(({ code }) => code === "PUBLIC_UNSUPPORTED")
      .map((finding) => finding.message);
    expect(said).toEqual([expect.stringMatching(reason)]);
    expect(said[0]).not.toMatch(/no address|changes nothing/);
  });
});
