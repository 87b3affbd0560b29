import { capabilityRules } from "../check/capability-rules";
import { manifestRules } from "../check/manifest-rules";
import { CODES } from "../issues/codes";
import { type Finding, formatPath, type Issue, type ManifestPath, show } from "../issues/issue";
import { nearest } from "../issues/nearest";
import { type Data, isDataObject, valueAt } from "../manifest/data";
import { isPositioned, type LoadResult } from "../manifest/load";
import { overlay, type Overlaid } from "../manifest/overlay";
import { type Manifest, manifestSchema } from "../manifest/schema";
import { parseWith } from "../manifest/schema-findings";
import type { Policy } from "../policy/policy";
import type { Target, TargetDeployment } from "../../targets/target";
import { planEnvironment } from "./environment-plan";
import type { EnvironmentPlan, TargetPlan } from "./plan";

/** What a manifest is resolved for. */
export interface ResolveOptions {
  /** The environment to lay over the manifest; null for none. */
  readonly environment: string | null;
  /** Kinds asked for, or `["all"]`; null takes the manifest's own `target`. */
  readonly targets: readonly string[] | null;
  /** The targets that exist, plug-ins included. */
  readonly registry: readonly Target[];
  /** Digest of the image that was built, `sha256:...`. */
  readonly imageDigest?: string;
  /** The organisation's policies, beside modelport's own. Default none. */
  readonly policies?: readonly Policy[];
  /** Whether to hash local files; `validate` need not. Default true. */
  readonly digestFiles?: boolean;
}

/** A manifest resolved for one environment. */
export interface Resolution {
  readonly environment: string;
  /** Where the manifest names itself, for what is only found beside other manifests. */
  readonly nameAt: Pick<Issue, "file" | "line" | "column">;
  /** Where a field stands in the manifest, or in its overlay; for what is only found in the stacks. */
  readonly locate: (path: ManifestPath) => Pick<Issue, "file" | "line" | "column">;
  /** The organisation's policies that the stacks are held to. */
  readonly policies: readonly Policy[];
  /** The manifest with its overlay and its defaults; null where an error stands in the way of any target. */
  readonly manifest: Manifest | null;
  /** Null where an error stands in the way of any target. */
  readonly plan: EnvironmentPlan | null;
  /** The targets that were asked for and can carry the manifest. */
  readonly deployments: readonly TargetDeployment[];
  /** Deployments of targets that the manifest declares beside the chosen ones; they count for the foundation. */
  readonly declared: readonly TargetDeployment[];
  /** Kinds that were asked for and cannot carry the manifest; the issues say why. */
  readonly refused: readonly string[];
  readonly issues: readonly Issue[];
}

/**
 * Takes a manifest all the way from what was read to plans for its targets. Reports every issue at once; the only
 * way from a file to constructs.
 */
export function resolveManifest(loaded: LoadResult, options: ResolveOptions): Resolution {
  const { source } = loaded;
  const overlaid = overlay(source, options.environment);
  const issues: Issue[] = [];
  const refused = new Set(loaded.findings.map(({ path }) => JSON.stringify(path)));
  const report = (findings: Iterable<Finding>, locate: Overlaid["locate"], extra: Partial<Issue> = {}) => {
    for (const finding of findings)
      issues.push({ ...toIssue(finding, source.file, locate, options.registry), ...extra });
  };
  // What was refused on reading is gone from the data; that it is missing now is no second mistake.
  const further = (findings: Iterable<Finding>): Iterable<Finding> =>
    refused.size === 0
      ? findings
      : [...findings].filter(
          ({ path }) => !path.some((_step, end) => refused.has(JSON.stringify(path.slice(0, end + 1)))),
        );
  const { environment } = overlaid;
  const nameAt = { file: source.file, ...source.locate(["name"]) };
  const { policies = [] } = options;
  const place = {
    nameAt,
    locate: (path: ManifestPath) => ({ file: source.file, ...overlaid.locate(path) }),
    policies,
  };
  const stop = (): Resolution => ({
    environment,
    ...place,
    manifest: null,
    plan: null,
    deployments: [],
    declared: [],
    refused: [],
    issues: sortIssues(issues),
  });

  report(loaded.findings, source.locate);
  if (loaded.findings.some(({ path, code }) => path.length === 0 || code === "YAML_TOO_LARGE")) return stop();
  if (!isDataObject(source.data)) {
    report([noMap(source.data)], source.locate);
    return stop();
  }
  report(overlaid.findings, source.locate);
  report(badDigest(options.imageDigest), source.locate);

  const rest = withoutTargetOptions(overlaid.data);
  const parsed = parseWith(manifestSchema, rest, [], overlaid.spelling);
  const rules = [...manifestRules(overlaid.data)];
  // Where a rule says the same of a field, it knows more than a pattern does.
  const worded = new Set(rules.map(({ path, code }) => JSON.stringify([path, code])));
  report(
    further(parsed.findings.filter(({ path, code }) => !worded.has(JSON.stringify([path, code])))),
    overlaid.locate,
  );
  report(rules, overlaid.locate);
  report(unknownTargets(overlaid.data, options.registry), overlaid.locate);
  report(unknownPolicies(overlaid.data, policies), overlaid.locate);
  const optionsOf = (kind: string): Data => valueAt(overlaid.data, ["targets", kind]) ?? {};
  const declaredKinds = declaredTargets(overlaid.data, options.registry);

  const chosen = chooseTargets(overlaid.data, options);
  report(chosen.findings, overlaid.locate);

  // Options are parsed even where the rest is at fault, so that everything is reported in one go.
  const parsedOptions = new Map(
    options.registry
      .filter(({ kind }) => declaredKinds.includes(kind) || chosen.kinds.includes(kind))
      .map((target) => [
        target.kind,
        parseWith(target.options, optionsOf(target.kind), ["targets", target.kind], overlaid.spelling),
      ]),
  );
  const severityOf = (kind: string): Partial<Issue> =>
    chosen.strict && chosen.kinds.includes(kind) ? {} : { severity: "warning" };
  for (const [kind, result] of parsedOptions) {
    const written = declaredKinds.includes(kind);
    report(further(result.findings), overlaid.locate, { target: kind, ...(written ? {} : severityOf(kind)) });
  }
  if (!("value" in parsed) || hasErrors(issues, chosen.kinds)) return stop();

  const planned = planEnvironment(parsed.value, {
    environment,
    directory: source.directory,
    imageDigest: options.imageDigest ?? null,
    digestFiles: options.digestFiles ?? true,
  });
  report(planned.findings, overlaid.locate);
  if (planned.plan === null) return stop();

  const deployments: TargetDeployment[] = [];
  const declared: TargetDeployment[] = [];
  const unable: string[] = [];
  for (const target of options.registry) {
    const wanted = chosen.kinds.includes(target.kind);
    const targetOptions = parsedOptions.get(target.kind);
    if (targetOptions === undefined || !("value" in targetOptions)) continue;
    const { plan, findings } = planTarget(planned.plan, target, targetOptions.value, options.registry);
    const reasons = findings.filter((finding) => severity(finding, options.registry) === "error");
    if (wanted) report(findings, overlaid.locate, severityOf(target.kind));
    else report(infeasible(target, reasons), overlaid.locate);
    if (reasons.length > 0) {
      if (wanted) unable.push(target.kind);
      continue;
    }
    (wanted ? deployments : declared).push(target.deployment(plan));
  }
  if (deployments.some(({ platform }) => platform === "aws")) {
    report(declaredFoundation(deployments, declared), overlaid.locate);
  }
  const undeclared = deployments.filter(({ kind }) => !declaredKinds.includes(kind) && !chosen.all);
  report(undeclaredFoundation(undeclared, declaredKinds), overlaid.locate);
  if (deployments.length > 0 && unable.length === 0) {
    report(unusedExisting(planned.plan, [...deployments, ...declared]), overlaid.locate);
  }
  if (chosen.kinds.length > 0 && !chosen.strict && deployments.length === 0) {
    report(
      [
        {
          path: [],
          code: "NO_TARGET_FITS",
          message: `none of ${chosen.kinds.join(", ")} can carry the manifest`,
          fix: "see the reasons above",
        },
      ],
      overlaid.locate,
    );
  }
  return {
    environment,
    ...place,
    manifest: parsed.value,
    plan: planned.plan,
    deployments,
    declared,
    refused: unable,
    issues: sortIssues(issues),
  };
}

function noMap(data: Data): Finding {
  return {
    path: [],
    code: data === null ? "YAML_SYNTAX" : "TYPE",
    message: data === null ? "the file is empty" : `${show(data)} is no manifest`,
    allowed: "a map of fields: apiVersion, name, region, model, resources, target",
    fix: "run `modelport init` to make a manifest",
  };
}

/** A digest comes from the command line or a program, not from the manifest. */
function* badDigest(digest: string | undefined): Iterable<Finding> {
  if (digest === undefined || /^sha256:[0-9a-f]{64}$/.test(digest)) return;
  yield {
    path: [],
    code: "FORMAT",
    message: `the image digest ${show(digest)} is not well-formed`,
    allowed: "sha256: and 64 hex digits",
    fix: "take it as `docker buildx imagetools inspect` shows it",
  };
}

/** Resolves an environment's plan for one target and checks it. Pure. */
export function planTarget(
  plan: EnvironmentPlan,
  target: Target,
  targetOptions: unknown,
  registry: readonly Target[],
): { readonly plan: TargetPlan<unknown>; readonly findings: readonly Finding[] } {
  const mode = target.modeOf(targetOptions);
  const can = target.modes[mode];
  if (can === undefined) throw new Error(`${target.kind} has no mode ${mode}`);
  const { fallback } = can.scaling;
  const scales = plan.scaling.max > plan.scaling.min;
  const targetPlan: TargetPlan<unknown> = {
    ...plan,
    target: target.kind,
    options: targetOptions,
    mode,
    scaling: {
      ...plan.scaling,
      policies: plan.scaling.policies ?? (scales && fallback !== null ? [fallback] : []),
    },
    rollout: { ...plan.rollout, strategy: plan.rollout.strategy ?? can.rollouts[0] },
  };
  const findings: Finding[] = [];
  if (target.platform === "aws" && plan.region === null) {
    findings.push({
      path: ["region"],
      code: "REQUIRED",
      message: `is required for ${target.kind}`,
      fix: "add region: eu-west-1, or the one you use",
      target: target.kind,
    });
    return { plan: targetPlan, findings };
  }
  if (target.platform === "aws" && plan.account === null && plan.security.kmsKeyArn !== null) {
    findings.push({
      path: ["account"],
      code: "REQUIRED",
      message: "is required beside security.kmsKeyArn: no resource tells which account this is",
      allowed: "12 digits, quoted",
      fix: 'add account: "123456789012", the one that you deploy to',
    });
  }
  findings.push(...capabilityRules(plan, target, mode, registry));
  for (const finding of target.check(targetPlan)) findings.push({ ...finding, target: target.kind });
  return { plan: targetPlan, findings };
}

interface Choice {
  readonly kinds: readonly string[];
  /** Whether every one of them must be able to carry the manifest; not so for `all`. */
  readonly strict: boolean;
  readonly all: boolean;
  readonly findings: readonly Finding[];
}

function chooseTargets(data: Data, { targets, registry }: ResolveOptions): Choice {
  const own = valueAt(data, ["target"]);
  const asked = targets ?? (typeof own === "string" ? [own] : null);
  const known = registry.map(({ kind }) => kind);
  if (asked === null) {
    // A target that is no text is reported as such.
    if (own !== undefined && own !== null) return { kinds: [], strict: true, all: false, findings: [] };
    return {
      kinds: [],
      strict: true,
      all: false,
      findings: [
        {
          path: [],
          code: "NO_TARGET",
          message: "no target is chosen",
          allowed: [...known, "all"].join(", "),
          fix: `add target: ${known[0] ?? ""}, or pass --target or MODELPORT_TARGET`,
        },
      ],
    };
  }
  if (asked.includes("all")) return { kinds: known, strict: false, all: true, findings: [] };
  const findings = asked
    .filter((kind) => !known.includes(kind))
    .map((kind): Finding => {
      const similar = nearest(kind, known);
      return {
        path: targets === null ? ["target"] : [],
        code: "UNKNOWN_TARGET",
        message: `there is no target ${show(kind)}`,
        allowed: [...known, "all"].join(", "),
        ...(similar === undefined ? {} : { fix: `did you mean "${similar}"?` }),
      };
    });
  return { kinds: known.filter((kind) => asked.includes(kind)), strict: true, all: false, findings };
}

function* unknownTargets(data: Data, registry: readonly Target[]): Iterable<Finding> {
  const entries = valueAt(data, ["targets"]);
  if (!isDataObject(entries)) return;
  const known = registry.map(({ kind }) => kind);
  for (const kind of Object.keys(entries).filter((name) => !known.includes(name))) {
    const similar = nearest(kind, known);
    yield {
      path: ["targets", kind],
      code: "UNKNOWN_TARGET",
      message: `there is no target ${show(kind)}`,
      allowed: known.join(", "),
      fix: similar === undefined ? "remove it" : `did you mean "${similar}"?`,
      atKey: true,
    };
  }
}

function* unknownPolicies(data: Data, own: readonly Policy[]): Iterable<Finding> {
  const suppressions = valueAt(data, ["policies", "suppress"]);
  if (!Array.isArray(suppressions) || suppressions.length === 0) return;
  // Loaded where a manifest makes exceptions; `validate` of any other starts without it.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const builtIn = (require("../../policies") as typeof import("../../policies")).policies;
  const known = [...builtIn, ...own].map(({ code }) => code);
  for (const [index, suppression] of suppressions.entries()) {
    const code = valueAt(suppression as Data, ["code"]);
    if (typeof code !== "string" || known.includes(code)) continue;
    const similar = nearest(code, known);
    yield {
      path: ["policies", "suppress", index, "code"],
      code: "UNKNOWN_POLICY",
      message: `there is no policy ${show(code)}`,
      allowed: "the code of a policy of modelport, or of one that `cdktf.json` or `--policy` names",
      fix: similar === undefined ? "take it from the message of the violation" : `did you mean ${similar}?`,
    };
  }
}

export function declaredTargets(data: Data, registry: readonly Target[]): readonly string[] {
  const entries = valueAt(data, ["targets"]);
  const own = valueAt(data, ["target"]);
  const named = [
    ...(isDataObject(entries) ? Object.keys(entries) : []),
    ...(typeof own === "string" ? [own] : []),
  ];
  return registry.map(({ kind }) => kind).filter((kind) => named.includes(kind));
}

/** What a target puts into the foundation that is paid for by the hour. */
function costlyParts({ needs }: TargetDeployment): readonly string[] {
  return [...(needs.network === null ? [] : ["a network"]), ...needs.own.map((own) => `what ${own} shares`)];
}

/** One line for a target that is declared but not chosen: its reasons are for those who choose it. */
function* infeasible(target: Target, reasons: readonly Finding[]): Iterable<Finding> {
  if (reasons.length === 0) return;
  const codes = [...new Set(reasons.map(({ code }) => code))];
  yield {
    path: ["targets", target.kind],
    code: "TARGET_INFEASIBLE",
    message: `is declared, but ${target.title} cannot carry the manifest as it is: ${codes.join(", ")}`,
    fix: `validate with --target ${target.kind} for the reasons, or remove targets.${target.kind}`,
    target: target.kind,
    atKey: true,
  };
}

function* declaredFoundation(
  deployments: readonly TargetDeployment[],
  declared: readonly TargetDeployment[],
): Iterable<Finding> {
  const chosen = new Set(deployments.flatMap(costlyParts));
  for (const deployment of declared) {
    const adds = costlyParts(deployment).filter((part) => !chosen.has(part));
    if (adds.length === 0) continue;
    yield {
      path: ["targets", deployment.kind],
      code: "TARGET_DECLARED",
      message: `is declared beside the chosen target, so the foundation stack has ${adds.join(", ")} ready for it`,
      fix: `remove targets.${deployment.kind}, or move it into an environment, until it is used`,
      target: deployment.kind,
      atKey: true,
    };
  }
}

function* undeclaredFoundation(
  deployments: readonly TargetDeployment[],
  declaredKinds: readonly string[],
): Iterable<Finding> {
  for (const deployment of deployments) {
    const { kind } = deployment;
    const adds = [...costlyParts(deployment), ...(deployment.needs.accessLogs ? ["a log bucket"] : [])];
    if (adds.length === 0 || declaredKinds.length === 0) continue;
    yield {
      path: ["targets"],
      code: "TARGET_UNDECLARED",
      message: `${kind} is not declared, and adds ${adds.join(", ")} to the foundation stack: deploying another target later would remove it`,
      fix: `add "${kind}: {}" under targets`,
      target: kind,
    };
  }
}

/** What exists and is named for no purpose: somebody believes that something is kept there. */
function* unusedExisting(
  { model: { image }, storage }: EnvironmentPlan,
  deployments: readonly TargetDeployment[],
): Iterable<Finding> {
  const asked = (what: "registry" | "bucket" | "accessLogs") => deployments.some(({ asks }) => asks[what]);
  const finding = (path: ManifestPath, what: string): Finding => ({
    path,
    code: "EXISTING_UNUSED",
    message: `no declared target ${what}`,
    fix: `remove ${formatPath(path)}`,
  });
  if (image.kind === "build" && image.repository !== null && !asked("registry"))
    yield finding(["registry", "repository"], "pulls the image from a registry");
  if (storage.bucket !== null && !asked("bucket"))
    yield finding(["storage", "bucket"], "keeps anything in a bucket");
  const logged = asked("accessLogs") || (asked("bucket") && storage.bucket === null);
  if (storage.accessLogBucket !== null && !logged)
    yield finding(["storage", "accessLogBucket"], "has a load balancer, and no bucket is created");
}

function withoutTargetOptions(data: Data): Data {
  if (!isDataObject(data) || !isDataObject(data.targets)) return data;
  return { ...data, targets: {} };
}

function severity(finding: Finding, registry: readonly Target[]): Issue["severity"] {
  if (finding.severity !== undefined) return finding.severity;
  const shared: Readonly<Record<string, { severity: Issue["severity"] } | undefined>> = CODES;
  const known =
    shared[finding.code] ??
    registry.map(({ codes }) => codes[finding.code]).find((code) => code !== undefined);
  if (known === undefined) throw new Error(`the code ${finding.code} is not documented`);
  return known.severity;
}

/** A finding as an issue, with its place in the file. */
export function toIssue(
  finding: Finding,
  file: string,
  locate: Overlaid["locate"],
  registry: readonly Target[],
): Issue {
  const position = isPositioned(finding) ? finding.position : locate(finding.path, finding.atKey);
  return {
    file,
    line: position.line,
    column: position.column,
    path: formatPath(finding.path),
    code: finding.code,
    severity: severity(finding, registry),
    message: finding.message,
    ...(finding.allowed === undefined ? {} : { allowed: finding.allowed }),
    ...(finding.fix === undefined ? {} : { fix: finding.fix }),
    ...(finding.target === undefined ? {} : { target: finding.target }),
  };
}

/** Errors that stand in the way of every target: those of no target, or of one that was chosen. */
function hasErrors(issues: readonly Issue[], chosen: readonly string[]): boolean {
  return issues.some(
    ({ severity: level, target }) => level === "error" && (target === undefined || chosen.includes(target)),
  );
}

function sortIssues(issues: readonly Issue[]): readonly Issue[] {
  return [...issues].sort(
    (a, b) => a.line - b.line || a.column - b.column || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0),
  );
}
