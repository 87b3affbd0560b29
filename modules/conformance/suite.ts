import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { CODES } from "../issues/codes";
import type { DataObject } from "../manifest/data";
import { loadManifestFile } from "../manifest/load";
import { environmentNames } from "../manifest/overlay";
import { flawsOf } from "../plugins/shape";
import { targets as builtIn } from "../../targets";
import type { Target } from "../../targets/target";
import { conform, type ConformanceOptions } from "./conform";
import type { IamReview } from "./iam";
import { SUITE_MANIFESTS, writeSuiteFiles } from "./manifests";
import type { NameRule } from "./names";
import type { Problem } from "./problem";
import { withHelpers } from "./review";
import type { ConformanceCase } from "./synthesis";

/** What the suite is run on. */
export interface SuiteOptions {
  readonly target: Target;
  /** What stands under `targets.<kind>` in the suite's own manifests. Default `{}`; needed for options without default. */
  readonly options?: DataObject;
  /** Files of manifests to try beside the suite's own, each in all environments that it declares. Default none. */
  readonly manifests?: readonly string[];
  /** What a reviewer has agreed to in policies. Default nothing. */
  readonly iam?: IamReview;
  /** How long names may be, by type of resource, for types that modelport's own targets do not have. Default none. */
  readonly names?: Readonly<Record<string, NameRule>>;
}

/** What came of it. */
export interface SuiteReport {
  /** Everything that does not conform; empty is good. */
  readonly problems: readonly Problem[];
  /** The manifests that the target carries. */
  readonly carried: readonly string[];
  /** Those that it refuses, and the codes of its reasons. */
  readonly refused: readonly { readonly manifest: string; readonly codes: readonly string[] }[];
}

/**
 * Asks whether a target keeps what modelport promises of all targets: on manifests of the suite's own, which use every
 * part of the format, and on the caller's. Needs no account, no network and no test framework; writes only into the
 * system's temporary folder, and removes that.
 */
export function conformance(options: SuiteOptions): SuiteReport {
  const { target } = options;
  const flaws = [...flawsOf(target)].map(({ path, message }): Problem => ({
    check: "shape",
    at: path === "" ? "target" : path,
    message,
  }));
  // Nothing more can be said of something that is no target.
  if (flaws.length > 0) return { problems: flaws, carried: [], refused: [] };

  const problems: Problem[] = [...ownNames(target), ...documentedOptions(target)];
  const carried: string[] = [];
  const refused: { readonly manifest: string; readonly codes: readonly string[] }[] = [];
  const directory = mkdtempSync(join(tmpdir(), "modelport-suite-"));
  try {
    writeSuiteFiles(directory);
    const review = {
      iam: withHelpers(options.iam),
      ...(options.names === undefined ? {} : { names: options.names }),
    };
    for (const { name, given } of casesOf(options, directory)) {
      const outcome = attempt(given, review);
      problems.push(...outcome.problems.map((problem) => ({ ...problem, at: `${name}: ${problem.at}` })));
      if (outcome.carried) carried.push(name);
      else refused.push({ manifest: name, codes: outcome.codes });
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  if (carried.length === 0) {
    const message = "carries none of the manifests: does it have options without default?";
    problems.push({ check: "carries-something", at: target.kind, message });
  }
  return { problems, carried, refused };
}

interface Case {
  readonly name: string;
  readonly given: ConformanceCase;
}

function* casesOf({ target, options = {}, manifests = [] }: SuiteOptions, directory: string): Iterable<Case> {
  const registry = builtIn.some(({ kind }) => kind === target.kind) ? builtIn : [...builtIn, target];
  const common = { registry, target: target.kind };
  for (const [name, data] of Object.entries(SUITE_MANIFESTS)) {
    const whole = { ...data, targets: { [target.kind]: options } };
    yield { name, given: { ...common, environment: null, manifest: { data: whole, directory } } };
  }
  // Names are longest where the environment's is too; a built image has its digest at last.
  const [smallest, built] = ["the longest names", "an image that is built"].map(
    (name) => SUITE_MANIFESTS[name],
  );
  const environment = "e".repeat(16);
  const data = { ...smallest, environments: { [environment]: {} }, targets: { [target.kind]: options } };
  yield {
    name: "the longest names of all",
    given: { ...common, environment, manifest: { data, directory } },
  };
  yield {
    name: "an image that was built",
    given: {
      ...common,
      environment: null,
      manifest: { data: { ...built, targets: { [target.kind]: options } }, directory },
      imageDigest: `sha256:${"d".repeat(64)}`,
    },
  };
  for (const file of manifests) {
    for (const name of [null, ...environmentNames(loadManifestFile(file).source)]) {
      const shown = name === null ? file : `${file} (${name})`;
      yield { name: shown, given: { ...common, environment: name, manifest: file } };
    }
  }
}

interface Attempt {
  readonly carried: boolean;
  readonly codes: readonly string[];
  readonly problems: readonly Problem[];
}

/** A target that throws does not conform; the suite goes on. */
function attempt(given: ConformanceCase, options: ConformanceOptions): Attempt {
  try {
    const { carried, issues, problems } = conform(given, options);
    const codes = issues.flatMap(({ severity, code }) => (severity === "error" ? [code] : []));
    return { carried, codes: [...new Set(codes)], problems };
  } catch (error) {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { carried: false, codes: [], problems: [{ check: "does-not-throw", at: given.target, message }] };
  }
}

/** Kind and codes that no target of modelport has. */
function* ownNames(target: Target): Iterable<Problem> {
  const others = builtIn.filter((other) => other !== target);
  if (others.some(({ kind }) => kind === target.kind))
    yield { check: "own-names", at: "kind", message: `modelport has a target ${target.kind} already` };
  for (const code of Object.keys(target.codes)) {
    if (!Object.hasOwn(CODES, code) && !others.some(({ codes }) => Object.hasOwn(codes, code))) continue;
    yield { check: "own-names", at: `codes.${code}`, message: "modelport has this code already" };
  }
}

interface Node {
  readonly description?: unknown;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly anyOf?: readonly Node[];
  readonly oneOf?: readonly Node[];
}

/** Editors and `docs/reference` show what a field says of itself. */
function* documentedOptions({ options }: Target): Iterable<Problem> {
  const visit = function* (node: Node, path: string): Iterable<Problem> {
    for (const choice of [...(node.anyOf ?? []), ...(node.oneOf ?? [])]) yield* visit(choice, path);
    for (const [name, field] of Object.entries(node.properties ?? {})) {
      const at = `${path}.${name}`;
      if (typeof field.description !== "string")
        yield { check: "documented-options", at, message: "has no description" };
      yield* visit(field, at);
    }
  };
  yield* visit(z.toJSONSchema(options, { io: "input", unrepresentable: "any" }) as Node, "options");
}
