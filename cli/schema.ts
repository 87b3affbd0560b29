import { type Draft, manifestJsonSchema } from "../modules/manifest/json-schema";
import { targets } from "../targets";
import { type CommonOptions, EXIT, Output } from "./output";

/** `modelport schema`: the manifest's JSON Schema on stdout. */
export function schema(options: CommonOptions & { readonly draft: Draft }): number {
  new Output(options).result(JSON.stringify(manifestJsonSchema(targets, options.draft), null, 2));
  return EXIT.ok;
}
