import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import { synthesizeResolution } from "../../modules/deployment/model-deployment";
import type { Resolution } from "../../modules/plan/resolve";
import { localState } from "../../modules/stack/state";

/** The documents of a resolved manifest's stacks by name, as they would be written; none of them is. */
export function documents(resolution: Resolution): Readonly<Record<string, object>> {
  const outdir = mkdtempSync(join(tmpdir(), "hostile-"));
  try {
    const app = new App({ outdir });
    const { foundation, stacks } = synthesizeResolution(app, resolution, localState());
    const all = [...(foundation === null ? [] : [foundation]), ...stacks];
    for (const stack of all) stack.prepareStack();
    return Object.fromEntries(
      all.map((stack) => [stack.node.id, JSON.parse(JSON.stringify(stack.toTerraform())) as object]),
    );
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
