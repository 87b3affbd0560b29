import { comparisonHtml } from "../../../modules/compare/render/html";
import { comparisonMarkdown } from "../../../modules/compare/render/markdown";
import { comparisonText } from "../../../modules/compare/render/text";
import { itemCost, monthly, sharedOf, workloadFacts } from "../../../modules/compare/render/view";
import { bill, comparison, feasible, fleet, item } from "./documents";

const plain = (text: string): string => text;
const COLOURS = { red: plain, yellow: plain, green: plain, dim: plain, bold: plain };

describe("what is less than a cent", () => {
  const tiny = item("put requests", 0, { quantity: 3, unitPrice: 0.000005, unit: "requests" });

  test("is never nothing: of an item and of a bill", () => {
    expect(itemCost(tiny)).toBe("<$0.01");
    expect(itemCost({ ...tiny, quantity: 0 })).toBe("$0, none used");
    expect(itemCost({ ...tiny, unitPrice: 0 })).toBe("$0, free");
    expect(itemCost({ ...tiny, unitPrice: null, usd: null })).toBe("not known");
    expect(itemCost({ ...tiny, usd: 0.01 })).toBe("$0.01");
    expect(monthly(bill([tiny]))).toBe("<$0.01");
    expect(monthly(bill([{ ...tiny, unitPrice: 0 }]))).toBe("$0");
    expect(monthly(bill([tiny, item("nodes", 5)]))).toBe("$5.00");
  });

  test("is so in every format", () => {
    const cheap = feasible("thrift", { monthlyCost: bill([tiny]), usdPerMillionRequests: 0.0004 });
    const document = comparison({
      targets: [cheap],
      recommended: null,
      crossovers: [],
      curves: [],
      against: null,
    });
    const text = comparisonText(document, { width: 120, colours: COLOURS, items: true });
    expect(text).toContain("put requests: <$0.01, provisioned");
    expect(text).toMatch(/^ {2}thrift .* <\$0\.01 .* <\$0\.01 /m);
    const markdown = comparisonMarkdown(document);
    expect(markdown).toMatch(
      /^\| put requests \| 3 requests \| \$0\.000005 \| &lt;\$0\.01 \| provisioned \|/m,
    );
    const row = markdown.split("\n").find((line) => line.startsWith("| `thrift` |")) ?? "";
    expect(row.split(" | ").filter((cell) => cell === "&lt;$0.01")).toHaveLength(2);
    const html = comparisonHtml(document);
    expect(html).toContain("&lt;$0.01");
    for (const shown of [text, markdown, html]) expect(shown).not.toMatch(/\$0\.00(?!\d)/);
  });
});

test("a shared foundation is a sentence, which names both sums where they differ", () => {
  const { total, ...rest } = fleet();
  const cost = { onceUsd: 44.8, inBillsUsd: 134.4 };
  const shared = { foundation: "risk", environment: "prod", models: 3, recommended: cost, chosen: cost };
  expect(sharedOf({ ...rest, total: { ...total, shared: [shared] } })).toEqual([
    "foundation risk (prod), shared by 3 models: $44.80 a month, counted once; their bills have $134 of it",
  ]);
  const other = { ...shared, chosen: { onceUsd: 1, inBillsUsd: 3 } };
  expect(sharedOf({ ...rest, total: { ...total, shared: [other] } })[0]).toMatch(
    /of it\. On the targets that the manifests name: \$1\.00 a month, counted once; their bills have \$3\.00 of it$/,
  );
  expect(sharedOf({ ...rest, total: { ...total, chosen: null, shared: [other] } })[0]).not.toContain("name:");
  const { shared: none, ...without } = total;
  expect(none).toBeDefined();
  expect(sharedOf({ ...rest, total: without })).toEqual([]);
});

test.each([
  [86_400, "every day"],
  [3600, "every hour"],
  [604_800, "every week"],
  [21_600, "every 6 h"],
])("a batch each %d s comes %s", (everySeconds, words) => {
  const source = comparison();
  const workload = { ...source.workload, batch: { records: 1000, everySeconds } };
  expect(workloadFacts({ ...source, workload })).toContainEqual(["batch", `1,000 records ${words}`]);
});
