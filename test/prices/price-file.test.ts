import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManifestError } from "../../modules/issues/issue";
import { openPriceBook } from "../../modules/prices/price-book";
import { readPriceFile } from "../../modules/prices/price-file";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "modelport-prices-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fileOf(text: string): string {
  const file = join(folder, "prices.yaml");
  writeFileSync(file, text);
  return file;
}

const HEAD = "source: Enterprise agreement 2026\nasOf: 2026-10-01\n";

/** The issues of a price file, as `line:column path CODE`. */
function issuesOf(text: string): readonly string[] {
  return readPriceFile(fileOf(text)).issues.map(
    ({ line, column, path, code }) => `${line}:${column} ${path} ${code}`,
  );
}

describe("the user's prices", () => {
  const book = () =>
    openPriceBook({
      priceFile: fileOf(`${HEAD}
prices:
  - { item: fargate/vcpu/x86_64, usd: 0.03 }
  - { item: fargate/vcpu/x86_64, region: eu-west-1, usd: 0.031 }
  - { item: lambda/duration/x86_64, tiers: [{ upTo: 1000, usd: 0.00001 }, { usd: 0 }] }
  - { item: sagemaker/serverless/2gb, region: eu-west-1, usd: 0.00005 }
discounts:
  - { item: "ec2/instance/*", percent: 10 }
  - { item: "ec2/instance/m5.*", percent: 20, source: Savings plan, region: us-east-1 }
  - { item: "fargate/*", percent: 50 }
  - { item: "sagemaker/instance/ml.m5.2xlarge/*", percent: 25 }
`),
    });

  test("stand in place of the list's, the region's before the general", () => {
    expect(book().find("fargate/vcpu/x86_64", "eu-west-1")).toStrictEqual({
      key: "fargate/vcpu/x86_64",
      region: "eu-west-1",
      unit: "vCPU-hour",
      tiers: [{ upTo: null, usd: 0.031 }],
      status: "override",
      confidence: "high",
      layer: "override",
      source: "Enterprise agreement 2026",
      asOf: "2026-10-01",
    });
    expect(book().find("fargate/vcpu/x86_64", "us-east-1")?.tiers).toEqual([{ upTo: null, usd: 0.03 }]);
  });

  test("may have tiers, and 0", () => {
    expect(book().find("lambda/duration/x86_64", "us-east-1")?.tiers).toEqual([
      { upTo: 1000, usd: 0.00001 },
      { upTo: null, usd: 0 },
    ]);
  });

  test("fill what the list does not have", () => {
    expect(book().find("sagemaker/serverless/2gb", "eu-west-1")?.tiers).toEqual([
      { upTo: null, usd: 0.00005 },
    ]);
    expect(book().price("sagemaker/serverless/4gb", "eu-west-1")).toMatchObject({ unknown: true });
  });

  test("discounts take off the list's price, the most particular one alone", () => {
    expect(book().find("ec2/instance/m5.xlarge", "us-east-1")).toMatchObject({
      tiers: [{ upTo: null, usd: 0.1536 }],
      status: "override",
      source: "Savings plan",
      asOf: "2026-07-20",
    });
    expect(book().find("ec2/instance/m5.xlarge", "eu-west-1")).toMatchObject({
      tiers: [{ upTo: null, usd: 0.1926 }],
      source: "Enterprise agreement 2026",
    });
    expect(book().find("ec2/instance/m5.xlarge", "us-east-1")?.how).toMatch(
      /^20 % off the price of AWS Price List API, .*, 2026-07-20$/,
    );
    expect(book().find("fargate/memory/arm64", "us-east-1")?.tiers).toEqual([{ upTo: null, usd: 0.00178 }]);
  });

  test("a discount on a derived price says both", () => {
    const price = book().find("sagemaker/instance/ml.m5.2xlarge/hosting", "eu-west-1");
    expect(price?.tiers).toEqual([{ upTo: null, usd: 0.3852 }]);
    expect(price?.how).toMatch(/^25 % off .* \(m5\.2xlarge at 0\.428 USD x 1\.2: /);
  });

  test("a discount on EC2 does not make SageMaker cheaper", () => {
    expect(book().find("sagemaker/instance/ml.m5.large/hosting", "eu-west-1")?.status).toBe("derived");
    expect(book().find("sagemaker/instance/ml.m5.large/hosting", "eu-west-1")?.tiers[0].usd).toBe(0.1284);
  });

  test("what they do not name is the list's", () => {
    expect(book().find("eks/cluster", "us-east-1")).toEqual(openPriceBook().find("eks/cluster", "us-east-1"));
  });
});

test("every problem is reported at once, where it stands", () => {
  expect(
    issuesOf(`${HEAD}prices:
  - { item: fargate/vcu/x86_64, usd: 1 }
  - { item: s3/storage, region: eu-west-9, usd: 1 }
  - { item: s3/storage, usd: 1, tiers: [{ usd: 1 }] }
  - { item: kms/key }
  - { item: s3/put-requests, tiers: [{ upTo: 10, usd: 1 }, { upTo: 5, usd: 1 }, { usd: 1 }] }
  - { item: s3/get-requests, tiers: [{ upTo: 10, usd: 1 }] }
  - { item: ebs/gp3, usd: 1 }
  - { item: ebs/gp3, usd: 2 }
discounts:
  - { item: "ec2/instance/z99.*", percent: 10 }
  - { item: "ec2/*/m5.xlarge", percent: 10 }
`),
  ).toEqual([
    "4:13 prices[0].item CHOICE",
    "5:33 prices[1].region REGION_UNKNOWN",
    "6:5 prices[2] EXCLUSIVE",
    "7:5 prices[3] EXCLUSIVE",
    "8:60 prices[4].tiers[1] ORDER",
    "9:38 prices[5].tiers[0] ORDER",
    "11:13 prices[7].item CONFLICT",
    "13:13 discounts[0].item CHOICE",
    "14:13 discounts[1].item CHOICE",
  ]);
});

test("what the schema refuses is worded for a price file", () => {
  const { issues } = readPriceFile(
    fileOf(`${HEAD}price: []\ndiscounts: [{ item: "ec2/*", percent: 101 }]\n`),
  );
  expect(issues).toEqual([
    expect.objectContaining({
      path: "discounts[0].percent",
      code: "RANGE",
      allowed: "a number above 0, up to 100",
    }),
    expect.objectContaining({
      line: 3,
      column: 1,
      path: "price",
      code: "UNKNOWN_FIELD",
      message: "is not a field of the price file",
      fix: 'did you mean "prices"?',
    }),
  ]);
});

test.each([
  ["no YAML", "a: [", "YAML_SYNTAX"],
  ["no date", "source: x\nasOf: tomorrow\n", "FORMAT"],
  ["a number below 0", `${HEAD}prices: [{ item: kms/key, usd: -1 }]`, "RANGE"],
  ["a key twice", `${HEAD}source: again\n`, "YAML_DUPLICATE_KEY"],
])("refuses %s", (_, text, code) => {
  expect(readPriceFile(fileOf(text)).issues.map((issue) => issue.code)).toContain(code);
});

test("a file that is not there is an issue, and opening the book with it throws", () => {
  const file = join(folder, "none.yaml");
  expect(readPriceFile(file).issues).toEqual([
    expect.objectContaining({
      file,
      code: "FILE_UNREADABLE",
      message: "cannot be read as a price file (ENOENT)",
    }),
  ]);
  expect(() => openPriceBook({ priceFile: file })).toThrow(ManifestError);
});
