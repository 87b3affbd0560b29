import { MOST_COMMENT_CHARACTERS } from "../../../modules/changes/markdown";
import { comparisonMarkdown } from "../../../modules/compare/render/markdown";
import { comparison, fleet, HOSTILE, hostile, impossible, longNames, manyTargets } from "./documents";

jest.mock("echarts", () => {
  throw new Error("echarts is loaded");
});

test("what matters stands above everything that is folded away", () => {
  const text = comparisonMarkdown(comparison());
  expect(text.slice(0, text.indexOf("<details>")))
    .toBe(String.raw`### Deployment targets compared: fraud-scorer, prod, eu-west-1

**Recommended: ${"`ecs-fargate`"}.** ecs-fargate meets the goal at \$202 a month, \$19 less than lambda, which becomes cheaper below 15.3 requests/s.

sagemaker-realtime provisioned costs \$312 a month now; switching to ecs-fargate saves \$110 a month, \$1,326 a year

| target | size | replicas | $/month | idle | $/million | p50 | p99 | cold starts | errors | SLO |
|---|---|---|--:|--:|--:|--:|--:|--:|--:|---|
| **${"`ecs-fargate`"}** (recommended) | 2 vCPU, 4 GB | 1 to 3, 1.9 on average | $202 | 34 % | $3.90 | 46 ms | 131 ms | - | 0 % | met |
| ${"`sagemaker-realtime provisioned`"} | ml.c6i.large | 2 to 4, 2.4 on average | $201 | 41 % | $3.87 | 51 ms | 318 ms | - | 0 % | missed |
| ${"`lambda`"} | 3538 MB | 1 to 9, 1.6 on average | $221 | 0 % | $4.27 | 49 ms | 238 ms | 0.21 %, 1.43 s each | &lt;0.01 % | met |
| ${"`eks`"} | m6i.xlarge nodes, 2 pods each | 2 to 4, 2.2 on average | at least $404 | 52 % | at least $7.80 | 47 ms | 128 ms | - | 0 % | met |
| ${"`sagemaker-realtime serverless`"} | a serverless endpoint offers at most 6144 MB of memory |  |  |  |  |  |  |  |  | cannot |
| ${"`sagemaker-batch`"} | the manifest has no batch load |  |  |  |  |  |  |  |  | cannot |

> the oldest price is 15 months old; modelport prices --refresh --region eu-west-1 renews it

<sub>prices of 2025-08-14 or later in eu-west-1, in USD, without taxes</sub>

`);
  expect(text).toContain(
    "<https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html> (read 2026-11)",
  );
  expect(text).toContain("| extended support | 730 hours | not known | not known | provisioned |");
});

test.each([
  ["many targets", manyTargets(400)],
  ["long names", longNames()],
  ["a large fleet", { ...fleet(), comparisons: Array.from({ length: 300 }, () => comparison()) }],
  [
    "endless messages",
    comparison({
      notes: Array.from({ length: 999 }, () => "word ".repeat(999)),
      recommended: { target: "eks", because: "x".repeat(99_999) },
    }),
  ],
])("%s: fits into a comment, with every part whole", (_what, document) => {
  const text = comparisonMarkdown(document);
  expect(text.length).toBeLessThanOrEqual(MOST_COMMENT_CHARACTERS - 1024);
  expect(text.length).toBeGreaterThan(1000);
  expect(text.split("<details>")).toHaveLength(text.split("</details>").length);
  expect(text).toMatch(/^### Deployment targets compared/);
});

test("parts that find no room are counted", () => {
  const text = comparisonMarkdown(comparison(), 4_000);
  expect(text.length).toBeLessThanOrEqual(4_000);
  expect(text).toMatch(
    /_\d+ more parts have no room in a comment: `modelport compare --format html` shows everything\._$/,
  );
  expect(text).toContain("**Recommended:");
});

/** A line without its code spans and what is escaped: what markdown itself reads. */
function live(line: string): string {
  return line.replace(/\\[^\w\s]/g, "").replace(/(`+)(?!`).*?[^`]\1(?!`)/g, "");
}

test("no text of a document is markup, a mention, a formula, or ends a cell", () => {
  const [plain, nasty] = [comparison(), hostile()].map((document) =>
    comparisonMarkdown(document).split("\n"),
  );
  expect(nasty).toHaveLength(plain?.length ?? 0);
  for (const [index, line] of (nasty ?? []).entries()) {
    const own = plain?.[index] ?? "";
    // As many cells as the same document of harmless texts has.
    if (own.startsWith("|")) expect(live(line).split("|")).toHaveLength(live(own).split("|").length);
    expect(live(line).match(/<\/?(?:script|img|b|style|title|svg)\b/g)).toBeNull();
    expect(live(line)).not.toMatch(/@\w|(?<!&)#\d/);
    // A summary begins a block of HTML, in which markdown is not read.
    if (!own.startsWith("<details>")) expect(live(line)).not.toMatch(/!\[|\]\(/);
  }
  expect(HOSTILE.join("")).toMatch(/<script>.*@someone #1/s);
});

test("nothing recommended is said, not left out", () => {
  expect(comparisonMarkdown(impossible())).toContain("**No target can carry this workload as it is.**");
});

test("a fleet has its total on top, and each comparison below", () => {
  const text = comparisonMarkdown(fleet());
  expect(text.startsWith("### Deployment targets compared\n\n**Total:** at least $436 a month")).toBe(true);
  expect(text.match(/^### .*/gm)).toEqual([
    "### Deployment targets compared",
    "### fraud-scorer, prod, eu-west-1",
    "### fraud-scorer, test, eu-west-1",
    "### nightly, prod, eu-west-1",
    "### giant, prod, eu-west-1",
  ]);
});

test("what a message sets apart is code, and cannot end its own span", () => {
  const text = comparisonMarkdown(
    comparison({ notes: ["run `modelport prices` now", "`` ` ``` `a|b` ```"] }),
  );
  expect(text).toContain("> run `modelport prices` now\n");
  const odd = text.split("\n").find((line) => line.includes("a\\|b")) ?? "";
  expect(odd.replace(/\\`/g, "").match(/`/g)?.length).toBe((odd.match(/(?<!\\)`[^`]+`/g)?.length ?? 0) * 2);
});
