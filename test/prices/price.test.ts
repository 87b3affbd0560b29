import { costOf, formatUsd, isKnown, type Price, unitPrice } from "../../modules/prices/price";
import { openPriceBook } from "../../modules/prices/price-book";

const book = openPriceBook();

function known(...[key, region]: Parameters<typeof book.price>): Price {
  const price = book.price(key, region);
  if (!isKnown(price)) throw new Error(price.reason);
  return price;
}

describe("costOf", () => {
  const duration = known("lambda/duration/x86_64", "us-east-1");

  test.each([
    [0, 0],
    [1, 0.0000166667],
    [400_000, 6.66668],
    [6_000_000_000, 100_000.2],
    [6_000_000_001, 100_000.200015],
    [15_000_000_000, 235_000.2],
    [15_000_000_001, 235_000.2000133334],
    [20_000_000_000, 301_667.2],
  ])("%d GB-seconds on Lambda cost %d USD", (quantity, usd) => {
    const cost = costOf(quantity, duration);
    expect(cost.usd).toBeCloseTo(usd, 7);
    expect(cost.unpriced).toBe(0);
    expect(cost.parts.reduce((sum, part) => sum + part.quantity, 0)).toBe(quantity);
  });

  test("says what it did in each tier", () => {
    expect(costOf(60_000, known("transfer/internet-out", "us-east-1"))).toEqual({
      usd: 10_240 * 0.09 + 40_960 * 0.085 + 8_800 * 0.07,
      parts: [
        { quantity: 10_240, unitPrice: 0.09, usd: 10_240 * 0.09 },
        { quantity: 40_960, unitPrice: 0.085, usd: 40_960 * 0.085 },
        { quantity: 8_800, unitPrice: 0.07, usd: 8_800 * 0.07 },
      ],
      unpriced: 0,
    });
  });

  test("prices the border itself in the lower tier", () => {
    const tiers = [
      { upTo: 10, usd: 2 },
      { upTo: null, usd: 1 },
    ] as const;
    expect(costOf(10, { tiers }).parts).toEqual([{ quantity: 10, unitPrice: 2, usd: 20 }]);
    expect(costOf(10.5, { tiers }).usd).toBe(20.5);
  });

  test("prices nothing beyond what is known", () => {
    const tiers = [{ upTo: 10, usd: 2 }] as const;
    expect(costOf(25, { tiers })).toEqual({
      usd: 20,
      parts: [{ quantity: 10, unitPrice: 2, usd: 20 }],
      unpriced: 15,
    });
  });

  test.each([-1, NaN, Infinity])("refuses %d", (quantity) => {
    expect(() => costOf(quantity, duration)).toThrow(RangeError);
  });
});

test("a price that is not known is said to be so, with the nearest", () => {
  const price = book.price("sagemaker/serverless/2gb", "eu-west-1");
  expect(price).toMatchObject({
    unknown: true,
    key: "sagemaker/serverless/2gb",
    region: "eu-west-1",
    reason: "no price of SageMaker: serverless inference, 2 GB is known in eu-west-1",
    nearest: { region: "us-east-1", tiers: [{ upTo: null, usd: 0.00004 }] },
  });
  expect(isKnown(price)).toBe(false);
  expect(book.price("ec2/instance/x99.large", "us-east-1")).toEqual({
    unknown: true,
    key: "ec2/instance/x99.large",
    region: "us-east-1",
    reason: "no price of EC2 instances (EKS nodes): x99.large is known in us-east-1",
  });
  expect(book.price("fargate/vcpu/x86_64", "mars-north-1")).toMatchObject({ unknown: true });
});

test("what costs the same everywhere has a price everywhere but in China", () => {
  expect(unitPrice(known("cloudwatch/dashboard", "eu-south-2"))).toBe(3);
  expect(book.find("cloudwatch/dashboard", "cn-north-1")).toBeUndefined();
});

test.each([
  [0.0000166667, "0.0000166667"],
  [3.09e-8, "0.0000000309"],
  [4e-7, "0.0000004"],
  [3, "3"],
  [100, "100"],
  [0.1, "0.1"],
])("formatUsd(%d)", (usd, text) => {
  expect(formatUsd(usd)).toBe(text);
});
