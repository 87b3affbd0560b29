import { definePolicy, isPolicy, type PolicyDefinition } from "../../modules/policy/policy";

const SOUND: PolicyDefinition = {
  code: "ACME_NAMES",
  title: "names start with acme",
  reason: "finance finds them so",
  source: "https://wiki.example.com/naming",
  asOf: "2026-11-23",
  severity: "error",
  checkStack: () => [],
};

test("a policy is frozen, and known as one", () => {
  const policy = definePolicy(SOUND);
  expect([isPolicy(policy), Object.isFrozen(policy), isPolicy(SOUND), isPolicy(null)]).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(policy.controls).toEqual([]);
});

test.each<[string, object, string]>([
  ["a code in lower case", { code: "acme-names" }, 'code "acme-names" is not several words'],
  ["a code of one word", { code: "NAMES" }, 'code "NAMES" is not several words'],
  ["no title", { title: " " }, "title is empty"],
  ["no reason", { reason: undefined }, "reason is empty"],
  ["no source", { source: "" }, "source is empty"],
  ["no date", { asOf: "2026-13" }, "asOf is no date"],
  ["another severity", { severity: "info" }, 'severity is neither "error" nor "warning"'],
  ["controls as a text", { controls: "CKV_AWS_1" }, "controls is no list of ids"],
  ["types that are none", { resourceTypes: ["AWS::S3::Bucket"] }, "resourceTypes is no list of types"],
  ["a check that is no function", { checkStack: {} }, "checkStack is no function"],
  ["no check", { checkStack: undefined }, "it has neither checkStack nor checkPlan"],
])("%s is refused", (_what, change, message) => {
  expect(() => definePolicy({ ...SOUND, ...change })).toThrow(message);
});

test("everything that is wrong is said at once", () => {
  expect(() => definePolicy({ ...SOUND, title: "", reason: "" })).toThrow(
    "definePolicy: title is empty; reason is empty",
  );
});
