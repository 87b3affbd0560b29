import { type Draft, manifestJsonSchema } from "../modules/manifest/json-schema";
import { targets } from "../targets";
import { type CommonOptions, EXIT, Output } from "./output";

export interface SchemaOptions extends CommonOptions {
  readonly draft: Draft;
}

/** `modelport schema`: the manifest's JSON Schema on stdout. */
export function schema(options: SchemaOptions): number {
  new Output(options).result(JSON.stringify(manifestJsonSchema(targets, options.draft), null, 2));
  return EXIT.ok;
}
