import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/**
 * Where derived schemas are kept from one run to the next: `$XDG_CACHE_HOME/modelport`, by default `~/.cache/modelport`.
 * It can be deleted at any time. A folder that others may write to, such as the system's for temporary files, would let
 * them decide what a plan shows.
 * @see https://specifications.freedesktop.org/basedir-spec/latest/ (read 2026-11)
 */
export function schemaCacheDir(env: NodeJS.ProcessEnv = process.env): string {
  const named = env.XDG_CACHE_HOME ?? "";
  return join(isAbsolute(named) ? named : join(homedir(), ".cache"), "modelport", "schemas");
}
