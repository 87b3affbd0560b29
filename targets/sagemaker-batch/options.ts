import { z } from "zod";
import { duration, field, kmsKeyArn, S3_URI_PATTERN, size, spelled } from "../../modules/manifest/fields";
import { Duration } from "../../modules/units/duration";
import { Size } from "../../modules/units/size";
import { LIMITS } from "./limits";

const API = "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTransformJob.html (2026-11)";
const ASSOCIATE =
  "https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html (2026-11)";

/** SageMaker takes 1,024 characters; the rest is room for the folder of a run. */
const LOCATION_PATTERN = new RegExp(`^(?=.{1,900}$)${S3_URI_PATTERN.source.slice(1)}`);

const location = (example: string) =>
  spelled(LOCATION_PATTERN, {
    allowed: "s3://bucket/prefix, up to 900 characters, the prefix of letters, digits and !_.'()/=@,+:-",
    example,
  });

const MEDIA_TYPE_PATTERN =
  /^(?=.{3,256}$)[A-Za-z0-9][A-Za-z0-9!#&^_.+-]*\/[A-Za-z0-9][A-Za-z0-9!#&^_.+-]*(?:; ?[A-Za-z0-9-]+=[A-Za-z0-9._-]+)*$/;

const mediaType = () => spelled(MEDIA_TYPE_PATTERN, { allowed: "a media type", example: "text/csv" });

/** Members, names in brackets, indices, slices and wildcards; no filters and no scripts. */
const JSON_PATH_PATTERN =
  /^(?=.{1,63}$)\$(?:\.(?:\*|[A-Za-z_][A-Za-z0-9_-]*)|\[(?:\*|'[A-Za-z0-9_ -]+'(?:,'[A-Za-z0-9_ -]+')*|-?\d+(?::(?:-?\d+)?)?(?:,-?\d+(?::(?:-?\d+)?)?)*|:-?\d+)\])*$/;

const jsonPath = (example: string) =>
  spelled(JSON_PATH_PATTERN, {
    allowed: `a JSONPath of at most ${LIMITS.jsonPath.value} characters: $, .name, ['name','other'], [0], [1:], [0,5:], *`,
    example,
  });

/** Options of `targets.sagemaker-batch`. */
export const options = z.strictObject({
  input: field(location("s3://in/"), {
    description:
      "Where the input lies: every object whose key starts with this prefix. End a folder with a slash. Required.",
    source: API,
  }),
  output: field(location("s3://out/"), {
    description: "Folder that results go to, as `<object>.out`. Required.",
    source: API,
  }),
  runFolders: field(z.boolean().default(true), {
    description:
      "Whether each run writes into a folder of its own, named after its execution. Without, a run overwrites the results of the one before. Default true.",
  }),
  schedule: field(
    spelled(/^(?:cron|rate)\([A-Za-z0-9*?,/# -]{1,200}\)$/, {
      allowed: "cron(minutes hours day-of-month month day-of-week year), or rate(value unit)",
      example: "cron(0 2 * * ? *)",
    }).optional(),
    {
      description: "When jobs run, as EventBridge Scheduler writes it; never by the clock where absent.",
      source: "https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html (2026-11)",
    },
  ),
  timezone: field(
    spelled(/^[A-Za-z][A-Za-z0-9_+/-]{1,49}$/, {
      allowed: "an IANA time zone",
      example: "Europe/Dublin",
    }).default("UTC"),
    { description: "Time zone of `schedule`. Default UTC." },
  ),
  onArrival: field(z.boolean().default(false), {
    description:
      "Whether each object that arrives under `input` starts a job on just that object. The bucket's owner must have turned on its EventBridge notifications. Default false.",
    source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html (2026-11)",
  }),
  instanceType: field(
    spelled(/^ml\.[a-z0-9-]+\.[a-z0-9]+$/, {
      allowed: "an ml.* instance type",
      example: "ml.m5.xlarge",
    }).optional(),
    {
      description:
        "Instance type; ml.m5.xlarge where it holds `resources`, else the smallest common one that does.",
      source: API,
    },
  ),
  instanceCount: field(z.int().min(LIMITS.instancesMin.value).max(LIMITS.instancesMax.value).optional(), {
    description:
      "Instances of each job; 1 to 100. Default 1; `compare` finds the fewest that end in time where neither this nor `instanceType` is given.",
    source: API,
  }),
  contentType: field(mediaType().optional(), {
    description: "Media type of the input, sent with each request.",
    source: API,
  }),
  accept: field(mediaType().optional(), { description: "Media type asked for in answers.", source: API }),
  splitType: field(z.enum(["None", "Line", "RecordIO", "TFRecord"]).default("None"), {
    description: "How objects are split into records; None sends each object whole. Default None.",
    source: API,
  }),
  batchStrategy: field(z.enum(["MultiRecord", "SingleRecord"]).optional(), {
    description:
      "Records of one request: as many as fit into `maxPayload`, or one. Default MultiRecord where `splitType` splits.",
    source: API,
  }),
  assembleWith: field(z.enum(["None", "Line"]).default("None"), {
    description: "How results are joined into one object: as they are, or each on a line. Default None.",
    source: API,
  }),
  compression: field(z.enum(["None", "Gzip"]).default("None"), {
    description: "Compression of the input. Default None.",
    source: API,
  }),
  maxConcurrentTransforms: field(z.int().min(1).max(LIMITS.payloadMb.value).default(1), {
    description:
      "Requests at once to each instance; 1 to 100, and times `maxPayload` at most 100 MB. Default 1.",
    source: API,
  }),
  maxPayload: field(size({ min: Size.mebibytes(1), max: Size.bytes(LIMITS.payload.value) }).prefault("6Mi"), {
    description: "Largest request; 1Mi to 100Mi in whole Mi. Default 6Mi.",
    source: API,
  }),
  unlimitedPayload: field(z.boolean().default(false), {
    description:
      "Send each request in HTTP chunks of no stated total, whatever its size, instead of up to `maxPayload`; the server must take that. Default false.",
    source: API,
  }),
  joinSource: field(z.enum(["None", "Input"]).default("None"), {
    description: "Input joins each result to its record. Default None.",
    source: ASSOCIATE,
  }),
  inputFilter: field(jsonPath("$[1:]").default("$"), {
    description: "What of a record the model gets, as JSONPath. Default $, all.",
    source: ASSOCIATE,
  }),
  outputFilter: field(jsonPath("$['id','SageMakerOutput']").default("$"), {
    description: "What of a (joined) result is kept, as JSONPath. Default $, all.",
    source: ASSOCIATE,
  }),
  invocationTimeout: field(
    duration({ min: Duration.seconds(1), max: Duration.seconds(LIMITS.invocationSeconds.value) }).prefault(
      "10m",
    ),
    { description: "How long one request may take; 1s to 1h in whole seconds. Default 10m.", source: API },
  ),
  invocationMaxRetries: field(z.int().min(0).max(LIMITS.invocationRetries.value).default(3), {
    description: "How often a failing request is sent again; 0 to 3. Default 3.",
    source: API,
  }),
  timeout: field(duration({ min: Duration.seconds(60), max: Duration.seconds(30 * 86400) }).prefault("1d"), {
    description: "How long a job may run before it is stopped; 1m to 30d. Default 1d.",
  }),
  retries: field(z.int().min(0).max(5).default(1), {
    description: "How often a job that failed is run again from its start; 0 to 5. Default 1.",
  }),
  networkIsolation: field(z.boolean().optional(), {
    description:
      "Cut the container off from every network. Set it to false for containers that fetch weights themselves. Default true, except where `model.secrets` must be read.",
    source: "https://docs.aws.amazon.com/sagemaker/latest/dg/mkt-algo-model-internet-free.html (2026-11)",
  }),
  decryptKeyArns: field(z.array(kmsKeyArn()).max(10).default([]), {
    description:
      "Further KMS keys, those that input or artifact are encrypted with: the model's role may decrypt with them. At most 10. Default none.",
  }),
  logExecutionData: field(z.boolean().default(true), {
    description:
      "Whether the state machine's log has inputs and outputs: names of objects and the job's description, never records. Default true.",
  }),
});

export type Options = z.output<typeof options>;
