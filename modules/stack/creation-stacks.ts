/**
 * Runs something that makes many cdktf tokens. Each token writes down the whole call stack that it was made in, which
 * takes a third of the time of a synthesis, for error messages that a checked plan never leads to. Meanwhile those
 * records stay empty; the stacks of real errors read as ever.
 */
export function withoutCreationStacks<T>(make: () => T): T {
  const before = Error.prepareStackTrace;
  Error.prepareStackTrace = (error, frames) => {
    // cdktf captures into an object that is no error.
    if (!(error instanceof Error)) return "";
    return before === undefined
      ? [String(error), ...frames.map((frame) => `    at ${String(frame)}`)].join("\n")
      : (before(error, frames) as unknown);
  };
  try {
    return make();
  } finally {
    if (before === undefined) Reflect.deleteProperty(Error, "prepareStackTrace");
    else Error.prepareStackTrace = before;
  }
}
