import { projectRegistry } from "../modules/app/registry";
import { type Draft, manifestJsonSchema } from "../modules/manifest/json-schema";
import { type CommonOptions, EXIT, Output, type PluginOptions } from "./output";

export interface SchemaOptions extends CommonOptions, PluginOptions {
  readonly draft: Draft;
}

/** `modelport schema`: the manifest's JSON Schema on stdout. */
export function schema(options: SchemaOptions): number {
  new Output(options).result(
    JSON.stringify(manifestJsonSchema(projectRegistry(options.plugin), options.draft), null, 2),
  );
  return EXIT.ok;
}
