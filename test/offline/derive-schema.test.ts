import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deriveSchema } from "../../modules/offline/derive-schema";
import { installedProviders } from "../../modules/offline/provider-packages";
import type { Attribute, Block, NestedBlock, SchemaKind } from "../../modules/offline/schema";
import { SchemaReader } from "../../modules/offline/schema-reader";

const providers = installedProviders();

function provider(prefix: string): (typeof providers)[number] {
  const found = providers.find((candidate) => candidate.prefix === prefix);
  if (found === undefined) throw new Error(`@cdktf/provider-${prefix} is not installed`);
  return found;
}

function schema(type: string, kind: SchemaKind = "resource"): Block {
  const block = deriveSchema(provider(type.replace(/_.*/, "")), kind, type);
  if (block === undefined) throw new Error(`no ${type}`);
  return block;
}

function attribute(block: Block, name: string): Attribute {
  const found = block.attributes.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no attribute ${name}`);
  return found;
}

function nested(block: Block, ...names: string[]): NestedBlock {
  const [first, ...rest] = names;
  const found = block.blocks.find((candidate) => candidate.name === first);
  if (found === undefined) throw new Error(`no block ${first ?? ""}`);
  return rest.length === 0 ? found : nested(found.block, ...rest);
}

function required(block: Block): string[] {
  return block.attributes
    .filter((candidate) => candidate.required)
    .map((candidate) => candidate.name)
    .sort();
}

test("the three providers are found with their registry address and version", () => {
  expect(providers.map(({ address, version }) => [address, version])).toEqual([
    ["registry.terraform.io/hashicorp/aws", "6.25.0"],
    ["registry.terraform.io/hashicorp/kubernetes", "2.38.0"],
    ["registry.terraform.io/kreuzwerker/docker", "3.6.2"],
  ]);
});

describe("required attributes", () => {
  test.each([
    ["aws_sagemaker_model", ["execution_role_arn"]],
    ["aws_lambda_function", ["function_name", "role"]],
    ["aws_ecs_service", ["name"]],
    ["aws_ecs_task_definition", ["container_definitions", "family"]],
    ["aws_eks_cluster", ["name", "role_arn"]],
    ["aws_iam_role", ["assume_role_policy"]],
    ["aws_s3_bucket", []],
    ["aws_vpc_security_group_ingress_rule", ["ip_protocol", "security_group_id"]],
    ["kubernetes_deployment_v1", []],
    ["docker_image", ["name"]],
    ["docker_container", ["image", "name"]],
  ])("of %s", (type, names) => expect(required(schema(type))).toEqual(names));
});

describe("blocks", () => {
  test.each<[string, string[], Partial<NestedBlock>]>([
    ["aws_lambda_function", ["vpc_config"], { nesting: "list", min: 0, max: 1 }],
    ["aws_lambda_function", ["timeouts"], { nesting: "single", min: 0, max: 0 }],
    ["aws_eks_cluster", ["vpc_config"], { nesting: "list", min: 1, max: 1 }],
    ["aws_lb_listener", ["default_action"], { nesting: "list", min: 1, max: 0 }],
    ["aws_sagemaker_endpoint_configuration", ["production_variants"], { nesting: "list", min: 1 }],
    ["aws_autoscaling_group", ["tag"], { nesting: "set", min: 0, max: 0 }],
    ["kubernetes_deployment_v1", ["metadata"], { nesting: "list", min: 1, max: 1 }],
    ["kubernetes_deployment_v1", ["spec", "template", "spec", "container"], { nesting: "list", max: 0 }],
    ["docker_container", ["ports"], { nesting: "list", min: 0, max: 0 }],
  ])("%s %p", (type, names, expected) => expect(nested(schema(type), ...names)).toMatchObject(expected));

  test("attributes that accept blocks stay attributes", () => {
    const ingress = attribute(schema("aws_security_group"), "ingress");
    expect(ingress).toMatchObject({ optional: true, computed: true });
    expect(ingress.type).toEqual([
      "set",
      [
        "object",
        {
          cidr_blocks: ["list", "string"],
          description: "string",
          from_port: "number",
          ipv6_cidr_blocks: ["list", "string"],
          prefix_list_ids: ["list", "string"],
          protocol: "string",
          security_groups: ["set", "string"],
          self: "bool",
          to_port: "number",
        },
      ],
    ]);
  });

  test("a block of which a part is lost becomes one dynamic attribute", () => {
    expect(attribute(schema("aws_wafv2_web_acl"), "rule")).toMatchObject({ type: "dynamic", optional: true });
  });
});

describe("attribute types and flags", () => {
  const lambda = schema("aws_lambda_function");

  test.each<[string, Partial<Attribute>]>([
    ["arn", { type: "string", computed: true, optional: false }],
    ["memory_size", { type: "number", optional: true, computed: false }],
    ["publish", { type: "bool" }],
    ["layers", { type: ["list", "string"] }],
    ["tags_all", { type: ["map", "string"], optional: true, computed: true }],
    ["replacement_security_group_ids", { type: ["set", "string"] }],
    ["source_code_size", { type: "number", computed: true, optional: false }],
  ])("aws_lambda_function.%s", (name, expected) => expect(attribute(lambda, name)).toMatchObject(expected));

  test("computed lists of objects", () => {
    const { type, computed, optional } = attribute(schema("aws_eks_cluster"), "certificate_authority");
    expect({ type, computed, optional }).toEqual({
      type: ["list", ["object", { data: "string" }]],
      computed: true,
      optional: false,
    });
  });

  test("a value with a version beside it is write-only", () => {
    const version = schema("aws_secretsmanager_secret_version");
    expect(attribute(version, "secret_string_wo").writeOnly).toBe(true);
    expect(attribute(version, "secret_string").writeOnly).toBe(false);
  });

  test("a manifest may hold anything", () => {
    expect(attribute(schema("kubernetes_manifest"), "manifest")).toMatchObject({
      type: "dynamic",
      required: true,
    });
  });
});

test("data sources and provider configurations are derived too", () => {
  const document = schema("aws_iam_policy_document", "data");
  expect(nested(document, "statement", "principals")).toMatchObject({ nesting: "set" });
  const aws = schema("aws", "provider");
  expect(attribute(aws, "region").type).toBe("string");
  expect(aws.attributes.map(({ name }) => name)).not.toContain("alias");
  expect(required(nested(schema("docker", "provider"), "registry_auth").block)).toEqual(["address"]);
});

test.each([
  "aws_no_such_thing",
  "other_thing",
  "aws_../provider",
  "aws_",
  "aws_provider",
  "aws_data_aws_region",
])("%p is no type", (type) => {
  expect(deriveSchema(provider("aws"), "resource", type)).toBeUndefined();
});

describe("SchemaReader", () => {
  const folder = mkdtempSync(join(tmpdir(), "schemas-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  test("stores what it derives, and reads it back", () => {
    const first = new SchemaReader(provider("aws"), folder).read("resource", "aws_sqs_queue");
    const [versioned = ""] = readdirSync(folder);
    expect(versioned).toContain("6.25.0");
    const file = join(folder, versioned, "resource-aws_sqs_queue.json");
    expect(new SchemaReader(provider("aws"), folder).read("resource", "aws_sqs_queue")).toEqual(first);

    const marked = JSON.parse(readFileSync(file, "utf8")) as Block;
    marked.blocks = [];
    writeFileSync(file, JSON.stringify(marked));
    expect(new SchemaReader(provider("aws"), folder).read("resource", "aws_sqs_queue")?.blocks).toEqual([]);
  });

  test("applies the rules for sensitive attributes", () => {
    const version = new SchemaReader(provider("aws"), folder).read(
      "resource",
      "aws_secretsmanager_secret_version",
    );
    expect(version?.attributes.filter(({ sensitive }) => sensitive).map(({ name }) => name)).toContain(
      "secret_string",
    );
  });

  test("knows no schema for a type the package lacks", () => {
    expect(new SchemaReader(provider("docker"), folder).read("resource", "docker_nothing")).toBeUndefined();
  });
});
