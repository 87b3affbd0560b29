import { CODES } from "../issues/codes";
import type { Finding, Severity } from "../issues/issue";
import { type Data, isDataObject, valueAt } from "../manifest/data";
import { parseWith } from "../manifest/schema-findings";
import type { EnvironmentPlan, TargetPlan } from "../plan/plan";
import { planTarget } from "../plan/resolve";
import { evaluatePolicies } from "../policy/evaluate";
import type { Policy } from "../policy/policy";
import type { Suppression } from "../policy/suppression";
import type { Capabilities, Target, TargetDeployment } from "../../targets/target";
import type { CompareCode } from "./codes";
import type { Reason } from "./comparison";
import { type Repair, repairOf, type Request } from "./repairs";

/** A target in one of its modes, and whether it can carry the manifest. */
export interface Row {
  readonly target: Target;
  readonly mode: string;
  readonly capabilities: Capabilities;
  /** Whether the manifest itself chooses this mode where it chooses the target. */
  readonly chosenMode: boolean;
  /** Null where it cannot carry the manifest. */
  readonly deployment: TargetDeployment | null;
  /** Why it cannot, or what is awkward about it. */
  readonly reasons: readonly Reason[];
  /** The same with further options; null where its checks refuse them. */
  readonly withOptions: (options: Readonly<Record<string, unknown>>) => TargetDeployment | null;
}

/** What the rows are about. */
export interface Asked {
  readonly plan: EnvironmentPlan;
  /** The manifest's data with its overlay: options as they are written, and values for messages. */
  readonly data: Data;
  readonly registry: readonly Target[];
  /** Whether there are requests, whether of the manifest or of a trace, and a batch. */
  readonly load: { readonly requests: boolean; readonly batch: boolean };
  /** The organisation's policies, whose rules over plans a target must keep. Default none. */
  readonly policies?: readonly Policy[];
}

/** How often what a change brings to light is changed in turn. */
const ROUNDS = 3;

/** Every target that was asked for, in each of its modes, held against its own checks. Pure. */
export function rowsOf(asked: Asked, kinds: readonly string[]): readonly Row[] {
  return asked.registry
    .filter(({ kind }) => kinds.includes(kind))
    .flatMap((target) => modesOf(target, asked).map((mode) => rowOf(target, mode, asked)));
}

/** The mode that the manifest chooses comes first; null where its options cannot be read. */
function chosenMode(target: Target, asked: Asked): string | null {
  const modes = Object.keys(target.modes);
  if (modes.length === 1) return modes[0] ?? null;
  const parsed = parseWith(target.options, writtenOptions(target.kind, asked.data) as Data, []);
  return "value" in parsed ? target.modeOf(parsed.value) : null;
}

function modesOf(target: Target, asked: Asked): readonly string[] {
  const chosen = chosenMode(target, asked);
  const all = Object.keys(target.modes);
  if (target.optionsFor === null) return chosen === null ? all.slice(0, 1) : [chosen];
  return [...all].sort((a, b) => Number(b === chosen) - Number(a === chosen));
}

function writtenOptions(kind: string, data: Data): Readonly<Record<string, unknown>> {
  const written = valueAt(data, ["targets", kind]);
  return isDataObject(written) ? written : {};
}

function rowOf(target: Target, mode: string, asked: Asked): Row {
  const capabilities = target.modes[mode];
  if (capabilities === undefined) throw new Error(`${target.kind} has no mode ${mode}`);
  const written = writtenOptions(target.kind, asked.data);
  const options = target.optionsFor === null ? written : target.optionsFor(mode, written);
  const request: Request = { plan: asked.plan, options };
  const { findings, deployment } = attempt(target, request, asked.registry);
  const errors = findings.filter((finding) => isError(finding, target));
  const row = {
    target,
    mode,
    capabilities,
    chosenMode: chosenMode(target, asked) === mode,
    withOptions: (more: Readonly<Record<string, unknown>>) =>
      attempt(target, { plan: asked.plan, options: { ...options, ...more } }, asked.registry).deployment,
  };
  if (errors.length > 0) return { ...row, deployment: null, reasons: repaired(errors, row, request, asked) };
  const forbidden = deployment === null ? [] : policyReasons(deployment.plan, asked);
  const against = [
    ...missingLoad(capabilities, asked.load),
    ...forbidden.filter(({ severity }) => severity === "error").map(({ reason: why }) => why),
  ];
  const warnings = [
    ...forbidden.filter(({ severity }) => severity === "warning").map(({ reason: why }) => why),
    ...findings.map((finding) => reasonOf(finding, asked.data, finding.fix)),
  ];
  return {
    ...row,
    deployment: against.length === 0 ? deployment : null,
    reasons: [...against, ...warnings],
  };
}

/** What policies say of the plan of a target, without what the manifest lets go. Their rules over stacks need a synthesis. */
function policyReasons(
  plan: TargetPlan<unknown>,
  { policies = [], data, plan: environment }: Asked,
): readonly { readonly severity: Severity; readonly reason: Reason }[] {
  if (policies.length === 0) return [];
  const suppressions = suppressionsIn(data);
  const subject = { plan: environment, targets: [plan], stacks: [], suppressions };
  return evaluatePolicies(policies, subject).findings.map(
    ({ severity, code, address, message, title, fix }) => ({
      severity,
      reason: {
        code,
        message: address === plan.target ? `${address} ${message}` : `${address}: ${message}`,
        limit: title,
        change:
          fix ?? `keep it, or suppress it with a reason: policies.suppress: [{ code: ${code}, reason: ... }]`,
      },
    }),
  );
}

/** The exceptions of a manifest that was checked. */
function suppressionsIn(data: Data): readonly Suppression[] {
  const given = valueAt(data, ["policies", "suppress"]);
  return (Array.isArray(given) ? (given as readonly Data[]) : []).flatMap((one): readonly Suppression[] => {
    if (!isDataObject(one)) return [];
    const { code, address, reason: why } = one;
    return typeof code === "string" && typeof why === "string"
      ? [{ code, address: typeof address === "string" ? address : null, reason: why }]
      : [];
  });
}

interface Attempt {
  readonly findings: readonly Finding[];
  readonly deployment: TargetDeployment | null;
}

function attempt(target: Target, { plan, options }: Request, registry: readonly Target[]): Attempt {
  const parsed = parseWith(target.options, options as Data, ["targets", target.kind]);
  if (!("value" in parsed)) return { findings: parsed.findings, deployment: null };
  const planned = planTarget(plan, target, parsed.value, registry);
  const { findings } = planned;
  return findings.some((finding) => isError(finding, target))
    ? { findings, deployment: null }
    : { findings, deployment: target.deployment(planned.plan) };
}

function isError(finding: Finding, target: Target): boolean {
  const shared: Readonly<Record<string, { readonly severity: string } | undefined>> = CODES;
  const severity =
    finding.severity ?? shared[finding.code]?.severity ?? target.codes[finding.code]?.severity ?? "error";
  return severity === "error";
}

/** The reasons, each with the change that would do away with it; the changes are tried out together. */
function repaired(
  errors: readonly Finding[],
  { target, capabilities }: Pick<Row, "target" | "capabilities">,
  first: Request,
  { data, registry }: Asked,
): readonly Reason[] {
  const repairs = new Map<Finding, Repair>();
  const further = new Set<string>();
  let request = first;
  let open: readonly Finding[] = errors;
  for (let round = 0; round < ROUNDS && open.length > 0; round++) {
    const before = request;
    for (const finding of open) {
      const repair = repairOf(finding.path, target.kind, request, capabilities);
      if (repair === null) continue;
      request = repair.apply(request);
      if (round === 0) repairs.set(finding, repair);
      else further.add(repair.text);
    }
    if (request === before) break;
    open = attempt(target, request, registry).findings.filter((finding) => isError(finding, target));
  }
  const left = [...new Set(open.map(({ code }) => code))];
  const rest = [...further].filter((text) => ![...repairs.values()].some((repair) => repair.text === text));
  return errors.map((finding) => {
    const repair = repairs.get(finding);
    if (repair === undefined) return reasonOf(finding, data, finding.fix);
    const stillOpen = left.includes(finding.code);
    const others = left.filter((code) => !errors.some((error) => error.code === code));
    const change = [
      ...(stillOpen ? [finding.fix ?? repair.text] : [repair.text]),
      ...rest,
      ...(others.length === 0 ? [] : [`then ${others.join(", ")} would remain`]),
    ];
    return reasonOf(finding, data, change.join("; "));
  });
}

/** Limits stand in `allowed` with where they were read: `at most 10Gi (https://..., 2026-08)`. */
const SOURCED = /^(.*?\S) \((.+, 20\d\d-\d\d(?:-\d\d)?)\)$/s;

function reasonOf(finding: Finding, data: Data, change: string | undefined): Reason {
  const [, limit = finding.allowed, source] = SOURCED.exec(finding.allowed ?? "") ?? [];
  const value = valueAt(data, finding.path);
  const scalar = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  return {
    code: finding.code,
    message: finding.message,
    ...(limit === undefined ? {} : { limit }),
    ...(scalar ? { value: String(value) } : {}),
    ...(source === undefined ? {} : { source }),
    ...(change === undefined ? {} : { change }),
  };
}

/** A target needs the load that it is for. */
function missingLoad({ answers = "caller" }: Capabilities, load: Asked["load"]): readonly Reason[] {
  if (answers === "nobody") {
    if (load.batch) return [];
    const change = "add workload.batch: { records, recordSize, every }";
    return [
      reason("COMPARE_NO_BATCH", "runs jobs over data sets, and the workload has no batch", { change }),
    ];
  }
  if (load.requests) return [];
  const change = "add workload.requestsPerSecond, hourly or trace";
  return [reason("COMPARE_NO_ARRIVALS", "answers requests, and the workload has none", { change })];
}

/** A reason of `compare`'s own. */
export function reason(
  code: CompareCode,
  message: string,
  more: Partial<Omit<Reason, "code" | "message">> = {},
): Reason {
  return { code, message, ...more };
}
