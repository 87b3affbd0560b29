import { manifestName } from "../../modules/cloudformation/names";

test.each([
  ["ChurnEndpoint", "churn"],
  ["Fraud_Scorer-prod", "fraud-scorer-prod"],
  ["MLEndpoint", "ml-endpoint"],
  ["Endpoint", "endpoint"],
  ["9lives", "lives"],
  ["Überwachung", "uberwachung"],
  ["模型", "endpoint"],
  ["HTTPServerEndpoint2", "http-server-endpoint2"],
  ["a".repeat(40), "a".repeat(32)],
  [`${"a".repeat(31)}-b`, "a".repeat(31)],
])("%s is %s", (text, name) => {
  expect(manifestName(text, new Set())).toBe(name);
});

test("names that are taken get a number, and stay short enough", () => {
  const long = "a".repeat(32);
  expect(manifestName("Churn", new Set(["churn", "churn-2"]))).toBe("churn-3");
  expect(manifestName(long, new Set([long]))).toBe(`${"a".repeat(30)}-2`);
});
