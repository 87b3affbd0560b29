import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import pLimit from "p-limit";
import { resolveCase, writeStacks } from "../../modules/conformance";
import { Stage, type OfflineSession } from "../../modules/offline";
import { FOUNDATION } from "../../modules/stack/names";
import { targets } from "../../targets";
import { EXAMPLES_BY_ENVIRONMENT, ROOT } from "../support/examples";
import { run } from "../support/process";
import { kubernetesAddress, kubernetesObjects } from "./kubernetes";

/** The program: `MODELPORT_CHECKOV`, or the one on the PATH; null where there is none. */
export function findCheckov(env: NodeJS.ProcessEnv): string | null {
  const own = env.MODELPORT_CHECKOV ?? "";
  if (own !== "") return own;
  return (
    (env.PATH ?? "")
      .split(delimiter)
      .map((folder) => join(folder, "checkov"))
      .find((file) => existsSync(file)) ?? null
  );
}

/** What stands in `policies/checkov-suppressions.json`. */
export interface CheckovReview {
  /** The release whose checks were reviewed. */
  readonly checkov: string;
  readonly asOf: string;
  readonly suppressions: readonly CheckovSuppression[];
  /** Checks that crash in one of the views, and what answers them instead. */
  readonly blind: readonly { readonly check: string; readonly view: string; readonly reason: string }[];
}

export interface CheckovSuppression {
  readonly check: string;
  /** Address of the resource, `*` standing for any text. */
  readonly address: string;
  /** Components of the stacks: targets, or `foundation`. */
  readonly targets: readonly string[];
  readonly reason: string;
}

export const REVIEW = JSON.parse(
  readFileSync(join(ROOT, "policies", "checkov-suppressions.json"), "utf8"),
) as CheckovReview;

/** One stack that checkov is asked about, once for all cases that lead to it. */
interface Asked {
  /** Name of its files. */
  readonly id: string;
  /** The first case that led to it. */
  readonly from: string;
  readonly component: string;
  /** Folder of the synthesized stack. */
  readonly folder: string;
  readonly text: string;
}

/** A check that failed, in whatever view. */
export interface Failure {
  readonly check: string;
  readonly component: string;
  readonly address: string;
  /** Where it was seen first. */
  readonly from: string;
}

export interface CheckovResult {
  readonly version: string;
  readonly failures: readonly Failure[];
  /** Checks that crashed, as `<check> <view>`. */
  readonly crashed: readonly string[];
  readonly unparsed: readonly string[];
  /** Stacks with resources in the cloud that a view said nothing of, as `<view> <stack>`. */
  readonly silent: readonly string[];
}

const VIEWS = ["terraform_json", "terraform_plan", "kubernetes"] as const;
type View = (typeof VIEWS)[number];

/** checkov's report, as far as it is read here. */
interface Report {
  readonly check_type: View;
  readonly summary: { readonly checkov_version: string };
  readonly results: {
    readonly passed_checks: readonly Record[];
    readonly failed_checks: readonly Record[];
    readonly parsing_errors: readonly string[];
  };
}

interface Record {
  readonly check_id: string;
  readonly file_path: string;
  readonly file_line_range: readonly [number, number];
  readonly resource: string;
}

/**
 * Asks checkov about every example, in every environment, on every target: about the synthesized JSON, about the
 * offline plan, and about the Kubernetes objects that the plan makes. One process, because it starts slowly.
 */
export async function askCheckov(
  checkov: string,
  session: OfflineSession,
  work: string,
): Promise<CheckovResult> {
  const asked = synthesizeAll(work);
  await writeViews(asked, session, work);
  const { stdout, stderr } = await run(
    checkov,
    [
      ...["--directory", join(work, "views"), "--framework", ...VIEWS],
      ...["--skip-download", "--compact", "--output", "json"],
    ],
    { cwd: work, env: { LOG_LEVEL: "WARNING" } },
  );
  let reports: readonly Report[];
  try {
    reports = JSON.parse(stdout) as readonly Report[];
  } catch {
    throw new Error(`checkov gave no report:\n${stderr}${stdout}`);
  }
  return read(reports, stderr, asked);
}

/** Stacks that several cases have in common are asked about once. */
function synthesizeAll(work: string): readonly Asked[] {
  const asked = new Map<string, Asked>();
  for (const [name, shown, { file }, environment] of EXAMPLES_BY_ENVIRONMENT) {
    for (const { kind } of targets) {
      const resolution = resolveCase({ registry: targets, target: kind, environment, manifest: file });
      if (resolution.issues.some(({ severity }) => severity === "error")) continue;
      const from = `${name} in ${shown} on ${kind}`;
      const outdir = join(work, "out", from.replace(/ /g, "-"));
      for (const { name: stack, text } of writeStacks(resolution, outdir)) {
        if (asked.has(text)) continue;
        asked.set(text, {
          id: `${asked.size}-${stack}`,
          from,
          component: stack.endsWith(`-${FOUNDATION}`) ? FOUNDATION : kind,
          folder: join(outdir, "stacks", stack),
          text,
        });
      }
    }
  }
  return [...asked.values()];
}

async function writeViews(asked: readonly Asked[], session: OfflineSession, work: string): Promise<void> {
  const place = (view: View, name: string, text: string) => {
    const file = join(work, "views", view, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  const stages = new Map<string, Stage>();
  const limit = pLimit(2);
  await Promise.all(
    asked.map(({ id, from, folder, text }) => {
      place("terraform_json", join(id, "cdk.tf.json"), text);
      return limit(async () => {
        const stage = stages.get(from) ?? new Stage(session, join(work, "stages", from.replace(/ /g, "-")));
        stages.set(from, stage);
        const plan = await stage.plan(folder);
        if ("failure" in plan) throw new Error(`${id} of ${from}: ${plan.failure}`);
        place("terraform_plan", `${id}.json`, JSON.stringify(plan.json));
        const objects = kubernetesObjects(plan.json);
        if (objects.length > 0)
          place("kubernetes", `${id}.yaml`, objects.map((object) => JSON.stringify(object)).join("\n---\n"));
      });
    }),
  );
}

function read(reports: readonly Report[], stderr: string, asked: readonly Asked[]): CheckovResult {
  const byId = new Map(asked.map((stack) => [stack.id, stack]));
  const stackOf = ({ file_path: path }: Record): Asked => {
    const id = path.split("/").find((part) => byId.has(part.replace(/\.(?:json|yaml)$/, ""))) ?? "";
    const stack = byId.get(id.replace(/\.(?:json|yaml)$/, ""));
    if (stack === undefined) throw new Error(`checkov names ${path}, which nobody gave it`);
    return stack;
  };
  const failures = new Map<string, Failure>();
  for (const { check_type: view, results } of reports) {
    for (const record of results.failed_checks) {
      const { component, from, text } = stackOf(record);
      const address = addressOf(view, record, text);
      const failure = { check: record.check_id, component, address };
      failures.set(JSON.stringify(failure), { ...failure, from });
    }
  }
  const crashes = [...stderr.matchAll(/Failed to run check (\S+) on (\S+?):/g)].map(
    ([, check = "", path = ""]) => `${check} ${path.endsWith("cdk.tf.json") ? VIEWS[0] : VIEWS[1]}`,
  );
  const silent = reports
    .filter(({ check_type: view }) => view !== "kubernetes")
    .flatMap(({ check_type: view, results }) => {
      const seen = new Set([...results.passed_checks, ...results.failed_checks].map(stackOf));
      return asked
        .filter((stack) => /"(?:aws|kubernetes)_/.test(stack.text) && !seen.has(stack))
        .map(({ id }) => `${view} ${id}`);
    });
  return {
    version: reports[0]?.summary.checkov_version ?? "",
    failures: [...failures.values()],
    crashed: [...new Set(crashes)].sort(),
    unparsed: reports.flatMap(({ results }) => results.parsing_errors),
    silent,
  };
}

/** In the synthesized JSON some checks give a name without its type, but all give the lines. */
function addressOf(view: View, { resource, file_line_range: [start] }: Record, text: string): string {
  if (view === "terraform_plan") return resource;
  if (view === "kubernetes") return kubernetesAddress(resource.split(".")[0] ?? "", text);
  const before = text.split("\n").slice(0, start);
  const last = (pattern: RegExp) =>
    before.map((line) => pattern.exec(line)?.[1]).findLast((key) => key !== undefined);
  const [type, name] = [last(/^ {4}"([^"]+)": \{/), last(/^ {6}"([^"]+)": \{/)];
  if (type === undefined || name === undefined || !resource.endsWith(`.${name}`))
    throw new Error(`${resource} is not what stands at line ${start}`);
  return `${type}.${name}`;
}
