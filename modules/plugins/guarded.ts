import { dirname } from "node:path";
import type { Month } from "../compare/target-comparison";
import { CODES } from "../issues/codes";
import { type Finding, ManifestError } from "../issues/issue";
import { deepFreeze } from "../plan/freeze";
import type { ModelStack } from "../stack/model-stack";
import type { Target } from "../../targets/target";
import { blame } from "./failure";
import type { PluginModule } from "./read";
import { flawOfCandidates, flawOfCharges } from "./size-shape";
import { pluginIssue } from "./source";

/**
 * A target of a plug-in as modelport uses it: its data frozen, and every failure of its code under the plug-in's name,
 * not modelport's.
 */
export function guarded(target: Target, { source, file }: Omit<PluginModule, "exports">): Target {
  const failure = (what: string, message: string) =>
    new ManifestError([
      pluginIssue(source, "PLUGIN_FAILED", `${target.kind} failed ${what}: ${message}`, {
        fix: "report it to those who made the plug-in, with the manifest",
      }),
    ]);
  const attempt = <T>(what: string, run: () => T): T => {
    try {
      return run();
    } catch (error) {
      if (error instanceof ManifestError) throw error;
      throw failure(what, blame(error, dirname(file)));
    }
  };
  const documented = new Set([...Object.keys(CODES), ...Object.keys(target.codes)]);
  const sound = (finding: Finding): Finding => {
    if (!documented.has(finding.code))
      throw failure("to check a manifest", `it reports the code ${finding.code}, which it does not document`);
    return finding;
  };
  return Object.freeze<Target>({
    ...target,
    modes: deepFreeze(target.modes),
    codes: deepFreeze(target.codes),
    modeOf: (options) => {
      const mode = attempt("to choose a mode", () => target.modeOf(options));
      if (!Object.hasOwn(target.modes, mode))
        throw failure("to choose a mode", `it has no mode ${JSON.stringify(mode)}`);
      return mode;
    },
    optionsFor:
      target.optionsFor === null
        ? null
        : (mode, written) =>
            attempt("to read its options", () => target.optionsFor?.(mode, written) ?? written),
    check: (plan) => attempt("to check a manifest", () => [...target.check(plan)].map(sound)),
    deployment: (plan) => {
      const own = attempt("to say what it needs", () => target.deployment(plan));
      return {
        ...own,
        candidates: (asked) => {
          const doing = "to say what it can carry";
          const candidates = attempt(doing, () => own.candidates(asked));
          const flaw = flawOfCandidates(candidates);
          if (flaw !== null) throw failure(doing, `its candidates are none: ${flaw}`);
          return (
            candidates?.map((candidate) => ({
              ...candidate,
              bill: (month: Month) => {
                const charges = attempt("to say what it costs", () => candidate.bill(month));
                const wrong = flawOfCharges(charges);
                if (wrong !== null) throw failure("to say what it costs", `its charges are none: ${wrong}`);
                return charges;
              },
            })) ?? null
          );
        },
        synthesize: (stack, shared) => {
          attempt("to synthesize", () => own.synthesize(stack, shared));
          watch(stack, attempt);
        },
        synthesizeFoundation: (part) => attempt("to synthesize", () => own.synthesizeFoundation(part)),
      };
    },
  });
}

/** A construct without its provider, or a token that does not resolve, shows only when cdktf writes the stack. */
function watch(stack: ModelStack, attempt: <T>(what: string, run: () => T) => T): void {
  const steps = {
    prepareStack: stack.prepareStack.bind(stack),
    runAllValidations: stack.runAllValidations.bind(stack),
    toTerraform: stack.toTerraform.bind(stack),
  };
  stack.prepareStack = () => attempt("to synthesize", steps.prepareStack);
  stack.runAllValidations = () => attempt("to synthesize", steps.runAllValidations);
  stack.toTerraform = () => attempt("to synthesize", steps.toTerraform);
}
