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

/**
 * Schemas of the real provider 6.x: what `terraform providers schema` printed (flow log and target group), or as its
 * source defines them, with the `id`, `region` and `timeouts` that it adds elsewhere (the others). An attribute is followed by what it is: required, optional, computed.
 */
const REAL: Readonly<Record<string, { attributes: string; blocks: string }>> = {
  aws_flow_log: {
    attributes:
      "arn:c deliver_cross_account_role:o eni_id:o iam_role_arn:o id:oc log_destination:oc log_destination_type:o " +
      "log_format:oc max_aggregation_interval:o region:oc regional_nat_gateway_id:o subnet_id:o tags:o tags_all:oc " +
      "traffic_type:o transit_gateway_attachment_id:o transit_gateway_id:o vpc_id:o",
    blocks: "destination_options:list:0:1",
  },
  aws_lb_target_group: {
    attributes:
      "arn:c arn_suffix:c connection_termination:oc deregistration_delay:o id:oc ip_address_type:oc " +
      "lambda_multi_value_headers_enabled:o load_balancer_arns:c load_balancing_algorithm_type:oc " +
      "load_balancing_anomaly_mitigation:oc load_balancing_cross_zone_enabled:oc name:oc name_prefix:oc port:o " +
      "preserve_client_ip:oc protocol:o protocol_version:oc proxy_protocol_v2:o region:oc slow_start:o tags:o " +
      "tags_all:oc target_control_port:o target_type:o vpc_id:o",
    blocks:
      "health_check:list:0:1 stickiness:list:0:1 target_failover:list:0:0 target_group_health:list:0:1 " +
      "target_health_state:list:0:0",
  },
  aws_eks_cluster: {
    attributes:
      "arn:c bootstrap_self_managed_addons:o certificate_authority:c cluster_id:c created_at:c deletion_protection:oc " +
      "enabled_cluster_log_types:o endpoint:c force_update_version:o id:oc identity:c name:r platform_version:c " +
      "region:oc role_arn:r status:c tags:o tags_all:oc version:oc",
    blocks:
      "access_config:list:0:1 compute_config:list:0:1 control_plane_scaling_config:list:0:1 encryption_config:list:0:1 " +
      "kubernetes_network_config:list:0:1 outpost_config:list:0:1 remote_network_config:list:0:1 " +
      "storage_config:list:0:1 timeouts:single:0:0 upgrade_policy:list:0:1 vpc_config:list:1:1 " +
      "zonal_shift_config:list:0:1",
  },
  aws_sagemaker_model: {
    attributes:
      "arn:c enable_network_isolation:o execution_role_arn:r id:oc name:oc region:oc tags:o tags_all:oc",
    blocks:
      "container:list:0:0 inference_execution_config:list:0:1 primary_container:list:0:1 vpc_config:list:0:1",
  },
  aws_eks_pod_identity_association: {
    attributes:
      "association_arn:c association_id:c cluster_name:r disable_session_tags:oc external_id:c id:c namespace:r " +
      "region:oc role_arn:r service_account:r tags:o tags_all:c target_role_arn:o",
    blocks: "",
  },
};

describe("the whole of what the real provider has", () => {
  const flags = ({ required: r, optional: o, computed: c }: Attribute): string =>
    `${r ? "r" : ""}${o ? "o" : ""}${c ? "c" : ""}`;

  test.each(Object.entries(REAL))("%s", (type, { attributes, blocks }) => {
    const block = schema(type);
    expect(block.attributes.map((each) => `${each.name}:${flags(each)}`).sort()).toEqual(
      attributes.split(" "),
    );
    expect(
      block.blocks.map(({ name, nesting, min, max }) => `${name}:${nesting}:${min}:${max}`).sort(),
    ).toEqual(blocks.split(" ").filter((each) => each !== ""));
  });

  test("inside of blocks too", () => {
    const health = nested(schema("aws_lb_target_group"), "target_group_health", "dns_failover");
    expect(health.block.attributes.map((each) => `${each.name}:${flags(each)}`)).toEqual([
      "minimum_healthy_targets_count:o",
      "minimum_healthy_targets_percentage:o",
    ]);
    const model = schema("aws_sagemaker_model");
    expect(required(nested(model, "vpc_config").block)).toEqual(["security_group_ids", "subnets"]);
    expect(nested(model, "container", "model_data_source", "s3_data_source")).toMatchObject({
      nesting: "list",
      min: 1,
      max: 0,
    });
    const network = nested(schema("aws_eks_cluster"), "remote_network_config");
    expect(nested(network.block, "remote_node_networks")).toMatchObject({ min: 1, max: 1 });
    expect(nested(network.block, "remote_pod_networks")).toMatchObject({ min: 0, max: 1 });
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
