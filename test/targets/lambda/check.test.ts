import { readFileSync } from "node:fs";
import { join } from "node:path";
import { lambda } from "../../../targets/lambda";
import { RESERVED_VARIABLES } from "../../../targets/lambda/limits";
import { variables } from "../../../targets/lambda/settings";
import { issues, type Json, resolve } from "../../support/synth";
import { codes, findings, input } from "./support";

const IMAGE = `123456789012.dkr.ecr.eu-west-1.amazonaws.com/fraud@sha256:${"a".repeat(64)}`;
const model = (more: Json) => ({ model: { image: IMAGE, ...more } });
const resources = (cpu: number, memory = "2Gi", more: Json = {}) => ({ resources: { cpu, memory, ...more } });
const work = (p99: string) => ({ workload: { requestsPerSecond: 1, serviceTime: { p50: "1ms", p99 } } });

describe("every code", () => {
  it.each(Object.keys(lambda.codes))("%s has a manifest that provokes it and nothing else", (code) => {
    const file = join(__dirname, "../../rejects", `${code}.yaml`);
    expect(readFileSync(file, "utf8")).toMatch(/^# target: lambda\n/);
    const found = issues({ file, target: "lambda", registry: [lambda] });
    expect(found.map((issue) => issue.code)).toEqual([code]);
    expect(found[0]?.line).toBeGreaterThan(0);
    expect(found[0]?.target).toBe("lambda");
    expect(found[0]?.severity).toBe(lambda.codes[code]?.severity);
  });
});

describe("a plain manifest", () => {
  it("has no issue", () => {
    expect(findings()).toEqual([]);
  });

  it("as in the documentation has none either", () => {
    const options = { memory: "4096Mi", timeout: "30s", provisionedConcurrency: 5 };
    expect(findings(options, resources(2, "4Gi"))).toEqual([]);
  });
});

describe("memory", () => {
  it.each([
    ["3538Mi", 2, "2Gi", []],
    ["3537Mi", 2, "2Gi", ["LAMBDA_MEMORY"]],
    ["2048Mi", 1, "2Gi", []],
    ["2047Mi", 1, "2Gi", ["LAMBDA_MEMORY"]],
    ["2Gi", 2, "3Gi", ["LAMBDA_MEMORY", "LAMBDA_MEMORY"]],
    ["128Mi", 0.0723, "128Mi", ["RANGE"]],
    ["222Mi", 0.125, "128Mi", []],
    ["127Mi", 1, "2Gi", ["RANGE"]],
    ["10240Mi", 5.788, "2Gi", []],
    ["10241Mi", 1, "2Gi", ["RANGE"]],
    ["3000.5Mi", 1, "2Gi", ["LAMBDA_MEMORY"]],
  ])("of %s for %d vCPU and %s: %j", (memory, cpu, needed, expected) => {
    expect(codes({ memory }, resources(cpu, needed))).toEqual(expected);
  });

  it("names the shortfall and the way out", () => {
    expect(findings({ memory: "3Gi" }, resources(2))).toMatchObject([
      {
        path: "targets.lambda.memory",
        message: "3Gi brings 1.73 vCPUs, but resources.cpu asks for 2",
        allowed: expect.stringMatching(/^at least 3538Mi: one vCPU for each 1769 MiB \(https:/) as string,
        fix: "set memory: 3538Mi, remove it, or lower resources.cpu",
      },
    ]);
  });

  it("cannot hold more than 10,240 MiB, by memory or by CPU", () => {
    expect(codes({}, resources(5.788))).toEqual([]);
    expect(codes({}, resources(5.789))).toEqual(["CPU_LIMIT"]);
    expect(codes({ memory: "10Gi" }, resources(6))).toEqual(["CPU_LIMIT"]);
    expect(codes({}, resources(1, "10Gi"))).toEqual([]);
    expect(codes({}, resources(1, "10241Mi"))).toEqual(["MEMORY_LIMIT"]);
  });
});

describe("other resources", () => {
  it("have their limits", () => {
    expect(codes({}, resources(1, "2Gi", { storage: "10Gi" }))).toEqual([]);
    expect(codes({}, resources(1, "2Gi", { storage: "10241Mi" }))).toEqual(["STORAGE_LIMIT"]);
    expect(codes({}, resources(1, "2Gi", { gpu: 1 }))).toEqual(["GPU_UNSUPPORTED"]);
    expect(codes({}, model({ artifact: "s3://models/fraud/model.tar.gz" }))).toEqual([
      "ARTIFACT_UNSUPPORTED",
    ]);
    expect(codes({}, { rollout: { strategy: "rolling" } })).toEqual(["ROLLOUT_UNSUPPORTED"]);
    expect(codes({}, { observability: { dataCapture: 10 } })).toEqual(["DATA_CAPTURE_UNSUPPORTED"]);
  });

  it("payloads too", () => {
    const payload = (request: string) => ({
      workload: { requestsPerSecond: 1, payload: { request, response: "1Ki" } },
    });
    expect(codes({}, payload("4608Ki"))).toEqual([]);
    expect(codes({}, payload("4609Ki"))).toEqual(["PAYLOAD_UNSURE"]);
    expect(codes({}, payload("6Mi"))).toEqual(["PAYLOAD_UNSURE"]);
    expect(codes({}, payload("6145Ki"))).toEqual(["PAYLOAD_LIMIT"]);
  });
});

describe("timeout", () => {
  it.each([
    ["500ms", ["RANGE"]],
    ["1s", []],
    ["1500ms", ["LAMBDA_TIMEOUT"]],
    ["900s", []],
    ["901s", ["RANGE"]],
  ])("of %s: %j", (timeout, expected) => {
    expect(codes({ timeout }, model({ server: { startup: "1s" } }))).toEqual(expected);
  });

  it("is not shorter than a request", () => {
    expect(codes({ timeout: "45s" }, work("45s"))).toEqual([]);
    expect(codes({ timeout: "45s" }, work("45001ms"))).toEqual(["LAMBDA_TIMEOUT"]);
    expect(codes({}, work("15m"))).toEqual([]);
    expect(codes({}, work("901s"))).toEqual(["DURATION_LIMIT"]);
  });

  it.each([
    ["10s", { timeout: "5s" }, []],
    ["11s", { timeout: "5s" }, ["LAMBDA_STARTUP"]],
    ["30s", { timeout: "30s" }, []],
    ["31s", { timeout: "30s" }, ["LAMBDA_STARTUP"]],
    ["15m", {}, []],
    ["16m", {}, ["LAMBDA_STARTUP"]],
    // Provisioned environments have 130 seconds, whatever the timeout is.
    ["130s", { timeout: "5s", provisionedConcurrency: 1 }, []],
    ["131s", { timeout: "5s", provisionedConcurrency: 1 }, ["LAMBDA_STARTUP"]],
  ])("leaves a server that needs %s the time to start: %j", (startup, options, expected) => {
    expect(codes(options as Json, model({ server: { startup } }))).toEqual(expected);
  });
});

describe("environment variables", () => {
  it.each([...RESERVED_VARIABLES])("%s is Lambda's own", (name) => {
    expect(codes({}, model({ environment: { [name]: "x" } }))).toEqual(["LAMBDA_VARIABLE"]);
  });

  it.each([
    ["_A", ["LAMBDA_VARIABLE"]],
    ["A", ["LAMBDA_VARIABLE"]],
    ["AB", []],
    ["A_", []],
    ["AWS_LWA_ENABLE_COMPRESSION", []],
    ["AWS_LWA_PORT", ["LAMBDA_VARIABLE"]],
    ["AWS_LWA_READINESS_CHECK_PATH", ["LAMBDA_VARIABLE"]],
    ["AWS_LWA_PASS_THROUGH_PATH", ["LAMBDA_VARIABLE"]],
  ])("%s: %j", (name, expected) => {
    expect(codes({}, model({ environment: { [name]: "x" } }))).toEqual(expected);
  });

  it("may repeat what the server says, and are free without adapter", () => {
    expect(codes({}, model({ environment: { AWS_LWA_PORT: "8080" } }))).toEqual([]);
    expect(codes({ adapter: false }, model({ environment: { AWS_LWA_PORT: "9000" } }))).toEqual([]);
  });

  it("of secrets follow the same rules", () => {
    const secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:fraud-AbCdEf";
    expect(codes({}, model({ secrets: { _T: secret } }))).toContain("LAMBDA_VARIABLE");
    expect(
      findings({}, model({ secrets: { T: secret }, environment: { T_SECRET_ARN: "x" } })),
    ).toContainEqual(expect.objectContaining({ code: "CONFLICT", path: "model.environment.T_SECRET_ARN" }));
  });

  it("take 4,096 bytes as JSON, and not one more", () => {
    const own = variablesOf({ LONG: "" });
    const room = 4096 - Buffer.byteLength(JSON.stringify(own));
    expect(codes({}, model({ environment: { LONG: "x".repeat(room) } }))).toEqual([]);
    expect(codes({}, model({ environment: { LONG: "x".repeat(room + 1) } }))).toEqual([
      "LAMBDA_VARIABLES_SIZE",
    ]);
    // Two bytes each in UTF-8, and a quotation mark takes two in JSON.
    expect(codes({}, model({ environment: { LONG: "é".repeat(Math.floor(room / 2) + 1) } }))).toEqual([
      "LAMBDA_VARIABLES_SIZE",
    ]);
    expect(codes({}, model({ environment: { LONG: '"'.repeat(Math.floor(room / 2) + 1) } }))).toEqual([
      "LAMBDA_VARIABLES_SIZE",
    ]);
  });

  function variablesOf(environment: Json): Readonly<Record<string, string>> {
    const [deployment] = resolve(input({}, model({ environment }))).deployments;
    return variables(deployment?.plan as Parameters<typeof variables>[0]);
  }
});

describe("images", () => {
  it.each([
    ["123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud", ["IMAGE_REGISTRY"]],
    ["public.ecr.aws/x/fraud", ["IMAGE_REGISTRY"]],
    ["123456789012.dkr-ecr.eu-west-1.on.aws/fraud", ["LAMBDA_IMAGE_HOST"]],
    ["210987654321.dkr.ecr.eu-west-1.amazonaws.com/fraud", []],
  ])("of %s: %j", (repository, expected) => {
    const image = `${repository}@sha256:${"a".repeat(64)}`;
    expect(codes({}, { model: { image } })).toEqual(expected);
  });
});

describe("options", () => {
  it.each([
    [{ provisionedConcurrency: 0 }, "RANGE"],
    [{ provisionedConcurrency: 10_001 }, "RANGE"],
    [{ provisionedConcurrency: 1.5 }, "TYPE"],
    [{ reservedConcurrency: -1 }, "RANGE"],
    [{ reservedConcurrency: 100_001 }, "RANGE"],
    [{ functionUrl: "NONE" }, "TYPE"],
    [{ logLevel: "LOUD" }, "CHOICE"],
    [{ memory: 4096 }, "UNIT"],
    [{ timeout: 30 }, "UNIT"],
    [{ memorySize: "2Gi" }, "UNKNOWN_FIELD"],
  ])("%j is refused as %s", (options, code) => {
    expect(codes(options as Json)).toEqual([code]);
  });
});
