import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { OfflineSession } from "./session";
import { isObject, readJson, type Json } from "./stack-types";
import { runTerraform } from "./terraform";

/**
 * Copies synthesized stacks to a working folder where Terraform can run them offline: their state is a file beside
 * the copy whatever their backend is, and the stacks whose outputs they read are copied and applied first.
 */
export class Stage {
  private readonly applied = new Map<string, Promise<string>>();

  /** @param workDir is created; every stack gets a folder of its own name in it. */
  constructor(
    private readonly session: OfflineSession,
    private readonly workDir: string,
  ) {}

  /**
   * Copies one stack, and applies those it reads from.
   * @param stackDir a folder with `cdk.tf.json`, for instance `cdktf.out/stacks/api`; stacks beside it are producers
   * @param producers false leaves the producers alone: enough for `terraform validate`
   * @returns the folder of the copy
   * @throws Error when a producer cannot be applied
   */
  async add(stackDir: string, producers = true): Promise<string> {
    const copy = this.copyOf(stackDir);
    mkdirSync(copy, { recursive: true });
    cpSync(stackDir, copy, { recursive: true, filter: isPartOfStack });
    for (const file of readdirSync(copy).filter((name) => name.endsWith(".tf.json"))) {
      const document = readJson(join(copy, file));
      dropBackends(document);
      if (producers) await this.connect(document, stackDir);
      writeFileSync(join(copy, file), JSON.stringify(document, null, 2));
    }
    return copy;
  }

  private copyOf(stackDir: string): string {
    return join(this.workDir, basename(resolve(stackDir)));
  }

  /** Points every reading of another stack's state at the state of that stack's copy. */
  private async connect(document: Json, stackDir: string): Promise<void> {
    const data = document["data"];
    const readings = isObject(data) ? data["terraform_remote_state"] : undefined;
    if (!isObject(readings)) return;
    for (const reading of Object.values(readings).filter(isObject)) {
      const producer = findProducer(stackDir, reading);
      if (producer === undefined) continue;
      const path = await this.apply(producer);
      reading["backend"] = "local";
      reading["config"] = { path };
    }
  }

  private apply(stackDir: string): Promise<string> {
    const known = this.applied.get(stackDir);
    if (known !== undefined) return known;
    const run = this.applyOnce(stackDir);
    this.applied.set(stackDir, run);
    return run;
  }

  private async applyOnce(stackDir: string): Promise<string> {
    const copy = await this.add(stackDir);
    const run = await runTerraform(this.session, copy, ["apply", "-auto-approve", "-no-color"]);
    if (run.exitCode !== 0) throw new Error(`${basename(stackDir)} cannot be applied:\n${run.stderr}`);
    return join(copy, "terraform.tfstate");
  }
}

/** The stacks of an output folder: the folder itself, or those below its `stacks`. */
export function stacksIn(dir: string): string[] {
  const below = join(dir, "stacks");
  if (!existsSync(below)) return [dir];
  return readdirSync(below)
    .sort()
    .map((name) => join(below, name));
}

/** Whether a file of a stack's folder was synthesized, not left by an earlier run of Terraform. */
function isPartOfStack(path: string): boolean {
  return !/^\.terraform$|\.tfstate(\.backup)?$/.test(basename(path));
}

function dropBackends(document: Json): void {
  for (const settings of [document["terraform"]].flat()) {
    if (!isObject(settings)) continue;
    delete settings["backend"];
    delete settings["cloud"];
  }
}

/** The stack beside a given one whose state is what the reading names. */
function findProducer(stackDir: string, reading: Json): string | undefined {
  const wanted = stateKey(stackDir, reading["backend"], [reading["config"]].flat()[0]);
  if (wanted === undefined) return undefined;
  const parent = dirname(resolve(stackDir));
  return readdirSync(parent)
    .map((name) => join(parent, name))
    .find((candidate) => {
      const file = join(candidate, "cdk.tf.json");
      if (!existsSync(file)) return false;
      const settings = [readJson(file)["terraform"]].flat()[0];
      const backend = isObject(settings) ? [settings["backend"]].flat()[0] : undefined;
      return (
        isObject(backend) &&
        Object.entries(backend).some(
          ([kind, options]) => stateKey(candidate, kind, [options].flat()[0]) === wanted,
        )
      );
    });
}

/** What names a state: the file of a local backend, else the backend's place. */
function stateKey(stackDir: string, backend: unknown, config: unknown): string | undefined {
  if (typeof backend !== "string" || !isObject(config)) return undefined;
  if (backend === "local") {
    return typeof config["path"] === "string" ? resolve(stackDir, config["path"]) : undefined;
  }
  return JSON.stringify([backend, config["bucket"], config["key"], config["prefix"], config["path"]]);
}
