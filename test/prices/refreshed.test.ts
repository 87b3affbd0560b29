import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManifestError } from "../../modules/issues/issue";
import { openPriceBook } from "../../modules/prices/price-book";
import {
  readRefreshed,
  refreshedFolder,
  type RefreshedList,
  writeRefreshed,
} from "../../modules/prices/refreshed";

let project: string;
let folder: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "modelport-refreshed-"));
  folder = refreshedFolder(project);
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

const FARGATE: RefreshedList = {
  service: "fargate",
  serviceCode: "AmazonECS",
  published: "2026-11-20",
  prices: new Map([
    ["fargate/vcpu/x86_64", [{ upTo: null, usd: 0.05 }]],
    ["fargate/memory/x86_64", [{ upTo: null, usd: 0.005 }]],
  ]),
};
const EC2: RefreshedList = {
  service: "ec2",
  serviceCode: "AmazonEC2",
  published: "2026-11-21",
  prices: new Map([["ec2/instance/m5.2xlarge", [{ upTo: null, usd: 0.5 }]]]),
};
const LAMBDA: RefreshedList = {
  service: "lambda",
  serviceCode: "AWSLambda",
  published: "2026-11-22",
  prices: new Map([
    [
      "lambda/duration/x86_64",
      [
        { upTo: 6e9, usd: 0.000016 },
        { upTo: null, usd: 0.000014 },
      ],
    ],
  ]),
};

test("what is written is read, and stands before what is shipped", () => {
  const file = writeRefreshed(folder, "eu-west-1", [FARGATE, LAMBDA]);
  expect(file).toBe(join(project, ".modelport", "prices", "eu-west-1.json"));
  const book = openPriceBook({ project });
  expect(book.find("fargate/vcpu/x86_64", "eu-west-1")).toStrictEqual({
    key: "fargate/vcpu/x86_64",
    region: "eu-west-1",
    unit: "vCPU-hour",
    tiers: [{ upTo: null, usd: 0.05 }],
    status: "published",
    confidence: "high",
    layer: "refreshed",
    source: "AWS Price List API (AmazonECS eu-west-1)",
    asOf: "2026-11-20",
  });
  expect(book.find("lambda/duration/x86_64", "eu-west-1")?.tiers).toEqual([
    { upTo: 6e9, usd: 0.000016 },
    { upTo: null, usd: 0.000014 },
  ]);
  expect(book.find("fargate/vcpu/x86_64", "us-east-1")?.layer).toBe("shipped");
  expect(book.find("fargate/vcpu/arm64", "eu-west-1")?.layer).toBe("shipped");
});

test("prices are derived from refreshed ones", () => {
  writeRefreshed(folder, "eu-west-1", [EC2]);
  const price = openPriceBook({ project }).find("sagemaker/instance/ml.m5.2xlarge/async", "eu-west-1");
  expect(price).toMatchObject({ tiers: [{ upTo: null, usd: 0.6 }], status: "derived", asOf: "2026-09-25" });
});

test("the text depends on the prices alone", () => {
  const backwards = { ...FARGATE, prices: new Map([...FARGATE.prices].reverse()) };
  const text = readFileSync(writeRefreshed(folder, "eu-west-1", [FARGATE, LAMBDA]), "utf8");
  rmSync(folder, { recursive: true });
  expect(readFileSync(writeRefreshed(folder, "eu-west-1", [LAMBDA, backwards]), "utf8")).toBe(text);
  expect(text).toBe(`{
  "schemaVersion": 1,
  "region": "eu-west-1",
  "lists": [
    {
      "service": "fargate",
      "serviceCode": "AmazonECS",
      "published": "2026-11-20",
      "prices": {
        "fargate/memory/x86_64": 0.005,
        "fargate/vcpu/x86_64": 0.05
      }
    },
    {
      "service": "lambda",
      "serviceCode": "AWSLambda",
      "published": "2026-11-22",
      "prices": {
        "lambda/duration/x86_64": [
          {
            "upTo": 6000000000,
            "usd": 0.000016
          },
          {
            "usd": 0.000014
          }
        ]
      }
    }
  ]
}
`);
});

test("a service replaces its own lists and leaves the others", () => {
  writeRefreshed(folder, "eu-west-1", [FARGATE, EC2]);
  writeRefreshed(folder, "eu-west-1", [
    { ...FARGATE, prices: new Map([["fargate/vcpu/x86_64", [{ upTo: null, usd: 0.06 }]]]) },
  ]);
  const prices = readRefreshed(folder, "eu-west-1");
  expect([...prices].map(([key, { tiers }]) => [key, tiers[0].usd])).toEqual([
    ["ec2/instance/m5.2xlarge", 0.5],
    ["fargate/vcpu/x86_64", 0.06],
  ]);
  expect(readdirSync(folder)).toEqual(["eu-west-1.json"]);
});

test.each([
  ["is no JSON", "{"],
  ["is not as it was written", '{"schemaVersion": 2}'],
  ["is about us-east-1, not eu-west-1", '{"schemaVersion": 1, "region": "us-east-1", "lists": []}'],
  [
    "has a price of fargate/vcpu, which this release does not know",
    '{"schemaVersion":1,"region":"eu-west-1","lists":[{"service":"fargate","serviceCode":"AmazonECS","published":"2026-11-20","prices":{"fargate/vcpu":1}}]}',
  ],
  [
    "is not as it was written",
    '{"schemaVersion":1,"region":"eu-west-1","lists":[{"service":"fargate","serviceCode":"AmazonECS","published":"2026-11-20","prices":{"fargate/vcpu/x86_64":0}}]}',
  ],
])("a file that %s is an error with a fix", (message, text) => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "eu-west-1.json"), text);
  const book = openPriceBook({ project });
  expect(() => book.find("eks/cluster", "eu-west-1")).toThrow(ManifestError);
  expect(() => book.find("eks/cluster", "eu-west-1")).toThrow(message);
  expect(() => book.find("eks/cluster", "eu-west-1")).toThrow("prices --refresh --region eu-west-1");
  expect(book.find("eks/cluster", "us-east-1")?.tiers[0].usd).toBe(0.1);
});

test("a folder that cannot be made is an error, and leaves no draft", () => {
  writeFileSync(join(project, ".modelport"), "");
  expect(() => writeRefreshed(folder, "eu-west-1", [FARGATE])).toThrow(/OUTPUT_UNWRITABLE/);
  expect(readdirSync(project)).toEqual([".modelport"]);
});
