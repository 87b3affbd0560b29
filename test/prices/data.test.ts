import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { regionInfo } from "../../modules/aws/regions";
import { priceBookAge } from "../../modules/prices/age";
import { freeAllowance, hasFreeTier } from "../../modules/prices/free-tier";
import { allKeys, fixedKeys, isPriceKey, itemOf, priceKey, type PriceKey } from "../../modules/prices/items";
import type { Price } from "../../modules/prices/price";
import { openPriceBook } from "../../modules/prices/price-book";
import { span, summarize } from "../../modules/prices/report";
import { shippedPrice, shippedSources } from "../../modules/prices/shipped";
import { regionNames } from "../../modules/aws/regions";

const book = openPriceBook();
const all: readonly Price[] = allKeys().flatMap((key) =>
  regionNames().flatMap((region) => book.find(key, region) ?? []),
);

/** A price's tiers as `upTo: usd`, briefly. */
function usd(key: PriceKey, region = "us-east-1"): readonly number[] | undefined {
  return book.find(key, region)?.tiers.map((tier) => tier.usd);
}

test("every price lies within the bounds of its item, and its tiers ascend", () => {
  expect(all.length).toBeGreaterThan(7000);
  const wrong = all.filter(({ key, tiers }) => {
    const [lowest, highest] = itemOf(key).bounds;
    const ends = tiers.map(({ upTo }) => upTo ?? Infinity);
    return (
      tiers.some((tier) => !(tier.usd >= lowest && tier.usd <= highest)) ||
      ends.some((end, index) => end <= (ends[index - 1] ?? 0))
    );
  });
  expect(wrong).toEqual([]);
});

test("tiers only get cheaper", () => {
  const dearer = all.filter(({ tiers }) =>
    tiers.some((tier, index) => tier.usd >= (tiers[index - 1]?.usd ?? Infinity)),
  );
  expect(dearer.map(({ key, region }) => `${key} ${region}`)).toEqual([]);
});

test("every price has a source and a date that is not in the future", () => {
  const today = new Date().toISOString().slice(0, 10);
  const wrong = all.filter(
    ({ source, asOf }) =>
      source.length < 20 ||
      new Date(asOf).toISOString().slice(0, 10) !== asOf ||
      asOf > today ||
      asOf < "2022-01-01",
  );
  expect(wrong).toEqual([]);
});

test("a derived price says how, and no other does", () => {
  const derived = all.filter(({ status }) => status === "derived");
  expect(derived.length).toBeGreaterThan(3000);
  expect(all.filter(({ how }) => how !== undefined)).toEqual(derived);
});

test("every row of the tables has a key of the book and a region of AWS", () => {
  for (const name of [
    "cloudwatch",
    "eks",
    "elb",
    "fargate",
    "lambda",
    "sagemaker",
    "services",
    "storage",
    "transfer",
    "vpc",
  ]) {
    const { prices } = jest.requireActual<{ prices: { key: string; usd: object; source: string }[] }>(
      `../../modules/prices/data/${name}.json`,
    );
    for (const { key, usd: byRegion } of prices) {
      expect([key, isPriceKey(key)]).toEqual([key, true]);
      for (const region of Object.keys(byRegion))
        expect([region, region === "*" || regionInfo(region) !== undefined]).toEqual([region, true]);
    }
  }
});

test("the compiler is told of every table, or it would not be in the package", () => {
  const folder = join(__dirname, "..", "..", "modules", "prices");
  const code = readdirSync(folder)
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .join("\n");
  const told = (name: string) =>
    code.includes(`typeof import("./data/${name}")`) || code.includes(`from "./data/${name}"`);
  expect(readdirSync(join(folder, "data")).filter((name) => !told(name))).toEqual([]);
});

test("a look-up reads the table that it needs and no other", () => {
  const read = (key: string): unknown => {
    const script = `
      const { openPriceBook } = require("./modules/prices/price-book.ts");
      openPriceBook().find(${JSON.stringify(key)}, "us-east-1");
      const read = Object.keys(require.cache).filter((file) => file.includes("prices/data/"));
      console.log(JSON.stringify(read.map((file) => /([^/]+)\\.json/.exec(file)[1])));`;
    const args = ["--import", require.resolve("tsx"), "--require", require.resolve("tsx/cjs"), "-e", script];
    return JSON.parse(
      execFileSync(process.execPath, args, { cwd: join(__dirname, "..", ".."), encoding: "utf8" }),
    );
  };
  expect(read("lambda/requests/arm64")).toEqual(["sources", "lambda"]);
  expect(read("ec2/instance/m5.xlarge")).toEqual(["sources", "ec2-instances"]);
});

test("every item has a price in us-east-1", () => {
  expect(fixedKeys.filter((key) => book.find(key, "us-east-1") === undefined)).toEqual([]);
});

test("every source is used, and the book's age is that of its sources", () => {
  const sources = summarize(book).flatMap((service) => service.sources);
  const used = new Set(sources.map(({ source }) => source));
  const rules = all.flatMap(({ how }) => how ?? []).join("\n");
  const granted = new Set(fixedKeys.map((key) => freeAllowance(key, "us-east-1")?.source));
  const unused = shippedSources().filter(
    ({ source }) => !used.has(source) && !granted.has(source) && !rules.includes(source),
  );
  expect(unused).toEqual([]);
  expect(priceBookAge()).toEqual(span(sources));
  expect(priceBookAge()).toEqual({ oldest: "2022-09-03", newest: "2026-11-23" });
});

// The figures that bills hang on, as AWS publishes them for us-east-1.
test.each<[PriceKey, readonly number[]]>([
  ["lambda/requests/x86_64", [0.0000002]],
  ["lambda/duration/x86_64", [0.0000166667, 0.000015, 0.0000133334]],
  ["lambda/duration/arm64", [0.0000133334, 0.0000120001, 0.0000106667]],
  ["lambda/provisioned-concurrency/x86_64", [0.0000041667]],
  ["lambda/provisioned-duration/x86_64", [0.0000097222]],
  ["lambda/provisioned-concurrency/arm64", [0.0000033334]],
  ["lambda/provisioned-duration/arm64", [0.0000077778]],
  ["lambda/ephemeral-storage/x86_64", [0.0000000309]],
  ["fargate/vcpu/x86_64", [0.04048]],
  ["fargate/memory/x86_64", [0.004445]],
  ["fargate/vcpu/arm64", [0.03238]],
  ["fargate/memory/arm64", [0.00356]],
  ["fargate/ephemeral-storage", [0.000111]],
  ["eks/cluster", [0.1]],
  ["eks/extended-support", [0.5]],
  ["elb/alb-hour", [0.0225]],
  ["elb/alb-lcu", [0.008]],
  ["vpc/nat-hour", [0.045]],
  ["vpc/nat-data", [0.045]],
  ["vpc/interface-endpoint-data", [0.01, 0.006, 0.004]],
  ["transfer/internet-out", [0.09, 0.085, 0.07, 0.05]],
  ["transfer/between-zones", [0.01]],
  ["ec2/instance/m5.xlarge", [0.192]],
  ["ec2/instance/p4d.24xlarge", [21.957642]],
  ["sagemaker/instance/ml.m5.xlarge/hosting", [0.23]],
  ["sagemaker/instance/ml.m5.xlarge/transform", [0.23]],
  ["sagemaker/instance/ml.g5.xlarge/hosting", [1.408]],
  // Not the 37.688 of tables older than the cut of June 2025.
  ["sagemaker/instance/ml.p4d.24xlarge/hosting", [25.251]],
  ["sagemaker/instance/ml.p5.48xlarge/hosting", [63.296]],
  ["sagemaker/serverless/4gb", [0.00008]],
  ["sagemaker/storage", [0.14]],
])("%s in us-east-1", (key, prices) => {
  expect(usd(key)).toEqual(prices);
});

test("prices of 2022 are not shipped for types that have become cheaper since", () => {
  const old = all.filter(
    ({ key, asOf }) => asOf === "2022-09-03" && /ec2\/instance\/(?:p4d|.*\.metal)/.test(key),
  );
  expect(old).toEqual([]);
});

describe("prices of SageMaker instances", () => {
  test("known ones stand as they are", () => {
    expect(book.find("sagemaker/instance/ml.m5.xlarge/hosting", "eu-west-1")).toStrictEqual({
      key: "sagemaker/instance/ml.m5.xlarge/hosting",
      region: "eu-west-1",
      unit: "instance-hour",
      tiers: [{ upTo: null, usd: 0.257 }],
      status: "observed",
      confidence: "high",
      layer: "shipped",
      source: "Bill of December 2023, aws-samples/sagemaker-ssh-helper@b6bf9ba3 Sample_Costs.md",
      asOf: "2023-12-31",
    });
  });

  test("others are derived from EC2 in the same region, with the older date and the lower confidence", () => {
    const price = book.find("sagemaker/instance/ml.m5.2xlarge/hosting", "eu-west-1");
    expect(price).toMatchObject({
      tiers: [{ upTo: null, usd: 0.5136 }],
      status: "derived",
      confidence: "medium",
      asOf: "2022-09-03",
    });
    expect(price?.how).toMatch(
      /^m5\.2xlarge at 0\.428 USD x 1\.2: EC2 price of the same type times a factor/,
    );
    expect(price?.source).toMatch(/cortexlabs\/cortex/);
  });

  // The rule must give the prices that AWS is known to charge, where it is not fitted on them.
  test.each([
    ["eu-west-1", "ml.m5.xlarge", 0.257],
    ["eu-west-1", "ml.g4dn.4xlarge", 1.678],
    ["eu-west-1", "ml.g4dn.12xlarge", 5.453],
    ["eu-west-1", "ml.g5.12xlarge", 7.91],
    ["eu-west-3", "ml.g4dn.xlarge", 0.861],
  ])("the rule reproduces %s %s", (region, type, known) => {
    const direct = shippedPrice(priceKey.sageMakerInstance(type, "hosting"), region);
    expect(direct?.tiers[0].usd).toBe(known);
    const ec2 = shippedPrice(priceKey.ec2Instance(type.slice(3)), region)?.tiers[0].usd ?? NaN;
    const { factor } = jest.requireActual<{ factor: { rows: [string, number, string][] } }>(
      "../../modules/prices/data/sagemaker-instances.json",
    );
    const [, times = NaN] = factor.rows.find(([name]) => name === type) ?? [];
    expect(Math.abs(ec2 * times - known) / known).toBeLessThan(0.002);
  });

  test("batch transform and asynchronous inference cost what hosting does, and say so", () => {
    const price = book.find("sagemaker/instance/ml.m5.xlarge/async", "eu-west-1");
    expect(price).toMatchObject({
      tiers: [{ upTo: null, usd: 0.257 }],
      status: "derived",
      asOf: "2023-12-31",
    });
    expect(price?.how).toMatch(/^The hosting price of the same type and region/);
  });

  test("there is none for a usage that SageMaker does not offer", () => {
    expect(book.price("sagemaker/instance/ml.t2.medium/transform", "us-east-1")).toMatchObject({
      unknown: true,
    });
    expect(book.price("sagemaker/instance/ml.m5.tiny/hosting", "us-east-1")).toMatchObject({ unknown: true });
  });
});

test("a public IPv4 address costs the same in every region outside of China", () => {
  const without = regionNames().filter((region) => book.find("vpc/public-ipv4", region) === undefined);
  expect(without).toEqual(regionNames().filter((region) => region.startsWith("cn-")));
  const prices = regionNames().map((region) => usd("vpc/public-ipv4", region)?.[0]);
  expect(new Set(prices)).toEqual(new Set([0.005, undefined]));
  expect(book.find("vpc/public-ipv4", "sa-east-1")).toMatchObject({
    status: "published",
    asOf: "2024-02-01",
    source: expect.stringMatching(/^AWS announcement of 2023-07-28/) as string,
  });
});

test.each([
  ["eu-west-1", 0.000025],
  ["ap-northeast-2", 0.0000271],
  ["sa-east-1", 0.0000375],
  ["us-gov-west-1", 0.00003],
])("a state transition in %s stands on the pricing page", (region, price) => {
  expect(book.find("states/transitions", region)).toMatchObject({
    tiers: [{ upTo: null, usd: price }],
    status: "published",
    source: expect.stringContaining("https://aws.amazon.com/step-functions/pricing/") as string,
  });
});

describe("free allowances", () => {
  test("are shared by architectures", () => {
    expect(freeAllowance("lambda/duration/arm64", "eu-west-1")).toMatchObject({
      keys: ["lambda/duration/x86_64", "lambda/duration/arm64"],
      quantity: 400_000,
      asOf: "2025-10-28",
    });
    expect(freeAllowance("eks/cluster", "eu-west-1")).toBeUndefined();
  });

  test("are those of the pricing pages of CloudWatch and Step Functions too", () => {
    expect(freeAllowance("cloudwatch/dashboard", "eu-west-1")).toMatchObject({
      quantity: 3,
      of: "dashboards of up to 50 metrics each",
      source: expect.stringContaining("https://aws.amazon.com/cloudwatch/pricing/") as string,
    });
    expect(freeAllowance("states/transitions", "eu-west-1")).toMatchObject({
      quantity: 4000,
      source: expect.stringContaining("https://aws.amazon.com/step-functions/pricing/") as string,
    });
  });

  test.each(["us-gov-west-1", "us-gov-east-1", "cn-north-1", "cn-northwest-1", "", "mars-1"])(
    "are not taken to hold in %p",
    (region) => {
      expect(hasFreeTier(region)).toBe(false);
      expect(fixedKeys.filter((key) => freeAllowance(key, region) !== undefined)).toEqual([]);
    },
  );

  test("are all of keys of the book", () => {
    const { allowances } = jest.requireActual<{ allowances: { keys: string[]; quantity: number }[] }>(
      "../../modules/prices/data/free-tier.json",
    );
    expect(allowances.flatMap(({ keys }) => keys).filter((key) => !isPriceKey(key))).toEqual([]);
    expect(allowances.every(({ quantity }) => quantity > 0)).toBe(true);
  });
});

test("keys are spelled one way", () => {
  expect(isPriceKey("ec2/instance/m5.xlarge")).toBe(true);
  expect(isPriceKey("sagemaker/instance/ml.m5.xlarge/hosting")).toBe(true);
  for (const wrong of [
    "ec2/instance/",
    "ec2/instance/m5.xlarge/hosting",
    "ec2/m5.xlarge",
    "sagemaker/instance/m5.xlarge/hosting",
    "sagemaker/instance/ml.m5.xlarge",
    "sagemaker/instance/ml.m5.xlarge/training",
    "lambda/requests",
    "toString",
  ])
    expect([wrong, isPriceKey(wrong)]).toEqual([wrong, false]);
  expect(new Set(allKeys()).size).toBe(allKeys().length);
  expect(allKeys().filter((key) => !isPriceKey(key))).toEqual([]);
});
