import { baseManifest, errorCodes, issues, synth, type Json, type Synthesized } from "../../support/synth";

export const IMAGE = `123456789012.dkr.ecr.eu-west-1.amazonaws.com/loader@sha256:${"b".repeat(64)}`;

/** The base manifest with options of the target and changes at the top level. */
export function manifest(options: Json = {}, changes: Json = {}): Json {
  return baseManifest({ target: "eks", targets: { eks: options }, ...changes });
}

/** Options of an existing cluster, and the account that they need. */
export function existing(options: Json = {}, changes: Json = {}): Json {
  return manifest({ cluster: "shared", ...options }, { account: "123456789012", ...changes });
}

export const model = (changes: Json): Json => ({ model: { ...(baseManifest().model as Json), ...changes } });

export function stacks(value: Json): Synthesized {
  return synth({ manifest: value });
}

export function workload(value: Json): Json {
  return stacks(value).stack("eks");
}

export function foundation(value: Json): Json {
  return stacks(value).stack("foundation");
}

export function codes(value: Json): readonly string[] {
  return errorCodes({ manifest: value });
}

export function warnings(value: Json): readonly string[] {
  return issues({ manifest: value }).flatMap(({ severity, code }) => (severity === "warning" ? [code] : []));
}

export function resource(stack: Json, type: string, name: string): Json {
  const found = (stack.resource as Json)[type] as Json | undefined;
  if (found?.[name] === undefined) throw new Error(`no ${type}.${name}`);
  return found[name] as Json;
}

export function names(stack: Json, type: string): readonly string[] {
  return Object.keys(((stack.resource as Json)[type] ?? {}) as Json).sort();
}

export function podOf(stack: Json): Json {
  return resource(stack, "kubernetes_deployment_v1", "deployment").spec.template.spec as Json;
}

export function policyOf(stack: Json, name: string): Json {
  return JSON.parse(resource(stack, "aws_iam_role_policy", name).policy as string) as Json;
}

export function trustOf(stack: Json, name: string): Json {
  return JSON.parse(resource(stack, "aws_iam_role", name).assume_role_policy as string) as Json;
}
