import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { baseManifest, only, synth, type Json } from "../support/synth";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "modelport-"));
  mkdirSync(join(directory, "model"));
  writeFileSync(join(directory, "model", "weights"), "1");
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const local = (changes: Json = {}) =>
  synth({
    manifest: baseManifest({ model: { ...baseManifest().model, artifact: "model" }, ...changes }),
    target: "sagemaker-realtime",
    directory,
  });

test("a bucket is logged only after the log bucket's policy lets the log in", () => {
  expect(only(local().stack("foundation"), "aws_s3_bucket_logging")).toMatchObject({
    bucket: "${aws_s3_bucket.data.bucket}",
    target_bucket: "${aws_s3_bucket.logs.bucket}",
    depends_on: ["aws_s3_bucket_policy.logs-policy"],
  });
});

const tags = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`tag-${index}`, "x"]));

test("an object takes ten tags; with more than that it goes without", () => {
  const object = (count: number) =>
    only(local({ tags: tags(count) }).stack("sagemaker-realtime"), "aws_s3_object");
  expect(object(7)).not.toHaveProperty("override_provider");
  expect(object(8).override_provider).toEqual({ default_tags: { tags: {} } });
});

// What ECR, EC2 and S3 refuse in a name is mended in their own names only.
test.each([
  ["fraud", "fraud/default", "fraud-default-sagemaker-realtime", /^fraud-default-data-/],
  ["a--b", "a-b-90827a/default", "a--b-default-sagemaker-realtime", /^a--b-default-data-/],
  ["sg-fraud", "sg-fraud/default", "model-sg-fraud-default-sagemaker-realtime", /^sg-fraud-default-data-/],
  [
    "sthree-fraud",
    "sthree-fraud/default",
    "sthree-fraud-default-sagemaker-realtime",
    /^model-sthree-fraud-default-data-/,
  ],
])("the name %s", (name, repository, group, bucket) => {
  const manifest = baseManifest({
    name,
    account: "123456789012",
    model: { build: { context: "examples/onnx/server" } },
    network: { vpcId: "vpc-0a1b2c3d", subnetIds: ["subnet-0a1b2c3d"] },
    observability: { dataCapture: 10 },
  });
  const made = synth({ manifest, target: "sagemaker-realtime" });
  expect(only(made.stack("foundation"), "aws_ecr_repository").name).toBe(repository);
  expect(only(made.stack("sagemaker-realtime"), "aws_security_group").name).toBe(group);
  expect((made.stack("foundation").resource.aws_s3_bucket as Json).data.bucket).toMatch(bucket);
});
