import { TerraformStack, Testing } from "cdktf";
import { localState, s3State, type StateBackend } from "../../modules/stack/state";
import type { Json } from "../support/synth";

function synthesized(state: StateBackend): Json {
  const stack = new TerraformStack(Testing.app(), "one");
  state.configure(stack, "one");
  state.read(stack, "foundation", "two");
  return JSON.parse(Testing.synth(stack)) as Json;
}

describe("state", () => {
  test("in files has the same path on every machine", () => {
    const { terraform, data } = synthesized(localState());
    expect(terraform).toEqual({ backend: { local: { path: "../../../terraform.one.tfstate" } } });
    expect(data).toEqual({
      terraform_remote_state: {
        foundation: { backend: "local", config: { path: "../../../terraform.two.tfstate" } },
      },
    });
  });

  test("in S3 is encrypted and locked", () => {
    const { terraform, data } = synthesized(s3State({ bucket: "states", region: "eu-west-1" }));
    expect(terraform).toEqual({
      backend: {
        s3: {
          bucket: "states",
          region: "eu-west-1",
          key: "modelport/one.tfstate",
          encrypt: true,
          use_lockfile: true,
        },
      },
    });
    expect((data as Json).terraform_remote_state.foundation).toEqual({
      backend: "s3",
      config: { bucket: "states", region: "eu-west-1", key: "modelport/two.tfstate", encrypt: true },
    });
  });

  test("in S3 takes a prefix and a key", () => {
    const options = { bucket: "states", region: "eu-west-1", prefix: "ml", kmsKeyId: "alias/states" };
    const { s3 } = (synthesized(s3State(options)).terraform as Json).backend as Json;
    expect(s3).toMatchObject({ key: "ml/one.tfstate", kms_key_id: "alias/states" });
  });
});
