import { dependencies, devDependencies, engines, overrides } from "../../package.json";

const NODE_PTY = "@cdktf/node-pty-prebuilt-multiarch";

/** A `package.json`, as far as a scaffold touches it. */
export interface PackageFile {
  [key: string]: unknown;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

/** The `package.json` of a new project. */
export function packageFile(name: string, modelport: string): PackageFile {
  return {
    name,
    version: "0.1.0",
    private: true,
    description: `${name}, deployed by modelport`,
    engines: { node: engines.node },
    scripts: {
      validate: "modelport validate modelport.yaml",
      synth: "cdktf synth",
      schema: "modelport schema --draft 7 > modelport.schema.json",
      typecheck: "tsc",
    },
    dependencies: {
      cdktf: dependencies.cdktf,
      constructs: dependencies.constructs,
      modelport,
    },
    devDependencies: {
      "@types/node": devDependencies["@types/node"],
      "cdktf-cli": devDependencies["cdktf-cli"],
      tsx: devDependencies.tsx,
      typescript: devDependencies.typescript,
    },
    // Without it cdktf-cli compiles a terminal library at installation, see docs/decisions/node-pty.md of modelport.
    overrides: { [NODE_PTY]: overrides[NODE_PTY] },
    // npm 11 warns of install scripts that nobody decided on; esbuild works without its own.
    allowScripts: { esbuild: false },
  };
}

/** What a project's own `package.json` says otherwise than a scaffold needs it. */
export interface Merged {
  readonly file: PackageFile;
  /** Packages that stand there in another version, as `name: theirs, not ours`. */
  readonly conflicts: readonly string[];
}

/**
 * Adds to a project's `package.json` what a scaffold needs; what stands there stays, unless `force`. modelport itself
 * stays as it was installed.
 */
export function mergePackageFile(own: PackageFile, wanted: PackageFile, force: boolean): Merged {
  const conflicts: string[] = [];
  const file: PackageFile = { ...wanted, ...own };
  for (const key of ["scripts", "overrides", "allowScripts"]) {
    file[key] = { ...asMap(wanted[key]), ...asMap(own[key]) };
  }
  const sections = ["dependencies", "devDependencies"] as const;
  const merged = { dependencies: { ...own.dependencies }, devDependencies: { ...own.devDependencies } };
  for (const section of sections) {
    for (const [name, version] of Object.entries(wanted[section] ?? {})) {
      const home = sections.find((each) => merged[each][name] !== undefined) ?? section;
      const theirs = merged[home][name];
      const agrees = theirs === undefined || theirs === version || name === "modelport";
      if (!agrees) conflicts.push(`${name}: ${theirs}, not ${version}`);
      if (theirs === undefined || (!agrees && force)) merged[home][name] = version;
    }
  }
  for (const section of sections) {
    file[section] = Object.fromEntries(Object.entries(merged[section]).sort(([a], [b]) => (a < b ? -1 : 1)));
  }
  return { file, conflicts };
}

function asMap(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
