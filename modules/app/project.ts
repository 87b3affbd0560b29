import { accessSync, constants, mkdirSync } from "node:fs";
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
