import { containerEnvironment, secretVariable } from "../../modules/plan/container-environment";

it("hands a secret over as its ARN, under the name that the contract gives it", () => {
  const arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:fraud-AbCdEf";
  expect(secretVariable("API_TOKEN")).toBe("API_TOKEN_SECRET_ARN");
  expect(containerEnvironment({ environment: { LOG_LEVEL: "info" }, secrets: { API_TOKEN: arn } })).toEqual({
    LOG_LEVEL: "info",
    API_TOKEN_SECRET_ARN: arn,
  });
});
