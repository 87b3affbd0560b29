import type { Issue } from "../issues/issue";
import type { StackDocument } from "./document";
import { leastPrivilege, managedPolicies, permissionsBoundary, type IamReview } from "./iam";
import { nameLimits, type NameRule } from "./names";
import type { Problem } from "./problem";
import { helpfulRefusal, type ErrorsByTarget } from "./refusal";
import { alarmActions, closedIngress, logGroups, pinnedImages } from "./resources";
import {
  defaultTags,
  machinePaths,
  noDataSources,
  pinnedProviders,
  portableBackend,
  stackNames,
  type Expected,
} from "./stacks";
import { manifestData, resolveCase, reverseKeys, synthesizeStacks, type ConformanceCase } from "./synthesis";

/** What a target must keep to, beyond what the code says; the reviews are the caller's. */
export interface ConformanceOptions {
  readonly iam: IamReview;
  /** Rules for names of resource types that modelport's own targets do not use. */
  readonly names?: Readonly<Record<string, NameRule>>;
}

/** How a target took a manifest. */
export interface Outcome {
  readonly carried: boolean;
  readonly issues: readonly Issue[];
  /** Empty where it was refused. */
  readonly stacks: readonly StackDocument[];
  /** Everything that does not conform; empty is good. */
  readonly problems: readonly Problem[];
}

/**
 * Asks whether a target conforms for one manifest: either it refuses it, under its own name and with help, or what it
 * synthesizes keeps every promise that modelport makes of all targets. Throws only where synthesis itself does.
 */
export function conform(given: ConformanceCase, options: ConformanceOptions): Outcome {
  const resolution = resolveCase(given);
  const { issues, deployments } = resolution;
  const [deployment] = deployments;
  if (deployment === undefined || issues.some(({ severity }) => severity === "error")) {
    const problems = [...helpfulRefusal(issues, given.target, errorsOfOthers(given))];
    return { carried: false, issues, stacks: [], problems };
  }
  const { stacks, outdir } = synthesizeStacks(resolution);
  const { data, directory } = manifestData(given);
  const expected: Expected = { plan: deployment.plan, folders: [outdir, directory] };
  const problems = [
    ...stackNames(stacks, expected),
    ...stacks.flatMap((stack) => [...checkStack(stack, expected, options)]),
    ...sameAgain(stacks, given, "written again"),
    ...sameAgain(
      stacks,
      { ...given, manifest: { data: reverseKeys(data), directory } },
      "the keys of the manifest in reverse",
    ),
  ];
  return { carried: true, issues, stacks, problems };
}

/** The checks that look at one stack. */
export function* checkStack(
  stack: StackDocument,
  expected: Expected,
  options: ConformanceOptions,
): Iterable<Problem> {
  yield* machinePaths(stack, expected);
  yield* pinnedProviders(stack);
  yield* portableBackend(stack);
  yield* noDataSources(stack);
  yield* defaultTags(stack, expected);
  yield* pinnedImages(stack, expected);
  yield* logGroups(stack);
  yield* alarmActions(stack);
  yield* closedIngress(stack, expected);
  yield* leastPrivilege(stack, options.iam);
  yield* managedPolicies(stack, options.iam);
  yield* permissionsBoundary(stack, expected);
  yield* nameLimits(stack, options.names);
}

function* sameAgain(
  stacks: readonly StackDocument[],
  given: ConformanceCase,
  how: string,
): Iterable<Problem> {
  const again = synthesizeStacks(resolveCase(given)).stacks;
  const texts = new Map(again.map(({ name, text }) => [name, text]));
  for (const { name, text } of stacks) {
    if (texts.get(name) === text) continue;
    yield { check: "deterministic", at: name, message: `differs: ${how}` };
  }
  if (again.length !== stacks.length) {
    yield {
      check: "deterministic",
      at: given.target,
      message: `${again.length} stacks instead of ${stacks.length}: ${how}`,
    };
  }
}

function errorsOfOthers(given: ConformanceCase): ErrorsByTarget {
  return new Map(
    given.registry.flatMap(({ kind }) => {
      if (kind === given.target) return [];
      const { plan, issues } = resolveCase({ ...given, target: kind });
      // Where its own options are missing, nobody has asked what it can do.
      return plan === null ? [] : [[kind, issues.filter(({ severity }) => severity === "error")]];
    }),
  );
}
