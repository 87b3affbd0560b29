import type { ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { forkModule } from "../process/fork";
import { armFaults } from "./arm-faults";
import type { ArmedFault, Fault } from "./faults";
import type { Answer, Request } from "./server";
import { typesInFolder, type UsedTypes } from "./stack-types";

/** A running child process that stands in for the installed providers. */
export interface OfflineSession {
  /** Variables that make `terraform` use it: no downloads, no credentials, no network. */
  env: Record<string, string>;
  /** Announces the types that runs of `terraform` in a folder need; `runTerraform` does this itself. */
  announce(dir: string): Promise<void>;
  /** Ends the process and removes its files. */
  dispose(): Promise<void>;
}

export interface OfflineOptions {
  /** Folder for derived schemas; it is created, and may be kept between sessions. */
  cacheDir: string;
  /** Failures and delays to rehearse. Default: none. */
  faults?: Fault[];
}

/**
 * Starts a stand-in for every provider whose package is installed. The real `terraform`, or `tofu`, can then validate, plan,
 * apply with made-up values, read, import and destroy stacks of these providers.
 * @throws Error when the process does not start.
 */
export async function startOfflineProviders(options: OfflineOptions): Promise<OfflineSession> {
  mkdirSync(options.cacheDir, { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), "offline-"));
  // Terraform kills the process whose socket does not answer, so the server must not live in this one.
  const child = forkModule(__dirname, "server", [options.cacheDir, folder]);
  try {
    const sockets = await listening(child);
    const cliConfig = join(folder, "terraformrc");
    writeFileSync(cliConfig, "");
    const requests = new Requests(child);
    const faults = options.faults ?? [];
    const armed = new Map<string, ArmedFault[]>();
    return {
      env: {
        CHECKPOINT_DISABLE: "1",
        TF_CLI_CONFIG_FILE: cliConfig,
        TF_IN_AUTOMATION: "1",
        TF_INPUT: "0",
        TF_REATTACH_PROVIDERS: JSON.stringify(reattach(child.pid, sockets)),
      },
      announce: async (dir) => {
        const used: UsedTypes = typesInFolder(dir);
        await requests.send({ kind: "use", ...used });
        if (faults.length === 0) return;
        // Runs in several folders may overlap: what is armed for one must not disarm another.
        armed.set(dir, armFaults(faults, dir));
        await requests.send({ kind: "faults", faults: [...armed.values()].flat() });
      },
      dispose: async () => {
        await ended(child);
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    child.kill();
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

function listening(child: ChildProcess): Promise<Record<string, string>> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) =>
      reject(new Error(`the offline provider process ended with code ${String(code)}`)),
    );
    child.once("message", (answer: Answer) => {
      if (answer.kind === "listening") resolve(answer.sockets);
    });
  });
}

/** Registries that a source without a host means: of Terraform, and of OpenTofu. */
const REGISTRIES = ["registry.terraform.io", "registry.opentofu.org"];

function reattach(pid: number | undefined, sockets: Record<string, string>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(sockets).flatMap(([address, socket]) => {
      const plugin = {
        Protocol: "grpc",
        ProtocolVersion: 5,
        Pid: pid,
        Test: true,
        Addr: { Network: "unix", String: socket },
      };
      const source = address.slice(address.indexOf("/"));
      return REGISTRIES.map((host) => [`${host}${source}`, plugin]);
    }),
  );
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve();
      return;
    }
    child.once("exit", () => resolve());
    child.kill();
  });
}

type WithoutId<T> = T extends { id: number } ? Omit<T, "id"> : never;

/** Requests to the child process, each answered once. */
class Requests {
  private next = 0;
  private readonly open = new Map<number, (error?: string) => void>();

  constructor(private readonly child: ChildProcess) {
    child.on("message", (answer: Answer) => {
      if (answer.kind === "done") this.open.get(answer.id)?.(answer.error);
    });
    child.on("exit", () => {
      for (const close of this.open.values()) close("the offline provider process has ended");
    });
  }

  send(request: WithoutId<Request>): Promise<void> {
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.open.set(id, (error) => {
        this.open.delete(id);
        if (error === undefined) resolve();
        else reject(new Error(error));
      });
      this.child.send({ ...request, id }, (error) => {
        if (error !== null) this.open.get(id)?.(error.message);
      });
    });
  }
}
