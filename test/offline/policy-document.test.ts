import { renderPolicyDocument } from "../../modules/offline/policy-document";
import type { ValueMap } from "../../modules/offline/msgpack";

const render = (config: ValueMap): unknown => JSON.parse(renderPolicyDocument(config, 2));

test("a statement with everything", () => {
  expect(
    render({
      policy_id: "p",
      statement: [
        {
          sid: "Read",
          effect: null,
          actions: ["s3:GetObject", "s3:ListBucket"],
          resources: ["arn:aws:s3:::a/*"],
          principals: [
            { type: "AWS", identifiers: ["arn:aws:iam::1:root"] },
            { type: "Service", identifiers: ["a.amazonaws.com", "b.amazonaws.com"] },
          ],
          condition: [
            { test: "StringEquals", variable: "aws:SourceAccount", values: ["1"] },
            { test: "StringEquals", variable: "aws:RequestedRegion", values: ["x", "y"] },
          ],
        },
      ],
    }),
  ).toEqual({
    Version: "2012-10-17",
    Id: "p",
    Statement: [
      {
        Sid: "Read",
        Effect: "Allow",
        Action: ["s3:ListBucket", "s3:GetObject"],
        Resource: "arn:aws:s3:::a/*",
        Principal: { AWS: "arn:aws:iam::1:root", Service: ["b.amazonaws.com", "a.amazonaws.com"] },
        Condition: { StringEquals: { "aws:SourceAccount": "1", "aws:RequestedRegion": ["x", "y"] } },
      },
    ],
  });
});

test("everyone, and what a statement leaves out", () => {
  expect(
    render({
      version: "2008-10-17",
      statement: [
        {
          effect: "Deny",
          not_actions: ["s3:*"],
          not_resources: ["*"],
          principals: [{ type: "*", identifiers: ["*"] }],
        },
      ],
    }),
  ).toEqual({
    Version: "2008-10-17",
    Statement: [{ Effect: "Deny", NotAction: "s3:*", NotResource: "*", Principal: "*" }],
  });
});

test("a statement replaces one of the same id from a source, and yields to an override", () => {
  const document = (effect: string): string =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: { Sid: "A", Effect: effect, Action: "a:b", Resource: "*" },
    });
  const own = { sid: "A", actions: ["c:d"], resources: ["*"] };
  expect(render({ source_policy_documents: [document("Deny")], statement: [own] })).toMatchObject({
    Statement: [{ Sid: "A", Effect: "Allow", Action: "c:d" }],
  });
  expect(render({ statement: [own], override_policy_documents: [document("Deny")] })).toMatchObject({
    Statement: [{ Sid: "A", Effect: "Deny", Action: "a:b" }],
  });
});

test("the minified form has no spaces", () => {
  expect(renderPolicyDocument({ statement: [] }, 0)).toBe('{"Version":"2012-10-17","Statement":[]}');
});
