import { regionInfo } from "../aws/regions";
import { manifestRules } from "../check/manifest-rules";
import type { Finding, ManifestPath } from "../issues/issue";
import { formatPath } from "../issues/issue";
import { type Data, stringProblem, valueAt } from "../manifest/data";
import { API_VERSION, manifestSchema } from "../manifest/schema";
import { parseWith } from "../manifest/schema-findings";
import type { Target } from "../../targets/target";
import type { Open } from "./reader";
import { type Carried, type Effect, inOrder, type NotCarried, type Place, placed } from "./report";

interface Branch {
  [key: string]: Branch | Data;
}

/** A manifest in the making: what was put into it from where, what is still to be filled in, and what was left behind. */
export class Draft {
  private readonly root: Branch = {};
  private readonly sources: Carried[] = [];
  private readonly left: NotCarried[] = [];
  private readonly marks = new Map<string, string>();

  constructor(private readonly target: Target) {}

  /** As plain data; what is to be filled in is null. */
  get data(): Data {
    return this.root;
  }

  get carried(): readonly Carried[] {
    return inOrder(this.sources);
  }

  get notCarried(): readonly NotCarried[] {
    return inOrder(this.left);
  }

  /** The value at a path; undefined where there is none. */
  at(path: ManifestPath): Data | undefined {
    return valueAt(this.data, path);
  }

  has(path: ManifestPath): boolean {
    return this.at(path) !== undefined;
  }

  /** An empty draft for the same place, to hold what is then compared with this one. */
  beside(): Draft {
    const draft = new Draft(this.target);
    for (const name of ["region", "account"]) {
      const own = this.root[name];
      if (typeof own === "string") draft.set([name], own);
    }
    return draft;
  }

  /** A KMS key as an ARN: as given, or from its id where region and account are known. */
  keyArn(key: string): string | undefined {
    if (key.startsWith("arn:")) return key;
    const [region, account] = [this.root.region, this.root.account];
    const home = typeof region === "string" ? regionInfo(region) : undefined;
    if (home === undefined || typeof account !== "string" || !/^(?:mrk-)?[0-9a-f-]{32,36}$/.test(key))
      return undefined;
    return `arn:${home.partition}:kms:${home.name}:${account}:key/${key}`;
  }

  /** What to say beside a field, by its dotted path. */
  get comments(): ReadonlyMap<string, string> {
    return this.marks;
  }

  /** Puts a value that does not come from one property of the template. */
  set(path: ManifestPath, value: Data): void {
    let at = this.root;
    for (const [index, step] of path.slice(0, -1).entries()) {
      const next = at[String(step)];
      const isList = typeof path[index + 1] === "number";
      if (typeof next === "object" && next !== null && Array.isArray(next) === isList) at = next as Branch;
      // A list takes its entries by number, which JavaScript takes as text too.
      else at = at[String(step)] = (isList ? [] : {}) as Branch;
    }
    at[String(path.at(-1) ?? "")] = value;
  }

  /** Puts a value that the manifest can do without: one that it does not take is left behind, with the reason. */
  put(path: ManifestPath, value: Data, place: Place): boolean {
    const problem = this.problem(path, value);
    if (problem !== undefined) {
      this.lose(place, `does not fit ${formatPath(path)}: ${problem}`);
      return false;
    }
    this.need(path, value, place);
    return true;
  }

  /** Puts a value that the deployment hangs on: one that the manifest does not take stays, and does not validate. */
  need(path: ManifestPath, value: Data, place: Place): void {
    this.set(path, value);
    this.cover(place, formatPath(path));
  }

  /** Notes that a property is expressed by a field that stands in the manifest already. */
  cover(place: Place, to: string): void {
    this.sources.push({ ...placed(place), to });
  }

  /** Leaves an empty field that does not validate until it is filled in. */
  fill(path: ManifestPath, place: Place, reason: string, fix?: string): void {
    this.set(path, null);
    const to = formatPath(path);
    this.marks.set(to, `FILL IN: ${reason}`);
    this.left.push({ ...placed(place), reason, effect: "fill", to, ...(fix === undefined ? {} : { fix }) });
  }

  fillFrom(path: ManifestPath, { place, reason, fix }: Open): void {
    this.fill(path, place, reason, fix);
  }

  /** Notes what is left behind. */
  lose(place: Place, reason: string, effect: Effect = "differs", fix?: string): void {
    this.left.push({ ...placed(place), reason, effect, ...(fix === undefined ? {} : { fix }) });
  }

  loseFrom({ place, reason, fix }: Open, instead: string): void {
    this.lose(place, `${reason}; ${instead}`, "differs", fix);
  }

  /** Notes what another draft found to be expressed already. */
  coverAll(entries: readonly Carried[]): void {
    this.sources.push(...entries);
  }

  loseAll(entries: readonly NotCarried[]): void {
    this.left.push(...entries);
  }

  remark(path: ManifestPath, text: string): void {
    this.marks.set(formatPath(path), text);
  }

  /** What the manifest has against a value at a place, on its own; undefined where it takes it. */
  problem(path: ManifestPath, value: Data): string | undefined {
    const finding = this.findings(path, value)[0];
    return finding === undefined ? undefined : worded(finding);
  }

  /** What the manifest has against the entries of a map of names that people chose, by name. */
  refused(path: ManifestPath, map: Readonly<Record<string, Data>>): (name: string) => string | undefined {
    const problems = new Map<string, string>();
    let whole: string | undefined;
    for (const finding of this.findings(path, map)) {
      const name = finding.path[path.length];
      if (name === undefined) whole ??= worded(finding);
      else problems.set(String(name), worded(finding));
    }
    return (name) => problems.get(name) ?? whole;
  }

  /** Every objection to a value, by the manifest's own schema and rules. */
  findings(path: ManifestPath, value: Data): readonly Finding[] {
    if (typeof value === "string") {
      const problem = stringProblem(value);
      if (problem !== undefined) return [{ path, ...problem }];
    }
    const probe = new Draft(this.target);
    const options = path[0] === "targets";
    if (options) {
      // What stands before an entry of a list says nothing of it.
      for (const [index, step] of path.entries())
        if (typeof step === "number")
          for (let before = 0; before < step; before += 1) probe.set([...path.slice(2, index), before], {});
      probe.set(path.slice(2), value);
    } else {
      for (const [at, filler] of FILLERS) probe.set(at, filler);
      // ARNs are held against region and account, schedules against the bounds of scaling.
      for (const name of ["region", "account", ...(path[0] === "scaling" ? ["scaling"] : [])]) {
        const own = this.root[name];
        if (own !== undefined && own !== null) probe.set([name], structuredClone(own));
      }
      probe.set(path, value);
    }
    const found = options
      ? parseWith(this.target.options, probe.data, path.slice(0, 2)).findings
      : [...parseWith(manifestSchema, probe.data, []).findings, ...manifestRules(probe.data)];
    return found.filter(
      (finding) =>
        (finding.severity ?? "error") === "error" &&
        finding.code !== "TOGETHER" &&
        path.every((step, index) => finding.path[index] === step),
    );
  }
}

/** A manifest without fault, to hold single values against the schema. */
const FILLERS: readonly (readonly [ManifestPath, Data])[] = [
  [["apiVersion"], API_VERSION],
  [["name"], "probe"],
  [["model", "image"], "registry.example.com/probe:1"],
  [["resources"], { cpu: 1, memory: "1Gi" }],
];

export function worded({ message, allowed }: Finding): string {
  return allowed === undefined ? message : `${message} (allowed: ${allowed})`;
}
