import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A file of an earlier run, as it was left. */
export interface WrittenFile {
  /** Relative to the output folder. */
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
}

/** What one manifest led to. */
export interface RecordedManifest<Result> {
  /** Hash of everything that its output depends on, files of the project aside. */
  readonly key: string;
  /** Files and folders of the project that it names, each with its fingerprint. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: readonly WrittenFile[];
  readonly result: Result;
}

interface RecordFile<Result> {
  readonly format: number;
  readonly manifests: Readonly<Record<string, RecordedManifest<Result>>>;
}

/** Bump when the meaning of a record changes: those of other versions are ignored. */
const FORMAT = 2;

/** Lies in the output folder, and goes with it. */
const RECORD_FILE = "modelport.json";

/** What earlier runs left in an output folder, by manifest; empty where that cannot be told. */
export function readRecord<Result>(outdir: string): ReadonlyMap<string, RecordedManifest<Result>> {
  try {
    const record = JSON.parse(readFileSync(join(outdir, RECORD_FILE), "utf8")) as RecordFile<Result>;
    return new Map(record.format === FORMAT ? Object.entries(record.manifests) : []);
  } catch {
    // A record is only ever a shortcut.
    return new Map();
  }
}

export function writeRecord<Result>(
  outdir: string,
  manifests: ReadonlyMap<string, RecordedManifest<Result>>,
): void {
  const record: RecordFile<Result> = { format: FORMAT, manifests: Object.fromEntries(manifests) };
  writeFileSync(join(outdir, RECORD_FILE), JSON.stringify(record));
}

/** Describes files that were just written. */
export function describeOutputs(outdir: string, paths: readonly string[]): readonly WrittenFile[] {
  return paths.map((path) => {
    const { size, mtimeMs } = statSync(join(outdir, path));
    return { path, size, mtimeMs };
  });
}

/** Whether files are still as they were left. */
export function areUntouched(outdir: string, outputs: readonly WrittenFile[]): boolean {
  return outputs.every(({ path, size, mtimeMs }) => {
    const stats = statSync(join(outdir, path), { throwIfNoEntry: false });
    return stats?.size === size && stats.mtimeMs === mtimeMs;
  });
}
