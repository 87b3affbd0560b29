import { existsSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { dependencies, version as running } from "../../package.json";
import { PROJECT_FILE } from "../app/project";
import { show } from "../issues/issue";
import { isDataObject } from "../manifest/data";
import { packageFolder } from "../scaffold/installation";
import type { Check, Outcome } from "./check";
import { readJson } from "./project-facts";
import successor from "./successor.json";

/** The settings that cdktf's command line runs a project by. */
export const project: Check = {
  id: "project",
  title: "Project",
  needs: [],
  neededFor: ["cdktf synth", "cdktf diff", "cdktf deploy"],
  run: ({ cwd, project: { settings, pluginIssues } }) => {
    if (settings.kind === "broken") {
      return {
        status: "failed",
        found: `${PROJECT_FILE} is no JSON object`,
        fix: "compare it with the one that `modelport init` writes",
      };
    }
    const [plugin] = pluginIssues;
    if (plugin !== undefined) {
      const beside = pluginIssues.length === 1 ? "" : ` (1 of ${pluginIssues.length} problems with plug-ins)`;
      return {
        status: "failed",
        found: `${plugin.code === "PROJECT_FILE" ? `${plugin.path} ` : ""}${plugin.message}${beside}`,
        ...(plugin.fix === undefined ? {} : { fix: plugin.fix }),
      };
    }
    if (settings.kind === "none") {
      return {
        status: "absent",
        found: `no ${PROJECT_FILE} in this folder`,
        fix: "`npx modelport init` makes a project; validate and synth work on a manifest alone",
      };
    }
    if (settings.app === null) {
      return {
        status: "failed",
        found: `${PROJECT_FILE} does not say how the app is run`,
        fix: 'add `"app": "node --import tsx main.ts"`',
      };
    }
    const gone = settings.app
      .split(/\s+/)
      .find((word) => /^[\w./-]+\.[cm]?[jt]s$/.test(word) && !existsSync(join(cwd, word)));
    if (gone !== undefined) {
      return {
        status: "failed",
        found: `${PROJECT_FILE} runs ${gone}, which is not there`,
        fix: "correct `app`, or take the file from a new project: `npx modelport init`",
      };
    }
    return { status: "ok", found: `${PROJECT_FILE} runs ${show(settings.app)}` };
  },
};

/** Files by which other package managers lock what they install. */
const OTHER_LOCKS = ["pnpm-lock.yaml", "yarn.lock", "bun.lock"];

const SECTIONS = ["dependencies", "devDependencies"] as const;

/** The lock file by which `npm ci` installs, and whether it still says what `package.json` asks for. */
export const lock: Check = {
  id: "lock",
  title: "Lock file",
  needs: ["project"],
  neededFor: ["npm ci", "the workflow that checks pull requests"],
  run: ({ cwd }) => {
    const own = readJson(join(cwd, "package.json"));
    if (!isDataObject(own)) {
      return {
        status: "failed",
        found: "no package.json that holds a JSON object",
        fix: `\`npm init --yes\`, then \`npm install --save-exact cdktf@${dependencies.cdktf} constructs@${dependencies.constructs} modelport\``,
      };
    }
    const found = lockOf(cwd);
    if (found === null) {
      const other = OTHER_LOCKS.find((file) => existsSync(join(cwd, file)));
      if (other !== undefined) return { status: "ok", found: other };
      return {
        status: "warning",
        found: "no package-lock.json: each installation may get other versions",
        fix: "`npm install`, and commit package-lock.json",
      };
    }
    const behind = SECTIONS.flatMap((section) => differing(own[section], found[section]));
    if (behind.length === 0) return { status: "ok", found: "package-lock.json agrees with package.json" };
    return {
      status: "failed",
      found: `package-lock.json disagrees with package.json on ${behind.slice(0, 5).join(", ")}`,
      fix: "`npm install`, and commit package-lock.json",
    };
  },
};

/** What the nearest lock file says of the project; in a workspace it lies further up. */
function lockOf(cwd: string): Readonly<Record<string, unknown>> | null {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const content = readJson(join(folder, "package-lock.json"));
    if (isDataObject(content) && isDataObject(content.packages)) {
      const entry = content.packages[relative(folder, cwd).split(sep).join("/")];
      return isDataObject(entry) ? entry : null;
    }
    if (dirname(folder) === folder) return null;
  }
}

/** Names that one of two lists of dependencies has in another version, or not at all. */
function differing(asked: unknown, locked: unknown): readonly string[] {
  const [one, other] = [asked, locked].map((section) => (isDataObject(section) ? section : {})) as [
    Readonly<Record<string, unknown>>,
    Readonly<Record<string, unknown>>,
  ];
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].filter(
    (name) => one[name] !== other[name],
  );
}

/** Packages that a project's own code shares with modelport: one copy of each, of a version modelport is made for. */
const SHARED = ["cdktf", "constructs"] as const;
const PROVIDERS = Object.keys(dependencies).filter((name) => name.startsWith("@cdktf/provider-"));

/** What is installed in the project, against what modelport is made for. */
export const packages: Check = {
  id: "packages",
  title: "Packages",
  needs: ["project"],
  neededFor: ["cdktf synth", "cdktf diff", "cdktf deploy"],
  run: (context) => packagesIn(context.cwd, packageFolder()),
};

/** A package that is installed, under its own name or another. */
interface Installed {
  readonly name: string;
  readonly version: string;
}

/**
 * @param cwd the project.
 * @param root folder of the running modelport.
 */
export function packagesIn(cwd: string, root: string): Outcome {
  const own: Readonly<Record<string, string>> = dependencies;
  const isOwn = cwd === root;
  // cdktf's successor may be installed under its name, with what that needs: docs/longevity.md.
  const moved = installed(cwd, "cdktf")?.name === successor.packages.cdktf.name;
  const shared = SHARED.map((name) => ({
    name,
    found: installed(cwd, name),
    wanted: moved ? successor.packages[name] : { name, version: own[name] ?? "" },
  }));
  const others = [
    ...PROVIDERS.map((name) => ({ name, from: root, version: own[name] ?? "" })),
    ...(isOwn ? [] : [{ name: "modelport", from: cwd, version: running }]),
  ].map(({ name, from, version }) => ({ name, found: installed(from, name), wanted: { name, version } }));

  const all = [...shared, ...others];
  const missing = all.filter(({ found }) => found === null).map(({ name }) => name);
  if (missing.length > 0) {
    return {
      status: "failed",
      found: `not installed: ${missing.join(", ")}`,
      fix: existsSync(join(cwd, "package-lock.json")) ? "`npm ci`" : "`npm install`",
    };
  }
  const details = Object.fromEntries(all.map(({ name, found }) => [name, found?.version ?? ""]));
  const other = all.filter(({ found, wanted }) => found?.version !== wanted.version);
  const mine = other.find(({ name }) => name === "modelport");
  if (mine !== undefined) {
    return {
      status: "warning",
      found: `the project has modelport ${mine.found?.version ?? ""}, this is ${running}`,
      fix: "run the project's own: `npx modelport doctor` in its folder",
      details,
    };
  }
  if (other.length > 0) {
    const versions = other.map(({ name, wanted }) => `${name}@${alias(name, wanted.name)}${wanted.version}`);
    return {
      status: "warning",
      found: other
        .map(({ name, found, wanted }) => `${described(name, found)}, made for ${wanted.version}`)
        .join("; "),
      fix: `\`npm install --save-exact ${versions.join(" ")}\``,
      details,
    };
  }
  // Two copies of cdktf do not know each other's types, and write what each of them would.
  const twice = shared.filter(({ name, found }) => installed(root, name)?.version !== found?.version);
  if (twice.length > 0) {
    const overrides = SHARED.map((name) => `'overrides.${name}=$${name}'`).join(" ");
    return {
      status: "warning",
      found: twice
        .map(
          ({ name, found }) =>
            `${described(name, found)} in the project, ${described(name, installed(root, name))} in modelport`,
        )
        .join("; "),
      fix: `\`npm pkg set ${overrides}\`, then \`npm install\``,
      details,
    };
  }
  return {
    status: "ok",
    found: [
      ...shared.flatMap(({ name, found }) => (name === "cdktf" ? [described(name, found)] : [])),
      ...(isOwn ? [] : [`modelport ${running}`]),
      `${PROVIDERS.length} providers`,
    ].join(", "),
    details,
  };
}

/** For instance `cdktf 0.21.0`, or `cdktn 0.24.0 as cdktf`. */
function described(name: string, found: Installed | null): string {
  const text = `${found?.name ?? name} ${found?.version ?? ""}`;
  return found === null || found.name === name ? text : `${text} as ${name}`;
}

function alias(name: string, installedAs: string): string {
  return installedAs === name ? "" : `npm:${installedAs}@`;
}

/** A package as code in a folder would load it; null where it would find none. */
function installed(from: string, name: string): Installed | null {
  for (let folder = from; ; folder = dirname(folder)) {
    const content = readJson(join(folder, "node_modules", name, "package.json"));
    if (isDataObject(content) && typeof content.version === "string") {
      return { name: typeof content.name === "string" ? content.name : name, version: content.version };
    }
    if (dirname(folder) === folder) return null;
  }
}
