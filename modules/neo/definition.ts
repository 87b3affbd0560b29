import { catchAll, failureStates, firstFailureState } from "../step-functions/failure";
import type { Compilation } from "./compilation";

/** What the state machine refers to. */
export interface CompilationUses {
  readonly partition: string;
  /** Start of the jobs' names. */
  readonly jobPrefix: string;
  /** The archive that is compiled, `s3://bucket/key.tar.gz`. */
  readonly sourceUri: string;
  readonly bucketName: string;
  /** Role of the jobs. */
  readonly roleArn: string;
  /** Key of the output. */
  readonly keyArn: string;
  /** Topic that is told of failures; null tells nobody. */
  readonly topicArn: string | null;
  readonly tags: Readonly<Record<string, string>>;
}

/** Seconds between two looks at a job. */
const POLL_SECONDS = 30;

/** Seconds that an execution may take beside its job: attempts to start it, and the looks at S3. */
const MARGIN_SECONDS = 7200;

/**
 * The state machine in the Amazon States Language: it ends at once where the output is there, else it runs one
 * compilation job and looks whether the output lies where the endpoint will read it. Its input is `{}`. What the
 * manifest says stands in it as plain values only, never in a path or an intrinsic function, which would be evaluated.
 *
 * Step Functions has no integration that waits for a compilation job, so it asks for its status.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html (the optimized APIs, read 2026-11-23)
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html (read 2026-11-23)
 */
export function compilationDefinition(compilation: Compilation, uses: CompilationUses): object {
  const { partition, topicArn } = uses;
  const sdk = (action: string) => `arn:${partition}:states:::aws-sdk:${action}`;
  const Catch = [catchAll(topicArn)];
  const failed = firstFailureState(topicArn);
  const look = {
    Type: "Task",
    // Listing tells that nothing is there without an error; a key is its own prefix.
    Resource: sdk("s3:listObjectsV2"),
    Parameters: { Bucket: uses.bucketName, Prefix: compilation.key, MaxKeys: 1 },
    ResultSelector: { "found.$": "$.KeyCount" },
    ResultPath: "$.output",
    Retry: [anyFailure()],
    Catch,
  };
  const found = { Variable: "$.output.found", NumericGreaterThan: 0, Next: "Compiled" };
  return {
    Comment: "Compiles the model with SageMaker Neo where that was not done yet",
    StartAt: "Settings",
    TimeoutSeconds: compilation.timeoutSeconds + MARGIN_SECONDS,
    States: {
      Settings: {
        Type: "Pass",
        Result: { jobPrefix: uses.jobPrefix },
        ResultPath: "$.settings",
        Next: "Name",
      },
      Name: {
        Type: "Pass",
        Parameters: { "name.$": jobName() },
        ResultPath: "$.job",
        Next: "LookBefore",
      },
      LookBefore: { ...look, Next: "IsThere" },
      IsThere: { Type: "Choice", Choices: [found], Default: "Compile" },
      Compile: {
        Type: "Task",
        Resource: sdk("sagemaker:createCompilationJob"),
        Parameters: compilationJob(compilation, uses),
        ResultPath: "$.started",
        Retry: starting(),
        Catch: [
          // The name is the execution's own: the job was started, and only the answer was lost.
          {
            ErrorEquals: ["SageMaker.ResourceInUseException"],
            ResultPath: "$.started",
            Next: "Wait",
          },
          ...Catch,
        ],
        Next: "Wait",
      },
      Wait: { Type: "Wait", Seconds: POLL_SECONDS, Next: "Watch" },
      Watch: {
        Type: "Task",
        Resource: sdk("sagemaker:describeCompilationJob"),
        Parameters: { "CompilationJobName.$": "$.job.name" },
        ResultPath: "$.compilation",
        Retry: [anyFailure()],
        Catch,
        Next: "HasEnded",
      },
      HasEnded: {
        Type: "Choice",
        Choices: [
          { Variable: "$.compilation.CompilationJobStatus", StringEquals: "COMPLETED", Next: "LookAfter" },
          ...["FAILED", "STOPPED"].map((status) => ({
            Variable: "$.compilation.CompilationJobStatus",
            StringEquals: status,
            Next: "JobFailed",
          })),
        ],
        Default: "Wait",
      },
      LookAfter: { ...look, Next: "IsWhereExpected" },
      IsWhereExpected: { Type: "Choice", Choices: [found], Default: "Misplaced" },
      JobFailed: failure("Neo.JobFailed", failed),
      Misplaced: failure("Neo.OutputMisplaced", failed),
      ...failureStates({ partition, subject: `Compilation of ${uses.jobPrefix} failed`, topicArn }),
      Compiled: { Type: "Succeed" },
    },
  };
}

/** An error as a catcher would write it, with all that SageMaker says of the job. */
function failure(error: string, next: string): object {
  return {
    Type: "Pass",
    Parameters: { Error: error, "Cause.$": "States.JsonToString($.compilation)" },
    ResultPath: "$.error",
    Next: next,
  };
}

/**
 * A job's name is unique for good in its account and region, and an execution's own is too long for it: so it ends in a
 * hash. It is no secret; MD5 leaves the most room for the readable part. Attempts share it, so that none starts a second.
 */
function jobName(): string {
  const execution =
    "States.Format('{} {} {}', $$.Execution.Id, $$.Execution.StartTime, $$.Execution.RedriveCount)";
  return `States.Format('{}-{}', $.settings.jobPrefix, States.Hash(${execution}, 'MD5'))`;
}

function compilationJob(compilation: Compilation, uses: CompilationUses): object {
  const { frameworkVersion, dataInputConfig, compilerOptions } = compilation;
  return {
    "CompilationJobName.$": "$.job.name",
    RoleArn: uses.roleArn,
    InputConfig: {
      S3Uri: uses.sourceUri,
      Framework: compilation.framework,
      ...(frameworkVersion === null ? {} : { FrameworkVersion: frameworkVersion }),
      ...(dataInputConfig === null ? {} : { DataInputConfig: dataInputConfig }),
    },
    OutputConfig: {
      S3OutputLocation: `s3://${uses.bucketName}/${compilation.folder}`,
      TargetDevice: compilation.device,
      ...(compilerOptions === null ? {} : { CompilerOptions: compilerOptions }),
      KmsKeyId: uses.keyArn,
    },
    StoppingCondition: { MaxRuntimeInSeconds: compilation.timeoutSeconds },
    Tags: Object.entries(uses.tags).map(([Key, Value]) => ({ Key, Value })),
  };
}

/** Long for the account's quota of jobs, briefly after errors that the API has no name for, throttling among them. */
function starting(): readonly object[] {
  return [
    {
      ErrorEquals: ["SageMaker.ResourceLimitExceededException"],
      IntervalSeconds: 60,
      MaxDelaySeconds: 900,
      MaxAttempts: 10,
      BackoffRate: 2,
      JitterStrategy: "FULL",
    },
    { ...anyFailure(), ErrorEquals: ["SageMaker.SageMakerException"] },
  ];
}

function anyFailure(): object {
  return {
    ErrorEquals: ["States.TaskFailed"],
    IntervalSeconds: 5,
    MaxDelaySeconds: 60,
    MaxAttempts: 4,
    BackoffRate: 2,
    JitterStrategy: "FULL",
  };
}
