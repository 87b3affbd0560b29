import { list, objectAt, textsIn, type JsonObject } from "../modules/conformance/document";
import { definePolicy, type Policy, type Violation } from "../modules/policy/policy";
import type { PolicyStatement } from "../modules/policy/policy-stack";
import { matches } from "../modules/policy/suppression";
import { principalsOf, sidOf, textsOf } from "./support";

const READ = "2026-11-23";
const REFERENCE =
  "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html";

/**
 * Actions that no ARN can narrow: the service authorization reference lists no resource type for them.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/ (read 2026-11-23), column "Resource types"
 */
const WITHOUT_RESOURCE: readonly string[] = [
  "cloudwatch:PutMetricData",
  "ec2:DescribeDhcpOptions",
  "ec2:DescribeInstances",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSecurityGroups",
  "ec2:DescribeSubnets",
  "ec2:DescribeTags",
  "ec2:DescribeVolumes",
  "ec2:DescribeVpcs",
  "ecr:GetAuthorizationToken",
  "elasticloadbalancing:DescribeListeners",
  "elasticloadbalancing:DescribeRules",
  "elasticloadbalancing:DescribeTargetGroups",
  "elasticloadbalancing:DescribeTargetHealth",
  "logs:CreateLogDelivery",
  "logs:DeleteLogDelivery",
  "logs:DescribeLogGroups",
  "logs:DescribeResourcePolicies",
  "logs:GetLogDelivery",
  "logs:ListLogDeliveries",
  "logs:PutResourcePolicy",
  "logs:UpdateLogDelivery",
  "ssmmessages:CreateControlChannel",
  "ssmmessages:CreateDataChannel",
  "ssmmessages:OpenControlChannel",
  "ssmmessages:OpenDataChannel",
  "xray:GetSamplingRules",
  "xray:GetSamplingTargets",
  "xray:PutTelemetryRecords",
  "xray:PutTraceSegments",
];

/** Policies of a resource, in which `*` means that very resource. */
const RESOURCE_IS_SELF = new Set(["aws_kms_key", "aws_kms_key_policy"]);

/** AWS's own policies that give rights over everything of a service, or over all. */
const WIDE_MANAGED = /:iam::aws:policy\/(?:[\w-]+\/)*([\w-]*(?:FullAccess|Administrator|PowerUser)[\w-]*)$/;

const GITHUB = "token.actions.githubusercontent.com";

/** Roles may do what they are for, on what they are for, and are taken on by whom they are for. */
export const iam: readonly Policy[] = [
  definePolicy({
    code: "POLICY_IAM_ACTION",
    title: "statements that allow something name their actions",
    reason: "a wildcard allows tomorrow's actions too",
    source: "https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html",
    asOf: READ,
    severity: "error",
    controls: [
      "CKV_AWS_1",
      "CKV_AWS_49",
      "CKV_AWS_62",
      "CKV_AWS_63",
      "CKV_AWS_72",
      "CKV2_AWS_40",
      "IAM.1",
      "IAM.21",
    ],
    *checkStack(stack) {
      for (const found of allowed(stack.statements)) {
        const { resource, statement } = found;
        if (statement.NotAction !== undefined) yield violation(found, "allows everything but what it names");
        const wide = textsOf(statement.Action).filter((action) => action === "*" || action.endsWith(":*"));
        // Without it nobody could administer the key.
        if (wide.length === 0 || (RESOURCE_IS_SELF.has(resource.type) && isAccountRoot(statement))) continue;
        yield violation(found, `allows ${wide.join(", ")}`);
      }
    },
  }),
  definePolicy({
    code: "POLICY_IAM_RESOURCE",
    title: "statements that allow something name their resources, wherever the service takes names",
    reason:
      "on every resource, rights to write, to pass roles, to read data or secrets, or to change rights reach beyond the model",
    source: REFERENCE,
    asOf: READ,
    severity: "error",
    controls: [
      "CKV_AWS_107",
      "CKV_AWS_108",
      "CKV_AWS_109",
      "CKV_AWS_110",
      "CKV_AWS_111",
      "CKV_AWS_286",
      "CKV_AWS_287",
      "CKV_AWS_288",
      "CKV_AWS_289",
      "CKV_AWS_290",
      "CKV_AWS_355",
      "CKV_AWS_356",
      "KMS.1",
      "KMS.2",
    ],
    *checkStack(stack) {
      for (const found of allowed(stack.statements)) {
        const { resource, attribute, statement } = found;
        if (attribute === "assume_role_policy" || RESOURCE_IS_SELF.has(resource.type)) continue;
        if (statement.NotResource !== undefined)
          yield violation(found, "allows all resources but those it names");
        // The ARN of everything of a service is as wide as `*`.
        if (
          !textsOf(statement.Resource).some(
            (name) => name === "*" || /^arn:[^:]*:[^:]*:\*?:\*?:\*$/.test(name),
          )
        )
          continue;
        const more = textsOf(statement.Action).filter((action) => !WITHOUT_RESOURCE.includes(action));
        if (more.length > 0) yield violation(found, `allows ${more.join(", ")} on every resource`);
      }
    },
  }),
  definePolicy({
    code: "POLICY_IAM_MANAGED",
    title: "no role has a policy of AWS's that gives full access or administration",
    reason: "AWS widens these policies whenever it likes, and a model needs little",
    source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
    asOf: READ,
    severity: "error",
    controls: ["CKV_AWS_274", "CKV_AWS_275", "CKV2_AWS_56", "CKV2_AWS_68"],
    resourceTypes: [
      "aws_iam_role",
      "aws_iam_role_policy_attachment",
      "aws_iam_policy_attachment",
      "aws_iam_policy",
    ],
    *checkStack(stack) {
      const types = ["aws_iam_role", "aws_iam_role_policy_attachment", "aws_iam_policy_attachment"];
      for (const { address, config } of stack.resources(...types)) {
        for (const { text } of textsIn(config)) {
          const name = WIDE_MANAGED.exec(text)?.[1];
          if (name !== undefined) yield { address, message: `has the AWS managed policy ${name}` };
        }
      }
    },
  }),
  definePolicy({
    code: "POLICY_IAM_TRUST",
    title: "roles name who takes them on; GitHub's workflows by repository",
    reason: "a role that anybody may take on gives its rights to anybody",
    source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html",
    asOf: READ,
    severity: "error",
    controls: ["CKV_AWS_60", "CKV_AWS_61", "CKV_AWS_358", "CKV_AWS_393"],
    resourceTypes: ["aws_iam_role"],
    *checkStack(stack) {
      for (const found of allowed(stack.statements)) {
        if (found.attribute !== "assume_role_policy") continue;
        const { statement } = found;
        const principals = principalsOf(statement);
        if (principals.some((who) => who === "*" || who === "arn:aws:iam::*:root"))
          yield violation(found, "lets everybody take the role on");
        if (principals.some((who) => who.includes(GITHUB)) && !namesRepository(statement))
          yield violation(found, "lets workflows of every repository on GitHub take the role on");
      }
    },
  }),
  definePolicy({
    code: "POLICY_RESOURCE_ACCESS",
    title: "policies of resources name who is let in, and let in no other account",
    reason: "a queue, topic, registry, key or bucket for everybody is public, whatever the network says",
    source: "https://docs.aws.amazon.com/securityhub/latest/userguide/sqs-controls.html",
    asOf: READ,
    severity: "error",
    controls: [
      "CKV_AWS_32",
      "CKV_AWS_33",
      "CKV_AWS_70",
      "CKV_AWS_168",
      "CKV_AWS_169",
      "CKV_AWS_283",
      "CKV_AWS_385",
      "CKV_AWS_387",
      "KMS.5",
      "S3.6",
      "SNS.4",
      "SQS.3",
    ],
    *checkStack(stack, { plan }) {
      for (const found of allowed(stack.statements)) {
        if (found.attribute === "assume_role_policy") continue;
        const { statement } = found;
        if (statement.NotPrincipal !== undefined)
          yield violation(found, "lets everybody in but those it names");
        const principals = principalsOf(statement);
        if (principals.includes("*")) yield violation(found, "lets everybody in");
        const accounts = textsOf(objectAt(statement.Principal).AWS).flatMap(
          (who) => /^(?:arn:[^:]+:iam::)?(\d{12})(?::|$)/.exec(who)?.[1] ?? [],
        );
        const other = accounts.find((account) => plan.account !== null && account !== plan.account);
        if (other !== undefined) yield violation(found, `lets the account ${other} in`);
      }
    },
  }),
];

function allowed(statements: readonly PolicyStatement[]): readonly PolicyStatement[] {
  return statements.filter(({ statement }) => statement.Effect !== "Deny");
}

function violation({ resource, statement }: PolicyStatement, what: string): Violation {
  return { address: resource.address, message: `${sidOf(statement)} ${what}` };
}

function isAccountRoot(statement: JsonObject): boolean {
  const principals = principalsOf(statement);
  return principals.length === 1 && /:iam::[^:]+:root$/.test(principals[0] ?? "");
}

/** Whether a condition on the token's subject names a repository: `repo:acme/model:*`. */
function namesRepository({ Condition: condition }: JsonObject): boolean {
  return Object.values(objectAt(condition)).some((test) =>
    Object.entries(objectAt(test)).some(
      ([key, values]) =>
        key === `${GITHUB}:sub` &&
        list(values).length > 0 &&
        textsOf(values).every((value) => matches("repo:*/*:*", value) && !/^repo:[^:/]*\*/.test(value)),
    ),
  );
}
