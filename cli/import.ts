import { importTemplate, writeManifests } from "../modules/cloudformation/import";
import { importText } from "../modules/cloudformation/text";
import type { Issue } from "../modules/issues/issue";
import { targets } from "../targets";
import { type CommonOptions, EXIT, Output } from "./output";

export interface ImportOptions extends CommonOptions {
  readonly parameter?: readonly string[];
  readonly region?: string;
  readonly account?: string;
  readonly stackName?: string;
  readonly out: string;
  readonly force?: boolean;
  readonly format: "text" | "json";
}

/** `modelport import cloudformation`: a manifest for each SageMaker endpoint of a template, and what is not in it. */
export function importCloudFormation(template: string, options: ImportOptions): number {
  const output = new Output(options);
  const { region, account, stackName, out } = options;
  const report = importTemplate(template, {
    parameters: options.parameter ?? [],
    ...(region === undefined ? {} : { region }),
    ...(account === undefined ? {} : { account }),
    ...(stackName === undefined ? {} : { stackName }),
    out,
    registry: targets,
  });
  const obstacles = writeManifests(report, out, options.force ?? false);
  const manifests = obstacles.length > 0 ? [] : report.manifests;
  const issues: readonly Issue[] = obstacles.length > 0 ? obstacles : report.issues;
  const { notCarried } = report;
  if (options.format === "json") {
    const listed = manifests.map(({ file, name, endpoint, carried, notCarried: left }) => ({
      file,
      name,
      endpoint,
      carried,
      notCarried: left,
    }));
    output.json({ manifests: listed, notCarried: manifests.length > 0 ? notCarried : [], issues });
  } else {
    if (manifests.length > 0) output.result(importText({ manifests, notCarried, issues }, output.width));
    output.diagnose(issues);
  }
  return issues.some(({ severity }) => severity === "error") ? EXIT.input : EXIT.ok;
}
