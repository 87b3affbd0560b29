import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Stage, runTerraform, stacksIn, startOfflineProviders, type OfflineSession } from "./index";

const USAGE =
  "usage: check <folder of cdk.tf.json, or cdktf.out> validate|plan|apply [more arguments of terraform]\n" +
  "  apply: applies with made-up values, plans again, which must find no change, and destroys\n";

/** What each command runs, in this order, while it succeeds. */
const RUNS: Record<string, string[][]> = {
  validate: [["validate"]],
  plan: [["plan"]],
  apply: [
    ["apply", "-auto-approve"],
    ["plan", "-detailed-exitcode"],
    ["destroy", "-auto-approve"],
  ],
};

/** Runs the real Terraform on copies of synthesized stacks: `npx tsx modules/offline/check.ts <folder> plan`. */
async function main(): Promise<number> {
  const [dir, command = "", ...rest] = process.argv.slice(2);
  const runs = RUNS[command];
  if (dir === undefined || runs === undefined) {
    process.stderr.write(USAGE);
    return 2;
  }
  const work = mkdtempSync(join(tmpdir(), "check-"));
  const session = await startOfflineProviders({ cacheDir: join(tmpdir(), "offline-schemas") });
  try {
    const stacks = stacksIn(dir);
    let worst = 0;
    for (const stack of stacks) {
      if (stacks.length > 1) process.stdout.write(`== ${basename(stack)}\n`);
      worst = Math.max(worst, await check(session, join(work, basename(stack)), stack, runs, rest));
    }
    return worst;
  } finally {
    await session.dispose();
    rmSync(work, { recursive: true, force: true });
  }
}

async function check(
  session: OfflineSession,
  work: string,
  stack: string,
  runs: string[][],
  more: string[],
): Promise<number> {
  const copy = await new Stage(session, work).add(stack, runs[0]?.[0] !== "validate");
  for (const args of runs) {
    const run = await runTerraform(session, copy, [...args, "-no-color", ...more]);
    process.stdout.write(run.stdout);
    process.stderr.write(run.stderr);
    if (run.exitCode !== 0) return run.exitCode ?? 1;
  }
  return 0;
}

void main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
