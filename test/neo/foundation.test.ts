import { ACCOUNT, BUCKET, KEY, resource, stacks, TOPIC } from "./support";
import { statements } from "../support/foundation";
import { baseManifest, synth } from "../support/synth";

const { foundation, endpoint } = stacks();
const rights = (id: string) => statements(resource(foundation, "aws_iam_role_policy", `${id}-policy`).policy);

test("nothing of it is there where a manifest wants nothing compiled", () => {
  const plain = stacks({ model: { optimize: undefined }, changes: { observability: { dataCapture: 10 } } });
  expect(plain.foundation.resource.aws_sfn_state_machine).toBeUndefined();
  expect(Object.keys(plain.foundation.output as object)).not.toContain("sagemaker_realtime_compile_command");
});

describe("the job's role", () => {
  test("reads the artifact, writes below the compilations, and no more", () => {
    const role = rights("neo-job-role");
    expect(role.ReadArtifact).toMatchObject({ Resource: "arn:aws:s3:::models/fraud/v1/model.tar.gz" });
    expect(role.FindArtifact).toMatchObject({
      Resource: "arn:aws:s3:::models",
      Condition: { StringLike: { "s3:prefix": "fraud/v1/model.tar.gz" } },
    });
    expect(role.WriteOutput).toEqual({
      Effect: "Allow",
      Action: ["s3:AbortMultipartUpload", "s3:PutObject"],
      Resource: "${aws_s3_bucket.data.arn}/sagemaker-realtime/neo/*",
    });
    expect(role.KeyForData).toMatchObject({ Resource: KEY });
    expect(Object.keys(role).sort()).toEqual([
      "FindArtifact",
      "FindLogs",
      "FindOutput",
      "KeyForData",
      "ReadArtifact",
      "WriteLogs",
      "WriteMetrics",
      "WriteOutput",
    ]);
  });
});

describe("the state machine's role", () => {
  test("starts and watches jobs of this name, and passes them their role only", () => {
    const role = rights("neo-machine-role");
    expect(role.RunJobs).toEqual({
      Effect: "Allow",
      Action: ["sagemaker:AddTags", "sagemaker:CreateCompilationJob", "sagemaker:DescribeCompilationJob"],
      Resource: `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:compilation-job/fraud-scorer-default-neo-*`,
    });
    expect(role.PassRole).toEqual({
      Effect: "Allow",
      Action: "iam:PassRole",
      Resource: "${aws_iam_role.neo-job-role.arn}",
      Condition: { StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } },
    });
    expect(role.NotifyOfFailure).toMatchObject({ Resource: TOPIC });
    // The topic is the manifest's, whose key is not known.
    expect(role.KeyForNotices).toBeUndefined();
  });

  test("is assumed by this state machine only", () => {
    const { assume_role_policy: trust } = resource(foundation, "aws_iam_role", "neo-machine-role");
    expect(statements(trust).Assume).toMatchObject({
      Principal: { Service: "states.amazonaws.com" },
      Condition: {
        StringEquals: { "aws:SourceAccount": ACCOUNT },
        ArnLike: {
          "aws:SourceArn": `arn:aws:states:eu-west-1:${ACCOUNT}:stateMachine:fraud-scorer-default-neo`,
        },
      },
    });
  });

  test("may use the key of the foundation's own topic", () => {
    const own = synth({ manifest: baseManifest({ ...OWN_FOUNDATION }) }).stack("foundation");
    const role = statements(resource(own, "aws_iam_role_policy", "neo-machine-role-policy").policy);
    expect(role.NotifyOfFailure).toMatchObject({ Resource: "${aws_sns_topic.alarms.arn}" });
    expect(role.KeyForNotices).toMatchObject({ Resource: "${aws_kms_alias.key-alias.target_key_arn}" });
  });
});

const OWN_FOUNDATION = {
  model: {
    image: `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/fraud@sha256:${"a".repeat(64)}`,
    artifact: "s3://models/fraud/v1/model.tar.gz",
    optimize: { neo: { framework: "xgboost" } },
  },
  target: "sagemaker-realtime",
  targets: { "sagemaker-realtime": { instanceType: "ml.m5.large" } },
};

test("the state machine is traced, logged under the key, and watched by alarms", () => {
  expect(resource(foundation, "aws_sfn_state_machine", "neo-state-machine")).toMatchObject({
    name: "fraud-scorer-default-neo",
    type: "STANDARD",
    tracing_configuration: { enabled: true },
    logging_configuration: { level: "ALL", log_destination: "${aws_cloudwatch_log_group.neo-logs.arn}:*" },
    depends_on: ["aws_iam_role_policy.neo-machine-role-policy", "aws_iam_role_policy.neo-job-role-policy"],
  });
  expect(resource(foundation, "aws_cloudwatch_log_group", "neo-logs")).toMatchObject({
    name: "/aws/vendedlogs/states/fraud-scorer-default-neo",
    kms_key_id: KEY,
  });
  const alarms = Object.values(foundation.resource.aws_cloudwatch_metric_alarm as object) as {
    alarm_name: string;
    metric_name: string;
    alarm_actions: string[];
  }[];
  expect(alarms.map((alarm) => [alarm.alarm_name, alarm.metric_name, alarm.alarm_actions])).toEqual([
    ["fraud-scorer-default-foundation-compilations-aborted", "ExecutionsAborted", [TOPIC]],
    ["fraud-scorer-default-foundation-compilations-failed", "ExecutionsFailed", [TOPIC]],
    ["fraud-scorer-default-foundation-compilations-timed-out", "ExecutionsTimedOut", [TOPIC]],
  ]);
});

test("the foundation says how to start it", () => {
  const { output } = foundation;
  expect(output.sagemaker_realtime_compile_command.value).toBe(
    "aws stepfunctions start-execution --region eu-west-1 --state-machine-arn ${aws_sfn_state_machine.neo-state-machine.arn}",
  );
  expect(output.sagemaker_realtime_compilation_machine_arn.value).toBe(
    "${aws_sfn_state_machine.neo-state-machine.arn}",
  );
});

test("the endpoint's role reads what was compiled, and not the artifact", () => {
  const { policy } = resource(endpoint, "aws_iam_role_policy", "role-policy");
  expect(statements(policy).Artifact).toMatchObject({
    Action: "s3:GetObject",
    Resource: "${data.terraform_remote_state.foundation.outputs.bucket_arn}/sagemaker-realtime/*",
  });
  expect(policy).not.toContain("s3:::models");
  expect(JSON.stringify(endpoint.resource)).toContain(BUCKET);
});
