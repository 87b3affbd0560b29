import { readdirSync } from "node:fs";
import { issues } from "../../support/synth";
import { sagemakerBatch } from "../../../targets/sagemaker-batch";
import { options as schema } from "../../../targets/sagemaker-batch/options";
import { batch, manifest } from "./support";

const codes = (options = {}, changes = {}) =>
  issues({ manifest: manifest(options, changes) }).map(({ code }) => code);

describe("every code", () => {
  it.each(Object.keys(sagemakerBatch.codes))(
    "%s has a manifest that provokes it and nothing else",
    (code) => {
      const found = issues({ file: `test/rejects/${code}.yaml`, target: "sagemaker-batch" });
      const own = found.filter((issue) => issue.code !== "SECRET_BY_REFERENCE");
      expect(own.map((issue) => issue.code)).toEqual([code]);
      expect(own[0]?.target).toBe("sagemaker-batch");
      expect(own[0]?.line).toBeGreaterThan(0);
    },
  );

  it("has no manifest of a code that does not exist", () => {
    const files = readdirSync("test/rejects").filter((name) => name.startsWith("BATCH_"));
    expect(files.map((name) => name.replace(".yaml", "")).sort()).toEqual(
      Object.keys(sagemakerBatch.codes).sort(),
    );
  });
});

describe("numbers", () => {
  it.each([
    ["instanceCount", 1, 100, 0, 101],
    ["maxConcurrentTransforms", 1, 16, 0, 101],
    ["invocationMaxRetries", 0, 3, -1, 4],
    ["retries", 0, 5, -1, 6],
  ])("%s: from %d to %d", (name, low, high, below, above) => {
    for (const value of [low, high]) expect(codes({ [name]: value })).toEqual([]);
    for (const value of [below, above, low + 0.5]) expect(codes({ [name]: value })).not.toEqual([]);
  });

  it.each([
    ["maxPayload", "1Mi", "100Mi", "1023Ki", "101Mi"],
    ["invocationTimeout", "1s", "1h", "999ms", "3601s"],
    ["timeout", "1m", "30d", "59s", "31d"],
  ])("%s: from %s to %s", (name, low, high, below, above) => {
    for (const value of [low, high]) expect(codes({ [name]: value })).toEqual([]);
    for (const value of [below, above]) expect(codes({ [name]: value })).toEqual(["RANGE"]);
  });

  it("requests at once times their size: 100 MB", () => {
    expect(codes({ maxConcurrentTransforms: 4, maxPayload: "25Mi" })).toEqual([]);
    expect(codes({ maxConcurrentTransforms: 5, maxPayload: "25Mi" })).toEqual(["BATCH_PAYLOAD"]);
    expect(codes({ maxPayload: "1536Ki" })).toEqual(["BATCH_PAYLOAD"]);
    expect(codes({ maxConcurrentTransforms: 100, unlimitedPayload: true })).toEqual([]);
  });

  it("a record fits into a request", () => {
    const workload = (recordSize: string) => ({
      workload: { batch: { records: 10, recordSize, every: "1d" } },
    });
    expect(codes({ splitType: "Line" }, workload("6Mi"))).toEqual([]);
    expect(codes({ splitType: "Line" }, workload("7Mi"))).toEqual(["BATCH_PAYLOAD"]);
    expect(codes({}, workload("7Mi"))).toEqual([]);
  });

  it("a request ends before its timeout", () => {
    const workload = { workload: { requestsPerSecond: 1, serviceTime: { p50: "1s", p99: "11m" } } };
    expect(codes({}, workload)).toEqual(["BATCH_DURATION"]);
    expect(codes({ invocationTimeout: "11m" }, workload)).toEqual([]);
  });

  it("environment variables: 100 of 1,024 characters", () => {
    const environment = (count: number, length: number) => ({
      model: {
        ...(manifest().model as object),
        environment: Object.fromEntries(
          Array.from({ length: count }, (_, index) => [`V${index}`, "x".repeat(length)]),
        ),
      },
    });
    expect(codes({}, environment(100, 1024))).toEqual([]);
    expect(codes({}, environment(101, 1))).toEqual(["BATCH_ENVIRONMENT"]);
    expect(codes({}, environment(1, 1025))).toEqual(["BATCH_ENVIRONMENT"]);
  });
});

describe("places in S3", () => {
  it.each([
    ["s3://bb/in/", "s3://bb/out/", []],
    ["s3://bb/in/", "s3://bb/in-results/", []],
    ["s3://bb/in", "s3://bb/in-results/", ["BATCH_LOCATIONS"]],
    ["s3://bb/in/", "s3://bb/in/", ["BATCH_LOCATIONS"]],
    ["s3://bb/in/", "s3://bb/in", ["BATCH_LOCATIONS"]],
    ["s3://bb/in/", "s3://bb/in/out/", ["BATCH_LOCATIONS"]],
    ["s3://bb", "s3://bb/out/", ["BATCH_LOCATIONS"]],
    ["s3://bb/out/in/", "s3://bb/out/", []],
    ["s3://aa", "s3://bb", []],
    ["s3://aa/*", "s3://bb", ["FORMAT"]],
    ["s3://aa/${x}", "s3://bb", ["FORMAT"]],
    ["https://a/b", "s3://bb", ["FORMAT"]],
  ])("%s and %s", (input, output, expected) => {
    expect(codes({ input, output })).toEqual(expected);
  });

  it("keep the artifact out of what jobs read and write", () => {
    const artifact = (uri: string) => ({ model: { ...(manifest().model as object), artifact: uri } });
    expect(codes({}, artifact("s3://in/other/model.tar.gz"))).toEqual([]);
    expect(codes({}, artifact("s3://in/data/model.tar.gz"))).toEqual(["BATCH_LOCATIONS"]);
    expect(codes({}, artifact("s3://out/model.tar.gz"))).toEqual(["BATCH_LOCATIONS"]);
  });

  it("are required", () => {
    const found = issues({ manifest: manifest({}, { targets: {} }) });
    expect(found.map(({ code, path }) => [code, path])).toEqual([
      ["REQUIRED", "targets.sagemaker-batch.input"],
      ["REQUIRED", "targets.sagemaker-batch.output"],
    ]);
  });
});

describe("requests that are filled up", () => {
  const slow = (recordSize: string) => ({
    workload: {
      serviceTime: { p50: "300ms", p99: "300ms" },
      batch: { records: 1_000_000, recordSize, every: "1d" },
    },
  });

  it("are warned of where they last longer than their timeout, with what fits", () => {
    // 6 Mi hold 6,144 records of 1 Ki; 0.3 s each.
    const [issue, ...others] = issues({ manifest: manifest({ splitType: "Line" }, slow("1Ki")) });
    expect(others).toEqual([]);
    expect(issue).toMatchObject({
      code: "BATCH_REQUEST_LONG",
      severity: "warning",
      path: "targets.sagemaker-batch.invocationTimeout",
      message:
        "10m is shorter than 6144 records of 1Ki take one after the other, 1843 s: so many fit into maxPayload",
      fix: "set maxPayload: 1Mi, or invocationTimeout: 31m, or measure what the model gains from batches",
    });
  });

  it.each([
    [{ splitType: "Line", maxPayload: "1Mi" }, "1Ki"],
    [{ splitType: "Line", invocationTimeout: "31m" }, "1Ki"],
    [{ splitType: "Line", batchStrategy: "SingleRecord" }, "1Ki"],
    [{ splitType: "Line" }, "4Ki"],
    [{}, "1Ki"],
  ])("%j with records of %s are not", (options, recordSize) => {
    expect(codes(options, slow(recordSize))).toEqual([]);
  });
});

describe("spellings", () => {
  it.each(["cron(0 2 * * ? *)", "rate(1 day)", "rate(90 minutes)", "cron(0/15 8-18 ? * MON-FRI 2026-2030)"])(
    "%s is a schedule",
    (schedule) => {
      expect(codes({ schedule })).toEqual([]);
    },
  );

  it.each([
    ["0 2 * * *", "FORMAT"],
    ["at(2026-11-23T00:00:00)", "FORMAT"],
    ["cron(0 2 * * ?)", "BATCH_SCHEDULE"],
    ["cron(0 24 * * ? *)", "BATCH_SCHEDULE"],
    ["rate(0 days)", "BATCH_SCHEDULE"],
    ["rate(10 seconds)", "BATCH_SCHEDULE"],
    ["cron(0 2 * * ? *)<aws.scheduler.execution-id>", "FORMAT"],
  ])("%s is none", (schedule, code) => {
    expect(codes({ schedule })).toEqual([code]);
  });

  it("a time zone is one of the IANA database", () => {
    expect(codes({ schedule: "rate(1 day)", timezone: "America/New_York" })).toEqual([]);
    expect(codes({ schedule: "rate(1 day)", timezone: "Europe/Dublim" })).toEqual(["BATCH_SCHEDULE"]);
  });

  it.each([
    "$",
    "$[1:]",
    "$[0,5:]",
    "$.features",
    "$.a.b-c[0]",
    "$['id','SageMakerOutput']",
    "$[*]",
    "$[-1:]",
  ])("%s is a filter", (inputFilter) => {
    expect(codes({ inputFilter, contentType: "text/csv" })).toEqual([]);
  });

  it.each(["", "features", "$[?(@.a)]", "$..a", "$.a'", "$.${x}", `$.${"a".repeat(62)}`, "$['a\\'']"])(
    "%s is none",
    (inputFilter) => {
      expect(codes({ inputFilter, contentType: "text/csv" })).toEqual(["FORMAT"]);
    },
  );

  it("filters and joins need records", () => {
    for (const contentType of [
      "text/csv",
      "application/json",
      "application/jsonlines",
      "text/csv;charset=u",
    ]) {
      expect(codes({ joinSource: "Input", contentType })).toEqual([]);
    }
    expect(codes({ outputFilter: "$[0]", contentType: "image/png" })).toEqual(["BATCH_FILTER"]);
  });
});

describe("what the service does not have", () => {
  it.each([
    [{ resources: { cpu: 1, memory: "2Gi", architecture: "arm64" } }, "ARCHITECTURE_UNSUPPORTED"],
    [{ resources: { cpu: 1, memory: "2Gi", storage: "1Gi" } }, "STORAGE_LIMIT"],
    [
      { scaling: { max: 2, policies: [{ type: "target-tracking", metric: "cpu", target: 50 }] } },
      "SCALING_POLICY_UNSUPPORTED",
    ],
    [{ rollout: { strategy: "canary" } }, "ROLLOUT_UNSUPPORTED"],
    [{ observability: { dataCapture: 10 } }, "DATA_CAPTURE_UNSUPPORTED"],
    [{ model: { image: "docker.io/library/x:1" } }, "IMAGE_REGISTRY"],
  ])("%o", (changes, code) => {
    expect(codes({}, changes)).toContain(code);
  });

  it("scales from nothing, since nothing runs between jobs", () => {
    expect(codes({}, { scaling: { min: 0, max: 1 } })).toEqual([]);
    expect(codes({ instanceCount: 3 }, { scaling: { min: 3, max: 3 } })).toEqual([]);
    expect(codes({}, { scaling: { min: 2, max: 2 } })).toEqual(["BATCH_FIXED_COUNT"]);
  });
});

it("every option has a description, and changes the stack", () => {
  const changed: Record<string, unknown> = {
    input: "s3://other/",
    output: "s3://elsewhere/",
    runFolders: false,
    schedule: "rate(1 day)",
    timezone: "Europe/Dublin",
    onArrival: true,
    instanceType: "ml.m5.2xlarge",
    instanceCount: 2,
    contentType: "text/csv",
    accept: "text/csv",
    splitType: "Line",
    batchStrategy: "SingleRecord",
    assembleWith: "Line",
    compression: "Gzip",
    maxConcurrentTransforms: 2,
    maxPayload: "7Mi",
    unlimitedPayload: true,
    joinSource: "Input",
    inputFilter: "$[1:]",
    outputFilter: "$[0]",
    invocationTimeout: "1m",
    invocationMaxRetries: 1,
    timeout: "1h",
    retries: 0,
    networkIsolation: false,
    decryptKeyArns: ["arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"],
    logExecutionData: false,
  };
  expect(Object.keys(schema.shape).sort()).toEqual(Object.keys(changed).sort());
  // Some options mean nothing alone.
  const beside = { contentType: "text/csv", schedule: "rate(2 days)" };
  const before = JSON.stringify(batch(beside));
  for (const [name, value] of Object.entries(changed)) {
    const option = schema.shape[name as keyof typeof schema.shape];
    expect(option.meta()?.description).toMatch(/\w/);
    const after = JSON.stringify(batch({ ...beside, [name]: value }));
    if (name === "contentType") expect(JSON.stringify(batch({ schedule: beside.schedule }))).not.toBe(before);
    else expect(after).not.toBe(before);
  }
});
