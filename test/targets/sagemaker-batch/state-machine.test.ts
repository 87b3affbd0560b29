import { ACCOUNT, batch, definition, job, KEY, manifest, resource, TOPIC } from "./support";
import { synth } from "../../support/synth";

const NAME =
  "States.Format('{}-{}', $.settings.jobPrefix, States.Hash(States.Format('{} {} {} {}', $$.Execution.Id, $$.Execution.StartTime, $$.Execution.RedriveCount, $$.State.RetryCount), 'MD5'))";

describe("the model", () => {
  it("is replaced under a new name, made before the old one goes", () => {
    const model = resource(batch(), "aws_sagemaker_model", "model");
    expect(model).toMatchObject({
      name: expect.stringMatching(/^fraud-scorer-default-[0-9a-f]{8}$/),
      enable_network_isolation: true,
      lifecycle: { create_before_destroy: true },
      depends_on: ["aws_iam_role_policy.role-policy"],
    });
    expect(model.vpc_config).toBeUndefined();
  });

  const image = (digit: string) =>
    `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/fraud@sha256:${digit.repeat(64)}`;
  const nameOf = (options = {}, changes = {}) =>
    resource(batch(options, changes), "aws_sagemaker_model", "model").name as string;

  it.each([
    ["image", {}, { model: { image: image("b") } }],
    ["artifact", {}, { model: { image: image("a"), artifact: "s3://models/a/model.tar.gz" } }],
    ["environment", {}, { model: { image: image("a"), environment: { A: "1" } } }],
    ["isolation", { networkIsolation: false }, {}],
    ["role", {}, { security: { kmsKeyArn: KEY, roleArn: `arn:aws:iam::${ACCOUNT}:role/other` } }],
    ["network", {}, { network: { vpcId: "vpc-0a1b2c3d", subnetIds: ["subnet-0a1b2c3d"] } }],
  ])("has a name that changes with its %s", (_, options, changes) => {
    expect(nameOf(options, changes)).not.toBe(nameOf());
  });

  it("keeps its name when only jobs change", () => {
    expect(nameOf({ instanceCount: 3, schedule: "rate(1 day)", splitType: "Line" })).toBe(nameOf());
  });

  it("carries the digest in its name where only Terraform knows the image", () => {
    const stack = batch({}, { model: { build: { context: "test/support" } } });
    const model = resource(stack, "aws_sagemaker_model", "model");
    expect(model.name).toMatch(/^fraud-scorer-default-[0-9a-f]{8}-\$\{substr\(var\.image_digest, 7, 8\)\}$/);
  });

  it("stays within 63 characters for the longest names, jobs and other names too", () => {
    const name = `a${"b".repeat(31)}`;
    const stack = batch(
      { schedule: "rate(1 day)", onArrival: true },
      { name, environments: { "sixteen-letters1": {} } },
      { env: "sixteen-letters1" },
    );
    const model = resource(stack, "aws_sagemaker_model", "model").name as string;
    expect(model.length + 9).toBeLessThanOrEqual(63);
    const { jobPrefix } = definition(stack).States.Settings.Result as { jobPrefix: string };
    expect(`${jobPrefix}-${"0".repeat(32)}`).toMatch(/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/);
    const roles = Object.values(stack.resource.aws_iam_role as Record<string, { name: string }>);
    for (const role of roles) expect(role.name.length).toBeLessThanOrEqual(64);
    expect(resource(stack, "aws_scheduler_schedule", "schedule").name.length).toBeLessThanOrEqual(64);
    expect(resource(stack, "aws_cloudwatch_event_rule", "arrival").name.length).toBeLessThanOrEqual(64);
  });

  it("goes into an existing network, with members of a job talking to each other", () => {
    const network = { vpcId: "vpc-0a1b2c3d", subnetIds: ["subnet-0a1b2c3d"] };
    const single = batch({}, { network });
    expect(resource(single, "aws_sagemaker_model", "model").vpc_config).toEqual({
      subnets: network.subnetIds,
      security_group_ids: ["${aws_security_group.replicas.id}"],
    });
    expect(single.resource.aws_vpc_security_group_ingress_rule).toBeUndefined();
    const several = batch({ instanceCount: 2 }, { network });
    expect(
      resource(several, "aws_vpc_security_group_ingress_rule", "replicas-from-each-other"),
    ).toMatchObject({
      security_group_id: "${aws_security_group.replicas.id}",
      referenced_security_group_id: "${aws_security_group.replicas.id}",
    });
    const given = batch({ instanceCount: 2 }, { network: { ...network, securityGroupIds: ["sg-0a1b2c3d"] } });
    expect(given.resource.aws_security_group).toBeUndefined();
    expect(given.resource.aws_vpc_security_group_ingress_rule).toBeUndefined();
  });
});

describe("the state machine", () => {
  it("is standard, traced, and logs to a group of its own", () => {
    const stack = batch();
    const machine = resource(stack, "aws_sfn_state_machine", "state-machine");
    expect(machine).toMatchObject({
      name: "fraud-scorer-default-sagemaker-batch",
      type: "STANDARD",
      logging_configuration: {
        level: "ALL",
        include_execution_data: true,
        log_destination: "${aws_cloudwatch_log_group.logs.arn}:*",
      },
      tracing_configuration: { enabled: true },
      depends_on: ["aws_iam_role_policy.machine-role-policy"],
    });
    expect(resource(stack, "aws_cloudwatch_log_group", "logs")).toMatchObject({
      name: "/aws/vendedlogs/states/fraud-scorer-default-sagemaker-batch",
      kms_key_id: KEY,
      retention_in_days: 365,
    });
    expect(
      resource(batch({ logExecutionData: false }), "aws_sfn_state_machine", "state-machine")
        .logging_configuration.include_execution_data,
    ).toBe(false);
  });

  it("goes from settings to the job, and from a failure to the notice", () => {
    const { States, StartAt, TimeoutSeconds } = definition(batch());
    expect(StartAt).toBe("Settings");
    expect(TimeoutSeconds).toBe(2 * 86_400 + 86_400);
    expect(States.Settings).toEqual({
      Type: "Pass",
      Result: {
        jobPrefix: "fraud-scorer-default",
        inputBucket: "in",
        input: "s3://in/data/",
        output: "s3://out/",
      },
      ResultPath: "$.settings",
      Next: "AllOrPart",
    });
    expect(States.AllOrPart).toMatchObject({ Default: "All", Choices: [{ Next: "Part" }] });
    expect(States.All.Parameters).toEqual({ "uri.$": "$.settings.input" });
    expect(States.Part.Parameters).toEqual({
      "uri.$": "States.Format('s3://{}/{}', $.settings.inputBucket, $.key)",
    });
    expect(States.Transform).toMatchObject({
      Type: "Task",
      Resource: "arn:aws:states:::sagemaker:createTransformJob.sync",
      TimeoutSeconds: 86_400,
      Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.error", Next: "Notify" }],
      End: true,
    });
    expect(States.Notify).toMatchObject({
      Resource: "arn:aws:states:::sns:publish",
      Parameters: { TopicArn: TOPIC, Subject: "Batch job of fraud-scorer-default failed" },
      Catch: [{ Next: "Failed" }],
      Next: "Failed",
    });
    expect(States.Failed).toEqual({
      Type: "Fail",
      ErrorPath: "$.error.Error",
      CausePath: "States.JsonToString($.error)",
    });
  });

  it("every transition leads to a state that exists", () => {
    for (const changes of [{}, { observability: { alarms: false } }]) {
      const text = JSON.stringify(definition(batch({}, changes)));
      const targets = [...text.matchAll(/"(?:Next|Default|StartAt)":"(\w+)"/g)].map(([, name]) => name);
      const states = Object.keys(definition(batch({}, changes)).States as object);
      expect(states).toEqual(expect.arrayContaining(targets));
      expect(targets).toEqual(expect.arrayContaining(states.filter((name) => name !== "Settings")));
    }
  });

  it("tells nobody where nobody wants alarms", () => {
    const { States } = definition(batch({}, { observability: { alarms: false } }));
    expect(States.Notify).toBeUndefined();
    expect(States.Transform.Catch[0].Next).toBe("Failed");
  });

  it("retries with jitter: long for quotas, briefly for throttling, and failed jobs as often as wanted", () => {
    const retries = (options = {}) =>
      (definition(batch(options)).States.Transform.Retry as readonly Record<string, unknown>[]).map(
        ({ ErrorEquals, MaxAttempts, JitterStrategy }) => [ErrorEquals, MaxAttempts, JitterStrategy],
      );
    const services = [
      [["SageMaker.ResourceLimitExceeded", "SageMaker.ResourceLimitExceededException"], 20, "FULL"],
      [["SageMaker.AmazonSageMakerException"], 6, "FULL"],
    ];
    expect(retries()).toEqual([...services, [["States.TaskFailed"], 1, "FULL"]]);
    expect(retries({ retries: 5 })).toEqual([...services, [["States.TaskFailed"], 5, "FULL"]]);
    expect(retries({ retries: 0 })).toEqual(services);
  });

  it("tags jobs, which default tags do not reach", () => {
    expect(job(batch({}, { tags: { team: "risk" } })).Tags).toEqual([
      { Key: "team", Value: "risk" },
      { Key: "modelport:model", Value: "fraud-scorer" },
      { Key: "modelport:environment", Value: "default" },
      { Key: "modelport:component", Value: "sagemaker-batch" },
    ]);
  });

  it("lets nothing of the manifest into paths and intrinsic functions", () => {
    const stack = batch(
      { input: "s3://in/States.Format('a')/", output: "s3://out/',(x)!/" },
      { tags: { "States.key": "States.UUID" } },
    );
    const evaluated: string[] = [];
    const visit = (value: unknown): void => {
      if (typeof value !== "object" || value === null) return;
      for (const [key, item] of Object.entries(value)) {
        if (key.endsWith(".$") && typeof item === "string") evaluated.push(item);
        visit(item);
      }
    };
    visit(definition(stack));
    expect([...new Set(evaluated)].sort()).toEqual(
      [
        "$.input.uri",
        "$.settings.input",
        NAME,
        "States.Format('s3://{}/{}', $.settings.inputBucket, $.key)",
        "States.Format('{}{}/', $.settings.output, $$.Execution.Name)",
        "States.Format('Execution {} failed: {}', $$.Execution.Id, States.JsonToString($.error))",
      ].sort(),
    );
  });
});

describe("the job", () => {
  it("has these defaults", () => {
    expect(job(batch())).toEqual({
      "TransformJobName.$": NAME,
      ModelName: "${aws_sagemaker_model.model.name}",
      MaxConcurrentTransforms: 1,
      MaxPayloadInMB: 6,
      ModelClientConfig: { InvocationsTimeoutInSeconds: 600, InvocationsMaxRetries: 3 },
      TransformInput: {
        DataSource: { S3DataSource: { S3DataType: "S3Prefix", "S3Uri.$": "$.input.uri" } },
        CompressionType: "None",
        SplitType: "None",
      },
      TransformOutput: {
        "S3OutputPath.$": "States.Format('{}{}/', $.settings.output, $$.Execution.Name)",
        AssembleWith: "None",
        KmsKeyId: KEY,
      },
      TransformResources: { InstanceType: "ml.m5.xlarge", InstanceCount: 1, VolumeKmsKeyId: KEY },
      Tags: expect.any(Array),
    });
  });

  it("takes every option", () => {
    const parameters = job(
      batch({
        instanceType: "ml.g4dn.xlarge",
        instanceCount: 100,
        runFolders: false,
        contentType: "text/csv; charset=utf-8",
        accept: "application/json",
        splitType: "Line",
        batchStrategy: "SingleRecord",
        assembleWith: "Line",
        compression: "Gzip",
        maxConcurrentTransforms: 10,
        maxPayload: "10Mi",
        joinSource: "Input",
        inputFilter: "$[1:]",
        outputFilter: "$['id','SageMakerOutput']",
        invocationTimeout: "1h",
        invocationMaxRetries: 0,
      }),
    );
    expect(parameters).toMatchObject({
      MaxConcurrentTransforms: 10,
      MaxPayloadInMB: 10,
      BatchStrategy: "SingleRecord",
      ModelClientConfig: { InvocationsTimeoutInSeconds: 3600, InvocationsMaxRetries: 0 },
      TransformInput: { ContentType: "text/csv; charset=utf-8", CompressionType: "Gzip", SplitType: "Line" },
      DataProcessing: {
        InputFilter: "$[1:]",
        OutputFilter: "$['id','SageMakerOutput']",
        JoinSource: "Input",
      },
    });
    expect(parameters.TransformOutput).toEqual({
      "S3OutputPath.$": "$.settings.output",
      Accept: "application/json",
      AssembleWith: "Line",
      KmsKeyId: KEY,
    });
    // Local NVMe takes no key.
    expect(parameters.TransformResources).toEqual({ InstanceType: "ml.g4dn.xlarge", InstanceCount: 100 });
  });

  it("batches records wherever the input is split", () => {
    expect(job(batch({ splitType: "RecordIO" })).BatchStrategy).toBe("MultiRecord");
    expect(job(batch()).BatchStrategy).toBeUndefined();
  });

  it("sends chunks of any size where that is wanted", () => {
    expect(job(batch({ unlimitedPayload: true, maxConcurrentTransforms: 100 })).MaxPayloadInMB).toBe(0);
  });

  it.each([
    [{ cpu: 4, memory: "16Gi" }, "ml.m5.xlarge"],
    [{ cpu: 4, memory: "17Gi" }, "ml.r6i.xlarge"],
    [{ cpu: 5, memory: "2Gi" }, "ml.c5.2xlarge"],
    [{ cpu: 1, memory: "2Gi", gpu: 1 }, "ml.g4dn.xlarge"],
    [{ cpu: 1, memory: "2Gi", gpu: 8 }, "ml.g5.48xlarge"],
  ])("runs %o on %s", (resources, type) => {
    expect(job(batch({}, { resources })).TransformResources.InstanceType).toBe(type);
  });
});

it("makes the same text whatever the order of the keys", () => {
  const ordered = manifest({ schedule: "rate(1 day)", onArrival: true });
  const reversed = Object.fromEntries(Object.entries(ordered).reverse());
  expect(synth({ manifest: reversed }).texts).toEqual(synth({ manifest: ordered }).texts);
});
