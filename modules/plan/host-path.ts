import { createHash } from "node:crypto";
import {
  closeSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  realpathSync,
  statSync,
} from "node:fs";
import { join, relative, resolve, sep } from "node:path";

/**
 * A file or folder of the project on this machine. Opaque to the stacks: its location never reaches the output, only
 * its content's hash and its name inside the project do.
 */
export class HostPath {
  readonly #location: string;

  constructor(
    /** Relative to the project, as the manifest gives it. */
    readonly name: string,
    location: string,
    /** Whether it is a folder. */
    readonly isDirectory: boolean,
    /** SHA-256 of its content in hex: of a folder, of the names, modes and contents of all files in it. */
    readonly digest: string,
  ) {
    this.#location = location;
    Object.freeze(this);
  }

  /** Where it lies on this machine. For copying only; must not be written into any output. */
  get location(): string {
    return this.#location;
  }
}

export type HostPathProblem = "missing" | "outside" | "unsupported";

/**
 * Finds a path of the manifest inside the project. A path, or a link on the way or below it, that leads out of the
 * project is refused.
 * @param digest whether to hash the content; without it the digest is empty, which is enough to validate.
 */
export function resolveHostPath(
  projectDirectory: string,
  name: string,
  digest: boolean,
): { readonly path: HostPath } | { readonly problem: HostPathProblem; readonly at: string } {
  const root = realpathSync(projectDirectory);
  const location = resolve(root, name);
  if (!isInside(root, location)) return { problem: "outside", at: name };
  let real: string;
  try {
    real = realpathSync(location);
  } catch {
    return { problem: "missing", at: name };
  }
  if (!isInside(root, real)) return { problem: "outside", at: name };
  const isDirectory = statSync(real).isDirectory();
  const hash = createHash("sha256");
  const problem = visit(root, real, "", (entry) => {
    if (!digest) return;
    const executable = (entry.mode & 0o111) !== 0 ? "x" : "-";
    hash.update(`${entry.name}\0${entry.kind}${executable}\0`);
    if (entry.kind === "link") hash.update(entry.target);
    else hash.update(hashFile(entry.location));
  });
  if (problem !== undefined) return problem;
  return { path: new HostPath(name, real, isDirectory, digest ? hash.digest("hex") : "") };
}

interface Entry {
  readonly kind: "file" | "link";
  readonly name: string;
  readonly location: string;
  readonly mode: number;
  readonly target: string;
}

function visit(
  root: string,
  location: string,
  name: string,
  use: (entry: Entry) => void,
): { problem: HostPathProblem; at: string } | undefined {
  const stats = lstatSync(location);
  if (stats.isSymbolicLink()) {
    let real: string;
    try {
      real = realpathSync(location);
    } catch {
      return { problem: "missing", at: name };
    }
    if (!isInside(root, real)) return { problem: "outside", at: name };
    use({ kind: "link", name, location, mode: stats.mode, target: readlinkSync(location) });
    return undefined;
  }
  if (stats.isFile()) {
    use({ kind: "file", name, location, mode: stats.mode, target: "" });
    return undefined;
  }
  if (!stats.isDirectory()) return { problem: "unsupported", at: name };
  for (const child of readdirSync(location).sort()) {
    const problem = visit(root, join(location, child), name === "" ? child : `${name}/${child}`, use);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function isInside(root: string, location: string): boolean {
  const path = relative(root, location);
  return path === "" || (path !== ".." && !path.startsWith(`..${sep}`) && resolve(root, path) === location);
}

/** Hashed in pieces: an artifact may be larger than memory. */
function hashFile(location: string): Buffer {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(1 << 20);
  const file = openSync(location, "r");
  try {
    for (let read = readSync(file, buffer); read > 0; read = readSync(file, buffer)) {
      hash.update(buffer.subarray(0, read));
    }
  } finally {
    closeSync(file);
  }
  return hash.digest();
}
