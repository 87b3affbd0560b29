import { type Json, only } from "../../support/synth";
import { ACCOUNT, KEY, NAME, stackOf, statements } from "./support";

const FUNCTION = `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:${NAME}`;

const LOGS = {
  Sid: "WriteLogs",
  Effect: "Allow",
  Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
  Resource: "${aws_cloudwatch_log_group.logs.arn}:*",
};
const TRACES = {
  Sid: "SendTraces",
  Effect: "Allow",
  Action: ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
  Resource: "*",
};
const VARIABLES = {
  Sid: "DecryptVariables",
  Effect: "Allow",
  Action: "kms:Decrypt",
  Resource: KEY,
  Condition: { ArnLike: { "kms:EncryptionContext:aws:lambda:FunctionArn": [FUNCTION, `${FUNCTION}:*`] } },
};

const IMAGE = `123456789012.dkr.ecr.eu-west-1.amazonaws.com/fraud@sha256:${"a".repeat(64)}`;
const secrets = (given: Json) => ({ model: { image: IMAGE, secrets: given } });

describe("the role", () => {
  it("is assumed by Lambda alone, and writes logs, traces, and reads its own variables", () => {
    const stack = stackOf();
    const role = only(stack, "aws_iam_role");
    expect(role.name).toBe(`${NAME}-eu-west-1`);
    expect(JSON.parse(role.assume_role_policy as string)).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "Assume",
          Effect: "Allow",
          Principal: { Service: "lambda.amazonaws.com" },
          Action: "sts:AssumeRole",
        },
      ],
    });
    expect(role).not.toHaveProperty("permissions_boundary");
    expect(role).not.toHaveProperty("managed_policy_arns");
    expect(stack.resource).not.toHaveProperty("aws_iam_role_policy_attachment");
    expect(statements(stack)).toEqual([LOGS, TRACES, VARIABLES]);
  });

  it("does less where less is used", () => {
    expect(statements(stackOf({ tracing: false, adapter: false }))).toEqual([LOGS]);
  });

  it("reads the secrets that the manifest names, and decrypts nothing else", () => {
    const one = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:one-AbCdEf";
    const two = "arn:aws:secretsmanager:us-east-1:210987654321:secret:two-AbCdEf";
    const parameter = "arn:aws:ssm:eu-west-1:123456789012:parameter/fraud/token";
    const own = statements(stackOf({}, secrets({ A: one, B: two, C: parameter, D: one })));
    expect(own.slice(3)).toEqual([
      {
        Sid: "ReadSecrets",
        Effect: "Allow",
        Action: "secretsmanager:GetSecretValue",
        Resource: [one, two],
      },
      {
        Sid: "DecryptSecrets",
        Effect: "Allow",
        Action: "kms:Decrypt",
        Resource: ["arn:aws:kms:eu-west-1:123456789012:key/*", "arn:aws:kms:us-east-1:210987654321:key/*"],
        Condition: {
          StringEquals: {
            "kms:ViaService": [
              "secretsmanager.eu-west-1.amazonaws.com",
              "secretsmanager.us-east-1.amazonaws.com",
            ],
            "kms:EncryptionContext:SecretARN": [one, two],
          },
        },
      },
      {
        Sid: "ReadParameters",
        Effect: "Allow",
        Action: ["ssm:GetParameter", "ssm:GetParameters"],
        Resource: parameter,
      },
      {
        Sid: "DecryptParameters",
        Effect: "Allow",
        Action: "kms:Decrypt",
        Resource: "arn:aws:kms:eu-west-1:123456789012:key/*",
        Condition: {
          StringEquals: {
            "kms:ViaService": "ssm.eu-west-1.amazonaws.com",
            "kms:EncryptionContext:PARAMETER_ARN": parameter,
          },
        },
      },
    ]);
  });

  it("lets Lambda make network interfaces, but not the code", () => {
    const change = [
      "ec2:AssignPrivateIpAddresses",
      "ec2:CreateNetworkInterface",
      "ec2:DeleteNetworkInterface",
      "ec2:UnassignPrivateIpAddresses",
    ];
    expect(statements(stackOf({ vpc: true })).slice(3)).toEqual([
      {
        Sid: "SeeNetworkInterfaces",
        Effect: "Allow",
        Action: ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"],
        Resource: "*",
      },
      {
        Sid: "ManageNetworkInterfaces",
        Effect: "Allow",
        Action: change,
        // A subnet may be shared by another account.
        Resource: "arn:aws:ec2:eu-west-1:*:*/*",
      },
      {
        Sid: "NotFromTheCode",
        Effect: "Deny",
        Action: [
          "ec2:AssignPrivateIpAddresses",
          "ec2:CreateNetworkInterface",
          "ec2:DeleteNetworkInterface",
          "ec2:DescribeNetworkInterfaces",
          "ec2:DescribeSubnets",
          "ec2:UnassignPrivateIpAddresses",
        ],
        Resource: "*",
        Condition: { ArnEquals: { "lambda:SourceFunctionArn": FUNCTION } },
      },
    ]);
  });

  it("speaks the partition's ARNs", () => {
    const china = {
      region: "cn-north-1",
      model: {
        image: `123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/fraud@sha256:${"a".repeat(64)}`,
        secrets: { A: "arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:one-AbCdEf" },
      },
    };
    const stack = stackOf({ vpc: true }, china);
    const text = JSON.stringify(statements(stack));
    expect(text).not.toMatch(/arn:aws:/);
    expect(text).toContain("arn:aws-cn:kms:cn-north-1:123456789012:key/*");
    expect(text).toContain("secretsmanager.cn-north-1.amazonaws.com.cn");
    expect(only(stack, "aws_iam_role").assume_role_policy).toContain('"lambda.amazonaws.com"');
  });

  it("carries the permissions boundary", () => {
    const permissionsBoundaryArn = "arn:aws:iam::123456789012:policy/boundary";
    const role = only(stackOf({}, { security: { permissionsBoundaryArn } }), "aws_iam_role");
    expect(role.permissions_boundary).toBe(permissionsBoundaryArn);
  });

  it("is the manifest's where it names one, and stays untouched", () => {
    const roleArn = "arn:aws:iam::123456789012:role/models/fraud";
    const stack = stackOf({}, { security: { roleArn } });
    const fn = only(stack, "aws_lambda_function");
    expect(fn.role).toBe(roleArn);
    expect(fn).not.toHaveProperty("depends_on");
    expect(Object.keys(stack.resource as Json).filter((type) => type.startsWith("aws_iam"))).toEqual([]);
  });
});
