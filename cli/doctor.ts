import { projectRegistry } from "../modules/app/registry";
import { sdkAccount } from "../modules/doctor/account";
import { checks } from "../modules/doctor/checks";
import { type CheckResult, runChecks } from "../modules/doctor/doctor";
import { projectFacts } from "../modules/doctor/project-facts";
import { checksText, summary } from "../modules/doctor/text";
import { type Issue, ManifestError } from "../modules/issues/issue";
import { priceBookAge } from "../modules/prices/age";
import { version } from "../package.json";
import { targets } from "../targets";
import type { Target } from "../targets/target";
import { type CommonOptions, EXIT, Output, type PluginOptions } from "./output";

export interface DoctorOptions extends CommonOptions, PluginOptions {
  readonly env?: string;
  readonly target?: readonly string[];
  readonly format: "text" | "json";
}

/** `modelport doctor`: the machine, the project and the account, each check with its fix. */
export async function doctor(manifests: readonly string[], options: DoctorOptions): Promise<number> {
  const output = new Output(options);
  const [cwd, env, environment] = [process.cwd(), process.env, options.env ?? null];
  const results = await runChecks(checks, {
    cwd,
    env,
    now: new Date(),
    nodeVersion: process.versions.node,
    platform: process.platform,
    dockerSocket: "/var/run/docker.sock",
    project: projectFacts({
      cwd,
      env,
      manifests,
      environment,
      targets: options.target ?? null,
      ...knownTargets(options.plugin),
    }),
    account: sdkAccount(env),
    priceBookAge,
  });
  const failed = results.some(({ status }) => status === "failed");
  if (options.format === "json") {
    output.json({ ok: !failed, modelport: version, environment, checks: results });
  } else {
    output.result(checksText(results, output.width, (status, text) => paint(output, status, text)));
    output.note(summary(results));
  }
  const code = failed ? EXIT.input : EXIT.ok;
  // A program that did not answer in time would keep this process waiting for it.
  process.stdout.write("", () => process.exit(code));
  return code;
}

/** A plug-in that cannot be used is a finding, and the rest can be looked at all the same. */
function knownTargets(plugins: readonly string[] | undefined): {
  readonly registry: readonly Target[];
  readonly pluginIssues: readonly Issue[];
} {
  try {
    return { registry: projectRegistry(plugins), pluginIssues: [] };
  } catch (error) {
    if (error instanceof ManifestError) return { registry: targets, pluginIssues: error.issues };
    throw error;
  }
}

function paint({ colors }: Output, status: CheckResult["status"], text: string): string {
  if (status === "ok") return colors.green(text);
  if (status === "warning") return colors.yellow(text);
  return status === "failed" ? colors.red(text) : colors.dim(text);
}
