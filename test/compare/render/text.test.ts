import pc from "picocolors";
import stringWidth from "string-width";
import { comparisonText } from "../../../modules/compare/render/text";
import {
  batchOnly,
  bill,
  comparison,
  everyColumn,
  feasible,
  fleet,
  hostile,
  impossible,
  item,
  longNames,
  manyTargets,
} from "./documents";

// What a terminal shows must not wait for what draws charts.
jest.mock("echarts", () => {
  throw new Error("echarts is loaded");
});

const PLAIN = pc.createColors(false);

function text(document: Parameters<typeof comparisonText>[0], width: number, items = false): string {
  return comparisonText(document, { width, colours: PLAIN, items });
}

const DOCUMENTS = {
  comparison,
  everyColumn,
  batchOnly,
  impossible,
  hostile,
  longNames,
  manyTargets,
  fleet,
  one: () =>
    comparison({ targets: [feasible("lambda")], recommended: { target: "lambda", because: "only it" } }),
  goalless: () => {
    const source = comparison();
    return {
      ...source,
      workload: { ...source.workload, slo: null },
      targets: [feasible("lambda", { sloMet: null })],
    };
  },
};

describe.each([40, 60, 72, 80, 100, 160])("at %i columns", (width) => {
  test.each(Object.entries(DOCUMENTS))("%s: no line is wider", (_name, make) => {
    for (const items of [false, true]) {
      const lines = text(make(), width, items).split("\n");
      expect(lines.filter((line) => stringWidth(line) > width)).toEqual([]);
      expect(lines.filter((line) => line !== line.trimEnd())).toEqual([]);
      // A cell that the table itself had to cut would have lost something.
      expect(lines.join("\n")).not.toContain("…");
    }
  });

  test("colours change nothing but colour", () => {
    const colours = pc.createColors(true);
    // eslint-disable-next-line no-control-regex -- colours are what is looked for
    const bare = comparisonText(comparison(), { width, colours }).replace(/\u001b\[\d+m/g, "");
    expect(bare).toBe(text(comparison(), width));
  });
});

test("80 columns: the recommended target first, then by cost, and the goal in words", () => {
  const lines = text(comparison(), 80).split("\n");
  const start = lines.findIndex((line) => line.startsWith("  target"));
  expect(lines.slice(start, start + 9)).toEqual([
    "  target              size                $/month      $/million     p99  SLO",
    "> ecs-fargate         2 vCPU, 4 GB           $202          $3.90  131 ms  met",
    "  sagemaker-realtime  ml.c6i.large           $201          $3.87  318 ms  missed",
    "  provisioned",
    "  lambda              3538 MB                $221          $4.27  238 ms  met",
    "  eks                 m6i.xlarge    at least $404       at least  128 ms  met",
    "                      nodes, 2                             $7.80",
    "                      pods each",
    "> recommended",
  ]);
});

test("160 columns: everything is in the table, and nothing of it is said again below", () => {
  const shown = text(comparison(), 160);
  const heading = shown.split("\n").find((line) => line.startsWith("  target")) ?? "";
  expect(heading.trim().split(/ {2,}/)).toEqual([
    "target",
    "size",
    "replicas",
    "$/month",
    "on demand",
    "provisioned",
    "idle",
    "$/million",
    "p50",
    "p99",
    "cold starts",
    "errors",
    "SLO",
  ]);
  expect(shown).not.toContain("idle capacity");
});

test("what the table has no room for is said below it", () => {
  const shown = text(comparison(), 80).replace(/\s+/g, " ");
  expect(shown).toContain("$14.45 on demand, $187 provisioned (34 % of the total for idle capacity)");
  expect(shown).toContain("cold starts 0.21 %, 1.43 s each");
  expect(shown).toContain("replicas 1 to 9, 1.6 on average");
  expect(shown).toContain(
    "duration $146 (66 %), API Gateway $57.54 (26 %), requests $10.37 (4.7 %) and 3 more for $6.86",
  );
});

test("the split of a bill is said where no target has anything on demand", () => {
  const monthlyCost = bill([item("instances", 100)], 0.4);
  const shown = text(comparison({ targets: [feasible("lambda", { monthlyCost })], recommended: null }), 80);
  expect(shown).toContain("all of it provisioned (40 % of the total for idle capacity)");
});

test("infeasible targets say limit, value, source and the nearest change", () => {
  const shown = text(comparison(), 100);
  expect(shown.slice(shown.indexOf("Cannot carry it"), shown.indexOf("Crossovers"))).toBe(`Cannot carry it
  sagemaker-realtime serverless
    a serverless endpoint offers at most 6144 MB of memory [SERVERLESS_MEMORY]
      limit: 6144 MB, here: 8192 MB
      https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html (read 2026-11)
      nearest change: resources.memory: 6Gi
  sagemaker-batch
    the manifest has no batch load [BATCH_NO_WORKLOAD]
      nearest change: add workload.batch

`);
});

test("the recommendation is the last sentence, whatever there is", () => {
  expect(text(comparison(), 200).split("\n").at(-1)).toBe(
    "Recommended: ecs-fargate meets the goal at $202 a month, $19 less than lambda, which becomes cheaper below 15.3 requests/s.",
  );
  expect(text(impossible(), 200).split("\n").at(-1)).toBe(
    "Recommended: No target can carry this workload as it is.",
  );
  const unnamed = comparison({ recommended: { target: "eks", because: "cheapest" } });
  expect(text(unnamed, 200).split("\n").at(-1)).toBe("Recommended: eks. cheapest");
});

test("no $0 without a reason, and no unknown price as one", () => {
  const shown = text(
    comparison({
      targets: [
        feasible("docker", { monthlyCost: bill([]), usdPerMillionRequests: 0 }),
        feasible("guess", { monthlyCost: bill([item("rocket", null)]), usdPerMillionRequests: 0 }),
        feasible("gift", {
          monthlyCost: bill([item("requests", 0, { quantity: 0 }), item("free alarms", 0), item("logs", 1)]),
        }),
      ],
      recommended: null,
      against: null,
    }),
    160,
    true,
  );
  const row = (name: string): string => shown.split("\n").find((line) => line.startsWith(`  ${name} `)) ?? "";
  expect(row("docker")).toMatch(/no charge/);
  expect(row("guess")).toMatch(/not known .* not known/);
  expect(shown).toContain("requests: $0, none used");
  expect(shown).toContain("free alarms: $0, free");
  expect(shown).toContain("rocket: not known");
  expect(shown).not.toMatch(/\$0(?![.,\d])(?!, none used|, free| each)/);
});

test("with items: every item with quantity, price and source, the sizes tried, the figures", () => {
  const shown = text(comparison(), 200, true);
  expect(shown).toContain("image in ECR: $0.12, provisioned");
  expect(shown).toContain(
    "8,782,451 GB-seconds, $0.0000166667 each (published, 2026-09-01, AWS Price List, AmazonSageMaker, eu-west-1); 45 ms median at 2 vCPU, billed by the millisecond",
  );
  expect(shown).toContain("also tried: 2048 MB $203, p99 391 ms, goal missed; 5308 MB $288, p99 221 ms");
  expect(shown).toContain(
    "cold start: 1,430 ms (https://maxday.github.io/lambda-perf/, 2026-08-22, confidence medium)",
  );
});

test("a switch that costs more is no saving", () => {
  const shown = text(comparison({ against: { target: "lambda", monthlyUsd: 100, savedUsd: -102 } }), 200);
  expect(shown).toContain("lambda costs $100 a month now; staying is $102 a month cheaper than ecs-fargate");
});

test("batch only: the run and whether it fits, and nothing of latency", () => {
  const shown = text(batchOnly(), 120);
  expect(shown).toContain("42 min 17 s, fits");
  expect(shown).not.toMatch(/p50|p99 {2}/);
  expect(shown).toContain("no goal");
});

test("no text of a document moves the cursor", () => {
  // eslint-disable-next-line no-control-regex -- what must not be there
  expect(text(hostile(), 100)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u202e]/);
});

test("a fleet ends with a row for each comparison and the total", () => {
  const shown = text(fleet(), 100);
  expect(shown.slice(shown.lastIndexOf("Fleet\n"))).toBe(`Fleet
model         environment  recommended      $/month  SLO
fraud-scorer  prod         ecs-fargate         $202  met
fraud-scorer  test         lambda              $221  met
nightly       prod         sagemaker-batch   $12.92  no goal
giant         prod         none                   -  -

foundation risk-models (prod), shared by 2 models: $44.80 a month, counted once; their bills have
  $89.60 of it. On the targets that the manifests name: $88.60 a month, counted once; their bills
  have $133 of it
note: giant, prod is not in the sums: no target can carry it
Total: at least $436 a month on the recommended targets, leaving out 1 of 4 without a recommendation
or a known cost; $640 on the targets that the manifests name, $204 more`);
});

test("a lower bound is not taken for a low cost: it comes after what is known", () => {
  const shown = text(
    comparison({
      targets: [
        feasible("bound", { monthlyCost: bill([item("logs", 1), item("rocket", null)]) }),
        feasible("dear", { monthlyCost: bill([item("instances", 900)]) }),
        feasible("cheap", { monthlyCost: bill([item("instances", 9)]) }),
        feasible("blank", { monthlyCost: bill([item("rocket", null)]) }),
      ],
      recommended: null,
    }),
    100,
  );
  const rows = shown.split("\n").flatMap((line) => /^ {2}(bound|dear|cheap|blank) {2}/.exec(line)?.[1] ?? []);
  expect(rows).toEqual(["cheap", "dear", "bound", "blank"]);
  expect(shown).toContain("logs $1.00; price not known: rocket");
});

test("what is assumed and left out is said with items, and where to find it without", () => {
  const note = "not in the bill: data sent to other regions";
  expect(text(comparison(), 100, true)).toContain(note);
  expect(text(comparison(), 100)).not.toContain(note);
  expect(text(comparison(), 100)).toContain("--items shows every item");
});

test("of many crossovers the ones near the workload's load are named, in their order, and the rest is counted", () => {
  const crossovers = Array.from({ length: 40 }, (_, index) => ({
    between: ["lambda", "eks"] as const,
    requestsPerSecond: 0.01 * 1.5 ** index,
    monthlyUsd: 100,
  }));
  const lines = text(comparison({ crossovers }), 100).split("\n");
  const start = lines.indexOf("Crossovers");
  const named = lines.slice(start + 1, start + 9).map((line) => Number(/below ([\d.]+)/.exec(line)?.[1]));
  expect(named).toEqual([...named].sort((a, b) => a - b));
  expect(Math.min(...named)).toBeLessThan(20);
  expect(Math.max(...named)).toBeGreaterThan(20);
  expect(lines[start + 9]).toBe("  and 32 more");
  expect(text(comparison({ crossovers }), 100, true).match(/is cheaper, above it eks/g)).toHaveLength(40);
});

test("advice names its target once", () => {
  const shown = text(
    comparison({
      advice: [
        { code: "A", target: "lambda", message: "keep one environment of lambda warm", numbers: {} },
        { code: "B", target: "lambda", message: "keep one environment warm", numbers: {} },
      ],
    }),
    100,
  );
  expect(shown).toContain(
    "\n  keep one environment of lambda warm [A]\n  lambda: keep one environment warm [B]\n",
  );
});
