import { wrap } from "../terminal/wrap";
import type { Difference } from "./differences";
import type { GuardFinding } from "./guard";
import { countsOf, OFFLINE_LIMITS, type PlanReport, type StackPlan } from "./report";
import type { Action, ResourceChange } from "./summary";

type Colour = (text: string) => string;

/** Colours of a terminal, or functions that leave the text as it is. */
export type Colours = Readonly<Record<"red" | "yellow" | "green" | "dim" | "bold", Colour>>;

/** Terraform's own signs; `+/-` is a replacement that creates the new one first. */
const SIGNS: Readonly<Record<Action, string>> = {
  create: "+",
  update: "~",
  replace: "-/+",
  delete: "-",
  forget: ".",
};

/** Attributes shown of one resource; the rest is counted. */
const MOST_DIFFERENCES = 12;

/** A plan for a terminal. */
export function planText(report: PlanReport, width: number, colours: Colours): string {
  const blocks = report.stacks.map((plan) => stackText(plan, width, colours));
  // Many unchanged stacks would hide the one that changes.
  const quiet = report.stacks.filter((plan) => isQuiet(plan));
  const shown = quiet.length > 3 ? blocks.filter((_block, index) => !isQuiet(report.stacks[index])) : blocks;
  const hidden = quiet.length > 3 ? [`${quiet.length} stacks: no changes`] : [];
  const notes = [...(report.offline ? [OFFLINE_LIMITS] : []), ...report.notes];
  return [
    ...shown,
    ...hidden,
    [...notes.flatMap((note) => wrap(note, width, "").map(colours.dim)), conclusion(report, colours)].join(
      "\n",
    ),
  ].join("\n\n");
}

function isQuiet(plan: StackPlan | undefined): boolean {
  return plan !== undefined && plan.error === null && plan.changes.length + plan.outputs.length === 0;
}

function stackText(plan: StackPlan, width: number, colours: Colours): string {
  if (plan.error !== null) {
    const [first = "", ...rest] = plan.error.split("\n");
    return [
      `${colours.bold(plan.stack)}: ${colours.red("no plan")}`,
      ...[first, ...rest].map((line) => (line === "" ? "" : `  ${line}`)),
    ].join("\n");
  }
  if (plan.removed) {
    return [
      `${colours.bold(plan.stack)}: ${colours.yellow("no longer made")}`,
      ...wrap(
        `its ${plan.delete} ${plan.delete === 1 ? "resource stays as it is" : "resources stay as they are"} until its own \`terraform destroy\``,
        width,
        "  ",
      ),
      ...compact("-", plan.changes, width).map(colours.yellow),
    ].join("\n");
  }
  const guarded = new Map(plan.guard.map((finding) => [finding.address, finding]));
  const creations = plan.changes.filter(({ action }) => action === "create");
  const others = plan.changes.filter(({ action }) => action !== "create");
  return [
    `${colours.bold(plan.stack)}: ${countsOf(plan)}`,
    ...others.flatMap((change) => changeText(change, guarded.get(change.address), width, colours)),
    ...compact("+", creations, width).map(colours.green),
    ...(plan.outputs.length === 0 || plan.changes.length === creations.length
      ? []
      : wrap(`outputs: ${plan.outputs.join(", ")}`, width, "    ")),
  ].join("\n");
}

function changeText(
  change: ResourceChange,
  finding: GuardFinding | undefined,
  width: number,
  colours: Colours,
): readonly string[] {
  const newFirst = change.action === "replace" && change.actions[0] === "create";
  const sign = newFirst ? "+/-" : SIGNS[change.action];
  const line = `  ${sign.padStart(3)} ${change.address}`;
  const paint = finding !== undefined ? warningOf(finding, colours) : colourOf(change.action, colours);
  const shown = change.differences.slice(0, MOST_DIFFERENCES);
  const more = change.differences.length - shown.length;
  return [
    paint(line),
    ...(finding === undefined ? [] : guardText(finding, width, colours)),
    ...shown.flatMap((difference) => differenceText(difference, width - 8).map((text) => `        ${text}`)),
    ...(more > 0 ? [`        and ${more} more`] : []),
  ];
}

function warningOf({ allowed }: GuardFinding, colours: Colours): Colour {
  return allowed ? colours.yellow : (text) => colours.bold(colours.red(text));
}

function colourOf(action: Action, colours: Colours): Colour {
  return action === "create" ? colours.green : colours.yellow;
}

function guardText(finding: GuardFinding, width: number, colours: Colours): readonly string[] {
  const prevented = finding.preventDestroy ? "; Terraform will refuse it too (prevent_destroy)" : "";
  const lines = wrap(`${finding.message}${prevented} [${finding.code}]`, width, "      ");
  const paint = warningOf(finding, colours);
  if (finding.allowed) return [...lines, "      allowed by --allow"].map(paint);
  return [
    ...lines.map(paint),
    ...wrap(`fix: ${finding.fix}`, width, "      "),
    `      or: --allow ${finding.address}`,
  ];
}

function differenceText(difference: Difference, width: number): readonly string[] {
  const { path, within = "", sensitive, unknown, forcesReplacement } = difference;
  const name = `${path}${within === "" ? "" : ` ${within}`}:`;
  const forces = forcesReplacement === true ? FORCES : "";
  const values =
    sensitive === true
      ? "(sensitive)"
      : unknown === true
        ? "(known after apply)"
        : valuesText(difference, width - FORCES.length - 2);
  const whole = `${name} ${values}${forces}`;
  return whole.length <= width ? [whole] : [name, `  ${values}${forces}`];
}

const FORCES = "  # forces replacement";

/** Two values on one line, cut around where they begin to differ: names often have much in common. */
function valuesText({ before, after }: Difference, width: number): string {
  const [a, b] = [before, after].map((value) => printable(JSON.stringify(value ?? null))) as [string, string];
  const most = Math.floor((width - " -> ".length) / 2);
  if (a.length <= most && b.length <= most) return `${a} -> ${b}`;
  let common = 0;
  while (common < a.length && a[common] === b[common]) common++;
  const from = Math.max(0, common - CONTEXT);
  return [a, b].map((text) => window(text, from, most)).join(" -> ");
}

/** Characters shown of what two long values have in common. */
const CONTEXT = 4;

function window(text: string, from: number, most: number): string {
  if (text.length <= most) return text;
  const start = Math.min(from, text.length - most + 3);
  const head = start > 0 ? "..." : "";
  const room = most - head.length;
  const rest = text.slice(start);
  return rest.length <= room ? head + rest : `${head}${rest.slice(0, room - 3)}...`;
}

/** Text of a plan must not move the cursor; JSON escapes most of what could. */
function printable(text: string): string {
  return text.replace(/[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, "?");
}

/** Resources by type, their names beside it: nobody reads thirty lines of what is new. */
function compact(sign: string, changes: readonly ResourceChange[], width: number): readonly string[] {
  const byType = new Map<string, string[]>();
  for (const { type, address } of changes) {
    byType.set(type, [...(byType.get(type) ?? []), address.replace(`${type}.`, "")]);
  }
  return [...byType]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([type, names]) => {
      const [first = "", ...rest] = wrap(`${type}: ${names.sort().join(", ")}`, width, "      ", "        ");
      return [`  ${sign.padStart(3)} ${first.trimStart()}`, ...rest];
    });
}

function conclusion(report: PlanReport, colours: Colours): string {
  const { stacks } = report;
  const sum = (key: "create" | "update" | "replace" | "delete") =>
    stacks.reduce((total, plan) => total + (plan.removed ? 0 : plan[key]), 0);
  const total = {
    create: sum("create"),
    update: sum("update"),
    replace: sum("replace"),
    delete: sum("delete"),
    outputs: stacks.flatMap(({ outputs }) => outputs),
    changes: [],
    guard: [],
  };
  const failed = stacks.filter(({ error }) => error !== null).length;
  const held = stacks.flatMap(({ guard }) => guard).filter(({ allowed }) => !allowed).length;
  const removed = stacks.filter((plan) => plan.removed).length;
  const parts = [
    ...(failed > 0 && failed === stacks.length ? [] : [countsOf(total)]),
    ...(removed > 0 ? [colours.yellow(`${removed} no longer made`)] : []),
    ...(failed > 0 ? [colours.red(`${failed} without a plan`)] : []),
    ...(held > 0 ? [colours.red(`${held} stopped by the guard`)] : []),
  ];
  const line = `${stacks.length} ${stacks.length === 1 ? "stack" : "stacks"}: ${parts.join(", ")}`;
  if (failed === 0 || report.offline) return line;
  return `${line}\n  plan --offline needs no providers, no credentials and no state`;
}
