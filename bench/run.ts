import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Many } from "./many";
import { type SimulateSpeed, simulateSpeed } from "./simulate";
import {
  type Comparison,
  compareSynthesis,
  growth,
  type Growth,
  median,
  scratch,
  writeManifests,
} from "./synthesis";

/** What a release must hold. Ratios, because machines differ; seconds where a person waits. */
const LIMITS = {
  /** Time of modelport against the same resources in plain cdktf. */
  synthesis: 1.15,
  /** Time of four times as many models. */
  growth: 4.4,
  /** Seconds of `modelport validate` on one manifest, the process included. */
  validate: 0.35,
  /** Seconds of `modelport synth` of one target, the process included. */
  synth: 0.9,
  /** Seconds of `modelport plan --offline` on six targets and what they share, the process included. */
  plan: 5,
  /** Time of 1,000 models of which one changed, against all of them. */
  unchanged: 0.1,
  /** How often as fast two processes are as one, on two cores. */
  speedup: 1.6,
  /** GiB of all processes together, for 1,000 models. */
  memory: 1,
  /** Seconds for all capacities of the example's targets, at 100 requests per second: a day, and a month of 730 hours. */
  day: 0.5,
  month: 3,
  /** Time of a month against a day; it has 30.4 of them. */
  months: 31 * 1.2,
  /** MiB that a month's results hold beyond a day's, and that the process takes more at its peak. */
  heap: 1,
  peak: 64,
  /** Seconds of `modelport compare` on the example, the process included. */
  compare: 3,
} as const;

const CLI = join(__dirname, "..", "dist", "cli", "index.js");

const EXAMPLE = join(__dirname, "..", "examples", "sentiment", "modelport.yaml");

const write = (text: string) => process.stdout.write(`${text}\n`);

/** Each part runs in a process of its own, so that none inherits another's heap; `run.ts <part>` is that process. */
function inOwnProcess(part: "synthesis" | "growth" | "many" | "simulate"): unknown {
  const child = spawnSync(process.execPath, ["--import", "tsx", __filename, part], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 1 << 26,
  });
  if (child.status !== 0) throw new Error(`${part} failed`);
  return JSON.parse(child.stdout);
}

/** Seconds of one command as a process: the best of several, because others' work only ever adds to it. */
export function bestSeconds(args: (folder: string) => readonly string[], runs: number): number {
  return scratch((folder) => {
    writeManifests(folder, 1);
    const times = Array.from({ length: runs }, () => {
      const start = process.hrtime.bigint();
      const { status, stderr } = spawnSync(process.execPath, [CLI, ...args(folder)], {
        cwd: folder,
        encoding: "utf8",
      });
      if (status !== 0) throw new Error(`modelport ${args(folder).join(" ")} failed: ${stderr}`);
      return Number(process.hrtime.bigint() - start) / 1e9;
    });
    return Math.min(...times);
  });
}

function main(): number {
  if (!existsSync(CLI)) throw new Error("dist is missing: npm run build");
  let failed = false;
  const report = (what: string, value: number, limit: number, unit: string): void => {
    const held = value <= limit;
    failed ||= !held;
    write(
      `${held ? "ok    " : "BROKEN"}  ${what.padEnd(52)} ${value.toFixed(3)}${unit}  (limit ${Number(limit.toFixed(3))}${unit})`,
    );
  };
  const comparison = inOwnProcess("synthesis") as Comparison;
  if (comparison.differing.length > 0) {
    write(`BROKEN  not the same stacks as by hand: ${comparison.differing.slice(0, 3).join(", ")}, ...`);
    failed = true;
  }
  report("synthesis of 200 models / plain cdktf", comparison.ratio, LIMITS.synthesis, "x");
  report("synthesis of 400 models / of 100", (inOwnProcess("growth") as Growth).ratio, LIMITS.growth, "x");
  report(
    "modelport validate",
    bestSeconds(() => ["validate", "model-0.yaml"], 10),
    LIMITS.validate,
    " s",
  );
  report(
    "modelport synth",
    bestSeconds(() => ["synth", "model-0.yaml"], 10),
    LIMITS.synth,
    " s",
  );
  const { speedup, unchanged, memory } = inOwnProcess("many") as Many;
  report("1,000 models, one changed / all", unchanged, LIMITS.unchanged, "x");
  report("one process / two, 1,000 models", 1 / speedup, 1 / LIMITS.speedup, "x");
  if (memory !== null) report("memory of 1,000 models", memory, LIMITS.memory, " GiB");
  report(
    "modelport plan --offline, six targets",
    bestSeconds(() => ["plan", EXAMPLE, "--offline", "--target", "all", "--quiet"], 3),
    LIMITS.plan,
    " s",
  );
  const speeds = Array.from({ length: 3 }, () => inOwnProcess("simulate") as SimulateSpeed);
  const best = (of: (speed: SimulateSpeed) => number) => Math.min(...speeds.map(of));
  const month = best((speed) => speed.month);
  const ratio = median(speeds.map((speed) => speed.ratio));
  const [heap, peak] = [best((speed) => speed.heap), best((speed) => speed.peak)];
  report(
    "simulation of a day, all targets",
    best(({ day }) => day),
    LIMITS.day,
    " s",
  );
  report("simulation of a month, all targets", month, LIMITS.month, " s");
  report("simulation of a month / of a day", ratio, LIMITS.months, "x");
  report("heap of a month beyond a day", Math.max(0, heap), LIMITS.heap, " MiB");
  report("peak memory of a month beyond a day", peak, LIMITS.peak, " MiB");
  report(
    "modelport compare examples/sentiment",
    bestSeconds(() => ["compare", EXAMPLE, "--quiet"], 3),
    LIMITS.compare,
    " s",
  );
  return failed ? 1 : 0;
}

async function manyModels(): Promise<void> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- it needs the built package, the rest does not
  const { many } = require("./many") as typeof import("./many");
  write(JSON.stringify(await many(1000, 2)));
}

if (require.main === module) {
  // As the built package runs: mapping stack traces back to TypeScript is only this process's.
  process.setSourceMapsEnabled(false);
  const part = process.argv[2];
  if (part === "synthesis") write(JSON.stringify(compareSynthesis(200, 9)));
  else if (part === "growth") write(JSON.stringify(growth(100, 7)));
  else if (part === "simulate") write(JSON.stringify(simulateSpeed(4)));
  else if (part === "many") void manyModels();
  else process.exitCode = main();
}
