import { describeTargets, targetsTable } from "../modules/app/describe-targets";
import { targets as registry } from "../targets";
import { type CommonOptions, EXIT, Output } from "./output";

/** `modelport targets`: the targets, their modes and capabilities. */
export function targets(options: CommonOptions & { readonly format: "text" | "json" | "markdown" }): number {
  const output = new Output(options);
  if (options.format === "json") output.json({ targets: describeTargets(registry) });
  else output.result(targetsTable(registry, options.format, output.width));
  return EXIT.ok;
}
