import { show } from "../issues/issue";
import type { Data } from "../manifest/data";
import { secretVariable } from "../plan/container-environment";
import { attributesOf, type Context, isNamed, resourcesOf, symbolicName, symbolOf, TARGET } from "./context";
import type { Draft } from "./draft";
import { oddSpelling, Reader, readerOf, textOf, type Item, type Open } from "./reader";
import type { Place } from "./report";
import type { Resource } from "./template";

const OPTIONS = ["targets", TARGET] as const;
const IMAGE = ["model", "image"] as const;
const ARTIFACT = ["model", "artifact"] as const;

/**
 * Carries over the model behind a variant: image, artifact, environment, role, network.
 * @returns the model's properties, for its tags; undefined where the template has no such model.
 */
export function convertModel(
  context: Context,
  draft: Draft,
  variant: Reader,
  mode: string,
): Reader | undefined {
  const symbol = symbolOf(context, variant, "ModelName");
  const model = resourcesOf(context, "AWS::SageMaker::Model").find((resource) =>
    isNamed(symbol, symbolicName(context, resource)),
  );
  if (model === undefined) {
    const name = variant.text("ModelName");
    const reason =
      name === undefined
        ? "the variant has no model; models of inference components are not carried over"
        : `names no model of the template${name.kind === "open" ? `: ${name.reason}` : ""}`;
    draft.fill(IMAGE, variant.placeOf("ModelName"), reason, name?.kind === "open" ? name.fix : undefined);
    return undefined;
  }
  context.used.add(model.id);
  draft.cover(variant.placeOf("ModelName"), "model");
  const reader = Reader.of(model, context.evaluator);
  const own = container(draft, reader, model);
  if (own !== undefined) {
    image(draft, own);
    artifact(draft, own);
    const secrets = environment(context, draft, own);
    isolation(draft, reader, mode, secrets);
    const kind = own.text("Mode");
    if (kind !== undefined) {
      const single = kind.kind === "given" && kind.value === "SingleModel";
      if (single) draft.lose(kind.place, "is the only mode that modelport has", "none");
      else
        draft.fill(
          ARTIFACT,
          kind.place,
          "a manifest has one model; a multi-model container is not carried over",
        );
    }
    draft.loseAll(
      own.rest({
        ContainerHostname: { reason: "there is one container only", effect: "none" },
        ImageConfig: { reason: "images come from ECR, with the role's rights", effect: "differs" },
        AdditionalModelDataSources: { reason: "a manifest has one artifact", effect: "differs" },
        ModelPackageName: { reason: "a manifest names an image, not a model package", effect: "differs" },
        InferenceSpecificationName: {
          reason: "a manifest names an image, not a model package",
          effect: "differs",
        },
      }),
    );
  }
  role(draft, reader);
  network(context, draft, reader, mode);
  const name = reader.node("ModelName");
  if (name !== undefined) draft.lose(name.place, "modelport names models after their content", "none");
  const execution = reader.node("InferenceExecutionConfig");
  if (execution !== undefined)
    draft.lose(execution.place, "there is one container only", own === undefined ? "differs" : "none");
  // The caller reads the tags.
  reader.node("Tags");
  draft.loseAll([...reader.rest(), ...attributesOf(context, model)]);
  return reader;
}

/** The model's only container. */
function container(draft: Draft, reader: Reader, model: Resource): Reader | undefined {
  const primary = reader.reader("PrimaryContainer");
  const list = reader.list("Containers");
  if (primary?.kind === "given") {
    if (list !== undefined) draft.lose(list.place, "a manifest has one container");
    return primary.value;
  }
  const unknown = [primary, list].find((value) => value?.kind === "open");
  if (unknown?.kind === "open") {
    draft.fillFrom(IMAGE, unknown);
    return undefined;
  }
  const items = list?.kind === "given" ? list.value : [];
  const [first, ...others] = items;
  if (first === undefined) {
    draft.fill(
      IMAGE,
      { resource: model.id, path: "", position: model.position },
      "the model has no container",
    );
    return undefined;
  }
  if (others.length > 0) {
    const reason = `the model runs ${items.length} containers, a manifest has one: merge them into one image`;
    draft.fill(IMAGE, list?.place ?? first.place, reason);
    for (const { place } of items) draft.lose(place, "a manifest has one container");
    return undefined;
  }
  const only = readerOf(reader.evaluator, first);
  if (only?.kind === "given") return only.value;
  draft.fill(IMAGE, first.place, only?.reason ?? "is empty");
  return undefined;
}

function image(draft: Draft, container: Reader): void {
  const value = container.text("Image");
  if (value?.kind === "given") draft.need(IMAGE, value.value, value.place);
  else if (value?.kind === "open") draft.fillFrom(IMAGE, value);
  else draft.fill(IMAGE, container.placeOf("Image"), "the container has no image");
}

function artifact(draft: Draft, container: Reader): void {
  const url = container.text("ModelDataUrl");
  if (url?.kind === "open") draft.fillFrom(ARTIFACT, url);
  if (url?.kind === "given") inS3(draft, url.value, url.place);
  const source = container.reader("ModelDataSource");
  if (source === undefined) return;
  const s3 = source.kind === "given" ? source.value.reader("S3DataSource") : source;
  if (s3?.kind !== "given") {
    if (s3 === undefined) draft.fill(ARTIFACT, source.place, "has no S3DataSource");
    else draft.fillFrom(ARTIFACT, s3);
    return;
  }
  const [uri, type, compression] = ["S3Uri", "S3DataType", "CompressionType"].map((name) =>
    s3.value.text(name),
  );
  const unknown = [uri, type, compression].find((value) => value?.kind === "open");
  if (unknown?.kind === "open") {
    draft.fillFrom(ARTIFACT, unknown);
    return;
  }
  if (uri?.kind !== "given") {
    draft.fill(ARTIFACT, s3.place, "has no S3Uri");
    return;
  }
  const kind = [type, compression].map((value) => (value?.kind === "given" ? value.value : "")).join("/");
  // SageMaker takes a prefix with its slash at the end, and so does the manifest.
  if (kind === "S3Prefix/None") inS3(draft, uri.value.endsWith("/") ? uri.value : `${uri.value}/`, uri.place);
  else if (kind === "S3Object/Gzip") inS3(draft, uri.value, uri.place);
  else draft.fill(ARTIFACT, s3.place, `a manifest takes a .tar.gz or a prefix of plain files, not ${kind}`);
  for (const value of [type, compression])
    if (value !== undefined) draft.cover(value.place, ARTIFACT.join("."));
  draft.loseAll(
    s3.value.rest({
      ModelAccessConfig: { reason: "a license is not accepted by modelport", effect: "differs" },
      ETag: { reason: "the artifact is not held to one version", effect: "differs" },
    }),
  );
  if (source.kind === "given") draft.loseAll(source.value.rest());
}

/** An artifact by its URI; anything else would be a file of this machine to the manifest. */
function inS3(draft: Draft, uri: string, place: Place): void {
  if (uri.startsWith("s3://")) draft.need(ARTIFACT, uri, place);
  else draft.fill(ARTIFACT, place, `is ${show(uri)}, where the manifest takes s3://bucket/key`);
}

/** @returns whether any variable is a secret by reference. */
function environment(context: Context, draft: Draft, container: Reader): boolean {
  const given = container.reader("Environment");
  if (given === undefined) return false;
  const path = ["model", "environment"];
  if (given.kind === "open") {
    draft.fillFrom(path, given);
    return false;
  }
  const found: Record<string, Data> = {};
  const items = new Map<string, Item>();
  let secrets = false;
  for (const name of given.value.names()) {
    const item = given.value.node(name);
    if (item === undefined) continue;
    const value = textOf(context.evaluator, item);
    if (value?.kind === "given") {
      found[name] = value.value;
      items.set(name, item);
    } else if (value?.kind === "open") secrets = secret(draft, name, value) || secrets;
  }
  const refused = draft.refused(path, found);
  for (const [name, item] of items) {
    const problem = refused(name);
    if (problem !== undefined) draft.lose(item.place, `does not fit model.environment: ${problem}`);
    else {
      draft.need([...path, name], found[name] ?? "", item.place);
      const odd = oddSpelling(item);
      if (odd !== undefined)
        draft.lose(
          item.place,
          `stands there as ${odd.spelling ?? ""}, unquoted, and is carried over as "${String(odd.value)}", as YAML 1.1 reads it`,
        );
    }
  }
  return secrets;
}

/** A variable whose value only AWS knows: a secret by its ARN where the reference has it, else a gap. */
function secret(draft: Draft, name: string, value: Open): boolean {
  const arn =
    /^resolve:secretsmanager:(arn:[^:]+:secretsmanager:[^:]*:\d*:secret:[^:]+)(?::SecretString)?:*$/.exec(
      value.dynamic ?? "",
    )?.[1];
  const path = ["model", "secrets", name];
  if (arn !== undefined && draft.problem(["model", "secrets"], { [name]: arn }) === undefined) {
    draft.need(path, arn, value.place);
    draft.lose(value.place, `the container gets ${secretVariable(name)} and reads the secret itself`);
    return true;
  }
  const confidential =
    value.dynamic?.startsWith("resolve:s") === true && !value.dynamic.startsWith("resolve:ssm:");
  draft.fillFrom(
    confidential || value.reason.includes("NoEcho") ? path : ["model", "environment", name],
    value,
  );
  return confidential;
}

/** SageMaker isolates where it is told to, modelport where it is not told otherwise. */
function isolation(draft: Draft, reader: Reader, mode: string, secrets: boolean): void {
  const value = reader.flag("EnableNetworkIsolation");
  const path = [...OPTIONS, "networkIsolation"];
  if (mode === "serverless") {
    if (value === undefined) return;
    const off = value.kind === "given" && !value.value;
    draft.lose(value.place, "mode serverless has no network isolation", off ? "none" : "differs");
  } else if (value === undefined) draft.set(path, false);
  else if (value.kind === "open") draft.fillFrom(path, value);
  else if (value.value && secrets) {
    draft.set(path, false);
    draft.lose(value.place, "a container that is cut off cannot read its secrets");
  } else draft.put(path, value.value, value.place);
}

function role(draft: Draft, reader: Reader): void {
  const value = reader.text("ExecutionRoleArn");
  const own = "a role with what the model needs is created; name one in security.roleArn to keep it";
  if (value?.kind === "open") draft.loseFrom(value, own);
  if (value?.kind === "given") draft.put(["security", "roleArn"], value.value, value.place);
}

/** Subnets and security groups. The manifest wants their VPC too, which a model does not name. */
function network(context: Context, draft: Draft, reader: Reader, mode: string): void {
  const given = reader.reader("VpcConfig");
  if (given === undefined) return;
  if (mode === "serverless") {
    draft.lose(given.place, "mode serverless has no VPC");
    return;
  }
  const fields = { subnetIds: "Subnets", securityGroupIds: "SecurityGroupIds" } as const;
  const missing: Place = given.place;
  if (given.kind === "open") {
    for (const field of Object.keys(fields)) draft.fill(["network", field], missing, given.reason, given.fix);
  } else {
    for (const [field, name] of Object.entries(fields)) {
      const value = given.value.texts(name);
      const path = ["network", field];
      if (value?.kind === "given") draft.need(path, value.value, value.place);
      else if (value?.kind === "open") draft.fillFrom(path, value);
      else draft.fill(path, given.value.placeOf(name), "is absent");
    }
    draft.loseAll(given.value.rest());
  }
  const known = vpcOfParameters(context);
  const fix = `fill in the VPC of the subnets${known === undefined ? "" : `; ${known}`}`;
  draft.fill(["network", "vpcId"], missing, "a model names its subnets, not their VPC", fix);
}

/** What a template's parameters say of a VPC: a hint, as nothing ties it to the subnets. */
function vpcOfParameters({ template, evaluator }: Context): string | undefined {
  const parameters = template.root.entries.get("Parameters")?.value;
  if (parameters?.kind !== "map") return undefined;
  for (const [name, { value, keyPosition: position }] of parameters.entries) {
    const type = value.kind === "map" ? value.entries.get("Type")?.value : undefined;
    if (type?.kind !== "scalar" || type.value !== "AWS::EC2::VPC::Id") continue;
    const argument = { kind: "scalar", value: name, position } as const;
    const vpc = evaluator.text({ kind: "call", name: "Ref", argument, position });
    if (vpc.kind === "text") return `the parameter ${name} says ${vpc.text}`;
  }
  return undefined;
}
