import { ACCOUNT, batch, KEY, policy, resource, TOPIC, trust } from "./support";

const sids = (statements: readonly { readonly Sid?: unknown }[]) => statements.map(({ Sid }) => Sid);
const LOGS = `arn:aws:logs:eu-west-1:${ACCOUNT}:log-group:/aws/sagemaker/TransformJobs`;

const EXECUTION = [
  { Sid: "ReadInput", Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::in/data/*" },
  {
    Sid: "ListInput",
    Effect: "Allow",
    Action: "s3:ListBucket",
    Resource: "arn:aws:s3:::in",
    Condition: { StringLike: { "s3:prefix": "data/*" } },
  },
  {
    Sid: "WriteOutput",
    Effect: "Allow",
    Action: ["s3:AbortMultipartUpload", "s3:PutObject"],
    Resource: "arn:aws:s3:::out/*",
  },
  { Sid: "ImageToken", Effect: "Allow", Action: "ecr:GetAuthorizationToken", Resource: "*" },
  {
    Sid: "ImagePull",
    Effect: "Allow",
    Action: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    Resource: `arn:aws:ecr:eu-west-1:${ACCOUNT}:repository/fraud`,
  },
  {
    Sid: "FindLogs",
    Effect: "Allow",
    Action: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams"],
    Resource: [LOGS, `${LOGS}:*`],
  },
  {
    Sid: "WriteLogs",
    Effect: "Allow",
    Action: "logs:PutLogEvents",
    Resource: `${LOGS}:log-stream:fraud-scorer-default-*`,
  },
  {
    Sid: "WriteMetrics",
    Effect: "Allow",
    Action: "cloudwatch:PutMetricData",
    Resource: "*",
    Condition: {
      StringEquals: { "cloudwatch:namespace": ["/aws/sagemaker/TransformJobs", "AWS/SageMaker"] },
    },
  },
  {
    Sid: "KeyForData",
    Effect: "Allow",
    Action: ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"],
    Resource: KEY,
  },
  {
    Sid: "KeyForVolumes",
    Effect: "Allow",
    Action: "kms:CreateGrant",
    Resource: KEY,
    Condition: { Bool: { "kms:GrantIsForAWSResource": "true" } },
  },
];

describe("the role of jobs", () => {
  it("may do exactly what a job needs", () => {
    const stack = batch();
    expect(policy(stack, "role")).toEqual(EXECUTION);
    expect(trust(stack, "role")).toEqual({
      Sid: "Assume",
      Effect: "Allow",
      Principal: { Service: "sagemaker.amazonaws.com" },
      Action: "sts:AssumeRole",
    });
  });

  it("lists a whole bucket only where the input is one", () => {
    const statements = policy(batch({ input: "s3://in" }), "role");
    expect(statements[0]).toMatchObject({ Resource: "arn:aws:s3:::in/*" });
    expect(statements[1]).toEqual({
      Sid: "ListInput",
      Effect: "Allow",
      Action: "s3:ListBucket",
      Resource: "arn:aws:s3:::in",
    });
  });

  it("treats the output as a folder, with or without a slash", () => {
    for (const output of ["s3://out/a", "s3://out/a/"]) {
      expect(policy(batch({ output }), "role")[2]).toMatchObject({ Resource: "arn:aws:s3:::out/a/*" });
    }
  });

  it("reads the artifact, further keys, secrets and parameters only where there are some", () => {
    const key = KEY.replace("1234abcd", "ffffabcd");
    const base = batch().resource.aws_sagemaker_model.model;
    expect(base.primary_container.environment).toEqual({});
    const model = {
      image: `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/fraud@sha256:${"a".repeat(64)}`,
      artifact: "s3://models/fraud/model.tar.gz",
      secrets: {
        A: `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:fraud-AbCdEf`,
        B: `arn:aws:ssm:eu-west-1:${ACCOUNT}:parameter/fraud/b`,
      },
    };
    const stack = batch({ networkIsolation: false, decryptKeyArns: [key] }, { model });
    expect(policy(stack, "role")).toEqual([
      ...EXECUTION.slice(0, 3),
      {
        Sid: "ReadArtifact",
        Effect: "Allow",
        Action: "s3:GetObject",
        Resource: "arn:aws:s3:::models/fraud/model.tar.gz",
      },
      ...EXECUTION.slice(3),
      { Sid: "DecryptSources", Effect: "Allow", Action: "kms:Decrypt", Resource: key },
      {
        Sid: "ReadSecrets",
        Effect: "Allow",
        Action: "secretsmanager:GetSecretValue",
        Resource: model.secrets.A,
      },
      expect.objectContaining({ Sid: "DecryptSecrets" }),
      {
        Sid: "ReadParameters",
        Effect: "Allow",
        Action: ["ssm:GetParameter", "ssm:GetParameters"],
        Resource: model.secrets.B,
      },
      expect.objectContaining({ Sid: "DecryptParameters" }),
    ]);
    expect(stack.resource.aws_sagemaker_model.model.primary_container.environment).toEqual({
      A_SECRET_ARN: model.secrets.A,
      B_SECRET_ARN: model.secrets.B,
    });
  });

  it("makes network interfaces in the given subnets only", () => {
    const network = {
      vpcId: "vpc-0a1b2c3d4e5f60718",
      subnetIds: ["subnet-0a1b2c3d4e5f60718"],
      securityGroupIds: ["sg-0a1b2c3d4e5f60718"],
    };
    const ec2 = `arn:aws:ec2:eu-west-1:${ACCOUNT}`;
    // A shared VPC's subnets and groups belong to the account that shares it.
    const anyAccount = "arn:aws:ec2:eu-west-1:*";
    const subnet = `${anyAccount}:subnet/${network.subnetIds[0]}`;
    expect(policy(batch({}, { network }), "role").slice(EXECUTION.length)).toEqual([
      {
        Sid: "CreateNetworkInterfaces",
        Effect: "Allow",
        Action: "ec2:CreateNetworkInterface",
        Resource: [
          `${ec2}:network-interface/*`,
          subnet,
          `${anyAccount}:security-group/${network.securityGroupIds[0]}`,
        ],
      },
      {
        Sid: "UseNetworkInterfaces",
        Effect: "Allow",
        Action: [
          "ec2:CreateNetworkInterfacePermission",
          "ec2:DeleteNetworkInterface",
          "ec2:DeleteNetworkInterfacePermission",
        ],
        Resource: `${ec2}:network-interface/*`,
        Condition: { ArnLike: { "ec2:Subnet": subnet } },
      },
      {
        Sid: "DescribeNetwork",
        Effect: "Allow",
        Action: [
          "ec2:DescribeDhcpOptions",
          "ec2:DescribeNetworkInterfaces",
          "ec2:DescribeSecurityGroups",
          "ec2:DescribeSubnets",
          "ec2:DescribeVpcs",
        ],
        Resource: "*",
      },
    ]);
  });

  it("is the manifest's where it names one", () => {
    const roleArn = `arn:aws:iam::${ACCOUNT}:role/fraud`;
    const stack = batch({}, { security: { kmsKeyArn: KEY, roleArn } });
    expect(stack.resource.aws_iam_role.role).toBeUndefined();
    expect(resource(stack, "aws_sagemaker_model", "model").execution_role_arn).toBe(roleArn);
    expect(policy(stack, "machine-role")[2]).toMatchObject({ Sid: "PassRole", Resource: roleArn });
  });

  it("holds every role to the permissions boundary", () => {
    const permissionsBoundaryArn = `arn:aws:iam::${ACCOUNT}:policy/boundary`;
    const stack = batch(
      { schedule: "rate(1 day)", onArrival: true },
      { security: { kmsKeyArn: KEY, permissionsBoundaryArn } },
    );
    const roles = Object.values(stack.resource.aws_iam_role as Record<string, Record<string, unknown>>);
    expect(roles).toHaveLength(4);
    for (const role of roles) expect(role.permissions_boundary).toBe(permissionsBoundaryArn);
  });
});

describe("the role of the state machine", () => {
  const jobs = `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:transform-job/fraud-scorer-default-*`;
  const machine = [
    {
      Sid: "RunJobs",
      Effect: "Allow",
      Action: "sagemaker:CreateTransformJob",
      Resource: [jobs, "${aws_sagemaker_model.model.arn}"],
    },
    {
      Sid: "WatchJobs",
      Effect: "Allow",
      Action: [
        "sagemaker:AddTags",
        "sagemaker:DescribeTransformJob",
        "sagemaker:ListTags",
        "sagemaker:StopTransformJob",
      ],
      Resource: jobs,
    },
    {
      Sid: "PassRole",
      Effect: "Allow",
      Action: "iam:PassRole",
      Resource: "${aws_iam_role.role.arn}",
      Condition: { StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } },
    },
    {
      Sid: "HearOfJobs",
      Effect: "Allow",
      Action: ["events:DescribeRule", "events:PutRule", "events:PutTargets"],
      Resource: `arn:aws:events:eu-west-1:${ACCOUNT}:rule/StepFunctionsGetEventsForSageMakerTransformJobsRule`,
    },
    {
      Sid: "DeliverLogs",
      Effect: "Allow",
      Action: [
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:UpdateLogDelivery",
      ],
      Resource: "*",
    },
    {
      Sid: "WriteTraces",
      Effect: "Allow",
      Action: [
        "xray:GetSamplingRules",
        "xray:GetSamplingTargets",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
      ],
      Resource: "*",
    },
    { Sid: "DescribeKey", Effect: "Allow", Action: "kms:DescribeKey", Resource: KEY },
    EXECUTION[9],
    { Sid: "NotifyOfFailure", Effect: "Allow", Action: "sns:Publish", Resource: TOPIC },
  ];

  it("may do exactly what running a job needs", () => {
    const stack = batch();
    expect(policy(stack, "machine-role")).toEqual(machine);
    expect(trust(stack, "machine-role")).toEqual({
      Sid: "Assume",
      Effect: "Allow",
      Principal: { Service: "states.amazonaws.com" },
      Action: "sts:AssumeRole",
      Condition: {
        StringEquals: { "aws:SourceAccount": ACCOUNT },
        ArnLike: {
          "aws:SourceArn": `arn:aws:states:eu-west-1:${ACCOUNT}:stateMachine:fraud-scorer-default-sagemaker-batch`,
        },
      },
    });
  });

  it("has the key of the foundation's topic, which it knows", () => {
    const stack = batch({}, { observability: {} });
    expect(policy(stack, "machine-role").at(-1)).toEqual({
      Sid: "KeyForNotices",
      Effect: "Allow",
      Action: ["kms:Decrypt", "kms:GenerateDataKey"],
      Resource: KEY,
    });
  });

  it("has no key for disks that take none, and no topic without alarms", () => {
    const stack = batch({ instanceType: "ml.g5.xlarge" }, { observability: { alarms: false } });
    expect(sids(policy(stack, "machine-role"))).toEqual(sids(machine.slice(0, 6) as never));
  });
});

it("names the partition in China", () => {
  const account = "123456789012";
  const stack = batch(
    {},
    {
      region: "cn-north-1",
      model: { image: `${account}.dkr.ecr.cn-north-1.amazonaws.com.cn/fraud@sha256:${"a".repeat(64)}` },
      security: { kmsKeyArn: KEY.replace("aws:kms:eu-west-1", "aws-cn:kms:cn-north-1") },
      observability: { notify: TOPIC.replace("aws:sns:eu-west-1", "aws-cn:sns:cn-north-1") },
    },
  );
  expect(JSON.stringify(stack)).not.toMatch(/arn:aws:/);
});
