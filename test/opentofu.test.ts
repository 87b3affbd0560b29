import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { TerraformStack, Testing } from "cdktf";
import type { JsonObject } from "../modules/conformance";
import { assertOwnExpressions } from "../modules/stack/expressions";
import { s3State } from "../modules/stack/state";
import { GOLDEN } from "./support/golden";
import { beyondOpenTofu } from "./support/opentofu";

const FILES = readdirSync(GOLDEN, { recursive: true, encoding: "utf8" }).filter((file) =>
  file.endsWith(".tf.json"),
);

test.each(FILES)("%s uses nothing that OpenTofu lacks", (file) => {
  const document = JSON.parse(readFileSync(join(GOLDEN, file), "utf8")) as JsonObject;
  expect(beyondOpenTofu(document)).toEqual([]);
});

test("nor does state in S3", () => {
  const stack = new TerraformStack(Testing.app(), "one");
  const state = s3State({ bucket: "states", region: "eu-west-1" });
  state.configure(stack, "one");
  state.read(stack, "foundation", "two");
  expect(beyondOpenTofu(JSON.parse(Testing.synth(stack)) as JsonObject)).toEqual([]);
});

/** What came after Terraform 1.5, which is where OpenTofu left: since when each has it, and who says so. */
const LATER: readonly {
  readonly feature: string;
  readonly terraform: string;
  readonly openTofu: string | null;
  readonly source: string;
  readonly document: JsonObject;
  readonly found: string;
}[] = [
  {
    feature: "ephemeral resources",
    terraform: "1.10",
    openTofu: "1.11",
    source: "https://github.com/opentofu/opentofu/blob/v1.11/CHANGELOG.md",
    document: { ephemeral: { aws_secretsmanager_secret_version: { password: { secret_id: "a" } } } },
    found: "ephemeral",
  },
  {
    feature: "ephemeral variables",
    terraform: "1.10",
    openTofu: "1.11",
    source: "https://github.com/opentofu/opentofu/blob/v1.11/CHANGELOG.md",
    document: { variable: { password: { type: "string", ephemeral: true } } },
    found: "variable.password.ephemeral",
  },
  {
    feature: "ephemeral outputs",
    terraform: "1.10",
    openTofu: "1.11",
    source: "https://github.com/opentofu/opentofu/blob/v1.11/CHANGELOG.md",
    document: { output: { password: { value: "a", ephemeral: true } } },
    found: "output.password.ephemeral",
  },
  {
    feature: "write-only arguments",
    terraform: "1.11",
    openTofu: "1.11",
    source: "https://opentofu.org/docs/main/language/ephemerality/write-only-attributes",
    document: { resource: { aws_ssm_parameter: { one: { name: "a", value_wo: "b" } } } },
    found: "resource.aws_ssm_parameter.one.value_wo",
  },
  {
    feature: "write-only arguments of a nested block",
    terraform: "1.11",
    openTofu: "1.11",
    source: "https://opentofu.org/docs/main/language/ephemerality/write-only-attributes",
    document: { resource: { aws_a: { one: { config: [{ client_credentials_wo_version: 1 }] } } } },
    found: "resource.aws_a.one.config[0].client_credentials_wo_version",
  },
  {
    feature: "provider functions",
    terraform: "1.8",
    openTofu: "1.7",
    source: "https://github.com/opentofu/opentofu/blob/v1.7/CHANGELOG.md",
    document: { output: { account: { value: '${provider::aws::arn_parse("a").account_id}' } } },
    found: "provider::aws::arn_parse()",
  },
  {
    feature: "the function convert",
    terraform: "1.15",
    openTofu: null,
    source: "https://cdktn.io/docs/release/function-availability",
    document: { locals: { one: "${convert(1, string)}" } },
    found: "convert()",
  },
  {
    feature: "the function urldecode",
    terraform: "none",
    openTofu: "1.7",
    source: "https://github.com/opentofu/opentofu/blob/v1.7/CHANGELOG.md",
    document: { locals: { one: '${join("", [urldecode("a")])}' } },
    found: "urldecode()",
  },
  {
    feature: "removed blocks",
    terraform: "1.7",
    openTofu: "1.7",
    source: "https://github.com/opentofu/opentofu/blob/v1.7/CHANGELOG.md",
    document: { removed: [{ from: "aws_sns_topic.a" }] },
    found: "removed",
  },
  {
    feature: "actions",
    terraform: "1.14",
    openTofu: null,
    source: "https://github.com/opentofu/opentofu/issues/3309",
    document: { action: { aws_lambda_invoke: { one: {} } } },
    found: "action",
  },
  {
    feature: "triggers of actions",
    terraform: "1.14",
    openTofu: null,
    source: "https://github.com/opentofu/opentofu/issues/3309",
    document: { resource: { aws_a: { one: { lifecycle: { action_trigger: [{}] } } } } },
    found: "resource.aws_a.one.lifecycle.action_trigger",
  },
  {
    feature: "the argument enabled of a lifecycle",
    terraform: "none",
    openTofu: "1.11",
    source: "https://github.com/opentofu/opentofu/blob/v1.11/CHANGELOG.md",
    document: { resource: { aws_a: { one: { lifecycle: { enabled: false } } } } },
    found: "resource.aws_a.one.lifecycle.enabled",
  },
];

describe("would be found, was it used:", () => {
  test.each(LATER)("$feature (Terraform $terraform, OpenTofu $openTofu)", ({ document, found }) => {
    expect(beyondOpenTofu(document)).toEqual([found]);
  });

  // Beyond what the golden files show: no stack at all may call what came later.
  test.each(LATER.filter(({ found }) => found.endsWith("()")))(
    "no stack may use $feature",
    ({ document }) => {
      expect(() => {
        assertOwnExpressions(document, []);
      }).toThrow("FOREIGN_EXPRESSION");
    },
  );

  test.each([
    [
      "a cloud block, which is for HCP Terraform by default",
      { terraform: { cloud: { organization: "a" } } },
      "terraform.cloud",
    ],
    [
      "a required version, which would mean two products' numbers",
      { terraform: { required_version: ">= 1.12" } },
      "terraform.required_version",
    ],
    [
      "encryption of state, which is OpenTofu's alone",
      { terraform: { encryption: {} } },
      "terraform.encryption",
    ],
    [
      "state kept by anything but files or S3",
      { terraform: { backend: { remote: {} } } },
      "terraform.backend.remote",
    ],
  ] as const)("%s", (_what, document, found) => {
    expect(beyondOpenTofu(document)).toEqual([found]);
  });
});
