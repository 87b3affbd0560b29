import { spawn, spawnSync } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median, writeManifests } from "./synthesis";

const DIST = join(__dirname, "..", "dist");

/** As it was built: its processes would compile the sources first. */
// eslint-disable-next-line @typescript-eslint/no-require-imports -- it is not there when this file is compiled
const { synthesizeMany } = require(
  join(DIST, "modules", "synthesis", "many.js"),
) as typeof import("../modules/synthesis/many");

export interface Many {
  /** Time with all cores against one process. */
  readonly speedup: number;
  /** Time with one changed model of all against all of them. */
  readonly unchanged: number;
  /** Most memory of all processes together, in GiB; null where the machine has no `ps`. */
  readonly memory: number | null;
}

/** Measures the synthesis of a folder of manifests as commands do it. */
export async function many(models: number, cores: number): Promise<Many> {
  const folder = mkdtempSync(join(tmpdir(), "modelport-many-"));
  try {
    const manifests = join(folder, "models");
    writeManifests(manifests, models);
    const seconds = async (processes: number, outdir: string): Promise<number> => {
      const start = process.hrtime.bigint();
      await synthesizeMany({
        manifests: [manifests],
        targets: null,
        environment: null,
        outdir,
        processes,
      });
      return Number(process.hrtime.bigint() - start) / 1e9;
    };
    const full = (processes: number) => {
      const outdir = join(folder, `full-${processes}`);
      rmSync(outdir, { recursive: true, force: true });
      return seconds(processes, outdir);
    };
    const [alone, together]: [number[], number[]] = [[], []];
    for (let round = 0; round < 2; round += 1) {
      alone.push(await full(1));
      together.push(await full(cores));
    }
    const outdir = join(folder, `full-${cores}`);
    const changed: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      appendFileSync(join(manifests, "model-1.yaml"), `# ${round}\n`);
      changed.push(await seconds(cores, outdir));
    }
    return {
      speedup: Math.min(...alone) / Math.min(...together),
      unchanged: median(changed) / Math.min(...together),
      memory: await peakMemory(manifests, join(folder, "measured")),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** GiB of the command and its children, looked at while it runs. */
async function peakMemory(manifests: string, outdir: string): Promise<number | null> {
  const child = spawn(
    process.execPath,
    [join(DIST, "cli", "index.js"), "synth", manifests, "--out", outdir, "--quiet"],
    {
      stdio: "ignore",
    },
  );
  let peak: number | null = null;
  const timer = setInterval(() => {
    const used = memoryOf(child.pid ?? 0);
    if (used !== null) peak = Math.max(peak ?? 0, used);
  }, 200);
  await new Promise((resolve) => child.once("close", resolve));
  clearInterval(timer);
  return peak;
}

function memoryOf(root: number): number | null {
  const { stdout, status } = spawnSync("ps", ["-eo", "pid=,ppid=,rss="], { encoding: "utf8" });
  if (status !== 0) return null;
  const rows = stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const family = new Set([root]);
  for (let grown = true; grown;) {
    grown = false;
    for (const [pid = 0, parent = 0] of rows) {
      if (family.has(parent) && !family.has(pid)) {
        family.add(pid);
        grown = true;
      }
    }
  }
  const kilobytes = rows.reduce((sum, [pid = 0, , rss = 0]) => (family.has(pid) ? sum + rss : sum), 0);
  return kilobytes / 1024 ** 2;
}
