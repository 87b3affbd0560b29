import type {
  BillItem,
  Comparison,
  CostCurve,
  Fleet,
  MonthlyCost,
  TargetResult,
} from "../../../modules/compare/comparison";

const PRICES = "AWS Price List, AmazonSageMaker, eu-west-1";

/** One item of a bill. */
export function item(name: string, usd: number | null, overrides: Partial<BillItem> = {}): BillItem {
  const unitPrice = usd === null ? null : usd / 730;
  return {
    name,
    quantity: 730,
    unit: "hours",
    unitPrice,
    usd,
    source: PRICES,
    asOf: "2026-09-01",
    basis: "provisioned",
    status: usd === null ? "unknown" : "published",
    ...overrides,
  };
}

/** A bill whose sums follow from its items. */
export function bill(items: readonly BillItem[], idleShare = 0): MonthlyCost {
  const sum = (basis: BillItem["basis"]): number =>
    items.reduce((total, each) => total + (each.basis === basis ? (each.usd ?? 0) : 0), 0);
  return {
    currency: "USD",
    total: sum("on-demand") + sum("provisioned"),
    onDemand: sum("on-demand"),
    provisioned: sum("provisioned"),
    idleShare,
    items,
    unknown: items.filter(({ usd }) => usd === null).map(({ name }) => name),
  };
}

/** A day with a low night and a high afternoon, in 5-minute steps. */
const DAY = Array.from(
  { length: 288 },
  (_, step) => 2 + 58 * ((1 - Math.cos((step / 144) * Math.PI)) / 2) ** 2,
);

function series(perReplica: number, base: number, startUp: number): TargetResult["series"] {
  const replicas = DAY.map((each) => Math.max(1, Math.ceil(each / perReplica)));
  return {
    stepSeconds: 300,
    arrivals: DAY,
    replicas,
    p99: replicas.map(
      (each, step) => base + (step > 0 && each > (replicas[step - 1] ?? 0) ? startUp : (step % 7) * 3),
    ),
  };
}

/** A target that carries the load. */
export function feasible(target: string, overrides: Partial<TargetResult> = {}): TargetResult {
  const monthlyCost = overrides.monthlyCost ?? bill([item("instances", 100)]);
  return {
    target,
    title: target,
    feasible: true,
    reasons: [],
    sizing: { instanceType: "ml.m5.large" },
    sizingLabel: "ml.m5.large",
    alternatives: [],
    replicas: { min: 1, average: 1, max: 1 },
    monthlyCost,
    usdPerMillionRequests: monthlyCost.total / 51.84,
    latencyMs: { p50: 48, p95: 90, p99: 141 },
    coldStart: null,
    errorRate: 0,
    sloMet: true,
    batch: null,
    strengths: [],
    weaknesses: [],
    figures: [],
    series: null,
    ...overrides,
  };
}

/** A target that a limit stops. */
export function infeasible(target: string, overrides: Partial<TargetResult> = {}): TargetResult {
  return {
    ...feasible(target),
    feasible: false,
    sizing: null,
    sizingLabel: null,
    replicas: null,
    monthlyCost: null,
    usdPerMillionRequests: null,
    latencyMs: null,
    errorRate: null,
    sloMet: null,
    reasons: [
      {
        code: "BATCH_NO_WORKLOAD",
        message: "the manifest has no batch load",
        change: "add workload.batch",
      },
    ],
    ...overrides,
  };
}

const LAMBDA = feasible("lambda", {
  title: "AWS Lambda",
  sizing: { memoryMb: 3538, architecture: "x86_64" },
  sizingLabel: "3538 MB",
  replicas: { min: 1, average: 1.6, max: 9 },
  monthlyCost: bill([
    item("duration", 146.38, {
      basis: "on-demand",
      quantity: 8_782_451,
      unit: "GB-seconds",
      unitPrice: 0.0000166667,
      note: "45 ms median at 2 vCPU, billed by the millisecond",
    }),
    item("requests", 10.37, {
      basis: "on-demand",
      quantity: 51_840_000,
      unit: "requests",
      unitPrice: 0.0000002,
    }),
    item("API Gateway", 57.54, {
      basis: "on-demand",
      quantity: 51_840_000,
      unit: "requests",
      unitPrice: 0.00000111,
    }),
    item("logs", 6.34, { basis: "on-demand", quantity: 11.12, unit: "GB", unitPrice: 0.57 }),
    item("alarms", 0.4, { quantity: 4, unit: "alarms", unitPrice: 0.1 }),
    item("image in ECR", 0.12, {
      quantity: 1.2,
      unit: "GB-months",
      unitPrice: 0.1,
      status: "derived",
      note: "from us-east-1",
    }),
  ]),
  latencyMs: { p50: 49, p95: 92, p99: 238 },
  coldStart: { fraction: 0.0021, ms: 1430, source: "lambda-perf, 2026-08-22" },
  errorRate: 0.00002,
  strengths: ["nothing to pay while nothing is asked", "scales within seconds"],
  weaknesses: ["0.21 % of the requests meet a cold start of 1.4 s", "no GPU"],
  alternatives: [
    { label: "2048 MB", usd: 203.11, p99Ms: 391, sloMet: false },
    { label: "5308 MB", usd: 288.4, p99Ms: 221, sloMet: true },
  ],
  figures: [
    {
      name: "cold start",
      value: 1430,
      unit: "ms",
      source: "https://maxday.github.io/lambda-perf/",
      asOf: "2026-08-22",
      confidence: "medium",
    },
  ],
  series: series(9, 180, 900),
});

const FARGATE = feasible("ecs-fargate", {
  title: "Amazon ECS on Fargate",
  sizing: { cpu: 2, memoryMb: 4096 },
  sizingLabel: "2 vCPU, 4 GB",
  replicas: { min: 1, average: 1.9, max: 3 },
  monthlyCost: bill(
    [
      item("vCPU", 112.31, { quantity: 2774, unit: "vCPU-hours", unitPrice: 0.04048 }),
      item("memory", 24.66, { quantity: 5548, unit: "GB-hours", unitPrice: 0.004445 }),
      item("load balancer", 18.4, { unitPrice: 0.0252 }),
      item("load balancer capacity", 8.11, {
        basis: "on-demand",
        quantity: 1013,
        unit: "LCU-hours",
        unitPrice: 0.008,
      }),
      item("interface endpoints", 32.12, { quantity: 2920, unit: "hours", unitPrice: 0.011 }),
      item("logs", 6.34, { basis: "on-demand", quantity: 11.12, unit: "GB", unitPrice: 0.57 }),
    ],
    0.34,
  ),
  strengths: ["no cold starts"],
  weaknesses: ["a minute and more until a new task answers"],
  notes: ["not in the bill: data sent to other regions"],
  latencyMs: { p50: 46, p95: 88, p99: 131 },
  series: series(22, 118, 240),
});

const REALTIME = feasible("sagemaker-realtime", {
  mode: "provisioned",
  title: "Amazon SageMaker real-time endpoint",
  sizing: { instanceType: "ml.c6i.large" },
  sizingLabel: "ml.c6i.large",
  replicas: { min: 2, average: 2.4, max: 4 },
  monthlyCost: bill(
    [
      item("ml.c6i.large instances", 178.7, { quantity: 1752, unitPrice: 0.102 }),
      item("data processed", 21.4, { basis: "on-demand", quantity: 1337.5, unit: "GB", unitPrice: 0.016 }),
      item("alarms", 0.6, { quantity: 6, unit: "alarms", unitPrice: 0.1 }),
    ],
    0.41,
  ),
  latencyMs: { p50: 51, p95: 97, p99: 318 },
  sloMet: false,
  reasons: [
    {
      code: "SLO_MISSED",
      message: "p99 is 318 ms, above the goal of 300 ms",
      change: "scaling.min: 3",
    },
  ],
  series: series(16, 140, 700),
});

const EKS = feasible("eks", {
  title: "Amazon EKS",
  sizing: { nodeType: "m6i.large", cpu: 2 },
  sizingLabel: "m6i.xlarge nodes, 2 pods each",
  replicas: { min: 2, average: 2.2, max: 4 },
  monthlyCost: bill(
    [
      item("nodes", 296.2, { quantity: 1600, unitPrice: 0.214 }),
      item("control plane", 73, { unitPrice: 0.1 }),
      item("NAT gateway", 35.04, { unitPrice: 0.048 }),
      item("extended support", null),
    ],
    0.52,
  ),
  latencyMs: { p50: 47, p95: 89, p99: 128 },
  weaknesses: ["a control plane to pay and to upgrade"],
  series: series(20, 121, 320),
});

const SERVERLESS = infeasible("sagemaker-realtime", {
  mode: "serverless",
  title: "Amazon SageMaker serverless endpoint",
  reasons: [
    {
      code: "SERVERLESS_MEMORY",
      message: "a serverless endpoint offers at most 6144 MB of memory",
      limit: "6144 MB",
      value: "8192 MB",
      source: "https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html (read 2026-11)",
      change: "resources.memory: 6Gi",
    },
  ],
});

const BATCH = infeasible("sagemaker-batch", { title: "Amazon SageMaker batch transform" });

function curve(
  target: string,
  mode: string | undefined,
  fixed: number,
  each: number,
  last = Infinity,
): CostCurve {
  const rates = [0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10].map((factor) => 20 * factor);
  return {
    target,
    ...(mode === undefined ? {} : { mode }),
    points: rates.map((requestsPerSecond) => ({
      requestsPerSecond,
      usd: requestsPerSecond > last ? null : fixed + each * requestsPerSecond,
    })),
  };
}

/** A realistic comparison: four targets that can, two that cannot. */
export function comparison(overrides: Partial<Comparison> = {}): Comparison {
  return {
    schemaVersion: 1,
    model: "fraud-scorer",
    environment: "prod",
    region: "eu-west-1",
    prices: { asOf: "2025-08-14", region: "eu-west-1" },
    workload: {
      requestsPerMonth: 51_840_000,
      requestsPerSecond: { average: 20, peak: 60 },
      origin: "average-and-peak",
      assumption: "a day between average and peak: one smooth rise and fall",
      serviceTimeMs: { p50: 45, p99: 120 },
      concurrency: 4,
      payloadBytes: { request: 24_576, response: 2048 },
      slo: { p99Ms: 300, errorRate: 0.001 },
      batch: null,
    },
    targets: [REALTIME, SERVERLESS, LAMBDA, FARGATE, EKS, BATCH],
    crossovers: [
      { between: ["lambda", "ecs-fargate"], requestsPerSecond: 15.3, monthlyUsd: 169.7 },
      {
        between: ["ecs-fargate", "sagemaker-realtime provisioned"],
        requestsPerSecond: 24,
        monthlyUsd: 203.7,
      },
      { between: ["ecs-fargate", "eks"], requestsPerSecond: 60, monthlyUsd: 344 },
    ],
    curves: [
      curve("lambda", undefined, 0.4, 11.05, 400),
      curve("ecs-fargate", undefined, 110, 3.9),
      curve("sagemaker-realtime", "provisioned", 178, 1.07),
      curve("eks", undefined, 230, 1.9),
    ],
    advice: [
      {
        code: "SCALE_ON_CPU",
        target: "ecs-fargate",
        message:
          "scale on CPU at 62 %: one request keeps 0.9 vCPU busy for 45 ms, so CPU runs out before anything else",
        numbers: { cpuPercent: 62, vcpuPerRequest: 0.9 },
      },
      {
        code: "PROVISIONED_CONCURRENCY_LOSES",
        target: "lambda",
        message:
          "provisioned concurrency would cost $88 a month more and save 0.21 % cold starts, which the goal allows",
        numbers: { extraUsd: 88.2, fraction: 0.0021 },
      },
      {
        code: "OPTIMISE_MODEL",
        target: null,
        message: "Graviton would lower the cost of compute by 20 % if the image can be built for arm64",
        numbers: { share: 0.2 },
      },
    ],
    recommended: {
      target: "ecs-fargate",
      because:
        "ecs-fargate meets the goal at $202 a month, $19 less than lambda, which becomes cheaper below 15.3 requests/s.",
    },
    against: { target: "sagemaker-realtime", mode: "provisioned", monthlyUsd: 312.4, savedUsd: 110.46 },
    notes: ["the oldest price is 15 months old; modelport prices --refresh --region eu-west-1 renews it"],
    ...overrides,
  };
}

/** What only a batch job can do: no requests, no latency, no goal. */
export function batchOnly(): Comparison {
  const target = feasible("sagemaker-batch", {
    title: "Amazon SageMaker batch transform",
    sizingLabel: "2 × ml.m5.xlarge",
    replicas: null,
    monthlyCost: bill([item("ml.m5.xlarge instances", 12.92, { basis: "on-demand" })]),
    usdPerMillionRequests: 0.43,
    latencyMs: null,
    errorRate: null,
    sloMet: null,
    batch: { runSeconds: 2537, fits: true },
  });
  return comparison({
    model: "nightly",
    workload: {
      requestsPerMonth: 0,
      requestsPerSecond: { average: 0, peak: 0 },
      origin: null,
      assumption: null,
      serviceTimeMs: { p50: 45, p99: 120 },
      concurrency: 1,
      payloadBytes: null,
      slo: null,
      batch: { records: 1_000_000, everySeconds: 86_400 },
    },
    targets: [target],
    crossovers: [],
    curves: [],
    advice: [],
    recommended: {
      target: "sagemaker-batch",
      because: "sagemaker-batch finishes in 42 min for $12.92 a month.",
    },
    against: null,
    notes: [],
  });
}

/** Every column of a table is needed, with large numbers in it. */
export function everyColumn(): Comparison {
  const large = bill(
    [item("nodes", 123_456.7), item("logs", 23_456.7, { basis: "on-demand" }), item("rocket", null)],
    0.45,
  );
  const batch = feasible("sagemaker-batch", {
    sizingLabel: "16 × ml.m5.24xlarge",
    monthlyCost: large,
    usdPerMillionRequests: 2_345.6,
    latencyMs: null,
    errorRate: null,
    batch: { runSeconds: 86_399, fits: false },
    sloMet: false,
  });
  const serverless = feasible("sagemaker-realtime", {
    mode: "serverless",
    sizingLabel: "16 × ml.m5.24xlarge",
    monthlyCost: large,
    usdPerMillionRequests: 2_345.6,
    replicas: { min: 120, average: 1234.5, max: 12_345 },
    coldStart: { fraction: 0.01234, ms: 61_000, source: "measured" },
    errorRate: 0.0001234,
    sloMet: null,
  });
  return comparison({ targets: [LAMBDA, FARGATE, REALTIME, EKS, serverless, batch, BATCH] });
}

/** Nothing carries it. */
export function impossible(): Comparison {
  return comparison({
    targets: [SERVERLESS, BATCH],
    crossovers: [],
    curves: [],
    advice: [],
    recommended: null,
    against: null,
  });
}

/** Texts that would be markup, links, mentions, colours or line breaks. */
export const HOSTILE = [
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "</style></title></svg><b onclick='x'>",
  "{{name}} <%= 1 %> ${x} `code` ```",
  "| a | b |\n\n# heading\r\n![x](https://evil.example/x.png) @someone #1",
  "\u001b[31mred\u0007\u0000 \u202egnirts\u2028",
  "javascript:alert(1)",
  "{a|rich} %{b}",
] as const;

/** Every text of the document replaced by a hostile one; enumerations, dates and codes apart. */
export function hostile(): Comparison {
  let next = 0;
  const kept = new Set(["basis", "status", "currency", "asOf", "origin"]);
  const names = new Map<string, string>();
  const replaced = (value: unknown, key: string): unknown => {
    if (typeof value === "string") {
      if (kept.has(key)) return value;
      // The same name stays the same everywhere, or nothing would belong together.
      const found = names.get(value) ?? `${HOSTILE[next++ % HOSTILE.length] ?? ""}${value}`;
      names.set(value, found);
      return found;
    }
    if (Array.isArray(value)) return value.map((each) => replaced(each, key));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, replaced(each, name)]));
  };
  return replaced(comparison(), "") as Comparison;
}

/** Names as long as nobody should make them, with and without spaces, and of wide characters. */
export function longNames(): Comparison {
  const long = "a-very-long-name-".repeat(12);
  const source = comparison();
  return {
    ...source,
    model: long,
    targets: source.targets.map((result, index) => ({
      ...result,
      target: `${result.target}-${long}`,
      title: long,
      sizingLabel: index % 2 === 0 ? long : "模型".repeat(60),
      reasons: result.reasons.map((reason) => ({
        ...reason,
        message: `${long} ${long}`,
        value: long,
        limit: long,
      })),
    })),
    recommended: { target: `ecs-fargate-${long}`, because: `${long} ${"模型".repeat(80)}` },
    advice: source.advice.map((each) => ({ ...each, message: long, target: long })),
  };
}

/** Many targets of very different cost, as plug-ins bring them. */
export function manyTargets(count = 24): Comparison {
  return comparison({
    targets: Array.from({ length: count }, (_, index) =>
      feasible(`plugin-target-${index}`, {
        monthlyCost: bill([item("instances", 1.7 ** index)], 0.2),
        series: index === 0 ? series(20, 100, 200) : null,
      }),
    ),
    curves: Array.from({ length: count }, (_, index) =>
      curve(`plugin-target-${index}`, undefined, 10 + index, 2 + index),
    ),
    recommended: { target: "plugin-target-0", because: "plugin-target-0 is the cheapest." },
  });
}

/** Several environments of a model, and one more model that nothing carries. */
export function fleet(): Fleet {
  const test = comparison({
    environment: "test",
    targets: [LAMBDA],
    recommended: { target: "lambda", because: "lambda is the cheapest at this load." },
    crossovers: [],
    against: null,
  });
  return {
    schemaVersion: 1,
    comparisons: [comparison(), test, batchOnly(), { ...impossible(), model: "giant" }],
    total: {
      currency: "USD",
      recommended: 202 + 221 + 12.92,
      chosen: 640.2,
      shared: [
        {
          foundation: "risk-models",
          environment: "prod",
          models: 2,
          recommended: { onceUsd: 44.8, inBillsUsd: 89.6 },
          chosen: { onceUsd: 88.6, inBillsUsd: 133.4 },
        },
      ],
      notes: ["giant, prod is not in the sums: no target can carry it"],
    },
  };
}
