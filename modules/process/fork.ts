import { fork, type ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * Starts a module of modelport as a child process that can be talked to; its stderr is this process's own.
 * @param folder the module's folder (`__dirname`).
 * @param name without its ending: modelport runs from its sources or compiled.
 */
export function forkModule(folder: string, name: string, args: readonly string[]): ChildProcess {
  const isSource = __filename.endsWith(".ts");
  const execArgv = isSource ? ["--import", pathToFileURL(createRequire(__filename).resolve("tsx")).href] : [];
  return fork(join(folder, `${name}.${isSource ? "ts" : "js"}`), args, {
    execArgv,
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
}
