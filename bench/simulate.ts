import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { rowsOf } from "../modules/compare/feasibility";
import type { Data } from "../modules/manifest/data";
import { loadManifestFile, loadManifestValue } from "../modules/manifest/load";
import { resolveManifest } from "../modules/plan/resolve";
import { type Capacity, HOURS_PER_MONTH } from "../modules/simulate/capacity";
import { simulate } from "../modules/simulate/simulate";
import { workloadOf } from "../modules/workload/plan-workload";
import type { Workload } from "../modules/workload/workload";
import { targets } from "../targets";

/** Days of a month, as AWS bills. */
export const MONTH = HOURS_PER_MONTH / 24;

/** A hundred requests per second on average, and what they need to scale with. */
const LOAD = {
  workload: {
    requestsPerSecond: { average: 100, peak: 200 },
    serviceTime: { p50: "45ms", p99: "120ms" },
    concurrency: 2,
    batch: { records: 2_000_000, recordSize: "1Ki", every: "1d" },
  },
  scaling: { min: 2, max: 40 },
};

/** Environments kept warm in one of the capacities more. */
const WARM = 8;

export interface SimulateSpeed {
  /** Seconds for a day on all capacities together, one after the other, with nothing prepared. */
  readonly day: number;
  /** Seconds for a month, likewise; the best of several, because others' work only ever adds to it. */
  readonly month: number;
  /** Time of a month against that of a day, with everything prepared; the best of each. */
  readonly ratio: number;
  /** MiB of heap that a month's results hold, beyond those of a day. */
  readonly heap: number;
  /** MiB of the whole process, at its peak in a month beyond that in a day. */
  readonly peak: number;
}

/** What is simulated, under the name of target and mode. */
export interface Case {
  readonly name: string;
  readonly capacity: Capacity;
  readonly workload: Workload;
}

/** The capacity of each target in each mode that can carry a manifest like the example, as `compare` has it. */
export function capacities(): readonly Case[] {
  const example = loadManifestFile(join(__dirname, "..", "examples", "sentiment", "modelport.yaml"));
  const data = { ...(example.source.data as Readonly<Record<string, Data>>), ...LOAD };
  const loaded = loadManifestValue(data, example.source.directory);
  const { plan, issues } = resolveManifest(loaded, {
    environment: null,
    targets: ["all"],
    registry: targets,
    digestFiles: false,
  });
  if (plan === null) throw new Error(`the example has issues: ${JSON.stringify(issues)}`);
  const workload = workloadOf(plan.workload ?? undefined, null);
  const options = { workload, scalingGiven: true };
  const asked = { plan, data, registry: targets, load: { requests: true, batch: true } };
  return rowsOf(
    asked,
    targets.map(({ kind }) => kind),
  ).flatMap(({ target, mode, deployment, withOptions }) => {
    const cases = [
      { name: `${target.kind}/${mode}`, sized: deployment },
      { name: `${target.kind}/${mode}, kept warm`, sized: withOptions({ provisionedConcurrency: WARM }) },
    ];
    return cases.flatMap(({ name, sized }): readonly Case[] => {
      const [candidate] = sized?.candidates(options) ?? [];
      return candidate === undefined ? [] : [{ name, capacity: candidate.capacity, workload }];
    });
  });
}

/**
 * Measures a day and a month of every capacity, by turns.
 * @param days of what takes a month's place.
 */
export function simulateSpeed(rounds: number, days = MONTH): SimulateSpeed {
  const cases = capacities();
  const all = (length: number) => {
    const seconds = length * 86_400;
    const start = process.hrtime.bigint();
    const results = cases.map(({ capacity, workload }) => simulate(capacity, workload, { seconds }));
    return { results, time: Number(process.hrtime.bigint() - start) / 1e9 };
  };
  // Tables of waiting times are made once for a size, in whichever simulation comes first.
  const cold = all(1);
  const before = { heap: heapUsed(), peak: process.resourceUsage().maxRSS };
  const long = all(days);
  const after = { heap: heapUsed(), peak: process.resourceUsage().maxRSS };
  const [short, months]: [number[], number[]] = [[], [long.time]];
  for (let round = 1; round < rounds; round += 1) {
    short.push(all(1).time);
    months.push(all(days).time);
  }
  // Both are still there while the heap is looked at.
  if (cold.results.length !== long.results.length) throw new Error("a simulation is missing");
  return {
    day: cold.time,
    month: Math.min(...months),
    ratio: Math.min(...months) / Math.min(...short),
    heap: (after.heap - before.heap) / 2 ** 20,
    peak: (after.peak - before.peak) / 1024,
  };
}

/** Bytes in use once nothing is left to collect. */
function heapUsed(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}
