import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTerraform, startOfflineProviders, type Fault, type OfflineSession } from "../../modules/offline";
import type { ProcessResult } from "../../modules/process/run";

const isInstalled = (command: string): boolean =>
  spawnSync(command, ["version"], { stdio: "ignore" }).error === undefined;

/** `describe`, or `describe.skip` where there is no `terraform` to run. */
export const describeWithTerraform = isInstalled("terraform") ? describe : describe.skip;

/** `describe`, or `describe.skip` where there is no `tofu` to run. */
export const describeWithTofu = isInstalled("tofu") ? describe : describe.skip;

/** Schemas derived by one test file serve the next. */
export const CACHE = join(tmpdir(), "offline-schemas-of-tests");

export const PROVIDERS = {
  required_providers: {
    aws: { source: "aws", version: "6.25.0" },
    docker: { source: "kreuzwerker/docker", version: "3.6.2" },
    kubernetes: { source: "kubernetes", version: "2.38.0" },
  },
};

/** A folder with one configuration, and a session to run it against. */
export class Workspace {
  readonly dir = mkdtempSync(join(tmpdir(), "workspace-"));

  private constructor(readonly session: OfflineSession) {}

  static async start(faults: Fault[] = []): Promise<Workspace> {
    return new Workspace(await startOfflineProviders({ cacheDir: CACHE, faults }));
  }

  write(document: Record<string, unknown>): void {
    const whole = { terraform: PROVIDERS, provider: { aws: [{ region: "eu-west-1" }] }, ...document };
    writeFileSync(join(this.dir, "cdk.tf.json"), JSON.stringify(whole, null, 2));
  }

  async run(...args: string[]): Promise<ProcessResult> {
    return runTerraform(this.session, this.dir, [...args, "-no-color"]);
  }

  /** Runs what must succeed, and returns what it prints. */
  async succeed(...args: string[]): Promise<string> {
    const run = await this.run(...args);
    if (run.exitCode !== 0)
      throw new Error(`terraform ${args.join(" ")} failed:\n${run.stderr}${run.stdout}`);
    return run.stdout;
  }

  /** Plans, and returns the actions by address, without those that change nothing. */
  async plannedActions(): Promise<Record<string, string>> {
    await this.succeed("plan", "-out=plan.bin");
    const shown = await runTerraform(this.session, this.dir, ["show", "-json", "plan.bin"]);
    const plan = JSON.parse(shown.stdout) as {
      resource_changes?: { address: string; mode: string; change: { actions: string[] } }[];
    };
    return Object.fromEntries(
      (plan.resource_changes ?? [])
        .filter(({ mode, change }) => mode === "managed" && change.actions.join() !== "no-op")
        .map(({ address, change }) => [address, change.actions.join("+")]),
    );
  }

  /** A value in the state. */
  async attribute(address: string, name: string): Promise<unknown> {
    const state = JSON.parse(await this.succeed("show", "-json")) as {
      values?: { root_module: { resources?: { address: string; values: Record<string, unknown> }[] } };
    };
    const found = state.values?.root_module.resources?.find((resource) => resource.address === address);
    return found?.values[name];
  }

  async end(): Promise<void> {
    await this.session.dispose();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
