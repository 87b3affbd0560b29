import type { EnvironmentPlan } from "./plan";

/**
 * How keys of a deployment start: with its name in a bucket that the manifest gives or that a shared foundation has, where
 * others keep theirs too; with nothing in one that is its own.
 */
export function storagePrefix({
  name,
  environment,
  foundation,
  storage,
}: Pick<EnvironmentPlan, "name" | "environment" | "foundation" | "storage">): string {
  return storage.bucket === null && foundation === null ? "" : `${name}-${environment}/`;
}
