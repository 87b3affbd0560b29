import { readFileSync, writeFileSync } from "node:fs";
import { projectRegistry } from "../modules/app/registry";
import type { Comparison, Fleet } from "../modules/compare/comparison";
import type * as comparing from "../modules/compare/compare-manifests";
import type * as reading from "../modules/compare/document-schema";
import type * as htmlRendering from "../modules/compare/render/html";
import type * as markdownRendering from "../modules/compare/render/markdown";
import type * as textRendering from "../modules/compare/render/text";
import { type Issue, ManifestError } from "../modules/issues/issue";
import { projectPolicies } from "../modules/policy/load";
import type { Duration } from "../modules/units/duration";
import { type CommonOptions, EXIT, Output, type PluginOptions, type PolicyOptions } from "./output";

export interface CompareCommandOptions extends CommonOptions, PluginOptions, PolicyOptions {
  readonly env?: string;
  readonly allEnvironments?: boolean;
  readonly targets?: readonly string[];
  readonly traffic?: string;
  readonly freeTier?: boolean;
  readonly priceFile?: string;
  readonly against?: string;
  readonly seed: number;
  readonly simulate?: Duration;
  readonly from?: string;
  /** Every item of every bill, in text. */
  readonly items?: boolean;
  readonly out?: string;
  readonly format: "text" | "json" | "markdown" | "html";
}

/** Bytes of a result that is read back; ours have some hundred thousand. */
const MOST_BYTES = 50_000_000;

/**
 * `modelport compare`: the same workload on every target, side by side. An error code where a manifest is at fault, or no
 * target that was asked for can carry it.
 */
export function compare(patterns: readonly string[], options: CompareCommandOptions): number {
  const output = new Output(options);
  if ((options.from === undefined) === (patterns.length === 0)) {
    output.error(
      `${options.from === undefined ? "name a manifest, or an earlier result with --from" : "--from shows an earlier result: it takes no manifest"}\n(--help shows the usage)`,
    );
    return EXIT.usage;
  }
  const document = options.from === undefined ? compute(patterns, options, output) : earlier(options.from);
  write(rendered(document, options, output), options, output);
  const comparisons = "comparisons" in document ? document.comparisons : [document];
  const carried = comparisons.every(({ targets }) => targets.some(({ feasible }) => feasible));
  if (!carried) output.error("no target can carry it, for the reasons given");
  return carried ? EXIT.ok : EXIT.input;
}

/** How long a comparison may take before its progress is worth showing, in milliseconds. */
const PATIENCE = 500;

function compute(
  patterns: readonly string[],
  options: CompareCommandOptions,
  output: Output,
): Comparison | Fleet {
  const { compareManifests } = require("../modules/compare/compare-manifests") as typeof comparing;
  const started = Date.now();
  try {
    return compareManifests({
      manifests: patterns,
      environment: options.env ?? null,
      allEnvironments: options.allEnvironments ?? false,
      targets: options.targets ?? null,
      registry: projectRegistry(options.plugin),
      policies: projectPolicies(options.policy),
      project: process.cwd(),
      priceFile: options.priceFile ?? null,
      traffic: options.traffic ?? null,
      freeTier: options.freeTier ?? false,
      against: options.against ?? null,
      seed: options.seed,
      simulateSeconds: options.simulate?.seconds ?? null,
      onStep: (what) => {
        if (Date.now() - started > PATIENCE) output.progress(what);
      },
    });
  } finally {
    output.progress("");
  }
}

/** @throws {ManifestError} for a file that is no result of this command. */
function earlier(file: string): Comparison | Fleet {
  let value: unknown;
  try {
    const text = readFileSync(file);
    if (text.length > MOST_BYTES) throw fault(file, `is longer than ${MOST_BYTES} bytes`);
    value = JSON.parse(text.toString("utf8"));
  } catch (error) {
    if (error instanceof ManifestError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    throw fault(
      file,
      error instanceof SyntaxError ? "is no JSON" : `cannot be read (${code ?? "unknown error"})`,
    );
  }
  const { parseDocument } = require("../modules/compare/document-schema") as typeof reading;
  const parsed = parseDocument(value);
  if ("fault" in parsed) throw fault(file, parsed.fault.message, parsed.fault.path);
  return parsed.document;
}

function fault(file: string, message: string, path = ""): ManifestError {
  const issue: Issue = {
    file,
    line: 0,
    column: 0,
    path,
    code: "COMPARISON_UNREADABLE",
    severity: "error",
    message,
    fix: "name what `modelport compare --format json` wrote, with this version",
  };
  return new ManifestError([issue]);
}

function rendered(
  document: Comparison | Fleet,
  { format, items = false }: CompareCommandOptions,
  output: Output,
): string {
  switch (format) {
    case "json":
      return JSON.stringify(document, null, 2);
    case "markdown":
      return (require("../modules/compare/render/markdown") as typeof markdownRendering).comparisonMarkdown(
        document,
      );
    case "html":
      return (require("../modules/compare/render/html") as typeof htmlRendering).comparisonHtml(document);
    case "text": {
      const { comparisonText } = require("../modules/compare/render/text") as typeof textRendering;
      return comparisonText(document, { width: output.width, colours: output.colors, items });
    }
  }
}

function write(text: string, { out }: CompareCommandOptions, output: Output): void {
  if (out === undefined) {
    output.result(text);
    return;
  }
  try {
    writeFileSync(out, text.endsWith("\n") ? text : `${text}\n`);
  } catch (error) {
    throw new ManifestError([
      {
        file: out,
        line: 0,
        column: 0,
        path: "",
        code: "OUTPUT_UNWRITABLE",
        severity: "error",
        message: `cannot be written (${(error as NodeJS.ErrnoException).code ?? "unknown error"})`,
        fix: "name another file with --out, or check its folder and permissions",
      },
    ]);
  }
  output.note(`written to ${out}`);
}
