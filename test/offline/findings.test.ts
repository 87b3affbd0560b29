import { Workspace, describeWithTerraform } from "./support";

describeWithTerraform("terraform validate", () => {
  let workspace: Workspace;
  beforeAll(async () => {
    workspace = await Workspace.start();
  });
  afterAll(() => workspace.end());

  const role = { name: "r", assume_role_policy: "{}" };
  const lambda = { function_name: "f", role: "arn" };

  test.each<[string, Record<string, unknown>, string | RegExp]>([
    [
      "an unknown attribute",
      { aws_iam_role: { a: { ...role, nmae: "x" } } },
      "Extraneous JSON object property",
    ],
    [
      "an unknown attribute of a block",
      { aws_lambda_function: { a: { ...lambda, vpc_config: { subnets: [] } } } },
      'No argument or block type is named "subnets"',
    ],
    [
      "a missing attribute",
      { aws_lambda_function: { a: { function_name: "f" } } },
      'The argument "role" is required',
    ],
    [
      "a missing attribute of a block",
      { aws_lambda_function: { a: { ...lambda, vpc_config: { subnet_ids: [] } } } },
      'The argument "security_group_ids" is required',
    ],
    [
      "a missing block",
      { aws_eks_cluster: { a: { name: "c", role_arn: "arn" } } },
      'At least 1 "vpc_config"',
    ],
    [
      "a block too many",
      {
        aws_lambda_function: {
          a: { ...lambda, dead_letter_config: [{ target_arn: "a" }, { target_arn: "b" }] },
        },
      },
      /No more than 1 "dead_letter_config" blocks|Only one "dead_letter_config"|Too many dead_letter_config/,
    ],
    [
      "a value of the wrong type",
      { aws_lambda_function: { a: { ...lambda, memory_size: "much" } } },
      "Inappropriate value for attribute",
    ],
    [
      "a computed attribute",
      { aws_iam_role: { a: { ...role, arn: "arn:aws:iam::1:role/x" } } },
      "Value for unconfigurable attribute",
    ],
    [
      "a computed attribute of a block",
      {
        aws_lambda_function: {
          a: { ...lambda, vpc_config: { subnet_ids: [], security_group_ids: [], vpc_id: "vpc-1" } },
        },
      },
      /Can't configure a value for "vpc_id"/,
    ],
    ["an unknown type", { aws_lambda_funktion: { a: {} } }, "does not support resource type"],
    [
      "a reference to nothing",
      { aws_iam_role: { a: { ...role, description: "${aws_iam_role.b.arn}" } } },
      "Reference to undeclared resource",
    ],
    [
      "a reference to an attribute that is not there",
      { aws_iam_role: { a: role, b: { ...role, description: "${aws_iam_role.a.url}" } } },
      "Unsupported attribute",
    ],
    [
      "two arguments that exclude each other",
      { aws_sqs_queue: { a: { name: "a", name_prefix: "b" } } },
      /Conflicting configuration arguments with aws_sqs_queue\.a, on cdk\.tf\.json line \d+, .* "name": conflicts with name_prefix/,
    ],
    [
      "blocks that exclude each other",
      {
        aws_eks_cluster: {
          a: {
            name: "c",
            role_arn: "arn",
            vpc_config: { subnet_ids: ["a"] },
            encryption_config: { resources: ["secrets"], provider: { key_arn: "arn" } },
            outpost_config: { control_plane_instance_type: "m5.large", outpost_arns: ["arn"] },
          },
        },
      },
      '"encryption_config": conflicts with outpost_config',
    ],
    [
      "none of several arguments",
      { aws_lambda_function: { a: lambda } },
      '"image_uri": one of `filename,image_uri,s3_bucket` must be specified',
    ],
    [
      "a rule for traffic from nowhere",
      { aws_vpc_security_group_ingress_rule: { a: { security_group_id: "sg-1", ip_protocol: "tcp" } } },
      "Exactly one of these attributes must be configured: [cidr_ipv4,cidr_ipv6,prefix_list_id,referenced_security_group_id]",
    ],
    [
      "an argument without its companion",
      { aws_lambda_function: { a: { ...lambda, s3_bucket: "b" } } },
      "Missing required argument",
    ],
    [
      "too many elements",
      {
        aws_lambda_function: {
          a: { ...lambda, image_uri: "i:1", layers: ["a", "b", "c", "d", "e", "f"] },
        },
      },
      "Attribute layers supports 5 item maximum, but config has 6 declared.",
    ],
    [
      "too few elements",
      { aws_eks_cluster: { a: { name: "c", role_arn: "arn", vpc_config: { subnet_ids: [] } } } },
      "Attribute vpc_config.0.subnet_ids requires 1 item minimum, but config has only 0 declared.",
    ],
    [
      "a cycle",
      {
        aws_iam_role: {
          a: { ...role, description: "${aws_iam_role.b.id}" },
          b: { ...role, description: "${aws_iam_role.a.id}" },
        },
      },
      "Cycle:",
    ],
  ])("reports %s", async (_what, resource, message) => {
    workspace.write({ resource });
    const run = await workspace.run("validate");
    expect(run.exitCode).toBe(1);
    // Terraform wraps its messages.
    const text = run.stderr.replaceAll(/\s+/g, " ");
    if (typeof message === "string") expect(text).toContain(message);
    else expect(text).toMatch(message);
  });

  test("names the place of a computed attribute", async () => {
    workspace.write({ resource: { aws_iam_role: { a: { ...role, arn: "x" } } } });
    const run = await workspace.run("validate", "-json");
    const { diagnostics } = JSON.parse(run.stdout) as {
      diagnostics: { address: string; range: { filename: string } }[];
    };
    expect(diagnostics).toMatchObject([{ address: "aws_iam_role.a", range: { filename: "cdk.tf.json" } }]);
  });

  test("says nothing of arguments that are not known yet", async () => {
    workspace.write({
      variable: { name: { type: "string", default: null }, vpc: { type: "string", default: null } },
      resource: {
        aws_sqs_queue: { a: { name: "${var.name}", name_prefix: "a" } },
        aws_flow_log: { a: { vpc_id: "${var.vpc}", subnet_id: "${aws_sqs_queue.a.id}" } },
      },
    });
    await workspace.succeed("validate");
  });

  test("hides sensitive values", async () => {
    workspace.write({
      resource: { aws_secretsmanager_secret_version: { a: { secret_id: "s", secret_string: "hunter2" } } },
    });
    const plan = await workspace.succeed("plan");
    expect(plan).toContain("(sensitive value)");
    expect(plan).not.toContain("hunter2");
  });

  test("never stores a write-only value", async () => {
    workspace.write({
      resource: {
        aws_secretsmanager_secret_version: {
          a: { secret_id: "s", secret_string_wo: "hunter2", secret_string_wo_version: 1 },
        },
      },
    });
    await workspace.succeed("apply", "-auto-approve");
    expect(await workspace.succeed("state", "pull")).not.toContain("hunter2");
    expect((await workspace.run("plan", "-detailed-exitcode")).exitCode).toBe(0);
  });
});
