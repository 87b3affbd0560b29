import { DefaultTokenResolver, StringConcat, Tokenization } from "cdktf";
import { shortHash } from "./names";
import type { ModelStack } from "./model-stack";

/**
 * A hash of a resource's configuration as it will be written, references included: for the names of resources that
 * cannot be changed in place and are replaced under a new name.
 */
export function contentHash(stack: ModelStack, configuration: unknown): string {
  const resolved: unknown = Tokenization.resolve(configuration, {
    scope: stack,
    resolver: new DefaultTokenResolver(new StringConcat()),
    preparing: false,
  });
  return shortHash(JSON.stringify(resolved));
}
