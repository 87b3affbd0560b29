import { evaluatePolicies } from "../../modules/policy/evaluate";
import { PolicyStack } from "../../modules/policy/policy-stack";
import type { Policy } from "../../modules/policy/policy";
import type { EnvironmentPlan } from "../../modules/plan/plan";
import { policies } from "../../policies";
import { baseManifest, resolve } from "../support/synth";
import { CASES, type Resources } from "./cases";

function planOf(changes: object = {}): EnvironmentPlan {
  const { plan } = resolve({ manifest: baseManifest({ ...changes }), target: "lambda" });
  if (plan === null) throw new Error("the manifest has errors");
  return plan;
}

function stackOf(resources: Resources): PolicyStack {
  const byType: Record<string, Record<string, object>> = {};
  for (const [address, config] of Object.entries(resources)) {
    const [type = "", name = ""] = address.split(".");
    byType[type] = { ...byType[type], [name]: config };
  }
  // As the document that is written: what is undefined is not there.
  const document = JSON.parse(JSON.stringify({ resource: byType })) as PolicyStack["document"];
  return new PolicyStack("fraud-default-test", "test", document);
}

function violations(policy: Policy, resources: Resources, manifest?: object): readonly string[] {
  const { findings } = evaluatePolicies([policy], {
    plan: planOf(manifest),
    targets: [],
    stacks: [stackOf(resources)],
    suppressions: [],
  });
  return findings.map(({ address, message }) => `${address}: ${message}`);
}

test("every policy is tried here", () => {
  expect(Object.keys(CASES).sort()).toEqual(policies.map(({ code }) => code).sort());
});

describe.each(policies.map((policy) => [policy.code, policy] as const))("%s", (code, policy) => {
  const { passes = [], breaks = [], manifest } = CASES[code] ?? {};

  test("lets pass what keeps to it", () => {
    expect(passes.length).toBeGreaterThan(0);
    for (const resources of passes)
      expect({ resources, found: violations(policy, resources, manifest) }).toEqual({ resources, found: [] });
  });

  test("names what does not", () => {
    expect(breaks.length).toBeGreaterThan(0);
    for (const [resources, ...expected] of breaks)
      expect({ resources, found: violations(policy, resources, manifest) }).toEqual({
        resources,
        found: expected,
      });
  });
});

test("a public endpoint may be reached by HTTPS, and by HTTP for its redirect, and by nothing else", () => {
  const policy = policies.find(({ code }) => code === "POLICY_OPEN_INGRESS");
  if (policy === undefined) throw new Error("there is no POLICY_OPEN_INGRESS");
  const rule = (port: number, to = port) => ({
    [`aws_vpc_security_group_ingress_rule.port-${port}`]: {
      ip_protocol: "tcp",
      from_port: port,
      to_port: to,
      cidr_ipv4: "0.0.0.0/0",
    },
  });
  const certificateArn = "arn:aws:acm:eu-west-1:123456789012:certificate/1234abcd";
  const open = { network: { public: true, certificateArn } };
  expect(violations(policy, { ...rule(443), ...rule(80), ...rule(22), ...rule(81, 443) }, open)).toEqual([
    "aws_vpc_security_group_ingress_rule.port-22: is open to the whole internet on port 22",
    "aws_vpc_security_group_ingress_rule.port-81: is open to the whole internet on port 81",
  ]);
});

test("the model's own image may be named by a tag, of which validate warns", () => {
  const policy = policies.find(({ code }) => code === "POLICY_IMAGE_PINNED");
  if (policy === undefined) throw new Error("there is no POLICY_IMAGE_PINNED");
  const image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/fraud:1.0";
  const resources = { "aws_sagemaker_model.m": { primary_container: { image } } };
  expect(violations(policy, resources, { model: { image } })).toEqual([]);
  expect(violations(policy, resources)).toHaveLength(1);
});

test.each([
  ["an AWS access key", "AKIAIOSFODNN7EXAMPLE"],
  ["a token of GitHub", `ghp_${"a1B2".repeat(9)}`],
  ["a token of Hugging Face", `hf_${"aBcD".repeat(8)}Ab`],
  ["a private key", "-----BEGIN RSA PRIVATE KEY-----"],
])("%s among the variables is found in the plan, with its field", (_what, value) => {
  const { plan, deployments } = resolve({
    manifest: baseManifest({
      model: { ...(baseManifest().model as object), environment: { LEVEL: "info", KEY: value } },
    }),
    target: "lambda",
  });
  if (plan === null) throw new Error("the manifest has errors");
  const { findings } = evaluatePolicies(policies, {
    plan,
    targets: deployments.map((deployment) => deployment.plan),
    stacks: [],
    suppressions: [],
  });
  expect(findings.map(({ code, address, message, field }) => ({ code, address, message, field }))).toEqual([
    {
      code: "POLICY_CONTAINER_SECRETS",
      address: "lambda",
      message: "the variable KEY holds what looks like a credential",
      field: ["model", "environment", "KEY"],
    },
  ]);
});
