import { UNKNOWN, type ValueMap } from "../../modules/offline/msgpack";
import { contextOf, fillBlock, makeValue } from "../../modules/offline/values";
import type { Block, CtyType } from "../../modules/offline/schema";

const make = (type: string, known: ValueMap, path: string, of: CtyType = "string"): unknown =>
  makeValue(of, contextOf(type, known, "eu-west-1"), path);

test.each([
  ["aws_lambda_function", { function_name: "f" }, "arn", "arn:aws:lambda:eu-west-1:123456789012:function:f"],
  [
    "aws_lambda_function",
    { function_name: "f" },
    "qualified_arn",
    "arn:aws:lambda:eu-west-1:123456789012:function:f:1",
  ],
  ["aws_iam_role", { name: "r" }, "arn", "arn:aws:iam::123456789012:role/r"],
  ["aws_s3_bucket", { bucket: "b" }, "arn", "arn:aws:s3:::b"],
  ["aws_s3_bucket", { bucket: "b" }, "id", "b"],
  ["aws_sagemaker_model", { name: "m" }, "arn", "arn:aws:sagemaker:eu-west-1:123456789012:model/m"],
  [
    "aws_ecr_repository",
    { name: "a/b" },
    "repository_url",
    "123456789012.dkr.ecr.eu-west-1.amazonaws.com/a/b",
  ],
  ["aws_sns_topic", { name: "t" }, "id", "arn:aws:sns:eu-west-1:123456789012:t"],
  ["kubernetes_deployment_v1", { metadata: [{ name: "d", namespace: "n" }] }, "id", "n/d"],
  ["aws_vpc", { cidr_block: "10.1.0.0/16" }, "owner_id", "123456789012"],
])("%s %p: %s is %s", (type, known, path, expected) => expect(make(type, known, path)).toBe(expected));

test.each([
  ["aws_vpc", "id", /^vpc-[0-9a-f]{17}$/],
  ["aws_kms_key", "id", /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/],
  ["aws_lb", "dns_name", /^[0-9a-f]+\.example\.com$/],
  ["docker_image", "image_id", /^sha256:[0-9a-f]{64}$/],
  ["aws_lambda_function_url", "function_url", /^https:\/\/[0-9a-f]{32}\.lambda-url\.eu-west-1\.on\.aws\/$/],
])("%s: %s looks like %p", (type, path, shape) => expect(make(type, {}, path)).toMatch(shape));

test("a certificate can be decoded", () => {
  const encoded = make("aws_eks_cluster", { name: "c" }, "certificate_authority.0.data");
  expect(Buffer.from(String(encoded), "base64").toString()).toMatch(/^[0-9a-f]+$/);
});

test("collections get one element, maps none", () => {
  const object: CtyType = ["object", { arn: "string", ready: "bool", port: "number" }];
  expect(make("aws_lb", { name: "l" }, "listeners", ["list", object])).toMatchObject([
    { ready: false, port: 443 },
  ]);
  expect(make("aws_lb", {}, "tags", ["map", "string"])).toEqual({});
});

test("values depend on what is known, and on nothing else", () => {
  expect(make("aws_vpc", { a: "1" }, "id")).toBe(make("aws_vpc", { a: "1" }, "id"));
  expect(make("aws_vpc", { a: "1" }, "id")).not.toBe(make("aws_vpc", { a: "2" }, "id"));
  expect(make("aws_vpc", { a: "1" }, "x_id")).not.toBe(make("aws_vpc", { a: "1" }, "y_id"));
});

test("only unknowns are filled in", () => {
  const flags = { required: false, optional: true, computed: true, sensitive: false, writeOnly: false };
  const block: Block = {
    attributes: [
      { name: "name", type: "string", ...flags },
      { name: "tags", type: ["map", "string"], ...flags },
    ],
    blocks: [],
  };
  const context = contextOf("aws_iam_role", { name: "r" }, "eu-west-1");
  expect(fillBlock(block, { name: null, tags: { a: UNKNOWN, b: "c" } }, context, "")).toMatchObject({
    name: null,
    tags: { b: "c" },
  });
  expect(fillBlock(block, { name: UNKNOWN, tags: null }, context, "")).toEqual({ name: "r", tags: null });
});
