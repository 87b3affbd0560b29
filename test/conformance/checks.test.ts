import {
  checkStack,
  conform,
  resolveCase,
  synthesizeStacks,
  type StackDocument,
} from "../../modules/conformance";
import { helpfulRefusal } from "../../modules/conformance/refusal";
import { stackNames, type Expected } from "../../modules/conformance/stacks";
import type { Issue } from "../../modules/issues/issue";
import { targets } from "../../targets";
import type { Target } from "../../targets/target";
import { IAM_REVIEW } from "../support/iam-review";
import { baseManifest, type Json } from "../support/synth";

const BOUNDARY = "arn:aws:iam::123456789012:policy/boundary";

function given(target: string, changes: Json = {}) {
  const data = baseManifest({
    tags: { team: "risk" },
    security: { permissionsBoundaryArn: BOUNDARY },
    ...changes,
  });
  return { registry: targets, target, environment: null, manifest: { data, directory: __dirname } } as const;
}

/** A stack that conforms, to be spoilt. */
function sound(
  target: string,
  changes?: Json,
): { readonly stack: StackDocument; readonly expected: Expected } {
  const resolution = resolveCase(given(target, changes));
  const stack = synthesizeStacks(resolution).stacks.find(({ name }) => name.endsWith(`-${target}`));
  const plan = resolution.deployments[0]?.plan;
  if (stack === undefined || plan === undefined)
    throw new Error(`${target} does not carry the base manifest`);
  return { stack, expected: { plan, folders: [__dirname] } };
}

function checksOf(stack: StackDocument, expected: Expected): readonly string[] {
  return [...new Set([...checkStack(stack, expected, { iam: IAM_REVIEW })].map(({ check }) => check))];
}

/** The checks that a change to a conforming stack fails. */
function failing(target: string, spoil: (document: Json) => void, changes?: Json): readonly string[] {
  const { stack, expected } = sound(target, changes);
  expect(checksOf(stack, expected)).toEqual([]);
  const document = JSON.parse(stack.text) as Json;
  spoil(document);
  return checksOf({ name: stack.name, text: JSON.stringify(document), document: document }, expected);
}

/** The first resource of a type. */
function first(document: Json, type: string): Json {
  const resources = document.resource as Json;
  return Object.values(resources[type] as Json)[0] as Json;
}

const edit = (target: Json, changes: Json): unknown => Object.assign(target, changes);

function statement(changes: Json): string {
  const plain = { Sid: "Test", Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::b/*" };
  return JSON.stringify({ Version: "2012-10-17", Statement: [{ ...plain, ...changes }] });
}

const policy = (changes: Json) => (document: Json) =>
  edit(first(document, "aws_iam_role_policy"), { policy: statement(changes) });

describe("a stack fails the check", () => {
  const CASES: readonly (readonly [string, string, (document: Json) => unknown])[] = [
    [
      "machine-paths",
      "lambda",
      (document) => edit(first(document, "aws_lambda_function"), { description: __dirname }),
    ],
    [
      "pinned-providers",
      "lambda",
      ({ terraform }) => edit(terraform.required_providers.aws, { version: "~> 6.0" }),
    ],
    ["pinned-providers", "lambda", ({ terraform }) => edit(terraform, { required_providers: {} })],
    [
      "portable-backend",
      "lambda",
      ({ terraform }) => edit(terraform, { backend: { local: { path: "/state.tfstate" } } }),
    ],
    ["portable-backend", "lambda", ({ terraform }) => edit(terraform, { backend: {} })],
    ["no-data-sources", "lambda", ({ data }) => edit(data, { aws_caller_identity: { me: {} } })],
    ["default-tags", "lambda", ({ provider }) => edit(provider.aws[0], { default_tags: [] })],
    [
      "pinned-images",
      "lambda",
      (document) => edit(first(document, "aws_lambda_function"), { image_uri: "fraud:1" }),
    ],
    [
      "pinned-images",
      "ecs-fargate",
      (document) =>
        edit(first(document, "aws_ecs_task_definition"), {
          container_definitions: JSON.stringify([{ image: "fraud:1" }]),
        }),
    ],
    [
      "log-groups",
      "lambda",
      (document) => edit(first(document, "aws_cloudwatch_log_group"), { retention_in_days: 0 }),
    ],
    [
      "log-groups",
      "lambda",
      (document) => edit(first(document, "aws_cloudwatch_log_group"), { kms_key_id: null }),
    ],
    [
      "alarm-actions",
      "lambda",
      (document) => edit(first(document, "aws_cloudwatch_metric_alarm"), { alarm_actions: [] }),
    ],
    [
      "closed-ingress",
      "ecs-fargate",
      (document) => edit(first(document, "aws_vpc_security_group_ingress_rule"), { cidr_ipv4: "0.0.0.0/0" }),
    ],
    [
      "closed-ingress",
      "ecs-fargate",
      (document) =>
        edit(first(document, "aws_security_group"), { ingress: [{ ipv6_cidr_blocks: ["::/0"] }] }),
    ],
    ["least-privilege", "lambda", policy({ Action: "*" })],
    ["least-privilege", "lambda", policy({ Action: ["s3:*"] })],
    ["least-privilege", "lambda", policy({ Resource: "*" })],
    ["least-privilege", "lambda", policy({ Sid: "SendTraces", Resource: "*" })],
    ["least-privilege", "lambda", policy({ Sid: undefined })],
    ["least-privilege", "lambda", policy({ Principal: { AWS: "*" } })],
    ["least-privilege", "lambda", policy({ NotResource: "arn:aws:s3:::b" })],
    [
      "least-privilege",
      "lambda",
      (document) => edit(first(document, "aws_iam_role_policy"), { policy: "no JSON" }),
    ],
    [
      "managed-policies",
      "lambda",
      (document) =>
        edit(document.resource, {
          aws_iam_role_policy_attachment: {
            all: { policy_arn: "arn:aws:iam::aws:policy/AmazonS3FullAccess" },
          },
        }),
    ],
    [
      "permissions-boundary",
      "lambda",
      (document) => edit(first(document, "aws_iam_role"), { permissions_boundary: null }),
    ],
    [
      "name-limits",
      "lambda",
      (document) => edit(first(document, "aws_lambda_function"), { function_name: "f".repeat(65) }),
    ],
    [
      "name-limits",
      "lambda",
      (document) => edit(first(document, "aws_lambda_function"), { function_name: "a.b" }),
    ],
    [
      "name-limits",
      "lambda",
      (document) => edit(first(document, "aws_lambda_function"), { function_name: "f-${upper(var.x)}" }),
    ],
    ["name-limits", "lambda", ({ resource }) => edit(resource, { aws_glue_job: { job: { name: "j" } } })],
  ];

  test.each(CASES)("%s on %s (%#)", (check, target, spoil) => {
    expect(failing(target, spoil)).toEqual([check]);
  });

  test("unless the manifest is public", () => {
    const open = (document: Json) =>
      edit(first(document, "aws_vpc_security_group_ingress_rule"), { cidr_ipv4: "0.0.0.0/0" });
    const certificateArn = "arn:aws:acm:eu-west-1:123456789012:certificate/1234abcd";
    expect(failing("ecs-fargate", open, { network: { public: true, certificateArn } })).toEqual([]);
  });

  test("stack-names", () => {
    const { stack, expected } = sound("lambda");
    const names = ["fraud-scorer-default-other", "fraud-scorer-default-foundation"];
    expect([...stackNames([stack], expected)]).toEqual([]);
    expect(
      [
        ...stackNames(
          names.map((name) => ({ ...stack, name })),
          expected,
        ),
      ].map(({ at }) => at),
    ).toEqual(["fraud-scorer-default-lambda", "fraud-scorer-default-other"]);
  });
});

test("a target whose output is not the same twice does not conform", () => {
  const [lambda] = targets.filter(({ kind }) => kind === "lambda");
  if (lambda === undefined) throw new Error("no lambda");
  let count = 0;
  const restless: Target = {
    ...lambda,
    deployment: (plan) =>
      lambda.deployment({ ...plan, model: { ...plan.model, environment: { N: String(count++) } } }),
  };
  const outcome = conform({ ...given("lambda"), registry: [restless] }, { iam: IAM_REVIEW });
  expect(outcome.problems.map(({ check, at }) => [check, at])).toEqual([
    ["deterministic", "fraud-scorer-default-lambda"],
    ["deterministic", "fraud-scorer-default-lambda"],
  ]);
});

describe("a refusal fails where", () => {
  const issue: Issue = {
    file: "modelport.yaml",
    line: 1,
    column: 1,
    path: "resources.gpu",
    code: "GPU_UNSUPPORTED",
    severity: "error",
    message: "has no GPUs",
    allowed: "0",
    fix: "targets that can: eks",
    target: "lambda",
  };
  const problems = (issues: readonly Issue[], others = new Map([["eks", [] as readonly Issue[]]])) =>
    [...helpfulRefusal(issues, "lambda", others)].map(({ message }) => message);

  test("nothing is wrong with it otherwise", () => {
    expect(problems([issue])).toEqual([]);
  });

  test("no error carries the target", () => {
    expect(problems([{ ...issue, target: "eks" }])).toEqual([
      "is refused, but by no error of its own (GPU_UNSUPPORTED)",
    ]);
  });

  test("it says nothing that helps", () => {
    expect(problems([{ ...without(issue, "fix", "allowed"), code: "LAMBDA_MEMORY", message: " " }])).toEqual([
      "has no message",
      "says neither what is allowed nor what to do",
    ]);
  });

  test("another target could, and is not named", () => {
    const unnamed = without(issue, "fix");
    expect(problems([unnamed])).toEqual(["does not say who can: eks"]);
    expect(problems([unnamed], new Map([["eks", [{ ...issue, target: "eks" }]]]))).toEqual([]);
  });
});

function without(issue: Issue, ...names: readonly ("fix" | "allowed")[]): Issue {
  return Object.fromEntries(
    Object.entries(issue).filter(([name]) => !(names as readonly string[]).includes(name)),
  ) as unknown as Issue;
}
