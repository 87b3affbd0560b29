import type { FoundationNeeds } from "../foundation/needs";
import type { Data } from "../manifest/data";
import type { EnvironmentPlan } from "../plan/plan";
import { declaredTargets } from "../plan/resolve";
import type { Policy } from "../policy/policy";
import { hasFreeTier } from "../prices/free-tier";
import type { PriceBook } from "../prices/price-book";
import { HOURS_PER_MONTH } from "../simulate/capacity";
import type { Workload } from "../workload/workload";
import type { Target } from "../../targets/target";
import { adviceFor, type Carried } from "./advice";
import { oldestPrice } from "./bill";
import type { Comparison, Reason, Savings, TargetResult } from "./comparison";
import { costOver, crossoversOf, curvesOf, type Priced } from "./curves";
import { curveNotes } from "./curve-notes";
import { declaredFoundationNote } from "./declared-foundation";
import { type Billing, errorRateOf, goalOf, type Simulator } from "./engine";
import { type Asked, reason, type Row, rowsOf } from "./feasibility";
import { existingParts } from "./foundation-charges";
import { nameOf } from "./names";
import { type Eligible, recommend } from "./recommend";
import { type Sized, sizeOf, type SizingContext, type Tried } from "./sizing";

/** Sizes beside the chosen one that the document lists. */
const MOST_ALTERNATIVES = 10;
const SECONDS_PER_MONTH = HOURS_PER_MONTH * 3600;

/** What is compared. */
export interface CompareInput {
  readonly plan: EnvironmentPlan;
  /** The manifest's data with its overlay. */
  readonly data: Data;
  /** The manifest's own `target`; null where it names none. */
  readonly chosen: string | null;
  readonly scalingGiven: boolean;
  readonly registry: readonly Target[];
  /** The organisation's policies. Default none. */
  readonly policies?: readonly Policy[];
  /** Kinds to compare. */
  readonly kinds: readonly string[];
  readonly workload: Workload;
  /** What is to be known of the inputs, in sentences. */
  readonly notes: readonly string[];
  readonly simulator: Simulator;
  readonly book: PriceBook;
  readonly freeTier: boolean;
  /** The target that is deployed now; null where nothing is asked. */
  readonly against: { readonly target: string; readonly mode: string | null } | null;
  /** Called before each step, with what is done next. */
  readonly onStep?: (what: string) => void;
}

/** A comparison, and what of it other documents are made from. */
export interface Compared {
  readonly document: Comparison;
  /** USD per month of the recommended target, and of the manifest's own; null where there is none. */
  readonly recommendedUsd: number | null;
  readonly chosenUsd: number | null;
  /** What the two need of a foundation, which several models may share. */
  readonly recommendedNeeds: FoundationNeeds | null;
  readonly chosenNeeds: FoundationNeeds | null;
}

interface Entry {
  readonly row: Row;
  readonly result: TargetResult;
  readonly sized: Sized | null;
}

/** Puts one workload on every target. Pure but for the simulator and the book that it is given. */
export function compare(input: CompareInput): Compared {
  const { plan, workload, simulator, book, freeTier, onStep } = input;
  const asked: Asked = {
    plan,
    data: input.data,
    registry: input.registry,
    policies: input.policies ?? [],
    load: { requests: workload.arrivals !== null, batch: workload.batch !== null },
  };
  const billing: Billing = { plan, book, region: plan.region?.name ?? "", freeTier };
  const sizing: SizingContext = {
    workload,
    goal: goalOf(workload, input.scalingGiven),
    scalingGiven: input.scalingGiven,
    simulator,
    billing,
  };
  const entries = rowsOf(asked, input.kinds).map((row): Entry => {
    onStep?.(`sizing ${nameOf(naming(row))}`);
    return entryOf(row, sizing, row.target.kind === input.chosen && row.chosenMode);
  });
  const choice = entries.find(({ row }) => row.target.kind === input.chosen && row.chosenMode) ?? null;
  const ranked = rankable(entries, workload, choice);

  const priced: readonly Priced[] = entries.flatMap(({ row, sized }) => {
    if (sized === null || !overLoad(row) || sized.chosen.bill.decisive.length > 0) return [];
    const named = naming(row);
    return [{ name: nameOf(named), ...named, costAt: costOver(row, sized, sizing) }];
  });
  const average = workload.arrivals?.average ?? 0;
  onStep?.("costs over load");
  const curves = average > 0 ? curvesOf(priced, average) : [];
  onStep?.("crossovers");
  const crossovers = average > 0 ? crossoversOf(priced, average) : [];
  const slo = workload.slo === null ? null : { p99Ms: workload.slo.p99, errorRate: workload.slo.errorRate };
  const recommended = recommend(ranked.met, {
    slo,
    crossovers,
    average,
    missing: ranked.missed,
    unpriced: ranked.unpriced,
  });

  onStep?.("advice");
  const carried = entries.flatMap(carriedOf);
  const named = (one: TargetResult | undefined) =>
    carried.find(({ name }) => one !== undefined && name === nameOf(one)) ?? null;
  const advice = adviceFor({
    asked,
    sizing,
    carried,
    recommended: named(recommended?.first.result),
    chosen: named(choice?.result),
  });

  const results = entries.map(({ result }) => result);
  const costs = results.flatMap(({ monthlyCost }) => (monthlyCost === null ? [] : [monthlyCost]));
  const document: Comparison = {
    schemaVersion: 1,
    model: plan.name,
    environment: plan.environment,
    region: plan.region?.name ?? null,
    prices: { asOf: oldestPrice(costs), region: plan.region?.name ?? null },
    workload: workloadOf(workload),
    targets: results,
    crossovers,
    curves,
    advice,
    recommended: recommended?.recommendation ?? null,
    against: savings(input.against, entries, recommended?.first ?? null),
    notes: [
      ...input.notes,
      ...ownNotes(input, sizing, ranked, results),
      ...foundationNotes(input, entries, billing),
      ...curveNotes(curves, results),
    ],
  };
  return {
    document,
    recommendedUsd: recommended?.first.result.monthlyCost?.total ?? null,
    chosenUsd: choice?.result.monthlyCost?.total ?? null,
    recommendedNeeds:
      entries.find(({ result }) => result === recommended?.first.result)?.row.deployment?.needs ?? null,
    chosenNeeds: choice?.row.deployment?.needs ?? null,
  };
}

function naming({ target, mode }: Row): { readonly target: string; readonly mode?: string } {
  return Object.keys(target.modes).length > 1 ? { target: target.kind, mode } : { target: target.kind };
}

/** Whether a row's cost is a function of requests per second. */
function overLoad({ target, capabilities }: Row): boolean {
  return target.platform === "aws" && capabilities.answers !== "nobody";
}

/** @param isChoice whether the manifest itself chooses this row. */
function entryOf(row: Row, context: SizingContext, isChoice: boolean): Entry {
  if (row.deployment === null) return { row, sized: null, result: without(row, row.reasons) };
  const { workload, scalingGiven } = context;
  const candidates = row.deployment.candidates({ workload, scalingGiven });
  if (candidates === null) {
    const why = reason("COMPARE_NO_MODEL", `${row.target.title} gives no model of its capacity and cost`);
    return { row, sized: null, result: without(row, [why, ...row.reasons]) };
  }
  const sized = candidates.length === 0 ? null : sizeOf(row, context);
  if (sized === null) {
    const why = reason("COMPARE_NO_SIZE", `${row.target.title} has no size that holds \`resources\``);
    return { row, sized: null, result: without(row, [why, ...row.reasons]) };
  }
  return { row, sized, result: resultOf(row, sized, context, isChoice) };
}

function without(row: Row, reasons: readonly Reason[]): TargetResult {
  const { target } = row;
  return {
    ...naming(row),
    title: target.title,
    feasible: false,
    reasons,
    sizing: null,
    sizingLabel: null,
    alternatives: [],
    replicas: null,
    monthlyCost: null,
    usdPerMillionRequests: null,
    latencyMs: null,
    coldStart: null,
    errorRate: null,
    sloMet: null,
    batch: null,
    strengths: target.strengths,
    weaknesses: target.weaknesses,
    figures: [],
    series: null,
  };
}

function resultOf(
  row: Row,
  { chosen, others }: Sized,
  context: SizingContext,
  isChoice: boolean,
): TargetResult {
  const { target, capabilities } = row;
  const { candidate, simulation, month, bill } = chosen;
  const { latencyMs, replicas, coldStarts, batch } = simulation;
  const existing = [...(candidate.existing ?? []), ...existingParts(context.billing.plan)];
  const notes = [
    ...(candidate.notes ?? []),
    ...(target.platform === "local" || existing.length === 0
      ? []
      : [`not in the bill, because it exists already: the ${existing.join(", the ")}`]),
    ...chosen.notCounted.map((what) => `not in the bill: ${what}`),
  ];
  const served = perMillion(chosen, context.workload);
  return {
    ...naming(row),
    title: target.title,
    feasible: true,
    reasons: [...own(row, chosen, context, isChoice), ...row.reasons],
    sizing: sizingOf(chosen),
    sizingLabel: candidate.label,
    alternatives: others.slice(0, MOST_ALTERNATIVES).map((other) => ({
      label: labelOf(other),
      // What lacks a price that decides would look like a bargain.
      usd: other.bill.decisive.length > 0 ? null : other.bill.cost.total,
      p99Ms: digits(other.simulation.latencyMs?.p99 ?? null),
      sloMet: other.distance <= 1,
    })),
    replicas: {
      min: replicas.min,
      average: Number(replicas.average.toFixed(3)),
      max: replicas.max,
    },
    monthlyCost: bill.cost,
    usdPerMillionRequests: target.platform === "local" ? null : served,
    latencyMs:
      latencyMs === null || batch !== null
        ? null
        : {
            p50: digits(latencyMs.p50) ?? 0,
            p95: digits(latencyMs.p95) ?? 0,
            p99: digits(latencyMs.p99) ?? 0,
          },
    coldStart:
      candidate.capacity.kind === "environments"
        ? {
            fraction: Number(coldStarts.fraction.toPrecision(3)),
            ms: Math.round(coldStarts.ms > 0 ? coldStarts.ms : candidate.capacity.coldStartMs),
            source: candidate.figures.find(({ name }) => name.includes("cold start"))?.source ?? "",
          }
        : null,
    errorRate: batch !== null ? null : Number(errorRateOf(simulation).toPrecision(3)),
    sloMet: batch !== null ? batch.fits : context.goal.p99 === null ? null : chosen.distance <= 1,
    batch: batch === null ? null : { runSeconds: Math.round(batch.runSeconds), fits: batch.fits },
    strengths: target.strengths,
    weaknesses: target.weaknesses,
    ...(notes.length === 0 ? {} : { notes }),
    figures: candidate.figures,
    series:
      capabilities.answers === "nobody" || month.requests === 0
        ? null
        : context.simulator.simulate(candidate.capacity, context.workload, true).series,
  };
}

/** What of a result is `compare`'s own to say. */
function own(
  row: Row,
  { distance, simulation, bill }: Tried,
  { goal, billing: { region } }: SizingContext,
  isChoice: boolean,
): readonly Reason[] {
  const reasons: Reason[] = [];
  if (bill.decisive.length > 0) {
    reasons.push(
      reason("COMPARE_PRICE_UNKNOWN", `the price of ${bill.decisive.join(", ")} is not known in ${region}`, {
        change: `\`modelport prices --refresh --region ${region}\` fetches it, or name it in --price-file`,
      }),
    );
  }
  if (row.capabilities.answers === "later" && !isChoice) {
    reasons.push(
      reason(
        "COMPARE_ANSWERS_LATER",
        `${row.target.title} (${row.mode}) puts its answers where the caller must fetch them`,
        {
          change: `choose it with targets.${row.target.kind}.mode: ${row.mode} where callers can wait`,
        },
      ),
    );
  }
  if (distance <= 1) return reasons;
  if (simulation.batch !== null) {
    const why = "a run takes longer than it may, until the next one or its timeout";
    return [
      ...reasons,
      reason("COMPARE_RUN_TOO_LONG", why, { value: `${Math.round(simulation.batch.runSeconds)} s` }),
    ];
  }
  const errors = errorRateOf(simulation);
  const p99 = simulation.latencyMs?.p99 ?? null;
  const late = goal.p99 !== null && p99 !== null && p99 > goal.p99;
  const waits = !late && errors <= goal.errorRate;
  const why = late
    ? "the 99th percentile of the latency is above the goal, whatever size was tried"
    : waits
      ? "requests wait longer for a replica than they take, whatever size was tried"
      : "more requests fail, or wait without end, than may, whatever size was tried";
  return [
    ...reasons,
    reason("COMPARE_SLO_MISSED", why, {
      limit: late ? `${goal.p99} ms` : waits ? `${goal.wait ?? 0} ms` : `${goal.errorRate * 100} %`,
      value: late
        ? `${Math.round(p99)} ms`
        : waits
          ? `${Math.round(simulation.waitMs?.p99 ?? 0)} ms`
          : `${Number((errors * 100).toPrecision(3))} %`,
    }),
  ];
}

function sizingOf({ candidate, range, warm }: Tried): TargetResult["sizing"] {
  const replicas: Readonly<Record<string, number>> =
    range === null
      ? {}
      : range.min === range.max
        ? { replicas: range.max }
        : { minReplicas: range.min, maxReplicas: range.max };
  return { ...candidate.sizing, ...replicas, ...(warm > 0 ? { provisionedConcurrency: warm } : {}) };
}

/** A size that was tried, with its replicas, since the same type may stand there twice. */
function labelOf({ candidate: { label }, range, warm }: Tried): string {
  if (warm > 0) return `${label}, ${warm} kept warm`;
  if (range === null) return label;
  return range.min === range.max ? `${range.max} × ${label}` : `${range.min} to ${range.max} × ${label}`;
}

/** USD per million requests, or records; null where there are none. */
function perMillion({ simulation, month, bill }: Tried, { batch }: Workload): number | null {
  const done =
    simulation.batch === null
      ? month.requests
      : batch === null
        ? 0
        : (batch.records * SECONDS_PER_MONTH) / batch.everySeconds;
  return done > 0 ? Number(((bill.exactUsd / done) * 1e6).toPrecision(4)) : null;
}

function carriedOf({ row, sized, result }: Entry): readonly Carried[] {
  if (sized === null || row.target.platform === "local" || sized.chosen.bill.decisive.length > 0) return [];
  const usdPerMillion = result.usdPerMillionRequests;
  return [{ row, sized, name: nameOf(result), usdPerMillion }];
}

interface Ranked {
  readonly met: readonly Eligible[];
  readonly missed: readonly Eligible[];
  /** Keep the goal, but nobody knows what they cost; with the least that it may be. */
  readonly unpriced: readonly Eligible[];
}

/**
 * What may be recommended: what answers the caller where requests arrive, and jobs where only a batch is to be done.
 * Answers to be fetched count where the manifest chose that mode itself. This machine is no place to deploy to.
 */
function rankable(entries: readonly Entry[], { arrivals }: Workload, choice: Entry | null): Ranked {
  const able = entries.flatMap((entry) => {
    const { row, sized, result } = entry;
    if (sized === null || row.target.platform === "local") return [];
    const { answers = "caller" } = row.capabilities;
    const fits =
      arrivals === null
        ? answers === "nobody"
        : answers === "caller" || (answers === "later" && entry === choice);
    const { bill, distance } = sized.chosen;
    const priced = bill.decisive.length === 0;
    const exactUsd = priced ? bill.exactUsd : bill.lowestUsd;
    const { existing = [] } = sized.chosen.candidate;
    const highestUsd = priced ? bill.exactUsd : bill.highestUsd;
    return fits ? [{ result, exactUsd, highestUsd, existing, met: distance <= 1, priced }] : [];
  });
  return {
    met: able.filter(({ met, priced }) => met && priced),
    missed: able.filter(({ met, priced }) => !met && priced),
    unpriced: able.filter(({ met, priced }) => met && !priced),
  };
}

function savings(
  against: CompareInput["against"],
  entries: readonly Entry[],
  recommended: Eligible | null,
): Savings | null {
  if (against === null) return null;
  const now = entries.find(
    ({ row }) =>
      row.target.kind === against.target &&
      (against.mode === null ? row.chosenMode : row.mode === against.mode),
  );
  const usd = now?.result.monthlyCost?.total;
  if (now === undefined || usd === undefined) return null;
  // Of one that lacks a price, the most that it may cost: a switch saves that much at least.
  const { result, exactUsd, highestUsd } = recommended ?? { exactUsd: 0, highestUsd: 0 };
  const best = highestUsd > exactUsd ? highestUsd : (result?.monthlyCost?.total ?? usd);
  return { ...naming(now.row), monthlyUsd: usd, savedUsd: Math.round((usd - best) * 100) / 100 };
}

function workloadOf({
  arrivals,
  serviceTime,
  concurrency,
  payload,
  slo,
  batch,
}: Workload): Comparison["workload"] {
  const average = arrivals?.average ?? 0;
  return {
    requestsPerMonth: Math.round(average * SECONDS_PER_MONTH),
    requestsPerSecond: {
      average: Number(average.toPrecision(6)),
      peak: Number((arrivals?.peak ?? 0).toPrecision(6)),
    },
    origin: arrivals?.origin ?? null,
    assumption: arrivals?.assumption ?? null,
    serviceTimeMs: serviceTime === null ? null : { p50: serviceTime.p50, p99: serviceTime.p99 },
    concurrency,
    payloadBytes:
      payload === null ? null : { request: payload.requestBytes, response: payload.responseBytes },
    slo: slo === null ? null : { p99Ms: slo.p99, errorRate: slo.errorRate },
    batch: batch === null ? null : { records: batch.records, everySeconds: batch.everySeconds },
  };
}

function foundationNotes(
  { plan, data, registry }: CompareInput,
  entries: readonly Entry[],
  billing: Billing,
): readonly string[] {
  const kinds = declaredTargets(data, registry);
  const declared = entries.flatMap(({ row: { target, chosenMode, deployment } }) =>
    chosenMode && deployment !== null && target.platform === "aws" && kinds.includes(target.kind)
      ? [{ target: target.kind, needs: deployment.needs }]
      : [],
  );
  const note = declaredFoundationNote(declared, plan, billing);
  return note === null ? [] : [note];
}

/** Prices older than this are worth a word. */
const STALE_DAYS = 365;

function ownNotes(
  { freeTier, scalingGiven, plan }: CompareInput,
  { goal, workload }: SizingContext,
  ranked: Ranked,
  results: readonly TargetResult[],
): readonly string[] {
  const notes: string[] = [];
  if (goal.wait !== null && workload.arrivals !== null) {
    notes.push(
      "The manifest sets no slo: replicas are chosen so that no more than one request in 1,000 fails and 99 % wait no longer than " +
        "a request takes at its 99th percentile.",
    );
  }
  if (ranked.met.length === 0 && ranked.missed.length + ranked.unpriced.length > 0) {
    notes.push(
      ranked.unpriced.length === 0
        ? "No target keeps the SLO, so that none is recommended."
        : "None is recommended: what keeps the SLO has no known price.",
    );
  }
  if (scalingGiven && workload.arrivals !== null)
    notes.push("The number of replicas is the manifest's own (scaling); remove it to have it found.");
  const stale = staleItems(results);
  if (stale !== null)
    notes.push(
      `The oldest price used is of ${stale}; \`modelport prices --refresh --region ${plan.region?.name ?? "<region>"}\` fetches today's.`,
    );
  if (freeTier)
    notes.push(
      hasFreeTier(plan.region?.name ?? "")
        ? "The free tier is subtracted in full: it is the account's, for all that runs in it."
        : `No free tier is subtracted: none that AWS grants in ${plan.region?.name ?? "this region"} is known; those of other partitions do not count there.`,
    );
  const later = results.some(({ reasons }) => reasons.some(({ code }) => code === "COMPARE_ANSWERS_LATER"));
  if (later && ranked.met.length > 0)
    notes.push("Targets that answer later are shown and not recommended, unless the manifest chooses them.");
  return notes;
}

/** The oldest price where it is more than a year older than the newest, so that no clock is needed. */
function staleItems(results: readonly TargetResult[]): string | null {
  const dates = results
    .flatMap(({ monthlyCost }) => monthlyCost?.items ?? [])
    .flatMap(({ asOf, status }) => (asOf === "" || status === "override" ? [] : [asOf]))
    .sort();
  const [oldest] = dates;
  const newest = dates.at(-1);
  if (oldest === undefined || newest === undefined) return null;
  return Date.parse(newest) - Date.parse(oldest) > STALE_DAYS * 86_400_000 ? oldest : null;
}

function digits(value: number | null): number | null {
  return value === null ? null : Number(value.toFixed(1));
}
