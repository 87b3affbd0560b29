import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { ProcessResult } from "../process/run";
import type { OfflineSession } from "./session";
import { documentsIn, isObject, readJson, type Json } from "./stack-types";
import { runTerraform } from "./terraform";

const STATE_FILE = "terraform.tfstate";

export interface StageOptions {
  /** The Terraform to run. Default `terraform`. */
  readonly command?: string;
  /** The state file that a stack starts from; undefined for one that starts with nothing. Default: none has one. */
  readonly stateOf?: (stack: string) => string | undefined;
  /**
   * Whether `lifecycle.prevent_destroy` is dropped from the copies: with it Terraform makes no plan at all of what it
   * prevents. Default false.
   */
  readonly unprotected?: boolean;
}

/** A plan as `terraform show -json` gives it, or why there is none. */
export type StagedPlan =
  | { readonly json: Json; readonly file: string; readonly dir: string }
  | { readonly failure: string; readonly dir: string };

/** A plan that was made, in the folder's plan file, or why it was not. */
interface PlanRun {
  readonly dir: string;
  readonly failure: string | null;
}

/** Stands in for the digest of an image that was not built: a stack's variable `image_digest` has no default. */
export const PLACEHOLDER_DIGEST = `sha256:${"0".repeat(64)}`;

const PLAN_FILE = "plan.tfplan";

/**
 * Copies synthesized stacks to a working folder where Terraform can run them offline: their state is a file beside
 * the copy whatever their backend is, and the stacks whose outputs they read are copied and applied first.
 */
export class Stage {
  private readonly copies = new Map<string, Promise<string>>();
  private readonly plans = new Map<string, Promise<PlanRun>>();
  private readonly shown = new Map<string, Promise<StagedPlan>>();
  private readonly applied = new Map<string, Promise<string>>();
  private readonly protectedBy = new Map<string, readonly string[]>();
  private readonly placeholders = new Set<string>();

  /** @param workDir is created; every stack gets a folder of its own name in it. */
  constructor(
    private readonly session: OfflineSession,
    private readonly workDir: string,
    private readonly options: StageOptions = {},
  ) {}

  /**
   * Copies one stack, and applies those it reads from.
   * @param stackDir a folder with `cdk.tf.json`, for instance `cdktf.out/stacks/api`; stacks beside it are producers
   * @param producers false leaves the producers alone: enough for `terraform validate`
   * @returns the folder of the copy
   * @throws Error when a producer cannot be applied
   */
  add(stackDir: string, producers = true): Promise<string> {
    return once(this.copies, resolve(stackDir), () => this.copy(stackDir, producers));
  }

  /** Plans one stack, from its {@link StageOptions.stateOf state}; a plan that fails is a result too. */
  plan(stackDir: string): Promise<StagedPlan> {
    return once(this.shown, resolve(stackDir), async () => this.show(await this.planOnce(stackDir)));
  }

  /**
   * Applies the plan of one stack.
   * @returns its state file
   * @throws Error when it cannot be planned or applied
   */
  apply(stackDir: string): Promise<string> {
    return once(this.applied, resolve(stackDir), () => this.applyOnce(stackDir));
  }

  /** Plans the destruction of a stack that was {@link apply applied}. */
  async planDestruction(stackDir: string): Promise<StagedPlan> {
    await this.apply(stackDir);
    return this.show(await this.makePlan(await this.add(stackDir), ["-destroy"]));
  }

  /** Addresses whose `lifecycle.prevent_destroy` was dropped from the copy of a stack. */
  protectedIn(stackDir: string): readonly string[] {
    return this.protectedBy.get(resolve(stackDir)) ?? [];
  }

  /** Names of variables without a value that a placeholder stood in for, in any stack. */
  get filledIn(): readonly string[] {
    return [...this.placeholders];
  }

  private async copy(stackDir: string, producers: boolean): Promise<string> {
    const copy = join(this.workDir, nameOf(stackDir));
    mkdirSync(copy, { recursive: true });
    cpSync(stackDir, copy, { recursive: true, filter: isPartOfStack });
    const state = this.options.stateOf?.(nameOf(stackDir));
    if (state !== undefined) cpSync(state, join(copy, STATE_FILE));
    for (const file of readdirSync(copy).filter((name) => name.endsWith(".tf.json"))) {
      const document = readJson(join(copy, file));
      dropBackends(document);
      if (this.options.unprotected === true)
        this.protectedBy.set(resolve(stackDir), dropProtection(document));
      if (producers) await this.connect(document, stackDir);
      writeFileSync(join(copy, file), JSON.stringify(document, null, 2));
    }
    return copy;
  }

  private planOnce(stackDir: string): Promise<PlanRun> {
    return once(this.plans, resolve(stackDir), async () => this.makePlan(await this.add(stackDir), []));
  }

  private async makePlan(dir: string, more: readonly string[]): Promise<PlanRun> {
    // What was applied a moment ago with made-up values is not read again.
    const args = [
      "plan",
      `-out=${PLAN_FILE}`,
      "-refresh=false",
      "-no-color",
      ...more,
      ...this.variables(dir),
    ];
    const { exitCode, stderr } = await this.run(dir, args);
    return { dir, failure: exitCode === 0 ? null : stderr };
  }

  private async show({ dir, failure }: PlanRun): Promise<StagedPlan> {
    if (failure !== null) return { failure, dir };
    const shown = await this.run(dir, ["show", "-json", PLAN_FILE]);
    if (shown.exitCode !== 0) return { failure: shown.stderr, dir };
    return { json: JSON.parse(shown.stdout) as Json, file: join(dir, PLAN_FILE), dir };
  }

  private variables(dir: string): readonly string[] {
    const declared = documentsIn(dir).some(
      ({ variable }) => isObject(variable) && variable["image_digest"] !== undefined,
    );
    if (!declared || process.env["TF_VAR_image_digest"] !== undefined) return [];
    this.placeholders.add("image_digest");
    return [`-var=image_digest=${PLACEHOLDER_DIGEST}`];
  }

  private run(dir: string, args: readonly string[]): Promise<ProcessResult> {
    return runTerraform(this.session, dir, args, this.options.command);
  }

  /** Points every reading of another stack's state at the state of that stack's copy. */
  private async connect(document: Json, stackDir: string): Promise<void> {
    for (const { reading, producer } of readingsOf(document, stackDir)) {
      const path = await this.apply(producer);
      reading["backend"] = "local";
      reading["config"] = { path };
    }
  }

  private async applyOnce(stackDir: string): Promise<string> {
    const plan = await this.planOnce(stackDir);
    const failure = (why: string) => new Error(`${nameOf(stackDir)} cannot be applied:\n${why}`);
    if (plan.failure !== null) throw failure(plan.failure);
    const run = await this.run(plan.dir, ["apply", "-no-color", PLAN_FILE]);
    if (run.exitCode !== 0) throw failure(run.stderr);
    return join(plan.dir, STATE_FILE);
  }
}

/** Runs something once per key, however often and at the same time it is asked for. */
function once<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const running = known.get(key) ?? make();
  known.set(key, running);
  return running;
}

function nameOf(stackDir: string): string {
  return basename(resolve(stackDir));
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

/** Takes `lifecycle.prevent_destroy` away. @returns the addresses that had it */
function dropProtection(document: Json): readonly string[] {
  const byType = isObject(document["resource"]) ? Object.entries(document["resource"]) : [];
  return byType.flatMap(([type, byName]) =>
    Object.entries(isObject(byName) ? byName : {}).flatMap(([name, resource]) => {
      const lifecycle = isObject(resource) ? resource["lifecycle"] : undefined;
      if (!isObject(lifecycle) || lifecycle["prevent_destroy"] !== true) return [];
      delete lifecycle["prevent_destroy"];
      return [`${type}.${name}`];
    }),
  );
}

/** The readings of other stacks' state in a document, each with the folder of the stack that it reads. */
function readingsOf(document: Json, stackDir: string): { reading: Json; producer: string }[] {
  const data = document["data"];
  const readings = isObject(data) ? data["terraform_remote_state"] : undefined;
  if (!isObject(readings)) return [];
  return Object.values(readings)
    .filter(isObject)
    .flatMap((reading) => {
      const producer = findProducer(stackDir, reading);
      return producer === undefined ? [] : [{ reading, producer }];
    });
}

/** The folders of the stacks whose state a stack reads. */
export function producersOf(stackDir: string): readonly string[] {
  return documentsIn(stackDir).flatMap((document) =>
    readingsOf(document, stackDir).map(({ producer }) => producer),
  );
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
