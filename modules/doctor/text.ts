import type { CheckResult } from "./doctor";

/** A mark in front of each check, readable without colour. */
export const MARKS: Readonly<Record<CheckResult["status"], string>> = {
  ok: "✓",
  warning: "!",
  failed: "✗",
  absent: "-",
  "not-needed": "-",
  skipped: "-",
};

/** Paints a mark in the colour of its status. */
export type Paint = (status: CheckResult["status"], text: string) => string;

/** Checks as text: a line for each, and under what is not well what depends on it and how to mend it. */
export function checksText(results: readonly CheckResult[], width: number, paint: Paint): string {
  const label = Math.max(...results.map(({ title }) => title.length)) + 2;
  return results.map((result) => checkText(result, label, width, paint)).join("\n");
}

function checkText(result: CheckResult, label: number, width: number, paint: Paint): string {
  const { status, title, found, fix, neededFor } = result;
  const indent = " ".repeat(2 + label);
  const [first = "", ...rest] = wrap(printable(found), width, indent);
  const lines = [`${paint(status, MARKS[status])} ${title.padEnd(label)}${first.trimStart()}`, ...rest];
  if (["warning", "failed", "absent"].includes(status)) {
    if (status !== "absent") lines.push(...wrap(`needed for: ${neededFor.join(", ")}`, width, indent));
    if (fix !== undefined) lines.push(...wrap(`fix: ${printable(fix)}`, width, indent));
  }
  return lines.join("\n");
}

/** What is found comes from files and programs; it must not steer the terminal. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "?");
}

/** Lines of at most some columns, where no word is longer. */
function wrap(text: string, width: number, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(" ")) {
    if (line.length > indent.length && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent;
    }
    line += line.length > indent.length ? ` ${word}` : word;
  }
  return [...lines, line];
}

/** `12 ok, 1 warning, 2 failed, 3 not needed, absent or skipped`; what there is none of is left out. */
export function summary(results: readonly CheckResult[]): string {
  const number = (...statuses: readonly CheckResult["status"][]) =>
    results.filter(({ status }) => statuses.includes(status)).length;
  const warnings = number("warning");
  return [
    [number("ok"), "ok"],
    [warnings, warnings === 1 ? "warning" : "warnings"],
    [number("failed"), "failed"],
    [number("absent"), "absent"],
    [number("not-needed"), "not needed"],
    [number("skipped"), "skipped"],
  ]
    .filter(([count]) => count !== 0)
    .map(([count, what]) => `${String(count)} ${String(what)}`)
    .join(", ");
}
