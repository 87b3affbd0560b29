import { existsSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { isNativeError } from "node:util/types";
import { PROJECT_FILE } from "../app/project";
import { ManifestError } from "../issues/issue";
import { blame } from "./failure";
import { pluginIssue, type PluginSource } from "./source";

/** A plug-in's module, with its code run. */
export interface PluginModule {
  readonly source: PluginSource;
  /** Absolute path of the file that was run. */
  readonly file: string;
  readonly exports: unknown;
}

const TYPESCRIPT = /\.[cm]?tsx?$/;

/** A package's name as npm takes it, and perhaps a path within the package. */
const PACKAGE = /^((?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*)(?:\/[^\s]+)?$/i;

/**
 * Finds a plug-in as Node would from the project's folder, and runs its code. TypeScript is read where the process
 * reads it already, or the project has tsx.
 * @throws {ManifestError} PLUGIN_UNREADABLE.
 */
export function readPlugin(source: PluginSource): PluginModule {
  const load = createRequire(join(source.folder, PROJECT_FILE));
  const file = isPath(source.name) ? findFile(source, load) : findPackage(source, load);
  const isTypeScript = TYPESCRIPT.test(file);
  const readsIt = isTypeScript && readTypeScript(load);
  try {
    const exports: unknown = load(file);
    return { source, file, exports };
  } catch (error) {
    if (isTypeScript && !readsIt && isNativeError(error) && error.name === "SyntaxError") {
      throw unreadable(
        source,
        "is TypeScript, which this process does not read",
        "`npm install --save-dev tsx`, or name the compiled file",
      );
    }
    throw unreadable(source, `cannot be loaded: ${blame(error, dirname(file))}`, loadingFix(error));
  }
}

function isPath(name: string): boolean {
  return /^\.{1,2}(?:[\\/]|$)/.test(name) || isAbsolute(name);
}

function findFile(source: PluginSource, load: NodeJS.Require): string {
  const path = resolve(source.folder, source.name);
  if (existsSync(path) && statSync(path).isFile()) return path;
  try {
    return load.resolve(path);
  } catch {
    throw existsSync(path)
      ? unreadable(
          source,
          "is a folder without an entry",
          "name the file itself, or `main` in its package.json",
        )
      : unreadable(source, "there is no such file", `check the path; it starts from ${start(source)}`);
  }
}

function start({ at }: PluginSource): string {
  return at.file === PROJECT_FILE ? `the folder of ${PROJECT_FILE}` : "the folder that the command runs in";
}

function findPackage(source: PluginSource, load: NodeJS.Require): string {
  const { name, folder } = source;
  const asFile = existsSync(join(folder, name)) ? `write ./${name} if you mean the file` : undefined;
  if (!PACKAGE.test(name))
    throw unreadable(source, "is neither a package's name nor a path", asFile ?? "start a path with ./");
  try {
    return load.resolve(name);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "MODULE_NOT_FOUND")
      throw unreadable(
        source,
        `has no entry for require(): ${blame(error, folder)}`,
        'its package.json needs `main`, or a "default" under `exports`',
      );
    throw unreadable(
      source,
      "is not installed in this project",
      asFile ?? `\`npm install ${PACKAGE.exec(name)?.[1] ?? name}\``,
    );
  }
}

/**
 * Lets the process read TypeScript by the project's tsx, which does not mind to be there already. False where the project
 * has none: the process may read TypeScript by other means, or not at all.
 */
function readTypeScript(load: NodeJS.Require): boolean {
  try {
    const { register } = load("tsx/cjs/api") as { readonly register: () => unknown };
    register();
    return true;
  } catch {
    return false;
  }
}

function loadingFix(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "MODULE_NOT_FOUND") return "`npm install` what it needs, beside it";
  if (code === "ERR_REQUIRE_ASYNC_MODULE") return "remove its top-level await: it is loaded by require()";
  return "correct it, or report it to those who made the plug-in";
}

function unreadable(source: PluginSource, message: string, fix: string): ManifestError {
  return new ManifestError([pluginIssue(source, "PLUGIN_UNREADABLE", message, { fix })]);
}
