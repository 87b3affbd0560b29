import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { baseManifest, errorCodes, only, synth, type Json } from "../support/synth";

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

// Names that ECR, EC2 or S3 would refuse in what is made of them.
test.each([
  ["a--b", {}, ["FORMAT"]],
  ["sg-fraud", {}, ["FORMAT"]],
  ["sthree-fraud", {}, ["FORMAT"]],
  ["sgfraud", {}, []],
  ["a-b-c", { "a-b": {} }, []],
])("the name %s, with the environments %j", (name, environments, expected) => {
  expect(errorCodes({ manifest: baseManifest({ name, environments }), target: "lambda" })).toEqual(expected);
});
