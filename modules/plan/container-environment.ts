import type { EnvironmentPlan } from "./plan";

/** Name of the variable that carries a secret's ARN, where a target cannot inject the secret itself. */
export function secretVariable(name: string): string {
  return `${name}_SECRET_ARN`;
}

/** Variables of a container that reads its secrets itself: the manifest's own, and the ARNs of the secrets. */
export function containerEnvironment({
  environment,
  secrets,
}: Pick<EnvironmentPlan["model"], "environment" | "secrets">): Record<string, string> {
  const references = Object.entries(secrets).map(([name, arn]) => [secretVariable(name), arn] as const);
  return { ...environment, ...Object.fromEntries(references) };
}
