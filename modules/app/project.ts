import { accessSync, constants, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ManifestError } from "../issues/issue";

/** The project's settings, which cdktf reads too. */
export const PROJECT_FILE = "cdktf.json";

/** What is wrong with the project's settings, for the user. */
export function projectError(message: string, path = ""): ManifestError {
  return new ManifestError([
    {
      file: PROJECT_FILE,
      line: 0,
      column: 0,
      path,
      code: "PROJECT_FILE",
      severity: "error",
      message,
      fix: "compare it with the one that `modelport init` writes",
    },
  ]);
}

/**
 * `context` of `cdktf.json` in the working directory, which cdktf's own command line would pass on; empty where there
 * is none.
 * @throws {ManifestError} where the file is no JSON object.
 */
export function projectContext(): Readonly<Record<string, unknown>> {
  if (!existsSync(PROJECT_FILE)) return {};
  const project = parse(readFileSync(PROJECT_FILE, "utf8")) as { context?: unknown } | null | undefined;
  if (typeof project !== "object" || project === null) throw projectError("is no JSON object");
  const { context } = project;
  return typeof context === "object" && context !== null ? (context as Record<string, unknown>) : {};
}

/** `undefined` where the text is not JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Makes the folder that stacks are written to, with those above it. @throws {ManifestError} where it cannot. */
export function makeOutputFolder(folder: string): void {
  try {
    mkdirSync(join(folder, "stacks"), { recursive: true });
    accessSync(join(folder, "stacks"), constants.W_OK);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
    throw new ManifestError([
      {
        file: folder,
        line: 0,
        column: 0,
        path: "",
        code: "OUTPUT_UNWRITABLE",
        severity: "error",
        message: `cannot be written (${code})`,
        fix: "name another folder with --out, or check its permissions",
      },
    ]);
  }
}
