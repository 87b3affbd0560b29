import { GetProductsCommand, PricingClient } from "@aws-sdk/client-pricing";
import { mockClient } from "aws-sdk-client-mock";
import { ExternalError } from "../../../modules/issues/external-error";
import { pricingEndpointRegion, refreshPrices } from "../../../modules/prices/refresh/refresh";
import { IRELAND, passes, productText, type Recorded } from "../recorded";

const pricing = mockClient(PricingClient);

/** The pages asked for; the SDK reuses one input for all of them. */
let asked: string[] = [];

beforeEach(() => {
  pricing.reset();
  asked = [];
});
afterAll(() => pricing.restore());

/** Answers from recorded products, two on a page. */
function answer(products: readonly Recorded[]): void {
  pricing
    .on(GetProductsCommand)
    .callsFake(
      ({
        ServiceCode,
        Filters = [],
        NextToken = "0",
      }: {
        ServiceCode: string;
        Filters?: [];
        NextToken?: string;
      }) => {
        const found = products.filter(
          (product) => product.serviceCode === ServiceCode && passes(product, Filters),
        );
        asked.push(NextToken);
        const start = Number(NextToken);
        const next = start + 2;
        return {
          PriceList: found.slice(start, next).map(productText),
          ...(next < found.length ? { NextToken: String(next) } : {}),
        };
      },
    );
}

test("maps every page of a list", async () => {
  answer(IRELAND);
  const [fargate] = await refreshPrices("eu-west-1", ["fargate"]);
  expect(fargate?.unmapped).toBe(1);
  expect(fargate?.lists).toHaveLength(1);
  const [list] = fargate?.lists ?? [];
  expect(list).toMatchObject({ service: "fargate", serviceCode: "AmazonECS", published: "2026-09-11" });
  expect(Object.fromEntries(list?.prices ?? [])).toEqual({
    "fargate/vcpu/x86_64": [{ upTo: null, usd: 0.04048 }],
    "fargate/memory/x86_64": [{ upTo: null, usd: 0.004445 }],
    "fargate/vcpu/arm64": [{ upTo: null, usd: 0.03238 }],
    "fargate/memory/arm64": [{ upTo: null, usd: 0.00356 }],
  });
  expect(asked).toEqual(["0", "2", "4"]);
  expect(pricing.commandCalls(GetProductsCommand)[0]?.args[0].input).toMatchObject({
    ServiceCode: "AmazonECS",
    MaxResults: 100,
    Filters: [
      { Type: "TERM_MATCH", Field: "regionCode", Value: "eu-west-1" },
      { Type: "TERM_MATCH", Field: "productFamily", Value: "Compute" },
    ],
  });
});

test("takes one service from several lists, and says of each when it is done", async () => {
  answer(IRELAND);
  const done: string[] = [];
  const services = await refreshPrices("eu-west-1", ["vpc", "scheduler"], ({ service }) =>
    done.push(service),
  );
  expect(done).toEqual(["vpc", "scheduler"]);
  expect(services.map(({ lists }) => lists.map(({ serviceCode }) => serviceCode))).toEqual([
    ["AmazonEC2", "AmazonVPC"],
    [],
  ]);
});

test("asks for data transfer by the region that it leaves", async () => {
  answer(IRELAND);
  const [transfer] = await refreshPrices("eu-west-1", ["transfer"]);
  expect(transfer?.lists[0]?.prices.get("transfer/internet-out")).toHaveLength(4);
});

test("refuses two different prices for one key", async () => {
  const [first] = IRELAND;
  if (first === undefined) throw new Error("nothing recorded");
  answer([...IRELAND, { ...first, sku: "SECOND", dimensions: [["0", "Inf", "0.05"]] }]);
  const failed = refreshPrices("eu-west-1", ["fargate"]);
  await expect(failed).rejects.toThrow(ExternalError);
  await expect(failed).rejects.toThrow(
    "the AWS Price List is not as expected: fargate/vcpu/x86_64 has two prices: 0.04048 USD (K4EXFQ5YFQCP98EN) and 0.05 USD (SECOND)",
  );
});

test.each([
  ["ThrottlingException", /fewer services with --service/],
  ["AccessDeniedException", /pricing:GetProducts/],
  ["CredentialsProviderError", /AWS_PROFILE/],
  ["ExpiredTokenException", /aws sso login/],
  ["TimeoutError", /reaches api\.pricing\.eu-central-1\.amazonaws\.com/],
])("a %s comes with a fix", async (name, fix) => {
  pricing.on(GetProductsCommand).rejects(Object.assign(new Error("no"), { name }));
  const error = await refreshPrices("eu-west-1", ["kms"]).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ExternalError);
  expect(error).toMatchObject({ message: `the AWS Price List did not answer: ${name}: no` });
  expect((error as ExternalError).fix).toMatch(fix);
});

test.each([
  ["eu-west-1", "eu-central-1"],
  ["ap-northeast-2", "ap-south-1"],
  ["us-west-2", "us-east-1"],
  ["sa-east-1", "us-east-1"],
])("the endpoint for %s is in %s", (region, endpoint) => {
  expect(pricingEndpointRegion(region)).toBe(endpoint);
});
