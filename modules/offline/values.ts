import { createHash } from "node:crypto";
import { UNKNOWN, Unknown, isMap, type Value, type ValueMap } from "./msgpack";
import type { Attribute, Block, CtyType } from "./schema";

/** Account every made-up ARN and registry belongs to; AWS uses it in its own examples. */
export const ACCOUNT_ID = "123456789012";

/** What made-up values depend on. Equal contexts give equal values. */
export interface ValueContext {
  type: string;
  region: string;
  /** Hexadecimal digest of the type and the known values. */
  digest: string;
  /** The resource's own name where the configuration gives one, else a made-up one. */
  name: string;
}

/** Attributes that carry a resource's own name, best first. */
const NAME_ATTRIBUTES = [
  "name",
  "bucket",
  "function_name",
  "family",
  "repository",
  "cluster_name",
  "node_group_name",
  "alias",
  "key",
  "identifier",
];

/** Prefixes of the ids that EC2 and its kin hand out; other resources are known by their name. */
const ID_PREFIXES: Record<string, string> = {
  aws_vpc: "vpc",
  aws_subnet: "subnet",
  aws_security_group: "sg",
  aws_default_security_group: "sg",
  aws_security_group_rule: "sgrule",
  aws_vpc_security_group_ingress_rule: "sgr",
  aws_vpc_security_group_egress_rule: "sgr",
  aws_internet_gateway: "igw",
  aws_egress_only_internet_gateway: "eigw",
  aws_nat_gateway: "nat",
  aws_eip: "eipalloc",
  aws_route_table: "rtb",
  aws_default_route_table: "rtb",
  aws_route_table_association: "rtbassoc",
  aws_route: "r-rtb",
  aws_vpc_endpoint: "vpce",
  aws_flow_log: "fl",
  aws_launch_template: "lt",
  aws_network_acl: "acl",
  aws_network_interface: "eni",
  aws_instance: "i",
  aws_efs_file_system: "fs",
  aws_efs_access_point: "fsap",
  aws_efs_mount_target: "fsmt",
};

const SERVICES: Record<string, string> = {
  lb: "elasticloadbalancing",
  alb: "elasticloadbalancing",
  cloudwatch_log: "logs",
  cloudwatch_event: "events",
  sfn: "states",
  vpc: "ec2",
  subnet: "ec2",
  security_group: "ec2",
  internet_gateway: "ec2",
  nat_gateway: "ec2",
  eip: "ec2",
  route: "ec2",
  launch_template: "ec2",
  flow_log: "ec2",
  appautoscaling: "autoscaling",
  service_discovery: "servicediscovery",
  efs: "elasticfilesystem",
};

/** Digest of a text, in hexadecimal. */
export function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** The context of one resource or data source, from the values that are known. */
export function contextOf(type: string, known: ValueMap, region: string): ValueContext {
  const text = JSON.stringify(known, (_key, value: unknown) =>
    value instanceof Unknown ? "?" : typeof value === "bigint" ? value.toString() : value,
  );
  const digest = hash(`${type}\n${text}`);
  const own = NAME_ATTRIBUTES.map((attribute) => known[attribute]).find(
    (value): value is string => typeof value === "string" && value !== "",
  );
  const prefix = known["name_prefix"];
  const generated = `${typeof prefix === "string" ? prefix : `${type.replace(/^[a-z]+_/, "")}-`}${digest.slice(0, 12)}`;
  const metadata = metadataName(known);
  return { type, region, digest, name: own ?? metadata ?? generated };
}

/** Kubernetes objects are named inside a block: "namespace/name" is their id. */
function metadataName(known: ValueMap): string | undefined {
  const metadata = known["metadata"];
  const first = Array.isArray(metadata) ? metadata[0] : undefined;
  if (!isMap(first) || typeof first["name"] !== "string") return undefined;
  const namespace = first["namespace"];
  return typeof namespace === "string" ? `${namespace}/${first["name"]}` : first["name"];
}

/** Replaces every unknown in a planned block by a made-up value that only depends on the context and the place. */
export function fillBlock(block: Block, value: ValueMap, context: ValueContext, path: string): ValueMap {
  const out: ValueMap = {};
  for (const attribute of block.attributes) {
    out[attribute.name] = fillValue(
      attribute.type,
      value[attribute.name] ?? null,
      context,
      join(path, attribute.name),
    );
  }
  for (const nested of block.blocks) {
    const content = value[nested.name] ?? null;
    const place = join(path, nested.name);
    if (Array.isArray(content)) {
      out[nested.name] = content.map((item, i) =>
        isMap(item) ? fillBlock(nested.block, item, context, i === 0 ? place : `${place}.${i}`) : item,
      );
    } else if (isMap(content) && nested.nesting === "map") {
      out[nested.name] = Object.fromEntries(
        Object.entries(content).map(([key, item]) => [
          key,
          isMap(item) ? fillBlock(nested.block, item, context, join(place, key)) : item,
        ]),
      );
    } else if (isMap(content)) out[nested.name] = fillBlock(nested.block, content, context, place);
    else out[nested.name] = content instanceof Unknown ? [] : content;
  }
  return out;
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function fillValue(type: CtyType, value: Value, context: ValueContext, path: string): Value {
  if (value instanceof Unknown) return makeValue(type, context, path);
  if (typeof type === "string") return value;
  if (type[0] === "object") {
    if (!isMap(value)) return value;
    const fields = type[1];
    return Object.fromEntries(
      Object.entries(fields).map(([name, field]) => [
        name,
        fillValue(field, value[name] ?? null, context, join(path, name)),
      ]),
    );
  }
  const element = type[1];
  if (Array.isArray(value))
    return value.map((item, i) => fillValue(element, item, context, join(path, String(i))));
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, fillValue(element, item, context, join(path, key))]),
  );
}

/** Makes up a value of a type for an attribute; collections get one element so that references into them resolve. */
export function makeValue(type: CtyType, context: ValueContext, path: string): Value {
  switch (type) {
    case "string":
      return makeString(context, path);
    case "number":
      return path.endsWith("port") ? 443 : 1;
    case "bool":
      return false;
    case "dynamic":
      return [Buffer.from('"string"'), makeString(context, path)];
    default:
      break;
  }
  if (type[0] === "object") {
    return Object.fromEntries(
      Object.entries(type[1]).map(([name, field]) => [name, makeValue(field, context, join(path, name))]),
    );
  }
  if (type[0] === "map") return {};
  return [makeValue(type[1], context, path)];
}

function makeString(context: ValueContext, path: string): string {
  const name = path.slice(path.lastIndexOf(".") + 1);
  const local = hash(`${context.digest}\n${path}`);
  const rule = STRING_RULES.find(([pattern]) => pattern.test(name));
  return rule === undefined
    ? `${name.replaceAll("_", "-")}-${local.slice(0, 8)}`
    : rule[1](context, local, name);
}

type StringMaker = (context: ValueContext, local: string, name: string) => string;

/** The shape of a made-up string, by the attribute's name; the first match counts. */
const STRING_RULES: readonly [RegExp, StringMaker][] = [
  [/^id$/, (context) => idOf(context)],
  [/^name$/, (context) => context.name.replace(/^.*\//, "")],
  [/^family$|^bucket$|^function_name$|^cluster_name$/, (context) => context.name],
  [/(^|_)invoke_arn$/, (context) => lambdaInvokeArn(context)],
  [/^arn$/, (context) => arnOf(context)],
  [/^qualified_arn$/, (context) => `${arnOf(context)}:1`],
  [/^repo_digest$/, (context, local) => `${context.name.replace(/:[^/]*$/, "")}@sha256:${local}`],
  [/^(image_id|(.*_)?digest)$/, (_context, local) => `sha256:${local}`],
  [
    /(^|_)arns?$/,
    (context, local, name) => `${arnOf(context)}/${name.replaceAll("_", "-")}-${local.slice(0, 8)}`,
  ],
  ...Object.entries({
    vpc_id: "vpc",
    "subnet_ids?": "subnet",
    "security_group_ids?": "sg",
    network_interface_id: "eni",
    allocation_id: "eipalloc",
    route_table_id: "rtb",
    launch_template_id: "lt",
    ami_id: "ami",
  }).map(([name, prefix]): [RegExp, StringMaker] => [
    new RegExp(`(^|_)${name}$`),
    (_context, local) => `${prefix}-${local.slice(0, 17)}`,
  ]),
  [/^arn_suffix$/, (context) => `${context.name}/${context.digest.slice(0, 16)}`],
  [/^(account|owner|registry|vpc_owner|peer_owner|group_owner)_id$|^owner$|^account$/, () => ACCOUNT_ID],
  [/^region$|^bucket_region$/, (context) => context.region],
  [/^partition$/, () => "aws"],
  [/^(dns_suffix|reverse_dns_prefix)$/, () => "amazonaws.com"],
  [/^repository_url$/, (context) => `${ACCOUNT_ID}.dkr.ecr.${context.region}.amazonaws.com/${context.name}`],
  [/^bucket_(regional_)?domain_name$/, (context) => `${context.name}.s3.${context.region}.amazonaws.com`],
  [
    /^function_url$/,
    (context) => `https://${context.digest.slice(0, 32)}.lambda-url.${context.region}.on.aws/`,
  ],
  [
    /^url$|^issuer$/,
    (context) =>
      context.type === "aws_sqs_queue"
        ? `https://sqs.${context.region}.amazonaws.com/${ACCOUNT_ID}/${context.name}`
        : `https://${context.digest.slice(0, 16)}.example.com/${context.name}`,
  ],
  [/(url|uri|endpoint)$/, (_context, local) => `https://${local.slice(0, 16)}.example.com`],
  [/(dns_name|domain_name|hostname|fqdn|^domain)$/, (_context, local) => `${local.slice(0, 16)}.example.com`],
  [/(cidr_block|cidr)$/, () => "10.0.0.0/16"],
  [/ipv6_cidr_block$/, () => "2001:db8::/56"],
  [
    /(^|_)(public_ip|ip_address|ip)$/,
    (_context, local) => `203.0.113.${Number.parseInt(local.slice(0, 2), 16)}`,
  ],
  [/ipv6/, () => "2001:db8::1"],
  [
    /(sha256|hash|checksum|etag|fingerprint)/,
    (_context, local) => Buffer.from(local, "hex").toString("base64"),
  ],
  [
    /^data$|base64|certificate|token|password|secret/,
    (_context, local) => Buffer.from(local).toString("base64"),
  ],
  [/(date|_at|_time|modified|timestamp)$/, () => "2024-01-01T00:00:00Z"],
  [/(^|_)(policy|json|document)$/, () => "{}"],
  [/version$|^revision$|^generation$/, () => "1"],
  [/^name_prefix$/, () => ""],
  [/availability_zone$/, (context) => `${context.region}a`],
  [/^namespace$/, () => "default"],
  [/^status$|^state$/, () => "ACTIVE"],
];

function idOf(context: ValueContext): string {
  const prefix = ID_PREFIXES[context.type];
  if (prefix !== undefined) return `${prefix}-${context.digest.slice(0, 17)}`;
  if (/^aws_(lb|alb|sfn_|sns_topic)/.test(context.type)) return arnOf(context);
  if (context.type === "aws_kms_key") return uuid(context.digest);
  return context.name;
}

function uuid(digest: string): string {
  return [0, 8, 12, 16, 20, 32]
    .slice(1)
    .map((end, i) => digest.slice([0, 8, 12, 16, 20][i], end))
    .join("-");
}

function lambdaInvokeArn(context: ValueContext): string {
  return (
    `arn:aws:apigateway:${context.region}:lambda:path/2015-03-31/functions/` +
    `arn:aws:lambda:${context.region}:${ACCOUNT_ID}:function:${context.name}/invocations`
  );
}

function arnOf(context: ValueContext): string {
  const kind = context.type.replace(/^aws_/, "");
  const known = Object.keys(SERVICES)
    .filter((prefix) => kind === prefix || kind.startsWith(`${prefix}_`))
    .sort((a, b) => b.length - a.length)[0];
  const service = known === undefined ? (kind.split("_")[0] ?? kind) : (SERVICES[known] ?? kind);
  if (service === "s3") return `arn:aws:s3:::${context.name}`;
  const place = service === "iam" ? `:${ACCOUNT_ID}` : `${context.region}:${ACCOUNT_ID}`;
  const prefix = `arn:aws:${service}:${place}`;
  const id = ID_PREFIXES[context.type] === undefined ? context.name : idOf(context);
  switch (context.type) {
    case "aws_sns_topic":
    case "aws_sqs_queue":
      return `${prefix}:${context.name}`;
    case "aws_lambda_function":
      return `${prefix}:function:${context.name}`;
    case "aws_cloudwatch_log_group":
      return `${prefix}:log-group:${context.name}`;
    case "aws_sfn_state_machine":
      return `${prefix}:stateMachine:${context.name}`;
    case "aws_kms_key":
      return `${prefix}:key/${idOf(context)}`;
    case "aws_lb":
    case "aws_alb":
      return `${prefix}:loadbalancer/app/${context.name}/${context.digest.slice(0, 16)}`;
    case "aws_lb_target_group":
    case "aws_alb_target_group":
      return `${prefix}:targetgroup/${context.name}/${context.digest.slice(0, 16)}`;
    case "aws_ecs_task_definition":
      return `${prefix}:task-definition/${context.name}:1`;
    case "aws_cloudwatch_metric_alarm":
      return `${prefix}:alarm:${context.name}`;
    case "aws_secretsmanager_secret":
      return `${prefix}:secret:${context.name}-${context.digest.slice(0, 6)}`;
    case "aws_sagemaker_endpoint_configuration":
      return `${prefix}:endpoint-config/${context.name}`;
    default: {
      const rest = known === undefined ? kind.split("_").slice(1).join("-") : kind.slice(known.length + 1);
      const label = rest === "" ? kind : rest;
      return `${prefix}:${label.replaceAll("_", "-")}/${id}`;
    }
  }
}

/** The values of an attribute nobody has set and the provider has not yet decided. */
export function unknownFor(attribute: Attribute): Value {
  return attribute.computed && !attribute.writeOnly ? UNKNOWN : null;
}
