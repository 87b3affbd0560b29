import type { Issue } from "../../../modules/issues/issue";
import { lambda } from "../../../targets/lambda";
import { baseManifest, issues, type Json, resolve, synth, type SynthInput } from "../../support/synth";

export const NAME = "fraud-scorer-default-lambda";
export const KEY = "${data.terraform_remote_state.foundation.outputs.key_arn}";
export const ACCOUNT = "${data.terraform_remote_state.foundation.outputs.account_id}";

/** A manifest for Lambda: the target's options, and changes at the top level. */
export function input(options: Json = {}, changes: Json = {}): SynthInput {
  return {
    manifest: baseManifest({ targets: { lambda: options }, ...changes }),
    target: "lambda",
    registry: [lambda],
  };
}

export function stackOf(options: Json = {}, changes: Json = {}): Json {
  return synth(input(options, changes)).stack("lambda");
}

export function findings(options: Json = {}, changes: Json = {}): readonly Issue[] {
  return issues(input(options, changes));
}

export function codes(options: Json = {}, changes: Json = {}): readonly string[] {
  return findings(options, changes).map(({ code }) => code);
}

/** The only deployment's needs of the foundation. */
export function needs(options: Json = {}, changes: Json = {}) {
  const [deployment] = resolve(input(options, changes)).deployments;
  if (deployment === undefined) throw new Error("the manifest was refused");
  return deployment.needs;
}

export const TRACKING: Json = {
  type: "target-tracking",
  metric: "provisioned-concurrency-utilization",
  target: 70,
};
export const MORNING: Json = {
  type: "scheduled",
  cron: "0 8 ? * MON-FRI *",
  timezone: "Europe/Dublin",
  min: 4,
  max: 12,
};
export const EVENING: Json = { type: "scheduled", cron: "0 20 ? * MON-FRI *", min: 0, max: 0 };

export function scaling(min: number, max: number, ...policies: readonly Json[]): Json {
  return { scaling: { min, max, policies } };
}

export function statements(stack: Json): readonly Json[] {
  const policies = Object.values((stack.resource as Json).aws_iam_role_policy as Json) as Json[];
  const [policy] = policies;
  if (policies.length !== 1 || policy === undefined) throw new Error(`${policies.length} policies`);
  return (JSON.parse(policy.policy as string) as { Statement: Json[] }).Statement;
}
