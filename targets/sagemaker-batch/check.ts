import { isTimeZone, scheduleExpressionSource, scheduleProblem } from "../../modules/aws/schedule-expression";
import type { Limit } from "../../modules/aws/limits";
import { type SageMakerInstance, sageMakerInstances } from "../../modules/aws/instances";
import {
  type CodeDescription,
  type Finding,
  formatPath,
  type ManifestPath,
  show,
} from "../../modules/issues/issue";
import { nearest } from "../../modules/issues/nearest";
import { containerEnvironment } from "../../modules/plan/container-environment";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import { Size } from "../../modules/units/size";
import { inSequence, serviceTimeOf } from "../../modules/workload/service-time";
import { fittingInstances, holds, instanceOf, instancesOf, recordsPerRequest } from "./capacity";
import { LIMITS } from "./limits";
import { contains, formatLocation, type Location, parseFolder, parseLocation } from "./location";
import type { Options } from "./options";

const error = (summary: string): CodeDescription => ({ summary, severity: "error" });

export const CODES = {
  BATCH_INSTANCE_TYPE: error(
    "An instance type that batch transform does not have, or none fits the resources.",
  ),
  BATCH_INSTANCE_FIT: error("The instance type is smaller than one replica."),
  BATCH_FIXED_COUNT: {
    summary:
      "The manifest has a scaling range, which a job cannot follow: it always runs on `instanceCount` instances.",
    severity: "warning",
  },
  BATCH_LOCATIONS: error("Input, output and artifact lie in one another, so that a job would read results."),
  BATCH_PAYLOAD: error("A payload that batch transform does not take, alone or times the requests at once."),
  BATCH_STRATEGY: error("Several records in one request, but nothing that splits the input into records."),
  BATCH_FILTER: error("A filter or a join on input that is neither CSV nor JSON."),
  BATCH_DURATION: error("A time that is not a whole number of seconds, or shorter than one request takes."),
  BATCH_REQUEST_LONG: {
    summary:
      "A request of as many records as fit may last longer than its timeout, if each takes its own time.",
    severity: "warning",
  },
  BATCH_SCHEDULE: error("A schedule or a time zone that EventBridge Scheduler does not take."),
  BATCH_ARTIFACT: error("An artifact that is no .tar.gz archive."),
  BATCH_ENVIRONMENT: error("More environment variables, or longer ones, than SageMaker takes."),
  BATCH_ISOLATED_SECRETS: error("A container without network cannot read its secrets."),
} as const satisfies Record<string, CodeDescription>;

type Plan = AwsTargetPlan<Options>;

const OPTIONS: ManifestPath = ["targets", "sagemaker-batch"];
const option = (name: keyof Options): ManifestPath => [...OPTIONS, name];

function sourced(text: string, { source, asOf }: { readonly source: string; readonly asOf: string }): string {
  return `${text} (${source}, ${asOf})`;
}

/** What the services would refuse, at apply or when the first job starts. */
export function* check(plan: Plan): Iterable<Finding> {
  yield* instances(plan);
  yield* locations(plan);
  yield* payload(plan);
  yield* records(plan);
  yield* durations(plan);
  yield* filledRequests(plan);
  yield* schedule(plan);
  yield* model(plan);
}

function* instances(plan: Plan): Iterable<Finding> {
  const { options, resources, scaling } = plan;
  const instance = instanceOf(plan, options);
  const offered = fittingInstances(plan)
    .slice(0, 4)
    .map(({ type }) => type)
    .join(", ");
  const need = `${resources.cpu} vCPU, ${resources.memory.toString()}${resources.gpu > 0 ? `, ${resources.gpu} GPU` : ""}`;
  const alternatives = offered === "" ? {} : { allowed: sourced(`for example ${offered}`, LIMITS.vcpus) };
  if (options.instanceType === undefined) {
    if (instance === undefined && resources.architecture === "x86_64") {
      yield {
        path: ["resources"],
        code: "BATCH_INSTANCE_TYPE",
        message: `no common instance type for batch transform holds ${need}`,
        fix: "lower resources, or name an instance type under targets.sagemaker-batch.instanceType",
      };
    }
  } else if (instance?.transform !== true) {
    const known = sageMakerInstances()
      .filter(({ transform }) => transform)
      .map(({ type }) => type);
    const similar = nearest(options.instanceType, known);
    yield {
      path: option("instanceType"),
      code: "BATCH_INSTANCE_TYPE",
      message:
        instance === undefined
          ? `${show(options.instanceType)} is no instance type of SageMaker`
          : `${show(options.instanceType)} serves endpoints only, not batch transform`,
      ...alternatives,
      fix:
        similar === undefined || instance !== undefined ? "take another type" : `did you mean "${similar}"?`,
    };
  } else if (!holds(instance, plan)) {
    yield {
      path: option("instanceType"),
      code: "BATCH_INSTANCE_FIT",
      message: `${instance.type} has ${hardware(instance)}; one replica needs ${need}`,
      ...alternatives,
      fix: "take a larger type, or lower resources",
    };
  }
  const instances = instancesOf(options);
  const fixed = scaling.min === instances && scaling.max === instances;
  if (scaling.max > 1 && !fixed) {
    yield {
      path: ["scaling"],
      code: "BATCH_FIXED_COUNT",
      message: `a job does not scale between ${scaling.min} and ${scaling.max}: it runs on ${instances} ${instances === 1 ? "instance" : "instances"}`,
      fix: `set ${formatPath(option("instanceCount"))} to what a job needs`,
    };
  }
}

function hardware({ vcpu, memoryGiB, gpus }: SageMakerInstance): string {
  return `${vcpu} vCPU, ${memoryGiB}Gi${gpus > 0 ? `, ${gpus} GPU` : ""}`;
}

function* locations({ options, model: { artifact } }: Plan): Iterable<Finding> {
  const input = parseLocation(options.input);
  const output = parseFolder(options.output);
  const inside = (inner: string, outer: string, place: Location) =>
    `${inner} lies in ${outer}, ${formatLocation(place)}`;
  if (contains(input, output)) {
    yield {
      path: option("output"),
      code: "BATCH_LOCATIONS",
      message: `${inside("the output", "the input", input)}: jobs would take results for input${options.onArrival ? ", and each result would start a job" : ""}`,
      fix: "write to another bucket, or to a prefix beside the input",
    };
  }
  if (artifact?.kind !== "s3") return;
  const archive: Location = { bucket: artifact.bucket, prefix: artifact.key };
  if (contains(input, archive)) {
    yield {
      path: option("input"),
      code: "BATCH_LOCATIONS",
      message: `${inside("the model's artifact", "the input", input)}: jobs would take it for input`,
      fix: "keep the model in another bucket or prefix",
    };
  }
  if (contains(output, archive)) {
    yield {
      path: option("output"),
      code: "BATCH_LOCATIONS",
      message: `${inside("the model's artifact", "the output", output)}, where jobs may overwrite it`,
      fix: "keep the model in another bucket or prefix",
    };
  }
}

function* payload({ options, workload }: Plan): Iterable<Finding> {
  const { maxPayload, maxConcurrentTransforms, unlimitedPayload } = options;
  if (unlimitedPayload) return;
  const megabytes = maxPayload.mebibytes;
  if (!Number.isInteger(megabytes)) {
    yield {
      path: option("maxPayload"),
      code: "BATCH_PAYLOAD",
      message: `${maxPayload.toString()} is no whole number of Mi`,
      allowed: sourced("1Mi to 100Mi in whole Mi", LIMITS.payloadMb),
      fix: `for example ${Math.ceil(megabytes)}Mi`,
    };
  } else if (megabytes * maxConcurrentTransforms > LIMITS.payloadMb.value) {
    yield {
      path: option("maxConcurrentTransforms"),
      code: "BATCH_PAYLOAD",
      message: `${maxConcurrentTransforms} requests at once of up to ${maxPayload.toString()} are ${megabytes * maxConcurrentTransforms} MB`,
      allowed: sourced(`at most ${LIMITS.payloadMb.value} MB together`, LIMITS.payloadMb),
      fix: `lower it to ${Math.floor(LIMITS.payloadMb.value / megabytes)}, or lower maxPayload`,
    };
  }
  const record = workload?.batch?.recordSize;
  if (record !== undefined && options.splitType !== "None" && record.bytes > maxPayload.bytes) {
    yield {
      path: ["workload", "batch", "recordSize"],
      code: "BATCH_PAYLOAD",
      message: `a record of ${record.toString()} does not fit into a request of ${maxPayload.toString()}`,
      allowed: sourced(`at most ${Size.bytes(LIMITS.payload.value).toString()}`, LIMITS.payload),
      fix: `raise ${formatPath(option("maxPayload"))}`,
    };
  }
}

/** Media types whose records SageMaker can filter and join. */
const RECORD_TYPES = /^(?:text\/csv|application\/(?:json|jsonlines|x-jsonlines))(?:;|$)/;

function* records({ options }: Plan): Iterable<Finding> {
  if (options.batchStrategy === "MultiRecord" && options.splitType === "None") {
    yield {
      path: option("batchStrategy"),
      code: "BATCH_STRATEGY",
      message: "MultiRecord needs records, but splitType is None",
      allowed:
        "splitType Line, RecordIO or TFRecord (SageMaker API model (botocore 1.44.5), BatchStrategy, 2026-11-17)",
      fix: "add splitType: Line, or remove batchStrategy",
    };
  }
  const shaping = (["inputFilter", "outputFilter", "joinSource"] as const).find((name) =>
    name === "joinSource" ? options.joinSource === "Input" : options[name] !== "$",
  );
  if (shaping !== undefined && !RECORD_TYPES.test(options.contentType ?? "")) {
    yield {
      path: option(shaping),
      code: "BATCH_FILTER",
      message:
        options.contentType === undefined
          ? "needs a contentType that says how records are read"
          : `cannot be applied to ${options.contentType}`,
      allowed:
        "contentType text/csv, application/json or application/jsonlines (https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html, 2026-11)",
      fix: "add contentType: text/csv, or whatever the input is",
    };
  }
}

function* durations({ options, workload }: Plan): Iterable<Finding> {
  for (const name of ["invocationTimeout", "timeout"] as const) {
    if (Number.isInteger(options[name].seconds)) continue;
    yield {
      path: option(name),
      code: "BATCH_DURATION",
      message: `${options[name].toString()} is no whole number of seconds`,
      fix: `for example ${Math.ceil(options[name].seconds)}s`,
    };
  }
  const slow = workload?.serviceTime?.p99;
  if (slow !== undefined && slow.milliseconds > options.invocationTimeout.milliseconds) {
    yield {
      path: option("invocationTimeout"),
      code: "BATCH_DURATION",
      message: `${options.invocationTimeout.toString()} is shorter than a request takes, ${slow.toString()} at p99`,
      allowed: sourced("up to 1h", LIMITS.invocationSeconds),
      fix: "raise it above workload.serviceTime.p99",
    };
  }
}

/** Requests that are filled up last as long as their records together, as far as the manifest says how long one takes. */
function* filledRequests({ options, workload }: Plan): Iterable<Finding> {
  const batch = workload?.batch;
  const p99 = workload?.serviceTime?.p99.seconds;
  const p50 = workload?.serviceTime?.p50.seconds;
  if (batch === undefined || p50 === undefined || p99 === undefined) return;
  const records = recordsPerRequest(options, batch.records, batch.recordSize.bytes);
  const seconds = inSequence(serviceTimeOf(p50, p99), records).p99;
  const most = options.invocationTimeout.seconds;
  if (records === 1 || seconds <= most) return;
  const perMebibyte = seconds / options.maxPayload.mebibytes;
  const fits = Math.floor(most / perMebibyte);
  const needed = Math.ceil(seconds / 60);
  yield {
    path: option("invocationTimeout"),
    code: "BATCH_REQUEST_LONG",
    message: `${options.invocationTimeout.toString()} is shorter than ${records} records of ${batch.recordSize.toString()} take one after the other, ${Math.round(seconds)} s: so many fit into maxPayload`,
    allowed: sourced("up to 1h", LIMITS.invocationSeconds),
    fix: [
      ...(fits >= 1 ? [`set maxPayload: ${fits}Mi`] : ["set batchStrategy: SingleRecord"]),
      ...(needed <= 60 ? [`invocationTimeout: ${needed}m`] : []),
      "or measure what the model gains from batches",
    ]
      .join(", or ")
      .replace(", or or ", ", or "),
  };
}

function* schedule({ options }: Plan): Iterable<Finding> {
  if (options.schedule === undefined) return;
  const problem = scheduleProblem(options.schedule);
  if (problem !== undefined) {
    yield {
      path: option("schedule"),
      code: "BATCH_SCHEDULE",
      message: `${show(options.schedule)} ${problem}`,
      allowed: sourced(
        "cron(minutes hours day-of-month month day-of-week year) or rate(value unit)",
        scheduleExpressionSource,
      ),
      fix: "for example cron(0 2 * * ? *), every night at two",
    };
  }
  if (!isTimeZone(options.timezone)) {
    yield {
      path: option("timezone"),
      code: "BATCH_SCHEDULE",
      message: `${show(options.timezone)} is no time zone of the IANA database`,
      fix: "for example Europe/Dublin",
    };
  }
}

function* model({ model: { artifact, environment, secrets }, options }: Plan): Iterable<Finding> {
  if (artifact?.kind === "s3" && !artifact.key.endsWith(".tar.gz")) {
    yield {
      path: ["model", "artifact"],
      code: "BATCH_ARTIFACT",
      message: `${show(artifact.uri)} is no .tar.gz archive`,
      allowed:
        "one object whose key ends in .tar.gz: batch transform takes no uncompressed model (SageMaker API model, ContainerDefinition, 2026-11-17)",
      fix: "pack the model as model.tar.gz",
    };
  }
  const entries = Object.keys(containerEnvironment({ environment, secrets }));
  const { environmentEntries: most, environmentValue: longest } = LIMITS;
  if (entries.length > most.value) yield tooMany(entries.length, most);
  for (const [name, value] of Object.entries(environment)) {
    if (value.length <= longest.value) continue;
    yield {
      path: ["model", "environment", name],
      code: "BATCH_ENVIRONMENT",
      message: `has ${value.length} characters`,
      allowed: sourced(`at most ${longest.value}`, longest),
      fix: "put it into the image or the artifact",
    };
  }
  if (options.networkIsolation === true && Object.keys(secrets).length > 0) {
    yield {
      path: ["model", "secrets"],
      code: "BATCH_ISOLATED_SECRETS",
      message: "the container would have to read its secrets over a network that it does not have",
      allowed: "secrets with networkIsolation: false",
      fix: `set ${formatPath(option("networkIsolation"))}: false, or remove the secrets`,
    };
  }
}

function tooMany(count: number, most: Limit): Finding {
  return {
    path: ["model", "environment"],
    code: "BATCH_ENVIRONMENT",
    message: `has ${count} entries, references to secrets included`,
    allowed: sourced(`at most ${most.value}`, most),
    fix: "remove some",
  };
}
