import { wrap } from "../terminal/wrap";
import type { ImportedManifest, ImportReport } from "./import";
import { type Effect, nameOf, type NotCarried } from "./report";

const HEADINGS: Readonly<Record<Exclude<Effect, "none">, string>> = {
  fill: "to fill in",
  differs: "not carried over, or not as it was",
};

/** What came of an import, for a terminal: each manifest with what it lacks, then what belongs to none. */
export function importText({ manifests, notCarried }: ImportReport, width: number): string {
  const parts = manifests.map((manifest) => manifestText(manifest, width));
  const rest = notCarried.filter(({ effect }) => effect !== "none");
  if (rest.length > 0) parts.push(["in no manifest", ...entries(rest, width)].join("\n"));
  const silent = [...manifests, { notCarried }].flatMap((part) =>
    part.notCarried.filter(({ effect }) => effect === "none"),
  );
  if (silent.length > 0)
    parts.push(`${silent.length} more that change nothing of the deployment; --format json lists them`);
  return parts.join("\n\n");
}

function manifestText({ file, endpoint, carried, notCarried }: ImportedManifest, width: number): string {
  const lines = [`${file}  endpoint ${endpoint}, ${carried.length} properties carried over`];
  for (const effect of ["fill", "differs"] as const) {
    const own = notCarried.filter((entry) => entry.effect === effect);
    if (own.length > 0) lines.push(`  ${HEADINGS[effect]}`, ...entries(own, width));
  }
  return lines.join("\n");
}

function entries(list: readonly NotCarried[], width: number): readonly string[] {
  return list.flatMap((entry) => [
    `    ${entry.line}:${entry.column} ${printable(nameOf(entry))}${entry.to === undefined ? "" : ` -> ${printable(entry.to)}`}`,
    ...wrap(printable(entry.reason), width, "      "),
  ]);
}

/** Text of someone's template on a terminal: on one line, and without control over it. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ").slice(0, 1000);
}
