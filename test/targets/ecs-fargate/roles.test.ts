import { only, synth } from "../../support/synth";
import { ecs, EXISTING, KIND, manifest } from "./support";

const DIGEST = `@sha256:${"a".repeat(64)}`;
const IMAGE = `123456789012.dkr.ecr.eu-west-1.amazonaws.com/fraud${DIGEST}`;
const LOGS = "${aws_cloudwatch_log_group.log-group.arn}";
const KEY = "${data.terraform_remote_state.foundation.outputs.key_arn}";
const ACCOUNT = "${data.terraform_remote_state.foundation.outputs.account_id}";
const allow = (Sid: string, Action: unknown, Resource: unknown, Condition?: unknown) => ({
  Sid,
  Effect: "Allow",
  Action,
  Resource,
  ...(Condition === undefined ? {} : { Condition }),
});
const via = (service: string) => ({ StringLike: { "kms:ViaService": `${service}.*.amazonaws.com` } });
const PULL = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
const TOKEN = allow("ImageToken", "ecr:GetAuthorizationToken", "*");
const LOG_STREAMS = allow("Logs", ["logs:CreateLogStream", "logs:PutLogEvents"], [LOGS, `${LOGS}:*`]);
const REPOSITORY = "arn:aws:ecr:eu-west-1:123456789012:repository/fraud";

describe("the execution role", () => {
  it("pulls the image and writes logs, and no more", () => {
    expect(ecs().rights("execution-role")).toEqual([
      TOKEN,
      allow("ImagePull", PULL, REPOSITORY),
      LOG_STREAMS,
    ]);
  });

  it("pulls nothing from ECR where nothing lies there", () => {
    const stack = ecs({ model: { image: `docker.io/library/python:3.13${DIGEST}` }, network: EXISTING });
    expect(stack.rights("execution-role")).toEqual([LOG_STREAMS]);
  });

  it("pulls from another account's repository, and the loaders' too", () => {
    const stack = ecs(
      {
        model: {
          image: `210987654321.dkr.ecr.eu-west-1.amazonaws.com/team/fraud${DIGEST}`,
          artifact: "s3://models/fraud/model.onnx",
        },
      },
      { downloadImage: `123456789012.dkr.ecr.eu-west-1.amazonaws.com/ecr-public/aws-cli${DIGEST}` },
    );
    expect(stack.rights("execution-role")[1]).toEqual(
      allow("ImagePull", PULL, [
        "arn:aws:ecr:eu-west-1:210987654321:repository/team/fraud",
        "arn:aws:ecr:eu-west-1:123456789012:repository/ecr-public/aws-cli",
      ]),
    );
  });

  it("reads exactly the secrets, through their services", () => {
    const secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:fraud-AbCdEf";
    const bare = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:other";
    const parameter = "arn:aws:ssm:eu-west-1:123456789012:parameter/fraud/p";
    const key = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    const stack = ecs(
      { model: { image: IMAGE, secrets: { A: secret, B: bare, C: parameter, D: secret } } },
      { decryptKeyArns: [key] },
    );
    expect(stack.rights("execution-role").slice(3)).toEqual([
      allow("Secrets", "secretsmanager:GetSecretValue", [secret, `${bare}-??????`]),
      allow("KeysOfSecrets", "kms:Decrypt", [KEY, key], via("secretsmanager")),
      allow("Parameters", "ssm:GetParameters", parameter),
      allow("KeysOfParameters", "kms:Decrypt", [KEY, key], via("ssm")),
    ]);
    expect(stack.container("model").secrets).toEqual([
      { name: "A", valueFrom: secret },
      { name: "B", valueFrom: bare },
      { name: "C", valueFrom: parameter },
      { name: "D", valueFrom: secret },
    ]);
  });

  it("reads the registry's credentials", () => {
    const secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:registry-AbCdEf";
    const stack = ecs(
      { model: { image: `docker.io/team/fraud${DIGEST}` }, network: EXISTING },
      { registryCredentials: secret },
    );
    expect(stack.rights("execution-role")[1]).toEqual(
      allow("Secrets", "secretsmanager:GetSecretValue", secret),
    );
    expect(stack.container("model").repositoryCredentials).toEqual({ credentialsParameter: secret });
  });
});

describe("the task role", () => {
  it("has no rights where nothing needs any", () => {
    expect(ecs().rights("task-role")).toEqual([]);
  });

  it("reads one object", () => {
    const stack = ecs({
      model: { image: IMAGE, artifact: "s3://models/fraud/model.tar.gz" },
      network: EXISTING,
    });
    expect(stack.rights("task-role")).toEqual([
      allow("ReadArtifact", "s3:GetObject", "arn:aws:s3:::models/fraud/model.tar.gz"),
      allow("KeyOfArtifact", "kms:Decrypt", KEY, via("s3")),
    ]);
  });

  it("reads and lists below one prefix", () => {
    const stack = ecs({ model: { image: IMAGE, artifact: "s3://models/fraud/" }, network: EXISTING });
    expect(stack.rights("task-role").slice(0, 2)).toEqual([
      allow("ReadArtifact", "s3:GetObject", "arn:aws:s3:::models/fraud/*"),
      allow("ListArtifact", "s3:ListBucket", "arn:aws:s3:::models", {
        StringLike: { "s3:prefix": "fraud/*" },
      }),
    ]);
  });

  it("reads its own uploads, also those that older tasks were started with", () => {
    const stack = ecs({
      model: { image: IMAGE, artifact: "targets/ecs-fargate" },
      network: { internetAccess: true },
    });
    expect(stack.rights("task-role")[0]).toEqual(
      allow(
        "ReadArtifact",
        "s3:GetObject",
        "${data.terraform_remote_state.foundation.outputs.bucket_arn}/ecs-fargate/*",
      ),
    );
  });

  it("lets ECS Exec in where that is asked for", () => {
    const group = "${aws_cloudwatch_log_group.exec-log-group.arn}";
    expect(ecs({}, { executeCommand: true, readOnlyRootFilesystem: false }).rights("task-role")).toEqual([
      allow(
        "Sessions",
        [
          "ssmmessages:CreateControlChannel",
          "ssmmessages:CreateDataChannel",
          "ssmmessages:OpenControlChannel",
          "ssmmessages:OpenDataChannel",
        ],
        "*",
      ),
      allow(
        "SessionLogs",
        ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        [group, `${group}:*`],
      ),
      allow("FindSessionLogs", "logs:DescribeLogGroups", `arn:aws:logs:eu-west-1:${ACCOUNT}:log-group:*`),
      allow("SessionKey", "kms:Decrypt", KEY),
    ]);
  });

  it("is the manifest's where it names one", () => {
    const roleArn = "arn:aws:iam::123456789012:role/fraud";
    const stack = ecs({ security: { roleArn } });
    expect(stack.task.task_role_arn).toBe(roleArn);
    expect(Object.keys(stack.all("aws_iam_role"))).toEqual(["execution-role"]);
  });
});

describe("both roles", () => {
  it("differ, are bounded, and can be taken on by ECS for this account only", () => {
    const boundary = "arn:aws:iam::123456789012:policy/boundary";
    const stack = ecs({ security: { permissionsBoundaryArn: boundary } });
    expect(stack.task).toMatchObject({
      execution_role_arn: "${aws_iam_role.execution-role.arn}",
      task_role_arn: "${aws_iam_role.task-role.arn}",
    });
    for (const role of Object.values(stack.all("aws_iam_role"))) {
      expect(role.permissions_boundary).toBe(boundary);
      expect(JSON.parse(role.assume_role_policy as string)).toEqual({
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "Assume",
            Effect: "Allow",
            Principal: { Service: "ecs-tasks.amazonaws.com" },
            Action: "sts:AssumeRole",
            Condition: {
              StringEquals: { "aws:SourceAccount": ACCOUNT },
              ArnLike: { "aws:SourceArn": `arn:aws:ecs:eu-west-1:${ACCOUNT}:*` },
            },
          },
        ],
      });
    }
  });

  it("are new ones beside the old where the rights change, so that a rollback finds its own", () => {
    const role = (artifact: string) =>
      ecs({ model: { image: IMAGE, artifact }, network: EXISTING }).get("aws_iam_role", "task-role");
    const [first, second] = [role("s3://models/fraud/1.tar.gz"), role("s3://models/fraud/2.tar.gz")];
    expect(first.name).toMatch(/^fraud-scorer-default-ecs-fargate-task-eu-west-1-[0-9a-f]{8}$/);
    expect(first.name).not.toBe(second.name);
    expect(role("s3://models/fraud/1.tar.gz").name).toBe(first.name);
    expect(first.lifecycle).toEqual({ create_before_destroy: true });
    const stack = ecs({ model: { image: IMAGE, artifact: "s3://models/fraud/1.tar.gz" }, network: EXISTING });
    expect(stack.get("aws_iam_role_policy", "task-role-policy").lifecycle).toEqual({
      create_before_destroy: true,
    });
  });

  it("keep their names from one image to the next", () => {
    const name = (digit: string) =>
      ecs({
        model: { image: `123456789012.dkr.ecr.eu-west-1.amazonaws.com/fraud@sha256:${digit.repeat(64)}` },
      }).get("aws_iam_role", "execution-role").name;
    expect(name("a")).toBe(name("b"));
  });

  it("have names within IAM's limit", () => {
    const long = { ...manifest(), name: "a".repeat(32), environments: { [`e${"x".repeat(15)}`]: {} } };
    const stack = synth({ manifest: long, target: KIND, env: `e${"x".repeat(15)}` }).stack(KIND);
    const names = Object.values(
      (stack.resource as Record<string, Record<string, { name: string }>>).aws_iam_role ?? {},
    );
    expect(names.map(({ name }) => name.length)).toEqual([64, 64]);
    expect(String(only(stack, "aws_lb").name)).toHaveLength(32);
  });
});
