import { describeTargets, targetsTable } from "../modules/app/describe-targets";
import { projectRegistry } from "../modules/app/registry";
import { type CommonOptions, EXIT, Output, type PluginOptions } from "./output";

export interface TargetsOptions extends CommonOptions, PluginOptions {
  readonly format: "text" | "json" | "markdown";
}

/** `modelport targets`: the targets, their modes and capabilities. */
export function targets(options: TargetsOptions): number {
  const output = new Output(options);
  const registry = projectRegistry(options.plugin);
  if (options.format === "json") output.json({ targets: describeTargets(registry) });
  else output.result(targetsTable(registry, options.format, output.width));
  return EXIT.ok;
}
