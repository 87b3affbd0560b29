import { join, relative } from "node:path";
import { LOCK_COMMAND, makeLock } from "../modules/scaffold/lock";
import { modelName } from "../modules/scaffold/model-name";
import { scaffold } from "../modules/scaffold/scaffold";
import { targets } from "../targets";
import { type CommonOptions, EXIT, Output } from "./output";

export interface InitOptions extends CommonOptions {
  readonly name?: string;
  readonly force?: boolean;
  /** False with `--no-lock`. */
  readonly lock?: boolean;
}

/** `modelport init`: a project of manifest, cdktf app and CI workflow, ready for `npm ci`. */
export async function init(dir: string, options: InitOptions): Promise<number> {
  const output = new Output(options);
  const here = relative("", dir) === "";
  const name = modelName(options.name, dir);
  const { written, obstacles } = scaffold({ dir, name, force: options.force ?? false, registry: targets });
  if (written === undefined) {
    output.error(
      `${here ? "this folder" : dir} has files of these names already; nothing was written\n` +
        obstacles.map((obstacle) => `  ${obstacle}\n`).join("") +
        "  fix: choose another folder, or overwrite with --force",
    );
    return EXIT.input;
  }
  for (const file of written) output.result(join(dir, file));
  if (options.lock ?? true) {
    if (process.stderr.isTTY) output.note("asking npm for a lock file ...");
    const failure = await makeLock(dir);
    if (failure === null) output.result(join(dir, "package-lock.json"));
    else
      output.note(
        `warning: no lock file: ${failure}\n  fix: run \`${LOCK_COMMAND}\` in ${dir}, and commit it`,
      );
  }
  const steps = [
    ...(here ? [] : [`cd ${dir}`]),
    options.lock === false ? "npm install" : "npm ci",
    "npx modelport validate modelport.yaml",
    "npx cdktf synth",
  ];
  output.note(
    `\nThe model is named ${name}. Put your image into modelport.yaml; what is left to do:\n` +
      steps.map((step) => `  ${step}\n`).join(""),
  );
  return EXIT.ok;
}
