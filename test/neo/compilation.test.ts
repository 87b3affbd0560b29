import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BUCKET, definition, type Given, manifest, modelDataUrl, PYTORCH, resource, stacks } from "./support";
import { synth } from "../support/synth";

const keyOf = (given: Given = {}) => modelDataUrl(stacks(given).endpoint).slice(`s3://${BUCKET}/`.length);

describe("where the endpoint finds the compiled model", () => {
  const base = keyOf();

  test("is known before it exists, and is where the state machine looks for it", () => {
    expect(base).toMatch(/^sagemaker-realtime\/neo\/[0-9a-f]{16}\/model-ml_c5\.tar\.gz$/);
    expect(definition(stacks().foundation).States.LookBefore.Parameters.Prefix).toBe(base);
    expect(stacks().foundation.output.sagemaker_realtime_compiled_model_uri.value).toBe(
      `s3://\${aws_s3_bucket.data.bucket}/${base}`,
    );
  });

  test.each<readonly [string, Given]>([
    ["artifact", { model: { artifact: "s3://models/fraud/v2/model.tar.gz" } }],
    ["framework", { neo: { ...PYTORCH, framework: "onnx" } }],
    ["version", { neo: { ...PYTORCH, frameworkVersion: "2.0" } }],
    ["inputs", { neo: { ...PYTORCH, inputs: { input0: [8, 3, 224, 224] } } }],
    ["order of its inputs", { neo: { ...PYTORCH, inputs: { a: [1], input0: [1, 3, 224, 224] } } }],
    ["options", { neo: { ...PYTORCH, compilerOptions: { dtype: "float32" } } }],
    ["device", { instanceType: "ml.m5.xlarge" }],
  ])("changes with its %s", (_, given) => {
    expect(keyOf(given)).not.toBe(base);
  });

  test.each<readonly [string, Given]>([
    ["the size of the instances", { instanceType: "ml.c5.4xlarge" }],
    ["the device, where it is what it was by default", { neo: { ...PYTORCH, device: "ml_c5" } }],
    ["the time that it may take", { neo: { ...PYTORCH, timeout: "1h" } }],
    ["the number of instances", { changes: { scaling: { min: 3, max: 9 } } }],
  ])("does not change with %s", (_, given) => {
    expect(keyOf(given)).toBe(base);
  });

  test("is named after the archive that went in", () => {
    expect(keyOf({ model: { artifact: "s3://models/resnet18.tar.gz" } })).toMatch(
      /\/resnet18-ml_c5\.tar\.gz$/,
    );
    expect(keyOf({ model: { artifact: "s3://models/a.b/resnet-1.5.tar.gz" } })).toMatch(
      /\/resnet-1\.5-ml_c5\.tar\.gz$/,
    );
  });

  test("makes another model and another configuration, with the same endpoint", () => {
    const [before, after] = [stacks(), stacks({ neo: { ...PYTORCH, frameworkVersion: "2.0" } })].map(
      ({ endpoint }) => ({
        model: resource(endpoint, "aws_sagemaker_model", "model").name as string,
        configuration: resource(endpoint, "aws_sagemaker_endpoint_configuration", "endpoint-configuration")
          .name as string,
        endpoint: resource(endpoint, "aws_sagemaker_endpoint", "endpoint").name as string,
      }),
    );
    expect(after?.model).not.toBe(before?.model);
    expect(after?.configuration).not.toBe(before?.configuration);
    expect(after?.endpoint).toBe(before?.endpoint);
  });
});

describe("a local artifact", () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "neo-"));
    mkdirSync(join(directory, "model"));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const withWeights = (weights: string) => {
    writeFileSync(join(directory, "model", "model.pth"), weights);
    const written = synth({ manifest: manifest({ model: { artifact: "model" } }), directory });
    return { foundation: written.stack("foundation"), endpoint: written.stack("sagemaker-realtime") };
  };

  test("is uploaded by the foundation, which compiles it, and not by the endpoint's stack", () => {
    const { foundation, endpoint } = withWeights("one");
    const source = resource(foundation, "aws_s3_object", "neo-source");
    expect(source).toMatchObject({
      bucket: "${aws_s3_bucket.data.bucket}",
      key: expect.stringMatching(/^sagemaker-realtime\/neo\/source\/[0-9a-f]{16}\/model\.tar\.gz$/),
      source: expect.stringMatching(/^assets\/[0-9a-f]{16}\/model\.tar\.gz$/),
      lifecycle: { create_before_destroy: true },
    });
    expect(definition(foundation).States.Compile.Parameters.InputConfig.S3Uri).toBe(
      `s3://\${aws_s3_bucket.data.bucket}/${source.key as string}`,
    );
    expect(resource(foundation, "aws_sfn_state_machine", "neo-state-machine").depends_on).toContain(
      "aws_s3_object.neo-source",
    );
    expect(endpoint.resource.aws_s3_object).toBeUndefined();
    expect(modelDataUrl(endpoint)).toMatch(/\/model-ml_c5\.tar\.gz$/);
  });

  test("is compiled again when its content changes, and only then", () => {
    const [one, two, again] = ["one", "two", "one"].map((weights) =>
      modelDataUrl(withWeights(weights).endpoint),
    );
    expect(two).not.toBe(one);
    expect(again).toBe(one);
  });
});
