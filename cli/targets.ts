import { describeTargets, targetsTable } from "../modules/app/describe-targets";
import { targets as registry } from "../targets";
import { type CommonOptions, EXIT, Output } from "./output";

export interface TargetsOptions extends CommonOptions {
  readonly format: "text" | "json" | "markdown";
}

/** `modelport targets`: the targets, their modes and capabilities. */
export function targets(options: TargetsOptions): number {
  const output = new Output(options);
  if (options.format === "json") output.json({ targets: describeTargets(registry) });
  else output.result(targetsTable(registry, options.format, output.width));
  return EXIT.ok;
}
