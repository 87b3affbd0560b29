import { baseManifest, type Json, synth, type SynthInput } from "../support/synth";

export const ACCOUNT = "123456789012";
export const KEY = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
export const TOPIC = `arn:aws:sns:eu-west-1:${ACCOUNT}:oncall`;
const IMAGE = `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/fraud@sha256:${"a".repeat(64)}`;

export const PYTORCH: Json = { framework: "pytorch", inputs: { input0: [1, 3, 224, 224] } };

export interface Given {
  /** `model.optimize.neo`; default {@link PYTORCH}. */
  readonly neo?: Json;
  readonly model?: Json;
  readonly instanceType?: string;
  readonly changes?: Json;
}

/** A manifest whose model is compiled; the key and the topic exist, so that their ARNs are spelled out. */
export function manifest({
  neo = PYTORCH,
  model = {},
  instanceType = "ml.c5.xlarge",
  changes = {},
}: Given = {}): Json {
  return baseManifest({
    account: ACCOUNT,
    security: { kmsKeyArn: KEY },
    observability: { notify: TOPIC },
    resources: { cpu: 2, memory: "4Gi" },
    model: { image: IMAGE, artifact: "s3://models/fraud/v1/model.tar.gz", optimize: { neo }, ...model },
    target: "sagemaker-realtime",
    targets: { "sagemaker-realtime": { instanceType } },
    // There is none on these, which is warned of.
    ...(instanceType.startsWith("ml.inf1.") ? { rollout: { rollback: false } } : {}),
    ...changes,
  });
}

export interface Stacks {
  readonly foundation: Json;
  readonly endpoint: Json;
}

export function stacks(given: Given = {}, more: SynthInput = {}): Stacks {
  const written = synth({ manifest: manifest(given), ...more });
  return { foundation: written.stack("foundation"), endpoint: written.stack("sagemaker-realtime") };
}

export function resource(stack: Json, type: string, id: string): Json {
  const found = (stack.resource as Readonly<Record<string, Json>>)[type]?.[id] as Json | undefined;
  if (found === undefined) throw new Error(`no ${type}.${id}`);
  return found;
}

export function definition(foundation: Json): Json {
  const { definition: text } = resource(foundation, "aws_sfn_state_machine", "neo-state-machine");
  return JSON.parse(text as string) as Json;
}

/** Parameters of the compilation job. */
export function job(foundation: Json): Json {
  return (definition(foundation).States as Json).Compile.Parameters as Json;
}

/** Address of the model's data, as the endpoint's stack writes it. */
export function modelDataUrl(endpoint: Json): string {
  return resource(endpoint, "aws_sagemaker_model", "model").primary_container.model_data_url as string;
}

export const BUCKET = "${data.terraform_remote_state.foundation.outputs.bucket_name}";
