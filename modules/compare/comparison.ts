/** What `compare --format json` prints, and every other format is made from. Names are public: add, never rename. */
export interface Comparison {
  readonly schemaVersion: 1;
  readonly model: string;
  readonly environment: string;
  readonly region: string | null;
  readonly prices: {
    /** Date of the oldest price used (ISO 8601); null where none was. */ readonly asOf: string | null;
    readonly region: string | null;
  };
  readonly workload: {
    readonly requestsPerMonth: number;
    readonly requestsPerSecond: { readonly average: number; readonly peak: number };
    readonly origin: string | null;
    readonly assumption: string | null;
    readonly serviceTimeMs: { readonly p50: number; readonly p99: number } | null;
    readonly concurrency: number;
    readonly payloadBytes: { readonly request: number; readonly response: number } | null;
    readonly slo: { readonly p99Ms: number; readonly errorRate: number } | null;
    readonly batch: { readonly records: number; readonly everySeconds: number } | null;
  };
  readonly targets: readonly TargetResult[];
  readonly crossovers: readonly Crossover[];
  /** Monthly cost over load, from idle to ten times the peak, per feasible target. */
  readonly curves: readonly CostCurve[];
  readonly advice: readonly Advice[];
  readonly recommended: Recommendation | null;
  /** With `--against`: what a switch away from the deployed target would save. */
  readonly against: Savings | null;
  /** Warnings about inputs: stale prices, a trace cut short, ... */
  readonly notes: readonly string[];
}

/** Why a target cannot carry the workload, or carries it badly. */
export interface Reason {
  /** The code of the check, or of `compare` itself. */
  readonly code: string;
  readonly message: string;
  readonly limit?: string;
  readonly value?: string;
  readonly source?: string;
  /** The nearest change that would make it feasible. */
  readonly change?: string;
}

export interface BillItem {
  readonly name: string;
  readonly quantity: number;
  readonly unit: string;
  /** USD; null where the price is not known. */
  readonly unitPrice: number | null;
  /** USD; null where the price is not known. */
  readonly usd: number | null;
  readonly source: string;
  readonly asOf: string;
  readonly basis: "on-demand" | "provisioned";
  readonly status: "published" | "observed" | "derived" | "override" | "unknown";
  /** How a derived price was computed, or what was assumed of the quantity. */
  readonly note?: string;
}

export interface MonthlyCost {
  readonly currency: "USD";
  /** Of everything whose price is known. */
  readonly total: number;
  readonly onDemand: number;
  readonly provisioned: number;
  /** Share of `total` that is paid for capacity that does nothing; 0 to 1. */
  readonly idleShare: number;
  readonly items: readonly BillItem[];
  /** Names of items without a known price; the total is then a lower bound. */
  readonly unknown: readonly string[];
}

export interface TargetResult {
  readonly target: string;
  readonly mode?: string;
  readonly title: string;
  readonly feasible: boolean;
  readonly reasons: readonly Reason[];
  readonly sizing: Readonly<Record<string, string | number | boolean>> | null;
  readonly sizingLabel: string | null;
  /** Sizes that were tried beside the chosen one, best first, at most ten. */
  readonly alternatives: readonly {
    readonly label: string;
    /** USD per month; null where a price is missing that decides. */
    readonly usd: number | null;
    readonly p99Ms: number | null;
    readonly sloMet: boolean;
  }[];
  readonly replicas: { readonly min: number; readonly average: number; readonly max: number } | null;
  readonly monthlyCost: MonthlyCost | null;
  readonly usdPerMillionRequests: number | null;
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number } | null;
  readonly coldStart: { readonly fraction: number; readonly ms: number; readonly source: string } | null;
  readonly errorRate: number | null;
  /** Null where the manifest sets no goal, or nothing can be said. */
  readonly sloMet: boolean | null;
  readonly batch: { readonly runSeconds: number; readonly fits: boolean } | null;
  readonly strengths: readonly string[];
  readonly weaknesses: readonly string[];
  /** What was assumed, and what the bill leaves out because nobody says what it comes to; in sentences. */
  readonly notes?: readonly string[];
  readonly figures: readonly {
    readonly name: string;
    readonly value: number;
    readonly unit: string;
    readonly source: string;
    readonly asOf: string;
    readonly confidence: string;
  }[];
  /** Over one period of the load, at most 168 equal steps. */
  readonly series: {
    readonly stepSeconds: number;
    /** Mean requests per second of each step. */
    readonly arrivals: readonly number[];
    readonly replicas: readonly number[];
    readonly p99: readonly (number | null)[];
  } | null;
}

export interface Crossover {
  /** The cheaper one below, then the cheaper one above. */
  readonly between: readonly [string, string];
  readonly requestsPerSecond: number;
  readonly monthlyUsd: number;
}

export interface CostCurve {
  readonly target: string;
  readonly mode?: string;
  /** By mean load: the peak rises with it. `usd` is null where the target cannot carry that load. */
  readonly points: readonly { readonly requestsPerSecond: number; readonly usd: number | null }[];
}

export interface Advice {
  /** Stable, e.g. `SCALE_ON_CPU`. */
  readonly code: string;
  readonly target: string | null;
  readonly message: string;
  /** The numbers behind it. */
  readonly numbers: Readonly<Record<string, number | string>>;
}

export interface Recommendation {
  readonly target: string;
  readonly mode?: string;
  /** One sentence: why, the runner-up, and what would change the answer. */
  readonly because: string;
}

export interface Savings {
  readonly target: string;
  readonly monthlyUsd: number;
  /** Against the recommended target; negative where staying is cheaper. */
  readonly savedUsd: number;
  readonly mode?: string;
}

/** Several manifests or environments in one document. */
export interface Fleet {
  readonly schemaVersion: 1;
  readonly comparisons: readonly Comparison[];
  readonly total: {
    readonly currency: "USD";
    /** Of each recommended target, what models share counted once. */
    readonly recommended: number;
    /** Of each manifest's own `target`; null where one names none. */
    readonly chosen: number | null;
    /** Foundations that several models share; the bill of each model has all of its own, the sums have each once. */
    readonly shared?: readonly SharedFoundation[];
    /** Comparisons that the sums leave out, or count too low, with why; in sentences. */
    readonly notes?: readonly string[];
  };
}

/** A foundation of several models of a fleet. */
export interface SharedFoundation {
  readonly foundation: string;
  readonly environment: string;
  /** Models that name it. */
  readonly models: number;
  /** With the recommended targets, and with those that the manifests name. */
  readonly recommended: SharedCost;
  readonly chosen: SharedCost;
}

/** USD per month of what a shared foundation has for all: key, endpoints and gateways. */
export interface SharedCost {
  /** As it is paid, and as the sums have it. */
  readonly onceUsd: number;
  /** As the bills of its models have it together. */
  readonly inBillsUsd: number;
}
