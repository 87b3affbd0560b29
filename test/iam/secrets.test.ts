import { readSecrets, secretArns, secretServices, withSuffix } from "../../modules/iam/secrets";

const SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:fraud-AbCdEf";
const BARE = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:fraud";
const PARAMETER = "arn:aws:ssm:us-east-1:210987654321:parameter/fraud/token";

const statements = (secrets: Readonly<Record<string, string>>, dnsSuffix = "amazonaws.com") =>
  readSecrets({ model: { secrets }, region: { dnsSuffix } } as Parameters<typeof readSecrets>[0]);

it("tells the services apart, and names each secret once", () => {
  const secrets = { B: SECRET, A: PARAMETER, C: SECRET, D: BARE };
  expect(secretArns(secrets, "secretsmanager")).toEqual([BARE, SECRET]);
  expect(secretArns(secrets, "ssm")).toEqual([PARAMETER]);
  expect(secretServices(secrets)).toEqual(["secretsmanager", "ssm"]);
  expect(secretServices({})).toEqual([]);
});

it("completes the ARN of a secret, and of nothing else", () => {
  expect([SECRET, BARE, PARAMETER].map(withSuffix)).toEqual([SECRET, `${BARE}-??????`, PARAMETER]);
});

it("grants nothing where there are no secrets", () => {
  expect(statements({})).toEqual([]);
});

it("binds decrypting to the secrets themselves, in their own region and account", () => {
  expect(statements({ TOKEN: PARAMETER })).toEqual([
    { sid: "ReadParameters", actions: ["ssm:GetParameter", "ssm:GetParameters"], resources: [PARAMETER] },
    {
      sid: "DecryptParameters",
      actions: ["kms:Decrypt"],
      resources: ["arn:aws:kms:us-east-1:210987654321:key/*"],
      conditions: {
        StringEquals: {
          "kms:ViaService": ["ssm.us-east-1.amazonaws.com"],
          "kms:EncryptionContext:PARAMETER_ARN": [PARAMETER],
        },
      },
    },
  ]);
});

it("matches the six characters that an ARN leaves out", () => {
  const [read, decrypt] = statements({ TOKEN: BARE });
  expect(read?.resources).toEqual([`${BARE}-??????`]);
  expect(decrypt?.conditions).toEqual({
    StringEquals: { "kms:ViaService": ["secretsmanager.eu-west-1.amazonaws.com"] },
    StringLike: { "kms:EncryptionContext:SecretARN": [`${BARE}-??????`] },
  });
});

it("knows both names of a service in China", () => {
  const [, decrypt] = statements({ TOKEN: SECRET }, "amazonaws.com.cn");
  expect(decrypt?.conditions?.StringEquals?.["kms:ViaService"]).toEqual([
    "secretsmanager.eu-west-1.amazonaws.com",
    "secretsmanager.eu-west-1.amazonaws.com.cn",
  ]);
});
