import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTerraform, startOfflineProviders } from "./index";
import { isObject } from "./stack-types";

/**
 * Validates or plans a synthesized stack in a copy of its folder:
 * `npx tsx modules/offline/check.ts <folder of cdk.tf.json> validate|plan [more arguments of terraform]`.
 */
async function main(): Promise<number> {
  const [dir, command, ...rest] = process.argv.slice(2);
  if (dir === undefined || (command !== "validate" && command !== "plan")) {
    process.stderr.write(
      "usage: check <folder of cdk.tf.json> validate|plan [more arguments of terraform]\n",
    );
    return 2;
  }
  const work = mkdtempSync(join(tmpdir(), "check-"));
  const session = await startOfflineProviders({ cacheDir: join(tmpdir(), "offline-schemas") });
  try {
    cpSync(dir, work, { recursive: true, filter: (path) => !path.endsWith(".terraform") });
    for (const file of readdirSync(work)) if (file.endsWith(".tf.json")) dropBackend(join(work, file));
    const run = await runTerraform(session, work, [command, "-no-color", ...rest]);
    process.stdout.write(run.stdout);
    process.stderr.write(run.stderr);
    return run.exitCode;
  } finally {
    await session.dispose();
    rmSync(work, { recursive: true, force: true });
  }
}

/** A configured backend would need `terraform init`; a check has no state of its own to keep. */
function dropBackend(file: string): void {
  const document: unknown = JSON.parse(readFileSync(file, "utf8"));
  if (!isObject(document) || !isObject(document["terraform"])) return;
  delete document["terraform"]["backend"];
  writeFileSync(file, JSON.stringify(document));
}

void main().then((code) => {
  process.exitCode = code;
});
