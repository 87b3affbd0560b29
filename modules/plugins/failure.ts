import { isAbsolute, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { isNativeError } from "node:util/types";
import { show } from "../issues/issue";

/**
 * What a plug-in's code threw, on one line: its kind, its first line, and the place in the plug-in.
 * @param folder absolute folder of the plug-in's code.
 */
export function blame(error: unknown, folder: string): string {
  if (!isNativeError(error)) return `it threw ${show(error)}`;
  const [first = ""] = error.message.split("\n");
  const said = `${error.name}: ${first}`;
  const place = placeIn(error.stack ?? "", folder);
  return place === undefined ? said : `${said}, at ${place}`;
}

/** The innermost frame of a stack that lies in a folder, as `file:line:column` from the working directory. */
function placeIn(stack: string, folder: string): string | undefined {
  const frames = stack.split("\n").flatMap((line) => {
    const [, path, position] = /^\s*at .*?\(?((?:file:\/\/)?[^\s()]+):(\d+:\d+)\)?$/.exec(line) ?? [];
    return path === undefined || position === undefined ? [] : [{ path: withoutScheme(path), position }];
  });
  const frame = frames.find(({ path }) => isBelow(folder, path));
  return frame === undefined ? undefined : `${relative("", frame.path)}:${frame.position}`;
}

function withoutScheme(path: string): string {
  return path.startsWith("file://") ? fileURLToPath(path) : path;
}

function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return !way.startsWith("..") && !isAbsolute(way);
}
