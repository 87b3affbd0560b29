import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SERVICES } from "../../modules/prices/items";
import { readPriceFile } from "../../modules/prices/price-file";
import { cli } from "../support/cli";
import type { Json } from "../support/synth";
import { IRELAND, passes, productText } from "./recorded";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "modelport-prices-cli-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const prices = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  cli(["prices", ...args], { cwd: folder, env });

/** A document on stdout, nothing beside it. */
function document(stdout: string): Json {
  const parsed = JSON.parse(stdout) as Json;
  expect(Object.keys(parsed)[0]).toBe("schemaVersion");
  expect(parsed.schemaVersion).toBe(1);
  return parsed;
}

const widest = (text: string) => Math.max(...text.split("\n").map((line) => line.length));

describe("the book", () => {
  test("is summed up by service, within 80 columns", async () => {
    const run = await prices([]);
    expect({ code: run.code, stderr: run.stderr }).toEqual({
      code: 0,
      stderr: "prices of 2022-09-03 to 2026-11-23; --format json names every source\n",
    });
    const [heading = "", ...rows] = run.stdout.trimEnd().split("\n");
    expect(heading.split(/ +/)).toEqual(
      "service items regions prices derived oldest newest sources".split(" "),
    );
    expect(rows.map((row) => row.split(" ")[0])).toEqual(Object.keys(SERVICES));
    expect(widest(run.stdout)).toBeLessThanOrEqual(80);
  });

  test("as JSON names every source with its date", async () => {
    const run = await prices(["--format", "json", "--quiet"]);
    expect(run.stderr).toBe("");
    const { oldest, newest, services } = document(run.stdout);
    expect([oldest, newest]).toEqual(["2022-09-03", "2026-11-23"]);
    const lambda = (services as readonly Json[]).find(({ service }) => service === "lambda") ?? {};
    expect(lambda).toMatchObject({ title: "Lambda", items: 10, oldest: "2024-08-22", newest: "2026-10-01" });
    expect(lambda.regions).toContain("eu-west-1");
    expect(lambda.sources[0]).toEqual({
      source: expect.stringMatching(/^AWS Price List/),
      asOf: "2026-10-01",
      status: "published",
    });
  });

  test("shows a region of many prices within 80 columns", async () => {
    const run = await prices(["--region", "us-east-1"]);
    expect(run.stdout).toMatch(/^ec2\/instance\/\* +\d+ of \d+, 0 derived, 2026-07-20 to 2026-07-20$/m);
    expect(run.stdout).not.toContain("Not known there");
    expect(widest(run.stdout)).toBeLessThanOrEqual(80);
  });

  test("shows a region: what is known, and what is not", async () => {
    const run = await prices(["--region", "eu-west-1"]);
    expect(run.code).toBe(0);
    expect(run.stderr).toBe("");
    expect(run.stdout).toMatch(/^fargate\/vcpu\/x86_64 +0\.04048 vCPU-hour +2026-09-11$/m);
    expect(run.stdout).toMatch(/^ {2}over 6,000,000,000 +0\.000015 GB-second$/m);
    expect(run.stdout).toMatch(/^ {2}over 51,200 +not known$/m);
    expect(run.stdout).toMatch(/^Not known there:\n(?: {2}\S+\n)* {2}sagemaker\/serverless\/1gb\n/m);
    expect(widest(run.stdout)).toBeLessThanOrEqual(80);
  });

  test("shows a region as JSON, every price with source and date", async () => {
    const {
      region,
      prices: known,
      missing,
    } = document((await prices(["--region", "eu-west-1", "--format", "json"])).stdout);
    expect(region).toBe("eu-west-1");
    expect(known[0]).toEqual({
      item: "cloudwatch/alarm",
      unit: "alarm-month",
      tiers: [{ upTo: null, usd: 0.1 }],
      status: "published",
      confidence: "high",
      layer: "shipped",
      source: expect.stringMatching(/^AWS Price List \(AmazonCloudWatch eu-west-1/),
      asOf: "2026-09-22",
    });
    expect(missing).toContain("sagemaker/serverless/1gb");
  });

  test("the price file that --help shows is one", async () => {
    const { stdout } = await prices(["--help"]);
    const example = stdout.slice(stdout.indexOf("  source: Enterprise")).replace(/^ {2}/gm, "");
    writeFileSync(join(folder, "example.yaml"), example);
    expect(readPriceFile(join(folder, "example.yaml"))).toMatchObject({
      issues: [],
      prices: { source: "Enterprise agreement 2026, annex 3", prices: [{}], discounts: [{ percent: 20 }] },
    });
  });

  test("takes a price file", async () => {
    writeFileSync(
      join(folder, "prices.yaml"),
      "source: ours\nasOf: 2026-11-01\nprices: [{ item: kms/key, usd: 0.5 }]\n",
    );
    const run = await prices(["--region", "eu-west-1", "--price-file", "prices.yaml"]);
    expect(run.stdout).toMatch(/^kms\/key +0\.5 key-month +2026-11-01 u$/m);
  });
});

test.each<[string, readonly string[], number, RegExp]>([
  ["a region that does not exist", ["--region", "eu-west-9"], 1, /did you mean "eu-west-1"\?/],
  ["a price file that is not there", ["--price-file", "none.yaml"], 1, /none\.yaml cannot be read/],
  ["--refresh without a region", ["--refresh"], 2, /--refresh needs --region/],
  ["--service without --refresh", ["--service", "eks"], 2, /--service belongs to --refresh/],
  [
    "--refresh with a price file",
    ["--refresh", "--region", "eu-west-1", "--price-file", "p"],
    2,
    /--price-file/,
  ],
  [
    "an unknown service",
    ["--refresh", "--region", "eu-west-1", "--service", "lamda"],
    1,
    /did you mean "lambda"/,
  ],
  ["a region with prices in CNY", ["--refresh", "--region", "cn-north-1"], 1, /CNY/],
])("%s is refused", async (_, args, code, message) => {
  const run = await prices(args);
  expect({ code: run.code, stdout: run.stdout }).toEqual({ code, stdout: "" });
  expect(run.stderr).toMatch(/^error: /);
  expect(run.stderr).toMatch(message);
});

describe("--refresh", () => {
  let server: Server;
  let failure: { readonly status: number; readonly type: string } | undefined;
  let env: Readonly<Record<string, string>>;

  beforeAll(async () => {
    // The protocol of the Price List API: JSON in and out, the operation in a header.
    server = createServer((request, response) => {
      let text = "";
      request.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      request.on("end", () => {
        const { ServiceCode, Filters, NextToken = "0" } = JSON.parse(text) as Json;
        const known = request.headers["x-amz-target"] === "AWSPriceListService.GetProducts";
        if (failure !== undefined || !known) {
          response.writeHead(failure?.status ?? 400, { "content-type": "application/x-amz-json-1.1" });
          response.end(
            JSON.stringify({ __type: failure?.type ?? "UnknownOperationException", message: "no" }),
          );
          return;
        }
        const found = IRELAND.filter(
          (product) => product.serviceCode === ServiceCode && passes(product, Filters),
        );
        const end = Number(NextToken) + 2;
        response.writeHead(200, { "content-type": "application/x-amz-json-1.1" });
        response.end(
          JSON.stringify({
            FormatVersion: "aws_v1",
            PriceList: found.slice(Number(NextToken), end).map(productText),
            ...(end < found.length ? { NextToken: String(end) } : {}),
          }),
        );
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    env = {
      HOME: folder,
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
      AWS_SECRET_ACCESS_KEY: "secret",
      AWS_MAX_ATTEMPTS: "1",
    };
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  beforeEach(() => {
    failure = undefined;
    rmSync(join(folder, ".modelport"), { recursive: true, force: true });
  });

  const file = () => readFileSync(join(folder, ".modelport", "prices", "eu-west-1.json"), "utf8");

  test("fetches a region, says what it could not use, and the book takes it", async () => {
    const run = await prices(["--refresh", "--region", "eu-west-1"], env);
    expect(run.code).toBe(0);
    expect(run.stdout).toBe(`${join(".modelport", "prices", "eu-west-1.json")}  19 prices\n`);
    expect(run.stderr.split("\n")).toEqual([
      "cloudwatch: no prices in this region, 0 products not needed",
      "ebs: no prices in this region, 0 products not needed",
      "ec2: 2 prices of 2026-09-25, 0 products not needed",
      "ecr: no prices in this region, 0 products not needed",
      "eks: no prices in this region, 0 products not needed",
      "elb: 2 prices of 2026-09-11, 3 products not needed",
      "fargate: 4 prices of 2026-09-11, 1 product not needed",
      "kms: 1 price of 2026-09-11, 0 products not needed",
      "lambda: 2 prices of 2026-10-01, 0 products not needed",
      "s3: no prices in this region, 0 products not needed",
      "sagemaker: 3 prices of 2026-10-05, 1 product not needed",
      "scheduler: no prices in this region, 0 products not needed",
      "secrets: no prices in this region, 0 products not needed",
      "sns: 1 price of 2026-09-15, 0 products not needed",
      "states: no prices in this region, 0 products not needed",
      "transfer: 1 price of 2026-09-16, 0 products not needed",
      "vpc: 3 prices of 2026-09-25, 2026-09-17, 1 product not needed",
      "xray: no prices in this region, 0 products not needed",
      "",
    ]);
    const { prices: known } = document((await prices(["--region", "eu-west-1", "--format", "json"])).stdout);
    const of = (item: string): Json => (known as readonly Json[]).find((price) => price.item === item) ?? {};
    expect(of("sagemaker/serverless/2gb")).toMatchObject({
      tiers: [{ upTo: null, usd: 0.0000448 }],
      layer: "refreshed",
      source: "AWS Price List API (AmazonSageMaker eu-west-1)",
      asOf: "2026-10-05",
    });
    expect(of("sns/requests").tiers).toEqual([{ upTo: null, usd: 5e-7 }]);
    expect(of("ecr/storage").layer).toBe("shipped");
  });

  test("writes the same file every time", async () => {
    await prices(["--refresh", "--region", "eu-west-1"], env);
    const first = file();
    await prices(["--refresh", "--region", "eu-west-1"], env);
    expect(file()).toBe(first);
  });

  test("as JSON says what it wrote", async () => {
    const run = await prices(
      ["--refresh", "--region", "eu-west-1", "--service", "vpc,kms", "--format", "json", "--quiet"],
      env,
    );
    expect(run.stderr).toBe("");
    expect(document(run.stdout)).toEqual({
      schemaVersion: 1,
      region: "eu-west-1",
      file: join(".modelport", "prices", "eu-west-1.json"),
      services: [
        {
          service: "kms",
          unmapped: 0,
          lists: [{ serviceCode: "awskms", published: "2026-09-11", prices: 1 }],
        },
        {
          service: "vpc",
          unmapped: 1,
          lists: [
            { serviceCode: "AmazonEC2", published: "2026-09-25", prices: 2 },
            { serviceCode: "AmazonVPC", published: "2026-09-17", prices: 1 },
          ],
        },
      ],
    });
  });

  test.each([
    ["throttled", 400, "ThrottlingException", /fix: wait a minute, or ask for fewer services with --service/],
    ["forbidden", 400, "AccessDeniedException", /fix: allow the action pricing:GetProducts/],
    ["unknown", 400, "UnrecognizedClientException", /fix: sign in/],
  ])("is exit code 3 where the caller is %s, and leaves what was there", async (_, status, type, message) => {
    await prices(["--refresh", "--region", "eu-west-1", "--service", "kms"], env);
    const before = file();
    failure = { status, type };
    const run = await prices(["--refresh", "--region", "eu-west-1"], env);
    expect({ code: run.code, stdout: run.stdout }).toEqual({ code: 3, stdout: "" });
    expect(run.stderr).toContain(`error: the AWS Price List did not answer: ${type}: no`);
    expect(run.stderr).toMatch(message);
    expect(run.stderr).not.toMatch(/\n\s+at /);
    expect(file()).toBe(before);
  });

  test("is exit code 3 without credentials", async () => {
    mkdirSync(join(folder, "home"), { recursive: true });
    const run = await prices(["--refresh", "--region", "eu-west-1"], {
      HOME: join(folder, "home"),
      AWS_EC2_METADATA_DISABLED: "true",
    });
    expect({ code: run.code, stdout: run.stdout }).toEqual({ code: 3, stdout: "" });
    expect(run.stderr).toMatch(
      /^error: the AWS Price List did not answer: CredentialsProviderError: .*\n {2}fix: sign in/,
    );
  });
});
