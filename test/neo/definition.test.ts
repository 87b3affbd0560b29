import { definition, job, PYTORCH, stacks, TOPIC } from "./support";
import { type Answer, run, structureProblems } from "./states";

const ALARMS = definition(stacks().foundation);
const SILENT = definition(stacks({ changes: { observability: { alarms: false } } }).foundation);

const found: Answer = { output: { KeyCount: 1 } };
const nothing: Answer = { output: { KeyCount: 0 } };
const started: Answer = { output: { CompilationJobArn: "arn" } };
const status = (...all: readonly string[]): readonly Answer[] =>
  all.map((CompilationJobStatus) => ({ output: { CompilationJobStatus, FailureReason: "" } }));

test.each([
  ["with alarms", ALARMS],
  ["without", SILENT],
])("the states hang together, %s", (_, machine) => {
  expect(structureProblems(machine)).toEqual([]);
});

describe("an execution", () => {
  test("ends at once where the output is there", () => {
    expect(run(ALARMS, { LookBefore: [found] }).path).toEqual([
      "Settings",
      "Name",
      "LookBefore",
      "IsThere",
      "Compiled",
    ]);
  });

  test("runs a job, asks until it ends, and looks whether the output is where the endpoint reads it", () => {
    const { path } = run(ALARMS, {
      LookBefore: [nothing],
      Compile: [started],
      Watch: status("STARTING", "INPROGRESS", "COMPLETED"),
      LookAfter: [found],
    });
    const poll = ["Wait", "Watch", "HasEnded"];
    expect(path.slice(4)).toEqual([
      "Compile",
      ...poll,
      ...poll,
      ...poll,
      "LookAfter",
      "IsWhereExpected",
      "Compiled",
    ]);
  });

  test("goes on with a job of its name that was started before", () => {
    const { path } = run(ALARMS, {
      LookBefore: [nothing],
      Compile: [{ error: "SageMaker.ResourceInUseException" }],
      Watch: status("COMPLETED"),
      LookAfter: [found],
    });
    expect(path.at(-1)).toBe("Compiled");
  });

  test.each([
    ["a job that failed", status("FAILED"), [found], "Neo.JobFailed"],
    ["a job that somebody stopped", status("STOPPING", "STOPPED"), [found], "Neo.JobFailed"],
    ["output in another place", status("COMPLETED"), [nothing], "Neo.OutputMisplaced"],
  ] as const)("tells of %s, and fails", (_, Watch, LookAfter, error) => {
    const answers = { LookBefore: [nothing], Compile: [started], Watch, LookAfter, Notify: [started] };
    const { path, data } = run(ALARMS, answers);
    expect(path.slice(-2)).toEqual(["Notify", "Failed"]);
    expect(data.error).toEqual({ Error: error, Cause: "States.JsonToString($.compilation)" });
    expect(run(SILENT, answers).path.slice(-2)).toEqual([
      error === "Neo.JobFailed" ? "JobFailed" : "Misplaced",
      "Failed",
    ]);
  });

  test.each([
    ["LookBefore", {}],
    ["Compile", { LookBefore: [nothing] }],
    ["Watch", { LookBefore: [nothing], Compile: [started] }],
    ["LookAfter", { LookBefore: [nothing], Compile: [started], Watch: status("COMPLETED") }],
  ])("tells of %s that fails for good", (name, before) => {
    const error: readonly Answer[] = [{ error: "SageMaker.SageMakerException" }];
    const { path, data } = run(ALARMS, { ...before, [name]: error, Notify: [{ error: "SNS.Exception" }] });
    expect(path.slice(-3)).toEqual([name, "Notify", "Failed"]);
    expect(data.error).toEqual({ Error: "SageMaker.SageMakerException" });
  });

  test("waits long for the account's quota of jobs, briefly after throttling", () => {
    const retries = ALARMS.States.Compile.Retry as readonly {
      ErrorEquals: string[];
      IntervalSeconds: number;
    }[];
    expect(retries.map(({ ErrorEquals, IntervalSeconds }) => [ErrorEquals, IntervalSeconds])).toEqual([
      [["SageMaker.ResourceLimitExceededException"], 60],
      [["SageMaker.SageMakerException"], 5],
    ]);
  });

  test("cannot outgrow the 25,000 events of its history, nor end before its job", () => {
    const longest = definition(stacks({ neo: { ...PYTORCH, timeout: "4h" } }).foundation);
    const { TimeoutSeconds, States } = longest;
    // Entering and leaving of three states, and four events of the task.
    const events = (TimeoutSeconds / States.Wait.Seconds) * 11;
    expect(events).toBeLessThan(25_000);
    expect(TimeoutSeconds).toBeGreaterThan(States.Compile.Parameters.StoppingCondition.MaxRuntimeInSeconds);
    expect(States.Compile.Parameters.StoppingCondition).toEqual({ MaxRuntimeInSeconds: 14_400 });
  });
});

describe("what states say to AWS", () => {
  test("the job", () => {
    expect(job(stacks().foundation)).toEqual({
      "CompilationJobName.$": "$.job.name",
      RoleArn: "${aws_iam_role.neo-job-role.arn}",
      InputConfig: {
        S3Uri: "s3://models/fraud/v1/model.tar.gz",
        Framework: "PYTORCH",
        DataInputConfig: '{"input0":[1,3,224,224]}',
      },
      OutputConfig: {
        S3OutputLocation: expect.stringMatching(
          /^s3:\/\/\$\{aws_s3_bucket\.data\.bucket\}\/sagemaker-realtime\/neo\/[0-9a-f]{16}$/,
        ),
        TargetDevice: "ml_c5",
        KmsKeyId: expect.stringContaining(":key/"),
      },
      StoppingCondition: { MaxRuntimeInSeconds: 900 },
      Tags: [
        { Key: "modelport:model", Value: "fraud-scorer" },
        { Key: "modelport:environment", Value: "default" },
        { Key: "modelport:component", Value: "foundation" },
      ],
    });
  });

  test("the job with all that a manifest can say of it", () => {
    const { InputConfig, OutputConfig } = job(
      stacks({
        neo: {
          framework: "tensorflow",
          frameworkVersion: "2.9",
          inputs: { b: [1, 8], a: [1, 224, 224, 3] },
          device: "ml_c5",
          compilerOptions: { dtype: "int64", level: 2, fast: true },
        },
        instanceType: "ml.c5d.xlarge",
      }).foundation,
    );
    expect(InputConfig).toMatchObject({
      Framework: "TENSORFLOW",
      FrameworkVersion: "2.9",
      // In the manifest's order, which some frameworks go by.
      DataInputConfig: '{"b":[1,8],"a":[1,224,224,3]}',
    });
    expect(OutputConfig).toMatchObject({
      TargetDevice: "ml_c5",
      CompilerOptions: '{"dtype":"int64","level":2,"fast":true}',
    });
  });

  test("the looks are at the very key that the endpoint reads", () => {
    const { LookBefore, LookAfter } = ALARMS.States;
    expect(LookBefore.Resource).toBe("arn:aws:states:::aws-sdk:s3:listObjectsV2");
    expect(LookAfter.Parameters).toEqual(LookBefore.Parameters);
    expect(LookBefore.Parameters).toEqual({
      Bucket: "${aws_s3_bucket.data.bucket}",
      Prefix: expect.stringMatching(/^sagemaker-realtime\/neo\/[0-9a-f]{16}\/model-ml_c5\.tar\.gz$/),
      MaxKeys: 1,
    });
  });

  test("the notice goes to the manifest's topic", () => {
    expect(ALARMS.States.Notify.Parameters).toMatchObject({
      TopicArn: TOPIC,
      Subject: "Compilation of fraud-scorer-default-neo failed",
    });
    expect(SILENT.States.Notify).toBeUndefined();
  });

  test("a job's name fits for the longest names", () => {
    const name = `a${"b".repeat(31)}`;
    const long = { name, environments: { "sixteen-letters1": {} } };
    const { States } = definition(stacks({ changes: long }, { env: "sixteen-letters1" }).foundation);
    expect(`${States.Settings.Result.jobPrefix}-${"0".repeat(32)}`).toMatch(
      /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/,
    );
  });
});

test("what a manifest says is never evaluated", () => {
  const nasty = [
    "States.Format('{}', $$.Execution.Id)",
    "$.job.name",
    "{% $states.input %}",
    "${aws_x.y.z}",
    "%{ if }",
  ];
  for (const text of nasty) {
    const { foundation } = stacks({
      neo: { ...PYTORCH, compilerOptions: { text } },
      changes: { description: text },
    });
    const machine = definition(foundation);
    expect(machine.QueryLanguage).toBeUndefined();
    // Doubled, a template's start stands for itself to Terraform.
    const literal = text.replace(/([$%])(?=\{)/g, "$1$1");
    expect(machine.States.Compile.Parameters.OutputConfig.CompilerOptions).toBe(
      JSON.stringify({ text: literal }),
    );
    const evaluated: string[] = [];
    JSON.stringify(machine, (key, value: unknown) => {
      if ((key.endsWith(".$") || /Path$/.test(key) || key === "Variable") && typeof value === "string")
        evaluated.push(value);
      return value;
    });
    expect(evaluated.filter((expression) => expression === text || expression.includes(literal))).toEqual(
      text === "$.job.name" ? ["$.job.name", "$.job.name"] : [],
    );
  }
});
