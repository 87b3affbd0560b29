import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { regionInfo, regionNames } from "../aws/regions";
import { type Issue, show } from "../issues/issue";
import { nearest } from "../issues/nearest";
import { stringProblem } from "../manifest/data";
import { loadManifestText, type Position } from "../manifest/load";
import { resolveManifest } from "../plan/resolve";
import type { Target } from "../../targets/target";
import { alarmsByAction, type Context, resourcesOf, TARGET } from "./context";
import { convertEndpoint } from "./convert";
import { Draft } from "./draft";
import { Evaluator, type StackInputs } from "./intrinsics";
import { leftOver, macros } from "./leftover";
import { manifestName } from "./names";
import { renderManifest } from "./render";
import { type Carried, inOrder, nameOf, type NotCarried, stepsOf } from "./report";
import { issueOf, loadTemplateFile, type Resource, type Template } from "./template";

export interface ImportOptions {
  /** `Key=Value`, as many as the template has parameters. */
  readonly parameters: readonly string[];
  readonly region?: string;
  readonly account?: string;
  readonly stackName?: string;
  /** Folder that the manifests are written to. */
  readonly out: string;
  readonly registry: readonly Target[];
}

/** A manifest that came of an endpoint. */
export interface ImportedManifest {
  /** Where it is written. */
  readonly file: string;
  readonly name: string;
  /** Logical id of the endpoint. */
  readonly endpoint: string;
  readonly text: string;
  readonly carried: readonly Carried[];
  readonly notCarried: readonly NotCarried[];
}

export interface ImportReport {
  readonly manifests: readonly ImportedManifest[];
  /** What of the template belongs to no endpoint. */
  readonly notCarried: readonly NotCarried[];
  readonly issues: readonly Issue[];
}

const NOWHERE: Position = { line: 0, column: 0 };

/**
 * Turns the SageMaker endpoints of a CloudFormation template into manifests, one each. Reads the template and nothing
 * else, runs nothing of it, writes nothing. The issues are the template's, and those that the manifests have as they
 * are: what is to be filled in comes first.
 */
export function importTemplate(file: string, options: ImportOptions): ImportReport {
  const { template, issues } = loadTemplateFile(file);
  const failed = [...issues, ...argumentIssues(options, template)];
  if (template === null || failed.length > 0) return { manifests: [], notCarried: [], issues: failed };
  return convertTemplate(template, options);
}

/** {@link importTemplate} of a template that is read already. */
export function convertTemplate(template: Template, options: ImportOptions): ImportReport {
  const inputs = inputsOf(options);
  const target = options.registry.find(({ kind }) => kind === TARGET);
  if (target === undefined) throw new Error(`the registry has no target ${TARGET}`);
  const evaluators = {
    evaluator: new Evaluator(template, inputs),
    symbols: new Evaluator(template, inputs, true),
  };
  const context: Context = {
    template,
    ...evaluators,
    target,
    used: new Set(),
    alarms: alarmsByAction({ template, ...evaluators }),
  };
  const found = macros(template);
  const issues: Issue[] = found.map(({ position, name }) =>
    issueOf(
      "IMPORT_TRANSFORM",
      template.file,
      position,
      "",
      `has the macro ${name}, which is not run`,
      MACRO_FIX,
    ),
  );
  const endpoints = resourcesOf(context, "AWS::SageMaker::Endpoint");
  if (endpoints.length === 0) issues.push(noEndpoint(template));
  const names = new Set<string>();
  const manifests: ImportedManifest[] = [];
  for (const endpoint of endpoints) {
    const name = manifestName(nameFor(context, endpoint, inputs), names);
    const draft = convertEndpoint(context, endpoint, name, inputs);
    if (!(draft instanceof Draft)) {
      const { place, reason, fix } = draft;
      const message = `${reason}: the endpoint is left out`;
      issues.push(
        issueOf(
          "IMPORT_NO_CONFIGURATION",
          template.file,
          place.position,
          nameOf(place),
          message,
          fix ?? NO_CONFIGURATION_FIX,
        ),
      );
      continue;
    }
    names.add(name);
    describe(draft, template, endpoints.length);
    const manifest = finish(draft, template, endpoint, name, options);
    manifests.push(manifest.imported);
    issues.push(...manifest.issues);
  }
  return { manifests, notCarried: inOrder(leftOver(context, endpoints.length === 1)), issues };
}

const MACRO_FIX = "import what `aws cloudformation get-template --template-stage Processed` gives";
const NO_CONFIGURATION_FIX = "import the template that has the configuration too";

function noEndpoint(template: Template): Issue {
  const all = [...template.resources.values()].filter(({ type }) => type === "AWS::SageMaker::Endpoint");
  const [first] = all;
  return first === undefined
    ? issueOf(
        "IMPORT_NO_ENDPOINT",
        template.file,
        { line: 1, column: 1 },
        "",
        "has no AWS::SageMaker::Endpoint",
        "name the template that has it",
      )
    : issueOf(
        "IMPORT_NO_ENDPOINT",
        template.file,
        first.position,
        first.id,
        "is not made under its condition",
        "pass other parameters",
      );
}

/** The endpoint's name, else its logical id; one that says nothing gives way to the stack's name. */
function nameFor({ evaluator }: Context, { id, properties }: Resource, { stackName }: StackInputs): string {
  const node = properties.entries.get("EndpointName");
  const given = node === undefined ? undefined : evaluator.text(node.value);
  if (given?.kind === "text") return given.text;
  return /^(?:SageMaker)?Endpoint$/i.test(id) ? (stackName ?? id) : id;
}

/** The template's description, where it can only be this endpoint's. */
function describe(draft: Draft, { root }: Template, endpoints: number): void {
  const description = root.entries.get("Description");
  if (endpoints !== 1 || description?.value.kind !== "scalar" || typeof description.value.value !== "string")
    return;
  draft.put(["description"], description.value.value, {
    resource: "",
    path: "Description",
    position: description.keyPosition,
  });
}

/** Writes a draft down, and holds it against everything that a manifest is held against. */
function finish(
  draft: Draft,
  template: Template,
  endpoint: Resource,
  name: string,
  { out, registry }: ImportOptions,
): { readonly imported: ImportedManifest; readonly issues: readonly Issue[] } {
  const file = join(out, `${name}.modelport.yaml`);
  const text = renderManifest(draft, basename(template.file), endpoint.id);
  const loaded = loadManifestText(text, file, out);
  const { carried, notCarried } = draft;
  const gaps = new Map(notCarried.flatMap((entry) => (entry.to === undefined ? [] : [[entry.to, entry]])));
  const toFill = [...gaps].map(([to, { reason, fix, ...entry }]) => {
    const place = loaded.source.locate(stepsOf(to), true);
    const message = `is to be filled in: ${nameOf(entry)} (${template.file}:${entry.line}:${entry.column}) ${reason}`;
    return issueOf("IMPORT_TO_FILL", file, place, to, message, fix ?? "fill it in");
  });
  const { issues } = resolveManifest(loaded, {
    environment: null,
    targets: null,
    registry,
    digestFiles: false,
  });
  return {
    imported: { file, name, endpoint: endpoint.id, text, carried, notCarried },
    // A gap is reported once, in the words of the template.
    issues: [...toFill, ...issues.filter(({ path, code }) => !(code === "REQUIRED" && gaps.has(path)))],
  };
}

function inputsOf({ parameters, region, account, stackName }: ImportOptions): StackInputs {
  return {
    parameters: new Map(parameters.map((text) => keyAndValue(text))),
    region: region === undefined ? undefined : regionInfo(region),
    account,
    stackName,
  };
}

function keyAndValue(text: string): [key: string, value: string] {
  const equals = text.indexOf("=");
  return equals < 0 ? [text, ""] : [text.slice(0, equals), text.slice(equals + 1)];
}

/** What is wrong with the options, which have no place in a file. */
function argumentIssues(
  { parameters, region, account }: ImportOptions,
  template: Template | null,
): readonly Issue[] {
  const issue = (option: string, code: string, message: string, more: Partial<Issue>): Issue => ({
    file: option,
    ...NOWHERE,
    path: "",
    code,
    severity: "error",
    message,
    ...more,
  });
  const issues: Issue[] = [];
  if (region !== undefined && regionInfo(region) === undefined) {
    const similar = nearest(region, regionNames());
    const fix = similar === undefined ? "check the name" : `did you mean "${similar}"?`;
    issues.push(issue("--region", "REGION_UNKNOWN", `${show(region)} is no AWS region`, { fix }));
  }
  if (account !== undefined && !/^\d{12}$/.test(account))
    issues.push(issue("--account", "FORMAT", `${show(account)} is no AWS account`, { allowed: "12 digits" }));
  const declared = template?.root.entries.get("Parameters")?.value;
  const known = declared?.kind === "map" ? declared.entries : new Map<string, never>();
  for (const text of template === null ? [] : parameters) {
    const [key, value] = keyAndValue(text);
    const at = (message: string, fix: string) =>
      issueOf("IMPORT_PARAMETER", "--parameter", NOWHERE, key, message, fix);
    const parameter = known.get(key)?.value;
    if (!text.includes("=")) issues.push(at(`${show(text)} is no Key=Value`, "write --parameter Key=Value"));
    else if (parameter === undefined) {
      const similar = nearest(key, [...known.keys()]);
      const fix =
        similar === undefined
          ? `the template has ${known.size === 0 ? "none" : [...known.keys()].join(", ")}`
          : `did you mean "${similar}"?`;
      issues.push(at(`the template has no parameter ${show(key)}`, fix));
    } else {
      const allowed = parameter.kind === "map" ? parameter.entries.get("AllowedValues")?.value : undefined;
      const values =
        allowed?.kind === "list"
          ? allowed.items.map((item) => (item.kind === "scalar" ? String(item.value) : ""))
          : [];
      const problem = stringProblem(value);
      if (problem !== undefined) issues.push(at(problem.message, problem.fix));
      else if (values.length > 0 && !values.includes(value))
        issues.push(at(`${show(value)} is not among the allowed values`, `one of ${values.join(", ")}`));
    }
  }
  return issues;
}

/**
 * Writes the manifests. None is written where any of their files exists, unless `force`.
 * @returns what stood in the way; empty where all are written.
 */
export function writeManifests({ manifests }: ImportReport, out: string, force: boolean): readonly Issue[] {
  const fix = "choose another --out, or overwrite with --force";
  const present = force ? [] : manifests.filter(({ file }) => existsSync(file));
  if (present.length > 0)
    return present.map(({ file }) =>
      issueOf("IMPORT_EXISTS", file, NOWHERE, "", "exists; nothing was written", fix),
    );
  if (manifests.length === 0) return [];
  let at = out;
  try {
    mkdirSync(out, { recursive: true });
    for (const { file, text } of manifests) {
      at = file;
      writeFileSync(file, text, { flag: force ? "w" : "wx" });
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === undefined) throw error;
    return [
      issueOf(
        "IMPORT_UNWRITABLE",
        at,
        NOWHERE,
        "",
        `cannot be written (${code})`,
        "name another --out, or check its permissions",
      ),
    ];
  }
  return [];
}
