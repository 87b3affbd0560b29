import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, relative } from "node:path";
import { findManifests, isOneManifest } from "../app/inputs";
import { makeOutputFolder, projectContext } from "../app/project";
import type { SynthesizeOptions } from "../app/synthesize";
import { NOTHING_SYNTHESIZED, type Synthesized } from "../app/synthesized";
import { type FoundationMember, foundationGroups, foundationMismatches } from "../foundation/members";
import { type Issue, ManifestError } from "../issues/issue";
import { duplicateStack } from "../stack/names";
import { codeFingerprint, pathFingerprint } from "./fingerprint";
import {
  moveStacks,
  readStackList,
  removeStale,
  type StackList,
  stackListVersion,
  writeStackList,
} from "./output";
import { inProcesses } from "./pool";
import { areUntouched, describeOutputs, readRecord, type RecordedManifest, writeRecord } from "./record";
import type { Answer, Job } from "./worker";

export interface ManyOptions extends SynthesizeOptions {
  /** Values of `--plugin`, for the processes that help; `registry` has what they led to. Default: none. */
  readonly pluginNames?: readonly string[];
  /** Values of `--policy`; `policies` has what they led to. Default: none. */
  readonly policyNames?: readonly string[];
  /** Processes that synthesize at the same time. Default: as many as there are cores. */
  readonly processes?: number;
}

/** Manifests that one process takes on at a time: few, to keep memory flat and all processes busy to the end. */
const BATCH = 25;

/** From this many on, other processes help: starting one takes as long as a few dozen manifests. */
const PARALLEL_FROM = 60;

type Recorded = RecordedManifest<Synthesized>;

/**
 * Synthesizes manifests into a folder, as cdktf lays it out. What has not changed since the last run into that folder is
 * left as it is; the rest, where it is much, is shared among processes.
 * @throws {ManifestError} with every issue at once, or where the folder cannot be written; nothing is written then.
 */
export async function synthesizeMany(options: ManyOptions): Promise<Synthesized> {
  const { outdir } = options;
  const files = findManifests(options.manifests);
  const context = projectContext();
  const isRecorded = isRecordable(options, context);
  const record = isRecorded ? readRecord<Synthesized>(outdir) : new Map<string, Recorded>();
  const keys = new Map(isRecorded ? files.map((file) => [file, keyOf(file, options, context)]) : []);
  const kept = new Map(
    [...record].filter(([file, each]) => each.key === keys.get(file) && isUnchanged(outdir, each)),
  );
  const changed = files.filter((file) => !kept.has(file));
  const before = readStackList(outdir);
  const version = stackListVersion(outdir);
  const taken = [...kept.values()].flatMap(({ result }) => result.stacks.map(({ stack }) => stack));
  const parts = join(outdir, ".parts");
  const isNew = !existsSync(outdir);
  if (changed.length > 0) makeOutputFolder(outdir);
  rmSync(parts, { recursive: true, force: true });
  try {
    const made =
      changed.length === 0
        ? []
        : changed.length < PARALLEL_FROM
          ? [synthesizeHere(changed, taken, join(parts, "0"), options)]
          : await synthesizeApart(changed, taken, parts, options);
    const results = new Map([
      ...[...kept].map(([file, { result }]) => [file, movedTo(outdir, result)] as const),
      ...made.flatMap((part) => [...byManifest(movedTo(outdir, part))]),
    ]);
    const members = files.flatMap((file) => results.get(file)?.members ?? []);
    const mismatches = foundationMismatches(members);
    if (mismatches.length > 0) throw new ManifestError(mismatches);
    const alone =
      (options.sharedFoundations ?? (isOneManifest(options.manifests) ? "leave" : "make")) === "leave";
    const groups = foundationGroups(members);
    refuseTakenNames(groups, results);
    const foundations = alone
      ? []
      : sharedFoundations(groups, {
          options,
          record,
          isRecorded,
          context,
          folder: join(parts, "foundations"),
        });
    const fresh = [...made, ...foundations.flatMap(({ part }) => part ?? [])];
    for (const { folder } of fresh) moveStacks(folder, outdir);

    const united = unite([
      ...foundations.map(({ result }) => movedTo(outdir, result)),
      ...files.map((file) => results.get(file) ?? NOTHING_SYNTHESIZED),
    ]);
    const names = united.stacks.map(({ stack }) => stack);
    removeStale(outdir, Object.keys(before), names);
    const list: StackList = Object.fromEntries([
      ...Object.entries(before),
      ...fresh.flatMap(({ list: own }) => Object.entries(own)),
    ]);
    writeStackList(
      outdir,
      fresh[0]?.version ?? version ?? "",
      Object.fromEntries(names.map((name) => [name, list[name]])),
    );
    if (isRecorded) {
      const manifests = files.map((file) => {
        const result = results.get(file) ?? NOTHING_SYNTHESIZED;
        return [file, kept.get(file) ?? recordOf(keys.get(file) ?? "", result, outdir)] as const;
      });
      const shared = foundations.map(
        ({ id, key, result }) => [id, recordOf(key, movedTo(outdir, result), outdir)] as const,
      );
      writeRecord(outdir, new Map([...manifests, ...shared]));
    }
    return { ...united, leftAlone: alone ? [...groups.keys()] : [] };
  } catch (error) {
    if (isNew) rmSync(outdir, { recursive: true, force: true });
    throw error;
  } finally {
    rmSync(parts, { recursive: true, force: true });
  }
}

/** @throws {ManifestError} where a foundation that is shared has the name of one that a model has for itself. */
function refuseTakenNames(
  groups: ReadonlyMap<string, readonly FoundationMember[]>,
  results: ReadonlyMap<string, Synthesized>,
): void {
  const names = new Set([...results.values()].flatMap(({ stacks }) => stacks.map(({ stack }) => stack)));
  const issues = [...groups].flatMap(([stack, [first]]) =>
    names.has(stack) && first !== undefined ? [duplicateStack(stack, first.nameAt)] : [],
  );
  if (issues.length > 0) throw new ManifestError(issues);
}

/** A foundation that manifests share. */
interface MadeFoundation {
  /** Under which it is recorded. */
  readonly id: string;
  readonly key: string;
  readonly result: Synthesized;
  /** Null where it is as it was. */
  readonly part: Made | null;
}

interface FoundationContext {
  readonly options: ManyOptions;
  readonly record: ReadonlyMap<string, Recorded>;
  readonly isRecorded: boolean;
  readonly context: Readonly<Record<string, unknown>>;
  readonly folder: string;
}

/** The foundations of all manifests together, each of what its members need; those that are as they were are left. */
function sharedFoundations(
  groups: ReadonlyMap<string, readonly FoundationMember[]>,
  { options, record, isRecorded, context, folder }: FoundationContext,
): readonly MadeFoundation[] {
  return [...groups].map(([stack, members]): MadeFoundation => {
    // No manifest has this name: paths have no brackets at both ends.
    const id = `<${stack}>`;
    const settings = { targets: options.targets, context };
    const key = isRecorded
      ? createHash("sha256")
          .update(JSON.stringify([codeFingerprint(), settings, members]))
          .digest("hex")
      : "";
    const known = record.get(id);
    if (isRecorded && known?.key === key && isUnchanged(options.outdir, known))
      return { id, key, result: known.result, part: null };
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- as above
    const { synthesizeFoundations } = require("../app/synthesize") as typeof import("../app/synthesize");
    const own = join(folder, stack);
    const result = synthesizeFoundations(members, { ...options, outdir: own });
    return { id, key, result, part: madeIn(own, result) };
  });
}

/** What one process made, with cdktf's list of it. */
interface Made extends Synthesized {
  /** Where it lies. */
  readonly folder: string;
  readonly list: StackList;
  readonly version: string | undefined;
}

/** Plug-ins and policies are code that may depend on anything: with them nothing can be said to be unchanged. */
function isRecordable(
  { registry, policies, pluginNames, policyNames, judged }: ManyOptions,
  context: Readonly<Record<string, unknown>>,
): boolean {
  const { plugins, policies: ofContext } = (context.modelport ?? {}) as Readonly<Record<string, unknown>>;
  const foreign = [plugins, ofContext, pluginNames, policyNames, policies].some(
    (list) => Array.isArray(list) && list.length > 0,
  );
  // A registry that no names lead to was made by a program.
  return !foreign && judged !== false && (registry === undefined || pluginNames !== undefined);
}

/** Everything that the output of a manifest depends on, the files that it names aside. */
function keyOf(
  file: string,
  { targets, environment, allEnvironments, imageDigest }: ManyOptions,
  context: Readonly<Record<string, unknown>>,
): string {
  const settings = { targets, environment, allEnvironments, imageDigest, context };
  return createHash("sha256")
    .update(JSON.stringify([codeFingerprint(), settings, file]))
    .update(readFileSync(file))
    .digest("hex");
}

function isUnchanged(outdir: string, { inputs, outputs }: Recorded): boolean {
  return (
    areUntouched(outdir, outputs) &&
    Object.entries(inputs).every(([path, fingerprint]) => pathFingerprint(path) === fingerprint)
  );
}

function recordOf(key: string, result: Synthesized, outdir: string): Recorded {
  const inputs = result.sources.flatMap((source) => source.inputs);
  return {
    key,
    inputs: Object.fromEntries(inputs.map((path) => [path, pathFingerprint(path)])),
    outputs: describeOutputs(
      outdir,
      result.stacks.map((stack) => relative(outdir, stack.file)),
    ),
    result,
  };
}

function synthesizeHere(
  manifests: readonly string[],
  taken: readonly string[],
  outdir: string,
  options: ManyOptions,
): Made {
  // cdktf takes long to load, and is not needed where nothing has changed.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { synthesizeManifests } = require("../app/synthesize") as typeof import("../app/synthesize");
  return madeIn(
    outdir,
    synthesizeManifests({ ...options, manifests, taken, outdir, sharedFoundations: "leave" }),
  );
}

function madeIn(folder: string, result: Synthesized): Made {
  return { ...result, folder, list: readStackList(folder), version: stackListVersion(folder) };
}

/** In processes of their own, each batch into a folder of its own: what one refuses, none must have written. */
async function synthesizeApart(
  files: readonly string[],
  taken: readonly string[],
  parts: string,
  { targets, environment, allEnvironments, imageDigest, judged, ...more }: ManyOptions,
): Promise<readonly Made[]> {
  const folderOf = (index: number) => join(parts, String(index));
  const jobs = Array.from({ length: Math.ceil(files.length / BATCH) }, (_none, index): Job => {
    const manifests = files.slice(index * BATCH, (index + 1) * BATCH);
    return {
      options: {
        manifests,
        targets,
        environment,
        outdir: folderOf(index),
        taken,
        sharedFoundations: "leave",
        ...(allEnvironments === undefined ? {} : { allEnvironments }),
        ...(imageDigest === undefined ? {} : { imageDigest }),
        ...(judged === undefined ? {} : { judged }),
      },
      plugins: more.pluginNames ?? [],
      policies: more.policyNames ?? [],
    };
  });
  const answers = await inProcesses(jobs, more.processes ?? availableParallelism());
  return accept(answers).map((result, index) => madeIn(folderOf(index), result));
}

/** @throws {ManifestError} with the issues of all batches, where one was refused, or two lead to the same stack. */
function accept(answers: readonly Answer[]): readonly Synthesized[] {
  const failed = answers.find((answer) => answer.kind === "failed");
  if (failed !== undefined) throw new Error(`a process that synthesizes failed: ${failed.stack}`);
  const refused = answers.flatMap((answer) => (answer.kind === "refused" ? answer.issues : []));
  const results = answers.flatMap((answer) => (answer.kind === "done" ? [answer.result] : []));
  const issues: Issue[] = [...refused, ...duplicatesAmong(results)];
  if (issues.length > 0) throw new ManifestError(issues);
  return results;
}

function duplicatesAmong(results: readonly Synthesized[]): readonly Issue[] {
  const seen = new Set<string>();
  return results.flatMap(({ stacks, sources }) =>
    stacks.flatMap(({ stack, manifest }) => {
      if (!seen.has(stack)) {
        seen.add(stack);
        return [];
      }
      const nameAt = sources.find((source) => source.manifest === manifest)?.nameAt;
      return nameAt === undefined ? [] : [duplicateStack(stack, nameAt)];
    }),
  );
}

/** What a result says of each manifest. */
function byManifest(result: Synthesized): ReadonlyMap<string, Synthesized> {
  const [stacks, leftOut, issues, suppressed, sources, members] = [
    group(result.stacks, ({ manifest }) => manifest),
    group(result.leftOut, ({ manifest }) => manifest),
    group(result.issues, ({ file }) => file),
    group(result.suppressed, ({ file }) => file),
    group(result.sources, ({ manifest }) => manifest),
    group(result.members, ({ nameAt }) => nameAt.file),
  ] as const;
  return new Map(
    [...sources.keys()].map((file) => [
      file,
      {
        stacks: stacks.get(file) ?? [],
        leftOut: leftOut.get(file) ?? [],
        issues: issues.get(file) ?? [],
        suppressed: suppressed.get(file) ?? [],
        sources: sources.get(file) ?? [],
        members: members.get(file) ?? [],
        leftAlone: [],
      },
    ]),
  );
}

function group<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const members = groups.get(key(item)) ?? [];
    members.push(item);
    groups.set(key(item), members);
  }
  return groups;
}

/** A result whose stacks lie in an output folder, however that was named when it was made. */
function movedTo(outdir: string, result: Synthesized): Synthesized {
  const stacks = result.stacks.map((each) => ({
    ...each,
    file: join(outdir, "stacks", each.stack, "cdk.tf.json"),
  }));
  return { ...result, stacks };
}

function unite(results: readonly Synthesized[]): Synthesized {
  return {
    stacks: results.flatMap(({ stacks }) => stacks),
    leftOut: results.flatMap(({ leftOut }) => leftOut),
    issues: results.flatMap(({ issues }) => issues),
    suppressed: results.flatMap(({ suppressed }) => suppressed),
    sources: results.flatMap(({ sources }) => sources),
    members: results.flatMap(({ members }) => members),
    leftAlone: [],
  };
}
