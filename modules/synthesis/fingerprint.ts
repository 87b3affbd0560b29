import { createHash, type Hash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { version } from "../../package.json";

/**
 * What a file or folder looks like from outside: names, sizes, modes and times of change, as make and git go by.
 * Contents are not read: an artifact may be gigabytes.
 * @returns `absent` where there is none.
 */
export function pathFingerprint(location: string): string {
  const hash = createHash("sha256");
  try {
    visit(location, "", hash);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "absent";
    throw error;
  }
  return hash.digest("hex");
}

function visit(location: string, name: string, hash: Hash): void {
  const stats = lstatSync(location, { bigint: true });
  const target = stats.isSymbolicLink() ? readlinkSync(location) : "";
  hash.update(JSON.stringify([name, String(stats.mode), target]));
  if (stats.isDirectory()) {
    for (const child of readdirSync(location).sort()) visit(join(location, child), `${name}/${child}`, hash);
  } else hash.update(`${stats.size} ${stats.mtimeNs} ${stats.ino}`);
}

/** Folders of modelport whose code decides on what is synthesized. */
const CODE = ["modules", "targets", "policies"] as const;

/** Packages that write the stacks. Others may be installed under their names, see docs/longevity.md. */
const WRITERS = ["cdktf", "constructs"] as const;

let known: string | undefined;

/**
 * The running modelport: its version, the files that it consists of, so that a build of one's own counts too, and the
 * packages that write for it.
 */
export function codeFingerprint(): string {
  const root = dirname(dirname(__dirname));
  known ??= [
    version,
    ...CODE.map((folder) => pathFingerprint(join(root, folder))),
    ...WRITERS.map(installed),
  ].join(" ");
  return known;
}

/** What is installed under a name, without loading it. */
function installed(name: string): string {
  const file = require.resolve(`${name}/package.json`);
  const found = JSON.parse(readFileSync(file, "utf8")) as { readonly name: string; readonly version: string };
  return `${found.name}@${found.version}`;
}
