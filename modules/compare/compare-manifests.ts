import { findManifests } from "../app/inputs";
import { foundationMember, foundationMismatches, type FoundationMember } from "../foundation/members";
import { type Issue, ManifestError } from "../issues/issue";
import { nearest } from "../issues/nearest";
import { type Data, valueAt } from "../manifest/data";
import { loadManifestFile, type LoadResult } from "../manifest/load";
import { environmentNames, overlay } from "../manifest/overlay";
import type { EnvironmentPlan } from "../plan/plan";
import { resolveManifest } from "../plan/resolve";
import type { Policy } from "../policy/policy";
import { openPriceBook } from "../prices/price-book";
import { simulate } from "../simulate/simulate";
import { planWorkload } from "../workload/plan-workload";
import type { Target } from "../../targets/target";
import { compare, type Compared } from "./compare";
import type { Comparison, Fleet } from "./comparison";
import { monthOf } from "./month";
import { countedTwice, type FoundationBilling, sharedFoundations } from "./shared-foundations";

/** What `compareManifests` compares. */
export interface CompareOptions {
  /** Paths, folders or globs. */
  readonly manifests: readonly string[];
  /** Null compares the manifest without an overlay. */
  readonly environment: string | null;
  /** Every environment that a manifest declares, or the manifest itself where it declares none. */
  readonly allEnvironments: boolean;
  /** Kinds; null compares all. */
  readonly targets: readonly string[] | null;
  readonly registry: readonly Target[];
  readonly policies: readonly Policy[];
  /** Folder with refreshed prices. */
  readonly project: string;
  readonly priceFile: string | null;
  /** A trace of requests in place of the manifests' own load. */
  readonly traffic: string | null;
  readonly freeTier: boolean;
  /** `<kind>` or `<kind>/<mode>`, deployed now. */
  readonly against: string | null;
  readonly seed: number;
  /** Seconds to simulate; null takes one period of the load. */
  readonly simulateSeconds: number | null;
  /** Called before each step of a long comparison. */
  readonly onStep?: (what: string) => void;
}

/** One manifest in one environment, read and checked. */
interface Subject {
  readonly file: string;
  readonly loaded: LoadResult;
  readonly data: Data;
  readonly plan: EnvironmentPlan;
}

/**
 * Compares every target for one manifest, or for several as a fleet.
 * @throws {ManifestError} with everything that is wrong with any manifest, the trace, the price file or a name of a target.
 */
export function compareManifests(options: CompareOptions): Comparison | Fleet {
  const kinds = kindsOf(options);
  const against = againstOf(options, kinds);
  const { priceFile, project } = options;
  const book = openPriceBook({ project, ...(priceFile === null ? {} : { priceFile }) });
  const subjects = subjectsOf(options);
  const simulateOptions = {
    seed: options.seed,
    ...(options.simulateSeconds === null ? {} : { seconds: options.simulateSeconds }),
  };
  const compared = subjects.map(({ file, loaded, data, plan }): Compared => {
    const { workload, notes } = planWorkload(plan, loaded.source, options.traffic);
    const own = valueAt(data, ["target"]);
    return compare({
      plan,
      data,
      chosen: typeof own === "string" ? own : null,
      scalingGiven: valueAt(data, ["scaling"]) !== undefined,
      registry: options.registry,
      policies: options.policies,
      kinds,
      workload,
      notes,
      simulator: {
        simulate: (capacity, load, chart = false) => simulate(capacity, load, { ...simulateOptions, chart }),
        monthOf,
      },
      book,
      freeTier: options.freeTier,
      against,
      onStep: (what) => options.onStep?.(subjects.length > 1 ? `${file}: ${what}` : what),
    });
  });
  const [only] = compared;
  return compared.length === 1 && only !== undefined
    ? only.document
    : fleetOf(compared, subjects, { book, freeTier: options.freeTier });
}

function subjectsOf({
  manifests,
  environment,
  allEnvironments,
  registry,
  policies,
}: CompareOptions): readonly Subject[] {
  const issues: Issue[] = [];
  const members: FoundationMember[] = [];
  const subjects = findManifests(manifests).flatMap((file): readonly Subject[] => {
    const loaded = loadManifestFile(file);
    const declared = allEnvironments ? environmentNames(loaded.source) : [];
    return (declared.length > 0 ? declared : [environment]).flatMap((name): readonly Subject[] => {
      const resolution = resolveManifest(loaded, {
        environment: name,
        targets: ["all"],
        registry,
        policies,
        digestFiles: false,
      });
      const { plan, issues: found, nameAt } = resolution;
      const member = foundationMember(resolution);
      if (member !== null) members.push(member);
      if (plan === null) {
        issues.push(...found.filter(({ severity }) => severity === "error"));
        return [];
      }
      const missing = missingWorkload(plan, nameAt);
      issues.push(...missing);
      return missing.length > 0 ? [] : [{ file, loaded, data: overlay(loaded.source, name).data, plan }];
    });
  });
  issues.push(...foundationMismatches(members));
  const distinct = [...new Map(issues.map((issue) => [JSON.stringify(issue), issue])).values()];
  if (distinct.length > 0) throw new ManifestError(distinct);
  return subjects;
}

/** What a comparison cannot do without, and other commands can. */
function missingWorkload(
  { workload }: EnvironmentPlan,
  at: Pick<Issue, "file" | "line" | "column">,
): readonly Issue[] {
  const required = (path: string, fix: string): Issue => ({
    ...at,
    path,
    code: "REQUIRED",
    severity: "error",
    message: "is required to compare targets",
    fix,
  });
  if (workload === null || workload === undefined) {
    const example = "{ requestsPerSecond: 20, serviceTime: { p50: 45ms, p99: 120ms } }";
    return [required("workload", `add workload: ${example}, with your own figures`)];
  }
  return workload.serviceTime === undefined
    ? [
        required(
          "workload.serviceTime",
          "add serviceTime: { p50: 45ms, p99: 120ms }, as measured on one replica without other load",
        ),
      ]
    : [];
}

function optionIssue(option: string, value: string, allowed: readonly string[]): ManifestError {
  const similar = nearest(value, allowed);
  return new ManifestError([
    {
      file: option,
      line: 0,
      column: 0,
      path: "",
      code: "UNKNOWN_TARGET",
      severity: "error",
      message: `there is no target "${value}"`,
      allowed: allowed.join(", "),
      ...(similar === undefined ? {} : { fix: `did you mean "${similar}"?` }),
    },
  ]);
}

function kindsOf({ targets, registry }: CompareOptions): readonly string[] {
  const known = registry.map(({ kind }) => kind);
  if (targets === null || targets.includes("all")) return known;
  const unknown = targets.find((kind) => !known.includes(kind));
  if (unknown !== undefined) throw optionIssue("--targets", unknown, [...known, "all"]);
  return known.filter((kind) => targets.includes(kind));
}

function againstOf(
  { against, registry }: CompareOptions,
  kinds: readonly string[],
): { readonly target: string; readonly mode: string | null } | null {
  if (against === null) return null;
  const [target = "", mode] = against.split("/");
  const found = registry.find(({ kind }) => kind === target && kinds.includes(kind));
  if (found === undefined) throw optionIssue("--against", target, kinds);
  if (mode === undefined) return { target, mode: null };
  if (Object.hasOwn(found.modes, mode)) return { target, mode };
  throw optionIssue(
    "--against",
    against,
    Object.keys(found.modes).map((name) => `${target}/${name}`),
  );
}

function fleetOf(
  compared: readonly Compared[],
  subjects: readonly Subject[],
  billing: FoundationBilling,
): Fleet {
  const names = ({ document }: Compared) => `${document.model} (${document.environment})`;
  const without = compared.filter(({ recommendedUsd }) => recommendedUsd === null).map(names);
  const shared = sharedFoundations(
    subjects.flatMap(({ plan }, index) => {
      const each = compared[index];
      return each === undefined
        ? []
        : [{ plan, recommended: each.recommendedNeeds, chosen: each.chosenNeeds }];
    }),
    billing,
  );
  const sum = (bills: readonly (number | null)[], twice: readonly number[]) =>
    (bills.reduce<number>((cents, usd) => cents + Math.round((usd ?? 0) * 100), 0) -
      twice.reduce((cents, usd) => cents + Math.round(usd * 100), 0)) /
    100;
  const chosen = compared.map(({ chosenUsd }) => chosenUsd);
  const notes = [
    ...(without.length === 0
      ? []
      : [`the sum leaves out what has no recommended target: ${without.join(", ")}`]),
    ...(billing.freeTier && compared.length > 1
      ? ["the free tier is one for the whole account; here each model has subtracted it"]
      : []),
  ];
  return {
    schemaVersion: 1,
    comparisons: compared.map(({ document }) => document),
    total: {
      currency: "USD",
      recommended: sum(
        compared.map(({ recommendedUsd }) => recommendedUsd),
        shared.map(({ recommended }) => countedTwice(recommended)),
      ),
      chosen: chosen.includes(null)
        ? null
        : sum(
            chosen,
            shared.map((each) => countedTwice(each.chosen)),
          ),
      ...(shared.length === 0 ? {} : { shared }),
      ...(notes.length === 0 ? {} : { notes }),
    },
  };
}
