import { baseManifest, type Json, only, synth } from "../support/synth";
import { ACCOUNT } from "../support/foundation";

const KEY = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/1234abcd`;
const TOPIC = `arn:aws:sns:eu-west-1:${ACCOUNT}:oncall`;
const output = (name: string) => `\${data.terraform_remote_state.foundation.outputs.${name}}`;
const stacks = (changes: Json) => synth({ manifest: baseManifest(changes), target: "sagemaker-realtime" });

describe("what exists is used", () => {
  const given = stacks({ account: ACCOUNT, security: { kmsKeyArn: KEY }, observability: { notify: TOPIC } });

  test("and where nothing is left to create, there is no foundation", () => {
    expect(Object.keys(given.stacks)).toEqual(["fraud-scorer-default-sagemaker-realtime"]);
    const stack = given.stack("sagemaker-realtime");
    expect(stack.data).toBeUndefined();
    expect(only(stack, "aws_cloudwatch_log_group").kms_key_id).toBe(KEY);
    expect(only(stack, "aws_cloudwatch_metric_alarm").alarm_actions).toEqual([TOPIC]);
  });

  test("the key alone leaves the topic to the foundation", () => {
    const partly = stacks({ account: ACCOUNT, security: { kmsKeyArn: KEY } });
    const foundation = partly.stack("foundation");
    expect(Object.keys(foundation.resource as object)).toEqual(["aws_sns_topic", "aws_sns_topic_policy"]);
    expect(only(foundation, "aws_sns_topic").kms_master_key_id).toBe(KEY);
  });
});

describe("what does not exist is read from the foundation", () => {
  const stack = stacks({}).stack("sagemaker-realtime");

  test("through its state", () => {
    expect((stack.data as Json).terraform_remote_state.foundation).toEqual({
      backend: "local",
      config: { path: "../../../terraform.fraud-scorer-default-foundation.tfstate" },
    });
    expect(only(stack, "aws_cloudwatch_log_group").kms_key_id).toBe(output("key_arn"));
    expect(only(stack, "aws_cloudwatch_metric_alarm").ok_actions).toEqual([output("topic_arn")]);
  });

  test("the registry and the digest of a built image", () => {
    const built = synth({
      manifest: baseManifest({ model: { build: { context: "test/support" } } }),
      target: "sagemaker-realtime",
    });
    const { primary_container: container } = only(built.stack("sagemaker-realtime"), "aws_sagemaker_model");
    expect((container as Json).image).toBe(`${output("registry_url")}@\${var.image_digest}`);
    expect((built.stack("sagemaker-realtime").variable as Json).image_digest).toEqual({
      type: "string",
      nullable: false,
      description: "Digest of the container image that was built and pushed, sha256:<64 hex digits>.",
      validation: [
        {
          condition: '${length(var.image_digest) == 71 && substr(var.image_digest, 0, 7) == "sha256:"}',
          error_message: "The image digest must be sha256: and 64 hex digits, as the registry shows it.",
        },
      ],
    });
  });
});

test("no alarms, no topic", () => {
  const synthesized = stacks({ observability: { alarms: false } });
  expect(Object.keys(synthesized.stacks)).toContain("fraud-scorer-default-foundation");
  expect(Object.keys(synthesized.stack("foundation").resource as object)).not.toContain("aws_sns_topic");
  expect(Object.keys(synthesized.stack("sagemaker-realtime").resource as object)).not.toContain(
    "aws_cloudwatch_metric_alarm",
  );
});
