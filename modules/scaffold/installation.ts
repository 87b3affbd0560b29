import { existsSync, readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { version } from "../../package.json";

/** The folder of the running modelport: where its templates are. */
export function packageFolder(): string {
  let folder = __dirname;
  while (!existsSync(join(folder, "templates", "modelport.yaml"))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error("modelport's templates are not where they should be");
    folder = parent;
  }
  return folder;
}

/**
 * How a project in `dir` depends on the running modelport: by version, or, where it was not installed from a registry,
 * by where it came from.
 * @param root folder of the running modelport.
 */
export function dependencyOn(root: string, dir: string): string {
  const modules = dirname(root);
  // A checkout, or a link to one.
  if (basename(modules) !== "node_modules") return `file:${relativePath(dir, root)}`;
  const lock = join(modules, ".package-lock.json");
  const resolved = existsSync(lock) ? resolvedIn(readFileSync(lock, "utf8")) : undefined;
  if (resolved === undefined) return version;
  if (resolved.startsWith("file:")) {
    return `file:${relativePath(dir, resolve(dirname(modules), resolved.slice("file:".length)))}`;
  }
  return /^https?:.*\/modelport\/-\/modelport-[^/]+\.tgz$/.test(resolved) ? version : resolved;
}

/** Where npm's record of an installation says that modelport came from; absent for a registry that is not recorded. */
function resolvedIn(lock: string): string | undefined {
  const { packages } = JSON.parse(lock) as { packages?: Record<string, { resolved?: string } | undefined> };
  return packages?.["node_modules/modelport"]?.resolved;
}

/** npm follows links on the way to the project, so that the path must start from the real folder. */
function relativePath(dir: string, to: string): string {
  const target = existsSync(to) ? realpathSync(to) : to;
  return relative(realFolder(resolve(dir)), target)
    .split(sep)
    .join("/");
}

/** The real path of a folder that may not exist yet. */
function realFolder(dir: string): string {
  if (existsSync(dir)) return realpathSync(dir);
  const parent = dirname(dir);
  return parent === dir ? dir : join(realFolder(parent), basename(dir));
}
