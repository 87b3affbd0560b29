import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { conformance, formatProblem, type SuiteOptions, type SuiteReport } from "../../modules/conformance";
import { SUITE_MANIFESTS } from "../../modules/conformance/manifests";
import type { DataObject } from "../../modules/manifest/data";
import { z } from "../../modules/plugins/target-kit";
import { targets } from "../../targets";
import { defineTarget, type Target, type TargetDefinition } from "../../targets/target";
import { IAM_REVIEW } from "../support/iam-review";

const problems = (options: SuiteOptions) => conformance(options).problems.map(formatProblem);

/** Options that a target of modelport has no default for. */
const REQUIRED: Readonly<Record<string, DataObject>> = {
  "sagemaker-batch": { input: "s3://in/", output: "s3://out/" },
};

const reports = new Map<string, SuiteReport>();

/** The suite takes seconds for a target with many resources, so each runs once. */
function reportOn(target: Target): SuiteReport {
  const known = reports.get(target.kind);
  if (known !== undefined) return known;
  const report = conformance({ target, iam: IAM_REVIEW, options: REQUIRED[target.kind] ?? {} });
  reports.set(target.kind, report);
  return report;
}

test.each(targets.map((target) => [target.kind, target] as const))(
  "%s passes the suite, and carries much of it",
  (_kind, target) => {
    const { problems: found, carried, refused } = reportOn(target);
    expect(found.map(formatProblem)).toEqual([]);
    expect(carried.length).toBeGreaterThan(20);
    expect(carried).toContain("texts that look like code");
    expect(carried.length + refused.length).toBe(Object.keys(SUITE_MANIFESTS).length + 2);
  },
);

test("every manifest of the suite is carried by some target", () => {
  const carried = new Set(targets.flatMap((target) => reportOn(target).carried));
  // None scales by steps on provisioned concurrency.
  expect(Object.keys(SUITE_MANIFESTS).filter((name) => !carried.has(name))).toEqual([
    "steps on provisioned-concurrency-utilization",
  ]);
});

const docker = targets.find(({ kind }) => kind === "docker");
if (docker === undefined) throw new Error("no docker");
const [can] = Object.values(docker.modes);
if (can === undefined) throw new Error("docker has no mode");

const plain = {
  kind: "plain",
  title: "Plain",
  platform: "local",
  useCase: "Tests.",
  strengths: ["small"],
  weaknesses: ["useless"],
  options: z.strictObject({ shout: z.boolean().default(false).meta({ description: "Loud." }) }),
  modes: { only: { ...can, artifacts: [] } },
  modeOf: () => "only",
  codes: { PLAIN_LOUD: { summary: "It is loud.", severity: "error" } },
  check: () => [],
  needs: () => ({}),
  load: () => ({ synthesize: (stack) => stack.output("plain", "yes") }),
} as const satisfies TargetDefinition<"plain", "local", z.ZodType, "only">;

const made = (changes: Partial<typeof plain> | object = {}): Target => defineTarget({ ...plain, ...changes });

test("a target from outside passes without further words", () => {
  const report = conformance({ target: made() });
  expect(report.problems).toEqual([]);
  expect(report.refused).toContainEqual({ manifest: "down to nothing", codes: ["SCALING_MINIMUM"] });
});

test("manifests of the caller's are tried in every environment, and are named", () => {
  const { carried } = conformance({ target: made(), manifests: ["examples/sentiment/modelport.yaml"] });
  const file = "examples/sentiment/modelport.yaml";
  expect(carried.filter((name) => name.startsWith(file))).toEqual([file, `${file} (test)`, `${file} (prod)`]);
});

test("nothing is left behind", () => {
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith("modelport-suite-"));
  conformance({ target: made() });
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith("modelport-suite-"))).toEqual(before);
});

describe("a target does not pass", () => {
  const first = (changes: object, more: Partial<SuiteOptions> = {}): string =>
    problems({ target: made(changes), ...more })[0] ?? "";

  test("that is none", () => {
    expect(problems({ target: { ...plain } as unknown as Target })).toEqual([
      "target: was not made by defineTarget (shape)",
    ]);
  });

  test("with a limit without a date", () => {
    const modes = { only: { ...can, cpu: { ...can.cpu, asOf: "lately" } } };
    expect(first({ modes })).toBe("modes.only.cpu.asOf: is no date such as 2026-11 or 2026-11-23 (shape)");
  });

  test("with an option that says nothing of itself", () => {
    const options = z.strictObject({
      nested: z.strictObject({ quiet: z.boolean().default(true) }).prefault({}),
    });
    expect(problems({ target: made({ options }) })).toEqual([
      "options.nested: has no description (documented-options)",
      "options.nested.quiet: has no description (documented-options)",
    ]);
  });

  test("under the name or with the codes of another", () => {
    expect(first({ kind: "lambda" })).toBe("kind: modelport has a target lambda already (own-names)");
    const codes = { GPU_UNSUPPORTED: plain.codes.PLAIN_LOUD, LAMBDA_MEMORY: plain.codes.PLAIN_LOUD };
    expect(problems({ target: made({ codes }) })).toEqual([
      "codes.GPU_UNSUPPORTED: modelport has this code already (own-names)",
      "codes.LAMBDA_MEMORY: modelport has this code already (own-names)",
    ]);
  });

  test("that throws", () => {
    const check = () => {
      throw new TypeError("cannot read it");
    };
    expect(first({ check })).toBe(
      "as little as there can be: plain: TypeError: cannot read it (does-not-throw)",
    );
  });

  test("that reports a code which it does not document", () => {
    const check = () => [{ path: [], code: "PLAIN_ODD", message: "is odd" }];
    expect(first({ check })).toContain("the code PLAIN_ODD is not documented (does-not-throw)");
  });

  test("that changes its plan", () => {
    const load = () => ({ synthesize: (_stack: unknown, plan: { name: string }) => (plan.name = "mine") });
    expect(first({ load })).toMatch(/TypeError: Cannot assign to read only property 'name'.*does-not-throw/);
  });

  test("that refuses without help", () => {
    const check = () => [{ path: ["name"], code: "PLAIN_LOUD", message: "is too loud" }];
    expect(first({ check })).toBe(
      "as little as there can be: plain: name [PLAIN_LOUD]: says neither what is allowed nor what to do (helpful-refusal)",
    );
  });

  test("that carries nothing", () => {
    const options = z.strictObject({ must: z.string().meta({ description: "Needed." }) });
    expect(problems({ target: made({ options }) }).at(-1)).toBe(
      "plain: carries none of the manifests: does it have options without default? (carries-something)",
    );
    expect(problems({ target: made({ options }), options: { must: "be" } })).toEqual([]);
  });

  test("that lets a manifest's text become an expression", () => {
    const load = () => ({
      synthesize: (
        stack: { output: (name: string, value: string) => void },
        plan: { model: { environment: object } },
      ) => stack.output("env", Object.values(plan.model.environment).join().replaceAll("$${", "${")),
    });
    expect(first({ load })).toMatch(
      /^texts that look like code: plain: .*FOREIGN_EXPRESSION.*does-not-throw/s,
    );
  });

  test("whose output is not the same twice", () => {
    let count = 0;
    const load = () => ({
      synthesize: (stack: { output: (name: string, value: string) => void }) =>
        stack.output("n", `${count++}`),
    });
    expect(first({ load })).toMatch(
      /^as little as there can be: .*differs: written again \(deterministic\)$/,
    );
  });
});
