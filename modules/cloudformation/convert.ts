import { isLogRetention } from "../aws/log-retention";
import { formatPath } from "../issues/issue";
import { keyProblem } from "../manifest/data";
import { API_VERSION } from "../manifest/schema";
import { Size } from "../units/size";
import { attributesOf, type Context, isNamed, resourcesOf, symbolicName, symbolOf, TARGET } from "./context";
import { Draft } from "./draft";
import { carry, convertInstances, seconds } from "./instances";
import type { StackInputs } from "./intrinsics";
import { convertModel } from "./model";
import { type Item, Reader, readerOf } from "./reader";
import { type NotCarried, type Place, placed } from "./report";
import { convertScaling } from "./scaling";
import type { Resource, TemplateNode } from "./template";
import { convertShadow, convertVariants, MAIN, type TemplateVariant, VARIANT_REASONS } from "./variants";

const OPTIONS = ["targets", TARGET] as const;

/** Why an endpoint cannot be converted at all. */
export interface Unconvertible {
  readonly place: Place;
  readonly reason: string;
  readonly fix?: string;
}

/** Converts an endpoint with all that hangs on it into a manifest named `name`. */
export function convertEndpoint(
  context: Context,
  endpoint: Resource,
  name: string,
  inputs: StackInputs,
): Draft | Unconvertible {
  const reader = Reader.of(endpoint, context.evaluator);
  const configuration = configurationOf(context, reader);
  if ("reason" in configuration) return configuration;
  const config = Reader.of(configuration, context.evaluator);
  const variants = variantsOf(config);
  if ("reason" in variants) return variants;
  context.used.add(endpoint.id);
  context.used.add(configuration.id);

  const draft = new Draft(context.target);
  draft.set(["apiVersion"], API_VERSION);
  draft.set(["name"], name);
  place(draft, endpoint, inputs);
  draft.set(["target"], TARGET);
  draft.set(OPTIONS, {});
  draft.cover(reader.placeOf("EndpointConfigName"), `targets.${TARGET}`);
  nameOfEndpoint(draft, reader, name);

  const { main, others } = variants;
  const { reader: variant } = main;
  const mode = modeOf(config, variant);
  if (mode !== "provisioned") draft.set([...OPTIONS, "mode"], mode);
  for (const { place: at, reason } of variants.unreadable) draft.lose(at, reason);
  const further = others.filter(({ reader: other }) => {
    const reason = unlike(mode, other);
    if (reason !== undefined) draft.lose(other.place, reason);
    return reason === undefined;
  });
  const shadow = shadowOf(draft, config, mode, others.length > 0);

  let vcpu: number | undefined;
  if (mode === "serverless") serverless(draft, variant);
  else vcpu = convertInstances(draft, variant, mode);
  const model = convertModel(context, draft, variant, mode);
  accountOfRole(draft);
  const symbolOfVariant = (reading: Reader) => symbolOf(context, reading, "VariantName");
  const variantName = symbolOfVariant(variant) ?? MAIN;
  const variantPlace = variant.node("VariantName");
  if (variantPlace !== undefined) {
    if (variantName === MAIN)
      draft.lose(variantPlace.place, "is the variant's name with modelport too", "none");
    else
      draft.lose(
        variantPlace.place,
        `the variant is named ${MAIN}: whoever names it (TargetVariant, dashboards) must follow`,
      );
  }
  const weight = variant.node("InitialVariantWeight");
  if (weight !== undefined) {
    if (further.length > 0) draft.cover(weight.place, formatPath([...OPTIONS, "variants"]));
    else if (shadow !== undefined) draft.cover(weight.place, formatPath([...OPTIONS, "shadow", "percent"]));
    else
      draft.lose(weight.place, "the only variant takes all requests", others.length > 0 ? "differs" : "none");
  }

  const scaled = convertScaling(
    context,
    draft,
    { endpointName: symbolicName(context, endpoint), variantName, mode, vcpu },
    new Set(
      [...further, ...(shadow === undefined ? [] : [shadow])].flatMap(
        (each) => symbolOfVariant(each.reader) ?? [],
      ),
    ),
  );
  if (mode !== "serverless") replicas(draft, variant, scaled);
  draft.loseAll(variant.rest(VARIANT_REASONS));
  const models = [
    ...(model === undefined ? [] : [model]),
    ...convertVariants(context, draft, { endpoint, main, mainScales: scaled !== undefined, others: further }),
    ...(shadow === undefined ? [] : convertShadow(context, draft, { endpoint, main, shadow })),
  ];
  if (mode === "async") asynchronous(draft, config);
  capture(draft, config, mode);
  encryption(draft, config, mode);
  deployment(draft, reader, mode);
  tags(draft, [reader, config, ...new Set(models)]);
  logs(context, draft, endpoint);

  const own = config.node("EndpointConfigName");
  if (own !== undefined) draft.lose(own.place, "modelport names configurations after their content", "none");
  draft.loseAll([
    ...config.rest({
      ExplainerConfig: { reason: "a manifest has no online explanations", effect: "differs" },
      EnableNetworkIsolation: { reason: "belongs to inference components", effect: "differs" },
      VpcConfig: { reason: "belongs to inference components", effect: "differs" },
      ExecutionRoleArn: { reason: "belongs to inference components", effect: "differs" },
    }),
    ...attributesOf(context, configuration),
    ...reader.rest(),
    ...attributesOf(context, endpoint),
  ]);
  draft.loseAll(unspoken(context, draft));
  return draft;
}

/** Properties that were set aside together with something else, so that none is dropped in silence. */
function unspoken({ template }: Context, draft: Draft): readonly NotCarried[] {
  const spoken = new Map<string, Set<string>>();
  for (const { resource, path } of [...draft.carried, ...draft.notCarried])
    spoken.set(resource, (spoken.get(resource) ?? new Set()).add(path));
  return [...spoken].flatMap(([id, paths]) => {
    const resource = template.resources.get(id);
    if (resource === undefined || paths.has("") || paths.has("Properties")) return [];
    return silent(
      resource.properties,
      { resource: id, path: "Properties", position: resource.position },
      paths,
    );
  });
}

function silent(node: TemplateNode, at: Place, spoken: ReadonlySet<string>): readonly NotCarried[] {
  if (spoken.has(at.path)) return [];
  if (node.kind === "map")
    return [...node.entries].flatMap(([name, { value, keyPosition: position }]) =>
      silent(value, { ...at, path: `${at.path}.${name}`, position }, spoken),
    );
  if (node.kind === "list")
    return node.items.flatMap((item, index) =>
      silent(item, { ...at, path: `${at.path}[${index}]`, position: item.position }, spoken),
    );
  return [{ ...placed(at), reason: "is left out together with what it belongs to", effect: "differs" }];
}

/** Where the stack is; neither stands in a template. */
function place(draft: Draft, { id, position }: Resource, { region, account }: StackInputs): void {
  if (region === undefined) {
    const reason = "a template does not say which region it is for";
    draft.fill(["region"], { resource: id, path: "", position }, reason, "pass --region, or fill it in");
  } else draft.set(["region"], region.name);
  if (account !== undefined) draft.set(["account"], account);
}

/** An endpoint runs under a role of its own account: SageMaker takes no other. */
function accountOfRole(draft: Draft): void {
  const role = draft.at(["security", "roleArn"]);
  const account = typeof role === "string" ? /^arn:[^:]*:iam::(\d{12}):/.exec(role)?.[1] : undefined;
  if (account === undefined || draft.has(["account"])) return;
  draft.set(["account"], account);
  draft.remark(["account"], "the execution role's");
}

function nameOfEndpoint(draft: Draft, reader: Reader, name: string): void {
  const item = reader.node("EndpointName");
  if (item === undefined) return;
  draft.lose(item.place, `the endpoint is named ${name}-<environment>: its callers must follow`);
}

function configurationOf(context: Context, reader: Reader): Resource | Unconvertible {
  const symbol = symbolOf(context, reader, "EndpointConfigName");
  const found = resourcesOf(context, "AWS::SageMaker::EndpointConfig").find((resource) =>
    isNamed(symbol, symbolicName(context, resource)),
  );
  if (found !== undefined) return found;
  const text = reader.text("EndpointConfigName");
  return {
    place: reader.placeOf("EndpointConfigName"),
    reason: `names no endpoint configuration of the template${text?.kind === "open" ? `: ${text.reason}` : ""}`,
    ...(text?.kind === "open" && text.fix !== undefined ? { fix: text.fix } : {}),
  };
}

interface FoundVariants {
  /** The one of the greatest weight, which the manifest describes. */
  readonly main: TemplateVariant;
  readonly others: readonly TemplateVariant[];
  readonly unreadable: readonly { readonly place: Place; readonly reason: string }[];
}

/** The variants, the main one apart. */
function variantsOf(config: Reader): FoundVariants | Unconvertible {
  const list = config.list("ProductionVariants");
  if (list?.kind !== "given")
    return {
      place: config.placeOf("ProductionVariants"),
      reason: list?.reason ?? "is absent",
      ...(list?.fix === undefined ? {} : { fix: list.fix }),
    };
  const { found, unreadable } = readVariants(config, list.value);
  const [first, ...rest] = found;
  if (first === undefined) return { place: list.place, reason: "has no variant that can be read" };
  const main = rest.reduce((best, variant) => (weightOf(variant) > weightOf(best) ? variant : best), first);
  return { main, others: found.filter((variant) => variant !== main), unreadable };
}

/** For finding the greatest: a weight that cannot be told is none. */
function weightOf({ weight }: TemplateVariant): number {
  return weight?.kind === "given" ? weight.value : weight === undefined ? 1 : 0;
}

function readVariants(
  config: Reader,
  items: readonly Item[],
): { readonly found: readonly TemplateVariant[]; readonly unreadable: FoundVariants["unreadable"] } {
  const found: TemplateVariant[] = [];
  const unreadable: { place: Place; reason: string }[] = [];
  for (const item of items) {
    const given = readerOf(config.evaluator, item);
    if (given?.kind === "given") {
      const { value: reader } = given;
      found.push({ reader, weight: reader.number("InitialVariantWeight") });
    } else
      unreadable.push({ place: item.place, reason: given?.reason ?? "is removed with the values at hand" });
  }
  return { found, unreadable };
}

/** Why a variant has no place beside the main one. */
function unlike(mode: Mode, variant: Reader): string | undefined {
  if (mode !== "provisioned")
    return `mode ${mode} has one variant, and the one of the greatest weight is taken`;
  return variant.reader("ServerlessConfig") === undefined
    ? undefined
    : "is serverless, and the main variant has instances: a manifest has one mode";
}

/** The shadow variant, where the manifest takes it. */
function shadowOf(draft: Draft, config: Reader, mode: Mode, several: boolean): TemplateVariant | undefined {
  const list = config.list("ShadowProductionVariants");
  if (list === undefined) return undefined;
  const reason =
    list.kind === "open"
      ? list.reason
      : mode !== "provisioned"
        ? `mode ${mode} has no shadow variant`
        : several
          ? "a shadow copies the requests of one production variant, and there are several"
          : undefined;
  if (list.kind === "open" || reason !== undefined) {
    draft.lose(list.place, reason ?? "cannot be read");
    return undefined;
  }
  const { found, unreadable } = readVariants(config, list.value);
  for (const { place: at, reason: why } of unreadable) draft.lose(at, why);
  const [shadow, ...more] = found;
  for (const { reader } of more) draft.lose(reader.place, "there is one shadow variant");
  if (shadow === undefined && unreadable.length === 0)
    draft.lose(list.place, "has no shadow variant", "none");
  return shadow;
}

type Mode = "provisioned" | "serverless" | "async";

function modeOf(config: Reader, variant: Reader): Mode {
  if (variant.names().includes("ServerlessConfig") && variant.reader("ServerlessConfig") !== undefined)
    return "serverless";
  return config.names().includes("AsyncInferenceConfig") &&
    config.reader("AsyncInferenceConfig") !== undefined
    ? "async"
    : "provisioned";
}

/** Options of a serverless variant; what it needs of CPU and memory follows from its size. */
function serverless(draft: Draft, variant: Reader): void {
  const given = variant.reader("ServerlessConfig");
  if (given?.kind !== "given") {
    for (const field of ["cpu", "memory"])
      draft.fill(
        ["resources", field],
        variant.placeOf("ServerlessConfig"),
        given?.reason ?? "is absent",
        given?.fix,
      );
    return;
  }
  const config = given.value;
  const memory = config.number("MemorySizeInMB");
  if (memory?.kind === "given" && memory.value >= 1 && memory.value <= 1_000_000) {
    // vCPUs come in proportion to memory, one for each GiB.
    draft.set(["resources", "cpu"], memory.value / 1024);
    draft.need(["resources", "memory"], Size.mebibytes(memory.value).toString(), memory.place);
    draft.need([...OPTIONS, "memory"], Size.mebibytes(memory.value).toString(), memory.place);
  } else {
    const at = config.placeOf("MemorySizeInMB");
    const reason =
      memory === undefined ? "is absent" : memory.kind === "open" ? memory.reason : "is out of range";
    for (const field of ["cpu", "memory"]) draft.fill(["resources", field], at, reason);
  }
  for (const [name, field] of [
    ["MaxConcurrency", "maxConcurrency"],
    ["ProvisionedConcurrency", "provisionedConcurrency"],
  ] as const) {
    const value = config.number(name);
    if (value?.kind === "open") draft.fillFrom([...OPTIONS, field], value);
    if (value?.kind === "given") draft.need([...OPTIONS, field], value.value, value.place);
  }
  draft.loseAll(config.rest());
}

/** Without scaling, the number of instances; with it, the minimum counts, which an endpoint starts with. */
function replicas(
  draft: Draft,
  variant: Reader,
  scaled: { readonly min: number | undefined } | undefined,
): void {
  const count = variant.number("InitialInstanceCount");
  if (scaled === undefined) {
    const at = count?.place ?? variant.placeOf("InitialInstanceCount");
    if (count?.kind === "given") draft.need(["scaling", "min"], count.value, count.place);
    else
      draft.fill(
        ["scaling", "min"],
        at,
        count?.reason ?? "the variant has no number of instances",
        count?.fix,
      );
  } else if (count?.kind === "given" && scaled.min !== undefined && count.value === Math.max(scaled.min, 1)) {
    draft.cover(count.place, "scaling.min");
  } else if (count !== undefined) {
    draft.lose(count.place, "an endpoint starts with scaling.min instances, at least one");
  }
}

function asynchronous(draft: Draft, config: Reader): void {
  const given = config.reader("AsyncInferenceConfig");
  if (given?.kind !== "given") {
    if (given !== undefined) draft.loseFrom(given, "results go to the foundation's bucket");
    return;
  }
  if (!draft.has(["security", "roleArn"])) {
    const reason = "does not say where callers put their requests, which the role that is created must read";
    draft.lose(given.place, `${reason}: add targets.${TARGET}.input`);
    draft.remark(OPTIONS, "add input: s3://..., where callers put their requests");
  }
  const client = given.value.reader("ClientConfig");
  if (client?.kind === "given") {
    const most = client.value.number("MaxConcurrentInvocationsPerInstance");
    carry(
      draft,
      most,
      [...OPTIONS, "maxConcurrentInvocations"],
      (count) => count,
      "SageMaker's own number is taken",
    );
    draft.loseAll(client.value.rest());
  } else if (client !== undefined) draft.loseFrom(client, "SageMaker's own number is taken");
  const output = given.value.reader("OutputConfig");
  if (output?.kind === "given") {
    const to = output.value;
    const own = "results go to the foundation's bucket";
    carry(draft, to.text("S3OutputPath"), [...OPTIONS, "output"], (uri) => uri, own);
    carry(
      draft,
      to.text("S3FailurePath"),
      [...OPTIONS, "failures"],
      (uri) => uri,
      "failures go beside the results",
    );
    key(draft, to, "KmsKeyId");
    const notices = to.reader("NotificationConfig");
    if (notices?.kind === "given") {
      for (const [name, field] of [
        ["SuccessTopic", "successTopic"],
        ["ErrorTopic", "errorTopic"],
      ] as const)
        carry(draft, notices.value.text(name), [...OPTIONS, field], (arn) => arn, "nobody is told");
      draft.loseAll(notices.value.rest());
    } else if (notices !== undefined) draft.loseFrom(notices, "nobody is told");
    draft.loseAll(to.rest());
  } else if (output !== undefined) draft.loseFrom(output, "results go to the foundation's bucket");
  draft.loseAll(given.value.rest());
}

/** Content types that modelport captures as text; the counterpart of `outputOf` in the target's stack. */
const CAPTURED: Readonly<Record<string, readonly string[]>> = {
  CsvContentTypes: ["text/csv"],
  JsonContentTypes: ["application/json", "application/jsonlines"],
};

function capture(draft: Draft, config: Reader, mode: Mode): void {
  const given = config.reader("DataCaptureConfig");
  if (given === undefined) return;
  if (given.kind === "open") {
    draft.loseFrom(given, "nothing is captured");
    return;
  }
  const reader = given.value;
  // Enabled where it is not stated: botocore 1.44.5, DataCaptureConfig (2026-11-17).
  const enabled = reader.flag("EnableCapture");
  if (enabled?.kind === "open") {
    draft.loseFrom({ ...enabled, place: given.place }, "nothing is captured");
    return;
  }
  if (enabled?.value === false) {
    draft.lose(given.place, "is off, and nothing is captured with modelport either", "none");
    return;
  }
  if (mode !== "provisioned") {
    draft.lose(given.place, `mode ${mode} captures nothing`);
    return;
  }
  const path = ["observability", "dataCapture"];
  carry(draft, reader.number("InitialSamplingPercentage"), path, (percent) => percent, "nothing is captured");
  if (enabled !== undefined) draft.cover(enabled.place, path.join("."));
  const modes = reader.list("CaptureOptions");
  if (modes?.kind === "given") {
    const captured = modes.value.map((item) => {
      const option = readerOf(reader.evaluator, item);
      const text = option?.kind === "given" ? option.value.text("CaptureMode") : undefined;
      return text?.kind === "given" ? text.value : "";
    });
    const both =
      captured.includes("InputAndOutput") || (captured.includes("Input") && captured.includes("Output"));
    draft.lose(modes.place, "requests and responses are captured", both ? "none" : "differs");
  } else if (modes !== undefined) draft.loseFrom(modes, "requests and responses are captured");
  const header = reader.reader("CaptureContentTypeHeader");
  if (header?.kind === "given") {
    for (const [name, own] of Object.entries(CAPTURED)) {
      const types = header.value.texts(name);
      if (types === undefined) continue;
      const same = types.kind === "given" && types.value.every((type) => own.includes(type));
      draft.lose(types.place, `${own.join(" and ")} are captured as text`, same ? "none" : "differs");
    }
    draft.loseAll(header.value.rest());
  } else if (header !== undefined) draft.loseFrom(header, "modelport's own types are captured as text");
  key(draft, reader, "KmsKeyId");
  destination(draft, reader);
  draft.loseAll(reader.rest());
}

/** Captured data stays in its bucket, whose role may write there, below the deployment's own prefix. */
function destination(draft: Draft, reader: Reader): void {
  const uri = reader.text("DestinationS3Uri");
  if (uri === undefined) return;
  const own = "captured data goes to the foundation's bucket";
  if (uri.kind === "open") {
    draft.loseFrom(uri, own);
    return;
  }
  const bucket = /^s3:\/\/([^/]+)/.exec(uri.value)?.[1];
  const path = ["storage", "bucket"];
  if (bucket === undefined || draft.problem(path, bucket) !== undefined) draft.lose(uri.place, own);
  else {
    draft.need(path, bucket, uri.place);
    const folder = `s3://${bucket}/${textAt(draft, ["name"])}-<environment>/capture/`;
    draft.lose(uri.place, `captured data goes below ${folder}: the role's rights and readers must follow`);
  }
}

function textAt(draft: Draft, path: readonly string[]): string {
  const value = draft.at(path);
  return typeof value === "string" ? value : "";
}

function encryption(draft: Draft, config: Reader, mode: Mode): void {
  const at = key(draft, config, "KmsKeyId");
  if (at === undefined || mode === "serverless" || draft.has(["security", "kmsKeyArn"])) return;
  draft.remark(["security"], "one key for everything is created where none is named");
}

/** A KMS key: the manifest has one, by its ARN. */
function key(draft: Draft, reader: Reader, name: string): Place | undefined {
  const value = reader.text(name);
  if (value === undefined) return undefined;
  const path = ["security", "kmsKeyArn"];
  const own = "a key is created for everything; name its ARN in security.kmsKeyArn to keep this one";
  if (value.kind === "open") draft.loseFrom(value, own);
  else {
    const arn = draft.keyArn(value.value);
    const present = draft.at(path);
    if (arn === undefined) draft.lose(value.place, `${JSON.stringify(value.value)} is no key's ARN; ${own}`);
    else if (present === undefined) draft.put(path, arn, value.place);
    else if (present === arn) draft.cover(value.place, path.join("."));
    else draft.lose(value.place, "a manifest has one key for everything, and another one comes first");
  }
  return value.place;
}

const STRATEGIES: Readonly<Record<string, string | undefined>> = {
  ALL_AT_ONCE: "all-at-once",
  CANARY: "canary",
  LINEAR: "linear",
};

/** How an endpoint is updated. */
function deployment(draft: Draft, endpoint: Reader, mode: Mode): void {
  const given = endpoint.reader("DeploymentConfig");
  if (given === undefined) return;
  const own = "modelport's own rollout is taken";
  if (given.kind === "open") {
    draft.loseFrom(given, own);
    return;
  }
  if (mode === "serverless") {
    draft.lose(given.place, "mode serverless has no rollouts but all at once");
    return;
  }
  const timing = "follows from the rollout's steps";
  const [blueGreen, rolling] = [
    given.value.reader("BlueGreenUpdatePolicy"),
    given.value.reader("RollingUpdatePolicy"),
  ];
  if (blueGreen?.kind === "given") {
    const policy = blueGreen.value;
    const routing = policy.reader("TrafficRoutingConfiguration");
    if (routing?.kind === "given") {
      const type = routing.value.text("Type");
      const strategy = type?.kind === "given" ? STRATEGIES[type.value] : undefined;
      if (type !== undefined && strategy !== undefined)
        draft.put(["rollout", "strategy"], strategy, type.place);
      else
        draft.lose(
          type?.place ?? routing.place,
          `${type?.kind === "open" ? type.reason : "is no way of shifting traffic"}; ${own}`,
        );
      const wait = routing.value.number("WaitIntervalInSeconds");
      if (strategy === "all-at-once" && wait !== undefined)
        draft.lose(wait.place, "there is one step only", "none");
      else if (strategy !== undefined)
        carry(draft, wait, ["rollout", "interval"], seconds, "the manifest's own interval is taken");
      for (const name of ["CanarySize", "LinearStepSize"]) step(draft, routing.value, name);
      draft.loseAll(routing.value.rest());
    } else if (routing !== undefined) draft.loseFrom(routing, own);
    const wait = policy.number("TerminationWaitInSeconds");
    if (wait?.kind === "given" && wait.value < 1) {
      draft.set([...OPTIONS, "terminationWait"], "1s");
      draft.lose(wait.place, "0 is written as 1s, the least that the manifest takes");
    } else carry(draft, wait, [...OPTIONS, "terminationWait"], seconds, "modelport's own 5m is taken");
    draft.loseAll(policy.rest({ MaximumExecutionTimeoutInSeconds: { reason: timing, effect: "differs" } }));
  } else if (blueGreen !== undefined) draft.loseFrom(blueGreen, own);
  if (rolling?.kind === "given") {
    draft.put(["rollout", "strategy"], "rolling", rolling.place);
    step(draft, rolling.value, "MaximumBatchSize");
    const wait = rolling.value.number("WaitIntervalInSeconds");
    carry(draft, wait, ["rollout", "interval"], seconds, "the manifest's own interval is taken");
    draft.loseAll(
      rolling.value.rest({
        MaximumExecutionTimeoutInSeconds: { reason: timing, effect: "differs" },
        RollbackMaximumBatchSize: { reason: "the manifest does not size the way back", effect: "differs" },
      }),
    );
  } else if (rolling !== undefined) draft.loseFrom(rolling, own);
  const back = given.value.reader("AutoRollbackConfiguration");
  if (back?.kind === "given") {
    draft.set(["rollout", "rollback"], true);
    const alarms = back.value.node("Alarms");
    if (alarms !== undefined) draft.lose(alarms.place, "updates go back on modelport's own alarms");
    draft.loseAll(back.value.rest());
  } else if (back !== undefined) draft.loseFrom(back, "updates go back on modelport's own alarms");
  draft.loseAll(given.value.rest());
}

/** A step in percent; the manifest does not count it in instances. */
function step(draft: Draft, policy: Reader, name: string): void {
  const given = policy.reader(name);
  if (given === undefined) return;
  const own = "the manifest's own step is taken";
  if (given.kind === "open") {
    draft.loseFrom(given, own);
    return;
  }
  const [type, value] = [given.value.text("Type"), given.value.number("Value")];
  if (type?.kind === "given" && type.value === "CAPACITY_PERCENT") {
    draft.cover(type.place, "rollout.step");
    carry(draft, value, ["rollout", "step"], (percent) => percent, own);
  } else draft.lose(given.place, `a step of the manifest is in percent; ${own}`);
}

/** Tags of all three resources become the manifest's, which go on everything. */
function tags(draft: Draft, readers: readonly Reader[]): void {
  const found = new Map<string, { readonly value: string; readonly places: Place[] }>();
  for (const reader of readers) {
    const list = reader.list("Tags");
    if (list?.kind === "open") draft.loseFrom(list, "the tags are left out");
    if (list?.kind !== "given") continue;
    for (const item of list.value) {
      const tag = tagOf(draft, reader, item);
      if (tag === undefined) continue;
      const present = found.get(tag.name);
      if (present === undefined) found.set(tag.name, { value: tag.value, places: [item.place] });
      else if (present.value === tag.value) present.places.push(item.place);
      else draft.lose(item.place, "a tag of the manifest has one value on everything");
    }
  }
  const wanted = Object.fromEntries([...found].map(([name, { value }]) => [name, value]));
  const refused = draft.refused(["tags"], wanted);
  for (const [name, { value, places }] of found) {
    const problem = refused(name);
    if (problem === undefined) draft.set(["tags", name], value);
    for (const place of places)
      if (problem === undefined) draft.cover(place, `tags.${name}`);
      else draft.lose(place, `does not fit tags: ${problem}`);
  }
}

function tagOf(
  draft: Draft,
  reader: Reader,
  item: Item,
): { readonly name: string; readonly value: string } | undefined {
  const given = readerOf(reader.evaluator, item);
  if (given?.kind === "open") draft.loseFrom(given, "the tag is left out");
  if (given?.kind !== "given") return undefined;
  const [name, value] = [given.value.text("Key"), given.value.text("Value")];
  const unknown = [name, value].find((part) => part?.kind === "open");
  if (unknown?.kind === "open") draft.loseFrom(unknown, "the tag is left out");
  else if (name?.kind === "given" && value?.kind === "given" && keyProblem(name.value) === undefined)
    return { name: name.value, value: value.value };
  else draft.lose(item.place, "has no key or no value");
  return undefined;
}

/** The endpoint's own log group, where the template makes it. */
function logs(context: Context, draft: Draft, endpoint: Resource): void {
  const name = `/aws/sagemaker/Endpoints/${symbolicName(context, endpoint)}`;
  for (const group of resourcesOf(context, "AWS::Logs::LogGroup")) {
    const reader = Reader.of(group, context.evaluator);
    if (symbolOf(context, reader, "LogGroupName") !== name) continue;
    context.used.add(group.id);
    const days = reader.number("RetentionInDays");
    const kept = days?.kind === "given" && isLogRetention(days.value) ? days : undefined;
    if (kept !== undefined) draft.put(["observability", "logRetention"], `${kept.value}d`, kept.place);
    else if (days !== undefined)
      draft.lose(days.place, "is no period that CloudWatch Logs offers; 365d is taken");
    draft.cover(reader.placeOf("LogGroupName"), "observability");
    key(draft, reader, "KmsKeyId");
    draft.loseAll([...reader.rest(), ...attributesOf(context, group)]);
  }
}
