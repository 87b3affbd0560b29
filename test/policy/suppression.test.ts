import { matches, suppresses } from "../../modules/policy/suppression";

test.each([
  ["aws_s3_bucket.logs", "aws_s3_bucket.logs", true],
  ["aws_s3_bucket.logs", "aws_s3_bucket.logs2", false],
  ["aws_s3_bucket.*", "aws_s3_bucket.logs", true],
  ["aws_s3_bucket.*", "aws_s3_bucket_policy.logs", false],
  ["*.logs", "aws_s3_bucket.logs", true],
  ["*", "", true],
  ["*", "anything", true],
  ["a*b*c", "a1b2c", true],
  ["a*b*c", "abc", true],
  ["a*b*c", "acb", false],
  ["aba*aba", "aba", false],
  ["ab*ba", "aba", false],
  ["a*bc*c", "abc", false],
  ["a.c", "abc", false],
])("%s describes %s: %s", (pattern, text, expected) => {
  expect(matches(pattern, text)).toBe(expected);
});

test("a suppression is for its own policy, wherever it names no address", () => {
  const suppression = { code: "POLICY_A_B", address: null, reason: "" };
  expect([
    suppresses(suppression, { code: "POLICY_A_B", address: "aws_lb.any" }),
    suppresses(suppression, { code: "POLICY_A_C", address: "aws_lb.any" }),
    suppresses({ ...suppression, address: "aws_lb.one" }, { code: "POLICY_A_B", address: "aws_lb.any" }),
  ]).toEqual([true, false, false]);
});
