import { projectError } from "../app/project";
import { PROJECT_FILE } from "../app/project";
import type { Issue } from "../issues/issue";

/** A plug-in as someone named it. Only the project's settings and the command line can: a manifest never does. */
export interface PluginSource {
  /** A package, or a file by a path that starts with `./`, `../` or `/`. */
  readonly name: string;
  /** Absolute folder that packages and files are looked for from. */
  readonly folder: string;
  /** Where it was named, for messages. */
  readonly at: Pick<Issue, "file" | "path">;
}

const LIST = "context.modelport.plugins";

/**
 * The plug-ins of `context.modelport.plugins`, which cdktf passes to the app from `cdktf.json`.
 * @param modelport what stands under `context.modelport`.
 * @param folder absolute folder of `cdktf.json`.
 * @throws {ManifestError} where it is no list of names.
 */
export function contextPlugins(modelport: unknown, folder: string): readonly PluginSource[] {
  if (typeof modelport !== "object" || modelport === null) return [];
  const plugins: unknown = Reflect.get(modelport, "plugins");
  if (plugins === undefined) return [];
  if (!Array.isArray(plugins)) throw projectError("is no list of packages and files", LIST);
  return plugins.map((name: unknown, index) => {
    const path = `${LIST}[${index}]`;
    if (typeof name !== "string" || name.trim() === "")
      throw projectError("is no name of a package or file", path);
    return { name, folder, at: { file: PROJECT_FILE, path } };
  });
}

/**
 * The plug-ins that `--plugin` names.
 * @param folder absolute folder that the command runs in.
 */
export function optionPlugins(names: readonly string[], folder: string): readonly PluginSource[] {
  return names.map((name) => ({ name, folder, at: { file: "--plugin", path: "" } }));
}

/** Something wrong with a plug-in, for the user. The message starts with its name. */
export function pluginIssue(
  { name, at }: PluginSource,
  code: string,
  message: string,
  help: Pick<Issue, "allowed" | "fix">,
): Issue {
  return { ...at, line: 0, column: 0, code, severity: "error", message: `${name}: ${message}`, ...help };
}
