import type { Target } from "../../targets/target";
import { contextPlugins, optionPlugins, registryWith } from "../plugins";
import { projectContext } from "./project";

/** Variable by which cdktf's command line passes the context of `cdktf.json` to the app. */
const CONTEXT_VARIABLE = "CDKTF_CONTEXT_JSON";

/**
 * The targets that a command knows: modelport's own, the plug-ins of `cdktf.json`, and those that `--plugin` names.
 * @param plugins values of `--plugin`; packages are looked for from the working directory, as files are.
 * @throws {ManifestError} with everything that is wrong with any of them.
 */
export function projectRegistry(plugins: readonly string[] = []): readonly Target[] {
  const folder = process.cwd();
  return registryWith([
    ...contextPlugins(projectContext().modelport, folder),
    ...optionPlugins(plugins, folder),
  ]);
}

/**
 * The targets that an app knows: modelport's own, and the plug-ins of its context. cdktf runs the app in the folder of
 * `cdktf.json`.
 * @param context the app's own context; what cdktf passes on goes before it, as in cdktf's `App`.
 * @throws {ManifestError} with everything that is wrong with any of them.
 */
export function contextRegistry(context: Readonly<Record<string, unknown>> = {}): readonly Target[] {
  const { modelport } = { ...context, ...passedContext() };
  return registryWith(contextPlugins(modelport, process.cwd()));
}

/** The context that cdktf's command line passes to the app; empty where there is none. */
export function passedContext(): Readonly<Record<string, unknown>> {
  const text = process.env[CONTEXT_VARIABLE] ?? "";
  // cdktf's App reads the same text, and would say what is wrong with it.
  return text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
}
