import { types } from "node:util";

/** `Error.prepareStackTrace`, which is absent unless someone sets it. */
interface Hooks {
  prepareStackTrace?: ((error: Error, frames: NodeJS.CallSite[]) => unknown) | undefined;
}

/**
 * Runs something that makes many cdktf tokens. Each token writes down the whole call stack that it was made in, which
 * takes a third of the time of a synthesis, for error messages that a checked plan never leads to. Meanwhile those
 * records stay empty; the stacks of real errors read as ever.
 */
export function withoutCreationStacks<T>(make: () => T): T {
  const hooks: Hooks = Error;
  const before = hooks.prepareStackTrace;
  hooks.prepareStackTrace = (error, frames) => {
    // cdktf captures into an object that is no error.
    if (!types.isNativeError(error)) return "";
    if (before !== undefined) return before(error, frames);
    return [String(error), ...frames.map((frame) => `    at ${describeFrame(frame)}`)].join("\n");
  };
  try {
    return make();
  } finally {
    if (before === undefined) Reflect.deleteProperty(hooks, "prepareStackTrace");
    else hooks.prepareStackTrace = before;
  }
}

function describeFrame(frame: NodeJS.CallSite): string {
  const place = `${frame.getFileName() ?? "<anonymous>"}:${frame.getLineNumber() ?? 0}:${frame.getColumnNumber() ?? 0}`;
  const name = frame.getFunctionName();
  return name === null ? place : `${name} (${place})`;
}
