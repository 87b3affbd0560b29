import { readFileSync } from "node:fs";
import { join } from "node:path";
import { resolveCase, synthesizeStacks } from "../../modules/conformance";
import { evaluatePolicies } from "../../modules/policy/evaluate";
import { PolicyStack } from "../../modules/policy/policy-stack";
import { FOUNDATION } from "../../modules/stack/names";
import { policies } from "../../policies";
import { targets } from "../../targets";
import { EXAMPLES_BY_ENVIRONMENT, ROOT } from "../support/examples";

interface Control {
  readonly resource: string;
  readonly ids: readonly string[];
  readonly must: boolean;
  /** Why no policy covers it. */
  readonly absent: string;
}

/** `S3.1/2/3/8` and `SageMaker.9-15` are several. */
function idsOf(text: string): readonly string[] {
  const [, service, numbers] = /^([A-Za-z0-9]+)\.(.+)$/.exec(text) ?? [];
  if (service === undefined || numbers === undefined) return [text];
  return numbers.split(/[/,]/).flatMap((part) => {
    const [first = 0, last = first] = part.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_none, index) => `${service}.${first + index}`);
  });
}

const CONTROLS: readonly Control[] = readFileSync(join(ROOT, "policies", "controls.tsv"), "utf8")
  .trimEnd()
  .split("\n")
  .slice(1)
  .map((line) => {
    const [, resource = "", id = "", , verdict = "", absent = ""] = line.split("\t");
    return { resource, ids: idsOf(id), must: /^(?:MUST|OWN|as )/.test(verdict), absent };
  });

const covered = new Set(policies.flatMap(({ controls }) => controls));

/** Types of resources that controls without a policy are about. */
const ABSENT_TYPES = ["aws_wafv2_web_acl", "aws_ssm_parameter", "aws_network_acl"];

test("every control that must hold is covered by a policy, or says why it cannot be broken", () => {
  const musts = CONTROLS.filter(({ must }) => must);
  expect(musts.length).toBeGreaterThan(200);
  const open = musts.filter(({ ids, absent }) => absent === "" && !ids.every((id) => covered.has(id)));
  const both = musts.filter(({ ids, absent }) => absent !== "" && ids.some((id) => covered.has(id)));
  expect({ open, both }).toEqual({ open: [], both: [] });
});

test("every control that a policy names exists, and no policy has a code twice", () => {
  const known = new Set(CONTROLS.flatMap(({ ids }) => ids));
  expect([...covered].filter((id) => !known.has(id))).toEqual([]);
  expect(new Set(policies.map(({ code }) => code)).size).toBe(policies.length);
  expect(policies.filter(({ code }) => !code.startsWith("POLICY_"))).toEqual([]);
});

const CASES = EXAMPLES_BY_ENVIRONMENT.flatMap(([name, shown, example, environment]) =>
  targets.map(({ kind }) => ({ name: `${name} in ${shown} on ${kind}`, kind, example, environment })),
);

/** Violations that stay warnings: this environment takes the options of the target away, and nobody runs it there. */
const UNDECLARED = ["onnx in test on ecs-fargate: POLICY_CONTAINER_ROOT at aws_ecs_task_definition.task"];

/** Everything that the examples let go; each stands with its reason in a manifest. */
const SUPPRESSED = ["huggingface-dlc in no environment on sagemaker-realtime: POLICY_MODEL_ISOLATION"];

test("no example breaks a policy on any target, but where its manifest says why", () => {
  const seen: string[] = [];
  const suppressed: string[] = [];
  const types = new Set<string>();
  for (const { name, kind, example, environment } of CASES) {
    const resolution = resolveCase({ registry: targets, target: kind, environment, manifest: example.file });
    const { plan, manifest, deployments } = resolution;
    if (plan === null || manifest === null || resolution.issues.some(({ severity }) => severity === "error"))
      continue;
    const stacks = synthesizeStacks(resolution).stacks.map(
      (stack) =>
        new PolicyStack(stack.name, stack.name.endsWith(FOUNDATION) ? FOUNDATION : kind, stack.document),
    );
    const verdict = evaluatePolicies(policies, {
      plan,
      targets: deployments.map((deployment) => deployment.plan),
      stacks,
      suppressions: manifest.policies.suppress.map(({ code, address = null, reason }) => ({
        code,
        address,
        reason,
      })),
    });
    seen.push(...verdict.findings.map(({ code, address }) => `${name}: ${code} at ${address}`));
    suppressed.push(...verdict.suppressed.map(({ code }) => `${name}: ${code}`));
    for (const stack of stacks) for (const type of stack.types) types.add(type);
  }
  expect(seen).toEqual(UNDECLARED);
  expect(suppressed).toEqual(SUPPRESSED);
  expect(ABSENT_TYPES.filter((type) => types.has(type))).toEqual([]);
}, 120_000);
