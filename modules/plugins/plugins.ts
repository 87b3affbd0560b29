import { CODES } from "../issues/codes";
import { type Issue, ManifestError } from "../issues/issue";
import { targets as builtIn } from "../../targets";
import type { Target } from "../../targets/target";
import { guarded } from "./guarded";
import { type PluginModule, readPlugin } from "./read";
import { type Flaw, flawsOf } from "./shape";
import { pluginIssue, type PluginSource } from "./source";

/**
 * modelport's own targets, and those of plug-ins after them in the order in which they are named. A plug-in that is
 * named twice counts once.
 * @throws {ManifestError} with everything that is wrong with any of them.
 */
export function registryWith(sources: readonly PluginSource[]): readonly Target[] {
  if (sources.length === 0) return builtIn;
  const issues: Issue[] = [];
  const modules = new Map<string, PluginModule>();
  for (const source of sources) {
    try {
      const read = readPlugin(source);
      if (!modules.has(read.file)) modules.set(read.file, read);
    } catch (error) {
      if (!(error instanceof ManifestError)) throw error;
      issues.push(...error.issues);
    }
  }
  const registry: Entry[] = builtIn.map((target) => ({ target, of: "modelport" }));
  for (const read of modules.values()) {
    const { targets, issues: invalid } = targetsOf(read);
    issues.push(...invalid);
    for (const target of targets) {
      const taken = [...duplicates(target, registry)];
      issues.push(
        ...taken.map(({ message, fix }) => pluginIssue(read.source, "PLUGIN_DUPLICATE", message, { fix })),
      );
      if (taken.length === 0) registry.push({ target: guarded(target, read), of: read.source.name });
    }
  }
  if (issues.length > 0) throw new ManifestError(issues);
  return registry.map(({ target }) => target);
}

interface Entry {
  readonly target: Target;
  /** Who brings it. */
  readonly of: string;
}

/** The targets that a module exports, or what is wrong with them. */
function targetsOf({ source, exports }: PluginModule): {
  readonly targets: readonly Target[];
  readonly issues: readonly Issue[];
} {
  const candidates = exported(exports);
  const invalid = (message: string, fix: string) => pluginIssue(source, "PLUGIN_INVALID", message, { fix });
  if (candidates.length === 0) {
    const message = "exports no target";
    return {
      targets: [],
      issues: [
        invalid(message, "export `targets`, a list of what defineTarget makes, or one as the default"),
      ],
    };
  }
  const targets: Target[] = [];
  const issues: Issue[] = [];
  for (const { at, value } of candidates) {
    const flaws = [...flawsOf(value)];
    issues.push(...flaws.map((flaw) => invalid(worded(at, flaw), flaw.fix)));
    if (flaws.length === 0) targets.push(value as Target);
  }
  return { targets, issues };
}

function worded(at: string, { path, message }: Flaw): string {
  return `${[at, path].filter((part) => part !== "").join(".")} ${message}`;
}

interface Candidate {
  readonly at: string;
  readonly value: unknown;
}

/** What a module offers as targets: `targets`, a list, or `default`, one or a list; each once. */
function exported(exports: unknown): readonly Candidate[] {
  if (typeof exports !== "object" || exports === null) return [];
  const { targets, default: main } = exports as { readonly targets?: unknown; readonly default?: unknown };
  const found = [...listed("targets", targets), ...(Array.isArray(main) ? listed("default", main) : [])];
  if (main !== undefined && !Array.isArray(main)) found.push({ at: "default", value: main });
  return found.filter(({ value }, index) => found.findIndex((other) => other.value === value) === index);
}

function listed(at: string, value: unknown): Candidate[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return [{ at, value }];
  return value.map((item: unknown, index) => ({ at: `${at}[${index}]`, value: item }));
}

/** Names that someone has already. */
function* duplicates({ kind, codes }: Target, registry: readonly Entry[]): Iterable<Omit<Flaw, "path">> {
  const same = registry.find(({ target }) => target.kind === kind);
  if (same !== undefined) {
    yield {
      message: `${same.of} has a target ${kind} already`,
      fix: same.of === "modelport" ? "give it another kind" : "leave one of the two plug-ins out",
    };
  }
  for (const code of Object.keys(codes)) {
    const owner = Object.hasOwn(CODES, code)
      ? "modelport"
      : registry.find(({ target }) => Object.hasOwn(target.codes, code))?.of;
    if (owner === undefined || same !== undefined) continue;
    yield {
      message: `${owner} has the code ${code} of ${kind} already`,
      fix: "start its codes with the target's own name",
    };
  }
}
