import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Stacks as cdktf's own command line finds them in an output folder, by name. */
export type StackList = Readonly<Record<string, unknown>>;

/** Lists the stacks of an output folder; belongs to cdktf. */
const LIST_FILE = "manifest.json";

/** Stacks that an earlier run wrote, as cdktf's own list has them; empty where there is none that can be read. */
export function readStackList(outdir: string): StackList {
  return readList(outdir)?.stacks ?? {};
}

function readList(outdir: string): { readonly version?: string; readonly stacks?: StackList } | null {
  const file = join(outdir, LIST_FILE);
  if (!existsSync(file)) return null;
  try {
    return JSON.parse(readFileSync(file, "utf8")) as { readonly stacks?: StackList } | null;
  } catch {
    return null;
  }
}

/** Writes cdktf's list anew, for stacks that several runs have written, in the order of their names. */
export function writeStackList(outdir: string, version: string, stacks: StackList): void {
  const sorted = Object.fromEntries(Object.entries(stacks).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(join(outdir, LIST_FILE), `${JSON.stringify({ stacks: sorted, version }, null, 2)}\n`);
}

/** The version of cdktf that wrote a list. */
export function stackListVersion(outdir: string): string | undefined {
  return readList(outdir)?.version;
}

/** A stack that is no longer made must not be deployed by mistake; what Terraform keeps in its folder stays. */
export function removeStale(outdir: string, before: readonly string[], now: readonly string[]): void {
  const made = new Set(now);
  for (const stack of before.filter((name) => !made.has(name) && /^[A-Za-z0-9-]+$/.test(name))) {
    rmSync(join(outdir, "stacks", stack, "cdk.tf.json"), { force: true });
  }
}

/** Moves what was written for stacks into another output folder, beside what Terraform keeps there. */
export function moveStacks(from: string, to: string): void {
  mkdirSync(join(to, "stacks"), { recursive: true });
  for (const stack of readdirSync(join(from, "stacks"))) {
    const [source, target] = [join(from, "stacks", stack), join(to, "stacks", stack)];
    if (!existsSync(target)) {
      renameSync(source, target);
      continue;
    }
    for (const name of readdirSync(source)) {
      rmSync(join(target, name), { recursive: true, force: true });
      renameSync(join(source, name), join(target, name));
    }
  }
}
