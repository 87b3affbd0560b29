import { capabilityRules } from "../check/capability-rules";
import { manifestRules } from "../check/manifest-rules";
import { CODES } from "../issues/codes";
import { type Finding, formatPath, type Issue } from "../issues/issue";
import { nearest } from "../issues/nearest";
import { type Data, isDataObject, valueAt } from "../manifest/data";
import { isPositioned, type LoadResult } from "../manifest/load";
import { overlay, type Overlaid } from "../manifest/overlay";
import { manifestSchema } from "../manifest/schema";
import { parseWith } from "../manifest/schema-findings";
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
  /** Whether to hash local files; `validate` need not. Default true. */
  readonly digestFiles?: boolean;
}

/** A manifest resolved for one environment. */
export interface Resolution {
  readonly environment: string;
  /** Null where an error stands in the way of any target. */
  readonly plan: EnvironmentPlan | null;
  /** The targets that were asked for and can carry the manifest. */
  readonly deployments: readonly TargetDeployment[];
  /** Deployments of targets that the manifest declares beside the chosen ones; they count for the foundation. */
  readonly declared: readonly TargetDeployment[];
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
  const report = (findings: Iterable<Finding>, locate: Overlaid["locate"], extra: Partial<Issue> = {}) => {
    for (const finding of findings)
      issues.push({ ...toIssue(finding, source.file, locate, options.registry), ...extra });
  };
  const { environment } = overlaid;
  const stop = (): Resolution => ({
    environment,
    plan: null,
    deployments: [],
    declared: [],
    issues: sortIssues(issues),
  });

  report(loaded.findings, source.locate);
  if (loaded.findings.some((finding) => finding.path.length === 0) || source.data === null) return stop();
  report(overlaid.findings, source.locate);

  const rest = withoutTargetOptions(overlaid.data);
  const parsed = parseWith(manifestSchema, rest, []);
  report(parsed.findings, overlaid.locate);
  report(manifestRules(overlaid.data), overlaid.locate);
  report(unknownTargets(overlaid.data, options.registry), overlaid.locate);
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
        parseWith(target.options, optionsOf(target.kind), ["targets", target.kind]),
      ]),
  );
  const severityOf = (kind: string): Partial<Issue> =>
    chosen.strict && chosen.kinds.includes(kind) ? {} : { severity: "warning" };
  for (const [kind, result] of parsedOptions) {
    const written = declaredKinds.includes(kind);
    report(result.findings, overlaid.locate, { target: kind, ...(written ? {} : severityOf(kind)) });
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
  for (const target of options.registry) {
    const wanted = chosen.kinds.includes(target.kind);
    const targetOptions = parsedOptions.get(target.kind);
    if (targetOptions === undefined || !("value" in targetOptions)) continue;
    const { plan, findings } = planTarget(planned.plan, target, targetOptions.value, options.registry);
    report(
      findings,
      overlaid.locate,
      severityOf(target.kind).severity === "warning" ? { severity: "warning" } : {},
    );
    if (findings.some((finding) => severity(finding, options.registry) === "error")) continue;
    (wanted ? deployments : declared).push(target.deployment(plan));
  }
  const undeclared = deployments.filter(({ kind }) => !declaredKinds.includes(kind) && !chosen.all);
  report(undeclaredFoundation(undeclared, declaredKinds), overlaid.locate);
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
  return { environment, plan: planned.plan, deployments, declared, issues: sortIssues(issues) };
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
        message: `there is no target "${kind}"`,
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
      message: `there is no target "${kind}"`,
      allowed: known.join(", "),
      fix: similar === undefined ? "remove it" : `did you mean "${similar}"?`,
      atKey: true,
    };
  }
}

function declaredTargets(data: Data, registry: readonly Target[]): readonly string[] {
  const entries = valueAt(data, ["targets"]);
  const own = valueAt(data, ["target"]);
  const named = [
    ...(isDataObject(entries) ? Object.keys(entries) : []),
    ...(typeof own === "string" ? [own] : []),
  ];
  return registry.map(({ kind }) => kind).filter((kind) => named.includes(kind));
}

function* undeclaredFoundation(
  deployments: readonly TargetDeployment[],
  declaredKinds: readonly string[],
): Iterable<Finding> {
  for (const { kind, needs } of deployments) {
    const adds = [
      needs.network === null ? undefined : "a network",
      needs.accessLogs ? "a log bucket" : undefined,
      ...needs.own.map((own) => `what ${own} shares`),
    ].filter((part) => part !== undefined);
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

function toIssue(
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
