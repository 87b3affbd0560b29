import { formatIssue, type Issue } from "../issues/issue";
import { countsOf, OFFLINE_LIMITS, type PlanReport, type StackPlan, verdictOf } from "./report";
import { planText } from "./text";

/**
 * Most characters of a comment on GitHub.
 * @see https://github.com/orgs/community/discussions/41331 (read 2026-11)
 */
export const MOST_COMMENT_CHARACTERS = 65_536;

/** What is left free for a heading and a marker that others add. */
const RESERVE = 1_536;

/** Rows of the table before the rest is counted. */
const MOST_ROWS = 100;

const PLAIN = {
  red: (text: string) => text,
  yellow: (text: string) => text,
  green: (text: string) => text,
  dim: (text: string) => text,
  bold: (text: string) => text,
};

/** A plan as a comment for a pull request: the summary, with Terraform's own plans collapsed below it. */
export function planMarkdown(report: PlanReport, limit = MOST_COMMENT_CHARACTERS - RESERVE): string {
  const head = [
    `### Terraform plan: ${conclusion(report)}`,
    ...(report.base === null ? [] : [`Compared with ${baseOf(report.base)}.`]),
    table(report.stacks),
    ...guardSection(report.stacks),
    ...report.notes.map((note) => `Note: ${code(note)}`),
    ...(report.offline
      ? [`<sub>${OFFLINE_LIMITS}; ${madeBy(report)}</sub>`]
      : [`<sub>${madeBy(report)}</sub>`]),
    ...(report.issues.length === 0 ? [] : [details("Warnings of the manifests", issuesText(report.issues))]),
  ];
  const whole = cut(head.join("\n\n"), limit);
  return withPlans(whole, report.stacks.filter(isWorthShowing), limit);
}

/** Manifests at fault, as a comment for a pull request. */
export function issuesMarkdown(issues: readonly Issue[], limit = MOST_COMMENT_CHARACTERS - RESERVE): string {
  const errors = issues.filter(({ severity }) => severity === "error").length;
  const title = `### Terraform plan: none, the manifests have ${errors} ${errors === 1 ? "error" : "errors"}`;
  return `${title}\n\n${fence(cut(issuesText(issues), limit - title.length - 20))}`;
}

function conclusion(report: PlanReport): string {
  switch (verdictOf(report)) {
    case "failed":
      return "failed";
    case "guarded":
      return "stopped by the guard";
    case "changes":
      return "changes";
    case "no-changes":
      return "no changes";
  }
}

/** A base that is named by its commit needs no commit beside the name. */
function baseOf({ name, commit }: NonNullable<PlanReport["base"]>): string {
  const short = commit?.slice(0, 12) ?? "";
  if (name === commit) return code(short);
  return `${code(name)}${short === "" ? "" : ` (${short})`}`;
}

function madeBy({ terraform: { product, version } }: PlanReport): string {
  return `made by ${product} ${version}`;
}

function table(stacks: readonly StackPlan[]): string {
  const changed = stacks.filter(isWorthShowing);
  const unchanged = stacks.length - changed.length;
  const rows = changed.slice(0, MOST_ROWS).map((plan) => {
    const mark = plan.error !== null || plan.guard.some(({ allowed }) => !allowed) ? ":warning: " : "";
    const what = plan.error === null ? (plan.removed ? "no longer made" : countsOf(plan)) : "no plan";
    return `| ${mark}${code(plan.stack)} | ${plan.create} | ${plan.update} | ${plan.replace} | ${plan.delete} | ${what} |`;
  });
  const rest = changed.length - rows.length;
  return [
    ...(rows.length === 0
      ? []
      : ["| stack | create | update | replace | destroy | |", "|---|--:|--:|--:|--:|---|", ...rows]),
    ...(rest > 0 ? ["", `and ${rest} more stacks with changes`] : []),
    ...(unchanged > 0 ? ["", `${unchanged} ${unchanged === 1 ? "stack" : "stacks"} without changes`] : []),
  ]
    .join("\n")
    .trim();
}

function guardSection(stacks: readonly StackPlan[]): readonly string[] {
  const lines = stacks.flatMap(({ stack, guard }) =>
    guard.map(
      ({ address, code: rule, message, fix, allowed }) =>
        `> - ${code(`${stack}/${address}`)} ${message} (${rule})${allowed ? "; allowed." : `. Fix: ${fix}. Or allow it: ${code(`--allow ${stack}/${address}`)}`}`,
    ),
  );
  if (lines.length === 0) return [];
  return [["> [!WARNING]", "> What is live or holds data is replaced or destroyed:", ...lines].join("\n")];
}

function isWorthShowing({ error, changes, outputs }: StackPlan): boolean {
  return error !== null || changes.length > 0 || outputs.length > 0;
}

/** Appends the plans, each cut to its share of what room is left; small ones leave theirs to the others. */
function withPlans(head: string, plans: readonly StackPlan[], limit: number): string {
  const bodies = plans
    .map((plan) => ({ plan, text: bodyOf(plan) }))
    .sort((a, b) => a.text.length - b.text.length);
  const shown = new Map<StackPlan, string>();
  let room = limit - head.length;
  for (const [index, { plan, text }] of bodies.entries()) {
    const title = `<code>${html(plan.stack)}</code> ${plan.error === null ? countsOf(plan) : "no plan"}`;
    const frame = details(title, "").length + 40;
    const share = Math.floor(room / (bodies.length - index)) - frame;
    // Too little to say anything: its row in the table stands for it.
    if (share < 200) continue;
    const section = details(title, cut(text, share));
    shown.set(plan, section);
    room -= section.length + 2;
  }
  return [head, ...plans.flatMap((plan) => shown.get(plan) ?? [])].join("\n\n");
}

function bodyOf(plan: StackPlan): string {
  if (plan.error !== null) return plan.error;
  return plan.text ?? planText({ ...EMPTY, stacks: [plan] }, 100, PLAIN);
}

const EMPTY: PlanReport = {
  offline: false,
  base: null,
  terraform: { product: "Terraform", version: "" },
  stacks: [],
  leftOut: [],
  issues: [],
  notes: [],
};

function issuesText(issues: readonly Issue[]): string {
  return issues.map((issue) => `${issue.severity}: ${formatIssue(issue)}`).join("\n");
}

/** @param title HTML: markdown is not read in a summary. */
function details(title: string, text: string): string {
  return `<details><summary>${title}</summary>\n\n${fence(text)}\n</details>`;
}

function html(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

/** A code block that no text in it can end. */
function fence(text: string): string {
  const marks = "`".repeat(Math.max(3, longestRun(text) + 1));
  return `${marks}text\n${text}\n${marks}`;
}

/** Text that markdown leaves as it is, mentions and links included. */
function code(text: string): string {
  const marks = "`".repeat(longestRun(text) + 1);
  const padding = marks.length > 1 ? " " : "";
  return `${marks}${padding}${text.replace(/\s+/g, " ")}${padding}${marks}`;
}

function longestRun(text: string): number {
  return (text.match(/`+/g) ?? []).reduce((longest, { length }) => Math.max(longest, length), 0);
}

/** Cuts a text at the end of a line. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const kept = text.slice(0, Math.max(0, most - 40));
  const whole = kept.slice(0, Math.max(0, kept.lastIndexOf("\n")));
  const lines = text.split("\n").length - whole.split("\n").length;
  return `${whole}\n... ${lines} more lines`;
}
