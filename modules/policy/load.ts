import { dirname } from "node:path";
import { PROJECT_FILE, projectContext, projectError } from "../app/project";
import { passedContext } from "../app/registry";
import { type Issue, ManifestError } from "../issues/issue";
import { blame } from "../plugins/failure";
import { readPlugin } from "../plugins/read";
import { pluginIssue, type PluginSource } from "../plugins/source";
import { isPolicy, type Policy } from "./policy";

const LIST = "context.modelport.policies";

/**
 * The policies that a command knows beside modelport's own: those of `cdktf.json`, and those that `--policy` names.
 * @param names values of `--policy`: packages, and files from the working directory.
 * @throws {ManifestError} with everything that is wrong with any of them.
 */
export function projectPolicies(names: readonly string[] = []): readonly Policy[] {
  const folder = process.cwd();
  return loadPolicies([
    ...policySources(projectContext().modelport, folder),
    ...names.map((name) => ({ name, folder, at: { file: "--policy", path: "" } })),
  ]);
}

/**
 * The policies that an app knows beside modelport's own: those of its context. cdktf runs the app in the folder of
 * `cdktf.json`.
 * @param context the app's own context; what cdktf passes on goes before it, as in cdktf's `App`.
 * @throws {ManifestError} with everything that is wrong with any of them.
 */
export function contextPolicies(context: Readonly<Record<string, unknown>> = {}): readonly Policy[] {
  const { modelport } = { ...context, ...passedContext() };
  return loadPolicies(policySources(modelport, process.cwd()));
}

/**
 * Where an organisation's policies are, by `context.modelport.policies` of `cdktf.json`.
 * @param modelport what stands under `context.modelport`.
 * @param folder absolute folder of `cdktf.json`.
 * @throws {ManifestError} where it is no list of names.
 */
export function policySources(modelport: unknown, folder: string): readonly PluginSource[] {
  if (typeof modelport !== "object" || modelport === null) return [];
  const names: unknown = Reflect.get(modelport, "policies");
  if (names === undefined) return [];
  if (!Array.isArray(names)) throw projectError("is no list of packages and files", LIST);
  return names.map((name: unknown, index) => {
    const path = `${LIST}[${index}]`;
    if (typeof name !== "string" || name.trim() === "")
      throw projectError("is no name of a package or file", path);
    return { name, folder, at: { file: PROJECT_FILE, path } };
  });
}

/**
 * Runs packages and files, and takes the policies that they export. One that is named twice counts once.
 * @throws {ManifestError} with everything that is wrong with any of them.
 */
export function loadPolicies(sources: readonly PluginSource[]): readonly Policy[] {
  if (sources.length === 0) return [];
  const issues: Issue[] = [];
  const files = new Set<string>();
  const found: Policy[] = [];
  const owners = new Map(builtInCodes().map((code) => [code, "modelport"]));
  for (const source of sources) {
    try {
      const { file, exports } = readPlugin(source);
      if (files.has(file)) continue;
      files.add(file);
      for (const policy of policiesOf(source, exports)) {
        const owner = owners.get(policy.code);
        if (owner === undefined) {
          owners.set(policy.code, source.name);
          found.push(guarded(policy, source, file));
        } else {
          const fix = "give it another code, starting with the organisation's name";
          issues.push(
            pluginIssue(source, "POLICY_INVALID", `${owner} has the code ${policy.code} already`, { fix }),
          );
        }
      }
    } catch (error) {
      if (!(error instanceof ManifestError)) throw error;
      issues.push(...error.issues);
    }
  }
  if (issues.length > 0) throw new ManifestError(issues);
  return found;
}

/** The codes of modelport's own policies. */
function builtInCodes(): readonly string[] {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- only needed where there are policies from outside
  return (require("../../policies") as typeof import("../../policies")).policies.map(({ code }) => code);
}

/** What a module offers: `policies`, a list, or `default`, one or a list; each once. */
function policiesOf(source: PluginSource, exports: unknown): readonly Policy[] {
  const offered =
    typeof exports === "object" && exports !== null
      ? [Reflect.get(exports, "policies") as unknown, Reflect.get(exports, "default") as unknown].flat()
      : [];
  const candidates = [...new Set(offered.filter((value) => value !== undefined))];
  const policies = candidates.filter(isPolicy);
  if (policies.length > 0 && policies.length === candidates.length) return policies;
  throw new ManifestError([
    pluginIssue(
      source,
      "POLICY_INVALID",
      candidates.length === 0 ? "exports no policy" : "exports something that definePolicy did not make",
      { fix: 'export `policies`, a list of what definePolicy makes, from "modelport/policy"' },
    ),
  ]);
}

/** A policy whose failures count as its author's, not as modelport's. */
function guarded(policy: Policy, source: PluginSource, file: string): Policy {
  const attempt = <T>(run: () => Iterable<T>): readonly T[] => {
    try {
      return [...run()];
    } catch (error) {
      const message = `${policy.code} failed: ${blame(error, dirname(file))}`;
      const fix = "report it to those who made the policy, with the manifest";
      throw new ManifestError([pluginIssue(source, "POLICY_FAILED", message, { fix })]);
    }
  };
  const { checkStack, checkPlan } = policy;
  return {
    ...policy,
    ...(checkStack === undefined
      ? {}
      : { checkStack: (stack, context) => attempt(() => checkStack(stack, context)) }),
    ...(checkPlan === undefined ? {} : { checkPlan: (plan) => attempt(() => checkPlan(plan)) }),
  };
}
