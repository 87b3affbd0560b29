import { baseManifest, type Json, synth, type SynthInput } from "../../support/synth";

export const ACCOUNT = "123456789012";
export const KEY = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
export const TOPIC = `arn:aws:sns:eu-west-1:${ACCOUNT}:oncall`;

/** A manifest that needs no foundation, so that every ARN is spelled out. */
export function manifest(options: Json = {}, changes: Json = {}): Json {
  return baseManifest({
    account: ACCOUNT,
    security: { kmsKeyArn: KEY },
    observability: { notify: TOPIC },
    target: "sagemaker-batch",
    targets: { "sagemaker-batch": { input: "s3://in/data/", output: "s3://out/", ...options } },
    ...changes,
  });
}

export function batch(options: Json = {}, changes: Json = {}, more: SynthInput = {}): Json {
  return synth({ manifest: manifest(options, changes), ...more }).stack("sagemaker-batch");
}

export function resource(stack: Json, type: string, id: string): Json {
  const found = (stack.resource as Json)[type]?.[id] as Json | undefined;
  if (found === undefined) throw new Error(`no ${type}.${id}`);
  return found;
}

export function definition(stack: Json): Json {
  return JSON.parse(resource(stack, "aws_sfn_state_machine", "state-machine").definition as string) as Json;
}

export function job(stack: Json): Json {
  return definition(stack).States.Transform.Parameters as Json;
}

export function policy(stack: Json, id: string): readonly Json[] {
  const text = resource(stack, "aws_iam_role_policy", `${id}-policy`).policy as string;
  return (JSON.parse(text) as Json).Statement as readonly Json[];
}

export function trust(stack: Json, id: string): Json {
  const text = resource(stack, "aws_iam_role", id).assume_role_policy as string;
  return (JSON.parse(text) as Json).Statement[0] as Json;
}
