import { parseProduct, PriceCollector } from "../../../modules/prices/refresh/price-list";
import { IRELAND, productText, type Recorded } from "../recorded";

const FARGATE: Recorded = {
  serviceCode: "AmazonECS",
  sku: "K4EXFQ5YFQCP98EN",
  family: "Compute",
  attributes: { usagetype: "EU-Fargate-vCPU-Hours:perCPU" },
  dimensions: [["0", "Inf", "0.0404800000"]],
  published: "2026-09-11T12:44:25Z",
};

const parse = (change: Partial<Recorded>) => parseProduct(productText({ ...FARGATE, ...change }));

describe("parseProduct", () => {
  test("reads a flat price", () => {
    expect(parse({})).toStrictEqual({
      sku: "K4EXFQ5YFQCP98EN",
      family: "Compute",
      attributes: {
        servicecode: "AmazonECS",
        locationType: "AWS Region",
        usagetype: "EU-Fargate-vCPU-Hours:perCPU",
      },
      published: "2026-09-11",
      tiers: [{ upTo: null, usd: 0.04048 }],
    });
  });

  test("orders tiers", () => {
    const lambda = IRELAND.find(({ sku }) => sku === "SGGKTWDV7PGMPPSJ");
    expect(parse({ dimensions: lambda?.dimensions ?? [] }).tiers).toEqual([
      { upTo: 6_000_000_000, usd: 0.0000166667 },
      { upTo: 15_000_000_000, usd: 0.000015 },
      { upTo: null, usd: 0.0000133334 },
    ]);
  });

  test("leaves a free tier out", () => {
    const dimensions = [
      ["0", "1000000", "0.0000000000"],
      ["1000000", "Inf", "0.0000005000"],
    ] as const;
    expect(parse({ dimensions }).tiers).toEqual([{ upTo: null, usd: 5e-7 }]);
  });

  test.each([
    ["what is free", [["0", "Inf", "0.0000000000"]]],
    ["what has no price", []],
  ] as const)("gives no tiers to %s", (_, dimensions) => {
    expect(parse({ dimensions }).tiers).toEqual([]);
  });

  test.each([
    [
      "a gap",
      [
        ["0", "10", "2"],
        ["11", "Inf", "1"],
      ],
    ],
    ["an end", [["0", "10", "2"]]],
    ["a late start", [["5", "Inf", "2"]]],
    [
      "two prices from 0 on",
      [
        ["0", "Inf", "2"],
        ["0", "Inf", "1"],
      ],
    ],
    [
      "no number",
      [
        ["0", "Inf", "two"],
        ["0", "Inf", "1"],
      ],
    ],
  ] as const)("refuses tiers with %s", (_, dimensions) => {
    expect(() => parse({ dimensions })).toThrow(
      "product K4EXFQ5YFQCP98EN has tiers that leave a gap or overlap",
    );
  });

  test("refuses what is not of the known form", () => {
    expect(() => parseProduct("<html>")).toThrow("a product is no JSON: <html>");
    expect(() => parseProduct('{"product":{"attributes":{}}}')).toThrow(
      "a product is not of the known form: product.sku",
    );
    expect(() => parse({ published: "yesterday" })).toThrow("published on yesterday, which is no date");
    const two = productText(FARGATE).replace('"OnDemand":{', '"OnDemand":{"other":{"priceDimensions":{}},');
    expect(() => parseProduct(two)).toThrow("product K4EXFQ5YFQCP98EN has 2 on-demand prices");
  });
});

describe("PriceCollector", () => {
  test("counts what it has no use for, and keeps the newest date", () => {
    const collector = new PriceCollector();
    collector.add("fargate/vcpu/x86_64", parse({}));
    collector.add(undefined, parse({ sku: "OTHER" }));
    collector.add("fargate/memory/x86_64", parse({ sku: "FREE", dimensions: [] }));
    collector.add("fargate/vcpu/arm64", parse({ sku: "ARM", published: "2026-09-12T00:00:00Z" }));
    expect(collector.unmapped).toBe(2);
    expect(collector.published).toBe("2026-09-12");
    expect([...collector.prices.keys()]).toEqual(["fargate/vcpu/x86_64", "fargate/vcpu/arm64"]);
  });

  test("takes the same price twice, but not two prices for one key", () => {
    const collector = new PriceCollector();
    collector.add("fargate/vcpu/x86_64", parse({}));
    collector.add("fargate/vcpu/x86_64", parse({ sku: "AGAIN" }));
    expect(() =>
      collector.add("fargate/vcpu/x86_64", parse({ sku: "DEARER", dimensions: [["0", "Inf", "0.05"]] })),
    ).toThrow("fargate/vcpu/x86_64 has two prices: 0.04048 USD (AGAIN) and 0.05 USD (DEARER)");
  });

  test("refuses a price that cannot be one of the item", () => {
    expect(() => new PriceCollector().add("lambda/requests/x86_64", parse({}))).toThrow(
      "product K4EXFQ5YFQCP98EN would make lambda/requests/x86_64 cost 0.04048 USD, beyond 1e-7 to 0.000001",
    );
  });
});
