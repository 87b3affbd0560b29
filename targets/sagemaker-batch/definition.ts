import type { AwsTargetPlan } from "../../modules/plan/plan";
import type { Sealed } from "../../modules/stack/seal";
import { catchAll, failureStates } from "../../modules/step-functions/failure";
import { formatLocation, parseFolder, parseLocation } from "./location";
import { instancesOf } from "./capacity";
import type { Options } from "./options";

/** What the state machine refers to. */
export interface DefinitionOptions {
  readonly modelName: string;
  /** Start of the jobs' names. */
  readonly jobPrefix: string;
  readonly instanceType: string;
  /** Key of the results. */
  readonly keyArn: string;
  /** Whether the volumes of the instance type take a key. */
  readonly volumeKey: boolean;
  /** Topic that is told of failures; null tells nobody. */
  readonly topicArn: string | null;
  readonly tags: Readonly<Record<string, string>>;
}

/** Time that an execution may spend between the attempts of its job. */
const WAITING_SECONDS = 86_400;

/**
 * The state machine in the Amazon States Language. What the manifest says stands in it as plain values only, never in a
 * path or an intrinsic function, which Step Functions would evaluate.
 *
 * Its input is `{}` for everything under the configured input, or `{"key": "<object key or prefix>"}` for a part of it.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html (read 2026-11)
 */
export function stateMachineDefinition(
  plan: Sealed<AwsTargetPlan<Options>>,
  uses: DefinitionOptions,
): object {
  const { options, region } = plan;
  const input = parseLocation(options.input);
  const { partition } = region;
  const attempts = options.retries + 1;
  return {
    Comment: "Runs one batch transform job and tells of its failure",
    StartAt: "Settings",
    TimeoutSeconds: attempts * options.timeout.seconds + WAITING_SECONDS,
    States: {
      Settings: {
        Type: "Pass",
        Result: {
          jobPrefix: uses.jobPrefix,
          inputBucket: input.bucket,
          input: formatLocation(input),
          output: formatLocation(parseFolder(options.output)),
        },
        ResultPath: "$.settings",
        Next: "AllOrPart",
      },
      AllOrPart: {
        Type: "Choice",
        Choices: [
          {
            And: [
              { Variable: "$.key", IsPresent: true },
              { Variable: "$.key", IsString: true },
            ],
            Next: "Part",
          },
        ],
        Default: "All",
      },
      All: {
        Type: "Pass",
        Parameters: { "uri.$": "$.settings.input" },
        ResultPath: "$.input",
        Next: "Transform",
      },
      Part: {
        Type: "Pass",
        Parameters: { "uri.$": "States.Format('s3://{}/{}', $.settings.inputBucket, $.key)" },
        ResultPath: "$.input",
        Next: "Transform",
      },
      Transform: {
        Type: "Task",
        Resource: `arn:${partition}:states:::sagemaker:createTransformJob.sync`,
        TimeoutSeconds: options.timeout.seconds,
        Parameters: transformJob(plan, uses),
        ResultPath: "$.job",
        Retry: retry(options.retries),
        Catch: [catchAll(uses.topicArn)],
        End: true,
      },
      ...failureStates({
        partition,
        subject: `Batch job of ${uses.jobPrefix} failed`,
        topicArn: uses.topicArn,
      }),
    },
  };
}

/**
 * The parameters of CreateTransformJob. A job's name is unique for good in its account and region, and an execution's
 * name is too long for it and may have underscores (EventBridge writes `<event>_<id>`): so the name ends in a hash of
 * the execution, its redrives and the attempt. It is no secret; MD5 leaves the most room for the readable part.
 */
function transformJob(plan: Sealed<AwsTargetPlan<Options>>, uses: DefinitionOptions): object {
  const { options } = plan;
  const attempt =
    "States.Format('{} {} {} {}', $$.Execution.Id, $$.Execution.StartTime, $$.Execution.RedriveCount, $$.State.RetryCount)";
  const batchStrategy = options.batchStrategy ?? (options.splitType === "None" ? undefined : "MultiRecord");
  return {
    "TransformJobName.$": `States.Format('{}-{}', $.settings.jobPrefix, States.Hash(${attempt}, 'MD5'))`,
    ModelName: uses.modelName,
    MaxConcurrentTransforms: options.maxConcurrentTransforms,
    MaxPayloadInMB: options.unlimitedPayload ? 0 : options.maxPayload.mebibytes,
    ...(batchStrategy === undefined ? {} : { BatchStrategy: batchStrategy }),
    ModelClientConfig: {
      InvocationsTimeoutInSeconds: options.invocationTimeout.seconds,
      InvocationsMaxRetries: options.invocationMaxRetries,
    },
    TransformInput: {
      DataSource: { S3DataSource: { S3DataType: "S3Prefix", "S3Uri.$": "$.input.uri" } },
      ...(options.contentType === undefined ? {} : { ContentType: options.contentType }),
      CompressionType: options.compression,
      SplitType: options.splitType,
    },
    TransformOutput: {
      "S3OutputPath.$": options.runFolders
        ? "States.Format('{}{}/', $.settings.output, $$.Execution.Name)"
        : "$.settings.output",
      ...(options.accept === undefined ? {} : { Accept: options.accept }),
      AssembleWith: options.assembleWith,
      KmsKeyId: uses.keyArn,
    },
    TransformResources: {
      InstanceType: uses.instanceType,
      InstanceCount: instancesOf(options),
      ...(uses.volumeKey ? { VolumeKmsKeyId: uses.keyArn } : {}),
    },
    ...dataProcessing(options),
    Tags: Object.entries(uses.tags).map(([Key, Value]) => ({ Key, Value })),
  };
}

function dataProcessing({ inputFilter, outputFilter, joinSource }: Options): object {
  if (inputFilter === "$" && outputFilter === "$" && joinSource === "None") return {};
  return { DataProcessing: { InputFilter: inputFilter, OutputFilter: outputFilter, JoinSource: joinSource } };
}

/**
 * Waits long for a free instance (many arrivals at once meet the account's quota), briefly after throttling, and runs a
 * failed job again as often as the manifest wants. A job that ran out of time is not run again.
 */
function retry(retries: number): readonly object[] {
  const jitter = { BackoffRate: 2, JitterStrategy: "FULL" };
  return [
    {
      ErrorEquals: ["SageMaker.ResourceLimitExceeded", "SageMaker.ResourceLimitExceededException"],
      IntervalSeconds: 60,
      MaxDelaySeconds: 900,
      MaxAttempts: 20,
      ...jitter,
    },
    {
      ErrorEquals: ["SageMaker.AmazonSageMakerException"],
      IntervalSeconds: 5,
      MaxDelaySeconds: 120,
      MaxAttempts: 6,
      ...jitter,
    },
    ...(retries === 0
      ? []
      : [
          {
            ErrorEquals: ["States.TaskFailed"],
            IntervalSeconds: 60,
            MaxDelaySeconds: 3600,
            MaxAttempts: retries,
            ...jitter,
          },
        ]),
  ];
}
