// Puts cdktf's successor into a copy of this project: `override`, then npm, then `compare` and `restore`.
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";

const FILES = ["package.json", "package-lock.json"];
const { packages: successor } = read("modules/doctor/successor.json");

const steps = {
  /** Keeps the project's files as they are, and writes the packages of the successor into `package.json`. */
  override() {
    for (const file of FILES) copyFileSync(file, `${file}.own`);
    const project = read("package.json");
    for (const [name, { name: actual, version }] of Object.entries(successor)) {
      project.dependencies[name] = actual === name ? version : `npm:${actual}@${version}`;
      project.overrides[name] = `$${name}`;
    }
    writeFileSync("package.json", `${JSON.stringify(project, null, 2)}\n`);
  },

  /** Fails unless npm's new lock file is the project's own but for the successor, whose checksums are known. */
  compare() {
    const own = locked("package-lock.json.own");
    const now = locked("package-lock.json");
    const faults = [...new Set([...Object.keys(own), ...Object.keys(now)])].filter((folder) => {
      const [, name, bundled] = /^node_modules\/(cdktf|constructs)(\/|$)/.exec(folder) ?? [];
      if (name === undefined) return own[folder] !== now[folder];
      // What is below it came in its own archive, and has no checksum beside that one's.
      return bundled === "/" ? folder in now && now[folder] !== "bundled" : now[folder] !== expected(name);
    });
    if (faults.length > 0) throw new Error(`the lock file has something else in ${faults.join(", ")}`);
  },

  /** Gives the project back its own files; what is installed stays. */
  restore() {
    for (const file of FILES) copyFileSync(`${file}.own`, file);
  },
};

/** What a lock file has in each folder. */
function locked(file) {
  const { "": _project, ...folders } = read(file).packages;
  return Object.fromEntries(
    Object.entries(folders).map(([folder, { version, integrity, inBundle }]) => [
      folder,
      inBundle === true ? "bundled" : `${version} ${integrity}`,
    ]),
  );
}

function expected(name) {
  const { version, integrity } = successor[name];
  return `${version} ${integrity}`;
}

function read(file) {
  return JSON.parse(readFileSync(file, "utf8"));
}

steps[process.argv[2]]();
